"""The errors of Image Builder's model that many operations have alike.

Those of the service's own trouble come of :attr:`mockbuild.Control.faults`. The others are
provoked: a client token that comes again with something else, a pagination token that is none.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore import xform_name

from mockbuild import Control, mock_imagebuilder
from tests.imagebuilder.built_factory import members, script
from tests.imagebuilder.built_factory import steps as flow
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    LINUX,
    RAW,
    TEMPLATE,
    Record,
    answer,
    refused,
)
from tests.imagebuilder.image_factory import (
    ROLE,
    Kit,
    distribution,
    run_of,
    steps,
    to,
    workflow,
)
from tests.imagebuilder.lifecycle_factory import RECIPES, in_days, policy, rule
from tests.imagebuilder.pipeline_factory import pipeline

pytestmark = pytest.mark.model

MODEL = CLIENT.meta.service_model
#: Errors that come of the service's own trouble, of who calls and how often, with their status.
TROUBLE = {
    "AccessDeniedException": 403,
    "CallRateLimitExceededException": 429,
    "ClientException": 400,
    "ForbiddenException": 403,
    "InvalidRequestException": 400,
    "ServiceException": 500,
    "ServiceUnavailableException": 503,
    "TooManyRequestsException": 429,
}


def call(operation: str, client: Any = CLIENT, **params: Any) -> Record:
    found: Record = getattr(client, xform_name(operation))(**params)
    return found


def errors_of(operation: str) -> set[str]:
    return {error.name for error in MODEL.operation_model(operation).error_shapes}


def with_error(code: str) -> list[str]:
    return [name for name in MODEL.operation_names if code in errors_of(name)]


# The service's own trouble


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_trouble_of_the_service_on_request(mb: Control, operation: str) -> None:
    listed = sorted(errors_of(operation) & TROUBLE.keys())
    assert "ServiceException" in listed
    # Such errors come whatever a call has; botocore cannot do without what is in the URL.
    url = {"resourceArn": "none", "tagKeys": []}
    known = MODEL.operation_model(operation).input_shape.required_members
    params = {member: url[member] for member in known if member in url}
    for code in listed:
        mb.faults.on(operation).raises(code, "because")
        with refused(code, "because", TROUBLE[code]):
            call(operation, RAW, **params)
        mb.faults.on(operation).raises(code)
        with pytest.raises(getattr(CLIENT.exceptions, code)):
            call(operation, RAW, **params)


# Client tokens


class Home:
    """Something of each kind, to be changed and made images of."""

    def __init__(self, mb: Control) -> None:
        self.mb = mb
        self.kit = Kit()
        self.distribution = distribution(to(), name="home")
        self.pipeline = pipeline("home", **self.kit.members)
        self.policy = policy()

    def image(self) -> str:
        arn = self.kit.make()
        self.mb.clock.tick(hours=1)
        return arn

    def failed(self) -> Record:
        self.mb.script(image="web", times=1).fails_in("DISTRIBUTING")
        return {"imageBuildVersionArn": self.image()}

    def execution(self) -> Record:
        wanted = {"resourceArn": self.image(), "state": {"status": "DEPRECATED"}}
        answer = CLIENT.start_resource_state_update(**wanted, updateAt=in_days(self.mb, 5))
        return {"lifecycleExecutionId": answer["lifecycleExecutionId"]}

    def waiting(self) -> Record:
        arn = self.kit.with_workflows(workflow({"action": "WaitForAction"}))
        self.mb.clock.tick(minutes=1)
        (step,) = steps(run_of(arn, "TEST"))
        return {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": arn}


@pytest.fixture
def home() -> Iterator[Home]:
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        yield Home(mb)


VERSION = {"name": "new", "semanticVersion": "1.0.0"}
CONTAINER = {
    "containerType": "DOCKER",
    "dockerfileTemplateData": TEMPLATE,
    "parentImage": "amazonlinux:latest",
    "targetRepository": {"service": "ECR", "repositoryName": "web"},
}
POLICY = {
    "executionRole": ROLE,
    "resourceType": "AMI_IMAGE",
    "policyDetails": [rule()],
    "resourceSelection": RECIPES,
}
OTHER_TEXT: Record = {"description": "another one"}

#: Of each operation what it is called with, and what is different the second time.
TWICE: dict[str, Callable[[Home], tuple[Record, Record]]] = {
    "CancelImageCreation": lambda home: (
        {"imageBuildVersionArn": home.kit.make()}, {"imageBuildVersionArn": home.kit.make()}
    ),
    "CancelLifecycleExecution": lambda home: (home.execution(), home.execution()),
    "CreateComponent": lambda _: (members("new"), OTHER_TEXT),
    "CreateContainerRecipe": lambda _: ({**VERSION, **CONTAINER}, OTHER_TEXT),
    "CreateDistributionConfiguration": lambda _: (
        {"name": "new", "distributions": [to()]}, OTHER_TEXT
    ),
    "CreateImage": lambda home: (home.kit.members, {"tags": {"a": "b"}}),
    "CreateImagePipeline": lambda home: ({"name": "new", **home.kit.members}, OTHER_TEXT),
    "CreateImageRecipe": lambda _: ({**VERSION, "parentImage": LINUX}, OTHER_TEXT),
    "CreateInfrastructureConfiguration": lambda _: (
        {"name": "new", "instanceProfileName": "builder"}, OTHER_TEXT
    ),
    "CreateLifecyclePolicy": lambda _: ({"name": "new", **POLICY}, OTHER_TEXT),
    "CreateWorkflow": lambda _: (flow("new"), OTHER_TEXT),
    "DistributeImage": lambda home: (
        {
            "sourceImage": home.image(),
            "distributionConfigurationArn": home.distribution,
            "executionRole": ROLE,
        },
        {"tags": {"a": "b"}},
    ),
    "ImportComponent": lambda _: (script("new"), OTHER_TEXT),
    "RetryImage": lambda home: (home.failed(), home.failed()),
    "SendWorkflowStepAction": lambda home: (
        {**home.waiting(), "action": "RESUME"}, {"action": "STOP"}
    ),
    "StartImagePipelineExecution": lambda home: (
        {"imagePipelineArn": home.pipeline}, {"tags": {"a": "b"}}
    ),
    "StartResourceStateUpdate": lambda home: (
        {"resourceArn": home.image(), "state": {"status": "DISABLED"}},
        {"state": {"status": "DEPRECATED"}},
    ),
    "UpdateDistributionConfiguration": lambda home: (
        {"distributionConfigurationArn": home.distribution, "distributions": [to()]}, OTHER_TEXT
    ),
    "UpdateImagePipeline": lambda home: (
        {"imagePipelineArn": home.pipeline, **home.kit.members}, OTHER_TEXT
    ),
    "UpdateInfrastructureConfiguration": lambda home: (
        {
            "infrastructureConfigurationArn": home.kit.infrastructure,
            "instanceProfileName": "builder",
        },
        OTHER_TEXT,
    ),
    "UpdateLifecyclePolicy": lambda home: (
        {"lifecyclePolicyArn": home.policy, **POLICY}, OTHER_TEXT
    ),
}  # fmt: skip


def test_every_operation_that_minds_its_tokens_is_here() -> None:
    assert list(TWICE) == with_error("IdempotentParameterMismatchException")


@pytest.mark.parametrize("operation", TWICE)
def test_a_token_that_comes_again_with_something_else(home: Home, operation: str) -> None:
    params, other = TWICE[operation](home)
    first = call(operation, **params, clientToken="once")
    again = call(operation, **params, clientToken="once")
    assert answer(again) == answer(first)
    sentence = "The client token was used before with different parameters."
    with refused("IdempotentParameterMismatchException", sentence):
        call(operation, **{**params, **other}, clientToken="once")


# Pages


@pytest.mark.parametrize("operation", with_error("InvalidPaginationTokenException"))
@pytest.mark.parametrize("token", ["none", "WzEsICJhIiwgImIiXQ"])
def test_a_pagination_token_that_is_none(mb: Control, operation: str, token: str) -> None:
    image = Kit().make()
    run_id = run_of(image)["workflowExecutionId"]
    disabled = CLIENT.start_resource_state_update(
        resourceArn=image,
        state={"status": "DISABLED"},
        executionRole=ROLE,
        includeResources={"amis": True},
    )
    known = {
        "imageBuildVersionArn": image,
        "imagePipelineArn": f"{ARN}:image-pipeline/none",
        "lifecycleExecutionId": disabled["lifecycleExecutionId"],
        "resourceArn": image,
        "workflowExecutionId": run_id,
    }
    needed = MODEL.operation_model(operation).input_shape.required_members
    with refused("InvalidPaginationTokenException", "The pagination token is not valid."):
        call(operation, **{member: known[member] for member in needed}, nextToken=token)
