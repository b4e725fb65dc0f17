"""How images move: with the clock, with each look, or as soon as anybody looks."""

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.domain.image_lifecycle import MAKING, POSSIBLE
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    answer,
    make_client,
    missing,
    refused,
    state_of,
)
from tests.imagebuilder.image_factory import (
    BUILD_STEPS,
    EVERY_STATE,
    ROLE,
    Kit,
    container_recipe,
    distribution,
    look,
    look_until,
    run_of,
    runs,
    status,
    statuses,
    steps,
    to,
    workflow,
)

IMAGE = f"{ARN}:image/web/1.0.0"


def cancel(arn):
    return CLIENT.cancel_image_creation(imageBuildVersionArn=arn)


def retry(arn):
    return CLIENT.retry_image(imageBuildVersionArn=arn)


# The pace


@pytest.mark.recorded
def test_every_state_is_seen_at_its_time(clocked):
    arn = Kit().make()
    began = clocked.clock.now()
    seen = [(0.0, status(arn))]
    for seconds in [0.3] * 20 + [5] * 120 + [1] * 90:
        clocked.clock.tick(seconds)
        now = status(arn)
        if now != seen[-1][1]:
            seen.append((clocked.clock.now() - began, now))
    assert tuple(state for _, state in seen) == EVERY_STATE
    at = {state: seconds for seconds, state in seen}
    assert (round(at["CREATING"], 1), round(at["BUILDING"], 1)) == (1.5, 1.8)
    assert 440 < at["TESTING"] < 460
    assert 6 <= at["INTEGRATING"] - at["DISTRIBUTING"] <= 8
    assert 5 <= at["AVAILABLE"] - at["INTEGRATING"] <= 7


@pytest.mark.docs
def test_a_waiter_on_a_virtual_clock_ends_at_once_and_has_seen_the_states():
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        arn = Kit().make()
        began = mb.clock.now()
        CLIENT.get_waiter("image_available").wait(imageBuildVersionArn=arn)
        assert 600 < mb.clock.now() - began < 900
        assert len(mb.calls("GetImage")) == 12
        assert status(arn) == "AVAILABLE"


@pytest.mark.model
def test_a_waiter_ends_when_an_image_fails(clocked):
    clocked.script(image="web").fails()
    arn = Kit().make()
    with pytest.raises(Exception, match="terminal failure state"):
        CLIENT.get_waiter("image_available").wait(imageBuildVersionArn=arn)


@pytest.mark.docs
def test_each_look_is_a_state(stepped):
    arn = Kit().make()
    assert tuple(status(arn) for _ in EVERY_STATE[1:]) == EVERY_STATE[1:]
    assert status(arn) == "AVAILABLE"


@pytest.mark.docs
def test_lists_are_looks_too(stepped):
    Kit().make()
    seen = [
        CLIENT.list_image_build_versions()["imageSummaryList"][0]["state"]["status"]
        for _ in EVERY_STATE[1:]
    ]
    assert tuple(seen) == EVERY_STATE[1:]


@pytest.mark.docs
def test_looks_at_workflows_see_each_step(stepped):
    arn = Kit().make()
    while not (listed := runs(arn)):
        pass
    seen = [tuple(step["status"] for step in steps(listed[0])) for _ in range(30)]
    assert {len(one) for one in seen} == {7}
    assert seen[0] == ("RUNNING", *["PENDING"] * 6)
    for place in range(1, 7):
        own = list(dict.fromkeys(one[place] for one in seen))
        assert own in (["PENDING", "RUNNING", "COMPLETED"], ["PENDING", "SKIPPED"])


@pytest.mark.docs
def test_settled_any_look_sees_the_end(client):
    assert status(Kit().make()) == "AVAILABLE"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("look_once", "expected"),
    [
        (lambda arn: look(arn)["state"]["status"], "AVAILABLE"),
        (lambda arn: run_of(arn)["status"], "COMPLETED"),
        (lambda arn: len(CLIENT.list_image_packages(imageBuildVersionArn=arn)["imagePackageList"]),
         5),
        (lambda arn: look(IMAGE)["arn"], f"{IMAGE}/1"),
    ],
    ids=["GetImage", "ListWorkflowExecutions", "ListImagePackages", "by version"],
)  # fmt: skip
def test_settled_whatever_is_asked_first(client, look_once, expected):
    assert look_once(Kit().make()) == expected


