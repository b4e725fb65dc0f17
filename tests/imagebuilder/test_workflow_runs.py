"""What workflows of one's own do: references, conditions, failures, actions."""

import re

import pytest

from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
)
from tests.imagebuilder.image_factory import (
    Kit,
    infrastructure,
    look,
    run_of,
    status,
    step_of,
    steps,
    workflow,
)
from tests.imagebuilder.workflow_factory import (
    INSTANCE,
    LAUNCH,
    inputs,
    outputs,
    run,
)


@pytest.mark.docs
def test_references_and_texts(mb):
    own = run(
        LAUNCH,
        {
            "name": "Command",
            "action": "RunCommand",
            "inputs": {
                **INSTANCE,
                "documentName": "Doc-{{ $.parameters.stage }}",
                "parameters": {"commands": ["echo {{ $.stepOutputs.Launch.instanceId }}"]},
            },
        },
        parameters=[{"name": "stage", "type": "string", "default": "test"}],
    )
    instance = outputs(own["Launch"])["instanceId"]
    assert inputs(own["Command"]) == {
        "instanceId": instance,
        "documentName": "Doc-test",
        "parameters": {"commands": [f"echo {instance}"]},
    }
    assert set(outputs(own["Command"])) == {"runCommandId", "status", "output"}
    assert isinstance(outputs(own["Command"])["output"], list)


@pytest.mark.parametrize(
    ("kind", "given", "condition", "runs_it"),
    [
        ("boolean", ["true"], {"booleanEquals": True}, True),
        ("boolean", ["False"], {"booleanEquals": True}, False),
        ("string", ["a"], {"stringEquals": "a"}, True),
        ("string", ["A"], {"stringEquals": "a"}, False),
        ("integer", ["3"], {"numberEquals": 3}, True),
        ("integer", ["3"], {"numberLessThan": 4}, True),
        ("integer", ["4"], {"numberLessThan": 4}, False),
        ("integer", ["4"], {"numberLessThanEquals": 4}, True),
        ("integer", ["5"], {"numberGreaterThan": 4}, True),
        ("integer", ["4"], {"numberGreaterThanEquals": 4}, True),
        ("integer", ["3"], {"numberGreaterThanEquals": 4}, False),
        ("string", ["x"], {"numberEquals": 3}, False),
    ],
)
@pytest.mark.docs
def test_conditions(mb, kind, given, condition, runs_it):
    own = run(
        LAUNCH,
        {**LAUNCH, "name": "Maybe", "if": {**condition, "value": "$.parameters.what"}},
        parameters=[{"name": "what", "type": kind}],
        given=[{"name": "what", "value": given}],
    )
    assert own["Maybe"]["status"] == ("COMPLETED" if runs_it else "SKIPPED")


TRUE = {"stringEquals": "AMI", "value": "$.imagebuilder.imageType"}
FALSE = {"stringEquals": "Windows", "value": "$.imagebuilder.platform"}


@pytest.mark.parametrize(
    ("condition", "runs_it"),
    [
        ({"and": [TRUE, TRUE]}, True),
        ({"and": [TRUE, FALSE]}, False),
        ({"or": [FALSE, TRUE]}, True),
        ({"or": [FALSE, FALSE]}, False),
        ({"not": FALSE}, True),
        ({"not": [TRUE]}, False),
        ({"and": [TRUE, {"not": {"or": [FALSE, FALSE]}}]}, True),
    ],
)
@pytest.mark.docs
def test_conditions_joined(mb, condition, runs_it):
    own = run({**LAUNCH, "if": condition})
    assert own["Launch"]["status"] == ("COMPLETED" if runs_it else "SKIPPED")


@pytest.mark.docs
def test_a_reference_to_a_step_that_was_skipped_is_an_empty_text(mb):
    own = run(
        {**LAUNCH, "if": FALSE},
        {"name": "Command", "action": "RunCommand",
         "inputs": {**INSTANCE, "documentName": "Doc"}},
    )  # fmt: skip
    assert inputs(own["Command"])["instanceId"] == ""


@pytest.mark.docs
def test_variables_of_the_service(mb):
    names = [
        "cloudWatchLogGroup", "cloudWatchLogStream", "collectImageMetadata",
        "collectImageScanFindings", "dateTime", "imageBuildNumber", "imageId", "imageName",
        "imageType", "imageVersionNumber", "instanceProfileName", "platform", "s3Logs",
        "securityGroups", "sourceImageARN", "subnetId", "terminateInstanceOnFailure",
        "workflowPhase", "workingDirectory",
    ]  # fmt: skip
    kit = Kit()
    kit.infrastructure = infrastructure(
        "net", subnetId="subnet-1", securityGroupIds=["sg-1"], terminateInstanceOnFailure=False
    )
    own = workflow(
        {
            "name": "Tell",
            "action": "RunCommand",
            "inputs": {
                "instanceId": "i-1",
                "documentName": "Doc",
                "parameters": {f"{name}.$": f"$.imagebuilder.{name}" for name in names},
            },
        }
    )
    told = inputs(step_of(kit.with_workflows(own), "Tell"))["parameters"]
    assert re.fullmatch(r"ami-[0-9a-f]{17}", told.pop("imageId"))
    assert told.pop("dateTime").endswith("Z")
    assert told == {
        "cloudWatchLogGroup": "/aws/imagebuilder/web",
        "cloudWatchLogStream": "1.0.0/1",
        "collectImageMetadata": True,
        "collectImageScanFindings": False,
        "imageBuildNumber": 1,
        "imageName": "web",
        "imageType": "AMI",
        "imageVersionNumber": "1.0.0",
        "instanceProfileName": "builder",
        "platform": "Linux",
        "s3Logs": {},
        "securityGroups": ["sg-1"],
        "sourceImageARN": f"{ARN}:image/web/1.0.0/1",
        "subnetId": "subnet-1",
        "terminateInstanceOnFailure": False,
        "workflowPhase": "Test",
        "workingDirectory": "/tmp",
    }


