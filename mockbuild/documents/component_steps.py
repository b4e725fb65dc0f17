"""``phases`` and ``steps`` of a component document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from mockbuild.documents.component_actions import ACTION_MODULES, ActionModule
from mockbuild.documents.component_inputs import CONDITIONS, read_inputs
from mockbuild.documents.component_loops import Loop, read_loop
from mockbuild.documents.conditions import Condition, If, read_if
from mockbuild.documents.errors import Placed, Problem, Problems, Severity, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.names import refuse_bad_name, refuse_twice
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import Node, Scalar

#: Of these a document needs one at least.
STAGE_PHASES = ("build", "validate", "test")

DEFAULT_TIMEOUT = 7200
NO_TIMEOUT = -1

OnFailure = Literal["Abort", "Continue", "Ignore"]

_CHARACTERS = re.compile(r"[0-9A-Za-z_-]*")
#: Recorded for a step; that a phase is told the same is a guess.
_ALLOWED = (
    "Allowed characters are combinations of numbers [0-9], english letters [a-z,A-Z] and special "
    "characters [-_]."
)


class StepProblems(Problems):
    """What is found in one step of a component.

    The service puts the names of step and phase in front. That was recorded for a step without
    inputs; for all that is wrong within a step it is a guess.

    :param outer: where findings go.
    :param phase: the phase's name.
    :param step: the step's name.
    """

    def __init__(self, outer: Problems, phase: str, step: str) -> None:
        self._outer = outer
        self._prefix = f"Parsing step '{step}' in phase '{phase}' failed.\nError: "

    def is_full(self, severity: Severity) -> bool:
        """Whether there are so many of `severity` that no more are kept."""
        return self._outer.is_full(severity)

    def error(self, at: Placed, message: str, aws_message: str = "") -> None:
        """Note something that makes the document unusable."""
        self._outer.error(at, message, f"{self._prefix}{aws_message or message}")

    def warning(self, at: Placed, message: str) -> None:
        """Note something that the service lets pass."""
        self._outer.warning(at, message)

    def in_order(self) -> tuple[Problem, ...]:
        """All that was found in the whole document."""
        return self._outer.in_order()


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    :param name: its name.
    :param phase: name of its phase.
    :param action: name of its action module, one of ``ACTION_MODULES``.
    :param inputs: what the module is given, one mapping of names to values after the other; one
        mapping alone unless the document has a list. Every value keeps its text and may hold
        references.
    :param assertion: the condition of an ``Assert``, which has no other inputs, or ``None``.
    :param timeout_seconds: seconds that one attempt may take; -1 for no limit.
    :param on_failure: ``Abort`` stops, ``Continue`` goes on but the document fails, ``Ignore``
        goes on.
    :param max_attempts: how many times the step, its whole loop included, is tried.
    :param loop: what the step is repeated for, or ``None``.
    :param condition: when the step runs, or ``None`` for always.
    :param disable_logging: whether the step, its phase or the document keeps output from the log.
    :param line: line of the step, counted from 1.
    :param column: column of the step, counted from 1.
    """

    name: str
    phase: str
    action: str
    inputs: tuple[Mapping[str, Node], ...]
    assertion: Condition | None
    timeout_seconds: int
    on_failure: OnFailure
    max_attempts: int
    loop: Loop | None
    condition: If | None
    disable_logging: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase.

    :param name: its name.
    :param steps: its steps, in the order they run.
    :param line: line of the phase, counted from 1.
    :param column: column of the phase, counted from 1.
    """

    name: str
    steps: tuple[Step, ...]
    line: int
    column: int


def read_phases(root: Record, platform: str | None, problems: Problems) -> tuple[Phase, ...]:
    """Read ``phases``, and the document's ``disableLogging``.

    :param root: the document.
    :param platform: the component's platform as the API spells it; ``None`` when not known.
    :param problems: where findings go.
    """
    is_silent = root.flag("disableLogging")
    names: list[Scalar] = []
    phases = []
    for record in root.records("phases"):
        if problems.is_full("error"):
            break
        name = record.needed("name", "give the phase a name")
        if name is not None:
            _check_name(name, "phase", f"Invalid phase name '{name.text}'.", problems)
            names.append(name)
        steps = _read_steps(record, name.text if name else "", platform, problems)
        if record.flag("disableLogging") or is_silent:
            steps = tuple(replace(step, disable_logging=True) for step in steps)
        record.refuse_unknown()
        if name is not None:
            phases.append(Phase(name.text, steps, record.at.line, record.at.column))
    refuse_twice(names, "phase", problems)
    if root.is_empty("phases"):
        problems.error(
            root.place("phases"),
            "there are no phases; add one that is called build, validate or test",
            # What AWSTOE's validate command says.
            "Document has 0 phases. Phases list must not be empty.",
        )
    elif names and not any(name.text in STAGE_PHASES for name in names):
        problems.error(names[0], f"one phase at least has to be called {one_of(STAGE_PHASES)}")
    return tuple(phases)


def _check_name(name: Scalar, what: str, aws_message: str, problems: Problems) -> None:
    has_wrong_characters = not _CHARACTERS.fullmatch(name.text)
    refuse_bad_name(
        name, what, problems, f"{aws_message} {_ALLOWED}" if has_wrong_characters else ""
    )


def _read_steps(
    phase: Record,
    phase_name: str,
    platform: str | None,
    problems: Problems,
) -> tuple[Step, ...]:
    names: list[Scalar] = []
    loops: list[Scalar] = []
    steps = []
    for record in phase.records("steps"):
        if problems.is_full("error"):
            break
        name = record.needed("name", "give the step a name")
        if name is None:
            continue
        names.append(name)
        _check_name(
            name, "step", f"Invalid step name '{name.text}' in phase '{phase_name}'.", problems
        )
        step = _read_step(record, name.text, phase_name, platform, problems)
        steps.append(step)
        if step.loop is not None and step.loop.name is not None:
            loops.append(step.loop.name)
    if phase.is_empty("steps"):
        problems.error(
            phase.at,
            f"{phase.name} has no steps; add one, or remove the phase",
            # After the sentence for no phases.
            f"Phase '{phase_name}' has 0 steps. Steps list must not be empty.",
        )
    refuse_twice(names, "step", problems)
    refuse_twice(loops, "loop", problems)
    return tuple(steps)


def _read_step(
    record: Record,
    name: str,
    phase: str,
    platform: str | None,
    outer: Problems,
) -> Step:
    problems = StepProblems(outer, phase, name)
    record = record.with_problems(problems)
    record.entry("name")
    action = record.needed("action", "name the action module to run")
    module = None if action is None else _find_module(action, platform, problems)
    inputs, assertion = read_inputs(record, action, module, platform, problems)
    step = Step(
        name=name,
        phase=phase,
        action=action.text if action else "",
        inputs=inputs,
        assertion=assertion,
        timeout_seconds=_read_timeout(record, action, module, problems),
        on_failure=cast(
            "OnFailure", record.choice("onFailure", ("Abort", "Continue", "Ignore")) or "Abort"
        ),
        max_attempts=_read_attempts(record, action, module, problems),
        loop=read_loop(record, problems),
        condition=read_if(record, CONDITIONS, problems),
        disable_logging=record.flag("disableLogging"),
        line=record.at.line,
        column=record.at.column,
    )
    record.refuse_unknown()
    return step


def _find_module(action: Scalar, platform: str | None, problems: Problems) -> ActionModule | None:
    module = ACTION_MODULES.get(action.text)
    if module is None:
        problems.error(
            action,
            f"{shown(action.text)} is not an action module"
            f"{did_you_mean(action.text, ACTION_MODULES)}",
        )
    elif platform is not None and platform not in module.platforms:
        # AWSTOE's validate command checks a document against one platform's modules; that
        # CreateComponent does so too is a guess.
        problems.error(
            action,
            f"{action.text} does not run on {platform}, only on {' and '.join(module.platforms)}",
        )
    return module


def _read_timeout(
    record: Record, action: Scalar | None, module: ActionModule | None, problems: Problems
) -> int:
    seconds = record.integer(
        "timeoutSeconds",
        lambda number: number == NO_TIMEOUT or number > 0,
        "a number of seconds above 0, or -1 for no limit",
    )
    if module is None or module.is_timed:
        return DEFAULT_TIMEOUT if seconds is None else seconds
    found = record.value("timeoutSeconds")
    if action and found and seconds not in (None, NO_TIMEOUT):
        if module.is_retried:
            problems.warning(found[0], f"{action.text} has no time limit; this is ignored")
        else:
            problems.error(found[0], f"{action.text} takes no timeoutSeconds; remove it")
    return NO_TIMEOUT


def _read_attempts(
    record: Record, action: Scalar | None, module: ActionModule | None, problems: Problems
) -> int:
    attempts = record.integer("maxAttempts", lambda number: number > 0, "a number, 1 or more") or 1
    found = record.value("maxAttempts")
    if action and found and module and not module.is_retried and attempts != 1:
        problems.error(found[0], f"{action.text} is tried once; remove maxAttempts")
        return 1
    return attempts
