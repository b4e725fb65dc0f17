"""The model's constraints, checked as the server does; compiled once per operation.

A check returns ``None`` for a good value, so that nothing is built, no path included, as long
as nothing is wrong. A part of a shape that has no constraint has no check at all.
"""

from collections.abc import Callable
from typing import Any

from botocore.model import Shape

from mockbuild.domain.violations import Rule, Violation
from mockbuild.wire.patterns import matcher


class _Found:
    """A violation whose path is still being put together, innermost step first."""

    __slots__ = ("limit", "rule", "shape", "steps", "value")

    def __init__(self, shape: Shape, rule: Rule, limit: Any, value: Any) -> None:
        self.steps: list[str | int] = []
        self.shape = shape
        self.rule: Rule = rule
        self.limit = limit
        self.value = value

    def finish(self) -> Violation:
        path = ""
        member = ""
        for step in reversed(self.steps):
            if isinstance(step, int):
                path += f"[{step}]"
                continue
            if step.startswith("."):  # a key of a map
                path += step
                continue
            member = step
            path += f".{step}" if path else step
        sensitive = bool(self.shape.metadata.get("sensitive"))
        name = self.shape.name
        return Violation(path, member, name, self.rule, self.limit, self.value, sensitive)


Check = Callable[[Any], list[_Found] | None]


def compile_constraints(shape: Shape | None) -> Callable[[dict[str, Any]], list[Violation]]:
    """Return the function that finds all that is wrong with the parameters of an operation."""
    check = None if shape is None else _Checks().of(shape)
    if check is None:
        return lambda _: []

    def violations(params: dict[str, Any]) -> list[Violation]:
        found = check(params)
        return [] if found is None else [one.finish() for one in found]

    return violations


class _Checks:
    def __init__(self) -> None:
        self._known: dict[str, Check | None] = {}
        self._pending: set[str] = set()

    def of(self, shape: Any) -> Check | None:
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return _scalar_check(shape)
        if kind == "structure" and shape.is_document_type:
            return None
        name = shape.name
        if name in self._pending:  # a shape that contains itself
            return lambda value: check(value) if (check := self._known[name]) else None
        if name not in self._known:
            self._pending.add(name)
            self._known[name] = getattr(self, f"_{kind}")(shape)
            self._pending.remove(name)
        return self._known[name]

    def _structure(self, shape: Any) -> Check | None:
        required = [(name, shape.members[name]) for name in shape.required_members]
        needed = shape.required_members
        checks = [
            (name, check)
            for name, member in shape.members.items()
            if (check := self.of(member)) is not None
        ]
        if not required and not checks:
            return None

        def structure(value: dict[str, Any]) -> list[_Found] | None:
            wrong: list[_Found] | None = None
            for name in needed:
                if name not in value:
                    wrong = _missing(required, value)
                    break
            for name, check in checks:
                if name in value:
                    found = check(value[name])
                    if found is not None:
                        wrong = (wrong or []) + _under(name, found)
            return wrong

        return structure

    def _list(self, shape: Any) -> Check | None:
        bounds = _length_check(shape)
        check = self.of(shape.member)
        if check is None:
            return bounds

        def array(value: list[Any]) -> list[_Found] | None:
            wrong = bounds(value) if bounds is not None else None
            for index, item in enumerate(value):
                if item is not None:
                    found = check(item)
                    if found is not None:
                        wrong = (wrong or []) + _under(index, found)
            return wrong

        return array

    def _map(self, shape: Any) -> Check | None:
        bounds = _length_check(shape)
        parts = [
            (part, check)
            for part, check in ((0, self.of(shape.key)), (1, self.of(shape.value)))
            if check is not None
        ]
        if not parts:
            return bounds

        def mapping(value: dict[str, Any]) -> list[_Found] | None:
            wrong = bounds(value) if bounds is not None else None
            for entry in value.items():
                for part, check in parts:
                    if entry[part] is not None:
                        found = check(entry[part])
                        if found is not None:
                            wrong = (wrong or []) + _under(f".{entry[0]}", found)
            return wrong

        return mapping


def _missing(required: list[tuple[str, Shape]], value: dict[str, Any]) -> list[_Found]:
    return [
        found
        for name, member in required
        if name not in value
        for found in _under(name, [_Found(member, "required", True, None)])
    ]


def _under(step: str | int, found: list[_Found]) -> list[_Found]:
    for one in found:
        one.steps.append(step)
    return found


def _scalar_check(shape: Any) -> Check | None:
    kind = shape.type_name
    if kind in ("integer", "long", "float", "double"):
        return _range_check(shape)
    if kind == "blob":
        return _length_check(shape)
    if kind != "string" or shape.serialization.get("jsonvalue"):
        return None
    if shape.enum:
        return _enum_check(shape)
    bounds = _length_check(shape)
    pattern = shape.metadata.get("pattern")
    return bounds if pattern is None else _pattern_check(shape, pattern, bounds)


def _enum_check(shape: Any) -> Check:
    values = frozenset(shape.enum)
    listed = list(shape.enum)

    def enum(value: str) -> list[_Found] | None:
        return None if value in values else [_Found(shape, "enum", listed, value)]

    return enum


def _pattern_check(shape: Shape, pattern: str, bounds: Check | None) -> Check:
    matches: list[Callable[[str], bool]] = []  # compiled at first use: most are never asked

    def satisfied(value: str) -> list[_Found] | None:
        wrong = bounds(value) if bounds is not None else None
        if wrong is not None and wrong[0].rule == "max_length":
            return wrong  # what is too long is not matched as well
        if not matches:
            matches.append(matcher(pattern))
        if not matches[0](value):
            wrong = [*(wrong or []), _Found(shape, "pattern", pattern, value)]
        return wrong

    return satisfied


def _length_check(shape: Shape) -> Check | None:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if not least and most is None:
        return None

    def length(value: Any) -> list[_Found] | None:
        size = len(value)
        if size < least:
            return [_Found(shape, "min_length", least, value)]
        if most is not None and size > most:
            return [_Found(shape, "max_length", most, value)]
        return None

    return length


def _range_check(shape: Shape) -> Check | None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None and most is None:
        return None

    def in_range(value: float) -> list[_Found] | None:
        if least is not None and not value >= least:
            return [_Found(shape, "min_value", least, value)]
        if most is not None and not value <= most:
            return [_Found(shape, "max_value", most, value)]
        return None

    return in_range
