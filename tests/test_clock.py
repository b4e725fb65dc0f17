"""The clocks: what time it is for mockbuild, and what sleeping costs the code under test."""
# ruff: noqa: DTZ001, DTZ005, DTZ011

import asyncio
import concurrent.futures
import datetime
import math
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from types import ModuleType

import freezegun
import pytest
import time_machine

from mockbuild.clock import Clock, RealClock, make_clock
from mockbuild.errors import ConfigurationError

pytestmark = pytest.mark.docs

LONG = 30  # seconds after which a test that waits for a thread gives up
REAL_SLEEP, REAL_TIME, REAL_ASYNC_SLEEP = time.sleep, time.time, asyncio.sleep


@pytest.fixture
def real() -> Iterator[Clock]:
    clock = make_clock("real")
    clock.start()
    yield clock
    clock.stop()


@pytest.fixture
def virtual() -> Iterator[Clock]:
    clock = make_clock("virtual")
    clock.start()
    yield clock
    clock.stop()


@pytest.fixture(params=["real", "virtual"])
def clock(request: pytest.FixtureRequest) -> Iterator[Clock]:
    clock = make_clock(request.param)
    clock.start()
    yield clock
    clock.stop()


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until_its_thread_waits(clock: Clock) -> None:
    for _ in range(1000):
        if clock._alarms._changed._waiters:  # type: ignore[attr-defined]
            return
        threading.Event().wait(LONG / 1000)
    pytest.fail("the clock's thread does not wait")


def notify_until_done(clock: Clock, thread: threading.Thread) -> None:
    for _ in range(1000):
        clock.notify()
        thread.join(LONG / 1000)
        if not thread.is_alive():
            return
    pytest.fail("the sleep did not end")


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


def module_importing(statement: str) -> ModuleType:
    module = ModuleType("module_under_test")
    exec(statement, vars(module))
    sys.modules[module.__name__] = module
    return module


@pytest.fixture
def forget_module() -> Iterator[None]:
    yield
    sys.modules.pop("module_under_test", None)


class TestFrozenTime:
    def test_everything_shows_the_clocks_time(self, virtual: Clock) -> None:
        now = virtual.now()
        assert now == round(now, 3)
        assert time.time() == now
        assert time.time_ns() == pytest.approx(now * 1e9, abs=1000)
        assert datetime.datetime.now(datetime.UTC).timestamp() == now
        assert datetime.datetime.now().timestamp() == now
        assert datetime.date.today() == datetime.datetime.now().date()
        virtual.tick(0.1)
        virtual.tick(0.2)
        assert time.time() == virtual.now() == pytest.approx(now + 0.3, abs=1e-6)

    def test_monotonic_moves_with_it_wherever_it_was_imported(self, virtual: Clock) -> None:
        before = monotonic(), time.monotonic(), time.perf_counter()
        virtual.tick(7)
        after = monotonic(), time.monotonic(), time.perf_counter()
        assert [b - a for a, b in zip(before, after, strict=True)] == [7, 7, 7]

    def test_it_starts_now(self) -> None:
        before = time.time()
        clock = make_clock("virtual")
        clock.start()
        try:
            assert clock.now() == pytest.approx(before, abs=LONG)
        finally:
            clock.stop()

    def test_in_any_zone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        clock = make_clock("virtual")
        clock.start()
        try:
            zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
            aware = datetime.datetime.now(datetime.UTC), datetime.datetime.now(zone)
            assert [moment.timestamp() for moment in aware] == [clock.now()] * 2
            local = time.localtime()
            assert (local.tm_hour, local.tm_min) == (aware[1].hour, aware[1].minute)
        finally:
            clock.stop()
            monkeypatch.undo()
            time.tzset()

    def test_threads_see_it_from_their_first_line(self, virtual: Clock) -> None:
        seen: list[float] = []
        virtual.tick(days=1)
        in_thread(lambda: seen.extend((time.time(), virtual.now()))).join(LONG)
        assert seen == [virtual.now(), virtual.now()]

    @pytest.mark.parametrize("name", ["git_tools", "queue_worker", "threading_tools"])
    def test_modules_are_told_apart_by_package(self, name: str) -> None:
        module = ModuleType(name)
        exec("from time import time, sleep", vars(module))
        sys.modules[name] = module
        clock = make_clock("virtual")
        clock.start()
        try:
            start = clock.now()
            module.sleep(5)
            assert module.time() == start + 5
        finally:
            clock.stop()
            del sys.modules[name]
        assert (module.time, module.sleep) == (REAL_TIME, REAL_SLEEP)

    def test_odd_things_among_the_modules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Liar:  # as the libraries of cffi are
            __slots__ = ()
            __class__ = ModuleType  # type: ignore[assignment]

        class Lazy(ModuleType):
            def __getattribute__(self, name: str) -> object:
                raise AssertionError("loaded")

        for name, thing in {"liar": Liar(), "lazy": Lazy("lazy"), "none": None}.items():
            monkeypatch.setitem(sys.modules, name, thing)  # type: ignore[arg-type]
        clock = make_clock("virtual")
        clock.start()
        clock.stop()

    def test_what_waits_for_the_real_world_still_does(self, virtual: Clock) -> None:
        now = virtual.now()
        assert not threading.Event().wait(0.01)
        with pytest.raises(queue.Empty):
            queue.Queue[int]().get(timeout=0.01)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.01)
            process.communicate(b"\n", timeout=LONG)
        assert process.wait(timeout=LONG) == 0
        never: concurrent.futures.Future[int] = concurrent.futures.Future()
        assert concurrent.futures.wait([never], timeout=0.01).not_done
        with pytest.raises(TimeoutError):
            list(concurrent.futures.as_completed([never], timeout=0.01))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            assert pool.submit(time.time).result(LONG) == now
        assert virtual.now() == now

    def test_the_test_runner_keeps_real_time(self, virtual: Clock) -> None:
        import _pytest.timing

        now = virtual.now()
        _pytest.timing.sleep(0)
        before = _pytest.timing.perf_counter()
        assert not threading.Event().wait(0.001)
        assert _pytest.timing.perf_counter() > before
        assert virtual.now() == now


