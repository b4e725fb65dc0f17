"""Every operation with generated requests: valid ones, and ones with a single fault."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import CLIENT, LINUX, RAW
from tests.model_strategies import Fault, faults, inputs

pytestmark = pytest.mark.model

MODEL = CLIENT.meta.service_model
METHODS = {name: xform_name(name) for name in MODEL.operation_names}
#: What a request may be answered with that the model finds valid.
EXPECTED = {
    "DryRunOperationException",
    "InvalidParameterCombinationException",
    "InvalidParameterException",
    "InvalidParameterValueException",
    "InvalidRequestException",
    "InvalidVersionNumberException",
    "InvalidPaginationTokenException",
    "ResourceAlreadyExistsException",
    "ResourceDependencyException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
}
INVALID = {"InvalidParameterException", "InvalidParameterValueException"}
FAULTS = [
    pytest.param(name, fault, id=f"{name}-{fault.path}-{fault.rule}")
    for name in METHODS
    for fault in faults(MODEL.operation_model(name))
    # botocore makes up a token that is missing, and cannot build a path without what stands in it;
    # raw callers are tested with the wire.
    if fault.rule != "required"
    or not (fault.path == "clientToken" or (fault.path == "resourceArn" and "tag" in name.lower()))
]
COMPONENT = """\
name: tool
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: install
        action: ExecuteBash
        inputs:
          commands: [make]
"""
WORKFLOW = """\
name: gate
schemaVersion: 1.0
steps:
  - name: Wait
    action: WaitForAction
"""


def answer(name: str, params: dict[str, Any]) -> str | None:
    """Call an operation; return the code of its error, or ``None``."""
    try:
        getattr(RAW, METHODS[name])(**params)
    except ClientError as error:
        response = error.response
        assert 400 <= response["ResponseMetadata"]["HTTPStatusCode"] < 500
        assert isinstance(response["Error"]["Message"], str)
        return response["Error"]["Code"]
    return None


@dataclass
class Home:
    """One of everything, so that generated requests can be about what is there."""

    members: dict[str, Any]


def build_home() -> Home:
    """Make one of everything."""
    component = CLIENT.create_component(
        name="tool", semanticVersion="1.0.0", platform="Linux", data=COMPONENT
    )["componentBuildVersionArn"]
    workflow = CLIENT.create_workflow(
        name="gate", semanticVersion="1.0.0", type="TEST", data=WORKFLOW
    )["workflowBuildVersionArn"]
    recipe = CLIENT.create_image_recipe(
        name="golden",
        semanticVersion="1.0.0",
        parentImage=LINUX,
        components=[{"componentArn": component}],
    )["imageRecipeArn"]
    infrastructure = CLIENT.create_infrastructure_configuration(
        name="small", instanceProfileName="builder"
    )["infrastructureConfigurationArn"]
    distribution = CLIENT.create_distribution_configuration(
        name="home",
        distributions=[{"region": "us-east-1", "amiDistributionConfiguration": {}}],
    )["distributionConfigurationArn"]
    pipeline = CLIENT.create_image_pipeline(
        name="weekly", imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure
    )["imagePipelineArn"]
    image = CLIENT.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
    CLIENT.get_image(imageBuildVersionArn=image)
    policy = CLIENT.create_lifecycle_policy(
        name="old",
        executionRole="arn:aws:iam::123456789012:role/lifecycle",
        resourceType="AMI_IMAGE",
        policyDetails=[
            {
                "action": {"type": "DELETE"},
                "filter": {"type": "AGE", "value": 6, "unit": "MONTHS"},
            }
        ],
        resourceSelection={"tagMap": {"a": "b"}},
    )["lifecyclePolicyArn"]
    executions = CLIENT.list_workflow_executions(imageBuildVersionArn=image)
    execution = executions["workflowExecutions"][0]["workflowExecutionId"]
    steps = CLIENT.list_workflow_step_executions(workflowExecutionId=execution)["steps"]
    return Home(
        {
            "componentArn": component,
            "componentBuildVersionArn": component,
            "componentVersionArn": component.rpartition("/")[0],
            "workflowBuildVersionArn": workflow,
            "workflowVersionArn": workflow.rpartition("/")[0],
            "imageRecipeArn": recipe,
            "infrastructureConfigurationArn": infrastructure,
            "distributionConfigurationArn": distribution,
            "imagePipelineArn": pipeline,
            "imageArn": image,
            "imageBuildVersionArn": image,
            "imageVersionArn": image.rpartition("/")[0],
            "lifecyclePolicyArn": policy,
            "resourceArn": image,
            "workflowExecutionId": execution,
            "stepExecutionId": steps[0]["stepExecutionId"],
            "parentImage": LINUX,
        }
    )


def state() -> dict[str, Any]:
    """Return everything that lists show."""
    lists = {
        "list_components": "componentVersionList",
        "list_workflows": "workflowVersionList",
        "list_image_recipes": "imageRecipeSummaryList",
        "list_container_recipes": "containerRecipeSummaryList",
        "list_infrastructure_configurations": "infrastructureConfigurationSummaryList",
        "list_distribution_configurations": "distributionConfigurationSummaryList",
        "list_image_pipelines": "imagePipelineList",
        "list_images": "imageVersionList",
        "list_lifecycle_policies": "lifecyclePolicySummaryList",
    }
    return {method: getattr(CLIENT, method)()[key] for method, key in lists.items()}


@pytest.mark.parametrize("name", METHODS)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_valid_requests_are_answered(name, data):
    params = data.draw(inputs(MODEL.operation_model(name)))
    with mock_imagebuilder():
        home = build_home()
        if data.draw(st.booleans()):
            params = {member: home.members.get(member, one) for member, one in params.items()}
        assert answer(name, params) in {None, *EXPECTED}
        state()  # whatever was made of it can be looked at


@pytest.fixture(scope="module")
def furnished():
    with mock_imagebuilder():
        home = build_home()
        state()  # a look, which settles what is under way
        yield home, state()


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_single_faults_are_refused_and_change_nothing(furnished, name, fault: Fault):
    home, before = furnished
    first = fault.path.partition(".")[0].partition("[")[0]
    params = {
        member: value if member == first else home.members.get(member, value)
        for member, value in fault.params.items()
    }
    assert answer(name, params) in INVALID
    assert state() == before


def test_there_are_faults_of_every_kind():
    rules = {param.values[1].rule for param in FAULTS}
    assert rules >= {"required", "enum", "pattern", "min_length", "max_length", "max_value"}
