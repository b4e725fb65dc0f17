"""Newer versions that a test has Amazon and others release."""

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.documents.errors import DocumentError
from mockbuild.errors import ConfigurationError
from mockbuild.services.imagebuilder.catalogue import document_of
from tests.imagebuilder.built_factory import (
    COMPONENT,
    WORKFLOW,
    catalogue,
    managed,
    other,
    shelved,
    with_phases,
)
from tests.imagebuilder.factory import (
    AMAZON,
    CLIENT,
    FRANKFURT,
    OTHER,
    OTHER_ACCOUNT,
    Record,
)

WORKFLOWS = ("workflow/build", "workflow/test", "workflow/distribution")


@pytest.mark.docs
def test_a_newer_version_is_what_an_x_means(mb, client):
    before = managed("component/update-linux/x.x.x")
    mb.clock.tick(1)
    arn = catalogue(mb).release("component", "update-linux", "1.0.5")
    assert arn == f"{AMAZON}:component/update-linux/1.0.5/1"
    after = managed("component/update-linux/x.x.x")
    assert after["dateCreated"] > before["dateCreated"]
    same = {"arn", "version", "dateCreated"}
    assert {key: value for key, value in after.items() if key not in same} == {
        key: value for key, value in before.items() if key not in same
    }
    assert (after["arn"], after["version"]) == (arn, "1.0.5")
    assert managed("component/update-linux/1.0.4") == before


@pytest.mark.docs
def test_a_release_is_for_all_accounts_and_regions(mb, client):
    assert managed("component/update-linux/x.x.x", FRANKFURT)["version"] == "1.0.4"
    catalogue(mb).release("component", "update-linux", "1.0.5")
    catalogue(mb, account=OTHER_ACCOUNT).release("component", "update-linux", "1.0.6")
    for somewhere in (CLIENT, OTHER, FRANKFURT):
        assert managed("component/update-linux/x.x.x", somewhere)["version"] == "1.0.6"
        assert managed("component/update-linux/1.0.5", somewhere)["version"] == "1.0.5"


@pytest.mark.docs
def test_a_release_before_anything_else_counts(mb):
    catalogue(mb, region="ap-south-1").release("component", "update-linux", "2.0.0")
    assert managed("component/update-linux/x.x.x")["version"] == "2.0.0"


@pytest.mark.docs
def test_a_release_ends_with_its_mock():
    with mock_imagebuilder() as mb:
        catalogue(mb).release("component", "update-linux", "2.0.0")
    with mock_imagebuilder():
        assert managed("component/update-linux/x.x.x")["version"] == "1.0.4"


@pytest.mark.docs
def test_a_version_that_is_there_gets_another_build(mb, client):
    arn = catalogue(mb).release("component", "update-linux", "1.0.4", data=other(COMPONENT))
    assert arn == f"{AMAZON}:component/update-linux/1.0.4/2"
    assert managed("component/update-linux/1.0.4")["data"] == other(COMPONENT)
    assert managed("component/update-linux/1.0.4/1")["data"] != other(COMPONENT)


@pytest.mark.docs
def test_an_older_version_does_not_become_the_latest(mb, client):
    catalogue(mb).release("component", "update-linux", "0.9.0")
    assert managed("component/update-linux/x.x.x")["version"] == "1.0.4"


@pytest.mark.docs
def test_what_a_release_says_of_a_component(mb, client):
    text = "parameters:\n  - Level: {type: string, default: x}\n" + with_phases("test")
    catalogue(mb).release(
        "component",
        "stig-build-linux-high",
        "2026.1.0",
        data=text,
        description="New",
        supportedOsVersions=["Amazon Linux 2023"],
        state={"status": "DISABLED", "reason": "withdrawn"},
    )
    found = managed("component/stig-build-linux-high/x.x.x")
    assert found["type"] == "TEST"
    assert found["data"] == text
    assert found["parameters"] == [{"name": "Level", "type": "string", "defaultValue": ["x"]}]
    assert found["description"] == "New"
    assert found["supportedOsVersions"] == ["Amazon Linux 2023"]
    assert found["state"] == {"status": "DISABLED", "reason": "withdrawn"}
    catalogue(mb).release("component", "stig-build-linux-high", "2026.2.0", data=COMPONENT)
    assert "parameters" not in managed("component/stig-build-linux-high/x.x.x")


@pytest.mark.docs
def test_a_release_is_active_whatever_the_one_before_is(mb, client):
    name = "component/dotnet-core-runtime-linux/x.x.x"
    assert managed(name)["state"] == {"status": "DEPRECATED"}
    catalogue(mb).release("component", "dotnet-core-runtime-linux", "3.2.0")
    assert managed(name)["state"] == {"status": "ACTIVE"}
    arn = catalogue(mb).release("image", "Ubuntu Server 20 LTS x86", "2030.1.1")
    image = catalogue(mb).shelf("image").exact(arn)
    assert image.record["state"] == {"status": "AVAILABLE"}
    deprecated = {"state": {"status": "DEPRECATED"}}
    catalogue(mb).release("workflow/test", "test-image", "1.0.4", **deprecated)
    assert managed("workflow/test/test-image/x.x.x")["state"] == {"status": "DEPRECATED"}
    catalogue(mb).release("workflow/test", "test-image", "1.0.5")
    assert "state" not in managed("workflow/test/test-image/x.x.x")


