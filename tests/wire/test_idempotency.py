"""Client tokens: repeated calls are answered from memory, and memory is bounded."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from mockbuild.domain.aws_errors import AwsError, InvalidInputException
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
def test_calls_at_the_same_time_run_once() -> None:
    desk = Desk()
    entered, go = Event(), Event()

    def slow() -> dict[str, Any]:
        entered.set()
        assert go.wait(20)
        return desk.handle()

    results: list[Any] = []
    threads = [Thread(target=lambda: results.append(desk.call(handler=slow))) for _ in range(8)]
    threads[0].start()
    assert entered.wait(20)
    for thread in threads[1:]:
        thread.start()
    with pytest.raises(AwsError):
        desk.call(params="other")  # a mismatch is told at once, without waiting
    go.set()
    for thread in threads:
        thread.join(20)
    assert results == [{"number": 1}] * 8


@pytest.mark.docs
def test_one_that_waited_for_a_failure_is_carried_out_itself() -> None:
    desk = Desk()
    together = Barrier(4)
    attempts: list[int] = []

    def fails_first() -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) == 1:
            raise InvalidInputException("first")
        return desk.handle()

    results: list[Any] = []

    def call() -> None:
        together.wait(20)
        try:
            results.append(desk.call(handler=fails_first))
        except InvalidInputException:
            results.append("failed")

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, results)) == sorted(["failed", *["{'number': 1}"] * 3])


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
