"""What a provider tells a webhook, and whether its filters let that build."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mockbuild.domain.java_regex import compile_pattern

_PULL_REQUESTS = ("CREATED", "UPDATED", "CLOSED", "REOPENED", "MERGED")
PULL_REQUEST_EVENTS: Final = frozenset(f"PULL_REQUEST_{action}" for action in _PULL_REQUESTS)
RELEASE_EVENTS: Final = frozenset({"RELEASED", "PRERELEASED"})
_EVERYWHERE = PULL_REQUEST_EVENTS | {"PUSH"}
_GITLAB = _EVERYWHERE | {"RELEASED", "WORKFLOW_JOB_QUEUED"}
#: The events of each source type, as the user guide lists them. On GitLab's, the model's older
#: documentation disagrees. A project without a source hears of Buildkite's jobs.
EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "GITHUB": _EVERYWHERE | RELEASE_EVENTS | {"WORKFLOW_JOB_QUEUED"},
    "GITHUB_ENTERPRISE": _EVERYWHERE | {"WORKFLOW_JOB_QUEUED"},
    "BITBUCKET": _EVERYWHERE - {"PULL_REQUEST_REOPENED"},
    "GITLAB": _GITLAB,
    "GITLAB_SELF_MANAGED": _GITLAB,
    "NO_SOURCE": frozenset({"WORKFLOW_JOB_QUEUED"}),
}
_COMMON = frozenset(
    {"EVENT", "ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF", "FILE_PATH", "COMMIT_MESSAGE"}
)
_OF_RELEASES = frozenset({"TAG_NAME", "RELEASE_NAME"})
#: The filters of each source type: those on what its events have.
FILTER_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "GITHUB": _COMMON | _OF_RELEASES | {"WORKFLOW_NAME"},
    "GITHUB_ENTERPRISE": _COMMON | {"WORKFLOW_NAME"},
    "BITBUCKET": _COMMON,
    "GITLAB": _COMMON | _OF_RELEASES | {"WORKFLOW_NAME"},
    "GITLAB_SELF_MANAGED": _COMMON | _OF_RELEASES | {"WORKFLOW_NAME"},
    "NO_SOURCE": frozenset({"EVENT", "WORKFLOW_NAME"}),
}
#: What builds where there are no filter groups. Documented are pushes and pull requests; that
#: merging or closing one is not among them is a guess.
_WITHOUT_GROUPS = ("PUSH", "PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED")
_BRANCHES = "refs/heads/"
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """One thing that happened at a provider.

    :param event: its name, as filters of type EVENT have it.
    :param actor: the account id of who did it.
    :param commit: the commit it is about; ``None`` is any.
    :param previous_commit: the commit that was there before a push.
    :param merge_commit: the commit that a squash has made of a pull request.
    :param head_ref: the branch or tag pushed to, or the branch of a pull request.
    :param base_ref: the branch that a pull request is for.
    :param number: the pull request's.
    :param tag_name: the release's.
    :param release_name: the release's.
    :param files: the files it changed.
    :param message: the head commit's message; ``None`` where the provider does not tell.
    :param repository: ``owner/name``, for webhooks that hear of many.
    :param fork: whether the pull request comes from a fork.
    :param role: the role of the pull request's author (``GITHUB_READ``); ``None`` is one that
        needs no approval.
    :param approved_by: the role of who has approved it with a comment.
    """

    event: str
    actor: str
    commit: str | None = None
    previous_commit: str | None = None
    merge_commit: str | None = None
    head_ref: str | None = None
    base_ref: str | None = None
    number: int | None = None
    tag_name: str | None = None
    release_name: str | None = None
    files: tuple[str, ...] = ()
    message: str | None = None
    repository: str | None = None
    fork: bool = False
    role: str | None = None
    approved_by: str | None = None

    @property
    def is_pull_request(self) -> bool:
        """Whether it is about a pull request."""
        return self.event in PULL_REQUEST_EVENTS


def as_told_by(source_type: str, event: WebhookEvent) -> WebhookEvent:
    """Return what a provider tells of *event*.

    GitHub Enterprise names neither files nor messages of pull requests (documented).
    """
    if source_type == "GITHUB_ENTERPRISE" and event.is_pull_request:
        return replace(event, files=(), message=None)
    return event


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an event builds.

    :param builds: whether it does.
    :param group: which filter group lets it, counted from 0.
    :param reasons: why it does not, one for each filter group.
    """

    builds: bool
    group: int | None = None
    reasons: tuple[str, ...] = ()


