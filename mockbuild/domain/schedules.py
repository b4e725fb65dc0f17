"""The schedules of image pipelines, ``cron(...)`` and ``rate(...)``: when they are due."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from mockbuild.domain.cron import Cron, parse_cron
from mockbuild.domain.cron import ScheduleError as ScheduleError

DEFAULT_TIMEZONE: Final = "UTC"
#: Nothing is due any more so late, where dates end.
_END = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class Schedule(ABC):
    """When something is due, over and over. Times are seconds since the epoch."""

    __slots__ = ()

    @abstractmethod
    def after(self, timestamp: float) -> Iterator[float]:
        """Go through the times after *timestamp*, in order; nothing is worked out in advance."""

    def next_after(self, timestamp: float) -> float | None:
        """Return the first time after *timestamp*; ``None`` if there is none any more."""
        return next(self.after(timestamp), None)

    def between(self, start: float, end: float) -> Iterator[float]:
        """Go through the times after *start* up to and including *end*.

        So windows that follow one another miss nothing and have nothing twice.
        """
        return takewhile(lambda timestamp: timestamp <= end, self.after(start))


def parse(expression: str, timezone: str = DEFAULT_TIMEZONE, *, start: float = 0.0) -> Schedule:
    """Read a schedule expression.

    :param timezone: the name of the IANA time zone in which ``cron(...)`` is meant.
    :param start: when ``rate(...)`` begins to count, in seconds since the epoch.
    :raises ScheduleError: the expression is not valid, or there is no such time zone.
    """
    zone = time_zone(timezone)
    match = re.fullmatch(r"(cron|rate)\((.*)\)", expression, re.DOTALL)
    if match is None:
        raise ScheduleError("A schedule is written cron(fields) or rate(value unit).")
    if match[1] == "cron":
        return CronSchedule(parse_cron(match[2]), zone)
    return RateSchedule(_period(match[2]), start)


def time_zone(name: str) -> tzinfo:
    """Return the time zone of that name. UTC needs no time zone database on this machine.

    :raises ScheduleError: there is none.
    """
    if name in ("UTC", "Etc/UTC"):
        return UTC
    try:
        # These lie in the database's folder, too, but are no zones: copies of all of them, and
        # whatever this machine is set to.
        if name.split("/")[0] not in ("posix", "right", "posixrules", "localtime"):
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # which one depends on what is found at that path
        pass
    raise ScheduleError(f"There is no time zone '{name}'.")


@dataclass(frozen=True, slots=True)
class CronSchedule(Schedule):
    """Due whenever the clock on the wall of *zone* shows one of the times of *cron*.

    A time that does not exist, as clocks go forward, is left out; one that comes twice, as they go
    back, counts once, the first time. EventBridge Scheduler documents both; that Image Builder does
    the same is a guess.
    """

    cron: Cron
    zone: tzinfo

    def after(self, timestamp: float) -> Iterator[float]:
        """Go through the times after *timestamp*, in order."""
        if not timestamp < _END:
            return
        # Two days before the first year there can be; dates may not reach back to -inf.
        since = datetime.fromtimestamp(max(timestamp, -172800.0), self.zone)
        for moment in self.cron.moments(since.replace(second=0, microsecond=0)):
            due = moment.timestamp()
            # Times of the same zone compare by what the clock on the wall shows.
            if due > timestamp and datetime.fromtimestamp(due, self.zone) == moment:
                yield due


@dataclass(frozen=True, slots=True)
class RateSchedule(Schedule):
    """Due every *period* seconds, the first time one period after *start*; that is a guess."""

    period: float
    start: float = 0.0

    def after(self, timestamp: float) -> Iterator[float]:
        """Go through the times after *timestamp*, in order."""
        if not timestamp < _END:
            return
        # One too early, if any: a quotient may be rounded up.
        count = math.floor((timestamp - self.start) / self.period) if timestamp > self.start else 0
        count = max(count, 1)
        while (due := self.start + count * self.period) < _END:
            if due > timestamp:
                yield due
            count += 1


_UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}


def _period(body: str) -> float:
    """Return the seconds of ``value unit``. The wording of the errors is a guess."""
    match = re.fullmatch(r"([0-9]+) +(minute|hour|day)(s?)", body)
    if match is None:
        raise ScheduleError("Invalid RATE expression: it is written rate(value unit).")
    digits = match[1].lstrip("0")
    if not 1 <= len(digits) <= 9:  # that there is a limit, and where, is a guess
        raise ScheduleError("Invalid RATE expression: the value must be a positive number.")
    if (digits == "1") == bool(match[3]):
        raise ScheduleError(
            "Invalid RATE expression: the unit must be singular for 1 and plural for more."
        )
    return int(digits) * _UNITS[match[2]]
