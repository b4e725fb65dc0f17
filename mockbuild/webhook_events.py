"""What can happen at a provider, for ``mb.deliver``.

An event is a value: it can be made once, be a parameter of a test, and be delivered to any
number of projects. Which provider it comes from follows from the project.
"""

import re
from collections.abc import Iterable

from mockbuild.domain.webhook_filters import PULL_REQUEST_EVENTS, WebhookEvent
from mockbuild.errors import ConfigurationError

__all__ = ["WebhookEvent", "pull_request", "push", "release", "tag"]

#: Somebody; providers name accounts with numbers.
ACTOR = "12345678"
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_REPOSITORY = re.compile(r"[^\s/:]+(?:/[^\s/:]+)+\Z")
_ROLE = re.compile(r"(?:GITHUB|GITLAB|BITBUCKET)_[A-Z]+\Z")


def push(
    branch: str = "main",
    *,
    commit: str | None = None,
    previous_commit: str | None = None,
    files: Iterable[str] = (),
    message: str = "",
    actor: str = ACTOR,
    repository: str | None = None,
) -> WebhookEvent:
    """Return the push of commits to a branch, or of a new branch.

    :param branch: its name: ``main``, not ``refs/heads/main``.
    :param commit: the id of the newest commit, 40 hexadecimal digits; by default any.
    :param previous_commit: the id of the newest commit before; by default any.
    :param files: paths of the files that the commits change, for filters of type FILE_PATH.
    :param message: the newest commit's message, for filters of type COMMIT_MESSAGE.
    :param actor: the account id of who pushes, for filters of type ACTOR_ACCOUNT_ID.
    :param repository: ``owner/name``; needed for webhooks of an organization, an enterprise or a
        group, and for no others.
    :raises ConfigurationError: one of these is not what it should be.
    """
    return WebhookEvent(
        event="PUSH",
        head_ref=_ref("refs/heads/", branch),
        commit=_commit(commit),
        previous_commit=_commit(previous_commit),
        files=_files(files),
        message=message,
        actor=actor,
        repository=_repository(repository),
    )


def tag(
    name: str,
    *,
    commit: str | None = None,
    files: Iterable[str] = (),
    message: str = "",
    actor: str = ACTOR,
    repository: str | None = None,
) -> WebhookEvent:
    """Return the push of a tag: for CodeBuild, a PUSH with a tag as its HEAD_REF.

    :param name: the tag's: ``v1``, not ``refs/tags/v1``.
    :param commit: as for :func:`push`, and so are the others.
    :raises ConfigurationError: one of these is not what it should be.
    """
    return WebhookEvent(
        event="PUSH",
        head_ref=_ref("refs/tags/", name),
        commit=_commit(commit),
        files=_files(files),
        message=message,
        actor=actor,
        repository=_repository(repository),
    )


def pull_request(
    number: int,
    *,
    event: str = "CREATED",
    head: str = "feature",
    base: str = "main",
    commit: str | None = None,
    merge_commit: str | None = None,
    files: Iterable[str] = (),
    message: str = "",
    actor: str = ACTOR,
    repository: str | None = None,
    fork: bool = False,
    role: str | None = None,
    approved_by: str | None = None,
) -> WebhookEvent:
    """Return what has happened to a pull request (a merge request, at GitLab).

    :param number: the pull request's.
    :param event: ``CREATED``, ``UPDATED``, ``REOPENED``, ``MERGED`` or ``CLOSED``.
    :param head: the branch that it comes from.
    :param base: the branch that it is for.
    :param commit: the id of its newest commit; by default any.
    :param merge_commit: the commit that a squash has made of it; Bitbucket and GitLab tell.
    :param files: and *message*, *actor*, *repository*: as for :func:`push`.
    :param fork: whether it comes from a fork.
    :param role: its author's role in the repository, as the webhook's ``pullRequestBuildPolicy``
        names it: ``GITHUB_READ``. By default the author is somebody who needs no approval.
    :param approved_by: the role of somebody who has approved it with a comment.
    :raises ConfigurationError: one of these is not what it should be.
    """
    name = f"PULL_REQUEST_{event}"
    if name not in PULL_REQUEST_EVENTS:
        known = ", ".join(sorted(one.removeprefix("PULL_REQUEST_") for one in PULL_REQUEST_EVENTS))
        raise ConfigurationError(f"the event of a pull request is one of {known}; not {event!r}")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ConfigurationError(f"the number of a pull request is at least 1, not {number!r}")
    return WebhookEvent(
        event=name,
        number=number,
        head_ref=_ref("refs/heads/", head),
        base_ref=_ref("refs/heads/", base),
        commit=_commit(commit),
        merge_commit=_commit(merge_commit),
        files=_files(files),
        message=message,
        actor=actor,
        repository=_repository(repository),
        fork=fork,
        role=_role(role),
        approved_by=_role(approved_by),
    )


def release(
    tag: str,
    *,
    name: str | None = None,
    prerelease: bool = False,
    commit: str | None = None,
    actor: str = ACTOR,
    repository: str | None = None,
) -> WebhookEvent:
    """Return the publication of a release.

    :param tag: the tag that it is made of.
    :param name: the release's; by default, the tag's.
    :param prerelease: whether it is a PRERELEASED event; RELEASED otherwise.
    :param commit: and *actor*, *repository*: as for :func:`push`.
    :raises ConfigurationError: one of these is not what it should be.
    """
    return WebhookEvent(
        event="PRERELEASED" if prerelease else "RELEASED",
        tag_name=_ref("", tag),
        release_name=tag if name is None else name,
        commit=_commit(commit),
        actor=actor,
        repository=_repository(repository),
    )


def _ref(start: str, name: str) -> str:
    if not isinstance(name, str) or not name or name.startswith("refs/"):
        raise ConfigurationError(f"branches and tags go by their names alone, not by {name!r}")
    return start + name


def _commit(commit: str | None) -> str | None:
    if commit is not None and not _COMMIT.match(commit):
        raise ConfigurationError(f"a commit id has 40 hexadecimal digits; {commit!r} has not")
    return commit


def _files(files: Iterable[str]) -> tuple[str, ...]:
    if isinstance(files, str):
        raise ConfigurationError(f"files is a list of paths, not the text {files!r}")
    return tuple(files)


def _repository(repository: str | None) -> str | None:
    if repository is not None and not _REPOSITORY.match(repository):
        raise ConfigurationError(f"a repository is given as owner/name, not as {repository!r}")
    return repository


def _role(role: str | None) -> str | None:
    if role is not None and not _ROLE.match(role):
        raise ConfigurationError(f"a role is spelled as GITHUB_READ is, not as {role!r}")
    return role
