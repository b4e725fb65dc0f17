"""A mock of Image Builder, and a client made before it."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockbuild import Control, mock_imagebuilder
from tests.imagebuilder.factory import CLIENT
from tests.imagebuilder.image_factory import Kit, remember


@pytest.fixture
def mb() -> Iterator[Control]:
    with mock_imagebuilder() as handle:
        yield handle


@pytest.fixture
def client(mb: Control) -> Any:
    return CLIENT


@pytest.fixture
def clocked() -> Iterator[Control]:
    """A mock in which things take their time, on a clock that the test moves."""
    with mock_imagebuilder(transitions="timed", clock="virtual") as handle:
        yield handle


@pytest.fixture
def stepped() -> Iterator[Control]:
    """A mock in which each look moves things one step on."""
    with mock_imagebuilder(transitions="stepped", clock="virtual") as handle:
        yield handle


@pytest.fixture
def kit(mb: Control) -> Kit:
    """What images are made of."""
    return Kit()


@pytest.fixture
def dry_kit(mb: Control, kit: Kit) -> Kit:
    """The same, of images that make nothing outside: what they would have made is remembered."""
    remember(mb)
    return kit
