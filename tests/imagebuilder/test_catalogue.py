"""What Amazon and others provide to everybody, and what a test has them release."""

from collections import Counter

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.documents.component import check_component, parse_component
from mockbuild.documents.workflow import check_workflow, parse_workflow
from mockbuild.services.imagebuilder.catalogue import document_of
from tests.imagebuilder.built_factory import catalogue, create, managed, shelved
from tests.imagebuilder.factory import (
    AMAZON,
    FRANKFURT,
    missing,
    refused,
)

WORKFLOWS = ("workflow/build", "workflow/test", "workflow/distribution")


# What there is.


@pytest.mark.recorded
@pytest.mark.parametrize(
    "name",
    [
        "update-linux/x.x.x",
        "update-linux/1.0.0",
        "update-linux/1.0.2/1",
        "update-windows/x.x.x",
        "aws-cli-version-2-linux/1.0.3",
        "aws-cli-version-2-windows/x.x.x",
        "powershell-windows/x.x.x",
        "dotnet-sdk-linux/6.x.x",
        "dotnet-core-sdk-linux/3.1.0/1",
        "python-3-linux/1.0.0",
        "windows-activation-test/x.x.x",
        "reboot-test-windows/x.x.x",
        "reboot-test-linux/1.0.0/1",
        "simple-boot-test-linux/1.0.0/1",
        "inspector-test-windows/1.0.1",
        "docker-ce-linux/1.0.0/1",
        "amazon-corretto-11/1.0.0/1",
        "amazon-cloudwatch-agent-linux/1.0.1/1",
        "stig-build-linux-high/2022.x.x",
        "hello-world-linux/x.x.x",
    ],
)
def test_components_that_were_seen(client, name):
    found = managed(f"component/{name}")
    assert found["owner"] == "Amazon"
    assert found["state"] == {"status": "ACTIVE"}
    assert found["encrypted"] is True
    assert found["platform"] == ("Windows" if "windows" in name else "Linux")
    assert found["supportedOsVersions"]


@pytest.mark.recorded
def test_a_component_of_a_third_party(client):
    arn = AMAZON.replace(":aws", ":third-party").replace("arn:third-party", "arn:aws")
    arn = f"{arn}:component/cis-benchmark-level-1-amazon-linux/x.x.x"
    found = client.get_component(componentBuildVersionArn=arn)["component"]
    assert found["owner"] == "ThirdParty"
    assert found["publisher"] == "CIS"
    assert found["obfuscate"] is True
    assert "data" not in found


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "kind", "platform", "system"),
    [
        ("amazon-linux-2-x86/x.x.x", "AMI", "Linux", "Amazon Linux 2"),
        ("amazon-linux-2-x86/2022.6.14/1", "AMI", "Linux", "Amazon Linux 2"),
        ("amazon-linux-x86-2/x.x.x", "DOCKER", "Linux", "Amazon Linux 2"),
        ("amazon-linux-2023-x86/x.x.x", "AMI", "Linux", "Amazon Linux 2023"),
        ("amazon-linux-2023-arm64/x.x.x", "AMI", "Linux", "Amazon Linux 2023"),
        (
            "windows-server-2016-english-full-base-x86/2019.x.x",
            "AMI",
            "Windows",
            "Microsoft Windows Server 2016",
        ),
        (
            "windows-server-2019-english-full-base-x86/x.x.x",
            "AMI",
            "Windows",
            "Microsoft Windows Server 2019",
        ),
        (
            "windows-server-2022-english-full-base-x86/x.x.x",
            "AMI",
            "Windows",
            "Microsoft Windows Server 2022",
        ),
        (
            "windows-server-2019-x86-core-ltsc2019-amd64/2020.12.8",
            "DOCKER",
            "Windows",
            "Microsoft Windows Server 2019",
        ),
        ("ubuntu-server-20-lts-x86/x.x.x", "AMI", "Linux", "Ubuntu 20"),
        ("ubuntu-server-24-lts-x86/x.x.x", "AMI", "Linux", "Ubuntu 24"),
        ("macos-sequoia-arm64/x.x.x", "AMI", "macOS", "macOS 15"),
    ],
)
def test_images_that_were_seen(mb, name, kind, platform, system):
    shelf = catalogue(mb).shelf("image")
    resource = next(iter(shelf.by_arn.values()))
    found = shelf.find(type(resource.arn).parse(f"{AMAZON}:image/{name}"))
    assert found is not None
    record = found.record
    assert (record["type"], record["platform"], record["osVersion"]) == (kind, platform, system)
    assert record["version"] == found.arn.version
    assert record["imageSource"] == "AMAZON_MANAGED"
    outputs = record["outputResources"]["containers" if kind == "DOCKER" else "amis"]
    assert [output["region"] for output in outputs] == ["us-east-1"]


@pytest.mark.docs
@pytest.mark.parametrize(
    "name",
    [
        "build/build-image",
        "build/build-container",
        "build/express-build-image",
        "build/express-build-container",
        "test/test-image",
        "test/test-container",
        "test/express-test-image",
        "distribution/distribute-image",
        "distribution/distribute-container",
    ],
)
def test_workflows_that_are_documented(client, name):
    arn = f"{AMAZON}:workflow/{name}/x.x.x"
    response = client.get_workflow(workflowBuildVersionArn=arn)
    assert response["latestVersionReferences"] == {"latestVersionArn": arn}
    found = response["workflow"]
    assert found["owner"] == "Amazon"
    assert found["type"] == name.partition("/")[0].upper()
    assert found["name"] == name.partition("/")[2]
    assert found["version"] == "1.0.3"
    assert managed(f"workflow/{name}/1.0.2")["arn"].endswith("/1.0.2/1")


