"""Parameters that a component or a workflow declares, and values given to them from outside."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import Scalar

ParameterType = Literal["string", "integer", "boolean", "stringList"]

#: The quota for the parameters of a document, and for a parameter's value in characters.
MAX_PARAMETERS = 25
MAX_VALUE = 1024
_MAX_DESCRIPTION = 1024

_NAME = re.compile(r"[A-Za-z0-9_-]{3,128}")
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")


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


def name_problem(name: Scalar, path: str, problems: Problems) -> None:
    """Note a name that no constant or parameter can have."""
    if not _NAME.fullmatch(name.text):
        problems.error(
            name, f"{path} needs a name of 3 to 128 letters, digits, hyphens and underscores"
        )


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
    for text in default or ():
        if len(text) > MAX_VALUE:
            problems.error(
                record.at, f"{record.path('default')} is longer than {MAX_VALUE} characters"
            )
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


def refuse_many(count: int, record: Record, key: str, limit: int, problems: Problems) -> None:
    """Note a list with more than `limit` items."""
    found = record.value(key)
    if found is not None and count > limit:
        problems.error(found[0], f"{record.path(key)} holds {count} items; {limit} is the most")


def refuse_twice(names: Iterable[Scalar], what: str, problems: Problems) -> None:
    """Note every name that came before among `names`."""
    first: dict[str, Scalar] = {}
    for name in names:
        before = first.get(name.text)
        if before is None:
            first[name.text] = name
        elif not problems.is_full("error"):
            problems.error(
                name,
                f"{what} {shown(name.text)} is already there on line {before.line}; rename one",
            )


def complaint(
    declared: Sequence[Parameter],
    given: Sequence[Mapping[str, Any]],
    of: Literal["component", "workflow"] = "component",
) -> str:
    """Say what is wrong with the values that a recipe, a pipeline or an image gives.

    The sentence for names that were not declared is recorded, with the code
    ``InvalidParameterCombinationException`` and ``The value supplied for parameter
    'components[0].parameters' is not valid.`` in front; the others are a guess.

    :param declared: the document's parameters.
    :param given: the request's ``parameters``, each with ``name`` and a list as ``value``.
    :param of: what the document is, as the sentence says.
    :returns: the sentence, or ``""`` when all is well.
    """
    known = {parameter.name: parameter for parameter in declared}
    values: dict[str, list[str]] = {}
    twice = []
    for parameter in given:
        if parameter["name"] in values:
            twice.append(parameter["name"])
        values[parameter["name"]] = parameter["value"]
    unknown = [name for name in values if name not in known]
    missing = [p.name for p in declared if p.default is None and p.name not in values]
    wrong = [name for name in values if name in known and not _fits(known[name], values[name])]
    long = [name for name in values if any(len(value) > MAX_VALUE for value in values[name])]
    for names, what in (
        (unknown, f"are not defined in the provided {of}"),
        (twice, "are specified more than once"),
        (missing, f"are required by the provided {of}"),
        (wrong, f"have values of the wrong type for the provided {of}"),
        (long, f"have values longer than {MAX_VALUE} characters"),
    ):
        if names:
            return f"The following parameters {what}: {', '.join(names)}"
    return ""


def _fits(parameter: Parameter, values: Sequence[str]) -> bool:
    if parameter.type == "stringList":
        return True
    if len(values) != 1:
        return False
    (value,) = values
    if parameter.type == "integer":
        return bool(_INTEGER.fullmatch(value))
    return parameter.type == "string" or value.lower() in ("true", "false")
