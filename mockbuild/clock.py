"""What time it is, and what is to happen when.

Nothing else in the library reads the time or waits for it: everything asks the clock it was
given. Time is a float, seconds since the epoch.
"""

import bisect
import calendar
import math
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

from mockbuild.errors import ConfigurationError

#: The interpreter's own, from before anybody replaced it.
REAL_SLEEP = time.sleep

#: An alarm with less left than this many seconds is due: a float has no more digits today.
_DUE = 5e-7


def steady_seconds() -> float:
    """Return real seconds on a scale that nobody moves.

    ``time.monotonic`` is the same scale, but freezegun freezes it.
    """
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def wall_seconds() -> float:
    """Return the time the code under test sees: real, frozen by freezegun, or time-machine's.

    A frozen time is read where freezegun keeps it. Its ``time.time`` answers some callers with
    the real time, by the modules on their stack: anything near the start of a thread, for one.
    """
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None:
        try:
            moment = freezegun.freeze_factories[-1]()
        except IndexError:  # nothing is frozen
            return time.time()
        seconds: float = calendar.timegm(moment.timetuple()) + moment.microsecond / 1e6
        return seconds
    return time.time()


class Alarm(Protocol):
    """An action that waits for its time."""

    def cancel(self) -> None:
        """Forget the action; too late once it is being called."""


