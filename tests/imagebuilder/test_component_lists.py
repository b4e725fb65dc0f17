"""ListComponents: owners, filters, names, order."""

import json

import pytest

from tests.imagebuilder.built_factory import COMPONENT, TOOL, create, other, script, with_phases
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    Record,
    answer,
    policy,
    refused,
    state_of,
    wrong,
)


def entries(client=CLIENT, **arguments) -> list[Record]:
    """Return a whole list."""
    pages = client.get_paginator("list_components").paginate(**arguments)
    return [entry for page in pages for entry in page["componentVersionList"]]


def names(client=CLIENT, **arguments) -> list[str]:
    """Return names and versions of a list."""
    return [f"{one['name']}/{one['version']}" for one in entries(client, **arguments)]


def by(name: str, *values: str) -> Record:
    """Return a list's arguments with one filter."""
    return {"filters": [{"name": name, "values": list(values)}]}


def share(arn: str, *actions: str) -> None:
    """Let the other account do something to a build."""
    CLIENT.put_component_policy(componentArn=arn, policy=policy(list(actions), arn))


@pytest.mark.docs
def test_what_is_listed_of_a_version(client):
    create(
        "My Tool",
        description="Installs",
        changeDescription="First",
        supportedOsVersions=["Amazon Linux 2023"],
        kmsKeyId="alias/key",
        tags={"a": "b"},
    )
    response = client.list_components()
    assert response["requestId"]
    (entry,) = answer(response)["componentVersionList"]
    arn = f"{TOOL.replace('tool', 'my-tool')}/1.0.0"
    component = client.get_component(componentBuildVersionArn=arn)["component"]
    assert entry == {
        "arn": arn,
        "name": "My Tool",
        "version": "1.0.0",
        "description": "Installs",
        "platform": "Linux",
        "supportedOsVersions": ["Amazon Linux 2023"],
        "type": "BUILD",
        "owner": ACCOUNT,
        "dateCreated": component["dateCreated"],
        "status": "ACTIVE",
    }


@pytest.mark.docs
def test_an_entry_shows_the_latest_build(client):
    create(description="one")
    create(description="two")
    (entry,) = entries()
    assert entry["description"] == "two"
    client.delete_component(componentBuildVersionArn=f"{TOOL}/1.0.0/2")
    (entry,) = entries()
    assert entry["description"] == "one"
    client.delete_component(componentBuildVersionArn=f"{TOOL}/1.0.0/1")
    assert entries() == []


@pytest.mark.docs
def test_lists_are_in_the_order_of_names_and_versions(client):
    for name, version in (("b", "1.0.1"), ("c", "1.0.0"), ("b", "1.0.0"), ("a", "1.0.0")):
        create(f"tool {name}", version)
    expected = ["tool a/1.0.0", "tool b/1.0.0", "tool b/1.0.1", "tool c/1.0.0"]
    assert names() == expected
    create("tool b", "1.0.0", data=other(COMPONENT))
    for size in (1, 2, 3):
        assert names(PaginationConfig={"PageSize": size}) == expected


@pytest.mark.inferred
def test_numbers_of_versions_are_in_the_order_of_numbers(client):
    for version in ("1.10.0", "1.9.0", "10.0.0", "1.9.00", "9.0.0"):
        create(version=version)
    create("tool-a", "0.0.1")
    assert names() == [
        "tool/1.9.0",
        "tool/1.9.00",
        "tool/1.10.0",
        "tool/9.0.0",
        "tool/10.0.0",
        "tool-a/0.0.1",
    ]


@pytest.mark.inferred
def test_a_list_by_name_has_the_newest_version_of_each(client):
    for name, version in (("tool a", "1.9.0"), ("tool a", "1.10.0"), ("tool b", "2.0.0")):
        create(name, version)
    assert names(byName=True) == ["tool a/1.10.0", "tool b/2.0.0"]
    assert names(byName=False) == ["tool a/1.9.0", "tool a/1.10.0", "tool b/2.0.0"]
    (entry,) = entries(byName=True, **by("name", "tool a"))
    assert entry["arn"].endswith(":component/tool-a/1.10.0")


