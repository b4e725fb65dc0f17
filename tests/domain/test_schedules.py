"""Schedule expressions: what is valid, and when they are due."""

import math
from datetime import UTC, date, datetime
from itertools import chain, islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.cron import parse_cron
from mockbuild.domain.schedules import ScheduleError, parse

MINUTE, HOUR, DAY, YEAR = 60.0, 3600.0, 86400.0, 365.25 * 86400.0
UTC_NAME = "UTC"


def at(text, zone=UTC_NAME):
    """Return the seconds since the epoch of ``2024-02-29 10:00``; of two such times, the first."""
    naive = datetime.fromisoformat(text)
    return naive.replace(tzinfo=UTC if zone == UTC_NAME else ZoneInfo(zone)).timestamp()


def shown(timestamp, zone=UTC_NAME):
    return datetime.fromtimestamp(timestamp, UTC if zone == UTC_NAME else ZoneInfo(zone))


def due(fields, since, count, zone=UTC_NAME):
    """Return the next times as ``2025-02-28T10:00``, without the year where it is that of *since*.

    What is due at midnight has no time.
    """
    times = islice(parse(f"cron({fields})", zone).after(at(since, zone)), count)
    texts = (f"{shown(time, zone):%Y-%m-%dT%H:%M}" for time in times)
    return " ".join(text.removeprefix(since[:5]).removesuffix("T00:00") for text in texts)


# When: tables

