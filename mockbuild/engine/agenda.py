"""What is to happen at some time: looked up when somebody calls, so that nothing has to poll."""

import heapq
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count


class Agenda:
    """Things to do, each at its time.

    :param held: holds the time still while something is done that was due before now.
    """

    def __init__(self, held: Callable[[float], AbstractContextManager[None]]) -> None:
        self._held = held
        self._entries: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()

    def at(self, when: float, act: Callable[[float], None]) -> None:
        """Have *act* called, with *when*, as soon as it is known that this time has come."""
        heapq.heappush(self._entries, (when, next(self._order), act))

    def advance(self, now: float) -> None:
        """Do all that is due by *now*, in order of time; what that adds, too."""
        while self._entries and self._entries[0][0] <= now:
            when, _, act = heapq.heappop(self._entries)
            with self._held(when):
                act(when)
