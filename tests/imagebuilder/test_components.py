"""CreateComponent, ImportComponent, GetComponent, DeleteComponent: one component."""

import re
import time
from datetime import datetime

import pytest

from tests.imagebuilder.built_factory import (
    COMPONENT,
    TOOL,
    create,
    get,
    members,
    other,
    references,
    script,
    with_phases,
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
    policy,
    refused,
    shelve,
    state_of,
    tried,
)

DETAILS: Record = {
    "description": "Installs the latest version",
    "changeDescription": "Initial version",
    "supportedOsVersions": ["Amazon Linux 2023", "Amazon Linux 2"],
    "kmsKeyId": "alias/key",
    "tags": {"Environment": "Production"},
}


def delete(arn: str = f"{TOOL}/1.0.0/1", client=CLIENT) -> Record:
    return client.delete_component(componentBuildVersionArn=arn)


@pytest.mark.docs
def test_creating_answers_the_build_and_what_refers_to_the_latest(client):
    response = client.create_component(**members("My Tool"), clientToken="token")
    assert response["clientToken"] == "token"
    assert response["requestId"]
    assert answer(response) == {
        "componentBuildVersionArn": f"{ARN}:component/my-tool/1.0.0/1",
        "latestVersionReferences": references(f"{ARN}:component/my-tool"),
    }


@pytest.mark.docs
def test_the_least_component_has_what_the_example_has(client):
    create()
    response = client.get_component(componentBuildVersionArn=f"{TOOL}/1.0.0/1")
    created = response["component"].pop("dateCreated")
    assert answer(response) == {
        "component": {
            "arn": f"{TOOL}/1.0.0/1",
            "name": "tool",
            "version": "1.0.0",
            "type": "BUILD",
            "platform": "Linux",
            "state": {"status": "ACTIVE"},
            "owner": ACCOUNT,
            "data": COMPONENT,
            "encrypted": True,
            "obfuscate": False,
            "tags": {},
        },
        "latestVersionReferences": references(TOOL),
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created)
    assert abs(datetime.fromisoformat(created).timestamp() - time.time()) < 60


@pytest.mark.docs
@pytest.mark.parametrize("member", DETAILS)
def test_what_a_request_says_comes_back(client, member):
    create(**{member: DETAILS[member]})
    assert get()[member] == DETAILS[member]


@pytest.mark.docs
def test_names_are_kept_as_they_are_and_normal_in_arns(client):
    assert create("My_Comp x") == f"{ARN}:component/my-comp-x/1.0.0/1"
    assert get(f"{ARN}:component/my-comp-x/x.x.x")["name"] == "My_Comp x"


@pytest.mark.docs
def test_data_comes_back_to_the_letter(client):
    text = f"# ü  \r\n{COMPONENT}\n\n# trailing   "
    create(data=text)
    assert get()["data"] == text


@pytest.mark.docs
@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (["test"], "TEST"),
        (["build"], "BUILD"),
        (["validate"], "BUILD"),
        (["build", "validate", "test"], "BUILD"),
        (["build", "test"], "BUILD"),
        (["test", "container-host-test"], "BUILD"),
    ],
    ids="+".join,
)
def test_the_type_follows_from_the_phases(client, phases, expected):
    create(data=with_phases(*phases))
    assert get()["type"] == expected


@pytest.mark.docs
def test_parameters_are_read_from_the_document(client):
    text = (
        "parameters:\n"
        "  - First: {type: string, default: one, description: The first}\n"
        "  - Second: {type: string}\n"
    )
    create(data=text + COMPONENT)
    assert get()["parameters"] == [
        {
            "name": "First",
            "type": "string",
            "defaultValue": ["one"],
            "description": "The first",
        },
        {"name": "Second", "type": "string"},
    ]


# What the model says is wrong.


@pytest.mark.model
@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"name": "x"}, "name"),
        ({"name": "with.dot"}, "name"),
        ({"name": " leading"}, "name"),
        ({"name": "a" * 129}, "name"),
        ({"platform": "OS2"}, "platform"),
        ({"data": "a" * 16_001}, "data"),
        ({"data": "a\0b"}, "data"),
        ({"description": ""}, "description"),
        ({"description": "a" * 1025}, "description"),
        ({"supportedOsVersions": []}, "supportedOsVersions"),
        ({"supportedOsVersions": ["Amazon Linux 2"] * 26}, "supportedOsVersions"),
        ({"clientToken": "a" * 65}, "clientToken"),
        ({"tags": {f"k{number}": "" for number in range(51)}}, "tags"),
    ],
)
def test_values_beyond_the_model(client, changes, parameter):
    with refused(parameter=parameter):
        RAW.create_component(**members(**{"clientToken": "t", **changes}))


@pytest.mark.model
@pytest.mark.parametrize("name", ["name", "semanticVersion", "platform"])
def test_members_that_are_required(client, name):
    given = members(clientToken="t", **{name: None})
    with refused("InvalidParameterException", f"The parameter '{name}' is required."):
        RAW.create_component(**given)


@pytest.mark.model
def test_tags_cannot_be_named_like_those_of_aws(client):
    with refused():
        create(tags={"aws:owner": "me"})


# Dry runs and client tokens.


@pytest.mark.docs
def test_a_dry_run_does_nothing(client):
    with tried():
        create(dryRun=True)
    with missing():
        get()
    create(dryRun=False)
    with tried():
        create(data=other(COMPONENT), dryRun=True)
    assert get(f"{TOOL}/x.x.x")["arn"] == f"{TOOL}/1.0.0/1"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data": "x"}, "InvalidParameterValueException"),
        ({"data": None}, "InvalidParameterCombinationException"),
        ({"version": "1073741824.0.0"}, "InvalidVersionNumberException"),
        ({}, "ResourceAlreadyExistsException"),
    ],
)
def test_a_dry_run_finds_what_is_wrong(client, changes, code):
    create()
    with refused(code):
        create(**changes, dryRun=True)


