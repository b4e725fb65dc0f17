"""What an emulator of Image Builder would most easily get wrong, across all that it has."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from botocore import xform_name

from mockbuild import Control, mock_imagebuilder
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.service import service_wire
from tests.imagebuilder.built_factory import (
    create,
    create_workflow,
    members,
    script,
    with_phases,
)
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    REGION,
    Record,
    component,
    container_recipe,
    depended_on,
    distribution,
    image_recipe,
    infrastructure,
    missing,
    refused,
    tried,
    uses,
)
from tests.imagebuilder.image_factory import ROLE, Kit, look, runs, workflow
from tests.imagebuilder.lifecycle_factory import policy, to_next_run
from tests.imagebuilder.pipeline_factory import pipeline, start

Make = Callable[..., str]

MODEL = CLIENT.meta.service_model
WIRE = service_wire("imagebuilder")
WITHOUT_REQUEST_ID = {
    "CancelLifecycleExecution", "CreateLifecyclePolicy", "CreateWorkflow", "DeleteLifecyclePolicy",
    "DeleteWorkflow", "DistributeImage", "GetLifecycleExecution", "GetLifecyclePolicy",
    "GetMarketplaceResource", "GetWorkflow", "ImportDiskImage", "ListLifecycleExecutionResources",
    "ListLifecycleExecutions", "ListLifecyclePolicies", "ListTagsForResource",
    "ListWaitingWorkflowSteps", "ListWorkflowBuildVersions", "ListWorkflows", "RetryImage",
    "SendWorkflowStepAction", "StartResourceStateUpdate", "TagResource", "UntagResource",
    "UpdateLifecyclePolicy",
}  # fmt: skip
_UUID = "12345678-1234-1234-1234-123456789012"
#: What names something in a request, with something that is not there.
ABSENT = {
    "componentArn": f"{ARN}:component/none/1.0.0/1",
    "componentBuildVersionArn": f"{ARN}:component/none/1.0.0/1",
    "containerRecipeArn": f"{ARN}:container-recipe/none/1.0.0",
    "distributionConfigurationArn": f"{ARN}:distribution-configuration/none",
    "imageArn": f"{ARN}:image/none/1.0.0/1",
    "imageBuildVersionArn": f"{ARN}:image/none/1.0.0/1",
    "imagePipelineArn": f"{ARN}:image-pipeline/none",
    "imageRecipeArn": f"{ARN}:image-recipe/none/1.0.0",
    "infrastructureConfigurationArn": f"{ARN}:infrastructure-configuration/none",
    "lifecycleExecutionId": f"lce-{_UUID}",
    "lifecyclePolicyArn": f"{ARN}:lifecycle-policy/none",
    "stepExecutionId": f"step-{_UUID}",
    "workflowBuildVersionArn": f"{ARN}:workflow/build/none/1.0.0/1",
    "workflowExecutionId": f"wf-{_UUID}",
}
CONFIGURATIONS = {
    "infrastructure_configuration": "infrastructureConfigurationArn",
    "distribution_configuration": "distributionConfigurationArn",
}


def _pipeline(name: str, **members: Any) -> str:
    image_recipe("of pipelines")
    infrastructure("of pipelines")
    made = {
        "imageRecipeArn": f"{ARN}:image-recipe/of-pipelines/1.0.0",
        "infrastructureConfigurationArn": f"{ARN}:infrastructure-configuration/of-pipelines",
    }
    return pipeline(name, **made, **members)


def _policy(name: str, **members: Any) -> str:
    return policy(name=name, **members)


#: What makes each kind, its list, and its ARN after the account: only components, images and
#: workflows have builds.
KINDS: dict[str, tuple[Make, str, str]] = {
    "component": (create, "ListComponents", "component/{}/1.0.0/1"),
    "workflow": (create_workflow, "ListWorkflows", "workflow/build/{}/1.0.0/1"),
    "image recipe": (image_recipe, "ListImageRecipes", "image-recipe/{}/1.0.0"),
    "container recipe": (container_recipe, "ListContainerRecipes", "container-recipe/{}/1.0.0"),
    "infrastructure": (
        infrastructure,
        "ListInfrastructureConfigurations",
        "infrastructure-configuration/{}",
    ),
    "distribution": (
        distribution,
        "ListDistributionConfigurations",
        "distribution-configuration/{}",
    ),
    "pipeline": (_pipeline, "ListImagePipelines", "image-pipeline/{}"),
    "policy": (_policy, "ListLifecyclePolicies", "lifecycle-policy/{}"),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def listed(operation: str, **params: Any) -> list[Record]:
    """Return the one list that an operation answers."""
    answer = getattr(CLIENT, xform_name(operation))(**params)
    (found,) = (value for value in answer.values() if isinstance(value, list))
    return found


def raw(method: str, path: str, body: Record | None = None) -> urllib3.BaseHTTPResponse:
    """Send a request of one's own, and return the answer as it is on the wire."""
    url = f"https://imagebuilder.{REGION}.amazonaws.com/{path}"
    text = None if body is None else json.dumps(body)
    return urllib3.PoolManager().request(method, url, body=text, retries=False)


