"""How steps of images fail, and what is said of it."""

import json

import pytest

from tests.imagebuilder.factory import ARN, CLIENT, component, document
from tests.imagebuilder.image_factory import (
    BUILD_STEPS,
    Kit,
    failed,
    infrastructure,
    log,
    look,
    made,
    recipe,
    run_of,
    runs,
    status,
    statuses,
    step_of,
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


# Components


@pytest.mark.recorded
def test_a_component_that_fails(mb, dry_kit):
    mb.script(image="web").fails("ApplyBuildComponents")
    arn = dry_kit.make()
    state = failed(arn)
    run = run_of(arn)
    step = step_of(arn, "ApplyBuildComponents")
    assert state["reason"] == (
        f"Workflow Execution ID: '{run['workflowExecutionId']}' failed with reason: "
        f"Document {COMPONENT} failed!"
    )
    assert state["failureContext"] == {
        "imageStatus": "BUILDING",
        "workflowExecutionId": run["workflowExecutionId"],
        "workflowArn": run["workflowBuildVersionArn"],
        "stepExecutionId": step["stepExecutionId"],
        "failedStep": "ApplyBuildComponents",
        "componentFailure": {
            "componentArn": COMPONENT,
            "phaseName": "build",
            "stepName": "hello",
            "action": "ExecuteBash",
            "errorMessage": "exit status 1",
        },
    }


@pytest.mark.docs
def test_lists_show_the_failure_too(mb, dry_kit):
    mb.script(image="web").fails()
    arn = dry_kit.make()
    (build,) = CLIENT.list_image_build_versions()["imageSummaryList"]
    assert build["state"] == failed(arn)
    listed = CLIENT.list_workflow_executions(imageBuildVersionArn=arn)
    assert listed["message"] == build["state"]["reason"]
    steps = CLIENT.list_workflow_step_executions(
        workflowExecutionId=listed["workflowExecutions"][0]["workflowExecutionId"]
    )
    assert steps["message"] == f"Document {COMPONENT} failed!"


@pytest.mark.recorded
def test_later_steps_stay_pending(mb, dry_kit):
    mb.script(image="web").fails()
    expected = ["COMPLETED", "FAILED"] + ["PENDING"] * 5
    assert statuses(dry_kit.make()) == dict(zip(BUILD_STEPS, expected, strict=True))


@pytest.mark.recorded
def test_what_the_step_says(mb, dry_kit):
    dry_kit.infrastructure = infrastructure(
        "logged", logging={"s3Logs": {"s3BucketName": "logs", "s3KeyPrefix": "builds"}}
    )
    mb.script(image="web").fails(message="x" * 2000)
    arn = dry_kit.make()
    run, step = run_of(arn), step_of(arn, "ApplyBuildComponents")
    outputs = json.loads(step["outputs"])
    assert outputs["errorMessage"] == step["message"] == f"Document {COMPONENT} failed!"
    assert set(outputs) == {"runCommandId", "status", "output", "errorMessage"}
    summary = json.loads(outputs["output"])
    assert summary["logUrl"] == (
        f"s3://logs/builds/web/1.0.0/1/{run['workflowExecutionId']}/ApplyBuildComponents"
    )
    assert (summary["status"], summary["failureMessage"]) == ("failed", step["message"])
    context = look(arn)["state"]["failureContext"]["componentFailure"]
    assert context["errorMessage"] == "x" * 1024


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ("build", "Download", "S3Download")),
        ({"step": "Install"}, ("build", "Install", "ExecuteBash")),
        ({"phase": "validate"}, ("validate", "Check", "ExecuteBinary")),
        ({"step": "Other", "action": "CreateFile"}, ("build", "Other", "CreateFile")),
        ({"component": "Install It"}, ("build", "Download", "S3Download")),
        ({"component": f"{ARN}:component/install-it"}, ("build", "Download", "S3Download")),
    ],
    ids=["first", "step", "phase", "unknown step", "by name", "by ARN"],
)
@pytest.mark.docs
def test_where_in_a_component(mb, told, expected):
    dry_kit = Kit()
    own = component("Install It", data=TWO_PHASES)
    dry_kit.recipe = recipe("app", components=[{"componentArn": own}])
    mb.script(image="app").fails(exit_code=3, **told)
    context = failed(dry_kit.make())["failureContext"]["componentFailure"]
    assert (context["phaseName"], context["stepName"], context["action"]) == expected
    assert (context["componentArn"], context["errorMessage"]) == (own, "exit status 3")