@pytest.mark.docs
def test_the_same_token_makes_no_second_build(client):
    first = client.create_component(**members(), clientToken="once")
    again = client.create_component(**members(), clientToken="once")
    assert answer(again) == answer(first)
    with refused("IdempotentParameterMismatchException"):
        client.create_component(**members(data=other(COMPONENT)), clientToken="once")
    assert len(client.list_component_build_versions()["componentSummaryList"]) == 1


@pytest.mark.inferred
def test_the_quota(mb, client):
    for number in range(999):
        shelve(state_of(mb), "component", "many", f"1.0.{number}/1")
    create()
    message = "You have exceeded the service quota 'Components', which is 1000."
    for make, form in ((client.create_component, members), (client.import_component, script)):
        with refused("ServiceQuotaExceededException", message, status=402):
            make(**form("another"))
    delete()
    create("another")


# GetComponent, where there is none; DeleteComponent.


@pytest.mark.recorded
@pytest.mark.parametrize(
    "arn",
    [
        f"{TOOL}/1.0.0/2",
        f"{TOOL}/1.0.1",
        f"{TOOL}/2.x.x",
        f"{ARN}:component/nobody/x.x.x",
        f"{TOOL.replace('us-east-1', 'us-east-2')}/1.0.0/1",
        f"{TOOL.replace(ACCOUNT, '210987654321')}/1.0.0/1",
        f"{TOOL.replace('arn:aws:', 'arn:aws-cn:')}/x.x.x",
        f"{AMAZON}:component/tool/x.x.x",
        f"{AMAZON}:component/update-linux/7.x.x",
    ],
)
def test_getting_what_is_not_there(client, arn):
    create()
    with missing():
        get(arn)


@pytest.mark.model
@pytest.mark.parametrize(
    "arn",
    [
        "tool",
        TOOL,
        f"{TOOL}/1.0",
        f"{TOOL}/1.0.0/x",
        f"{ARN}:image/tool/1.0.0",
        f"{ARN}:component/Tool/1.0.0",
    ],
)
def test_getting_by_what_is_no_arn(client, arn):
    with refused(parameter="componentBuildVersionArn"):
        get(arn)


@pytest.mark.docs
def test_deleting_answers_the_arn(client):
    arn = create()
    response = delete(arn)
    assert response["requestId"]
    assert answer(response) == {"componentBuildVersionArn": arn}
    for _ in range(2):
        with missing():
            delete(arn)
    with missing():
        get(arn)


@pytest.mark.recorded
@pytest.mark.parametrize(
    "arn",
    [
        f"{AMAZON}:component/update-linux/1.0.0/1",
        f"{TOOL.replace('us-east-1', 'us-east-2')}/1.0.0/1",
    ],
)
def test_only_own_components_can_be_deleted(client, arn):
    create()
    with missing():
        delete(arn)


@pytest.mark.docs
@pytest.mark.parametrize("referred", ["1.0.0", "1.0.0/1"])
def test_what_a_recipe_needs_cannot_be_deleted(mb, client, referred):
    arn = create()
    needs = state_of(mb).shelves.references
    needs.put(f"{ARN}:image-recipe/web/1.0.0", [f"{TOOL}/{referred}"])
    with depended_on(arn):
        delete(arn)
    needs.drop(f"{ARN}:image-recipe/web/1.0.0")
    delete(arn)


@pytest.mark.inferred
@pytest.mark.parametrize("referred", ["x.x.x", "1.0.x", "1.0.1", "1.0.0/2"])
def test_what_a_recipe_does_not_name_can_be_deleted(mb, client, referred):
    arn = create()
    state_of(mb).shelves.references.put("recipe", [f"{TOOL}/{referred}"])
    delete(arn)


@pytest.mark.docs
def test_what_is_shared_cannot_be_deleted(client):
    arn = create()
    client.put_component_policy(componentArn=arn, policy=policy(["GetComponent"], arn))
    with depended_on(arn):
        delete(arn)


@pytest.mark.docs
def test_somebody_else_gets_what_is_shared(client):
    arn = create()
    with missing():
        get(arn, OTHER)
    client.put_component_policy(componentArn=arn, policy=policy(["GetComponent"], arn))
    for name in (arn, f"{TOOL}/1.0.0", f"{TOOL}/x.x.x"):
        assert get(name, OTHER) == get(arn)
    with missing():
        delete(arn, OTHER)


@pytest.mark.model
def test_regions_and_accounts_share_nothing(client):
    create()
    for somewhere, base in (
        (FRANKFURT, TOOL.replace("us-east-1", "eu-central-1")),
        (OTHER, TOOL.replace(ACCOUNT, "210987654321")),
    ):
        assert somewhere.list_components()["componentVersionList"] == []
        assert somewhere.list_component_build_versions()["componentSummaryList"] == []
        assert create(client=somewhere) == f"{base}/1.0.0/1"


@pytest.mark.docs
def test_tags_of_a_build_can_be_changed(client):
    arn = create(tags={"a": "1"})
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert get(f"{TOOL}/x.x.x")["tags"] == {"a": "1", "b": "2"}
    (summary,) = client.list_component_build_versions()["componentSummaryList"]
    assert summary["tags"] == {"a": "1", "b": "2"}
