"""A stand-in for ECR, in memory."""

import threading
from collections.abc import Sequence


class EmbeddedECR:
    """The repositories of one account in one region. See :class:`~mockbuild.neighbours.base.ECR`.

    A repository is there as soon as it is named.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tags: dict[str, set[str]] = {}

    def has_repository(self, name: str) -> bool:  # noqa: ARG002
        """Return true: nobody can make one here, so all are taken to be there."""
        return True

    def push(self, repository: str, tags: Sequence[str], content: str) -> None:  # noqa: ARG002
        """Put an image into a repository; a tag that another image has goes over to it."""
        with self._lock:
            self._tags.setdefault(repository, set()).update(tags)

    def delete(self, repository: str, tags: Sequence[str]) -> None:
        """Remove tags from a repository."""
        with self._lock:
            self._tags.get(repository, set()).difference_update(tags)

    def tags(self, repository: str) -> Sequence[str]:
        """Return the tags that images of a repository have, sorted."""
        with self._lock:
            return sorted(self._tags.get(repository, ()))
