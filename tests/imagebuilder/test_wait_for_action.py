"""Steps that wait until somebody decides: ListWaitingWorkflowSteps, SendWorkflowStepAction."""

import json

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.engine.image_events import Entered
from mockbuild.engine.image_outputs import Ami, Message
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    answer,
    missing,
    refused,
    state_of,
)
from tests.imagebuilder.image_factory import (
    Kit,
    distribution,
    infrastructure,
    look,
    made,
    remember,
    run_of,
    runs,
    status,
    step_of,
    steps,
    to,
    workflow,
)

TOPIC = "arn:aws:sns:us-east-1:123456789012:approvals"
LAUNCH = {"action": "LaunchInstance", "name": "Launch"}
WAIT = {"action": "WaitForAction", "name": "Approve"}
AFTER = {
    "action": "RunCommand",
    "name": "After",
    "inputs": {
        "instanceId": "i-1",
        "documentName": "Doc",
        "parameters": {"why.$": "$.stepOutputs.Approve.reason"},
    },
}
DAY = 86400


@pytest.fixture(params=["settled", "stepped", "timed"])
def paced(request):
    """A mock, whatever its pace."""
    with mock_imagebuilder(transitions=request.param, clock="virtual") as mb:
        yield mb


def waiting(client=CLIENT):
    return client.list_waiting_workflow_steps()["steps"]


def begin(mb, *document_steps, **members):
    """Make an image with these steps to test it, and bring it to where it waits."""
    arn = Kit().with_workflows(workflow(*document_steps), **members)
    for _ in range(40):
        mb.clock.tick(20)
        status(arn)
    return arn


def send(step, action="RESUME", arn=None, **members):
    return CLIENT.send_workflow_step_action(
        stepExecutionId=step["stepExecutionId"],
        imageBuildVersionArn=arn or step["imageBuildVersionArn"],
        action=action,
        **members,
    )


def proceed(mb, arn):
    for _ in range(10):
        mb.clock.tick(20)
        status(arn)
    return look(arn)


@pytest.mark.docs
def test_an_image_stands_still_until_somebody_resumes_it(paced):
    arn = begin(paced, LAUNCH, WAIT, AFTER)
    paced.clock.tick(DAY)
    assert status(arn) == "TESTING"
    (step,) = waiting()
    assert answer(send(step, reason="looks good")) == {
        "stepExecutionId": step["stepExecutionId"],
        "imageBuildVersionArn": arn,
    }
    assert waiting() == []
    assert proceed(paced, arn)["state"] == {"status": "AVAILABLE"}
    own = step_of(arn, "Approve")
    assert own["status"] == "COMPLETED"
    assert json.loads(own["outputs"]) == {"action": "RESUME", "reason": "looks good"}
    assert json.loads(step_of(arn, "After")["inputs"])["parameters"] == {"why": "looks good"}


@pytest.mark.docs
def test_an_image_that_is_stopped_fails(paced):
    arn = begin(paced, LAUNCH, WAIT, AFTER)
    (step,) = waiting()
    send(step, "STOP", reason="not today")
    state = proceed(paced, arn)["state"]
    assert state["status"] == "FAILED"
    assert state["reason"].endswith("failed with reason: not today")
    assert state["failureContext"]["failedStep"] == "Approve"
    assert state["failureContext"]["stepExecutionId"] == step["stepExecutionId"]
    own, after = step_of(arn, "Approve"), step_of(arn, "After")
    assert (own["status"], after["status"]) == ("FAILED", "PENDING")
    assert json.loads(own["outputs"]) == {"action": "STOP", "reason": "not today"}
    assert step_of(arn, "Launch")["rollbackStatus"] == "COMPLETED"
    assert waiting() == []


@pytest.mark.docs
def test_a_step_that_may_fail_can_be_stopped(paced):
    arn = begin(paced, LAUNCH, {**WAIT, "onFailure": "Continue"}, AFTER)
    (step,) = waiting()
    send(step, "STOP")
    assert proceed(paced, arn)["state"] == {"status": "AVAILABLE"}
    assert step_of(arn, "After")["status"] == "COMPLETED"


@pytest.mark.docs
@pytest.mark.parametrize(("document", "seconds"), [({}, 3 * DAY), ({"timeoutSeconds": 3600}, 3600)])
def test_who_waits_too_long_waits_in_vain(paced, document, seconds):
    arn = Kit().with_workflows(workflow(LAUNCH, {**WAIT, **document}))
    for _ in range(40):  # until it waits, however the time passes
        status(arn)
        if waiting():
            break
        paced.clock.tick(10)
    (step,) = waiting()
    paced.clock.tick(seconds - 700)
    assert status(arn) == "TESTING"
    assert [one["stepExecutionId"] for one in waiting()] == [step["stepExecutionId"]]
    paced.clock.tick(1500)
    for _ in range(3):
        status(arn)
    state = look(arn)["state"]
    assert state["status"] == "FAILED"
    assert state["reason"].endswith(f"Timed out after {seconds} seconds in workflow step Approve")
    assert waiting() == []
    with refused(parameter="stepExecutionId"):
        send(step)


