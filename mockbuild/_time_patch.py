"""Puts a virtual clock under the code under test, and takes it away again.

freezegun supplies the frozen ``time`` and ``datetime``. What it leaves open is done here: both
``sleep`` functions, modules that keep real time whatever happens, which modules are left alone
decided by package (freezegun goes by prefix: its ``gi`` also skips ``git_tools``), and any order
of leaving.
"""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from typing import Any, Protocol

import freezegun
from freezegun import api, config

from mockbuild.clock import REAL_SLEEP

#: Modules that do, of packages that otherwise do not: adaptive retries wait for their tokens on a
#: condition, and would wait for ever on a clock that stands still meanwhile.
REAL_TIME_MODULES = frozenset({"botocore.retries.bucket"})
#: Packages that wait for the real world or measure it: they keep real time and real sleeps.
REAL_TIME_PACKAGES = frozenset(
    (
        "_pydev_bundle",
        "_pydevd_bundle",
        "_pytest",
        "aiohttp",
        "asyncio",
        "concurrent",
        "coverage",
        "debugpy",
        "docker",
        "execnet",
        "filelock",
        "hypothesis",
        "multiprocessing",
        "pluggy",
        "pydevd",
        "pytest",
        "pytest_asyncio",
        "pytest_timeout",
        "queue",
        "selectors",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "threading",
        "trio",
        "urllib3",
        "uvicorn",
        "uvloop",
        "websocket",
        "xdist",
    )
)
_UNTOUCHED = frozenset(("datetime", "freezegun", "mockbuild", "time"))

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive is what freezegun takes
_REAL_ASYNC_SLEEP = asyncio.tasks.sleep
_FAKES: dict[Any, Any] = {
    api.real_date: api.FakeDate,
    api.real_datetime: api.FakeDatetime,
    api.real_gmtime: api.fake_gmtime,
    api.real_localtime: api.fake_localtime,
    api.real_monotonic: api.fake_monotonic,
    api.real_monotonic_ns: api.fake_monotonic_ns,
    api.real_perf_counter: api.fake_perf_counter,
    api.real_perf_counter_ns: api.fake_perf_counter_ns,
    api.real_strftime: api.fake_strftime,
    api.real_time: api.fake_time,
    api.real_time_ns: api.fake_time_ns,
}


class Sleeper(Protocol):
    """What the patches need of a clock."""

    def sleep(self, seconds: float) -> None:
        """Stand in for ``time.sleep``; *seconds* is not negative."""

    async def sleep_async(self, seconds: float) -> None:
        """Stand in for ``asyncio.sleep``; *seconds* is positive."""


class Factory(Protocol):
    """What freezegun asks for the time: a naive datetime, in UTC."""

    def __call__(self) -> datetime: ...

    def move_to(self, target_datetime: datetime) -> None:
        """Move the time."""


_lock = threading.RLock()
_clocks: list[Sleeper] = []
_undo: list[tuple[dict[str, Any], str, object, object]] = []


def install(clock: Sleeper, factory: Factory, moment: datetime) -> None:
    """Have *clock* answer for the time, above whatever is frozen already.

    :param factory: tells freezegun the clock's time.
    :param moment: that time now, naive, in UTC.
    """
    with _lock:
        outermost = not api.freeze_factories
        # None of our own: freezegun would add it to times with a zone as well.
        offset = api.tz_offsets[-1] if api.tz_offsets else 0
        freezer = freezegun.freeze_time(moment, tz_offset=offset)
        freezer.ignore = ("",)  # every module: _retarget() does them, more exactly
        freezer.start()
        api.freeze_factories[-1] = factory  # type: ignore[call-overload]
        api.ignore_lists[-1] = _ignored_by_choice()
        _clocks.append(clock)
        try:
            if len(_clocks) == 1:
                _patch(outermost)
        except BaseException:
            remove(clock, factory)
            raise


def remove(clock: Sleeper, factory: Factory) -> None:
    """Undo :func:`install`. The other clocks, and the user's freezegun, stay as they are."""
    with _lock:
        _clocks.remove(clock)
        if not _clocks:
            _unpatch()
        _stop_freezing(factory)
        if not _clocks:
            _sweep()


def foreign_factory(factory: Factory) -> Any:
    """Return who answers for the time instead of *factory*, or ``None``."""
    try:
        top = api.freeze_factories[-1]
    except IndexError:
        return None
    return None if top is factory else top


def _ignored_by_choice() -> tuple[str, ...]:
    """Return the packages the user told freezegun to leave alone.

    Its own defaults would show real time to whatever runs close to the start of a thread.
    """
    chosen = config.settings.default_ignore_list
    return tuple(name for name in chosen if name not in config.DEFAULT_IGNORE_LIST)


