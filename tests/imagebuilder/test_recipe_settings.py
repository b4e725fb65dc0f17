"""The instances that recipes are built on, and what becomes of them: volumes, agents, tags."""

import pytest

from tests.imagebuilder.factory import (
    MACOS,
    WINDOWS,
    container_recipe,
    image_recipe,
    refused,
    wrong,
)

COMBINATION = "InvalidParameterCombinationException"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("ebs", "member"),
    [
        pytest.param({"volumeType": "io1"}, "iops", id="io1"),
        pytest.param({"volumeType": "io2", "volumeSize": 8}, "iops", id="io2"),
        pytest.param({"volumeType": "gp2", "throughput": 125}, "throughput", id="gp2"),
        pytest.param(
            {"volumeType": "io1", "iops": 100, "throughput": 125},
            "throughput",
            id="io1, throughput",
        ),
    ],
)
def test_volumes_that_cannot_be(mb, ebs, member):
    devices = [{"deviceName": "/dev/xvda"}, {"deviceName": "/dev/xvdb", "ebs": ebs}]
    path = f"blockDeviceMappings[1].ebs.{member}"
    with refused(COMBINATION, parameter=path):
        image_recipe(blockDeviceMappings=devices)
    with refused(COMBINATION, parameter=f"instanceConfiguration.{path}"):
        container_recipe(instanceConfiguration={"blockDeviceMappings": devices})


@pytest.mark.recorded
@pytest.mark.parametrize(
    "ebs",
    [
        {"iops": 100},
        {"throughput": 200},
        {"volumeType": "gp3", "throughput": 200},
        {"volumeType": "io1", "iops": 100},
        {"volumeType": "gp2"},
        {},
    ],
)
def test_volumes_that_can_be(mb, ebs):
    image_recipe(blockDeviceMappings=[{"ebs": ebs}])
    container_recipe(instanceConfiguration={"blockDeviceMappings": [{"ebs": ebs}]})


@pytest.mark.model
@pytest.mark.parametrize(
    ("ebs", "member"),
    [
        ({"iops": 64001}, "iops"),
        ({"throughput": 1001}, "throughput"),
        ({"volumeSize": 16001}, "volumeSize"),
        ({"volumeType": "gp4"}, "volumeType"),
    ],
)
def test_volumes_that_the_model_refuses(mb, ebs, member):
    with refused(parameter=f"blockDeviceMappings[0].ebs.{member}"):
        image_recipe(blockDeviceMappings=[{"ebs": ebs}])


@pytest.mark.docs
def test_the_agent_on_windows(mb):
    agent = {"systemsManagerAgent": {"uninstallAfterBuild": False}}
    message = wrong(
        "additionalInstanceConfiguration.systemsManagerAgent",
        "Image Builder does not support configuring the SSM Agent on Windows.",
    )
    with refused(COMBINATION, message):
        image_recipe(parentImage=WINDOWS, additionalInstanceConfiguration=agent)
    image_recipe("mac", parentImage=MACOS, additionalInstanceConfiguration=agent)
    image_recipe(
        parentImage=WINDOWS,
        additionalInstanceConfiguration={"userDataOverride": "eA=="},
    )


@pytest.mark.docs
def test_working_directories(mb):
    quoted = 'C:/"Program Files"'
    with refused(parameter="workingDirectory"):
        image_recipe(parentImage=WINDOWS, workingDirectory=quoted)
    image_recipe(parentImage=WINDOWS, workingDirectory="C:/Program Files")
    image_recipe("linux", workingDirectory='/tmp/"x"')
    windows = {"platformOverride": "Windows", "imageOsVersionOverride": "2022"}
    with refused(parameter="workingDirectory"):
        container_recipe(workingDirectory=quoted, **windows)


@pytest.mark.docs
def test_tags_of_amis(mb):
    for key in ("CreatedBy", "Ec2ImageBuilderArn"):
        message = wrong("amiTags", f"The following tag keys are reserved: {key}.")
        with refused(message=message):
            image_recipe(amiTags={key: "x"})
    image_recipe(amiTags={"Name": "x"}, tags={"CreatedBy": "me"})


@pytest.mark.docs
@pytest.mark.parametrize(
    ("names", "good"),
    [
        pytest.param(["one", "One", "two"], True, id="case matters"),
        pytest.param(["(a) [b] ./'@_-"], True, id="every character"),
        pytest.param(["one", "two", "one"], False, id="twice"),
        pytest.param(["one", " two"], False, id="a space in front"),
        pytest.param(["x" * 129], False, id="too long"),
        pytest.param([f"mark-{number}" for number in range(6)], False, id="six"),
    ],
)
def test_watermarks(mb, names, good):
    if good:
        image_recipe(amiWatermarks=names)
    else:
        with refused():
            image_recipe(amiWatermarks=names)


@pytest.mark.model
@pytest.mark.parametrize("text", ["no base64!", "abc"])
def test_user_data_is_base64(mb, text):
    with refused(parameter="additionalInstanceConfiguration.userDataOverride"):
        image_recipe(additionalInstanceConfiguration={"userDataOverride": text})
