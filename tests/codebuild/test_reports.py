"""Reports of builds: BatchGetReports, ListReports, ListReportsForReportGroup, DeleteReport."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    RAW,
    create,
    look,
    make_client,
    refused,
    run,
    start,
    statuses,
)
from tests.codebuild.report_factory import (
    NO_EXPORT,
    NO_REPORT_ARNS,
    NO_SUCH_GROUP,
    NO_SUCH_REPORT,
    cover,
    get_group,
    get_reports,
    group_arn,
    make_group,
    report,
)


def listed(**wanted):
    return CLIENT.list_reports(**wanted)["reports"]


def listed_for(name, **wanted):
    return CLIENT.list_reports_for_report_group(reportGroupArn=group_arn(name), **wanted)["reports"]


# What a build reports


@pytest.mark.recorded
def test_a_test_report(mb, web):
    mb.script("web").reports(
        "unit",
        passed=["test_ok"],
        failed={"test_bad": "boom\n"},
        errors=5,
        cases=[{"name": "test_slow", "seconds": 0.001}],
    )
    build = run()
    uuid = build["id"].partition(":")[2]
    arn = f"{ARN}:report/web-unit:{uuid}"
    assert build["reportArns"] == [arn]
    (record,) = get_reports(arn)
    created, expired = record.pop("created"), record.pop("expired")
    upload = next(one for one in build["phases"] if one["phaseType"] == "UPLOAD_ARTIFACTS")
    assert upload["startTime"] <= created <= upload["endTime"]
    assert expired.microsecond == 0
    assert expired.timestamp() == int(created.timestamp()) + 30 * 86400
    assert record == {
        "arn": arn,
        "type": "TEST",
        "name": "web-unit",
        "reportGroupArn": group_arn("web-unit"),
        "executionId": build["arn"],
        "status": "FAILED",
        "exportConfig": NO_EXPORT,
        "truncated": False,
        "testSummary": {
            "total": 8,
            "statusCounts": {"SUCCEEDED": 2, "FAILED": 1, "ERROR": 5, "SKIPPED": 0, "UNKNOWN": 0},
            "durationInNanoSeconds": 1_000_000,
        },
    }


@pytest.mark.docs
def test_a_coverage_report(mb, web):
    record = cover(mb, {"a.py": (5, 6, 1, 2), "b.py": (10, 11, 1, 2), "c.py": (0, 0)})
    assert (record["type"], record["name"], record["status"]) == (
        "CODE_COVERAGE",
        "web-cov",
        "SUCCEEDED",
    )
    assert record["truncated"] is False
    assert "testSummary" not in record
    assert record["codeCoverageSummary"] == {
        "lineCoveragePercentage": 88.23,
        "linesCovered": 15,
        "linesMissed": 2,
        "branchCoveragePercentage": 50.0,
        "branchesCovered": 2,
        "branchesMissed": 2,
    }


@pytest.mark.docs
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"passed": 3}, "SUCCEEDED"),
        ({"passed": 3, "skipped": 2}, "SUCCEEDED"),
        ({"passed": 3, "failed": 1}, "FAILED"),
        ({"passed": 3, "incomplete": True}, "INCOMPLETE"),
    ],
)
def test_status(mb, web, told, status):
    assert report(mb, **told)["status"] == status


@pytest.mark.docs
def test_over_500_cases_are_truncated_but_count(mb, web):
    record = report(mb, passed=501)
    assert record["truncated"] is True
    assert record["testSummary"]["total"] == 501


@pytest.mark.recorded
def test_a_named_report_makes_a_group_of_the_projects_own(mb, web):
    exactly_so = make_group("unit")
    record = report(mb)
    group = get_group("web-unit")
    assert group == {
        "arn": group_arn("web-unit"),
        "name": "web-unit",
        "type": "TEST",
        "exportConfig": NO_EXPORT,
        "created": record["created"],
        "lastModified": record["created"],
        "status": "ACTIVE",
    }
    assert report(mb)["reportGroupArn"] == group["arn"]
    assert get_group("web-unit") == group
    assert get_group("unit") == exactly_so
    assert listed_for("unit") == []


@pytest.mark.docs
def test_projects_do_not_share_a_name_but_an_arn(mb, web):
    create("api")
    shared = make_group("shared", exportConfig={**NO_EXPORT})
    names = [report(mb, "unit", project)["name"] for project in ("web", "api")]
    assert names == ["web-unit", "api-unit"]
    both = [report(mb, shared["arn"], project) for project in ("web", "api")]
    assert {one["name"] for one in both} == {"shared"}
    assert listed_for("shared", sortOrder="ASCENDING") == [one["arn"] for one in both]
    assert get_group("shared") == shared


@pytest.mark.recorded
def test_a_build_that_fails_in_build_still_reports(mb, web):
    mb.script("web").fails("BUILD").reports("unit", failed=1)
    build = run()
    assert build["buildStatus"] == "FAILED"
    assert get_reports(*build["reportArns"])[0]["status"] == "FAILED"


@pytest.mark.recorded
@pytest.mark.parametrize("phase", ["PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD"])
def test_a_build_that_never_gets_to_upload_reports_nothing(mb, web, phase):
    mb.script("web").reports("unit", passed=1).fails(phase)
    build = run()
    assert "UPLOAD_ARTIFACTS" not in statuses(build)
    assert not build.get("reportArns")
    assert listed() == []
    assert get_group("web-unit") is None


@pytest.mark.docs
def test_a_build_that_is_stopped_reports_nothing(mb, web):
    mb.script("web").reports("unit", passed=1).hangs("BUILD")
    build = start()
    CLIENT.stop_build(id=build["id"])
    assert look(build)["buildStatus"] == "STOPPED"
    assert listed() == []


@pytest.mark.docs
def test_a_retried_build_reports_again(mb, web):
    mb.script("web").reports("unit", passed=1)
    build = run()
    again = look(CLIENT.retry_build(id=build["id"])["build"])
    assert listed_for("web-unit") == [*again["reportArns"], *build["reportArns"]]


@pytest.mark.docs
def test_automatic_retries_report_each(mb, client):
    create(autoRetryLimit=2)
    mb.script("web").reports("unit", failed=1).fails()
    start()
    assert len(listed()) == 3


@pytest.mark.docs
def test_a_report_outlives_its_build_and_project(mb, web):
    arn = report(mb)["arn"]
    CLIENT.batch_delete_builds(ids=[f"web:{arn.rpartition(':')[2]}"])
    CLIENT.delete_project(name="web")
    assert listed() == [arn]
    create("api")
    newer = report(mb, project="api")["arn"]
    assert listed() == [newer, arn]


@pytest.mark.inferred
def test_the_later_of_two_reports_to_one_group_counts(mb, web):
    mb.script("web").reports("unit", passed=1).reports(group_arn("web-unit"), failed=2)
    build = run()
    assert len(set(build["reportArns"])) == 1
    assert listed() == build["reportArns"][:1]
    assert get_reports(listed()[0])[0]["testSummary"]["total"] == 2
    assert listed(filter={"status": "SUCCEEDED"}) == []


@pytest.mark.inferred
@pytest.mark.parametrize(
    "name",
    [
        NO_SUCH_GROUP,
        group_arn("cov"),
        group_arn("unit").replace("us-east-1", "eu-west-1"),
        group_arn("unit").replace(ACCOUNT, "210987654321"),
        "x" * 125,
        "taken",
    ],
    ids=["unknown", "coverage", "region", "account", "too-long", "coverage-by-name"],
)
def test_reports_that_no_group_takes(mb, web, name):
    make_group("unit")
    make_group("cov", "CODE_COVERAGE")
    make_group("web-taken", "CODE_COVERAGE")
    make_client("eu-west-1").create_report_group(name="unit", type="TEST", exportConfig=NO_EXPORT)
    mb.script("web").reports(name, passed=1)
    assert run()["buildStatus"] == "SUCCEEDED"
    assert listed() == []
    assert len(CLIENT.list_report_groups()["reportGroups"]) == 3
    assert make_client("eu-west-1").list_reports()["reports"] == []


@pytest.mark.docs
def test_the_longest_name_of_a_group(mb, web):
    name = "x" * 124
    assert report(mb, name)["name"] == f"web-{name}"


@pytest.mark.inferred
def test_a_full_account_takes_reports_to_groups_it_has(mb, web):
    arn = report(mb)["arn"]
    for number in range(999):
        make_group(f"g{number}")
    mb.script("web", times=1).reports("new", passed=1).reports("unit", passed=1)
    build = run()
    assert get_group("web-new") is None
    assert listed() == [f"{ARN}:report/web-unit:{build['id'].partition(':')[2]}", arn]


@pytest.mark.model
def test_a_report_carries_the_export_settings_of_its_time(mb, web):
    config = {"exportConfigType": "S3", "s3Destination": {"bucket": "results", "path": "p"}}
    group = make_group("shared", exportConfig=config)
    before = report(mb, group["arn"])
    assert before["exportConfig"] == group["exportConfig"]
    CLIENT.update_report_group(arn=group["arn"], exportConfig=NO_EXPORT)
    assert report(mb, group["arn"])["exportConfig"] == NO_EXPORT
    assert get_reports(before["arn"]) == [before]


# Listing


@pytest.mark.docs
def test_lists_are_in_order_of_creation(mb, web):
    arns = []
    for name in ("b", "a", "b"):
        arns.append(report(mb, name)["arn"])
        mb.clock.tick(60)
    assert listed(sortOrder="ASCENDING") == arns
    assert listed(sortOrder="DESCENDING") == arns[::-1]
    assert listed_for("web-b", sortOrder="ASCENDING") == [arns[0], arns[2]]
    assert listed_for("web-b", sortOrder="DESCENDING") == [arns[2], arns[0]]


@pytest.mark.inferred
def test_the_newest_report_is_first_by_default(mb, web):
    arns = [report(mb)["arn"] for _ in range(3)]
    assert listed() == listed_for("web-unit") == arns[::-1]


@pytest.mark.docs
def test_creation_is_what_orders_not_when_somebody_looked(mb, web):
    mb.script("web", times=1).reports("unit", passed=1).takes(minutes=5)
    mb.script("web", times=1).reports("unit", passed=1)
    long, short = start(), start()
    arns = [look(build)["reportArns"][0] for build in (long, short)]
    assert listed() == arns


@pytest.mark.docs
def test_lists_show_what_builds_have_made_that_nobody_has_looked_at(mb, web):
    mb.script("web").reports("unit", passed=1)
    build = start()
    uuid = build["id"].partition(":")[2]
    assert listed() == [f"{ARN}:report/web-unit:{uuid}"]
    assert CLIENT.list_report_groups()["reportGroups"] == [group_arn("web-unit")]
    start()
    assert len(listed_for("web-unit")) == 2
    start()
    assert get_group("web-unit") is not None


@pytest.mark.model
def test_lists_by_status(mb, web):
    good = report(mb, passed=1)["arn"]
    bad = report(mb, failed=1)["arn"]
    part = report(mb, "other", incomplete=True)["arn"]
    by_status = {"SUCCEEDED": [good], "FAILED": [bad], "INCOMPLETE": [part], "GENERATING": []}
    for status, expected in by_status.items():
        assert listed(filter={"status": status}) == expected
        assert listed_for("web-unit", filter={"status": status}) == [
            arn for arn in expected if arn != part
        ]
    assert listed(filter={}) == [part, bad, good]
    CLIENT.delete_report(arn=bad)
    assert listed(filter={"status": "FAILED"}) == []
    assert listed_for("web-unit", filter={"status": "FAILED"}) == []


@pytest.mark.model
def test_lists_by_pages(mb, web):
    mb.script("web").reports("unit", passed=1)
    arns = [run()["reportArns"][0] for _ in range(7)]
    for operation, more in (
        ("list_reports", {}),
        ("list_reports_for_report_group", {"reportGroupArn": group_arn("web-unit")}),
    ):
        pages = CLIENT.get_paginator(operation).paginate(**more, PaginationConfig={"PageSize": 3})
        found = [page["reports"] for page in pages]
        assert found == [arns[:3:-1], arns[3:0:-1], arns[:1]]


@pytest.mark.docs
def test_a_page_holds_100(mb, web):
    mb.script("web").reports("unit", passed=1)
    for _ in range(101):
        start()
    first = CLIENT.list_reports()
    assert len(first["reports"]) == 100
    assert len(CLIENT.list_reports(nextToken=first["nextToken"])["reports"]) == 1


@pytest.mark.model
@pytest.mark.parametrize(
    "wrong",
    [
        {"sortOrder": "UP"},
        {"maxResults": 0},
        {"maxResults": 101},
        {"filter": {"status": "PASSED"}},
        {"nextToken": "made-up"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_listings_that_make_no_sense(client, wrong):
    make_group("unit")
    with refused():
        RAW.list_reports(**wrong)
    with refused():
        RAW.list_reports_for_report_group(reportGroupArn=group_arn("unit"), **wrong)


@pytest.mark.model
def test_the_reports_of_a_group_that_is_not_there(client):
    with refused("ResourceNotFoundException", f"Report group cannot be found: {NO_SUCH_GROUP}"):
        CLIENT.list_reports_for_report_group(reportGroupArn=NO_SUCH_GROUP)


@pytest.mark.docs
def test_regions_do_not_see_each_other(mb, web):
    arn = report(mb)["arn"]
    elsewhere = make_client("eu-west-1")
    assert elsewhere.list_reports()["reports"] == []
    assert elsewhere.batch_get_reports(reportArns=[arn])["reportsNotFound"] == [arn]
    elsewhere.delete_report(arn=arn)
    assert listed() == [arn]


# Looking and deleting


@pytest.mark.model
def test_batch_get_keeps_the_order_and_names_who_is_not_there(mb, web):
    first, second = report(mb)["arn"], report(mb)["arn"]
    asked = [second, NO_SUCH_REPORT, first, second]
    found = CLIENT.batch_get_reports(reportArns=asked)
    assert [one["arn"] for one in found["reports"]] == [second, first]
    assert found["reportsNotFound"] == [NO_SUCH_REPORT]


@pytest.mark.inferred
def test_what_is_no_arn_is_not_found(mb, web):
    report(mb)
    arns = list(NO_REPORT_ARNS.values())
    found = CLIENT.batch_get_reports(reportArns=arns)
    assert found["reports"] == []
    assert found["reportsNotFound"] == arns


@pytest.mark.model
@pytest.mark.parametrize("count", [0, 101])
def test_batch_get_takes_1_to_100(client, count):
    with refused():
        RAW.batch_get_reports(reportArns=[NO_SUCH_REPORT + str(number) for number in range(count)])


@pytest.mark.docs
def test_a_deleted_report_is_gone_with_all_that_is_in_it(mb, web):
    gone, kept = report(mb)["arn"], report(mb)["arn"]
    assert CLIENT.delete_report(arn=gone).keys() == {"ResponseMetadata"}
    assert CLIENT.batch_get_reports(reportArns=[gone])["reportsNotFound"] == [gone]
    assert listed() == listed_for("web-unit") == [kept]
    with refused("ResourceNotFoundException"):
        CLIENT.describe_test_cases(reportArn=gone)
    CLIENT.delete_report(arn=gone)
    assert look(f"web:{gone.rpartition(':')[2]}")["reportArns"] == [gone]


@pytest.mark.model
def test_deleting_what_is_not_there_does_nothing(client):
    CLIENT.delete_report(arn=NO_SUCH_REPORT)


@pytest.mark.inferred
@pytest.mark.parametrize("arn", NO_REPORT_ARNS.values(), ids=NO_REPORT_ARNS)
def test_deleting_what_is_no_report(client, arn):
    with refused("InvalidInputException", "Invalid report ARN provided"):
        CLIENT.delete_report(arn=arn)


# Time


@pytest.mark.docs
def test_a_report_expires_after_30_days(mb, web):
    first = report(mb)["arn"]
    mb.clock.tick(days=10)
    second = report(mb)["arn"]
    mb.clock.tick(days=19, hours=23)
    assert listed() == [second, first]
    mb.clock.tick(hours=2)
    assert listed() == listed_for("web-unit") == [second]
    assert listed(filter={"status": "SUCCEEDED"}) == [second]
    assert CLIENT.batch_get_reports(reportArns=[first])["reportsNotFound"] == [first]
    with refused("ResourceNotFoundException"):
        CLIENT.describe_test_cases(reportArn=first)
    mb.clock.tick(days=10)
    assert listed() == []
    assert get_group("web-unit")["status"] == "ACTIVE"


@pytest.mark.docs
def test_a_build_nobody_looked_at_for_30_days_has_no_reports_any_more(mb, web):
    mb.script("web").reports("unit", passed=1)
    start()
    mb.clock.tick(days=31)
    assert listed() == []


@pytest.mark.docs
def test_on_the_clock_reports_appear_when_the_build_gets_there():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").reports("unit", passed=1).takes(minutes=10)
        build = start()
        mb.clock.tick(minutes=9)
        assert listed() == []
        assert get_group("web-unit") is None
        assert "reportArns" not in look(build)
        mb.clock.tick(minutes=2)
        assert listed() == look(build)["reportArns"]
        assert get_group("web-unit") is not None


@pytest.mark.docs
def test_stepped_looks_bring_reports_with_the_phase():
    with mock_codebuild(transitions="stepped") as mb:
        create()
        mb.script("web").reports("unit", passed=1)
        build = start()
        while look(build)["currentPhase"] != "POST_BUILD":
            assert listed() == []
        while not look(build)["buildComplete"]:
            pass
        assert len(listed()) == 1
