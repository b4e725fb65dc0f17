"""Create-, Get-, Update- and DeleteImagePipeline."""

import pytest
from botocore.exceptions import ClientError

from mockbuild import mock_build, mock_imagebuilder
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    answer,
    container_recipe,
    depended_on,
    distribution,
    image_recipe,
    infrastructure,
    missing,
    policy,
    refused,
    tried,
    wrong,
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
    least,
    listed,
    parents,
    pipeline,
    scheduled,
    start,
    update,
)

TESTS = {"imageTestsEnabled": True, "timeoutMinutes": 720}


@pytest.fixture
def made(mb):
    """What pipelines need: a recipe and an infrastructure configuration."""
    parents()
    return mb


@pytest.mark.recorded
def test_the_least_pipeline(made):
    pipeline()
    record = get()
    created = record.pop("dateCreated")
    assert created.endswith("Z")
    assert record == {
        "arn": WEB,
        "name": "web",
        "platform": "Linux",
        "enhancedImageMetadataEnabled": True,
        "imageRecipeArn": RECIPE,
        "infrastructureConfigurationArn": INFRASTRUCTURE,
        "imageTestsConfiguration": TESTS,
        "status": "ENABLED",
        "dateUpdated": created,
        "tags": {},
        "consecutiveFailures": 0,
    }


@pytest.mark.model
def test_everything_that_is_sent_comes_back(made):
    distribution()
    pipeline(**EVERYTHING, tags={"a": "1"})
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING
    assert record["tags"] == {"a": "1"}
    assert listed() == [record]


@pytest.mark.model
def test_every_member_there_is(made):
    distribution()
    pipeline(**{**EVERYTHING, "status": "ENABLED"})
    start()
    shown = get()
    members = CLIENT.meta.service_model.shape_for("ImagePipeline").members
    assert set(members) - set(shown) == {"containerRecipeArn"}
    container_recipe()
    pipeline("docker", imageRecipeArn=None, containerRecipeArn=f"{ARN}:container-recipe/web/1.0.0")
    assert "containerRecipeArn" in get(f"{PIPELINE}/docker")


@pytest.mark.model
def test_what_the_operations_answer(made):
    created = CLIENT.create_image_pipeline(name="web", **least(), clientToken="one")
    updated = CLIENT.update_image_pipeline(imagePipelineArn=WEB, **least(), clientToken="two")
    assert (created["clientToken"], updated["clientToken"]) == ("one", "two")
    deleted = CLIENT.delete_image_pipeline(imagePipelineArn=WEB)
    for response in (created, updated, deleted):
        assert response["requestId"]
        assert answer(response) == {"imagePipelineArn": WEB}


@pytest.mark.model
def test_what_starting_answers(made):
    pipeline()
    started = CLIENT.start_image_pipeline_execution(imagePipelineArn=WEB, clientToken="three")
    assert started["clientToken"] == "three"
    assert started["requestId"]
    assert answer(started) == {"imageBuildVersionArn": f"{ARN}:image/web/1.0.0/1"}


@pytest.mark.recorded
def test_tests_that_are_said_in_part(made):
    pipeline(imageTestsConfiguration={"imageTestsEnabled": False})
    assert get()["imageTestsConfiguration"] == {"imageTestsEnabled": False, "timeoutMinutes": 720}
    pipeline("two", imageTestsConfiguration={"timeoutMinutes": 60})
    tests = get(f"{PIPELINE}/two")["imageTestsConfiguration"]
    assert tests == {"imageTestsEnabled": True, "timeoutMinutes": 60}


@pytest.mark.inferred
def test_empty_structures_count_for_nothing(made):
    pipeline(schedule={}, workflows=[], loggingConfiguration={}, imageTestsConfiguration={})
    assert not {"schedule", "workflows", "loggingConfiguration"} & get().keys()
    assert get()["imageTestsConfiguration"] == TESTS


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "in_arn"),
    [
        pytest.param("My_Pipe", "my-pipe", id="underscore"),
        pytest.param("My Pipe", "my-pipe", id="space"),
        pytest.param("a--b", "a--b", id="nothing is collapsed"),
    ],
)
def test_the_name_in_the_arn(made, name, in_arn):
    arn = pipeline(name)
    assert arn == f"{PIPELINE}/{in_arn}"
    assert get(arn)["name"] == name


