"""Images beside moto: what they make is found with the clients of the code under test."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mockbuild import Control, mock_imagebuilder
from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.base import NeighbourError
from tests.imagebuilder.factory import (
    CLIENT,
    LINUX,
    Record,
    container_recipe,
    distribution,
    image_recipe,
    infrastructure,
    refused,
)
from tests.optional import make_client, mock_aws

pytestmark = pytest.mark.docs

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
HOME, AWAY = "us-east-1", "eu-west-1"
TOPIC = f"arn:aws:sns:{HOME}:{ACCOUNT}:images"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto have no AMIs of its own: to load them takes a second for each region."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@pytest.fixture(params=["moto first", "ours first"])
def mb(request: pytest.FixtureRequest) -> Iterator[Control]:
    with ExitStack() as stack:
        moto = mock_aws()
        if request.param == "moto first":
            stack.enter_context(moto)
            handle = stack.enter_context(mock_imagebuilder())
        else:
            handle = stack.enter_context(mock_imagebuilder())
            stack.enter_context(moto)
        make_client("iam").create_instance_profile(InstanceProfileName="builder")
        yield handle


def order(*distributions: Record, recipe: str | None = None, **members: Any) -> str:
    """Begin to make an image, and return its ARN."""
    response = CLIENT.create_image(
        imageRecipeArn=recipe or image_recipe(parentImage=LINUX, description="Our base"),
        infrastructureConfigurationArn=infrastructure(**members),
        **({"distributionConfigurationArn": distribution(distributions=list(distributions))}
           if distributions else {}),
    )  # fmt: skip
    arn: str = response["imageBuildVersionArn"]
    return arn


def look(arn: str) -> Record:
    image: Record = CLIENT.get_image(imageBuildVersionArn=arn)["image"]
    return image


def amis(arn: str) -> dict[tuple[str, str], str]:
    """Look at an image, and return its AMIs by account and region."""
    found = look(arn)["outputResources"]["amis"]
    return {(one["accountId"], one["region"]): one["image"] for one in found}


def client_of_the_other(service: str, region: str) -> Any:
    """Return a client for somebody who has taken on a role in the other account."""
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
    keys = make_client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
    return make_client(
        service,
        region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def test_an_ami_is_found_by_its_name_and_its_tags(mb: Control) -> None:
    arn = order(
        {
            "region": HOME,
            "amiDistributionConfiguration": {
                "name": "golden {{ imagebuilder:buildDate }}",
                "amiTags": {"team": "platform"},
            },
        }
    )
    ec2 = make_client("ec2", HOME)
    # Nobody has looked at the image yet: to ask EC2 is as good as a look.
    for name, value in (
        ("name", "golden *"),
        ("tag:team", "platform"),
        ("tag:Ec2ImageBuilderArn", arn),
        ("state", "available"),
    ):
        found = ec2.describe_images(
            Owners=["self"], Filters=[{"Name": name, "Values": [value]}]
        )["Images"]  # fmt: skip
        assert [one["ImageId"] for one in found] == list(amis(arn).values()), name
    assert found[0]["Description"] == "Our base"
    assert [one.name for one in mb.amis.values()] == [found[0]["Name"]]


def test_the_image_shows_the_ids_that_moto_has_given(mb: Control) -> None:
    arn = order(
        {"region": HOME, "amiDistributionConfiguration": {}},
        {"region": AWAY, "amiDistributionConfiguration": {}},
    )
    for (_, region), image_id in amis(arn).items():
        found = make_client("ec2", region).describe_images(ImageIds=[image_id])["Images"]
        assert [one["ImageId"] for one in found] == [image_id]
    log = mb.logs["/aws/imagebuilder/web"]["1.0.0/1"].text
    assert "AVAILABLE" in log


def test_other_accounts_get_their_copies(mb: Control) -> None:
    settings = {"targetAccountIds": [OTHER_ACCOUNT], "amiTags": {"team": "platform"}}
    arn = order({"region": AWAY, "amiDistributionConfiguration": settings})
    image_id = amis(arn)[OTHER_ACCOUNT, AWAY]
    (theirs,) = client_of_the_other("ec2", AWAY).describe_images(Owners=["self"])["Images"]
    assert (theirs["ImageId"], theirs["OwnerId"]) == (image_id, OTHER_ACCOUNT)
    assert {"Key": "team", "Value": "platform"} in theirs["Tags"]
    assert make_client("ec2", AWAY).describe_images(Owners=["self"])["Images"] == []


def test_others_may_launch_it(mb: Control) -> None:
    settings = {"launchPermission": {"userIds": [OTHER_ACCOUNT]}}
    arn = order({"region": HOME, "amiDistributionConfiguration": settings})
    permission = make_client("ec2", HOME).describe_image_attribute(
        ImageId=amis(arn)[ACCOUNT, HOME], Attribute="launchPermission"
    )
    assert permission["LaunchPermissions"] == [{"UserId": OTHER_ACCOUNT}]


def test_parameters_and_launch_templates(mb: Control) -> None:
    ec2, ssm = make_client("ec2", HOME), make_client("ssm", HOME)
    templates = [
        ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"InstanceType": "t3.large", "ImageId": "ami-1"},
        )["LaunchTemplate"]["LaunchTemplateId"]
        for name in ("default", "not-default")
    ]
    order(
        {
            "region": HOME,
            "ssmParameterConfigurations": [{"parameterName": "/golden/ami"}],
            "launchTemplateConfigurations": [
                {"launchTemplateId": templates[0]},
                {"launchTemplateId": templates[1], "setDefaultVersion": False},
            ],
        }
    )
    image_id = ssm.get_parameter(Name="/golden/ami")["Parameter"]["Value"]
    assert ec2.describe_images(ImageIds=[image_id])["Images"]
    for template, default in ((templates[0], "2"), (templates[1], "1")):
        shown = ec2.describe_launch_template_versions(
            LaunchTemplateId=template, Versions=["$Latest", "$Default"]
        )["LaunchTemplateVersions"]
        assert shown[0]["LaunchTemplateData"] == {"InstanceType": "t3.large", "ImageId": image_id}
        assert str(shown[1]["VersionNumber"]) == default
    assert mb.parameters[HOME]["/golden/ami"] == image_id


def test_parameters_have_their_type_and_their_account(mb: Control) -> None:
    arn = order(
        {
            "region": AWAY,
            "amiDistributionConfiguration": {"targetAccountIds": [ACCOUNT, OTHER_ACCOUNT]},
            "ssmParameterConfigurations": [
                {"parameterName": "/image", "dataType": "aws:ec2:image"},
                {"parameterName": "/text"},
                {"parameterName": "/theirs", "amiAccountId": OTHER_ACCOUNT},
            ],
        }
    )
    made = amis(arn)
    for ssm, expected in (
        (make_client("ssm", AWAY), {"/image": "aws:ec2:image", "/text": "text"}),
        (client_of_the_other("ssm", AWAY), {"/theirs": "text"}),
    ):
        found = ssm.get_parameters(Names=["/image", "/text", "/theirs"])["Parameters"]
        assert {one["Name"]: one["DataType"] for one in found} == expected
        account = OTHER_ACCOUNT if "/theirs" in expected else ACCOUNT
        assert {one["Value"] for one in found} == {made[account, AWAY]}


def test_a_disk_image_is_exported(mb: Control) -> None:
    s3 = make_client("s3", HOME)
    s3.create_bucket(Bucket="disks")
    export = {"roleName": "vmimport", "diskImageFormat": "VHD", "s3Bucket": "disks"}
    order({"region": HOME, "s3ExportConfiguration": {**export, "s3Prefix": "web/"}})
    (found,) = s3.list_objects_v2(Bucket="disks")["Contents"]
    assert re.fullmatch(r"web/export-ami-[0-9a-f]{17}\.vhd", found["Key"])


def test_what_was_done_before_a_failure_stays(mb: Control) -> None:
    ec2 = make_client("ec2", HOME)
    template = ec2.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": "ami-1"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    export = {"roleName": "vmimport", "diskImageFormat": "RAW", "s3Bucket": "no-such-bucket"}
    arn = order(
        {
            "region": HOME,
            "launchTemplateConfigurations": [{"launchTemplateId": template}],
            "s3ExportConfiguration": export,
        },
        {"region": AWAY, "ssmParameterConfigurations": [{"parameterName": "/ami"}]},
    )
    failure = look(arn)["state"]["failureContext"]["distributionFailure"]
    (region,) = failure["regionFailures"]
    assert (region["region"], region["imageConfigurationStep"]) == (HOME, "EXPORT_AMI")
    assert region["errorMessage"] == "S3 Client Error: 'The specified bucket does not exist'"
    made = amis(arn)
    assert set(made) == {(ACCOUNT, HOME), (ACCOUNT, AWAY)}
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=template)
    last = versions["LaunchTemplateVersions"][-1]["LaunchTemplateData"]
    assert last["ImageId"] == made[ACCOUNT, HOME]
    assert mb.parameters[AWAY]["/ami"] == made[ACCOUNT, AWAY]
    make_client("s3", HOME).create_bucket(Bucket="no-such-bucket")
    CLIENT.retry_image(imageBuildVersionArn=arn)
    assert look(arn)["state"]["status"] == "AVAILABLE"
    assert amis(arn) == made
    shown = ec2.describe_launch_templates(LaunchTemplateIds=[template])["LaunchTemplates"][0]
    assert shown["LatestVersionNumber"] == 2
    assert len(mb.s3["no-such-bucket"]) == 1


def test_more_tags_than_there_can_be(mb: Control) -> None:
    tags = {f"key-{number}": "x" for number in range(50)}  # and those of Image Builder
    there = {"amiDistributionConfiguration": {"amiTags": tags}}
    arn = order({"region": HOME, **there}, {"region": AWAY, **there})
    failure = look(arn)["state"]["failureContext"]["distributionFailure"]
    text = "EC2 Client Error: 'The maximum number of Tags for a resource has been reached.'"
    assert [(one["region"], one["errorMessage"]) for one in failure["regionFailures"]] == [
        (HOME, text),
        (AWAY, text),
    ]
    assert set(amis(arn)) == {(ACCOUNT, HOME)}
    assert make_client("ec2", AWAY).describe_images(Owners=["self"])["Images"] == []


def test_what_is_gone_by_the_time_fails_the_image(mb: Control) -> None:
    ec2 = make_client("ec2", HOME)
    template = ec2.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": "ami-1"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    wanted = [{"launchTemplateId": template}]
    arn = order({"region": HOME, "launchTemplateConfigurations": wanted})
    ec2.delete_launch_template(LaunchTemplateId=template)
    state = look(arn)["state"]
    assert state["status"] == "FAILED"
    assert "EC2 Client Error: 'The specified launch template" in state["reason"]
    (failure,) = state["failureContext"]["distributionFailure"]["regionFailures"]
    assert failure["imageConfigurationStep"] == "UPDATE_LAUNCH_TEMPLATES"


def test_an_ami_is_as_the_one_it_was_built_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTO_EC2_LOAD_DEFAULT_AMIS")
    with mock_aws(), mock_imagebuilder():
        make_client("iam").create_instance_profile(InstanceProfileName="builder")
        ec2 = make_client("ec2", HOME)
        windows = {"Name": "platform", "Values": ["windows"]}
        parent = ec2.describe_images(Filters=[windows])["Images"][0]
        arn = order(recipe=image_recipe(parentImage=parent["ImageId"]))
        assert look(arn)["platform"] == "Windows"
        (made,) = ec2.describe_images(ImageIds=list(amis(arn).values()))["Images"]
        assert made["ImageId"] != parent["ImageId"]
        assert made["Platform"] == "windows"
        assert made["Architecture"] == parent["Architecture"]


def test_container_images(mb: Control) -> None:
    ecr = make_client("ecr", HOME)
    ecr.create_repository(repositoryName="web")
    arn = CLIENT.create_image(
        containerRecipeArn=container_recipe(), infrastructureConfigurationArn=infrastructure()
    )["imageBuildVersionArn"]
    (found,) = ecr.describe_images(repositoryName="web")["imageDetails"]
    assert sorted(found["imageTags"]) == ["1.0.0-1", "web-1.0.0-1"]
    assert look(arn)["state"]["status"] == "AVAILABLE"


def test_repositories_that_are_not_there(mb: Control) -> None:
    ecr = make_client("ecr", HOME)
    with refused(parameter="targetRepository"):
        container_recipe()
    ecr.create_repository(repositoryName="web")
    away = {"targetRepository": {"service": "ECR", "repositoryName": "far"}}
    distributions = [{"region": AWAY, "containerDistributionConfiguration": away}]
    place = "distributions[0].containerDistributionConfiguration.targetRepository"
    with refused(parameter=place):
        distribution(distributions=distributions)
    make_client("ecr", AWAY).create_repository(repositoryName="far")
    arn = CLIENT.create_image(
        containerRecipeArn=container_recipe(),
        infrastructureConfigurationArn=infrastructure(),
        distributionConfigurationArn=distribution(distributions=distributions),
    )["imageBuildVersionArn"]
    make_client("ecr", AWAY).delete_repository(repositoryName="far")
    image = look(arn)
    (failure,) = image["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    assert failure["region"] == AWAY
    assert failure["errorMessage"].startswith("ECR Client Error: 'The repository with name 'far'")
    assert [one["region"] for one in image["outputResources"]["containers"]] == [HOME]
    (found,) = ecr.describe_images(repositoryName="web")["imageDetails"]
    assert sorted(found["imageTags"]) == ["1.0.0-1", "web-1.0.0-1"]


def test_a_repository_whose_tags_stay_where_they_are() -> None:
    neighbours = Neighbours()
    with mock_aws():
        make_client("ecr", HOME).create_repository(
            repositoryName="fixed", imageTagMutability="IMMUTABLE"
        )
        ecr = neighbours.ecr(HOME)
        ecr.push("fixed", ["1"], "first")
        ecr.push("fixed", ["1"], "first")
        with pytest.raises(NeighbourError, match="AlreadyExists"):
            ecr.push("fixed", ["1"], "second")


def test_a_queue_gets_the_message_of_the_topic(mb: Control) -> None:
    sqs, sns = make_client("sqs", HOME), make_client("sns", HOME)
    url = sqs.create_queue(QueueName="images")["QueueUrl"]
    queue = f"arn:aws:sqs:{HOME}:{ACCOUNT}:images"
    sns.create_topic(Name="images")
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=queue)
    arn = order(snsTopicArn=TOPIC)
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    message = json.loads(json.loads(received["Body"])["Message"])
    assert (message["arn"], message["state"]) == (arn, {"status": "AVAILABLE"})
    assert [(one.topic_arn, one.message) for one in mb.notifications] == [(TOPIC, message)]


def test_a_topic_that_is_gone_does_not_fail_the_image(mb: Control) -> None:
    sns = make_client("sns", HOME)
    sns.create_topic(Name="images")
    arn = order(snsTopicArn=TOPIC)
    sns.delete_topic(TopicArn=TOPIC)
    assert look(arn)["state"]["status"] == "AVAILABLE"
    assert list(mb.notifications) == []


def test_with_stand_ins_moto_gets_nothing() -> None:
    with mock_aws(), mock_imagebuilder(neighbours="embedded") as handle:
        arn = order({"region": HOME, "ssmParameterConfigurations": [{"parameterName": "/ami"}]})
        assert list(handle.amis) == list(amis(arn).values())
        assert handle.parameters[HOME]["/ami"] in handle.amis
        assert make_client("ec2", HOME).describe_images(Owners=["self"])["Images"] == []
        assert make_client("ssm", HOME).describe_parameters()["Parameters"] == []


def test_the_mocks_own_account_is_motos_default() -> None:
    with mock_aws(), mock_imagebuilder(account_id="111122223333") as handle:
        make_client("iam").create_instance_profile(InstanceProfileName="builder")
        order()
        (found,) = make_client("ec2", HOME).describe_images(Owners=["self"])["Images"]
        assert list(handle.amis) == [found["ImageId"]]
