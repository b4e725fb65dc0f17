"""``mb.notifications``: what topics of SNS are sent, of images and of steps that wait."""

import json
from datetime import datetime

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    OTHER_ACCOUNT,
    component,
    image_recipe,
    uses,
)
from tests.imagebuilder.image_factory import (
    PARENT,
    Kit,
    container_recipe,
    distribution,
    infrastructure,
    look,
    run_of,
    status,
    step_of,
    to,
    workflow,
)
from tests.imagebuilder.pipeline_factory import pipeline, start

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:images"
APPROVALS = f"arn:aws:sns:eu-west-1:{ACCOUNT}:approvals"


def loud(client=CLIENT, topic=TOPIC):
    """Return what to make images of, the ends of which a topic is told."""
    kit = Kit(client)
    kit.infrastructure = infrastructure("loud", client=client, snsTopicArn=topic)
    return kit


def waits(name="Approve", **inputs):
    return {"action": "WaitForAction", "name": name, "inputs": inputs}


@pytest.mark.docs
def test_the_sequence(mb):
    notifications = mb.notifications
    assert (list(notifications), len(notifications)) == ([], 0)
    kit = loud()
    first, second = kit.make(), kit.make()
    for arn in (first, second):
        look(arn)
    assert [one.message["arn"] for one in notifications] == [first, second]
    assert notifications[-1] == notifications[1] != notifications[0]
    assert notifications[:1] == [notifications[0]]
    assert notifications.to(TOPIC) == list(notifications)
    assert notifications.to(APPROVALS) == []
    assert repr(notifications) == "<notifications: 2>"
    assert json.loads(notifications[0].text) == notifications[0].message
    with pytest.raises(IndexError):
        notifications[2]


@pytest.mark.docs
def test_reading_them_is_a_look_where_looks_settle(mb):
    arn = loud().make()
    (told,) = mb.notifications
    assert (told.topic_arn, told.message["arn"]) == (TOPIC, arn)


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_of_each_end_a_topic_is_told_once(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        mb.script(image="web", times=1).fails("ApplyTestComponents")
        arn = loud().make()
        for _ in range(20):
            mb.clock.tick(minutes=5)
            status(arn)
        CLIENT.retry_image(imageBuildVersionArn=arn)
        for _ in range(20):
            mb.clock.tick(minutes=5)
            status(arn)
        states = [one.message["state"] for one in mb.notifications]
        assert [state["status"] for state in states] == ["FAILED", "AVAILABLE"]
        assert states[0].keys() == {"status", "reason"}


@pytest.mark.docs
def test_an_image_without_a_topic(mb):
    look(Kit().make())
    assert list(mb.notifications) == []


@pytest.mark.docs
def test_the_topic_is_that_of_the_time_the_image_was_begun(mb):
    kit = loud()
    arn = kit.make()
    CLIENT.update_infrastructure_configuration(
        infrastructureConfigurationArn=kit.infrastructure, instanceProfileName="builder"
    )
    look(arn)
    look(kit.make())
    assert [one.message["arn"] for one in mb.notifications] == [arn]


@pytest.mark.docs
def test_each_region_and_account_has_its_own(mb):
    theirs = TOPIC.replace(ACCOUNT, OTHER_ACCOUNT)
    topics = {CLIENT: TOPIC, FRANKFURT: TOPIC, OTHER: theirs}
    for client, topic in topics.items():
        look(loud(client, topic).make(), client)
    told = [
        (one.topic_arn, one.message["arn"], one.message["accountId"]) for one in mb.notifications
    ]
    image = f"{ARN}:image/web/1.0.0/1"
    assert told == [
        (TOPIC, image, ACCOUNT),
        (TOPIC, image.replace("us-east-1", "eu-central-1"), ACCOUNT),
        (theirs, image.replace(ACCOUNT, OTHER_ACCOUNT), OTHER_ACCOUNT),
    ]


# What they say


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("version", "semver"),
    [
        pytest.param("1.0.0", (1 << 90) + 1, id="major"),
        pytest.param("0.1.0", (1 << 60) + 1, id="minor"),
        pytest.param("0.0.1", (1 << 30) + 1, id="patch"),
        pytest.param("2022.6.14", (2022 << 90) + (6 << 60) + (14 << 30) + 1, id="a date"),
    ],
)
def test_versions_are_numbers(mb, version, semver):
    recipe = image_recipe("app", version, components=uses(component()))
    look(loud().make(imageRecipeArn=recipe))
    message = mb.notifications[0].message
    assert message["semver"] == semver
    assert (message["version"], message["buildVersion"]) == (version, 1)
    assert message["versionlessArn"] == f"{ARN}:image/app"


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2040-07-28T01:13:45+00:00", "Jul 28, 2040 1:13:45 AM"),
        ("2040-12-01T12:00:00+00:00", "Dec 1, 2040 12:00:00 PM"),
        ("2041-01-09T00:05:09+00:00", "Jan 9, 2041 12:05:09 AM"),
        ("2041-05-31T23:59:59+00:00", "May 31, 2041 11:59:59 PM"),
    ],
)
def test_dates_are_american(moment, text):
    with mock_imagebuilder(clock="virtual") as mb:
        mb.clock.move_to(datetime.fromisoformat(moment))
        kit = loud()
        look(kit.make(distributionConfigurationArn=distribution(to())))
        message = mb.notifications[0].message
        assert message["dateCreated"] == text
        for name in ("imageRecipe", "infrastructureConfiguration", "distributionConfiguration"):
            assert message[name]["dateCreated"] == text, name


