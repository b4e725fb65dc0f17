"""Builds on fleets: who gets a machine, who waits, and who runs on demand."""

import time
from itertools import pairwise

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    context_of,
    look,
    phase_of,
    refused,
    start,
    statuses,
)
from tests.codebuild.fleet_factory import delete, get, make, on_fleet, state
from tests.codebuild.waiting import EVERY_PACE, QUEUES, phase, seconds, until_over


def running(build, at):
    """Tell whether a build that is over had a place at that time."""
    begun = phase_of(build, "PROVISIONING")["startTime"]
    return begun <= at < build["endTime"]


@pytest.mark.docs
@EVERY_PACE
def test_a_full_fleet_lets_builds_wait(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        mb.clock.tick(minutes=5)
        assert state() == "ACTIVE"
        mb.script("web").hangs()
        first, second = start(), start()
        for _ in range(12):
            mb.clock.tick(1)
            look(first)
            waiting = look(second)
        assert look(first)["currentPhase"] == "BUILD"
        assert waiting["currentPhase"] == "QUEUED"
        assert (waiting["buildStatus"], waiting["buildComplete"]) == ("IN_PROGRESS", False)
        assert statuses(waiting) == {"SUBMITTED": "SUCCEEDED", "QUEUED": None}
        assert "groupName" not in waiting["logs"]
        assert "endTime" not in waiting


@pytest.mark.docs
@EVERY_PACE
def test_who_waits_runs_after_who_was_there(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        mb.clock.tick(minutes=5)
        get()
        builds = [start() for _ in range(3)]
        ended = [until_over(one, lambda: mb.clock.tick(1)) for one in builds]
        assert [one["buildStatus"] for one in ended] == ["SUCCEEDED"] * 3
        for before, after in pairwise(ended):
            queued = phase_of(after, "QUEUED")
            assert before["endTime"] <= queued["endTime"] <= after["endTime"]
            assert (queued["endTime"] - before["endTime"]).total_seconds() < 1


@pytest.mark.docs
@EVERY_PACE
def test_whoever_looks_only_at_the_last_one_sees_its_end(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        builds = [start() for _ in range(4)]
        last = until_over(builds[-1], lambda: mb.clock.tick(5))
        assert last["buildStatus"] == "SUCCEEDED"
        assert all(look(one)["buildStatus"] == "SUCCEEDED" for one in builds)


@pytest.mark.docs
def test_a_fleet_runs_as_many_builds_as_it_has_machines():
    with mock_codebuild(transitions="timed") as mb:
        on_fleet(make(baseCapacity=2, **QUEUES))
        mb.clock.tick(minutes=5)
        mb.script("web").takes(100)
        builds = [start() for _ in range(5)]
        mb.clock.tick(50)
        assert [phase(one) for one in builds] == ["BUILD"] * 2 + ["QUEUED"] * 3
        mb.clock.tick(hours=1)
        ended = [look(one) for one in builds]
        for moment in [one["startTime"] for one in ended] + [one["endTime"] for one in ended]:
            assert sum(running(one, moment) for one in ended) <= 2


@pytest.mark.docs
def test_settled_the_first_place_that_is_free_is_taken(mb):
    on_fleet(make(baseCapacity=2, **QUEUES))
    mb.script("web", times=1).takes(1000)
    mb.script("web", times=1).takes(10)
    slow, quick, third = start(), start(), start()
    assert look(third)["buildStatus"] == "SUCCEEDED"
    assert seconds(look(third), "QUEUED") < 60
    assert look(quick)["endTime"] < look(third)["endTime"] < look(slow)["endTime"]


@pytest.mark.docs
def test_stepped_each_look_moves_a_build_by_one_phase_whoever_waits_for_it():
    with mock_codebuild(transitions="stepped"):
        on_fleet(make(**QUEUES))
        get()
        first, second = start(), start()
        seen = []
        for _ in range(30):
            both = CLIENT.batch_get_builds(ids=[first["id"], second["id"]])["builds"]
            seen.append(tuple(one["currentPhase"] for one in both))
        phases = list(dict.fromkeys(one for one, _ in seen))
        assert phases == [
            "PROVISIONING",
            "DOWNLOAD_SOURCE",
            "INSTALL",
            "PRE_BUILD",
            "BUILD",
            "POST_BUILD",
            "UPLOAD_ARTIFACTS",
            "FINALIZING",
            "COMPLETED",
        ]
        assert seen[-1] == ("COMPLETED", "COMPLETED")
        assert all(two == "QUEUED" for one, two in seen if one != "COMPLETED")


@pytest.mark.docs
@EVERY_PACE
@pytest.mark.parametrize("overflow", ["ON_DEMAND", None])
def test_overflow_runs_on_demand(transitions, overflow):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(overflowBehavior=overflow))
        mb.clock.tick(minutes=5)
        get()
        builds = [start() for _ in range(3)]
        mb.clock.tick(minutes=5)
        ended = [until_over(one) for one in builds]
        assert [seconds(one, "QUEUED") for one in ended] == [0, 0, 0]
        assert get()["status"]["statusCode"] == "ACTIVE"


@pytest.mark.docs
def test_there_is_no_mac_on_demand():
    with mock_codebuild(transitions="timed") as mb:
        on_fleet(make(environmentType="MAC_ARM", computeType="BUILD_GENERAL1_MEDIUM"))
        mb.clock.tick(minutes=5)
        mb.script("web").hangs()
        builds = [start() for _ in range(2)]
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "QUEUED"]


@pytest.mark.docs
def test_projects_share_a_fleet():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet)
        on_fleet(fleet, "api")
        mb.clock.tick(minutes=5)
        mb.script().hangs()
        builds = [start("web"), start("api")]
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "QUEUED"]


