"""Versions and builds of components: which there are, which an ARN means, what becomes of them."""

import pytest

from tests.imagebuilder.built_factory import (
    COMPONENT,
    TOOL,
    create,
    members,
    other,
    references,
    with_phases,
)
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    OTHER,
    RAW,
    Record,
    missing,
    policy,
    refused,
    wrong,
)


def found(version: str, name: str = "tool") -> str:
    """Return the version and build that GetComponent finds."""
    arn = f"{ARN}:component/{name}/{version}"
    component = CLIENT.get_component(componentBuildVersionArn=arn)["component"]
    return component["arn"].removeprefix(f"{ARN}:component/{name}/")


def another(text: str = COMPONENT) -> str:
    """Create a build with another document and return its ARN."""
    return create(data=other(text))


# Builds.


@pytest.mark.docs
def test_a_version_that_is_there_gets_another_build(client):
    text = COMPONENT
    for build in (1, 2, 3):
        assert create(data=text) == f"{TOOL}/1.0.0/{build}"
        text = other(text)
    assert create(version="1.0.1") == f"{TOOL}/1.0.1/1"
    assert create("tool 2") == f"{ARN}:component/tool-2/1.0.0/1"


@pytest.mark.docs
@pytest.mark.parametrize("name", ["my-comp", "My-Comp", "my_comp", "my comp", "MY_cOMP"])
def test_names_that_differ_in_case_spaces_and_underscores_are_the_same(client, name):
    create("my-comp")
    message = (
        f"The following resource 'Component' already exists: '{ARN}:component/my-comp/1.0.0/1'."
    )
    with refused("ResourceAlreadyExistsException", message):
        create(name)
    assert create(name, data=other(COMPONENT)) == f"{ARN}:component/my-comp/1.0.0/2"


_EVERYTHING: Record = {
    "description": "one",
    "supportedOsVersions": ["Amazon Linux 2"],
    "kmsKeyId": "alias/one",
    "changeDescription": "first",
    "tags": {"a": "1"},
}


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"changeDescription": "second"}, id="changeDescription"),
        pytest.param({"changeDescription": None}, id="no changeDescription"),
        pytest.param({"tags": {"b": "2"}}, id="tags"),
        pytest.param({"tags": None}, id="no tags"),
    ],
)
def test_what_does_not_make_another_content(client, changes):
    create(**_EVERYTHING)
    with refused("ResourceAlreadyExistsException"):
        create(**{**_EVERYTHING, **changes})


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"data": other(COMPONENT)}, id="data"),
        pytest.param({"data": with_phases("test")}, id="type"),
        pytest.param({"description": "two"}, id="description"),
        pytest.param({"description": None}, id="no description"),
        pytest.param({"platform": "macOS"}, id="platform"),
        pytest.param({"supportedOsVersions": ["Amazon Linux"]}, id="supportedOsVersions"),
        pytest.param({"supportedOsVersions": None}, id="no supportedOsVersions"),
        pytest.param({"kmsKeyId": "alias/two"}, id="kmsKeyId"),
    ],
)
def test_what_makes_another_content(client, changes):
    create(**_EVERYTHING)
    assert create(**{**_EVERYTHING, **changes}) == f"{TOOL}/1.0.0/2"


@pytest.mark.docs
def test_content_is_compared_with_the_latest_build_alone(client):
    create()
    another()
    assert create() == f"{TOOL}/1.0.0/3"


@pytest.mark.docs
def test_content_is_the_same_wherever_it_comes_from(mb, client):
    mb.s3["bucket"]["key"] = COMPONENT.encode()
    create()
    with refused("ResourceAlreadyExistsException"):
        create(data=None, uri="s3://bucket/key")


@pytest.mark.inferred
def test_numbers_of_deleted_builds_do_not_come_back(client):
    create()
    client.delete_component(componentBuildVersionArn=another())
    assert found("1.0.0") == "1.0.0/1"
    assert another() == f"{TOOL}/1.0.0/3"
    for build in (1, 3):
        client.delete_component(componentBuildVersionArn=f"{TOOL}/1.0.0/{build}")
    assert create() == f"{TOOL}/1.0.0/4"


