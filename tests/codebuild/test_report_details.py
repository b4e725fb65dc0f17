"""DescribeTestCases and DescribeCodeCoverages."""

import pytest

from tests.codebuild.factory import CLIENT, RAW, make_client, refused
from tests.codebuild.report_factory import (
    NO_REPORT_ARNS,
    NO_SUCH_REPORT,
    cover,
    make_group,
    report,
)

FILES = {
    "src/c.py": (10, 11, 1, 2),
    "src/a.py": (5, 6, 1, 2),
    "src/d.py": (0, 7),
    "src/b.py": (5, 6, 0, 0),
}


def cases(record, **wanted):
    return CLIENT.describe_test_cases(reportArn=record["arn"], **wanted)["testCases"]


def names(record, **filters):
    return [case["name"] for case in cases(record, filter=filters)]


def files(record, **wanted):
    return CLIENT.describe_code_coverages(reportArn=record["arn"], **wanted)["codeCoverages"]


def paths(record, **wanted):
    return [file["filePath"].removeprefix("src/") for file in files(record, **wanted)]


# Test cases


@pytest.mark.recorded
def test_a_test_case_with_everything(mb, web):
    record = report(
        mb,
        cases=[
            {
                "name": "NUnit.Tests.Assemblies.MockTestFixture.NotRunnableTest",
                "prefix": "NUnit.Tests.Assemblies.MockTestFixture",
                "status": "ERROR",
                "message": "No arguments were provided\n",
                "seconds": 0.001,
                "suite": "MockTestFixture",
                "path": "results/nunit.xml",
            }
        ],
    )
    assert cases(record) == [
        {
            "reportArn": record["arn"],
            "testRawDataPath": "results/nunit.xml",
            "prefix": "NUnit.Tests.Assemblies.MockTestFixture",
            "name": "NUnit.Tests.Assemblies.MockTestFixture.NotRunnableTest",
            "status": "ERROR",
            "durationInNanoSeconds": 1_000_000,
            "message": "No arguments were provided\n",
            "expired": record["expired"],
            "testSuiteName": "MockTestFixture",
        }
    ]


@pytest.mark.inferred
def test_a_test_case_with_little(mb, web):
    record = report(mb, passed="test_ok")
    assert cases(record) == [
        {
            "reportArn": record["arn"],
            "name": "test_ok",
            "status": "SUCCEEDED",
            "durationInNanoSeconds": 0,
            "expired": record["expired"],
        }
    ]


@pytest.mark.docs
def test_long_texts_are_cut_off(mb, web):
    (case,) = cases(report(mb, failed={"n" * 1001: "m" * 5001}))
    assert (case["name"], case["message"]) == ("n" * 1000, "m" * 5000)


@pytest.mark.inferred
def test_cases_stand_as_the_report_has_them(mb, web):
    record = report(mb, passed=["b", "a"], failed=["d"], skipped=["c"])
    assert names(record) == ["b", "a", "d", "c"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["one", "two", "three", "four", "five"]),
        ({"status": "SUCCEEDED"}, ["one", "two"]),
        ({"status": "FAILED"}, ["three"]),
        ({"status": "ERROR"}, ["four"]),
        ({"status": "SKIPPED"}, ["five"]),
        ({"status": "UNKNOWN"}, []),
        ({"keyword": "o"}, ["one", "two", "four"]),
        ({"keyword": "Numb"}, ["two"]),
        ({"keyword": ""}, ["one", "two", "three", "four", "five"]),
        ({"status": "SUCCEEDED", "keyword": "t"}, ["two"]),
        ({"status": "FAILED", "keyword": "t"}, ["three"]),
        ({"keyword": "nowhere"}, []),
        ({"keyword": "web-unit"}, []),
    ],
)
def test_filters(mb, web, filters, expected):
    two = {"name": "two", "prefix": "Numbers"}
    record = report(
        mb,
        cases=[
            {"name": "one"},
            two,
            {"name": "three", "status": "FAILED", "message": "one"},
            {"name": "four", "status": "ERROR"},
            {"name": "five", "status": "SKIPPED"},
        ],
    )
    assert names(record, **filters) == expected


@pytest.mark.inferred
def test_the_keyword_is_case_sensitive(mb, web):
    record = report(mb, passed=["One"])
    assert names(record, keyword="one") == []


@pytest.mark.docs
def test_over_500_cases_the_failed_ones_can_be_seen(mb, web):
    record = report(mb, passed=600, failed=["a", "b"])
    seen = [
        case
        for page in CLIENT.get_paginator("describe_test_cases").paginate(reportArn=record["arn"])
        for case in page["testCases"]
    ]
    assert len(seen) == 500
    assert [case["name"] for case in seen if case["status"] == "FAILED"] == ["a", "b"]


@pytest.mark.model
def test_cases_by_pages(mb, web):
    record = report(mb, passed=[f"t{number}" for number in range(5)] + ["t0", "t0"])
    pages = CLIENT.get_paginator("describe_test_cases").paginate(
        reportArn=record["arn"], PaginationConfig={"PageSize": 3}
    )
    found = [[case["name"] for case in page["testCases"]] for page in pages]
    assert found == [["t0", "t1", "t2"], ["t3", "t4", "t0"], ["t0"]]


@pytest.mark.docs
def test_a_page_holds_100_cases(mb, web):
    assert len(cases(report(mb, passed=101))) == 100


@pytest.mark.inferred
def test_a_status_that_is_none(mb, web):
    record = report(mb)
    with refused("InvalidInputException", "Invalid test case status: PASSED"):
        names(record, status="PASSED")


