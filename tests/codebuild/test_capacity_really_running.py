"""Builds on this machine that wait: their threads start when there is a place."""

import os
import threading

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    buildspec,
    create,
    look,
    phase_of,
    start,
)
from tests.codebuild.fleet_factory import get, make, on_fleet
from tests.codebuild.waiting import LINUX_SMALL, QUEUES, phase


def thread_of(build):
    names = [f"mockbuild {build['id']}"]
    return next((one for one in threading.enumerate() if one.name in names), None)


def join(build):
    """Wait, without a clock, until the build's thread is gone."""
    thread = thread_of(build)
    if thread is not None:
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def gate(tmp_path):
    """A named pipe that builds wait at until somebody writes to it."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def blocked(gate, **changes):
    create(source=buildspec(build=f"cat {gate}"), **changes)


@pytest.fixture
def real():
    with mock_codebuild(runner="local") as mb:
        mb.quotas[LINUX_SMALL] = 1
        yield mb


@pytest.mark.docs
def test_a_build_that_really_runs_starts_when_there_is_a_place(real, gate):
    blocked(gate)
    first = start()
    second = start(buildspecOverride=buildspec(build="echo at last")["buildspec"])
    assert thread_of(first) is not None
    assert thread_of(second) is None
    waiting = look(second)
    assert (waiting["currentPhase"], waiting["buildStatus"]) == ("QUEUED", "IN_PROGRESS")
    gate.write_text("open\n")
    join(first)
    join(second)
    ended = [look(first), look(second)]
    assert [one["buildStatus"] for one in ended] == ["SUCCEEDED", "SUCCEEDED"]
    assert phase_of(ended[1], "QUEUED")["endTime"] >= ended[0]["endTime"]
    assert "at last" in real.logs["/aws/codebuild/web"].text


@pytest.mark.docs
def test_stopping_who_waits_for_a_real_machine(real, gate, tmp_path):
    blocked(gate)
    first = start()
    touch = f"touch {tmp_path}/second"
    second = start(buildspecOverride=buildspec(build=touch)["buildspec"])
    stopped = CLIENT.stop_build(id=second["id"])["build"]
    assert stopped["buildStatus"] == "STOPPED"
    gate.write_text("open\n")
    join(first)
    assert look(first)["buildStatus"] == "SUCCEEDED"
    assert look(second) == stopped
    assert not (tmp_path / "second").exists()


@pytest.mark.docs
def test_stopping_a_real_build_gives_its_place_away(real, gate):
    blocked(gate)
    first = start()
    second = start(buildspecOverride=buildspec(build="echo at last")["buildspec"])
    CLIENT.stop_build(id=first["id"])
    join(second)
    assert look(second)["buildStatus"] == "SUCCEEDED"
    assert look(first)["buildStatus"] == "STOPPED"


@pytest.mark.docs
def test_raising_a_quota_starts_a_real_build(real, gate):
    blocked(gate)
    first = start()
    second = start(buildspecOverride=buildspec(build="echo at last")["buildspec"])
    real.quotas[LINUX_SMALL] = 2
    join(second)
    assert look(second)["buildStatus"] == "SUCCEEDED"
    assert look(first)["buildStatus"] == "IN_PROGRESS"
    gate.write_text("open\n")
    join(first)


@pytest.mark.inferred
def test_a_real_build_that_has_waited_too_long_never_runs(real, gate, tmp_path):
    blocked(gate, queuedTimeoutInMinutes=5)
    first = start()
    touch = f"touch {tmp_path}/second"
    second = start(buildspecOverride=buildspec(build=touch)["buildspec"])
    real.clock.tick(minutes=6)
    assert look(second)["buildStatus"] == "TIMED_OUT"
    gate.write_text("open\n")
    join(first)
    assert thread_of(second) is None
    assert not (tmp_path / "second").exists()


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_real_build_on_a_fleet(gate, transitions):
    with mock_codebuild(runner="local", transitions=transitions) as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet, source=buildspec(build=f"cat {gate}"))
        mb.clock.tick(minutes=5)
        get()
        first = start()
        second = start(buildspecOverride=buildspec(build="echo at last")["buildspec"])
        assert phase(second) == "QUEUED"
        gate.write_text("open\n")
        join(first)
        join(second)
        assert look(second)["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_real_build_waits_until_its_fleet_is_made(transitions):
    with mock_codebuild(runner="local", transitions=transitions) as mb:
        on_fleet(make(**QUEUES), source=buildspec(build="echo at last"))
        build = start()
        if transitions != "settled":
            assert thread_of(build) is None
        mb.clock.tick(minutes=3)
        look(build)
        join(build)
        assert look(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_a_mock_that_ends_leaves_nobody_waiting(gate, tmp_path):
    with mock_codebuild(runner="local") as mb:
        mb.quotas[LINUX_SMALL] = 1
        blocked(gate)
        start()
        touch = buildspec(build=f"touch {tmp_path}/more")["buildspec"]
        for _ in range(3):
            start(buildspecOverride=touch)
    assert [one for one in threading.enumerate() if one.name.startswith("mockbuild")] == []
    assert [path.name for path in tmp_path.iterdir()] == ["gate"]
