"""``mb.events``: what EventBridge is told of images, their steps and scans, and of pipelines."""

import re
import uuid
from datetime import datetime

import pytest

from mockbuild import mock_build, mock_imagebuilder
from tests.codebuild import factory as codebuild
from tests.imagebuilder.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    OTHER_ACCOUNT,
    REGION,
)
from tests.imagebuilder.image_factory import Kit, look, run_of, status, step_of, workflow
from tests.imagebuilder.pipeline_factory import ALWAYS, WEB, parents, pipeline, scheduled

STATE = "EC2 Image Builder Image State Change"
SCANNED = "EC2 Image Builder CVE Detected"
WAITING = "EC2 Image Builder Workflow Step Waiting"
DISABLED = "EC2 Image Builder Image Pipeline Automatically Disabled"
IMAGE = f"{ARN}:image/web/1.0.0/1"
SCAN = {"imageScanningEnabled": True}
WAIT = {"action": "WaitForAction", "name": "Approve"}
LAUNCH = {"action": "LaunchInstance", "name": "Launch"}
USUAL = ["BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


@pytest.fixture(params=["settled", "stepped", "timed"])
def paced(request):
    with mock_imagebuilder(transitions=request.param, clock="virtual") as mb:
        yield mb


def of(mb, kind=STATE):
    return mb.events.matching({"detail-type": [kind]})


def changes(mb):
    """Return the states that images went from and to, as EventBridge was told."""
    return [
        (one["detail"]["previous-state"]["status"], one["detail"]["state"]["status"])
        for one in of(mb)
    ]


def states(mb):
    return [after for _, after in changes(mb)]


def move_on(mb, arn, looks=10):
    for _ in range(looks):
        mb.clock.tick(minutes=10)
        status(arn)


# State changes


@pytest.mark.docs
def test_the_shape_of_a_state_change(mb):
    arn = Kit().make()
    look(arn)
    event = of(mb)[1]
    assert str(uuid.UUID(event.pop("id")))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.pop("time"))
    assert event == {
        "version": "0",
        "detail-type": STATE,
        "source": "aws.imagebuilder",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [IMAGE],
        "detail": {"previous-state": {"status": "BUILDING"}, "state": {"status": "TESTING"}},
    }


@pytest.mark.docs
def test_every_state_it_is_built_in_is_told_of(paced):
    arn = Kit().make()
    move_on(paced, arn)
    assert changes(paced) == list(zip(["CREATING", *USUAL], USUAL, strict=False))


@pytest.mark.docs
def test_stages_that_are_left_out_are_not_told_of(mb):
    look(Kit().make(imageTestsConfiguration={"imageTestsEnabled": False}))
    assert ("BUILDING", "DISTRIBUTING") in changes(mb)
    assert "TESTING" not in states(mb)


@pytest.mark.inferred
def test_why_an_image_has_failed(mb):
    mb.script(image="web").fails("ApplyBuildComponents")
    arn = Kit().make()
    state = look(arn)["state"]
    last = of(mb)[-1]
    assert last["detail"] == {
        "previous-state": {"status": "BUILDING"},
        "state": {"status": "FAILED", "reason": state["reason"]},
    }


@pytest.mark.docs
def test_a_cancelled_image(clocked):
    arn = Kit().make()
    clocked.clock.tick(60)
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    clocked.clock.tick(60)
    assert changes(clocked) == [("CREATING", "BUILDING"), ("BUILDING", "CANCELLED")]


@pytest.mark.inferred
def test_a_retry(mb):
    mb.script(image="web", times=1).fails_in("DISTRIBUTING", message="no key")
    arn = Kit().make()
    assert status(arn) == "FAILED"
    CLIENT.retry_image(imageBuildVersionArn=arn)
    assert status(arn) == "AVAILABLE"
    assert changes(mb)[-4:] == [
        ("DISTRIBUTING", "FAILED"),
        ("FAILED", "DISTRIBUTING"),
        ("DISTRIBUTING", "INTEGRATING"),
        ("INTEGRATING", "AVAILABLE"),
    ]


@pytest.mark.docs
def test_what_comes_after_it_was_made_is_not_told_of(mb):
    arn = Kit().make()
    look(arn)
    for state in ("DEPRECATED", "AVAILABLE", "DISABLED"):
        CLIENT.start_resource_state_update(resourceArn=arn, state={"status": state})
        assert status(arn) == state
    assert states(mb) == USUAL


