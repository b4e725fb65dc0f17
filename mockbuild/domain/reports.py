"""What builds report: test cases, the coverage of files, and the numbers over them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Final

#: What a test case can end as, in the order in which summaries count them.
CASE_STATUSES: Final = ("SUCCEEDED", "FAILED", "ERROR", "SKIPPED", "UNKNOWN")
#: Cases that make their report a failed one. Recorded of a report with both; that an ERROR alone
#: does is a guess, and so is that it counts as failed when a report is truncated.
BAD_CASES: Final = frozenset({"FAILED", "ERROR"})
#: Documented: how many reports a project's builds can make.
MOST_REPORTS: Final = 5
#: Documented: how many cases of a report are kept, how long their texts can be, and how long a
#: report can be looked at. That longer texts are cut off is a guess.
MOST_CASES: Final = 500
LONGEST_NAME: Final = 1000
LONGEST_MESSAGE: Final = 5000
LIFETIME: Final = 30 * 86400

_LONGEST_RUN = 1e9  # seconds
#: What the API's numbers can hold.
_LARGEST_COUNT = 2**31 - 1
_LARGEST_DURATION = 2**63 - 1
_GROUP_ARN = re.compile(r"arn:[\w-]+:codebuild:[\w-]+:\d{12}:report-group/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test case and how it went.

    :param name: as the test framework names it.
    :param status: one of :data:`CASE_STATUSES`.
    :param prefix: what a series of cases has in common: the class name, with JUnit.
    :param message: why it failed; an empty one is none.
    :param seconds: how long it took.
    :param suite: the name of its test suite, if it has one.
    :param path: the file that the result was read from.
    :raises ValueError: there is no name, no such status, or no such duration.
    """

    __test__: ClassVar[bool] = False  # pytest collects what is called Test otherwise

    name: str
    status: str = "SUCCEEDED"
    prefix: str = ""
    message: str = ""
    seconds: float = 0.0
    suite: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a test case has a name")
        if self.status not in CASE_STATUSES:
            allowed = ", ".join(CASE_STATUSES)
            raise ValueError(f"a test case's status is one of {allowed}; not {self.status!r}")
        if not 0 <= self.seconds <= _LONGEST_RUN:
            raise ValueError(f"a test case cannot take {self.seconds} seconds")

    @property
    def nanoseconds(self) -> int:
        """How long it took, in nanoseconds."""
        return round(self.seconds * 1e9)

    @property
    def shown_name(self) -> str:
        """The name, no longer than the service keeps it."""
        return self.name[:LONGEST_NAME]

    @property
    def shown_message(self) -> str:
        """The message, no longer than the service keeps it; line breaks at its end stay."""
        return self.message[:LONGEST_MESSAGE]


