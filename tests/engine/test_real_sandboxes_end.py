"""How sandboxes that really run end, and that nothing is left of them."""

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from mockbuild import mock_build, mock_codebuild, mock_imagebuilder
from mockbuild.machines.base import MachineError
from tests.codebuild.factory import CLIENT, create, refused
from tests.codebuild.sandbox_factory import begin, execute, phase_of, result, see, statuses, stop
from tests.docker_support import need_docker
from tests.engine.real_sandboxes import (
    IMAGES,
    OVER,
    at_rest,
    leftovers,
    run,
    running,
    threads,
    until_it_runs,
    wait_for,
)

pytestmark = pytest.mark.docs

# What goes wrong.


@pytest.mark.inferred
def test_a_source_that_is_not_there(local):
    create(source={"type": "S3", "location": "nowhere/web.zip"})
    sandbox = begin()
    execution = execute(sandbox)
    ended = at_rest(sandbox)
    assert list(statuses(ended))[-2:] == ["DOWNLOAD_SOURCE", "COMPLETED"]
    assert statuses(ended)["DOWNLOAD_SOURCE"] == "FAILED"
    assert ended["status"] == "FAILED"
    assert result(sandbox, execution)["status"] == "STOPPED"
    assert not leftovers(sandbox)


@pytest.mark.docker
def test_an_image_that_cannot_be_had():
    need_docker()
    with mock_codebuild(runner="docker", images={"*": "mockbuild.invalid/no/such:image"}):
        create()
        ended = at_rest(begin())
    (context,) = phase_of(ended, "PROVISIONING")["contexts"]
    assert context["statusCode"] == "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"


class Broken:
    """A machine that goes away at its second command."""

    root = ""

    def __init__(self) -> None:
        self.log: list[str] = []

    def start(self, spec) -> None:
        self.log.append("start")

    def begin(self, step, commands=0) -> None:
        self.log.append(step)

    def put(self, files: Iterable, folder: str) -> None:
        pass

    def run(self, command, output) -> int:
        self.log.append("run")
        if self.log.count("run") > 1:
            raise MachineError("the container died")
        output("fine\n")
        return 0

    def variables(self, names) -> dict[str, str]:
        return {}

    def files(self, folder) -> Iterator:
        raise FileNotFoundError(folder)

    def now(self) -> float:
        return time.time()

    def kill(self) -> None:
        self.log.append("kill")

    def close(self) -> None:
        self.log.append("close")


@pytest.mark.inferred
def test_a_machine_that_goes_away():
    machine = Broken()
    with mock_codebuild(runner=lambda: machine):
        create()
        sandbox = running()
        assert machine.log == ["PROVISIONING", "start", "DOWNLOAD_SOURCE", "RUN_SANDBOX"]
        assert run(sandbox, "one") == ("0", "fine\n", "")
        assert run(sandbox, "two") == (None, "", "")
        ended = see(sandbox)
        assert phase_of(ended, "RUN_SANDBOX")["contexts"] == [
            {"statusCode": "INTERNAL_SERVICE_ERROR", "message": "the container died"}
        ]
        assert ended["status"] == "FAULT"
        with refused():
            execute(sandbox)
    assert machine.log[-1] == "close"
    assert not threads()


def test_a_machine_where_nothing_runs_is_killed_by_the_stop_and_closed_soon():
    machine = Broken()
    with mock_codebuild(runner=lambda: machine):
        create()
        sandbox = running()
        stop(sandbox)
        assert "kill" in machine.log
        at_rest(sandbox)
        assert machine.log[-1] == "close"


class Slow(Broken):
    """A machine that finishes what it does though it has been killed."""

    def __init__(self) -> None:
        super().__init__()
        self.killed = threading.Event()

    def run(self, command, output) -> int:
        self.log.append("run")
        output("working\n")
        self.killed.wait(60)
        return 0

    def kill(self) -> None:
        self.killed.set()


