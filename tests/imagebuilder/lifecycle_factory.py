"""Lifecycle policies, and what becomes of images by them, for tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from mockbuild import Control, mock_imagebuilder
from tests.imagebuilder.factory import ARN, CLIENT
from tests.imagebuilder.image_factory import Kit, Record, look

ROLE = "arn:aws:iam::123456789012:role/lifecycle"
POLICY = f"{ARN}:lifecycle-policy/tidy"
RECIPES: Record = {"recipes": [{"name": "web", "semanticVersion": "x.x.x"}]}

EXCLUSIONS: Record = {
    "tagMap": {"keep": "yes"},
    "amis": {
        "isPublic": True,
        "regions": ["us-west-2"],
        "sharedAccounts": ["098765432109"],
        "lastLaunched": {"value": 20, "unit": "DAYS"},
        "tagMap": {"env": "test"},
    },
}


def rule(action: str = "DELETE", /, *includes: str, **filter_: Any) -> Record:
    """Return a rule that keeps the newest, or with ``days`` one by age.

    :param includes: what it acts on besides images.
    """
    told: Record = {"type": "COUNT", "value": filter_.pop("keeps", 1)}
    if "days" in filter_:
        told = {"type": "AGE", "value": filter_.pop("days"), "unit": "DAYS", **filter_}
    detail: Record = {"action": {"type": action}, "filter": told}
    if includes:
        detail["action"]["includeResources"] = dict.fromkeys(includes, True)
    return detail


def policy(*rules: Record, name: str = "tidy", client: Any = CLIENT, **members: Any) -> str:
    """Create a policy on all images of the recipe ``web``, and return its ARN."""
    members = {
        "executionRole": ROLE,
        "resourceType": "AMI_IMAGE",
        "policyDetails": list(rules) or [rule()],
        "resourceSelection": RECIPES,
        **members,
    }
    arn: str = client.create_lifecycle_policy(name=name, **members)["lifecyclePolicyArn"]
    return arn


def get_policy(arn: str = POLICY) -> Record:
    """Return a policy."""
    record: Record = CLIENT.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    return record


def update_policy(arn: str = POLICY, client: Any = CLIENT, **members: Any) -> Record:
    """Update a policy to one of the least, but for *members*."""
    members = {
        "executionRole": ROLE,
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule()],
        "resourceSelection": RECIPES,
        **members,
    }
    response: Record = client.update_lifecycle_policy(lifecyclePolicyArn=arn, **members)
    return response


def listed_policies(**filters: str) -> list[str]:
    """Return the names of policies, those that pass filters."""
    told = [{"name": name, "values": [value]} for name, value in filters.items()]
    response = CLIENT.list_lifecycle_policies(**({"filters": told} if told else {}))
    return [one["name"] for one in response["lifecyclePolicySummaryList"]]


def make(kit: Kit, **members: Any) -> str:
    """Make an image, and look at it."""
    arn = kit.make(**members)
    look(arn, kit.client)
    return arn


def to_next_run(mb: Control, **more: float) -> None:
    """Move the clock to the next time policies run, and so much further."""
    now = datetime.fromtimestamp(mb.clock.now(), UTC)
    three = now.replace(hour=3, minute=0, second=0, microsecond=0)
    mb.clock.move_to(three + timedelta(days=now >= three))
    mb.clock.tick(**more)


def executions(arn: str = POLICY, client: Any = CLIENT) -> list[Record]:
    """Return the executions of a policy, or of an image, the newest first."""
    pages = client.get_paginator("list_lifecycle_executions").paginate(resourceArn=arn)
    return [one for page in pages for one in page["lifecycleExecutions"]]


def last_run() -> str:
    """Return the id of the policy's last execution."""
    run_id: str = executions()[0]["lifecycleExecutionId"]
    return run_id


def run_statuses() -> list[str]:
    """Return the status of each execution of the policy, the newest first."""
    return [one["state"]["status"] for one in executions()]


def execution(run_id: str) -> Record:
    """Look at an execution."""
    found: Record = CLIENT.get_lifecycle_execution(lifecycleExecutionId=run_id)
    record: Record = found["lifecycleExecution"]
    return record


def resources(run_id: str, parent: str | None = None) -> list[Record]:
    """Return what an execution acts on, or what of one image."""
    only = {} if parent is None else {"parentResourceId": parent}
    found = CLIENT.list_lifecycle_execution_resources(lifecycleExecutionId=run_id, **only)
    listed: list[Record] = found["resources"]
    return listed


def outcome(run_id: str) -> dict[str, tuple[str, str]]:
    """Return what an execution has done to images, by ARN, and how that came off."""
    return {
        one["resourceId"]: (one["action"]["name"], one["state"]["status"])
        for one in resources(run_id)
    }


def ami_of(arn: str) -> str:
    """Return the first AMI of an image."""
    ami: str = look(arn)["outputResources"]["amis"][0]["image"]
    return ami


def builds() -> list[str]:
    """Return the ARNs of all builds that there are, the newest first."""
    listed = CLIENT.list_image_build_versions()["imageSummaryList"]
    return [one["arn"] for one in listed]


def change_policy(arn: str = POLICY, **members: Any) -> None:
    """Update a policy: what is not said stays, but for the description and the status."""
    told = CLIENT.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    wanted = ("executionRole", "resourceType", "policyDetails", "resourceSelection")
    CLIENT.update_lifecycle_policy(
        lifecyclePolicyArn=arn, **{**{name: told[name] for name in wanted}, **members}
    )


def update(
    arn: str, state: str | None, *includes: str, client: Any = CLIENT, **members: Any
) -> Record:
    """Change the state of an image, and of what is included."""
    if includes:
        included = {"executionRole": ROLE, "includeResources": dict.fromkeys(includes, True)}
        members = {**included, **members}
    told = {"status": state} if state else {}
    response: Record = client.start_resource_state_update(resourceArn=arn, state=told, **members)
    return response


def in_days(mb: Control, days: float) -> datetime:
    """Return the time in so many days."""
    return datetime.fromtimestamp(mb.clock.now(), UTC) + timedelta(days=days)


@contextmanager
def bodies(operation: str) -> Iterator[list[Record]]:
    """Collect the answers to an operation as they are on the wire, before they are parsed."""
    found: list[Record] = []

    def keep(response_dict: Record, **_: Any) -> None:
        found.append(json.loads(response_dict["body"]))

    event = f"before-parse.imagebuilder.{operation}"
    CLIENT.meta.events.register(event, keep, unique_id=event)
    try:
        yield found
    finally:
        CLIENT.meta.events.unregister(event, unique_id=event)


@contextmanager
def timed() -> Iterator[Control]:
    """Enter a mock where everything takes its time, on a clock that only the test moves."""
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        yield mb
