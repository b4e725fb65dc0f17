"""Decorating classes, so that each of their tests has a mock of its own."""

import inspect
import unittest
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockbuild._mock import Mock

#: Where an object or class with tests keeps the mocks that its set-up has turned on.
_ON = "_mockbuild_on"
#: Where a wrapped function keeps the mocks around it.
_AROUND = "_mockbuild_around"
_FUNCTIONS = (FunctionType, staticmethod, classmethod)


def decorate_class(mock: "Mock", cls: type) -> type:
    """Put *mock* around every test of *cls*, what prepares it and what cleans up included.

    That goes for inherited tests, and for the subclasses of *cls*; the classes above it stay as
    they are. In a class with a ``setUpClass`` or ``setup_class`` the mock is on for the whole
    class, so that what it makes is there for every test; the tests then share that state.
    """
    _decorate(mock, cls)
    own = vars(cls).get("__init_subclass__")

    def init_subclass(subclass: Any, /, **keywords: Any) -> None:
        if own is None:
            super(cls, subclass).__init_subclass__(**keywords)  # type: ignore[arg-type]
        else:
            own.__get__(None, subclass)(**keywords)
        _decorate(mock, subclass)

    cls.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment]
    return cls


def _decorate(mock: "Mock", cls: type) -> None:
    if issubclass(cls, unittest.TestCase):
        _decorate_function(mock, cls, "run")
        _decorate_function(mock, cls, "debug")
        _around_unittest_class(mock, cls)
    else:
        for name in dir(cls):
            if name.startswith("test"):
                _decorate_function(mock, cls, name)
    for name, member in list(vars(cls).items()):
        if inspect.isclass(member) and name.startswith("Test"):
            mock(member)
    # pytest's own hooks come before all fixtures of the class, so these find the mock on.
    _around(mock, cls, "setup_method", "teardown_method", lambda function: function)
    if inspect.getattr_static(cls, "setup_class", None) is not None:
        _around(mock, cls, "setup_class", "teardown_class", classmethod)


def _decorate_function(mock: "Mock", cls: type, name: str) -> None:
    member = inspect.getattr_static(cls, name)
    mocks = getattr(member, _AROUND, ())
    if isinstance(member, _FUNCTIONS) and mock not in mocks:
        decorated = mock(member)  # type: ignore[type-var]
        setattr(decorated, _AROUND, (*mocks, mock))
        setattr(cls, name, decorated)


def _around_unittest_class(mock: "Mock", cls: type[unittest.TestCase]) -> None:
    hook = inspect.getattr_static(cls, "setUpClass")
    if hook is vars(unittest.TestCase)["setUpClass"]:
        return

    def set_up_class(inner: type[unittest.TestCase]) -> None:
        mock.start()
        inner.addClassCleanup(mock.stop)
        _run(hook, inner, None)

    cls.setUpClass = classmethod(set_up_class)  # type: ignore[assignment, method-assign]


def _around(
    mock: "Mock", cls: type, first: str, last: str, kind: Callable[[FunctionType], Any]
) -> None:
    """Keep the mock on from pytest's hook *first* to its hook *last*.

    An overriding hook is wrapped like the one it may call; the outermost turns the mock on and off.
    """
    set_up, tear_down = (inspect.getattr_static(cls, name, None) for name in (first, last))
    if not (_is_hook(set_up) and _is_hook(tear_down)):
        return  # a fixture of that name, which has a decorator of its own if it needs one

    def start(owner: Any, argument: Any = None) -> None:
        outermost = mock not in _on(owner)
        if outermost:
            mock.start()
            _on(owner).append(mock)
        try:
            _run(set_up, owner, argument)
        except BaseException:
            if outermost:  # pytest does not tear down what it could not set up
                _on(owner).remove(mock)
                mock.stop()
            raise

    def stop(owner: Any, argument: Any = None) -> None:
        outermost = mock in _on(owner)
        if outermost:
            _on(owner).remove(mock)
        try:
            _run(tear_down, owner, argument)
        finally:
            if outermost:
                mock.stop()

    setattr(cls, first, kind(start))  # type: ignore[arg-type]
    setattr(cls, last, kind(stop))  # type: ignore[arg-type]


def _is_hook(member: Any) -> bool:
    marked = hasattr(member, "_pytestfixturefunction")  # pytest < 8.4
    return member is None or (isinstance(member, _FUNCTIONS) and not marked)


def _on(owner: Any) -> "list[Mock]":
    if _ON not in vars(owner):
        setattr(owner, _ON, [])
    mocks: list[Mock] = vars(owner)[_ON]
    return mocks


def _run(hook: Any, owner: Any, argument: Any) -> None:
    """Call *hook* of an object or class, with what pytest would pass if it takes something."""
    if hook is None:
        return
    if isinstance(owner, type):
        function, argument = hook.__get__(None, owner), owner
    else:
        function = hook.__get__(owner, type(owner))
    takes = function.__code__.co_argcount - inspect.ismethod(function)
    function(*[argument][:takes])
