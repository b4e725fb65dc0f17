"""Decorating classes, so that each of their tests has a mock of its own."""

import functools
import unittest
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockbuild._mock import Mock


def decorate_class(mock: "Mock", cls: type) -> type:
    """Put *mock* around every test of *cls*, what prepares it and what cleans up included.

    In a ``TestCase`` with a ``setUpClass`` of its own, the mock is on for the whole class, so
    that what it makes is there for every test; the tests then share that state.
    """
    if issubclass(cls, unittest.TestCase):
        _decorate_test_case(mock, cls)
    else:
        _decorate_plain(mock, cls)
    return cls


def _decorate_test_case(mock: "Mock", cls: type[unittest.TestCase]) -> None:
    run = cls.run

    @functools.wraps(run)
    def run_mocked(self: unittest.TestCase, result: Any = None) -> Any:
        with mock:
            return run(self, result)

    cls.run = run_mocked  # type: ignore[method-assign]
    set_up = cls.__dict__.get("setUpClass")
    if set_up is None:
        return

    def set_up_class(inner: type[unittest.TestCase]) -> None:
        mock.start()
        inner.addClassCleanup(mock.stop)
        set_up.__get__(None, inner)()

    cls.setUpClass = classmethod(set_up_class)  # type: ignore[method-assign, assignment]


def _decorate_plain(mock: "Mock", cls: type) -> None:
    """Wrap the test methods, and pytest's ``setup_method`` and ``teardown_method`` around them."""
    from mockbuild._mock import _decorated

    for name, member in list(vars(cls).items()):
        if name.startswith("test") and callable(member):
            setattr(cls, name, _decorated(mock, member))
    set_up = getattr(cls, "setup_method", None)
    if set_up is not None:
        cls.setup_method = _set_up(mock, set_up)  # type: ignore[attr-defined]
        cls.teardown_method = _tear_down(  # type: ignore[attr-defined]
            mock, getattr(cls, "teardown_method", None)
        )


def _set_up(mock: "Mock", function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def setup_method(self: Any, *args: Any) -> None:
        mock.start()
        try:
            function(self, *args)
        except BaseException:
            mock.stop()  # pytest tears nothing down that was not set up
            raise

    return setup_method


def _tear_down(mock: "Mock", function: Callable[..., Any] | None) -> Callable[..., Any]:
    def teardown_method(self: Any, method: Any) -> None:
        try:
            if function is not None:
                takes_method = function.__code__.co_argcount > 1
                function(self, *([method] if takes_method else []))
        finally:
            mock.stop()

    return teardown_method
