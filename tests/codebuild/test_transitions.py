"""How builds move on: settled, stepped, timed; and whose clock it is they move on."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from freezegun import freeze_time

from mockbuild import mock_codebuild
from tests.codebuild.factory import CLIENT, EVERY_PHASE, create, look, start, statuses


def watch(build, wait=lambda: None):
    """Look until the build is over; return every phase that was the current one on a look."""
    seen = [build["currentPhase"]]
    while not build["buildComplete"]:
        wait()
        build = look(build)
        if build["currentPhase"] != seen[-1]:
            seen.append(build["currentPhase"])
    return build, seen


@pytest.mark.docs
def test_settled_any_look_sees_the_end(web):
    build, seen = watch(start())
    assert seen == ["QUEUED", "COMPLETED"]
    assert look(build) == build


@pytest.mark.docs
def test_settled_is_the_default():
    with mock_codebuild() as mb:
        assert mb.settings.transitions == "settled"


@pytest.mark.docs
def test_stepped_each_look_moves_one_phase_on():
    with mock_codebuild(transitions="stepped"):
        create()
        build, seen = watch(start())
        assert seen == list(EVERY_PHASE[1:])
        assert build["buildStatus"] == "SUCCEEDED"
        assert look(build) == build


@pytest.mark.docs
def test_stepped_builds_do_not_move_each_other():
    with mock_codebuild(transitions="stepped"):
        create()
        one, two = start(), start()
        for _ in range(4):
            one = look(one)
        assert one["currentPhase"] == "PRE_BUILD"
        assert look(two)["currentPhase"] == "PROVISIONING"


@pytest.mark.docs
def test_stepped_needs_no_time():
    with mock_codebuild(transitions="stepped") as mb:
        create()
        build = start()
        mb.clock.tick(hours=5)
        assert look(build)["currentPhase"] == "PROVISIONING"


@pytest.mark.docs
def test_timed_nothing_moves_while_the_clock_stands():
    with freeze_time("2026-01-02"), mock_codebuild(transitions="timed"):
        create()
        build = start()
        for _ in range(5):
            assert look(build) == build


@pytest.mark.docs
def test_timed_phases_take_their_time():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(minutes=10)
        build = start()
        mb.clock.tick(minutes=5)
        assert look(build)["currentPhase"] == "BUILD"
        mb.clock.tick(minutes=6)
        assert look(build)["buildStatus"] == "SUCCEEDED"


SLOW = {
    "QUEUED": 60,
    "PROVISIONING": 120,
    "DOWNLOAD_SOURCE": 90,
    "INSTALL": 300,
    "PRE_BUILD": 60,
    "BUILD": 1400,
    "POST_BUILD": 90,
    "UPLOAD_ARTIFACTS": 120,
    "FINALIZING": 60,
}


def slow(mb):
    script = mb.script("web")
    for phase, seconds in SLOW.items():
        script.takes(seconds, phase=phase)


@pytest.mark.docs
def test_virtual_time_polling_every_30_seconds_over_40_minutes_sees_every_phase():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"})
        slow(mb)
        begun = time.time()
        looks = []

        def wait():
            looks.append(time.time())
            time.sleep(30)

        build, seen = watch(start(), wait)
        assert seen == list(EVERY_PHASE[1:])
        assert build["buildStatus"] == "SUCCEEDED"
        assert sum(SLOW.values()) <= time.time() - begun <= sum(SLOW.values()) + 31
        assert 76 <= len(looks) <= 78
        durations = {p["phaseType"]: p.get("durationInSeconds") for p in build["phases"]}
        assert {phase: durations[phase] for phase in SLOW} == SLOW


async def _poll():
    create()
    build = start()
    while not build["buildComplete"]:
        await asyncio.sleep(30)
        build = look(build)
    return build


@pytest.mark.docs
def test_virtual_time_in_a_coroutine():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        slow(mb)
        build = asyncio.run(_poll())
        assert build["buildStatus"] == "SUCCEEDED"
        assert build["endTime"] - build["startTime"] >= timedelta(seconds=sum(SLOW.values()))


@pytest.mark.docs
def test_freezegun_of_the_users_own():
    with freeze_time("2026-01-02T03:04:05Z") as frozen, mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(minutes=10)
        build = start()
        assert build["startTime"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        frozen.tick(timedelta(minutes=5))
        assert look(build)["currentPhase"] == "BUILD"
        frozen.move_to("2026-01-02T04:00:00Z")
        assert look(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_freezegun_around_settled_builds():
    with freeze_time("2026-01-02T03:04:05Z"), mock_codebuild():
        create()
        build = look(start())
        assert build["buildStatus"] == "SUCCEEDED"
        assert build["startTime"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert build["endTime"] > build["startTime"]


@pytest.mark.docs
def test_time_machine_of_the_users_own():
    begin = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    travelling = time_machine.travel(begin, tick=False)
    with travelling as traveller, mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(minutes=10)
        build = start()
        assert build["startTime"] == begin
        traveller.shift(timedelta(minutes=5))
        assert look(build)["currentPhase"] == "BUILD"
        traveller.shift(timedelta(minutes=6))
        assert look(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_build_that_hangs_goes_on_in_every_mode_until_its_timeout(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=5)
        mb.script("web").hangs("BUILD")
        build = start()
        mb.clock.tick(minutes=1)
        for _ in range(15):
            build = look(build)
        assert build["currentPhase"] == "BUILD"
        assert build["buildStatus"] == "IN_PROGRESS"
        mb.clock.tick(minutes=5)
        assert look(build)["buildStatus"] == "TIMED_OUT"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_what_was_shown_once_stays(transitions):
    """A later look only ever adds phases and ends the last one."""
    with mock_codebuild(transitions=transitions) as mb:
        create()
        build = start()
        while not build["buildComplete"]:
            mb.clock.tick(2)
            later = look(build)
            assert later["phases"][: len(build["phases"]) - 1] == build["phases"][:-1]
            build = later


@pytest.mark.docs
def test_a_stop_in_the_middle_of_stepping():
    with mock_codebuild(transitions="stepped"):
        create()
        build = start()
        for _ in range(3):
            build = look(build)
        stopped = CLIENT.stop_build(id=build["id"])["build"]
        assert list(statuses(stopped)) == [*statuses(build), "COMPLETED"]
        assert look(build) == stopped


@pytest.mark.docs
def test_a_limit_of_concurrent_builds_follows_the_clock():
    with mock_codebuild(transitions="timed") as mb:
        create(concurrentBuildLimit=1)
        start()
        mb.clock.tick(hours=1)
        assert start()["buildNumber"] == 2
