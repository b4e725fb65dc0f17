"""What time it is for mockbuild, and alarms."""
# ruff: noqa: DTZ001

import datetime
import math
import queue
import subprocess
import sys
import threading
import time

import freezegun
import pytest
import time_machine

from mockbuild.clock import Clock, RealClock, make_clock
from mockbuild.errors import ConfigurationError
from tests.clock.waiting import (
    LONG,
    REAL_SLEEP,
    REAL_TIME,
    in_thread,
    until_its_thread_waits,
)

pytestmark = pytest.mark.docs


class TestBothClocks:
    @pytest.mark.parametrize(
        ("delta", "parts", "span"),
        [
            pytest.param(5, {}, 5, id="seconds"),
            pytest.param(0.25, {}, 0.25, id="a fraction"),
            pytest.param(datetime.timedelta(minutes=2), {}, 120, id="timedelta"),
            pytest.param(0, {"seconds": 1, "minutes": 1, "hours": 1, "days": 1}, 90061, id="parts"),
            pytest.param(0, {}, 0, id="nothing"),
            pytest.param(-5, {"minutes": 1}, 55, id="a sum that is positive"),
        ],
    )
    def test_tick_moves_forward(
        self, clock: Clock, delta: float, parts: dict[str, float], span: float
    ) -> None:
        with freezegun.freeze_time("2024-05-01", tz_offset=0):
            before = clock.now()
            assert clock.tick(delta, **parts) == clock.now() == before + span

    @pytest.mark.parametrize(
        "delta",
        [-1, -0.001, datetime.timedelta(days=-1), math.nan, math.inf],
        ids=["back", "a little back", "timedelta", "nan", "inf"],
    )
    def test_tick_refuses(self, clock: Clock, delta: float) -> None:
        with freezegun.freeze_time("2024-05-01"):
            before = clock.now()
            with pytest.raises(ConfigurationError, match="a clock does not go back"):
                clock.tick(delta)
            assert clock.now() == before

    @pytest.mark.parametrize(
        "at",
        [
            4102444800,
            datetime.datetime(2100, 1, 1),
            datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC),
            datetime.datetime(2100, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        ],
        ids=["seconds", "naive is UTC", "UTC", "zone"],
    )
    def test_move_to(self, clock: Clock, at: float | datetime.datetime) -> None:
        with freezegun.freeze_time("2024-05-01"):
            assert clock.move_to(at) == clock.now() == 4102444800

    @pytest.mark.parametrize("at", [0, datetime.datetime(2001, 1, 1), math.nan, math.inf])
    def test_move_to_refuses(self, clock: Clock, at: float | datetime.datetime) -> None:
        with pytest.raises(ConfigurationError, match="a clock does not go back"):
            clock.move_to(at)

    def test_alarms_go_off_inside_tick_in_order_of_time(self, clock: Clock) -> None:
        seen: list[tuple[str, threading.Thread]] = []
        start = clock.now()

        def plan(after: float, name: str) -> None:
            clock.alarm(start + after, lambda: seen.append((name, threading.current_thread())))

        for after, name in [(300, "c"), (100, "a"), (200, "b"), (200, "b2"), (1000, "late")]:
            plan(after, name)
        clock.tick(500)
        me = threading.current_thread()
        assert seen == [("a", me), ("b", me), ("b2", me), ("c", me)]
        clock.tick(500)
        assert len(seen) == 5

    def test_a_cancelled_alarm_stays_silent(self, clock: Clock) -> None:
        seen: list[str] = []
        start = clock.now()
        first = clock.alarm(start + 100, lambda: seen.append("first"))
        clock.alarm(start + 100, lambda: seen.append("second"))
        first.cancel()
        clock.tick(200)
        first.cancel()
        assert seen == ["second"]

    def test_an_alarm_goes_off_once(self, clock: Clock) -> None:
        seen: list[int] = []
        clock.alarm(clock.now() + 100, lambda: seen.append(1))
        clock.tick(200)
        clock.tick(200)
        assert seen == [1]

    def test_an_alarm_may_plan_another_and_cancel_one(self, clock: Clock) -> None:
        seen: list[str] = []
        start = clock.now()
        doomed = clock.alarm(start + 300, lambda: seen.append("doomed"))

        def first() -> None:
            doomed.cancel()
            clock.alarm(start + 200, lambda: seen.append("planned"))

        clock.alarm(start + 100, first)
        clock.tick(1000)
        assert seen == ["planned"]

    def test_an_alarm_in_the_past_goes_off_at_once(self, clock: Clock) -> None:
        rang = threading.Event()
        clock.alarm(clock.now() - 10, rang.set)
        assert rang.wait(LONG)

    def test_nothing_goes_off_after_stop_and_no_thread_is_left(self, clock: Clock) -> None:
        before = set(threading.enumerate())
        seen: list[int] = []
        rang = threading.Event()
        clock.alarm(clock.now() - 1, rang.set)
        clock.alarm(clock.now() + 1000, lambda: seen.append(1))
        assert rang.wait(LONG)
        clock.stop()
        clock.alarm(clock.now() - 1, lambda: seen.append(2))
        clock.tick(5000)
        assert seen == []
        assert set(threading.enumerate()) <= before
        clock.start()
        clock.alarm(clock.now() + 10, lambda: seen.append(3))
        clock.tick(10)
        assert seen == [3]

    def test_an_alarm_may_stop_the_clock(self, clock: Clock) -> None:
        done = threading.Event()

        def action() -> None:
            clock.stop()
            done.set()

        clock.alarm(clock.now() - 1, action)
        assert done.wait(LONG)

    def test_a_failing_alarm_is_reported_and_the_next_one_rings(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reported: list[type[BaseException]] = []
        rang = threading.Event()
        monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_type))

        def fail() -> None:
            clock.alarm(clock.now() - 1, rang.set)
            raise KeyError("boom")

        clock.alarm(clock.now() - 1, fail)
        assert rang.wait(LONG)
        assert reported == [KeyError]

    def test_start_and_stop_twice(self, clock: Clock) -> None:
        clock.start()
        clock.stop()
        clock.stop()
        assert time.sleep is REAL_SLEEP
        assert time.time is REAL_TIME


