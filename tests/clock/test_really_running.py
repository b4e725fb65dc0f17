"""Virtual time while a machine really runs."""

import asyncio
import threading
import time

import freezegun
import pytest

from mockbuild.clock import Clock, make_clock
from tests.clock.waiting import (
    LONG,
    in_thread,
    notify_until_done,
)

pytestmark = pytest.mark.docs


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
