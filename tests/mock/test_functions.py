"""Mocks as decorators of functions, fixtures and generators of every kind."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mockbuild import ConfigurationError, mock_codebuild
from tests.intercept.clients import create, names
from tests.mock.footprint import client, is_on

pytestmark = [pytest.mark.docs, pytest.mark.usefixtures("network", "nobody")]


@mock_codebuild
def test_a_function() -> None:
    assert is_on()


@mock_codebuild()
def test_a_function_and_brackets() -> None:
    assert is_on()


@mock_codebuild(seed=1)
@pytest.mark.parametrize("value", [1, 2])
def test_parametrized(value: int, tmp_path: Path) -> None:
    assert is_on()
    assert value in (1, 2)


@pytest.mark.parametrize("value", [1, 2])
@mock_codebuild
def test_parametrized_outside(value: int, *, tmp_path: Path) -> None:
    assert is_on()


@mock_codebuild
@pytest.mark.asyncio
async def test_an_async_function() -> None:
    await asyncio.sleep(0)
    assert is_on()


@pytest.fixture
@mock_codebuild
def generator_fixture() -> Iterator[str]:
    assert is_on()
    yield "generated"
    assert names(client) == ["more", "web"]


def test_a_generator_fixture(generator_fixture: str) -> None:
    assert generator_fixture == "generated"
    create(client, "more")


@pytest.fixture
@mock_codebuild
def plain_fixture() -> bool:
    return is_on()


def test_a_plain_fixture_is_over_before_the_test(plain_fixture: bool) -> None:
    assert plain_fixture
    assert not is_on()


@pytest_asyncio.fixture
@mock_codebuild
async def async_generator_fixture() -> AsyncIterator[str]:
    assert is_on()
    yield "generated"
    assert names(client) == ["more", "web"]


@pytest.mark.asyncio
async def test_an_async_generator_fixture(async_generator_fixture: str) -> None:
    assert async_generator_fixture == "generated"
    create(client, "more")


def test_arguments_results_and_errors_pass_through() -> None:
    @mock_codebuild
    def function(first: int, *, second: int) -> int:
        """What it says."""
        assert is_on()
        return first // second

    assert function(6, second=2) == 3
    assert (function.__name__, function.__doc__) == ("function", "What it says.")
    with pytest.raises(ZeroDivisionError):
        function(6, second=0)


def test_a_generator_gets_what_is_sent_and_thrown() -> None:
    @mock_codebuild
    def generator() -> Any:
        got = []
        while len(got) < 2:
            try:
                got.append((yield len(got)))
            except KeyError as error:
                got.append(error)
        return got

    error = KeyError("x")
    running = generator()
    assert not is_on()  # not before it is run
    assert next(running) == 0
    assert running.send("sent") == 1
    assert is_on()
    with pytest.raises(StopIteration) as ended:
        running.throw(error)
    assert ended.value.value == ["sent", error]


def test_a_generator_left_behind_ends_its_mock() -> None:
    @mock_codebuild
    def generator() -> Iterator[None]:
        yield

    running = generator()
    next(running)
    assert is_on()
    del running
    gc.collect()


def test_an_async_generator_gets_what_is_sent_and_thrown() -> None:
    @asynccontextmanager
    @mock_codebuild
    async def generator() -> AsyncIterator[None]:
        try:
            yield
        except KeyError:
            assert names(client) == ["web"]

    async def main() -> None:
        async with generator():
            assert is_on()
            raise KeyError
        async with generator():
            assert is_on()

    asyncio.run(main())


def test_an_async_generator_given_up() -> None:
    ended = []

    @mock_codebuild
    async def generator() -> Any:
        try:
            while True:
                yield is_on()
        finally:
            ended.append(names(client))

    async def main() -> None:
        running = generator()
        assert await running.asend(None)
        await running.aclose()

    asyncio.run(main())
    assert ended == [["web"]]


def test_a_context_manager_made_of_a_decorated_generator() -> None:
    @contextmanager
    @mock_codebuild
    def prepared() -> Iterator[str]:
        yield create(client)

    with prepared() as arn:
        assert arn.endswith(":project/web")
    with pytest.raises(ZeroDivisionError), prepared():
        raise ZeroDivisionError


@pytest.mark.parametrize("target", [7, "x", None.__class__(), object(), pytest.fixture(lambda: 1)])
def test_what_cannot_be_decorated(target: Any) -> None:
    mock = mock_codebuild()
    with pytest.raises(ConfigurationError, match="decorates functions and classes"):
        mock(target)


def test_a_fixture_decorated_the_wrong_way_round_is_told_so() -> None:
    with pytest.raises(ConfigurationError, match=r"put @pytest\.fixture above"):
        mock_codebuild(pytest.fixture(lambda: 1))
