"""Fixtures, a marker and ini options for pytest.

A mock and clients of it, ready to use::

    def test_release(mockbuild, codebuild):
        mockbuild.script("web").fails("BUILD")
        codebuild.start_build(projectName="web")

Settings come from ``@pytest.mark.mockbuild(runner="docker")`` on a test, its class or module, then
from ini options such as ``mockbuild_runner``, then from the environment. A test with the marker has
both services mocked whether it uses the fixtures or not.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Literal

import pytest

from mockbuild.config import ini, resolve
from mockbuild.errors import ConfigurationError

if TYPE_CHECKING:
    from mockbuild._mock import Mock
    from mockbuild.control import Control

#: The options, with what ``pytest --help`` says about them.
_OPTIONS = {
    "runner": "who carries builds out: simulated (default), local or docker",
    "transitions": "how builds move on: settled (default), stepped or timed",
    "clock": "real (default) or virtual",
    "images": "CodeBuild image patterns and the images Docker uses instead, as pattern=image",
    "sources": "repository URL patterns and the folders that stand for them, as pattern=folder",
    "neighbours": "auto (default), embedded, or endpoint URLs, as service=URL",
    "account_id": "twelve digits of the account (default: 123456789012)",
    "seed": "a whole number that makes ids reproducible",
}
#: Those that take several lines.
_LINES = ("images", "sources", "neighbours")
_before = pytest.StashKey[dict[str, str]]()
_running = pytest.StashKey["Mock"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare an ini option for each setting."""
    for name, text in _OPTIONS.items():
        kind: Literal["linelist", "string"] = "linelist" if name in _LINES else "string"
        parser.addini(f"mockbuild_{name}", f"mockbuild: {text}", kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Take over the ini options.

    :raises pytest.UsageError: they, or the environment variables, make no sense.
    """
    config.addinivalue_line(
        "markers",
        "mockbuild(**settings): CodeBuild and Image Builder are mocked, with these settings, "
        "such as runner='docker'",
    )
    config.stash[_before] = dict(ini)
    for name in _OPTIONS:
        value: Any = config.getini(f"mockbuild_{name}")
        if value:
            ini[name] = "\n".join(value) if isinstance(value, list) else value
    try:
        resolve({})
    except ConfigurationError as error:
        pytest_unconfigure(config)
        raise pytest.UsageError(f"mockbuild: {error}") from None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the options of an outer pytest back, if there is one."""
    before = config.stash.get(_before, None)
    if before is not None:
        ini.clear()
        ini.update(before)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Turn the mock on for a test with the marker, before its fixtures are made."""
    markers = list(item.iter_markers("mockbuild"))
    if markers:
        item.stash[_running] = _start(markers)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Turn it off again, after its fixtures are gone."""
    try:
        yield
    finally:
        mock = item.stash.get(_running, None)
        if mock is not None:
            del item.stash[_running]
            mock.stop()


def _start(markers: list[pytest.Mark]) -> "Mock":
    """Start a mock with the settings of *markers*, the closest first, which wins."""
    settings: dict[str, Any] = {}
    for marker in reversed(markers):
        if marker.args:
            pytest.fail(
                f"@pytest.mark.mockbuild takes settings by name, not {marker.args[0]!r}",
                pytrace=False,
            )
        settings |= marker.kwargs
    from mockbuild._mock import mock_build

    try:
        mock = mock_build(**settings)
        mock.start()
    except ConfigurationError as error:
        pytest.fail(f"@pytest.mark.mockbuild: {error}", pytrace=False)
    return mock


@pytest.fixture(name="mockbuild")
def _mockbuild() -> Iterator["Control"]:
    """Mock both services, and give the handle on the mock."""
    from mockbuild._mock import mock_build

    with mock_build() as control:  # inside the one of the marker, if there is any
        yield control


@pytest.fixture(name="codebuild")
def _codebuild(mockbuild: "Control") -> Iterator[Any]:  # noqa: ARG001  (it turns the mock on)
    """Give a client of the mocked CodeBuild."""
    yield from _client("codebuild")


@pytest.fixture(name="imagebuilder")
def _imagebuilder(mockbuild: "Control") -> Iterator[Any]:  # noqa: ARG001  (it turns the mock on)
    """Give a client of the mocked Image Builder."""
    yield from _client("imagebuilder")


def _client(service: str) -> Iterator[Any]:
    try:
        from boto3 import client as create_client  # type: ignore[import-untyped]
    except ImportError:  # botocore is all that mockbuild needs
        from botocore.session import get_session

        create_client = get_session().create_client
    client = create_client(service)
    try:
        yield client
    finally:
        client.close()
