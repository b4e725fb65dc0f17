"""Schedules against a clock that is looked at every minute, or every day.

What a field means is said twice here: as text for the code, and as a function for the test.
"""

from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.schedules import parse

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LA, BERLIN, LORD_HOWE = "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe"


def at(day, zone="UTC"):
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()


def shown(timestamp, zone="UTC"):
    return datetime.fromtimestamp(timestamp, ZoneInfo(zone))


NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
anything = st.just(("*", lambda number: True))


def ranges(low, high, names=()):
    """Return what a field may say, each with a function that knows which numbers it means."""
    number = st.integers(low, high)

    def word(value, as_name):
        return names[value - low] if names and as_name else str(value)

    values = st.tuples(number, st.booleans())
    return st.one_of(
        values.map(lambda one: (word(*one), lambda number: number == one[0])),
        st.lists(values, min_size=2, max_size=4).map(
            lambda some: (
                ",".join(word(*one) for one in some),
                lambda number: any(number == value for value, _ in some),
            )
        ),
        st.tuples(values, values).map(
            lambda pair: (
                f"{word(*pair[0])}-{word(*pair[1])}",
                lambda number: (
                    pair[0][0] <= number <= pair[1][0]
                    if pair[0][0] <= pair[1][0]
                    else number >= pair[0][0] or number <= pair[1][0]
                ),
            )
        ),
    )


def steps(low, high):
    return st.one_of(
        st.integers(1, high).map(lambda by: (f"*/{by}", lambda number: (number - low) % by == 0)),
        st.tuples(st.integers(low, high), st.integers(1, high)).map(
            lambda pair: (
                f"{pair[0]}/{pair[1]}",
                lambda number: number >= pair[0] and (number - pair[0]) % pair[1] == 0,
            )
        ),
    )


def month_of(day):
    first = day.replace(day=1)
    days = (first + timedelta(number) for number in range(31))
    return [one for one in days if one.month == day.month]


def nearest_weekday(day, number):
    weekdays = [one for one in month_of(day) if one.weekday() < 5]
    there = [one for one in month_of(day) if one.day == number]
    return bool(there) and day == min(weekdays, key=lambda one: abs(one.day - number))


def of_week(day):
    return day.weekday() + 2 if day.weekday() < 6 else 1


def on_day(said):
    return (said[0], "?", lambda day: said[1](day.day))


def on_weekday(said):
    return ("?", said[0], lambda day: said[1](of_week(day)))


days = st.one_of(
    (anything | ranges(1, 31) | steps(1, 31)).map(on_day),
    st.just(("L", "?", lambda day: (day + timedelta(1)).day == 1)),
    st.just(
        ("LW", "?", lambda day: day == [one for one in month_of(day) if one.weekday() < 5][-1])
    ),
    st.integers(1, 31).map(lambda one: (f"{one}W", "?", lambda day: nearest_weekday(day, one))),
    (anything | ranges(1, 7, WEEK)).map(on_weekday),
    st.just(("?", "L", lambda day: day.weekday() == 6)),
    st.integers(1, 7).map(
        lambda one: (
            "?",
            f"{one}L",
            lambda day: of_week(day) == one and (day + timedelta(7)).month != day.month,
        )
    ),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(
        lambda pair: (
            "?",
            f"{WEEK[pair[0] - 1]}#{pair[1]}",
            lambda day: of_week(day) == pair[0] and (day.day - 1) // 7 + 1 == pair[1],
        )
    ),
)
minutes = anything | ranges(0, 59) | steps(0, 59)
hours = anything | ranges(0, 23) | steps(0, 23)
months = anything | ranges(1, 12, NAMES) | steps(1, 12)
years = anything | st.integers(2019, 2026).map(lambda one: (str(one), lambda year: year == one))
zones = st.sampled_from(["UTC", LA, BERLIN, LORD_HOWE, "Africa/Cairo", "Asia/Kathmandu"])


@pytest.mark.inferred
@settings(max_examples=150, deadline=None)
@given(minutes, hours, days, zones, st.integers(0, 4 * 365 * 24), st.integers(1, 30))
def test_every_minute_of_a_window(minute, hour, day, zone, start, length):
    # In all months of all years, or few windows would meet any; those are tested day by day.
    expression = f"cron({minute[0]} {hour[0]} {day[0]} * {day[1]} *)"
    begin = at(date(2020, 1, 1)) + start * HOUR
    expected = []
    for number in range(1, length * 60 + 1):
        time = begin + number * MINUTE
        clock = shown(time, zone)
        if (
            not clock.fold
            and minute[1](clock.minute)
            and hour[1](clock.hour)
            and day[2](clock.date())
        ):
            expected.append(time)
    assert list(parse(expression, zone).between(begin, begin + length * HOUR)) == expected


CHANGES = {
    LA: ["2020-03-08", "2020-11-01", "2021-03-14", "2021-11-07"],
    BERLIN: ["2020-03-29", "2020-10-25", "2021-03-28", "2021-10-31"],
    LORD_HOWE: ["2020-04-05", "2020-10-04", "2021-04-04", "2021-10-03"],
    "Africa/Cairo": ["2023-04-28", "2023-10-27", "2024-04-26", "2024-11-01"],
}


@pytest.mark.inferred
@settings(max_examples=80, deadline=None)
@given(minutes, hours, st.sampled_from([(zone, day) for zone in CHANGES for day in CHANGES[zone]]))
def test_every_minute_as_the_clock_changes(minute, hour, change):
    zone, day = change
    begin = at(date.fromisoformat(day), zone) - 6 * HOUR
    times = (begin + number * MINUTE for number in range(1, 18 * 60 + 1))
    clocks = ((time, shown(time, zone)) for time in times)
    expected = [
        time
        for time, clock in clocks
        if not clock.fold and minute[1](clock.minute) and hour[1](clock.hour)
    ]
    schedule = parse(f"cron({minute[0]} {hour[0]} * * ? *)", zone)
    assert list(schedule.between(begin, begin + 18 * HOUR)) == expected


@pytest.mark.inferred
@settings(max_examples=150, deadline=None)
@given(days, months, years, st.integers(0, 5 * 365), st.integers(1, 500))
def test_every_day_of_a_window(day, month, year, start, length):
    expression = f"cron(0 0 {day[0]} {month[0]} {day[1]} {year[0]})"
    first = date(2020, 1, 1) + timedelta(start)
    every = (first + timedelta(number) for number in range(1, length + 1))
    expected = [one for one in every if day[2](one) and month[1](one.month) and year[1](one.year)]
    begin = at(first)
    found = parse(expression).between(begin, begin + length * DAY)
    assert [shown(time).date() for time in found] == expected


@pytest.mark.docs
@settings(max_examples=100, deadline=None)
@given(minutes, hours, days, months, zones, st.floats(0, 1e10))
def test_the_next_time_is_the_first_of_those_to_come(minute, hour, day, month, zone, timestamp):
    schedule = parse(f"cron({minute[0]} {hour[0]} {day[0]} {month[0]} {day[1]} *)", zone)
    coming = list(islice(schedule.after(timestamp), 4))
    one_by_one = []
    last = timestamp
    while len(one_by_one) < 4 and (found := schedule.next_after(last)) is not None:
        assert found > last
        one_by_one.append(found)
        last = found
    assert one_by_one == coming
