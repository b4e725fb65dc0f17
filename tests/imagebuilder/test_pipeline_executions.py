"""StartImagePipelineExecution, and ListImagePipelineImages."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    distribution,
    image_recipe,
    missing,
    refused,
)
from tests.imagebuilder.pipeline_factory import (
    DISTRIBUTION,
    EVERYTHING,
    INFRASTRUCTURE,
    PIPELINE,
    RECIPE,
    WEB,
    delete,
    get,
    image,
    images,
    parents,
    pipeline,
    start,
)


@pytest.fixture
def made(mb):
    """What pipelines need: a recipe and an infrastructure configuration."""
    parents()
    return mb


# Runs on demand


@pytest.mark.docs
@pytest.mark.parametrize("status", ["ENABLED", "DISABLED"])
def test_a_run_on_demand(made, status):
    pipeline(status=status, imageTags={"by": "schedule"})
    arn = start(tags={"by": "hand"})
    assert arn == f"{ARN}:image/web/1.0.0/1"
    record = image(arn)
    assert record["sourcePipelineArn"] == WEB
    assert record["buildType"] == "USER_INITIATED"
    assert record["tags"] == {"by": "hand"}
    assert record["name"] == "web"
    shown = get()
    assert shown["dateLastRun"] == record["dateCreated"]
    assert shown["lastRunStatus"] == "AVAILABLE"
    assert shown["status"] == status
    assert "dateNextRun" not in shown


@pytest.mark.docs
def test_image_tags_are_not_for_runs_on_demand(made):
    pipeline(imageTags={"by": "schedule"})
    assert image(start())["tags"] == {}


@pytest.mark.model
def test_the_image_is_as_the_pipeline_says(made):
    distribution()
    pipeline(**EVERYTHING)
    record = image(start())
    for name in (
        "enhancedImageMetadataEnabled",
        "imageTestsConfiguration",
        "imageScanningConfiguration",
        "executionRole",
        "workflows",
    ):
        assert record[name] == EVERYTHING[name]
    assert record["loggingConfiguration"] == {"logGroupName": "images"}
    assert record["imageRecipe"]["arn"] == RECIPE
    assert record["infrastructureConfiguration"]["arn"] == INFRASTRUCTURE
    assert record["distributionConfiguration"]["arn"] == DISTRIBUTION


@pytest.mark.model
def test_the_image_is_named_after_the_recipe(made):
    pipeline("nightly", imageRecipeArn=image_recipe("My Base", "2.1.0"))
    nightly = f"{PIPELINE}/nightly"
    assert [start(nightly), start(nightly)] == [f"{ARN}:image/my-base/2.1.0/{n}" for n in (1, 2)]
    assert [one["name"] for one in images(nightly)] == ["My Base", "My Base"]


@pytest.mark.docs
def test_the_newest_recipe_that_an_x_stands_for(made):
    pipeline(imageRecipeArn=f"{ARN}:image-recipe/web/1.x.x")
    assert get()["imageRecipeArn"] == f"{ARN}:image-recipe/web/1.x.x"
    image_recipe(version="1.2.0")
    image_recipe(version="2.0.0")
    assert start() == f"{ARN}:image/web/1.2.0/1"


@pytest.mark.inferred
def test_a_recipe_that_an_x_stood_for_is_gone(made):
    pipeline(imageRecipeArn=f"{ARN}:image-recipe/web/1.x.x")
    CLIENT.delete_image_recipe(imageRecipeArn=RECIPE)
    with missing():
        start()
    assert "dateLastRun" not in get()


@pytest.mark.docs
def test_the_same_token_starts_one_run(made):
    pipeline()
    first = start(clientToken="same")
    assert start(clientToken="same") == first
    with refused("IdempotentParameterMismatchException"):
        start(clientToken="same", tags={"a": "1"})
    assert [one["arn"] for one in images()] == [first]


@pytest.mark.inferred
def test_one_run_at_a_time():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        parents()
        pipeline()
        arn = start()
        text = f"The image pipeline '{WEB}' is in use: it is building '{arn}'."
        with refused("ResourceInUseException", text):
            start()
        assert get()["lastRunStatus"] == "PENDING"
        mb.clock.tick(seconds=1.5)
        assert get()["lastRunStatus"] == "CREATING"
        pipeline("other")  # has nothing to do with it
        start(f"{PIPELINE}/other")
        mb.clock.tick(hours=1)
        assert get()["lastRunStatus"] == "AVAILABLE"
        assert start() == f"{ARN}:image/web/1.0.0/3"


@pytest.mark.inferred
def test_a_run_that_somebody_retries_is_going_on_before_anybody_has_looked():
    with mock_imagebuilder(transitions="stepped") as mb:
        mb.script(image="*", times=1).fails_in("DISTRIBUTING")
        parents()
        pipeline()
        arn = start()
        while get()["lastRunStatus"] != "FAILED":
            pass
        CLIENT.retry_image(imageBuildVersionArn=arn)
        with refused("ResourceInUseException"):
            start()


@pytest.mark.inferred
def test_looks_bring_a_run_to_its_end():
    with mock_imagebuilder(transitions="stepped"):
        parents()
        pipeline()
        start()
        seen = []
        while not seen or seen[-1] != "AVAILABLE":
            with refused("ResourceInUseException"):
                start()
            seen.append(get()["lastRunStatus"])
        assert seen[:2] == ["CREATING", "BUILDING"]
        start()


@pytest.mark.docs
def test_a_run_that_fails(made):
    made.script(image="web").fails()
    pipeline()
    assert image(start())["state"]["status"] == "FAILED"
    assert get()["lastRunStatus"] == "FAILED"
    assert get()["consecutiveFailures"] == 0


# Images


@pytest.mark.recorded
def test_the_images_of_a_pipeline_the_newest_first(made):
    pipeline()
    pipeline("other")
    arns = [start(), start(), start()]
    start(f"{PIPELINE}/other")
    assert [one["arn"] for one in images()] == arns[::-1]
    assert [one["arn"] for one in images(PaginationConfig={"PageSize": 2})] == arns[::-1]


@pytest.mark.model
def test_what_a_list_of_images_shows(made):
    pipeline(loggingConfiguration={"imageLogGroupName": "/aws/imagebuilder/x"})
    record = image(start(tags={"a": "1"}))
    (shown,) = images()
    assert shown.pop("owner") == "123456789012"
    assert shown == {name: record[name] for name in shown}
    assert {"state", "outputResources", "version", "buildType", "tags"} <= shown.keys()
    assert not {"imageRecipe", "sourcePipelineArn"} & shown.keys()


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "values", "versions"),
    [
        pytest.param("name", ["web"], ["1.1.0/1", "1.0.0/2", "1.0.0/1"], id="name"),
        pytest.param("name", ["w*"], ["1.1.0/1", "1.0.0/2", "1.0.0/1"], id="beginning"),
        pytest.param("name", ["other"], [], id="another name"),
        pytest.param("version", ["1.0.0"], ["1.0.0/2", "1.0.0/1"], id="version"),
        pytest.param("version", ["1.0.0/1"], ["1.0.0/1"], id="build"),
    ],
)
def test_filters_of_images(made, name, values, versions):
    pipeline(imageRecipeArn=f"{ARN}:image-recipe/web/x.x.x")
    start()
    start()
    image_recipe(version="1.1.0")
    start()
    found = images(filters=[{"name": name, "values": values}])
    assert [one["version"] for one in found] == versions


@pytest.mark.model
def test_a_pipeline_that_is_not_there_has_no_images(made):
    assert images() == []
    pipeline()
    arn = start()
    delete()
    assert images() == []
    assert image(arn)["state"]["status"] == "AVAILABLE"
    pipeline()
    assert images() == []
    assert "lastRunStatus" not in get()


@pytest.mark.inferred
def test_deleted_images(made):
    pipeline()
    first, second = start(), start()
    get()
    CLIENT.delete_image(imageBuildVersionArn=second)
    assert [one["arn"] for one in images()] == [first]
    assert get()["lastRunStatus"] == "DELETED"
    assert start() == f"{ARN}:image/web/1.0.0/3"
    assert get()["lastRunStatus"] == "AVAILABLE"


@pytest.mark.docs
def test_a_pipeline_is_deleted_during_a_run():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        parents()
        pipeline()
        arn = start()
        delete()
        pipeline()
        assert start() == f"{ARN}:image/web/1.0.0/2"  # another pipeline: nothing runs
        mb.clock.tick(hours=1)
        assert image(arn)["state"]["status"] == "AVAILABLE"
        assert image(arn)["sourcePipelineArn"] == WEB
