"""Which components a recipe can have, together and with what parameters."""

import json

import pytest

from mockbuild.services.imagebuilder.catalogue import Catalogue
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    LINUX,
    MACOS,
    OTHER,
    WINDOWS,
    Record,
    component,
    container_recipe,
    document,
    image_recipe,
    missing,
    policy,
    refused,
    state_of,
    uses,
    wrong,
)

COMBINATION = "InvalidParameterCombinationException"


def create(*arns: str, **members) -> str:
    """Create an image recipe of these components."""
    components = {"components": uses(*arns)} if arns else {}
    return image_recipe(version="1.0.x", **components, **members)


def create_container(*arns: str, **members) -> str:
    """Create a container recipe of these components."""
    components = {"components": uses(*arns)} if arns else {}
    return container_recipe(version="1.0.x", **components, **members)


BOTH = pytest.mark.parametrize("make", [create, create_container])


def parameters(**values: str | list[str]) -> list[Record]:
    return [
        {"name": name, "value": value if isinstance(value, list) else [value]}
        for name, value in values.items()
    ]


@BOTH
@pytest.mark.docs
def test_without_components(mb, make):
    make()


@BOTH
@pytest.mark.model
@pytest.mark.parametrize("version", ["1.0.0/1", "1.0.0", "1.0.x", "1.x.x", "x.x.x"])
def test_own_components_in_every_form(mb, make, version):
    component()
    make(f"{ARN}:component/tool/{version}")


@BOTH
@pytest.mark.model
@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"{ARN}:component/other/x.x.x", id="name"),
        pytest.param(f"{ARN}:component/tool/2.x.x", id="version"),
        pytest.param(f"{ARN}:component/tool/1.0.0/2", id="build"),
        pytest.param(f"{AMAZON}:component/tool/1.0.0", id="Amazon's"),
        pytest.param(f"{ARN}:component/tool/1.0.0".replace("us-east-1", "eu-west-1"), id="region"),
        pytest.param(f"{ARN}:component/tool/1.0.0".replace("1234", "9999"), id="account"),
    ],
)
def test_components_that_are_not_there(mb, make, arn):
    component()
    with missing():
        make(arn)


@BOTH
@pytest.mark.model
@pytest.mark.parametrize("version", ["x.0.0", "1.x.0"])
def test_wildcards_have_to_be_at_the_end(mb, make, version):
    component()
    with refused(parameter="components[0].componentArn"):
        make(f"{ARN}:component/tool/{version}")


@pytest.mark.model
@pytest.mark.parametrize(
    "arn", ["tool", f"{ARN}:image/tool/1.0.0", f"{ARN}:component/tool/1.x.x/1"]
)
def test_what_is_no_component(mb, arn):
    with refused(parameter="components[0].componentArn"):
        create(arn)


@pytest.mark.docs
@pytest.mark.parametrize("version", ["1.0.0/1", "1.0.0", "2.0.0", "x.x.x"])
def test_a_component_comes_once_whatever_its_version(mb, version):
    component()
    component(version="2.0.0")
    sentence = "A component may be specified in an image recipe at most once."
    with refused(message=wrong("components", sentence)):
        create(component("other"), f"{ARN}:component/tool/1.0.0", f"{ARN}:component/tool/{version}")


@pytest.mark.inferred
def test_a_component_comes_once_in_a_container_too(mb):
    sentence = "A component may be specified in a container recipe at most once."
    with refused(message=wrong("components", sentence)):
        create_container(component(), f"{ARN}:component/tool/x.x.x")


@pytest.mark.model
def test_components_of_the_same_name_that_are_not_the_same(mb):
    create(component("update-linux"), f"{AMAZON}:component/update-linux/x.x.x")


