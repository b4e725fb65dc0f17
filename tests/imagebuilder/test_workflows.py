"""CreateWorkflow, GetWorkflow, ListWorkflows, ListWorkflowBuildVersions, DeleteWorkflow."""

import pytest

from tests.imagebuilder.built_factory import (
    FLOW,
    WORKFLOW,
    create_workflow,
    get_workflow,
    other,
    references,
    steps,
)
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    Record,
    answer,
    depended_on,
    missing,
    refused,
    shelve,
    state_of,
    tried,
    wrong,
)

KINDS = {"BUILD": "build", "TEST": "test", "DISTRIBUTION": "distribution"}
DISTRIBUTION = """\
schemaVersion: 1.0
steps:
  - name: Distribute
    action: DistributeImage
"""
EXAMPLE = """\
name: my-example-workflow
description: Workflow to build an AMI, then wait for an external action
schemaVersion: 1.0

parameters:
  - name: waitForActionAtEnd
    type: boolean
    default: true

steps:
  - name: LaunchBuildInstance
    action: LaunchInstance
    onFailure: Abort
    inputs:
      waitFor: "ssmAgent"

  - name: CreateOutputAMI
    action: CreateImage
    onFailure: Abort
    inputs:
      instanceId.$: "$.stepOutputs.LaunchBuildInstance.instanceId"

  - name: WaitForActionAtEnd
    action: WaitForAction
    if:
      booleanEquals: true
      value: "$.parameters.waitForActionAtEnd"
"""


def delete(arn: str = f"{FLOW}/1.0.0/1", client=CLIENT) -> Record:
    return client.delete_workflow(workflowBuildVersionArn=arn)


def entries(client=CLIENT, **arguments) -> list[Record]:
    pages = client.get_paginator("list_workflows").paginate(**arguments)
    return [entry for page in pages for entry in page["workflowVersionList"]]


def builds(client=CLIENT, **arguments) -> list[str]:
    pages = client.get_paginator("list_workflow_build_versions").paginate(**arguments)
    return [
        entry["arn"].partition(":workflow/")[2]
        for page in pages
        for entry in page["workflowSummaryList"]
    ]


# CreateWorkflow and GetWorkflow.


@pytest.mark.docs
def test_creating_answers_the_build_and_what_refers_to_the_latest(client):
    response = client.create_workflow(**steps("My Flow", "1.2.3"), clientToken="token")
    assert response["clientToken"] == "token"
    assert "requestId" not in response
    assert answer(response) == {
        "workflowBuildVersionArn": f"{ARN}:workflow/build/my-flow/1.2.3/1",
        "latestVersionReferences": references(f"{ARN}:workflow/build/my-flow", "1.2.3"),
    }


@pytest.mark.docs
def test_a_workflow_has_what_the_example_has(client):
    create_workflow(data=EXAMPLE, description="Builds an AMI", changeDescription="Initial version")
    response = client.get_workflow(workflowBuildVersionArn=f"{FLOW}/1.0.0/1")
    assert "requestId" not in response
    assert response["workflow"].pop("dateCreated").endswith("Z")
    assert answer(response) == {
        "workflow": {
            "arn": f"{FLOW}/1.0.0/1",
            "name": "flow",
            "version": "1.0.0",
            "description": "Builds an AMI",
            "changeDescription": "Initial version",
            "type": "BUILD",
            "owner": ACCOUNT,
            "data": EXAMPLE,
            "tags": {},
            "parameters": [
                {"name": "waitForActionAtEnd", "type": "boolean", "defaultValue": ["true"]}
            ],
        },
        "latestVersionReferences": references(FLOW),
    }


