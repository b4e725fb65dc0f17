"""Runs of workflows and of their steps, as the API shows them."""

import re

import pytest

from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    OTHER,
    RAW,
    answer,
    component,
    document,
    missing,
    refused,
)
from tests.imagebuilder.image_factory import (
    BUILD_STEPS,
    Kit,
    container_recipe,
    log,
    look,
    recipe,
    run_of,
    runs,
    statuses,
    step_of,
    steps,
)
from tests.imagebuilder.workflow_factory import (
    NO_RUN,
    NO_STEP,
    inputs,
    outputs,
)

# What shows


@pytest.mark.recorded
def test_a_run_of_a_workflow(kit):
    arn = kit.make()
    listed = answer(CLIENT.list_workflow_executions(imageBuildVersionArn=arn))
    assert listed["imageBuildVersionArn"] == arn
    assert set(listed) == {"workflowExecutions", "imageBuildVersionArn"}
    build, test = listed["workflowExecutions"]
    assert re.fullmatch(
        r"wf-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", build["workflowExecutionId"]
    )
    assert build["startTime"] < build["endTime"] < test["startTime"] < test["endTime"]
    shown = {
        "workflowBuildVersionArn": f"{AMAZON}:workflow/build/build-image/1.0.3/1",
        "workflowExecutionId": build["workflowExecutionId"],
        "type": "BUILD",
        "status": "COMPLETED",
        "totalStepCount": 7,
        "totalStepsSucceeded": 6,
        "totalStepsFailed": 0,
        "totalStepsSkipped": 1,
        "startTime": build["startTime"],
        "endTime": build["endTime"],
    }
    assert build == {**shown, "retried": False}
    got = CLIENT.get_workflow_execution(workflowExecutionId=build["workflowExecutionId"])
    assert answer(got) == {**shown, "imageBuildVersionArn": arn}
    assert (test["type"], test["totalStepCount"]) == ("TEST", 4)


@pytest.mark.recorded
def test_the_steps_of_a_run(kit):
    arn = kit.make()
    build = run_of(arn)
    listed = answer(
        CLIENT.list_workflow_step_executions(workflowExecutionId=build["workflowExecutionId"])
    )
    found = {step["name"]: step for step in listed.pop("steps")}
    assert listed == {
        "workflowBuildVersionArn": build["workflowBuildVersionArn"],
        "workflowExecutionId": build["workflowExecutionId"],
        "imageBuildVersionArn": arn,
    }
    assert tuple(found) == BUILD_STEPS
    assert [step["action"] for step in found.values()] == [
        "LaunchInstance", "ExecuteComponents", "CollectImageMetadata", "SanitizeInstance",
        "RunSysPrep", "CreateImage", "TerminateInstance",
    ]  # fmt: skip
    launch, skipped = found["LaunchBuildInstance"], found["RunSysPrepScript"]
    assert launch["inputs"] == '{"waitFor": "ssmAgent"}'
    assert re.fullmatch(r'\{"instanceId": "i-[0-9a-f]{17}"\}', launch["outputs"])
    assert (launch["attemptNumber"], launch["maxAttempts"]) == (1, 1)
    assert skipped["startTime"] == skipped["endTime"]
    expected = '{"instanceId.$": "$.stepOutputs.LaunchBuildInstance.instanceId"}'
    assert (skipped["status"], skipped["inputs"]) == ("SKIPPED", expected)
    assert "outputs" not in skipped
    instance = outputs(launch)["instanceId"]
    assert inputs(found["CreateOutputAMI"]) == {"instanceId": instance}
    assert inputs(found["TerminateBuildInstance"]) == {"instanceId": instance}
    assert "outputs" not in found["TerminateBuildInstance"]
    ami = look(arn)["outputResources"]["amis"][0]["image"]
    assert outputs(found["CreateOutputAMI"]) == {"imageId": ami}
    metadata = outputs(found["InventoryCollection"])
    assert metadata["osVersion"] == "Amazon Linux 2023"
    assert set(outputs(found["ApplyBuildComponents"])) == {"runCommandId", "status", "output"}
    assert outputs(found["RunSanitizeScript"])["status"] == "Success"


