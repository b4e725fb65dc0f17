"""Builds of batches that have to wait for a machine of a fleet."""

from itertools import pairwise

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import (
    build_of,
    create_batched,
    groups,
    look_at,
    run_batch,
    start_batch,
    tasks,
)
from tests.codebuild.factory import CLIENT, ROLE, Record, create, environment, look, start

pytestmark = pytest.mark.inferred


def one_machine(mb) -> Record:
    """Create a fleet where one build runs at a time, and return its place in an environment."""
    fleet = CLIENT.create_fleet(
        name="crew",
        baseCapacity=1,
        overflowBehavior="QUEUE",
        environmentType="LINUX_CONTAINER",
        computeType="BUILD_GENERAL1_SMALL",
    )["fleet"]
    mb.clock.tick(minutes=30)
    return {"fleetArn": fleet["arn"]}


@pytest.fixture
def mb():
    with mock_codebuild(clock="virtual") as handle:
        yield handle


@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_batches_that_share_a_fleet_wait_for_each_other(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        fleet = one_machine(mb)
        for name in ("web", "api"):
            create_batched(
                tasks("a", "b", kind="build-list"), name, environment=environment(fleet=fleet)
            )
        ids = [start_batch(name)["id"] for name in ("web", "api")]
        for _ in range(200):
            mb.clock.tick(seconds=10)
            found = CLIENT.batch_get_build_batches(ids=ids)["buildBatches"]
            if all(one["complete"] for one in found):
                break
        assert {one["buildBatchStatus"] for one in found} == {"SUCCEEDED"}
        builds = CLIENT.batch_get_builds(ids=CLIENT.list_builds()["ids"])["builds"]
        spans = sorted((one["phases"][2]["startTime"], one["endTime"]) for one in builds)
        assert len(spans) == 6
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_a_build_waits_for_one_that_hangs_elsewhere(mb):
    fleet = one_machine(mb)
    create("other", environment=environment(fleet=fleet))
    mb.script("other").hangs()
    look(start("other"))
    create_batched(
        tasks("a", "b, env: {fleet: crew}, ignore-failure: true", "c, depend-on: [b]"),
        queuedTimeoutInMinutes=20,
    )
    batch = run_batch()
    assert groups(batch) == {"a": "SUCCEEDED", "b": "IN_PROGRESS", "c": "PENDING"}
    assert build_of(batch, "b")["currentPhase"] == "QUEUED"
    mb.clock.tick(minutes=21)
    batch = look_at(batch)
    assert groups(batch) == {"a": "SUCCEEDED", "b": "TIMED_OUT", "c": "SUCCEEDED"}


def test_a_look_at_a_batch_is_one_at_what_its_builds_wait_for(mb):
    fleet = one_machine(mb)
    create("other", environment=environment(fleet=fleet))
    other = start("other")
    create_batched(tasks("a", "b, env: {fleet: crew}"))
    batch = run_batch()
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    assert build_of(batch, "b")["endTime"] > look(other)["endTime"]


def test_a_batch_can_time_out_before_a_build_that_waits(mb):
    fleet = one_machine(mb)
    create("other", environment=environment(fleet=fleet))
    mb.script("other").hangs()
    look(start("other"))
    create_batched(
        tasks("a, env: {fleet: crew}", "b, env: {fleet: crew}"),
        queuedTimeoutInMinutes=5,
        buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": 5},
    )
    batch = run_batch()
    mb.clock.tick(minutes=6)
    batch = look_at(batch)
    assert groups(batch) == {"a": "STOPPED", "b": "STOPPED"}
    assert batch["buildBatchStatus"] == "TIMED_OUT"
    assert batch["endTime"] == build_of(batch, "b")["endTime"]


def test_a_batch_can_be_stopped_while_builds_wait(mb):
    fleet = one_machine(mb)
    create_batched(tasks("a", "b", kind="build-list"), environment=environment(fleet=fleet))
    mb.script("web", group="a").hangs()
    batch = run_batch()
    assert build_of(batch, "b")["currentPhase"] == "QUEUED"
    CLIENT.stop_build_batch(id=batch["id"])
    assert set(groups(look_at(batch)).values()) == {"STOPPED"}
    create("other", environment=environment(fleet=fleet))
    assert look(start("other"))["buildStatus"] == "SUCCEEDED"


def test_who_gets_the_machine_of_a_build_that_failed_is_stopped_where_that_is_to_be_fast(mb):
    fleet = one_machine(mb)
    create_batched(tasks("a", "b", fast_fail=True), environment=environment(fleet=fleet))
    mb.script("web", group="a").fails()
    batch = start_batch()
    mb.clock.tick(hours=1)
    over = look_at(batch)
    assert groups(over) == {"a": "FAILED", "b": "STOPPED"}
    assert build_of(over, "b")["phases"][-2]["phaseType"] == "QUEUED"
    assert over["endTime"] == build_of(over, "a")["endTime"]
    assert look(start("web"))["buildStatus"] == "SUCCEEDED"


def test_making_room_for_others_does_not_run_ahead_of_the_batch(mb):
    fleet = one_machine(mb)
    create_batched(tasks("a, env: {fleet: crew}", "bad", fast_fail=True))
    mb.script("web", group="a").takes(90)
    mb.script("web", group="bad").takes(10).fails()
    batch = start_batch()
    (first,) = CLIENT.list_builds()["ids"]
    look(first)
    mb.clock.tick(hours=1)
    create("other", environment=environment(fleet=fleet))
    start("other")
    over = look_at(batch)
    assert groups(over) == {"a": "STOPPED", "bad": "FAILED"}
    assert build_of(over, "a")["endTime"] == build_of(over, "bad")["endTime"]
