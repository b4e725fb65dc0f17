"""Compute fleets: CreateFleet, UpdateFleet, DeleteFleet, BatchGetFleets and ListFleets."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockbuild.domain.aws_errors import (
    AccountLimitExceededException,
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from mockbuild.domain.fleet_lifecycle import GONE, FleetScenario
from mockbuild.domain.ordered import Ordered
from mockbuild.engine.course import Course
from mockbuild.engine.line import Line
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.fleet_course import (
    LEAVING,
    Shown,
    Step,
    created,
    deleted,
    updated,
)
from mockbuild.services.codebuild.fleet_rules import (
    CONFIGURED,
    check_fleet,
    desired_machines,
    machines_of,
    with_defaults,
)
from mockbuild.services.codebuild.quotas import Quotas
from mockbuild.services.operations import operation

_ARN = re.compile(r"arn:[\w-]+:codebuild:[\w-]+:\d{12}:fleet/[^:]+:.+", re.DOTALL)


@dataclass(slots=True)
class Fleet:
    """A fleet.

    :param course: what it is, was and is going to be.
    :param line: the builds on it, and those that wait for one of its machines.
    """

    name: str
    arn: str
    course: Course[Shown]
    line: Line


class Fleets:
    """The fleets of a region, in the three orders that ListFleets knows.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self._here = here
        self._pace = here.pace
        self._by_arn: dict[str, Fleet] = {}
        self._by_name: dict[str, Fleet] = {}
        self._leaving: dict[str, Fleet] = {}
        self.by_creation: Ordered[float] = Ordered()
        self.by_change: Ordered[float] = Ordered()
        self.by_name: Ordered[str] = Ordered()

    def __len__(self) -> int:
        return len(self._by_arn)

    def told(self, name: str) -> FleetScenario:
        """Return what test authors have said about the fleet of that name."""
        return self._here.scripts.fleet(name)

    def find(self, name_or_arn: str) -> Fleet | None:
        """Return the fleet of that name or ARN, if there is one."""
        fleet = self._by_name.get(name_or_arn) or self._by_arn.get(name_or_arn)
        return None if fleet is None or self.now(fleet).state == GONE else fleet

    def now(self, fleet: Fleet) -> Shown:
        """Return what *fleet* is now, without this being a look, and forget one that is gone."""
        # Settled, everything that was to come has come to pass as soon as anybody asks.
        asks = self._pace.look if self._pace.settled else self._pace.until
        shown = fleet.course.state(asks(fleet.course))
        if shown.state == GONE:
            self._forget(fleet)
        return shown

    def look(self, fleet: Fleet) -> Shown:
        """Look at *fleet*, which moves it on where looks do that, and return what it is."""
        self._pace.look(fleet.course)
        shown = self.now(fleet)
        fleet.line.fill(self._pace.now())
        return shown

    def add(self, record: Record, steps: Sequence[Step]) -> None:
        """Add a fleet of which this is the future."""

        def stir() -> None:
            self.look(fleet)

        line = Line(lambda at: self._machines(fleet, at), stir)
        fleet = Fleet(record["name"], record["arn"], Course(*steps[0]), line)
        for at, shown in steps[1:]:
            fleet.course.then(at, shown)
        self._by_arn[fleet.arn] = self._by_name[fleet.name] = fleet
        self.by_creation.put(fleet.arn, record["created"])
        self.by_name.put(fleet.arn, fleet.name)
        self.by_change.put(fleet.arn, record["lastModified"])
        self._set_out(fleet)

    def change(self, fleet: Fleet, steps: Sequence[Step]) -> None:
        """Let *fleet* have another future."""
        self._turn(fleet, steps)
        self.by_change.put(fleet.arn, steps[0][1].record["lastModified"])
        self._set_out(fleet)

    def delete(self, fleet: Fleet, steps: Sequence[Step]) -> None:
        """Let *fleet* come to its end; in steps, the next look sees the first of *steps*."""
        self._turn(fleet, steps)
        fleet.course.horizon = fleet.course.states[-len(steps) - 1][0]
        self._leaving[fleet.arn] = fleet

    def sweep(self) -> None:
        """Forget those that have come to their end."""
        for fleet in list(self._leaving.values()):
            self.now(fleet)

    def instances(self, kind: str) -> int:
        """Return how many machines of a type all fleets together can have."""
        fleets = [self.now(fleet) for fleet in list(self._by_arn.values())]
        return sum(
            machines_of(one.record)
            for one in fleets
            if _instance_type(one.record) == kind and one.state not in ("CREATE_FAILED", GONE)
        )

    def _turn(self, fleet: Fleet, steps: Sequence[Step]) -> None:
        course = fleet.course
        until = self._pace.until(course)
        later = 0.0
        if not self._pace.timed:  # what shows may have come to pass before its time
            shown_from = max(at for at, _ in course.states if at <= until)
            later = max(0.0, shown_from + 1 - steps[0][0])
        course.turn(until, steps[0][0] + later, steps[0][1])
        for at, shown in steps[1:]:
            course.then(at + later, shown)

    def _set_out(self, fleet: Fleet) -> None:
        """See to it that builds that wait get machines as soon as there are some."""
        if self._pace.settled:
            fleet.line.fill(self._pace.now())
        elif self._pace.timed:
            now = self._pace.now()
            for at, _ in fleet.course.states:
                if at > now:
                    self._here.means.agenda.at(at, fleet.line.fill)

    def _machines(self, fleet: Fleet, at: float) -> float:
        return (fleet.course.state(at) if self._pace.timed else self.now(fleet)).machines

    def _forget(self, fleet: Fleet) -> None:
        if self._by_arn.pop(fleet.arn, None) is not None:
            del self._leaving[fleet.arn], self._by_name[fleet.name]
            for order in (self.by_creation, self.by_change, self.by_name):
                order.discard(fleet.arn)


