"""What those share that write down how an image is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from mockbuild.domain.ids import Ids
from mockbuild.domain.image_lifecycle import FIRST

#: The least time there is between two events of which one follows from the other, in seconds.
TICK: Final = 0.001


class Failed(Exception):
    """The image fails.

    :param at: when.
    :param reason: ``state.reason``.
    :param context: ``state.failureContext``, but for the state.
    """

    def __init__(self, at: float, reason: str, context: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason
        self.context = context or {}


class Endless(Exception):
    """Nothing more happens to the image until somebody cancels it."""


class Decision(NamedTuple):
    """What somebody has decided about a step that waits.

    :param action: ``RESUME`` or ``STOP``.
    """

    at: float
    action: str
    reason: str


@dataclass(slots=True)
class Interference:
    """What has come from outside while an image is made.

    :param decisions: by the id of the step they are about.
    :param refusals: what stands against making something outside, by the key of that.
    """

    decisions: dict[str, Decision] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


class Attempt(NamedTuple):
    """One go at making an image: the first, or a retry.

    :param first: the state it begins with.
    """

    number: int
    at: float
    first: str = FIRST


class Names:
    """Ids of what an image has to do with: always the same for the same thing.

    :param ids: makes them.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._known: dict[str, str] = {}

    def of(self, key: str, prefix: str = "") -> str:
        """Return a UUID, with *prefix* before it."""
        return self._once(key, lambda: prefix + self._ids.uuid())

    def job(self, status: str, attempt: int) -> str:
        """Return the id of the job that distributes the image, or integrates it.

        :param status: the state that the image is in meanwhile.
        """
        return self.of(f"job/{status}/{attempt}")

    def ami(self, key: str) -> str:
        """Return the id of an AMI."""
        return self._hex(f"ami/{key}", "ami-0")

    def instance(self, key: str) -> str:
        """Return the id of an instance."""
        return self._hex(f"instance/{key}", "i-0")

    def snapshot(self, key: str) -> str:
        """Return the id of a snapshot."""
        return self._hex(f"snapshot/{key}", "snap-0")

    def forget(self) -> None:
        """Give other ids from now on, also to what had one."""
        self._known.clear()

    def _hex(self, key: str, prefix: str) -> str:
        return self._once(key, lambda: prefix + self._ids.bytes(8).hex())

    def _once(self, key: str, make: Callable[[], str]) -> str:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = make()
        return found