@pytest.mark.docs
def test_a_deprecated_release_is_listed_only_if_asked_for(mb, client):
    catalogue(mb).release("component", "chocolatey", "2.0.0", state={"status": "DEPRECATED"})
    name = {"name": "name", "values": ["chocolatey"]}
    status = {"name": "status", "values": ["DEPRECATED"]}

    def versions(*filters: Record, **arguments: object) -> list[str]:
        listed = client.list_components(owner="Amazon", filters=[name, *filters], **arguments)
        return [entry["version"] for entry in listed["componentVersionList"]]

    assert versions() == versions(byName=True) == ["1.0.0"]
    assert versions(status) == versions(status, byName=True) == ["2.0.0"]
    catalogue(mb).release("component", "chocolatey", "3.0.0", state={"status": "DISABLED"})
    assert versions() == ["1.0.0", "3.0.0"]


@pytest.mark.docs
def test_a_new_component(mb, client):
    arn = catalogue(mb).release("component", "My Agent", "1.0.0", platform="Linux", data=COMPONENT)
    assert arn == f"{AMAZON}:component/my-agent/1.0.0/1"
    found = managed("component/my-agent/x.x.x")
    assert found.pop("dateCreated")
    assert found == {
        "arn": arn,
        "name": "My Agent",
        "version": "1.0.0",
        "type": "BUILD",
        "platform": "Linux",
        "state": {"status": "ACTIVE"},
        "owner": "Amazon",
        "data": COMPONENT,
        "encrypted": True,
        "obfuscate": False,
        "tags": {},
    }


@pytest.mark.docs
def test_a_release_of_somebody_else(mb, client):
    arn = catalogue(mb).release(
        "component",
        "example-agent-linux",
        "2.0.0",
        owner="aws-marketplace",
        productCodes=[{"productCodeId": "another", "productCodeType": "marketplace"}],
    )
    found = client.get_component(componentBuildVersionArn=arn)["component"]
    assert found["owner"] == "AWSMarketplace"
    assert found["productCodes"][0]["productCodeId"] == "another"
    assert "data" not in found
    resource = catalogue(mb).shelf("component").exact(arn)
    assert "Installing the agent." in document_of(resource)


@pytest.mark.docs
def test_two_owners_can_have_one_name(mb, client):
    catalogue(mb).release(
        "component", "update-linux", "9.0.0", owner="third-party", platform="Linux", data=COMPONENT
    )
    assert managed("component/update-linux/x.x.x")["version"] == "1.0.4"
    listed = client.list_components(owner="ThirdParty", byName=True)["componentVersionList"]
    assert ("update-linux", "9.0.0") in {(one["name"], one["version"]) for one in listed}


@pytest.mark.docs
def test_a_new_image(mb):
    found = catalogue(mb)
    arn = found.release("image", "amazon-linux-2023-x86", "2027.1.12")
    record = found.shelf("image").exact(arn).record
    assert record["name"] == "Amazon Linux 2023 x86"
    assert record["version"] == "2027.1.12/1"
    assert record["osVersion"] == "Amazon Linux 2023"
    (ami,) = record["outputResources"]["amis"]
    assert ami["image"] not in {
        one.record["outputResources"]["amis"][0]["image"]
        for one in shelved(mb, "image")
        if one.record["type"] == "AMI" and one.record is not record
    }
    arn = found.release("image", "Plan 9 x86", "4.0.0", platform="Linux", osVersion="Plan 9")
    record = found.shelf("image").exact(arn).record
    assert (record["type"], record["state"]) == ("AMI", {"status": "AVAILABLE"})
    containers = {"containers": [{"region": "us-east-1", "imageUris": ["plan9:4"]}]}
    arn = found.release("image", "Plan 9 x86", "4.0.1", type="DOCKER", outputResources=containers)
    assert found.shelf("image").exact(arn).record["outputResources"] == containers


@pytest.mark.docs
def test_a_new_workflow(mb, client):
    found = catalogue(mb)
    found.release("workflow/test", "test-image", "1.0.4", data=WORKFLOW, description="New")
    assert managed("workflow/test/test-image/x.x.x")["data"] == WORKFLOW
    assert managed("workflow/test/test-image/x.x.x")["description"] == "New"
    found.release("workflow/build", "test-image", "1.0.0", data=WORKFLOW)
    assert managed("workflow/build/test-image/x.x.x")["type"] == "BUILD"
    assert managed("workflow/test/test-image/x.x.x")["version"] == "1.0.4"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("arguments", "members", "message"),
    [
        (("image-recipe", "a name", "1.0.0"), {}, "nothing of kind 'image-recipe' is released"),
        (("component", "a name", "1.0.0"), {"owner": "me"}, "by 'me'"),
        (("component", "update-linux", "1.0.x"), {}, "version '1.0.x': "),
        (("component", "update-linux", "1073741824.0.0"), {}, "1073741823 at most"),
        (("component", "a name", "1.0.0"), {}, "needs platform, data"),
        (("component", "a name", "1.0.0"), {"platform": "Linux"}, "needs data"),
        (("image", "a name", "1.0.0"), {"platform": "Linux"}, "needs osVersion"),
        (("workflow/build", "a name", "1.0.0"), {}, "needs data"),
        (("component", "update-linux", "2.0.0"), {"colour": "red"}, "released with colour"),
        (("image", "Amazon Linux 2 x86", "2.0.0"), {"supportedOsVersions": []}, "released with"),
    ],
)
def test_releases_that_make_no_sense(mb, arguments, members, message):
    before = len(shelved(mb, "component", "image", *WORKFLOWS))
    with pytest.raises(ConfigurationError, match=message):
        catalogue(mb).release(*arguments, **members)
    assert len(shelved(mb, "component", "image", *WORKFLOWS)) == before


@pytest.mark.docs
@pytest.mark.parametrize("kind", ["component", "workflow/build"])
def test_a_document_that_is_not_valid_is_not_released(mb, kind):
    more = {"platform": "Linux"} if kind == "component" else {}
    with pytest.raises(DocumentError):
        catalogue(mb).release(kind, "a name", "1.0.0", data="steps: [", **more)