# 2024 is a leap year; its first of January is a Monday.
DUE = [
    # The examples of Image Builder's guide.
    ("0 10 * * ? *", "01-01T10:00 01-02T10:00"),
    ("15 12 * * ? *", "01-01T12:15 01-02T12:15"),
    ("0 0 * * ? *", "01-02 01-03"),
    ("0 10 ? * 2-6 *", "01-01T10:00 01-02T10:00 01-03T10:00 01-04T10:00 01-05T10:00 01-08T10:00"),
    ("0 18 ? * mon-fri *", "01-01T18:00 01-02T18:00 01-03T18:00 01-04T18:00 01-05T18:00"),
    ("0 8 1 * ? *", "01-01T08:00 02-01T08:00 03-01T08:00"),
    ("30 22 ? * tue#2 *", "01-09T22:30 02-13T22:30 03-12T22:30"),
    ("0 0 ? * fri#2 *", "01-12 02-09 03-08"),
    ("0 0 1 jan,feb,mar ? *", "02-01 03-01 2025-01-01"),
    ("0 0 1-15 * ? *", "01-02 01-03 01-04 01-05 01-06 01-07 01-08 01-09 01-10 01-11 01-12 01-13 "
        "01-14 01-15 02-01"),
    ("0 0 */2 * ? *", "01-03 01-05 01-07"),
    ("0 0 3W 2 ? *", "02-02 2025-02-03 2026-02-03"),
    # The examples of EventBridge's.
    ("0/15 * * * ? *", "01-01T00:15 01-01T00:30 01-01T00:45 01-01T01:00"),
    ("1/10 23 * * ? *", "01-01T23:01 01-01T23:11 01-01T23:21 01-01T23:31 01-01T23:41 01-01T23:51 "
        "01-02T23:01"),
    ("5,35 14 * * ? *", "01-01T14:05 01-01T14:35 01-02T14:05"),
    ("0/5 8-17 ? * MON-FRI *", "01-01T08:00 01-01T08:05"),
    ("15 10 ? * 6L 2022-2024", "01-26T10:15 02-23T10:15 03-29T10:15"),
    ("0 0 ? * 3#2 *", "01-09 02-13"),
    ("30 20-2 ? * MON-FRI *", "01-01T00:30 01-01T01:30 01-01T02:30 01-01T20:30 01-01T21:30 "
        "01-01T22:30 01-01T23:30 01-02T00:30"),
    # Last days, nearest weekdays, and days that do not always come.
    ("0 0 ? * 6#3 *", "01-19 02-16 03-15"),
    ("0 0 L * ? *", "01-31 02-29 03-31 04-30"),
    ("0 0 LW * ? *", "01-31 02-29 03-29 04-30 05-31 06-28"),
    ("0 0 15W * ? *", "01-15 02-15 03-15 04-15 05-15 06-14 07-15 08-15 09-16"),
    ("0 0 L 2 ? 2023-2101", "02-29 2025-02-28 2026-02-28"),
    ("0 0 29 2 ? *", "02-29 2028-02-29 2032-02-29"),
    ("0 0 31 * ? *", "01-31 03-31 05-31 07-31 08-31"),
    ("0 0 ? 2 5#5 *", "02-29 2052-02-29 2080-02-29"),
    ("0 0 1 1 ? 2030/5", "2030-01-01 2035-01-01"),
    ("0 0 1 1 ? 2199", "2199-01-01"),
    ("59 23 31 12 ? *", "12-31T23:59 2025-12-31T23:59"),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(("fields", "times"), DUE, ids=[row[0] for row in DUE])
def test_when_it_is_due(fields, times):
    assert due(fields, "2024-01-01 00:00", len(times.split())) == times


GUESSED = [
    # The weekday nearest to a Saturday the 1st or a Sunday the last stays in the month.
    ("0 0 1W 6 ? *", "06-03 2025-06-02"),
    ("0 0 31W 3 ? *", "03-29 2025-03-31"),
    ("0 0 30W * ? *", "01-30 03-29 04-30"),  # none in February
    ("0 0 ? * L *", "01-07 01-14"),
    ("0 0 ? * sat-mon *", "01-06 01-07 01-08 01-13"),
    ("50-10/10 0 1 1 ? *", "01-01T00:10 01-01T00:50 2025-01-01"),
    ("0 0 30-2 1 ? *", "01-02 01-30 01-31 2025-01-01"),
    ("0 0 1 nov-feb/2 ? *", "11-01 2025-01-01"),
    ("*/40 0 1 1 ? *", "01-01T00:40 2025-01-01"),
    ("0/60 0 1 1 ? *", "2025-01-01"),
    ("05 08 01 01 ? *", "01-01T08:05"),
    ("0 0 ? JAN Mon,fri *", "01-05 01-08"),
    ("0 0  l   1 ? *", "01-31"),
    ("0 0 ? 1 friL *", "01-26"),
    ("10-12,11,12-13 0 1 1 ? *", "01-01T00:10 01-01T00:11 01-01T00:12 01-01T00:13 "
        "2025-01-01T00:10"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(("fields", "times"), GUESSED, ids=[row[0] for row in GUESSED])
def test_when_it_is_due_as_a_guess(fields, times):
    assert due(fields, "2024-01-01 00:00", len(times.split())) == times


NEVER = [
    "0 0 30 2 ? *",
    "0 0 31 2,4,6,9,11 ? *",
    "* * 30-31 feb ? *",
    "0 0 31W 2,4,6,9,11 ? *",
    "0 0 29 2 ? 2023",
    "0 0 29 2 ? 2100",
    "0 0 ? 2 2#5 2025",
    "* * * * ? 1970-2023",
]


@pytest.mark.inferred
@pytest.mark.parametrize("fields", NEVER)
def test_what_is_never_due_ends(fields):
    schedule = parse(f"cron({fields})")
    assert schedule.next_after(at("2024-01-01 00:00")) is None
    assert list(schedule.between(at("2024-01-01 00:00"), at("2300-01-01 00:00"))) == []


@pytest.mark.docs
def test_the_years_end_with_2199():
    last = at("2199-12-31 23:59")
    schedule = parse("cron(* * * * ? *)")
    assert schedule.next_after(last - 1) == last
    assert schedule.next_after(last) is None
    assert parse("cron(0 0 1 1 ? *)").next_after(-1e12) == 0.0


@pytest.mark.inferred
@pytest.mark.parametrize("expression", ["cron(* * * * ? *)", "rate(1 minute)"])
@pytest.mark.parametrize("timestamp", [1e12, 1e18, 1e300, float("inf"), float("nan")])
def test_nothing_is_due_at_the_end_of_time(expression, timestamp):
    assert parse(expression).next_after(timestamp) is None


@pytest.mark.inferred
@pytest.mark.parametrize("timestamp", [-1.0, -1e12, -1e300, float("-inf")])
def test_before_the_first_year_the_first_time_is_next(timestamp):
    assert parse("cron(30 6 * * ? *)").next_after(timestamp) == 6.5 * HOUR
    assert parse("rate(1 hour)").next_after(timestamp) == HOUR


@pytest.mark.docs
def test_moments_begin_with_the_one_that_is_asked_from():
    since = datetime(2024, 1, 1, 10, 0, tzinfo=UTC)
    moments = islice(parse_cron("0,30 10 * * ? *").moments(since), 3)
    assert list(moments) == [since, since.replace(minute=30), since.replace(day=2)]


# Windows


@pytest.mark.docs
def test_a_window_is_open_at_its_start_and_closed_at_its_end():
    noon = parse("cron(0 12 * * ? *)")
    first, second, third = (at(f"2024-01-0{day} 12:00") for day in (1, 2, 3))
    assert list(noon.between(first, third)) == [second, third]
    assert list(noon.between(first - 0.001, second - 0.001)) == [first]
    assert list(noon.between(second, second)) == []
    assert list(noon.between(third, first)) == []
    assert noon.next_after(first) == second
    assert noon.next_after(first - 0.001) == first


@pytest.mark.docs
@settings(deadline=None)
@given(st.lists(st.floats(0, 5 * DAY), min_size=2, max_size=6).map(sorted), st.sampled_from([
    "cron(0/7 */5 * * ? *)", "cron(30 2 ? * 2,4,7 *)", "rate(7 hours)", "rate(13 minutes)",
]))  # fmt: skip
def test_windows_that_follow_one_another_miss_nothing(edges, expression):
    schedule = parse(expression, start=at("2024-03-29 03:00"))
    begin = at("2024-03-30 00:00")
    edges = [begin + edge for edge in edges]
    whole = list(schedule.between(edges[0], edges[-1]))
    windows = (schedule.between(start, end) for start, end in pairwise(edges))
    assert whole == list(chain.from_iterable(windows))
    assert whole == sorted(set(whole))


@pytest.mark.docs
def test_a_jump_of_ten_years_costs_what_is_taken_from_it(monkeypatch):
    made = []

    class Counted(datetime):
        def __new__(cls, *args, **keys):
            made.append(args)
            return datetime.__new__(cls, *args, **keys)

    monkeypatch.setattr("mockbuild.domain.cron.datetime", Counted)
    start = at("2024-01-01 23:58")
    window = parse("cron(* * * * ? *)").between(start, start + 10 * YEAR)
    assert made == []
    assert list(islice(window, 3)) == [start + MINUTE, start + 2 * MINUTE, start + 3 * MINUTE]
    assert len(made) < 70  # the rest of the hour, and what was taken


@pytest.mark.docs
def test_ten_years_of_days():
    start = at("2024-01-01 00:00")
    end = at("2034-01-01 00:00")
    times = list(parse("cron(0 3 * * ? *)", "Europe/Berlin").between(start, end))
    assert len(times) == (date(2034, 1, 1) - date(2024, 1, 1)).days
    assert {shown(time, "Europe/Berlin").hour for time in times} == {3}


# Daylight saving. EventBridge Scheduler documents it, Image Builder does not.

LA, BERLIN, LORD_HOWE = "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe"
ASUNCION, CAIRO, APIA, KOLKATA = (
    "America/Asuncion",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Kolkata",
)
CLOCKS = [
    # Its example: 02:30 is skipped in spring, and counts once in autumn.
    (LA, "30 2 * * ? *", "2024-03-09 00:00", "09T02:30-0800 11T02:30-0700"),
    (LA, "30 1 * * ? *", "2024-11-02 12:00", "03T01:30-0700 04T01:30-0800"),
    (LA, "0/30 0-3 * * ? *", "2024-03-10 01:00", "10T01:30-0800 10T03:00-0700 10T03:30-0700"),
    (LA, "0 * * * ? *", "2024-11-03 00:00", "03T01:00-0700 03T02:00-0800 03T03:00-0800"),
    (LA, "0 3 * * ? *", "2024-03-09 12:00", "10T03:00-0700 11T03:00-0700"),
    (BERLIN, "30 2 * * ? *", "2024-03-30 12:00", "01T02:30+0200"),
    (BERLIN, "30 2 * * ? *", "2024-10-26 12:00", "27T02:30+0200 28T02:30+0100"),
    (BERLIN, "30 2 31 3 ? *", "2024-03-30 12:00", "31T02:30+0200"),  # of 2025
    # Half an hour.
    (LORD_HOWE, "15 2 * * ? *", "2024-10-05 12:00", "07T02:15+1100"),
    (LORD_HOWE, "45 1 * * ? *", "2024-04-06 12:00", "07T01:45+1100 08T01:45+1030"),
    # At midnight: the date goes back with the clock, or has no first hour.
    (ASUNCION, "30 23 * * ? *", "2024-03-23 12:00", "23T23:30-0300 24T23:30-0400"),
    (CAIRO, "15 0 * * ? *", "2024-04-25 12:00", "27T00:15+0300"),
    # A day that never was, and a place where clocks stay as they are.
    (APIA, "0 12 * * ? *", "2011-12-29 00:00", "29T12:00-1000 31T12:00+1400"),
    (KOLKATA, "30 2 * * ? *", "2024-03-09 12:00", "10T02:30+0530 11T02:30+0530"),
]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("zone", "fields", "since", "times"), CLOCKS, ids=[f"{row[0]} {row[1]}" for row in CLOCKS]
)
def test_when_clocks_change(zone, fields, since, times):
    found = islice(parse(f"cron({fields})", zone).after(at(since, zone)), len(times.split()))
    assert " ".join(f"{shown(time, zone):%dT%H:%M%z}" for time in found) == times


@pytest.mark.inferred
def test_asked_in_the_second_of_two_equal_hours():
    schedule = parse("cron(0/20 * * * ? *)", LA)
    second = datetime(2024, 11, 3, 1, 10, tzinfo=ZoneInfo(LA), fold=1).timestamp()
    assert schedule.next_after(second) == at("2024-11-03 02:00", LA)
    assert schedule.next_after(second - HOUR) == at("2024-11-03 01:20", LA)


@pytest.mark.docs
def test_rates_know_no_daylight_saving():
    start = at("2024-03-09 12:00", LA)
    times = islice(parse("rate(1 day)", LA, start=start).after(start), 2)
    assert [shown(time, LA).hour for time in times] == [13, 13]


# Rates


@pytest.mark.docs
@pytest.mark.parametrize(
    ("expression", "period"),
    [
        ("rate(1 minute)", MINUTE),
        ("rate(5 minutes)", 5 * MINUTE),
        ("rate(1 hour)", HOUR),
        ("rate(36 hours)", 36 * HOUR),
        ("rate(1 day)", DAY),
        ("rate(90 days)", 90 * DAY),
    ],
)
def test_rates(expression, period):
    start = 1_700_000_000.25
    schedule = parse(expression, start=start)
    assert list(islice(schedule.after(start), 3)) == [
        start + number * period for number in (1, 2, 3)
    ]
    assert schedule.next_after(start + 7.5 * period) == start + 8 * period
    assert schedule.next_after(start - 10 * YEAR) == start + period


@pytest.mark.docs
@settings(deadline=None)
@given(
    st.floats(-1e9, 1e10),
    st.integers(1, 10_000),
    st.sampled_from(["minute", "hour", "day"]),
    st.floats(-1e9, 2e10),
)
def test_a_rate_is_due_on_its_grid(start, value, unit, timestamp):
    schedule = parse(f"rate({value} {unit}{'s' if value > 1 else ''})", start=start)
    period = value * {"minute": MINUTE, "hour": HOUR, "day": DAY}[unit]
    found = schedule.next_after(timestamp)
    number = round((found - start) / period)
    assert number >= 1
    assert found == start + number * period > timestamp
    assert number == 1 or start + (number - 1) * period <= timestamp
    assert schedule.next_after(found) == start + (number + 1) * period
    assert schedule.next_after(math.nextafter(found, -math.inf)) == found


# Time zones


@pytest.mark.docs
@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("UTC", 10),
        ("Etc/UTC", 10),
        ("America/Los_Angeles", 18),
        ("Asia/Tokyo", 1),
        ("Etc/GMT+5", 15),
    ],
)
def test_zones(zone, hour):
    found = parse("cron(0 10 * * ? *)", zone).next_after(at("2024-01-01 00:00"))
    assert shown(found).hour == hour


@pytest.mark.docs
def test_utc_is_the_default():
    assert parse("cron(0 10 * * ? *)").next_after(0.0) == 10 * HOUR


@pytest.mark.docs
def test_utc_needs_no_database(monkeypatch):
    def nothing(name):
        raise AssertionError(name)

    monkeypatch.setattr("mockbuild.domain.schedules.ZoneInfo", nothing)
    assert parse("cron(0 10 * * ? *)", "UTC").next_after(0.0) == 10 * HOUR


@pytest.mark.docs
@pytest.mark.parametrize(
    "zone",
    ["", "Nowhere", "Europe/Atlantis", "Europe", "Europe/", "/etc/passwd", "../etc/passwd", ".",
     "Europe/Berlin ", "localtime", "posixrules", "posix/UTC", "right/UTC", "zone.tab", "a\0b",
     "UTC/x", "\ud800", "A" * 5000],
    ids=lambda zone: repr(zone)[:20],
)  # fmt: skip
@pytest.mark.parametrize("expression", ["cron(0 10 * * ? *)", "rate(1 day)"])
def test_what_is_no_zone(zone, expression):
    with pytest.raises(ScheduleError, match="There is no time zone"):
        parse(expression, zone)