@operation
def create_fleet(here: CodeBuild, *, name: str, **members: Any) -> Record:
    """Create a fleet; it is CREATING, and ACTIVE later.

    :raises ResourceAlreadyExistsException: the name is taken; its text is a guess.
    :raises InvalidInputException: the members do not go together.
    :raises AccountLimitExceededException: there are too many fleets or machines.
    """
    fleets = here.store(Fleets)
    taken = fleets.find(name)
    if taken is not None:
        raise ResourceAlreadyExistsException(f"Fleet already exists: {taken.arn}")
    now = here.now()
    uuid = here.ids.uuid()
    record: Record = {
        "name": name,
        "id": uuid,
        "arn": here.arn(f"fleet/{name}:{uuid}"),
        "created": now,
        "lastModified": now,
        **with_defaults(members),
    }
    check_fleet(record, account_id=here.account_id, region=here.region)
    fleets.sweep()
    here.store(Quotas).check("fleets", len(fleets))
    _check_instances(here, record, machines_of(record))
    steps = list(created(record, fleets.told(name)))
    fleets.add(record, steps)
    return {"fleet": _with_desired(steps[0][1], 0)}


@operation
def update_fleet(here: CodeBuild, *, arn: str, **members: Any) -> Record:
    """Replace the members that are given, each as a whole; the others stay.

    It is UPDATING, ROTATING if its machines are replaced, and ACTIVE later; until then, it has the
    machines that it had. An empty scaling configuration clears it (documented); that the same goes
    for VPC and proxy, and that a compute configuration goes with the type that needed it, are
    guesses. So is that only a fleet that is being deleted cannot be updated.

    :raises ResourceNotFoundException: there is no such fleet; its text is a guess.
    :raises InvalidInputException: the ARN is none, the members do not go together, or the fleet is
        being deleted.
    :raises AccountLimitExceededException: there are too many machines.
    """
    _check_arn(arn)
    fleets = here.store(Fleets)
    fleet = fleets.find(arn)
    if fleet is None:
        raise ResourceNotFoundException(f"Fleet cannot be found: {arn}")
    if fleet.course.last.state in LEAVING:
        raise InvalidInputException(f"Fleet is being deleted: {arn}")
    before = fleets.now(fleet)
    changed = {**before.record, **members}
    if changed["computeType"] not in CONFIGURED and "computeConfiguration" not in members:
        changed.pop("computeConfiguration", None)
    record = with_defaults({**changed, "lastModified": here.now()})
    check_fleet(record, account_id=here.account_id, region=here.region)
    more = machines_of(record)
    if _instance_type(record) == _instance_type(before.record):
        more -= machines_of(before.record)
    _check_instances(here, record, more)
    steps = list(updated(record, before, fleets.told(fleet.name)))
    fleets.change(fleet, steps)
    return {"fleet": _with_desired(steps[0][1], _busy(here, fleet))}


