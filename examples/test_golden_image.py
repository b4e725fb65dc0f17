"""A golden image and its tests, as a platform team would write them.

Every Sunday a pipeline builds a hardened Amazon Linux, if there is anything new to build it of, and
brings it to three regions. Images that are a month old are deprecated. The tests take three months
of that in less than a second, without AWS. Run them from the root of the repository::

    pytest examples/test_golden_image.py
"""

import time
from datetime import UTC, datetime

import boto3
import pytest

from mockbuild import mock_imagebuilder

# The program: in a real project, a module of its own.

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
ACCOUNT = "123456789012"
HARDENING = f"arn:aws:imagebuilder:eu-central-1:{ACCOUNT}:component/hardening"
AMAZON_LINUX = "arn:aws:imagebuilder:eu-central-1:aws:image/amazon-linux-2023-x86/x.x.x"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:golden-images"
PARAMETER = "/golden/ami"

SCRIPT = """\
name: Hardening
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: DisableRootLogin
        action: ExecuteBash
        inputs:
          commands:
            - sed -i 's/^#*PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config
            - sshd -t {options}
  - name: test
    steps:
      - name: RootLoginIsOff
        action: ExecuteBash
        inputs:
          commands:
            - sshd -T | grep -x 'permitrootlogin no'
"""


def publish_hardening(imagebuilder, version, options=""):
    """Publish a version of the component that all golden images have."""
    imagebuilder.create_component(
        name="hardening",
        semanticVersion=version,
        platform="Linux",
        data=SCRIPT.format(options=options),
    )


def deploy(imagebuilder):
    """Set everything up, and return the ARN of the pipeline."""
    publish_hardening(imagebuilder, "1.0.0")
    recipe = imagebuilder.create_image_recipe(
        name="golden",
        semanticVersion="1.0.0",
        parentImage=AMAZON_LINUX,
        components=[{"componentArn": f"{HARDENING}/1.x.x"}],
    )
    infrastructure = imagebuilder.create_infrastructure_configuration(
        name="golden", instanceProfileName="golden-image-builder", snsTopicArn=TOPIC
    )
    distribution = imagebuilder.create_distribution_configuration(
        name="golden",
        distributions=[
            {
                "region": region,
                "amiDistributionConfiguration": {
                    "name": "golden {{ imagebuilder:buildDate }}",
                    "amiTags": {"team": "platform"},
                },
                "ssmParameterConfigurations": [{"parameterName": PARAMETER}],
            }
            for region in REGIONS
        ],
    )
    pipeline = imagebuilder.create_image_pipeline(
        name="golden",
        imageRecipeArn=recipe["imageRecipeArn"],
        infrastructureConfigurationArn=infrastructure["infrastructureConfigurationArn"],
        distributionConfigurationArn=distribution["distributionConfigurationArn"],
        schedule={
            "scheduleExpression": "cron(0 3 ? * sun *)",
            "timezone": "Europe/Berlin",
            "autoDisablePolicy": {"failureCount": 3},
        },
    )
    imagebuilder.create_lifecycle_policy(
        name="golden",
        executionRole=f"arn:aws:iam::{ACCOUNT}:role/golden-image-lifecycle",
        resourceType="AMI_IMAGE",
        resourceSelection={"recipes": [{"name": "golden", "semanticVersion": "1.0.0"}]},
        policyDetails=[
            {
                "action": {"type": "DEPRECATE", "includeResources": {"amis": True}},
                "filter": {"type": "AGE", "value": 30, "unit": "DAYS"},
            }
        ],
    )
    return pipeline["imagePipelineArn"]


def images(imagebuilder, pipeline):
    """Return the images of a pipeline, the oldest first."""
    pages = imagebuilder.get_paginator("list_image_pipeline_images").paginate(
        imagePipelineArn=pipeline
    )
    return [image for page in pages for image in page["imageSummaryList"]][::-1]


def wait_for(imagebuilder, arn):
    """Wait until an image is made, or has failed, and return it."""
    while True:
        image = imagebuilder.get_image(imageBuildVersionArn=arn)["image"]
        if image["state"]["status"] in ("AVAILABLE", "FAILED", "CANCELLED"):
            return image
        time.sleep(60)


def explain(image):
    """Say why an image has failed, in a line for the team's chat."""
    failure = image["state"]["failureContext"]
    component = failure["componentFailure"]
    name, version, _ = component["componentArn"].split("/")[1:]
    return (
        f"{image['name']} {image['version']} failed while {failure['imageStatus']}: "
        f"{name} {version}, phase {component['phaseName']}, step {component['stepName']}: "
        f"{component['errorMessage']}"
    )


# Its tests.

FIRST_SUNDAY = datetime(2030, 1, 6, 2, 0, tzinfo=UTC)  # three o'clock in Berlin


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual", transitions="timed") as handle:
        handle.clock.move_to(datetime(2030, 1, 1, tzinfo=UTC))  # a Tuesday
        yield handle


