"""What makes a webhook valid. The texts are guesses, worded like their neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.domain.java_regex import PatternError, compile_pattern
from mockbuild.domain.webhook_filters import EVENTS, FILTER_TYPES, events_of

Record = dict[str, Any]

#: Where a project that hears of many repositories has its source (documented).
ANY_REPOSITORY: Final = "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION"
#: What starts the jobs of a pipeline of Buildkite's.
BUILDKITE: Final = "RUNNER_BUILDKITE_BUILD"
_GITHUB_SCOPES = frozenset({"GITHUB_ORGANIZATION", "GITHUB_GLOBAL"})
_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "GITHUB": _GITHUB_SCOPES,
    "GITHUB_ENTERPRISE": _GITHUB_SCOPES,
    "GITLAB": frozenset({"GITLAB_GROUP"}),
    "GITLAB_SELF_MANAGED": frozenset({"GITLAB_GROUP"}),
}
#: Who may approve pull requests unless the policy says: recorded for GitHub, for the others a
#: guess, those who may push.
_GITHUB_ROLES = ("GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN")
_GITLAB_ROLES = ("GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER")
_APPROVERS: Final[Mapping[str, Sequence[str]]] = {
    "GITHUB": _GITHUB_ROLES,
    "GITHUB_ENTERPRISE": _GITHUB_ROLES,
    "GITLAB": _GITLAB_ROLES,
    "GITLAB_SELF_MANAGED": _GITLAB_ROLES,
    "BITBUCKET": ("BITBUCKET_WRITE", "BITBUCKET_ADMIN"),
}
_SHOWN = 100


def check_webhook(asked: Mapping[str, Any], source: Mapping[str, Any], build_type: str) -> None:
    """Check a request to create or change a webhook.

    :param asked: the request's members.
    :param source: the project's source.
    :param build_type: what the webhook starts, as it would be.
    :raises InvalidInputException: the first rule that is broken.
    """
    kind = source["type"]
    if kind not in EVENTS or (kind == "NO_SOURCE") != (build_type == BUILDKITE):
        raise InvalidInputException(
            f"Source type {kind} does not support Webhook with build type {build_type}"
        )
    if asked.get("branchFilter") and asked.get("filterGroups"):
        raise InvalidInputException(
            "Invalid webhook: branchFilter and filterGroups cannot be used together"
        )
    if "branchFilter" in asked:
        _check_pattern("branchFilter", asked["branchFilter"])
    for group in asked.get("filterGroups", ()):
        _check_group(group, kind)
    _check_roles(asked.get("pullRequestBuildPolicy", {}), kind)
    if asked.get("manualCreation") and kind == "BITBUCKET":
        raise InvalidInputException(
            "Invalid webhook: manualCreation is not supported for source type BITBUCKET"
        )


def _check_group(group: Sequence[Mapping[str, Any]], kind: str) -> None:
    if not any(item["type"] == "EVENT" for item in group):
        raise InvalidInputException(
            "Invalid webhook filter group: at least one filter of type EVENT is required"
        )
    for item in group:
        if item["type"] == "EVENT":
            _check_events(item["pattern"], kind)
        else:
            _check_pattern(item["type"], item["pattern"])


def _check_events(pattern: str, kind: str) -> None:
    for event in events_of(pattern):
        if event not in EVENTS[kind]:
            raise InvalidInputException(
                f"Invalid webhook filter pattern: event '{event[:_SHOWN]}' is not supported for "
                f"source type {kind}"
            )


def _check_pattern(what: str, pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        raise InvalidInputException(
            f"Invalid webhook filter pattern for {what}: '{pattern[:_SHOWN]}' is not a valid "
            f"regular expression: {error}"
        ) from None


def check_filter_types(
    groups: Sequence[Sequence[Mapping[str, Any]]], kind: str, scope: str | None
) -> None:
    """Check that filters are about something that events of this webhook have.

    One that fits the provider but not the events of its group, such as BASE_REF for pushes, is
    let through and never holds: infrastructure code with such filters is about.

    :param scope: what the webhook hears of, if it is more than a repository.
    :raises InvalidInputException: the provider has no such filter.
    """
    allowed = FILTER_TYPES[kind]
    if scope is not None:
        allowed |= {"REPOSITORY_NAME"}
    if scope == "GITHUB_GLOBAL":
        allowed |= {"ORGANIZATION_NAME"}
    for group in groups:
        for item in group:
            if item["type"] not in allowed:
                raise InvalidInputException(
                    f"Invalid webhook filter: type {item['type']} is not supported for this "
                    f"webhook with source type {kind}"
                )


def check_scope(scope: Mapping[str, Any] | None, source: Mapping[str, Any]) -> None:
    """Check that source and scope agree on whether the webhook hears of many repositories.

    :raises InvalidInputException: they do not.
    """
    kind = source["type"]
    if (source.get("location") == ANY_REPOSITORY) != (scope is not None):
        raise InvalidInputException(
            f"Invalid webhook: scopeConfiguration requires source location {ANY_REPOSITORY}, and "
            "the other way round"
        )
    if scope is None:
        return
    if scope["scope"] not in _SCOPES.get(kind, ()):
        raise InvalidInputException(
            f"Invalid scopeConfiguration: scope {scope['scope']} is not supported for source "
            f"type {kind}"
        )
    if kind in ("GITHUB_ENTERPRISE", "GITLAB_SELF_MANAGED") and not scope.get("domain"):
        raise InvalidInputException(
            f"Invalid scopeConfiguration: domain is required for source type {kind}"
        )


def _check_roles(policy: Mapping[str, Any], kind: str) -> None:
    provider = kind.partition("_")[0]
    for role in policy.get("approverRoles", ()):
        if role.partition("_")[0] != provider:
            raise InvalidInputException(
                f"Invalid pullRequestBuildPolicy: role {role} is not supported for source type "
                f"{kind}"
            )


def policy_with_defaults(policy: Mapping[str, Any] | None, kind: str) -> Record | None:
    """Return who has to approve which pull requests, with what the service fills in.

    Recorded for GitHub. That the others have the same default, that a disabled policy gets no
    roles, and that no roles are as good as none given, are guesses.
    """
    if kind not in _APPROVERS:
        return None
    filled: Record = {"requiresCommentApproval": "ALL_PULL_REQUESTS", **(policy or {})}
    if filled["requiresCommentApproval"] != "DISABLED" and not filled.get("approverRoles"):
        filled["approverRoles"] = list(_APPROVERS[kind])
    return filled