@dataclass(frozen=True, slots=True)
class TestSummary:
    """The numbers over all cases of a report, those that were not kept included.

    :param counts: how many cases ended in which status, with an entry for every status.
    :param nanoseconds: how long they took together.
    """

    __test__: ClassVar[bool] = False

    counts: Mapping[str, int]
    nanoseconds: int

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class TestReport:
    """The results of running tests.

    :param name: the buildspec's name of the report, or the ARN of an existing report group.
    :param cases: in the order of the files they come from.
    :param incomplete: whether something kept the report from being made of all there is.
    :raises ValueError: there is no name.
    """

    __test__: ClassVar[bool] = False
    #: The type of report groups it goes to.
    kind: ClassVar[str] = "TEST"

    name: str
    cases: tuple[TestCase, ...] = ()
    incomplete: bool = False

    def __post_init__(self) -> None:
        _check_report_name(self.name)

    @property
    def status(self) -> str:
        """What the report ends as."""
        if self.incomplete:
            return "INCOMPLETE"
        bad = any(case.status in BAD_CASES for case in self.cases)
        return "FAILED" if bad else "SUCCEEDED"

    @property
    def truncated(self) -> bool:
        """Whether there are more cases than are kept."""
        return len(self.cases) > MOST_CASES

    def kept(self) -> tuple[TestCase, ...]:
        """Return the cases that can be looked at, in their order.

        Documented: failed ones are kept before others. That each kind is kept from its beginning
        is a guess.
        """
        if not self.truncated:
            return self.cases
        places = sorted(
            range(len(self.cases)), key=lambda place: self.cases[place].status not in BAD_CASES
        )
        return tuple(self.cases[place] for place in sorted(places[:MOST_CASES]))

    def summary(self) -> TestSummary:
        """Return the numbers over all cases."""
        found = Counter(case.status for case in self.cases)
        counts = {status: found[status] for status in CASE_STATUSES}
        nanoseconds = sum(case.nanoseconds for case in self.cases)
        return TestSummary(counts, min(nanoseconds, _LARGEST_DURATION))


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some things (lines, branches) tests cover, and how many they miss.

    :raises ValueError: one of the numbers is negative, or larger than a report can say.
    """

    covered: int = 0
    missed: int = 0

    def __post_init__(self) -> None:
        for count in (self.covered, self.missed):
            if not 0 <= count <= _LARGEST_COUNT:
                raise ValueError(f"nothing can cover or miss {count} lines or branches")

    def __add__(self, other: "Share") -> "Share":
        covered, missed = self.covered + other.covered, self.missed + other.missed
        return Share(min(covered, _LARGEST_COUNT), min(missed, _LARGEST_COUNT))

    @property
    def percentage(self) -> float:
        """How many per cent are covered."""
        return percentage(self.covered, self.covered + self.missed)


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """How much of one source file tests cover.

    :param path: the file.
    :raises ValueError: there is no path.
    """

    path: str
    lines: Share = Share()
    branches: Share = Share()

    def __post_init__(self) -> None:
        if not self.path:
            raise ValueError("covered files have a path")


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """How much of the source tests cover.

    :param name: the buildspec's name of the report, or the ARN of an existing report group.
    :param files: one entry for each source file.
    :param incomplete: whether something kept the report from being made of all there is.
    :raises ValueError: there is no name.
    """

    #: The type of report groups it goes to.
    kind: ClassVar[str] = "CODE_COVERAGE"
    #: Of coverage, all is kept: no limit is documented.
    truncated: ClassVar[bool] = False

    name: str
    files: tuple[FileCoverage, ...] = ()
    incomplete: bool = False

    def __post_init__(self) -> None:
        _check_report_name(self.name)

    @property
    def status(self) -> str:
        """What the report ends as; there are no thresholds it could miss."""
        return "INCOMPLETE" if self.incomplete else "SUCCEEDED"

    def lines(self) -> Share:
        """Return how many lines of all files are covered."""
        return _sum(file.lines for file in self.files)

    def branches(self) -> Share:
        """Return how many branches of all files are covered."""
        return _sum(file.branches for file in self.files)


Report = TestReport | CoverageReport


def percentage(part: int, whole: int) -> float:
    """Return *part* of *whole* in per cent, cut off after two decimals.

    Recorded: 10 of 11 is 90.9, which rounding would make 90.91. That nothing of nothing is 0 is
    a guess.
    """
    return 10_000 * part // whole / 100 if whole else 0.0


def pass_rate(counts: Mapping[str, int]) -> float:
    """Return how many per cent of cases succeeded; that skipped ones did not is a guess.

    :param counts: how many cases ended in which status.
    """
    return percentage(counts["SUCCEEDED"], sum(counts.values()))


def is_group_arn(text: str) -> bool:
    """Tell whether *text* is the ARN of a report group, whether there is such a one or not."""
    return _GROUP_ARN.fullmatch(text) is not None


def report_arn_part(project: str, name: str) -> str:
    """Return the name of the report group that a build's report goes to.

    :param project: the build's project.
    :param name: the report's name, or the ARN of a report group.
    """
    group = _GROUP_ARN.fullmatch(name)
    return group[1] if group is not None else f"{project}-{name}"


def _sum(shares: Iterable[Share]) -> Share:
    return reduce(Share.__add__, shares, Share())


def _check_report_name(name: str) -> None:
    if not name:
        raise ValueError("a report has a name")
