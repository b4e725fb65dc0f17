"""What an entry of the catalogue says, before it stands in a region."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mockbuild.domain.image_arns import AMAZON
from mockbuild.services.backend import Record


@dataclass(frozen=True, slots=True)
class Entry:
    """One build of something that is there for everybody.

    :param kind: ``component``, ``image``, ``workflow/build`` and so on.
    :param name: the name as answers spell it.
    :param version: with its build, ``1.0.2/1``.
    :param created: when it was released, in seconds since the epoch.
    :param members: what ``Get…`` shows of it and is the same in every region.
    :param document: the YAML of a component or a workflow, also of one whose source is hidden.
    :param uri: where a container image is.
    :param owner: as it stands in ARNs.
    """

    kind: str
    name: str
    version: str
    created: float
    members: Record
    document: str = ""
    uri: str = ""
    owner: str = AMAZON


def day(text: str) -> float:
    """Return the moment when something of ``2025-11-10`` was released."""
    return datetime.fromisoformat(text).replace(hour=18, tzinfo=UTC).timestamp()