@pytest.mark.model
def test_what_a_list_of_waiting_steps_shows(mb):
    arn = begin(mb, LAUNCH, WAIT)
    run = run_of(arn, "TEST")
    listed = step_of(arn, "Approve")
    assert answer(CLIENT.list_waiting_workflow_steps()) == {
        "steps": [
            {
                "stepExecutionId": listed["stepExecutionId"],
                "imageBuildVersionArn": arn,
                "workflowExecutionId": run["workflowExecutionId"],
                "workflowBuildVersionArn": run["workflowBuildVersionArn"],
                "name": "Approve",
                "action": "WaitForAction",
                "startTime": listed["startTime"],
            }
        ]
    }
    assert listed["status"] == "RUNNING"
    assert run["status"] == "RUNNING"
    assert "endTime" not in listed


@pytest.mark.docs
def test_a_list_of_waiting_steps_is_a_look(mb):
    Kit().with_workflows(workflow(LAUNCH, WAIT))
    assert len(waiting()) == 1


@pytest.mark.docs
def test_the_list_is_of_one_account_and_region(mb):
    for client in (CLIENT, FRANKFURT):
        kit = Kit(client)
        text = json.dumps({"schemaVersion": 1.0, "steps": [WAIT]})
        own = client.create_workflow(name="wait", semanticVersion="1.0.0", type="TEST", data=text)
        kit.with_workflows(own["workflowBuildVersionArn"])
    assert [len(waiting(client)) for client in (CLIENT, FRANKFURT, OTHER)] == [1, 1, 0]


@pytest.mark.docs
def test_several_wait_at_the_same_time(paced):
    own = workflow(LAUNCH, WAIT)
    chosen = [{"workflowArn": own, "parallelGroup": "g"}] * 2
    slow = workflow({**LAUNCH, "waitSeconds": 90}, WAIT, name="slow")
    arn = Kit().with_workflows(*chosen, {"workflowArn": slow, "parallelGroup": "g"})
    for _ in range(40):
        paced.clock.tick(20)
        status(arn)
    found = waiting()
    assert len(found) == 3
    assert [one["startTime"] for one in found] == sorted(one["startTime"] for one in found)
    for left, step in ((2, found[1]), (1, found[0])):
        send(step)
        paced.clock.tick(20)
        status(arn)
        assert len(waiting()) == left
        assert status(arn) == "TESTING"
    send(found[2])
    assert proceed(paced, arn)["state"] == {"status": "AVAILABLE"}


@pytest.mark.docs
def test_a_workflow_may_wait_twice(paced):
    arn = begin(paced, WAIT, {**WAIT, "name": "Again"})
    for name in ("Approve", "Again"):
        (step,) = waiting()
        assert step["name"] == name
        send(step)
        proceed(paced, arn)
    assert status(arn) == "AVAILABLE"


@pytest.mark.docs
def test_the_ids_of_what_has_been_stay_the_same(paced):
    arn = begin(paced, LAUNCH, WAIT, AFTER)
    before = {step["name"]: step["stepExecutionId"] for run in runs(arn) for step in steps(run)}
    launched = step_of(arn, "Launch")
    (step,) = waiting()
    send(step)
    proceed(paced, arn)
    after = {step["name"]: step["stepExecutionId"] for run in runs(arn) for step in steps(run)}
    assert after == before
    assert step_of(arn, "Launch") == launched


@pytest.mark.docs
def test_an_image_that_waits_can_be_cancelled(paced):
    arn = begin(paced, LAUNCH, WAIT)
    (step,) = waiting()
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    assert proceed(paced, arn)["state"] == {"status": "CANCELLED"}
    assert step_of(arn, "Approve")["status"] == "CANCELLED"
    assert waiting() == []
    with refused(parameter="stepExecutionId"):
        send(step)


@pytest.mark.inferred
def test_nobody_decides_about_an_image_that_is_being_cancelled(paced):
    arn = begin(paced, LAUNCH, WAIT)
    (step,) = waiting()
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    with refused(parameter="stepExecutionId"):
        send(step)
    assert waiting() == []
    assert proceed(paced, arn)["state"] == {"status": "CANCELLED"}
    assert step_of(arn, "Approve")["status"] == "CANCELLED"


# Wrong requests


