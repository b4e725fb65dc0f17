"""DeleteImage, and tags of images."""

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.domain.image_lifecycle import POSSIBLE, RESTING
from mockbuild.services.imagebuilder.image_order import Images
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    RAW,
    answer,
    depended_on,
    missing,
    policy,
    refused,
    state_of,
)
from tests.imagebuilder.image_factory import (
    PARENT,
    ROLE,
    Kit,
    look,
    look_until,
    recipe,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = f"{IMAGE}/99"


@pytest.mark.docs
def test_an_image_is_deleted(client, kit):
    first, second = kit.make(), kit.make()
    look(first), look(second)
    response = answer(client.delete_image(imageBuildVersionArn=second))
    assert response == {"imageBuildVersionArn": second}
    (left,) = client.list_image_build_versions()["imageSummaryList"]
    assert left["arn"] == first
    assert look(IMAGE)["arn"] == first
    for arn in (second, NEVER):
        with missing():
            client.delete_image(imageBuildVersionArn=arn)
    client.delete_image(imageBuildVersionArn=first)
    assert client.list_images()["imageVersionList"] == []


def in_progress(arn):
    return refused(
        "ResourceDependencyException",
        f"Resource dependency error: The resource ARN '{arn}' has a running workflow.",
    )


@pytest.mark.inferred
def test_an_image_that_is_being_made_is_not_deleted(clocked):
    arn = Kit().make()
    with in_progress(arn):
        CLIENT.delete_image(imageBuildVersionArn=arn)
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    with in_progress(arn):
        CLIENT.delete_image(imageBuildVersionArn=arn)
    clocked.clock.tick(10)
    CLIENT.delete_image(imageBuildVersionArn=arn)


@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
@pytest.mark.docs
def test_an_image_that_is_retried_is_not_deleted(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        mb.script(image="web", times=1).fails_in("INTEGRATING")
        arn = Kit().make()
        mb.clock.tick(hours=1)
        look_until(arn, "FAILED")
        CLIENT.retry_image(imageBuildVersionArn=arn)
        with in_progress(arn):
            CLIENT.delete_image(imageBuildVersionArn=arn)


@pytest.mark.inferred
def test_the_state_of_an_image_that_is_retried_is_not_updated(stepped):
    stepped.script(image="web", times=1).fails_in("INTEGRATING")
    arn = Kit().make()
    look_until(arn, "FAILED")
    CLIENT.retry_image(imageBuildVersionArn=arn)
    with refused("ResourceInUseException"):
        CLIENT.start_resource_state_update(
            resourceArn=arn,
            state={"status": "DELETED"},
            executionRole=ROLE,
            includeResources={"amis": True},
        )
    assert look(arn)["state"] == {"status": "INTEGRATING"}


@pytest.mark.docs
def test_nothing_is_kept_of_a_deleted_image(clocked):
    arn = Kit().make()
    clocked.clock.tick(60)
    look(arn)
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    clocked.clock.tick(10)
    images = state_of(clocked).store(Images)
    assert images._runs
    CLIENT.delete_image(imageBuildVersionArn=arn)
    assert not images._runs
    assert not images.running


@pytest.mark.parametrize("state", sorted(set(RESTING) - {"AVAILABLE"}))
@pytest.mark.model
def test_an_image_at_rest_is_deleted(mb, client, kit, state):
    assert state in POSSIBLE["DeleteImage"]
    arn = kit.make()
    look(arn)
    state_of(mb).shelves["image"].exact(arn).kept.enter(state)
    client.delete_image(imageBuildVersionArn=arn)


@pytest.mark.docs
def test_an_image_that_is_shared_or_built_on_is_not_deleted(client, kit):
    arn = kit.make()
    look(arn)
    client.put_image_policy(imageArn=arn, policy=policy(["GetImage"], arn))
    with depended_on(arn):
        client.delete_image(imageBuildVersionArn=arn)
    other = kit.make()
    look(other)
    recipe("child", parentImage=other, components=None)
    with depended_on(other):
        client.delete_image(imageBuildVersionArn=other)


@pytest.mark.model
def test_only_builds_are_deleted(client, kit):
    with refused(parameter="imageBuildVersionArn"):
        RAW.delete_image(imageBuildVersionArn=IMAGE)
    with missing():
        client.delete_image(imageBuildVersionArn=look(PARENT)["arn"])


# Tags


@pytest.mark.docs
def test_tags_of_an_image_change_and_nothing_else(client, kit):
    arn = kit.make(tags={"a": "1"})
    before = look(arn)
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert look(arn) == {**before, "tags": {"b": "2"}}
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
