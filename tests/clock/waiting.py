"""Waiting for threads, and the functions of the time module from before anybody froze them."""

import asyncio
import datetime
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType

import freezegun
import pytest

from mockbuild.clock import Clock

LONG = 30  # seconds after which a test that waits for a thread gives up
REAL_SLEEP, REAL_TIME, REAL_ASYNC_SLEEP = time.sleep, time.time, asyncio.sleep


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


def module_importing(statement: str) -> ModuleType:
    module = ModuleType("module_under_test")
    exec(statement, vars(module))
    sys.modules[module.__name__] = module
    return module


def time_names(*copies: object) -> list[object]:
    """Return what a virtual clock touches, and *copies* that a module has of some of it."""
    return [
        time.sleep, time.time, time.monotonic, time.perf_counter, time.localtime,
        time.strftime, datetime.datetime, datetime.date, asyncio.sleep, asyncio.tasks.sleep,
        hasattr(time, "clock"), asyncio.BaseEventLoop.time, asyncio.base_events.time,
        subprocess.time, subprocess._time, threading._time, *copies,
        freezegun.api.freeze_factories[:], freezegun.api.ignore_lists[:],
    ]  # fmt: skip
