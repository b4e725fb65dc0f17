"""Mocks as decorators of classes: a fresh one for each test."""

import unittest
from collections.abc import Callable
from typing import Any

import pytest

from mockbuild import mock_codebuild, mock_imagebuilder
from mockbuild.intercept.switch import SWITCH
from tests.intercept.clients import create, names
from tests.mock.footprint import client, is_on

pytestmark = [pytest.mark.docs, pytest.mark.usefixtures("network", "nobody")]


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
