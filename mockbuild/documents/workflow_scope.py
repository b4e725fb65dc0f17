"""Whether the references in a workflow document lead anywhere.

That a step can refer to parameters and to what earlier steps gave is documented; that a reference
to anything else is refused when the workflow is made is a guess.
"""

from collections.abc import Iterator

from mockbuild.documents.conditions import scalars
from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.parameters import Parameter
from mockbuild.documents.workflow_actions import STEP_ACTIONS
from mockbuild.documents.workflow_references import (
    NODES,
    SYSTEM_VARIABLES,
    PathReference,
    is_path,
    parse_path,
    paths_in_braces,
)
from mockbuild.documents.workflow_steps import CHAINED, WorkflowStep
from mockbuild.documents.yaml_text import List, Node, Scalar


class Scope:
    """What can be referred to; steps are to be checked in the order they run, outputs last.

    :param parameters: the document's parameters.
    :param steps: its steps.
    :param problems: where findings go.
    """

    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        steps: tuple[WorkflowStep, ...],
        problems: Problems,
    ) -> None:
        self._parameters = dict.fromkeys(parameter.name for parameter in parameters)
        self._actions = {step.name: step.action for step in steps}
        self._done: dict[str, None] = {}
        self._problems = problems

    def check_step(self, step: WorkflowStep) -> None:
        """Check all references of `step`, which later ones may refer to from now on."""
        for scalar, is_chained in _texts(step):
            self.check(scalar, is_chained=is_chained)
        if isinstance(step.rollback_enabled, Scalar):
            self.check(step.rollback_enabled, is_chained=True)
        self._done[step.name] = None

    def check(self, scalar: Scalar, *, is_chained: bool) -> None:
        """Check the references in one text.

        :param scalar: the text.
        :param is_chained: whether its key ends with ``.$``, or it takes a reference anyway.
        """
        text = scalar.text.strip()
        if is_chained and is_path(text):
            self._check_path(text, scalar)
        elif is_path(text):
            self._problems.warning(
                scalar, f"{shown(text)} is plain text; put {CHAINED} after the key to refer to it"
            )
        for path in paths_in_braces(scalar.text):
            if self._problems.is_full("error"):
                return
            self._check_path(path, scalar)

    def _check_path(self, path: str, scalar: Scalar) -> None:
        complaint = self._complaint(path)
        if complaint:
            self._problems.error(scalar, f"{shown(path)}: {complaint}")
            return
        reference = parse_path(path)
        if reference is not None:
            self._warn(reference, path, scalar)

    def _complaint(self, path: str) -> str:
        reference = parse_path(path)
        if reference is None:
            return "write $.stepOutputs.Step.output, $.parameters.name or the like"
        if reference.node not in NODES:
            return f"there are {', '.join(NODES)}{did_you_mean(reference.node, NODES)}"
        name = reference.parts[0]
        if reference.node == "parameters" and name not in self._parameters:
            near = did_you_mean(name, self._parameters)
            return f"no parameter has this name; declare it{near}"
        if reference.node == "stepOutputs":
            return self._wrong_step(name, len(reference.parts))
        return ""

    def _wrong_step(self, name: str, parts: int) -> str:
        if name not in self._actions:
            return f"there is no step {shown(name)}{did_you_mean(name, self._actions)}"
        if name not in self._done:
            return f"step {shown(name)} has not run yet; refer to what ran before"
        return "" if parts > 1 else "name one of the step's outputs"

    def _warn(self, reference: PathReference, path: str, scalar: Scalar) -> None:
        name = reference.parts[0]
        if reference.node == "imagebuilder" and name not in SYSTEM_VARIABLES:
            self._problems.warning(
                scalar,
                f"{shown(path)} is not in the guide{did_you_mean(name, SYSTEM_VARIABLES)}",
            )
        if reference.node == "stepOutputs":
            # Only a warning: the guide itself refers to an output that it does not list.
            action = STEP_ACTIONS.get(self._actions[name])
            output = reference.parts[1]
            if action is not None and output not in action.outputs:
                self._problems.warning(
                    scalar,
                    f"{shown(path)}: {self._actions[name]} has no output {shown(output)}"
                    f"{did_you_mean(output, action.outputs)}",
                )


def _texts(step: WorkflowStep) -> Iterator[tuple[Scalar, bool]]:
    """Yield every text of a step, and whether it takes a reference."""
    for name, node in step.inputs.items():
        yield from _leaves(node, is_chained=name.endswith(CHAINED))
    if step.condition is not None:
        for scalar in scalars(step.condition):
            yield scalar, True


def _leaves(node: Node, *, is_chained: bool) -> Iterator[tuple[Scalar, bool]]:
    if isinstance(node, Scalar):
        yield node, is_chained
    elif isinstance(node, List):
        for item in node.items:
            yield from _leaves(item, is_chained=is_chained)
    else:
        for entry in node.entries:
            yield from _leaves(entry.value, is_chained=entry.key.text.endswith(CHAINED))
