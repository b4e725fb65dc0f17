"""One run of a workflow: its steps in order, what each takes and gives, how it ends."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mockbuild.engine.image_events import (
    WAIT,
    Execution,
    HandedOn,
    Planned,
    RolledBack,
    Step,
    StepMoved,
    WorkflowMoved,
)
from mockbuild.engine.image_making import TICK, Failed
from mockbuild.engine.image_outputs import Message
from mockbuild.engine.step_actions import Fault, Result, Task, carry_out, usual_seconds
from mockbuild.engine.step_faults import scripted_fault
from mockbuild.engine.workflow_values import (
    Values,
    as_json,
    parameter_values,
    variables,
    written,
)

if TYPE_CHECKING:
    from mockbuild.documents.workflow_steps import WorkflowStep
    from mockbuild.engine.image_job import WorkflowPlan
    from mockbuild.engine.image_run import ImageRun

#: From the start of a workflow to its first step, between steps, and from the last one to its end,
#: in seconds; as recorded.
FIRST_STEP_SECONDS: Final = 0.829
BETWEEN_STEPS_SECONDS: Final = 0.444
LAST_STEP_SECONDS: Final = 0.026
#: How long rolling a step back takes: a guess.
ROLLBACK_SECONDS: Final = 4.2
#: Actions that can be undone (documented).
_UNDOES: Final = frozenset({"LaunchInstance", "CollectImageMetadata"})
#: The longest message that the API shows.
_MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class _Ran:
    """A step that has run, as far as undoing it goes."""

    document: "WorkflowStep"
    step: Step


class WorkflowRun:
    """One run of a workflow.

    :param run: the making of the image that it is part of.
    :param plan: the workflow.
    :param number: which of the image's runs of workflows it is.
    """

    def __init__(self, run: "ImageRun", plan: "WorkflowPlan", number: int) -> None:
        self._run = run
        self.plan = plan
        self._document = plan.document
        scope = f"{run.attempt.number}/{number}"
        steps = tuple(
            Step(
                run.names.of(f"step/{scope}/{one.name}", "step-"),
                one.name,
                one.action,
                one.description,
                one.on_failure,
                one.timeout_seconds,
            )
            for one in self._document.steps
        )
        execution_id = run.names.of(f"wf/{scope}", "wf-")
        self.execution = Execution(execution_id, plan.arn, plan.type, plan.parallel_group, steps)
        self._outputs: dict[str, Any] = {}
        self._ran: list[_Ran] = []
        self._values: Values

    def announce(self, at: float) -> None:
        """Let it be known that it is going to run."""
        self._run.emit(Planned(at, self.execution))

    def skip(self, at: float) -> None:
        """Let it be known that it is not going to run after all."""
        self._move(at, "SKIPPED")

    def go(self, at: float) -> float:
        """Run it from *at* on, and return when it is over.

        :raises Failed: a step fails that the workflow cannot do without.
        """
        run, arn = self._run, self.plan.arn
        self._values = Values(
            parameters=parameter_values(self._document.parameters, self.plan.parameters),
            imagebuilder=variables(run.job, self.plan.type, at),
            workflowOutputs=dict(run.carried.outputs),
            stepOutputs=self._outputs,
        )
        self._move(at, "RUNNING")
        run.say(at, f"Started {self.plan.type} workflow {arn}")
        count = len(self.execution.steps)
        run.say(at + 0.687, f"Total {count} steps to run for workflow {arn}")
        at += FIRST_STEP_SECONDS - BETWEEN_STEPS_SECONDS
        for document, step in zip(self._document.steps, self.execution.steps, strict=True):
            at, fault = self._step(at + BETWEEN_STEPS_SECONDS, document, step)
            if fault is not None and document.on_failure == "Abort":
                raise self._failed(self._roll_back(at, fault), step, fault)
        at += LAST_STEP_SECONDS
        self._hand_on(at)
        self._move(at, "COMPLETED")
        return at

    def _hand_on(self, at: float) -> None:
        outputs = {
            one.name.text: self._values.text(one.value, chained=True)
            for one in self._document.outputs
        }
        if outputs:
            self._run.carried.outputs.update(outputs)
            self._run.emit(HandedOn(at, outputs))

    # Steps

    def _step(self, at: float, document: "WorkflowStep", step: Step) -> tuple[float, Fault | None]:
        """Run one step; return when it is over, and what went wrong."""
        run = self._run
        self._outputs[step.name] = {}
        if document.condition is None:
            run.say(at, f"No 'if' conditions to evaluate for step: {step.name}")
        elif not self._values.holds(document.condition):
            run.say(at, f"Skipped step {step.name}: its 'if' condition is not met")
            return self._skip_step(at, document, step), None
        inputs = self._values.inputs(document)
        execution_id = self.execution.execution_id
        task = Task(
            run, self.plan.type, execution_id, step, inputs, at, usual_seconds(step, inputs)
        )
        if task.has_nothing_to_do and step.name not in run.scenario.failures:
            run.say(at, f"Skipped step {step.name}: there are no components to run")
            return self._skip_step(at, document, step), None
        self._ran.append(_Ran(document, step))
        run.emit(StepMoved(at, step.step_id, "RUNNING", as_json(inputs)))
        run.say(at, f"Started step {step.name} with action {step.action}")
        result = self._act(task, document.wait_seconds)
        return result.end, self._finish(step, result)

    def _skip_step(self, at: float, document: "WorkflowStep", step: Step) -> float:
        """Skip a step; recorded: its inputs are shown as the document has them."""
        self._run.emit(StepMoved(at, step.step_id, "SKIPPED", as_json(written(document))))
        return at

    def _finish(self, step: Step, result: Result) -> Fault | None:
        run, at, fault = self._run, result.end, result.fault
        outputs = dict(result.outputs)
        if fault is None:
            outputs.update(run.scenario.outputs.get(step.name, {}))
        self._outputs[step.name] = outputs
        shown = as_json(outputs) if outputs else None
        if fault is None:
            run.emit(StepMoved(at, step.step_id, "COMPLETED", None, shown))
            run.say(at, f"Completed step {step.name} with action {step.action}")
        else:
            message = fault.message[:_MESSAGE]
            run.emit(StepMoved(at, step.step_id, "FAILED", None, shown, message))
            run.say(at, *fault.lines, f"Step {step.name} failed: {fault.message}")
        return fault

    def _act(self, task: Task, pause: float) -> Result:
        """Do what a step does, as long as it has time for it."""
        run, step = self._run, task.step
        deadline = task.at + step.timeout_seconds
        told = run.scenario.failures.get(step.name)
        if step.name in run.scenario.hangs:
            run.stand(task.at, deadline)
            return _timed_out(step, deadline)
        if step.action == WAIT and told is None:
            return self._wait(task, deadline)
        begun = task.begin(pause, run.scenario.seconds.get(step.name))
        if begun.end > deadline:
            return _timed_out(step, deadline)
        if told is not None:
            return scripted_fault(begun, told)
        mark = len(run.events)
        result = carry_out(begun)
        if result.end > deadline:
            run.forget(mark, deadline)
            return _timed_out(step, deadline)
        return result

    def _wait(self, task: Task, deadline: float) -> Result:
        """Wait until somebody decides, or has not done so in time."""
        run, step = self._run, task.step
        refusal = self._notify(task)
        if refusal:
            return Result(task.at + TICK, {"errorMessage": refusal}, Fault(refusal))
        decision = run.interference.decisions.get(step.step_id)
        if decision is None:
            run.stand(task.at, deadline)
            return _timed_out(step, deadline)
        outputs = {"action": decision.action, "reason": decision.reason}
        outputs = {name: text for name, text in outputs.items() if text}
        if decision.action == "RESUME":
            return Result(decision.at, outputs)
        # Documented: the reason of whoever stops is in the image's; the rest is a guess.
        message = decision.reason or f"Stopped in workflow step {step.name}"
        return Result(decision.at, outputs, Fault(message))

    def _notify(self, task: Task) -> str:
        """Tell a topic of a step that waits, and return what stands against it.

        Recorded: the members, and that the payload comes as ``customPayload``.
        """
        topic = task.inputs.get("snsTopicArn")
        if not topic:
            return ""
        text = {
            "imageArn": str(self._run.job.arn),
            "workflowStepExecutionId": task.step.step_id,
        }
        if task.inputs.get("payload"):
            text["customPayload"] = task.inputs["payload"]
        key = f"waiting/{task.step.step_id}"
        return self._run.make(task.at, key, Message(str(topic), as_json(text)))

    # Failing

    def _roll_back(self, at: float, fault: Fault) -> float:
        """Undo what can be undone, from the step that failed backwards; return the end of it.

        What has no undoing is SKIPPED, the API's nearest to the guide's NO_ROLLBACK: a guess.
        """
        run = self._run
        at += LAST_STEP_SECONDS
        undoes = any(self._can_undo(one.document) for one in self._ran)
        self._move(at, "ROLLBACK_IN_PROGRESS" if undoes else "FAILED", fault.message)
        for one in reversed(self._ran):
            if not self._can_undo(one.document):
                run.emit(RolledBack(at, one.step.step_id, "SKIPPED"))
                continue
            run.emit(RolledBack(at + BETWEEN_STEPS_SECONDS, one.step.step_id, "RUNNING"))
            at += BETWEEN_STEPS_SECONDS + ROLLBACK_SECONDS
            run.emit(RolledBack(at, one.step.step_id, "COMPLETED"))
        if undoes:
            at += LAST_STEP_SECONDS
            self._move(at, "ROLLBACK_COMPLETED")
        return at

    def _can_undo(self, document: "WorkflowStep") -> bool:
        if document.action not in _UNDOES or not self._values.flag(document.rollback_enabled):
            return False
        return document.action != "LaunchInstance" or not self._run.job.keeps_failed_instances

    def _failed(self, at: float, step: Step, fault: Fault) -> Failed:
        """Return what the failure of this workflow means for the image.

        The form of the reason is recorded.
        """
        execution_id = self.execution.execution_id
        context = {
            "workflowExecutionId": execution_id,
            "workflowArn": self.plan.arn,
            "stepExecutionId": step.step_id,
            "failedStep": step.name,
            **fault.context,
        }
        reason = f"Workflow Execution ID: '{execution_id}' failed with reason: {fault.message}"
        return Failed(at, reason, context)

    def _move(self, at: float, status: str, message: str = "") -> None:
        moved = WorkflowMoved(at, self.execution.execution_id, status, message[:_MESSAGE])
        self._run.emit(moved)


def _timed_out(step: Step, at: float) -> Result:
    """Return what becomes of a step that has run out of time; the text is a guess."""
    message = f"Timed out after {step.timeout_seconds} seconds in workflow step {step.name}"
    return Result(at, {"errorMessage": message}, Fault(message))
