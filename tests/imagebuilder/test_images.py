"""CreateImage and GetImage."""

import pytest

from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    answer,
    component,
    missing,
    policy,
    refused,
    state_of,
    uses,
)
from tests.imagebuilder.image_factory import (
    PARENT,
    ROLE,
    Kit,
    container_recipe,
    distribution,
    infrastructure,
    look,
    recipe,
    runs,
    status,
    to,
    workflow,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = f"{IMAGE}/99"


# Creating


@pytest.mark.recorded
def test_an_image_has_the_name_and_version_of_its_recipe(client):
    kit = Kit()
    kit.recipe = recipe("My Web", "2019.12.03")
    response = answer(client.create_image(**kit.members))
    base = f"{ARN}:image/my-web"
    assert response == {
        "imageBuildVersionArn": f"{base}/2019.12.03/1",
        "latestVersionReferences": {
            "latestVersionArn": f"{base}/x.x.x",
            "latestMajorVersionArn": f"{base}/2019.x.x",
            "latestMinorVersionArn": f"{base}/2019.12.x",
            "latestPatchVersionArn": f"{base}/2019.12.03",
        },
    }
    image = look(response["imageBuildVersionArn"])
    assert (image["name"], image["version"]) == ("My Web", "2019.12.03/1")


@pytest.mark.recorded
def test_what_a_fresh_image_shows(clocked):
    kit = Kit()
    image = look(kit.make())
    own = CLIENT.get_image_recipe(imageRecipeArn=kit.recipe)["imageRecipe"]
    settings = CLIENT.get_infrastructure_configuration(
        infrastructureConfigurationArn=kit.infrastructure
    )["infrastructureConfiguration"]
    assert image.pop("dateCreated").endswith("Z")
    assert image == {
        "arn": f"{IMAGE}/1",
        "type": "AMI",
        "name": "web",
        "version": "1.0.0/1",
        "platform": "Linux",
        "enhancedImageMetadataEnabled": True,
        "osVersion": "Amazon Linux 2023",
        "state": {"status": "PENDING"},
        "imageRecipe": {member: value for member, value in own.items() if member != "owner"},
        "infrastructureConfiguration": settings,
        "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
        "outputResources": {"amis": []},
        "tags": {},
        "buildType": "USER_INITIATED",
        "imageSource": "AMAZON_MANAGED",
    }


@pytest.mark.docs
def test_everything_that_is_asked_for_shows(kit):
    test = workflow({"action": "LaunchInstance"})
    members = {
        "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 60},
        "enhancedImageMetadataEnabled": False,
        "tags": {"team": "a"},
        "imageScanningConfiguration": {
            "imageScanningEnabled": True,
            "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
            "scanResultCondition": {"maximumSeverityLabel": "LOW", "fixAvailable": False},
        },
        "workflows": [{"workflowArn": test, "onFailure": "CONTINUE", "parallelGroup": "one"}],
        "executionRole": ROLE,
        "loggingConfiguration": {"logGroupName": "/mine"},
    }
    configuration = distribution(to())
    image = look(kit.make(distributionConfigurationArn=configuration, **members))
    shown = {member: image[member] for member in members}
    assert shown == members
    assert image["distributionConfiguration"]["arn"] == configuration
    assert image["scanState"] == {"status": "COMPLETED"}


@pytest.mark.recorded
def test_settings_of_tests_that_are_given_in_part_are_filled(kit):
    image = look(kit.make(imageTestsConfiguration={"imageTestsEnabled": False}))
    expected = {"imageTestsEnabled": False, "timeoutMinutes": 720}
    assert image["imageTestsConfiguration"] == expected


@pytest.mark.inferred
def test_empty_structures_count_for_nothing(kit):
    empty = ("imageScanningConfiguration", "loggingConfiguration")
    image = look(kit.make(**{member: {} for member in empty}, workflows=[]))
    assert not {*empty, "workflows"} & set(image)


@pytest.mark.docs
def test_a_container_image_has_a_container_recipe(kit):
    arn = kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    image = look(arn)
    assert arn == f"{ARN}:image/box/1.0.0/1"
    assert image["type"] == "DOCKER"
    assert image["containerRecipe"]["name"] == "box"
    assert "imageRecipe" not in image


@pytest.mark.recorded
def test_each_image_of_a_version_is_its_next_build_also_after_failures(mb, kit):
    mb.script(image="web", times=1).fails()
    arns = [kit.make() for _ in range(3)]
    assert arns == [f"{IMAGE}/{number}" for number in (1, 2, 3)]
    assert [status(arn) for arn in arns] == ["FAILED", "AVAILABLE", "AVAILABLE"]


@pytest.mark.inferred
def test_the_number_of_a_deleted_build_does_not_come_back(client, kit):
    kit.make()
    arn = kit.make()
    look(arn)
    client.delete_image(imageBuildVersionArn=arn)
    assert kit.make() == f"{IMAGE}/3"


@pytest.mark.inferred
def test_builds_of_another_version_begin_anew(kit):
    kit.make()
    kit.recipe = recipe("web", "1.1.0", components=None)
    assert kit.make() == f"{ARN}:image/web/1.1.0/1"


@pytest.mark.docs
def test_a_recipe_with_an_x_is_the_newest_there_is(kit):
    recipe("web", "1.2.0", components=None)
    assert kit.make(imageRecipeArn=f"{ARN}:image-recipe/web/1.x.x") == f"{ARN}:image/web/1.2.0/1"


@pytest.mark.docs
def test_the_same_client_token_makes_no_second_image(client, kit):
    arns = {
        client.create_image(**kit.members, clientToken="once")["imageBuildVersionArn"]
        for _ in range(2)
    }
    assert arns == {f"{IMAGE}/1"}
    with refused("IdempotentParameterMismatchException"):
        client.create_image(**kit.members, clientToken="once", tags={"a": "b"})


@pytest.mark.recorded
def test_what_an_image_was_made_of_survives_the_originals(client, kit):
    configuration = distribution(to(), name="gone")
    arn = kit.make(distributionConfigurationArn=configuration)
    before = look(arn)
    client.update_distribution_configuration(
        distributionConfigurationArn=configuration,
        distributions=[to("eu-west-1")],
        description="other",
    )
    client.tag_resource(resourceArn=kit.recipe, tags={"later": "yes"})
    client.delete_distribution_configuration(distributionConfigurationArn=configuration)
    client.delete_image_recipe(imageRecipeArn=kit.recipe)
    client.delete_infrastructure_configuration(infrastructureConfigurationArn=kit.infrastructure)
    assert look(arn) == before


@pytest.mark.parametrize(
    ("parent", "source", "system"),
    [
        pytest.param(PARENT, "AMAZON_MANAGED", "Amazon Linux 2023", id="Amazon's"),
        pytest.param("ami-0123456789abcdef0", "CUSTOM", "Amazon Linux 2023", id="AMI"),
        pytest.param("ssm:/golden/ami", "CUSTOM", "Amazon Linux 2023", id="parameter"),
        pytest.param("prod-abc123", "AWS_MARKETPLACE", "Amazon Linux 2023", id="product"),
        pytest.param(f"{AMAZON}:image/ubuntu-server-24-lts-x86/x.x.x", "AMAZON_MANAGED",
                     "Ubuntu 24", id="Ubuntu"),
    ],
)  # fmt: skip
@pytest.mark.inferred
def test_the_parent_says_where_an_image_comes_from(kit, parent, source, system):
    kit.recipe = recipe("other", parentImage=parent, components=None)
    image = look(kit.make())
    assert (image["imageSource"], image["osVersion"]) == (source, system)


@pytest.mark.inferred
def test_an_image_of_ones_own_can_be_built_on(kit):
    look(kit.make())
    kit.recipe = recipe("child", parentImage=f"{ARN}:image/web/x.x.x", components=None)
    image = look(kit.make())
    assert (image["imageSource"], image["state"]["status"]) == ("CUSTOM", "AVAILABLE")


@pytest.mark.docs
def test_an_image_whose_parent_is_gone_fails(client, kit):
    parent = kit.make()
    look(parent)
    kit.recipe = recipe("child", parentImage=f"{ARN}:image/web/x.x.x", components=None)
    client.delete_image(imageBuildVersionArn=parent)
    state = look(kit.make())["state"]
    assert state["status"] == "FAILED"
    assert state["failureContext"] == {"imageStatus": "BUILDING"}


@pytest.mark.inferred
def test_an_image_whose_component_is_gone_fails(mb, client, kit):
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:images"
    kit.infrastructure = infrastructure("loud", snsTopicArn=topic)
    first, second = component("first"), component("second")
    used = uses(*(arn.replace("1.0.0/1", "x.x.x") for arn in (first, second)))
    kit.recipe = recipe("own", components=used)
    client.delete_component(componentBuildVersionArn=first)
    arn = kit.make()
    state = look(arn)["state"]
    assert state["status"] == "FAILED"
    assert f"component '{ARN}:component/first/x.x.x'" in state["reason"]
    assert state["failureContext"] == {"imageStatus": "BUILDING"}
    assert runs(arn) == []
    (told,) = mb.notifications
    assert told.message["imageRecipe"]["components"] == used


# Getting


@pytest.mark.parametrize("form", ["1.0.0", "1.0.x", "1.x.x", "x.x.x"])
@pytest.mark.docs
def test_a_version_means_the_latest_build_that_is_available(mb, kit, form):
    kit.make()
    mb.script(image="web", times=1).fails()
    kit.make()
    mb.script(image="web", times=1).hangs()
    kit.make()
    base = f"{ARN}:image/web/{form}"
    response = CLIENT.get_image(imageBuildVersionArn=base)
    assert response["image"]["arn"] == f"{IMAGE}/1"
    assert response["latestVersionReferences"]["latestPatchVersionArn"] == IMAGE


@pytest.mark.parametrize("state", ["DEPRECATED", "DISABLED"])
@pytest.mark.docs
def test_an_image_that_is_not_available_any_more_is_not_found_by_its_version(mb, kit, state):
    look(kit.make())
    arn = kit.make()
    look(arn)
    state_of(mb).shelves["image"].exact(arn).kept.enter(state, deprecationTime=1.5)
    assert CLIENT.get_image(imageBuildVersionArn=IMAGE)["image"]["arn"] == f"{IMAGE}/1"
    image = look(arn)
    assert image["state"] == {"status": state}
    assert image["deprecationTime"].timestamp() == 1.5


@pytest.mark.docs
def test_an_image_in_any_state_goes_by_its_full_arn(clocked):
    arn = Kit().make()
    assert status(arn) == "PENDING"
    with missing():
        look(IMAGE)


@pytest.mark.parametrize(
    "arn",
    [
        NEVER,
        f"{ARN}:image/web/2.x.x",
        f"{ARN}:image/none/x.x.x",
        f"{IMAGE}/1".replace("us-east-1", "eu-central-1"),
        f"{IMAGE}/1".replace(ACCOUNT, "111111111111"),
        f"{AMAZON}:image/web/1.0.0/1",
    ],
    ids=["build", "version", "name", "region", "account", "Amazon"],
)
@pytest.mark.inferred
def test_an_image_that_is_not_there(kit, arn):
    look(kit.make())
    with missing():
        look(arn)


@pytest.mark.docs
def test_an_x_only_stands_at_the_end(kit):
    with refused(parameter="imageBuildVersionArn"):
        look(f"{ARN}:image/web/1.x.8")


@pytest.mark.model
def test_images_amazon_provides_can_be_got(client):
    image = look(PARENT)
    assert image["name"] == "Amazon Linux 2023 x86"
    assert image["imageSource"] == "AMAZON_MANAGED"
    assert image["outputResources"]["amis"][0]["region"] == "us-east-1"


@pytest.mark.docs
def test_images_that_others_share(mb, kit):
    arn = kit.make()
    look(arn)
    with missing():
        look(arn, OTHER)
    CLIENT.put_image_policy(imageArn=arn, policy=policy(["GetImage", "ListImages"], arn))
    assert look(arn, OTHER)["arn"] == arn
    assert look(IMAGE, OTHER)["arn"] == arn
    (listed,) = OTHER.list_images(owner="Shared")["imageVersionList"]
    assert (listed["arn"], listed["owner"]) == (IMAGE, ACCOUNT)
    (build,) = OTHER.list_image_build_versions(imageVersionArn=IMAGE)["imageSummaryList"]
    assert (build["arn"], build["owner"]) == (arn, ACCOUNT)
    assert OTHER.list_images()["imageVersionList"] == []


@pytest.mark.inferred
def test_regions_have_their_own_images(mb, kit):
    elsewhere = Kit(FRANKFURT)
    arns = {kit.make(), elsewhere.make()}
    assert arns == {f"{IMAGE}/1", f"{IMAGE}/1".replace("us-east-1", "eu-central-1")}
    for client in (CLIENT, FRANKFURT):
        assert len(client.list_image_build_versions()["imageSummaryList"]) == 1