@pytest.mark.recorded
def test_names_that_differ_in_case_spaces_and_underscores_are_the_same(made):
    pipeline("My_Pipe")
    text = f"The following resource 'ImagePipeline' already exists: '{PIPELINE}/my-pipe'."
    with refused("ResourceAlreadyExistsException", text):
        pipeline("my pipe")
    pipeline("mypipe")  # another name


@pytest.mark.model
def test_the_platform_is_that_of_the_recipe(made):
    windows = "arn:aws:imagebuilder:us-east-1:aws:image/windows-server-2022-english-full-base-x86"
    pipeline(imageRecipeArn=image_recipe("win", parentImage=f"{windows}/x.x.x"))
    assert get()["platform"] == "Windows"
    update()
    assert get()["platform"] == "Linux"  # that of the other recipe


# Updates


@pytest.mark.model
def test_an_update_replaces_everything(made):
    distribution()
    pipeline(**EVERYTHING, tags={"a": "1"})
    before = get()
    update()
    after = get()
    assert after.pop("dateUpdated") >= before["dateCreated"]
    assert after == {
        "arn": WEB,
        "name": "web",
        "platform": "Linux",
        "enhancedImageMetadataEnabled": True,
        "imageRecipeArn": RECIPE,
        "infrastructureConfigurationArn": INFRASTRUCTURE,
        "imageTestsConfiguration": TESTS,
        "status": "ENABLED",  # although it was disabled
        "dateCreated": before["dateCreated"],
        "tags": {"a": "1"},
        "consecutiveFailures": 0,
    }


@pytest.mark.model
def test_an_update_takes_everything_that_a_creation_takes(made):
    distribution()
    pipeline()
    update(**EVERYTHING)
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING


@pytest.mark.recorded
def test_the_date_of_an_update():
    with mock_imagebuilder(clock="virtual") as mb:
        parents()
        pipeline()
        mb.clock.tick(minutes=5)
        update()
        assert get()["dateUpdated"] > get()["dateCreated"]


@pytest.mark.model
def test_an_update_keeps_the_kind_of_recipe(made):
    recipe = container_recipe()
    pipeline()
    text = "The recipe must be of the same type as the pipeline's current recipe."
    with refused("InvalidParameterCombinationException", wrong("containerRecipeArn", text)):
        update(imageRecipeArn=None, containerRecipeArn=recipe)
    assert get()["imageRecipeArn"] == RECIPE
    pipeline("docker", imageRecipeArn=None, containerRecipeArn=recipe)
    with refused("InvalidParameterCombinationException", wrong("imageRecipeArn", text)):
        update(f"{PIPELINE}/docker")
    two = image_recipe(version="2.0.0")
    update(imageRecipeArn=two)  # another one of the same kind
    assert get()["imageRecipeArn"] == two


@pytest.mark.model
def test_an_update_that_is_refused_changes_nothing(made):
    pipeline(description="old", schedule=scheduled("rate(1 day)"))
    before = get()
    for changes in (
        {"schedule": {"scheduleExpression": "never"}},
        {"infrastructureConfigurationArn": f"{INFRASTRUCTURE}-2"},
        {"imageRecipeArn": f"{ARN}:image-recipe/web/1.x.8"},
    ):
        with pytest.raises(ClientError):
            update(description="new", **changes)
    assert get() == before


# What is not there


@pytest.mark.model
def test_a_missing_pipeline(made):
    for call in (get, update, start, delete):
        with missing():
            call()


