"""``steps`` of a workflow document."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from mockbuild.documents.conditions import Condition, Grammar, read_condition
from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.inputs import Input, check_value
from mockbuild.documents.names import refuse_bad_name, refuse_twice
from mockbuild.documents.records import Record
from mockbuild.documents.workflow_actions import (
    AMI_DISTRIBUTION,
    CONTAINER_DISTRIBUTION,
    STEP_ACTIONS,
    StepAction,
)
from mockbuild.documents.workflow_references import is_path
from mockbuild.documents.yaml_text import Node, Scalar

#: What stands after the name of an input whose value is a reference.
CHAINED = ".$"

CONDITIONS = Grammar(
    MappingProxyType(
        dict.fromkeys(
            (
                "booleanEquals", "numberEquals", "numberGreaterThan", "numberGreaterThanEquals",
                "numberLessThan", "numberLessThanEquals", "stringEquals",
            ),
            "value",
        )
    )
)  # fmt: skip

_MAX_DESCRIPTION = 1024


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One step.

    :param name: its name.
    :param action: name of its action, one of ``STEP_ACTIONS``.
    :param description: what it does, or ``""``.
    :param inputs: names to values, as the document has them: a name with ``.$`` at its end has a
        reference for its value.
    :param on_failure: ``Abort`` stops and rolls back, ``Continue`` goes on.
    :param rollback_enabled: whether the step is undone when the workflow fails, or a reference
        to the answer.
    :param timeout_seconds: seconds the step may take.
    :param wait_seconds: seconds to wait.
    :param condition: when the step runs, or ``None`` for always.
    :param line: line of the step, counted from 1.
    :param column: column of the step, counted from 1.
    """

    name: str
    action: str
    description: str
    inputs: Mapping[str, Node]
    on_failure: Literal["Abort", "Continue"]
    rollback_enabled: bool | Scalar
    timeout_seconds: int
    wait_seconds: int
    condition: Condition | None
    line: int
    column: int


def read_steps(
    root: Record, workflow_type: str | None, problems: Problems
) -> tuple[WorkflowStep, ...]:
    """Read ``steps``.

    :param root: the document.
    :param workflow_type: the workflow's type as the API spells it; ``None`` when not known.
    :param problems: where findings go.
    """
    names: list[Scalar] = []
    actions: list[Scalar] = []
    steps = []
    for record in root.records("steps"):
        if problems.is_full("error"):
            break
        name = record.needed("name", "give the step a name")
        if name is not None:
            names.append(name)
            # The guide leaves out the hyphen, which the model's pattern for names of steps has.
            refuse_bad_name(name, "step", problems)
        action = record.needed("action", "name the step's action")
        if action is not None:
            actions.append(action)
        found = None if action is None else _find_action(action, workflow_type, problems)
        step = _read_step(record, name, action, found, problems)
        if step is not None:
            steps.append(step)
    if root.is_empty("steps"):
        root.missing("steps", "a workflow needs one step at least")
    refuse_twice(names, "step", problems)
    _refuse_both_distributions(actions, problems)
    return tuple(steps)


def _find_action(
    action: Scalar, workflow_type: str | None, problems: Problems
) -> StepAction | None:
    found = STEP_ACTIONS.get(action.text)
    if found is None:
        problems.error(
            action,
            f"{shown(action.text)} is not a step action{did_you_mean(action.text, STEP_ACTIONS)}",
        )
    elif workflow_type is not None and workflow_type not in found.types:
        problems.error(
            action,
            f"{action.text} is for workflows of type {' and '.join(found.types)}, "
            f"not {workflow_type}",
        )
    return found


def _refuse_both_distributions(actions: list[Scalar], problems: Problems) -> None:
    names = {action.text for action in actions}
    for action in actions:
        if action.text == CONTAINER_DISTRIBUTION and names.intersection(AMI_DISTRIBUTION):
            problems.error(
                action,
                f"{CONTAINER_DISTRIBUTION} does not go together with "
                f"{', '.join(AMI_DISTRIBUTION)}: a workflow distributes containers or AMIs",
            )


