"""What reports say of their cases and files: statuses, sums, percentages, limits."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.domain.ordered import Ordered
from mockbuild.domain.reports import (
    CASE_STATUSES,
    CoverageReport,
    FileCoverage,
    Share,
    TestCase,
    TestReport,
    is_group_arn,
    pass_rate,
    percentage,
    report_arn_part,
)
from mockbuild.domain.scripted_reports import told_coverage, told_tests

GROUP = "arn:aws:codebuild:us-east-1:123456789012:report-group/shared"
statuses = st.sampled_from(CASE_STATUSES)
counts = st.integers(0, 100_000)


def report_of(*of: str) -> TestReport:
    return TestReport("unit", tuple(TestCase(f"t{place}", one) for place, one in enumerate(of)))


# Percentages


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(5, 6, 83.33), (10, 11, 90.9), (1, 2, 50.0), (3, 3, 100.0)]
)
def test_percentages_are_cut_off_after_two_decimals(part, whole, expected):
    assert percentage(part, whole) == expected


@pytest.mark.inferred
def test_of_nothing_nothing_is_covered():
    assert percentage(0, 0) == 0.0


@pytest.mark.inferred
@given(counts, counts)
def test_a_percentage_is_never_more_than_the_truth_and_never_far_from_it(covered, missed):
    share = Share(covered, missed).percentage
    assert 0 <= share <= 100
    if covered + missed:
        truth = Fraction(100 * covered, covered + missed)
        hundredths = round(share * 100)
        assert abs(share * 100 - hundredths) < 1e-6
        assert Fraction(hundredths, 100) <= truth < Fraction(hundredths + 1, 100)


# Tests


@pytest.mark.parametrize(
    ("of", "status"),
    [
        pytest.param(("SUCCEEDED",), "SUCCEEDED", marks=pytest.mark.docs),
        pytest.param(("SUCCEEDED", "SKIPPED"), "SUCCEEDED", marks=pytest.mark.docs),
        pytest.param(("SUCCEEDED", "FAILED"), "FAILED", marks=pytest.mark.docs),
        pytest.param(("FAILED", "ERROR", "SUCCEEDED"), "FAILED", marks=pytest.mark.recorded),
        pytest.param(("SUCCEEDED", "ERROR"), "FAILED", marks=pytest.mark.inferred),
        pytest.param(("UNKNOWN",), "SUCCEEDED", marks=pytest.mark.inferred),
        pytest.param((), "SUCCEEDED", marks=pytest.mark.inferred),
    ],
)
def test_status_of_a_report(of, status):
    assert report_of(*of).status == status


@pytest.mark.docs
@pytest.mark.parametrize("of", [(), ("FAILED",), ("SUCCEEDED",)])
def test_an_incomplete_report_is_just_that(of):
    assert dataclasses.replace(report_of(*of), incomplete=True).status == "INCOMPLETE"


@pytest.mark.model
@given(st.lists(statuses, max_size=30))
def test_a_summary_counts_every_case_once_under_every_status(of):
    summary = report_of(*of).summary()
    assert tuple(summary.counts) == CASE_STATUSES
    assert all(summary.counts[status] == of.count(status) for status in CASE_STATUSES)
    assert summary.total == len(of)


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("seconds", "nanoseconds"),
    [(0.001, 1_000_000), (0, 0), (1.5, 1_500_000_000), (0.0000000014, 1), (12, 12_000_000_000)],
)
def test_seconds_are_nanoseconds(seconds, nanoseconds):
    case = TestCase("t", seconds=seconds)
    assert case.nanoseconds == nanoseconds
    assert isinstance(case.nanoseconds, int)
    assert TestReport("unit", (case, case)).summary().nanoseconds == 2 * nanoseconds


@pytest.mark.docs
@pytest.mark.parametrize(("count", "truncated"), [(499, False), (500, False), (501, True)])
def test_over_500_cases_are_truncated(count, truncated):
    report = report_of(*["SUCCEEDED"] * count)
    assert report.truncated is truncated
    assert len(report.kept()) == min(count, 500)
    assert report.summary().total == count


@pytest.mark.docs
@given(st.integers(0, 700), st.integers(0, 700), st.randoms(use_true_random=False))
def test_failed_cases_are_kept_before_others(good, bad, random):
    of = ["SUCCEEDED"] * good + ["FAILED"] * bad
    random.shuffle(of)
    report = report_of(*of)
    kept = report.kept()
    assert len(kept) == min(len(of), 500)
    assert sum(case.status == "FAILED" for case in kept) == min(bad, 500)
    places = [report.cases.index(case) for case in kept[:3]]
    assert places == sorted(places)
    assert report.summary().counts["FAILED"] == bad


@pytest.mark.inferred
def test_cases_with_errors_are_kept_like_failed_ones():
    report = report_of(*["SUCCEEDED"] * 500, "ERROR")
    assert report.kept()[-1].status == "ERROR"


@pytest.mark.docs
def test_names_and_messages_have_limits():
    case = TestCase("n" * 1001, message="m" * 5001)
    assert (len(case.shown_name), len(case.shown_message)) == (1000, 5000)
    case = TestCase("n" * 1000, message="m" * 4999 + "\n")
    assert (case.shown_name, case.shown_message) == (case.name, case.message)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("of", "rate"),
    [
        ({"SUCCEEDED": 3, "FAILED": 1}, 75.0),
        ({"SUCCEEDED": 1, "SKIPPED": 1, "UNKNOWN": 1}, 33.33),
        ({"SUCCEEDED": 0, "FAILED": 2}, 0.0),
        ({"SUCCEEDED": 0}, 0.0),
    ],
)
def test_pass_rate(of, rate):
    assert pass_rate(of) == rate


# Coverage


@pytest.mark.docs
@given(st.lists(st.tuples(counts, counts, counts, counts), max_size=10))
def test_a_coverage_report_adds_up_its_files(numbers):
    files = tuple(
        FileCoverage(f"{place}.py", Share(*of[:2]), Share(*of[2:]))
        for place, of in enumerate(numbers)
    )
    report = CoverageReport("cov", files)
    lines, branches = report.lines(), report.branches()
    sums = [sum(column) for column in zip(*numbers, strict=True)] or [0, 0, 0, 0]
    assert [lines.covered, lines.missed, branches.covered, branches.missed] == sums


@pytest.mark.inferred
def test_a_coverage_report_succeeds_however_little_is_covered():
    report = CoverageReport("cov", (FileCoverage("a.py", Share(0, 9)),))
    assert (report.status, report.truncated, report.kind) == ("SUCCEEDED", False, "CODE_COVERAGE")
    assert dataclasses.replace(report, incomplete=True).status == "INCOMPLETE"


@pytest.mark.model
def test_sums_stay_within_what_the_api_can_say():
    most = 2**31 - 1
    files = (FileCoverage("a.py", Share(most, most)), FileCoverage("b.py", Share(1, 1)))
    assert CoverageReport("cov", files).lines() == Share(most, most)
    long = TestReport("unit", (TestCase("t", seconds=1e9),) * 20)
    assert long.summary().nanoseconds == 2**63 - 1


# Names


@pytest.mark.docs
@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("unit", "web-unit"),
        (GROUP, "shared"),
        ("arn:aws:codebuild", "web-arn:aws:codebuild"),
        (GROUP.replace("report-group/shared", "project/web"), None),
        (GROUP.replace("shared", ""), None),
    ],
)
def test_the_group_a_report_goes_to(name, group):
    assert report_arn_part("web", name) == (f"web-{name}" if group is None else group)
    assert is_group_arn(name) is (name == GROUP)


# What makes no sense


@pytest.mark.docs
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: TestCase(""), id="no-name"),
        pytest.param(lambda: TestCase("t", "PASSED"), id="status"),
        pytest.param(lambda: TestCase("t", seconds=-1), id="negative"),
        pytest.param(lambda: TestCase("t", seconds=float("nan")), id="nan"),
        pytest.param(lambda: TestCase("t", seconds=float("inf")), id="endless"),
        pytest.param(lambda: TestReport(""), id="no-report-name"),
        pytest.param(lambda: CoverageReport(""), id="no-coverage-name"),
        pytest.param(lambda: FileCoverage("", Share()), id="no-path"),
        pytest.param(lambda: Share(-1, 1), id="covered"),
        pytest.param(lambda: Share(1, -1), id="missed"),
        pytest.param(lambda: Share(2**31, 0), id="too-many"),
    ],
)
def test_what_makes_no_sense_cannot_be_said(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


# From a few words


@pytest.mark.docs
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (0, []),
        (2, [("test_failed_1", ""), ("test_failed_2", "")]),
        ("test_login", [("test_login", "")]),
        (["a", "b"], [("a", ""), ("b", "")]),
        ((), []),
        ({"a": "boom\n"}, [("a", "boom\n")]),
        (iter("ab"), [("a", ""), ("b", "")]),
    ],
    ids=["none", "counted", "one-name", "names", "no-names", "messages", "iterator"],
)
def test_cases_are_counted_or_named(told, expected):
    report = told_tests("unit", {"FAILED": told})
    assert [(case.name, case.message) for case in report.cases] == expected
    assert {case.status for case in report.cases} <= {"FAILED"}


@pytest.mark.docs
def test_cases_in_full_come_behind_those_that_are_counted():
    full = {"name": "t", "status": "ERROR", "seconds": 2, "prefix": "p", "suite": "s", "path": "f"}
    given_one = TestCase("u", "SKIPPED")
    report = told_tests("unit", {"SUCCEEDED": 1}, [full, given_one], incomplete=True)
    assert report == TestReport(
        "unit",
        (
            TestCase("test_succeeded_1"),
            TestCase("t", "ERROR", prefix="p", seconds=2, suite="s", path="f"),
            given_one,
        ),
        incomplete=True,
    )


@pytest.mark.docs
def test_coverage_is_numbers_by_path_or_files():
    files = (FileCoverage("a.py", Share(8, 2)), FileCoverage("b.py", Share(1, 0), Share(3, 1)))
    numbers = {"a.py": (8, 10), "b.py": [1, 1, 3, 4]}
    assert told_coverage("cov", numbers) == CoverageReport("cov", files)
    assert told_coverage("cov", iter(files)) == CoverageReport("cov", files)
    assert told_coverage("cov", {}, incomplete=True) == CoverageReport("cov", (), incomplete=True)


# Names in an order


@pytest.mark.docs
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 3)), max_size=20),
    st.integers(-1, 3),
)
def test_names_stay_in_order_whatever_comes_and_goes(steps, until):
    order: Ordered[float] = Ordered()
    expected: dict[str, int] = {}
    for name, key in steps:
        expected.pop(name, None)
        if key is None:
            order.discard(name)
        else:
            expected[name] = key
            order.put(name, key)
    names = sorted(expected, key=expected.__getitem__)  # stable, as dicts keep their order
    assert list(order.names()) == names
    assert list(order.names(backwards=True)) == names[::-1]
    assert order.names()[1:3] == names[1:3]
    assert order.names(backwards=True)[-2:] == names[::-1][-2:]
    taken = order.take_until(until)
    assert taken == [name for name in names if expected[name] <= until]
    assert list(order.names()) == names[len(taken) :]
    assert len(order) == len(names) - len(taken)
    for name in names:
        order.discard(name)
    assert len(order) == 0