@pytest.mark.docs
def test_which_of_several_components(mb, dry_kit):
    second = component("second")
    dry_kit.recipe = recipe(
        "app", components=[{"componentArn": component("first")}, {"componentArn": second}]
    )
    mb.script(image="app").fails(component="second")
    assert failed(dry_kit.make())["failureContext"]["componentFailure"]["componentArn"] == second


@pytest.mark.docs
def test_components_are_named_by_the_build_that_ran(mb, dry_kit):
    component("tool")
    newest = component("tool", data=document() + "\n# again\n")
    dry_kit.recipe = recipe("app", components=[{"componentArn": f"{ARN}:component/tool/x.x.x"}])
    mb.script(image="app").fails()
    context = failed(dry_kit.make())["failureContext"]
    assert context["componentFailure"]["componentArn"] == newest == f"{newest[:-1]}2"


@pytest.mark.docs
def test_a_test_that_fails(mb, dry_kit):
    mb.script(image="web").fails("ApplyTestComponents", stderr="no answer\n")
    arn = dry_kit.make()
    context = failed(arn)["failureContext"]
    assert context["imageStatus"] == "TESTING"
    assert context["componentFailure"]["phaseName"] == "test"
    assert context["componentFailure"]["componentArn"].endswith("/web-check/1.0.0/1")
    assert [run["status"] for run in runs(arn)] == ["COMPLETED", "ROLLBACK_COMPLETED"]
    assert look(arn)["outputResources"]["amis"]


@pytest.mark.recorded
def test_what_the_log_says_of_a_component(mb):
    dry_kit = Kit()
    own = component("tool", data=TWO_PHASES)
    dry_kit.recipe = recipe("app", components=[{"componentArn": own}])
    mb.script(image="app").fails(step="Install", exit_code=1, stderr="Error: no match: htpd")
    failed(dry_kit.make())
    lines = log(mb, "/aws/imagebuilder/app")
    place = lines.index("Document: InstallDocument")
    assert lines[place - 2 : place + 7] == [
        "CmdExecution: Stderr: Error: no match: htpd",
        "CmdExecution: ExitCode 1",
        "Document: InstallDocument",
        f"ComponentArn: {own}",
        "Phase: build",
        "Step: Install",
        "Action: ExecuteBash",
        "ErrorMessage: exit status 1",
        "Stderr: Error: no match: htpd",
    ]
    assert lines[-1].startswith("Image transitioned to FAILED state for Image ARN: ")


@pytest.mark.inferred
def test_a_component_that_the_recipe_does_not_have(mb, dry_kit):
    mb.script(image="web").fails(component="none")
    state = failed(dry_kit.make())
    assert "componentFailure" not in state["failureContext"]
    assert "ExpectationNotMet" in state["reason"]


# Other steps


@pytest.mark.parametrize("name", [one for one in BUILD_STEPS if one != "RunSysPrepScript"])
@pytest.mark.docs
def test_any_step_can_fail(mb, dry_kit, name):
    mb.script(image="web").fails(name, message="it broke")
    arn = dry_kit.make()
    step = step_of(arn, name)
    assert step["status"] == "FAILED"
    if name == "TerminateBuildInstance":  # which goes on
        assert status(arn) == "AVAILABLE"
        assert run_of(arn)["totalStepsFailed"] == 1
        return
    state = failed(arn)
    assert state["failureContext"]["failedStep"] == name
    if name != "ApplyBuildComponents":
        assert state["reason"].endswith(f"failed with reason: it broke in workflow step {name}")
        assert "it broke" in step["outputs"]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LaunchBuildInstance", "when calling the RunInstances operation in workflow step"),
        ("RunSanitizeScript", "ExpectationNotMet. ssm:ListCommandInvocations returned terminal"),
    ],
)
def test_what_the_service_says_of_steps(mb, dry_kit, name, expected):
    mb.script(image="web").fails(name)
    assert expected in failed(dry_kit.make())["reason"]


