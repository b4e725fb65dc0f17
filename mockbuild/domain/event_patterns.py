"""Event patterns, as rules of EventBridge have them: which events are meant.

The guide says what they can ask for; where it is silent, as on what is refused, they are as in
AWS's own event-ruler, which EventBridge is made with. Two things are not as there: an empty pattern
means every event, and a name with dots in it is a name, not a path.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from itertools import pairwise
from operator import eq, ge, gt, le, lt
from typing import Any, Final

Pattern = Mapping[str, Any]
#: Tells whether an event, or a part of one, is as it should be.
Test = Callable[[Any], bool]
#: Tells the same of all values of a field: none if it is not there.
_ValuesTest = Callable[[Sequence[Any]], bool]

_OR: Final = "$or"
_IGNORING_CASE: Final = "equals-ignore-case"
#: Numbers that are compared lie between this and its negative (documented).
_LARGEST: Final = 5e9
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": eq, ">": gt, ">=": ge, "<": lt, "<=": le,
}  # fmt: skip
_RANGES: Final = [[low, high] for low in (">", ">=") for high in ("<", "<=")]


def read(pattern: Any) -> Test:
    """Return what tells whether an event is one that *pattern* is about.

    ``{"source": ["aws.codebuild"], "detail": {"build-status": ["FAILED", "STOPPED"]}}``: each name
    must be there, with one of the values listed. In place of a value there can be ``prefix``,
    ``suffix``, ``equals-ignore-case``, ``wildcard``, ``anything-but``, ``numeric``, ``cidr`` and
    ``exists``; ``$or`` lists patterns, one of which is enough. Of a list in the event, one item is
    enough.

    :raises ValueError: it is no pattern; the message says where and why.
    """
    return _read_mapping(pattern, "the pattern")


# Names


def _read_mapping(pattern: Any, path: str) -> Test:
    if not isinstance(pattern, Mapping):
        raise ValueError(f"{path} is a mapping, not {pattern!r}")
    tests = [
        _read_or(wanted, f"{path}[{name!r}]")
        if name == _OR
        else _read_name(name, wanted, f"{path}[{name!r}]")
        for name, wanted in pattern.items()
    ]
    return lambda event: all(test(event) for test in tests)


def _read_or(patterns: Any, path: str) -> Test:
    if not _is_list(patterns) or len(patterns) < 2:
        raise ValueError(f"{path} is a list of two patterns or more, not {patterns!r}")
    tests = [_read_inner(one, f"{path}[{number}]") for number, one in enumerate(patterns)]
    return lambda event: any(test(event) for test in tests)


def _read_inner(pattern: Any, path: str) -> Test:
    test = _read_mapping(pattern, path)
    if not pattern:
        raise ValueError(f"{path} is empty, so it asks for nothing")
    return test


def _read_name(name: Any, wanted: Any, path: str) -> Test:
    if not isinstance(name, str):
        raise ValueError(f"{path} has a name that is no text")
    if isinstance(wanted, Mapping):
        inner = _read_inner(wanted, path)
        return lambda event: any(map(inner, _parts(event, name) or [{}]))
    values = _read_values(wanted, path)
    return lambda event: values(
        [one for one in _items(event.get(name, [])) if not isinstance(one, Mapping)]
    )


def _parts(event: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one for one in _items(event.get(name, [])) if isinstance(one, Mapping)]


def _items(value: Any) -> Iterator[Any]:
    """Go through the items of a list, and of lists in it; anything else is its only item."""
    if isinstance(value, list):
        for one in value:
            yield from _items(one)
    else:
        yield value


# Values


def _read_values(wanted: Any, path: str) -> _ValuesTest:
    if not _is_list(wanted):
        raise ValueError(f"{path} is a list of values, [{wanted!r}], not {wanted!r}")
    if not wanted:
        raise ValueError(f"{path} is empty, so no event can be meant")
    tests = [_read_value(one, f"{path}[{number}]") for number, one in enumerate(wanted)]
    return lambda values: any(test(values) for test in tests)


def _read_value(wanted: Any, path: str) -> _ValuesTest:
    if not isinstance(wanted, Mapping):
        return _any_of(_exactly(wanted, path))
    operator, operand = _only(wanted, path, (*_OPERATORS, "exists"))
    path = f"{path}[{operator!r}]"
    if operator != "exists":
        return _any_of(_OPERATORS[operator](operand, path))
    if not isinstance(operand, bool):
        raise ValueError(f"{path} is true or false, not {operand!r}")
    return lambda values: bool(values) == operand


def _any_of(test: Test) -> _ValuesTest:
    return lambda values: any(map(test, values))


def _only(wanted: Mapping[Any, Any], path: str, operators: Iterable[str]) -> tuple[str, Any]:
    """Return the operator that stands in place of a value, and what it is about.

    :param operators: those there can be.
    """
    if len(wanted) != 1:
        raise ValueError(f"{path} has one operator, not {list(wanted)!r}")
    ((operator, operand),) = wanted.items()
    if operator not in operators:
        raise ValueError(f"{path} has no operator {operator!r}: it can be {', '.join(operators)}")
    return operator, operand


def _exactly(wanted: Any, path: str) -> Test:
    if wanted is not None and not isinstance(wanted, str | bool | int | float):
        raise ValueError(f"{path} is a text, a number, true, false or null, not {wanted!r}")
    return lambda value: (
        bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)
    )


# What there can be in place of a value


def _prefix(operand: Any, path: str) -> Test:
    return _end(operand, path, str.startswith)


def _suffix(operand: Any, path: str) -> Test:
    return _end(operand, path, str.endswith)


def _end(operand: Any, path: str, has: Callable[[str, str], bool]) -> Test:
    if not isinstance(operand, Mapping):
        wanted = _text(operand, path)
        return lambda value: isinstance(value, str) and has(value, wanted)
    if list(operand) != [_IGNORING_CASE]:
        raise ValueError(f"{path} is a text, or has {_IGNORING_CASE!r} alone, not {operand!r}")
    wanted = _text(operand[_IGNORING_CASE], f"{path}[{_IGNORING_CASE!r}]").lower()
    return lambda value: isinstance(value, str) and has(value.lower(), wanted)


def _ignoring_case(operand: Any, path: str) -> Test:
    wanted = _text(operand, path).lower()
    return lambda value: isinstance(value, str) and value.lower() == wanted


def _wildcard(operand: Any, path: str) -> Test:
    r"""Read a text with ``*`` for anything; ``\*`` is an asterisk and ``\\`` a backslash."""
    parts = re.findall(r"\\?.", _text(operand, path), re.DOTALL)
    if ("*", "*") in pairwise(parts):
        raise ValueError(f"{path} has two wildcards, one after the other: {operand!r}")
    if any(part.startswith("\\") and part not in ("\\*", "\\\\") for part in parts):
        raise ValueError(f"{path} has a backslash before neither '*' nor another: {operand!r}")
    expression = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    wanted = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and wanted.fullmatch(value) is not None


def _cidr(operand: Any, path: str) -> Test:
    block = _text(operand, path)
    if "/" not in block:
        raise ValueError(f"{path} is a block of addresses such as '10.0.0.0/24', not {operand!r}")
    try:
        network = ip_network(block, strict=False)
    except ValueError as error:
        raise ValueError(f"{path} is no block of addresses: {error}") from None

    def lies_in_it(value: Any) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return lies_in_it


def _numeric(operand: Any, path: str) -> Test:
    """Read ``["=", 5]``, ``["<", 5]`` and so on, or a range, ``[">", 0, "<=", 5]``."""
    operators = list(operand[::2]) if _is_list(operand) else []
    if operators not in ([one] for one in _COMPARISONS) and operators not in _RANGES:
        raise ValueError(
            f"{path} is a comparison such as ['<', 5] or a range such as ['>', 0, '<=', 5], "
            f"not {operand!r}"
        )
    numbers = operand[1::2]
    for number in numbers:
        if not _is_comparable(number):
            raise ValueError(f"{path} compares with numbers from -5e9 to 5e9, not {number!r}")
    if len(numbers) != len(operators) or list(numbers) != sorted(set(numbers)):
        raise ValueError(f"{path} leaves no number, or lacks one: {operand!r}")
    bounds = [
        (_COMPARISONS[operator], number)
        for operator, number in zip(operators, numbers, strict=True)
    ]
    return lambda value: (
        _is_comparable(value) and all(holds(value, number) for holds, number in bounds)
    )


def _anything_but(operand: Any, path: str) -> Test:
    """Read what a field must not be, though it must be there."""
    if isinstance(operand, Mapping):
        operator, inner = _only(operand, path, _EXCLUDING)
        path = f"{path}[{operator!r}]"
        excluded = [_EXCLUDING[operator](_text(one, path), path) for one in _listed(inner, path)]
    else:
        listed = _listed(operand, path)
        if not all(isinstance(one, str) for one in listed) and not all(map(_is_number, listed)):
            raise ValueError(f"{path} is about texts or about numbers, not {operand!r}")
        excluded = [_exactly(one, path) for one in listed]
    return lambda value: not any(test(value) for test in excluded)


def _listed(operand: Any, path: str) -> Sequence[Any]:
    listed: Sequence[Any] = operand if _is_list(operand) else [operand]
    if not listed:
        raise ValueError(f"{path} is empty, so it excludes nothing")
    return listed


def _text(operand: Any, path: str) -> str:
    if not isinstance(operand, str):
        raise ValueError(f"{path} is a text, not {operand!r}")
    return operand


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_comparable(value: Any) -> bool:
    return _is_number(value) and -_LARGEST <= value <= _LARGEST


_Reader = Callable[[Any, str], Test]
#: What ``anything-but`` can be about besides values.
_EXCLUDING: Final[Mapping[str, _Reader]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
}
#: All that there can be in place of a value, but for ``exists``, which is about no value.
_OPERATORS: Final[Mapping[str, _Reader]] = {
    **_EXCLUDING,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}
