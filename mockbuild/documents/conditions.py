"""Conditions, as steps of components and of workflows have them: ``if`` and ``Assert``.

A condition is a mapping with one operator. A comparison's operand is the value of that key, what
is compared with it stands beside it::

    numberLessThan: 2
    value: 1        # 1 is less than 2
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.records import Record, one_of
from mockbuild.documents.yaml_text import List, Node, Scalar

LOGICAL = ("and", "or", "not")

StepAction = Literal["Abort", "Execute", "Skip"]
_STEP_ACTIONS: tuple[StepAction, ...] = ("Abort", "Execute", "Skip")

_NUMBER = re.compile(r"[-+]?([0-9]{1,400}[.])?[0-9]{1,400}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison.

    :param operator: ``stringEquals`` and so on.
    :param operand: the operator's value.
    :param other: what stands beside it, under ``value`` or ``path``; ``None`` where the operator
        takes one operand.
    :param line: line of the operator, counted from 1.
    :param column: column of the operator, counted from 1.
    """

    operator: str
    operand: Scalar
    other: Scalar | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Logical:
    """Conditions joined; ``and`` and ``or`` stop as soon as the outcome is clear.

    :param operator: ``not`` has one condition.
    :param conditions: what is joined, in order.
    :param line: line of the operator, counted from 1.
    :param column: column of the operator, counted from 1.
    """

    operator: Literal["and", "or", "not"]
    conditions: "tuple[Condition, ...]"
    line: int
    column: int


Condition: TypeAlias = Comparison | Logical


@dataclass(frozen=True, slots=True)
class If:
    """A component's ``if``.

    :param condition: what is asked, once per step.
    :param then: what to do when it holds.
    :param otherwise: what to do when it does not.
    """

    condition: Condition
    then: StepAction = "Execute"
    otherwise: StepAction = "Skip"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The operators a kind of document knows.

    :param comparisons: name of each to the key beside it; ``""`` for none.
    :param max_nesting: how deep logical operators may be nested, ``None`` for no limit.
    """

    comparisons: Mapping[str, str]
    max_nesting: int | None = None


def read_if(record: Record, grammar: Grammar, problems: Problems) -> If | None:
    """Read a component's ``if``; ``None`` when there is none, or it is wrong."""
    mapping = record.record("if")
    if mapping is None:
        return None
    then = mapping.choice("then", _STEP_ACTIONS)
    otherwise = mapping.choice("else", _STEP_ACTIONS)
    condition = read_condition(mapping, grammar, problems)
    if condition is None:
        return None
    return If(
        condition,
        cast("StepAction", then or "Execute"),
        cast("StepAction", otherwise or "Skip"),
    )


def read_condition(
    record: Record, grammar: Grammar, problems: Problems, nesting: int = 1
) -> Condition | None:
    """Read the condition that `record` is; ``None`` when it is wrong.

    :param record: the mapping with the operator.
    :param grammar: the operators there are.
    :param problems: where findings go.
    :param nesting: how deep a logical operator here would be.
    """
    known = (*grammar.comparisons, *LOGICAL)
    operators = [key for key in record.names() if key.text in known]
    for key in operators:
        record.entry(key.text)
    condition: Condition | None = None
    if len(operators) == 1:
        (operator,) = operators
        if operator.text in LOGICAL:
            condition = _read_logical(record, operator, grammar, problems, nesting)
        else:
            condition = _read_comparison(
                record, operator, grammar.comparisons[operator.text], problems
            )
    elif operators:
        problems.error(
            operators[1],
            f"{record.name} already has {operators[0].text}; join conditions with and, or",
        )
    else:
        hint = next((did_you_mean(key.text, known) for key in record.names()), "")
        problems.error(record.at, f"{record.name} has no operator{hint}")
        return None  # its keys would be complained about once more
    record.refuse_unknown()
    return condition


def scalars(condition: Condition) -> Iterator[Scalar]:
    """Yield every operand of a condition, in the order of the document."""
    if isinstance(condition, Comparison):
        yield condition.operand
        if condition.other is not None:
            yield condition.other
        return
    for part in condition.conditions:
        yield from scalars(part)


def _read_logical(
    record: Record, operator: Scalar, grammar: Grammar, problems: Problems, nesting: int
) -> Logical | None:
    name = operator.text
    if grammar.max_nesting is not None and nesting > grammar.max_nesting:
        # That only logical operators count, and not the comparison inside, is a guess.
        problems.error(
            operator, f"and, or and not nest {grammar.max_nesting} deep at most; flatten them"
        )
        return None
    parts = _parts(record, name, problems)
    conditions = []
    for index, part in enumerate(parts):
        path = record.path(name) if name == "not" else f"{record.path(name)}[{index}]"
        inner = record.as_record(part, path)
        condition = None if inner is None else read_condition(inner, grammar, problems, nesting + 1)
        if condition is not None:
            conditions.append(condition)
    if not parts or len(conditions) < len(parts):
        return None
    return Logical(
        cast("Literal['and', 'or', 'not']", name), tuple(conditions), operator.line, operator.column
    )


def _parts(record: Record, name: str, problems: Problems) -> tuple[Node, ...]:
    """Return what a logical operator joins; ``not`` may have its one condition in a list."""
    if record.is_empty(name):
        problems.error(record.at, f"{record.path(name)} holds no condition; add one, or remove it")
        return ()
    found = record.value(name)
    if name == "not" and found is not None and not isinstance(found[1], List):
        return (found[1],)
    items = record.items(name)
    if name == "not" and len(items) > 1:
        problems.error(items[1], f"{record.path(name)} takes one condition; join them with and, or")
        return ()
    return items


def _read_comparison(
    record: Record, operator: Scalar, beside: str, problems: Problems
) -> Comparison | None:
    name = operator.text
    operand = record.text(name)
    if operand is None:
        if record.value(name) is None:
            record.missing(name, "give it a value ('' for an empty text)")
        return None
    if name == "booleanEquals" and operand.text.lower() not in ("true", "false"):
        problems.error(operand, f"{record.path(name)} has to be {one_of(('true', 'false'))}")
    other = record.text(beside) if beside else None
    if beside and record.value(beside) is None:
        record.missing(beside, f"say what {name} is to look at")
        return None
    for scalar in (operand, other):
        if name.startswith("number") and scalar is not None and not _may_be_number(scalar.text):
            problems.warning(scalar, f"{shown(scalar.text)} is no number: {name} is always false")
    return Comparison(name, operand, other, operator.line, operator.column)


def _may_be_number(text: str) -> bool:
    return "{{" in text or text.startswith("$.") or bool(_NUMBER.fullmatch(text))