class TestLeavingNothing:
    def names(self) -> list[object]:
        return [
            time.sleep, time.time, time.monotonic, time.perf_counter, time.localtime,
            time.strftime, datetime.datetime, datetime.date, asyncio.sleep, asyncio.tasks.sleep,
            hasattr(time, "clock"), asyncio.BaseEventLoop.time, asyncio.base_events.time,
            subprocess.time, subprocess._time, threading._time, sleep, monotonic,
            freezegun.api.freeze_factories[:], freezegun.api.ignore_lists[:],
        ]  # fmt: skip

    def test_after_stop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(time, "clock", raising=False)  # from other uses of freezegun
        before = self.names()
        clock = make_clock("virtual")
        clock.start()
        assert self.names() != before
        time.sleep(1)
        clock.stop()
        assert self.names() == before

    def test_after_an_exception_in_between(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from mockbuild import _time_patch

        before = self.names()

        def fail(names: dict[str, object], *_: object) -> None:
            retarget(names, *_)  # type: ignore[arg-type]
            if _time_patch._undo:
                raise MemoryError

        retarget = _time_patch._retarget
        with monkeypatch.context() as patch:
            patch.setattr(_time_patch, "_retarget", fail)
            clock = make_clock("virtual")
            with pytest.raises(MemoryError):
                clock.start()
        assert self.names() == before
        clock.start()
        clock.stop()
        assert self.names() == before

    @pytest.mark.usefixtures("forget_module")
    def test_modules_imported_meanwhile(self) -> None:
        clock = make_clock("virtual")
        clock.start()
        module = module_importing(
            "from time import sleep, time as clock\n"
            "from asyncio import sleep as nap\n"
            "from datetime import datetime\n"
            "from freezegun.api import FakeDatetime\n"
        )
        start = clock.now()
        module.sleep(5)
        assert module.clock() == start + 5
        clock.stop()
        assert module.sleep is REAL_SLEEP
        assert module.nap is REAL_ASYNC_SLEEP
        assert module.clock is REAL_TIME
        assert module.datetime is datetime.datetime
        assert module.FakeDatetime is freezegun.api.FakeDatetime

    def test_a_sleep_somebody_kept_is_a_real_one_again(self) -> None:
        clock = make_clock("virtual")
        clock.start()
        kept, kept_async = time.sleep, asyncio.sleep
        clock.stop()
        now = clock.now()
        kept(0.001)
        assert asyncio.run(kept_async(0.001, "result")) == "result"
        assert clock.now() == now

    def test_a_sleep_the_user_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def mine(seconds: float) -> None:
            raise AssertionError

        monkeypatch.setattr(time, "sleep", mine)
        clock = make_clock("virtual")
        clock.start()
        start = clock.now()
        time.sleep(5)
        clock.stop()
        assert clock.now() == start + 5
        assert time.sleep is mine

    def test_a_sleep_replaced_meanwhile_is_left_alone(self) -> None:
        clock = make_clock("virtual")
        clock.start()
        with pytest.MonkeyPatch.context() as patch:
            slept: list[float] = []
            patch.setattr(time, "sleep", slept.append)
            time.sleep(3)
            clock.stop()
            time.sleep(4)
            assert slept == [3, 4]
        time.sleep = REAL_SLEEP  # what the patch put back was the clock's

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "last first"])
    def test_two_clocks_leave_in_any_order(self, order: tuple[int, int]) -> None:
        before = self.names()
        clocks = [make_clock("virtual"), make_clock("virtual")]
        for clock in clocks:
            clock.start()
        clocks[order[0]].stop()
        left = clocks[order[1]]
        start = left.now()
        time.sleep(60)
        assert time.time() == left.now() == start + 60
        left.stop()
        assert self.names() == before