def _read_step(
    record: Record,
    name: Scalar | None,
    action: Scalar | None,
    found: StepAction | None,
    problems: Problems,
) -> WorkflowStep | None:
    description = record.text("description")
    if description and not 0 < len(description.text) <= _MAX_DESCRIPTION:
        problems.error(
            description,
            f"{record.path('description')} has to have 1 to {_MAX_DESCRIPTION} characters",
        )
    on_failure = record.choice("onFailure", ("Abort", "Continue"))
    rollback = _read_rollback(record)
    timeout, wait = _read_times(record, found, problems)
    condition = record.record("if")
    inputs = _read_inputs(record, found, problems)
    read_if = None if condition is None else read_condition(condition, CONDITIONS, problems)
    record.refuse_unknown()
    if name is None or action is None:
        return None
    return WorkflowStep(
        name=name.text,
        action=action.text,
        description=description.text if description else "",
        inputs=inputs,
        on_failure=cast("Literal['Abort', 'Continue']", on_failure or "Abort"),
        rollback_enabled=rollback,
        timeout_seconds=timeout,
        wait_seconds=wait,
        condition=read_if,
        line=record.at.line,
        column=record.at.column,
    )


def _read_rollback(record: Record) -> bool | Scalar:
    """Read ``rollbackEnabled``: the guide has a reference as its value, other keys add ``.$``."""
    chained = record.text("rollbackEnabled" + CHAINED)
    if chained is not None:
        return chained
    found = record.value("rollbackEnabled")
    if found is not None and isinstance(found[1], Scalar) and is_path(found[1].text):
        return found[1]
    return record.flag("rollbackEnabled", default=True)


def _read_times(record: Record, action: StepAction | None, problems: Problems) -> tuple[int, int]:
    default = action.default_timeout if action else 0
    timeout = record.integer("timeoutSeconds", lambda number: number > 0, "a number, 1 or more")
    wait = record.integer("waitSeconds", lambda number: number >= 0, "a number, 0 or more") or 0
    seconds = default if timeout is None else timeout
    if action and seconds > action.max_timeout:
        problems.error(
            record.place("timeoutSeconds"),
            f"{record.path('timeoutSeconds')} is {seconds}; this action takes "
            f"{action.max_timeout} at most",
        )
    elif action and wait >= seconds:
        problems.error(
            record.place("waitSeconds"),
            f"{record.path('waitSeconds')} has to be less than the timeout of {seconds} seconds",
        )
    return seconds, wait


def _read_inputs(step: Record, action: StepAction | None, problems: Problems) -> Mapping[str, Node]:
    record = step.record("inputs")
    if action is None:
        return MappingProxyType({})
    if record is None:
        if step.value("inputs") is None and any(one.required for one in action.inputs.values()):
            step.missing("inputs", "this action needs some")
        return MappingProxyType({})
    for name, wanted in action.inputs.items():
        _check_input(record, name, wanted, action, problems)
    record.refuse_unknown()
    return record.values()


def _check_input(
    record: Record, name: str, wanted: Input, action: StepAction, problems: Problems
) -> None:
    plain, chained = record.value(name), record.value(name + CHAINED)
    if plain is not None and chained is not None:
        problems.error(chained[0], f"{record.path(name)} is given with and without {CHAINED}")
    elif chained is not None:
        _check_chained(record, name, chained[1], action, problems)
    elif plain is not None:
        if name in action.refers_to_steps:
            problems.error(plain[0], f"write {record.path(name)}{CHAINED} with a reference")
        check_value(record, name, plain[1], wanted, problems)
    elif wanted.required:
        suffix = CHAINED if name in action.refers_to_steps else ""
        record.missing(name + suffix, "this action needs it")


def _check_chained(
    record: Record, name: str, node: Node, action: StepAction, problems: Problems
) -> None:
    text = record.text(name + CHAINED)
    if (
        text is not None
        and name in action.refers_to_steps
        and not text.text.startswith("$.stepOutputs.")
    ):
        problems.error(node, f"{record.path(name)}{CHAINED} has to be a reference to $.stepOutputs")
