"""What sleeping costs the code under test: nothing, or what a build needs."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from time import sleep

import pytest

from mockbuild.clock import Clock, make_clock
from tests.clock.waiting import (
    LONG,
    REAL_ASYNC_SLEEP,
    in_thread,
)

pytestmark = pytest.mark.docs


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
