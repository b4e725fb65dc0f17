"""Quotas: what Image Builder has of everything at most, and how a test says otherwise."""

from collections.abc import Callable

import pytest

from mockbuild import Control, mock_imagebuilder
from mockbuild.services.imagebuilder.quotas import QUOTAS
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    OTHER_ACCOUNT,
    TEMPLATE,
    component,
    container_recipe,
    distribution,
    document,
    image_recipe,
    infrastructure,
    refused,
    uses,
)
from tests.imagebuilder.image_factory import Kit, look, workflow
from tests.imagebuilder.lifecycle_factory import policy, timed

pytestmark = pytest.mark.docs

ROLE = "arn:aws:iam::123456789012:role/images"
TEST = f"{ARN}:workflow/test/own/1.0.0/1"
WAIT = {"action": "WaitForAction"}


def exceeded(name: str, most: int):
    message = f"You have exceeded the service quota '{QUOTAS[name].printed}', which is {most}."
    return refused("ServiceQuotaExceededException", message, 402)


def pipeline(name: str) -> None:
    CLIENT.create_image_pipeline(
        name=name,
        imageRecipeArn=image_recipe(name),
        infrastructureConfigurationArn=infrastructure(name),
    )


#: How one more of each kind is made.
KINDS: dict[str, Callable[[str], object]] = {
    "components": component,
    "container_recipes": container_recipe,
    "distribution_configurations": distribution,
    "image_pipelines": pipeline,
    "image_recipes": image_recipe,
    "image_workflows": lambda name: workflow(WAIT, name=name),
    "infrastructure_configurations": infrastructure,
    "lifecycle_policies": lambda name: policy(name=name),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_resources(mb: Control, name: str) -> None:
    mb.quotas[name] = 1
    KINDS[name]("one")
    with exceeded(name, 1):
        KINDS[name]("two")
    mb.quotas[name] = None
    KINDS[name]("three")


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("components", 1000),
        ("image_pipelines", 75),
        ("lifecycle_policies", 50),
        ("concurrent_builds", 100),
        ("Components per image recipe", 20),
        ("SSM Parameters updated per distribution configuration Region", 10),
    ],
)
def test_documented_defaults(mb: Control, name: str, default: int) -> None:
    assert mb.quotas[name] == default


def test_they_hold_for_a_region_and_an_account(mb: Control) -> None:
    mb.quotas.set("infrastructure_configurations", 0, region="eu-central-1")
    mb.quotas.set("infrastructure_configurations", 0, account_id=OTHER_ACCOUNT)
    infrastructure()
    for client in (FRANKFURT, OTHER):
        with exceeded("infrastructure_configurations", 0):
            infrastructure(client=client)


def test_a_name_that_is_taken_goes_before(mb: Control) -> None:
    infrastructure()
    mb.quotas["infrastructure_configurations"] = 0
    with refused("ResourceAlreadyExistsException"):
        infrastructure()


def test_a_dry_run_meets_them(mb: Control) -> None:
    mb.quotas["infrastructure_configurations"] = 0
    with exceeded("infrastructure_configurations", 0):
        infrastructure(dryRun=True)


# Components, workflows, templates


