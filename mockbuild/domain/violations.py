"""What is wrong with a request's parameters, and how most AWS services say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Rule = Literal["required", "enum", "pattern", "min_length", "max_length", "min_value", "max_value"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One constraint that one value breaks.

    :ivar path: where the value stands: ``source.type``, ``tags[0].key``, ``tags.<key>`` for an
        entry of a map (its key as well as its value).
    :ivar member: the innermost member's name on that path.
    :ivar shape: the name of the value's shape in the model.
    :ivar limit: what the model demands: the numbers and the pattern as they are, the enum's
        values, ``True`` for ``required``.
    :ivar value: the value; ``None`` for ``required``.
    :ivar sensitive: the model marks the value as one that is not to be shown.
    """

    path: str
    member: str
    shape: str
    rule: Rule
    limit: Any
    value: Any
    sensitive: bool = False


def validation_message(violations: Sequence[Violation]) -> str:
    """Return ``1 validation error detected: Value 'x' at 'a.b' failed to satisfy …``."""
    count = len(violations)
    noun = "error" if count == 1 else "errors"
    return f"{count} validation {noun} detected: " + "; ".join(
        f"{_value(violation)} at '{violation.path}' failed to satisfy constraint: "
        f"Member must {requirement(violation)}"
        for violation in violations
    )


def _value(violation: Violation) -> str:
    if violation.rule == "required":
        return "Value null"
    if violation.sensitive:
        return "Value"
    return f"Value '{_java(violation.value)}'"


def _java(value: Any) -> str:
    """Return a value the way Java prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return str(value)


_REQUIREMENTS = {
    "required": "not be null",
    "pattern": "satisfy regular expression pattern: {}",
    "min_length": "have length greater than or equal to {}",
    "max_length": "have length less than or equal to {}",
    "min_value": "have value greater than or equal to {}",
    "max_value": "have value less than or equal to {}",
}


def requirement(violation: Violation) -> str:
    """Return what the value must do, as in ``satisfy enum value set: [A, B]``."""
    if violation.rule == "enum":
        return f"satisfy enum value set: [{', '.join(violation.limit)}]"
    return _REQUIREMENTS[violation.rule].format(violation.limit)
