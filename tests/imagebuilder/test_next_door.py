"""What Image Builder asks other services about: moto where there is one, nobody otherwise."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from mockbuild import Control, mock_imagebuilder
from mockbuild.services.imagebuilder import next_door
from tests.imagebuilder.factory import (
    ACCOUNT,
    CLIENT,
    FRANKFURT,
    LINUX,
    OTHER,
    OTHER_ACCOUNT,
    REGION,
    container_recipe,
    distribution,
    document,
    image_recipe,
    infrastructure,
    refused,
    state_of,
    uses,
    wrong,
)
from tests.optional import make_client, mock_aws

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:images"
TEMPLATE = "lt-01234567890123456"
NO_PROFILE = (
    "The provided instance profile does not exist. "
    "Please specify a different instance profile and try again."
)
NO_TOPIC = (
    "The provided SNS topic does not exist. Please specify a different SNS topic and try again."
)


@pytest.fixture
def beside_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """A mock beside moto's, which has no AMIs of its own: to load them takes a second."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws(), mock_imagebuilder() as handle:
        yield handle


def profile(name: str = "builder") -> None:
    make_client("iam").create_instance_profile(InstanceProfileName=name)


# Instance profiles


@pytest.mark.recorded
def test_an_instance_profile_that_is_not_there(beside_moto):
    with refused(message=wrong("instanceProfileName", NO_PROFILE)):
        infrastructure()
    assert (
        CLIENT.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"] == []
    )
    profile()
    arn = infrastructure()
    with refused(message=wrong("instanceProfileName", NO_PROFILE)):
        CLIENT.update_infrastructure_configuration(
            infrastructureConfigurationArn=arn, instanceProfileName="other"
        )


@pytest.mark.docs
def test_an_instance_profile_is_there_in_every_region_of_its_account(beside_moto):
    profile()
    infrastructure(client=FRANKFURT)
    with refused(message=wrong("instanceProfileName", NO_PROFILE)):
        infrastructure(client=OTHER)


@pytest.mark.docs
def test_a_moto_that_does_not_mock_iam_is_not_asked():
    with mock_aws(config={"core": {"service_whitelist": ["s3"]}}), mock_imagebuilder():
        infrastructure(snsTopicArn=TOPIC)
    with mock_aws(), mock_imagebuilder(neighbours={"iam": "embedded"}):
        infrastructure()


@pytest.mark.docs
def test_nobody_is_asked_without_moto(mb):
    infrastructure(snsTopicArn=TOPIC)
    container_recipe()
    distribution(
        distributions=[{"region": REGION, "launchTemplateConfigurations": [
            {"launchTemplateId": TEMPLATE}
        ]}]
    )  # fmt: skip
    image_recipe(parentImage="ami-12345678")


@pytest.mark.inferred
def test_an_iam_that_cannot_be_reached():
    with (
        mock_imagebuilder(neighbours={"iam": "http://127.0.0.1:1"}),
        refused(parameter="instanceProfileName"),
    ):
        infrastructure()


# Topics


@pytest.mark.inferred
def test_a_topic_that_is_not_there(beside_moto):
    profile()
    with refused(message=wrong("snsTopicArn", NO_TOPIC)):
        infrastructure(snsTopicArn=TOPIC)
    make_client("sns", REGION).create_topic(Name="images")
    arn = infrastructure(snsTopicArn=TOPIC)
    for topic in (
        TOPIC + "2",
        TOPIC.replace(REGION, "eu-west-1"),
        TOPIC.replace(ACCOUNT, "9" * 12),
    ):
        with refused(message=wrong("snsTopicArn", NO_TOPIC)):
            CLIENT.update_infrastructure_configuration(
                infrastructureConfigurationArn=arn, instanceProfileName="builder", snsTopicArn=topic
            )


@pytest.mark.inferred
def test_a_topic_of_another_region(beside_moto):
    profile()
    make_client("sns", "eu-west-1").create_topic(Name="images")
    infrastructure(snsTopicArn=TOPIC.replace(REGION, "eu-west-1"))


