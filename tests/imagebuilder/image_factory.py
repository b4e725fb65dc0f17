"""What images are made of, and images, for the tests of Image Builder."""

import json
from typing import Any

from mockbuild import Control
from tests.imagebuilder.factory import AMAZON, CLIENT, REGION, component, document
from tests.remembered_outputs import RememberedOutputs

Record = dict[str, Any]

ROLE = "arn:aws:iam::123456789012:role/images"
PARENT = f"{AMAZON}:image/amazon-linux-2023-x86/x.x.x"
CONTAINER_PARENT = f"{AMAZON}:image/amazon-linux-x86-2/x.x.x"
TEMPLATE = (
    "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n"
    "{{{ imagebuilder:components }}}\n"
)
#: What an AMI goes through with Amazon's workflows.
EVERY_STATE = (
    "PENDING",
    "CREATING",
    "BUILDING",
    "TESTING",
    "DISTRIBUTING",
    "INTEGRATING",
    "AVAILABLE",
)
BUILD_STEPS = (
    "LaunchBuildInstance",
    "ApplyBuildComponents",
    "InventoryCollection",
    "RunSanitizeScript",
    "RunSysPrepScript",
    "CreateOutputAMI",
    "TerminateBuildInstance",
)


def recipe(name: str = "web", version: str = "1.0.0", client: Any = CLIENT, **members: Any) -> str:
    """Create an image recipe with a component that builds and one that tests."""
    if "components" not in members:
        members["components"] = [
            {"componentArn": component(f"{name}-tool", client=client)},
            {"componentArn": component(f"{name}-check", client=client, data=document("test"))},
        ]
    members.setdefault("parentImage", PARENT.replace(REGION, client.meta.region_name))
    wanted = {member: value for member, value in members.items() if value is not None}
    response = client.create_image_recipe(name=name, semanticVersion=version, **wanted)
    arn: str = response["imageRecipeArn"]
    return arn


def container_recipe(name: str = "box", version: str = "1.0.0", **members: Any) -> str:
    """Create a container recipe with one component."""
    response = CLIENT.create_container_recipe(
        containerType="DOCKER",
        name=name,
        semanticVersion=version,
        **{
            "parentImage": CONTAINER_PARENT,
            "components": [{"componentArn": component(f"{name}-tool")}],
            "dockerfileTemplateData": TEMPLATE,
            "targetRepository": {"service": "ECR", "repositoryName": "boxes"},
            **members,
        },
    )
    arn: str = response["containerRecipeArn"]
    return arn


def infrastructure(name: str = "small", client: Any = CLIENT, **members: Any) -> str:
    """Create an infrastructure configuration."""
    members = {"instanceProfileName": "builder", **members}
    response = client.create_infrastructure_configuration(name=name, **members)
    arn: str = response["infrastructureConfigurationArn"]
    return arn


def distribution(*distributions: Record, name: str = "everywhere") -> str:
    """Create a distribution configuration."""
    response = CLIENT.create_distribution_configuration(
        name=name, distributions=list(distributions)
    )
    arn: str = response["distributionConfigurationArn"]
    return arn


def to(region: str = REGION, **ami: Any) -> Record:
    """Return a distribution of an AMI to *region*."""
    return {"region": region, "amiDistributionConfiguration": ami}


class Kit:
    """A recipe and an infrastructure configuration to make images of."""

    def __init__(self, client: Any = CLIENT) -> None:
        self.client = client
        self.recipe = recipe(client=client)
        self.infrastructure = infrastructure(client=client)

    @property
    def members(self) -> Record:
        """The parameters of the least image."""
        return {
            "imageRecipeArn": self.recipe,
            "infrastructureConfigurationArn": self.infrastructure,
        }

    def make(self, **members: Any) -> str:
        """Begin to make an image, and return its ARN; ``None`` leaves a member out."""
        wanted = {**self.members, **members}
        wanted = {member: value for member, value in wanted.items() if value is not None}
        response = self.client.create_image(**wanted)
        arn: str = response["imageBuildVersionArn"]
        return arn

    def with_workflows(self, *workflows: Record | str, **members: Any) -> str:
        """Begin to make an image that goes through these workflows."""
        chosen = [{"workflowArn": one} if isinstance(one, str) else one for one in workflows]
        return self.make(workflows=chosen, executionRole=ROLE, **members)


