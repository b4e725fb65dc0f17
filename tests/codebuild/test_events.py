"""``mb.events``: what EventBridge is told of builds."""

import pytest

from mockbuild import ConfigurationError, mock_codebuild
from tests.codebuild.factory import ACCOUNT, CLIENT, buildspec, create, look, run, start

STATE = "CodeBuild Build State Change"
PHASE = "CodeBuild Build Phase Change"
#: Members of both samples in the user guide.
ENVELOPE = {
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
}
ADDITIONAL = {
    "artifact",
    "environment",
    "timeout-in-minutes",
    "build-complete",
    "initiator",
    "build-start-time",
    "source",
    "logs",
    "phases",
}


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed", clock="virtual") as handle:
        yield handle


def told(mb, kind, member):
    return [event["detail"][member] for event in mb.events if event["detail-type"] == kind]


@pytest.mark.docs
def test_a_build_that_succeeds_has_two_state_changes_and_one_change_for_each_phase(mb):
    create()
    build = run()
    assert told(mb, STATE, "build-status") == ["IN_PROGRESS", "SUCCEEDED"]
    assert told(mb, PHASE, "completed-phase") == [
        phase["phaseType"] for phase in build["phases"][:-1]
    ]
    assert set(told(mb, PHASE, "completed-phase-status")) == {"SUCCEEDED"}


@pytest.mark.inferred
def test_nobody_is_told_of_sandboxes(mb):
    create()
    sandbox = CLIENT.start_sandbox(projectName="web")["sandbox"]
    CLIENT.stop_sandbox(id=sandbox["id"])
    mb.clock.tick(minutes=5)
    assert list(mb.events) == []


@pytest.mark.docs
def test_the_last_state_change_has_every_member_of_the_sample(mb):
    create(source=buildspec(build="make"), timeoutInMinutes=30)
    build = run(
        environmentVariablesOverride=[{"name": "A", "value": "1", "type": "PLAINTEXT"}],
    )
    event = mb.events[-1]
    assert set(event) == ENVELOPE
    assert event["version"] == "0"
    assert event["source"] == "aws.codebuild"
    assert event["account"] == ACCOUNT
    assert event["region"] == "us-east-1"
    assert event["resources"] == [build["arn"]]
    assert event["time"] == f"{build['endTime']:%Y-%m-%dT%H:%M:%SZ}"
    detail = event["detail"]
    assert set(detail) == {
        "build-status",
        "project-name",
        "build-id",
        "additional-information",
        "current-phase",
        "current-phase-context",
        "version",
    }
    assert detail["build-id"] == build["arn"]
    assert detail["current-phase"] == "COMPLETED"
    assert detail["current-phase-context"] == "[]"
    assert detail["version"] == "1"
    more = detail["additional-information"]
    assert set(more) == ADDITIONAL
    assert more["build-complete"] is True
    assert more["timeout-in-minutes"] == 30
    assert more["environment"]["environment-variables"] == [
        {"name": "A", "value": "1", "type": "PLAINTEXT"}
    ]
    assert more["source"] == {"type": "NO_SOURCE"}
    assert more["logs"]["group-name"] == "/aws/codebuild/web"
    assert set(more["phases"][-1]) == {"start-time", "phase-type"}
    assert more["phases"][0]["phase-context"] == []


@pytest.mark.docs
def test_a_phase_change_tells_the_phase_its_times_and_its_reason(mb):
    create(source=buildspec(build="make"))
    mb.script("web").fails("BUILD", exit_code=2)
    build = run()
    (event,) = mb.events.matching(
        {"detail-type": [PHASE], "detail": {"completed-phase-status": ["FAILED"]}}
    )
    detail = event["detail"]
    phase = next(one for one in build["phases"] if one["phaseType"] == "BUILD")
    assert detail["completed-phase"] == "BUILD"
    assert detail["completed-phase-duration-seconds"] == phase["durationInSeconds"]
    assert detail["completed-phase-context"] == (
        "[COMMAND_EXECUTION_ERROR: Error while executing command: make. Reason: exit status 2]"
    )
    begun = phase["startTime"]
    hour = begun.hour % 12 or 12
    assert detail["completed-phase-start"] == (
        f"{begun:%b} {begun.day}, {begun.year} {hour}:{begun:%M:%S %p}"
    )
    assert event["time"] == f"{phase['endTime']:%Y-%m-%dT%H:%M:%SZ}"
    # What comes later is not in it yet.
    assert detail["additional-information"]["build-complete"] is False


@pytest.mark.docs
@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(lambda script: script.fails("BUILD"), "FAILED", id="failed"),
        pytest.param(lambda script: script.faults(), "FAULT", id="fault"),
        pytest.param(lambda script: script.takes(minutes=90), "TIMED_OUT", id="timed out"),
    ],
)
def test_the_last_state_change_tells_how_a_build_ended(mb, script, status):
    create()
    script(mb.script("web"))
    run()
    assert told(mb, STATE, "build-status") == ["IN_PROGRESS", status]


