"""What has to hold across the members of a lifecycle policy, and of a change of an image's state.

The rules are documented. How their breaches are worded is a guess, made by the template that all
recorded texts follow, but for the text on roles.
"""

from typing import Final

from mockbuild.domain.versions import VersionError, Wanted
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid

#: What service-linked roles have in their ARNs, and what their names begin with.
_SERVICE_LINKED: Final = ("aws-service-role/", "AWSServiceRoleFor")
#: Which resources a policy can include, by the type of images it is about, documented in AWS's own
#: CDK constructs.
_INCLUDED: Final = {"AMI_IMAGE": ("amis", "snapshots"), "CONTAINER_IMAGE": ("containers",)}
_INCLUDABLE: Final = {"amis": "AMIs", "snapshots": "snapshots", "containers": "containers"}


def check_role(role: str) -> None:
    """Make sure that a role can be used to change images; one linked to a service cannot.

    The text is recorded for a role that is not there; that it is the one for these is a guess.

    :param role: its name or ARN.
    :raises InvalidParameterValueException: it is linked to a service.
    """
    path = role.partition(":role/")[2] or role
    if path.startswith(_SERVICE_LINKED):
        raise invalid(
            "executionRole",
            "The provided role does not exist or does not have sufficient permissions.",
        )


def check_policy(resource_type: str, details: list[Record], selection: Record) -> None:
    """Make sure that what a policy says goes together.

    :param resource_type: ``AMI_IMAGE`` or ``CONTAINER_IMAGE``.
    :param details: ``policyDetails``.
    :param selection: ``resourceSelection``.
    :raises InvalidParameterValueException: a value cannot be.
    :raises InvalidParameterCombinationException: values do not go together.
    """
    actions: set[str] = set()
    for number, detail in enumerate(details):
        path = f"policyDetails[{number}]"
        action = detail["action"]["type"]
        if action in actions:
            raise invalid(
                f"{path}.action.type", f"A policy can have only one rule with the action {action}."
            )
        actions.add(action)
        _check_action(resource_type, detail, path)
        _check_filter(action, detail["filter"], f"{path}.filter")
    _check_selection(selection)


def _check_action(resource_type: str, detail: Record, path: str) -> None:
    action = detail["action"]["type"]
    if resource_type == "CONTAINER_IMAGE":
        if action != "DELETE":
            raise does_not_go_together(
                f"{path}.action.type",
                "Policies for container images support only the action DELETE.",
            )
        if detail.get("exclusionRules", {}).get("amis"):
            raise does_not_go_together(
                f"{path}.exclusionRules.amis", "Policies for container images cannot exclude AMIs."
            )
    include = detail["action"].get("includeResources", {})
    for name, plural in _INCLUDABLE.items():
        if include.get(name) and name not in _INCLUDED[resource_type]:
            raise does_not_go_together(
                f"{path}.action.includeResources.{name}",
                f"A policy with the resource type {resource_type} cannot include {plural}.",
            )
    check_included(action, include, f"{path}.action.includeResources")


def check_included(action: str, include: Record, path: str) -> None:
    """Make sure that an action can include what it is to include.

    :param action: what is done, for the words of an error as well: ``DELETE``, ``DELETED`` …
    :param include: ``includeResources``.
    :param path: where that stands.
    :raises InvalidParameterCombinationException: it cannot.
    """
    if not action.startswith("DELETE"):
        for name in ("snapshots", "containers"):
            if include.get(name):
                raise does_not_go_together(
                    f"{path}.{name}", f"Only AMIs can be included when the action is {action}."
                )
    if include.get("snapshots") and not include.get("amis"):
        raise does_not_go_together(
            f"{path}.snapshots", "Snapshots can be included only together with AMIs."
        )


def _check_filter(action: str, rule: Record, path: str) -> None:
    """Check a rule's filter.

    ``retainAtLeast`` is accepted with any action, as deployed templates show. That neither it nor
    ``unit`` can be given with a count is a guess.
    """
    if rule["type"] == "AGE":
        if "unit" not in rule:
            raise does_not_go_together(f"{path}.unit", "A filter of type AGE requires a unit.")
        return
    if action != "DELETE":
        raise does_not_go_together(
            f"{path}.type", "A filter of type COUNT can be used only with the action DELETE."
        )
    for name in ("unit", "retainAtLeast"):
        if name in rule:
            raise does_not_go_together(
                f"{path}.{name}", f"{name} can be used only with a filter of type AGE."
            )


def _check_selection(selection: Record) -> None:
    recipes, tags = selection.get("recipes"), selection.get("tagMap")
    if bool(recipes) == bool(tags):
        raise does_not_go_together(
            "resourceSelection", "You must specify either recipes or tagMap, but not both."
        )
    for number, recipe in enumerate(recipes or ()):
        try:
            Wanted.parse(recipe["semanticVersion"])
        except VersionError as error:
            path = f"resourceSelection.recipes[{number}].semanticVersion"
            raise invalid(path, f"{error}.") from None
