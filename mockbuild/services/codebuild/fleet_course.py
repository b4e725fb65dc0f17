"""What becomes of a fleet: the states before it when it is created, updated and deleted."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from mockbuild.domain.fleet_lifecycle import (
    FLEET_STATES,
    GONE,
    SHORTEST_MAC_LIFE,
    FleetScenario,
    Note,
)
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.fleet_rules import OF_THE_MACHINES, machines_of

#: States of a fleet that was deleted.
LEAVING: Final = frozenset({"PENDING_DELETION", "DELETING", GONE})


class Shown(NamedTuple):
    """What a fleet is from some time on.

    :param record: what BatchGetFleets shows, but for the number of machines it wants.
    :param machines: how many builds it can run.
    """

    record: Record
    machines: int

    @property
    def state(self) -> str:
        """The code of its status."""
        code: str = self.record["status"]["statusCode"]
        return code


#: A state, and when it begins.
Step = tuple[float, Shown]


def created(record: Record, told: FleetScenario) -> Iterator[Step]:
    """Go through the states of a fleet that is created."""
    at: float = record["created"]
    yield at, _in_state("CREATING", record, 0, told)
    at += told.lasts("CREATING")
    if told.creation_fails is None:
        yield at, _in_state("ACTIVE", record, machines_of(record), told)
    else:
        yield at, _in_state("CREATE_FAILED", record, 0, told, told.creation_fails)


def updated(record: Record, before: Shown, told: FleetScenario) -> Iterator[Step]:
    """Go through the states of a fleet that is updated.

    It has the machines that it had until it is ACTIVE again.

    :param record: what it is to be.
    :param before: what it is; so it is again if the update fails.
    """
    at: float = record["lastModified"]
    yield at, _in_state("UPDATING", record, before.machines, told)
    at += told.lasts("UPDATING")
    if any(record.get(member) != before.record.get(member) for member in OF_THE_MACHINES):
        yield at, _in_state("ROTATING", record, before.machines, told)
        at += told.lasts("ROTATING")
    if told.update_fails is None:
        yield at, _in_state("ACTIVE", record, machines_of(record), told)
    else:
        state = "ACTIVE" if told.rolls_back else "UPDATE_ROLLBACK_FAILED"
        back = {**before.record, "lastModified": record["lastModified"]}
        yield at, _in_state(state, back, before.machines, told, told.update_fails)


def deleted(before: Shown, at: float, told: FleetScenario) -> Iterator[Step]:
    """Go through the states of a fleet that is deleted at some time.

    That the context of PENDING_DELETION is the one of that name is a guess.
    """
    record, machines = before
    note = told.notes.get("PENDING_DELETION", Note("PENDING_DELETION"))
    yield at, _in_state("PENDING_DELETION", record, machines, told, note)
    at += told.lasts("PENDING_DELETION")
    if record["environmentType"] == "MAC_ARM" and "PENDING_DELETION" not in told.seconds:
        at = max(at, record["created"] + SHORTEST_MAC_LIFE)
    yield at, _in_state("DELETING", record, machines, told)
    at += told.lasts("DELETING")
    yield at, _in_state(GONE, record, machines, told)


def _in_state(
    state: str, record: Record, machines: int, told: FleetScenario, note: Note | None = None
) -> Shown:
    status = {"statusCode": state}
    note = note or told.notes.get(state)
    if note is not None:
        status["context"] = note.context
        if note.message:
            status["message"] = note.message
    takes_builds = state == GONE or FLEET_STATES[state].takes_builds
    return Shown({**record, "status": status}, machines if takes_builds else 0)