class TestOtherFreezers:
    def test_a_freezegun_inside(self, virtual: Clock) -> None:
        outside = virtual.now()
        with freezegun.freeze_time("2030-01-01") as frozen:
            start = 1893456000
            assert virtual.now() == time.time() == start
            frozen.tick(60)
            assert virtual.now() == start + 60
            time.sleep(30)
            assert virtual.now() == time.time() == start + 90
            virtual.tick(10)
            assert time.time() == start + 100
        assert virtual.now() == time.time() == outside + 40

    def test_alarms_follow_a_freezegun_inside(self, virtual: Clock) -> None:
        with freezegun.freeze_time("2030-01-01") as frozen:
            slept: list[float] = []
            virtual.alarm(virtual.now() + 10, lambda: slept.append(time.time()))
            time.sleep(20)
            assert slept == [1893456010]
            rang = threading.Event()
            virtual.alarm(virtual.now() + 3600, rang.set)
            frozen.tick(3600)
            virtual.now()
            assert rang.wait(LONG)

    def test_a_freezegun_around(self) -> None:
        with freezegun.freeze_time("2030-01-01") as frozen:
            clock = make_clock("virtual")
            clock.start()
            assert clock.now() == time.time() == 1893456000
            time.sleep(100)
            frozen.tick(20)
            assert clock.now() == time.time() == 1893456120
            with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as it:
                with pytest.raises(subprocess.TimeoutExpired):
                    it.wait(timeout=0.01)  # not frozen meanwhile
                it.communicate(b"\n")
            clock.stop()
            assert time.time() == 1893456020
        assert time.time is REAL_TIME

    def test_a_time_machine_around(self) -> None:
        with time_machine.travel("2030-01-01 00:00 +0000", tick=False):
            clock = make_clock("virtual")
            clock.start()
            time.sleep(100)
            assert clock.now() == time.time() == 1893456100
            clock.stop()
            assert time.time() == 1893456000

    def test_a_freezegun_that_starts_inside_and_ends_outside(self) -> None:
        before = TestLeavingNothing().names()
        clock, freezer = make_clock("virtual"), freezegun.freeze_time("2030-01-01")
        clock.start()
        freezer.start()
        clock.stop()
        assert time.time() == 1893456000
        freezer.stop()
        assert TestLeavingNothing().names() == before

    def test_a_freezegun_that_starts_outside_and_ends_inside(self) -> None:
        before = TestLeavingNothing().names()
        clock, freezer = make_clock("virtual"), freezegun.freeze_time("2030-01-01")
        freezer.start()
        clock.start()
        freezer.stop()
        time.sleep(5)
        clock.stop()
        assert TestLeavingNothing().names() == before

    def test_packages_the_user_told_freezegun_to_leave_alone(self) -> None:
        freezegun.configure(extend_ignore_list=[__name__])
        clock = make_clock("virtual")
        clock.start()
        try:
            clock.tick(days=1)
            assert time.time() < clock.now() - 3600
        finally:
            clock.stop()
            freezegun.config.reset_config()