@pytest.mark.docs
def test_a_decision_is_about_a_step_of_that_image_that_waits(mb):
    arn = begin(mb, LAUNCH, WAIT)
    (step,) = waiting()
    with refused(parameter="imageBuildVersionArn"):
        send(step, arn=f"{arn[:-1]}2")
    launched = {**step, "stepExecutionId": step_of(arn, "Launch")["stepExecutionId"]}
    with refused(parameter="stepExecutionId"):
        send(launched)
    run = {**step, "stepExecutionId": "step-12345678-1234-1234-1234-123456789012"}
    with missing():
        send(run)
    with missing():
        OTHER.send_workflow_step_action(
            stepExecutionId=step["stepExecutionId"], imageBuildVersionArn=arn, action="STOP"
        )
    send(step)
    with refused(parameter="stepExecutionId"):
        send(step)


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"action": "GO"}, "action"),
        ({"stepExecutionId": "step-1"}, "stepExecutionId"),
        ({"imageBuildVersionArn": f"{ARN}:image/web/1.0.0"}, "imageBuildVersionArn"),
        ({"reason": "r" * 1025}, "reason"),
        ({"reason": ""}, "reason"),
    ],
)
def test_values_that_the_model_forbids(mb, members, parameter):
    least = {
        "stepExecutionId": "step-12345678-1234-1234-1234-123456789012",
        "imageBuildVersionArn": f"{ARN}:image/web/1.0.0/1",
        "action": "RESUME",
        "clientToken": "a",
    }
    with refused(parameter=parameter):
        RAW.send_workflow_step_action(**{**least, **members})


# Telling others


@pytest.mark.recorded
def test_a_topic_is_told(mb):
    remember(mb)
    arn = begin(
        mb,
        {
            **WAIT,
            "inputs": {"snsTopicArn": TOPIC, "payload": "AMI of {{ $.imagebuilder.imageName }}"},
        },
    )
    (message,) = made(mb, Message)
    (step,) = waiting()
    assert message.topic_arn == TOPIC
    assert json.loads(message.text) == {
        "imageArn": arn,
        "workflowStepExecutionId": step["stepExecutionId"],
        "customPayload": "AMI of web",
    }
    send(step)
    proceed(mb, arn)
    assert made(mb, Message) == [message]


@pytest.mark.docs
def test_nobody_is_told_without_a_topic(mb):
    remember(mb)
    begin(mb, WAIT)
    assert made(mb, Message) == []


@pytest.mark.docs
def test_what_others_are_told_follows_from_the_events(mb):
    arn = begin(mb, LAUNCH, WAIT)
    live = state_of(mb).shelves["image"].exact(arn).kept
    (step,) = waiting()
    (told,) = mb.events.matching({"detail-type": ["EC2 Image Builder Workflow Step Waiting"]})
    detail = told["detail"]
    assert (detail["workflow-step-execution-id"], detail["workflow-step-name"]) == (
        step["stepExecutionId"],
        "Approve",
    )
    assert detail["workflow-execution-id"] == step["workflowExecutionId"]
    shown = live.events[: live.published]
    states = [event.status for event in shown if isinstance(event, Entered)]
    changes = list(zip([None, *states], states, strict=False))
    assert changes == [(None, "PENDING"), ("PENDING", "CREATING"), ("CREATING", "TESTING")]


# Gates of the stages


@pytest.mark.docs
def test_a_gate_before_the_image_is_made(mb):
    remember(mb)
    build = workflow(
        LAUNCH,
        WAIT,
        {"name": "Create", "action": "CreateImage",
         "inputs": {"instanceId.$": "$.stepOutputs.Launch.instanceId"}},
        kind="BUILD",
    )  # fmt: skip
    arn = Kit().with_workflows(build)
    assert status(arn) == "BUILDING"
    assert made(mb, Ami) == []
    send(*waiting())
    assert status(arn) == "AVAILABLE"
    assert len(made(mb, Ami)) == 1


@pytest.mark.docs
def test_a_gate_before_it_is_distributed(mb):
    own = workflow(WAIT, {"action": "DistributeImage", "name": "Copy"}, kind="DISTRIBUTION")
    arn = Kit().with_workflows(
        f"{AMAZON}:workflow/build/build-image/x.x.x",
        own,
        distributionConfigurationArn=distribution(to("eu-west-1")),
    )
    assert status(arn) == "DISTRIBUTING"
    before = look(arn)["outputResources"]["amis"]
    assert [ami["region"] for ami in before] == ["us-east-1"]
    send(*waiting())
    after = look(arn)["outputResources"]["amis"]
    assert after[:1] == before
    assert [ami["region"] for ami in after] == ["us-east-1", "eu-west-1"]


@pytest.mark.docs
def test_a_test_that_was_stopped_is_run_again(mb):
    arn = begin(mb, LAUNCH, WAIT)
    send(*waiting(), "STOP")
    assert status(arn) == "FAILED"
    CLIENT.retry_image(imageBuildVersionArn=arn)
    assert status(arn) == "TESTING"
    send(*waiting())
    assert status(arn) == "AVAILABLE"
    assert [run["retried"] for run in runs(arn)] == [True, False]


@pytest.mark.docs
def test_the_topic_of_the_infrastructure_is_told_of_the_end(mb):
    remember(mb)
    kit = Kit()
    kit.infrastructure = infrastructure("loud", snsTopicArn=TOPIC)
    arn = kit.with_workflows(workflow(WAIT))
    assert status(arn) == "TESTING"
    assert made(mb, Message) == []
    send(*waiting(), "STOP", reason="no")
    assert status(arn) == "FAILED"
    (message,) = made(mb, Message)
    assert json.loads(message.text)["state"]["status"] == "FAILED"
