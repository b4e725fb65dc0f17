"""What a virtual clock does to the time of the code under test, and what it leaves."""
# ruff: noqa: DTZ005, DTZ011

import asyncio
import concurrent.futures
import datetime
import queue
import subprocess
import sys
import threading
import time
from time import monotonic, sleep
from types import ModuleType

import freezegun
import pytest

from mockbuild.clock import Clock, make_clock
from tests.clock.waiting import (
    LONG,
    REAL_ASYNC_SLEEP,
    REAL_SLEEP,
    REAL_TIME,
    in_thread,
    module_importing,
    time_names,
)

pytestmark = pytest.mark.docs


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
    def test_after_stop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(time, "clock", raising=False)  # from other uses of freezegun
        before = time_names(sleep, monotonic)
        clock = make_clock("virtual")
        clock.start()
        assert time_names(sleep, monotonic) != before
        time.sleep(1)
        clock.stop()
        assert time_names(sleep, monotonic) == before

    def test_after_an_exception_in_between(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from mockbuild import _time_patch

        before = time_names(sleep, monotonic)

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
        assert time_names(sleep, monotonic) == before
        clock.start()
        clock.stop()
        assert time_names(sleep, monotonic) == before

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
        before = time_names(sleep, monotonic)
        clocks = [make_clock("virtual"), make_clock("virtual")]
        for clock in clocks:
            clock.start()
        clocks[order[0]].stop()
        left = clocks[order[1]]
        start = left.now()
        time.sleep(60)
        assert time.time() == left.now() == start + 60
        left.stop()
        assert time_names(sleep, monotonic) == before