@operation
def delete_fleet(here: CodeBuild, *, arn: str) -> Record:
    """Delete a fleet, or nothing if there is none.

    It is PENDING_DELETION for a while, in which it goes on taking builds (recorded), then DELETING,
    then gone. Builds on it go on; that those that wait for one of its machines still get it is a
    guess.

    :raises InvalidInputException: the ARN is none.
    """
    _check_arn(arn)
    fleets = here.store(Fleets)
    fleet = fleets.find(arn)
    if fleet is None or fleet.course.last.state in LEAVING:
        return {}
    steps = list(deleted(fleets.now(fleet), here.now(), fleets.told(fleet.name)))
    fleets.delete(fleet, steps)
    return {}


@operation
def batch_get_fleets(here: CodeBuild, *, names: list[str]) -> Record:
    """Return the fleets of the given names or ARNs, in that order, and those that are not there.

    A name that comes twice is answered once, which is a guess.
    """
    fleets = here.store(Fleets)

    def look(name: str) -> Record | None:
        fleet = fleets.find(name)
        if fleet is None:
            return None
        shown = fleets.look(fleet)
        return None if shown.state == GONE else _with_desired(shown, _busy(here, fleet))

    found, missing = batch_get(names, look)
    return {"fleets": found, "fleetsNotFound": missing}


@operation
def list_fleets(
    here: CodeBuild, *, sort_by: str = "CREATED_TIME", sort_order: str = "DESCENDING"
) -> Record:
    """List the ARNs of fleets; which order is the default is a guess."""
    fleets = here.store(Fleets)
    fleets.sweep()
    order: Ordered[Any] = fleets.by_creation
    if sort_by == "NAME":
        order = fleets.by_name
    elif sort_by == "LAST_MODIFIED_TIME":
        order = fleets.by_change
    return {"fleets": order.names(backwards=sort_order == "DESCENDING")}


def _with_desired(shown: Shown, busy: int) -> Record:
    """Return the record with the number of machines that the fleet wants, if it scales.

    :param busy: how many builds run on it or wait to.
    """
    record = shown.record
    scaling = record.get("scalingConfiguration")
    if scaling is None:
        return record
    wanted = desired_machines(record, busy)
    return {**record, "scalingConfiguration": {**scaling, "desiredCapacity": wanted}}


def _busy(here: CodeBuild, fleet: Fleet) -> int:
    """Return how many builds run on a fleet or wait to."""
    here.conductor.make_room(fleet.line)
    return len(fleet.line.running) + len(fleet.line.waiting)


def _instance_type(record: Record) -> str:
    """Return the type of a fleet's machines, as far as it is known."""
    configuration = record.get("computeConfiguration", {})
    kind: str = configuration.get("instanceType", record["computeType"])
    return kind


def _check_instances(here: CodeBuild, record: Record, more: int) -> None:
    """Refuse machines that are too many of their type. The text is recorded, the code a guess."""
    most = here.store(Quotas).value("fleet_instances_of_one_type")
    kind = _instance_type(record)
    if most is not None and more > 0 and here.store(Fleets).instances(kind) + more > most:
        raise AccountLimitExceededException(
            f"The number of instances of type {kind} exceeded limit {most}"
        )


def _check_arn(arn: str) -> None:
    """Check that an ARN is one of a fleet; the text is a guess."""
    if not _ARN.fullmatch(arn):
        raise InvalidInputException(f"Invalid fleet ARN provided: {arn}")
