"""The reports of a region, as long as they can be looked at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from mockbuild.domain.ordered import Ordered
from mockbuild.domain.reports import Report
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild

if TYPE_CHECKING:
    from mockbuild.engine.live_build import LiveBuild


class ReportOrder:
    """The ARNs of reports in order of creation: of all of them, and of those of each status."""

    def __init__(self) -> None:
        self.all: Ordered[float] = Ordered()
        self._by_status: defaultdict[str, Ordered[float]] = defaultdict(Ordered)

    def add(self, record: Record) -> None:
        """Put a report in its place."""
        for order in (self.all, self._by_status[record["status"]]):
            order.put(record["arn"], record["created"])

    def discard(self, record: Record) -> None:
        """Take a report out, if it is there."""
        for order in (self.all, self._by_status[record["status"]]):
            order.discard(record["arn"])

    def arns(self, status: str | None, *, newest_first: bool) -> Sequence[str]:
        """Return the ARNs of the reports of one *status*, or of all."""
        order = self.all if status is None else self._by_status[status]
        return order.names(backwards=newest_first)


@dataclass(slots=True)
class FiledReport:
    """A report and what it was made of.

    :param record: what BatchGetReports shows.
    :param source: the report as the build gave it.
    :param group: the reports of its report group.
    :param details: test cases or files as the API shows them, by the order they stand in; made
        when somebody asks for them.
    """

    record: Record
    source: Report
    group: ReportOrder
    details: dict[str, list[Any]] = field(default_factory=dict)


class Reports:
    """The reports of a region.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self._here = here
        self._by_arn: dict[str, FiledReport] = {}
        self._by_expiry: Ordered[float] = Ordered()
        self._awaited: dict[str, LiveBuild] = {}
        self._newest_build = ""
        self.order = ReportOrder()

    def catch_up(self) -> None:
        """File what builds have reported so far, and forget what has expired."""
        self._here.settle_batches()
        self._await_new_builds()
        while self._awaited:
            conductor = self._here.conductor
            conductor.settle(self._awaited)
            self._awaited = {
                name: build for name, build in self._awaited.items() if not conductor.is_over(build)
            }
            if not self._await_new_builds():  # the end of one may have started another
                break
        for arn in self._by_expiry.take_until(self._here.now()):
            self._forget(self._by_arn[arn])

    def _await_new_builds(self) -> bool:
        """Note which builds since last time are going to make reports; tell if there are any."""
        builds = self._here.builds
        last_time, self._newest_build = self._newest_build, next(reversed(builds), "")
        new = list(takewhile(last_time.__ne__, reversed(builds)))
        reporting = [name for name in reversed(new) if builds[name].job.reports]
        self._awaited.update((name, builds[name]) for name in reporting)
        return bool(reporting)

    def file(self, report: FiledReport) -> None:
        """Add a report; one with the same ARN gives way to it."""
        record = report.record
        self.remove(record["arn"])
        self._by_arn[record["arn"]] = report
        self._by_expiry.put(record["arn"], record["expired"])
        self.order.add(record)
        report.group.add(record)

    def find(self, arn: str) -> FiledReport | None:
        """Return the report of that ARN, if there is one."""
        return self._by_arn.get(arn)

    def remove(self, arn: str) -> None:
        """Forget the report of that ARN, if there is one."""
        report = self._by_arn.get(arn)
        if report is not None:
            self._by_expiry.discard(arn)
            self._forget(report)

    def _forget(self, report: FiledReport) -> None:
        del self._by_arn[report.record["arn"]]
        self.order.discard(report.record)
        report.group.discard(report.record)


def reports_of(here: CodeBuild) -> Reports:
    """Return the reports of a region as they are now.

    Asking for them is a look at the builds that make them, which have made their report groups,
    too, when this returns.
    """
    reports = here.store(Reports)
    reports.catch_up()
    return reports
