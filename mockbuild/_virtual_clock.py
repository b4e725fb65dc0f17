"""The clock that does not wait: who sleeps moves it.

Imported on use, as it needs freezegun. Time is kept in whole microseconds, so sums of sleeps are
exact and the code under test reads the very numbers the clock does.
"""

import asyncio
import heapq
import math
import threading
from asyncio import AbstractEventLoop, Future, Handle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import count

from mockbuild import _time_patch
from mockbuild.clock import REAL_SLEEP, Alarm, Alarms, Clock, steady_seconds, wall_seconds

_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC is what freezegun deals in
_END = 253_402_300_799 * _SECOND  # the last second a datetime can show


class VirtualClock(Clock):
    """Frozen time, which sleeps in the code under test move on instead of waiting.

    It starts at the current time, in whole milliseconds. freezegun freezes ``time`` and
    ``datetime``; ``time.sleep`` and ``asyncio.sleep`` (and what uses them, such as botocore's
    waiters and retries) move the clock. Not so where something really happens: waiting with a
    timeout for a lock, queue, future, process or socket takes real time.

    While a machine really runs (:meth:`running`), the clock goes with real time, and a sleep
    ends at the next event of a running build or after as many real seconds. It may end early,
    then: the code under test looks, and sleeps again.

    As always with freezegun, local time without a zone (``datetime.now()``) shows UTC.

    A freezegun around it starts it and its ticks move it; inside a freezegun of the user's own
    that frozen time counts, and sleeps move both.
    """

    def __init__(self) -> None:
        lock = threading.RLock()
        self._moved = threading.Condition(lock)
        self._at = 0  # microseconds at which the clock stood still, or began to go
        self._going_since = 0.0
        self._running = 0  # machines
        self._events = 0
        self._started = False
        self._beneath: Callable[[], datetime] | None = None  # what freezes time around us
        self._beneath_seen = 0
        self._loops: dict[AbstractEventLoop, _LoopSleepers] = {}
        self._factory = _Factory(self)
        self._alarms = Alarms(
            now=self._shown, steady=lambda: _seconds(self.moment()), flows=self.goes, lock=lock
        )

    # The time.

    def now(self) -> float:
        """Return the time, in seconds since the epoch, exactly as ``time.time()`` shows it."""
        now = self._shown()
        if now >= self._alarms.soonest:  # a freezegun of the user's own was moved
            self._alarms.replan()
        return now

    def moment(self) -> int:
        """Return the clock's own time, in microseconds since the epoch. It never goes back."""
        with self._moved:
            if not self._started and not self._at:
                self._at = _milliseconds_now()
            if self._beneath is not None:
                seen = _microseconds(self._beneath())
                self._at += max(0, seen - self._beneath_seen)
                self._beneath_seen = max(seen, self._beneath_seen)
            if self._running:
                return self._at + int((steady_seconds() - self._going_since) * _SECOND)
            return self._at

    def _shown(self) -> float:
        foreign = _time_patch.foreign_factory(self._factory) if self._started else None
        return _seconds(self.moment() if foreign is None else _microseconds(foreign()))

    def alarm(self, at: float, action: Callable[[], None]) -> Alarm:
        """Have *action* called when the clock reaches *at* (to the microsecond)."""
        return self._alarms.add(_seconds(round(at * _SECOND)), action)

    # Moving it.

    def _advance(self, span: float) -> None:
        target = self.moment() + round(span * _SECOND)
        self.step(target)
        while self.moment() < target:
            self.step(target)

    def step(self, target: int, *, asleep: bool = False) -> None:
        """Move on to *target*, or to the first alarm before it, and let that go off.

        :param asleep: somebody sleeps until *target*. That moves no clock that goes by itself.
        """
        with self._alarms.stepping():
            with self._moved:
                if asleep and self._running:
                    return
                span = max(0, target - self.moment())
                left = self._alarms.left()
                if left is not None:
                    span = min(span, max(0, round(left * _SECOND)))
                self._move(span)
            self._alarms.fire_due()
            self._alarms.replan()

    def _move(self, span: int) -> None:
        if self._at + span > _END:
            raise OverflowError("the virtual clock ends with the year 9999")
        self._at += span
        foreign = _time_patch.foreign_factory(self._factory) if self._started else None
        if foreign is not None:
            foreign.move_to(foreign() + timedelta(microseconds=span))
        self._stir()

    def _stir(self, *, wake: bool = False) -> None:
        """Tell all sleepers that something changed; with *wake*, they are to wake at once."""
        with self._moved:
            if wake:
                self._events += 1
            self._moved.notify_all()
            for loop, sleepers in list(self._loops.items()):
                try:
                    loop.call_soon_threadsafe(sleepers.settle, wake)
                except RuntimeError:  # closed, with its sleepers
                    del self._loops[loop]

    # Taking effect.

    def start(self) -> None:
        """Freeze time, at the current millisecond, and take over the sleeps."""
        with self._moved:
            if self._started:
                return
            self._at = max(self._at, _milliseconds_now())
            self._beneath = _time_patch.foreign_factory(self._factory)
            if self._beneath is not None:
                self._beneath_seen = _microseconds(self._beneath())
            _time_patch.install(self, self._factory, self._factory())
            self._started = True
        self._alarms.open()

    def stop(self) -> None:
        """Let time go on, wake all sleepers, forget all alarms."""
        with self._moved:
            if not self._started:
                return
            self._at, self._beneath = self.moment(), None
            self._started = False
            _time_patch.remove(self, self._factory)
            self._stir(wake=True)
            self._loops.clear()
        self._alarms.close()

    # Machines that really run.

    def running(self) -> AbstractContextManager[None]:
        """Return what a really running machine is inside of: the clock goes with real time."""
        return self._run()

    @contextmanager
    def _run(self) -> Iterator[None]:
        with self._moved:
            if not self._running:
                self._at, self._going_since = self.moment(), steady_seconds()
            self._running += 1
            self._stir()
        self._alarms.replan()
        try:
            yield
        finally:
            with self._moved:
                at = self.moment()
                self._running -= 1
                if not self._running:
                    self._at = at
                self._stir(wake=True)
            self._alarms.replan()

    def notify(self) -> None:
        """Wake who sleeps: a build that really runs has made an event."""
        self._stir(wake=True)

    # Sleeping.

    def sleep(self, seconds: float) -> None:
        """Stand in for ``time.sleep``."""
        with self._moved:
            target, events = self._wake_time(seconds), self._events
        while True:
            with self._moved:
                left = target - self.moment()
                if left <= 0 or events != self._events or not self._started:
                    break
                if self._running:
                    self._moved.wait(min(left / _SECOND, threading.TIMEOUT_MAX))
                    continue
            self.step(target, asleep=True)
        REAL_SLEEP(0)  # other threads may want to run

    async def sleep_async(self, seconds: float) -> None:
        """Stand in for ``asyncio.sleep``: the loop's other work comes first."""
        loop = asyncio.get_running_loop()
        with self._moved:
            sleepers = self._loops.get(loop)
            if sleepers is None:
                sleepers = self._loops[loop] = _LoopSleepers(self, loop)
            target = self._wake_time(seconds)
        await sleepers.sleep_until(target)

    def goes(self) -> bool:
        """Tell whether the clock goes by itself, because a machine really runs."""
        return self._running > 0

    def forget(self, loop: AbstractEventLoop) -> None:
        """Note that nobody sleeps in *loop* any more."""
        with self._moved:
            self._loops.pop(loop, None)

    def _wake_time(self, seconds: float) -> int:
        if math.isnan(seconds):
            raise ValueError("Invalid value NaN (not a number)")
        target = self.moment() + (_END if math.isinf(seconds) else math.ceil(seconds * _SECOND))
        if target > _END and not self._running:
            raise OverflowError("the virtual clock ends with the year 9999")
        return target


