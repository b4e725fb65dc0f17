"""A stand-in for EC2's AMIs, in memory."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockbuild.neighbours.ec2 import MachineImage, no_such_image


class EmbeddedEC2:
    """AMIs of one account in one region. See :class:`~mockbuild.neighbours.ec2.EC2`.

    It knows only what was made through it: launch templates, which nobody can make here, are all
    taken to be there.

    :param region: where it is, and
    :param account_id: whose.
    """

    def __init__(self, region: str, account_id: str) -> None:
        self._region = region
        self._account_id = account_id
        self._lock = threading.Lock()
        self._images: dict[str, MachineImage] = {}
        self._launches: dict[str, float] = {}
        self._templates: dict[str, int] = {}  # the number of their latest version

    def register(
        self,
        image: MachineImage,
        model: tuple[str, str] | None = None,  # noqa: ARG002 - what it says is all there is
    ) -> str:
        """Make an AMI of the id that *image* has, with one snapshot."""
        made = replace(
            image,
            region=self._region,
            account_id=self._account_id,
            snapshots=(_snapshot_of(image.image_id),),
        )
        with self._lock:
            self._images[image.image_id] = made
        return image.image_id

    def find(self, image_id: str) -> MachineImage | None:
        """Return an AMI; ``None`` if there is none."""
        with self._lock:
            return self._images.get(image_id)

    def images(self) -> Sequence[MachineImage]:
        """Return the AMIs, in the order they were made."""
        with self._lock:
            return list(self._images.values())

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Give an AMI these tags in addition; those of snapshots are not kept."""
        if resource_id.startswith("ami-"):
            with self._lock:
                self._change(resource_id, tags={**self._image(resource_id).tags, **tags})

    def untag(self, resource_id: str, keys: Sequence[str]) -> None:
        """Take tags away from an AMI."""
        if resource_id.startswith("ami-"):
            with self._lock:
                tags = self._image(resource_id).tags
                left = {key: value for key, value in tags.items() if key not in keys}
                self._change(resource_id, tags=left)

    def share(self, image_id: str, shared_with: Sequence[str]) -> None:
        """Let others launch an AMI, too."""
        with self._lock:
            self._change(image_id, shared_with=self._image(image_id).shared_with.union(shared_with))

    def unshare(self, image_id: str) -> None:
        """Let nobody but its owner launch an AMI."""
        with self._lock:
            self._change(image_id, shared_with=frozenset())

    def deprecate(self, image_id: str, at: float | None) -> None:
        """Set from when on an AMI is deprecated."""
        with self._lock:
            self._change(image_id, deprecated_at=at)

    def disable(self, image_id: str) -> None:
        """Let nobody launch an AMI."""
        with self._lock:
            self._change(image_id, is_disabled=True)

    def enable(self, image_id: str) -> None:
        """Let an AMI be launched again."""
        with self._lock:
            self._change(image_id, is_disabled=False)

    def launched(self, image_id: str, at: float) -> None:
        """Take note that an instance of an AMI was launched; of two such times the later counts."""
        with self._lock:
            self._launches[image_id] = max(at, self._launches.get(image_id, at))

    def last_launched(self, image_id: str) -> float | None:
        """Return when an instance of an AMI was last launched, as far as somebody has said so."""
        with self._lock:
            return self._launches.get(image_id)

    def deregister(self, image_id: str) -> None:
        """Remove an AMI."""
        with self._lock:
            self._image(image_id)
            del self._images[image_id]

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot: there is none of which anything could be seen."""

    def has_launch_template(self, template_id: str = "", name: str = "") -> bool:  # noqa: ARG002
        """Return true: nobody can make one here, so all are taken to be there."""
        return True

    def add_template_version(self, template_id: str, image_id: str, *, is_default: bool) -> int:  # noqa: ARG002
        """Count a version of a launch template; that somebody has made the first one is granted."""
        with self._lock:
            number = self._templates[template_id] = self._templates.get(template_id, 1) + 1
        return number

    def _image(self, image_id: str) -> MachineImage:
        try:
            return self._images[image_id]
        except KeyError:
            raise no_such_image(image_id) from None

    def _change(self, image_id: str, **changes: Any) -> None:
        self._images[image_id] = replace(self._image(image_id), **changes)


def _snapshot_of(image_id: str) -> str:
    return f"snap-{blake2b(image_id.encode(), digest_size=9).hexdigest()[:17]}"
