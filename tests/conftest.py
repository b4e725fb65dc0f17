"""What holds for every test: it names where its truth comes from, and its responses are valid."""

import functools
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
from botocore.httpsession import URLLib3Session

from mockbuild.domain.aws_errors import AwsError
from mockbuild.wire.gateway import Caller, Gateway
from mockbuild.wire.http import HttpResponse
from mockbuild.wire.operation import OperationWire
from mockbuild.wire.protocol import Protocol
from tests.response_check import problems
from tests.seen import SERVICES, noting

EVIDENCE = ("model", "docs", "recorded", "inferred")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    bare = [
        item.nodeid for item in items if not any(item.get_closest_marker(name) for name in EVIDENCE)
    ]
    if bare:
        raise pytest.UsageError(
            "every test says where its truth comes from, with one of the markers "
            f"{', '.join(EVIDENCE)}; these do not:\n  " + "\n  ".join(bare)
        )


SEEN = noting()


def pytest_sessionfinish() -> None:
    if SEEN is not None:
        SEEN.keep(Path(os.environ["MOCKBUILD_SEEN"]))


@pytest.fixture(autouse=True)
def _valid_responses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every response of the two services against the operation's output shape."""
    found: list[str] = []
    write = OperationWire.write

    @functools.wraps(write)
    def checked_write(
        self: OperationWire, result: Mapping[str, Any], protocol: Protocol, request_id: str
    ) -> HttpResponse:
        if self.model.service_model.service_name in SERVICES:
            wrong = problems(self.model.output_shape, result)
            found.extend(f"{self.name}: {text}" for text in wrong)
        return write(self, result, protocol, request_id)

    monkeypatch.setattr(OperationWire, "write", checked_write)
    yield
    assert not found, "responses that the model does not allow:\n  " + "\n  ".join(found[:20])


@pytest.fixture(autouse=True)
def _seen(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _valid_responses: None
) -> None:
    """Note what is answered, if anybody wants to know; the wire's own tests make answers up."""
    seen = SEEN
    if seen is None or "wire" in request.path.parts:
        return
    write, call = OperationWire.write, Gateway._call

    @functools.wraps(write)
    def noting_write(
        self: OperationWire, result: Mapping[str, Any], protocol: Protocol, request_id: str
    ) -> HttpResponse:
        response = write(self, result, protocol, request_id)
        if protocol is not Protocol.CBOR:
            seen.answer(self.model, response.body)
        return response

    def noting_call(
        self: Gateway, wire: OperationWire, caller: Caller, params: dict[str, Any]
    ) -> Mapping[str, Any]:
        try:
            return call(self, wire, caller, params)
        except AwsError as error:
            seen.error(wire.model, error.code)
            raise

    monkeypatch.setattr(OperationWire, "write", noting_write)
    monkeypatch.setattr(Gateway, "_call", noting_call)


class EscapedError(Exception):
    """A request that has left through the network, so to speak."""


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let botocore reach no network; the URLs of what it tries to send, each an EscapedError."""
    urls: list[str] = []

    def send(self: object, request: Any) -> NoReturn:
        urls.append(request.url)
        raise EscapedError(request.url)

    monkeypatch.setattr(URLLib3Session, "send", send)
    return urls


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let there be no credentials, no region and no configuration of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("BOTO_CONFIG", str(tmp_path / "boto"))
    with suppress(ImportError):
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
