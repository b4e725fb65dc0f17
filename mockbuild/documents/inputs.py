"""Inputs of the actions that documents name: what each is, as data, and the check against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mockbuild.documents.errors import Problems
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import List, Node, Scalar
from mockbuild.documents.yaml_text import Mapping as MappingNode
from mockbuild.documents.yaml_wording import unmarshal

#: ``texts``: a list of single values. ``pairs``: names with single values. ``parameters``: a list
#: of mappings with ``name`` and ``value``. ``list``, ``map``: with anything in it.
Kind = Literal["text", "flag", "integer", "texts", "pairs", "parameters", "list", "map", "any"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an action.

    :param kind: the form of its value.
    :param required: whether it has to be there.
    :param default: what the action takes without it; ``None`` where nothing is documented.
    :param values: the only values there are; any when empty.
    :param any_case: whether case does not matter in `values`.
    :param not_on_windows: whether the action fails on Windows when it is given.
    :param max_bytes: the longest text there may be, or ``None``.
    """

    kind: Kind = "text"
    required: bool = False
    default: str | None = None
    values: tuple[str, ...] = ()
    any_case: bool = False
    not_on_windows: bool = False
    max_bytes: int | None = None


def is_dynamic(node: Node) -> bool:
    """Whether a value is only known when the step runs: it holds a ``{{ reference }}``."""
    return isinstance(node, Scalar) and "{{" in node.text


def check_inputs(record: Record, inputs: Mapping[str, Input], problems: Problems) -> None:
    """Check one mapping of inputs; a key that is none of them is an error.

    :param record: the mapping.
    :param inputs: name of each input there is.
    :param problems: where findings go.
    """
    for name, wanted in inputs.items():
        found = record.value(name)
        if found is not None:
            check_value(record, name, found[1], wanted, problems)
        elif wanted.required:
            record.missing(name, "this action needs it")
    record.refuse_unknown()


def check_value(record: Record, name: str, node: Node, wanted: Input, problems: Problems) -> None:
    """Check the value of one input."""
    match wanted.kind:
        case "text" | "flag" | "integer":
            _check_single(record, name, node, wanted, problems)
        case "texts":
            _check_texts(record.path(name), node, wanted, problems)
        case "pairs":
            record.pairs(name)
        case "parameters":
            _check_parameters(record, name)
        case "list":
            record.items(name)
        case "map":
            record.record(name)


def _check_single(record: Record, name: str, node: Node, wanted: Input, problems: Problems) -> None:
    text = record.text(name)
    if text is None or is_dynamic(node):
        return
    if wanted.kind == "flag":
        record.flag(name)
    elif wanted.kind == "integer":
        record.integer(name, lambda number: number >= 0, "a whole number, 0 or more")
    elif wanted.values and not _is_one_of(text.text, wanted):
        problems.error(text, f"{record.path(name)} has to be {one_of(wanted.values)}")
    elif wanted.required and not text.text:
        record.missing(name, "this action needs it")
    elif wanted.max_bytes is not None and len(text.text.encode()) > wanted.max_bytes:
        problems.error(text, f"{record.path(name)} is larger than {wanted.max_bytes // 1024} KiB")


def _is_one_of(text: str, wanted: Input) -> bool:
    if not wanted.any_case:
        return text in wanted.values
    return text.casefold() in {value.casefold() for value in wanted.values}


def _check_texts(path: str, node: Node, wanted: Input, problems: Problems) -> None:
    if not isinstance(node, List):
        problems.error(
            node,
            f"{path} has to be a list, each item with a - in front",
            unmarshal(node, "[]string"),
        )
        return
    if wanted.required and not node.items:
        problems.error(node, f"{path} is empty; this action needs it")
    for index, item in enumerate(node.items):
        if isinstance(item, Scalar) or problems.is_full("error"):
            continue
        hint = (
            ' (a ": " in it makes YAML see a mapping), or write it as a block after |'
            if isinstance(item, MappingNode)
            else ""
        )
        problems.error(
            item, f"{path}[{index}] is not text: put it in quotes{hint}", unmarshal(item, "string")
        )


def _check_parameters(record: Record, name: str) -> None:
    for parameter in record.records(name):
        parameter.needed("name", "say which parameter is meant")
        if parameter.text("value") is None and parameter.value("value") is None:
            parameter.missing("value", "give the parameter a value ('' for an empty text)")
        parameter.refuse_unknown()
