"""Report groups.

CreateReportGroup, UpdateReportGroup, DeleteReportGroup, BatchGetReportGroups and ListReportGroups;
GetReportGroupTrend is in report_group_trend.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mockbuild.domain.arns import arn as arn_of
from mockbuild.domain.aws_errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from mockbuild.domain.ordered import Ordered
from mockbuild.domain.reports import Report, is_group_arn
from mockbuild.engine.course import Course
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.filed_reports import ReportOrder, reports_of
from mockbuild.services.codebuild.quotas import Quotas
from mockbuild.services.codebuild.tags import check_tags
from mockbuild.services.operations import operation

#: Documented: how many report groups an account can have in a region.
MOST_GROUPS: Final = 1000
#: How long a report group is DELETING, in seconds: a guess.
DELETION_SECONDS: Final = 2.0
_NAME_LENGTHS = range(2, 129)
_GONE = "GONE"


@dataclass(slots=True)
class ReportGroup:
    """A report group and its reports.

    :param record: what BatchGetReportGroups shows; replaced as a whole, never changed.
    :param reports: its reports, in order.
    :param course: how it comes to its end, once it is being deleted.
    """

    record: Record
    reports: ReportOrder = field(default_factory=ReportOrder)
    course: Course[str] | None = None


class ReportGroups:
    """The report groups of a region, in the three orders that ListReportGroups knows.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self._pace = here.pace
        self._arns = here.arn("report-group/")
        self._groups: dict[str, ReportGroup] = {}
        self._leaving: dict[str, ReportGroup] = {}
        self.by_creation: Ordered[float] = Ordered()
        self.by_change: Ordered[float] = Ordered()
        self.by_name: Ordered[str] = Ordered()

    def __len__(self) -> int:
        return len(self._groups)

    def find(self, name_or_arn: str) -> ReportGroup | None:
        """Return the report group of that name or ARN, if there is one."""
        is_arn = name_or_arn.startswith("arn:")
        group = self._groups.get(name_or_arn if is_arn else self._arns + name_or_arn)
        return group if group is not None and self._is_there(group) else None

    def look(self, arn: str) -> ReportGroup | None:
        """Look at the report group of that ARN, which is a step in its course if it has one."""
        group = self._groups.get(arn)
        return group if group is not None and self._is_there(group, look=True) else None

    def put(self, group: ReportGroup) -> None:
        """Add *group*, or note that it has changed."""
        record = group.record
        arn = record["arn"]
        if arn not in self._groups:
            self._groups[arn] = group
            self.by_creation.put(arn, record["created"])
            self.by_name.put(arn, record["name"])
        self.by_change.put(arn, record["lastModified"])

    def delete(self, group: ReportGroup) -> None:
        """Let *group* come to its end."""
        now = self._pace.now()
        group.course = Course(float("-inf"), "ACTIVE")
        group.course.then(now, "DELETING")
        group.course.then(now + DELETION_SECONDS, _GONE)
        group.record = {**group.record, "status": "DELETING"}
        self._leaving[group.record["arn"]] = group

    def sweep(self) -> None:
        """Forget those that have come to their end."""
        for group in list(self._leaving.values()):
            self._is_there(group)

    def _is_there(self, group: ReportGroup, *, look: bool = False) -> bool:
        course = group.course
        if course is None:
            return True
        looks = look or self._pace.settled  # where everything has its end, at any look at all
        until = self._pace.look(course) if looks else self._pace.until(course)
        if course.state(until) != _GONE:
            return True
        arn = group.record["arn"]
        if self._groups.pop(arn, None) is not None:
            del self._leaving[arn]
            for order in (self.by_creation, self.by_change, self.by_name):
                order.discard(arn)
        return False


@operation
def create_report_group(
    here: CodeBuild,
    *,
    name: str,
    type: str,  # noqa: A002
    export_config: Record,
    tags: list[Record] | None = None,
) -> Record:
    """Create a report group.

    The texts of the errors are guesses.

    :raises ResourceAlreadyExistsException: the name is taken, be it by one that is DELETING.
    :raises InvalidInputException: the members do not go together.
    :raises AccountLimitExceededException: there are too many report groups.
    """
    groups = here.store(ReportGroups)
    arn = here.arn(f"report-group/{name}")
    if groups.find(arn) is not None:
        raise ResourceAlreadyExistsException(f"Report group already exists: {arn}")
    config = _export_config(here, export_config)
    check_tags(tags or ())
    groups.sweep()
    here.store(Quotas).check("report_groups", len(groups))
    group = _new(here, name, type, config, here.now())
    if tags is not None:
        group.record = {**group.record, "tags": tags}
    groups.put(group)
    return {"reportGroup": group.record}


@operation
def update_report_group(
    here: CodeBuild,
    *,
    arn: str,
    export_config: Record | None = None,
    tags: list[Record] | None = None,
) -> Record:
    """Replace the export settings or the tags, each as a whole; what is not given stays.

    Recorded: a group without tags has an empty list of them from then on. That one being deleted
    cannot be updated is a guess.

    :raises ResourceNotFoundException: there is no such report group.
    :raises InvalidInputException: the ARN is none, or the members do not go together.
    """
    group = known_group(here, arn)
    if group.course is not None:
        raise InvalidInputException(f"Report group is being deleted: {arn}")
    changed: Record = {"lastModified": here.now()}
    if export_config is not None:
        changed["exportConfig"] = _export_config(here, export_config)
    check_tags(tags or ())
    changed["tags"] = group.record.get("tags", []) if tags is None else tags
    group.record = {**group.record, **changed}
    here.store(ReportGroups).put(group)
    return {"reportGroup": group.record}