@pytest.fixture
def imagebuilder(mb):  # noqa: ARG001 - it turns the mock on
    return boto3.client("imagebuilder", region_name="eu-central-1")


@pytest.fixture
def pipeline(imagebuilder):
    return deploy(imagebuilder)


def test_sunday_brings_an_image_to_every_region(mb, imagebuilder, pipeline):
    mb.clock.move_to(FIRST_SUNDAY)
    (begun,) = images(imagebuilder, pipeline)
    assert begun["state"]["status"] == "PENDING"

    image = wait_for(imagebuilder, begun["arn"])

    assert image["state"]["status"] == "AVAILABLE"
    assert datetime.now(UTC).date() == FIRST_SUNDAY.date()  # the sleeps have moved the clock
    amis = {one["region"]: one["image"] for one in image["outputResources"]["amis"]}
    assert set(amis) == set(REGIONS)
    for region in REGIONS:
        assert mb.parameters[region][PARAMETER] == amis[region]
        assert mb.amis[amis[region]].tags["team"] == "platform"
    assert [one.message["state"]["status"] for one in mb.notifications.to(TOPIC)] == ["AVAILABLE"]


def test_without_anything_new_there_is_no_image(mb, imagebuilder, pipeline):
    mb.clock.move_to(FIRST_SUNDAY)
    mb.clock.tick(days=21)
    assert len(images(imagebuilder, pipeline)) == 1

    mb.catalogue.release("image", "amazon-linux-2023-x86", "2030.1.28")
    mb.clock.tick(days=7)
    assert len(images(imagebuilder, pipeline)) == 2


def test_a_bad_component_is_named(mb, imagebuilder, pipeline):
    mb.script(image="golden").fails(
        component="hardening", step="DisableRootLogin", exit_code=255, stderr="sshd: bad option"
    )
    mb.clock.move_to(FIRST_SUNDAY)

    image = wait_for(imagebuilder, images(imagebuilder, pipeline)[0]["arn"])

    assert explain(image) == (
        "golden 1.0.0/1 failed while BUILDING: "
        "hardening 1.0.0, phase build, step DisableRootLogin: exit status 255"
    )
    assert "sshd: bad option" in mb.logs["/aws/imagebuilder/golden"]["1.0.0/1"].text
    assert len(mb.amis) == 0
    assert mb.events[-1]["detail"]["state"]["status"] == "FAILED"


def test_the_fixed_component_is_picked_up(mb, imagebuilder, pipeline):
    mb.script(image="golden", times=1).fails(component="hardening")
    mb.clock.move_to(FIRST_SUNDAY)
    mb.clock.tick(days=2)
    publish_hardening(imagebuilder, "1.0.1", options="-f /etc/ssh/sshd_config")
    mb.clock.tick(days=7)

    first, second = images(imagebuilder, pipeline)

    assert (first["state"]["status"], second["state"]["status"]) == ("FAILED", "AVAILABLE")
    assert second["dateCreated"].startswith("2030-01-13T02:00:00")
    used = mb.notifications[-1].message["imageRecipe"]["components"]
    assert [one["componentArn"] for one in used] == [f"{HARDENING}/1.0.1/1"]


def test_nobody_is_left_with_a_pipeline_that_always_fails(mb, imagebuilder, pipeline):
    mb.script(image="golden").fails(component="hardening")
    mb.clock.move_to(FIRST_SUNDAY)
    for patch in range(1, 10):
        publish_hardening(imagebuilder, f"1.0.{patch}", options=f"# attempt {patch}")
        mb.clock.tick(days=7)

    assert len(images(imagebuilder, pipeline)) == 3
    found = imagebuilder.get_image_pipeline(imagePipelineArn=pipeline)["imagePipeline"]
    assert (found["status"], found["consecutiveFailures"]) == ("DISABLED", 3)
    assert mb.events[-1]["resources"] == [pipeline]


def test_old_images_are_deprecated(mb, imagebuilder, pipeline):
    mb.clock.move_to(FIRST_SUNDAY)
    for patch in range(1, 13):
        mb.clock.tick(days=7, hours=1)
        publish_hardening(imagebuilder, f"1.0.{patch}", options=f"# patch {patch}")

    made = images(imagebuilder, pipeline)
    assert len(made) == 12
    today = datetime.now(UTC)
    for image in made:
        age = today - datetime.fromisoformat(image["dateCreated"])
        wanted = "DEPRECATED" if age.days > 30 else "AVAILABLE"
        assert image["state"]["status"] == wanted, age
        for ami in image["outputResources"]["amis"]:
            deprecated = mb.amis[ami["image"]].deprecated_at is not None
            assert deprecated == (wanted == "DEPRECATED")
    assert len({image["state"]["status"] for image in made}) == 2