# Numbers.


@pytest.mark.recorded
@pytest.mark.parametrize(
    "version", ["1.0.x", "x.x.x", "1.x.x", "1.0", "1.0.0/1", "v1.0.0", "1.0.0-a"]
)
def test_versions_of_another_form(client, version):
    sentence = r"semanticVersion must match pattern ^[0-9]+\.[0-9]+\.[0-9]+$"
    with refused(message=wrong("semanticVersion", sentence)):
        create(version=version)


@pytest.mark.docs
@pytest.mark.parametrize("version", ["0.0.0", "1073741823.1073741823.1073741823", "2021.01.01"])
def test_versions_that_can_be(client, version):
    assert create(version=version) == f"{TOOL}/{version}/1"
    component = client.get_component(componentBuildVersionArn=f"{TOOL}/{version}")["component"]
    assert component["version"] == version


@pytest.mark.docs
@pytest.mark.parametrize(
    "version", ["1073741824.0.0", "0.1073741824.0", "0.0.99999999999999999999"]
)
def test_numbers_that_are_too_great(client, version):
    sentence = "A node of a semantic version can be 1073741823 at most."
    with refused("InvalidVersionNumberException", wrong("semanticVersion", sentence)):
        create(version=version)


@pytest.mark.docs
def test_references_to_the_latest_are_those_of_the_version(client):
    made = client.create_component(**members(version="1.2.3"))
    assert made["latestVersionReferences"] == references(TOOL, "1.2.3")
    got = client.get_component(componentBuildVersionArn=f"{TOOL}/x.x.x")
    assert got["latestVersionReferences"] == references(TOOL, "1.2.3")
    for reference in references(TOOL, "1.2.3").values():
        component = client.get_component(componentBuildVersionArn=reference)["component"]
        assert component["arn"] == f"{TOOL}/1.2.3/1"


# What an ARN means.


@pytest.fixture
def many(client):
    for version in ("2.2.4", "1.6.8", "1.7.8", "1.7.10", "2019.12.02", "1.6.0"):
        create(version=version)
    create(version="1.6.8", data=other(COMPONENT))
    create("another", version="9.9.9")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("x.x.x", "2019.12.02/1"),
        ("1.x.x", "1.7.10/1"),
        ("2.x.x", "2.2.4/1"),
        ("1.6.x", "1.6.8/2"),
        ("1.7.x", "1.7.10/1"),
        ("2019.x.x", "2019.12.02/1"),
        ("2019.12.x", "2019.12.02/1"),
        ("2019.12.02", "2019.12.02/1"),
        ("1.6.8", "1.6.8/2"),
        ("1.6.8/1", "1.6.8/1"),
        ("1.6.8/2", "1.6.8/2"),
        ("1.6.0", "1.6.0/1"),
    ],
)
def test_what_a_version_means(many, asked, expected):
    assert found(asked) == expected


@pytest.mark.docs
@pytest.mark.parametrize(
    "asked", ["3.x.x", "1.5.x", "1.7.9", "1.6.8/3", "1.6.8/0", "2019.12.2", "0.0.0"]
)
def test_versions_that_mean_nothing(many, asked):
    with missing():
        found(asked)


@pytest.mark.docs
@pytest.mark.parametrize("asked", ["x.2.x", "1.x.8", "x.x.4", "x.7.10"])
def test_nothing_but_an_x_can_follow_an_x(many, asked):
    sentence = "The supplied semantic version does not follow the required format."
    with refused(message=wrong("componentBuildVersionArn", sentence)):
        found(asked)


@pytest.mark.inferred
@pytest.mark.parametrize("asked", ["1073741824.x.x", "1.0.99999999999", "1.0.0/99999999999"])
def test_numbers_that_no_version_can_have(many, asked):
    with refused(parameter="componentBuildVersionArn"):
        found(asked)


