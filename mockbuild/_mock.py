"""Mocks: turning them on and off, as context managers, decorators, or by hand."""

import functools
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Generator
from types import TracebackType
from typing import Any, TypeVar, overload

from mockbuild import config
from mockbuild._world import World
from mockbuild.control import Control
from mockbuild.errors import ConfigurationError
from mockbuild.intercept import botocore_patch
from mockbuild.intercept.switch import SWITCH

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _Stage:
    """What is mocked in this process now. There is one, because what is patched is one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.world: World | None = None
        #: How often the mock of each service is on.
        self.entered: dict[str, int] = {}

    def enter(self, services: tuple[str, ...], arguments: dict[str, Any]) -> World:
        """Turn on the mock of *services*; the first to come brings the settings and the state."""
        with self.lock:
            world = self.world
            if world is None:
                world = World(config.resolve(arguments))
            else:
                _check_same(world, arguments)
            new = [service for service in services if service not in self.entered]
            answers = {service: world.answers(service) for service in new}
            if self.world is None:
                self._open(world)
            SWITCH.answers.update(answers)
            for service in services:
                self.entered[service] = self.entered.get(service, 0) + 1
            return world

    def leave(self, services: tuple[str, ...]) -> None:
        """Turn off what :meth:`enter` turned on; the last one to leave takes the state along."""
        with self.lock:
            world = self.world
            if world is None:
                return
            for service in services:
                self.entered[service] -= 1
                if not self.entered[service]:
                    del self.entered[service]
                    SWITCH.answers.pop(service, None)
                    world.forget(service)
            if not self.entered:
                self.world = None
                self._close(world)

    def _open(self, world: World) -> None:
        try:
            SWITCH.account_id = world.settings.account_id
            SWITCH.passing = world.passing
            botocore_patch.install()
            world.clock.start()
        except BaseException:
            self._close(world)
            raise
        self.world = world

    def _close(self, world: World) -> None:
        SWITCH.passing = None
        try:
            world.close()
        finally:
            botocore_patch.remove()


_STAGE = _Stage()


def _check_same(world: World, arguments: dict[str, Any]) -> None:
    """Refuse settings that the mock around this one does not have: it was there first."""
    for name, asked in arguments.items():
        has = getattr(world.settings, name)
        if asked != has:
            raise ConfigurationError(
                f"a mock is on already with {name}={has!r}, and nested mocks share it; say "
                f"{name}={asked!r} where the outermost one starts"
            )


class Mock:
    """A mock of some services; use it as a context manager, as a decorator, or by hand.

    ``with`` and ``async with`` give the handle, a :class:`~mockbuild.control.Control`, and so does
    :meth:`start`. It can be used any number of times, also inside itself.

    :param services: their names in botocore.
    :param arguments: settings; see :class:`~mockbuild.config.Settings`.
    :raises ConfigurationError: a setting that makes no sense.
    """

    def __init__(self, services: tuple[str, ...], arguments: dict[str, Any]) -> None:
        if arguments:
            config.resolve(arguments)
        self._services = services
        self._arguments = arguments
        self._starts = 0

    def start(self) -> Control:
        """Turn the mock on until :meth:`stop`.

        :raises ConfigurationError: a mock is on already, with other settings.
        """
        with _STAGE.lock:
            world = _STAGE.enter(self._services, self._arguments)
            self._starts += 1
        return Control(world)

    def stop(self) -> None:
        """Turn the mock off again.

        :raises ConfigurationError: it is not on.
        """
        with _STAGE.lock:
            if not self._starts:
                raise ConfigurationError("stop() without start(): this mock is not on")
            self._starts -= 1
            _STAGE.leave(self._services)

    def __enter__(self) -> Control:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Control:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()

    def __call__(self, target: Decorated) -> Decorated:
        """Decorate a function of any kind, a fixture, or a class with tests.

        The mock is on while the function runs; a generator, as in a fixture, keeps it on until
        it is finished. Each test of a class has a mock, and so state, of its own.

        :raises ConfigurationError: *target* is none of these.
        """
        decorated: Decorated = _decorated(self, target)
        return decorated


def _decorated(mock: Mock, target: Any) -> Any:
    if inspect.isclass(target):
        from mockbuild._classes import decorate_class

        return decorate_class(mock, target)
    if isinstance(target, (staticmethod, classmethod)):
        return type(target)(_decorated(mock, target.__func__))
    for is_kind, around in _KINDS:
        if is_kind(target) and not hasattr(target, "_pytestfixturefunction"):  # pytest < 8.4
            return functools.wraps(target)(around(mock, target))
    kind = type(target).__name__
    is_fixture = "fixture" in kind.lower() or hasattr(target, "_pytestfixturefunction")
    hint = "; put @pytest.fixture above the mock, not below" if is_fixture else ""
    raise ConfigurationError(f"a mock decorates functions and classes, not a {kind}{hint}")


def _around_function(mock: Mock, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **keywords: Any) -> Any:
        with mock:
            return function(*args, **keywords)

    return run


def _around_coroutine(mock: Mock, function: Callable[..., Any]) -> Callable[..., Any]:
    async def run(*args: Any, **keywords: Any) -> Any:
        with mock:
            return await function(*args, **keywords)

    return run


def _around_generator(mock: Mock, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **keywords: Any) -> Generator[Any, Any, Any]:
        with mock:
            result: Any = yield from function(*args, **keywords)
            return result

    return run


def _around_async_generator(mock: Mock, function: Callable[..., Any]) -> Callable[..., Any]:
    async def run(*args: Any, **keywords: Any) -> AsyncIterator[Any]:
        with mock:
            generator = function(*args, **keywords)
            try:
                step = generator.asend(None)
                while True:
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    try:
                        step = generator.asend((yield item))
                    except Exception as error:  # thrown in where it waits, so passed on to it
                        step = generator.athrow(error)
            finally:
                await generator.aclose()

    return run


#: The kinds of functions; what each is told by, and what is put around it.
_KINDS = (
    (inspect.isasyncgenfunction, _around_async_generator),
    (inspect.iscoroutinefunction, _around_coroutine),
    (inspect.isgeneratorfunction, _around_generator),
    (inspect.isfunction, _around_function),
    (inspect.ismethod, _around_function),
)


def _make(services: tuple[str, ...], target: Any, arguments: dict[str, Any]) -> Any:
    mock = Mock(services, arguments)
    return mock if target is None else mock(target)


@overload
def mock_codebuild(target: Decorated, /) -> Decorated: ...
@overload
def mock_codebuild(**settings: Any) -> Mock: ...
def mock_codebuild(target: Any = None, /, **settings: Any) -> Any:
    """Mock AWS CodeBuild: ``@mock_codebuild``, or ``with mock_codebuild(runner="local") as mb``.

    :param settings: see :class:`~mockbuild.config.Settings`.
    :raises ConfigurationError: a setting that makes no sense.
    """
    return _make(("codebuild",), target, settings)


@overload
def mock_imagebuilder(target: Decorated, /) -> Decorated: ...
@overload
def mock_imagebuilder(**settings: Any) -> Mock: ...
def mock_imagebuilder(target: Any = None, /, **settings: Any) -> Any:
    """Mock EC2 Image Builder.

    :param settings: see :class:`~mockbuild.config.Settings`.
    :raises ConfigurationError: a setting that makes no sense.
    """
    return _make(("imagebuilder",), target, settings)


@overload
def mock_build(target: Decorated, /) -> Decorated: ...
@overload
def mock_build(**settings: Any) -> Mock: ...
def mock_build(target: Any = None, /, **settings: Any) -> Any:
    """Mock both services, with one clock and one set of neighbours.

    :param settings: see :class:`~mockbuild.config.Settings`.
    :raises ConfigurationError: a setting that makes no sense.
    """
    return _make(("codebuild", "imagebuilder"), target, settings)
