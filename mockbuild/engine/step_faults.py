"""How steps of workflows fail where a test author has said so."""

from typing import TYPE_CHECKING, Any, Final

from mockbuild.domain.image_arns import normal_name
from mockbuild.engine.step_actions import PHASES, Fault, Result, Task, run_command_id, summary_of
from mockbuild.engine.workflow_values import as_json

if TYPE_CHECKING:
    from mockbuild.engine.image_job import ComponentPlan
    from mockbuild.engine.image_scenario import StepFailure

#: What the service says of a command that has failed without AWSTOE saying how; as recorded.
_COMMAND_FAILED: Final = (
    "ExpectationNotMet. ssm:ListCommandInvocations returned terminal state Failed"
)
_LAUNCH_FAILED: Final = (
    "An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation"
)
#: What a failure context has room for.
_LONGEST: Final = 1024
#: Actions that are not commands run on an instance.
_WITHOUT_COMMAND: Final = frozenset({"ExecuteStateMachine", "LaunchInstance", "WaitForAction"})


def scripted_fault(task: Task, told: "StepFailure") -> Result:
    """Let a step fail as the test author has said."""
    if task.step.action == "ExecuteComponents":
        component = _component(task, told)
        if component is not None:
            return _component_fault(task, told, component)
    message = told.message or (
        _LAUNCH_FAILED if task.step.action == "LaunchInstance" else _COMMAND_FAILED
    )
    outputs: dict[str, Any] = {"status": "Failed", "errorMessage": message}
    if task.step.action not in _WITHOUT_COMMAND:
        outputs = {"runCommandId": run_command_id(task), **outputs}
    # Recorded: what went wrong is followed by where.
    fault = Fault(f"{message} in workflow step {task.step.name}")
    return Result(task.end, outputs, fault)


def _component(task: Task, told: "StepFailure") -> "ComponentPlan | None":
    """Return the component that fails: of those that may be meant, the first with such a step."""
    meant = [one for one in task.components if _is_meant(one, told.component)]
    fitting = (one for one in meant if _place(task, told, one) is not None)
    return next(fitting, next(iter(meant), None))


def _is_meant(component: "ComponentPlan", name: str) -> bool:
    own = component.arn.rpartition(":")[2].split("/")[1]
    return not name or component.arn.startswith(name) or own == normal_name(name)


def _place(task: Task, told: "StepFailure", component: "ComponentPlan") -> Any:
    """Return the first step of *component* that what was told may mean, if there is one."""
    return next(
        (
            step
            for phase in component.phases(PHASES[task.stage])
            for step in phase.steps
            if told.phase in ("", phase.name) and told.step in ("", step.name)
        ),
        None,
    )


def _component_fault(task: Task, told: "StepFailure", component: "ComponentPlan") -> Result:
    place = _place(task, told, component)
    phase = told.phase or (place.phase if place else component.phases(PHASES[task.stage])[0].name)
    step = told.step or (place.name if place else "")
    action = told.action or (place.action if place else "ExecuteBash")
    error = told.message or f"exit status {told.exit_code}"
    message = f"Document {component.arn} failed!"
    context = {
        "componentArn": component.arn,
        "phaseName": phase,
        "stepName": step,
        "action": action,
        "errorMessage": error[:_LONGEST],
    }
    outputs = {
        "runCommandId": run_command_id(task),
        "status": "Failed",
        "output": as_json(summary_of(task, "failed", message, 1)),
        "errorMessage": message,
    }
    name = component.document.name or component.arn
    lines = (
        *(f"CmdExecution: Stderr: {line}" for line in told.stderr.splitlines()),
        f"CmdExecution: ExitCode {told.exit_code}",
        f"Document: {name}",
        f"ComponentArn: {component.arn}",
        f"Phase: {phase}",
        f"Step: {step}",
        f"Action: {action}",
        f"ErrorMessage: {error}",
        *((f"Stderr: {told.stderr}",) if told.stderr else ()),
    )
    shown = {name: value for name, value in context.items() if value}
    return Result(task.end, outputs, Fault(message, {"componentFailure": shown}, lines))
