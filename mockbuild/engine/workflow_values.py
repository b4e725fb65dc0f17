"""Values in a workflow that is run: what references lead to, inputs of steps, conditions."""

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockbuild.documents.conditions import Comparison, Condition
from mockbuild.documents.parameters import Parameter
from mockbuild.documents.workflow_references import (
    PathReference,
    interpolate,
    is_path,
    parse_path,
)
from mockbuild.documents.workflow_steps import CHAINED, WorkflowStep
from mockbuild.documents.yaml_text import List, Node, Scalar
from mockbuild.domain.dates import iso_millis
from mockbuild.engine.image_job import ImageJob

_NUMBER = re.compile(r"[-+]?(?:[0-9]+[.])?[0-9]+")
_WHOLE = re.compile(r"[-+]?[0-9]{1,19}")
_INTEGER = re.compile(r"-?[0-9]{1,11}")  # with more digits it is the id of an account
_FLAGS: Final = {"true": True, "false": False}

_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "numberEquals": operator.eq,
    "numberGreaterThan": operator.gt,
    "numberGreaterThanEquals": operator.ge,
    "numberLessThan": operator.lt,
    "numberLessThanEquals": operator.le,
}


def as_json(value: Any) -> str:
    """Return *value* as the inputs and outputs of steps are recorded."""
    return json.dumps(value)


def parameter_values(
    declared: tuple[Parameter, ...], given: tuple[Mapping[str, Any], ...]
) -> dict[str, Any]:
    """Return the values of a workflow's parameters, each of the type it is declared with.

    :param given: as a request has them: lists of texts.
    """
    texts = {one["name"]: one["value"] for one in given}
    return {
        one.name: _typed(one.type, [*texts.get(one.name, one.default or ())]) for one in declared
    }


def _typed(kind: str, texts: list[str]) -> Any:
    if kind == "stringList":
        return texts
    text = texts[0] if texts else ""
    if kind == "boolean":
        return text.lower() == "true"
    return int(text) if kind == "integer" and _WHOLE.fullmatch(text) else text


def variables(job: ImageJob, stage: str, at: float) -> dict[str, Any]:
    """Return what workflows can refer to as ``$.imagebuilder``; all of it is documented.

    :param stage: the type of the workflow.
    """
    infrastructure = job.infrastructure
    return {
        "cloudWatchLogGroup": job.log_group,
        "cloudWatchLogStream": job.log_stream,
        "collectImageMetadata": job.metadata,
        "collectImageScanFindings": job.collects_findings,
        "dateTime": iso_millis(at),
        "imageBuildNumber": job.build,
        "imageId": job.base_image,
        "imageName": job.name,
        "imageType": "AMI" if job.type == "AMI" else "Docker",
        "imageVersionNumber": job.version,
        "instanceProfileName": infrastructure.get("instanceProfileName"),
        "platform": "MacOS" if job.platform == "macOS" else job.platform,
        "s3Logs": infrastructure.get("logging", {}),
        "securityGroups": infrastructure.get("securityGroupIds", []),
        "sourceImageARN": str(job.arn),
        "subnetId": infrastructure.get("subnetId", ""),
        "terminateInstanceOnFailure": not job.keeps_failed_instances,
        "workflowPhase": stage.capitalize(),
        "workingDirectory": job.recipe.get("workingDirectory", "/tmp"),  # noqa: S108 - as documented
    }


class Values:
    """What the references in one workflow lead to.

    :param nodes: the values by the first name of a reference: ``parameters``, ``imagebuilder``,
        ``workflowOutputs``, ``stepOutputs``.
    """

    def __init__(self, **nodes: Mapping[str, Any]) -> None:
        self._nodes = nodes

    def value(self, reference: PathReference) -> Any:
        """Return what a reference leads to, or ``None``."""
        found: Any = self._nodes.get(reference.node)
        for part in reference.parts:
            if isinstance(found, Mapping):
                found = found.get(part)
            elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                return None
        return found

    def text(self, scalar: Scalar, *, chained: bool) -> Any:
        """Return the value of a single value in the document.

        :param chained: whether it is a reference, if it has the form of one. A reference that
            leads nowhere is an empty text, which is a guess.
        """
        if chained and is_path(scalar.text.strip()):
            reference = parse_path(scalar.text.strip())
            found = None if reference is None else self.value(reference)
            return "" if found is None else found
        return interpolate(scalar.text, self._shown)

    def _shown(self, reference: PathReference) -> str | None:
        found = self.value(reference)
        return found if found is None or isinstance(found, str) else as_json(found)

    def inputs(self, step: WorkflowStep) -> dict[str, Any]:
        """Return the inputs of a step, with values in place of all references."""
        return {
            name.removesuffix(CHAINED): self._node(node, chained=name.endswith(CHAINED))
            for name, node in step.inputs.items()
        }

    def _node(self, node: Node, *, chained: bool) -> Any:
        if isinstance(node, Scalar):
            value = self.text(node, chained=chained)
            return _plain(node) if value == node.text and not chained else value
        if isinstance(node, List):
            return [self._node(item, chained=chained) for item in node.items]
        return {
            entry.key.text.removesuffix(CHAINED): self._node(
                entry.value, chained=entry.key.text.endswith(CHAINED)
            )
            for entry in node.entries
        }

    def flag(self, value: bool | Scalar) -> bool:
        """Return a truth value that may be a reference to one."""
        if isinstance(value, bool):
            return value
        return _lower(self.text(value, chained=True)) == "true"

    def holds(self, condition: Condition) -> bool:
        """Say whether a condition holds."""
        if isinstance(condition, Comparison):
            return self._compare(condition)
        answers = map(self.holds, condition.conditions)
        if condition.operator == "and":
            return all(answers)
        return any(answers) if condition.operator == "or" else not any(answers)

    def _compare(self, comparison: Comparison) -> bool:
        operand = self.text(comparison.operand, chained=True)
        other = "" if comparison.other is None else self.text(comparison.other, chained=True)
        if comparison.operator == "booleanEquals":
            return _lower(operand) == _lower(other)
        if comparison.operator == "stringEquals":
            return _string(operand) == _string(other)
        numbers = [_string(one) for one in (other, operand)]
        if not all(map(_NUMBER.fullmatch, numbers)):
            return False
        return _COMPARED[comparison.operator](float(numbers[0]), float(numbers[1]))


def written(step: WorkflowStep) -> dict[str, Any]:
    """Return the inputs of a step as they are in the document, references and all."""
    return {name: _as_written(node) for name, node in step.inputs.items()}


def _as_written(node: Node) -> Any:
    if isinstance(node, Scalar):
        return _plain(node)
    if isinstance(node, List):
        return [_as_written(item) for item in node.items]
    return {entry.key.text: _as_written(entry.value) for entry in node.entries}


def _plain(node: Scalar) -> Any:
    if node.is_null:
        return None
    if node.plain and node.text in _FLAGS:
        return _FLAGS[node.text]
    return int(node.text) if node.plain and _INTEGER.fullmatch(node.text) else node.text


def _string(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)


def _lower(value: Any) -> str:
    return _string(value).lower()