@pytest.mark.recorded
def test_the_steps_of_the_usual_build(client):
    steps = parse_workflow(managed("workflow/build/build-image/x.x.x")["data"]).steps
    assert [(step.name, step.action) for step in steps] == [
        ("LaunchBuildInstance", "LaunchInstance"),
        ("ApplyBuildComponents", "ExecuteComponents"),
        ("InventoryCollection", "CollectImageMetadata"),
        ("RunSanitizeScript", "SanitizeInstance"),
        ("RunSysPrepScript", "RunSysPrep"),
        ("CreateOutputAMI", "CreateImage"),
        ("TerminateBuildInstance", "TerminateInstance"),
    ]
    assert steps[0].condition is None  # as the log says


@pytest.mark.docs
@pytest.mark.parametrize(
    ("usual", "fast", "left_out"),
    [
        ("build/build-image", "build/express-build-image", {"CollectImageMetadata"}),
        ("build/build-container", "build/express-build-container", set()),
        ("test/test-image", "test/express-test-image", {"CollectImageScanFindings"}),
    ],
)
def test_express_workflows_wait_less_and_do_less(client, usual, fast, left_out):
    slow, quick = (
        parse_workflow(managed(f"workflow/{name}/x.x.x")["data"]).steps for name in (usual, fast)
    )
    assert {step.action for step in slow} - {step.action for step in quick} == left_out
    assert "healthCheck" not in slow[0].inputs
    assert quick[0].inputs["healthCheck"].text == "RUNNING"


# All of it.


@pytest.mark.docs
def test_every_document_is_valid_and_says_what_the_record_says(mb):
    for resource in shelved(mb, "component"):
        record, text = resource.record, document_of(resource)
        assert check_component(text, str(resource.arn), record["platform"]) == []
        document = parse_component(text, platform=record["platform"])
        assert (document.name, document.type) == (record["name"], record["type"])
        assert document.parameter_details == record.get("parameters", [])
        assert record.get("data", text) == text
        assert ("data" in record) is not record.get("obfuscate", False)
    for resource in shelved(mb, *WORKFLOWS):
        record = resource.record
        assert check_workflow(record["data"], str(resource.arn), record["type"]) == []
        assert document_of(resource) == record["data"]


@pytest.mark.docs
def test_every_record_is_whole(mb):
    needed = {"arn", "name", "version", "dateCreated", "tags"}
    for resource in shelved(mb, "component", "image", *WORKFLOWS):
        record = resource.record
        assert needed <= record.keys(), record
        assert None not in record.values()
        assert [] not in record.values()
        assert record["arn"] == str(resource.arn)


@pytest.mark.docs
def test_names_are_one_owners_and_versions_come_in_their_order(mb):
    for kind in ("component", "image", *WORKFLOWS):
        owners: dict[str, str] = {}
        newest: dict[str, float] = {}
        for resource in shelved(mb, kind):
            name = resource.arn.name
            assert owners.setdefault(name, resource.arn.owner) == resource.arn.owner
            assert newest.get(name, 0) < resource.created
            newest[name] = resource.created


@pytest.mark.docs
def test_there_are_several_versions_of_images_and_some_are_deprecated(mb):
    states = {one.record["state"]["status"] for one in shelved(mb, "image")}
    assert states == {"AVAILABLE", "DEPRECATED"}
    assert min(Counter(one.arn.name for one in shelved(mb, "image")).values()) > 1


@pytest.mark.docs
def test_amis_are_those_of_the_region_and_always_the_same():
    def amis(region: str) -> dict[str, str]:
        with mock_imagebuilder() as mb:
            return {
                one.arn.name + one.arn.version: one.record["outputResources"]["amis"][0]["image"]
                for one in catalogue(mb, region=region).shelf("image").by_arn.values()
                if one.record["type"] == "AMI"
            }

    virginia, frankfurt = amis("us-east-1"), amis("eu-central-1")
    assert virginia == amis("us-east-1")
    assert virginia.keys() == frankfurt.keys()
    everything = [*virginia.values(), *frankfurt.values()]
    assert len(set(everything)) == len(everything)
    assert all(len(one) == len("ami-0123456789abcdef0") for one in everything)


@pytest.mark.docs
def test_regions_and_partitions(mb):
    assert managed("component/update-linux/x.x.x", FRANKFURT)["arn"] == (
        "arn:aws:imagebuilder:eu-central-1:aws:component/update-linux/1.0.4/1"
    )
    china = catalogue(mb, region="cn-north-1").shelf("image")
    assert all(arn.startswith("arn:aws-cn:imagebuilder:cn-north-1:aws:") for arn in china.by_arn)
    with missing():
        managed("component/update-linux/1.0.5")


@pytest.mark.docs
def test_shelves_of_what_nobody_provides_are_empty_and_the_others_filled_once(mb):
    found = catalogue(mb)
    assert found.shelf("image-recipe").by_arn == {}
    assert found.shelf("image") is found.shelf("image")


@pytest.mark.model
def test_what_others_provide_is_not_the_callers(client):
    assert client.list_components()["componentVersionList"] == []
    assert create("update-linux") == f"{AMAZON[:-3]}123456789012:component/update-linux/1.0.0/1"
    assert managed("component/update-linux/x.x.x")["owner"] == "Amazon"
    with refused("ResourceNotFoundException", status=404):
        client.tag_resource(resourceArn=f"{AMAZON}:component/update-linux/1.0.4/1", tags={"a": "b"})