@pytest.mark.docs
def test_a_build_can_have_another_fleet_than_its_project():
    with mock_codebuild(transitions="timed") as mb:
        on_fleet(make(**QUEUES))
        other = make("other", **QUEUES)
        mb.clock.tick(minutes=5)
        mb.script().hangs()
        builds = [start(), start(), start(fleetOverride={"fleetArn": other["arn"]})]
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "QUEUED", "BUILD"]


@pytest.mark.docs
@EVERY_PACE
def test_stopping_a_build_gives_its_machine_away(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        mb.clock.tick(minutes=5)
        get()
        mb.script("web", times=1).hangs()
        first, second = start(), start()
        mb.clock.tick(minutes=1)
        assert phase(second) == "QUEUED"
        CLIENT.stop_build(id=first["id"])
        assert until_over(second, lambda: mb.clock.tick(5))["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
@EVERY_PACE
def test_stopping_a_build_that_waits(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        mb.script("web", times=1).hangs()
        first, second, third = start(), start(), start()
        stopped = CLIENT.stop_build(id=second["id"])["build"]
        assert (stopped["buildStatus"], stopped["currentPhase"]) == ("STOPPED", "COMPLETED")
        assert statuses(stopped) == {
            "SUBMITTED": "SUCCEEDED",
            "QUEUED": "STOPPED",
            "COMPLETED": None,
        }
        CLIENT.stop_build(id=first["id"])
        assert until_over(third, lambda: mb.clock.tick(5))["buildStatus"] == "SUCCEEDED"
        assert look(second) == stopped


@pytest.mark.inferred
@EVERY_PACE
def test_who_has_waited_too_long_times_out(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES), queuedTimeoutInMinutes=5)
        mb.script("web").hangs()
        start()
        second = start()
        mb.clock.tick(minutes=4)
        assert phase(second) == "QUEUED"
        mb.clock.tick(minutes=2)
        ended = look(second)
        assert ended["buildStatus"] == "TIMED_OUT"
        assert statuses(ended) == {
            "SUBMITTED": "SUCCEEDED",
            "QUEUED": "TIMED_OUT",
            "COMPLETED": None,
        }
        assert context_of(ended, "QUEUED") == ("BUILD_TIMED_OUT", "Build has timed out. ")
        assert (ended["endTime"] - ended["startTime"]).total_seconds() == 300


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_a_build_that_nobody_looked_at_gives_its_machine_away_all_the_same(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        mb.clock.tick(minutes=5)
        start()
        second = start()
        mb.clock.tick(hours=9)  # more than it may wait
        ended = look(second)
        assert ended["buildStatus"] == "SUCCEEDED"
        assert seconds(ended, "QUEUED") < 60


@pytest.mark.docs
def test_settled_a_build_that_is_over_by_the_clock_takes_no_machine(mb):
    on_fleet(make())
    start()
    mb.clock.tick(hours=1)
    mb.quotas["concurrently_running_builds"] = 0
    start()
    with refused("AccountLimitExceededException"):
        start()  # the fleet is full again, so this one would be on demand


@pytest.mark.inferred
def test_a_place_that_comes_too_late_goes_to_the_next(mb):
    on_fleet(make(**QUEUES))
    mb.script("web", times=1).takes(minutes=20)
    first = start()
    second = start(queuedTimeoutInMinutesOverride=5)
    third = start()
    assert look(second)["buildStatus"] == "TIMED_OUT"
    assert look(third)["buildStatus"] == "SUCCEEDED"
    assert phase_of(look(third), "QUEUED")["endTime"] > look(first)["endTime"]


@pytest.mark.inferred
def test_retries_of_a_build_whose_fleet_has_gone_wait_in_vain(mb):
    fleet = make(**QUEUES)
    on_fleet(fleet, autoRetryLimit=1)
    mb.script("web").fails()
    build = start()
    delete(fleet)
    look(build)
    (retry,) = [one for one in CLIENT.list_builds()["ids"] if one != build["id"]]
    assert phase(retry) == "QUEUED"
    mb.clock.tick(hours=9)
    assert look(retry)["buildStatus"] == "TIMED_OUT"


@pytest.mark.docs
@EVERY_PACE
def test_retries_wait_like_others(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES), autoRetryLimit=1)
        mb.clock.tick(minutes=5)
        get()
        mb.script("web", times=1).fails()
        first, second = start(), start()
        failed = until_over(first, lambda: mb.clock.tick(1))
        retry = failed["autoRetryConfig"]["nextAutoRetry"]
        shown = look(retry)
        assert shown["phases"][0]["phaseType"] == "SUBMITTED"
        assert until_over(retry, lambda: mb.clock.tick(1))["buildStatus"] == "SUCCEEDED"
        ended = until_over(second, lambda: mb.clock.tick(1))
        assert phase_of(look(retry), "QUEUED")["endTime"] >= ended["endTime"]


@pytest.mark.docs
def test_virtual_time_a_queue_drains_while_somebody_sleeps():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        on_fleet(make(**QUEUES))
        mb.script("web").takes(minutes=10)
        begun = time.time()
        builds = [start() for _ in range(3)]
        until_over(builds[-1], lambda: time.sleep(30), looks=1000)
        ended = [look(one) for one in builds]
        assert [one["buildStatus"] for one in ended] == ["SUCCEEDED"] * 3
        # Two minutes for the fleet, then ten and some for each.
        assert 120 + 3 * 600 < time.time() - begun < 120 + 3 * 630 + 30
        assert [seconds(one, "QUEUED") // 600 for one in ended] == [0, 1, 2]


@pytest.mark.docs
def test_reading_logs_is_a_look_at_builds_that_wait_too(mb):
    on_fleet(make(**QUEUES))
    for _ in range(3):
        start()
    assert len(mb.logs["/aws/codebuild/web"]) == 3