@BOTH
@pytest.mark.docs
def test_twenty_components_and_no_more(mb, make):
    arns = [component(f"tool-{number}") for number in range(21)]
    make(*arns[:20])
    with refused("ServiceQuotaExceededException", status=402):
        make(*arns)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("status", "said"), [("DEPRECATED", "deprecated"), ("DISABLED", "disabled")]
)
def test_components_that_have_had_their_day(mb, status, said):
    state_of(mb).store(Catalogue).release(
        "component", "update-linux", "9.0.0", state={"status": status}
    )
    arn = f"{AMAZON}:component/update-linux/9.x.x"
    sentence = f"Component ARN '{arn}' is {said} and cannot be included in new recipes."
    with refused(message=wrong("components", sentence)):
        create(arn)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("parent", "platform"),
    [(LINUX, "Windows"), (LINUX, "macOS"), (WINDOWS, "Linux"), (MACOS, "Linux")],
)
def test_components_of_another_platform(mb, parent, platform):
    arn = component(platform=platform)
    sentence = f"Component ARN '{arn}' does not match the Parent Image Platform."
    with refused(message=wrong("components", sentence)):
        create(arn, parentImage=parent)


@pytest.mark.docs
@pytest.mark.parametrize(("parent", "platform"), [(LINUX, "Linux"), (WINDOWS, "Windows"), (MACOS, "macOS")])  # fmt: skip  # noqa: E501
def test_components_of_the_same_platform(mb, parent, platform):
    recipe = create(component(platform=platform), parentImage=parent)
    assert CLIENT.get_image_recipe(imageRecipeArn=recipe)["imageRecipe"]["platform"] == platform


@pytest.mark.docs
def test_components_of_another_platform_in_a_container(mb):
    arn = component(platform="Windows")
    with refused(parameter="components"):
        create_container(arn)
    create_container(
        arn, parentImage="windows:1", platformOverride="Windows", imageOsVersionOverride="2022"
    )


@pytest.mark.model
@pytest.mark.parametrize(
    "supported",
    [["Amazon Linux 2"], ["Ubuntu", "Amazon Linux"], ["Amazon Linux 2023"], ["Amazon Linux 2023."]],
)
def test_operating_systems_are_matched_by_their_beginning(mb, supported):
    arn = component(supportedOsVersions=supported)
    if "Amazon Linux 2023".startswith(tuple(supported)):
        create(arn)
    else:
        sentence = f"Component ARN '{arn}' does not support the Parent Image OS Version."
        with refused(message=wrong("components", sentence)):
            create(arn)
    create(arn, parentImage="ami-1234567890abcdef1")  # nothing tells


@pytest.mark.model
def test_the_operating_system_of_a_container(mb):
    arn = component(supportedOsVersions=["Amazon Linux 2"])
    create_container(arn)
    create_container(arn, imageOsVersionOverride="Amazon Linux 2023")
    create_container(arn, parentImage=f"{AMAZON}:image/amazon-linux-x86-2/x.x.x")
    with refused(parameter="components"):
        create_container(arn, imageOsVersionOverride="Ubuntu 24")


@pytest.mark.recorded
def test_a_parameter_that_the_component_does_not_have(mb):
    arn = component(data=document(Bucket="x"))
    given = [{"componentArn": arn, "parameters": parameters(S3BucketName="logs")}]
    message = wrong(
        "components[0].parameters",
        "The following parameters are not defined in the provided component: S3BucketName",
    )
    for make in (create, create_container):
        with refused(COMBINATION, message):
            make(components=given)


@BOTH
@pytest.mark.model
@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="none"),
        pytest.param({"Bucket": "logs"}, id="not this one"),
        pytest.param({"region": "x"}, id="case matters"),
        pytest.param({"Region": ["a", "b"]}, id="two values"),
        pytest.param({"Region": []}, id="no value"),
    ],
)
def test_parameters_that_are_not_those_it_wants(mb, make, given):
    other = component("other")
    arn = component(data=document(Bucket="x", Region=None))
    configuration = {"componentArn": arn}
    if given:
        configuration["parameters"] = parameters(**given)
    with refused(COMBINATION, parameter="components[1].parameters"):
        make(components=[{"componentArn": other}, configuration])


@BOTH
@pytest.mark.model
@pytest.mark.parametrize(
    "given", [{"Region": ""}, {"Region": "x", "Bucket": "y"}, {"Region": "x" * 1024}]
)
def test_parameters_that_it_wants(mb, make, given):
    arn = component(data=document(Bucket="x", Region=None))
    make(components=[{"componentArn": arn, "parameters": parameters(**given)}])


