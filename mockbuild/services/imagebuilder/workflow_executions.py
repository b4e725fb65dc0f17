"""Runs of workflows, and of their steps.

GetWorkflowExecution, ListWorkflowExecutions, GetWorkflowStepExecution, ListWorkflowStepExecutions,
ListWaitingWorkflowSteps and SendWorkflowStepAction.
"""

from typing import Final

from mockbuild.domain.dates import iso_millis
from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import ExecutionView, StepView
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_order import Images
from mockbuild.services.imagebuilder.image_record import ImageResource
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.words import invalid, not_found
from mockbuild.services.operations import operation

#: How often a step is tried: no action has a setting for it.
_ATTEMPTS: Final = 1


@operation
def get_workflow_execution(here: ImageBuilder, *, workflow_execution_id: str) -> Record:
    """Return how far a run of a workflow is.

    :raises ResourceNotFoundException: there is none, or its image is deleted; both are guesses.
    """
    live, view = _execution(here, workflow_execution_id)
    return {**_run(view), "imageBuildVersionArn": str(live.job.arn)}


@operation
def list_workflow_executions(here: ImageBuilder, *, image_build_version_arn: str) -> Record:
    """List the runs of workflows for an image, in the order they were planned, as recorded.

    :raises ResourceNotFoundException: the caller has no such image, which is a guess.
    """
    image = own(here, "image", image_build_version_arn)
    listed: Record = {"imageBuildVersionArn": image_build_version_arn, "workflowExecutions": []}
    if not isinstance(image, ImageResource):
        return listed
    live = image.kept
    until = live.look(finely=True)
    views = live.executions(until).values()
    listed["workflowExecutions"] = [{**_run(one), "retried": one.retried} for one in views]
    seen = live.overview(until)
    return {**listed, "message": seen.reason[:500]} if seen.status == "FAILED" else listed


@operation
def get_workflow_step_execution(here: ImageBuilder, *, step_execution_id: str) -> Record:
    """Return how far a run of a step is.

    :raises ResourceNotFoundException: there is none, or its image is deleted; both are guesses.
    """
    live = _live(here, step_execution_id)
    found = [
        (view, step)
        for view in live.executions(live.look(finely=True)).values()
        for step in view.steps
        if step.step.step_id == step_execution_id
    ]
    if not found:
        raise not_found(step_execution_id)
    ((view, step),) = found
    return {
        **_step(live, step),
        "workflowBuildVersionArn": view.execution.arn,
        "workflowExecutionId": view.execution.execution_id,
        "imageBuildVersionArn": str(live.job.arn),
        "onFailure": step.step.on_failure,
        "timeoutSeconds": step.step.timeout_seconds,
    }


@operation
def list_workflow_step_executions(here: ImageBuilder, *, workflow_execution_id: str) -> Record:
    """List the steps of a run of a workflow, in the order of its document, as recorded.

    :raises ResourceNotFoundException: there is no such run, or its image is deleted; both are
        guesses.
    """
    live, view = _execution(here, workflow_execution_id)
    listed: Record = {
        "steps": [_step(live, one) for one in view.steps],
        "workflowBuildVersionArn": view.execution.arn,
        "workflowExecutionId": workflow_execution_id,
        "imageBuildVersionArn": str(live.job.arn),
    }
    return {**listed, "message": live.named(view.message)} if view.message else listed


@operation
def list_waiting_workflow_steps(here: ImageBuilder) -> Record:
    """List the steps that wait until somebody decides, of all images of the account.

    Those that have waited longest come first, which is a guess.
    """
    steps = [
        {
            "stepExecutionId": step.step.step_id,
            "imageBuildVersionArn": str(live.job.arn),
            "workflowExecutionId": view.execution.execution_id,
            "workflowBuildVersionArn": view.execution.arn,
            "name": step.step.name,
            "action": step.step.action,
            "startTime": iso_millis(step.started or 0.0),
        }
        for live in list(here.store(Images).running.values())
        for view, step in live.waiting(live.look(finely=True))
    ]
    return {"steps": sorted(steps, key=lambda step: step["startTime"])}


@operation
def send_workflow_step_action(
    here: ImageBuilder,
    *,
    step_execution_id: str,
    image_build_version_arn: str,
    action: str,
    reason: str = "",
) -> Record:
    """Let a step that waits go on, or stop it.

    Documented: the image has to be the step's, and the step must not have timed out or been told
    before. The texts are guesses, as is the code of the second.

    :raises ResourceNotFoundException: there is no such step.
    :raises InvalidParameterValueException: it is a step of another image, or does not wait.
    """
    live = here.store(Images).run_of(step_execution_id)
    if live is None:
        raise not_found(step_execution_id)
    if str(live.job.arn) != image_build_version_arn:
        raise invalid(
            "imageBuildVersionArn",
            f"The image doesn't run the workflow step '{step_execution_id}'.",
        )
    waiting = {step.step.step_id for _, step in live.waiting(live.until())}
    if step_execution_id not in waiting:
        raise invalid(
            "stepExecutionId",
            f"The workflow step '{step_execution_id}' is not waiting for an action.",
        )
    live.decide(step_execution_id, action, reason)
    return {
        "stepExecutionId": step_execution_id,
        "imageBuildVersionArn": image_build_version_arn,
    }


def _live(here: ImageBuilder, run_id: str) -> LiveImage:
    live = here.store(Images).run_of(run_id)
    if live is None:
        raise not_found(run_id)
    return live


def _execution(here: ImageBuilder, execution_id: str) -> tuple[LiveImage, ExecutionView]:
    """Look at the image that a workflow is run for, and return it and the run."""
    live = _live(here, execution_id)
    found = live.executions(live.look(finely=True)).get(execution_id)
    if found is None:
        raise not_found(execution_id)
    return live, found


def _run(view: ExecutionView) -> Record:
    run = {
        "workflowBuildVersionArn": view.execution.arn,
        "workflowExecutionId": view.execution.execution_id,
        "type": view.execution.type,
        "status": view.status,
        "message": view.message or None,
        "totalStepCount": len(view.steps),
        "totalStepsSucceeded": view.count("COMPLETED"),
        "totalStepsFailed": view.count("FAILED"),
        "totalStepsSkipped": view.count("SKIPPED"),
        "startTime": _time(view.started),
        "endTime": _time(view.ended),
        "parallelGroup": view.execution.parallel_group,
    }
    return _without_nothing(run)


def _step(live: LiveImage, view: StepView) -> Record:
    step = view.step
    shown = {
        "stepExecutionId": step.step_id,
        "name": step.name,
        "description": step.description[:500] or None,
        "action": step.action,
        "status": view.status,
        "rollbackStatus": view.rollback,
        "message": live.named(view.message) or None,
        "inputs": None if view.inputs is None else live.named(view.inputs),
        "outputs": None if view.outputs is None else live.named(view.outputs),
        "startTime": _time(view.started),
        "endTime": _time(view.ended),
        "attemptNumber": _ATTEMPTS,
        "maxAttempts": _ATTEMPTS,
    }
    return _without_nothing(shown)


def _time(at: float | None) -> str | None:
    return None if at is None else iso_millis(at)


def _without_nothing(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}
