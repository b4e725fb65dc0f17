"""How simulated sandboxes move through time, and how they end."""

from datetime import timedelta

import pytest

from mockbuild import mock_codebuild
from mockbuild.domain.lifecycle import LAST, PHASES
from mockbuild.domain.sandbox_lifecycle import SANDBOX_PHASES
from tests.codebuild.factory import (
    CLIENT,
    create,
    refused,
)
from tests.codebuild.sandbox_factory import (
    PHASES as EVERY_PHASE,
)
from tests.codebuild.sandbox_factory import (
    begin,
    execute,
    phase_of,
    see,
    statuses,
    stop,
)

MODES = ["settled", "stepped", "timed"]


# The table.


@pytest.mark.docs
def test_the_phases_are_those_that_the_documentation_shows():
    assert (*SANDBOX_PHASES, LAST) == EVERY_PHASE
    assert set(EVERY_PHASE) - {"RUN_SANDBOX"} <= set(PHASES)
    order = {name: number for number, name in enumerate(EVERY_PHASE)}
    for name, step in SANDBOX_PHASES.items():
        assert order[step.then] == order[name] + 1
        assert order[step.on_failure] == len(EVERY_PHASE) - 1


# Moving through time.


@pytest.mark.docs
def test_settled_any_look_sees_it_run(web):
    sandbox = see(begin())
    assert statuses(sandbox) == dict.fromkeys(EVERY_PHASE[:4], "SUCCEEDED") | {"RUN_SANDBOX": None}
    assert sandbox["status"] == sandbox["currentSession"]["status"] == "RUN_SANDBOX"
    assert sandbox["currentSession"]["currentPhase"] == "RUN_SANDBOX"
    assert "endTime" not in sandbox
    assert "endTime" not in sandbox["currentSession"]
    assert see(sandbox) == see(sandbox) == sandbox


@pytest.mark.docs
def test_stepped_each_look_moves_one_phase_on():
    with mock_codebuild(transitions="stepped"):
        create()
        sandbox = begin()
        seen = [see(sandbox)["currentSession"]["currentPhase"] for _ in range(6)]
    assert seen == [*EVERY_PHASE[2:5], *["RUN_SANDBOX"] * 3]


@pytest.mark.docs
def test_timed_phases_take_their_time():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(60, phase="PROVISIONING")
        sandbox = begin()
        assert see(sandbox)["status"] == "QUEUED"
        mb.clock.tick(30)
        assert see(sandbox)["status"] == "PROVISIONING"
        mb.clock.tick(60)
        running = see(sandbox)
    assert running["status"] == "RUN_SANDBOX"
    assert phase_of(running, "PROVISIONING")["durationInSeconds"] == 60


@pytest.mark.docs
@pytest.mark.parametrize("transitions", MODES)
def test_it_times_out_on_the_clock_as_documented(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=15)
        sandbox = begin()
        mb.clock.tick(minutes=14)
        for _ in range(9):
            assert see(sandbox)["currentSession"]["currentPhase"] != "COMPLETED"
        mb.clock.tick(minutes=2)
        ended = see(sandbox)
        assert see(sandbox) == ended
    assert phase_of(ended, "RUN_SANDBOX")["phaseStatus"] == "TIMED_OUT"
    assert phase_of(ended, "RUN_SANDBOX")["contexts"] == [
        {"statusCode": "BUILD_TIMED_OUT", "message": "Build has timed out. "}
    ]
    assert phase_of(ended, "COMPLETED").keys() == {"phaseType", "startTime"}
    assert ended["status"] == ended["currentSession"]["status"] == "STOPPED"
    assert ended["currentSession"]["currentPhase"] == "COMPLETED"
    end = phase_of(ended, "PROVISIONING")["startTime"] + timedelta(minutes=15)
    assert ended["endTime"] == ended["currentSession"]["endTime"] == end


@pytest.mark.docs
@pytest.mark.parametrize("transitions", MODES)
def test_what_was_shown_once_stays(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=5)
        sandbox = see(begin())
        for _ in range(12):
            mb.clock.tick(30)
            later = see(sandbox)
            shown = sandbox["currentSession"]["phases"][:-1]
            assert later["currentSession"]["phases"][: len(shown)] == shown
            sandbox = later
    assert sandbox["status"] == "STOPPED"


# Stopping.


@pytest.mark.docs
def test_the_answer_to_a_stop_is_the_documented_one(web):
    running = see(begin())
    stopping = stop(running)
    session = running["currentSession"]
    assert stopping == {
        **running,
        "status": "STOPPING",
        "currentSession": {**session, "status": "STOPPING"},
    }
    assert statuses(stopping)["RUN_SANDBOX"] is None


