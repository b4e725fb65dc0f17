"""How commands executed in simulated sandboxes move through time."""

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild import mock_codebuild
from tests.codebuild.factory import create, refused
from tests.codebuild.sandbox_factory import (
    begin,
    execute,
    listed,
    result,
    said,
    see,
    statuses,
    stop,
)

MODES = ["settled", "stepped", "timed"]


@pytest.fixture
def sandbox(web):
    """A sandbox that runs."""
    return see(begin())


@pytest.mark.docs
def test_settled_any_look_sees_the_end(sandbox):
    execution = execute(sandbox)
    assert result(sandbox, execution)["status"] == "SUCCEEDED"
    assert listed(sandbox)[0] == result(sandbox, execution)


@pytest.mark.inferred
def test_stepped_each_look_moves_one_status_on():
    with mock_codebuild(transitions="stepped"):
        create()
        sandbox = begin()
        for _ in range(3):
            see(sandbox)
        execution = execute(sandbox)
        seen = [result(sandbox, execution)["status"] for _ in range(3)]
    assert seen == ["IN_PROGRESS", "SUCCEEDED", "SUCCEEDED"]


@pytest.mark.inferred
def test_timed_it_takes_its_time():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").answers("make", "done\n", takes=60)
        sandbox = begin()
        mb.clock.tick(minutes=1)
        execution = execute(sandbox)
        assert result(sandbox, execution) == execution
        mb.clock.tick(30)
        running = result(sandbox, execution)
        assert (running["status"], "exitCode" in running) == ("IN_PROGRESS", False)
        assert "standardOutputContent" not in running
        mb.clock.tick(31)
        assert result(sandbox, execution)["standardOutputContent"] == "done\n"


