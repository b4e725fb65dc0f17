"""Get- and CancelLifecycleExecution, ListLifecycleExecutions and -ExecutionResources."""

from datetime import timedelta
from typing import Any

import pytest

from mockbuild import Control, mock_imagebuilder
from mockbuild.engine import lifecycle_run
from mockbuild.services.imagebuilder.lifecycle_runs import Executions
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    Record,
    make_client,
    missing,
    refused,
    state_of,
)
from tests.imagebuilder.image_factory import Kit, status
from tests.imagebuilder.lifecycle_factory import (
    POLICY,
    bodies,
    builds,
    change_policy,
    execution,
    executions,
    last_run,
    make,
    outcome,
    policy,
    resources,
    rule,
    run_statuses,
    timed,
    to_next_run,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = "lce-00000000-0000-4000-8000-000000000000"


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual") as handle:
        yield handle


# Through time


@pytest.mark.docs
def test_an_execution_takes_its_time():
    with timed() as mb:
        kit = Kit()
        arns = [kit.make() for _ in range(3)]
        mb.clock.tick(hours=3)
        policy(rule("DISABLE", days=1))
        mb.clock.tick(days=1)
        to_next_run(mb)
        run_id = last_run()
        record = execution(run_id)
        assert record == {
            "lifecycleExecutionId": run_id,
            "lifecyclePolicyArn": POLICY,
            "resourcesImpactedSummary": {"hasImpactedResources": True},
            "state": {"status": "IN_PROGRESS"},
            "startTime": record["startTime"],
        }
        assert resources(run_id) == []
        seen = []
        for _ in range(4):
            mb.clock.tick(lifecycle_run.EVALUATION_SECONDS if not seen else 10)
            seen.append(
                (
                    execution(run_id)["state"]["status"],
                    [found for _, found in outcome(run_id).values()],
                    [status(arn) for arn in reversed(arns)],
                )
            )
        on, off = "AVAILABLE", "DISABLED"
        assert seen == [
            ("IN_PROGRESS", ["IN_PROGRESS"], [on, on, on]),
            ("IN_PROGRESS", ["SUCCESS", "IN_PROGRESS"], [off, on, on]),
            ("IN_PROGRESS", ["SUCCESS", "SUCCESS", "IN_PROGRESS"], [off, off, on]),
            ("SUCCESS", ["SUCCESS"] * 3, [off, off, off]),
        ]
        first, second, third = resources(run_id)
        assert first["startTime"] == record["startTime"] + timedelta(seconds=1)
        assert (first["endTime"], second["endTime"]) == (second["startTime"], third["startTime"])
        assert execution(run_id)["endTime"] == third["endTime"]


@pytest.mark.docs
def test_what_an_execution_is_at_has_no_end():
    with timed() as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        policy(rule("DISABLE", "amis", days=1))
        mb.clock.tick(days=1)
        to_next_run(mb, seconds=5)
        (one,) = resources(last_run())
        assert one == {
            "accountId": "123456789012",
            "resourceId": arn,
            "region": "us-east-1",
            "action": {"name": "DISABLE", "reason": "The image is older than 1 day."},
            "state": {"status": "IN_PROGRESS"},
            "startTime": one["startTime"],
        }
        assert resources(last_run(), arn) == []


@pytest.mark.docs
def test_looks_move_an_execution_step_by_step():
    with mock_imagebuilder(transitions="stepped", clock="virtual") as mb:
        kit = Kit()
        arns = [kit.make() for _ in range(2)]
        for arn in arns:
            while status(arn) != "AVAILABLE":
                pass
        policy(rule("DISABLE", days=1))
        mb.clock.tick(days=1)
        to_next_run(mb)
        CLIENT.list_lifecycle_policies()  # any call, that what is due is done
        run_id = [*state_of(mb).store(Executions).by_id][-1]
        seen = [execution(run_id)["state"]["status"] for _ in range(3)]
        assert seen == ["IN_PROGRESS", "IN_PROGRESS", "SUCCESS"]
        assert outcome(run_id) == dict.fromkeys(reversed(arns), ("DISABLE", "SUCCESS"))


@pytest.mark.docs
def test_there_is_one_execution_of_a_policy_at_a_time(monkeypatch):
    monkeypatch.setattr(lifecycle_run, "IMAGE_SECONDS", 100_000.0)
    with timed() as mb:
        kit = Kit()
        for _ in range(3):
            kit.make()
        mb.clock.tick(hours=3)
        policy(rule("DISABLE", days=1))
        mb.clock.tick(days=1)
        to_next_run(mb)
        first = last_run()
        mb.clock.tick(days=3)
        assert (last_run(), run_statuses()[0]) == (first, "IN_PROGRESS")
        mb.clock.tick(days=1)
        assert last_run() != first
        assert execution(first)["state"]["status"] == "SUCCESS"


@pytest.mark.docs
def test_what_is_deleted_before_its_turn_is_a_success():
    with timed() as mb:
        kit = Kit()
        first, second = kit.make(), kit.make()
        mb.clock.tick(hours=3)
        policy(rule(days=1))
        mb.clock.tick(days=1)
        to_next_run(mb, seconds=5)
        CLIENT.delete_image(imageBuildVersionArn=first)
        mb.clock.tick(minutes=1)
        assert outcome(last_run()) == dict.fromkeys((second, first), ("DELETE", "SUCCESS"))
        assert run_statuses()[0] == "SUCCESS"


@pytest.mark.inferred
def test_what_is_disabled_before_its_turn_cannot_be_deprecated():
    with timed() as mb:
        arn = Kit().make()
        mb.clock.tick(hours=3)
        policy(rule("DEPRECATE", days=1))
        mb.clock.tick(days=1)
        to_next_run(mb, seconds=5)
        CLIENT.start_resource_state_update(resourceArn=arn, state={"status": "DISABLED"})
        mb.clock.tick(minutes=1)
        (one,) = resources(last_run())
        assert one["state"] == {
            "status": "FAILED",
            "reason": "An image in state DISABLED cannot be DEPRECATED.",
        }
        assert status(arn) == "DISABLED"


# Cancelling


def under_way(mb: Control, count: int = 3) -> tuple[list[str], str]:
    """Return images, and the id of an execution that is at the second of them, the newest first."""
    kit = Kit()
    arns = [kit.make() for _ in range(count)]
    mb.clock.tick(hours=3)
    policy(rule("DISABLE", days=1))
    mb.clock.tick(days=1)
    to_next_run(mb, seconds=15)
    return arns[::-1], last_run()


def cancel(run_id: str, client: Any = CLIENT) -> Record:
    response: Record = client.cancel_lifecycle_execution(lifecycleExecutionId=run_id)
    return response


@pytest.mark.docs
def test_a_cancelled_execution_finishes_what_it_is_at():
    with timed() as mb:
        arns, run_id = under_way(mb)
        response = cancel(run_id)
        del response["ResponseMetadata"]
        assert response == {"lifecycleExecutionId": run_id}
        assert execution(run_id)["state"] == {"status": "CANCELLING"}
        assert "endTime" not in execution(run_id)
        mb.clock.tick(minutes=5)
        record = execution(run_id)
        assert record["state"] == {"status": "CANCELLED"}
        assert record["endTime"] - record["startTime"] == timedelta(seconds=21)
        assert [status(arn) for arn in arns] == ["DISABLED", "DISABLED", "AVAILABLE"]
        assert outcome(run_id) == dict.fromkeys(arns[:2], ("DISABLE", "SUCCESS"))
        found = CLIENT.list_lifecycle_execution_resources(lifecycleExecutionId=run_id)
        assert found["lifecycleExecutionState"] == {"status": "CANCELLED"}
        mb.clock.tick(days=1)
        assert [status(arn) for arn in arns] == ["DISABLED"] * 3


@pytest.mark.docs
def test_an_execution_that_is_over_cannot_be_cancelled():
    with timed() as mb:
        _, run_id = under_way(mb)
        cancel(run_id)
        mb.clock.tick(seconds=5.5)
        cancel(run_id)  # while it is CANCELLING, this changes nothing
        mb.clock.tick(minutes=5)
        record = execution(run_id)
        assert record["endTime"] - record["startTime"] == timedelta(seconds=21)
        with refused(parameter="lifecycleExecutionId"):
            cancel(run_id)
        mb.clock.tick(days=1)
        with refused(parameter="lifecycleExecutionId"):
            cancel(last_run())
        assert execution(last_run())["state"]["status"] == "SUCCESS"


@pytest.mark.docs
@pytest.mark.parametrize("how", ["delete", "disable"])
def test_what_ends_a_policy_cancels_its_execution(how):
    with timed() as mb:
        arns, run_id = under_way(mb)
        if how == "delete":
            CLIENT.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)
        else:
            change_policy(status="DISABLED")
        assert execution(run_id)["state"]["status"] == "CANCELLING"
        mb.clock.tick(days=2)
        assert execution(run_id)["state"]["status"] == "CANCELLED"
        assert execution(run_id)["lifecyclePolicyArn"] == POLICY
        assert [status(arn) for arn in arns] == ["DISABLED", "DISABLED", "AVAILABLE"]
        assert len(executions()) == 1 + 1  # of the day before, when no image was old enough


