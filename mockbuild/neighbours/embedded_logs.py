"""A stand-in for CloudWatch Logs, in memory."""

import threading
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from mockbuild.neighbours.base import Line, NeighbourError


class _Stream:
    def __init__(self) -> None:
        self.events: list[Line] = []
        self.attached: list[Callable[[], Iterable[Line]]] = []


class EmbeddedLogs:
    """The log groups of one region. See :class:`~mockbuild.neighbours.base.Logs`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[str, dict[str, _Stream]] = {}

    def put(self, group: str, stream: str, events: Iterable[Line]) -> None:
        """Append events to a stream, making it and its group when they are missing."""
        fresh = [event for event in events if event[1]]
        with self._lock:
            self._make(group, stream).events += fresh

    def attach(self, group: str, stream: str, lines: Callable[[], Iterable[Line]]) -> bool:
        """Have a stream show what *lines* returns whenever it is read."""
        with self._lock:
            self._make(group, stream).attached.append(lines)
        return True

    def read(self, group: str, stream: str) -> Sequence[Line]:
        """Return the events of a stream by time."""
        with self._lock:
            try:
                found = self._streams(group)[stream]
            except KeyError:
                raise missing("stream") from None
            events, attached = list(found.events), list(found.attached)
        for lines in attached:  # outside the lock: they may take one of their own
            events += (event for event in lines() if event[1])
        return sorted(events, key=itemgetter(0))

    def groups(self) -> Sequence[str]:
        """Return the names of all log groups, sorted."""
        with self._lock:
            return sorted(self._groups)

    def streams(self, group: str) -> Sequence[str]:
        """Return the names of a group's streams, in the order they were made."""
        with self._lock:
            return list(self._streams(group))

    def _streams(self, group: str) -> dict[str, _Stream]:
        try:
            return self._groups[group]
        except KeyError:
            raise missing("group") from None

    def _make(self, group: str, stream: str) -> _Stream:
        return self._groups.setdefault(group, {}).setdefault(stream, _Stream())


def missing(what: str) -> NeighbourError:
    """Return CloudWatch Logs' answer about a ``group`` or ``stream`` it does not have."""
    return NeighbourError("ResourceNotFoundException", f"The specified log {what} does not exist.")