@pytest.mark.docs
def test_the_least_workflow(client):
    create_workflow()
    workflow = get_workflow()
    assert {"description", "changeDescription", "state", "kmsKeyId", "parameters"}.isdisjoint(
        workflow
    )
    assert workflow["data"] == WORKFLOW


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value"), [("kmsKeyId", "alias/key"), ("tags", {"a": "b"}), ("description", "x")]
)
def test_what_a_request_says_comes_back(client, member, value):
    create_workflow(**{member: value})
    assert get_workflow()[member] == value


@pytest.mark.docs
@pytest.mark.parametrize(
    ("type_", "text"), [("BUILD", WORKFLOW), ("TEST", WORKFLOW), ("DISTRIBUTION", DISTRIBUTION)]
)
def test_the_type_is_in_the_arn(client, type_, text):
    arn = create_workflow(type=type_, data=text)
    assert arn == f"{ARN}:workflow/{KINDS[type_]}/flow/1.0.0/1"
    assert get_workflow(arn)["type"] == type_


@pytest.mark.docs
def test_workflows_of_two_types_can_have_one_name(client):
    first, second = create_workflow(), create_workflow(type="TEST")
    assert get_workflow(first)["type"] == "BUILD"
    assert get_workflow(second)["type"] == "TEST"
    delete(first)
    assert get_workflow(second)["arn"] == second


@pytest.mark.recorded
def test_a_parameter_need_not_have_a_default(client):
    create_workflow(data="parameters:\n  - {name: wait, type: boolean}\n" + WORKFLOW)
    assert get_workflow()["parameters"] == [{"name": "wait", "type": "boolean"}]


@pytest.mark.docs
def test_parameters_of_all_types(client):
    text = (
        "parameters:\n"
        "  - {name: one, type: string, default: a, description: First}\n"
        "  - {name: two, type: integer, default: 5}\n"
        "  - {name: three, type: stringList, default: [a, b]}\n"
    )
    create_workflow(data=text + WORKFLOW)
    assert get_workflow()["parameters"] == [
        {"name": "one", "type": "string", "defaultValue": ["a"], "description": "First"},
        {"name": "two", "type": "integer", "defaultValue": ["5"]},
        {"name": "three", "type": "stringList", "defaultValue": ["a", "b"]},
    ]


@pytest.mark.docs
def test_a_document_in_s3(mb, client):
    text = WORKFLOW + "#" * 40_000
    mb.s3["bucket"]["flow.yml"] = text.encode()
    create_workflow(data=None, uri="s3://bucket/flow.yml")
    assert get_workflow()["data"] == text
    assert "uri" not in get_workflow()


@pytest.mark.inferred
@pytest.mark.parametrize("uri", ["flow.yml", "s3://bucket/none", "s3://bucket/wrong"])
def test_where_there_is_no_document(mb, client, uri):
    mb.s3["bucket"]["wrong"] = b"schemaVersion: 1.0\n"
    with refused(parameter="uri"):
        create_workflow(data=None, uri=uri)


@pytest.mark.inferred
@pytest.mark.parametrize("changes", [{"data": None}, {"uri": "s3://bucket/key"}])
def test_either_data_or_a_uri_is_needed(client, changes):
    message = wrong("data", "You must specify either data or uri.")
    with refused("InvalidParameterCombinationException", message):
        create_workflow(**changes)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("type_", "text"),
    [
        pytest.param("BUILD", "steps: [", id="no YAML"),
        pytest.param("BUILD", "schemaVersion: 1.0\n", id="no steps"),
        pytest.param("BUILD", WORKFLOW.replace("schemaVersion: 1.0\n", ""), id="no schema version"),
        pytest.param("BUILD", WORKFLOW.replace("LaunchInstance", "Dance"), id="no action"),
        pytest.param("BUILD", WORKFLOW.replace("waitFor", "waitfor"), id="misspelt"),
        pytest.param("BUILD", DISTRIBUTION, id="distribution in build"),
        pytest.param("TEST", DISTRIBUTION, id="distribution in test"),
        pytest.param(
            "DISTRIBUTION", WORKFLOW.replace("LaunchInstance", "ExecuteComponents"), id="x"
        ),
        pytest.param(
            "BUILD", WORKFLOW.replace("ssmAgent", "'{{ $.parameters.none }}'"), id="reference"
        ),
    ],
)
def test_documents_that_are_refused(client, type_, text):
    with refused(parameter="data"):
        create_workflow(type=type_, data=text)
    assert entries() == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"name": "x"}, "name"),
        ({"version": "1.0.x"}, "semanticVersion"),
        ({"type": "OTHER"}, "type"),
        ({"type": "build"}, "type"),
        ({"data": "a" * 16_001}, "data"),
        ({"data": "a\0b"}, "data"),
        ({"description": "a" * 1025}, "description"),
    ],
)
def test_values_beyond_the_model(client, changes, parameter):
    with refused(parameter=parameter):
        create_workflow(client=RAW, **changes)


