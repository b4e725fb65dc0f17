"""What test authors say of images."""

import pytest

from mockbuild import ConfigurationError
from tests.imagebuilder.factory import ARN
from tests.imagebuilder.image_factory import (
    Kit,
    look,
    remember,
)

COMPONENT = f"{ARN}:component/web-tool/1.0.0/1"
TWO_PHASES = """\
name: InstallDocument
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Download, action: S3Download, inputs: [{source: "s3://a/b", destination: "/c"}]}
      - {name: Install, action: ExecuteBash, inputs: {commands: [make]}}
  - name: validate
    steps:
      - {name: Check, action: ExecuteBinary, inputs: {path: /bin/true}}
"""


@pytest.fixture
def kit(mb):
    remember(mb)
    return Kit()


def failed(arn):
    image = look(arn)
    assert image["state"]["status"] == "FAILED"
    return image["state"]


@pytest.mark.docs
def test_scripts_go_by_recipe_name_and_arn_or_for_all(mb, kit):
    mb.image_script().fails_in("CREATING", message="any")
    mb.image_script("web", times=1).fails_in("CREATING", message="name")
    mb.image_script(f"{ARN}:image-recipe/web/1.0.0", times=2).fails_in("CREATING", message="arn")
    reasons = [failed(kit.make())["reason"] for _ in range(4)]
    assert reasons == ["arn", "arn", "name", "any"]


@pytest.mark.docs
@pytest.mark.parametrize(
    "say",
    [
        lambda mb: mb.image_script("web", times=0),
        lambda mb: mb.image_script().fails(exit_code=0),
        lambda mb: mb.image_script().fails(exit_code=256),
        lambda mb: mb.image_script().fails_in("AVAILABLE"),
        lambda mb: mb.image_script().fails_in("BUILDING", region="eu-west-1"),
        lambda mb: mb.image_script().fails_in("DISTRIBUTING", configuration_step="EXPORT_AMI"),
        lambda mb: mb.image_script().fails_in("INTEGRATING", configuration_step="EXPORT"),
        lambda mb: mb.image_script().fails_in("DISTRIBUTING", ends="STOPPED"),
        lambda mb: mb.image_script().takes(-1),
        lambda mb: mb.image_script().takes(float("inf")),
        lambda mb: mb.image_script().finds("CVE-1", "BAD"),
        lambda mb: mb.image_script().finds("CVE-1", fix_available="MAYBE"),
    ],
)
def test_scripts_that_make_no_sense(mb, say):
    with pytest.raises(ConfigurationError):
        say(mb)