class TestSleep:
    @pytest.mark.parametrize("how", [lambda s: time.sleep(s), lambda s: sleep(s)])
    @pytest.mark.parametrize("seconds", [0, 1, 0.001, 1e-7, 2400, True])
    def test_it_moves_the_clock(
        self, virtual: Clock, how: Callable[[float], None], seconds: float
    ) -> None:
        start = virtual.now()
        how(seconds)
        assert virtual.now() == pytest.approx(start + seconds, abs=2e-6)
        assert virtual.now() >= start + seconds - 1e-9 or seconds < 1e-6

    @pytest.mark.parametrize(
        ("seconds", "error"),
        [
            pytest.param(-1, ValueError, id="negative"),
            pytest.param("5", TypeError, id="text"),
            pytest.param(None, TypeError, id="none"),
            pytest.param(math.nan, ValueError, id="nan"),
            pytest.param(math.inf, OverflowError, id="for ever"),
            pytest.param(1e15, OverflowError, id="past the last year"),
        ],
    )
    def test_it_refuses_as_the_real_one(
        self, virtual: Clock, seconds: float, error: type[Exception]
    ) -> None:
        start = virtual.now()
        with pytest.raises(error):
            time.sleep(seconds)
        assert virtual.now() == start

    def test_sums_are_exact(self, virtual: Clock) -> None:
        start = virtual.now()
        for _ in range(1000):
            time.sleep(0.001)
        assert virtual.now() - start == pytest.approx(1, abs=1e-6)

    def test_many_threads(self, virtual: Clock) -> None:
        start, ready = virtual.now(), threading.Barrier(17)
        wrong: list[tuple[float, float]] = []

        def work(number: int) -> None:
            ready.wait()
            last = virtual.now()
            for turn in range(50):
                seconds = (number * 7 + turn * 3) % 11 + 1
                began = virtual.now()
                time.sleep(seconds)
                now = virtual.now()
                if now < began + seconds or now < last:
                    wrong.append((began, now))
                last = now

        threads = [in_thread(lambda n=n: work(n)) for n in range(16)]  # type: ignore[misc]
        ready.wait()
        for thread in threads:
            thread.join(LONG)
        assert wrong == []
        assert virtual.now() >= start + 50

    def test_alarms_ring_on_the_way_at_their_time(self, virtual: Clock) -> None:
        start = virtual.now()
        seen: list[float] = []

        def ring() -> None:
            seen.append(virtual.now())
            seen.append(time.time())

        for after in (20.123, 10, 31):
            virtual.alarm(start + after, ring)
        time.sleep(30)
        assert [at - start for at in seen] == pytest.approx([10, 10, 20.123, 20.123])
        assert virtual.now() == start + 30

    def test_an_alarm_may_move_the_clock(self, virtual: Clock) -> None:
        start = virtual.now()
        seen: list[float] = []
        virtual.alarm(start + 10, lambda: virtual.tick(15))
        virtual.alarm(start + 20, lambda: seen.append(virtual.now() - start))
        time.sleep(22)
        assert seen == [20]
        assert virtual.now() == start + 25

    def test_a_waiter_of_botocore(self, virtual: Clock) -> None:
        from botocore.waiter import Waiter, WaiterModel

        states = iter(["CREATING"] * 20 + ["AVAILABLE"])
        model = WaiterModel(
            {
                "version": 2,
                "waiters": {
                    "Ready": {
                        "operation": "Look",
                        "delay": 15,
                        "maxAttempts": 40,
                        "acceptors": [
                            {
                                "matcher": "path",
                                "argument": "state",
                                "expected": "AVAILABLE",
                                "state": "success",
                            }
                        ],
                    }
                },
            }
        )
        start = virtual.now()
        Waiter("Ready", model.get_waiter("Ready"), lambda **_: {"state": next(states)}).wait()
        assert virtual.now() == start + 20 * 15