@operation
def delete_report_group(here: CodeBuild, *, arn: str, delete_reports: bool = False) -> Record:
    """Delete a report group, or nothing if there is none.

    It is DELETING for a moment. That its reports are gone at once is a guess, and so is the text
    of the error.

    :raises InvalidInputException: it has reports, and they are not to be deleted with it; or the
        ARN is none.
    """
    _check_arn(arn)
    groups = here.store(ReportGroups)
    reports = reports_of(here)
    group = groups.find(arn)
    if group is None or group.course is not None:
        return {}
    if len(group.reports.all) and not delete_reports:
        raise InvalidInputException(
            f"Report group {arn} has reports: delete them first, or set deleteReports to true"
        )
    for report in list(group.reports.all.names()):
        reports.remove(report)
    groups.delete(group)
    return {}


@operation
def batch_get_report_groups(here: CodeBuild, *, report_group_arns: list[str]) -> Record:
    """Return the report groups of the given ARNs, in that order, and those that are not there.

    An ARN that comes twice is answered once, and what is no ARN is answered as not there, which
    are guesses.
    """
    reports_of(here)
    groups = here.store(ReportGroups)

    def look(arn: str) -> Record | None:
        group = groups.look(arn)
        return None if group is None else group.record

    found, missing = batch_get(report_group_arns, look)
    return {"reportGroups": found, "reportGroupsNotFound": missing}


@operation
def list_report_groups(
    here: CodeBuild, *, sort_by: str = "CREATED_TIME", sort_order: str = "DESCENDING"
) -> Record:
    """List the ARNs of report groups; which order is the default is a guess."""
    reports_of(here)
    groups = here.store(ReportGroups)
    groups.sweep()
    order: Ordered[Any] = groups.by_creation
    if sort_by == "NAME":
        order = groups.by_name
    elif sort_by == "LAST_MODIFIED_TIME":
        order = groups.by_change
    return {"reportGroups": order.names(backwards=sort_order == "DESCENDING")}


def known_group(here: CodeBuild, arn: str) -> ReportGroup:
    """Return the report group of that ARN.

    :raises InvalidInputException: the ARN is none of a report group; its text is a guess.
    :raises ResourceNotFoundException: there is no such report group; its text is a guess.
    """
    _check_arn(arn)
    reports_of(here)  # builds that nobody has looked at may have made it
    group = here.store(ReportGroups).find(arn)
    if group is None:
        raise ResourceNotFoundException(f"Report group cannot be found: {arn}")
    return group


def group_for(here: CodeBuild, project: str, report: Report, at: float) -> ReportGroup | None:
    """Return the report group that a build's report goes to.

    A name is that of a group of the project's own, which is made when it is missing; an ARN is
    that of an existing group (both documented). ``None`` where there can be none: the ARN is
    unknown, the group is of the other type or about to go, its name would be too long, or there
    are too many groups. What AWS does then is not known; that it makes no report is a guess.
    """
    groups = here.store(ReportGroups)
    if report.name.startswith("arn:"):
        group = groups.find(report.name)
    else:
        name = f"{project}-{report.name}"
        group = groups.find(name)
        if group is None and len(name) in _NAME_LENGTHS and not _is_full(groups):
            group = _new(here, name, report.kind, {"exportConfigType": "NO_EXPORT"}, at)
            groups.put(group)
    if group is None or group.course is not None or group.record["type"] != report.kind:
        return None
    return group


def _new(here: CodeBuild, name: str, kind: str, config: Record, at: float) -> ReportGroup:
    return ReportGroup(
        {
            "arn": here.arn(f"report-group/{name}"),
            "name": name,
            "type": kind,
            "exportConfig": config,
            "created": at,
            "lastModified": at,
            "status": "ACTIVE",
        }
    )


def _is_full(groups: ReportGroups) -> bool:
    if len(groups) >= MOST_GROUPS:
        groups.sweep()
    return len(groups) >= MOST_GROUPS


def _check_arn(arn: str) -> None:
    if not is_group_arn(arn):
        raise InvalidInputException("Invalid report group ARN provided")


def _export_config(here: CodeBuild, config: Mapping[str, Any]) -> Record:
    """Return export settings with what the service fills in.

    Documented: files are exported as they are unless packaging says otherwise. The key of those
    that are encrypted, and the texts, are guesses.
    """
    if "exportConfigType" not in config:
        raise InvalidInputException("Invalid export config: exportConfigType is required")
    if config["exportConfigType"] != "S3":
        return dict(config)
    destination = config.get("s3Destination", {})
    if "bucket" not in destination:
        raise InvalidInputException("Invalid export config: type S3 should have a bucket")
    filled = {"packaging": "NONE", "encryptionDisabled": False, **destination}
    if not filled["encryptionDisabled"]:
        filled.setdefault(
            "encryptionKey", arn_of("kms", here.region, here.account_id, "alias/aws/s3")
        )
    return {**config, "s3Destination": filled}
