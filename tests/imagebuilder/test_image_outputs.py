"""What images leave outside Image Builder: AMIs, containers, parameters, messages."""

import json
import re
from uuid import UUID

import pytest

from mockbuild.engine.image_outputs import (
    Ami,
    AmiChange,
    Export,
    FastLaunch,
    Licenses,
    Message,
    Parameter,
    Push,
    TemplateVersion,
)
from tests.imagebuilder.factory import ACCOUNT, AMAZON, ARN, CLIENT
from tests.imagebuilder.image_factory import (
    Kit,
    container_recipe,
    distribution,
    infrastructure,
    look,
    made,
    recipe,
    remember,
    run_of,
    status,
    step_of,
    to,
)

TOPIC = "arn:aws:sns:us-east-1:123456789012:images"
OTHER = "111111111111"
AMI_ID = re.compile(r"ami-[0-9a-f]{17}")
OWN_TAGS = {"CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": f"{ARN}:image/web/1.0.0/1"}


@pytest.fixture(autouse=True)
def _outputs(request):
    for name in ("mb", "clocked"):
        if name in request.fixturenames:
            remember(request.getfixturevalue(name))


def amis(arn):
    found = look(arn)
    assert found["state"] == {"status": "AVAILABLE"}
    return found["outputResources"]["amis"]


def distributed(kit, *distributions):
    return kit.make(distributionConfigurationArn=distribution(*distributions))


# AMIs


@pytest.mark.recorded
def test_the_ami_of_an_image(mb, kit):
    arn = kit.make()
    (ami,) = amis(arn)
    assert AMI_ID.fullmatch(ami["image"])
    assert re.fullmatch(r"web \d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}Z", ami["name"])
    assert {**ami, "image": "", "name": ""} == {
        "region": "us-east-1", "image": "", "name": "", "accountId": ACCOUNT,
    }  # fmt: skip
    (output,) = made(mb, Ami)
    assert (output.image_id, output.name) == (ami["image"], ami["name"])
    assert output.tags == OWN_TAGS
    assert AMI_ID.fullmatch(output.parent)


@pytest.mark.docs
def test_the_ami_appears_when_it_is_made(clocked):
    arn = Kit().make()
    clocked.clock.tick(60)
    assert look(arn)["outputResources"] == {"amis": []}
    clocked.clock.tick(385)
    assert look(arn)["state"]["status"] == "BUILDING"
    assert len(look(arn)["outputResources"]["amis"]) == 1


@pytest.mark.docs
def test_settings_of_the_recipe(mb, kit):
    kit.recipe = recipe(
        "app", description="the app", amiTags={"team": "a"}, components=None,
        parentImage="ami-0123456789abcdef0",
    )  # fmt: skip
    (ami,) = amis(kit.make())
    assert ami["description"] == "the app"
    (output,) = made(mb, Ami)
    assert output.tags["team"] == "a"
    assert output.parent == "ami-0123456789abcdef0"


@pytest.mark.recorded
def test_names_have_tokens(mb, kit):
    kit.make()
    name = "my {{imagebuilder:buildVersion}} of {{ imagebuilder:buildDate }}"
    arn = distributed(kit, to("us-east-1", name=name), to("eu-west-1", name=name))
    names = {ami["name"] for ami in amis(arn)}
    assert len(names) == 1
    assert re.fullmatch(r"my 2 of \d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z", names.pop())


@pytest.mark.inferred
def test_dates_can_have_a_format(mb, kit):
    arn = distributed(
        kit,
        to("eu-west-1", amiTags={"date": "{{imagebuilder:buildDate:yyyyMMddHHmmss}}",
                                 "build": "{{imagebuilder:buildVersion}}"}),
    )  # fmt: skip
    amis(arn)
    copy = made(mb, Ami)[1]
    assert re.fullmatch(r"\d{14}", copy.tags["date"])
    assert copy.tags["build"] == "1"


@pytest.mark.docs
def test_an_ami_goes_everywhere(mb, kit):
    arn = distributed(
        kit,
        to("us-east-1", name="home {{imagebuilder:buildDate}}", description="at home"),
        to("eu-west-1", targetAccountIds=[ACCOUNT, OTHER], kmsKeyId="alias/mine"),
        to("eu-north-1", description="far", name="far {{imagebuilder:buildDate}}"),
    )
    found = [(ami["region"], ami["accountId"], ami.get("description")) for ami in amis(arn)]
    assert found == [
        ("us-east-1", ACCOUNT, "at home"),
        ("eu-west-1", ACCOUNT, None),
        ("eu-west-1", OTHER, None),
        ("eu-north-1", ACCOUNT, "far"),
    ]
    home, *copies = made(mb, Ami)
    assert {(one.copied_from, one.copied_from_region) for one in copies} == {
        (home.image_id, "us-east-1")
    }
    assert home.copied_from is None
    assert [one.kms_key_id for one in copies] == ["alias/mine", "alias/mine", None]
    assert len({one.image_id for one in [home, *copies]}) == 4
    assert all(ami["state"] == {"status": "AVAILABLE"} for ami in amis(arn)[1:])
    assert all(one.tags["CreatedBy"] == "EC2 Image Builder" for one in copies)