def look(arn: str, client: Any = CLIENT) -> Record:
    """Look at an image."""
    image: Record = client.get_image(imageBuildVersionArn=arn)["image"]
    return image


def failed(arn: str) -> Record:
    """Look at an image that has failed, and return what its state says."""
    state: Record = look(arn)["state"]
    assert state["status"] == "FAILED"
    return state


def status(arn: str) -> str:
    """Look at an image, and return the state it is in."""
    text: str = look(arn)["state"]["status"]
    return text


def look_until(arn: str, wanted: str) -> Record:
    """Look at an image until it is in a state, which it is at some look of a few."""
    for _ in range(20):
        image = look(arn)
        if image["state"]["status"] == wanted:
            return image
    raise AssertionError(image["state"])


def runs(arn: str) -> list[Record]:
    """Return the workflow executions of an image."""
    listed: list[Record] = CLIENT.list_workflow_executions(imageBuildVersionArn=arn)[
        "workflowExecutions"
    ]
    return listed


def run_of(arn: str, kind: str = "BUILD") -> Record:
    """Return the first workflow execution of a type."""
    return next(run for run in runs(arn) if run["type"] == kind)


def steps(run: Record) -> list[Record]:
    """Return the steps of a workflow execution."""
    listed: list[Record] = CLIENT.list_workflow_step_executions(
        workflowExecutionId=run["workflowExecutionId"]
    )["steps"]
    return listed


def step_of(arn: str, name: str) -> Record:
    """Return the step of that name, of any workflow execution of an image."""
    return next(step for run in runs(arn) for step in steps(run) if step["name"] == name)


def statuses(arn: str, kind: str = "BUILD") -> dict[str, str]:
    """Return the status of each step of an image's workflow of a type."""
    return {step["name"]: step["status"] for step in steps(run_of(arn, kind))}


def workflow(
    *document_steps: Record, name: str = "own", kind: str = "TEST", **document_parts: Any
) -> str:
    """Create a workflow with these steps; a step may leave out its name and inputs."""
    filled = [
        {"name": f"Step{number}", **_least(step["action"]), **step}
        for number, step in enumerate(document_steps)
    ]
    text = json.dumps({"schemaVersion": 1.0, "steps": filled, **document_parts})
    response = CLIENT.create_workflow(name=name, semanticVersion="1.0.0", type=kind, data=text)
    arn: str = response["workflowBuildVersionArn"]
    return arn


def _least(action: str) -> Record:
    if action == "LaunchInstance":
        return {"inputs": {"waitFor": "ssmAgent"}}
    if action == "RunCommand":
        return {"inputs": {"instanceId": "i-1", "documentName": "AWS-RunShellScript"}}
    return (
        {} if action in ("WaitForAction", "DistributeImage") else {"inputs": {"instanceId": "i-1"}}
    )


def remember(mb: Control) -> RememberedOutputs:
    """Have what images make outside remembered from now on, and made nowhere."""
    maker = mb._world.image_maker
    if not isinstance(maker.outputs, RememberedOutputs):
        maker.outputs = RememberedOutputs(mb._world.neighbours.logs)
    return maker.outputs


def made(mb: Control, kind: type | None = None) -> list[Any]:
    """Return what images have made outside since :func:`remember`, in order."""
    mb._world.settle()
    return [one for one in remember(mb).made if kind is None or isinstance(one, kind)]


def log(mb: Control, group: str = "/aws/imagebuilder/web", stream: str = "1.0.0/1") -> list[str]:
    """Return the lines of an image's log."""
    return [event.message for event in mb.logs[group][stream]]
