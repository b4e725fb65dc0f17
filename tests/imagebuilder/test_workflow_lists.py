"""ListWorkflows and ListWorkflowBuildVersions."""

import json

import pytest

from tests.imagebuilder.built_factory import FLOW, WORKFLOW, create_workflow, get_workflow, other
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    Record,
    refused,
    wrong,
)

DISTRIBUTION = """\
schemaVersion: 1.0
steps:
  - name: Distribute
    action: DistributeImage
"""


def entries(client=CLIENT, **arguments) -> list[Record]:
    pages = client.get_paginator("list_workflows").paginate(**arguments)
    return [entry for page in pages for entry in page["workflowVersionList"]]


def names(client=CLIENT, **arguments) -> list[str]:
    return [entry["arn"].partition(":workflow/")[2] for entry in entries(client, **arguments)]


def builds(client=CLIENT, **arguments) -> list[str]:
    pages = client.get_paginator("list_workflow_build_versions").paginate(**arguments)
    return [
        entry["arn"].partition(":workflow/")[2]
        for page in pages
        for entry in page["workflowSummaryList"]
    ]


def by(name: str, *values: str) -> Record:
    return {"filters": [{"name": name, "values": list(values)}]}


# ListWorkflows.


@pytest.mark.docs
def test_what_is_listed_of_a_version(client):
    create_workflow("My Flow", description="Builds", changeDescription="x", tags={"a": "b"})
    response = client.list_workflows()
    assert "requestId" not in response
    (entry,) = response["workflowVersionList"]
    arn = f"{ARN}:workflow/build/my-flow/1.0.0"
    assert entry == {
        "arn": arn,
        "name": "My Flow",
        "version": "1.0.0",
        "description": "Builds",
        "type": "BUILD",
        "owner": ACCOUNT,
        "dateCreated": get_workflow(arn)["dateCreated"],
    }


@pytest.mark.docs
def test_lists_are_in_the_order_of_arns(client):
    create_workflow("flow b", type="TEST")
    create_workflow("flow a", type="TEST")
    create_workflow("zoo", type="DISTRIBUTION", data=DISTRIBUTION)
    create_workflow("flow c", "1.0.1")
    create_workflow("flow c", "1.0.0")
    expected = [
        "build/flow-c/1.0.0",
        "build/flow-c/1.0.1",
        "distribution/zoo/1.0.0",
        "test/flow-a/1.0.0",
        "test/flow-b/1.0.0",
    ]
    assert names() == expected
    for size in (1, 2, 3):
        assert names(PaginationConfig={"PageSize": size}) == expected
    assert names(byName=True) == expected[1:]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (by("name", "Flow A"), ["build/flow-a/1.0.0", "build/flow-a/1.0.1", "test/flow-a/1.0.0"]),
        (by("name", "flow-a"), []),
        (by("name", "*low*"), ["build/flow-a/1.0.0", "build/flow-a/1.0.1", "test/flow-a/1.0.0"]),
        (by("name", "z*"), ["distribution/zoo/1.0.0"]),
        (by("type", "TEST"), ["test/flow-a/1.0.0"]),
        (by("type", "test"), []),
        (by("type", "TEST", "DISTRIBUTION"), ["distribution/zoo/1.0.0", "test/flow-a/1.0.0"]),
        (by("version", "1.0.1"), ["build/flow-a/1.0.1"]),
        (by("description", "of animals"), ["distribution/zoo/1.0.0"]),
        (by("description", "animals"), []),
        ({"owner": "AWSMarketplace"}, []),
        ({"byName": True, **by("type", "BUILD")}, ["build/flow-a/1.0.1"]),
    ],
    ids=json.dumps,
)
def test_filters(client, arguments, expected):
    create_workflow("Flow A")
    create_workflow("Flow A", "1.0.1")
    create_workflow("Flow A", type="TEST")
    create_workflow("zoo", type="DISTRIBUTION", data=DISTRIBUTION, description="of animals")
    assert names(**arguments) == expected


