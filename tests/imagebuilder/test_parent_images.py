"""What recipes can build on, and what they learn from it."""

import pytest

from mockbuild.services.imagebuilder.catalogue import Catalogue
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    LINUX,
    MACOS,
    OTHER,
    OTHER_ACCOUNT,
    WINDOWS,
    component,
    container_recipe,
    image_recipe,
    policy,
    refused,
    shelve,
    state_of,
    uses,
    wrong,
)

COMBINATION = "InvalidParameterCombinationException"
AMAZON_CONTAINER = f"{AMAZON}:image/amazon-linux-x86-2/x.x.x"
WINDOWS_CONTAINER = f"{AMAZON}:image/windows-server-2019-x86-core-ltsc2019-amd64/x.x.x"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web:1"
ECR_PUBLIC = "public.ecr.aws/amazonlinux/amazonlinux:2023"


def image(mb, name="base", version="1.0.0/1", status="AVAILABLE", account=None, **members) -> str:
    """Put an image on a shelf."""
    here = state_of(mb, account) if account else state_of(mb)
    members = {"type": "AMI", "platform": "Linux", "state": {"status": status}, **members}
    return shelve(here, "image", name, version, **members)


def platform_of(arn: str) -> str:
    if ":image-recipe/" in arn:
        return CLIENT.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]["platform"]
    return CLIENT.get_container_recipe(containerRecipeArn=arn)["containerRecipe"]["platform"]


@pytest.mark.docs
@pytest.mark.parametrize(
    "parent",
    [
        pytest.param("ami-1234567890abcdef1", id="AMI"),
        pytest.param("ami-12345678", id="short id of an AMI"),
        pytest.param("ssm:/ib/test/param", id="parameter"),
        pytest.param("ssm:param.v1-x", id="parameter without a path"),
        pytest.param(
            "ssm:arn:aws:ssm:us-east-1:111122223333:parameter/ib/test/param", id="its ARN"
        ),
        pytest.param("prod-example12345", id="product"),
        pytest.param("722e1255-be34-4bbe-9ce6-80634c9d01f7", id="product by UUID"),
        pytest.param(LINUX, id="newest image"),
    ],
)
def test_what_image_recipes_build_on(mb, parent):
    recipe = CLIENT.get_image_recipe(imageRecipeArn=image_recipe(parentImage=parent))["imageRecipe"]
    assert (recipe["parentImage"], recipe["platform"]) == (parent, "Linux")


@pytest.mark.docs
@pytest.mark.parametrize(
    "parent",
    [
        pytest.param("amazonlinux:latest", id="container image"),
        pytest.param("ami_1", id="no AMI"),
        pytest.param("ssm:", id="no parameter"),
        pytest.param("/ib/test/param", id="parameter without ssm"),
        pytest.param("722e1255-be34-4bbe-9ce6", id="half a UUID"),
        pytest.param("ami-1\n", id="line break"),
        pytest.param("x" * 1024, id="long"),
    ],
)
def test_what_image_recipes_do_not_build_on(mb, parent):
    with refused(parameter="parentImage"):
        image_recipe(parentImage=parent)


@pytest.mark.model
@pytest.mark.parametrize(
    "parent",
    [
        pytest.param(f"{AMAZON}:image/no-linux/x.x.x", id="name"),
        pytest.param(LINUX.replace("x.x.x", "1.x.x"), id="version"),
        pytest.param(LINUX.replace("x.x.x", "x.11.11"), id="wildcard in front"),
        pytest.param(LINUX.replace("us-east-1", "eu-west-1"), id="region"),
        pytest.param(LINUX.replace(":image/", ":component/"), id="kind"),
        pytest.param("arn:aws:ec2:us-east-1::image/ami-1", id="service"),
        pytest.param("arn:", id="next to nothing"),
        pytest.param(f"{ARN}:infrastructure-configuration/web", id="no version"),
        pytest.param(AMAZON_CONTAINER, id="container"),
    ],
)
def test_arns_of_nothing_to_build_on(mb, parent):
    with refused(parameter="parentImage"):
        image_recipe(parentImage=parent)