def _stop_freezing(factory: Factory) -> None:
    """Take *factory* out of freezegun, wherever it is in the stack."""
    factories = api.freeze_factories
    had_clock = hasattr(time, "clock")
    if not factories:
        return
    mine = next((i for i, one in enumerate(factories) if one is factory), len(factories) - 1)
    stacks: tuple[list[Any], ...] = (factories, api.ignore_lists, api.tick_flags, api.tz_offsets)
    for stack in stacks:
        stack.append(stack.pop(mine))
    freezer = freezegun.freeze_time(_EPOCH)
    freezer.ignore = ("",)
    freezer.stop()
    if not had_clock and hasattr(time, "clock"):
        del time.clock  # freezegun leaves a ``time.clock = None``
    if factories:
        _let_others_end()


def _let_others_end() -> None:
    """Spare a freezegun that ends after us, though it started after us, an AttributeError.

    Only the first of several overlapping ones notes what it replaced; only the last looks it up.
    """
    for freezer in gc.get_objects():
        if type(freezer) is api._freeze_time and not hasattr(freezer, "reals"):
            freezer.fake_names, freezer.reals = (), {}


def _fake_sleep(seconds: float, /) -> None:
    """Stand in for ``time.sleep``, for whoever got hold of it."""
    caller = sys._getframe(1).f_globals.get("__name__") or ""
    if not _clocks or _keeps_real_time(caller):
        return REAL_SLEEP(seconds)
    if not isinstance(seconds, float) and not hasattr(seconds, "__index__"):
        return REAL_SLEEP(seconds)  # raises what it raises
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    return _clocks[-1].sleep(seconds)


async def _fake_async_sleep(delay: float, result: Any = None) -> Any:
    """Stand in for ``asyncio.sleep``, for whoever got hold of it."""
    if not _clocks or delay <= 0:
        return await _REAL_ASYNC_SLEEP(delay, result)
    await _clocks[-1].sleep_async(delay)
    return result


def _real_time_module() -> ModuleType:
    real = ModuleType("time")
    vars(real).update(vars(time))
    for function in _FAKES:
        if function.__module__ == "time":
            setattr(real, function.__name__, function)
    real.sleep = REAL_SLEEP  # type: ignore[attr-defined]
    return real


_REAL_TIME = _real_time_module()


def _package(name: str) -> str:
    return name.partition(".")[0]


def _keeps_real_time(name: str) -> bool:
    return _package(name) in REAL_TIME_PACKAGES or name in REAL_TIME_MODULES


def _modules() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, module in list(sys.modules.items()):
        # By type(): cffi's libraries claim to be modules, and have no __dict__.
        if issubclass(type(module), ModuleType) and _package(name) not in _UNTOUCHED:
            yield name, object.__getattribute__(module, "__dict__")  # loads no lazy module


def _by_id(pairs: dict[Any, Any]) -> dict[int, object]:
    return {id(old): new for old, new in pairs.items()}


def _put(names: dict[str, Any], name: str, new: object) -> None:
    _undo.append((names, name, names[name], new))
    names[name] = new


def _patch(outermost: bool) -> None:
    """Point every loaded module at the functions it is to have.

    :param outermost: freezegun was not at work yet. (Otherwise it chose the modules it freezes.)
    """
    real: dict[Any, Any] = {fake: function for function, fake in _FAKES.items()}
    keep = _by_id(real | {time: _REAL_TIME})
    sleeps = {REAL_SLEEP: _fake_sleep, _REAL_ASYNC_SLEEP: _fake_async_sleep}
    freeze = _by_id(sleeps | _FAKES if outermost else sleeps)
    for name, names in _modules():
        _retarget(names, keep if _keeps_real_time(name) else freeze)
    _put(vars(time), "sleep", _fake_sleep)
    for module in (asyncio, asyncio.tasks):
        _put(vars(module), "sleep", _fake_async_sleep)


def _retarget(names: dict[str, Any], replacements: dict[int, object]) -> None:
    if replacements.keys().isdisjoint(map(id, list(names.values()))):
        return
    for name, old in list(names.items()):
        new = replacements.get(id(old))
        if new is not None:
            _put(names, name, new)


def _unpatch() -> None:
    while _undo:
        names, name, old, new = _undo.pop()
        if names.get(name) is new:
            names[name] = old


def _sweep() -> None:
    """Restore modules that were loaded, or copied a name, while the clock was at work."""
    left: dict[Any, Any] = {_fake_sleep: REAL_SLEEP, _fake_async_sleep: _REAL_ASYNC_SLEEP}
    if not api.freeze_factories:
        left |= {fake: function for function, fake in _FAKES.items()}
    replacements = _by_id(left)
    for _, names in _modules():
        if replacements.keys().isdisjoint(map(id, list(names.values()))):
            continue
        for name, old in list(names.items()):
            new = replacements.get(id(old))
            # ``from freezegun.api import FakeDatetime`` means what it says.
            if new is not None and name != getattr(old, "__name__", ""):
                names[name] = new