@pytest.mark.recorded
def test_what_was_used_is_named_exactly(mb):
    tool = component()
    wildcard = tool.rpartition("/")[0].replace("1.0.0", "1.x.x")
    recipe = image_recipe("app", components=uses(wildcard), parentImage=PARENT)
    arn = loud().make(imageRecipeArn=recipe)
    look(arn)
    told = mb.notifications[0].message["imageRecipe"]
    assert [one["componentArn"] for one in told["components"]] == [tool]
    assert told["parentImage"] == look(PARENT)["arn"]
    assert told["parentImage"].startswith(f"{AMAZON}:image/amazon-linux-2023-x86/2")
    # The API shows what was asked for.
    shown = look(arn)["imageRecipe"]
    assert [one["componentArn"] for one in shown["components"]] == [wildcard]


@pytest.mark.docs
def test_an_image_of_a_pipeline(mb):
    kit = loud()
    arn = pipeline(imageRecipeArn=kit.recipe, infrastructureConfigurationArn=kit.infrastructure)
    look(start(arn))
    message = mb.notifications[0].message
    assert message["sourcePipelineArn"] == arn
    assert "distributionConfiguration" not in message


@pytest.mark.docs
def test_a_container_image(mb):
    kit = loud()
    look(kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe()))
    message = mb.notifications[0].message
    assert (message["type"], message["containerRecipe"]["name"]) == ("DOCKER", "box")
    (container,) = message["outputResources"]["containers"]
    assert container["imageUris"][0].endswith("/boxes:1.0.0-1")
    assert "imageRecipe" not in message


@pytest.mark.docs
def test_the_amis_are_those_that_were_made(mb):
    regions = ("us-east-1", "eu-west-1", "us-west-2")
    kit = loud()
    look(kit.make(distributionConfigurationArn=distribution(*map(to, regions))))
    amis = mb.notifications[0].message["outputResources"]["amis"]
    assert [one["region"] for one in amis] == list(regions)
    assert [mb.amis[one["image"]].region for one in amis] == list(regions)


# Steps that wait


@pytest.mark.recorded
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_step_that_waits(transitions):
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        flow = workflow(
            waits(snsTopicArn=APPROVALS, payload="AMI of {{ $.imagebuilder.imageName }}"),
            waits("Quietly"),
        )
        arn = loud().with_workflows(flow)
        for _ in range(20):
            mb.clock.tick(minutes=5)
            status(arn)
        (told,) = mb.notifications
        assert told.topic_arn == APPROVALS
        assert told.message == {
            "imageArn": arn,
            "workflowStepExecutionId": step_of(arn, "Approve")["stepExecutionId"],
            "customPayload": "AMI of web",
        }
        CLIENT.send_workflow_step_action(
            imageBuildVersionArn=arn,
            stepExecutionId=told.message["workflowStepExecutionId"],
            action="STOP",
        )
        for _ in range(20):
            mb.clock.tick(minutes=5)
            status(arn)
        assert [one.topic_arn for one in mb.notifications] == [APPROVALS, TOPIC]
        assert mb.notifications[-1].message["state"]["status"] == "FAILED"
        run = run_of(arn, "TEST")["workflowExecutionId"]
        assert mb.notifications[-1].message["testExecutionId"] == run
