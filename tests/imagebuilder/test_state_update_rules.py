"""StartResourceStateUpdate: in which states, and with what, it is possible."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mockbuild import Control, mock_imagebuilder
from mockbuild.domain.image_lifecycle import MAKING, UPDATES
from tests.imagebuilder.factory import ARN, CLIENT, FRANKFURT, OTHER, RAW, missing, refused, wrong
from tests.imagebuilder.image_factory import Kit, look, status
from tests.imagebuilder.lifecycle_factory import (
    ROLE,
    builds,
    execution,
    executions,
    in_days,
    make,
    outcome,
    policy,
    rule,
    timed,
    update,
)

COMBINATION = "InvalidParameterCombinationException"
NEVER = f"{ARN}:image/web/1.0.0/9"


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual") as handle:
        yield handle


def make_one() -> str:
    """Make an image, and look at it."""
    return make(Kit())


def in_state(mb: Control, state: str) -> str:
    """Return an image in a state that it stays in."""
    kit = Kit()
    if state == "FAILED":
        mb.script(image="web", times=1).fails()
    arn = kit.make()
    if state == "CANCELLED":
        CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    elif state not in ("AVAILABLE", "FAILED"):
        look(arn)
        update(arn, state)
    assert status(arn) == state
    return arn


# Which states


@pytest.mark.docs
@pytest.mark.parametrize("target", list(UPDATES))
@pytest.mark.parametrize("state", ["AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED"])
def test_which_state_can_follow_which(mb, state, target):
    arn = in_state(mb, state)
    includes = ("amis",) if target == "DELETED" else ()
    if state in UPDATES[target]:
        update(arn, target, *includes)
        assert (arn in builds()) is (target != "DELETED")
        assert target == "DELETED" or status(arn) == target
    else:
        sentence = f"An image in state {state} cannot be {target}."
        with refused(message=wrong("state.status", sentence)):
            update(arn, target, *includes)
        assert status(arn) == state


@pytest.mark.docs
@pytest.mark.parametrize("target", list(UPDATES))
def test_an_image_that_is_being_made_stays(target):
    with timed():
        arn = Kit().make()
        assert status(arn) in MAKING
        with refused("ResourceInUseException"):
            update(arn, target, "amis")


@pytest.mark.docs
def test_an_image_has_one_execution_at_a_time():
    with timed() as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        first = update(arn, "DEPRECATED", "amis")["lifecycleExecutionId"]
        with refused("ResourceInUseException"):
            update(arn, "DISABLED", "amis")
        assert execution(first)["state"] == {"status": "IN_PROGRESS"}
        assert status(arn) == "AVAILABLE"
        mb.clock.tick(minutes=1)
        assert status(arn) == "DEPRECATED"
        update(arn, "DISABLED", "amis")
        mb.clock.tick(minutes=1)
        assert status(arn) == "DISABLED"


@pytest.mark.docs
def test_a_deprecation_for_later_is_in_the_way_of_executions_only(mb):
    arn = make_one()
    update(arn, "DEPRECATED", updateAt=in_days(mb, 30))
    for more in (
        {"updateAt": in_days(mb, 3)},
        {"includeResources": {"amis": True}, "executionRole": ROLE},
    ):
        with refused("ResourceInUseException"):
            update(arn, "DEPRECATED", **more)
    update(arn, "DISABLED")
    assert status(arn) == "DISABLED"


@pytest.mark.docs
def test_the_execution_of_a_policy_is_in_the_way_too():
    with timed() as mb:
        kit = Kit()
        first, second = kit.make(), kit.make()
        mb.clock.tick(hours=3)
        policy(rule("DISABLE", days=1))
        mb.clock.tick(days=1)
        now = datetime.fromtimestamp(mb.clock.now(), UTC)
        mb.clock.move_to(now.replace(hour=3, minute=0, second=15) + timedelta(days=now.hour >= 3))
        assert [status(second), status(first)] == ["DISABLED", "AVAILABLE"]
        with refused("ResourceInUseException"):
            update(first, "DEPRECATED", "amis")
        update(second, "DELETED", "amis")


@pytest.mark.inferred
def test_an_execution_that_nobody_looks_at_is_not_in_the_way(mb):
    arn = make_one()
    for state in ("DEPRECATED", "DISABLED", "AVAILABLE"):
        update(arn, state, "amis")
    assert status(arn) == "AVAILABLE"
    assert [one["state"]["status"] for one in executions(arn)] == ["SUCCESS"] * 3


@pytest.mark.docs
def test_there_can_be_so_many_at_work():
    with timed() as mb:
        mb.quotas["concurrent_resource_state_update"] = 2
        kit = Kit()
        arns = [kit.make() for _ in range(4)]
        mb.clock.tick(hours=3)
        update(arns[0], "DEPRECATED", updateAt=in_days(mb, 30))
        mb.clock.tick(minutes=1)  # it waits now
        update(arns[1], "DISABLED", "amis")
        update(arns[2], "DISABLED", "amis")
        with refused("ServiceQuotaExceededException", status=402):
            update(arns[3], "DISABLED", "amis")
        update(arns[3], "DISABLED")
        mb.clock.tick(minutes=1)
        update(arns[3], "DELETED", "amis")


@pytest.mark.docs
def test_cancelling_comes_too_late_for_one_image():
    with timed() as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        run_id = update(arn, "DISABLED", "amis")["lifecycleExecutionId"]
        mb.clock.tick(seconds=5)
        CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=run_id)
        assert execution(run_id)["state"] == {"status": "CANCELLING"}
        mb.clock.tick(minutes=1)
        assert execution(run_id)["state"] == {"status": "CANCELLED"}
        assert status(arn) == "DISABLED"
        assert outcome(run_id) == {arn: ("DISABLE", "SUCCESS")}


@pytest.mark.docs
def test_cancelling_before_it_begins(mb):
    arn = make_one()
    run_id = update(arn, "DISABLED", "amis")["lifecycleExecutionId"]
    CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=run_id)
    assert execution(run_id)["state"]["status"] == "CANCELLED"


# What does not go together


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("state", "members", "code", "parameter", "sentence"),
    [
        *(
            pytest.param(
                "DISABLED",
                members,
                COMBINATION,
                "executionRole",
                "You must specify both executionRole and includeResources, or neither.",
                id=name,
            )
            for name, members in (
                ("role-alone", {"executionRole": ROLE}),
                ("resources-alone", {"includeResources": {"amis": True}}),
            )
        ),
        *(
            pytest.param(
                "DELETED",
                members,
                COMBINATION,
                "includeResources",
                "You must include at least one type of resources to delete an image.",
                id=name,
            )
            for name, members in (
                ("delete-nothing", {}),
                ("delete-none", {"includeResources": {"amis": False}, "executionRole": ROLE}),
                ("delete-empty", {"includeResources": {}, "executionRole": ROLE}),
            )
        ),
        *(
            pytest.param(
                state,
                {"includeResources": {"amis": True, name: True}, "executionRole": ROLE},
                COMBINATION,
                f"includeResources.{name}",
                f"Only AMIs can be included when the action is {state}.",
                id=f"{state}-{name}",
            )
            for state in ("DEPRECATED", "DISABLED")
            for name in ("snapshots", "containers")
        ),
        pytest.param(
            "DELETED",
            {"includeResources": {"snapshots": True}, "executionRole": ROLE},
            COMBINATION,
            "includeResources.snapshots",
            "Snapshots can be included only together with AMIs.",
            id="snapshots-without-amis",
        ),
        pytest.param(
            "DISABLED",
            {"updateAt": 4102444800},
            COMBINATION,
            "updateAt",
            "It can be used only with the state DEPRECATED.",
            id="disable-later",
        ),
        *(
            pytest.param(
                "DEPRECATED",
                {"updateAt": at},
                "InvalidParameterValueException",
                "updateAt",
                "It must be a time in the future.",
                id=f"at-{at}",
            )
            for at in (0, 1_000_000_000)
        ),
        pytest.param(
            "DISABLED",
            {
                "includeResources": {"amis": True},
                "executionRole": "AWSServiceRoleForImageBuilder",
            },
            "InvalidParameterValueException",
            "executionRole",
            "The provided role does not exist or does not have sufficient permissions.",
            id="service-linked-role",
        ),
    ],
)
def test_what_does_not_go_together(mb, state, members, code, parameter, sentence):
    arn = make_one()
    with refused(code, wrong(parameter, sentence)):
        update(arn, state, **members)
    assert (status(arn), executions(arn)) == ("AVAILABLE", [])


@pytest.mark.docs
@pytest.mark.parametrize(
    ("state", "members"),
    [
        pytest.param(
            "DISABLED", {"includeResources": {"amis": False}, "executionRole": "r"}, id="no-amis"
        ),
        pytest.param("DEPRECATED", {"updateAt": 4102444800}, id="much-later"),
        pytest.param(
            "DELETED",
            {"includeResources": {"amis": True, "containers": True}, "executionRole": ROLE},
            id="everything",
        ),
    ],
)
def test_what_goes_together(mb, state, members):
    assert update(make_one(), state, **members)["resourceArn"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"state": {"status": "FAILED"}}, "state.status"),
        ({"resourceArn": f"{ARN}:image/web/1.0.0"}, "resourceArn"),
        ({"resourceArn": f"{ARN}:component/web/1.0.0/1"}, "resourceArn"),
        (
            {"exclusionRules": {"amis": {"lastLaunched": {"value": 366, "unit": "DAYS"}}}},
            "exclusionRules.amis.lastLaunched.value",
        ),
        (
            {"exclusionRules": {"amis": {"sharedAccounts": ["1"]}}},
            "exclusionRules.amis.sharedAccounts[0]",
        ),
    ],
)
def test_what_the_model_forbids(mb, members, parameter):
    told = {"resourceArn": make_one(), "state": {"status": "DISABLED"}, **members}
    with refused(parameter=parameter):
        RAW.start_resource_state_update(**told)


@pytest.mark.inferred
@pytest.mark.parametrize("at", ["253402300800", "1e300", "-1", "NaN", "Infinity"])
def test_times_that_no_client_of_botocores_sends(mb, at):
    arn = make_one()

    def send(params: dict[str, Any], **_: Any) -> None:
        params["body"] = params["body"].replace(b"4102444800", at.encode())

    event = "before-call.imagebuilder.StartResourceStateUpdate"
    CLIENT.meta.events.register(event, send, unique_id=event)
    try:
        with pytest.raises(ClientError) as caught:
            update(arn, "DEPRECATED", updateAt=4102444800)
    finally:
        CLIENT.meta.events.unregister(event, unique_id=event)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert status(arn) == "AVAILABLE"


@pytest.mark.inferred
def test_a_state_has_to_be_said(mb):
    arn = make_one()
    with refused("InvalidParameterException", "The parameter 'state.status' is required."):
        update(arn, None)


@pytest.mark.docs
@pytest.mark.parametrize("client", [CLIENT, OTHER, FRANKFURT], ids=["here", "account", "region"])
def test_what_is_not_there(mb, client):
    arn = NEVER if client is CLIENT else make_one()
    with missing():
        update(arn, "DISABLED", client=client)


@pytest.mark.docs
def test_images_of_amazon_are_not_ones_own(mb):
    (image, *_) = CLIENT.list_images(owner="Amazon")["imageVersionList"]
    with missing():
        update(f"{image['arn']}/1", "DISABLED")


@pytest.mark.model
def test_a_client_token_starts_one(mb):
    arn = make_one()
    first = update(arn, "DISABLED", "amis", clientToken="once")["lifecycleExecutionId"]
    again = update(arn, "DISABLED", "amis", clientToken="once")["lifecycleExecutionId"]
    assert first == again
    assert len(executions(arn)) == 1
    with refused("IdempotentParameterMismatchException"):
        update(arn, "AVAILABLE", clientToken="once")
