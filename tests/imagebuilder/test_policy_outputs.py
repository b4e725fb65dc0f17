"""What lifecycle policies do to AMIs, snapshots and container images."""

from datetime import UTC, datetime

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.errors import ConfigurationError
from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.embedded_ec2 import EmbeddedEC2
from mockbuild.neighbours.embedded_ecr import EmbeddedECR
from tests import optional
from tests.imagebuilder.factory import (
    CLIENT,
    OTHER_ACCOUNT,
    REGION,
    Record,
    container_recipe,
    state_of,
)
from tests.imagebuilder.factory import policy as resource_policy
from tests.imagebuilder.image_factory import Kit, distribution, look, status, to
from tests.imagebuilder.lifecycle_factory import (
    POLICY,
    ami_of,
    builds,
    change_policy,
    execution,
    executions,
    last_run,
    make,
    outcome,
    policy,
    resources,
    rule,
    run_statuses,
    to_next_run,
    update,
)


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual") as handle:
        yield handle


# AMIs and container images


@pytest.mark.docs
def test_without_more_only_the_record_goes(mb):
    kit = Kit()
    first, _ = make(kit), make(kit)
    ami = ami_of(first)
    policy(rule(keeps=1))
    to_next_run(mb, hours=1)
    assert (first in builds(), ami in mb.amis) == (False, True)
    assert resources(last_run(), first) == []


@pytest.mark.docs
def test_amis_go_with_their_snapshots(mb):
    kit = Kit()
    everywhere = distribution(to(), to("eu-west-1"))
    first, _ = make(kit, distributionConfigurationArn=everywhere), make(kit)
    amis = look(first)["outputResources"]["amis"]
    policy(rule("DELETE", "amis", "snapshots", keeps=1))
    to_next_run(mb, hours=1)
    found = resources(last_run(), first)
    assert [(one["resourceId"], one["region"]) for one in found] == [
        (one["image"], one["region"]) for one in amis
    ]
    for one in found:
        assert one["accountId"] == "123456789012"
        assert one["action"]["name"] == "DELETE"
        assert one["state"] == {"status": "SUCCESS"}
        (snapshot,) = one["snapshots"]
        assert snapshot["snapshotId"].startswith("snap-")
        assert snapshot["state"] == {"status": "SUCCESS"}
        assert one["resourceId"] not in mb.amis
        assert one["startTime"] < one["endTime"]


@pytest.mark.docs
def test_disabling_takes_the_deprecation_off_amis(mb):
    arn = make(Kit())
    ami = ami_of(arn)
    policy(rule("DEPRECATE", "amis", days=1), rule("DISABLE", "amis", days=5))
    mb.clock.tick(days=3)
    look(arn)
    assert mb.amis[ami].deprecated_at is not None
    assert not mb.amis[ami].is_disabled
    mb.clock.tick(days=4)
    assert status(arn) == "DISABLED"
    assert mb.amis[ami].is_disabled
    assert "DeprecatedBy" not in mb.amis[ami].tags


@pytest.mark.docs
def test_a_disabled_ami_is_private(mb):
    kit = Kit()
    everybody = {"launchPermission": {"userGroups": ["all"], "userIds": [OTHER_ACCOUNT]}}
    arn = make(kit, distributionConfigurationArn=distribution(to(**everybody)))
    ami = look(arn)["outputResources"]["amis"][-1]["image"]
    assert mb.amis[ami].shared_with == {"all", OTHER_ACCOUNT}
    policy(rule("DISABLE", "amis", days=1))
    mb.clock.tick(days=3)
    assert (status(arn), mb.amis[ami].shared_with) == ("DISABLED", frozenset())


_SHARED = {"launchPermission": {"userIds": [OTHER_ACCOUNT]}}
_PUBLIC = {"launchPermission": {"userGroups": ["all"]}}


