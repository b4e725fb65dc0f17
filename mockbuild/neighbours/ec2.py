"""What Image Builder asks of EC2: AMIs, their snapshots, and versions of launch templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from mockbuild.neighbours.base import NeighbourError

#: Whom an AMI is shared with that everybody may launch.
EVERYBODY: Final = "all"


@dataclass(frozen=True, slots=True)
class MachineImage:
    """An AMI.

    :param image_id: ``ami-…``.
    :param platform: ``Linux``, ``Windows`` or ``macOS``; ``None`` if not known.
    :param copied_from: the AMI that it is a copy of, if that is known.
    :param shared_with: who else may launch it: account ids, ARNs of organizations and of
        organizational units, ``all``.
    :param deprecated_at: from when on it is deprecated, in seconds since the epoch; ``None`` if it
        is not to be, or if that is not known.
    :param is_disabled: whether nobody may launch it any more.
    :param snapshots: the ids of its snapshots.
    """

    image_id: str
    region: str
    account_id: str
    name: str
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    copied_from: str | None = None
    shared_with: frozenset[str] = frozenset()
    deprecated_at: float | None = None
    is_disabled: bool = False
    snapshots: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether everybody may launch it."""
        return EVERYBODY in self.shared_with


def no_such_image(image_id: str) -> NeighbourError:
    """Return EC2's answer about an AMI it does not have."""
    return NeighbourError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")


class EC2(Protocol):
    """EC2 of one account in one region, as far as AMIs go.

    Methods raise :class:`~mockbuild.neighbours.base.NeighbourError` where it refuses, for instance
    if there is no such AMI.
    """

    def register(self, image: MachineImage, model: tuple[str, str] | None = None) -> str:
        """Make an AMI, and return the id that it has got.

        :param image: what it is to be like. A stand-in gives it the id that this has.
        :param model: the id and the region of the AMI that it was copied from or built on: what is
            not said of the new one, it has from there, if that one is known.
        """

    def find(self, image_id: str) -> MachineImage | None:
        """Return an AMI, whosever it is; ``None`` if there is none."""

    def images(self) -> Sequence[MachineImage]:
        """Return the AMIs of this account, in the order they were made where known."""

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Give an AMI, or a snapshot, these tags in addition."""

    def untag(self, resource_id: str, keys: Sequence[str]) -> None:
        """Take tags away from an AMI, or a snapshot."""

    def share(self, image_id: str, shared_with: Sequence[str]) -> None:
        """Let others launch an AMI, too; see :attr:`MachineImage.shared_with`."""

    def unshare(self, image_id: str) -> None:
        """Let nobody but its owner launch an AMI."""

    def deprecate(self, image_id: str, at: float | None) -> None:
        """Set from when on an AMI is deprecated; ``None`` takes that back."""

    def disable(self, image_id: str) -> None:
        """Let nobody launch an AMI."""

    def enable(self, image_id: str) -> None:
        """Let an AMI be launched again."""

    def launched(self, image_id: str, at: float) -> None:
        """Take note that an instance of an AMI was launched, where there are no instances."""

    def last_launched(self, image_id: str) -> float | None:
        """Return when an instance of an AMI was last launched, in seconds since the epoch.

        :returns: ``None`` if none was, as far as that is known.
        """

    def deregister(self, image_id: str) -> None:
        """Remove an AMI; its snapshots stay."""

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot."""

    def has_launch_template(self, template_id: str = "", name: str = "") -> bool:
        """Tell whether there is a launch template; a stand-in has all.

        :param template_id: its id, or
        :param name: its name.
        """

    def add_template_version(self, template_id: str, image_id: str, *, is_default: bool) -> int:
        """Make a version of a launch template that is like its default one, with another AMI.

        :param is_default: whether it becomes the default version.
        :returns: its number.
        """