@pytest.mark.model
def test_a_client_token_cancels_once():
    with timed() as mb:
        _, run_id = under_way(mb)
        token = {"clientToken": "once"}
        CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=run_id, **token)
        mb.clock.tick(minutes=5)
        CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=run_id, **token)
        with refused("IdempotentParameterMismatchException"):
            CLIENT.cancel_lifecycle_execution(lifecycleExecutionId=NEVER, **token)


# Asking


@pytest.mark.docs
def test_an_execution_that_finds_nothing(mb):
    policy()
    to_next_run(mb, hours=1)
    record = execution(last_run())
    assert record["resourcesImpactedSummary"] == {"hasImpactedResources": False}
    assert record["state"] == {"status": "SUCCESS"}
    assert resources(last_run()) == []


@pytest.mark.model
def test_times_are_numbers_on_the_wire(mb):
    arn = make(Kit())
    policy(rule("DEPRECATE", days=1))
    mb.clock.tick(days=2)
    with bodies("ListLifecycleExecutions") as listed, bodies("GetImage") as images:
        found = executions()
        status(arn)
    shown = listed[0]["lifecycleExecutions"][0]
    for name in ("startTime", "endTime"):
        assert shown[name] == found[0][name].timestamp()
    image = images[0]["image"]
    assert isinstance(image["deprecationTime"], float | int)
    assert isinstance(image["dateCreated"], str)
    with bodies("ListLifecycleExecutionResources") as resources_:
        resources(found[-1]["lifecycleExecutionId"])
        resources(found[0]["lifecycleExecutionId"])
    times = [one["startTime"] for body in resources_ for one in body["resources"]]
    assert times
    assert all(isinstance(one, float | int) for one in times)


