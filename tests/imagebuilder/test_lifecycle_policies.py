"""Create-, Get-, Update-, Delete- and ListLifecyclePolicies."""

from datetime import datetime

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ARN,
    FRANKFURT,
    OTHER,
    Record,
    answer,
    missing,
    refused,
    tried,
    wrong,
)
from tests.imagebuilder.lifecycle_factory import (
    EXCLUSIONS,
    POLICY,
    RECIPES,
    ROLE,
    bodies,
    get_policy,
    listed_policies,
    policy,
    rule,
    update_policy,
)

#: As deployed from a template: each action once, and members that have no effect.
THREE_RULES: list[Record] = [
    {
        "action": {"type": "DELETE", "includeResources": {"amis": True, "snapshots": True}},
        "filter": {"type": "COUNT", "value": 5},
        "exclusionRules": EXCLUSIONS,
    },
    {
        "action": {"type": "DISABLE", "includeResources": {"amis": False, "snapshots": False}},
        "filter": {"type": "AGE", "value": 10, "unit": "DAYS", "retainAtLeast": 5},
        "exclusionRules": EXCLUSIONS,
    },
    {
        "action": {"type": "DEPRECATE", "includeResources": {"amis": True}},
        "filter": {"type": "AGE", "value": 10, "unit": "DAYS"},
    },
]


# Creating


@pytest.mark.model
def test_the_least_policy(client):
    assert policy() == POLICY
    record = get_policy()
    assert isinstance(record.pop("dateCreated"), datetime)
    assert record == {
        "arn": POLICY,
        "name": "tidy",
        "status": "ENABLED",
        "executionRole": ROLE,
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule()],
        "resourceSelection": RECIPES,
        "tags": {},
    }


@pytest.mark.recorded
def test_everything_that_is_sent_comes_back(client):
    policy(
        *THREE_RULES, description="Tidies up", status="DISABLED", executionRole="r", tags={"a": "1"}
    )
    record = get_policy()
    nothing_more = {"amis": False, "snapshots": False, "containers": False}
    for sent, got in zip(THREE_RULES, record.pop("policyDetails"), strict=True):
        include = nothing_more | sent["action"]["includeResources"]
        assert got == {**sent, "action": {**sent["action"], "includeResources": include}}
    del record["dateCreated"]
    assert record == {
        "arn": POLICY,
        "name": "tidy",
        "description": "Tidies up",
        "status": "DISABLED",
        "executionRole": "r",
        "resourceType": "AMI_IMAGE",
        "resourceSelection": RECIPES,
        "tags": {"a": "1"},
    }


@pytest.mark.recorded
def test_whether_public_amis_are_excluded_comes_back_as_false(client):
    launched = {"lastLaunched": {"value": 1, "unit": "WEEKS"}}
    policy({**rule(), "exclusionRules": {"amis": launched}})
    assert get_policy()["policyDetails"][0]["exclusionRules"]["amis"] == {
        "isPublic": False,
        **launched,
    }


@pytest.mark.recorded
def test_a_policy_by_tags(client):
    selection = {"tagMap": {"key1": "value1", "key2": "value2"}}
    detail = {
        "action": {"type": "DELETE"},
        "filter": {"type": "AGE", "value": 6, "unit": "YEARS", "retainAtLeast": 10},
    }
    policy(detail, resourceSelection=selection)
    record = get_policy()
    assert (record["policyDetails"], record["resourceSelection"]) == ([detail], selection)


@pytest.mark.docs
def test_a_policy_on_container_images(client):
    policy(rule("DELETE", "containers"), resourceType="CONTAINER_IMAGE")
    include = get_policy()["policyDetails"][0]["action"]["includeResources"]
    assert include == {"amis": False, "snapshots": False, "containers": True}


@pytest.mark.model
def test_what_creating_answers(client):
    members = {
        "executionRole": ROLE,
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule()],
        "resourceSelection": RECIPES,
    }
    response = client.create_lifecycle_policy(name="My Tidy_Up", clientToken="t-1", **members)
    del response["ResponseMetadata"]
    arn = f"{ARN}:lifecycle-policy/my-tidy-up"
    assert response == {"clientToken": "t-1", "lifecyclePolicyArn": arn}
    assert get_policy(arn)["name"] == "My Tidy_Up"


@pytest.mark.inferred
def test_a_name_that_differs_by_case_only_is_taken(client):
    policy(name="My Tidy")
    arn = f"{ARN}:lifecycle-policy/my-tidy"
    text = f"The following resource 'LifecyclePolicy' already exists: '{arn}'."
    with refused("ResourceAlreadyExistsException", text):
        policy(name="my_tidy")


@pytest.mark.docs
def test_fifty_policies_are_the_most(client):
    for number in range(50):
        policy(name=f"tidy-{number}")
    with refused("ServiceQuotaExceededException", status=402):
        policy(name="one-more")
    assert len(listed_policies()) == 25  # a page


@pytest.mark.docs
def test_a_dry_run_keeps_nothing(client):
    with tried():
        policy(dryRun=True)
    assert listed_policies() == []
    with refused(parameter="policyDetails[1].action.type"):
        policy(rule(), rule(), dryRun=True)


@pytest.mark.model
def test_a_client_token_makes_one_policy(client):
    first = policy(clientToken="once")
    assert policy(clientToken="once") == first
    with refused("IdempotentParameterMismatchException"):
        policy(clientToken="once", description="other")