@pytest.mark.model
@pytest.mark.parametrize("name", ["name", "semanticVersion", "type"])
def test_members_that_are_required(client, name):
    with refused("InvalidParameterException", f"The parameter '{name}' is required."):
        RAW.create_workflow(**steps(**{name: None}) if name != "name" else {"type": "BUILD"})


@pytest.mark.docs
def test_a_dry_run_does_nothing(client):
    with tried():
        create_workflow(dryRun=True)
    assert entries() == []
    with refused(parameter="data"):
        create_workflow(data="x", dryRun=True)
    create_workflow()
    with refused("ResourceAlreadyExistsException"):
        create_workflow(dryRun=True)


@pytest.mark.docs
def test_the_same_token_makes_no_second_build(client):
    first = client.create_workflow(**steps(), clientToken="once")
    assert answer(client.create_workflow(**steps(), clientToken="once")) == answer(first)
    with refused("IdempotentParameterMismatchException"):
        client.create_workflow(**steps(data=other(WORKFLOW)), clientToken="once")
    assert builds() == ["build/flow/1.0.0/1"]


@pytest.mark.inferred
def test_the_quota_is_for_all_types_together(mb, client):
    for number in range(1000):
        kind = f"workflow/{list(KINDS.values())[number % 3]}"
        shelve(state_of(mb), kind, "many", f"1.0.{number}/1")
    message = "You have exceeded the service quota 'Image workflows', which is 1000."
    with refused("ServiceQuotaExceededException", message, status=402):
        create_workflow()
    delete(f"{ARN}:workflow/test/many/1.0.1/1")
    create_workflow()


# Versions and builds.


@pytest.mark.docs
def test_a_version_that_is_there_gets_another_build(client):
    create_workflow()
    for name in ("flow", "Flow"):
        with refused(
            "ResourceAlreadyExistsException",
            f"The following resource 'Workflow' already exists: '{FLOW}/1.0.0/1'.",
        ):
            create_workflow(name)
    assert create_workflow(data=other(WORKFLOW)) == f"{FLOW}/1.0.0/2"
    assert create_workflow() == f"{FLOW}/1.0.0/3"
    assert create_workflow(version="1.0.1") == f"{FLOW}/1.0.1/1"


@pytest.mark.inferred
def test_what_makes_another_content(client):
    create_workflow()
    for changes in ({"changeDescription": "x"}, {"tags": {"a": "b"}}):
        with refused("ResourceAlreadyExistsException"):
            create_workflow(**changes)
    assert create_workflow(description="x") == f"{FLOW}/1.0.0/2"
    assert create_workflow(kmsKeyId="x") == f"{FLOW}/1.0.0/3"