@pytest.mark.docs
def test_the_recipes_description_stays_at_home(mb, kit):
    kit.recipe = recipe("app", description="the app", components=None)
    found = amis(distributed(kit, to("us-east-1"), to("eu-west-1")))
    assert [ami.get("description") for ami in found] == ["the app", None]


@pytest.mark.docs
def test_other_accounts_get_a_copy_in_the_region_of_the_build_too(mb, kit):
    arn = distributed(kit, to("us-east-1", targetAccountIds=[OTHER], amiTags={"a": "b"}))
    found = amis(arn)
    assert [(ami["region"], ami["accountId"]) for ami in found] == [
        ("us-east-1", ACCOUNT), ("us-east-1", OTHER),
    ]  # fmt: skip
    assert made(mb, Ami)[1].tags["a"] == "b"
    assert [(one.account_id, one.tags["a"]) for one in made(mb, AmiChange)] == [(ACCOUNT, "b")]


@pytest.mark.docs
def test_an_ami_is_shared_and_tagged(mb, kit):
    permission = {"userIds": [OTHER], "userGroups": ["all"]}
    arn = distributed(
        kit,
        to("us-east-1", amiTags={"a": "b"}, launchPermission=permission),
        to("eu-west-1", amiTags={"c": "d"}, launchPermission=permission),
    )
    home, copy = amis(arn)
    changes = made(mb, AmiChange)
    assert [(one.image_id, one.launch_permission) for one in changes] == [
        (home["image"], {}), (home["image"], permission), (copy["image"], permission),
    ]  # fmt: skip
    assert changes[0].tags == {"a": "b", **OWN_TAGS}
    assert made(mb, Ami)[1].tags == {"c": "d", **OWN_TAGS}


@pytest.mark.docs
def test_a_distribution_of_containers_is_none_of_amis(mb, kit):
    container = {"targetRepository": {"service": "ECR", "repositoryName": "boxes"}}
    arn = distributed(kit, {"region": "eu-west-1", "containerDistributionConfiguration": container})
    assert [ami["region"] for ami in amis(arn)] == ["us-east-1"]


# What is configured

EVERYTHING = {
    "region": "eu-west-1",
    "amiDistributionConfiguration": {},
    "licenseConfigurationArns": [
        f"arn:aws:license-manager:us-west-2:{ACCOUNT}:license-configuration:lic-{'0' * 32}"
    ],
    "launchTemplateConfigurations": [
        {"launchTemplateId": "lt-0123456789abcdef0"},
        {"launchTemplateId": "lt-0123456789abcdef1", "accountId": OTHER,
         "setDefaultVersion": False},
    ],
    "ssmParameterConfigurations": [
        {"parameterName": "/golden", "dataType": "aws:ec2:image"},
        {"parameterName": "/plain"},
    ],
    "fastLaunchConfigurations": [{"enabled": True}],
    "s3ExportConfiguration": {
        "roleName": "export", "diskImageFormat": "VMDK", "s3Bucket": "disks", "s3Prefix": "web",
    },
}  # fmt: skip


@pytest.mark.docs
def test_everything_that_can_be_configured(mb, kit):
    arn = distributed(kit, EVERYTHING)
    image = amis(arn)[1]["image"]
    where = (image, "eu-west-1", ACCOUNT)
    after = [one for one in made(mb) if not isinstance(one, Ami)]
    assert after == [
        Licenses(*where, tuple(EVERYTHING["licenseConfigurationArns"])),
        TemplateVersion(*where, "lt-0123456789abcdef0", True),
        TemplateVersion(image, "eu-west-1", OTHER, "lt-0123456789abcdef1", False),
        Parameter(*where, "/golden", "aws:ec2:image"),
        Parameter(*where, "/plain", "text"),
        FastLaunch(*where, {"enabled": True}),
        Export(*where, "VMDK", "disks", "web", "export"),
    ]


@pytest.mark.docs
def test_without_faster_launching_nothing_is_done(mb, kit):
    launches = [{"enabled": False}, {"enabled": True, "maxParallelLaunches": 6}]
    amis(distributed(kit, {"region": "us-east-1", "fastLaunchConfigurations": launches}))
    assert [one.settings for one in made(mb, FastLaunch)] == launches[1:]