@pytest.mark.docs
def test_nothing_of_the_future_is_told(clocked):
    arn = Kit().make()
    assert len(clocked.events) == 0
    seen = []
    for _ in range(100):
        clocked.clock.tick(20)
        told = states(clocked)
        now = clocked.clock.now()
        times = [datetime.fromisoformat(one["time"]).timestamp() for one in clocked.events]
        assert all(at <= now for at in times)
        assert told[: len(seen)] == seen
        seen = told
    assert (seen, status(arn)) == (USUAL, "AVAILABLE")


@pytest.mark.docs
def test_reading_events_is_a_look_where_looks_settle(mb):
    Kit().make()
    assert states(mb) == USUAL


@pytest.mark.docs
def test_each_step_of_looking_tells_a_state(stepped):
    arn = Kit().make()
    counts = []
    for _ in range(8):
        counts.append(len(stepped.events))
        status(arn)
    assert counts == [0, 0, 1, 2, 3, 4, 5, 5]


@pytest.mark.docs
def test_a_deleted_image_was_there(mb):
    arn = Kit().make()
    look(arn)
    CLIENT.delete_image(imageBuildVersionArn=arn)
    assert states(mb) == USUAL


@pytest.mark.docs
def test_two_regions_and_two_accounts(mb):
    for client in (CLIENT, FRANKFURT, OTHER):
        look(Kit(client).make(), client)
    places = {(one["account"], one["region"], *one["resources"]) for one in mb.events}
    assert places == {
        (ACCOUNT, "us-east-1", IMAGE),
        (ACCOUNT, "eu-central-1", IMAGE.replace("us-east-1", "eu-central-1")),
        (OTHER_ACCOUNT, "us-east-1", IMAGE.replace(ACCOUNT, OTHER_ACCOUNT)),
    }
    assert len({one["id"] for one in mb.events}) == len(mb.events) == 15


@pytest.mark.docs
def test_ids_are_the_same_each_time():
    ids = []
    for _ in range(2):
        with mock_imagebuilder(seed=7) as mb:
            kit = Kit()
            look(kit.make())
            look(kit.make())
            ids.append([one["id"] for one in mb.events])
            assert [one["id"] for one in mb.events] == ids[-1]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2 * len(USUAL)


@pytest.mark.docs
def test_who_subscribes_is_called_as_things_happen(clocked):
    got = []
    wanted = {"detail": {"state": {"status": ["TESTING", "AVAILABLE"]}}}
    end = clocked.events.subscribe(got.append, wanted)
    kit = Kit()
    kit.make()
    clocked.clock.tick(minutes=10)
    CLIENT.list_components()
    assert got == of(clocked)[1:2]
    clocked.clock.tick(hours=1)
    CLIENT.list_components()
    assert got == clocked.events.matching(wanted)
    assert len(got) == 2
    end()
    kit.make()
    clocked.clock.tick(hours=1)
    CLIENT.list_components()
    assert len(got) == 2
    assert len(clocked.events.matching(wanted)) == 4


@pytest.mark.docs
def test_events_of_both_services_are_in_order():
    with mock_build(transitions="timed", clock="virtual") as mb:
        Kit().make()
        mb.clock.tick(minutes=2)
        codebuild.create()
        codebuild.start()
        mb.clock.tick(hours=1)
        codebuild.CLIENT.list_builds()
        sources = [one["source"] for one in mb.events]
        assert sources[0] == sources[-1] == "aws.imagebuilder"
        assert "aws.codebuild" in sources
        times = [one["time"] for one in mb.events]
        assert times == sorted(times)


# Steps that wait


@pytest.mark.docs
def test_a_step_that_waits(paced):
    flow = workflow(LAUNCH, WAIT)
    arn = Kit().with_workflows(flow)
    move_on(paced, arn, 20)
    (event,) = of(paced, WAITING)
    assert event["resources"] == [arn, flow]
    assert event["detail"] == {
        "workflow-execution-id": run_of(arn, "TEST")["workflowExecutionId"],
        "workflow-step-execution-id": step_of(arn, "Approve")["stepExecutionId"],
        "workflow-step-name": "Approve",
    }
    # What the event says is what is needed to go on.
    CLIENT.send_workflow_step_action(
        stepExecutionId=event["detail"]["workflow-step-execution-id"],
        imageBuildVersionArn=event["resources"][0],
        action="RESUME",
    )
    move_on(paced, arn)
    assert status(arn) == "AVAILABLE"
    assert of(paced, WAITING) == [event]


