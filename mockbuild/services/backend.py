"""A service in one account and region: its stores, and the means its operations work with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

from mockbuild.clock import Clock
from mockbuild.domain.arns import arn
from mockbuild.domain.fleet_lifecycle import FleetScenario
from mockbuild.domain.ids import Ids
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.conductor import Conductor
from mockbuild.engine.crew import Crew
from mockbuild.engine.image import ImageMaker
from mockbuild.engine.image_scenario import ImageScenario
from mockbuild.engine.pace import Pace
from mockbuild.engine.scenario import Scenario
from mockbuild.neighbours import Neighbours

if TYPE_CHECKING:
    from mockbuild.services.codebuild.quotas import QuotaSettings

Record = dict[str, Any]
S = TypeVar("S")


class Scripts(Protocol):
    """What test authors have said about what is to come."""

    #: How much of everything an account may have.
    quotas: "QuotaSettings"

    def fleet(self, name: str) -> FleetScenario:
        """Return what was said about the fleet of that name."""

    def next_for(self, project: str, group: str | None = None) -> Scenario:
        """Return what the next build of *project* does, and count it as started.

        :param group: its build group, where it is part of a batch.
        """


class ImageScripts(Protocol):
    """What test authors have said about images that are to come."""

    def next_for(self, names: Iterable[str]) -> ImageScenario:
        """Return what the next image does, and count it as started.

        :param names: those that it goes by, the most particular first.
        """


@dataclass(frozen=True, slots=True)
class Means:
    """What the operations of one mock work with.

    :param clock: what time it is.
    :param pace: how much of what moves through time shows.
    :param agenda: takes what is to be done at some time.
    :param crew: does what really runs.
    :param ids: makes ids.
    :param conductor: carries builds out.
    :param scripts: what test authors have said about what is to come.
    :param image_maker: carries images out.
    :param image_scripts: what test authors have said about images that are to come.
    :param neighbours: the services next door.
    :param announce: takes an event for EventBridge, with its time.
    :param peers: gives all backends of a service there are so far.
    """

    clock: Clock
    pace: Pace
    agenda: Agenda
    crew: Crew
    ids: Ids
    conductor: Conductor
    scripts: Scripts
    image_maker: ImageMaker
    image_scripts: ImageScripts
    neighbours: Neighbours
    announce: Callable[[float, Record], None]
    peers: Callable[[str], Iterable["Backend"]]


class Backend:
    """What operations are given: one account and region's state, and the means to change it."""

    #: The service's name in ARNs.
    service: ClassVar[str]

    def __init__(self, account_id: str, region: str, means: Means) -> None:
        self.account_id = account_id
        self.region = region
        self.means = means
        self.ids = means.ids
        self.pace = means.pace
        self._stores: dict[Callable[..., Any], Any] = {}

    def store(self, kind: Callable[[Self], S]) -> S:
        """Return this backend's one store of a *kind*: a class of which it is made when missing.

        Each file of operations has the class of what it keeps, and asks for it here.
        """
        found = self._stores.get(kind)
        if found is None:
            found = self._stores[kind] = kind(self)
        store: S = found
        return store

    def now(self) -> float:
        """Return the time, to the millisecond as records have it."""
        return self.means.pace.now()

    def arn(self, resource: str) -> str:
        """Return the ARN of *resource* (``project/web``) here."""
        return arn(self.service, self.region, self.account_id, resource)

    def peers(self) -> "Iterable[Self]":
        """Go through the backends of this service in this region, this one and other accounts'."""
        kind = type(self)
        for one in self.means.peers(self.service):
            if isinstance(one, kind) and one.region == self.region:
                yield one

    def settle(self) -> None:
        """Let what this backend does outside happen, as far as somebody who looks would see it."""

    def abandon(self) -> None:
        """End what still runs here: nobody can ask for it any more."""
