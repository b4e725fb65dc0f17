"""Everything behind one mock: the rooms put together, and the state of both services."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from mockbuild._calls import CallLog
from mockbuild._scripts import Faults, Scripts
from mockbuild.clock import make_clock
from mockbuild.config import Settings
from mockbuild.domain.ids import Ids
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.conductor import Conductor
from mockbuild.engine.crew import Crew
from mockbuild.engine.pace import Pace
from mockbuild.engine.publish import LogPublisher
from mockbuild.engine.surroundings import Surroundings
from mockbuild.intercept.switch import Answer
from mockbuild.neighbours import Neighbours
from mockbuild.services.backend import Backend, Means
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.dialect import CodeBuildDialect
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.dialect import ImageBuilderDialect
from mockbuild.services.operations import bind, operations
from mockbuild.wire.dialect import Dialect
from mockbuild.wire.gateway import Caller, Gateway, Handler
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.service import service_wire

if TYPE_CHECKING:
    from mockbuild.domain.reports import Report
    from mockbuild.engine.job import BuildJob
    from mockbuild.machines.base import Machine

_DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "codebuild": CodeBuildDialect,
    "imagebuilder": ImageBuilderDialect,
}
_BACKENDS: Mapping[str, type[Backend]] = {"codebuild": CodeBuild, "imagebuilder": ImageBuilder}
#: Services whose readers may be after what builds have produced.
_WATCHED = frozenset({"s3", "logs"})
_READS = ("Get", "List", "Head", "Describe", "Filter", "Select", "Copy", "StartQuery")


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
        self.neighbours = Neighbours(settings.neighbours, before_read=self.settle)
        pace = Pace(self.clock, settings.transitions)
        self.agenda = Agenda()
        self._crew = Crew(self.clock)
        self.conductor = Conductor(
            pace,
            self.agenda,
            self._crew,
            lock=self.lock,
            surroundings=self._surroundings,
            publishers=(LogPublisher(self.neighbours.logs, self.neighbours.s3),),
            new_machine=_machines(settings, self.clock),
        )
        self._means = Means(
            clock=self.clock,
            pace=pace,
            agenda=self.agenda,
            crew=self._crew,
            ids=self.ids,
            conductor=self.conductor,
            scripts=self.scripts,
            neighbours=self.neighbours,
            peers=self._peers,
        )
        self._backends: dict[tuple[str, str, str], Backend] = {}
        self._inside: set[int] = set()

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

        def answer(request: HttpRequest, caller: Caller, operation: str) -> HttpResponse:
            # Whatever reads or changes state, a page of a list included, does it under the lock.
            with self.lock:
                self._inside.add(threading.get_ident())
                try:
                    self.agenda.advance(self.clock.now())
                    return gateway.answer(request, caller, operation)
                finally:
                    self._inside.discard(threading.get_ident())

        return answer

    def backend(self, service: str, caller: Caller) -> Backend:
        """Return the service of the caller's account in the caller's region."""
        key = (service, caller.account_id, caller.region)
        backend = self._backends.get(key)
        if backend is None:
            kind = _BACKENDS[service]
            backend = self._backends[key] = kind(caller.account_id, caller.region, self._means)
        return backend

    def forget(self, service: str) -> None:
        """Drop the state of *service*."""
        with self.lock:
            for key in [key for key in self._backends if key[0] == service]:
                self._backends.pop(key).abandon()

    def settle(self) -> None:
        """Let what builds do outside happen, as far as somebody who looks would see it."""
        with self.lock:
            for backend in list(self._backends.values()):
                backend.settle()

    def passing(self, service: str, operation: str) -> None:
        """Take note of a call to a service that is not mocked here, before it goes its way."""
        if (
            service in _WATCHED
            and operation.startswith(_READS)
            and threading.get_ident() not in self._inside
            and not self._crew.is_at_hand()
        ):
            self.settle()

    def close(self) -> None:
        """End everything: nothing is left running when this returns."""
        try:
            self.conductor.close()
            self._crew.dismiss()
        finally:
            self.neighbours.close()
            self.clock.stop()

    def _peers(self, service: str) -> Iterable[Backend]:
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
