"""What the code under test has sent."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mockbuild.wire.gateway import Caller


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was sent.

    :param operation: its name, ``StartBuild``.
    :param params: the request's members as AWS spells them.
    :param region: the region it was sent to.
    :param account_id: the account it was made in.
    :param at: when, in seconds since the epoch.
    """

    operation: str
    params: dict[str, Any]
    region: str
    account_id: str
    at: float


#: From how many repetitions on they are packed.
_MANY = 8


class _Repeated:
    """A call and how often it came in a row: polling leaves little behind."""

    __slots__ = ("caller", "numbers", "operation", "params", "times")

    def __init__(self, operation: str, params: dict[str, Any], caller: Caller) -> None:
        self.operation = operation
        self.params = params
        self.caller = caller
        self.numbers: list[int] | array[int] = []
        self.times: list[float] | array[float] = []

    def add(self, number: int, at: float) -> None:
        """Take down one more time; what is polled is kept in little space."""
        if len(self.numbers) == _MANY:
            self.numbers, self.times = array("Q", self.numbers), array("d", self.times)
        self.numbers.append(number)
        self.times.append(at)


class CallLog:
    """All calls of one mock, in order.

    :param now: the time, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._groups: dict[str, list[_Repeated]] = {}
        self._count = 0

    def record(self, caller: Caller, operation: str, params: dict[str, Any]) -> None:
        """Take down a call."""
        groups = self._groups.setdefault(operation, [])
        last = groups[-1] if groups else None
        if last is None or last.params != params or last.caller != caller:
            last = _Repeated(operation, params, caller)
            groups.append(last)
        last.add(self._count, self._now())
        self._count += 1

    def of(self, operation: str | None = None) -> list[Call]:
        """Return the calls of *operation*, or all, in the order they came."""
        chosen = self._groups.values() if operation is None else [self._groups.get(operation, [])]
        numbered = sorted(
            (entry for groups in chosen for group in groups for entry in _unfolded(group)),
            key=lambda entry: entry[0],
        )
        return [call for _, call in numbered]


def _unfolded(group: _Repeated) -> Iterator[tuple[int, Call]]:
    caller = group.caller
    for number, at in zip(group.numbers, group.times, strict=True):
        yield (
            number,
            Call(group.operation, group.params, caller.region, caller.account_id, at),
        )
