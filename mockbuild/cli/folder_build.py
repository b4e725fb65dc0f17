"""One build of a folder on this computer: what it is made from, carrying it out, what it leaves."""

import re
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from mockbuild.domain.arns import arn, bucket_and_key
from mockbuild.domain.ids import Ids
from mockbuild.domain.lifecycle import COMMAND_PHASES, LAST
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.conductor import Conductor
from mockbuild.engine.crew import Crew
from mockbuild.engine.history import Event, Moved
from mockbuild.engine.job import BuildJob
from mockbuild.engine.live_build import LiveBuild
from mockbuild.engine.pace import Pace
from mockbuild.engine.sources import SourceError, unzip
from mockbuild.engine.surroundings import Surroundings
from mockbuild.machines import folders
from mockbuild.machines.base import File, Machine, MachineError
from mockbuild.machines.simulated import Script
from mockbuild.neighbours.embedded_s3 import EmbeddedS3
from mockbuild.services.codebuild.build_record import show, template

if TYPE_CHECKING:
    from mockbuild.cli.variables import Given
    from mockbuild.clock import Clock
    from mockbuild.documents.buildspec import Buildspec

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"
IMAGE = "aws/codebuild/standard:7.0"
_BUCKET = "artifacts"
#: SIGHUP is what a terminal sends when it is closed.
_CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A build as it was asked for.

    :param folder: the source.
    :param spec: its buildspec.
    :param buildspec: what the project says of the buildspec: a path below *folder*, or its text.
    :param runner: ``local`` or ``docker``.
    :param images: patterns of image names to images, for Docker.
    :param phases: the phases whose commands run.
    :param timeout: in minutes.
    :param variables: from the command line, by name.
    :param collect: whether to gather artifacts.
    """

    folder: Path
    spec: "Buildspec"
    buildspec: str
    runner: str = "local"
    images: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[str, ...] = COMMAND_PHASES
    timeout: float = 60
    variables: Mapping[str, "Given"] = field(default_factory=dict)
    collect: bool = True

    @property
    def name(self) -> str:
        """The project's name: the folder's, as far as a project may be called that."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.folder.resolve().name).strip("-_")
        return name[:150] if len(name) >= 2 else "build"

    def job(self, now: float) -> BuildJob:
        """Return the build for the engine, started at *now* (seconds since the epoch)."""
        ids = Ids()
        build_id = f"{self.name}:{ids.uuid()}"
        return BuildJob(
            build_id=build_id,
            arn=arn("codebuild", REGION, ACCOUNT_ID, f"build/{build_id}"),
            number=1,
            project=self._project(),
            region=REGION,
            account_id=ACCOUNT_ID,
            initiator="mockbuild",
            started=round(now, 3),
            source_folder=f"/codebuild/output/src{ids.digits(9)}/src",
            phases=self.phases,
        )

    def _project(self) -> dict[str, Any]:
        variables = [
            {"name": name, "value": given.value, "type": "PLAINTEXT"}
            for name, given in self.variables.items()
        ]
        return {
            "name": self.name,
            "source": {
                "type": "NO_SOURCE",
                "location": str(self.folder),
                "buildspec": self.buildspec,
            },
            **self._artifacts(),
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": IMAGE,
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": variables,
                "privilegedMode": False,
            },
            "timeoutInMinutes": self.timeout,
            "queuedTimeoutInMinutes": 480,
            "logsConfig": {"cloudWatchLogs": {"status": "DISABLED"}},
        }

    def _artifacts(self) -> dict[str, Any]:
        """Return what the project says of artifacts: zipped, since that keeps modes and links."""
        declared = self.spec.artifacts
        if declared is None or not self.collect:
            return {"artifacts": {"type": "NO_ARTIFACTS"}}
        zipped = {"type": "S3", "location": _BUCKET, "packaging": "ZIP", "name": "files.zip"}
        return {
            "artifacts": {**zipped, "path": "primary"},
            "secondaryArtifacts": [
                {**zipped, "path": f"secondary-{number}", "artifactIdentifier": identifier}
                for number, identifier in enumerate(declared.secondary)
            ],
        }


