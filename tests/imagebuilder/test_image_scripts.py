"""What test authors say of images."""

from datetime import UTC, date, datetime

import pytest

from mockbuild import ConfigurationError
from tests.imagebuilder.factory import ARN, CLIENT
from tests.imagebuilder.image_factory import (
    failed,
    look,
)


@pytest.mark.docs
def test_scripts_go_by_recipe_name_and_arn_or_for_all(mb, dry_kit):
    mb.script(image="*").fails_in("CREATING", message="any")
    mb.script(image="web", times=1).fails_in("CREATING", message="name")
    mb.script(image=f"{ARN}:image-recipe/web/1.0.0", times=2).fails_in("CREATING", message="arn")
    reasons = [failed(dry_kit.make())["reason"] for _ in range(4)]
    assert reasons == ["arn", "arn", "name", "any"]


@pytest.mark.docs
@pytest.mark.parametrize(
    "say",
    [
        lambda mb: mb.script(image="web", times=0),
        lambda mb: mb.script(image="*").fails(exit_code=0),
        lambda mb: mb.script(image="*").fails(exit_code=256),
        lambda mb: mb.script(image="*").fails(exit_code=194),  # asks for a reboot
        lambda mb: mb.script(image="*").fails_in("AVAILABLE"),
        lambda mb: mb.script(image="*").fails_in("BUILDING", region="eu-west-1"),
        lambda mb: mb.script(image="*").fails_in("DISTRIBUTING", configuration_step="EXPORT_AMI"),
        lambda mb: mb.script(image="*").fails_in("INTEGRATING", configuration_step="EXPORT"),
        lambda mb: mb.script(image="*").fails_in("DISTRIBUTING", ends="STOPPED"),
        lambda mb: mb.script(image="*").takes(-1),
        lambda mb: mb.script(image="*").takes(float("inf")),
        lambda mb: mb.script(image="*").finds("CVE-1", "BAD"),
        lambda mb: mb.script(image="*").finds("CVE-1", fix_available="MAYBE"),
        lambda mb: mb.script(image="*").outputs("Launch", instanceId=object()),
        lambda mb: mb.script(image="*").outputs("Launch", {"score": float("nan")}),
        lambda mb: mb.script(image="*").packages({"git": 2.4}),
        lambda mb: mb.script(image="*").packages(git=""),
        lambda mb: mb.script(image="*").packages({3: "1"}),
    ],
)
def test_scripts_that_make_no_sense(mb, say):
    with pytest.raises(ConfigurationError):
        say(mb)


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"nonsense": 1}, 'Unknown parameter in input: "nonsense"'),
        ({"title": 5}, "Invalid type for parameter title"),
        ({"title": ""}, "Invalid length for parameter title"),
        ({"inspectorScore": "9"}, "parameter inspectorScore"),
        ({"inspectorScore": float("inf")}, "JSON"),
        ({"firstObservedAt": "yesterday"}, "parameter firstObservedAt"),
        ({"firstObservedAt": date(2026, 1, 1)}, "parameter firstObservedAt"),
        ({"updatedAt": 1e30}, "not valid"),
        ({"updatedAt": float("nan")}, "parameter updatedAt"),
        ({"remediation": "upgrade"}, "parameter remediation"),
        ({"packageVulnerabilityDetails": 5}, "parameter packageVulnerabilityDetails"),
        ({"packageVulnerabilityDetails": {"cvss": [{"score": 1}]}}, "cvss[0]"),
        ({"packageVulnerabilityDetails": {"vendorCreatedAt": "?"}}, "vendorCreatedAt"),
        ({"awsAccountId": "123456789012"}, "awsAccountId"),
        ({"fixAvailable": "NO"}, "fix_available"),
    ],
)
def test_findings_that_there_cannot_be(mb, members, message):
    with pytest.raises(ConfigurationError) as caught:
        mb.script(image="*").finds("CVE-1", **members)
    assert message in str(caught.value)


@pytest.mark.docs
@pytest.mark.parametrize(
    "said",
    [
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - in UTC, too
        "2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05",
        1767323045,
        1767323045.0,
    ],
)
def test_dates_of_findings(mb, dry_kit, said):
    details = {"vendorUpdatedAt": said, "cvss": [{"baseScore": 9}]}
    mb.script(image="*").finds("CVE-1", updatedAt=said, packageVulnerabilityDetails=details)
    look(dry_kit.make(imageScanningConfiguration={"imageScanningEnabled": True}))
    (found,) = CLIENT.list_image_scan_findings()["findings"]
    details = found["packageVulnerabilityDetails"]
    assert details["cvss"] == [{"baseScore": 9.0}]
    assert found["updatedAt"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert details["vendorUpdatedAt"] == found["updatedAt"]


@pytest.mark.docs
@pytest.mark.parametrize("more", [{"project": "web"}, {"group": "unit"}])
def test_a_script_is_about_builds_or_about_images(mb, more):
    with pytest.raises(ConfigurationError, match="or about images"):
        mb.script(image="web", **more)