@pytest.mark.docs
@pytest.mark.parametrize(
    ("ami", "exclusions", "reason"),
    [
        pytest.param(
            {},
            {"regions": ["us-east-1"]},
            "The AMI is in the excluded Region us-east-1.",
            id="region",
        ),
        pytest.param(_PUBLIC, {"isPublic": True}, "The AMI is public.", id="public"),
        pytest.param(
            {"amiTags": {"env": "prod"}},
            {"tagMap": {"env": "prod"}},
            "The AMI has an excluded tag.",
            id="tag",
        ),
        pytest.param(
            _SHARED,
            {"sharedAccounts": [OTHER_ACCOUNT]},
            f"The AMI is shared with the excluded account {OTHER_ACCOUNT}.",
            id="account",
        ),
    ],
)
def test_amis_that_are_left_alone_lose_their_image(mb, ami, exclusions, reason):
    kit = Kit()
    first, _ = make(kit, distributionConfigurationArn=distribution(to(**ami))), make(kit)
    ids = {one["image"] for one in look(first)["outputResources"]["amis"]}
    policy(
        {
            **rule("DELETE", "amis", "snapshots", keeps=1),
            "exclusionRules": {"amis": exclusions},
        }
    )
    to_next_run(mb, hours=1)
    assert outcome(last_run()) == {first: ("DELETE", "SUCCESS")}
    skipped = [one for one in resources(last_run(), first) if one["state"]["status"] == "SKIPPED"]
    assert skipped
    assert {one["resourceId"] for one in skipped} <= ids
    for one in skipped:
        assert one["state"]["reason"] == reason
        assert one["snapshots"][0]["state"] == {"status": "SKIPPED", "reason": reason}
        assert one["resourceId"] in mb.amis


@pytest.mark.docs
@pytest.mark.parametrize(
    ("ami", "exclusions"),
    [
        pytest.param({}, {"regions": ["eu-west-1"]}, id="region"),
        pytest.param(_SHARED, {"isPublic": True}, id="not-public"),
        pytest.param(_PUBLIC, {"isPublic": False}, id="public-is-fine"),
        pytest.param({"amiTags": {"env": "test"}}, {"tagMap": {"env": "prod"}}, id="tag"),
        pytest.param(_SHARED, {"sharedAccounts": ["111111111111"]}, id="account"),
        pytest.param({}, {"lastLaunched": {"value": 1, "unit": "YEARS"}}, id="never-launched"),
    ],
)
def test_amis_that_are_not_left_alone(mb, ami, exclusions):
    kit = Kit()
    first, _ = make(kit, distributionConfigurationArn=distribution(to(**ami))), make(kit)
    policy({**rule("DELETE", "amis", keeps=1), "exclusionRules": {"amis": exclusions}})
    to_next_run(mb, hours=1)
    parts = resources(last_run(), first)
    assert parts
    assert {one["state"]["status"] for one in parts} == {"SUCCESS"}


@pytest.mark.docs
@pytest.mark.parametrize(
    ("days", "status"),
    [pytest.param(30, "SKIPPED", id="lately"), pytest.param(32, "SUCCESS", id="long ago")],
)
def test_amis_that_were_launched(mb, days, status):
    kit = Kit()
    first, _ = make(kit), make(kit)
    ami = ami_of(first)
    mb.amis.launched(ami, mb.clock.now() - 10 * 86400)
    mb.amis.launched(ami, datetime.fromtimestamp(mb.clock.now(), UTC))
    mb.amis.launched(ami, mb.clock.now() - 86400)  # the last one counts, not the last said
    month = {"lastLaunched": {"value": 31, "unit": "DAYS"}}
    policy(
        {**rule("DELETE", "amis", keeps=1), "exclusionRules": {"amis": month}}, status="DISABLED"
    )
    mb.clock.tick(days=days)
    change_policy()
    to_next_run(mb, hours=1)
    (part,) = resources(last_run(), first)
    assert part["state"]["status"] == status
    assert (ami in mb.amis) is (status == "SKIPPED")
    if status == "SKIPPED":
        assert part["state"]["reason"] == "The AMI was launched within the last 31 days."


@pytest.mark.inferred
def test_only_amis_that_are_there_were_launched_and_at_some_time(mb):
    with pytest.raises(KeyError, match="no AMI 'ami-1'"):
        mb.amis.launched("ami-1", 0)
    with pytest.raises(TypeError, match="a number or a datetime, not str"):
        mb.amis.launched(ami_of(make(Kit())), "yesterday")


@pytest.mark.docs
def test_what_is_gone_already_is_a_success(mb):
    kit = Kit()
    first, _ = make(kit), make(kit)
    ami = ami_of(first)
    state_of(mb).means.neighbours.ec2(REGION).deregister(ami)
    policy(rule("DELETE", "amis", "snapshots", keeps=1))
    to_next_run(mb, hours=1)
    (part,) = resources(last_run(), first)
    assert (part["state"], "snapshots" in part) == ({"status": "SUCCESS"}, False)
    assert outcome(last_run()) == {first: ("DELETE", "SUCCESS")}