Filter = Mapping[str, Any]


def decide(
    filter_groups: Sequence[Sequence[Filter]], branch_filter: str | None, event: WebhookEvent
) -> Decision:
    """Decide whether *event* builds.

    It does if every filter of any group passes.

    :param filter_groups: as the API has them, and valid.
    :param branch_filter: a pattern of branch names, which counts where there are no groups.
    """
    if not filter_groups:
        reason = _without_groups(branch_filter, event)
        return Decision(reason is None, reasons=() if reason is None else (reason,))
    reasons = []
    for number, group in enumerate(filter_groups):
        objections = (_objection(item, event) for item in group)
        reason = next((one for one in objections if one is not None), None)
        if reason is None:
            return Decision(True, number)
        reasons.append(f"filter group {number + 1}: {reason}")
    return Decision(False, reasons=tuple(reasons))


def _without_groups(branch_filter: str | None, event: WebhookEvent) -> str | None:
    """Return why *event* does not build.

    That the branch of a pull request is the one it comes from, and that a tag is no branch, are
    guesses.
    """
    if event.event not in _WITHOUT_GROUPS:
        return f"without filter groups only {', '.join(_WITHOUT_GROUPS)} build, not {event.event}"
    if not branch_filter:
        return None
    head = event.head_ref or ""
    if not head.startswith(_BRANCHES):
        return f"the branch filter {branch_filter!r} is about branches, not {head}"
    branch = head.removeprefix(_BRANCHES)
    matches = compile_pattern(branch_filter).search(branch)
    return None if matches else f"the branch filter {branch_filter!r} does not match {branch}"


def _objection(item: Filter, event: WebhookEvent) -> str | None:
    """Return what one filter has against *event*."""
    kind, pattern = item["type"], item["pattern"]
    values = _VALUES[kind](event)
    matched = next((value for value in values if _matches(kind, pattern, value)), None)
    if item.get("excludeMatchedPattern"):
        # One changed file that is excluded excludes all: so the guide keeps changed buildspecs out.
        return None if matched is None else f"{kind} {pattern!r} excludes {matched!r}"
    if matched is not None:
        return None
    what = _listed(values) if values else f"a {event.event} event, which has none"
    return f"{kind} {pattern!r} does not match {what}"


def _matches(kind: str, pattern: str, value: str) -> bool:
    if kind == "EVENT":
        return value in events_of(pattern)
    return compile_pattern(pattern).search(value) is not None


def events_of(pattern: str) -> list[str]:
    """Return the events that the pattern of an EVENT filter lists."""
    return [name.strip() for name in pattern.split(",")]


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value) for value in values[:_SHOWN])
    more = len(values) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _only(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _part_of_repository(event: WebhookEvent, part: int) -> tuple[str, ...]:
    return (event.repository.rpartition("/")[part],) if event.repository else ()


#: What each type of filter is about.
_VALUES: Mapping[str, Callable[[WebhookEvent], tuple[str, ...]]] = {
    "EVENT": lambda event: (event.event,),
    "ACTOR_ACCOUNT_ID": lambda event: (event.actor,),
    "HEAD_REF": lambda event: _only(event.head_ref),
    "BASE_REF": lambda event: _only(event.base_ref),
    "FILE_PATH": lambda event: event.files,
    "COMMIT_MESSAGE": lambda event: _only(event.message),
    "TAG_NAME": lambda event: _only(event.tag_name),
    "RELEASE_NAME": lambda event: _only(event.release_name),
    "REPOSITORY_NAME": lambda event: _part_of_repository(event, 2),
    "ORGANIZATION_NAME": lambda event: _part_of_repository(event, 0),
    # Jobs of workflows run on a provider's own agents, which are not mocked.
    "WORKFLOW_NAME": lambda _: (),
}