@pytest.mark.recorded
def test_a_list_by_name_cannot_be_filtered_by_version(client):
    sentence = "You cannot list Components by name and filter by version in the same request."
    with refused("InvalidParameterCombinationException", wrong("filters", sentence)):
        names(byName=True, **by("version", "1.0.0"))


# Filters.


@pytest.fixture
def various(client):
    create("Web Server", "1.0.0", description="Installs a server")
    create("Web Server", "1.1.0", supportedOsVersions=["Amazon Linux 2", "Ubuntu 24"])
    create("webby", platform="macOS")
    create("my web", data=with_phases("test"))
    CLIENT.import_component(**script("tools", platform="Windows"))


_ALL = ["my web/1.0.0", "tools/1.0.0", "Web Server/1.0.0", "Web Server/1.1.0", "webby/1.0.0"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (by("name", "Web Server"), _ALL[2:4]),
        (by("name", "web server"), []),
        (by("name", "web-server"), []),
        (by("name", "Web*"), _ALL[2:4]),
        (by("name", "web*"), ["webby/1.0.0"]),
        (by("name", "*web*"), ["my web/1.0.0", "webby/1.0.0"]),
        (by("name", "*web"), []),
        (by("name", "*"), _ALL),
        (by("name", "W*b*"), []),
        (by("name", "w*y"), []),
        (by("name", "webby", "tools"), ["tools/1.0.0", "webby/1.0.0"]),
        (by("platform", "Windows"), ["tools/1.0.0"]),
        (by("platform", "windows"), []),
        (by("platform", "Win*"), []),
        (by("platform", "Windows", "macOS"), ["tools/1.0.0", "webby/1.0.0"]),
        (by("type", "TEST"), ["my web/1.0.0"]),
        (by("description", "Installs a server"), ["Web Server/1.0.0"]),
        (by("description", "Installs"), []),
        (by("version", "1.1.0"), ["Web Server/1.1.0"]),
        (by("version", "9.9.9"), []),
        (by("supportedOsVersion", "Ubuntu 24"), ["Web Server/1.1.0"]),
        (by("supportedOsVersion", "Ubuntu"), []),
        (by("productCodes", "marketplace:x"), []),
        (by("status", "ACTIVE"), _ALL),
        (by("status", "DEPRECATED"), []),
        (by("status", "DISABLED"), []),
        (
            {"filters": [*by("name", "Web*")["filters"], *by("version", "1.0.0")["filters"]]},
            _ALL[2:3],
        ),
        ({"filters": [*by("name", "Web*")["filters"], *by("type", "TEST")["filters"]]}, []),
        ({"owner": "Self"}, _ALL),
        ({}, _ALL),
    ],
    ids=json.dumps,
)
def test_filters(various, arguments, expected):
    assert sorted(names(**arguments)) == sorted(expected)


@pytest.mark.docs
@pytest.mark.parametrize("name", ["owner", "Name", "supportedOsVersions", "tags", "parentImage"])
def test_filters_that_are_none(client, name):
    with refused(parameter="filters[0].name"):
        names(**by(name, "x"))


@pytest.mark.model
@pytest.mark.parametrize(
    "arguments",
    [
        {"owner": "Me"},
        {"filters": []},
        {"filters": [{"name": "name", "values": []}]},
        {"filters": by("name", "x")["filters"] * 11},
        {"maxResults": 101},
        {"filters": [{"name": "a b", "values": ["x"]}]},
    ],
    ids=json.dumps,
)
def test_values_beyond_the_model(client, arguments):
    with refused():
        RAW.list_components(**arguments)


@pytest.mark.model
def test_pages(client):
    for number in range(30):
        create(f"tool-{number:02}")
    first = client.list_components()
    assert len(first["componentVersionList"]) == 25
    rest = client.list_components(nextToken=first["nextToken"])
    assert [one["name"] for one in rest["componentVersionList"]] == [
        f"tool-{number}" for number in range(25, 30)
    ]
    assert "nextToken" not in rest
    with refused("InvalidPaginationTokenException"):
        client.list_components(nextToken=first["nextToken"], byName=True)