def body_of(method: str, path: str, body: Record | None = None) -> Record:
    answer = raw(method, path, body)
    assert answer.status == 200, answer.data
    found: Record = json.loads(answer.data)
    return found


# Names and ARNs


@pytest.mark.docs
@EVERY_KIND
def test_names_are_normal_in_arns_only_and_collide_there(mb: Control, kind: str) -> None:
    make, _, form = KINDS[kind]
    expected = f"{ARN}:{form.format('my-thing-1')}"
    assert make("My_Thing 1") == expected
    for name in ("my-thing-1", "MY THING_1"):
        with refused("ResourceAlreadyExistsException"):
            make(name)


@pytest.mark.docs
@EVERY_KIND
def test_lists_show_and_filter_by_the_name_as_it_was_entered(mb: Control, kind: str) -> None:
    make, operation, _ = KINDS[kind]
    make("My_Thing 1")

    def found(name: str) -> list[str]:
        filters = [{"name": "name", "values": [name]}]
        return [one["name"] for one in listed(operation, filters=filters)]

    assert found("My_Thing 1") == found("My_T*") == found("*Thing*") == ["My_Thing 1"]
    assert found("my-thing-1") == found("my_thing 1") == found("my-*") == []


# The wire


@pytest.mark.recorded
def test_dates_are_texts_but_those_of_lifecycles_are_numbers() -> None:
    with mock_imagebuilder(clock="virtual") as mb:
        kit = Kit()
        image = kit.make()
        pipeline("web", **kit.members)
        component_arn = create()
        policy_arn = policy()
        later = mb.clock.now() + 86400 * 30
        wanted = {"resourceArn": image, "state": {"status": "DEPRECATED"}, "updateAt": later}
        look(image)
        CLIENT.start_resource_state_update(**wanted)
        to_next_run(mb, hours=1)
        texts = [
            body_of("GET", f"GetImage?imageBuildVersionArn={image}")["image"],
            body_of("GET", f"GetComponent?componentBuildVersionArn={component_arn}")["component"],
            body_of("POST", "ListImagePipelines", {})["imagePipelineList"][0],
        ]
        for record in texts:
            assert record["dateCreated"].endswith("Z")
            assert record["dateCreated"][10] == "T"
        assert texts[0]["deprecationTime"] == pytest.approx(later, abs=0.001)
        tidy = body_of("GET", f"GetLifecyclePolicy?lifecyclePolicyArn={policy_arn}")
        runs = body_of("POST", "ListLifecycleExecutions", {"resourceArn": policy_arn})
        numbers = [
            tidy["lifecyclePolicy"]["dateCreated"],
            tidy["lifecyclePolicy"]["dateLastRun"],
            runs["lifecycleExecutions"][0]["startTime"],
            runs["lifecycleExecutions"][0]["endTime"],
        ]
        assert all(isinstance(number, int | float) for number in numbers)