@pytest.mark.model
@pytest.mark.parametrize(
    ("parent", "platform"), [(LINUX, "Linux"), (WINDOWS, "Windows"), (MACOS, "macOS")]
)
def test_the_platform_is_the_parents(mb, parent, platform):
    assert platform_of(image_recipe(parentImage=parent)) == platform


@pytest.mark.inferred
@pytest.mark.parametrize("parent", ["ami-1234567890abcdef1", "ssm:/web", "prod-example12345"])
def test_where_the_parent_does_not_tell_the_components_do(mb, parent):
    assert platform_of(image_recipe(parentImage=parent)) == "Linux"
    windows = component("windows", platform="Windows")
    recipe = image_recipe(version="1.0.x", parentImage=parent, components=uses(windows))
    assert platform_of(recipe) == "Windows"
    sentence = f"Component ARN '{component()}' does not match the Parent Image Platform."
    with refused(message=wrong("components", sentence)):
        image_recipe(
            "mixed", parentImage=parent, components=uses(windows, f"{ARN}:component/tool/1.0.0/1")
        )


@pytest.mark.model
@pytest.mark.parametrize("version", ["1.0.0/1", "1.0.0", "1.x.x", "x.x.x"])
def test_own_images(mb, version):
    image(mb, platform="Windows", osVersion="Microsoft Windows Server 2022")
    parent = f"{ARN}:image/base/{version}"
    assert platform_of(image_recipe(parentImage=parent)) == "Windows"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("status", "good"),
    [
        ("AVAILABLE", True),
        ("DEPRECATED", True),
        ("DISABLED", False),
        ("FAILED", False),
        ("BUILDING", False),
        ("PENDING", False),
    ],
)
def test_the_state_of_an_image(mb, status, good):
    arn = image(mb, status=status)
    for number, parent in enumerate((arn, f"{ARN}:image/base/1.0.0", f"{ARN}:image/base/x.x.x")):
        if good:
            image_recipe(version=f"{number}.0.0", parentImage=parent)
        else:
            message = wrong("parentImage", f"There is no available image of type AMI: '{parent}'.")
            with refused(message=message):
                image_recipe(parentImage=parent)


@pytest.mark.inferred
def test_the_newest_image_that_can_be_built_on(mb):
    image(mb, version="1.0.0/1", platform="macOS")
    image(mb, version="2.0.0/1", status="BUILDING", platform="Windows")
    recipe = image_recipe(parentImage=f"{ARN}:image/base/x.x.x")
    assert platform_of(recipe) == "macOS"


@pytest.mark.docs
def test_images_that_others_share(mb):
    theirs = image(mb, account=OTHER_ACCOUNT, platform="Windows")
    with refused(parameter="parentImage"):
        image_recipe(parentImage=theirs)
    text = policy(["GetImage", "ListImages"], theirs, "123456789012")
    OTHER.put_image_policy(imageArn=theirs, policy=text)
    assert platform_of(image_recipe(parentImage=theirs)) == "Windows"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("parent", "overrides", "platform"),
    [
        pytest.param("amazonlinux:latest", {}, "Linux", id="Docker Hub"),
        pytest.param("amazonlinux", {"platformOverride": "Linux"}, "Linux", id="no tag"),
        pytest.param("team/web:1.0_x", {}, "Linux", id="path"),
        pytest.param("localhost:5000/web", {}, "Linux", id="port"),
        pytest.param(
            "mcr.microsoft.com/windows/servercore:ltsc2019",
            {
                "platformOverride": "Windows",
                "imageOsVersionOverride": "Microsoft Windows Server 2019",
            },
            "Windows",
            id="Windows",
        ),
        pytest.param("web@sha256:" + "0" * 64, {}, "Linux", id="digest"),
        pytest.param(ECR, {"platformOverride": "Linux"}, "Linux", id="ECR"),
        pytest.param(ECR_PUBLIC, {"platformOverride": "Linux"}, "Linux", id="ECR Public"),
        pytest.param(AMAZON_CONTAINER, {}, "Linux", id="Amazon's"),
        pytest.param(WINDOWS_CONTAINER, {}, "Windows", id="Amazon's, Windows"),
    ],
)
def test_what_container_recipes_build_on(mb, parent, overrides, platform):
    arn = container_recipe(parentImage=parent, **overrides)
    recipe = CLIENT.get_container_recipe(containerRecipeArn=arn)["containerRecipe"]
    assert (recipe["parentImage"], recipe["platform"]) == (parent, platform)
    assert not overrides.keys() & recipe.keys()