@pytest.mark.model
def test_cases_of_a_report_that_is_not_there(mb, web):
    with refused("ResourceNotFoundException", f"Report cannot be found: {NO_SUCH_REPORT}"):
        CLIENT.describe_test_cases(reportArn=NO_SUCH_REPORT)
    record = report(mb, passed=1)
    with refused("ResourceNotFoundException"):
        make_client("eu-west-1").describe_test_cases(reportArn=record["arn"])


@pytest.mark.inferred
def test_a_report_of_one_kind_has_nothing_of_the_other(mb, web):
    assert cases(cover(mb, FILES)) == []
    assert files(report(mb, passed=1)) == []


@pytest.mark.inferred
def test_a_report_of_nothing(mb, web):
    assert cases(report(mb)) == []
    assert files(cover(mb, {})) == []


@pytest.mark.inferred
@pytest.mark.parametrize("arn", NO_REPORT_ARNS.values(), ids=NO_REPORT_ARNS)
def test_what_is_no_arn_of_a_report_is_refused(client, arn):
    make_group("unit")
    for describe in (CLIENT.describe_test_cases, CLIENT.describe_code_coverages):
        with refused("InvalidInputException", "Invalid report ARN provided"):
            describe(reportArn=arn)


# Coverage


@pytest.mark.recorded
def test_the_coverage_of_a_file(mb, web):
    record = cover(mb, {"src/a.py": (5, 6, 1, 2)})
    (file,) = files(record)
    assert len(file.pop("id")) == 36
    assert file == {
        "reportARN": record["arn"],
        "filePath": "src/a.py",
        "lineCoveragePercentage": 83.33,
        "linesCovered": 5,
        "linesMissed": 1,
        "branchCoveragePercentage": 50.0,
        "branchesCovered": 1,
        "branchesMissed": 1,
        "expired": record["expired"],
    }


@pytest.mark.recorded
def test_each_file_has_an_id_that_stays(mb, web):
    record = cover(mb, FILES)
    ids = {file["filePath"]: file["id"] for file in files(record)}
    assert len(set(ids.values())) == len(FILES)
    again = files(record, sortBy="LINE_COVERAGE_PERCENTAGE", sortOrder="DESCENDING")
    assert {file["filePath"]: file["id"] for file in again} == ids


@pytest.mark.model
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("FILE_PATH", ["a.py", "b.py", "c.py", "d.py"]),
        ("LINE_COVERAGE_PERCENTAGE", ["d.py", "a.py", "b.py", "c.py"]),
    ],
)
def test_orders(mb, web, order, expected):
    record = cover(mb, FILES)
    assert paths(record, sortBy=order, sortOrder="ASCENDING") == expected
    assert paths(record, sortBy=order, sortOrder="DESCENDING") == expected[::-1]


@pytest.mark.inferred
def test_files_are_by_path_by_default(mb, web):
    record = cover(mb, FILES)
    assert paths(record) == ["a.py", "b.py", "c.py", "d.py"]
    assert paths(record, sortBy="LINE_COVERAGE_PERCENTAGE")[0] == "d.py"
    assert paths(record, sortOrder="DESCENDING")[0] == "d.py"


@pytest.mark.inferred
@pytest.mark.parametrize("order", ["FILE_PATH", "LINE_COVERAGE_PERCENTAGE"])
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, {"a.py", "b.py", "c.py", "d.py"}),
        (0, 100, {"a.py", "b.py", "c.py", "d.py"}),
        (0.01, None, {"a.py", "b.py", "c.py"}),
        (None, 83.33, {"a.py", "b.py", "d.py"}),
        (83.33, 83.33, {"a.py", "b.py"}),
        (83.34, 90.89, set()),
        (None, 0, {"d.py"}),
        (90.9, None, {"c.py"}),
        (50, 40, set()),
    ],
)
def test_limits_of_line_coverage(mb, web, order, low, high, expected):
    record = cover(mb, FILES)
    limits = {"minLineCoveragePercentage": low, "maxLineCoveragePercentage": high}
    given = {name: one for name, one in limits.items() if one is not None}
    found = paths(record, sortBy=order, **given)
    assert set(found) == expected
    assert found == [path for path in paths(record, sortBy=order) if path in expected]


@pytest.mark.model
def test_files_by_pages(mb, web):
    record = cover(mb, {f"{number:03}.py": (1, 2) for number in range(205)})
    first = CLIENT.describe_code_coverages(reportArn=record["arn"])
    assert len(first["codeCoverages"]) == 100
    pages = CLIENT.get_paginator("describe_code_coverages").paginate(
        reportArn=record["arn"], sortBy="LINE_COVERAGE_PERCENTAGE"
    )
    found = [file["filePath"] for page in pages for file in page["codeCoverages"]]
    assert found == [f"{number:03}.py" for number in range(205)]


@pytest.mark.model
@pytest.mark.parametrize(
    "wrong",
    [
        {"sortBy": "NAME"},
        {"sortOrder": "UP"},
        {"minLineCoveragePercentage": -1},
        {"maxLineCoveragePercentage": 100.1},
        {"maxResults": 0},
        {"nextToken": "made-up"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_coverage_that_cannot_be_asked_for(mb, web, wrong):
    record = cover(mb, FILES)
    with refused():
        RAW.describe_code_coverages(reportArn=record["arn"], **wrong)


@pytest.mark.model
def test_coverage_of_a_report_that_is_not_there(client):
    with refused("InvalidInputException", f"Report cannot be found: {NO_SUCH_REPORT}"):
        CLIENT.describe_code_coverages(reportArn=NO_SUCH_REPORT)