# Owners.


@pytest.mark.docs
@pytest.mark.parametrize(
    ("owner", "segment", "name"),
    [
        ("Amazon", "aws", "update-linux"),
        ("ThirdParty", "third-party", "cis-benchmark-level-1-amazon-linux"),
        ("AWSMarketplace", "aws-marketplace", "example-agent-linux"),
    ],
)
def test_others_provide_components(client, owner, segment, name):
    create()
    found = entries(owner=owner)
    assert name in {entry["name"] for entry in found}
    for entry in found:
        assert entry["owner"] == owner
        start = f"arn:aws:imagebuilder:us-east-1:{segment}:component/{entry['name']}/"
        assert entry["arn"] == start + entry["version"]
        component = client.get_component(componentBuildVersionArn=entry["arn"])["component"]
        assert component["arn"].startswith(entry["arn"] + "/")
        assert component["owner"] == owner


@pytest.mark.docs
def test_components_of_the_marketplace_have_product_codes_and_hide_their_data(client):
    listed = entries(owner="AWSMarketplace", **by("productCodes", "marketplace:examplecode123"))
    assert listed == entries(owner="AWSMarketplace") != []
    for entry in listed:
        code = {"productCodeId": "examplecode123", "productCodeType": "marketplace"}
        assert entry["productCodes"] == [code]
        component = client.get_component(componentBuildVersionArn=entry["arn"])["component"]
        assert component["productCodes"] == [code]
        assert component["obfuscate"] is True
        assert component["publisher"]
        assert "data" not in component
    assert entries(owner="AWSMarketplace", **by("productCodes", "examplecode123")) == []


@pytest.mark.docs
def test_deprecated_components_are_listed_only_if_asked_for(client):
    deprecated = entries(owner="Amazon", **by("status", "DEPRECATED"))
    assert [entry["name"] for entry in deprecated] == ["dotnet-core-runtime-linux"]
    everything = names(owner="Amazon", **by("status", "ACTIVE", "DEPRECATED"))
    assert set(everything) - set(names(owner="Amazon")) == {"dotnet-core-runtime-linux/3.1.0"}
    assert names(owner="Amazon", **by("name", "dotnet-core-runtime-linux")) == []
    assert names(owner="Amazon", **by("status", "ACTIVE")) == names(owner="Amazon")


@pytest.mark.docs
def test_amazon_has_several_versions_of_some(client):
    arguments = by("name", "update-linux")
    versions = [entry["version"] for entry in entries(owner="Amazon", **arguments)]
    assert versions == ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]
    (entry,) = entries(owner="Amazon", byName=True, **arguments)
    assert entry["arn"] == f"{AMAZON}:component/update-linux/1.0.4"


@pytest.mark.docs
def test_what_others_share(client):
    first, hidden = create("Shared Tool"), create("hidden")
    second = create("Shared Tool", description="two")
    create("Shared Tool", version="0.9.0")
    assert entries(OTHER, owner="Shared") == []
    share(hidden, "GetComponent")
    share(first, "ListComponents", "GetComponent")
    share(f"{TOOL.replace('tool', 'shared-tool')}/0.9.0/1", "ListComponents")
    assert names(OTHER, owner="Shared") == ["Shared Tool/0.9.0", "Shared Tool/1.0.0"]
    assert names(OTHER, owner="Shared", byName=True) == ["Shared Tool/1.0.0"]
    share(second, "ListComponents")
    _, entry = entries(OTHER, owner="Shared")
    assert entry["description"] == "two"
    assert entry["owner"] == ACCOUNT
    assert names(OTHER) == names(OTHER, owner="Self") == []
    assert names(owner="Shared") == []
    assert names(FRANKFURT, owner="Shared") == []


@pytest.mark.docs
def test_what_is_shared_goes_when_it_is_deleted(mb, client):
    arn = create()
    share(arn, "ListComponents")
    here = state_of(mb)
    here.shelves["component"].remove(here.shelves["component"].by_arn[arn])
    assert entries(OTHER, owner="Shared") == []
