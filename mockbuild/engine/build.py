"""One build from PROVISIONING to COMPLETED, on whatever machine it is given.

The phases follow the table in :mod:`mockbuild.domain.lifecycle`; what each does is a method
here, in their order. Nothing in this module knows which kind of machine it drives.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from mockbuild.domain.arns import arn
from mockbuild.domain.lifecycle import ABORTED, BUILD_PHASES, COMMAND_PHASES, LAST
from mockbuild.domain.reports import report_arn_part
from mockbuild.engine.environment import build_variables, service_variables
from mockbuild.engine.history import (
    CommandEnded,
    CommandStarted,
    Context,
    Due,
    History,
    Learned,
    Moved,
    Prepared,
    Printed,
)
from mockbuild.engine.job import BuildJob
from mockbuild.engine.sources import SourceError, UnknownSource, fetch
from mockbuild.engine.surroundings import Surroundings
from mockbuild.engine.upload import Upload, UploadError
from mockbuild.machines.base import (
    Command,
    File,
    ImageError,
    Killed,
    Machine,
    MachineError,
    MachineSpec,
    StepFailed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.documents.buildspec_phases import Phase


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a phase ended, and why."""

    status: Literal["SUCCEEDED", "FAILED", "FAULT"] = "SUCCEEDED"
    context: Context = ("", "")


SUCCEEDED = Outcome()
#: The context of the phase in which a build times out, with its trailing space, as recorded.
TIMED_OUT: Context = ("BUILD_TIMED_OUT", "Build has timed out. ")


def failed(status_code: str, message: str) -> Outcome:
    """Return the outcome of a phase that failed for a reason."""
    return Outcome("FAILED", (status_code, message))