@pytest.mark.parametrize("way", ["stop", "timeout"])
def test_what_comes_after_the_end_does_not_count(way):
    machine = Slow()
    with mock_codebuild(runner=lambda: machine) as mb:
        create(timeoutInMinutes=5)
        sandbox = running()
        executions = [execute(sandbox, "one"), execute(sandbox, "two")]
        until_it_runs(mb, executions[0], "working")
        if way == "stop":
            stop(sandbox)
        else:
            mb.clock.tick(minutes=6)
        assert see(sandbox)["status"] == "STOPPED"
        at_rest(sandbox)
        for one in executions:
            assert result(sandbox, one)["status"] == "STOPPED"
            assert "exitCode" not in result(sandbox, one)
    assert machine.log.count("run") == 1
    assert machine.log[-1] == "close"


class Buggy(Broken):
    """A machine with a mistake in it."""

    def run(self, command, output) -> int:
        raise ZeroDivisionError("a mistake")


def test_a_mistake_in_a_machine_is_not_hidden():
    machine = Buggy()
    with pytest.raises(ZeroDivisionError), mock_codebuild(runner=lambda: machine):  # noqa: PT012
        create()
        sandbox = running()
        execute(sandbox)
        assert at_rest(sandbox)["status"] == "FAULT"
    assert machine.log[-1] == "close"


# Ends.


def test_a_stop_kills_what_runs_at_once(mb):
    create()
    sandbox = running()
    hanging = execute(sandbox, "sleep 1001 & echo working; sleep 1000")
    waiting = execute(sandbox, "echo never")
    until_it_runs(mb, hanging, "working")
    stopping = stop(sandbox)
    assert (stopping["status"], statuses(stopping)["RUN_SANDBOX"]) == ("STOPPING", None)
    assert see(sandbox)["status"] == "STOPPED"
    stopped = at_rest(sandbox)
    assert statuses(stopped)["RUN_SANDBOX"] == "STOPPED"
    assert [result(sandbox, one)["status"] for one in (hanging, waiting)] == ["STOPPED"] * 2
    assert "startTime" not in result(sandbox, waiting)
    assert not leftovers(sandbox)
    with refused():
        execute(sandbox)
    assert stop(sandbox) == stopped


def test_a_stop_of_one_where_nothing_runs(mb):
    create()
    sandbox = running()
    run(sandbox, "sleep 1000 & true")
    stop(sandbox)
    assert at_rest(sandbox)["status"] == "STOPPED"
    assert not leftovers(sandbox)


def test_a_stop_while_it_comes_up(mb):
    create()
    sandbox = begin()
    waiting = execute(sandbox)
    stop(sandbox)
    stopped = at_rest(sandbox)
    assert (stopped["status"], result(sandbox, waiting)["status"]) == ("STOPPED", "STOPPED")
    assert not leftovers(sandbox)


@pytest.mark.parametrize("command", [None, "true", "sleep 1000"])
def test_it_times_out_on_the_clock(mb, command):
    create(timeoutInMinutes=5)
    sandbox = running()
    executions = []
    if command is not None:
        executions.append(execute(sandbox, f"echo working; {command}"))
        until_it_runs(mb, executions[0], "working")
    if command != "sleep 1000":
        at_rest(sandbox)
    mb.clock.tick(minutes=6)
    ended = at_rest(sandbox)
    assert statuses(ended)["RUN_SANDBOX"] == "TIMED_OUT"
    assert ended["status"] == "STOPPED"
    at_rest(sandbox)
    assert not leftovers(sandbox)
    expected = {"true": ["SUCCEEDED"], "sleep 1000": ["STOPPED"], None: []}[command]
    assert [result(sandbox, one)["status"] for one in executions] == expected


