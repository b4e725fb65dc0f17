"""Everything behind one mock: the rooms put together, and the state of both services."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from mockbuild._calls import CallLog
from mockbuild._deliveries import Deliveries
from mockbuild._events import EventLog
from mockbuild._image_scripts import ImageScripts
from mockbuild._notifications import Notifications
from mockbuild._scripts import Faults, Scripts
from mockbuild.clock import make_clock
from mockbuild.config import Settings
from mockbuild.domain.ids import Ids
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.conductor import Conductor
from mockbuild.engine.crew import Crew
from mockbuild.engine.image import ImageMaker
from mockbuild.engine.image_log import ImageLogs
from mockbuild.engine.neighbour_outputs import NeighbourOutputs
from mockbuild.engine.pace import Pace
from mockbuild.engine.publish import LogPublisher
from mockbuild.engine.surroundings import Surroundings
from mockbuild.intercept.switch import Answer
from mockbuild.neighbours import Neighbours
from mockbuild.services.backend import Backend
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.dialect import CodeBuildDialect
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.dialect import ImageBuilderDialect
from mockbuild.services.imagebuilder.image_events import ImageEvents
from mockbuild.services.operations import bind, operations
from mockbuild.wire.dialect import Dialect
from mockbuild.wire.gateway import Caller, Gateway, Handler
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.service import service_wire

if TYPE_CHECKING:
    from mockbuild.domain.reports import Report
    from mockbuild.engine.job import BuildJob
    from mockbuild.machines.base import Machine
    from mockbuild.services.imagebuilder.catalogue import Catalogue

_DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "codebuild": CodeBuildDialect,
    "imagebuilder": ImageBuilderDialect,
}
_BACKENDS: Mapping[str, type[Backend]] = {"codebuild": CodeBuild, "imagebuilder": ImageBuilder}
#: Answers a request that is not a call.
Page = Callable[[HttpRequest, Caller], HttpResponse]
#: Services whose readers may be after what builds and images have produced.
_WATCHED = frozenset({"s3", "logs", "ec2", "ssm", "ecr", "sqs"})
_READS = (
    "Get", "List", "Head", "Describe", "Filter", "Select", "Copy", "StartQuery", "BatchGet",
    "BatchCheck", "Receive",
)  # fmt: skip


class World:
    """The state of one mock, from its start to its end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = make_clock(settings.clock)
        self.ids = Ids(settings.seed)
        self.scripts = Scripts()
        self.faults = Faults()
        self.calls = CallLog(self.clock.now)
        self.neighbours = Neighbours(
            settings.neighbours, before_read=self.settle, account_id=settings.account_id
        )
        self.events = EventLog(before_read=self.settle)
        self.pace = Pace(self.clock, settings.transitions)
        self.agenda = Agenda(self.pace.held)
        self.crew = Crew(self.clock)
        self.conductor = Conductor(
            self.pace,
            self.agenda,
            self.crew,
            lock=self.lock,
            surroundings=self._surroundings,
            publishers=(
                LogPublisher(self.neighbours.logs, self.neighbours.s3),
                self.events,
            ),
            new_machine=_machines(settings, self.clock),
        )
        self._backends: dict[tuple[str, str, str], Backend] = {}
        self._held = _Held(self.lock)

    # What not every test needs is made when it is asked for.

    @cached_property
    def deliveries(self) -> Deliveries:
        """Tells webhooks what happened."""
        return Deliveries(self.entered, lambda: self.peers("codebuild"))

    @cached_property
    def notifications(self) -> Notifications:
        """What topics of SNS were sent."""
        return Notifications(before_read=self.settle)

    @cached_property
    def image_scripts(self) -> ImageScripts:
        """What test authors have said about images that are to come."""
        return ImageScripts()

    @cached_property
    def image_maker(self) -> ImageMaker:
        """Carries images out."""
        return ImageMaker(
            self.pace,
            self.agenda,
            self.ids,
            NeighbourOutputs(self.neighbours, on_message=self.notifications.add),
            publishers=(ImageLogs(), ImageEvents(self.events)),
        )

    def announce(self, at: float, event: dict[str, Any]) -> None:
        """Tell EventBridge of *event*."""
        self.events.announce(at, event)

    def answers(self, service: str) -> Answer:
        """Return what answers calls to *service*."""
        gateway = Gateway(
            service_wire(service),
            _Handlers(self, service),
            _DIALECTS[service](),
            now=self.clock.now,
            new_id=self.ids.uuid,
            hooks=(self.calls.record, self.faults.meet),
        )

        pages = self._pages(service)
        advance, now = self.agenda.advance, self.clock.now

        def answer(request: HttpRequest, caller: Caller, operation: str | None) -> HttpResponse:
            with self._held:
                advance(now())
                page = pages.get(request.path) if operation is None else None
                if page is not None:
                    return page(request, caller)
                return gateway.answer(request, caller, operation)

        return answer

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold what is held while anything is read or changed, with all done that is due."""
        with self._held:
            self.agenda.advance(self.clock.now())
            yield

    def _pages(self, service: str) -> Mapping[str, Page]:
        """Return what a service has for browsers, by path."""
        return {"/badges": self._badge} if service == "codebuild" else {}

    def _badge(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        from mockbuild.services.codebuild.badges import badge

        here = [one for one in self.peers("codebuild") if one.region == caller.region]
        body = badge((one for one in here if isinstance(one, CodeBuild)), request.query).encode()
        headers = {"Content-Type": "image/svg+xml", "Cache-Control": "no-cache"}
        return HttpResponse(200, {**headers, "Content-Length": str(len(body))}, body)

    @property
    def catalogue(self) -> "Catalogue":
        """What Amazon and others provide to everybody."""
        from mockbuild.services.imagebuilder.catalogue import Catalogue

        with self.lock:
            here = self.backend("imagebuilder", Caller(self.settings.account_id, "us-east-1"))
            if not isinstance(here, ImageBuilder):
                raise TypeError(here)
            return here.store(Catalogue)

    def backend(self, service: str, caller: Caller) -> Backend:
        """Return the service of the caller's account in the caller's region."""
        key = (service, caller.account_id, caller.region)
        backend = self._backends.get(key)
        if backend is None:
            kind = _BACKENDS[service]
            backend = self._backends[key] = kind(caller.account_id, caller.region, self)
        return backend

    def forget(self, service: str) -> None:
        """Drop the state of *service*."""
        with self.lock:
            for key in [key for key in self._backends if key[0] == service]:
                self._backends.pop(key).abandon()

    def settle(self) -> None:
        """Let what builds do outside happen, as far as somebody who looks would see it."""
        with self._held:
            for backend in list(self._backends.values()):
                backend.settle()

    def catch_up(self) -> None:
        """Let everything happen that has been due on the clock before now."""
        with self.entered():
            pass

    def passing(self, service: str, operation: str) -> None:
        """Take note of a call to a service that is not mocked here, before it goes its way."""
        if (
            service in _WATCHED
            and operation.startswith(_READS)
            and threading.get_ident() != self._held.thread
            and not self.crew.is_at_hand()
        ):
            self.settle()

    def close(self) -> None:
        """End everything: nothing is left running when this returns."""
        try:
            self.conductor.close()
            self.crew.dismiss()
        finally:
            self.neighbours.close()
            self.clock.stop()

    def peers(self, service: str) -> Iterable[Backend]:
        """Return all backends of *service* there are so far."""
        return [backend for key, backend in self._backends.items() if key[0] == service]

    def _surroundings(self, job: "BuildJob") -> Surroundings:
        return Surroundings(
            lambda: self.neighbours.s3(job.region), self.settings.sources, self._report
        )

    def _report(self, job: "BuildJob", report: "Report", at: float) -> None:
        from mockbuild.services.codebuild.reports import take_up

        here = self._backends["codebuild", job.account_id, job.region]
        if isinstance(here, CodeBuild):
            take_up(here, job, report, at)


class _Held:
    """The lock of a world, which also knows calls to other services for those that it makes.

    :ivar thread: the one that holds it; ``None`` when nobody does.
    """

    def __init__(self, lock: "threading.RLock") -> None:
        self._lock = lock
        self._depth = 0
        self.thread: int | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        self.thread = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self.thread = None
        self._lock.release()


class _Handlers(Mapping[str, Handler]):
    """What the operations of a service do in a world; each is looked up when it is called."""

    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service
        self._bound = _bound(service)

    def __getitem__(self, name: str) -> Handler:
        call = self._bound[name]
        return lambda caller, params: call(self._world.backend(self._service, caller), params)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bound)

    def __len__(self) -> int:
        return len(self._bound)


@cache
def _bound(service: str) -> Mapping[str, Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]]:
    return {name: bind(function) for name, function in operations(service).items()}


def _machines(settings: Settings, clock: Any) -> "Callable[[BuildJob], Machine] | None":
    """Return what makes machines that really run, or ``None`` where builds are simulated."""
    runner = settings.runner
    if runner == "simulated":
        return None
    if runner == "local":
        from mockbuild.machines.local import LocalMachine

        return lambda _: LocalMachine(clock)
    if runner == "docker":
        from mockbuild.machines.docker import DockerMachine

        return lambda _: DockerMachine(clock, settings.images)
    if callable(runner):
        return lambda _: runner()
    raise AssertionError(runner)