@pytest.mark.inferred
@pytest.mark.parametrize(
    "parent",
    [
        "amazonlinux latest",
        "Amazon/Linux",
        "amazonlinux:",
        ":latest",
        "a//b",
        "https://x/y",
        "web@1",
        "amazonlinux:latest\n",
        LINUX,
        f"{AMAZON}:image/no-linux/x.x.x",
        "arn:aws:ecr:us-east-1:1:x",
    ],
)
def test_what_container_recipes_do_not_build_on(mb, parent):
    with refused(parameter="parentImage"):
        container_recipe(parentImage=parent)


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("parent", "registry"),
    [
        (ECR, "ECR Repositories"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web", "ECR Repositories"),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/web", "ECR Repositories"),
        (ECR_PUBLIC, "ECR Public Repositories"),
    ],
)
def test_images_in_ecr_do_not_tell_their_platform(mb, parent, registry):
    sentence = f"You must specify a platform override when using {registry} as your parent image."
    with refused(COMBINATION, wrong("parentImage", sentence)):
        container_recipe(parentImage=parent)
    with refused(COMBINATION, wrong("parentImage", sentence)):
        container_recipe(parentImage=parent, imageOsVersionOverride="Amazon Linux 2")


@pytest.mark.recorded
@pytest.mark.parametrize("parent", [ECR, ECR_PUBLIC, "windows:latest"])
def test_the_version_of_windows_has_to_be_said(mb, parent):
    sentence = (
        "You must specify an image OsVersion override when using ECR Repositories as your parent "
        "image for Windows Platform."
    )
    with refused(COMBINATION, wrong("parentImage", sentence)):
        container_recipe(parentImage=parent, platformOverride="Windows")
    container_recipe(parentImage=parent, platformOverride="Windows", imageOsVersionOverride="2022")


@pytest.mark.docs
def test_no_containers_of_macos(mb):
    message = wrong(
        "platformOverride", "Container recipes don't currently support the macOS platform."
    )
    with refused(message=message):
        container_recipe(platformOverride="macOS", imageOsVersionOverride="15")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value", "what"),
    [
        ("platformOverride", "Linux", "a platform override"),
        ("imageOsVersionOverride", "Amazon Linux 2", "an image OsVersion override"),
    ],
)
def test_images_of_image_builder_tell_all(mb, member, value, what):
    sentence = f"You cannot specify {what} when using an Image Builder Image as your parent."
    with refused(COMBINATION, wrong(member, sentence)):
        container_recipe(parentImage=AMAZON_CONTAINER, **{member: value})


@pytest.mark.docs
@pytest.mark.parametrize(
    ("image", "good"),
    [
        ("ami-1234567890abcdef1", True),
        ("ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id", True),
        ("ssm:arn:aws:ssm:us-east-1:111122223333:parameter/x", True),
        ("amazonlinux:latest", False),
        (LINUX, False),
        ("prod-example12345", False),
    ],
)
def test_instances_that_containers_are_built_on(mb, image, good):
    if good:
        container_recipe(instanceConfiguration={"image": image})
    else:
        with refused(parameter="instanceConfiguration.image"):
            container_recipe(instanceConfiguration={"image": image})


@pytest.mark.docs
@pytest.mark.parametrize("version", ["2099.1.6/1", "2099.1.6", "2099.1.x", "2099.x.x"])
def test_what_amazon_releases_is_there_at_once(mb, version):
    parent = LINUX.replace("x.x.x", version)
    with refused(parameter="parentImage"):
        image_recipe(parentImage=parent)
    state_of(mb).store(Catalogue).release("image", "amazon-linux-2023-x86", "2099.1.6")
    image_recipe(parentImage=parent)