def test_the_size_of_documents(mb: Control) -> None:
    for name in ("component_size", "image_workflow_size", "docker_template_size"):
        mb.quotas[name] = 1
    rest = 1024 - len(document())
    component(data=document() + "#" * rest)
    with exceeded("component_size", 1):
        component("other", data=document() + "#" * (rest + 1))
    with exceeded("component_size", 1):
        component("other", data=document() + "#" + "é" * (rest // 2 + 1))
    with exceeded("image_workflow_size", 1):
        workflow(*[WAIT] * 12, description="x" * 700)
    rest = 1024 - len(TEMPLATE)
    container_recipe(dockerfileTemplateData=TEMPLATE + "#" * rest)
    with exceeded("docker_template_size", 1):
        container_recipe("other", dockerfileTemplateData=TEMPLATE + "#" * (rest + 1))


def test_parameters_of_components(mb: Control) -> None:
    parameters = {f"Abc{number}": "x" for number in range(26)}
    with exceeded("parameters_per_component", 25):
        component(data=document(**parameters))
    mb.quotas["parameters_per_component"] = 26
    component(data=document(**parameters))


def test_parameters_and_steps_of_workflows(mb: Control) -> None:
    parameters = [{"name": f"abc{number}", "default": "x"} for number in range(26)]
    with exceeded("parameters_per_image_workflow", 25):
        workflow(WAIT, parameters=parameters)
    with exceeded("steps_per_image_workflow", 15):
        workflow(*[WAIT] * 16)
    mb.quotas["parameters_per_image_workflow"] = 26
    mb.quotas["steps_per_image_workflow"] = 16
    workflow(*[WAIT] * 16, parameters=parameters)


def test_the_length_of_values(mb: Control) -> None:
    with exceeded("component_parameter_length", 1024):
        component(data=document(Abc="x" * 1025))
    with exceeded("image_workflow_parameter", 1024):
        workflow(WAIT, parameters=[{"name": "abc", "default": "x" * 1025}])
    tool = component(data=document(Abc="x" * 1024))
    workflow(WAIT, parameters=[{"name": "abc", "default": "x" * 1024}])
    kit = Kit()
    value = {"name": "Abc", "value": ["x" * 1025]}
    configurations = [{"componentArn": tool, "parameters": [value]}]
    with exceeded("component_parameter_length", 1024):
        image_recipe("long", components=configurations)
    given = [{"workflowArn": TEST, "parameters": [{"name": "abc", "value": ["x" * 1025]}]}]
    with exceeded("image_workflow_parameter", 1024):
        kit.make(workflows=given, executionRole=ROLE)
    mb.quotas["component_parameter_length"] = mb.quotas["image_workflow_parameter"] = 1025
    image_recipe("long", components=configurations)
    kit.make(workflows=given, executionRole=ROLE)


# Recipes, images, distributions


def test_components_of_a_recipe(mb: Control) -> None:
    mb.quotas["components_per_image_recipe"] = 1
    tools = uses(component("one"), component("two"))
    for make in (image_recipe, container_recipe):
        with exceeded("components_per_image_recipe", 1):
            make(components=tools)
        make(components=tools[:1])


def test_workflows_of_an_image(mb: Control) -> None:
    workflow(WAIT)
    kit = Kit()
    with exceeded("image_workflows_per_image", 10):
        kit.with_workflows(*[TEST] * 11)
    kit.with_workflows(*[TEST] * 10)
    mb.quotas["image_workflows_per_image"] = 0
    with exceeded("image_workflows_per_image", 0):
        kit.with_workflows(TEST)
    kit.make()


def test_images_that_are_made_at_the_same_time() -> None:
    with timed() as mb:
        mb.quotas["concurrent_builds"] = 1
        kit = Kit()
        first = kit.make()
        with exceeded("concurrent_builds", 1):
            kit.make()
        mb.clock.tick(hours=3)
        assert look(first)["state"]["status"] == "AVAILABLE"
        kit.make()
        mb.quotas["concurrent_builds"] = None
        kit.make()


def test_images_that_would_be_seen_to_be_over_do_not_count(mb: Control) -> None:
    mb.quotas["concurrent_builds"] = 1
    kit = Kit()
    kit.make()
    kit.make()
    mb.quotas["concurrent_builds"] = 0
    with exceeded("concurrent_builds", 0):
        kit.make()


def test_what_a_distribution_changes_in_a_region(mb: Control) -> None:
    template = {"launchTemplateId": "lt-0123456789abcdef0"}
    for member, one, name in (
        (
            "launchTemplateConfigurations",
            template,
            "launch_templates_modified_per_distribution_configuration_region",
        ),
        (
            "ssmParameterConfigurations",
            {"parameterName": "/web"},
            "ssm_parameters_updated_per_distribution_configuration_region",
        ),
    ):
        mb.quotas[name] = 2
        regions = [{"region": region, member: [one] * 2} for region in ("us-east-1", "eu-west-1")]
        arn = distribution(member, distributions=regions)
        with exceeded(name, 2):
            CLIENT.update_distribution_configuration(
                distributionConfigurationArn=arn,
                distributions=[{"region": "us-east-1", member: [one] * 3}],
            )


def test_accounts_that_a_distribution_is_for(mb: Control) -> None:
    def to(*regions: list[int]) -> list[dict[str, object]]:
        return [
            {
                "region": f"eu-west-{number}",
                "amiDistributionConfiguration": {
                    "targetAccountIds": [f"{account:012}" for account in accounts]
                },
            }
            for number, accounts in enumerate(regions, 1)
        ]

    name = "concurrent_ami_copies_per_distribution_configuration"
    distribution("most", distributions=to([*range(50)], [*range(50)]))
    with exceeded(name, 50):
        distribution(distributions=to([*range(50)], [50]))
    mb.quotas[name] = 51
    distribution(distributions=to([*range(50)], [50]))


def test_the_next_mock_has_the_defaults_again() -> None:
    with mock_imagebuilder() as mb:
        mb.quotas["components"] = 0
    with mock_imagebuilder() as mb:
        assert mb.quotas["components"] == 1000
        component()