class _LoopSleepers:
    """Who sleeps in one event loop. Used only in the loop's own thread.

    The clock jumps to the first of them when the loop has had nothing else to do twice in a row
    (once more than seems needed, so that input which is already there is seen).
    """

    def __init__(self, clock: VirtualClock, loop: AbstractEventLoop) -> None:
        self._clock = clock
        self._loop = loop
        self._order = count()
        self._asleep: list[tuple[int, int, Future[None]]] = []
        self._next_look: Handle | None = None

    async def sleep_until(self, target: int) -> None:
        future: Future[None] = self._loop.create_future()
        heapq.heappush(self._asleep, (target, next(self._order), future))
        self._look_soon()
        try:
            await future
        finally:
            future.cancel()
            self._prune()

    def settle(self, wake: bool) -> None:
        """Wake those whose time has come, or (with *wake*) all of them."""
        now = self._clock.moment()
        while self._asleep and (wake or self._asleep[0][0] <= now):
            future = heapq.heappop(self._asleep)[2]
            if not future.done():
                future.set_result(None)
        if not self._prune():
            self._look_soon()

    def _prune(self) -> bool:
        """Forget those who were cancelled; true if nobody is left."""
        while self._asleep and self._asleep[0][2].done():
            heapq.heappop(self._asleep)
        if self._asleep:
            return False
        self._plan(None)
        self._clock.forget(self._loop)
        return True

    def _plan(self, look: Handle | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        self._next_look = look

    def _look_soon(self, quiet: int = 0) -> None:
        self._plan(self._loop.call_soon(self._look, quiet))

    def _look(self, quiet: int) -> None:
        self._next_look = None
        if self._prune():
            return
        target = self._asleep[0][0]
        left = target - self._clock.moment()
        if left > 0 and self._clock.goes():
            self._plan(self._loop.call_later(left / _SECOND, self._look_soon))
        elif left > 0 and getattr(self._loop, "_ready", None):  # uvloop does not say
            self._look_soon()
        elif left > 0 and quiet < 2:
            self._look_soon(quiet + 1)
        else:
            self._clock.step(target, asleep=True)
            self.settle(False)


class _Factory:
    """How freezegun asks the clock, and moves it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def __call__(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._clock.moment())

    def move_to(self, target_datetime: datetime) -> None:
        self._clock.tick(target_datetime - self())


def _seconds(microseconds: int) -> float:
    """Return what freezegun's ``time.time`` makes of them, to the last bit."""
    return microseconds // _SECOND + microseconds % _SECOND / 1e6


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _milliseconds_now() -> int:
    return round(wall_seconds() * 1000) * 1000
