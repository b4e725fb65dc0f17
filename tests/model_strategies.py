"""Values for every operation, made from botocore's model: valid ones, and ones with a single fault.

``inputs(operation)`` and ``outputs(operation)`` are hypothesis strategies of valid parameters
and results. ``minimal_input(operation)`` is the smallest valid call. ``faults(operation)`` lists
calls that break exactly one constraint, for every constraint the model states.
"""

import copy
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from mockbuild.wire.patterns import ascii_pattern, matcher

INTEGER_LIMITS = {"integer": 2**31 - 1, "long": 2**53}
Params = dict[str, Any]
Step = str | int


# botocore 1.40 sends whole seconds only.
WHOLE_SECONDS: st.SearchStrategy[float] = st.integers(0, 2**32).map(float)


def inputs(
    operation: OperationModel, *, times: st.SearchStrategy[float] = WHOLE_SECONDS
) -> st.SearchStrategy[Params]:
    """Valid parameters."""
    return values(operation.input_shape, times) if operation.input_shape else st.just({})


def outputs(
    operation: OperationModel, *, times: st.SearchStrategy[float] = WHOLE_SECONDS
) -> st.SearchStrategy[Params]:
    """Results a handler might return."""
    return values(operation.output_shape, times) if operation.output_shape else st.just({})


