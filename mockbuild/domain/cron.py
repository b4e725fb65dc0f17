"""Cron expressions of six fields: at which minutes of which days something is due.

The fields are minute, hour, day of the month, month, day of the week (1 is Sunday) and year, as in
Image Builder's guide; where it is silent, as in EventBridge's. What neither says is marked as a
guess. Time zones are not here, but in :mod:`mockbuild.domain.schedules`.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import takewhile
from typing import NamedTuple, NoReturn


class ScheduleError(ValueError):
    """An expression or a time zone is not valid; the message says why, in whole sentences."""


#: The days of one month that are meant, in order; it is given the year and the month.
DayRule = Callable[[int, int], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Cron:
    """What the fields of an expression mean; the numbers go up.

    :param days: what day of the month and day of the week mean together.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: DayRule
    months: tuple[int, ...]
    years: tuple[int, ...]

    def moments(self, since: datetime) -> Iterator[datetime]:
        """Go through the times on the clock on the wall, from *since* on, in its time zone.

        Ends at the latest with the year 2199, and soon for a day that never comes (30 February).
        """
        for day in self._dates(since.date()):
            skip = bisect_left(self.hours, since.hour) if day == since.date() else 0
            for hour in self.hours[skip:]:
                for minute in self.minutes:
                    moment = datetime(
                        day.year, day.month, day.day, hour, minute, tzinfo=since.tzinfo
                    )
                    if moment >= since:
                        yield moment

    def _dates(self, since: date) -> Iterator[date]:
        for year in self.years[bisect_left(self.years, since.year) :]:
            for month in self.months:
                if (year, month) >= (since.year, since.month):
                    found = (date(year, month, day) for day in self.days(year, month))
                    yield from (day for day in found if day >= since)


# Which days of a month.


def _numbered(numbers: tuple[int, ...], year: int, month: int) -> Iterable[int]:
    _, last = monthrange(year, month)
    return takewhile(lambda day: day <= last, numbers)


def _last_day(year: int, month: int) -> Iterable[int]:
    return [monthrange(year, month)[1]]


def _nearest_weekday(day: int | None, year: int, month: int) -> Iterable[int]:
    """Return the day from Monday to Friday nearest to *day*, or to the last one.

    That it stays within the month, and that a month too short to have the day is left out, are
    guesses.
    """
    _, last = monthrange(year, month)
    near = last if day is None else day
    if near > last:
        return []
    weekday = date(year, month, near).isoweekday()
    if weekday == 6:
        return [near - 1 if near > 1 else near + 2]
    if weekday == 7:
        return [near + 1 if near < last else near - 2]
    return [near]


def _first(weekday: int, year: int, month: int) -> int:
    """Return the first day of the month that is a *weekday*, 1 for Sunday."""
    first_of_month, _ = monthrange(year, month)  # 0 for Monday
    return (weekday - 2 - first_of_month) % 7 + 1


def _on_weekdays(weekdays: tuple[int, ...], year: int, month: int) -> Iterable[int]:
    _, last = monthrange(year, month)
    firsts = sorted(_first(weekday, year, month) for weekday in weekdays)
    days = (week + first for week in range(0, last, 7) for first in firsts)
    return takewhile(lambda day: day <= last, days)


def _nth_weekday(weekday: int, number: int, year: int, month: int) -> Iterable[int]:
    _, last = monthrange(year, month)
    day = _first(weekday, year, month) + 7 * (number - 1)
    return [day] if day <= last else []


def _last_weekday(weekday: int, year: int, month: int) -> Iterable[int]:
    _, last = monthrange(year, month)
    first = _first(weekday, year, month)
    return [first + (last - first) // 7 * 7]


# How it is written.


@dataclass(frozen=True, slots=True)
class _Field:
    """What numbers and names a field takes.

    :param steps: whether it takes ``/``; the guides do not have it among those of the weekday.
    :param around: whether a range may go past the end. EventBridge's guide has ``20-2`` for hours;
        that it may in every field but the year is a guess.
    """

    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    steps: bool = True
    around: bool = True


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day-of-month", 1, 31)
_MONTH = _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)})
_WEEKDAY = _Field(
    "day-of-week", 1, 7, {name: number for number, name in enumerate(_WEEKDAYS, 1)}, steps=False
)
_YEAR = _Field("year", 1970, 2199, around=False)
#: ``L`` alone is Sunday: so says Image Builder's guide, though its week begins with that day.
#: Saturday, which EventBridge's "last day of the week" would be, is as likely; this is a guess.
_LAST_OF_WEEK = 1


