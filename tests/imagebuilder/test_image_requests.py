"""Requests for images that cannot be, beside those that can."""

import pytest
from botocore.exceptions import ClientError

from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    OTHER_ACCOUNT,
    RAW,
    missing,
    refused,
)
from tests.imagebuilder.image_factory import (
    ROLE,
    Kit,
    container_recipe,
    status,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = f"{IMAGE}/99"


NO_SUCH = f"{ARN}:infrastructure-configuration/none"


@pytest.mark.parametrize(
    "members",
    [
        {"infrastructureConfigurationArn": NO_SUCH},
        {"imageRecipeArn": f"{ARN}:image-recipe/none/1.0.0"},
        {"imageRecipeArn": f"{ARN}:image-recipe/web/2.x.x"},
        {"imageRecipeArn": None, "containerRecipeArn": f"{ARN}:container-recipe/none/1.0.0"},
        {"distributionConfigurationArn": f"{ARN}:distribution-configuration/none"},
        {
            "workflows": [{"workflowArn": f"{ARN}:workflow/test/none/x.x.x"}],
            "executionRole": ROLE,
        },
        {"infrastructureConfigurationArn": NO_SUCH.replace("us-east-1", "eu-central-1")},
        {"infrastructureConfigurationArn": NO_SUCH.replace(ACCOUNT, OTHER_ACCOUNT)},
    ],
    ids=[
        "infrastructure", "recipe", "version", "container recipe", "distribution", "workflow",
        "other region", "other account",
    ],
)  # fmt: skip
@pytest.mark.inferred
def test_an_image_of_what_is_not_there(kit, members):
    with missing():
        kit.make(**members)
    assert CLIENT.list_images()["imageVersionList"] == []


def scanning(**members):
    return {"imageScanningConfiguration": {"imageScanningEnabled": True, **members}}


TESTLESS = {"imageTestsConfiguration": {"imageTestsEnabled": False}}
CONDITION = {"scanResultCondition": {"maximumSeverityLabel": "LOW"}}
ON_DEMAND = {"imageScanningTypes": ["ON_DEMAND_AMI_CVE"]}


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"imageRecipeArn": None}, "imageRecipeArn"),
        ({"containerRecipeArn": f"{ARN}:container-recipe/box/1.0.0"}, "imageRecipeArn"),
        ({"loggingConfiguration": {"logGroupName": "mine"}}, "loggingConfiguration.logGroupName"),
        (scanning() | TESTLESS, "imageScanningConfiguration"),
        (scanning(**CONDITION), "imageScanningConfiguration.scanResultCondition"),
        (scanning(**CONDITION, imageScanningTypes=["TEST_INSTANCE_CVE"]),
         "imageScanningConfiguration.scanResultCondition"),
    ],
    ids=["no recipe", "two recipes", "log group", "scan, no tests", "condition", "other scan"],
)  # fmt: skip
@pytest.mark.docs
def test_settings_that_do_not_go_together(kit, members, parameter):
    with refused("InvalidParameterCombinationException", parameter=parameter):
        kit.make(**members)


@pytest.mark.parametrize(
    "members",
    [
        {"loggingConfiguration": {"logGroupName": "/aws/imagebuilder/mine"}},
        {"loggingConfiguration": {"logGroupName": "mine"}, "executionRole": "a-role"},
        {"executionRole": "a-role"},
        scanning(),
        scanning(**CONDITION, **ON_DEMAND),
        {"imageScanningConfiguration": {"imageScanningEnabled": False}, **TESTLESS},
        {"workflows": []},
    ],
    ids=["own group", "group and role", "role", "scan", "condition", "no scan", "no workflows"],
)
@pytest.mark.docs
def test_settings_that_do(kit, members):
    assert status(kit.make(**members)) == "AVAILABLE"


@pytest.mark.docs
def test_an_on_demand_scan_is_of_amis(kit):
    members = {"imageRecipeArn": None, "containerRecipeArn": container_recipe()}
    path = "imageScanningConfiguration.imageScanningTypes"
    with refused("InvalidParameterCombinationException", parameter=path):
        kit.make(**members, **scanning(**ON_DEMAND))


BUILD = f"{AMAZON}:workflow/build/build-image/x.x.x"
TEST = f"{AMAZON}:workflow/test/test-image/x.x.x"


@pytest.mark.parametrize(
    ("workflows", "parameter"),
    [
        ([BUILD, BUILD], "workflows"),
        ([{"workflowArn": BUILD, "onFailure": "ABORT"}], "workflows[0].onFailure"),
        ([TEST, {"workflowArn": BUILD, "parallelGroup": "a"}], "workflows[1].parallelGroup"),
        (
            [{"workflowArn": TEST, "parameters": [{"name": "a", "value": ["b"]}]}],
            "workflows[0].parameters",
        ),
    ],
    ids=["two builds", "failure of a build", "group of a build", "parameter"],
)
@pytest.mark.docs
def test_workflows_that_an_image_cannot_have(kit, workflows, parameter):
    with pytest.raises(ClientError) as caught:
        kit.with_workflows(*workflows)
    assert f"The value supplied for parameter '{parameter}' is not valid." in str(caught.value)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.docs
def test_workflows_need_a_role(kit):
    with refused("InvalidParameterCombinationException", parameter="executionRole"):
        kit.make(workflows=[{"workflowArn": TEST}])


@pytest.mark.recorded
def test_amazons_workflows_are_used_in_their_latest_version(kit):
    message = (
        "The value supplied for parameter 'workflows' is not valid. AWS managed workflows must "
        "have latest version 'x.x.x' for '{workflow_arn_str}'"
    )
    with refused(message=message):
        kit.with_workflows(f"{AMAZON}:workflow/build/build-image/1.0.3/1")


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"infrastructureConfigurationArn": "small"}, "infrastructureConfigurationArn"),
        ({"imageRecipeArn": "web"}, "imageRecipeArn"),
        ({"clientToken": "t" * 65}, "clientToken"),
        ({"imageTestsConfiguration": {"timeoutMinutes": 59}},
         "imageTestsConfiguration.timeoutMinutes"),
        ({"loggingConfiguration": {"logGroupName": "a b"}}, "loggingConfiguration.logGroupName"),
        ({"executionRole": "arn:aws:iam::1:role/x"}, "executionRole"),
        ({"workflows": [{"workflowArn": "x"}]}, "workflows[0].workflowArn"),
    ],
)  # fmt: skip
@pytest.mark.model
def test_values_that_the_model_forbids(kit, members, parameter):
    with refused(parameter=parameter):
        RAW.create_image(**{**kit.members, "clientToken": "a", **members})


@pytest.mark.inferred
def test_there_is_a_limit_to_images_under_way(clocked):
    kit = Kit()
    for _ in range(100):
        kit.make()
    with refused("ServiceQuotaExceededException", status=402):
        kit.make()
    clocked.clock.tick(hours=1)
    assert kit.make() == f"{IMAGE}/101"


@pytest.mark.inferred
def test_images_that_nobody_has_looked_at_do_not_stand_in_the_way(kit):
    for _ in range(101):
        kit.make()
