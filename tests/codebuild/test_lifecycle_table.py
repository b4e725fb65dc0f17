"""The table of a build's life, and that builds keep to it."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild import mock_codebuild
from mockbuild.domain.lifecycle import (
    ABORTED,
    BUILD_PHASES,
    COMMAND_PHASES,
    FINAL_STATUSES,
    LAST,
    PHASES,
    WITHOUT_CONTEXTS,
)
from tests.codebuild.factory import CLIENT, EVERY_PHASE, create, look, start, statuses


@pytest.mark.model
def test_the_phases_are_those_of_the_api():
    assert EVERY_PHASE == PHASES
    assert set(PHASES) == set(CLIENT.meta.service_model.shape_for("BuildPhaseType").enum)


@pytest.mark.model
def test_the_final_statuses_are_those_of_the_api():
    enum = CLIENT.meta.service_model.shape_for("StatusType").enum
    assert set(FINAL_STATUSES) == set(enum) - {"IN_PROGRESS"}


@pytest.mark.docs
def test_every_phase_leads_on_and_none_back():
    order = {name: number for number, name in enumerate(PHASES)}
    for name, step in BUILD_PHASES.items():
        assert order[step.then] == order[name] + 1
        assert order[step.on_failure] > order[name]
    assert ABORTED in BUILD_PHASES
    assert LAST not in BUILD_PHASES
    assert set(COMMAND_PHASES) == {"INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"}
    assert {"SUBMITTED", "QUEUED"} == WITHOUT_CONTEXTS


@pytest.mark.docs
@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_reachable(mb, web, phase):
    assert phase in statuses(look(start()))


@pytest.mark.docs
@pytest.mark.parametrize("phase", [name for name in BUILD_PHASES if name != "SUBMITTED"])
def test_the_engine_follows_the_table(mb, web, phase):
    mb.script("web").fails(phase)
    names = list(statuses(look(start())))
    assert names[names.index(phase) + 1] == BUILD_PHASES[phase].on_failure


phases = st.sampled_from([name for name in BUILD_PHASES if name != "SUBMITTED"])
seconds = st.floats(0, 3000, allow_nan=False).map(lambda value: round(value, 3))
scripts = st.fixed_dictionaries(
    {
        "fails": st.sets(phases, max_size=3),
        "takes": st.dictionaries(phases, seconds, max_size=5),
        "hangs": st.none() | phases,
        "faults": st.booleans(),
        "on_failure": st.dictionaries(
            st.sampled_from(["install", "pre_build", "build", "post_build"]),
            st.sampled_from(["ABORT", "CONTINUE"]),
            max_size=2,
        ),
        "stop_after": st.none() | seconds,
    }
)


def buildspec_of(said):
    text = "version: 0.2\nphases:\n  build:\n"
    parts = dict.fromkeys(said["on_failure"]) | {"build": None}
    text = "version: 0.2\nphases:\n"
    for phase in parts:
        text += f"  {phase}:\n    commands: [one, two]\n    finally: [three]\n"
        if phase in said["on_failure"]:
            text += f"    on-failure: {said['on_failure'][phase]}\n"
    return text


def apply(script, said):
    for phase in said["fails"]:
        script.fails(phase)
    for phase, span in said["takes"].items():
        script.takes(span, phase=phase)
    if said["hangs"]:
        script.hangs(said["hangs"])
    if said["faults"]:
        script.faults()


def allowed_after(phase, status, rules):
    if status == "SUCCEEDED":
        return {BUILD_PHASES[phase].then}
    if status in ("STOPPED", "TIMED_OUT", "FAULT"):
        return {LAST}
    rule = rules.get(phase.lower())
    if rule is not None:
        return {ABORTED} if rule == "ABORT" else {BUILD_PHASES[phase].then}
    return {BUILD_PHASES[phase].on_failure}


WORST_FIRST = ("STOPPED", "TIMED_OUT", "FAULT", "FAILED")


@pytest.mark.inferred
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=scripts, transitions=st.sampled_from(["settled", "stepped", "timed"]))
def test_whatever_the_script_says_the_phases_keep_to_the_table(said, transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create(
            source={"type": "NO_SOURCE", "buildspec": buildspec_of(said)},
            timeoutInMinutes=30,
            queuedTimeoutInMinutes=20,
        )
        apply(mb.script("web"), said)
        build = start()
        if said["stop_after"] is not None:
            mb.clock.tick(said["stop_after"])
            build = CLIENT.stop_build(id=build["id"])["build"]
        for _ in range(14):
            mb.clock.tick(minutes=6)
            build = look(build)
    keeps_to_the_table(build, said["on_failure"])


def keeps_to_the_table(build, rules):
    found = build["phases"]
    assert build["buildComplete"] is True
    assert found[0]["phaseType"] == PHASES[0]
    assert found[0]["startTime"] == build["startTime"]
    assert found[-1]["phaseType"] == LAST
    assert found[-1]["startTime"] == build["endTime"]
    assert set(found[-1]) == {"phaseType", "startTime"}
    for phase, following in itertools.pairwise(found):
        assert following["phaseType"] in allowed_after(
            phase["phaseType"], phase["phaseStatus"], rules
        )
        assert phase["endTime"] == following["startTime"] >= phase["startTime"]
        span = phase["endTime"] - phase["startTime"]
        assert phase["durationInSeconds"] == span // timedelta(seconds=1)
    ends = {phase.get("phaseStatus") for phase in found}
    worst = next((status for status in WORST_FIRST if status in ends), "SUCCEEDED")
    assert build["buildStatus"] == worst