class Clock(ABC):
    """The time of one mock."""

    @abstractmethod
    def now(self) -> float:
        """Return the time, in seconds since the epoch."""

    @abstractmethod
    def alarm(self, at: float, action: Callable[[], None]) -> Alarm:
        """Have *action* called, once, when the clock reaches *at*.

        Alarms go off in order of their times, one after another: inside :meth:`tick`,
        :meth:`move_to` or a virtual sleep that passes them, otherwise in a thread of the clock's
        own. One whose time has passed already goes off at once, in that thread.

        :param at: seconds since the epoch.
        :param action: called without arguments. It may use the clock; it must not wait for a
            thread that moves it.
        """

    def tick(
        self,
        delta: float | timedelta = 0,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> float:
        """Move the clock forward by the sum of what is given, and return the new time.

        :param delta: seconds, or a :class:`~datetime.timedelta`.
        :raises ConfigurationError: the sum is negative, or not a number.
        """
        first = delta.total_seconds() if isinstance(delta, timedelta) else delta
        span = first + seconds + 60 * minutes + 3600 * hours + 86400 * days
        if not 0 <= span < math.inf:
            raise ConfigurationError(f"a clock does not go back: tick() by {span:g} seconds")
        self._advance(span)
        return self.now()

    def move_to(self, at: float | datetime) -> float:
        """Move the clock forward to *at*, and return the new time.

        :param at: seconds since the epoch, or a datetime (without a time zone, it is UTC).
        :raises ConfigurationError: the clock is past *at*, or *at* is not a number.
        """
        if isinstance(at, datetime):
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        now = self.now()
        if not now <= at < math.inf:
            raise ConfigurationError(f"a clock does not go back: move_to({at}), and it is {now}")
        self._advance(at - now)
        return self.now()

    @abstractmethod
    def _advance(self, span: float) -> None:
        """Move forward by *span* seconds, letting the alarms on the way go off."""

    @abstractmethod
    def start(self) -> None:
        """Take effect on the code under test. Without effect when already started."""

    @abstractmethod
    def stop(self) -> None:
        """Leave nothing behind: no patch, thread or alarm. Without effect when stopped."""

    @abstractmethod
    def running(self) -> AbstractContextManager[None]:
        """Return what a machine that really runs is inside of, for as long as it runs.

        May be entered in one thread and left in another. To be entered before the code under
        test can look at the build, and left once the build's last event can be seen.
        """

    @abstractmethod
    def notify(self) -> None:
        """Say that a build that really runs has made an event: who sleeps may want to look."""


class Alarms:
    """Alarms waiting for their times, and the thread that waits with them.

    An alarm is due when the clock shows its time, or when as much steady time has passed as was
    left when it was planned, whichever comes first. So an alarm goes off when a clock frozen by
    the test is moved past it, and a build that hangs is ended in real time though the clock is
    frozen and nobody moves it.

    :param now: the clock.
    :param steady: seconds on a scale that never goes back.
    :param flows: tells whether the steady scale moves on by itself, at one second per second.
    :param lock: what *now* and *steady* lock, if anything.
    """

    def __init__(
        self,
        now: Callable[[], float],
        steady: Callable[[], float],
        flows: Callable[[], bool] = lambda: True,
        lock: "threading.RLock | None" = None,
    ) -> None:
        self._now = now
        self._steady = steady
        self._flows = flows
        self._order = count()
        self._waiting: list[_Alarm] = []  # by time, then in the order they were planned
        self._changed = threading.Condition(lock)
        self._firing = threading.RLock()  # one at a time; never needed to plan or to cancel
        self._thread: threading.Thread | None = None
        self._closed = False
        #: The earliest time in question: a clock that shows it calls :meth:`replan`.
        self.soonest = math.inf

    def add(self, at: float, action: Callable[[], None]) -> Alarm:
        """Plan *action*; after :meth:`close` it is never called."""
        alarm = _Alarm(self, at, self._steady() + at - self._now(), next(self._order), action)
        with self._changed:
            if not self._closed:
                bisect.insort(self._waiting, alarm)
                self.replan()
        return alarm

    def discard(self, alarm: "_Alarm") -> None:
        """Forget *alarm*, if it still waits."""
        with self._changed:
            if alarm in self._waiting:
                self._waiting.remove(alarm)
                self.replan()

    def left(self) -> float | None:
        """Return the steady seconds until the next alarm is due, ``None`` without one."""
        with self._changed:
            now, steady = self._now(), self._steady()
            return min((alarm.left(now, steady) for alarm in self._waiting), default=None)

    def replan(self) -> None:
        """Look again at what is to be waited for: an alarm came or went, or the clock moved."""
        with self._changed:
            self.soonest = self._waiting[0].at if self._waiting else math.inf
            self._changed.notify_all()
            if self._thread is None and self._wait_for() is not None:
                self._thread = threading.Thread(
                    target=self._watch, name="mockbuild-clock", daemon=True
                )
                self._thread.start()

    def fire_due(self) -> None:
        """Let every alarm that is due go off, in order."""
        with self._firing:
            while (alarm := self._pop_due()) is not None:
                alarm.action()

    def stepping(self) -> AbstractContextManager[object]:
        """Return the lock that is held while alarms go off; the same thread may take it again."""
        return self._firing

    def open(self) -> None:
        """Take alarms (again)."""
        with self._changed:
            self._closed = False

    def close(self) -> None:
        """Forget all alarms and end the thread."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            thread, self._thread = self._thread, None
            self.replan()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _pop_due(self) -> "_Alarm | None":
        with self._changed:
            now, steady = self._now(), self._steady()
            for place, alarm in enumerate(self._waiting):
                if alarm.left(now, steady) < _DUE:
                    del self._waiting[place]
                    self.soonest = self._waiting[0].at if self._waiting else math.inf
                    return alarm
            return None

    def _wait_for(self) -> float | None:
        """Return for how many real seconds the thread has to wait; ``None``: until told."""
        left = self.left()
        if left is None or (left >= _DUE and not self._flows()):
            return None
        return 0 if left < _DUE else min(left, threading.TIMEOUT_MAX)

    def _watch(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                while self._thread is me and (wait := self._wait_for()) != 0:
                    self._changed.wait(wait)
                if self._thread is not me:
                    return
            try:
                self.fire_due()
            except Exception:  # as for any thread: reported, and the other alarms are still wanted
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), me)))


class _Alarm:
    __slots__ = ("_alarms", "action", "at", "order", "steady_at")

    def __init__(
        self, alarms: Alarms, at: float, steady_at: float, order: int, action: Callable[[], None]
    ) -> None:
        self._alarms = alarms
        self.at = at
        self.steady_at = steady_at
        self.order = order
        self.action = action

    def __lt__(self, other: "_Alarm") -> bool:
        return (self.at, self.order) < (other.at, other.order)

    def left(self, now: float, steady: float) -> float:
        return min(self.at - now, self.steady_at - steady)

    def cancel(self) -> None:
        self._alarms.discard(self)


class RealClock(Clock):
    """The time the code under test sees anyway, plus what :meth:`tick` added for mockbuild alone.

    A freezegun or time-machine of the user's own is honoured. When a frozen time is moved past
    an alarm, the alarm goes off as soon as anybody asks the clock for the time.
    """

    def __init__(self) -> None:
        self._ahead = 0.0
        self._alarms = Alarms(self._read, steady_seconds)

    def _read(self) -> float:
        return wall_seconds() + self._ahead

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        now = self._read()
        if now >= self._alarms.soonest:
            self._alarms.replan()
        return now

    def alarm(self, at: float, action: Callable[[], None]) -> Alarm:
        """Have *action* called when the clock reaches *at*, or after as many real seconds."""
        return self._alarms.add(at, action)

    def _advance(self, span: float) -> None:
        with self._alarms.stepping():
            self._ahead += span
            self._alarms.fire_due()
        self._alarms.replan()

    def start(self) -> None:
        """Take alarms; the code under test is left as it is."""
        self._alarms.open()

    def stop(self) -> None:
        """Forget all alarms and end the thread that waited with them, if there was one."""
        self._alarms.close()

    def running(self) -> AbstractContextManager[None]:
        """Return a context manager without effect: real time passes anyway."""
        return nullcontext()

    def notify(self) -> None:
        """Do nothing: nobody's sleep is ours to end."""


def make_clock(name: str) -> Clock:
    """Return a new clock, not started.

    :param name: ``"real"`` or ``"virtual"``.
    :raises ConfigurationError: it is neither.
    """
    if name == "real":
        return RealClock()
    if name == "virtual":
        from mockbuild._virtual_clock import VirtualClock

        return VirtualClock()
    raise ConfigurationError(f'clock is "real" or "virtual", not {name!r}')