@pytest.mark.docs
def test_container_images(mb):
    kit = Kit()
    members = {"containerRecipeArn": container_recipe("web"), "imageRecipeArn": None}
    first, second = make(kit, **members), make(kit, **members)
    (made,) = look(first)["outputResources"]["containers"]
    policy(rule(keeps=1))  # which is about AMIs
    policy(rule("DELETE", "containers", keeps=1), resourceType="CONTAINER_IMAGE", name="containers")
    to_next_run(mb, hours=1)
    assert (builds(), outcome(last_run())) == ([second], {})
    run_id = executions(POLICY.replace("tidy", "containers"))[0]["lifecycleExecutionId"]
    (part,) = resources(run_id, first)
    assert part["resourceId"] == made["imageUris"][0]
    assert part["imageUris"] == made["imageUris"]
    assert (part["region"], part["state"]) == ("us-east-1", {"status": "SUCCESS"})
    tags = state_of(mb).means.neighbours.ecr(REGION).tags("web")
    assert {uri.rpartition(":")[2] for uri in made["imageUris"]}.isdisjoint(tags)
    assert tags == ["1.0.0-2", "web-1.0.0-2"]


@pytest.fixture
def forbidden(monkeypatch):
    """What a stand-in for EC2 and ECR does not do: methods, each with what it is not done to."""
    asked = {}

    def refuse(kind, name):
        real = getattr(kind, name)

        def call(self, thing, *more, **members):
            if asked.get(name) in (thing, "*"):
                raise NeighbourError("UnauthorizedOperation", f"You may not {name} {thing}.")
            return real(self, thing, *more, **members)

        monkeypatch.setattr(kind, name, call)

    for name in ("find", "deregister", "delete_snapshot"):
        refuse(EmbeddedEC2, name)
    refuse(EmbeddedECR, "delete")
    return asked


@pytest.mark.docs
def test_an_ami_that_cannot_be_deregistered(mb, forbidden):
    kit = Kit()
    first, second, _ = make(kit), make(kit), make(kit)
    ami = ami_of(first)
    forbidden["deregister"] = ami
    policy(rule("DELETE", "amis", "snapshots", keeps=1))
    to_next_run(mb, hours=1)
    assert outcome(last_run()) == {second: ("DELETE", "SUCCESS"), first: ("DELETE", "FAILED")}
    (part,) = resources(last_run(), first)
    reason = f"EC2 Client Error: 'You may not deregister {ami}.'"
    assert (part["state"], "snapshots" in part) == ({"status": "FAILED", "reason": reason}, False)
    assert execution(last_run())["state"] == {
        "status": "FAILED",
        "reason": "One or more resource actions failed.",
    }
    assert status(first) == "AVAILABLE"


@pytest.mark.inferred
def test_a_snapshot_that_cannot_be_deleted(mb, forbidden):
    kit = Kit()
    first, _ = make(kit), make(kit)
    forbidden["delete_snapshot"] = "*"
    policy(rule("DELETE", "amis", "snapshots", keeps=1))
    to_next_run(mb, hours=1)
    (part,) = resources(last_run(), first)
    assert part["state"] == {"status": "SUCCESS"}
    assert part["snapshots"][0]["state"]["status"] == "FAILED"
    assert (run_statuses(), first in builds()) == (["FAILED"], True)


@pytest.mark.inferred
def test_an_ami_that_cannot_be_looked_at(mb, forbidden):
    kit = Kit()
    first, _ = make(kit), make(kit)
    forbidden["find"] = ami_of(first)
    policy(rule("DELETE", "amis", keeps=1))
    to_next_run(mb, hours=1)
    (part,) = resources(last_run(), first)
    reason = f"EC2 Client Error: 'You may not find {ami_of(first)}.'"
    assert part["state"] == {"status": "FAILED", "reason": reason}
    assert status(first) == "AVAILABLE"


@pytest.mark.inferred
def test_a_container_image_that_cannot_be_deleted(mb, forbidden):
    members = {"containerRecipeArn": container_recipe("web"), "imageRecipeArn": None}
    kit = Kit()
    first, _ = make(kit, **members), make(kit, **members)
    forbidden["delete"] = "web"
    policy(rule("DELETE", "containers", keeps=1), resourceType="CONTAINER_IMAGE")
    to_next_run(mb, hours=1)
    (part,) = resources(last_run(), first)
    reason = "ECR Client Error: 'You may not delete web.'"
    assert part["state"] == {"status": "FAILED", "reason": reason}
    assert outcome(last_run()) == {first: ("DELETE", "FAILED")}