@pytest.mark.docs
@pytest.mark.parametrize("name", ["owner", "platform", "status", "Type"])
def test_filters_that_are_none(client, name):
    with refused(parameter="filters[0].name"):
        names(**by(name, "x"))


@pytest.mark.docs
@pytest.mark.parametrize("owner", ["Shared", "ThirdParty"])
def test_owners_that_have_no_workflows(client, owner):
    with refused(parameter="owner"):
        names(owner=owner)


@pytest.mark.docs
def test_a_list_by_name_cannot_be_filtered_by_version(client):
    sentence = "You cannot list Workflows by name and filter by version in the same request."
    with refused("InvalidParameterCombinationException", wrong("filters", sentence)):
        names(byName=True, **by("version", "1.0.0"))


# ListWorkflowBuildVersions.


@pytest.mark.docs
def test_builds_of_a_version_are_listed_the_newest_first(client):
    create_workflow()
    create_workflow(data=other(WORKFLOW))
    create_workflow(version="1.0.1")
    create_workflow(type="TEST")
    first = ["build/flow/1.0.0/2", "build/flow/1.0.0/1"]
    assert builds(workflowVersionArn=f"{FLOW}/1.0.0") == first
    assert builds(workflowVersionArn=f"{FLOW}/1.0.1") == ["build/flow/1.0.1/1"]
    for version in ("1.0.x", "1.x.x", "x.x.x"):
        arn = f"{FLOW}/{version}"
        assert builds(workflowVersionArn=arn) == ["build/flow/1.0.1/1", *first]
        pages = builds(workflowVersionArn=arn, PaginationConfig={"PageSize": 1})
        assert pages == ["build/flow/1.0.1/1", *first]
    assert builds(workflowVersionArn=f"{FLOW}/2.x.x") == []


@pytest.mark.inferred
def test_builds_of_everything_are_listed_the_newest_first(mb, client):
    create_workflow("flow 1", type="TEST")
    mb.clock.tick(1)
    create_workflow("flow 2", type="BUILD")
    mb.clock.tick(1)
    create_workflow("flow 3", type="TEST")
    expected = ["test/flow-3/1.0.0/1", "build/flow-2/1.0.0/1", "test/flow-1/1.0.0/1"]
    assert builds() == expected
    assert builds(PaginationConfig={"PageSize": 2}) == expected


@pytest.mark.docs
@pytest.mark.parametrize("tags", [None, {"a": "b"}])
def test_what_is_listed_of_a_build(client, tags):
    arn = create_workflow(description="Builds", changeDescription="x", tags=tags)
    response = client.list_workflow_build_versions()
    assert "requestId" not in response
    (summary,) = response["workflowSummaryList"]
    assert summary == {
        "arn": arn,
        "name": "flow",
        "version": "1.0.0",
        "description": "Builds",
        "changeDescription": "x",
        "type": "BUILD",
        "owner": ACCOUNT,
        "dateCreated": get_workflow(arn)["dateCreated"],
        "tags": tags or {},
    }


@pytest.mark.inferred
@pytest.mark.parametrize(
    "arn",
    [
        f"{FLOW}/2.0.0",
        f"{ARN}:workflow/test/flow/1.0.0",
        f"{FLOW.replace(ACCOUNT, '210987654321')}/1.0.0",
        f"{FLOW.replace('us-east-1', 'us-east-2')}/1.0.0",
        f"{AMAZON}:workflow/build/flow/x.x.x",
        f"{AMAZON.replace(':aws', ':aws-marketplace')}:workflow/build/build-image/x.x.x",
    ],
)
def test_of_what_is_not_there_nothing_is_listed(client, arn):
    create_workflow()
    assert builds(workflowVersionArn=arn) == []


@pytest.mark.inferred
def test_builds_of_amazons_can_be_listed(client):
    arn = f"{AMAZON}:workflow/build/build-image/x.x.x"
    assert builds(workflowVersionArn=arn)[0] == "build/build-image/1.0.3/1"
    assert builds() == []
