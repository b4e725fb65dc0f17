"""Webhooks: CreateWebhook, UpdateWebhook, DeleteWebhook.

A webhook is part of its project's record, and shown by BatchGetProjects.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from mockbuild.domain.aws_errors import (
    InvalidInputException,
    OAuthProviderException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.projects import alias, known_project
from mockbuild.services.codebuild.source_credentials import credential_for
from mockbuild.services.codebuild.webhook_rules import (
    check_filter_types,
    check_scope,
    check_webhook,
    policy_with_defaults,
)
from mockbuild.services.operations import operation

#: Ways to authorize a source that name where the credential is.
_OWN_CREDENTIAL = frozenset({"CODECONNECTIONS", "SECRETS_MANAGER"})
_REPOSITORY = re.compile(r"(?:https?://[^/]+/|git@[^:/]+:)(?P<path>[^?#]+?)(?:\.git)?/?\Z")
#: Source types whose webhooks somebody has to set up by hand at the provider.
_BY_HAND = frozenset({"GITHUB_ENTERPRISE", "NO_SOURCE"})
#: What UpdateWebhook leaves out of its answer (recorded).
_NOT_UPDATED = frozenset({"url", "payloadUrl"})


@operation
def create_webhook(here: CodeBuild, *, project_name: str, **members: Any) -> Record:
    """Create a project's webhook, with everything in it that AWS fills in by itself.

    The secret is in the answer where the webhook has to be set up at the provider by hand, and
    nowhere else. With ``manualCreation`` no access to the provider is needed, which is a guess.

    :raises ResourceNotFoundException: there is no such project, or no access to its provider.
    :raises ResourceAlreadyExistsException: the project has a webhook.
    :raises InvalidInputException: the members do not go together, or not with the source.
    :raises OAuthProviderException: the source's location is no repository.
    """
    project = known_project(here, project_name)
    if "webhook" in project.record:
        raise ResourceAlreadyExistsException(f"Webhook already exists: {project.record['arn']}")
    source = project.record["source"]
    build_type: str = members.get("buildType", "BUILD")
    check_webhook(members, source, build_type)
    _check_branch_filter(members)
    scope = members.get("scopeConfiguration")
    check_scope(scope, source)
    check_filter_types(members.get("filterGroups", ()), source["type"], _scope_of(members))
    by_hand = _is_by_hand(members, source)
    if source["type"] != "NO_SOURCE" and not members.get("manualCreation"):
        _check_access(here, source)
    record = {"payloadUrl": _payload_url(here), **_given(members), "buildType": build_type}
    if not by_hand:
        record["url"] = _url(here, source, scope)
    record.update(_filled(record, source["type"]), status="ACTIVE")
    if source["type"] != "BITBUCKET":  # whose webhooks have no secret (documented)
        record["lastModifiedSecret"] = here.now()
    project.record = {**project.record, "webhook": record}
    return {"webhook": {**record, "secret": _secret(here)} if by_hand else record}


@operation
def update_webhook(
    here: CodeBuild, *, project_name: str, rotate_secret: bool = False, **members: Any
) -> Record:
    """Change what is given; the rest stays.

    Filter groups take the place of a branch filter and the other way round, and nothing as
    either takes both away: guesses. The answer is recorded: it has no URLs, and the filters as
    they were sent.

    :raises ResourceNotFoundException: there is no such project, or it has no webhook.
    :raises InvalidInputException: the members do not go together, or not with the source.
    """
    project, before = _webhook(here, project_name)
    kind = project.record["source"]["type"]
    build_type = {**before, **members}["buildType"]
    check_webhook(members, project.record["source"], build_type)
    check_filter_types(members.get("filterGroups", ()), kind, _scope_of(before))
    if rotate_secret and kind == "BITBUCKET":
        raise InvalidInputException("Invalid webhook: source type BITBUCKET has no secret")
    record = dict(before)
    if "filterGroups" in members or "branchFilter" in members:
        record.pop("filterGroups", None)
        record.pop("branchFilter", None)
    record.update(_given(members))
    record.update(_filled(record, kind))
    if rotate_secret:
        record["lastModifiedSecret"] = here.now()
    project.record = {**project.record, "webhook": record}
    answer = {name: value for name, value in record.items() if name not in _NOT_UPDATED}
    if members.get("filterGroups"):
        answer["filterGroups"] = members["filterGroups"]
    if rotate_secret and "url" not in record:
        answer["secret"] = _secret(here)
    return {"webhook": answer}


@operation
def delete_webhook(here: CodeBuild, *, project_name: str) -> Record:
    """Delete a project's webhook.

    :raises ResourceNotFoundException: there is no such project, or it has no webhook.
    """
    project, _ = _webhook(here, project_name)
    project.record = {name: value for name, value in project.record.items() if name != "webhook"}
    return {}


def _webhook(here: CodeBuild, project_name: str) -> tuple[Project, Record]:
    """Return the project and its webhook; the text where there is none is a guess."""
    project = known_project(here, project_name)
    if "webhook" not in project.record:
        raise ResourceNotFoundException(f"Webhook cannot be found: {project.record['arn']}")
    return project, project.record["webhook"]


def _check_branch_filter(asked: Mapping[str, Any]) -> None:
    """Refuse an empty branch filter, as CreateWebhook does; code and text are recorded."""
    if asked.get("branchFilter") == "":
        raise ValidationException(
            "1 validation error detected: Value '' at 'newProjectVersion.webhook.branches' failed "
            "to satisfy constraint: Member must have length greater than or equal to 1"
        )


def _scope_of(webhook: Mapping[str, Any]) -> str | None:
    scope: str | None = webhook.get("scopeConfiguration", {}).get("scope")
    return scope


def _is_by_hand(asked: Mapping[str, Any], source: Mapping[str, Any]) -> bool:
    """Tell whether somebody has to set the webhook up at the provider (documented)."""
    everywhere = _scope_of(asked) == "GITHUB_GLOBAL"
    return bool(asked.get("manualCreation")) or source["type"] in _BY_HAND or everywhere


def _check_access(here: CodeBuild, source: Mapping[str, Any]) -> None:
    """Check that there is a way to the provider; the text is recorded for GitHub.

    It is the account's credential for that provider, or one that the source names.
    """
    if source.get("auth", {}).get("type") in _OWN_CREDENTIAL:
        return
    if credential_for(here, source["type"]) is None:
        raise ResourceNotFoundException(
            f"Could not find access token for server type {source['type'].lower()}"
        )


def _given(members: Mapping[str, Any]) -> Record:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value not in ("", [])}


def _filled(webhook: Mapping[str, Any], kind: str) -> Record:
    """Return the members to which the service adds something."""
    filled: Record = {}
    if webhook.get("filterGroups"):
        filled["filterGroups"] = _groups_with_defaults(webhook["filterGroups"])
    policy = policy_with_defaults(webhook.get("pullRequestBuildPolicy"), kind)
    if policy is not None:
        filled["pullRequestBuildPolicy"] = policy
    return filled


def _groups_with_defaults(groups: Sequence[Sequence[Record]]) -> list[list[Record]]:
    return [[{"excludeMatchedPattern": False, **item} for item in group] for group in groups]


# What follows is opaque to everybody but the service; the form of payload URL and of the URL at
# GitHub is recorded, that of the others is their providers' API's, a guess.


def _payload_url(here: CodeBuild) -> str:
    return f"https://codebuild.{here.region}.amazonaws.com/webhooks?t={alias(here, 80)}&v=1"


def _secret(here: CodeBuild) -> str:
    return here.ids.bytes(20).hex()


def _url(here: CodeBuild, source: Mapping[str, Any], scope: Mapping[str, Any] | None) -> str:
    """Return where the provider has the webhook."""
    number = here.ids.digits(9)
    kind, location = source["type"], source["location"]
    if kind == "GITHUB":
        place = f"repos/{_repository(location)}" if scope is None else f"orgs/{_name(scope)}"
        return f"https://api.github.com/{place}/hooks/{number}"
    if kind == "BITBUCKET":
        hook = quote(f"{{{here.ids.uuid()}}}")
        return f"https://api.bitbucket.org/2.0/repositories/{_repository(location)}/hooks/{hook}"
    if scope is None:
        host = urlsplit(location).netloc.rpartition("@")[2] or "gitlab.com"
        place = f"projects/{quote(_repository(location), safe='')}"
    else:
        host = urlsplit(scope.get("domain", "")).netloc or scope.get("domain") or "gitlab.com"
        place = f"groups/{_name(scope)}"
    return f"https://{host}/api/v4/{place}/hooks/{number}"


def _name(scope: Mapping[str, Any]) -> str:
    return quote(scope["name"], safe="")


def _repository(location: str) -> str:
    """Return ``owner/name``; the text where a location is no repository is recorded."""
    found = _REPOSITORY.match(location)
    if found is None or "/" not in found["path"]:
        raise OAuthProviderException(
            "Failed to create webhook. Repository not found or permission denied. Please make "
            "sure the source credentials associated with your project have the permission to "
            "create webhook."
        )
    return found["path"]
