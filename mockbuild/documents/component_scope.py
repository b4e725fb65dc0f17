"""Whether the references in a component document lead anywhere."""

from collections.abc import Iterator

from mockbuild.documents.braces import in_braces
from mockbuild.documents.component_actions import ACTION_MODULES
from mockbuild.documents.component_loops import loop_texts
from mockbuild.documents.component_parameters import Constant
from mockbuild.documents.component_references import (
    Chained,
    ContextVariable,
    EnvironmentVariable,
    InstanceMetadata,
    LoopVariable,
    Reference,
    SsmParameter,
    Variable,
    parse_reference,
)
from mockbuild.documents.component_steps import Phase, Step, StepProblems
from mockbuild.documents.conditions import scalars
from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.parameters import Parameter
from mockbuild.documents.yaml_text import List, Node, Scalar

CONTEXT_KEYS = (
    "accountId", "date", "dateTime", "executionId", "hostname", "osName", "osPlatform",
    "osVersion", "phase", "region", "step", "uuid",
)  # fmt: skip
_SECRET_METADATA = ("iam", "identity-credentials")
_STAGES = {"build": "build", "validate": "build", "test": "test", "container-host-test": "test"}


def check_references(
    constants: tuple[Constant, ...],
    parameters: tuple[Parameter, ...],
    phases: tuple[Phase, ...],
    problems: Problems,
) -> None:
    """Note every reference of a document that cannot be resolved.

    That a reference has to lead to something earlier is documented. That it is an error when the
    action module named has no such input or output is a guess.
    """
    names = [*(one.name for one in constants), *(one.name for one in parameters)]
    scope = _Scope(dict.fromkeys(names), phases)
    for phase in phases:
        for step in phase.steps:
            scope.check(step, StepProblems(problems, phase.name, step.name))


class _Scope:
    """What a step can refer to; steps are to be checked in the order they run."""

    def __init__(self, variables: dict[str, None], phases: tuple[Phase, ...]) -> None:
        self._variables = variables
        self._all: dict[str, dict[str, Step]] = {}
        for phase in phases:
            steps = self._all.setdefault(phase.name, {})
            for step in phase.steps:
                steps.setdefault(step.name, step)
        self._loops = {
            step.loop.name.text
            for steps in self._all.values()
            for step in steps.values()
            if step.loop is not None and step.loop.name is not None
        }
        self._done: set[tuple[str, str]] = set()

    def check(self, step: Step, problems: Problems) -> None:
        """Check all references of `step`, which later ones may refer to from now on."""
        for scalar in _texts(step):
            for inner in in_braces(scalar.text):
                if problems.is_full("error"):
                    return
                complaint = self._complaint(inner, step)
                if complaint:
                    problems.error(scalar, f"{{{{ {shown(inner)} }}}}: {complaint}")
                else:
                    self._warn(inner, scalar, step, problems)
        self._done.add((step.phase, step.name))

    def _complaint(self, inner: str, step: Step) -> str:
        reference = parse_reference(inner)
        if reference is None:
            return self._malformed(inner)
        return self._wrong(reference, step)

    def _wrong(self, reference: Reference, step: Step) -> str:
        match reference:
            case Variable(name) | SsmParameter(Variable(name)) if name not in self._variables:
                near = did_you_mean(name, self._variables)
                return f"no constant or parameter has this name; declare it{near}"
            case Chained():
                return self._wrong_chain(reference, step)
            case SsmParameter("") | SsmParameter(SsmParameter("")):
                return "name a parameter of Parameter Store, or resolve() of one parameter's name"
            case EnvironmentVariable(""):
                return "name an environment variable"
            case InstanceMetadata(path):
                if path.strip("/").split("/", 1)[0] in ("", *_SECRET_METADATA):
                    return "name a path of the instance metadata; credentials are not given out"
            case ContextVariable(key) if key not in CONTEXT_KEYS:
                return f"there are {', '.join(CONTEXT_KEYS)}{did_you_mean(key, CONTEXT_KEYS)}"
        return ""

    def _wrong_chain(self, chained: Chained, step: Step) -> str:
        steps = self._all.get(chained.phase)
        if steps is None:
            return f"there is no phase {chained.phase}{did_you_mean(chained.phase, self._all)}"
        found = steps.get(chained.step)
        if found is None:
            near = did_you_mean(chained.step, steps)
            return f"phase {chained.phase} has no step {chained.step}{near}"
        if (found.phase, found.name) not in self._done:
            return (
                "a step cannot refer to itself"
                if found is step
                else f"step {chained.step} comes later; refer to what ran before"
            )
        return _wrong_key(chained, found)

    def _malformed(self, inner: str) -> str:
        """Complain about what is no reference, but was clearly meant as one."""
        parts = inner.split(".")
        if len(parts) > 2 and parts[0] in self._all:
            return "write phase.step.inputs[0].name or phase.step.outputs.name"
        return ""

    def _warn(self, inner: str, scalar: Scalar, step: Step, problems: Problems) -> None:
        match parse_reference(inner):
            case LoopVariable(loop) if loop == "loop" or loop in self._loops:
                name = step.loop.name if step.loop else None
                if step.loop is None or (loop != "loop" and (name is None or loop != name.text)):
                    problems.warning(
                        scalar, f"{{{{ {shown(inner)} }}}} stays as it is: the loop is not here"
                    )
            case Chained(phase):
                here, there = _STAGES.get(step.phase), _STAGES.get(phase)
                if here and there and here != there:
                    problems.warning(
                        scalar,
                        f"{{{{ {shown(inner)} }}}}: Image Builder runs the phases {phase} and "
                        f"{step.phase} apart, so there will be no value",
                    )


def _wrong_key(chained: Chained, step: Step) -> str:
    module = ACTION_MODULES.get(step.action)
    if module is None:
        return ""  # said where the step is
    known = module.inputs if chained.section == "inputs" else module.outputs
    if module.is_condition or chained.key not in known:
        near = did_you_mean(chained.key, known)
        return f"{step.action} has no {chained.key} among its {chained.section}{near}"
    if chained.section == "inputs" and (chained.index or 0) >= len(step.inputs):
        return f"step {step.name} has no inputs[{chained.index or 0}]"
    return ""


def _texts(step: Step) -> Iterator[Scalar]:
    """Yield every text of a step that may hold references."""
    for inputs in step.inputs:
        for node in inputs.values():
            yield from _leaves(node)
    if step.assertion is not None:
        yield from scalars(step.assertion)
    if step.condition is not None:
        yield from scalars(step.condition.condition)
    yield from loop_texts(step.loop)


def _leaves(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
        return
    for part in node.items if isinstance(node, List) else [entry.value for entry in node.entries]:
        yield from _leaves(part)
