"""Beside a freezegun or time-machine of the user's own."""

import subprocess
import sys
import threading
import time

import freezegun
import pytest
import time_machine

from mockbuild.clock import Clock, make_clock
from tests.clock.waiting import LONG, REAL_TIME, time_names

pytestmark = pytest.mark.docs


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
        before = time_names()
        clock, freezer = make_clock("virtual"), freezegun.freeze_time("2030-01-01")
        clock.start()
        freezer.start()
        clock.stop()
        assert time.time() == 1893456000
        freezer.stop()
        assert time_names() == before

    def test_a_freezegun_that_starts_outside_and_ends_inside(self) -> None:
        before = time_names()
        clock, freezer = make_clock("virtual"), freezegun.freeze_time("2030-01-01")
        freezer.start()
        clock.start()
        freezer.stop()
        time.sleep(5)
        clock.stop()
        assert time_names() == before

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
