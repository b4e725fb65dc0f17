"""StartResourceStateUpdate: what it does to an image and to what that has made."""

from datetime import timedelta

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.embedded_ec2 import EmbeddedEC2
from tests.imagebuilder.factory import (
    CLIENT,
    REGION,
    container_recipe,
    missing,
    refused,
    state_of,
    wrong,
)
from tests.imagebuilder.image_factory import Kit, distribution, look, status, to
from tests.imagebuilder.lifecycle_factory import (
    ami_of,
    builds,
    execution,
    executions,
    in_days,
    make,
    outcome,
    resources,
    update,
)

#: What shows the state of an image that nobody has changed.
FRESH = ("state", "deprecationTime", "lifecycleExecutionId")


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual") as handle:
        yield handle


def make_one() -> str:
    """Make an image, and look at it."""
    return make(Kit())


def make_container() -> str:
    """Make a container image, and look at it."""
    members = {"containerRecipeArn": container_recipe("box"), "imageRecipeArn": None}
    return make(Kit(), **members)


# At once


@pytest.mark.docs
def test_without_more_the_state_changes_at_once(mb):
    arn = make_one()
    response = update(arn, "DEPRECATED", clientToken="t-1")
    del response["ResponseMetadata"]
    assert response == {"resourceArn": arn}
    image = look(arn)
    assert image["state"] == {"status": "DEPRECATED"}
    assert abs(image["deprecationTime"].timestamp() - mb.clock.now()) < 1
    assert "lifecycleExecutionId" not in image
    assert executions(arn) == []
    assert mb.amis[ami_of(arn)].deprecated_at is None


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_at_once_is_at_once_always(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        while status(arn) != "AVAILABLE":
            pass
        for state in ("DEPRECATED", "AVAILABLE", "DISABLED"):
            update(arn, state)
            assert status(arn) == state


@pytest.mark.docs
def test_an_image_can_be_restored(mb):
    arn = make_one()
    before = look(arn)
    update(arn, "DEPRECATED")
    update(arn, "DISABLED")
    update(arn, "AVAILABLE")
    after = look(arn)
    assert [one in after for one in FRESH] == [one in before for one in FRESH]
    assert after == before


@pytest.mark.docs
def test_a_restored_image_is_found_by_its_version_again(mb):
    arn = make_one()
    version = arn.rpartition("/")[0]
    update(arn, "DISABLED")
    with missing():
        look(version)
    update(arn, "AVAILABLE")
    assert look(version)["arn"] == arn


@pytest.mark.docs
def test_events_are_of_images_being_made_only(mb):
    arn = make_one()
    before = list(mb.events)
    assert before[-1]["detail"]["state"]["status"] == "AVAILABLE"
    for state in ("DISABLED", "AVAILABLE", "DEPRECATED"):
        update(arn, state)
        assert status(arn) == state
    assert list(mb.events) == before


# With what it has made


@pytest.mark.docs
@pytest.mark.parametrize(
    ("state", "action"), [("DEPRECATED", "DEPRECATE"), ("DISABLED", "DISABLE")]
)
def test_with_its_amis_it_takes_an_execution(mb, state, action):
    arn = make_one()
    response = update(arn, state, "amis")
    del response["ResponseMetadata"]
    run_id = response.pop("lifecycleExecutionId")
    assert response == {"resourceArn": arn}
    assert look(arn)["lifecycleExecutionId"] == run_id
    assert status(arn) == state
    record = execution(run_id)
    assert record == {
        "lifecycleExecutionId": run_id,
        "resourcesImpactedSummary": {"hasImpactedResources": True},
        "state": {"status": "SUCCESS"},
        "startTime": record["startTime"],
        "endTime": record["endTime"],
    }
    assert executions(arn) == [record]
    (one,) = resources(run_id)
    assert one["resourceId"] == arn
    assert one["action"] == {"name": action, "reason": "The state update was requested."}
    (part,) = resources(run_id, arn)
    assert (part["resourceId"], part["state"]) == (ami_of(arn), {"status": "SUCCESS"})
    assert "snapshots" not in part


@pytest.mark.docs
def test_amis_are_deprecated_disabled_and_restored(mb):
    arn = make_one()
    ami = ami_of(arn)
    seen = []
    for state in ("DEPRECATED", "DISABLED", "AVAILABLE"):
        update(arn, state, "amis")
        found = mb.amis[ami]
        seen.append(
            (found.deprecated_at is not None, found.is_disabled, "DeprecatedBy" in found.tags)
        )
        assert resources(executions(arn)[0]["lifecycleExecutionId"])[0]["action"]["name"] == (
            {"DEPRECATED": "DEPRECATE", "DISABLED": "DISABLE"}.get(state, state)
        )
    assert seen == [(True, False, True), (True, True, False), (False, False, False)]
    assert "deprecationTime" not in look(arn)
    assert len(executions(arn)) == 3


@pytest.mark.docs
def test_an_image_is_deleted_with_what_it_has_made(mb):
    arn = make_one()
    ami = ami_of(arn)
    run_id = update(arn, "DELETED", "amis", "snapshots")["lifecycleExecutionId"]
    with missing():
        look(arn)
    assert builds() == []
    assert outcome(run_id) == {arn: ("DELETE", "SUCCESS")}
    (part,) = resources(run_id, arn)
    assert part["snapshots"][0]["state"] == {"status": "SUCCESS"}
    assert ami not in mb.amis
    assert executions(arn)[0]["lifecycleExecutionId"] == run_id
    with missing():
        update(arn, "AVAILABLE")


@pytest.mark.docs
def test_a_container_image_can_only_be_deleted(mb):
    arn = make_container()
    uris = look(arn)["outputResources"]["containers"][0]["imageUris"]
    for state in ("DEPRECATED", "DISABLED"):
        sentence = f"The state of a container image cannot be updated to {state}."
        with refused(message=wrong("state.status", sentence)):
            update(arn, state)
    run_id = update(arn, "DELETED", "containers")["lifecycleExecutionId"]
    assert builds() == []
    assert state_of(mb).means.neighbours.ecr(REGION).tags("web") == []
    (part,) = resources(run_id, arn)
    assert (part["resourceId"], part["imageUris"]) == (uris[0], uris)


@pytest.mark.docs
@pytest.mark.parametrize("state", ["DEPRECATED", "DISABLED", "DELETED"])
def test_only_a_deletion_minds_amis_that_are_left_alone(mb, state):
    kit = Kit()
    everywhere = distribution(to(), to("eu-west-1"))
    arn = make(kit, distributionConfigurationArn=everywhere)
    exclusions = {"amis": {"regions": ["eu-west-1"]}}
    run_id = update(arn, state, "amis", exclusionRules=exclusions)["lifecycleExecutionId"]
    found = {(one["region"], one["state"]["status"]) for one in resources(run_id, arn)}
    assert found == {("us-east-1", "SUCCESS"), ("eu-west-1", "SKIPPED")}
    (one,) = resources(run_id)
    if state == "DELETED":
        reason = "One or more resources of the image were skipped."
        assert one["state"] == {"status": "SKIPPED", "reason": reason}
        assert status(arn) == "AVAILABLE"
    else:
        assert one["state"] == {"status": "SUCCESS"}
        assert status(arn) == state
    assert execution(run_id)["state"] == {"status": "SUCCESS"}


@pytest.mark.docs
def test_exclusions_without_amis_mean_nothing(mb):
    arn = make_one()
    update(arn, "DISABLED", exclusionRules={"amis": {"regions": ["us-east-1"]}})
    assert status(arn) == "DISABLED"


@pytest.mark.inferred
@pytest.mark.parametrize("later", [False, True], ids=["now", "later"])
def test_an_ami_that_cannot_be_deprecated(mb, later, monkeypatch):
    def refuse(*_: object) -> None:
        raise NeighbourError("UnauthorizedOperation", "You may not do this.")

    arn = make_one()
    monkeypatch.setattr(EmbeddedEC2, "deprecate", refuse)
    at = {"updateAt": in_days(mb, 1)} if later else {}
    run_id = update(arn, "DEPRECATED", "amis", **at)["lifecycleExecutionId"]
    mb.clock.tick(days=2)
    assert execution(run_id)["state"]["status"] == "FAILED"
    assert outcome(run_id) == {arn: ("DEPRECATE", "FAILED")}
    (part,) = resources(run_id, arn)
    reason = "EC2 Client Error: 'You may not do this.'"
    assert part["state"] == {"status": "FAILED", "reason": reason}
    assert status(arn) == "AVAILABLE"


# Later


@pytest.mark.docs
def test_a_deprecation_for_later(mb):
    arn = make_one()
    at = in_days(mb, 30)
    run_id = update(arn, "DEPRECATED", updateAt=at)["lifecycleExecutionId"]
    image = look(arn)
    assert (image["state"]["status"], image["lifecycleExecutionId"]) == ("AVAILABLE", run_id)
    assert abs(image["deprecationTime"] - at) < timedelta(seconds=1)
    assert execution(run_id)["state"] == {"status": "PENDING"}
    (one,) = resources(run_id)
    assert one["state"] == {"status": "IN_PROGRESS"}
    mb.clock.tick(days=29)
    assert (status(arn), execution(run_id)["state"]["status"]) == ("AVAILABLE", "PENDING")
    mb.clock.tick(days=2)
    assert (status(arn), execution(run_id)["state"]["status"]) == ("DEPRECATED", "SUCCESS")
    assert abs(look(arn)["deprecationTime"] - at) < timedelta(seconds=1)
    assert execution(run_id)["endTime"] - at < timedelta(seconds=2)
    assert outcome(run_id) == {arn: ("DEPRECATE", "SUCCESS")}


@pytest.mark.docs
def test_amis_know_at_once_when_they_are_deprecated(mb):
    arn = make_one()
    at = in_days(mb, 30)
    run_id = update(arn, "DEPRECATED", "amis", updateAt=at)["lifecycleExecutionId"]
    deprecation = mb.amis[ami_of(arn)].deprecated_at
    assert deprecation is not None
    assert abs(deprecation - at.timestamp()) < 1
    (part,) = resources(run_id, arn)
    assert part["state"] == {"status": "SUCCESS"}
    mb.clock.tick(days=31)
    assert resources(run_id, arn)[0]["state"] == {"status": "SUCCESS"}
    assert status(arn) == "DEPRECATED"


@pytest.mark.inferred
def test_a_time_that_is_near_is_now(mb):
    arn = make_one()
    at = in_days(mb, 30 / 86400)
    assert "lifecycleExecutionId" not in update(arn, "DEPRECATED", updateAt=at)
    image = look(arn)
    assert image["state"]["status"] == "DEPRECATED"
    assert abs(image["deprecationTime"] - at) < timedelta(seconds=1)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("transitions", "at_its_time"),
    [
        ("settled", ["SUCCESS"] * 3),
        ("stepped", ["SUCCESS"] * 3),  # looks have moved it on to its end meanwhile
        ("timed", ["IN_PROGRESS"] * 3),
    ],
)
def test_only_the_clock_brings_the_time(transitions, at_its_time):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        while status(arn) != "AVAILABLE":
            pass
        at = in_days(mb, 1)
        run_id = update(arn, "DEPRECATED", updateAt=at)["lifecycleExecutionId"]

        def seen() -> list[str]:
            return [execution(run_id)["state"]["status"] for _ in range(3)]

        assert set(seen()) <= {"IN_PROGRESS", "PENDING"}
        mb.clock.tick(minutes=1)
        assert seen() == ["PENDING"] * 3
        mb.clock.move_to(at)
        assert seen() == at_its_time
        assert status(arn) == "DEPRECATED"
        mb.clock.tick(minutes=1)
        assert seen() == ["SUCCESS"] * 3