@pytest.mark.recorded
def test_one_step(kit):
    arn = kit.make()
    listed = step_of(arn, "LaunchBuildInstance")
    got = answer(CLIENT.get_workflow_step_execution(stepExecutionId=listed["stepExecutionId"]))
    build = run_of(arn)
    assert got == {
        **listed,
        "workflowBuildVersionArn": build["workflowBuildVersionArn"],
        "workflowExecutionId": build["workflowExecutionId"],
        "imageBuildVersionArn": arn,
        "onFailure": "Abort",
        "timeoutSeconds": 4500,
    }
    last = step_of(arn, "TerminateBuildInstance")["stepExecutionId"]
    assert CLIENT.get_workflow_step_execution(stepExecutionId=last)["onFailure"] == "Continue"


@pytest.mark.recorded
def test_steps_without_components_are_skipped(kit):
    kit.recipe = recipe("bare", components=None)
    arn = kit.make()
    assert statuses(arn)["ApplyBuildComponents"] == "SKIPPED"
    assert run_of(arn)["totalStepsSkipped"] == 2
    assert statuses(arn, "TEST") == {
        "LaunchTestInstance": "COMPLETED",
        "ApplyTestComponents": "SKIPPED",
        "CollectImageScanFindings": "SKIPPED",
        "TerminateTestInstance": "COMPLETED",
    }


@pytest.mark.docs
def test_windows_images_are_prepared_in_another_way(kit):
    parent = f"{AMAZON}:image/windows-server-2022-english-full-base-x86/x.x.x"
    kit.recipe = recipe("win", parentImage=parent, components=None)
    found = statuses(kit.make())
    assert (found["RunSanitizeScript"], found["RunSysPrepScript"]) == ("SKIPPED", "COMPLETED")


@pytest.mark.docs
def test_a_container_has_workflows_of_its_own(kit):
    arn = kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    names = [run["workflowBuildVersionArn"].rsplit("/")[-3] for run in runs(arn)]
    assert names == ["build-container", "test-container", "distribute-container"]
    instance = outputs(step_of(arn, "LaunchBuildInstance"))["instanceId"]
    assert inputs(step_of(arn, "DistributeOutputContainer")) == {"instanceId": instance}
    assert outputs(step_of(arn, "DistributeOutputContainer")) == {
        "status": "Success",
        "succeededRegions": ["us-east-1"],
        "failedRegions": [],
    }


@pytest.mark.docs
def test_steps_run_one_after_another(clocked):
    arn = Kit().make()
    rank = {"PENDING": 0, "RUNNING": 1, "SKIPPED": 2, "COMPLETED": 2}
    before = [0] * 7
    for _ in range(120):
        clocked.clock.tick(5)
        listed = runs(arn)
        if not listed:
            continue
        now = [rank[step["status"]] for step in steps(listed[0])]
        assert all(one <= two for one, two in zip(before, now, strict=True))
        assert sorted(now, reverse=True) == now
        assert now.count(1) <= 1
        before = now
    assert before == [2] * 7


@pytest.mark.inferred
def test_workflows_of_a_stage_are_there_when_it_begins(clocked):
    arn = Kit().make()
    clocked.clock.tick(60)
    assert [run["type"] for run in runs(arn)] == ["BUILD"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    "ask",
    [
        lambda: CLIENT.get_workflow_execution(workflowExecutionId=NO_RUN),
        lambda: CLIENT.list_workflow_step_executions(workflowExecutionId=NO_RUN),
        lambda: CLIENT.get_workflow_step_execution(stepExecutionId=NO_STEP),
        lambda: CLIENT.list_workflow_executions(imageBuildVersionArn=f"{ARN}:image/web/1.0.0/1"),
    ],
    ids=["run", "steps", "step", "image"],
)
def test_what_is_not_there(mb, ask):
    with missing():
        ask()


