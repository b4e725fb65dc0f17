"""Builds on fleets that are made, scaled, updated and deleted meanwhile."""

from datetime import timedelta

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    look,
    phase_of,
    refused,
    start,
)
from tests.codebuild.fleet_factory import delete, get, make, on_fleet, state, update
from tests.codebuild.waiting import EVERY_PACE, QUEUES, phase, seconds, until_over

ONE_SECOND = timedelta(seconds=1)


@pytest.mark.inferred
@EVERY_PACE
def test_builds_wait_until_their_fleet_is_made(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(**QUEUES))
        build = start()
        if transitions == "timed":
            mb.clock.tick(119)
            assert phase(build) == "QUEUED"
        ended = until_over(build, lambda: mb.clock.tick(1))
        assert ended["buildStatus"] == "SUCCEEDED"
        assert (seconds(ended, "QUEUED") == 120) == (transitions == "timed")


@pytest.mark.docs
@EVERY_PACE
def test_machines_that_are_added_take_those_who_wait(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        get()
        mb.script("web").hangs()
        builds = [start() for _ in range(3)]
        update(fleet, baseCapacity=2)
        mb.clock.tick(50)
        if transitions == "timed":
            assert [phase(one) for one in builds] == ["BUILD", "QUEUED", "QUEUED"]
        mb.clock.tick(50)
        assert state() == "ACTIVE"
        for _ in range(12):
            phases = [phase(one) for one in builds]
        assert phases == ["BUILD", "BUILD", "QUEUED"]


@pytest.mark.docs
def test_settled_nobody_has_to_look_at_a_fleet_for_builds_to_get_its_machines(mb):
    fleet = make(**QUEUES)
    on_fleet(fleet)
    mb.script("web").hangs()
    start()
    second = start()
    update(fleet, baseCapacity=2)
    assert phase(second) == "BUILD"


@pytest.mark.inferred
def test_machines_that_are_added_are_there_when_the_update_is_over():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        mb.script("web", times=1).takes(20)
        mb.script("web").hangs()
        first = start()
        updated = update(fleet, baseCapacity=2)["lastModified"]
        second, third = start(), start()
        mb.clock.tick(hours=1)
        assert phase_of(look(second), "QUEUED")["endTime"] < look(first)["endTime"] + ONE_SECOND
        waited = phase_of(look(third), "QUEUED")["endTime"] - updated
        assert 60 <= waited.total_seconds() < 61


@pytest.mark.docs
def test_machines_that_are_taken_away_let_builds_go_on():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make(baseCapacity=2, **QUEUES)
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        mb.script("web").takes(minutes=10)
        builds = [start() for _ in range(3)]
        update(fleet, baseCapacity=1)
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "BUILD", "QUEUED"]
        mb.clock.tick(hours=1)
        ended = [look(one) for one in builds]
        assert [one["buildStatus"] for one in ended] == ["SUCCEEDED"] * 3
        assert phase_of(ended[2], "QUEUED")["endTime"] > ended[1]["endTime"]


@pytest.mark.docs
@EVERY_PACE
def test_a_fleet_that_scales_has_up_to_its_most_machines(transitions):
    target = [{"metricType": "FLEET_UTILIZATION_RATE", "targetValue": 100}]
    scaling = {"maxCapacity": 3, "targetTrackingScalingConfigs": target}
    with mock_codebuild(transitions=transitions) as mb:
        on_fleet(make(scalingConfiguration=scaling, **QUEUES))
        mb.clock.tick(minutes=5)
        assert get()["scalingConfiguration"]["desiredCapacity"] == 1
        mb.script("web").hangs()
        desired = []
        builds = []
        for _ in range(4):
            builds.append(start())
            desired.append(get()["scalingConfiguration"]["desiredCapacity"])
        mb.clock.tick(minutes=1)
        for _ in range(12):
            phases = [phase(one) for one in builds]
        assert phases == ["BUILD", "BUILD", "BUILD", "QUEUED"]
        assert desired == [1, 2, 3, 3]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("targets", "builds", "desired"),
    [
        ([], 1, 2),
        ([], 3, 3),
        ([50], 0, 2),
        ([50], 1, 2),
        ([50], 2, 4),
        ([50], 5, 6),
        ([97.5], 2, 3),
        ([100, 50], 2, 4),
        ([0], 0, 2),
        ([0], 1, 6),
    ],
)
def test_the_target_says_how_many_machines_are_wanted(mb, targets, builds, desired):
    wanted = [{"metricType": "FLEET_UTILIZATION_RATE", "targetValue": one} for one in targets]
    scaling = {"maxCapacity": 6, "targetTrackingScalingConfigs": wanted}
    on_fleet(make(baseCapacity=2, scalingConfiguration=scaling))
    mb.script("web").hangs()
    for _ in range(builds):
        start()
    assert get()["scalingConfiguration"]["desiredCapacity"] == desired


@pytest.mark.inferred
def test_builds_that_wait_want_machines_too():
    with mock_codebuild(transitions="timed"):
        on_fleet(make(scalingConfiguration={"maxCapacity": 6}, **QUEUES))
        for _ in range(3):
            start()
        assert state() == "CREATING"
        assert get()["scalingConfiguration"]["desiredCapacity"] == 3


@pytest.mark.recorded
@EVERY_PACE
def test_a_fleet_that_is_being_deleted_takes_builds(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        get()
        first, second = start(), start()
        delete(fleet)
        if transitions != "settled":
            assert state() == "PENDING_DELETION"
            start()
        ended = [until_over(one, lambda: mb.clock.tick(1)) for one in (first, second)]
        assert [one["buildStatus"] for one in ended] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.inferred
def test_builds_that_wait_get_their_machine_even_after_the_fleet_is_gone():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make(**QUEUES)
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        mb.script("web").takes(minutes=50)
        first, second = start(), start()
        delete(fleet)
        mb.clock.tick(minutes=40)
        assert CLIENT.list_fleets()["fleets"] == []
        assert [phase(first), phase(second)] == ["BUILD", "QUEUED"]
        with refused("InvalidInputException", f"Fleet cannot be found: {fleet['arn']}"):
            start()
        mb.clock.tick(hours=4)
        assert [look(one)["buildStatus"] for one in (first, second)] == ["SUCCEEDED"] * 2


@pytest.mark.inferred
@EVERY_PACE
def test_nothing_runs_on_a_fleet_that_failed(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        mb.fleet("crew").fails_to_create()
        on_fleet(make(**QUEUES))
        build = start()
        mb.clock.tick(hours=7)
        for _ in range(3):
            assert phase(build) == "QUEUED"
        mb.clock.tick(hours=1)
        assert look(build)["buildStatus"] == "TIMED_OUT"