@pytest.mark.parametrize("command", [None, "sleep 999 & true", "sleep 999 & sleep 1000"])
def test_nothing_is_left_when_the_mock_ends(runner, command):
    with mock_codebuild(runner=runner, images=IMAGES) as mb:
        create()
        sandbox = running()
        if command is not None:
            execution = execute(sandbox, f"echo working; {command}")
            until_it_runs(mb, execution, "working")
            execute(sandbox, "echo never")
    assert not leftovers(sandbox)
    assert not threads()


def test_nothing_is_left_when_it_ends_while_sandboxes_come_up(runner):
    with mock_codebuild(runner=runner, images=IMAGES):
        create()
        sandboxes = [begin(), begin()]
        execute(sandboxes[0], "sleep 1000")
    assert not leftovers(*sandboxes)
    assert not threads()


@pytest.mark.parametrize("command", ["sleep 1000", "true"])
def test_nothing_is_left_after_an_exception(tmp_path, monkeypatch, command):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError), mock_codebuild(runner="local") as mb:  # noqa: PT012
        create()
        sandbox = running()
        until_it_runs(mb, execute(sandbox, f"echo working; {command}"), "working")
        assert list(tmp_path.iterdir()) != []
        _ = 1 / 0
    assert not leftovers(sandbox)
    assert list(tmp_path.iterdir()) == []
    assert not threads()


def test_sandboxes_end_with_their_own_mock_though_another_goes_on():
    with mock_imagebuilder(runner="local"):
        with mock_codebuild():
            create()
            busy, idle = running(), running()
            execute(busy, "sleep 1000")
        for sandbox in (busy, idle):
            wait_for(sandbox)
        assert not leftovers(busy, idle)
        with mock_codebuild():
            assert CLIENT.list_sandboxes()["ids"] == []
    assert not threads()


def test_a_build_beside_it_goes_on_when_it_is_stopped(local):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"})
    sandbox = running()
    build = CLIENT.start_build(projectName="web")["build"]
    stop(sandbox)
    at_rest(sandbox)
    wait_for(build)
    assert CLIENT.batch_get_builds(ids=[build["id"]])["builds"][0]["buildStatus"] == "SUCCEEDED"


# Virtual time.


def test_whoever_sleeps_wakes_when_a_command_is_over():
    with mock_codebuild(runner="local", clock="virtual"):
        create()
        sandbox = begin()
        while see(sandbox)["status"] != "RUN_SANDBOX":
            time.sleep(600)
        execution = execute(sandbox, "echo done")
        looks = 0
        while result(sandbox, execution)["status"] not in OVER:
            time.sleep(600)
            looks += 1
        ended = result(sandbox, execution)
    assert ended["standardOutputContent"] == "done\n"
    assert ended["endTime"] - ended["startTime"] < timedelta(minutes=1)
    assert looks < 60


def test_whoever_sleeps_wakes_though_another_command_goes_on():
    with mock_codebuild(runner="local", clock="virtual"):
        create()
        sandbox = running()
        first, _ = execute(sandbox, "echo done"), execute(sandbox, "sleep 1000")
        while result(sandbox, first)["status"] not in OVER:
            time.sleep(600)
        assert result(sandbox, first)["standardOutputContent"] == "done\n"


def test_a_sandbox_where_nothing_runs_does_not_hold_up_virtual_time():
    with mock_codebuild(runner="local", clock="virtual"):
        create(timeoutInMinutes=60)
        sandbox = running()
        time.sleep(30 * 60)
        assert see(sandbox)["status"] == "RUN_SANDBOX"
        time.sleep(31 * 60)
        ended = see(sandbox)
        at_rest(sandbox)
        assert not leftovers(sandbox)
    assert statuses(ended)["RUN_SANDBOX"] == "TIMED_OUT"
    begun = phase_of(ended, "RUN_SANDBOX")["startTime"]
    assert ended["endTime"] - begun < timedelta(minutes=61)


def test_both_services_and_a_sandbox():
    with mock_build(runner="local"):
        create()
        sandbox = running()
        assert run(sandbox, "echo on")[1] == "on\n"
    assert not leftovers(sandbox)