@pytest.mark.inferred
def test_runs_of_a_deleted_image_are_gone_and_others_do_not_see_any(kit):
    arn = kit.make()
    found = run_of(arn)["workflowExecutionId"]
    step = step_of(arn, "CreateOutputAMI")["stepExecutionId"]
    with missing():
        OTHER.get_workflow_execution(workflowExecutionId=found)
    CLIENT.delete_image(imageBuildVersionArn=arn)
    with missing():
        CLIENT.get_workflow_execution(workflowExecutionId=found)
    with missing():
        CLIENT.get_workflow_step_execution(stepExecutionId=step)


@pytest.mark.model
def test_ids_have_a_form(mb):
    with refused(parameter="workflowExecutionId"):
        RAW.get_workflow_execution(workflowExecutionId="wf-1")
    with refused(parameter="stepExecutionId"):
        RAW.get_workflow_step_execution(stepExecutionId=NO_RUN)
    with refused(parameter="imageBuildVersionArn"):
        RAW.list_workflow_executions(imageBuildVersionArn=f"{ARN}:image/web/1.0.0")


@pytest.mark.model
def test_pages_of_steps(kit):
    build = run_of(kit.make())["workflowExecutionId"]
    pages = CLIENT.get_paginator("list_workflow_step_executions").paginate(
        workflowExecutionId=build, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["steps"]) for page in pages] == [3, 3, 1]


# The log


@pytest.mark.recorded
def test_the_log_of_a_build(mb, kit):
    arn = kit.make()
    lines = log(mb)
    build = f"{AMAZON}:workflow/build/build-image/1.0.3/1"
    instance = outputs(step_of(arn, "LaunchBuildInstance"))["instanceId"]
    assert lines[0] == f"Image transitioned to CREATING state for Image ARN: {arn}"
    assert lines[1] == f"Image transitioned to BUILDING state for Image ARN: {arn}"
    assert lines[2].startswith("Resolved Image Recipe parent image ")
    assert lines[3:10] == [
        f"Started BUILD workflow {build}",
        f"Total 7 steps to run for workflow {build}",
        "No 'if' conditions to evaluate for step: LaunchBuildInstance",
        "Started step LaunchBuildInstance with action LaunchInstance",
        "Launching instance",
        f"Launched instance (instance id: {instance})",
        f"Waiting for instance availability (id: {instance}, expected state: ['passed']). "
        "Attempt number: 1.",
    ]
    states = [line.split()[3] for line in lines if line.startswith("Image transitioned to ")]
    assert states == [
        "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE",
    ]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(
    ("members", "group"),
    [
        ({}, "/aws/imagebuilder/web"),
        ({"loggingConfiguration": {"logGroupName": "/aws/imagebuilder/x"}}, "/aws/imagebuilder/x"),
    ],
)
def test_where_the_log_goes(mb, kit, members, group):
    kit.make(**members)
    assert list(mb.logs) == [group]
    assert list(mb.logs[group]) == ["1.0.0/1"]


@pytest.mark.docs
def test_a_log_grows_with_time(clocked):
    Kit().make()
    clocked.clock.tick(10)
    early = log(clocked)
    clocked.clock.tick(minutes=5)
    later = log(clocked)
    assert later[: len(early)] == early
    assert len(later) > len(early)
    assert not any("AVAILABLE" in line for line in later)


@pytest.mark.docs
def test_components_are_in_the_log(mb):
    kit = Kit()
    own = component("tool", data=document())
    kit.recipe = recipe("app", components=[{"componentArn": own}])
    look(kit.make())
    lines = log(mb, "/aws/imagebuilder/app")
    place = lines.index(f"Document {own}")
    assert lines[place + 1 : place + 3] == ["Phase build", "Step hello"]
