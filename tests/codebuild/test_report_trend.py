"""GetReportGroupTrend."""

import pytest

from tests.codebuild.factory import ACCOUNT, CLIENT, RAW, create, refused, start
from tests.codebuild.report_factory import (
    NO_GROUP_ARNS,
    NO_SUCH_GROUP,
    cover,
    group_arn,
    make_group,
    report,
)


def trend(name, field, **more):
    found = CLIENT.get_report_group_trend(reportGroupArn=group_arn(name), trendField=field, **more)
    return found["stats"], [one["data"] for one in found["rawData"]]


def stats(average, high, low):
    return {"average": average, "max": high, "min": low}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("field", "expected", "data"),
    [
        ("TOTAL", stats("2.66", "5", "1"), ["1", "2", "5"]),
        ("PASS_RATE", stats("70.0", "100.0", "50.0"), ["100.0", "50.0", "60.0"]),
        ("DURATION", stats("666666666.66", "2000000000", "0"), ["0", "0", "2000000000"]),
    ],
)
def test_trends_of_tests(mb, web, field, expected, data):
    report(mb, passed=2, failed=1, skipped=1, cases=[{"name": "slow", "seconds": 2}])
    report(mb, passed=1, errors=1)
    report(mb, passed=1)
    assert trend("web-unit", field) == (expected, data)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("field", "expected", "data"),
    [
        ("LINE_COVERAGE", stats("41.66", "83.33", "0.0"), ["0.0", "83.33"]),
        ("LINES_COVERED", stats("2.5", "5", "0"), ["0", "5"]),
        ("LINES_MISSED", stats("3.0", "5", "1"), ["5", "1"]),
        ("BRANCH_COVERAGE", stats("75.0", "100.0", "50.0"), ["100.0", "50.0"]),
        ("BRANCHES_COVERED", stats("2.0", "3", "1"), ["3", "1"]),
        ("BRANCHES_MISSED", stats("0.5", "1", "0"), ["0", "1"]),
    ],
)
def test_trends_of_coverage(mb, web, field, expected, data):
    cover(mb, {"a.py": (5, 6, 1, 2)})
    cover(mb, {"a.py": (0, 5, 3, 3)})
    assert trend("web-cov", field) == (expected, data)


@pytest.mark.inferred
def test_raw_data_name_their_reports_the_newest_first(mb, web):
    arns = [report(mb, passed=number)["arn"] for number in (1, 2)]
    report(mb, "other", passed=9)
    found = CLIENT.get_report_group_trend(reportGroupArn=group_arn("web-unit"), trendField="TOTAL")
    assert found["rawData"] == [
        {"reportArn": arns[1], "data": "2"},
        {"reportArn": arns[0], "data": "1"},
    ]


@pytest.mark.model
def test_the_most_recent_reports_count(mb, web):
    for number in (9, 1, 3):
        report(mb, passed=number)
    assert trend("web-unit", "TOTAL", numOfReports=2) == (stats("2.0", "3", "1"), ["3", "1"])
    assert trend("web-unit", "TOTAL", numOfReports=100)[1] == ["3", "1", "9"]


@pytest.mark.model
def test_100_reports_count_unless_told_otherwise(mb, web):
    mb.script("web", times=1).reports("unit", passed=7)
    mb.script("web").reports("unit", passed=1)
    for _ in range(101):
        start()
    found, data = trend("web-unit", "TOTAL")
    assert (found["max"], len(data)) == ("1", 100)


@pytest.mark.docs
def test_reports_that_are_gone_do_not_count(mb, web):
    CLIENT.delete_report(arn=report(mb, passed=5)["arn"])
    report(mb, passed=3)
    mb.clock.tick(days=20)
    report(mb, passed=1)
    assert trend("web-unit", "TOTAL")[1] == ["1", "3"]
    mb.clock.tick(days=11)
    assert trend("web-unit", "TOTAL")[1] == ["1"]


@pytest.mark.docs
def test_projects_that_share_a_group_share_its_trend(mb, web):
    create("api")
    arn = make_group("shared")["arn"]
    report(mb, arn, "web", passed=1)
    report(mb, arn, "api", passed=2)
    assert trend("shared", "TOTAL")[1] == ["2", "1"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "field"), [("TEST", "PASS_RATE"), ("CODE_COVERAGE", "LINE_COVERAGE")]
)
def test_there_are_no_statistics_of_no_reports(client, kind, field):
    make_group("new", kind)
    assert trend("new", field) == ({}, [])


@pytest.mark.inferred
def test_reports_of_nothing_are_zero(mb, web):
    report(mb)
    assert trend("web-unit", "PASS_RATE") == (stats("0.0", "0.0", "0.0"), ["0.0"])
    cover(mb, {})
    assert trend("web-cov", "LINE_COVERAGE") == (stats("0.0", "0.0", "0.0"), ["0.0"])


TEST_FIELDS = ("PASS_RATE", "DURATION", "TOTAL")
COVERAGE_FIELDS = (
    "LINE_COVERAGE",
    "LINES_COVERED",
    "LINES_MISSED",
    "BRANCH_COVERAGE",
    "BRANCHES_COVERED",
    "BRANCHES_MISSED",
)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "field"),
    [("TEST", field) for field in COVERAGE_FIELDS]
    + [("CODE_COVERAGE", field) for field in TEST_FIELDS],
)
def test_fields_of_the_other_type(client, kind, field):
    make_group("unit", kind)
    with refused(
        "InvalidInputException", f"Invalid trend field for a report group of type {kind}: {field}"
    ):
        trend("unit", field)


@pytest.mark.model
@pytest.mark.parametrize(
    "wrong",
    [
        {"trendField": "SPEED"},
        {"trendField": None},
        {"numOfReports": 0},
        {"numOfReports": 101},
        {"reportGroupArn": None},
        {"reportGroupArn": ""},
    ],
    ids=repr,
)
def test_trends_that_make_no_sense(client, wrong):
    asked = {"reportGroupArn": make_group("unit")["arn"], "trendField": "TOTAL", **wrong}
    with refused():
        RAW.get_report_group_trend(**{name: one for name, one in asked.items() if one is not None})


@pytest.mark.model
@pytest.mark.parametrize(
    "arn",
    [NO_SUCH_GROUP, group_arn("unit").replace(ACCOUNT, "210987654321")],
    ids=["unknown", "account"],
)
def test_the_trend_of_a_group_that_is_not_there(client, arn):
    make_group("unit")
    with refused("ResourceNotFoundException", f"Report group cannot be found: {arn}"):
        CLIENT.get_report_group_trend(reportGroupArn=arn, trendField="TOTAL")


@pytest.mark.inferred
@pytest.mark.parametrize("arn", NO_GROUP_ARNS.values(), ids=NO_GROUP_ARNS)
def test_what_is_no_arn_of_a_group_is_refused(client, arn):
    make_group("unit")
    with refused("InvalidInputException", "Invalid report group ARN provided"):
        CLIENT.get_report_group_trend(reportGroupArn=arn, trendField="TOTAL")