class TestAsyncSleep:
    def test_gather_takes_as_long_as_the_longest_and_keeps_the_order(self, virtual: Clock) -> None:
        start = virtual.now()
        log: list[tuple[str, float]] = []

        async def nap(name: str, *naps: float) -> None:
            for seconds in naps:
                await asyncio.sleep(seconds)
                log.append((name, virtual.now() - start))

        async def main() -> None:
            await asyncio.gather(nap("long", 30), nap("short", 10, 10, 5), nap("twin", 10))

        asyncio.run(main())
        assert log == [
            ("short", 10), ("twin", 10), ("short", 20), ("short", 25), ("long", 30)
        ]  # fmt: skip

    def test_the_clock_waits_until_the_loop_has_nothing_else_to_do(self, virtual: Clock) -> None:
        start = virtual.now()
        seen: list[float] = []

        async def work() -> None:
            for _ in range(100):
                await asyncio.sleep(0)
                seen.append(virtual.now())

        async def main() -> None:
            await asyncio.gather(asyncio.sleep(10), work())

        asyncio.run(main())
        assert set(seen) == {start}
        assert virtual.now() == start + 10

    def test_its_result(self, virtual: Clock) -> None:
        async def main() -> list[str]:
            return [await asyncio.sleep(5, "slept"), await asyncio.sleep(0, result="yielded")]

        start = virtual.now()
        assert asyncio.run(main()) == ["slept", "yielded"]
        assert virtual.now() == start + 5

    def test_cancelling(self, virtual: Clock) -> None:
        start = virtual.now()

        async def main() -> None:
            task = asyncio.create_task(asyncio.sleep(1000))
            other = asyncio.create_task(asyncio.sleep(10, "kept"))
            await asyncio.sleep(5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await other == "kept"

        asyncio.run(main())
        assert virtual.now() == start + 10

    def test_cancelling_the_only_sleeper_leaves_nothing(self, virtual: Clock) -> None:
        async def main() -> None:
            task = asyncio.create_task(asyncio.sleep(1000))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

        start = virtual.now()
        asyncio.run(main())
        assert virtual.now() == start
        assert virtual._loops == {}  # type: ignore[attr-defined]

    def test_time_limits_of_asyncio_are_real(self, virtual: Clock) -> None:
        async def main() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)
            async with asyncio.timeout(LONG):
                await asyncio.sleep(3600)

        start = virtual.now()
        asyncio.run(main())
        assert virtual.now() == start + 3600

    def test_a_blocking_sleep_wakes_those_it_passes(self, virtual: Clock) -> None:
        start = virtual.now()
        woken: list[tuple[int, float]] = []

        async def nap(seconds: int) -> None:
            await asyncio.sleep(seconds)
            woken.append((seconds, virtual.now() - start))

        async def main() -> None:
            naps = asyncio.gather(nap(20), nap(10), nap(200))
            await asyncio.sleep(0)
            time.sleep(100)
            await naps

        asyncio.run(main())
        assert woken == [(10, 100), (20, 100), (200, 200)]

    def test_loops_in_several_threads(self, virtual: Clock) -> None:
        start, ready = virtual.now(), threading.Barrier(4)
        early: list[float] = []

        async def main(step: int) -> None:
            for _ in range(20):
                began = virtual.now()
                await asyncio.sleep(step)
                if virtual.now() < began + step:
                    early.append(began)

        def work(step: int) -> None:
            ready.wait()
            asyncio.run(main(step))

        threads = [in_thread(lambda n=n: work(n)) for n in (3, 5, 7)]  # type: ignore[misc]
        ready.wait()
        for thread in threads:
            thread.join(LONG)
            assert not thread.is_alive()
        assert early == []
        assert virtual.now() >= start + 140

    def test_alarms_ring_on_the_way(self, virtual: Clock) -> None:
        start = virtual.now()
        seen: list[float] = []
        virtual.alarm(start + 4, lambda: seen.append(virtual.now() - start))
        asyncio.run(asyncio.sleep(10))
        assert seen == [4]
        assert virtual.now() == start + 10

    def test_stop_wakes_the_sleeper(self) -> None:
        clock = make_clock("virtual")
        clock.start()

        async def main() -> None:
            with clock.running():
                task = asyncio.create_task(asyncio.sleep(3600, "woken"))
                await asyncio.sleep(0)
                clock.stop()
                assert await task == "woken"

        asyncio.run(main())
        assert asyncio.sleep is REAL_ASYNC_SLEEP


