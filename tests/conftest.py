"""What holds for every test: it names where its truth comes from, and its responses are valid."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mockbuild.wire.http import HttpResponse
from mockbuild.wire.operation import OperationWire
from mockbuild.wire.protocol import Protocol
from tests.response_check import problems

EVIDENCE = ("model", "docs", "recorded", "inferred")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "any_response: a test of the wire itself, which writes whatever it likes"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    bare = [
        item.nodeid
        for item in items
        if not any(item.get_closest_marker(name) for name in EVIDENCE)
    ]
    if bare:
        raise pytest.UsageError(
            "every test says where its truth comes from, with one of the markers "
            f"{', '.join(EVIDENCE)}; these do not:\n  " + "\n  ".join(bare)
        )


@pytest.fixture(autouse=True)
def _valid_responses(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Hold every response that is written against the operation's output shape."""
    if request.node.get_closest_marker("any_response"):
        yield
        return
    found: list[str] = []
    write = OperationWire.write

    def checked_write(
        self: OperationWire, result: Mapping[str, Any], protocol: Protocol, request_id: str
    ) -> HttpResponse:
        found.extend(f"{self.name}: {text}" for text in problems(self.model.output_shape, result))
        return write(self, result, protocol, request_id)

    monkeypatch.setattr(OperationWire, "write", checked_write)
    yield
    assert not found, "responses that the model does not allow:\n  " + "\n  ".join(found[:20])