@pytest.mark.inferred
def test_a_topic_where_moto_has_no_region(beside_moto):
    profile()
    infrastructure(snsTopicArn=TOPIC.replace(REGION, "mars-east-1"))


# Repositories


@pytest.mark.docs
def test_a_repository_is_to_be_in_the_region_of_the_recipe(beside_moto):
    make_client("ecr", "eu-central-1").create_repository(repositoryName="web")
    with refused(parameter="targetRepository"):
        container_recipe()
    make_client("ecr", REGION).create_repository(repositoryName="web")
    container_recipe()


@pytest.mark.inferred
def test_a_repository_of_a_distribution(beside_moto):
    repository = {"service": "ECR", "repositoryName": "web"}
    wanted = [
        {"region": region, "containerDistributionConfiguration": {"targetRepository": repository}}
        for region in (REGION, "eu-west-1")
    ]
    make_client("ecr", REGION).create_repository(repositoryName="web")
    place = "distributions[1].containerDistributionConfiguration.targetRepository"
    with refused(parameter=place):
        distribution(distributions=wanted)
    make_client("ecr", "eu-west-1").create_repository(repositoryName="web")
    distribution(distributions=wanted)


# Launch templates


def templates(region: str, *configurations: dict) -> list[dict]:
    return [{"region": region, "launchTemplateConfigurations": list(configurations)}]


@pytest.mark.inferred
def test_a_launch_template_is_to_be_in_its_region(beside_moto):
    made = make_client("ec2", "eu-west-1").create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": "ami-1"}
    )
    known = {"launchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]}
    distribution(distributions=templates("eu-west-1", known))
    with refused(parameter="distributions[0].launchTemplateConfigurations[0]"):
        distribution("other", distributions=templates(REGION, known))
    unknown = {"launchTemplateId": TEMPLATE}
    with refused(parameter="distributions[0].launchTemplateConfigurations[1]"):
        distribution("other", distributions=templates("eu-west-1", known, unknown))
    theirs = {**unknown, "accountId": OTHER_ACCOUNT}
    distribution("other", distributions=templates("eu-west-1", known, theirs))


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "value"), [("launchTemplateName", "web"), ("launchTemplateId", TEMPLATE)]
)
def test_a_launch_template_of_faster_launching(beside_moto, name, value):
    launch = {"enabled": True, "launchTemplate": {name: value, "launchTemplateVersion": "1"}}
    wanted = [{"region": REGION, "fastLaunchConfigurations": [launch]}]
    with refused(parameter="distributions[0].fastLaunchConfigurations[0].launchTemplate"):
        distribution(distributions=wanted)
    if name == "launchTemplateName":
        make_client("ec2", REGION).create_launch_template(
            LaunchTemplateName=value, LaunchTemplateData={"ImageId": "ami-1"}
        )
        distribution(distributions=wanted)


# AMIs and parameters


@pytest.mark.docs
def test_the_platform_of_an_ami_that_moto_knows(monkeypatch):
    monkeypatch.delenv("MOTO_EC2_LOAD_DEFAULT_AMIS", raising=False)
    with mock_aws(), mock_imagebuilder() as mb:
        ec2 = make_client("ec2", REGION)
        windows = {"Name": "platform", "Values": ["windows"]}
        parent = ec2.describe_images(Filters=[windows])["Images"][0]["ImageId"]
        arn = image_recipe(parentImage=parent)
        recipe = CLIENT.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]
        assert recipe["platform"] == "Windows"
        # The same by a parameter.
        make_client("ssm", REGION).put_parameter(Name="/base", Value=parent, Type="String")
        arn = image_recipe("other", parentImage="ssm:/base")
        recipe = CLIENT.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]
        assert recipe["platform"] == "Windows"
        assert next_door.ami_platform(state_of(mb), "ami-00000000000000000", "parentImage") is None


@pytest.mark.docs
def test_the_platform_of_an_ami_that_was_built_here(mb):
    recipe = image_recipe(parentImage=LINUX.replace("amazon-linux-2023", "windows-server-2022-"
                          "english-full-base"))  # fmt: skip
    image = CLIENT.create_image(
        imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure()
    )["imageBuildVersionArn"]
    CLIENT.get_image(imageBuildVersionArn=image)
    (ami,) = mb.amis
    arn = image_recipe("on-top", parentImage=ami)
    assert CLIENT.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]["platform"] == "Windows"