@pytest.mark.model
def test_a_deleted_pipeline_is_gone(made):
    pipeline()
    delete()
    for call in (get, update, start, delete):
        with missing():
            call()
    assert listed() == []
    pipeline()
    assert get()["name"] == "web"


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"imageRecipeArn": f"{ARN}:image-recipe/web/2.0.0"}, id="recipe"),
        pytest.param({"imageRecipeArn": f"{ARN}:image-recipe/web/2.x.x"}, id="any recipe"),
        pytest.param(
            {"imageRecipeArn": None, "containerRecipeArn": f"{ARN}:container-recipe/web/1.0.0"},
            id="container recipe",
        ),
        pytest.param({"infrastructureConfigurationArn": f"{INFRASTRUCTURE}-2"}, id="instances"),
        pytest.param({"distributionConfigurationArn": DISTRIBUTION}, id="distribution"),
        pytest.param(
            {"imageRecipeArn": RECIPE.replace("us-east-1", "eu-central-1")}, id="another region"
        ),
        pytest.param(
            {"imageRecipeArn": RECIPE.replace("123456789012", "210987654321")}, id="not shared"
        ),
        pytest.param(
            {"infrastructureConfigurationArn": INFRASTRUCTURE.replace("123456789012", "aws")},
            id="Amazon has none",
        ),
    ],
)
def test_parts_that_are_missing(made, changes):
    with missing():
        pipeline(**changes)
    pipeline()
    with missing():
        update(**changes)


@pytest.mark.docs
def test_a_recipe_that_another_account_shares(made):
    recipe = image_recipe("base", client=OTHER)
    allowed = policy(["GetImageRecipe"], recipe, account="123456789012")
    OTHER.put_image_recipe_policy(imageRecipeArn=recipe, policy=allowed)
    pipeline(imageRecipeArn=recipe)
    assert start() == f"{ARN}:image/base/1.0.0/1"


# Who needs what


@pytest.mark.recorded
def test_what_a_pipeline_needs_cannot_be_deleted(made):
    used = distribution()
    pipeline(distributionConfigurationArn=used)
    with depended_on(RECIPE):
        CLIENT.delete_image_recipe(imageRecipeArn=RECIPE)
    with depended_on(INFRASTRUCTURE):
        CLIENT.delete_infrastructure_configuration(infrastructureConfigurationArn=INFRASTRUCTURE)
    with depended_on(used):
        CLIENT.delete_distribution_configuration(distributionConfigurationArn=used)
    update(
        imageRecipeArn=image_recipe(version="2.0.0"),
        infrastructureConfigurationArn=infrastructure("other"),
    )
    for call, argument, arn in (
        (CLIENT.delete_image_recipe, "imageRecipeArn", RECIPE),
        (CLIENT.delete_distribution_configuration, "distributionConfigurationArn", used),
    ):
        call(**{argument: arn})
    delete()
    CLIENT.delete_image_recipe(imageRecipeArn=f"{ARN}:image-recipe/web/2.0.0")


@pytest.mark.docs
def test_images_need_no_recipe(made):
    pipeline()
    arn = start()
    delete()
    CLIENT.delete_image_recipe(imageRecipeArn=RECIPE)
    CLIENT.delete_infrastructure_configuration(infrastructureConfigurationArn=INFRASTRUCTURE)
    assert image(arn)["imageRecipe"]["arn"] == RECIPE


@pytest.mark.docs
def test_a_workflow_that_a_pipeline_needs_cannot_be_deleted(made):
    from tests.imagebuilder.built_factory import WORKFLOW

    flow = CLIENT.create_workflow(
        name="flow", semanticVersion="1.0.0", type="BUILD", data=WORKFLOW
    )["workflowBuildVersionArn"]
    pipeline(workflows=[{"workflowArn": flow.removesuffix("/1")}], executionRole="runner")
    with depended_on(flow):
        CLIENT.delete_workflow(workflowBuildVersionArn=flow)
    update()
    CLIENT.delete_workflow(workflowBuildVersionArn=flow)


# Trying


@pytest.mark.docs
def test_a_dry_run_creates_nothing(made):
    with tried():
        pipeline(dryRun=True, schedule=scheduled("rate(1 minute)"))
    assert listed() == []
    CLIENT.delete_image_recipe(imageRecipeArn=RECIPE)  # nobody needs it
    with missing():
        pipeline(dryRun=True)
    image_recipe()
    pipeline()
    with refused("ResourceAlreadyExistsException"):
        pipeline(dryRun=True)
    assert start(), "a try is no pipeline"


