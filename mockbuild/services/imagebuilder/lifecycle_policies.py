"""Lifecycle policies: which images are deprecated, disabled and deleted, and when.

CreateLifecyclePolicy, GetLifecyclePolicy, UpdateLifecyclePolicy, DeleteLifecyclePolicy and
ListLifecyclePolicies. What policies do once a day is in ``policy_runs.py``.
"""

from typing import Any, Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, lifecycle_rules, policy_runs
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import filtered
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run, does_not_go_together
from mockbuild.services.operations import operation

_KIND: Final = "lifecycle-policy"
_SUMMARY: Final = (
    "arn", "name", "description", "status", "executionRole", "resourceType", "dateCreated",
    "dateUpdated", "dateLastRun", "tags",
)  # fmt: skip
#: Recorded of ``isPublic``: a member that nobody has set comes back as false. That these do, too,
#: is a guess.
_INCLUDED: Final = {"amis": False, "snapshots": False, "containers": False}


@operation
def create_lifecycle_policy(
    here: ImageBuilder,
    *,
    name: str,
    tags: Record | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create a lifecycle policy. It runs once a day from now on, unless it is disabled.

    That it has no ``dateUpdated`` before its first update is a guess. Its recipes need not exist.

    :param members: the settings; without a ``status`` it is enabled.
    :raises InvalidParameterValueException: a setting cannot be.
    :raises InvalidParameterCombinationException: settings do not go together.
    :raises ResourceAlreadyExistsException: the name is taken.
    :raises ServiceQuotaExceededException: there are too many policies.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    settings = _checked(members)
    arn = keeping.free_arn(here, _KIND, name)
    check_dry_run(dry_run)
    now = here.now()
    record = {"arn": str(arn), "name": name, **settings, "tags": tags or {}, "dateCreated": now}
    made = Resource(arn, record, now)
    here.shelves[_KIND].add(made)
    if record["status"] == "ENABLED":
        policy_runs.put_on_schedule(here, made)
    return {"lifecyclePolicyArn": record["arn"]}


@operation
def get_lifecycle_policy(here: ImageBuilder, *, lifecycle_policy_arn: str) -> Record:
    """Return a lifecycle policy.

    :raises ResourceNotFoundException: there is none.
    """
    return {"lifecyclePolicy": own(here, _KIND, lifecycle_policy_arn).record}


@operation
def update_lifecycle_policy(
    here: ImageBuilder,
    *,
    lifecycle_policy_arn: str,
    **members: Any,
) -> Record:
    """Replace all settings: a description that is not given is gone, a status is ENABLED.

    Disabling a policy cancels its execution, if one is under way (documented).

    :raises ResourceNotFoundException: there is no such policy.
    :raises InvalidParameterValueException: a setting cannot be.
    :raises InvalidParameterCombinationException: settings do not go together, or the policy is
        about another type of resources. The text on that is a guess.
    """
    found = own(here, _KIND, lifecycle_policy_arn)
    if members["resourceType"] != found.record["resourceType"]:
        raise does_not_go_together(
            "resourceType", "The resource type of a lifecycle policy cannot be changed."
        )
    settings = _checked(members)
    kept = keeping.chosen(found.record, "arn", "name", "tags", "dateCreated", "dateLastRun")
    found.record = {**kept, **settings, "dateUpdated": here.now()}
    if settings["status"] == "DISABLED":
        policy_runs.take_off_schedule(here, found)
    else:
        policy_runs.put_on_schedule(here, found)
    return {"lifecyclePolicyArn": lifecycle_policy_arn}


@operation
def delete_lifecycle_policy(here: ImageBuilder, *, lifecycle_policy_arn: str) -> Record:
    """Delete a lifecycle policy, and cancel its execution, if one is under way.

    What it has done stays, and so do the records of its executions; the latter is a guess.

    :raises ResourceNotFoundException: there is none.
    """
    found = own(here, _KIND, lifecycle_policy_arn)
    here.shelves[_KIND].remove(found)
    policy_runs.take_off_schedule(here, found)
    return {"lifecyclePolicyArn": lifecycle_policy_arn}


@operation
def list_lifecycle_policies(here: ImageBuilder, *, filters: list[Record] | None = None) -> Record:
    """List lifecycle policies, the newest first; can be filtered by name, resource type and status.

    :raises InvalidParameterValueException: there is no such filter.
    """
    found = filtered(
        here.shelves[_KIND].newest_first,
        filters,
        {
            "name": lambda policy: policy.name,
            "resourceType": lambda policy: policy.record["resourceType"],
            "status": lambda policy: policy.record["status"],
        },
    )
    summaries = Mapped(found, lambda policy: keeping.chosen(policy.record, *_SUMMARY))
    return {"lifecyclePolicySummaryList": summaries}


def _checked(members: Record) -> Record:
    """Return the settings that a request asks for, as the record has them."""
    lifecycle_rules.check_role(members["executionRole"])
    selection = members["resourceSelection"]
    lifecycle_rules.check_policy(members["resourceType"], members["policyDetails"], selection)
    return {
        "status": "ENABLED",
        **members,
        "policyDetails": [_filled(detail) for detail in members["policyDetails"]],
        "resourceSelection": keeping.without_nothing(selection),
    }


def _filled(detail: Record) -> Record:
    """Return a rule with what its structures have that nobody has set."""
    action, exclusions = detail["action"], detail.get("exclusionRules")
    if "includeResources" in action:
        action = {**action, "includeResources": {**_INCLUDED, **action["includeResources"]}}
    filled = {**detail, "action": action}
    if exclusions is not None and "amis" in exclusions:
        amis = {"isPublic": False, **exclusions["amis"]}
        filled["exclusionRules"] = {**exclusions, "amis": amis}
    return filled
