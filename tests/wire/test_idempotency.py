"""Client tokens: repeated calls are answered from memory, and memory is bounded."""

from collections.abc import Callable
from typing import Any

import pytest

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.wire.dialect import GenericDialect, ValidationException
from mockbuild.wire.idempotency import Replays, fingerprint
from mockbuild.wire.service import service_wire

DIALECT = GenericDialect()


class Desk:
    """A memory with a clock that is set by hand and a handler that counts."""

    def __init__(self, window: float = 100) -> None:
        self.replays = Replays(window)
        self.time = 0.0
        self.carried_out = 0

    def handle(self) -> dict[str, Any]:
        self.carried_out += 1
        return {"number": self.carried_out}

    def call(
        self, key: str = "k", params: str = "p", handler: Callable[[], dict[str, Any]] | None = None
    ) -> Any:
        return self.replays.run(
            key,
            params,
            handler or self.handle,
            now=lambda: self.time,
            mismatch=lambda: DIALECT.token_mismatch("StartBuild"),
        )


@pytest.mark.docs
def test_the_same_call_gives_the_first_result() -> None:
    desk = Desk()
    first = desk.call()
    assert desk.call() is first
    assert desk.carried_out == 1


@pytest.mark.docs
def test_another_token_is_another_call() -> None:
    desk = Desk()
    assert desk.call("k1") != desk.call("k2")


@pytest.mark.docs
def test_other_parameters_are_a_mismatch_and_change_nothing() -> None:
    desk = Desk()
    first = desk.call()
    with pytest.raises(ValidationException):
        desk.call(params="other")
    assert desk.call() is first
    assert desk.carried_out == 1


@pytest.mark.docs
@pytest.mark.parametrize("error", [InvalidInputException("no"), KeyError("a bug")])
def test_a_call_that_fails_is_forgotten(error: Exception) -> None:
    desk = Desk()

    def fail() -> dict[str, Any]:
        raise error

    with pytest.raises(type(error)):
        desk.call(handler=fail)
    assert len(desk.replays) == 0
    assert desk.call(params="other") == {"number": 1}


@pytest.mark.inferred
def test_a_token_is_forgotten_after_the_window() -> None:
    desk = Desk(window=100)
    first = desk.call()
    desk.time = 99.9
    assert desk.call() is first
    desk.time = 100
    assert desk.call(params="other") == {"number": 2}


@pytest.mark.inferred
def test_memory_is_bounded_by_the_window() -> None:
    desk = Desk(window=100)
    for number in range(1000):
        desk.time = float(number)
        desk.call(f"k{number}")
        assert len(desk.replays) <= 101


@pytest.mark.docs
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1, "token": "x"}, {"a": 1, "token": "y"}, True),
        ({"a": b"\x00"}, {"a": b"\x00"}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({"a": b"\x00"}, {"a": b"\x01"}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({}, {"a": 1}, False),
    ],
)
def test_which_parameters_are_the_same(one: Any, other: Any, same: bool) -> None:
    assert (fingerprint(one, "token") == fingerprint(other, "token")) is same


@pytest.mark.model
@pytest.mark.parametrize(
    ("service", "operation", "member"),
    [
        ("codebuild", "StartBuild", "idempotencyToken"),
        ("codebuild", "StartBuildBatch", "idempotencyToken"),
        ("codebuild", "RetryBuild", "idempotencyToken"),
        ("codebuild", "StartSandbox", "idempotencyToken"),
        ("imagebuilder", "CreateImage", "clientToken"),
        ("imagebuilder", "CreateComponent", "clientToken"),
        ("codebuild", "CreateProject", None),
        ("codebuild", "ListBuilds", None),
        ("imagebuilder", "DeleteImage", None),
    ],
)
def test_which_member_is_the_token(service: str, operation: str, member: str | None) -> None:
    assert service_wire(service).operation(operation).token_member == member
