"""Reports from a few words: how a test author says what a build reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from mockbuild.domain.reports import (
    CoverageReport,
    FileCoverage,
    Share,
    TestCase,
    TestReport,
    is_group_arn,
)

#: How many cases, their names, or their names with a message each.
Cases = int | str | Iterable[str] | Mapping[str, str]
#: Lines covered and lines in all, then the same of branches.
Numbers = tuple[int, int] | tuple[int, int, int, int]

_CASE_MEMBERS: Final = tuple(field.name for field in fields(TestCase))
_NUMBERS: Final = (2, 4)


def told_tests(
    name: str,
    told: Mapping[str, Cases],
    cases: Iterable[TestCase | Mapping[str, Any]] = (),
    *,
    incomplete: bool = False,
) -> TestReport:
    """Return the test report that a test author means.

    :param told: cases by status; those that are only counted get names of their own.
    :param cases: cases in full, as :class:`TestCase` or with its members in a mapping.
    :raises ValueError: something in it makes no sense.
    """
    _check_name(name)
    found = [case for status, some in told.items() for case in _told(status, some)]
    if isinstance(cases, str | Mapping):
        raise ValueError(f"cases are a list of test cases, not {cases!r}")
    found += [_case(one) for one in cases]
    return TestReport(name, tuple(found), incomplete)


def told_coverage(
    name: str,
    files: Mapping[str, Numbers] | Iterable[FileCoverage],
    *,
    incomplete: bool = False,
) -> CoverageReport:
    """Return the coverage report that a test author means.

    :param files: numbers by path, or files in full.
    :raises ValueError: something in it makes no sense.
    """
    _check_name(name)
    if isinstance(files, Mapping):
        covered = [_file(path, numbers) for path, numbers in files.items()]
    else:
        covered = list(files)
        if bad := [one for one in covered if not isinstance(one, FileCoverage)]:
            raise ValueError(f"files are numbers by path, or FileCoverage; not {bad[0]!r}")
    return CoverageReport(name, tuple(covered), incomplete)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or (name.startswith("arn:") and not is_group_arn(name)):
        raise ValueError(f"a report has a name or is for the ARN of a report group, not {name!r}")


def _told(status: str, some: Cases) -> list[TestCase]:
    if isinstance(some, str):
        return [TestCase(some, status)]
    if isinstance(some, Mapping):
        return [TestCase(_text(one), status, message=_text(why)) for one, why in some.items()]
    if isinstance(some, Iterable):
        return [TestCase(_text(one), status) for one in some]
    if isinstance(some, bool) or not isinstance(some, int) or some < 0:
        raise ValueError(f"{status.lower()} tests are a number of them or names, not {some!r}")
    return [TestCase(f"test_{status.lower()}_{number}", status) for number in range(1, some + 1)]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"names and messages of tests are texts, not {value!r}")
    return value


def _case(one: TestCase | Mapping[str, Any]) -> TestCase:
    if isinstance(one, TestCase):
        return one
    if not isinstance(one, Mapping):
        raise ValueError(f"a test case is a mapping of what it has, not {one!r}")
    members = ", ".join(_CASE_MEMBERS)
    if "name" not in one or not set(one) <= set(_CASE_MEMBERS):
        raise ValueError(f"a test case has a name, and of {members} what is known; not {one!r}")
    if bad := [value for member, value in one.items() if not _fits(member, value)]:
        raise ValueError(f"a test case's members are texts, its seconds a number; not {bad[0]!r}")
    return TestCase(**one)


def _fits(member: str, value: Any) -> bool:
    if member == "seconds":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _file(path: str, numbers: Numbers) -> FileCoverage:
    counts: Sequence[Any] = numbers if isinstance(numbers, Sequence) else ()
    whole = all(isinstance(count, int) and not isinstance(count, bool) for count in counts)
    if not isinstance(path, str) or not whole or len(counts) not in _NUMBERS:
        raise ValueError(
            "the coverage of a file is (lines covered, lines), or (lines covered, lines, "
            f"branches covered, branches); not {path!r}: {numbers!r}"
        )
    shares = [_share(path, *counts[place : place + 2]) for place in range(0, len(counts), 2)]
    return FileCoverage(path, *shares)


def _share(path: str, covered: int, total: int) -> Share:
    if covered > total:
        raise ValueError(f"{path}: {covered} of {total} cannot be covered")
    return Share(covered, total - covered)