class TestMachinesThatReallyRun:
    def test_time_goes_with_real_time(self, virtual: Clock) -> None:
        start = virtual.now()
        with virtual.running():
            assert not threading.Event().wait(0.01)
            during = virtual.now()
            assert during >= start + 0.01
            assert during <= time.time() <= virtual.now()
        after = virtual.now()
        assert after >= during
        assert not threading.Event().wait(0.01)
        assert virtual.now() == after

    def test_a_sleep_takes_real_seconds_when_nothing_happens(self, virtual: Clock) -> None:
        start = virtual.now()
        with virtual.running():
            time.sleep(0.02)
            assert virtual.now() >= start + 0.02
            asyncio.run(asyncio.sleep(0.02))
            assert virtual.now() >= start + 0.04
        assert virtual.now() < start + 60

    def test_a_sleep_ends_at_an_event(self, virtual: Clock) -> None:
        start = virtual.now()
        with virtual.running():
            notify_until_done(virtual, in_thread(lambda: time.sleep(3600)))
            assert virtual.now() < start + 3600
            notify_until_done(virtual, in_thread(lambda: asyncio.run(asyncio.sleep(3600))))
            assert virtual.now() < start + 3600

    def test_an_async_sleep_does_not_block_its_loop(self, virtual: Clock) -> None:
        async def main() -> None:
            nap = asyncio.create_task(asyncio.sleep(3600))
            for _ in range(10):
                await asyncio.sleep(0)
            await asyncio.to_thread(time.sleep, 0.001)
            assert not nap.done()
            virtual.notify()
            await nap

        with virtual.running():
            asyncio.run(main())

    def test_a_sleep_ends_with_the_run(self, virtual: Clock) -> None:
        start = virtual.now()
        asleep = threading.Event()

        def nap() -> None:
            asleep.set()
            while virtual.now() < start + 7200:
                time.sleep(3600)

        with virtual.running(), virtual.running():
            thread = in_thread(nap)
            assert asleep.wait(LONG)
            assert virtual.now() < start + 3600
        thread.join(LONG)  # nothing runs: sleeps jump
        assert start + 7200 <= virtual.now() < start + 3 * 3600

    def test_entered_in_one_thread_and_left_in_another(self, virtual: Clock) -> None:
        run = virtual.running()
        run.__enter__()
        in_thread(lambda: run.__exit__(None, None, None)).join(LONG)
        start = virtual.now()
        time.sleep(3600)
        assert virtual.now() == start + 3600

    def test_a_machine_that_fails_lets_go_of_the_clock(self, virtual: Clock) -> None:
        def fail() -> None:
            with virtual.running():
                raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"):
            fail()
        start = virtual.now()
        time.sleep(60)
        assert virtual.now() == start + 60

    def test_alarms_ring_by_themselves(self, virtual: Clock) -> None:
        early, late = threading.Event(), threading.Event()
        virtual.alarm(virtual.now() + 0.01, early.set)
        with virtual.running():
            virtual.alarm(virtual.now() + 0.01, late.set)
            assert early.wait(LONG)
            assert late.wait(LONG)

    def test_alarms_ring_by_themselves_in_a_freezegun_too(self, virtual: Clock) -> None:
        rang = threading.Event()
        with freezegun.freeze_time("2030-01-01"), virtual.running():
            virtual.alarm(virtual.now() + 0.01, rang.set)
            assert rang.wait(LONG)

    def test_alarms_do_not_ring_by_themselves_when_nothing_runs(self, virtual: Clock) -> None:
        rang = threading.Event()
        virtual.alarm(virtual.now() + 0.001, rang.set)
        assert not rang.wait(0.05)
        time.sleep(0.001)
        assert rang.is_set()

    def test_no_sleep_jumps_once_a_machine_runs(self, virtual: Clock) -> None:
        start = virtual.now()
        target = round((start + 3600) * 1e6)
        with virtual.running():
            virtual.step(target, asleep=True)  # type: ignore[attr-defined]
            assert virtual.now() < start + 3600
        virtual.step(target, asleep=True)  # type: ignore[attr-defined]
        assert virtual.now() == start + 3600

    def test_cancelling_an_async_sleep(self, virtual: Clock) -> None:
        async def main() -> None:
            nap = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.wait([nap], timeout=0.01)
            nap.cancel()
            await asyncio.wait([nap])
            assert nap.cancelled()
            assert virtual._loops == {}  # type: ignore[attr-defined]

        with virtual.running():
            asyncio.run(main())

    def test_a_sleep_that_comes_after_stop_is_none(self) -> None:
        clock = make_clock("virtual")
        clock.start()
        start = clock.now()
        clock.stop()
        with clock.running():
            clock.sleep(3600)  # type: ignore[attr-defined]
        assert clock.now() < start + 3600

    def test_tick_wakes_whose_time_has_come(self, virtual: Clock) -> None:
        with virtual.running():
            thread = in_thread(lambda: time.sleep(3600))
            virtual.tick(3600)
            virtual.tick(3600)
            notify_until_done(virtual, thread)

    def test_stop_wakes_the_sleeper(self) -> None:
        clock = make_clock("virtual")
        clock.start()
        asleep = threading.Event()

        def nap() -> None:
            asleep.set()
            time.sleep(3600)

        with clock.running():
            thread = in_thread(nap)
            assert asleep.wait(LONG)
            notify = threading.Event()
            assert not notify.wait(0.01)
            clock.stop()
        thread.join(LONG)
        assert not thread.is_alive()


def test_the_names_others_use() -> None:
    assert isinstance(make_clock("real"), RealClock)
    assert isinstance(make_clock("virtual"), Clock)