@dataclass(frozen=True, slots=True)
class Result:
    """How a build ended.

    :param record: the build as ``BatchGetBuilds`` shows it.
    :param artifacts: the files by identifier; the primary one's is empty.
    :param stopped_by: the signal that stopped it, if one did.
    """

    record: dict[str, Any]
    artifacts: Mapping[str, list[File]]
    stopped_by: signal.Signals | None
    wants_retry: bool = False

    @property
    def status(self) -> str:
        """Its status: ``SUCCEEDED``, ``FAILED``, ``FAULT``, ``TIMED_OUT`` or ``STOPPED``."""
        status: str = self.record["buildStatus"]
        return status

    @property
    def exit_code(self) -> int:
        """What the command ends with: as the shell's ``timeout`` and signals have it."""
        if self.status == "STOPPED" and self.stopped_by is not None:
            return 128 + self.stopped_by
        return {"SUCCEEDED": 0, "TIMED_OUT": 124}.get(self.status, 1)


class _Feed:
    """Hands events over to the thread that shows them, in place of writing a log."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Event | None] = SimpleQueue()

    def publish(self, build: LiveBuild, events: Iterable[Event]) -> None:  # noqa: ARG002
        """Queue *events*."""
        for event in events:
            self.queue.put(event)


class _Signals:
    """Takes note of the signals that stop a build, instead of dying of them.

    The handler only leaves a note and wakes the loop that shows events: it may run at any point
    of the main thread. Signals that were ignored before (``nohup``) stay so.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.received: signal.Signals | None = None
        self._wake = wake
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _CAUGHT:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.received is None:
            self.received = signal.Signals(number)
        self._wake()


def carry_out(
    wanted: Wanted, job: BuildJob, clock: "Clock", on_event: Callable[[Event], None]
) -> Result:
    """Run a build to its end, or until a signal stops it.

    Whatever happens, no process, container or folder of the build is left afterwards.

    :param clock: started already.
    :param on_event: called in this thread with each event, as it comes.
    :raises click.ClickException: the build has artifacts that cannot be read.
    """
    s3 = EmbeddedS3()
    feed = _Feed()
    crew = Crew(clock)
    pace = Pace(clock, "settled")
    conductor = Conductor(
        pace,
        Agenda(pace.held),
        crew,
        lock=threading.RLock(),
        surroundings=lambda _: Surroundings(lambda: s3, {str(wanted.folder): str(wanted.folder)}),
        publishers=(feed,),
        new_machine=lambda _: _machine(wanted, clock),
    )
    with _Signals(lambda: feed.queue.put(None)) as signals:
        try:
            build = conductor.start(job, template(job.project), {}, Script())
            _follow(conductor, build, feed, signals, on_event)
        finally:
            conductor.close()
            crew.dismiss()
    record = show(build, build.overview(float("inf")))
    retries = build.history.retries > 0
    return Result(record, _artifacts(s3, record), signals.received, retries)


def _machine(wanted: Wanted, clock: "Clock") -> Machine:
    if wanted.runner == "docker":
        from mockbuild.machines.docker import DockerMachine

        return DockerMachine(clock, wanted.images)
    from mockbuild.machines.local import LocalMachine

    try:
        return LocalMachine(clock)
    except OSError as error:
        raise click.ClickException(f"cannot make a scratch folder: {error}") from error


def _follow(
    conductor: Conductor,
    build: LiveBuild,
    feed: _Feed,
    signals: _Signals,
    on_event: Callable[[Event], None],
) -> None:
    """Pass events on until the last; after a signal only phases, not the output still queued."""
    stopped = False
    while True:
        event = feed.queue.get()
        if signals.received is not None and not stopped:
            stopped = True
            conductor.stop(build)
        if event is None or (stopped and not isinstance(event, Moved)):
            continue
        on_event(event)
        if isinstance(event, Moved) and event.phase == LAST:
            return


def _artifacts(s3: EmbeddedS3, record: Mapping[str, Any]) -> dict[str, list[File]]:
    """Return what was uploaded, by identifier: what has a checksum, was."""
    found = {}
    for shown in (record["artifacts"], *record["secondaryArtifacts"]):
        if "sha256sum" in shown:
            bucket, key = bucket_and_key(shown["location"])
            try:
                files = unzip(s3.get(bucket, key).body)
            except SourceError as error:
                raise click.ClickException(f"the artifacts: {error.message}") from error
            found[shown.get("artifactIdentifier", "")] = files
    return found


def write_artifacts(found: Mapping[str, list[File]], folder: Path) -> None:
    """Put artifacts into *folder*, secondary ones each into a folder of its identifier.

    What is there already stays, unless it has the name of an artifact.

    :raises click.ClickException: something cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for identifier, files in found.items():
            below = folders.parts(identifier) if identifier else []
            for _ in folders.write(str(folder.resolve()), below, files):
                pass
    except MachineError as error:
        raise click.ClickException(f"artifacts: {error}") from error
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from error