@pytest.mark.docs
def test_numbers_that_are_too_great(client):
    with refused("InvalidVersionNumberException"):
        create_workflow(version="1073741824.0.0")
    create_workflow(version="1073741823.0.0")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("x.x.x", "2.0.0/1"),
        ("1.x.x", "1.10.0/1"),
        ("1.2.x", "1.2.4/2"),
        ("1.2.4", "1.2.4/2"),
        ("1.2.4/1", "1.2.4/1"),
    ],
)
def test_what_a_version_means(client, asked, expected):
    for version in ("1.10.0", "1.2.3", "1.2.4", "2.0.0"):
        create_workflow(version=version)
    create_workflow(version="1.2.4", data=other(WORKFLOW))
    create_workflow(version="3.0.0", type="TEST")
    assert get_workflow(f"{FLOW}/{asked}")["arn"] == f"{FLOW}/{expected}"


@pytest.mark.recorded
@pytest.mark.parametrize(
    "arn",
    [
        f"{FLOW}/1.0.0/2",
        f"{FLOW}/2.x.x",
        f"{ARN}:workflow/test/flow/1.0.0/1",
        f"{FLOW.replace(ACCOUNT, '210987654321')}/1.0.0/1",
        f"{FLOW.replace('us-east-1', 'us-east-2')}/x.x.x",
        f"{FLOW.replace('arn:aws:', 'arn:aws-cn:')}/x.x.x",
        f"{AMAZON}:workflow/build/flow/x.x.x",
        f"{AMAZON}:workflow/test/build-image/x.x.x",
    ],
)
def test_getting_what_is_not_there(client, arn):
    create_workflow()
    with missing():
        get_workflow(arn)


@pytest.mark.model
@pytest.mark.parametrize(
    "arn",
    ["flow", FLOW, f"{ARN}:workflow/flow/1.0.0", f"{ARN}:workflow/other/flow/1.0.0", f"{FLOW}/1"],
)
def test_getting_by_what_is_no_arn(client, arn):
    with refused(parameter="workflowBuildVersionArn"):
        get_workflow(arn)


@pytest.mark.docs
@pytest.mark.parametrize("version", ["x.0.0", "1.x.0", "x.x.1"])
def test_nothing_but_an_x_can_follow_an_x(client, version):
    create_workflow()
    with refused(parameter="workflowBuildVersionArn"):
        get_workflow(f"{FLOW}/{version}")
    with refused(parameter="workflowVersionArn"):
        builds(workflowVersionArn=f"{FLOW}/{version}")


# DeleteWorkflow, and who sees what.


@pytest.mark.docs
def test_deleting_answers_the_arn(client):
    arn = create_workflow()
    response = delete(arn)
    assert "requestId" not in response
    assert answer(response) == {"workflowBuildVersionArn": arn}
    with missing():
        delete(arn)
    with missing():
        get_workflow(arn)


@pytest.mark.recorded
def test_only_own_workflows_can_be_deleted(client):
    create_workflow()
    with missing():
        delete(f"{AMAZON}:workflow/build/build-image/1.0.3/1")
    with missing():
        delete(client=OTHER)
    with missing():
        delete(client=FRANKFURT)


@pytest.mark.docs
@pytest.mark.parametrize("referred", ["1.0.0", "1.0.0/1"])
def test_what_a_pipeline_needs_cannot_be_deleted(mb, client, referred):
    arn = create_workflow()
    needs = state_of(mb).shelves.references
    needs.put(f"{ARN}:image-pipeline/web", [f"{FLOW}/{referred}"])
    with depended_on(arn):
        delete(arn)
    needs.drop(f"{ARN}:image-pipeline/web")
    delete(arn)


@pytest.mark.model
def test_regions_and_accounts_share_nothing(client):
    create_workflow()
    for somewhere in (FRANKFURT, OTHER):
        assert entries(somewhere) == []
        assert builds(somewhere) == []
        with missing():
            get_workflow(client=somewhere)
        assert create_workflow(client=somewhere).endswith(":workflow/build/flow/1.0.0/1")


@pytest.mark.docs
def test_tags_of_a_build_can_be_changed(client):
    arn = create_workflow(tags={"a": "1"})
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert get_workflow(arn)["tags"] == {"b": "2"}
