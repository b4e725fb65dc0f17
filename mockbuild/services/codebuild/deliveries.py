"""What happens when a provider tells a project's webhook that something happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.webhook_filters import EVENTS, WebhookEvent, as_told_by, decide
from mockbuild.errors import ConfigurationError
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.batches import start_project_batch
from mockbuild.services.codebuild.starting import Start, start_project

_BRANCHES = "refs/heads/"
_TAGS = "refs/tags/"
#: Providers whose pull requests can be a source version (documented).
_PULL_REQUEST_VERSIONS = frozenset({"GITHUB", "GITHUB_ENTERPRISE"})
#: Providers that tell of the commit a squash has made (documented).
_SQUASHES = frozenset({"BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED"})
_HOSTS = {"GITHUB": "github.com", "GITLAB": "gitlab.com"}
#: Who a build is started by: the user agent of who delivers. That is recorded for GitHub, whose
#: agent ends in a hash; for the others it is a guess.
_AGENTS: Final[Mapping[str, str]] = {
    "BITBUCKET": "Bitbucket-Webhooks/2.0",
    "GITLAB": "GitLab/17.11.0",
    "GITLAB_SELF_MANAGED": "GitLab/17.11.0",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an event has done.

    :param started: the ids of builds, or batch builds, that it has started.
    :param reasons: why it has started none; empty if it has.
    """

    started: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def deliver(here: CodeBuild, project: Project, event: WebhookEvent) -> Delivery:
    """Tell the project's webhook of *event*, and start what it starts.

    :raises ConfigurationError: the project's provider cannot tell that.
    """
    name = project.name
    webhook = project.record.get("webhook")
    if webhook is None:
        return Delivery(reasons=[f"project {name} has no webhook"])
    source = project.record["source"]
    _check_possible(name, webhook, source["type"], event)
    told = as_told_by(source["type"], event)
    decision = decide(webhook.get("filterGroups", ()), webhook.get("branchFilter"), told)
    if not decision.builds:
        return Delivery(reasons=list(decision.reasons))
    if _lacks_approval(webhook.get("pullRequestBuildPolicy", {}), event):
        return Delivery(reasons=["Pull request approval required for starting a build"])
    try:
        return Delivery([_start(here, project, webhook, told)])
    except AwsError as error:  # nobody is there to be told
        return Delivery(reasons=[f"{error.code}: {error.message}"])


def _check_possible(name: str, webhook: Record, kind: str, event: WebhookEvent) -> None:
    if event.event not in EVENTS.get(kind, ()):
        raise ConfigurationError(
            f"project {name} has a source of type {kind}, whose provider has no {event.event} "
            f"events; it has {', '.join(sorted(EVENTS.get(kind, ()))) or 'none'}"
        )
    many = "scopeConfiguration" in webhook
    if many and event.repository is None:
        raise ConfigurationError(
            f"the webhook of project {name} hears of many repositories: say of which the event "
            'is, with repository="owner/name"'
        )
    if event.repository is not None and not many:
        raise ConfigurationError(
            f"the webhook of project {name} hears of one repository only: leave repository out"
        )
    provider = kind.partition("_")[0]
    for role in (event.role, event.approved_by):
        if role is not None and role.partition("_")[0] != provider:
            raise ConfigurationError(f"{role} is no role at the provider of project {name}")


def _lacks_approval(policy: Mapping[str, Any], event: WebhookEvent) -> bool:
    """Tell whether a pull request waits for somebody who may approve it (documented)."""
    required = policy.get("requiresCommentApproval", "DISABLED")
    if not event.is_pull_request or event.role is None or required == "DISABLED":
        return False
    if required == "FORK_PULL_REQUESTS" and not event.fork:
        return False
    return not {event.role, event.approved_by} & set(policy.get("approverRoles", ()))


def _start(here: CodeBuild, project: Project, webhook: Record, event: WebhookEvent) -> str:
    """Start what the webhook starts, and return its id."""
    source = project.record["source"]
    commit = event.commit or here.ids.bytes(20).hex()
    overrides: Record = {"sourceVersion": _version(source["type"], event, commit)}
    if event.repository is not None:  # that this is how it finds its source is a guess
        place = _host(source["type"], webhook["scopeConfiguration"])
        overrides["sourceLocationOverride"] = f"https://{place}/{event.repository}.git"
    how = Start(
        initiator=_initiator(here, source["type"]),
        variables=_variables(here, source["type"], event),
        commit=commit,
    )
    if webhook["buildType"] == "BUILD_BATCH":
        return start_project_batch(here, project, overrides, how).job.batch_id
    return start_project(here, project, overrides, how).job.build_id


def _version(kind: str, event: WebhookEvent, commit: str) -> str:
    """Return what is built.

    A pull request of GitHub's is built as such (documented), a push as its commit (recorded).
    That other providers' pull requests are built as their commits, the pushes of tags as well,
    and releases as their tags, are guesses.
    """
    if event.is_pull_request and kind in _PULL_REQUEST_VERSIONS:
        return f"pr/{event.number}"
    return commit if event.tag_name is None else f"{_TAGS}{event.tag_name}"


def _host(kind: str, scope: Mapping[str, Any]) -> str:
    domain: str = scope.get("domain", "")
    return domain.removeprefix("https://").strip("/") or _HOSTS.get(kind, "")


def _initiator(here: CodeBuild, kind: str) -> str:
    return _AGENTS.get(kind) or f"GitHub-Hookshot/{here.ids.bytes(4).hex()[:7]}"


def _variables(here: CodeBuild, kind: str, event: WebhookEvent) -> dict[str, str]:
    """Return the variables that only builds of webhooks have.

    All are documented, and those of a pull request recorded. That a release has the trigger of
    its tag, and that the push of a tag has no commit before it, are guesses.
    """
    head = event.head_ref or ""
    before = event.previous_commit
    if event.event == "PUSH" and head.startswith(_BRANCHES):
        before = before or here.ids.bytes(20).hex()
    values = {
        "ACTOR_ACCOUNT_ID": event.actor,
        "BASE_REF": event.base_ref,
        "EVENT": event.event,
        "HEAD_REF": event.head_ref,
        "MERGE_COMMIT": event.merge_commit if kind in _SQUASHES else None,
        "PREV_COMMIT": before,
        "TRIGGER": _trigger(event),
    }
    return {f"CODEBUILD_WEBHOOK_{name}": value for name, value in values.items() if value}


def _trigger(event: WebhookEvent) -> str:
    head = event.head_ref or f"{_TAGS}{event.tag_name}"
    if event.is_pull_request:
        return f"pr/{event.number}"
    if head.startswith(_TAGS):
        return f"tag/{head.removeprefix(_TAGS)}"
    return f"branch/{head.removeprefix(_BRANCHES)}"