@pytest.mark.docs
def test_stopping_a_build_is_told(timed):
    create()
    build = start()
    timed.clock.tick(minutes=0, seconds=3)
    CLIENT.stop_build(id=build["id"])
    assert told(timed, STATE, "build-status") == ["IN_PROGRESS", "STOPPED"]
    assert told(timed, PHASE, "completed-phase-status")[-1] == "STOPPED"


@pytest.mark.inferred
def test_on_the_clock_events_come_when_it_is_their_time(timed):
    create()
    timed.script("web").takes(minutes=5)
    start()
    assert told(timed, STATE, "build-status") == ["IN_PROGRESS"]
    timed.clock.tick(minutes=1)
    assert "PROVISIONING" in told(timed, PHASE, "completed-phase")
    assert "BUILD" not in told(timed, PHASE, "completed-phase")
    timed.clock.tick(minutes=10)
    assert told(timed, STATE, "build-status") == ["IN_PROGRESS", "SUCCEEDED"]


@pytest.mark.inferred
def test_events_of_several_builds_are_in_order_of_their_time(timed):
    create("one")
    create("two")
    timed.script("one").takes(minutes=5)
    start("one")
    timed.clock.tick(seconds=30)
    start("two")
    timed.clock.tick(minutes=10)
    ended = [
        event["detail"]["project-name"]
        for event in timed.events.matching({"detail": {"build-status": ["SUCCEEDED"]}})
    ]
    assert ended == ["two", "one"]
    assert [event["time"] for event in timed.events] == sorted(
        event["time"] for event in timed.events
    )


@pytest.mark.inferred
def test_events_have_ids_of_their_own_that_stay(mb):
    create()
    run()
    ids = [event["id"] for event in mb.events]
    assert len(set(ids)) == len(ids) == len(mb.events)
    assert [event["id"] for event in mb.events] == ids
    assert [event["id"] for event in mb.events[-2:]] == ids[-2:]


@pytest.mark.inferred
def test_events_outlive_the_build_they_are_about(mb):
    create()
    build = run()
    CLIENT.batch_delete_builds(ids=[build["id"]])
    assert told(mb, STATE, "build-status") == ["IN_PROGRESS", "SUCCEEDED"]


@pytest.mark.inferred
def test_a_callback_gets_each_event_that_fits_once_and_none_after_it_was_ended(mb):
    create()
    got = []
    end = mb.events.subscribe(got.append, {"detail": {"build-status": ["SUCCEEDED"]}})
    build = run()
    look(build)
    assert [event["detail"]["build-id"] for event in got] == [build["arn"]]
    end()
    run()
    assert len(got) == 1


@pytest.mark.inferred
def test_a_callback_can_call_the_service(mb):
    create()
    create("deploy")

    def deploy(event):
        CLIENT.start_build(projectName="deploy")

    mb.events.subscribe(
        deploy, {"detail": {"build-status": ["SUCCEEDED"], "project-name": ["web"]}}
    )
    run()
    assert len(CLIENT.list_builds_for_project(projectName="deploy")["ids"]) == 1


@pytest.mark.docs
@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        pytest.param({}, 12, id="everything"),
        pytest.param({"source": ["aws.codebuild"]}, 12, id="source"),
        pytest.param({"source": ["aws.s3"]}, 0, id="another source"),
        pytest.param({"detail-type": [STATE]}, 2, id="kind"),
        pytest.param({"detail": {"project-name": [{"prefix": "we"}]}}, 12, id="prefix"),
        pytest.param({"detail": {"project-name": [{"prefix": "x"}]}}, 0, id="another prefix"),
        pytest.param({"detail": {"no-such": ["x"]}}, 0, id="member that is not there"),
        pytest.param({"detail": {"project-name": {"deeper": ["x"]}}}, 0, id="no mapping"),
        pytest.param(
            {"detail": {"additional-information": {"build-complete": [True]}}}, 2, id="boolean"
        ),
        pytest.param(
            {"detail": {"additional-information": {"build-complete": [1]}}}, 0, id="no boolean"
        ),
    ],
)
def test_patterns(mb, pattern, count):
    create()
    run()
    assert len(mb.events.matching(pattern)) == count


@pytest.mark.inferred
@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param({"source": "aws.codebuild"}, id="text"),
        pytest.param({"detail": {"build-status": "FAILED"}}, id="text, deeper"),
        pytest.param({"detail": None}, id="nothing"),
        pytest.param(["source"], id="list"),
    ],
)
def test_what_is_no_pattern_is_refused(mb, pattern):
    with pytest.raises(ConfigurationError, match="pattern"):
        mb.events.matching(pattern)
    with pytest.raises(ConfigurationError, match="pattern"):
        mb.events.subscribe(print, pattern or {"x": 1})