@pytest.mark.inferred
def test_an_image_that_others_may_use_cannot_be_deleted(mb):
    kit = Kit()
    first, _ = make(kit), make(kit)
    CLIENT.put_image_policy(imageArn=first, policy=resource_policy(["GetImage"], first))
    policy(rule("DELETE", "amis", keeps=1))
    to_next_run(mb, hours=1)
    (one,) = resources(last_run())
    assert one["state"] == {
        "status": "FAILED",
        "reason": "Resource dependency error: The resource ARN "
        f"'{first}' has other resources depended on it.",
    }
    assert resources(last_run(), first) == []
    assert (run_statuses(), status(first)) == (["FAILED"], "AVAILABLE")
    mb.clock.tick(days=1)
    assert run_statuses() == ["FAILED", "FAILED"]


# Next door


@pytest.mark.docs
def test_what_becomes_of_amis_in_moto():
    with optional.mock_aws(), mock_imagebuilder(clock="virtual") as mb:
        optional.make_client("iam").create_instance_profile(InstanceProfileName="builder")
        ec2 = optional.make_client("ec2")
        kit = Kit()
        public = to(launchPermission={"userGroups": ["all"]})
        arn = make(kit, distributionConfigurationArn=distribution(public))
        policy(rule("DISABLE", "amis", days=1), rule("DELETE", "amis", "snapshots", days=3))
        ami = ami_of(arn)

        def described() -> list[Record]:
            return ec2.describe_images(Owners=["self"])["Images"]

        (before,) = described()
        assert (before["ImageId"], before["State"], before["Public"]) == (ami, "available", True)
        snapshot = before["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        mb.clock.tick(days=2)
        assert status(arn) == "DISABLED"
        (after,) = described()
        assert (after["State"], after["Public"]) == ("disabled", False)
        mb.clock.tick(days=3)
        assert builds() == []
        assert described() == []
        snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        assert snapshot not in [one["SnapshotId"] for one in snapshots]


@pytest.mark.docs
def test_amis_that_were_launched_in_moto():
    with optional.mock_aws(), mock_imagebuilder(clock="virtual") as mb:
        optional.make_client("iam").create_instance_profile(InstanceProfileName="builder")
        first = make(Kit())
        week = {"lastLaunched": {"value": 1, "unit": "WEEKS"}}
        spare = {"exclusionRules": {"amis": week}}
        policy({**rule("DISABLE", "amis", days=1), **spare})
        ami = ami_of(first)
        optional.make_client("ec2").run_instances(ImageId=ami, MinCount=1, MaxCount=1)
        with pytest.raises(ConfigurationError, match="RunInstances"):
            mb.amis.launched(ami, 0)
        mb.clock.tick(days=2)
        assert status(first) == "DISABLED"
        assert not mb.amis[ami].is_disabled
        change_policy(policyDetails=[{**rule("DELETE", "amis", days=8), **spare}])
        mb.clock.tick(days=8)
        assert ami not in mb.amis


@pytest.mark.docs
def test_what_becomes_of_container_images_in_moto():
    with optional.mock_aws(), mock_imagebuilder(clock="virtual") as mb:
        optional.make_client("iam").create_instance_profile(InstanceProfileName="builder")
        ecr = optional.make_client("ecr")
        ecr.create_repository(repositoryName="web")
        kit = Kit()
        members = {"containerRecipeArn": container_recipe("web"), "imageRecipeArn": None}
        first, second = make(kit, **members), make(kit, **members)
        policy(rule("DELETE", "containers", keeps=1), resourceType="CONTAINER_IMAGE")
        to_next_run(mb, hours=1)
        assert outcome(last_run()) == {first: ("DELETE", "SUCCESS")}
        tags = {one["imageTag"] for one in ecr.list_images(repositoryName="web")["imageIds"]}
        assert tags == {"1.0.0-2", "web-1.0.0-2"}
        ecr.delete_repository(repositoryName="web", force=True)
        run_id = update(second, "DELETED", "containers")["lifecycleExecutionId"]
        assert outcome(run_id) == {second: ("DELETE", "SUCCESS")}
        assert resources(run_id, second)[0]["state"] == {"status": "SUCCESS"}