@pytest.mark.docs
def test_a_seed_makes_all_of_it_the_same():
    def everything():
        with mock_imagebuilder(seed=7, clock="virtual", transitions="timed") as mb:
            mb.clock.move_to(4_000_000_000)
            arn = Kit().make()
            mb.clock.tick(hours=1)
            listed = runs(arn)
            return look(arn), listed, [steps(run) for run in listed]

    assert everything() == everything()


@pytest.mark.inferred
def test_scripts_say_how_long_things_take(clocked):
    clocked.script(image="web").takes(minutes=40).takes(30, step="PENDING")
    arn = Kit().make()
    clocked.clock.tick(29)
    assert status(arn) == "PENDING"
    clocked.clock.tick(60)
    assert status(arn) == "BUILDING"
    clocked.clock.tick(minutes=40)
    assert status(arn) == "BUILDING"
    clocked.clock.tick(minutes=10)
    assert status(arn) == "AVAILABLE"
    step = steps(run_of(arn))[1]
    assert (step["name"], step["status"]) == ("ApplyBuildComponents", "COMPLETED")


@pytest.mark.docs
def test_a_step_that_hangs_does_so_until_it_times_out(mb):
    mb.script(image="web").hangs("ApplyBuildComponents")
    arn = Kit().make()
    for _ in range(3):
        assert status(arn) == "BUILDING"
    assert statuses(arn)["ApplyBuildComponents"] == "RUNNING"
    mb.clock.tick(hours=13)
    image = look(arn)
    assert image["state"]["status"] == "FAILED"
    assert image["state"]["reason"].endswith(
        "Timed out after 43200 seconds in workflow step ApplyBuildComponents"
    )


@pytest.mark.docs
def test_a_state_that_hangs_does_so_until_it_is_cancelled(clocked):
    clocked.script(image="web").hangs("DISTRIBUTING")
    arn = Kit().make()
    clocked.clock.tick(days=9)
    assert status(arn) == "DISTRIBUTING"
    cancel(arn)
    clocked.clock.tick(minutes=1)
    assert status(arn) == "CANCELLED"


# What it goes through


