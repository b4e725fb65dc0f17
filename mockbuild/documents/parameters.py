"""Parameters that a component or a workflow declares."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from mockbuild.documents.errors import Problems
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import Scalar

ParameterType = Literal["string", "integer", "boolean", "stringList"]

_MAX_DESCRIPTION = 1024


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    :param name: its name; case matters.
    :param type: what its value is.
    :param default: the value without one from outside, as texts (one, but for a ``stringList``);
        ``None`` when a value has to be given.
    :param description: what it is for, or ``""``.
    :param line: line of the name, counted from 1.
    :param column: column of the name, counted from 1.
    """

    name: str
    type: ParameterType
    default: tuple[str, ...] | None
    description: str
    line: int
    column: int

    @property
    def detail(self) -> dict[str, Any]:
        """The parameter as GetComponent and GetWorkflow return it."""
        detail: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.default is not None:
            detail["defaultValue"] = list(self.default)
        if self.description:
            detail["description"] = self.description
        return detail


def read_definition(
    record: Record,
    name: Scalar,
    types: tuple[ParameterType, ...],
    problems: Problems,
    *,
    needs_type: bool = True,
) -> Parameter:
    """Read ``type``, ``default`` and ``description`` of a parameter.

    :param record: the mapping they stand in.
    :param name: the parameter's name.
    :param types: the types the document may use; the first is taken where there is none.
    :param problems: where findings go.
    :param needs_type: whether the type has to be there.
    """
    kind = record.choice("type", types)
    if needs_type and record.value("type") is None:
        record.missing("type", f"write type: {one_of(types)}")
    kind = cast("ParameterType", kind or types[0])
    default = _read_default(record, kind)
    description = record.text("description")
    if description and len(description.text) > _MAX_DESCRIPTION:
        problems.error(
            description,
            f"{record.path('description')} is longer than {_MAX_DESCRIPTION} characters",
        )
    return Parameter(
        name.text, kind, default, description.text if description else "", name.line, name.column
    )


def _read_default(record: Record, kind: ParameterType) -> tuple[str, ...] | None:
    if record.value("default") is None:
        return None
    if kind == "stringList":
        return tuple(scalar.text for scalar in record.texts("default"))
    if kind == "boolean":
        return ("true" if record.flag("default") else "false",)
    if kind == "integer":
        number = record.integer("default", lambda _: True, "a whole number")
        return (str(number or 0),)
    text = record.text("default")
    return (text.text if text else "",)
