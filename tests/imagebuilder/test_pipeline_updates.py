"""Pipelines that only run when there is something new to build an image of."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    OTHER,
    component,
    container_recipe,
    document,
    image_recipe,
    infrastructure,
    policy,
    uses,
)
from tests.imagebuilder.pipeline_factory import (
    IF_NEWER,
    PIPELINE,
    WEB,
    get,
    image,
    move,
    pipeline,
    runs,
    scheduled,
    start,
    update,
)

DAILY = scheduled("rate(1 day)", IF_NEWER)
TOOL = f"{ARN}:component/tool"


@pytest.fixture
def daily():
    """A mock in 2030."""
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        move(mb, "2030-01-01T00:00")
        infrastructure()
        yield mb


def days() -> list[int]:
    """Return on which days of January there was a run, but for the first."""
    return [int(date[8:10]) for date in runs() if date[8:10] != "01"]


@pytest.mark.model
@pytest.mark.parametrize("condition", [IF_NEWER, None], ids=["said", "by default"])
def test_a_newer_version_of_a_component_starts_a_run(daily, condition):
    component()
    pipeline(
        imageRecipeArn=image_recipe(components=uses(f"{TOOL}/1.x.x")),
        schedule=scheduled("rate(1 day)", condition),
    )
    daily.clock.tick(days=3)
    assert days() == [2]  # nothing was built before
    component(version="1.0.1")
    daily.clock.tick(days=3)
    assert days() == [2, 5]
    component(version="2.0.0")  # not one of 1.x.x
    daily.clock.tick(days=3)
    assert days() == [2, 5]
    component(version="1.2.0")
    component(version="1.3.0")
    daily.clock.tick(days=3)
    assert days() == [2, 5, 11]
    assert get()["dateNextRun"].startswith("2030-01-14")


@pytest.mark.model
def test_on_match_only_nothing_has_to_be_new(daily):
    pipeline(imageRecipeArn=image_recipe(), schedule=scheduled("rate(1 day)"))
    daily.clock.tick(days=3)
    assert days() == [2, 3, 4]


@pytest.mark.model
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("image", "amazon-linux-2023-x86", id="base image"),
        pytest.param("component", "update-linux", id="component"),
    ],
)
def test_what_amazon_releases_starts_a_run(daily, kind, name):
    recipe = image_recipe(components=uses(f"{AMAZON}:component/update-linux/x.x.x"))
    pipeline(imageRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=2)
    assert days() == [2]
    daily.catalogue.release(kind, name, "2031.1.1")
    daily.catalogue.release("component", "python-3-linux", "2031.1.1")  # not in it
    daily.clock.tick(days=5)
    assert days() == [2, 4]


@pytest.mark.model
def test_versions_that_are_named_do_not_change(daily):
    build = component()
    recipe = image_recipe(parentImage="ami-12345678", components=uses(build))
    pipeline(imageRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=2)
    component(version="1.0.1")
    component(data=document(), changeDescription="again", description="another build")
    daily.clock.tick(days=5)
    assert days() == [2]


@pytest.mark.inferred
def test_another_build_of_a_version_is_new(daily):
    component()
    recipe = image_recipe(components=uses(f"{TOOL}/1.0.0"))
    pipeline(imageRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=2)
    component(description="another build")
    daily.clock.tick(days=5)
    assert days() == [2, 4]


@pytest.mark.model
def test_a_run_on_demand_counts_and_needs_nothing_new(daily):
    component()
    pipeline(imageRecipeArn=image_recipe(components=uses(f"{TOOL}/x.x.x")), schedule=DAILY)
    start()
    daily.clock.tick(hours=1)
    start()
    daily.clock.tick(days=2)
    assert days() == []
    component(version="1.0.1")
    start()  # has it already
    daily.clock.tick(days=2)
    assert days() == [3]


@pytest.mark.inferred
def test_what_is_older_is_not_new(daily):
    component()
    newer = component(version="1.1.0")
    pipeline(imageRecipeArn=image_recipe(components=uses(f"{TOOL}/x.x.x")), schedule=DAILY)
    daily.clock.tick(days=2)
    CLIENT.delete_component(componentBuildVersionArn=newer)
    daily.clock.tick(days=2)
    assert days() == [2]
    CLIENT.delete_component(componentBuildVersionArn=f"{TOOL}/1.0.0/1")
    daily.clock.tick(days=2)
    assert days() == [2]
    component(version="1.1.1")
    daily.clock.tick(days=2)
    assert days() == [2, 8]


@pytest.mark.inferred
def test_the_last_image_counts_even_if_it_failed(daily):
    component()
    daily.script(image="web", times=1).fails_in("BUILDING")
    pipeline(imageRecipeArn=image_recipe(components=uses(f"{TOOL}/x.x.x")), schedule=DAILY)
    daily.clock.tick(days=5)
    assert days() == [2]
    assert get()["lastRunStatus"] == "FAILED"


@pytest.mark.inferred
def test_a_newer_recipe_that_an_x_stands_for_is_new(daily):
    image_recipe(parentImage="ami-12345678")
    pipeline(imageRecipeArn=f"{ARN}:image-recipe/web/1.x.x", schedule=DAILY)
    daily.clock.tick(days=2)
    image_recipe(version="1.1.0", parentImage="ami-12345678")
    daily.clock.tick(days=2)
    assert days() == [2, 4]


@pytest.mark.inferred
def test_another_recipe_is_new(daily):
    pipeline(imageRecipeArn=image_recipe(parentImage="ami-12345678"), schedule=DAILY)
    daily.clock.tick(days=2)
    update(imageRecipeArn=image_recipe("other", parentImage="ami-12345678"), schedule=DAILY)
    daily.clock.tick(days=2)
    assert days() == [2, 4]


@pytest.mark.model
def test_a_parameter_of_ssm_that_changes(daily):
    values = daily.parameters["us-east-1"]
    values["/golden"] = "ami-11111111"
    pipeline(imageRecipeArn=image_recipe(parentImage="ssm:/golden"), schedule=DAILY)
    daily.clock.tick(days=2)
    assert days() == [2]
    values["/golden"] = "ami-00000000"  # which is no greater
    daily.clock.tick(days=2)
    assert days() == [2, 4]
    del values["/golden"]
    daily.clock.tick(days=2)
    assert days() == [2, 4]
    values["/golden"] = "ami-00000000"
    daily.clock.tick(days=2)
    assert days() == [2, 4]


@pytest.mark.model
def test_images_of_one_pipeline_that_another_builds_on(daily):
    """Base is built every second day, so web is, too; in one jump, each at its time."""
    daily.script(image="base").takes(minutes=90, step="DISTRIBUTING")
    image_recipe("base")
    pipeline(
        "base",
        imageRecipeArn=f"{ARN}:image-recipe/base/1.0.0",
        schedule=scheduled("cron(0 0 1/2 * ? *)"),
    )
    start(f"{PIPELINE}/base")
    daily.clock.tick(hours=2)
    recipe = image_recipe(parentImage=f"{ARN}:image/base/x.x.x")
    pipeline(imageRecipeArn=recipe, schedule=scheduled("rate(1 hour)", IF_NEWER))
    daily.clock.tick(days=6)
    # Base begins at midnight, and is ready an hour and a half later.
    assert [date[8:13] for date in runs()] == ["01T03", "03T02", "05T02", "07T02"]


@pytest.mark.docs
def test_an_image_that_cannot_be_built_on_is_not_new(daily):
    image_recipe("base")
    pipeline("base", imageRecipeArn=f"{ARN}:image-recipe/base/1.0.0")
    start(f"{PIPELINE}/base")
    daily.clock.tick(hours=2)
    pipeline(imageRecipeArn=image_recipe(parentImage=f"{ARN}:image/base/x.x.x"), schedule=DAILY)
    daily.clock.tick(days=1)
    daily.script(image="base").fails_in("BUILDING")
    failed = start(f"{PIPELINE}/base")
    daily.clock.tick(days=2)
    assert image(failed)["state"]["status"] == "FAILED"
    assert days() == [2]


@pytest.mark.model
def test_containers(daily):
    component()
    recipe = container_recipe(components=uses(f"{TOOL}/x.x.x"))
    pipeline(imageRecipeArn=None, containerRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=3)
    component(version="1.0.1")
    daily.clock.tick(days=3)
    assert days() == [2, 5]


@pytest.mark.model
def test_a_component_of_another_account(daily):
    theirs = component("their-tool", client=OTHER)
    name = theirs.removesuffix("1.0.0/1")

    def share(arn):
        allowed = policy(["GetComponent"], arn, account="123456789012")
        OTHER.put_component_policy(componentArn=arn, policy=allowed)

    share(theirs)
    pipeline(imageRecipeArn=image_recipe(components=uses(f"{name}x.x.x")), schedule=DAILY)
    daily.clock.tick(days=2)
    newer = component("their-tool", "1.1.0", client=OTHER)
    daily.clock.tick(days=2)
    assert days() == [2]  # it is not shared yet
    share(newer)
    daily.clock.tick(days=2)
    assert days() == [2, 6]


@pytest.mark.inferred
def test_a_disabled_schedule_makes_up_for_nothing(daily):
    component()
    recipe = image_recipe(components=uses(f"{TOOL}/x.x.x"))
    pipeline(imageRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=1)
    update(imageRecipeArn=recipe, schedule=DAILY, status="DISABLED")
    component(version="1.0.1")
    daily.clock.tick(days=3, hours=12)
    update(imageRecipeArn=recipe, schedule=DAILY)
    daily.clock.tick(days=3)
    assert days() == [2, 6]  # once, when it is due
    assert get(WEB)["status"] == "ENABLED"