@pytest.mark.docs
def test_a_step_that_takes_longer_than_it_may_times_out(clocked):
    clocked.script(image="web").takes(minutes=90, step="LaunchBuildInstance")
    arn = Kit().make()
    clocked.clock.tick(minutes=74)
    assert status(arn) == "BUILDING"
    clocked.clock.tick(minutes=2)
    state = failed(arn)
    expected = "Timed out after 4500 seconds in workflow step LaunchBuildInstance"
    assert state["reason"].endswith(expected)
    assert step_of(arn, "LaunchBuildInstance")["message"] == expected


@pytest.mark.docs
def test_a_step_that_would_fail_too_late_times_out(mb, dry_kit):
    mb.script(image="web").fails("RunSanitizeScript").takes(minutes=61, step="RunSanitizeScript")
    assert failed(dry_kit.make())["reason"].endswith(
        "Timed out after 3600 seconds in workflow step RunSanitizeScript"
    )


@pytest.mark.docs
def test_a_step_that_times_out_has_made_nothing(mb, dry_kit):
    mb.script(image="web").takes(minutes=721, step="CreateOutputAMI")
    arn = dry_kit.make()
    failed(arn)
    assert made(mb) == []
    assert look(arn)["outputResources"] == {"amis": []}


# Rolling back


@pytest.mark.docs
def test_a_rollback_goes_backwards(clocked):
    clocked.script(image="web").fails("CreateOutputAMI")
    arn = Kit().make()
    clocked.clock.tick(440)
    assert status(arn) == "BUILDING"
    done: list[str] = []
    for _ in range(40):
        clocked.clock.tick(0.5)
        done += [
            name
            for name in BUILD_STEPS
            if step_of(arn, name).get("rollbackStatus") == "COMPLETED" and name not in done
        ]
    assert done == ["InventoryCollection", "LaunchBuildInstance"]


@pytest.mark.docs
def test_what_can_be_undone_is_undone(mb, dry_kit):
    mb.script(image="web").fails("CreateOutputAMI")
    arn = dry_kit.make()
    rollbacks = {name: step_of(arn, name).get("rollbackStatus") for name in BUILD_STEPS}
    assert rollbacks == {
        "LaunchBuildInstance": "COMPLETED",
        "ApplyBuildComponents": "SKIPPED",
        "InventoryCollection": "COMPLETED",
        "RunSanitizeScript": "SKIPPED",
        "RunSysPrepScript": None,
        "CreateOutputAMI": "SKIPPED",
        "TerminateBuildInstance": None,
    }
    assert run_of(arn)["status"] == "ROLLBACK_COMPLETED"


@pytest.mark.docs
def test_a_rollback_takes_its_time(clocked):
    clocked.script(image="web").fails("LaunchBuildInstance")
    arn = Kit().make()
    seen = []
    for seconds in [0.4] * 20 + [10] * 14 + [1] * 15:
        clocked.clock.tick(seconds)
        listed = runs(arn)
        now = (status(arn), listed[0]["status"] if listed else None)
        if now not in seen:
            seen.append(now)
    assert seen == [
        ("PENDING", None),
        ("CREATING", None),
        ("BUILDING", None),
        ("BUILDING", "RUNNING"),
        ("BUILDING", "ROLLBACK_IN_PROGRESS"),
        ("FAILED", "ROLLBACK_COMPLETED"),
    ]


@pytest.mark.docs
def test_an_instance_is_kept_on_request(mb, dry_kit):
    dry_kit.infrastructure = infrastructure("kept", terminateInstanceOnFailure=False)
    mb.script(image="web").fails("ApplyBuildComponents")
    arn = dry_kit.make()
    assert step_of(arn, "LaunchBuildInstance")["rollbackStatus"] == "SKIPPED"
    run = run_of(arn)
    assert (run["status"], run["message"]) == ("FAILED", f"Document {COMPONENT} failed!")