@pytest.mark.inferred
def test_a_parameter_comes_once(mb):
    arn = component(data=document(Region=None))
    twice = [*parameters(Region="x"), *parameters(Region="y")]
    with refused(COMBINATION, parameter="components[0].parameters"):
        create(components=[{"componentArn": arn, "parameters": twice}])


@pytest.mark.model
def test_parameters_of_the_build_that_is_meant(mb):
    component(data=document(Old="x"))
    component(data=document(New="x"))
    for version, name in (
        ("1.0.0/1", "Old"),
        ("1.0.0/2", "New"),
        ("1.0.0", "New"),
        ("x.x.x", "New"),
    ):
        arn = f"{ARN}:component/tool/{version}"
        create(components=[{"componentArn": arn, "parameters": parameters(**{name: "y"})}])
        with refused(COMBINATION):
            create(components=[{"componentArn": arn, "parameters": parameters(Other="y")}])


@BOTH
@pytest.mark.docs
def test_how_large_components_can_be(mb, make):
    names = [f"Parameter{number}" for number in range(25)]
    arn = component(data=document(**dict.fromkeys(names)))
    other = component("other", data=document(**dict.fromkeys(names)))

    def configured(size: int) -> list[Record]:
        given = parameters(**dict.fromkeys(names, "x"))
        first = {"componentArn": arn, "parameters": parameters(**dict.fromkeys(names, "x" * 900))}
        made = [first, {"componentArn": other, "parameters": given}]
        short = size - len(json.dumps(made, separators=(",", ":")))
        for parameter in given:
            added = min(short, 1000)
            parameter["value"][0] += "x" * added
            short -= added
        return made

    make(components=configured(25 * 1024))
    sentence = "You've exceeded the maximum cumulative component size of 25 KB."
    with refused(message=wrong("components", sentence)):
        make(components=configured(25 * 1024 + 1))


def product(mb, name: str, *codes: str, phase: str = "build") -> str:
    """Have somebody sell a component on the AWS Marketplace."""
    return (
        state_of(mb)
        .store(Catalogue)
        .release(
            "component",
            name,
            "1.0.0",
            owner="aws-marketplace",
            data=document(phase),
            platform="Linux",
            productCodes=[
                {"productCodeId": code, "productCodeType": "marketplace"} for code in codes
            ],
        )
    )


@pytest.mark.docs
def test_nine_products_of_the_marketplace_and_no_more(mb):
    nine = product(mb, "nine", *"abcdefghi")
    create(nine)
    create(nine, product(mb, "the-same", *"ihg"))
    with refused(message=wrong("components", "Recipe can contain at most 9 marketplace products.")):
        create(nine, product(mb, "another", "j"))


@pytest.mark.docs
def test_a_product_that_is_built_on_is_one_of_the_nine(mb):
    eight, nine = product(mb, "eight", *"abcdefgh"), product(mb, "nine", *"abcdefghi")
    create(eight, parentImage="prod-example12345")
    with refused(message=wrong("components", "Recipe can contain at most 9 marketplace products.")):
        create(nine, parentImage="prod-example12345")


@pytest.mark.docs
def test_a_product_of_the_marketplace_is_built_with_something(mb):
    tested = product(mb, "tested", "a", phase="test")
    sentence = "Recipes with marketplace components must contain at least 1 build component."
    for others in ((), (component("test", data=document("test")),)):
        with refused(message=wrong("components", sentence)):
            create(tested, *others)
    create(tested, component())


@pytest.mark.docs
def test_no_products_of_the_marketplace_in_containers(mb):
    sentence = "Container Recipes must not contain marketplace components."
    with refused(message=wrong("components", sentence)):
        create_container(product(mb, "one", "a"))


@pytest.mark.docs
def test_components_that_others_share(mb):
    theirs = component(client=OTHER)
    with missing():
        create(theirs)
    text = policy(["ListComponents"], theirs, "123456789012")
    OTHER.put_component_policy(componentArn=theirs, policy=text)
    with missing():
        create(theirs)
    text = policy(["GetComponent"], theirs, "123456789012")
    OTHER.put_component_policy(componentArn=theirs, policy=text)
    create(theirs)
    create_container(theirs.rpartition("/")[0])


@pytest.mark.model
def test_components_of_other_regions_cannot_be_shared(mb):
    theirs = component(client=FRANKFURT)
    with missing():
        create(theirs)