@pytest.mark.parametrize(
    ("members", "left_out"),
    [
        ({}, set()),
        ({"imageTestsConfiguration": {"imageTestsEnabled": False}}, {"TESTING"}),
    ],
    ids=["everything", "no tests"],
)
@pytest.mark.docs
def test_tests_can_be_left_out(stepped, members, left_out):
    arn = Kit().make(**members)
    expected = [state for state in EVERY_STATE[1:] if state not in left_out]
    assert [status(arn) for _ in expected] == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["build"], ["CREATING", "BUILDING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]),
        (["test"], ["CREATING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]),
        (["distribution"], ["CREATING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]),
        (["test", "build"], list(EVERY_STATE[1:])),
    ],
    ids=["build", "test", "distribution", "build and test"],
)
@pytest.mark.docs
def test_workflows_that_are_named_take_the_place_of_all_others(stepped, kinds, expected):
    named = {
        "build": f"{AMAZON}:workflow/build/build-image/x.x.x",
        "test": f"{AMAZON}:workflow/test/test-image/x.x.x",
    }
    kit = Kit()
    own = workflow({"action": "DistributeImage"}, kind="DISTRIBUTION")
    arn = kit.with_workflows(*(named.get(kind, own) for kind in kinds))
    assert [status(arn) for _ in expected] == expected


@pytest.mark.docs
def test_a_container_image_goes_the_same_way(stepped):
    arn = Kit().make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    assert tuple(status(arn) for _ in EVERY_STATE[1:]) == EVERY_STATE[1:]
    assert [run["type"] for run in runs(arn)] == ["BUILD", "TEST", "DISTRIBUTION"]


@pytest.mark.inferred
def test_distributing_alone_has_fewer_states(stepped):
    arn = CLIENT.distribute_image(
        sourceImage="ami-0123456789abcdef0",
        distributionConfigurationArn=distribution(to("eu-west-1")),
        executionRole=ROLE,
    )["imageBuildVersionArn"]
    expected = ["CREATING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]
    assert [status(arn) for _ in expected] == expected


# Cancelling


@pytest.mark.docs
def test_an_image_is_cancelled_a_little_later(clocked):
    arn = Kit().make()
    clocked.clock.tick(60)
    assert answer(cancel(arn)) == {"imageBuildVersionArn": arn}
    assert status(arn) == "BUILDING"
    cancel(arn)  # nobody minds
    clocked.clock.tick(10)
    image = look(arn)
    assert image["state"] == {"status": "CANCELLED"}
    assert image["outputResources"] == {"amis": []}
    expected = ["CANCELLED"] + ["PENDING"] * 6
    assert statuses(arn) == dict(zip(BUILD_STEPS, expected, strict=True))
    assert run_of(arn)["status"] == "CANCELLED"
    assert run_of(arn)["endTime"] > run_of(arn)["startTime"]
    clocked.clock.tick(hours=1)
    assert look(arn) == image


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped"])
def test_an_image_nobody_has_looked_at_can_be_cancelled(transitions):
    with mock_imagebuilder(transitions=transitions):
        arn = Kit().make()
        cancel(arn)
        assert status(arn) == "CANCELLED"
        assert runs(arn) == []


@pytest.mark.inferred
def test_a_rollback_is_broken_off(clocked):
    clocked.script(image="web").fails("ApplyBuildComponents")
    arn = Kit().make()
    clocked.clock.tick(10)
    for _ in range(300):
        clocked.clock.tick(1)
        if run_of(arn)["status"] == "ROLLBACK_IN_PROGRESS":
            break
    assert [step.get("rollbackStatus") for step in steps(run_of(arn))][:2] == ["RUNNING", "SKIPPED"]
    cancel(arn)
    clocked.clock.tick(10)
    assert look(arn)["state"] == {"status": "CANCELLED"}
    assert run_of(arn)["status"] == "CANCELLED"
    assert [step.get("rollbackStatus") for step in steps(run_of(arn))][:2] == ["FAILED", "SKIPPED"]


@pytest.mark.docs
def test_what_was_made_before_stays(clocked):
    arn = Kit().make()
    clocked.clock.tick(minutes=9)
    assert status(arn) == "TESTING"
    before = look(arn)["outputResources"]
    cancel(arn)
    clocked.clock.tick(minutes=1)
    assert look(arn)["outputResources"] == before
    assert before["amis"]
    assert [run["status"] for run in runs(arn)] == ["COMPLETED", "CANCELLED"]


@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
@pytest.mark.recorded
def test_an_image_that_is_over_is_not_cancelled(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        arn = Kit().make()
        for _ in EVERY_STATE:
            status(arn)
        mb.clock.tick(hours=1)
        with refused(parameter="imageBuildVersionArn"):
            cancel(arn)
        assert status(arn) == "AVAILABLE"


@pytest.mark.model
def test_states_that_can_be_cancelled_are_those_of_making():
    assert POSSIBLE["CancelImageCreation"] == set(MAKING)


@pytest.mark.inferred
def test_an_image_that_is_not_there_is_neither_cancelled_nor_retried(client):
    for act in (cancel, retry):
        with missing():
            act(f"{IMAGE}/1")


# Retrying


@pytest.mark.docs
def test_a_test_that_failed_is_run_again(mb):
    mb.script(image="web", times=1).fails("ApplyTestComponents")
    arn = Kit().make()
    first = look(arn)
    assert first["state"]["failureContext"]["imageStatus"] == "TESTING"
    assert answer(retry(arn)) == {"imageBuildVersionArn": arn}
    image = look(arn)
    assert image["state"] == {"status": "AVAILABLE"}
    assert image["outputResources"] == first["outputResources"]
    listed = [(run["type"], run["status"], run["retried"]) for run in runs(arn)]
    assert listed == [
        ("BUILD", "COMPLETED", False),
        ("TEST", "ROLLBACK_COMPLETED", True),
        ("TEST", "COMPLETED", False),
    ]
    assert len({run["workflowExecutionId"] for run in runs(arn)}) == 3


@pytest.mark.docs
def test_a_retry_goes_on_where_it_ended(stepped):
    stepped.script(image="web", times=1).fails_in("INTEGRATING")
    arn = Kit().make()
    assert [status(arn) for _ in range(7)][-1] == "FAILED"
    retry(arn)
    assert [status(arn) for _ in range(2)] == ["INTEGRATING", "AVAILABLE"]


@pytest.mark.docs
def test_a_cancelled_image_is_retried(clocked):
    arn = Kit().make()
    clocked.clock.tick(minutes=9)
    cancel(arn)
    clocked.clock.tick(minutes=1)
    retry(arn)
    assert status(arn) == "TESTING"
    with refused("ResourceInUseException"):
        retry(arn)
    clocked.clock.tick(minutes=9)
    assert status(arn) == "AVAILABLE"
    assert [run["retried"] for run in runs(arn)] == [False, True, False]


@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
@pytest.mark.docs
def test_a_retry_can_be_cancelled_and_retried(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        mb.script(image="web", times=1).fails("ApplyTestComponents")
        arn = Kit().make()
        mb.clock.tick(hours=1)
        look_until(arn, "FAILED")
        retry(arn)
        with refused("ResourceInUseException"):
            retry(arn)
        cancel(arn)
        mb.clock.tick(10)
        assert status(arn) == "CANCELLED"
        assert [run["retried"] for run in runs(arn)] == [False, True]
        told = mb.events.matching({"detail-type": ["EC2 Image Builder Image State Change"]})
        assert [one["detail"]["state"]["status"] for one in told][-3:] == [
            "FAILED",
            "TESTING",
            "CANCELLED",
        ]
        retry(arn)
        mb.clock.tick(hours=1)
        look_until(arn, "AVAILABLE")
        assert [run["retried"] for run in runs(arn)] == [False, True, False]


@pytest.mark.docs
def test_a_retry_can_fail_again(mb):
    mb.script(image="web", times=2).fails("ApplyTestComponents")
    arn = Kit().make()
    assert status(arn) == "FAILED"
    for expected in ("FAILED", "AVAILABLE"):
        retry(arn)
        assert status(arn) == expected
    assert [run["retried"] for run in runs(arn)] == [False, True, True, False]


@pytest.mark.inferred
def test_what_cannot_be_retried(mb):
    kit = Kit()
    available = kit.make()
    status(available)
    mb.script(image="web").fails()
    in_build = kit.make()
    mb.script(image="box").fails("ApplyTestComponents", message="no")
    container = kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    assert (status(in_build), status(container)) == ("FAILED", "FAILED")
    for arn in (available, in_build, container):
        with refused(parameter="imageBuildVersionArn"):
            retry(arn)
    with refused("ResourceInUseException"):
        retry(kit.make())


@pytest.mark.inferred
def test_a_deprecated_image_is_not_retried(mb):
    arn = Kit().make()
    status(arn)
    state_of(mb).shelves["image"].exact(arn).kept.enter("DEPRECATED")
    with refused(parameter="imageBuildVersionArn"):
        retry(arn)


# Several mocks


@pytest.mark.docs
def test_nothing_happens_to_images_of_a_mock_that_has_ended():
    from mockbuild import mock_codebuild

    with mock_codebuild(transitions="timed", clock="virtual") as outer:
        with mock_imagebuilder():
            Kit().make()
            outer.clock.tick(60)
        outer.clock.tick(hours=1)
        lines = [line for group in outer.logs.values() for line in group.text.splitlines()]
        assert not any("AVAILABLE" in line for line in lines)
        with mock_imagebuilder():
            assert CLIENT.list_images()["imageVersionList"] == []


@pytest.mark.docs
def test_other_accounts_do_not_see_an_image(client):
    arn = Kit().make()
    other = make_client(account="999999999999")
    with missing():
        other.cancel_image_creation(imageBuildVersionArn=arn)