@pytest.mark.docs
def test_the_quota(made):
    for number in range(75):
        pipeline(f"pipe-{number}")
    with refused("ServiceQuotaExceededException", status=402):
        pipeline()
    CLIENT.delete_image_pipeline(imagePipelineArn=f"{PIPELINE}/pipe-3")
    pipeline()
    assert len(listed(maxResults=100)) == 75


# Tags, regions, accounts, bytes


@pytest.mark.model
def test_tags_of_a_pipeline(made):
    pipeline(tags={"a": "1"})
    CLIENT.tag_resource(resourceArn=WEB, tags={"b": "2"})
    CLIENT.untag_resource(resourceArn=WEB, tagKeys=["a"])
    assert get()["tags"] == {"b": "2"}
    start()
    CLIENT.untag_resource(resourceArn=WEB, tagKeys=["b"])
    update()
    assert get()["tags"] == {}
    assert get()["lastRunStatus"] == "AVAILABLE"


@pytest.mark.model
def test_regions_and_accounts_are_apart(made):
    pipeline()
    start()
    for client in (FRANKFURT, OTHER):
        assert client.list_image_pipelines()["imagePipelineList"] == []
        with missing():
            get(client=client)
        assert images(client=client) == []
    parents(FRANKFURT)
    frankfurt = least()
    frankfurt = {key: arn.replace("us-east-1", "eu-central-1") for key, arn in frankfurt.items()}
    arn = pipeline(client=FRANKFURT, **frankfurt)
    assert arn == WEB.replace("us-east-1", "eu-central-1")
    assert images(arn, client=FRANKFURT) == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        pytest.param({"name": "ab"}, "name", id="name too short"),
        pytest.param({"name": "a.b"}, "name", id="dot"),
        pytest.param({"status": "OFF"}, "status", id="status"),
        pytest.param({"imageRecipeArn": "web"}, "imageRecipeArn", id="no ARN"),
        pytest.param({"imageRecipeArn": f"{RECIPE}/1"}, "imageRecipeArn", id="recipe with build"),
        pytest.param(
            {"infrastructureConfigurationArn": RECIPE},
            "infrastructureConfigurationArn",
            id="another kind",
        ),
        pytest.param({"executionRole": "a role"}, "executionRole", id="role"),
        pytest.param(
            {"imageTestsConfiguration": {"timeoutMinutes": 59}},
            "imageTestsConfiguration.timeoutMinutes",
            id="timeout",
        ),
        pytest.param(
            {"loggingConfiguration": {"imageLogGroupName": "a b"}},
            "loggingConfiguration.imageLogGroupName",
            id="log group",
        ),
        pytest.param({"tags": {"aws:x": "y"}}, "tags.aws:x", id="tag"),
        pytest.param({"imageTags": {"aws:x": "y"}}, "imageTags.aws:x", id="image tag"),
        pytest.param(
            {"schedule": {"scheduleExpression": "rate(1 day)", "timezone": "x"}},
            "schedule.timezone",
            id="time zone too short",
        ),
    ],
)
def test_values_that_the_model_refuses(made, members, parameter):
    with refused(parameter=parameter):
        RAW.create_image_pipeline(**{"name": "web", **least(**members), "clientToken": "t"})
    assert listed() == []


@pytest.mark.model
@pytest.mark.parametrize("absent", ["name", "infrastructureConfigurationArn"])
def test_members_that_have_to_be_there(made, absent):
    members = {"name": "web", **least(), "clientToken": "t"}
    del members[absent]
    text = f"The parameter '{absent}' is required."
    with refused("InvalidParameterException", text):
        RAW.create_image_pipeline(**members)


@pytest.mark.docs
def test_a_mock_inside_another_runs_on():
    with mock_build(clock="virtual", transitions="timed") as mb:
        with mock_imagebuilder():
            parents()
            pipeline(schedule=scheduled("rate(1 hour)"))
            start()
        mb.clock.tick(days=2)
        with mock_imagebuilder():
            assert len(images()) == 24 * 2 + 1  # it was on all the time
    with mock_imagebuilder(clock="virtual"):
        assert listed() == []