def test_a_clock_of_no_kind() -> None:
    with pytest.raises(ConfigurationError, match=r'clock is "real" or "virtual", not \'atomic\''):
        make_clock("atomic")


class TestRealClock:
    def test_it_is_what_the_code_under_test_sees(self, real: Clock) -> None:
        before = time.time()
        assert before <= real.now() <= time.time()

    def test_ticks_are_its_own(self, real: Clock) -> None:
        before = time.time()
        assert real.tick(days=365) >= before + 365 * 86400
        assert time.time() < before + 86400
        with real.running():
            real.notify()
            assert real.now() >= before + 365 * 86400

    def test_it_costs_nothing(self) -> None:
        program = (
            "import sys, threading, time, mockbuild.clock as c\n"
            "clock = c.make_clock('real'); clock.start(); clock.now(); clock.tick(5)\n"
            "assert threading.active_count() == 1\n"
            "assert time.sleep is c.REAL_SLEEP\n"
            "clock.stop()\n"
            "assert not {'freezegun', 'asyncio', 'botocore'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_a_freezegun_of_the_users_own(self, real: Clock) -> None:
        with freezegun.freeze_time("2024-05-01 12:00:00.25") as frozen:
            assert real.now() == 1714564800.25
            frozen.tick(60)
            assert real.now() == 1714564860.25
            real.tick(1)
            assert (real.now(), time.time()) == (1714564861.25, 1714564860.25)
        assert real.now() > 1714564900

    def test_freezegun_counts_at_the_start_of_a_thread_too(self, real: Clock) -> None:
        seen: list[float] = []
        with freezegun.freeze_time("2024-05-01 12:00"):
            in_thread(lambda: seen.append(real.now())).join(LONG)
        assert seen == [1714564800]

    def test_a_time_machine_of_the_users_own(self, real: Clock) -> None:
        with time_machine.travel("2024-05-01 12:00 +0000", tick=False) as traveller:
            assert real.now() == 1714564800
            traveller.shift(60)
            assert real.now() == 1714564860

    def test_alarms_ring_in_real_time(self, real: Clock) -> None:
        seen: queue.Queue[str] = queue.Queue()
        start = real.now()
        real.alarm(start + 0.02, lambda: seen.put("second"))
        real.alarm(start + 0.01, lambda: seen.put("first"))
        assert [seen.get(timeout=LONG), seen.get(timeout=LONG)] == ["first", "second"]
        assert real.now() >= start + 0.02

    def test_an_alarm_rings_although_time_is_frozen(self, real: Clock) -> None:
        rang = threading.Event()
        with freezegun.freeze_time("2024-05-01"):
            real.alarm(real.now() + 0.01, rang.set)
            assert rang.wait(LONG)
            assert real.now() == 1714521600

    def test_an_alarm_rings_when_frozen_time_is_moved_past_it(self, real: Clock) -> None:
        rang = threading.Event()
        with freezegun.freeze_time("2024-05-01") as frozen:
            real.alarm(real.now() + 3600, rang.set)
            until_its_thread_waits(real)
            frozen.tick(3600)
            real.now()
            assert rang.wait(LONG)


def test_the_names_others_use() -> None:
    assert isinstance(make_clock("real"), RealClock)
    assert isinstance(make_clock("virtual"), Clock)