@pytest.mark.inferred
def test_an_ami_that_nobody_knows_can_be_built_on(beside_moto):
    image_recipe(parentImage="ami-00000000000000000")
    image_recipe("by-parameter", parentImage="ssm:/missing")


@pytest.mark.docs
@pytest.mark.parametrize("where", ["embedded", "moto"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("/base/ami", "ami-1", id="by its name"),
        pytest.param("base", "ami-2", id="by a name without a slash"),
        pytest.param(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/base/ami", "ami-1", id="by ARN"),
        pytest.param(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/base", "ami-2", id="by short ARN"),
        pytest.param(
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/base/ami", "ami-3", id="elsewhere"
        ),
        pytest.param(f"arn:aws:ssm:{REGION}:{OTHER_ACCOUNT}:parameter/base/ami", None, id="others"),
        pytest.param("/base/other", None, id="unknown"),
        pytest.param("aws:no such name", None, id="no name"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_value_of_a_parameter(where, name, value, monkeypatch):
    with mock_aws() if where == "moto" else nullcontext(), mock_imagebuilder() as mb:
        mb.parameters[REGION]["/base/ami"] = "ami-1"
        mb.parameters[REGION]["base"] = "ami-2"
        mb.parameters["eu-west-1"]["/base/ami"] = "ami-3"
        assert next_door.parameter_value(state_of(mb), name) == value


@pytest.mark.docs
def test_a_pipeline_runs_when_a_parameter_has_another_value():
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        mb.parameters[REGION]["/base/ami"] = "ami-00000000000000001"
        CLIENT.create_image_pipeline(
            name="golden",
            imageRecipeArn=image_recipe(
                parentImage="ssm:/base/ami", components=uses(tool())
            ),
            infrastructureConfigurationArn=infrastructure(),
            schedule={"scheduleExpression": "rate(1 day)"},
        )  # fmt: skip
        counts = []
        for value in (None, None, "ami-00000000000000002", None):
            if value is not None:
                mb.parameters[REGION]["/base/ami"] = value
            mb.clock.tick(days=1, hours=1)
            counts.append(len(CLIENT.list_image_build_versions()["imageSummaryList"]))
        assert counts == [1, 1, 2, 2]


def tool() -> str:
    arn: str = CLIENT.create_component(
        name="tool", semanticVersion="1.0.0", platform="Linux", data=document()
    )["componentBuildVersionArn"]
    return arn


@pytest.mark.docs
def test_an_image_is_built_on_the_ami_that_a_parameter_holds(mb):
    mb.parameters[REGION]["/base/ami"] = "ami-00000000000000001"
    arn = CLIENT.create_image(
        imageRecipeArn=image_recipe("golden", parentImage="ssm:/base/ami"),
        infrastructureConfigurationArn=infrastructure(),
    )["imageBuildVersionArn"]
    CLIENT.get_image(imageBuildVersionArn=arn)
    line = "Resolved Image Recipe parent image ssm:/base/ami to AMI ami-00000000000000001."
    assert line in mb.logs["/aws/imagebuilder/golden"]["1.0.0/1"].text


@pytest.mark.docs
@pytest.mark.parametrize("held", ["ami-00000000000000001", "something else", None])
def test_the_ami_that_a_parameter_holds_is_distributed(mb, held):
    if held is not None:
        mb.parameters[REGION]["/base/ami"] = held
    arn = CLIENT.distribute_image(
        sourceImage="ssm:/base/ami",
        distributionConfigurationArn=distribution(),
        executionRole="arn:aws:iam::123456789012:role/images",
    )["imageBuildVersionArn"]
    image = CLIENT.get_image(imageBuildVersionArn=arn)["image"]
    assert image["state"]["status"] == "AVAILABLE"
    assert (image["name"] == held) is (held == "ami-00000000000000001")
    assert image["name"].startswith("ami-")