def values(shape: Shape, times: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Valid values of a shape."""
    return _Strategies(times).of(shape)


class _Strategies:
    def __init__(self, times: st.SearchStrategy[float]) -> None:
        self._times = times
        self._known: dict[str, st.SearchStrategy[Any]] = {}

    def of(self, shape: Any) -> st.SearchStrategy[Any]:
        kind = shape.type_name
        if kind in ("structure", "list", "map"):
            if shape.name not in self._known:
                self._known[shape.name] = st.deferred(lambda: self._known[shape.name])
                self._known[shape.name] = getattr(self, f"_{kind}")(shape)
            return self._known[shape.name]
        if kind == "timestamp":
            return self._times
        return scalars(shape)

    def _structure(self, shape: Any) -> st.SearchStrategy[Any]:
        members = {name: self.of(member) for name, member in shape.members.items()}
        return st.fixed_dictionaries(
            {name: members[name] for name in shape.required_members},
            optional={n: m for n, m in members.items() if n not in shape.required_members},
        )

    def _list(self, shape: Any) -> st.SearchStrategy[Any]:
        least, most = _bounds(shape, 2)
        return st.lists(self.of(shape.member), min_size=least, max_size=most)

    def _map(self, shape: Any) -> st.SearchStrategy[Any]:
        least, most = _bounds(shape, 2)
        keys, items = self.of(shape.key), self.of(shape.value)
        return st.dictionaries(keys, items, min_size=least, max_size=most)


def _bounds(shape: Shape, usual: int) -> tuple[int, int]:
    least = int(shape.metadata.get("min", 0))
    return least, min(int(shape.metadata.get("max", least + usual)), least + usual)


def scalars(shape: Any) -> st.SearchStrategy[Any]:
    """Valid values of a shape that has no parts (and is no timestamp)."""
    kind = shape.type_name
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if kind == "boolean":
        return st.booleans()
    if kind in INTEGER_LIMITS:
        limit = INTEGER_LIMITS[kind]
        return st.integers(-limit if least is None else least, limit if most is None else most)
    if kind in ("float", "double"):
        return st.floats(least, most, allow_nan=False, allow_infinity=False)
    if kind == "blob":
        return st.binary(min_size=least or 0, max_size=(least or 0) + 8)
    return _strings(shape)


@cache
def _patterned(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(ascii_pattern(pattern), re.ASCII), fullmatch=True)


def _strings(shape: Any) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from(shape.enum)
    least, most = _bounds(shape, 24)
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return st.text(st.characters(codec="utf-8"), min_size=least, max_size=most)
    top = shape.metadata.get("max", 1 << 30)
    return _patterned(pattern).filter(lambda text: least <= len(text) <= top)


# ---- one valid call, and calls with one fault ----


def minimal(shape: Shape) -> Any:
    """The simplest valid value of a shape: its required members, the fewest items."""
    kind = shape.type_name
    anything: Any = shape
    if kind == "structure":
        return {name: minimal(anything.members[name]) for name in anything.required_members}
    if kind == "list":
        return [minimal(anything.member) for _ in range(_bounds(shape, 0)[0])]
    if kind == "map":
        count = _bounds(shape, 0)[0]
        return {minimal(anything.key): minimal(anything.value)} if count else {}
    if kind == "timestamp":
        return 1_600_000_000.0
    return _simplest(shape.name, _Held(shape))


@dataclass(frozen=True, eq=False)
class _Held:
    shape: Shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.shape.metadata == other.shape.metadata

    def __hash__(self) -> int:
        return hash(self.shape.name)


@cache
def _simplest(_: str, held: _Held) -> Any:
    once = settings(
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        return find(scalars(held.shape), lambda _: True, settings=once)


def minimal_input(operation: OperationModel) -> Params:
    """The smallest valid parameters of an operation."""
    return minimal(operation.input_shape) if operation.input_shape else {}


@dataclass(frozen=True)
class Fault:
    """A call that breaks one constraint.

    :ivar path: where, as ``source.type``, ``tags[0].key``.
    :ivar rule: which one: ``required``, ``enum``, ``pattern``, ``min_length`` …
    :ivar params: the call's parameters.
    """

    path: str
    rule: str
    params: Params


def faults(operation: OperationModel) -> Iterator[Fault]:
    """Every single fault the model knows for an operation (a nested shape's only once)."""
    if operation.input_shape is None:
        return
    seen: set[str] = set()
    for steps, shape, member_required in _places(operation.input_shape, (), seen, required=True):
        base = minimal_input(operation)
        if member_required and steps and isinstance(steps[-1], str):
            yield _without(operation, base, steps)
        for rule, wrong in _wrong_values(shape):
            params = _with(operation.input_shape, base, steps, wrong)
            yield Fault(_path(steps), rule, params)


def _places(
    shape: Any, steps: tuple[Step, ...], seen: set[str], *, required: bool
) -> Iterator[tuple[tuple[Step, ...], Shape, bool]]:
    if steps:
        yield steps, shape, required
    if shape.type_name == "structure" and shape.name not in seen:
        seen.add(shape.name)
        for name, member in shape.members.items():
            needed = name in shape.required_members
            yield from _places(member, (*steps, name), seen, required=needed)
    if shape.type_name == "list":
        yield from _places(shape.member, (*steps, 0), seen, required=False)


def _wrong_values(shape: Any) -> Iterator[tuple[str, Any]]:
    kind = shape.type_name
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if kind in ("integer", "long", "float", "double"):
        if least is not None:
            yield "min_value", least - 1
        if most is not None:
            yield "max_value", most + 1
    elif kind == "list":
        one = minimal(shape.member)
        if least:
            yield "min_length", [one] * (least - 1)
        if most is not None:
            yield "max_length", [one] * (most + 1)
    elif kind == "string":
        yield from _wrong_strings(shape, least, most)


def _wrong_strings(shape: Any, least: int | None, most: int | None) -> Iterator[tuple[str, Any]]:
    if shape.enum:
        yield "enum", "no such value"
        return
    pattern = shape.metadata.get("pattern")
    good = matcher(pattern) if pattern else lambda _: True
    if least and good("a" * (least - 1)):
        yield "min_length", "a" * (least - 1)
    if most is not None:
        yield "max_length", "a" * (most + 1)
    if pattern and not good("\0" * (least or 1)):
        yield "pattern", "\0" * (least or 1)


def _without(operation: OperationModel, base: Params, steps: tuple[Step, ...]) -> Fault:
    params = _with(operation.input_shape, base, steps, None)
    holder: Any = params
    for step in steps[:-1]:
        holder = holder[step]
    del holder[steps[-1]]
    return Fault(_path(steps), "required", params)


def _with(shape: Any, base: Params, steps: tuple[Step, ...], value: Any) -> Params:
    """A copy with the value put in its place, what lies on the way there made up."""
    params = copy.deepcopy(base)
    holder: Any = params
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        shape = shape.members[step] if isinstance(step, str) else shape.member
        if following is None:
            new = value
        elif isinstance(step, str):
            new = holder.get(step) or minimal(shape)
        else:
            new = holder[0]
        if isinstance(following, int) and not new:
            new = [minimal(shape.member)]
        holder[step] = new
        holder = new
    return params


def _path(steps: tuple[Step, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
