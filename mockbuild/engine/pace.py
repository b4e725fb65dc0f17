"""How much of what moves through time shows: all of it at a look, a step a look, or the clock's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from mockbuild.clock import Clock

ALWAYS = float("inf")


class Moving(Protocol):
    """Something whose future is written already: a build, a fleet."""

    #: How far looks have shown it; only of use where the clock does not decide.
    horizon: float

    @property
    def gate(self) -> float:
        """From when on it stands still until the clock gets to its end."""

    def next_moment(self, after: float) -> float:
        """Return when it moves next after that time, or infinity."""


class Pace:
    """How time passes for everything simulated in one mock.

    :param clock: what time it is.
    :param transitions: ``settled``, ``stepped`` or ``timed``; see the settings.
    """

    def __init__(self, clock: Clock, transitions: str) -> None:
        self.clock = clock
        self.timed = transitions == "timed"
        self.stepped = transitions == "stepped"
        self.settled = not self.timed and not self.stepped
        self._held: float | None = None

    def now(self) -> float:
        """Return the time, to the millisecond as records have it."""
        return round(self.clock.now(), 3) if self._held is None else self._held

    @contextmanager
    def held(self, at: float) -> Iterator[None]:
        """Let it be *at*: what had its time in the middle of a jump of the clock is done late."""
        before, self._held = self._held, round(at, 3)
        try:
            yield
        finally:
            self._held = before

    def until(self, thing: Moving) -> float:
        """Return up to when *thing* shows now, without this being a look."""
        if self.timed:
            return self.now()
        shown = min(thing.horizon, thing.gate)
        if self.stepped and thing.horizon < thing.gate:
            return shown
        return max(shown, self.now())

    def look(self, thing: Moving) -> float:
        """Look at *thing*, which moves it on where looks do that; return up to when it shows."""
        if not self.timed:
            thing.horizon = thing.next_moment(thing.horizon) if self.stepped else ALWAYS
        return self.until(thing)
