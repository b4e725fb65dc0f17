"""Executions of lifecycle actions, of policies and of changes of an image's state.

GetLifecycleExecution, ListLifecycleExecutions, ListLifecycleExecutionResources and
CancelLifecycleExecution.
"""

from collections.abc import Collection, Sequence
from typing import Final

from mockbuild.domain.image_arns import ArnError, ImageBuilderArn
from mockbuild.domain.views import Mapped, NewestFirst
from mockbuild.engine.lifecycle_run import Finding, LifecycleRun, Part, Shown, Task
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import lifecycle_runs
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.lifecycle_runs import Executions
from mockbuild.services.imagebuilder.words import invalid, not_found
from mockbuild.services.operations import operation

#: What is told of a resource that an execution is at.
_AT_IT: Final = Finding("IN_PROGRESS")


@operation
def get_lifecycle_execution(here: ImageBuilder, *, lifecycle_execution_id: str) -> Record:
    """Return an execution.

    :raises ResourceNotFoundException: there is none.
    """
    return {"lifecycleExecution": _record(here, _run(here, lifecycle_execution_id))}


@operation
def list_lifecycle_executions(here: ImageBuilder, *, resource_arn: str) -> Record:
    """List the executions of a policy, or those that changes of an image's state have started.

    That the newest comes first, and that something that is not there has none, are guesses.

    :param resource_arn: of the policy, or of a build of an image.
    :raises InvalidParameterValueException: it is the ARN of something else; the text is a guess.
    """
    if not _can_have_executions(resource_arn):
        raise invalid(
            "resourceArn",
            "You must specify the ARN of a lifecycle policy or of an image build version.",
        )
    runs = here.store(Executions).of.get(resource_arn, {})
    found = Mapped(NewestFirst(runs), lambda run: _record(here, run), lambda run: run.run_id)
    return {"lifecycleExecutions": found}


def _can_have_executions(arn: str) -> bool:
    try:
        name = ImageBuilderArn.parse(arn)
    except ArnError:
        return False
    return name.kind == lifecycle_runs.POLICY or (name.kind == "image" and "/" in name.version)


@operation
def list_lifecycle_execution_resources(
    here: ImageBuilder, *, lifecycle_execution_id: str, parent_resource_id: str | None = None
) -> Record:
    """List the images that an execution acts on, or what it acts on of one image.

    Images come in the order in which it gets to them.

    :param parent_resource_id: the image's ARN; one that the execution does not act on has nothing
        (documented).
    :raises ResourceNotFoundException: there is no such execution.
    """
    shown = lifecycle_runs.look(here, _run(here, lifecycle_execution_id))
    if parent_resource_id is None:
        found: Collection[Record] = Mapped(
            shown.tasks, lambda task: _image(task, shown.until), lambda task: task.plan.image
        )
    else:
        found = _parts(shown, parent_resource_id)
    return {
        "lifecycleExecutionId": lifecycle_execution_id,
        "lifecycleExecutionState": _state(Finding(shown.status, shown.reason)),
        "resources": found,
    }


@operation
def cancel_lifecycle_execution(
    here: ImageBuilder,
    *,
    lifecycle_execution_id: str,
) -> Record:
    """Cancel an execution that is not over. What it is at is finished first, and stays.

    :raises ResourceNotFoundException: there is none.
    :raises InvalidParameterValueException: it is over; code and text are guesses.
    """
    run = _run(here, lifecycle_execution_id)
    shown = run.shown(here.pace.until(run))
    if shown.ended is not None:
        raise invalid(
            "lifecycleExecutionId",
            f"A lifecycle execution in state {shown.status} cannot be canceled.",
        )
    lifecycle_runs.cancel(here, run)
    return {"lifecycleExecutionId": lifecycle_execution_id}


def _run(here: ImageBuilder, run_id: str) -> LifecycleRun:
    found = here.store(Executions).by_id.get(run_id)
    if found is None:
        raise not_found(run_id)
    return found


def _record(here: ImageBuilder, run: LifecycleRun) -> Record:
    """Look at an execution, and return what is shown of it."""
    shown = lifecycle_runs.look(here, run)
    record: Record = {
        "lifecycleExecutionId": run.run_id,
        "resourcesImpactedSummary": {"hasImpactedResources": run.finds_any},
        "state": _state(Finding(shown.status, shown.reason)),
        "startTime": run.started,
    }
    policy = here.store(Executions).policies.get(run.run_id)
    if policy is not None:
        record["lifecyclePolicyArn"] = policy
    if shown.ended is not None:
        record["endTime"] = shown.ended
    return record


def _state(finding: Finding) -> Record:
    status, reason = finding
    return {"status": status, "reason": reason} if reason else {"status": status}


def _image(task: Task, until: float) -> Record:
    """Return what a list has of an image."""
    arn = ImageBuilderArn.parse(task.plan.image)
    is_over = task.outcome is not None and task.ends <= until
    finding = task.outcome.finding if task.outcome is not None and is_over else _AT_IT
    return {
        "accountId": arn.owner,
        "resourceId": task.plan.image,
        "region": arn.region,
        "action": {"name": task.plan.action, "reason": task.plan.reason},
        "state": _state(finding),
        **_times(task, until),
    }


def _times(task: Task, until: float) -> Record:
    times = {"startTime": task.starts}
    return {**times, "endTime": task.ends} if task.ends <= until else times


def _parts(shown: Shown, image: str) -> Sequence[Record]:
    """Return what a list has of an image's AMIs, or container images, as soon as that is known."""
    task = next((one for one in shown.tasks if one.plan.image == image), None)
    if task is None:
        return []
    parts = task.plan.prepared
    if task.outcome is not None and task.ends <= shown.until:
        parts = task.outcome.parts or parts
    action = {"name": task.plan.action, "reason": task.plan.reason}
    return [{**_part(one), "action": action, **_times(task, shown.until)} for one in parts]


def _part(part: Part) -> Record:
    record: Record = {
        "accountId": part.account_id,
        "resourceId": part.resource_id,
        "region": part.region,
        "state": _state(part.finding),
    }
    if part.snapshots:
        record["snapshots"] = [
            {"snapshotId": one, "state": _state(finding)} for one, finding in part.snapshots
        ]
    if part.uris:
        record["imageUris"] = list(part.uris)
    return record
