"""A service in one account and region: its stores, and the means its operations work with."""

from collections.abc import Callable, Iterable
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
    from mockbuild.services.quotas import QuotaSettings

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


class Means(Protocol):
    """What the operations of one mock work with."""

    #: What time it is.
    clock: Clock
    #: How much of what moves through time shows.
    pace: Pace
    #: Takes what is to be done at some time.
    agenda: Agenda
    #: Does what really runs.
    crew: Crew
    #: Makes ids.
    ids: Ids
    #: Carries builds out.
    conductor: Conductor
    #: The services next door.
    neighbours: Neighbours

    @property
    def scripts(self) -> Scripts:
        """What test authors have said about what is to come."""

    @property
    def image_maker(self) -> ImageMaker:
        """Carries images out."""

    @property
    def image_scripts(self) -> ImageScripts:
        """What test authors have said about images that are to come."""

    def announce(self, at: float, event: Record) -> None:
        """Tell EventBridge of *event*."""

    def peers(self, service: str) -> "Iterable[Backend]":
        """Return all backends of *service* there are so far."""


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