@pytest.mark.docs
def test_it_is_configured_while_the_image_is_integrating(clocked):
    kit = Kit()
    arn = distributed(kit, EVERYTHING)
    while status(arn) != "INTEGRATING":
        clocked.clock.tick(1)
        assert made(clocked, Parameter) == []
    while status(arn) != "AVAILABLE":
        clocked.clock.tick(10)
    assert len(made(clocked, Parameter)) == 2
    assert len(made(clocked, Export)) == 1


@pytest.mark.recorded
def test_parameters_of_other_accounts_hold_their_copies(mb, kit):
    arn = distributed(
        kit,
        {
            "region": "us-east-1",
            "amiDistributionConfiguration": {"targetAccountIds": [OTHER]},
            "launchTemplateConfigurations": [
                {"launchTemplateId": "lt-0123456789abcdef0", "accountId": OTHER}
            ],
            "ssmParameterConfigurations": [
                {"parameterName": "/source"},
                {"parameterName": "/target", "amiAccountId": OTHER},
            ],
        },
    )
    source, target = (ami["image"] for ami in amis(arn))
    held = {one.name: (one.account_id, one.image_id) for one in made(mb, Parameter)}
    assert held == {"/source": (ACCOUNT, source), "/target": (OTHER, target)}
    (version,) = made(mb, TemplateVersion)
    assert (version.account_id, version.image_id) == (OTHER, source)


# Containers


@pytest.mark.recorded
def test_a_container_image_has_two_tags_in_any_case(mb, kit):
    arn = kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe("My Box"))
    place = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/boxes"
    image = look(arn)
    assert image["outputResources"] == {
        "containers": [
            {"region": "us-east-1",
             "imageUris": [f"{place}:1.0.0-1", f"{place}:my-box-1.0.0-1"]}
        ]
    }  # fmt: skip
    assert image["version"].replace("/", "-") == "1.0.0-1"
    (push,) = made(mb, Push)
    assert (push.repository, push.tags) == ("boxes", ("1.0.0-1", "my-box-1.0.0-1"))


@pytest.mark.docs
def test_a_container_image_goes_everywhere(mb, kit):
    def container(region, *tags, repository="far"):
        target = {"service": "ECR", "repositoryName": repository}
        settings = {"targetRepository": target, "containerTags": list(tags)}
        return {"region": region, "containerDistributionConfiguration": settings}

    arn = kit.make(
        imageRecipeArn=None,
        containerRecipeArn=container_recipe(),
        distributionConfigurationArn=distribution(
            container("eu-west-1", "latest"), container("eu-north-1", "v1", "1.0.0-1")
        ),
    )
    found = look(arn)["outputResources"]["containers"]
    assert [one["region"] for one in found] == ["us-east-1", "eu-west-1", "eu-north-1"]
    tags = [[uri.rpartition(":")[2] for uri in one["imageUris"]] for one in found]
    assert tags == [
        ["1.0.0-1", "box-1.0.0-1"],
        ["1.0.0-1", "box-1.0.0-1", "latest"],
        ["1.0.0-1", "box-1.0.0-1", "v1"],
    ]
    second = kit.make(
        imageRecipeArn=None,
        containerRecipeArn=f"{ARN}:container-recipe/box/1.0.0",
        distributionConfigurationArn=distribution(
            container("us-east-1", repository="own"), name="home"
        ),
    )
    (home,) = look(second)["outputResources"]["containers"]
    assert home["imageUris"][0].endswith("amazonaws.com/own:1.0.0-2")


@pytest.mark.docs
def test_a_container_image_goes_out_without_a_workflow_for_it(mb, kit):
    build = f"{AMAZON}:workflow/build/build-container/x.x.x"
    arn = kit.with_workflows(build, imageRecipeArn=None, containerRecipeArn=container_recipe())
    assert len(look(arn)["outputResources"]["containers"]) == 1
    mb.script(image="box").fails_in("DISTRIBUTING", message="full")
    arn = kit.with_workflows(
        build, imageRecipeArn=None, containerRecipeArn=f"{ARN}:container-recipe/box/1.0.0"
    )
    failure = look(arn)["state"]["failureContext"]["distributionFailure"]
    assert failure["regionFailures"][0]["errorMessage"] == "full"


# Ids that others give


