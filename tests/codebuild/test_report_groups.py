"""CreateReportGroup, UpdateReportGroup, DeleteReportGroup, BatchGet…, ListReportGroups."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, create, make_client, refused
from tests.codebuild.report_factory import (
    NO_EXPORT,
    NO_GROUP_ARNS,
    NO_SUCH_GROUP,
    get_group,
    get_reports,
    group_arn,
    make_group,
    report,
)

S3 = {"exportConfigType": "S3", "s3Destination": {"bucket": "results"}}
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/s3"


def listed(**order):
    return [arn.rpartition("/")[2] for arn in CLIENT.list_report_groups(**order)["reportGroups"]]


# Creating


@pytest.mark.recorded
def test_a_new_group(client):
    group = make_group("unit")
    created = group.pop("created")
    assert group.pop("lastModified") == created
    assert group == {
        "arn": f"{ARN}:report-group/unit",
        "name": "unit",
        "type": "TEST",
        "exportConfig": NO_EXPORT,
        "status": "ACTIVE",
    }


@pytest.mark.recorded
def test_batch_get_shows_what_create_returned(client):
    tags = [{"key": "team", "value": "a"}]
    made = make_group("unit", "CODE_COVERAGE", exportConfig=S3, tags=tags)
    assert made["tags"] == tags
    assert made["type"] == "CODE_COVERAGE"
    assert get_group("unit") == made


@pytest.mark.parametrize(
    ("destination", "added"),
    [
        pytest.param(
            {}, {"packaging": "NONE", "encryptionDisabled": False, "encryptionKey": KEY}, id="least"
        ),
        pytest.param(
            {"encryptionDisabled": True, "path": ""}, {"packaging": "NONE"}, id="not-encrypted"
        ),
        pytest.param(
            {
                "bucketOwner": ACCOUNT,
                "path": "a/b",
                "packaging": "ZIP",
                "encryptionKey": "alias/mine",
                "encryptionDisabled": False,
            },
            {},
            id="everything",
        ),
    ],
)
@pytest.mark.inferred
def test_export_to_s3_comes_back_with_defaults(client, destination, added):
    sent = {"bucket": "results", **destination}
    config = {"exportConfigType": "S3", "s3Destination": sent}
    shown = make_group(exportConfig=config)["exportConfig"]
    assert shown == {"exportConfigType": "S3", "s3Destination": {**sent, **added}}


@pytest.mark.model
@pytest.mark.parametrize("name", ["ab", "x" * 128, "With Space", "ünit", "a:b", "a/b", "arn:x"])
def test_names(client, name):
    made = make_group(name)
    assert made["name"] == name
    assert get_group(name) == made
    with refused("ResourceAlreadyExistsException"):
        make_group(name)


@pytest.mark.inferred
def test_a_name_that_is_taken(client):
    make_group("unit")
    with refused(
        "ResourceAlreadyExistsException", f"Report group already exists: {group_arn('unit')}"
    ):
        make_group("unit", "CODE_COVERAGE")
    assert get_group("unit")["type"] == "TEST"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"exportConfig": {}},
            "Invalid export config: exportConfigType is required",
            id="no-export-type",
            marks=pytest.mark.inferred,
        ),
        pytest.param(
            {"exportConfig": {"exportConfigType": "S3"}},
            "Invalid export config: type S3 should have a bucket",
            id="no-destination",
            marks=pytest.mark.inferred,
        ),
        pytest.param(
            {"exportConfig": {"exportConfigType": "S3", "s3Destination": {"path": "x"}}},
            "Invalid export config: type S3 should have a bucket",
            id="no-bucket",
            marks=pytest.mark.inferred,
        ),
        pytest.param(
            {"tags": [{"key": "aws:x", "value": ""}]},
            "Invalid tags: tag keys cannot start with aws:",
            id="aws-tag",
            marks=pytest.mark.docs,
        ),
        pytest.param(
            {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
            "Invalid tags: tag keys cannot be duplicated",
            id="same-tags",
            marks=pytest.mark.inferred,
        ),
        pytest.param({"type": "UNIT"}, None, id="type", marks=pytest.mark.model),
        pytest.param({"name": "x"}, None, id="short", marks=pytest.mark.model),
        pytest.param({"name": "x" * 129}, None, id="long", marks=pytest.mark.model),
        pytest.param({"type": None}, None, id="no-type", marks=pytest.mark.model),
        pytest.param({"name": None}, None, id="no-name", marks=pytest.mark.model),
        pytest.param({"exportConfig": None}, None, id="no-export", marks=pytest.mark.model),
        pytest.param(
            {"exportConfig": {"exportConfigType": "FTP"}}, None, id="ftp", marks=pytest.mark.model
        ),
        pytest.param(
            {"exportConfig": {**S3, "s3Destination": {"bucket": ""}}},
            None,
            id="empty-bucket",
            marks=pytest.mark.model,
        ),
    ],
)
def test_groups_that_cannot_be_made(client, changes, message):
    least = {"name": "unit", "type": "TEST", "exportConfig": NO_EXPORT, **changes}
    with refused("InvalidInputException", message):
        RAW.create_report_group(**{name: one for name, one in least.items() if one is not None})
    assert listed() == []


@pytest.mark.inferred
def test_export_settings_without_export_are_kept_as_sent(client):
    config = {**NO_EXPORT, "s3Destination": {"bucket": "results"}}
    assert make_group(exportConfig=config)["exportConfig"] == config


@pytest.mark.docs
def test_an_account_has_at_most_1000_groups(client):
    for number in range(1000):
        make_group(f"g{number}")
    with refused(
        "AccountLimitExceededException", "Cannot have more than 1000 report groups for the account"
    ):
        make_group("one-more")
    CLIENT.delete_report_group(arn=group_arn("g7"))
    make_group("one-more")


# Updating


@pytest.mark.recorded
def test_update_replaces_what_is_given(mb):
    made = make_group("unit", exportConfig=S3)
    mb.clock.tick(60)
    updated = CLIENT.update_report_group(arn=made["arn"], exportConfig=NO_EXPORT)["reportGroup"]
    assert updated["lastModified"] > made["lastModified"]
    unchanged = {**made, "lastModified": updated["lastModified"]}
    assert updated == {**unchanged, "exportConfig": NO_EXPORT, "tags": []}
    assert get_group("unit") == updated


@pytest.mark.model
def test_update_of_tags_alone(client):
    made = make_group("unit", exportConfig=S3, tags=[{"key": "a", "value": "1"}])
    tags = [{"key": "b", "value": "2"}]
    updated = CLIENT.update_report_group(arn=made["arn"], tags=tags)["reportGroup"]
    assert updated["tags"] == tags
    assert updated["exportConfig"] == made["exportConfig"]
    assert CLIENT.update_report_group(arn=made["arn"])["reportGroup"]["tags"] == tags
    assert CLIENT.update_report_group(arn=made["arn"], tags=[])["reportGroup"]["tags"] == []


@pytest.mark.inferred
def test_update_to_s3_fills_in_defaults_anew(client):
    made = make_group("unit", exportConfig={**S3, "s3Destination": {"bucket": "b", "path": "p"}})
    updated = CLIENT.update_report_group(arn=made["arn"], exportConfig=S3)["reportGroup"]
    assert updated["exportConfig"]["s3Destination"] == {
        "bucket": "results",
        "packaging": "NONE",
        "encryptionDisabled": False,
        "encryptionKey": KEY,
    }


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        {"exportConfig": {}},
        {"exportConfig": {"exportConfigType": "S3"}},
        {"tags": [{"key": "aws:x", "value": ""}]},
    ],
    ids=["no-type", "no-bucket", "tag"],
)
def test_updates_that_cannot_be_made_change_nothing(client, changes):
    made = make_group("unit")
    with refused():
        CLIENT.update_report_group(arn=made["arn"], **changes)
    assert get_group("unit") == made


@pytest.mark.inferred
def test_update_of_a_group_that_is_not_there(client):
    with refused("ResourceNotFoundException", f"Report group cannot be found: {NO_SUCH_GROUP}"):
        CLIENT.update_report_group(arn=NO_SUCH_GROUP, tags=[])


# What is no ARN


@pytest.mark.inferred
@pytest.mark.parametrize("arn", NO_GROUP_ARNS.values(), ids=NO_GROUP_ARNS)
@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("update_report_group", "arn"),
        ("delete_report_group", "arn"),
        ("list_reports_for_report_group", "reportGroupArn"),
    ],
)
def test_what_is_no_arn_of_a_group_is_refused(client, operation, member, arn):
    make_group("unit")
    with refused("InvalidInputException", "Invalid report group ARN provided"):
        getattr(CLIENT, operation)(**{member: arn})


# Looking


@pytest.mark.model
def test_batch_get_keeps_the_order_and_names_who_is_not_there(client):
    for name in ("b1", "a1", "c1"):
        make_group(name)
    arns = [group_arn(name) for name in ("c1", "none", "a1", "c1")]
    found = CLIENT.batch_get_report_groups(reportGroupArns=arns)
    assert [group["name"] for group in found["reportGroups"]] == ["c1", "a1"]
    assert found["reportGroupsNotFound"] == [group_arn("none")]


@pytest.mark.inferred
def test_names_and_foreign_arns_are_not_found(client):
    make_group("unit")
    arns = [
        "unit",
        group_arn("unit").replace("us-east-1", "eu-west-1"),
        group_arn("unit").replace(ACCOUNT, "210987654321"),
        group_arn("Unit"),
        *NO_GROUP_ARNS.values(),
    ]
    found = CLIENT.batch_get_report_groups(reportGroupArns=arns)
    assert found["reportGroups"] == []
    assert found["reportGroupsNotFound"] == list(dict.fromkeys(arns))


@pytest.mark.model
@pytest.mark.parametrize("count", [0, 101])
def test_batch_get_takes_1_to_100(client, count):
    with refused():
        RAW.batch_get_report_groups(reportGroupArns=[NO_SUCH_GROUP + str(n) for n in range(count)])


@pytest.mark.model
def test_listing_in_every_order(mb):
    for name in ("b1", "a1", "c1"):
        make_group(name)
        mb.clock.tick(1)
    CLIENT.update_report_group(arn=group_arn("b1"), tags=[])
    for order, expected in {
        "NAME": ["a1", "b1", "c1"],
        "CREATED_TIME": ["b1", "a1", "c1"],
        "LAST_MODIFIED_TIME": ["a1", "c1", "b1"],
    }.items():
        assert listed(sortBy=order, sortOrder="ASCENDING") == expected
        assert listed(sortBy=order, sortOrder="DESCENDING") == expected[::-1]


@pytest.mark.inferred
def test_the_newest_group_is_listed_first_by_default(client):
    for name in ("b1", "a1", "c1"):
        make_group(name)
    assert listed() == ["c1", "a1", "b1"]


@pytest.mark.model
def test_listing_by_pages(client):
    names = [f"g{number:03}" for number in range(105)]
    for name in names:
        make_group(name)
    first = CLIENT.list_report_groups(sortBy="NAME", sortOrder="ASCENDING")
    assert len(first["reportGroups"]) == 100
    pages = CLIENT.get_paginator("list_report_groups").paginate(
        sortBy="NAME", sortOrder="ASCENDING", PaginationConfig={"PageSize": 20}
    )
    arns = [arn for page in pages for arn in page["reportGroups"]]
    assert arns == [group_arn(name) for name in names]


@pytest.mark.model
@pytest.mark.parametrize(
    "wrong",
    [{"sortBy": "TYPE"}, {"sortOrder": "UP"}, {"maxResults": 0}, {"maxResults": 101}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_listings_that_make_no_sense(client, wrong):
    with refused():
        RAW.list_report_groups(**wrong)


@pytest.mark.inferred
def test_a_token_of_another_listing_is_refused(client):
    with refused("InvalidInputException", "Invalid next token provided: made-up"):
        CLIENT.list_report_groups(nextToken="made-up")


@pytest.mark.docs
def test_regions_do_not_see_each_other(client):
    make_group("unit")
    elsewhere = make_client("eu-west-1")
    assert elsewhere.list_report_groups()["reportGroups"] == []
    made = elsewhere.create_report_group(name="unit", type="TEST", exportConfig=NO_EXPORT)
    assert made["reportGroup"]["arn"] == group_arn("unit").replace("us-east-1", "eu-west-1")
    elsewhere.delete_report_group(arn=group_arn("unit"))
    assert get_group("unit") is not None


# Deleting


@pytest.mark.docs
def test_a_deleted_group_is_gone(client):
    make_group("unit")
    assert CLIENT.delete_report_group(arn=group_arn("unit")).keys() == {"ResponseMetadata"}
    assert get_group("unit") is None
    assert listed() == []
    assert make_group("unit")["status"] == "ACTIVE"


@pytest.mark.inferred
def test_deleting_what_is_not_there_does_nothing(client):
    make_group("unit")
    CLIENT.delete_report_group(arn=NO_SUCH_GROUP)
    CLIENT.delete_report_group(arn=group_arn("unit").replace(ACCOUNT, "210987654321"))
    assert listed() == ["unit"]


@pytest.mark.docs
@pytest.mark.parametrize("said", [{}, {"deleteReports": False}], ids=["unsaid", "said"])
def test_a_group_with_reports_stays(mb, web, said):
    arn = report(mb)["arn"]
    with refused():
        CLIENT.delete_report_group(arn=group_arn("web-unit"), **said)
    assert get_group("web-unit")["status"] == "ACTIVE"
    assert len(get_reports(arn)) == 1


@pytest.mark.docs
def test_a_group_goes_with_its_reports_when_asked_to(mb, web):
    gone = [report(mb)["arn"] for _ in range(3)]
    kept = report(mb, "other")["arn"]
    CLIENT.delete_report_group(arn=group_arn("web-unit"), deleteReports=True)
    assert get_group("web-unit") is None
    assert CLIENT.batch_get_reports(reportArns=gone)["reportsNotFound"] == gone
    assert CLIENT.list_reports()["reports"] == [kept]


@pytest.mark.docs
def test_a_group_goes_once_its_reports_have_gone(mb, web):
    CLIENT.delete_report(arn=report(mb)["arn"])
    CLIENT.delete_report_group(arn=group_arn("web-unit"))
    assert listed() == []


@pytest.mark.docs
def test_a_group_goes_once_its_reports_have_expired(mb, web):
    report(mb)
    mb.clock.tick(days=31)
    CLIENT.delete_report_group(arn=group_arn("web-unit"))
    assert listed() == []


@pytest.mark.docs
def test_the_group_of_a_build_nobody_has_looked_at_has_reports(mb, web):
    mb.script("web").reports("unit", passed=1)
    CLIENT.start_build(projectName="web")
    with refused():
        CLIENT.delete_report_group(arn=group_arn("web-unit"))


@pytest.mark.inferred
def test_a_deleted_group_is_made_anew_by_the_next_build(mb, web):
    report(mb)
    mb.clock.tick(days=1)
    CLIENT.delete_report_group(arn=group_arn("web-unit"), deleteReports=True)
    again = report(mb)
    assert CLIENT.list_reports()["reports"] == [again["arn"]]
    assert get_group("web-unit")["created"] == again["created"]


@pytest.mark.inferred
def test_on_the_clock_a_group_is_deleting_for_a_moment():
    with mock_codebuild(transitions="timed") as mb:
        make_group("unit")
        make_group("other")
        CLIENT.delete_report_group(arn=group_arn("unit"))
        assert get_group("unit")["status"] == "DELETING"
        assert listed() == ["other", "unit"]
        assert (
            CLIENT.list_reports_for_report_group(reportGroupArn=group_arn("unit"))["reports"] == []
        )
        with refused("ResourceAlreadyExistsException"):
            make_group("unit")
        with refused(
            "InvalidInputException", f"Report group is being deleted: {group_arn('unit')}"
        ):
            CLIENT.update_report_group(arn=group_arn("unit"), tags=[])
        mb.clock.tick(1)
        CLIENT.delete_report_group(arn=group_arn("unit"))
        mb.clock.tick(1.5)
        assert listed() == ["other"]
        assert get_group("unit") is None
        with refused("ResourceNotFoundException"):
            CLIENT.update_report_group(arn=group_arn("unit"), tags=[])
        make_group("unit")


@pytest.mark.docs
def test_stepped_looks_see_a_group_deleting_once():
    with mock_codebuild(transitions="stepped"):
        make_group("unit")
        CLIENT.delete_report_group(arn=group_arn("unit"))
        assert listed() == ["unit"]
        assert get_group("unit")["status"] == "DELETING"
        assert listed() == ["unit"]
        assert get_group("unit") is None
        assert listed() == []


@pytest.mark.inferred
def test_no_report_goes_to_a_group_that_is_being_deleted():
    with mock_codebuild(transitions="timed") as mb:
        create()
        make_group("web-unit")
        mb.script("web").reports("unit", passed=1).takes(1)
        CLIENT.start_build(projectName="web")
        mb.clock.tick(10)
        CLIENT.delete_report_group(arn=group_arn("web-unit"))
        mb.clock.tick(1)
        assert CLIENT.list_reports()["reports"] == []