@pytest.mark.docs
def test_then_it_is_stopped(web):
    sandbox = begin()
    see(sandbox)
    stop(sandbox)
    stopped = see(sandbox)
    assert stopped["status"] == stopped["currentSession"]["status"] == "STOPPED"
    assert statuses(stopped)["RUN_SANDBOX"] == "STOPPED"
    assert "contexts" not in phase_of(stopped, "RUN_SANDBOX")
    assert stopped["endTime"] == phase_of(stopped, "COMPLETED")["startTime"]
    assert see(sandbox) == stopped


@pytest.mark.inferred
def test_stopping_takes_a_second_on_the_clock():
    with mock_codebuild(transitions="timed") as mb:
        create()
        sandbox = begin()
        mb.clock.tick(minutes=1)
        stop(sandbox)
        mb.clock.tick(0.5)
        assert see(sandbox)["status"] == "STOPPING"
        mb.clock.tick(0.6)
        assert see(sandbox)["status"] == "STOPPED"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped"])
def test_a_sandbox_that_nobody_has_looked_at_is_stopped_where_it_is(transitions):
    with mock_codebuild(transitions=transitions):
        create()
        sandbox = begin()
        assert stop(sandbox)["status"] == "STOPPING"
        stopped = see(sandbox)
    assert statuses(stopped) == {"SUBMITTED": "SUCCEEDED", "QUEUED": "STOPPED", "COMPLETED": None}
    assert stopped["status"] == "STOPPED"


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", MODES)
def test_a_second_stop_changes_nothing(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create()
        sandbox = begin()
        mb.clock.tick(minutes=1)
        see(sandbox)
        first = stop(sandbox)
        assert stop(sandbox) == first
        mb.clock.tick(2)
        stopped = see(sandbox)
        assert stopped["status"] == "STOPPED"
        assert stop(sandbox) == stopped
        assert see(sandbox) == stopped


@pytest.mark.inferred
def test_a_stop_after_the_timeout_changes_nothing(mb, client):
    create(timeoutInMinutes=5)
    sandbox = begin()
    mb.clock.tick(minutes=6)
    timed_out = stop(sandbox)
    assert statuses(timed_out)["RUN_SANDBOX"] == "TIMED_OUT"
    assert see(sandbox) == timed_out


# What test authors say.


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("phase", "transitions"),
    [(phase, mode) for phase in EVERY_PHASE[1:4] for mode in MODES],
)
def test_a_phase_that_fails_ends_it(phase, transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create()
        mb.script("web").fails(phase, status_code="CLIENT_ERROR", message="No.")
        sandbox = begin()
        mb.clock.tick(minutes=1)
        for _ in EVERY_PHASE:
            ended = see(sandbox)
        assert list(statuses(ended))[-2:] == [phase, "COMPLETED"]
        assert phase_of(ended, phase)["contexts"] == [
            {"statusCode": "CLIENT_ERROR", "message": "No."}
        ]
        assert ended["status"] == "FAILED"
        with refused():
            execute(sandbox)


@pytest.mark.inferred
def test_a_machine_that_does_not_come_up(mb, web):
    mb.script("web").faults("Out of machines")
    sandbox = see(begin())
    assert statuses(sandbox)["PROVISIONING"] == "FAULT"
    assert sandbox["status"] == "FAULT"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("phase", "minutes"), [("QUEUED", 481), ("PROVISIONING", 61), ("DOWNLOAD_SOURCE", 61)]
)
def test_a_phase_that_hangs_lasts_until_the_timeout(mb, web, phase, minutes):
    mb.script("web").hangs(phase)
    sandbox = begin()
    execution = execute(sandbox)
    for _ in EVERY_PHASE:
        assert see(sandbox)["currentSession"]["currentPhase"] == phase
    mb.clock.tick(minutes=minutes)
    assert statuses(see(sandbox))[phase] == "TIMED_OUT"
    (execution,) = CLIENT.list_command_executions_for_sandbox(sandboxId=sandbox["id"])[
        "commandExecutions"
    ]
    assert (execution["status"], "startTime" in execution) == ("STOPPED", False)


@pytest.mark.docs
def test_what_is_said_about_phases_of_builds_alone_does_not_matter(mb, web):
    mb.script("web").fails("BUILD", output="boom\n").hangs("POST_BUILD").takes(minutes=90)
    assert see(begin())["status"] == "RUN_SANDBOX"
