"""A mock of CodeBuild, and a client made before it."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockbuild import Control, mock_codebuild
from tests.codebuild.factory import CLIENT, create


@pytest.fixture
def mb() -> Iterator[Control]:
    with mock_codebuild() as handle:
        yield handle


@pytest.fixture
def client(mb: Control) -> Any:
    return CLIENT


@pytest.fixture
def web(client: Any) -> Any:
    """The least project there can be."""
    return create()