@pytest.mark.inferred
def test_commands_are_executed_one_after_another():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").answers("first", takes=60)
        sandbox = begin()
        mb.clock.tick(minutes=1)
        first, second = execute(sandbox, "first"), execute(sandbox, "second")
        mb.clock.tick(30)
        assert result(sandbox, second)["status"] == "SUBMITTED"
        mb.clock.tick(60)
        begun = result(sandbox, second)["startTime"]
        assert result(sandbox, second)["status"] == "SUCCEEDED"
        assert result(sandbox, first)["endTime"] == begun


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", MODES)
def test_a_command_waits_for_its_sandbox(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create()
        sandbox = begin()
        execution = execute(sandbox)
        assert execution["status"] == "SUBMITTED"
        looks = 0
        while (ended := result(sandbox, execution))["status"] != "SUCCEEDED":
            looks += 1
            mb.clock.tick(1)
        assert see(sandbox)["status"] == "RUN_SANDBOX"
        runs_since = see(sandbox)["currentSession"]["phases"][-1]["startTime"]
    assert ended["startTime"] >= runs_since
    assert {"settled": looks == 0, "stepped": looks == 4, "timed": looks >= 9}[transitions]


@pytest.mark.inferred
def test_stepped_a_look_at_one_that_waits_moves_the_one_before():
    with mock_codebuild(transitions="stepped"):
        create()
        sandbox = begin()
        first, second = execute(sandbox, "first"), execute(sandbox, "second")
        looks = 0
        while result(sandbox, second)["status"] != "SUCCEEDED":
            looks += 1
        assert looks == 6  # three to bring the sandbox up, two for the first, one more
        assert result(sandbox, first)["status"] == "SUCCEEDED"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", MODES)
def test_one_that_hangs_does_so_until_the_sandbox_is_stopped(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create()
        mb.script("web").answers("sleep", hangs=True)
        sandbox = begin()
        before, hanging, waiting = (execute(sandbox, c) for c in ("make", "sleep", "make"))
        for _ in range(12):
            mb.clock.tick(minutes=1)
            see(sandbox), result(sandbox, waiting), result(sandbox, hanging)
        assert [one["status"] for one in listed(sandbox)] == [
            "SUBMITTED",
            "IN_PROGRESS",
            "SUCCEEDED",
        ]
        stop(sandbox)
        after = listed(sandbox)
        assert [one["status"] for one in after] == ["STOPPED", "STOPPED", "SUCCEEDED"]
        assert all("endTime" in one for one in after)
        assert ["exitCode" in one for one in after] == [False, False, True]
        assert "startTime" in after[1]
        mb.clock.tick(2)
        assert statuses(see(sandbox))["RUN_SANDBOX"] == "STOPPED"
        assert result(sandbox, before) == after[2]
        assert listed(sandbox) == after


@pytest.mark.inferred
def test_what_the_log_shows_to_be_over_is_not_stopped():
    with freeze_time("2026-01-02"), mock_codebuild() as mb:
        create()
        sandbox = see(begin())
        execution = execute(sandbox)
        assert said(mb, execution) == ["make", ""]
        stop(sandbox)
        assert result(sandbox, execution)["status"] == "SUCCEEDED"
        assert said(mb, execution) == ["make", ""]


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped"])
@pytest.mark.parametrize("looks", [0, 1, 9])
def test_a_stop_shows_in_the_commands_though_the_clock_stands(transitions, looks):
    with freeze_time("2026-01-02"), mock_codebuild(transitions=transitions) as mb:
        create()
        mb.script("web").answers("sleep", hangs=True)
        sandbox = begin()
        executions = [execute(sandbox, command) for command in ("make", "sleep", "make")]
        for _ in range(looks):
            listed(sandbox)
        seen = [one["status"] for one in listed(sandbox)][::-1] if looks else ["SUBMITTED"] * 3
        stop(sandbox)
        over = [status if status in ("SUCCEEDED", "FAILED") else "STOPPED" for status in seen]
        assert [result(sandbox, one)["status"] for one in executions] == over
        end = see(sandbox)["endTime"]
        assert all(result(sandbox, one)["endTime"] < end for one in executions)


@pytest.mark.docs
@pytest.mark.parametrize("transitions", MODES)
@pytest.mark.parametrize("answer", [{"hangs": True}, {"takes": 3600}], ids=["hangs", "too long"])
def test_one_that_lasts_too_long_ends_with_the_sandbox(transitions, answer):
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=5)
        mb.script("web").answers("sleep", "never\n", **answer)
        sandbox = begin()
        for _ in range(5):
            see(sandbox)
        mb.clock.tick(minutes=1)
        hanging, waiting = execute(sandbox, "sleep"), execute(sandbox)
        for _ in range(5):
            mb.clock.tick(1)
            assert result(sandbox, waiting)["status"] == "SUBMITTED"
        assert result(sandbox, hanging)["status"] == "IN_PROGRESS"
        mb.clock.tick(minutes=5)
        end = see(sandbox)["endTime"]
        for _ in range(2):
            listed(sandbox)
        for one in (hanging, waiting):
            ended = result(sandbox, one)
            assert (ended["status"], ended["endTime"]) == ("STOPPED", end)
            assert "standardOutputContent" not in ended


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", MODES)
def test_a_stopped_sandbox_takes_no_more_commands(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create()
        sandbox = begin()
        mb.clock.tick(minutes=1)
        see(sandbox)
        stop(sandbox)
        message = f"Sandbox {sandbox['arn']} is not running"
        with refused(message=message):
            execute(sandbox)
        mb.clock.tick(2)
        see(sandbox)
        with refused(message=message):
            execute(sandbox)
        assert listed(sandbox) == []


@pytest.mark.docs
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    transitions=st.sampled_from(MODES),
    deeds=st.lists(
        st.sampled_from(["run", "hang", "see", "look", "list", "tick", "wait", "stop"]), max_size=25
    ),
)
def test_nothing_ever_goes_back(transitions, deeds):
    """Whatever is done: what has been shown of a command or a sandbox stays, and more comes."""
    order = {"SUBMITTED": 0, "IN_PROGRESS": 1, "SUCCEEDED": 2, "FAILED": 2, "STOPPED": 2}
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=5)
        mb.script("web").answers("hang", hangs=True)
        sandbox, shown, phases = begin(), {}, []
        done = {
            "run": lambda: execute(sandbox),
            "hang": lambda: execute(sandbox, "hang"),
            "see": lambda: see(sandbox),
            "list": lambda: listed(sandbox),
            "look": lambda: [result(sandbox, one) for one in list(shown)[:1]],
            "tick": lambda: mb.clock.tick(0.4),
            "wait": lambda: mb.clock.tick(minutes=2),
            "stop": lambda: stop(sandbox),
        }
        for deed in deeds:
            if deed in ("run", "hang") and see(sandbox)["status"] in ("STOPPED", "STOPPING"):
                continue
            done[deed]()
            for one in listed(sandbox):
                before = shown.get(one["id"], one)
                assert order[one["status"]] >= order[before["status"]]
                if order[before["status"]] == 2:
                    assert one == before
                assert {**one, **before, "status": one["status"]} == one
                shown[one["id"]] = one
            now = see(sandbox)["currentSession"]["phases"]
            assert now[: max(len(phases) - 1, 0)] == phases[:-1]
            phases = now
        sandbox = see(sandbox)
        if sandbox["status"] == "STOPPED":
            for _ in range(3 * len(shown)):
                listed(sandbox)
            for one in listed(sandbox):
                assert order[one["status"]] == 2
                assert one["endTime"] <= sandbox["endTime"]
