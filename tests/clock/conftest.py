"""Clocks of either kind, started."""

import sys
from collections.abc import Iterator

import pytest

from mockbuild.clock import Clock, make_clock


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


@pytest.fixture
def forget_module() -> Iterator[None]:
    yield
    sys.modules.pop("module_under_test", None)
