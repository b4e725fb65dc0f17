"""The life of a compute fleet as a table: which states there are, where each leads, and when.

The operations walk it, and the tests check it. Recorded: what clients have to expect while a fleet
is made and updated (ROTATING, too, on the way to ACTIVE), and that one which is PENDING_DELETION
still takes builds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class Step:
    """Where a state leads.

    :param seconds: how long it lasts; 0 where it is left on request only.
    :param then: the state after it when all goes well; ``None`` if it stays.
    :param on_failure: the state after it when something goes wrong.
    :param takes_builds: whether its machines do.
    """

    seconds: float = 0
    then: str | None = None
    on_failure: str | None = None
    takes_builds: bool = True


#: No state of the API: there is no such fleet any more.
GONE: Final = "GONE"
#: That a fleet takes minutes to be made and to be deleted is recorded; how many is a guess. So is
#: that it is ROTATING while an update replaces its machines, and how long it is DELETING.
FLEET_STATES: Final[Mapping[str, Step]] = {
    "CREATING": Step(120, "ACTIVE", "CREATE_FAILED", takes_builds=False),
    "ACTIVE": Step(),
    "CREATE_FAILED": Step(takes_builds=False),
    "UPDATING": Step(60, "ACTIVE", "UPDATE_ROLLBACK_FAILED"),
    "ROTATING": Step(120, "ACTIVE", "UPDATE_ROLLBACK_FAILED"),
    "UPDATE_ROLLBACK_FAILED": Step(),
    "PENDING_DELETION": Step(600, "DELETING"),
    "DELETING": Step(60, GONE),
}
#: Documented: a Mac is rented for at least a day. Recorded: a younger fleet is PENDING_DELETION
#: until that is over.
SHORTEST_MAC_LIFE: Final = 86_400.0
#: What may stand beside a state's code.
CONTEXTS: Final = (
    "CREATE_FAILED",
    "UPDATE_FAILED",
    "ACTION_REQUIRED",
    "PENDING_DELETION",
    "INSUFFICIENT_CAPACITY",
)


class Note(NamedTuple):
    """What a status says beyond its code.

    :param context: one of :data:`CONTEXTS`.
    """

    context: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class FleetScenario:
    """What a test author has said about a fleet.

    :param creation_fails: why it ends as CREATE_FAILED, if it is to.
    :param update_fails: why its updates fail, if they are to.
    :param rolls_back: whether it is ACTIVE as before after an update that failed.
    :param notes: what is said beside states.
    :param seconds: how long states last, where that is not the table's time.
    """

    creation_fails: Note | None = None
    update_fails: Note | None = None
    rolls_back: bool = True
    notes: Mapping[str, Note] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def lasts(self, state: str) -> float:
        """Return how long *state* lasts."""
        return self.seconds.get(state, FLEET_STATES[state].seconds)


UNTOLD: Final = FleetScenario()