# Getting, updating, deleting


@pytest.mark.model
def test_dates_are_numbers_on_the_wire(mb):
    policy()
    update_policy()
    with bodies("GetLifecyclePolicy") as found:
        get_policy()
    (body,) = found
    assert body.keys() == {"lifecyclePolicy"}
    record = body["lifecyclePolicy"]
    for name in ("dateCreated", "dateUpdated"):
        assert abs(record[name] - mb.clock.now()) < 60


@pytest.mark.docs
def test_an_update_replaces_everything(client):
    policy(*THREE_RULES, description="Tidies up", status="DISABLED", tags={"a": "1"})
    created = get_policy()["dateCreated"]
    assert answer(update_policy(executionRole="other")) == {"lifecyclePolicyArn": POLICY}
    record = get_policy()
    assert record.pop("dateUpdated") >= created
    assert record == {
        "arn": POLICY,
        "name": "tidy",
        "status": "ENABLED",
        "executionRole": "other",
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule()],
        "resourceSelection": RECIPES,
        "tags": {"a": "1"},
        "dateCreated": created,
    }


@pytest.mark.model
def test_what_updating_answers(client):
    policy()
    response = update_policy(clientToken="t-1", status="DISABLED")
    del response["ResponseMetadata"]
    assert response == {"lifecyclePolicyArn": POLICY}
    assert get_policy()["status"] == "DISABLED"


@pytest.mark.docs
def test_the_resource_type_stays(client):
    policy()
    sentence = "The resource type of a lifecycle policy cannot be changed."
    with refused("InvalidParameterCombinationException", wrong("resourceType", sentence)):
        update_policy(resourceType="CONTAINER_IMAGE")


@pytest.mark.docs
def test_a_deleted_policy_is_gone(client):
    policy()
    response = client.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)
    del response["ResponseMetadata"]
    assert response == {"lifecyclePolicyArn": POLICY}
    with missing():
        get_policy()
    policy()


@pytest.mark.docs
@pytest.mark.parametrize("client_", [FRANKFURT, OTHER], ids=["region", "account"])
def test_what_is_elsewhere_is_not_there(client, client_):
    policy()
    with missing():
        client_.get_lifecycle_policy(lifecyclePolicyArn=POLICY)
    with missing():
        client_.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)
    with missing():
        update_policy(client=client_)
    assert client_.list_lifecycle_policies()["lifecyclePolicySummaryList"] == []
    assert policy(client=client_) != POLICY
    assert listed_policies() == ["tidy"]


@pytest.mark.docs
def test_what_is_not_there(client):
    for call in (get_policy, update_policy):
        with missing():
            call()
    with missing():
        client.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)


@pytest.mark.model
@pytest.mark.parametrize("arn", [f"{ARN}:image-pipeline/tidy", f"{POLICY}/1.0.0", "tidy"])
def test_arns_of_other_things(client, arn):
    with refused(parameter="lifecyclePolicyArn"):
        get_policy(arn)


# Listing


@pytest.mark.model
def test_a_list_has_summaries(client):
    policy(*THREE_RULES, description="Tidies up", tags={"a": "1"})
    update_policy()
    (summary,) = client.list_lifecycle_policies()["lifecyclePolicySummaryList"]
    full = get_policy()
    assert {"policyDetails", "resourceSelection"} == full.keys() - summary.keys()
    assert summary == {name: value for name, value in full.items() if name in summary}
    assert {"dateCreated", "dateUpdated", "tags"} <= summary.keys()


@pytest.mark.docs
def test_a_list_can_be_filtered(client):
    policy(name="web tidy")
    policy(name="box-tidy", resourceType="CONTAINER_IMAGE")
    policy(name="off", status="DISABLED")
    assert listed_policies() == ["off", "box-tidy", "web tidy"]
    assert listed_policies(name="web tidy") == ["web tidy"]
    assert listed_policies(name="*tidy*") == ["box-tidy", "web tidy"]
    assert listed_policies(name="web-tidy") == []
    assert listed_policies(resourceType="CONTAINER_IMAGE") == ["box-tidy"]
    assert listed_policies(status="DISABLED") == ["off"]
    assert listed_policies(status="ENABLED", resourceType="AMI_IMAGE") == ["web tidy"]
    with refused(parameter="filters[0].name"):
        listed_policies(description="x")


@pytest.mark.model
def test_a_list_comes_in_pages(client):
    for number in range(5):
        policy(name=f"tidy-{number}")
    pages = client.get_paginator("list_lifecycle_policies").paginate(
        PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["lifecyclePolicySummaryList"]) for page in pages]
    assert sizes == [2, 2, 1]
    with refused("InvalidPaginationTokenException"):
        client.list_lifecycle_policies(nextToken="made-up")


@pytest.mark.docs
def test_tags_of_a_policy(client):
    policy(tags={"a": "1"})
    client.tag_resource(resourceArn=POLICY, tags={"b": "2"})
    client.untag_resource(resourceArn=POLICY, tagKeys=["a"])
    assert get_policy()["tags"] == {"b": "2"}
    update_policy()
    assert client.list_tags_for_resource(resourceArn=POLICY)["tags"] == {"b": "2"}


@pytest.mark.docs
def test_nothing_is_left_for_the_next_mock():
    with mock_imagebuilder():
        policy()
    with mock_imagebuilder():
        assert listed_policies() == []
