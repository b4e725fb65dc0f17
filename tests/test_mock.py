"""Mocks: every way to turn them on, and that nothing is left when they are off."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mockbuild import ConfigurationError, mock_build, mock_codebuild, mock_imagebuilder
from mockbuild.intercept.switch import SWITCH
from tests.conftest import EscapedError
from tests.intercept.clients import create, make_client, names

pytestmark = [pytest.mark.docs, pytest.mark.usefixtures("network", "nobody")]

client = make_client()


def is_on() -> bool:
    """Tell whether CodeBuild is mocked, which every use needs to be true and fresh."""
    try:
        found = names(client)
    except EscapedError:
        return False
    assert found == []
    create(client)
    return True


def footprint() -> Any:
    return (
        vars(Endpoint)["_do_get_response"],
        vars(RequestSigner)["sign"],
        "__init_subclass__" in vars(Endpoint),
        "__init_subclass__" in vars(RequestSigner),
        {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        set(threading.enumerate()),
        dict(SWITCH.answers),
        SWITCH.passing,
    )


@pytest.fixture(autouse=True)
def _nothing_is_left(network: None, nobody: None) -> Iterator[None]:
    before = footprint()
    is_on_for_the_class = bool(SWITCH.answers)
    yield
    assert footprint() == before
    assert is_on_for_the_class or not is_on()


# Functions


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


import pytest_asyncio  # noqa: E402


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


# Classes


@mock_codebuild
class TestClass:
    def test_one(self) -> None:
        assert is_on()

    def test_two(self) -> None:
        assert is_on()

    @pytest.mark.parametrize("value", [1, 2])
    def test_parametrized(self, value: int) -> None:
        assert is_on()

    @staticmethod
    def test_static() -> None:
        assert is_on()

    @classmethod
    def test_class_method(cls) -> None:
        assert is_on()

    @pytest.mark.asyncio
    async def test_async(self) -> None:
        assert is_on()

    @pytest.fixture
    def project(self) -> str:
        return create(client)

    def test_a_fixture_of_the_class(self, project: str) -> None:
        assert names(client) == ["web"]

    class TestInner:
        def test_inner(self) -> None:
            assert is_on()


class TestSubclass(TestClass):
    def test_own(self) -> None:
        assert is_on()


@mock_codebuild
class TestPrepared:
    def setup_method(self, method: Callable[..., Any]) -> None:
        self.name = method.__name__.replace("_", "-")
        create(client, self.name)

    def test_one(self) -> None:
        assert names(client) == ["test-one"]

    def test_two(self) -> None:
        assert names(client) == ["test-two"]

    def teardown_method(self) -> None:
        assert names(client) == [self.name]


class TestPreparedFurther(TestPrepared):
    def setup_method(self, method: Callable[..., Any]) -> None:
        create(client, "first")
        super().setup_method(method)

    def test_one(self) -> None:
        assert names(client) == ["first", "test-one"]

    def test_two(self) -> None:
        assert names(client) == ["first", "test-two"]

    def teardown_method(self) -> None:
        client.delete_project(name="first")
        super().teardown_method()
        assert names(client) == [self.name]


class TestPreparedOtherwise(TestPrepared):
    def setup_method(self) -> None:  # type: ignore[override]
        self.name = "other"
        create(client, self.name)

    def test_one(self) -> None:
        assert names(client) == ["other"]

    def test_two(self) -> None:
        assert names(client) == ["other"]


@mock_codebuild
class TestPreparedOnce:
    @classmethod
    def setup_class(cls) -> None:
        create(client, "once")

    def test_one(self) -> None:
        assert "once" in names(client)
        create(client, "more")

    def test_two(self) -> None:
        assert names(client) == ["more", "once"]

    @classmethod
    def teardown_class(cls) -> None:
        assert names(client) == ["more", "once"]


class Mixin:
    def test_mixed_in(self) -> None:
        assert is_on() is self.expected  # type: ignore[attr-defined]


@mock_codebuild
class TestInherits(Mixin):
    expected = True


class TestStaysAsItWas(Mixin):
    expected = False


@mock_codebuild
@mock_imagebuilder
class TestStacked:
    def test_one(self) -> None:
        assert set(SWITCH.answers) == {"codebuild", "imagebuilder"}


def test_a_set_up_that_fails_leaves_nothing() -> None:
    @mock_codebuild
    class Tests:
        def setup_method(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Tests().setup_method()


def test_init_subclass_of_the_class_itself_is_kept() -> None:
    seen = []

    @mock_codebuild
    class Tests:
        def __init_subclass__(cls, *, word: str, **more: Any) -> None:
            super().__init_subclass__(**more)
            seen.append(word)

        def test(self) -> bool:
            return is_on()

    class More(Tests, word="hello"):
        def test_more(self) -> bool:
            return is_on()

    assert seen == ["hello"]
    assert More().test()
    assert More().test_more()


@mock_codebuild
class TestOfUnittest(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(self.check)
        create(client)

    def check(self) -> None:
        assert names(client) == ["later", "web"]

    def test_one(self) -> None:
        create(client, "later")

    def test_two(self) -> None:
        assert names(client) == ["web"]
        create(client, "later")

    def tearDown(self) -> None:
        assert "web" in names(client)


class TestOfUnittestFurther(TestOfUnittest):
    def test_three(self) -> None:
        create(client, "later")


@mock_codebuild
class TestOfUnittestPreparedOnce(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        create(client, "once")
        cls.addClassCleanup(lambda: names(client))

    def test_one(self) -> None:
        assert names(client) == ["once"]

    def test_two(self) -> None:
        assert names(client) == ["once"]

    @classmethod
    def tearDownClass(cls) -> None:
        assert names(client) == ["once"]


@mock_codebuild
class TestOfUnittestAsync(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        create(client)

    async def test_one(self) -> None:
        assert names(client) == ["web"]

    async def test_two(self) -> None:
        assert names(client) == ["web"]


def test_unittest_runs_them_as_well() -> None:
    suite = unittest.TestSuite()
    for case in (TestOfUnittest, TestOfUnittestPreparedOnce, TestOfUnittestAsync):
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    result = unittest.TestResult()
    suite.run(result)
    assert (result.testsRun, result.errors, result.failures) == (6, [], [])


def test_unittest_prepares_what_fails() -> None:
    @mock_codebuild
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ZeroDivisionError

        def test(self) -> None: ...

    result = unittest.TestResult()
    unittest.TestSuite([Case("test")]).run(result)
    assert len(result.errors) == 1


# By hand


def test_with() -> None:
    with mock_codebuild() as mb:
        assert is_on()
        assert mb.calls("CreateProject")[0].params["name"] == "web"


def test_async_with() -> None:
    async def main() -> None:
        async with mock_codebuild(seed=1) as mb:
            assert is_on()
            assert mb.settings.seed == 1

    asyncio.run(main())


def test_start_and_stop() -> None:
    mock = mock_codebuild()
    mb = mock.start()
    assert is_on()
    assert len(mb.calls()) == 2
    mock.stop()
    assert not is_on()
    with pytest.raises(ConfigurationError, match="not on"):
        mock.stop()
    mock.start()
    assert is_on()  # and fresh
    mock.stop()


def test_one_mock_inside_itself() -> None:
    mock = mock_codebuild()
    with mock, mock:
        mock.start()
        assert is_on()
        mock.stop()


def test_nested_mocks_share_their_state() -> None:
    with mock_codebuild() as outer:
        create(client)
        with mock_codebuild() as inner:
            assert names(client) == ["web"]
            assert inner.calls() == outer.calls()
        assert names(client) == ["web"]
    with mock_codebuild():
        assert names(client) == []


def test_state_ends_with_the_outermost_mock_of_the_service() -> None:
    with mock_imagebuilder():
        for _ in range(2):
            with mock_codebuild():
                assert is_on()
            assert not is_on()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1), (1, 2, 0)])
def test_any_order_of_leaving(order: tuple[int, ...]) -> None:
    mocks = [mock_codebuild(), mock_build(), mock_imagebuilder()]
    for mock in mocks:
        mock.start()
    left = {0, 1, 2}
    create(client)
    for number in order:
        mocks[number].stop()
        left.remove(number)
        expected = {"codebuild"} if left & {0, 1} else set()
        assert set(SWITCH.answers) == expected | ({"imagebuilder"} if left & {1, 2} else set())
        if expected:
            assert names(client) == ["web"]


@pytest.mark.parametrize(
    "inner", [{"seed": 2}, {"runner": "local"}, {"transitions": "timed"}, {"clock": "virtual"}]
)
def test_settings_that_contradict_the_mock_around(inner: dict[str, Any]) -> None:
    with mock_codebuild(seed=1), pytest.raises(ConfigurationError, match=next(iter(inner))):
        mock_build(**inner).start()


def test_settings_that_agree_with_the_mock_around() -> None:
    with mock_codebuild(seed=1), mock_build(seed=1, runner="simulated"), mock_codebuild():
        assert is_on()


@pytest.mark.parametrize("make", [mock_codebuild, mock_imagebuilder, mock_build])
def test_bad_settings_are_refused_at_once(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="runner"):
        make(runner="toaster")
    with pytest.raises(ConfigurationError, match="'runer' is not a setting"):
        make(runer="local")


# What is left


def test_nothing_is_left_after_an_exception() -> None:
    before = footprint()
    with pytest.raises(ZeroDivisionError), mock_codebuild(), mock_build():
        _ = is_on() and footprint() != before and 1 / 0
    assert footprint() == before


def test_a_clock_that_does_not_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object) -> None:
        raise OSError("no clock today")

    monkeypatch.setattr("mockbuild.clock.RealClock.start", fail)
    with pytest.raises(OSError, match="no clock"):
        mock_codebuild().start()


def test_a_handler_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours comes out as it is, and does not keep the mock from working or ending."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with mock_codebuild():
        with monkeypatch.context() as broken:
            broken.setattr("mockbuild._world.World.backend", fail)
            with pytest.raises(ZeroDivisionError):
                names(client)
        assert is_on()


def test_a_patch_that_came_over_ours_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    real = vars(Endpoint)["_do_get_response"]
    calls = []
    with mock_codebuild():
        ours = vars(Endpoint)["_do_get_response"]

        def theirs(*arguments: Any) -> Any:
            calls.append(arguments)
            return ours(*arguments)

        Endpoint._do_get_response = theirs
        assert is_on()
    try:
        assert vars(Endpoint)["_do_get_response"] is theirs
        assert not is_on()
        with mock_codebuild():
            assert is_on()
        assert len(calls) == 5
    finally:
        Endpoint._do_get_response = real


def test_an_endpoint_class_defined_while_the_mock_is_on() -> None:
    asked = []
    with mock_codebuild():

        class Own(Endpoint):
            def _do_get_response(self, *arguments: Any) -> Any:
                asked.append(self)
                return super()._do_get_response(*arguments)

        patched = vars(Own)["_do_get_response"]
        late = make_client()
        late._endpoint.__class__ = Own
        assert names(late) == []
    assert vars(Own)["_do_get_response"] is not patched
    with pytest.raises(EscapedError):
        names(late)
    assert [type(endpoint) for endpoint in asked] == [Own, Own]


def test_nothing_optional_is_loaded() -> None:
    script = """