@pytest.mark.docs
def test_who_makes_amis_may_give_them_ids(mb, kit):
    maker = mb._world.image_maker
    first = maker.outputs
    real = iter([f"ami-{number:017x}" for number in range(1, 9)])

    class Outputs:
        logs = staticmethod(first.logs)

        @staticmethod
        def make(output):
            first.make(output)
            return next(real) if isinstance(output, Ami) else None

    maker.outputs = Outputs()
    arn = distributed(kit, to("us-east-1"), EVERYTHING)
    ids = [ami["image"] for ami in amis(arn)]
    assert ids == [f"ami-{number:017x}" for number in (1, 2)]
    assert json.loads(step_of(arn, "CreateOutputAMI")["outputs"]) == {"imageId": ids[0]}
    copy = [one for one in first.made if isinstance(one, Ami)][1]
    assert copy.copied_from == ids[0]
    held = {one.image_id for one in first.made if isinstance(one, Parameter)}
    assert held == {ids[1]}
    kit.recipe = recipe("child", parentImage=f"{ARN}:image/web/x.x.x", components=None)
    amis(kit.make())
    assert first.made[-1].parent == ids[0]


# Messages


@pytest.mark.recorded
def test_a_topic_is_told_of_an_image(mb):
    kit = Kit()
    configuration = distribution(to("us-east-1"))
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    arn = kit.make(distributionConfigurationArn=configuration, tags={"a": "b"})
    image = look(arn)
    (message,) = made(mb, Message)
    assert message.topic_arn == TOPIC
    told = json.loads(message.text)
    american = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M")
    for part in (told, told["imageRecipe"], told["infrastructureConfiguration"],
                 told["distributionConfiguration"]):  # fmt: skip
        assert american.fullmatch(part.pop("dateCreated"))
        assert part.pop("accountId") == ACCOUNT
        assert part["tags"].pop("internalId")
        assert part["tags"].pop("resourceArn") == part["arn"]
    parent = look(f"{AMAZON}:image/amazon-linux-2023-x86/x.x.x")["arn"]
    assert told.pop("imageRecipe")["parentImage"] == parent
    assert told.pop("infrastructureConfiguration")["name"] == "loud"
    assert told.pop("distributionConfiguration")["name"] == "everywhere"
    jobs = {told.pop("distributionJobId"), told.pop("integrationJobId")}
    assert len({str(UUID(job)) for job in jobs}) == 2
    assert told == {
        "versionlessArn": f"{ARN}:image/web",
        "semver": 1 << 90 | 1,
        "arn": arn,
        "name": "web",
        "version": "1.0.0",
        "type": "AMI",
        "buildVersion": 1,
        "state": {"status": "AVAILABLE"},
        "platform": "Linux",
        "imageTestsConfigurationDocument": {"imageTestsEnabled": True, "timeoutMinutes": 720},
        "outputResources": image["outputResources"],
        "buildExecutionId": run_of(arn)["workflowExecutionId"],
        "testExecutionId": run_of(arn, "TEST")["workflowExecutionId"],
        "osVersion": "Amazon Linux 2023",
        "enhancedImageMetadataEnabled": True,
        "buildType": "USER_INITIATED",
        "tags": {"a": "b"},
    }


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("status_", "jobs"),
    [
        ("BUILDING", set()),
        ("DISTRIBUTING", {"distributionJobId"}),
        ("INTEGRATING", {"distributionJobId", "integrationJobId"}),
    ],
)
def test_a_topic_is_told_of_the_jobs_there_were(mb, status_, jobs):
    mb.script(image="web").fails_in(status_)
    kit = Kit()
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    look(kit.make())
    (message,) = made(mb, Message)
    told = json.loads(message.text)
    assert {member for member in told if member.endswith("JobId")} == jobs
    assert sum(told[job] in told["state"]["reason"] for job in jobs) == min(1, len(jobs))


@pytest.mark.docs
def test_a_topic_is_told_once_of_each_end(mb):
    mb.script(image="web", times=1).fails("ApplyTestComponents")
    kit = Kit()
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    arn = kit.make()
    for _ in range(3):
        status(arn)
    CLIENT.retry_image(imageBuildVersionArn=arn)
    for _ in range(3):
        status(arn)
    states = [json.loads(one.text)["state"] for one in made(mb, Message)]
    assert [state["status"] for state in states] == ["FAILED", "AVAILABLE"]
    assert "failureContext" not in states[0]
    assert states[0]["reason"]


@pytest.mark.docs
def test_nobody_is_told_of_a_cancelled_image(mb):
    kit = Kit()
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    arn = kit.make()
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    assert status(arn) == "CANCELLED"
    assert made(mb, Message) == []


@pytest.mark.docs
def test_it_is_told_though_nobody_looks(clocked):
    kit = Kit()
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    kit.make()
    clocked.clock.tick(hours=1)
    CLIENT.list_components()
    told = [one for one in remember(clocked).made if isinstance(one, Message)]
    assert len(told) == 1
