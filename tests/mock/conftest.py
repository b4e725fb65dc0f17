"""Every test here leaves nothing."""

from collections.abc import Iterator

import pytest

from mockbuild.intercept.switch import SWITCH
from tests.mock.footprint import footprint, is_on


@pytest.fixture(autouse=True)
def _nothing_is_left(network: None, nobody: None) -> Iterator[None]:
    before = footprint()
    is_on_for_the_class = bool(SWITCH.answers)
    yield
    assert footprint() == before
    assert is_on_for_the_class or not is_on()