@pytest.mark.docs
def test_a_deprecation_for_later_can_be_cancelled(mb):
    arn = make_one()
    run_id = update(arn, "DEPRECATED", updateAt=in_days(mb, 30))["lifecycleExecutionId"]
    execution(run_id)
    mb.clock.tick(days=1)
    CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=run_id)
    assert execution(run_id)["state"] == {"status": "CANCELLED"}
    (one,) = resources(run_id)
    assert one["state"] == {
        "status": "SKIPPED",
        "reason": "The lifecycle execution was canceled.",
    }
    mb.clock.tick(days=60)
    assert status(arn) == "AVAILABLE"
    update(arn, "DISABLED", "amis")
    assert status(arn) == "DISABLED"


@pytest.mark.docs
def test_what_waits_ends_with_the_mock(mb):
    arn = make_one()
    update(arn, "DEPRECATED", updateAt=in_days(mb, 30))
    (image,) = state_of(mb).shelves["image"].newest_first
    mb._world.forget("imagebuilder")
    mb.clock.tick(days=31)
    assert builds() == []
    assert image.record["state"]["status"] == "AVAILABLE"


@pytest.mark.inferred
def test_what_is_disabled_meanwhile_is_not_deprecated(mb):
    arn = make_one()
    run_id = update(arn, "DEPRECATED", updateAt=in_days(mb, 30))["lifecycleExecutionId"]
    update(arn, "DISABLED")
    mb.clock.tick(days=31)
    (one,) = resources(run_id)
    assert one["state"] == {
        "status": "FAILED",
        "reason": "An image in state DISABLED cannot be DEPRECATED.",
    }
    assert status(arn) == "DISABLED"


@pytest.mark.docs
@pytest.mark.parametrize("how", ["deprecated", "deleted"])
def test_what_has_come_about_otherwise_is_a_success(mb, how):
    arn = make_one()
    run_id = update(arn, "DEPRECATED", updateAt=in_days(mb, 30))["lifecycleExecutionId"]
    if how == "deprecated":
        update(arn, "DEPRECATED")
    else:
        CLIENT.delete_image(imageBuildVersionArn=arn)
    mb.clock.tick(days=31)
    assert outcome(run_id) == {arn: ("DEPRECATE", "SUCCESS")}