class _Word(NamedTuple):
    text: str
    position: int


def parse_cron(fields: str) -> Cron:
    """Read what stands between the parentheses of ``cron(...)``; the case of letters is all one.

    An expression that is never due, such as one for 30 February, is valid; that is a guess.

    :raises ScheduleError: it is not valid. The message for too few fields was recorded, with the
        position; of all others the wording, and the position of the field, are guesses.
    """
    strange = re.search("[^ -~]", fields)
    if strange is not None:
        _fail(strange.start(), "Unexpected character.")
    words = [_Word(found[0].upper(), found.start()) for found in re.finditer(r"\S+", fields)]
    if fields != fields.strip():
        _fail(0, "No space may come before the first field or after the last.")
    if len(words) < 6:
        _fail(len(fields), "Unexpected end of expression.")
    if len(words) > 6:
        _fail(words[6].position, "There are more than six fields.")
    minute, hour, day, month, weekday, year = words
    if (day.text == "?") == (weekday.text == "?"):
        _fail(weekday.position, "Exactly one of day-of-month and day-of-week must be '?'.")
    return Cron(
        _numbers(_MINUTE, minute),
        _numbers(_HOUR, hour),
        _weekday_rule(weekday) if day.text == "?" else _day_rule(day),
        _numbers(_MONTH, month),
        _numbers(_YEAR, year),
    )


def _fail(position: int, details: str) -> NoReturn:
    raise ScheduleError(
        f"Invalid CRON expression: error at position {position}, details: {details}"
    )


def _day_rule(word: _Word) -> DayRule:
    """Read the day of the month.

    That ``L`` and ``W`` take no list, and ``L`` no number of days before the last, is a guess.
    """
    if word.text == "L":
        return _last_day
    if word.text == "LW":
        return partial(_nearest_weekday, None)
    if word.text.endswith("W"):
        return partial(_nearest_weekday, _value(_DAY, word, word.text[:-1]))
    return partial(_numbered, _numbers(_DAY, word))


def _weekday_rule(word: _Word) -> DayRule:
    """Read the day of the week.

    That one with ``#`` stands alone is documented; that one with ``L`` does, too, is a guess.
    """
    if word.text == "L":
        return partial(_on_weekdays, (_LAST_OF_WEEK,))
    if word.text.endswith("L"):
        return partial(_last_weekday, _value(_WEEKDAY, word, word.text[:-1]))
    weekday, hash_sign, number = word.text.partition("#")
    if hash_sign:
        if number not in ("1", "2", "3", "4", "5"):
            _fail(word.position, "'#' must be followed by a number from 1 to 5.")
        return partial(_nth_weekday, _value(_WEEKDAY, word, weekday), int(number))
    return partial(_on_weekdays, _numbers(_WEEKDAY, word))


_ITEM = re.compile(r"(?:\*|([^-/]+)(?:-([^-/]+))?)(?:/([0-9]{1,4}))?")


def _numbers(kind: _Field, word: _Word) -> tuple[int, ...]:
    """Return the numbers that a list of values, ranges, ``*`` and steps of them stands for."""
    found: set[int] = set()
    for item in word.text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None or (match[3] and not kind.steps):
            _fail(word.position, f"'{item}' is not valid in the {kind.name} field.")
        found.update(_range(kind, word, *match.groups()))
    return tuple(sorted(found))


def _range(
    kind: _Field, word: _Word, first: str | None, last: str | None, step: str | None
) -> Iterable[int]:
    """Return the numbers of one item. A step without a range goes to the field's end."""
    low, high = kind.low, kind.high
    if first is not None:
        low = _value(kind, word, first)
        high = _value(kind, word, last) if last is not None else high if step else low
    span = kind.high - kind.low + 1
    if high < low:
        if not kind.around:
            _fail(word.position, f"The range '{first}-{last}' goes backwards.")
        high += span
    by = int(step or 1)
    if by < 1:
        _fail(word.position, "A step must be 1 or more.")
    return ((number - kind.low) % span + kind.low for number in range(low, high + 1, by))


def _value(kind: _Field, word: _Word, text: str) -> int:
    """Return the number that a number or a name stands for."""
    value = kind.names.get(text)
    if value is None and re.fullmatch("[0-9]{1,4}", text):
        value = int(text)
    if value is None or not kind.low <= value <= kind.high:
        _fail(word.position, f"'{text}' is not a value of the {kind.name} field.")
    return value