import sys
import botocore.session
client = botocore.session.get_session().create_client("codebuild")
from mockbuild import mock_build
with mock_build():
    client.list_projects()
optional = "boto3 click cbor2 defusedxml docker freezegun moto pytest requests rich wcmatch"
print([name for name in optional.split() if name in sys.modules])
"""
    env = {"PYTHONPATH": str(Path(__file__).parents[1]), "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# Threads


def in_threads(number: int, work: Callable[[int], None]) -> None:
    errors = []
    together = threading.Barrier(number)

    def run(mine: int) -> None:
        try:
            together.wait()
            work(mine)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(mine,)) for mine in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_many_threads_on_one_mock() -> None:
    def work(mine: int) -> None:
        for number in range(20):
            name = f"p{mine}-{number}"
            create(client, name)
            build = client.start_build(projectName=name)["build"]
            seen = client.batch_get_builds(ids=[build["id"]])["builds"][0]
            assert seen["buildStatus"] == "SUCCEEDED"

    with mock_codebuild() as mb:
        in_threads(16, work)
        assert len(mb.calls("StartBuild")) == 320


def test_entered_from_many_threads() -> None:
    shared = mock_codebuild()

    def work(mine: int) -> None:
        for _ in range(50):
            with ExitStack() as mocks:
                mocks.enter_context(shared)
                mocks.enter_context(mock_build())
                assert isinstance(names(client), list)

    in_threads(8, work)