@pytest.mark.model
def test_answers_with_and_without_a_request_id() -> None:
    without = {
        name
        for name in MODEL.operation_names
        if b"requestId" not in WIRE.operation(name).write({}, Protocol.REST_JSON, "an-id").body
    }
    assert without == WITHOUT_REQUEST_ID


@pytest.mark.docs
def test_a_request_id_is_in_the_body_and_in_the_header(mb: Control) -> None:
    answer = raw("POST", "ListComponents", {})
    assert json.loads(answer.data)["requestId"] == answer.headers["x-amzn-RequestId"]
    answer = raw("POST", "ListWorkflows", {})
    assert json.loads(answer.data) == {"workflowVersionList": []}
    assert answer.headers["x-amzn-RequestId"]


@pytest.mark.model
def test_what_deletes_and_gets_is_named_in_the_query(mb: Control) -> None:
    arn = create()
    named = {"componentBuildVersionArn": arn}
    for method, path in (("DELETE", "DeleteComponent"), ("GET", "GetComponent")):
        answer = raw(method, path, named)
        assert answer.status == 400
        assert answer.headers["x-amzn-ErrorType"] == "InvalidParameterException"
    query = f"?componentBuildVersionArn={quote(arn, safe='')}"
    assert body_of("GET", f"GetComponent{query}")["component"]["arn"] == arn
    assert body_of("DELETE", f"DeleteComponent{query}")["componentBuildVersionArn"] == arn
    assert raw("GET", f"GetComponent{query}").status == 404


@pytest.mark.model
def test_what_is_tagged_is_in_the_path_with_its_slashes_encoded(mb: Control) -> None:
    arn = create()
    path = f"tags/{quote(arn, safe='')}"
    assert body_of("POST", path, {"tags": {"a b": "1", "c": "2"}, "resourceArn": "other"}) == {}
    assert body_of("DELETE", f"{path}?tagKeys=a%20b&tagKeys=x") == {}
    assert body_of("GET", path) == {"tags": {"c": "2"}}
    assert raw("GET", f"tags/{arn}").status == 404


# What is not there


@pytest.mark.recorded
@pytest.mark.parametrize(
    "operation",
    [
        name
        for name in MODEL.operation_names
        if name.startswith(("Get", "Delete")) and name != "GetMarketplaceResource"
    ],
)
def test_what_is_missing_is_not_found(mb: Control, operation: str) -> None:
    (member,) = MODEL.operation_model(operation).input_shape.members
    with missing():
        getattr(CLIENT, xform_name(operation))(**{member: ABSENT[member]})


@pytest.mark.model
@pytest.mark.parametrize(
    ("operation", "arn"),
    [
        ("ListComponentBuildVersions", {"componentVersionArn": f"{ARN}:component/none/1.0.0"}),
        ("ListImageBuildVersions", {"imageVersionArn": f"{ARN}:image/none/1.0.0"}),
        ("ListImagePipelineImages", {"imagePipelineArn": f"{ARN}:image-pipeline/none"}),
    ],
)
def test_lists_of_what_is_missing_are_empty(mb: Control, operation: str, arn: Record) -> None:
    assert listed(operation, **arn) == []


# Creating, updating, deleting


@pytest.mark.docs
@EVERY_KIND
def test_a_dry_run_is_an_error_of_its_own_and_does_nothing(mb: Control, kind: str) -> None:
    make, operation, _ = KINDS[kind]
    with tried():
        make("web", dryRun=True)
    assert listed(operation) == []


@pytest.mark.model
def test_only_creating_can_be_tried() -> None:
    can = {
        name
        for name in MODEL.operation_names
        if "dryRun" in MODEL.operation_model(name).input_shape.members
    }
    assert len(can) == 8
    assert all(name.startswith("Create") and name != "CreateImage" for name in can)


