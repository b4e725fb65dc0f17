"""DistributeImage."""

import pytest
from botocore.exceptions import ClientError

from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    missing,
    refused,
)
from tests.imagebuilder.image_factory import (
    CONTAINER_PARENT,
    ROLE,
    distribution,
    infrastructure,
    look,
    status,
    to,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = f"{IMAGE}/99"


def distribute(source, configuration, **members):
    response = CLIENT.distribute_image(
        sourceImage=source,
        distributionConfigurationArn=configuration,
        executionRole=ROLE,
        **members,
    )
    return response["imageBuildVersionArn"]


@pytest.mark.docs
def test_an_ami_is_distributed_as_an_image_of_its_own(client):
    configuration = distribution(to("eu-west-1", name="copy {{imagebuilder:buildDate}}"))
    arn = distribute("ami-0123456789abcdef0", configuration, tags={"a": "b"},
                     loggingConfiguration={"logGroupName": "/mine"})  # fmt: skip
    image = look(arn)
    assert arn == f"{ARN}:image/ami-0123456789abcdef0/1.0.0/1"
    assert image["state"] == {"status": "AVAILABLE"}
    (ami,) = image["outputResources"]["amis"]
    assert (ami["region"], ami["state"]) == ("eu-west-1", {"status": "AVAILABLE"})
    assert ami["name"].startswith("copy 20")
    assert image["distributionConfiguration"]["arn"] == configuration
    assert (image["tags"], image["executionRole"]) == ({"a": "b"}, ROLE)
    assert image["loggingConfiguration"] == {"logGroupName": "/mine"}
    absent = {"imageRecipe", "infrastructureConfiguration", "imageTestsConfiguration"}
    assert not absent & set(image)


@pytest.mark.parametrize("form", [f"{IMAGE}/1", IMAGE, f"{ARN}:image/web/x.x.x"])
@pytest.mark.docs
def test_an_image_is_distributed_anew(kit, form):
    source = look(kit.make())["outputResources"]["amis"][0]["image"]
    arn = distribute(form, distribution(to("eu-west-1")))
    image = look(arn)
    assert arn == f"{IMAGE}/2"
    assert [ami["region"] for ami in image["outputResources"]["amis"]] == ["eu-west-1"]
    assert image["outputResources"]["amis"][0]["image"] != source


@pytest.mark.parametrize(
    "source",
    ["web", "ssm:", "ami-xyz", "i-0123456789abcdef0", f"{ARN}:image-recipe/web/1.0.0"],
)
@pytest.mark.docs
def test_what_cannot_be_distributed(kit, source):
    configuration = distribution(to())
    with pytest.raises(ClientError) as caught:
        distribute(source, configuration)
    assert caught.value.response["Error"]["Code"] in (
        "InvalidParameterValueException",
        "ResourceNotFoundException",
    )


@pytest.mark.docs
def test_a_container_image_or_one_that_is_not_available_is_not_distributed(mb, kit):
    configuration = distribution(to())
    with refused(parameter="sourceImage"):
        distribute(CONTAINER_PARENT, configuration)
    mb.script(image="web").fails()
    failed = kit.make()
    look(failed)
    with missing():
        distribute(failed, configuration)
    with missing():
        distribute("ami-0123456789abcdef0", f"{configuration}-not")


@pytest.mark.docs
def test_a_parameter_names_an_ami(client):
    arn = distribute("ssm:/golden/ami", distribution(to("eu-west-1")))
    assert status(arn) == "AVAILABLE"


@pytest.mark.inferred
def test_an_infrastructure_of_another_name_is_another(kit):
    kit.infrastructure = infrastructure("large", instanceTypes=["m7g.large"])
    image = look(kit.make())
    assert image["infrastructureConfiguration"]["instanceTypes"] == ["m7g.large"]
