"""``constants`` and ``parameters`` of a component document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.names import refuse_bad_name
from mockbuild.documents.parameters import Parameter, read_definition
from mockbuild.documents.records import Record
from mockbuild.documents.yaml_text import Scalar

#: Documented: a name has to be a string, which these are not without quotes.
_NO_STRING = re.compile(r"-?[0-9]+|true|True|TRUE|false|False|FALSE|null|Null|NULL")


@dataclass(frozen=True, slots=True)
class Constant:
    """One constant.

    :param name: its name; case matters.
    :param value: its text.
    :param line: line of the name, counted from 1.
    :param column: column of the name, counted from 1.
    """

    name: str
    value: str
    line: int
    column: int


def read_constants(root: Record, problems: Problems) -> tuple[Constant, ...]:
    """Read ``constants``."""
    constants = []
    for name, record in _named(root, "constants", problems):
        if record.choice("type", ("string",)) is None and record.value("type") is None:
            record.missing("type", "write type: string")
        value = record.text("value")
        if value is None and record.value("value") is None:
            record.missing("value", "give the constant a value ('' for an empty text)")
        record.refuse_unknown()
        constants.append(Constant(name.text, value.text if value else "", name.line, name.column))
    return tuple(constants)


def read_parameters(root: Record, problems: Problems) -> tuple[Parameter, ...]:
    """Read ``parameters``."""
    parameters = []
    for name, record in _named(root, "parameters", problems):
        parameters.append(read_definition(record, name, ("string",), problems))
        record.refuse_unknown()
    return tuple(parameters)


def refuse_shared_names(
    constants: tuple[Constant, ...], parameters: tuple[Parameter, ...], problems: Problems
) -> None:
    """Note every name that a constant or a parameter has before."""
    lines: dict[str, int] = {}
    found: list[Constant | Parameter] = [*constants, *parameters]
    for one in sorted(found, key=lambda one: (one.line, one.column)):
        if one.name in lines:
            problems.error(
                one,
                f"{shown(one.name)} is already there on line {lines[one.name]}; constants and "
                "parameters need names of their own",
            )
        lines.setdefault(one.name, one.line)


def _named(root: Record, key: str, problems: Problems) -> Iterator[tuple[Scalar, Record]]:
    """Yield each name in a list of ``- name: {…}``, with the mapping under it."""
    for item in root.records(key):
        if problems.is_full("error"):
            break
        names = item.names()
        if len(names) != 1:
            problems.error(item.at, f"{item.name} has to be one name with a mapping under it")
        for name in names:
            if name.plain and _NO_STRING.fullmatch(name.text):
                problems.error(name, f"{name.text} is no text to YAML; put it in quotes")
            refuse_bad_name(name, key.removesuffix("s"), problems)
            record = item.record(name.text)
            if record is not None:
                yield name, record
            elif item.value(name.text) is None:
                problems.error(name, f"{item.path(name.text)} is empty; give it a type")