@pytest.mark.docs
def test_parents_that_an_execution_has_nothing_to_do_with(mb):
    policy()
    to_next_run(mb, hours=1)
    for parent in (f"{IMAGE}/1", "ami-12345678", "x" * 1024):
        assert resources(last_run(), parent) == []


@pytest.mark.inferred
@pytest.mark.parametrize("client_", [CLIENT, OTHER, FRANKFURT], ids=["here", "account", "region"])
def test_executions_that_are_not_there(mb, client_):
    policy()
    to_next_run(mb, hours=1)
    run_id = NEVER if client_ is CLIENT else last_run()
    with missing():
        client_.get_lifecycle_execution(lifecycleExecutionId=run_id)
    with missing():
        client_.list_lifecycle_execution_resources(lifecycleExecutionId=run_id)
    with missing():
        cancel(run_id, client_)
    assert bool(executions(client=client_)) is (client_ is CLIENT)


@pytest.mark.model
@pytest.mark.parametrize("run_id", ["lce-1", NEVER.upper(), NEVER[4:]])
def test_ids_that_are_none(client, run_id):
    with refused(parameter="lifecycleExecutionId"):
        client.get_lifecycle_execution(lifecycleExecutionId=run_id)
    with refused(parameter="lifecycleExecutionId"):
        client.list_lifecycle_execution_resources(lifecycleExecutionId=run_id)
    with refused(parameter="lifecycleExecutionId"):
        cancel(run_id)


@pytest.mark.docs
@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}:image-pipeline/web",
        f"{ARN}:image-recipe/web/1.0.0",
        f"{ARN}:component/tool/1.0.0/1",
        f"{ARN}:image/web/1.0.0",
        f"{ARN}:image/web/x.x.x",
        f"{POLICY}/1.0.0",
    ],
)
def test_arns_of_what_has_no_executions(client, arn):
    with refused(parameter="resourceArn"):
        executions(arn)


@pytest.mark.inferred
@pytest.mark.parametrize("arn", [POLICY, f"{IMAGE}/1", POLICY.replace("123456789012", "aws")])
def test_arns_of_what_is_not_there(client, arn):
    assert executions(arn) == []


@pytest.mark.docs
def test_images_have_only_the_executions_that_were_asked_for(mb):
    kit = Kit()
    first, _ = make(kit), make(kit)
    policy(rule("DEPRECATE", days=1))
    mb.clock.tick(days=3)
    assert status(first) == "DEPRECATED"
    assert executions(first) == []


@pytest.mark.model
def test_lists_come_in_pages(mb):
    kit = Kit()
    for _ in range(6):
        make(kit)
    policy(rule(keeps=1))
    mb.clock.tick(days=5)
    pages = CLIENT.get_paginator("list_lifecycle_executions").paginate(
        resourceArn=POLICY, PaginationConfig={"PageSize": 2}
    )
    found = [page["lifecycleExecutions"] for page in pages]
    assert [len(one) for one in found] == [2, 2, 1]
    run_id = found[2][0]["lifecycleExecutionId"]
    shown = CLIENT.get_paginator("list_lifecycle_execution_resources").paginate(
        lifecycleExecutionId=run_id, PaginationConfig={"PageSize": 2}
    )
    numbers = [one["resourceId"][-1] for page in shown for one in page["resources"]]
    assert numbers == list("54321")


@pytest.mark.docs
def test_two_regions_side_by_side(mb):
    here, there = Kit(), Kit(FRANKFURT)
    for kit in (here, there):
        for _ in range(2):
            kit.client.get_image(imageBuildVersionArn=kit.make())
    arn = policy(rule(keeps=1), client=FRANKFURT)
    mb.clock.tick(days=1)
    assert len(builds()) == 2
    assert len(FRANKFURT.list_image_build_versions()["imageSummaryList"]) == 1
    assert len(executions(arn, FRANKFURT)) == 1
    assert executions(arn) == []


@pytest.mark.docs
def test_two_accounts_side_by_side(mb):
    third = make_client(account="111122223333")
    policy(client=third)
    policy(client=OTHER)
    mb.clock.tick(days=1)
    for client in (third, OTHER):
        (one,) = client.list_lifecycle_policies()["lifecyclePolicySummaryList"]
        assert len(executions(one["arn"], client)) == 1
    assert executions() == []
