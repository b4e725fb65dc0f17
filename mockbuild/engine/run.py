"""Going from phase to phase on a machine: what builds and sandboxes have in common.

Nothing in this module knows which kind of machine it drives.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from mockbuild.domain.lifecycle import LAST, Step
from mockbuild.engine.environment import service_variables
from mockbuild.engine.history import Context, History, Learned, Moved, Printed
from mockbuild.engine.job import BuildJob
from mockbuild.engine.sources import SourceError, UnknownSource, fetch
from mockbuild.engine.surroundings import Surroundings
from mockbuild.machines.base import (
    File,
    ImageError,
    Killed,
    Machine,
    MachineError,
    MachineSpec,
    StepFailed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a phase ended, and why."""

    status: Literal["SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT"] = "SUCCEEDED"
    context: Context = ("", "")


SUCCEEDED = Outcome()
#: The context of the phase in which a build times out, with its trailing space, as recorded.
TIMED_OUT: Context = ("BUILD_TIMED_OUT", "Build has timed out. ")
#: The first phase that has a machine.
FIRST = "PROVISIONING"


def failed(status_code: str, message: str) -> Outcome:
    """Return the outcome of a phase that failed for a reason."""
    return Outcome("FAILED", (status_code, message))


def fault(reason: MachineError) -> Outcome:
    """Return the outcome of a phase in which the machine failed.

    How the service words its own faults is not known: code and text are ours.
    """
    return Outcome("FAULT", ("INTERNAL_SERVICE_ERROR", str(reason)))


class Running(Protocol):
    """Something that is carried out on a machine."""

    def run(self) -> None:
        """Carry it out, as far as can be done now."""


#: Makes what is to be carried out, of the job, the machine it has for itself, its history, when it
#: times out, and what it reaches outside its machine.
NewRun = Callable[[BuildJob, Machine, History, float, Surroundings], Running]


class Run(ABC):
    """Carries something out, phase by phase.

    :param job: what was asked for.
    :param machine: the machine it has for itself.
    :param history: where what happens is written.
    :param deadline: when it times out, in seconds since the epoch.
    """

    #: Its phases, and where each leads.
    steps: ClassVar[Mapping[str, Step]]

    def __init__(
        self,
        job: BuildJob,
        machine: Machine,
        history: History,
        deadline: float,
        surroundings: Surroundings,
    ) -> None:
        self.job = job
        self.machine = machine
        self.history = history
        self.deadline = deadline
        self.surroundings = surroundings
        self.environment: dict[str, str] = {}
        #: Variables that no command has been told yet.
        self.unsent: dict[str, str] = {}

    def run(self) -> None:
        """Go through the phases until COMPLETED; whatever happens, the machine is closed."""
        with self.to_its_end():
            self.walk()

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """See to it that what ends in here has an end in its history, and its machine is closed."""
        try:
            yield
        except Killed:
            # Who stops it writes its end before killing the machine; so this was the deadline.
            self.move(LAST, Outcome("TIMED_OUT", TIMED_OUT))
        except BaseException:
            self.move(LAST, Outcome("FAULT", ("INTERNAL_ERROR", "")))
            raise
        finally:
            if self.history.closed:
                self.machine.close()

    def walk(self, before: str = LAST) -> str:
        """Go through the phases up to *before*, and return the one that comes next."""
        phase = FIRST
        while phase not in (before, LAST):
            outcome = self._perform(phase)
            following = self.after(phase, outcome)
            if following == LAST:
                self.machine.close()
            self.move(following, outcome)
            phase = following
        return phase

    def move(self, phase: str, outcome: Outcome) -> None:
        """Enter *phase*; the one before it ended with *outcome*."""
        at = round(self.machine.now(), 3)
        self.history.add(Moved(at, phase, outcome.status, outcome.context))

    def _perform(self, phase: str) -> Outcome:
        try:
            return self.do(phase)
        except StepFailed as reason:
            return failed(reason.status_code, reason.message)
        except SourceError as error:
            return failed(error.status_code, error.message)
        except ImageError as error:
            # The code and the first sentence are as recorded; the rest is the engine's own word.
            return failed(
                "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
                f"Unable to pull customer's container image. {error}",
            )
        except MachineError as error:
            return fault(error)

    @abstractmethod
    def do(self, phase: str) -> Outcome:
        """Do what belongs to *phase*."""

    def after(self, phase: str, outcome: Outcome) -> str:
        """Return the phase that *outcome* leads to."""
        step = self.steps[phase]
        if outcome.status == "SUCCEEDED":
            return step.then
        return LAST if outcome.status == "FAULT" else step.on_failure

    # PROVISIONING

    def provision(self) -> Outcome:
        """Bring the machine up."""
        environment = self.job.project["environment"]
        root = self.machine.root
        folder = self.job.source_folder
        self.environment = service_variables(self.job, root + folder, root)
        self.machine.start(
            MachineSpec(
                folder=folder,
                environment=self.environment,
                deadline=self.deadline,
                image=environment["image"],
                privileged=environment.get("privilegedMode", False),
                name=self.job.uuid,
            )
        )
        interface = self.job.network_interface
        if interface is not None:
            self.history.add(Learned(self.machine.now(), {"networkInterface": interface}))
        return SUCCEEDED

    # DOWNLOAD_SOURCE

    def fetch_source(self) -> list[File] | None:
        """Return the primary source's files, or ``None`` where nobody can know them.

        :raises SourceError: it cannot be had.
        """
        return self._fetch(self.job.project["source"], self.job.source_version)

    def put_sources(self, files: "Iterable[File] | None") -> None:
        """Put *files*, those of the primary source, into the machine, and the secondary sources.

        :raises SourceError: one of these cannot be had.
        """
        self.machine.put(files or (), self.job.source_folder)
        for source, version, folder in self.job.secondary_sources():
            self.machine.put(self._fetch(source, version) or (), folder)

    def _fetch(self, source: Mapping[str, Any], version: str | None) -> list[File] | None:
        around = self.surroundings
        try:
            return fetch(source, version, around.s3, around.folders)
        except UnknownSource as error:
            if self.job.lenient:
                return None
            raise SourceError("CLIENT_ERROR", str(error)) from None

    def resolve_version(self) -> None:
        """Make the commit known that the source's version turned out to be."""
        version = self.job.resolved_version
        if version is not None:
            self.history.add(Learned(self.machine.now(), {"resolvedSourceVersion": version}))
            self.set({"CODEBUILD_RESOLVED_SOURCE_VERSION": version})

    # Commands

    def set(self, variables: Mapping[str, str]) -> None:
        """Let commands see these variables from now on."""
        self.environment.update(variables)
        self.unsent.update(variables)

    def printed(self, text: str) -> None:
        """Take note of what a command prints."""
        self.history.add(Printed(self.machine.now(), text))
