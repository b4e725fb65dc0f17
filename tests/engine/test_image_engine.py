"""Images under way, whatever is said of them and whoever interferes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild.domain.ids import Ids
from mockbuild.domain.image_lifecycle import (
    COURSES,
    ENDS,
    FIRST,
    MAKING,
)
from mockbuild.engine.image_events import (
    Entered,
    carried,
    executions,
    overview,
)
from mockbuild.engine.image_making import Names
from mockbuild.engine.image_outputs import Ami
from mockbuild.engine.image_scenario import ImageScenario, StageFailure, StepFailure
from mockbuild.engine.pace import ALWAYS
from tests.engine.image_world import LAUNCH, NAMES, STARTED, STEPS, World, check, job, plan

STEP_FAILURES = st.builds(StepFailure, message=st.sampled_from(["", "it broke"]))
STAGE_FAILURES = st.builds(
    StageFailure,
    status=st.sampled_from(MAKING),
    region=st.sampled_from(["", "eu-west-1"]),
    ends=st.sampled_from(["FAILED", "TIMED_OUT"]),
).filter(lambda one: not one.region or one.status in ("DISTRIBUTING", "INTEGRATING"))
SCENARIOS = st.builds(
    ImageScenario,
    failures=st.dictionaries(st.sampled_from(NAMES), STEP_FAILURES, max_size=2),
    stages=st.lists(STAGE_FAILURES, max_size=1).map(tuple),
    seconds=st.dictionaries(
        st.sampled_from([*NAMES, FIRST]), st.sampled_from([0.001, 7.5, 1e6]), max_size=2
    ),
    hangs=st.frozensets(st.sampled_from([*NAMES, "CREATING", "INTEGRATING"]), max_size=1),
)
TESTS = st.builds(
    plan,
    st.just("TEST"),
    group=st.sampled_from([None, "a", "b"]),
    continues=st.booleans(),
    steps=st.sampled_from([STEPS["TEST"], [LAUNCH], STEPS["TEST"][:2]]),
)
WORKFLOWS = st.builds(
    lambda build, tests, distribution: (*build, *tests, *distribution),
    st.sampled_from([(), (plan("BUILD"),)]),
    st.lists(TESTS, max_size=7),
    st.sampled_from([(), (plan("DISTRIBUTION"),)]),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.docs
@QUICK
@given(SCENARIOS, WORKFLOWS)
def test_a_future_goes_where_the_tables_lead(scenario, workflows):
    world = World("settled", job(*workflows), scenario)
    state = check(world.image.events)
    hangs = scenario.hangs & {"CREATING", "INTEGRATING"}
    assert state in ENDS or hangs


@pytest.mark.docs
@QUICK
@given(SCENARIOS, WORKFLOWS)
def test_settled_stepped_and_timed_end_alike(scenario, workflows):
    ends = []
    for transitions in ("settled", "stepped", "timed"):
        world = World(transitions, job(*workflows), scenario)
        for _ in range(3):
            world.tick(8 * 86400)
            world.look()
        for _ in range(20):
            seen = world.look()
        ends.append((seen, world.image.executions(ALWAYS), world.outputs.made, world.listener.ends))
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.docs
@QUICK
@given(SCENARIOS, WORKFLOWS, st.sampled_from(["settled", "stepped", "timed"]), st.data())
def test_whoever_interferes_what_has_been_stays(scenario, workflows, transitions, data):
    refused = data.draw(st.frozensets(st.integers(1, 12), max_size=2))
    world = World(transitions, job(*workflows), scenario, refused)
    image = world.image
    for _ in range(data.draw(st.integers(1, 12))):
        act = data.draw(st.sampled_from(["tick", "look", "fine look", "decide", "cancel", "retry"]))
        if act == "tick":
            world.tick(data.draw(st.sampled_from([0.5, 60, 400, 4 * 86400])))
        elif act == "look":
            world.look()
        elif act == "fine look":
            world.look(finely=True)
        elif act == "decide":
            for _, step in image.waiting(image.until()):
                image.decide(step.step.step_id, data.draw(st.sampled_from(["RESUME", "STOP"])), "x")
                break
        elif act == "cancel" and image.status in MAKING:
            image.cancel()
        elif (
            act == "retry"
            and image.status in ("FAILED", "CANCELLED")
            and image.overview(image.until()).phase in ("TESTING", "DISTRIBUTING", "INTEGRATING")
        ):
            image.retry(ImageScenario())
        world.check()
    amis = [one.image_id for one in world.outputs.made if isinstance(one, Ami)]
    assert len(amis) == len(set(amis))


@pytest.mark.docs
@QUICK
@given(st.frozensets(st.integers(1, 12), max_size=3), WORKFLOWS)
def test_whatever_is_refused_it_ends_alike(refused, workflows):
    """An image that somebody refuses something fails, or goes on, at whatever pace."""
    ends = []
    for transitions in ("settled", "timed"):
        world = World(transitions, job(*workflows), None, refused)
        for _ in range(3):
            world.tick(8 * 86400)
            world.look()
        ends.append((world.look(), world.image.executions(ALWAYS), world.outputs.made))
    assert ends[0] == ends[1]


# One by one


def end_of(scenario=None, *workflows, **changes):
    world = World("settled", job(*workflows, **changes), scenario)
    return world, world.look()


@pytest.mark.recorded
def test_times_are_those_of_a_recorded_build():
    """A build of Amazon Linux 2023 that was recorded took 403 seconds from its first step on."""
    world, _ = end_of(None, plan("BUILD"))
    (view,) = world.image.executions(ALWAYS).values()
    assert round(view.started - STARTED, 3) == 4.499
    gaps = [
        round(after.started - before.ended, 3)
        for before, after in zip(view.steps, view.steps[1:], strict=False)
    ]
    assert gaps == [0.444] * 3
    assert [round(one.ended - one.started, 3) for one in view.steps] == [
        147.404, 38.0, 144.636, 3.586,
    ]  # fmt: skip


@pytest.mark.docs
def test_a_future_is_the_same_however_often_it_is_written():
    world = World("settled", job(plan("BUILD"), plan("TEST")))
    once = list(world.image.events)
    world.image._write()
    assert world.image.events == once


@pytest.mark.docs
def test_nothing_is_written_before_somebody_looks():
    world = World("settled")
    assert world.listener.planned_ids == []
    world.look()
    assert len(world.listener.planned_ids) == 2


@pytest.mark.docs
def test_on_the_clock_things_happen_though_nobody_looks():
    world = World("timed", job(plan("BUILD"), course=COURSES["CreateImage"]))
    world.tick(3600)
    assert world.listener.ends == ["AVAILABLE"]
    assert [type(one).__name__ for one in world.outputs.made[:2]] == ["Ami", "Ami"]


@pytest.mark.docs
@pytest.mark.parametrize("operation", sorted(COURSES))
def test_every_course_comes_to_its_end(operation):
    workflows = () if operation in ("CreateImage", "StartImagePipelineExecution") else None
    wanted = job(course=COURSES[operation]) if workflows == () else job(
        course=COURSES[operation], workflows=()
    )  # fmt: skip
    test_less = [one for one in wanted.workflows if one.type != "TEST"]
    wanted = job(course=COURSES[operation], workflows=tuple(test_less))
    world = World("settled", wanted)
    seen = world.look()
    assert seen.status == "AVAILABLE"
    states = [event.status for event in world.image.events if isinstance(event, Entered)]
    assert states == [one for one in COURSES[operation] if one != "TESTING"]
    assert any(isinstance(one, Ami) for one in seen.made)


@pytest.mark.docs
def test_who_waits_holds_up_nothing_but_itself():
    slow = plan("TEST", group="a", steps=[{**LAUNCH, "waitSeconds": 3000}])
    waits = plan("TEST", group="a", steps=[{"name": "Wait", "action": "WaitForAction"}])
    world = World("settled", job(plan("BUILD"), waits, slow))
    assert world.look().status == "TESTING"
    statuses = [view.status for view in world.image.executions(world.image.until()).values()]
    assert statuses == ["COMPLETED", "RUNNING", "COMPLETED"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("transitions", "seconds"), [("settled", 0), ("stepped", 0), ("timed", 10)]
)
def test_a_decision_comes_after_all_that_shows(transitions, seconds):
    waits = plan("TEST", group="a", steps=[{"name": "Wait", "action": "WaitForAction"}])
    world = World(transitions, job(waits, waits))
    for _ in range(9):
        world.tick(seconds)
        world.look()
    for left in (2, 1):
        found = world.image.waiting(world.image.until())
        assert len(found) == left
        world.image.decide(found[0][1].step.step_id, "RESUME", "")
        world.look()
    assert world.image.waiting(world.image.until()) == []


@pytest.mark.docs
def test_what_one_attempt_leaves_to_the_next_follows_from_the_events():
    world, seen = end_of(None, plan("BUILD"))
    left = carried(world.image.events)
    assert left.ami == seen.made[0]
    assert set(left.copies) == {
        (region, account)
        for region in ("us-east-1", "eu-west-1")
        for account in ("123456789012", "111111111111")
    }


@pytest.mark.docs
def test_folds_do_not_look_ahead():
    world, _ = end_of(None, plan("BUILD"))
    events = world.image.events
    for event in events:
        seen = overview(events, event.at)
        later = [one for one in seen.made if one not in overview(events, ALWAYS).made]
        assert not later
        for view in executions(events, event.at).values():
            assert view.started is None or view.started <= event.at
            assert view.ended is None or view.ended <= event.at


@pytest.mark.docs
def test_names_stay():
    names = Names(Ids(3))
    first = [names.of("a"), names.of("a", "wf-"), names.ami("a"), names.instance("a")]
    assert first == [names.of("a"), names.of("a"), names.ami("a"), names.instance("a")]
    assert len(set(first)) == 3
    names.forget()
    assert names.of("a") != first[0]


@pytest.mark.docs
def test_an_image_that_is_abandoned_does_nothing_any_more():
    world = World("timed")
    world.tick(60)
    before = world.image.published
    world.image.abandon()
    world.tick(86400)
    assert world.image.published == before


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab{}$. ", max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["region", "name", "launchPermission", "amiTags"]), inner)
    ),
    max_leaves=4,
)
REGIONAL = st.fixed_dictionaries(
    {"region": st.sampled_from(["us-east-1", "eu-west-1"])},
    optional=dict.fromkeys(
        (
            "name", "description", "kmsKeyId", "targetAccountIds", "amiTags", "launchPermission",
            "licenseConfigurationArns", "launchTemplateConfigurations",
            "ssmParameterConfigurations", "fastLaunchConfigurations", "s3ExportConfiguration",
        ),
        ANYTHING,
    ),
)  # fmt: skip


@pytest.mark.inferred
@QUICK
@given(st.lists(REGIONAL | ANYTHING, max_size=3))
def test_whatever_a_step_is_told_it_does_not_break(told):
    images = {"distributedImages.$": "$.stepOutputs.Copy.distributedImages"}
    steps = [
        {"name": "Copy", "action": "DistributeImage", "inputs": {"distributions": told}},
        {
            "name": "Share",
            "action": "ModifyImageAttributes",
            "inputs": {**images, "attributes": told},
        },
        {
            "name": "Configure",
            "action": "ApplyImageConfigurations",
            "inputs": {**images, "configurations": told},
        },
    ]
    world = World("settled", job(plan("BUILD"), plan("DISTRIBUTION", steps=steps)))
    assert world.look().status == "AVAILABLE"