@pytest.mark.docs
def test_workflows_hand_values_on(mb):
    build = workflow(
        LAUNCH,
        {"name": "Create", "action": "CreateImage", "inputs": INSTANCE},
        kind="BUILD",
        outputs=[{"name": "ami", "value": "$.stepOutputs.Create.imageId"}],
    )
    test = workflow(
        {
            **LAUNCH,
            "inputs": {"waitFor": "ssmAgent", "imageIdOverride.$": "$.workflowOutputs.ami"},
        },
        name="after",
    )
    arn = Kit().with_workflows(test, build)
    ami = look(arn)["outputResources"]["amis"][0]["image"]
    assert inputs(steps(run_of(arn, "TEST"))[0])["imageIdOverride"] == ami
    assert outputs(step_of(arn, "Create")) == {"imageId": ami}


@pytest.mark.docs
def test_a_step_that_may_fail_lets_the_others_go_on(mb):
    mb.script(image="web").fails("Launch", message="no")
    own = run({**LAUNCH, "onFailure": "Continue"}, {**LAUNCH, "name": "Again"})
    assert (own["Launch"]["status"], own["Again"]["status"]) == ("FAILED", "COMPLETED")
    assert "rollbackStatus" not in own["Launch"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("enabled", "expected"),
    [(True, "COMPLETED"), (False, "SKIPPED"), ("$.parameters.undo", "SKIPPED")],
)
def test_steps_can_do_without_rolling_back(mb, enabled, expected):
    mb.script(image="web").fails("Second")
    own = run(
        {**LAUNCH, "rollbackEnabled": enabled},
        {**LAUNCH, "name": "Second", "rollbackEnabled": False},
        parameters=[{"name": "undo", "type": "boolean", "default": False}],
    )
    assert own["Launch"]["rollbackStatus"] == expected


@pytest.mark.docs
def test_times_of_a_step(clocked):
    own = workflow({**LAUNCH, "waitSeconds": 500, "timeoutSeconds": 600, "description": "slowly"})
    quick = workflow({**LAUNCH, "waitSeconds": 500, "timeoutSeconds": 510}, name="quick")
    kit = Kit()
    slow, late = kit.with_workflows(own), kit.with_workflows(quick)
    clocked.clock.tick(hours=1)
    assert status(slow) == "FAILED"  # 500 and 147 seconds are too long
    assert status(late) == "FAILED"
    step = step_of(slow, "Launch")
    assert step["description"] == "slowly"
    got = CLIENT.get_workflow_step_execution(stepExecutionId=step["stepExecutionId"])
    assert got["timeoutSeconds"] == 600
    longer = workflow({**LAUNCH, "waitSeconds": 500, "timeoutSeconds": 700}, name="longer")
    arn = kit.with_workflows(longer)
    clocked.clock.tick(640)
    assert status(arn) == "TESTING"
    clocked.clock.tick(60)
    assert status(arn) == "AVAILABLE"


@pytest.mark.docs
def test_scripts_say_what_steps_give(mb):
    mb.script(image="web").outputs("Check", output=["42"], status="Success")
    own = run(
        LAUNCH,
        {"name": "Check", "action": "RunCommand", "inputs": {**INSTANCE, "documentName": "Doc"}},
        {
            **LAUNCH,
            "name": "Answer",
            "if": {"stringEquals": "42", "value": "$.stepOutputs.Check.output[0]"},
        },
    )
    assert own["Answer"]["status"] == "COMPLETED"
    assert outputs(own["Check"])["output"] == ["42"]


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ({"action": "WaitForSSMAgent", "inputs": INSTANCE}, {"status"}),
        ({"action": "CollectImageMetadata", "inputs": INSTANCE}, {"osVersion", "associationId"}),
        ({"action": "RunSysPrep", "inputs": INSTANCE}, {"runCommandId", "status", "output"}),
        ({"action": "BootstrapInstanceForContainer", "inputs": INSTANCE},
         {"runCommandId", "status", "output"}),
        ({"action": "CollectImageScanFindings", "inputs": INSTANCE},
         {"runCommandId", "status", "output"}),
        ({"action": "CreateImage", "inputs": INSTANCE}, {"imageId"}),
        ({"action": "RegisterImage", "inputs": {"description": "mine"}}, {"imageId"}),
        ({"action": "CreateImageFromIso", "inputs": INSTANCE},
         {"amiName", "snapshotId", "architecture"}),
        ({"action": "ExecuteStateMachine", "inputs": {"stateMachineArn":
          "arn:aws:states:us-east-1:123456789012:stateMachine:check"}}, {"executionArn", "output"}),
    ],
    ids=lambda value: value["action"] if isinstance(value, dict) else "",
)  # fmt: skip
@pytest.mark.docs
def test_what_actions_give(mb, step, names):
    own = run(LAUNCH, {"name": "Act", **step})
    assert own["Act"]["status"] == "COMPLETED"
    assert set(outputs(own["Act"])) == names
    if step["action"] == "ExecuteStateMachine":
        assert ":execution:check:" in outputs(own["Act"])["executionArn"]


@pytest.mark.docs
def test_instances_without_checks_start_sooner(clocked):
    quick = workflow({**LAUNCH, "inputs": {"waitFor": "ssmAgent", "healthCheck": "RUNNING"}})
    arn = Kit().with_workflows(quick)
    clocked.clock.tick(50)
    assert status(arn) != "TESTING"