@pytest.mark.docs
def test_an_x_means_what_is_there_now(many, client):
    client.delete_component(componentBuildVersionArn=f"{TOOL}/2019.12.02/1")
    assert found("x.x.x") == "2.2.4/1"
    client.delete_component(componentBuildVersionArn=f"{TOOL}/1.6.8/2")
    assert found("1.6.x") == "1.6.8/1"
    create(version="3.0.0")
    assert found("x.x.x") == "3.0.0/1"


# ListComponentBuildVersions.


def listed(client=CLIENT, **arguments) -> list[str]:
    """Return the ARNs of a list, from the names on."""
    pages = client.get_paginator("list_component_build_versions").paginate(**arguments)
    return [
        one["arn"].partition(":component/")[2]
        for page in pages
        for one in page["componentSummaryList"]
    ]


@pytest.mark.docs
def test_builds_of_a_version_are_listed_the_newest_first(client):
    create()
    another()
    create(version="1.0.1")
    assert listed(componentVersionArn=f"{TOOL}/1.0.0") == ["tool/1.0.0/2", "tool/1.0.0/1"]
    assert listed(componentVersionArn=f"{TOOL}/1.0.1") == ["tool/1.0.1/1"]


@pytest.mark.inferred
def test_builds_of_everything_are_listed_the_newest_first(client):
    create()
    create("other tool")
    another()
    expected = ["tool/1.0.0/2", "other-tool/1.0.0/1", "tool/1.0.0/1"]
    assert listed() == expected
    assert listed(PaginationConfig={"PageSize": 1}) == expected


@pytest.mark.docs
@pytest.mark.parametrize(
    "arn",
    [
        f"{TOOL}/2.0.0",
        f"{TOOL}/01.0.0",
        f"{ARN}:component/nobody/1.0.0",
        f"{AMAZON}:component/update-linux/1.0.0",
        f"{TOOL.replace('us-east-1', 'us-east-2')}/1.0.0",
        f"{TOOL.replace('123456789012', '210987654321')}/1.0.0",
    ],
)
def test_of_what_is_not_there_nothing_is_listed(client, arn):
    create()
    assert listed(componentVersionArn=arn) == []


@pytest.mark.model
@pytest.mark.parametrize("version", ["x.x.x", "1.0.x", "1.0.0/1", "1.0"])
def test_builds_are_listed_of_an_exact_version(client, version):
    with refused(parameter="componentVersionArn"):
        listed(componentVersionArn=f"{TOOL}/{version}")


@pytest.mark.inferred
def test_builds_of_a_version_that_cannot_be(client):
    with refused(parameter="componentVersionArn"):
        listed(componentVersionArn=f"{TOOL}/1.0.99999999999")


@pytest.mark.docs
def test_what_is_listed_of_a_build(client):
    details = {
        "description": "Installs",
        "changeDescription": "Initial version",
        "supportedOsVersions": ["Amazon Linux 2023"],
        "tags": {"Environment": "Production"},
    }
    arn = create(**details, kmsKeyId="alias/key")
    response = client.list_component_build_versions()
    assert response["requestId"]
    (summary,) = response["componentSummaryList"]
    component = client.get_component(componentBuildVersionArn=arn)["component"]
    assert summary == {
        "arn": arn,
        "name": "tool",
        "version": "1.0.0",
        "platform": "Linux",
        "state": {"status": "ACTIVE"},
        "type": "BUILD",
        "owner": "123456789012",
        "obfuscate": False,
        "dateCreated": component["dateCreated"],
        **details,
    }


@pytest.mark.docs
def test_builds_that_others_share_are_not_listed(client):
    arn = create()
    client.put_component_policy(
        componentArn=arn, policy=policy(["ListComponents", "ListComponentBuildVersions"], arn)
    )
    assert listed(OTHER) == []
    assert listed(OTHER, componentVersionArn=f"{TOOL}/1.0.0") == []


@pytest.mark.model
def test_a_token_of_another_list_is_none(client):
    create()
    another()
    token = client.list_component_build_versions(maxResults=1)["nextToken"]
    for arguments in (
        {"nextToken": "x"},
        {"nextToken": token, "componentVersionArn": f"{TOOL}/1.0.0"},
    ):
        with refused("InvalidPaginationTokenException"):
            RAW.list_component_build_versions(**arguments)