@pytest.mark.docs
def test_runs_and_imports_answer_no_references(mb: Control) -> None:
    answers = [CLIENT.create_component(**members("new")), CLIENT.import_component(**script())]
    arn = _pipeline("web")
    answers.append(CLIENT.start_image_pipeline_execution(imagePipelineArn=arn))
    with_them = ["latestVersionReferences" in answer for answer in answers]
    assert with_them == [True, False, False]
    patch = answers[0]["latestVersionReferences"]["latestPatchVersionArn"]
    assert patch == f"{ARN}:component/new/1.0.0"


@pytest.mark.recorded
def test_who_has_a_date_of_update_from_the_beginning(mb: Control) -> None:
    infrastructure()
    distribution()
    _pipeline("web")
    found = [*listed("ListInfrastructureConfigurations"), *listed("ListDistributionConfigurations")]
    assert not any("dateUpdated" in one for one in found)
    (web,) = listed("ListImagePipelines")
    assert web["dateUpdated"] == web["dateCreated"]


@pytest.mark.docs
def test_pipelines_and_recipes_need_what_they_name_and_images_need_nothing(mb: Control) -> None:
    tool, flow = component(), workflow({"action": "LaunchInstance"})
    needed: dict[str, str] = {
        "imageRecipeArn": image_recipe(components=uses(tool)),
        "infrastructureConfigurationArn": infrastructure(),
        "distributionConfigurationArn": distribution(),
    }
    flows = {"workflows": [{"workflowArn": flow}], "executionRole": ROLE}
    arn = pipeline(**needed, **flows)
    image = start(arn)
    look(image)
    deletions = {
        "delete_component": {"componentBuildVersionArn": tool},
        "delete_workflow": {"workflowBuildVersionArn": flow},
        "delete_image_recipe": {"imageRecipeArn": needed["imageRecipeArn"]},
        **{f"delete_{noun}": {name: needed[name]} for noun, name in CONFIGURATIONS.items()},
    }
    for operation, named in deletions.items():
        with depended_on(next(iter(named.values()))):
            getattr(CLIENT, operation)(**named)
    CLIENT.delete_image_pipeline(imagePipelineArn=arn)
    CLIENT.delete_image_recipe(imageRecipeArn=needed["imageRecipeArn"])
    del deletions["delete_image_recipe"]
    for operation, named in deletions.items():
        getattr(CLIENT, operation)(**named)
    assert look(image)["imageRecipe"]["components"] == uses(tool)


# Images


@pytest.mark.model
def test_only_failed_images_say_what_has_failed() -> None:
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        kit = Kit()
        cancelled, made = kit.make(), kit.make()
        mb.script(image="web", times=1).fails()
        failed = kit.make()
        mb.clock.tick(minutes=2)
        CLIENT.cancel_image_creation(imageBuildVersionArn=cancelled)
        mb.clock.tick(hours=1)
        states = [look(arn)["state"] for arn in (cancelled, made, failed)]
        assert [one["status"] for one in states] == ["CANCELLED", "AVAILABLE", "FAILED"]
        assert ["failureContext" in one for one in states] == [False, False, True]


@pytest.mark.model
def test_what_goes_into_a_step_and_comes_out_are_texts(mb: Control) -> None:
    (build,) = [one for one in runs(Kit().make()) if one["type"] == "BUILD"]
    wanted = {"workflowExecutionId": build["workflowExecutionId"]}
    listed = body_of("POST", "ListWorkflowStepExecutions", wanted)["steps"]
    got = body_of("GET", f"GetWorkflowStepExecution?stepExecutionId={listed[0]['stepExecutionId']}")
    for step in (listed[0], got):
        assert isinstance(json.loads(step["inputs"]), dict)
        assert json.loads(step["outputs"]).keys() == {"instanceId"}


# Documents


@pytest.mark.docs
def test_phases_may_have_other_names_beside_those_that_run(mb: Control) -> None:
    arn = create(data=with_phases("build", "verify"))
    found = CLIENT.get_component(componentBuildVersionArn=arn)["component"]
    assert found["type"] == "BUILD"
    with refused(parameter="data"):
        create("other", data=with_phases("verify"))