@pytest.mark.docs
def test_who_is_called_back_can_decide(clocked):
    def approve(event):
        CLIENT.send_workflow_step_action(
            stepExecutionId=event["detail"]["workflow-step-execution-id"],
            imageBuildVersionArn=event["resources"][0],
            action="RESUME",
        )

    clocked.events.subscribe(approve, {"detail-type": [WAITING]})
    arn = Kit().with_workflows(workflow(LAUNCH, WAIT, {**WAIT, "name": "Again"}))
    clocked.clock.tick(hours=1)
    assert status(arn) == "AVAILABLE"
    names = [one["detail"]["workflow-step-name"] for one in of(clocked, WAITING)]
    assert names == ["Approve", "Again"]


@pytest.mark.docs
def test_other_steps_do_not_wait(mb):
    look(Kit().make())
    assert of(mb, WAITING) == []


# Scans


@pytest.mark.docs
def test_what_a_scan_has_found(mb):
    script = mb.script(image="web")
    for number, severity in enumerate(["CRITICAL", "HIGH", "HIGH", "MEDIUM", "LOW", "UNTRIAGED"]):
        script.finds(f"CVE-2026-{number}", severity)
    arn = Kit().make(imageScanningConfiguration=SCAN)
    look(arn)
    (event,) = of(mb, SCANNED)
    assert event["resources"] == [arn]
    instance = step_of(arn, "LaunchTestInstance")["outputs"]
    assert event["detail"].pop("resource-id") in instance
    assert event["detail"] == {
        "finding-severity-counts": {"all": 4, "critical": 1, "high": 2, "medium": 1}
    }


@pytest.mark.docs
def test_a_scan_of_a_pipeline_that_finds_nothing(mb):
    parents()
    pipeline(imageScanningConfiguration=SCAN)
    image = CLIENT.start_image_pipeline_execution(imagePipelineArn=WEB)["imageBuildVersionArn"]
    look(image)
    (event,) = of(mb, SCANNED)
    assert event["resources"] == [image, WEB]
    counts = event["detail"]["finding-severity-counts"]
    assert counts == {"all": 0, "critical": 0, "high": 0, "medium": 0}
    assert event["detail"]["resource-id"].startswith("i-")


@pytest.mark.docs
@pytest.mark.parametrize(
    "scanning",
    [
        pytest.param(None, id="no scan"),
        pytest.param({"imageScanningEnabled": False}, id="scan turned off"),
        pytest.param(
            {"imageScanningEnabled": True, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"]},
            id="findings that are not listed",
            marks=pytest.mark.inferred,
        ),
    ],
)
def test_nothing_is_told_without_a_scan(mb, scanning):
    mb.script(image="web").finds("CVE-2026-1")
    look(Kit().make(imageScanningConfiguration=scanning))
    assert of(mb, SCANNED) == []
    assert states(mb) == USUAL


@pytest.mark.inferred
def test_a_scan_that_is_abandoned_is_not_over(mb):
    mb.script(image="web").fails("ApplyTestComponents")
    look(Kit().make(imageScanningConfiguration=SCAN))
    assert of(mb, SCANNED) == []


# Pipelines


@pytest.mark.docs
def test_a_pipeline_that_is_disabled(clocked):
    parents()
    clocked.script(image="web").fails("ApplyBuildComponents")
    got = []
    clocked.events.subscribe(got.append, {"detail-type": [DISABLED]})
    pipeline(schedule=scheduled("rate(1 day)", ALWAYS, failureCount=2))
    for _ in range(4):
        clocked.clock.tick(days=1)
        CLIENT.get_image_pipeline(imagePipelineArn=WEB)
    (event,) = of(clocked, DISABLED)
    assert got == [event]
    assert str(uuid.UUID(event.pop("id")))
    last = clocked.events.matching({"detail": {"state": {"status": ["FAILED"]}}})[-1]
    assert event.pop("time") == last["time"]
    assert event == {
        "version": "0",
        "detail-type": DISABLED,
        "source": "aws.imagebuilder",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [WEB],
        "detail": {"consecutive-failures": "2"},
    }


@pytest.mark.docs
def test_a_pipeline_that_somebody_disables(clocked):
    parents()
    pipeline(schedule=scheduled("rate(1 day)"))
    members = {
        "imageRecipeArn": f"{ARN}:image-recipe/web/1.0.0",
        "infrastructureConfigurationArn": f"{ARN}:infrastructure-configuration/web",
    }
    CLIENT.update_image_pipeline(imagePipelineArn=WEB, status="DISABLED", **members)
    assert of(clocked, DISABLED) == []
