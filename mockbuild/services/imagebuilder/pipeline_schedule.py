"""The schedule of an image pipeline: when it is due, however far the clock jumps."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

from mockbuild.domain.schedules import Schedule
from mockbuild.services.imagebuilder.backend import ImageBuilder

#: How many of the times that one jump of the clock passes count, the first and the last of them:
#: so a year costs no more than some weeks, however often a pipeline is due.
MOST_IN_A_JUMP: Final = 1000
#: No schedule is due more often than this, in seconds.
_SHORTEST: Final = 60.0


class Plan:
    """What follows from one schedule of one pipeline.

    One that is not wanted any more only has to be forgotten: what is left of it on the agenda does
    nothing when it turns out not to be in force.

    :param here: where the pipeline is.
    :param schedule: when it is due.
    :param at: from when on.
    """

    def __init__(self, here: ImageBuilder, schedule: Schedule, at: float) -> None:
        self._here = here
        self._schedule = schedule
        self._times = schedule.after(at)
        self._seen = 0
        self._jump_ends = at
        #: When it is due next; ``None`` if it never is again.
        self.next = next(self._times, None)

    def start(self, *, in_force: Callable[[], bool], run: Callable[[float], None]) -> None:
        """Follow the schedule from now on.

        :param in_force: tells whether the plan still counts.
        :param run: called each time that it is due, with the time; the clock's is the same then,
            however late it is done.
        """
        if self.next is not None:
            self._here.means.agenda.at(self.next, partial(self._due, in_force, run))

    def _due(self, in_force: Callable[[], bool], run: Callable[[float], None], when: float) -> None:
        if not in_force():
            return
        try:
            run(when)
        finally:  # who is told of something may raise an error, which ends no schedule
            self._pass_over(when)
            self.next = next(self._times, None)
            self.start(in_force=in_force, run=run)

    def _pass_over(self, when: float) -> None:
        """Leave out what lies in the middle of a jump with too much in it."""
        if when > self._jump_ends:
            self._jump_ends = self._here.means.clock.now()  # the agenda holds the time at *when*
            self._seen = 0
        self._seen += 1
        if self._seen == MOST_IN_A_JUMP // 2:
            start = _last(self._schedule, when, self._jump_ends, MOST_IN_A_JUMP // 2)
            if start > when:
                self._times = self._schedule.after(start)


def _last(schedule: Schedule, start: float, end: float, count: int) -> float:
    """Return the time after which it is due *count* times up to *end*.

    :returns: *start* if it is not due more often after that.
    """
    if not _is_due_more_often(schedule.between(start, end), count):
        return start
    span = _SHORTEST * count
    while not _is_due_more_often(schedule.between(end - span, end), count):
        span *= 2
    return deque(schedule.between(end - span, end), maxlen=count + 1)[0]


def _is_due_more_often(times: Iterator[float], count: int) -> bool:
    return next(islice(times, count, None), None) is not None