class BuildRun:
    """Carries out one build.

    :param job: the build, as it was asked for.
    :param machine: the machine it has for itself.
    :param history: where what happens is written.
    :param deadline: when it times out, in seconds since the epoch.
    """

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
        self.spec: Buildspec | None = None
        self.failing = False
        self.environment: dict[str, str] = {}
        self._unsent: dict[str, str] = {}

    def run(self) -> None:
        """Go through the phases until COMPLETED; whatever happens, the machine is closed."""
        phase = "PROVISIONING"
        try:
            while phase != LAST:
                outcome = self._perform(phase)
                following = self._after(phase, outcome)
                if following == LAST:
                    self.machine.close()
                self._move(following, outcome)
                phase = following
        except Killed:
            # Who stops a build writes its end before killing the machine; so this was the deadline.
            self.history.add(Moved(self.machine.now(), LAST, "TIMED_OUT", TIMED_OUT))
        except BaseException:
            self.history.add(Moved(self.machine.now(), LAST, "FAULT", ("INTERNAL_ERROR", "")))
            raise
        finally:
            self.machine.close()

    def _move(self, phase: str, outcome: Outcome) -> None:
        self.history.add(Moved(self.machine.now(), phase, outcome.status, outcome.context))

    def _perform(self, phase: str) -> Outcome:
        try:
            if phase in COMMAND_PHASES:
                return self._run_commands(phase)
            self.machine.begin(phase)
            return _WORK[phase](self)
        except StepFailed as reason:
            return failed(reason.status_code, reason.message)
        except ImageError as error:
            # The code and the first sentence are as recorded; the rest is the engine's own word.
            return failed(
                "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
                f"Unable to pull customer's container image. {error}",
            )
        except MachineError as error:
            # How the service words its own faults is not known: code and text are ours.
            return Outcome("FAULT", ("INTERNAL_SERVICE_ERROR", str(error)))

    def _after(self, phase: str, outcome: Outcome) -> str:
        step = BUILD_PHASES[phase]
        if outcome.status == "SUCCEEDED":
            return step.then
        self.failing = True
        if outcome.status == "FAULT":
            return LAST
        spec = self._phase(phase)
        rule = spec.on_failure if spec is not None else None
        if rule is None:
            return step.on_failure
        if rule.action == "RETRY" and re.search(rule.pattern, outcome.context[1][:1000]):
            self.history.retries = rule.retries
        return {"CONTINUE": step.then, "ABORT": ABORTED}.get(rule.action, step.on_failure)

    def _phase(self, name: str) -> "Phase | None":
        if self.spec is None or name not in self.job.phases:
            return None
        return self.spec.phases.get(name)

    # PROVISIONING

    def _provision(self) -> Outcome:
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
        return SUCCEEDED

    # DOWNLOAD_SOURCE

    def _download_source(self) -> Outcome:
        try:
            files = self._fetch(self.job.project["source"], self.job.source_version)
            self.spec, location = self._read_buildspec(files)
            self.machine.put(files or (), self.job.source_folder)
            for source, version, folder in self.job.secondary_sources():
                self.machine.put(self._fetch(source, version) or (), folder)
        except SourceError as error:
            return failed(error.status_code, error.message)
        self._set(build_variables(self.job, self.spec))
        if self.job.resolved_version is not None:
            version = self.job.resolved_version
            self.history.add(Learned(self.machine.now(), {"resolvedSourceVersion": version}))
            self._set({"CODEBUILD_RESOLVED_SOURCE_VERSION": version})
        self.history.add(
            Prepared(self.machine.now(), self.job, self.machine.root, location, self.spec)
        )
        return SUCCEEDED

    def _fetch(self, source: Mapping[str, Any], version: str | None) -> list[File] | None:
        """Return a source's files, or ``None`` where nobody can know them."""
        around = self.surroundings
        try:
            return fetch(source, version, around.s3, around.folders)
        except UnknownSource as error:
            if self.job.lenient:
                return None
            raise SourceError("CLIENT_ERROR", str(error)) from None

    def _read_buildspec(self, files: list[File] | None) -> tuple["Buildspec | None", str]:
        from mockbuild.engine.buildspecs import load_buildspec  # brings a YAML parser along

        return load_buildspec(
            self.job.project["source"].get("buildspec", ""),
            files,
            folder=self.machine.root + self.job.source_folder,
            s3=self.surroundings.s3,
            lenient=self.job.lenient,
        )

    # INSTALL to POST_BUILD

    def _run_commands(self, phase: str) -> Outcome:
        spec = self._phase(phase)
        commands = [str(command) for command in spec.commands] if spec is not None else []
        commands = commands or list(self.job.stand_in.get(phase, ()))
        at_last = [str(command) for command in spec.finally_commands] if spec is not None else []
        user = self._user(spec)
        self._set({"CODEBUILD_BUILD_SUCCEEDING": "0" if self.failing else "1"})
        self.machine.begin(phase, len(commands))
        outcome = self._run_all(commands, user)
        clean_up = self._run_all(at_last, user)
        if phase == COMMAND_PHASES[-1] and self.spec is not None:
            self._export(map(str, self.spec.env.exported_variables))
        # Which failure the context names when both lists have one is a guess: the first.
        return outcome if outcome.status != "SUCCEEDED" else clean_up

    def _user(self, phase: "Phase | None") -> str | None:
        """Return whom a phase's commands run as: its own word goes before the document's."""
        for place in (phase, self.spec):
            if place is not None and place.run_as is not None:
                return str(place.run_as)
        return None

    def _run_all(self, commands: Iterable[str], user: str | None) -> Outcome:
        for text in commands:
            self.history.add(CommandStarted(self.machine.now(), text))
            status = self.machine.run(self._command(text, user), self._printed)
            self._unsent = {}
            self.history.add(CommandEnded(self.machine.now(), text, status))
            if status:
                reason = f"Error while executing command: {text}. Reason: exit status {status}"
                return failed("COMMAND_EXECUTION_ERROR", reason)
        return SUCCEEDED

    def _command(self, text: str, user: str | None) -> Command:
        """Return the command for the machine, in the shell that the buildspec asks for.

        In version 0.1 each command has a shell of its own, which knows nothing of the others.
        """
        spec = self.spec
        fresh = spec is not None and spec.version == "0.1"
        shell = str(spec.env.shell) if spec is not None and spec.env.shell else "sh"
        environment = self.environment if fresh else self._unsent
        return Command(text, environment, shell, user, fresh)

    def _set(self, variables: Mapping[str, str]) -> None:
        self.environment.update(variables)
        self._unsent.update(variables)

    def _printed(self, text: str) -> None:
        self.history.add(Printed(self.machine.now(), text))

    def _export(self, names: Iterable[str]) -> None:
        """Make the values that variables have after POST_BUILD known.

        Names that start with ``AWS_`` may not be exported. That an unset variable is exported as
        an empty text is a guess.
        """
        wanted = [name for name in names if not name.startswith("AWS_")]
        if wanted:
            # What no command has been told yet is not in the shell.
            values = {**self.machine.variables(wanted), **self._unsent}
            exported = [{"name": name, "value": values.get(name, "")} for name in wanted]
            self.history.add(
                Learned(self.machine.now(), {"exportedEnvironmentVariables": exported})
            )

    # UPLOAD_ARTIFACTS and FINALIZING

    def _upload_artifacts(self) -> Outcome:
        def command(text: str) -> Command:
            return replace(self._command(text, self._user(None)), fresh=False)

        self._report()
        s3 = self.surroundings.s3
        upload = Upload(self.job, self.spec, self.machine, self.history, s3, command)
        try:
            upload.run()
        except UploadError as error:
            return failed("CLIENT_ERROR", str(error))
        return SUCCEEDED

    def _report(self) -> None:
        """Hand in the reports, which appear even where the artifacts then fail: a guess."""
        job, at = self.job, self.machine.now()
        if not job.reports:
            return
        groups = [report_arn_part(job.project["name"], report.name) for report in job.reports]
        arns = [
            arn("codebuild", job.region, job.account_id, f"report/{group}:{job.uuid}")
            for group in groups
        ]
        self.history.add(Learned(at, {"reportArns": arns}))
        for report in job.reports:
            self.history.add(Due(at, partial(self.surroundings.report, job, report, at)))

    def _finalize(self) -> Outcome:
        return SUCCEEDED


#: What is done in the phases that run no commands.
_WORK: Mapping[str, "Callable[[BuildRun], Outcome]"] = {
    "PROVISIONING": BuildRun._provision,
    "DOWNLOAD_SOURCE": BuildRun._download_source,
    "UPLOAD_ARTIFACTS": BuildRun._upload_artifacts,
    "FINALIZING": BuildRun._finalize,
}
