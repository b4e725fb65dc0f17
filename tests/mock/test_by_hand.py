"""Mocks by ``with`` and by hand: nested, overlapping, in threads; and that nothing is left."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from mockbuild import ConfigurationError, mock_build, mock_codebuild, mock_imagebuilder
from mockbuild.intercept.switch import SWITCH
from tests.conftest import EscapedError
from tests.intercept.clients import create, make_client, names
from tests.mock.footprint import client, footprint, is_on

pytestmark = [pytest.mark.docs, pytest.mark.usefixtures("network", "nobody")]


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
