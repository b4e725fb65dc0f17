"""One build from PROVISIONING to COMPLETED, on whatever machine it is given.

The phases follow the table in :mod:`mockbuild.domain.lifecycle`; what each does is a method
here, in their order. Nothing in this module knows which kind of machine it drives.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mockbuild.domain.arns import arn
from mockbuild.domain.lifecycle import ABORTED, BUILD_PHASES, COMMAND_PHASES
from mockbuild.domain.reports import report_arn_part
from mockbuild.engine.environment import build_variables
from mockbuild.engine.history import CommandEnded, CommandStarted, Due, Learned, Prepared
from mockbuild.engine.run import SUCCEEDED, Outcome, Run, failed
from mockbuild.engine.upload import Upload, UploadError
from mockbuild.machines.base import Command, File

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.documents.buildspec_phases import Phase


class BuildRun(Run):
    """Carries out one build; see :class:`~mockbuild.engine.run.Run`."""

    steps = BUILD_PHASES
    #: The buildspec, once it is read.
    spec: "Buildspec | None" = None
    #: Whether a phase has failed.
    failing = False

    def do(self, phase: str) -> Outcome:
        """Do what belongs to *phase*."""
        if phase in COMMAND_PHASES:
            return self._run_commands(phase)
        self.machine.begin(phase)
        return _WORK[phase](self)

    def after(self, phase: str, outcome: Outcome) -> str:
        """Return the phase that *outcome* leads to, by the buildspec's ``on-failure`` first."""
        if outcome.status == "SUCCEEDED":
            return BUILD_PHASES[phase].then
        self.failing = True
        spec = self._phase(phase)
        rule = spec.on_failure if spec is not None else None
        if rule is None or outcome.status == "FAULT":
            return super().after(phase, outcome)
        if rule.action == "RETRY" and re.search(rule.pattern, outcome.context[1][:1000]):
            self.history.retries = rule.retries
        step = BUILD_PHASES[phase]
        return {"CONTINUE": step.then, "ABORT": ABORTED}.get(rule.action, step.on_failure)

    def _phase(self, name: str) -> "Phase | None":
        if self.spec is None or name not in self.job.phases:
            return None
        return self.spec.phases.get(name)

    # DOWNLOAD_SOURCE

    def _download_source(self) -> Outcome:
        files = self.fetch_source()
        self.spec, location = self._read_buildspec(files)
        self.put_sources(files)
        self.set(build_variables(self.job, self.spec))
        self.resolve_version()
        self.history.add(
            Prepared(self.machine.now(), self.job, self.machine.root, location, self.spec)
        )
        return SUCCEEDED

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
        self.set({"CODEBUILD_BUILD_SUCCEEDING": "0" if self.failing else "1"})
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
            status = self.machine.run(self._command(text, user), self.printed)
            self.unsent = {}
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
        environment = self.environment if fresh else self.unsent
        return Command(text, environment, shell, user, fresh)

    def _export(self, names: Iterable[str]) -> None:
        """Make the values that variables have after POST_BUILD known.

        Names that start with ``AWS_`` may not be exported. That an unset variable is exported as
        an empty text is a guess.
        """
        wanted = [name for name in names if not name.startswith("AWS_")]
        if wanted:
            # What no command has been told yet is not in the shell.
            values = {**self.machine.variables(wanted), **self.unsent}
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
        names = (report_arn_part(job.project["name"], report.name) for report in job.reports)
        groups = dict.fromkeys(names)
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
    "PROVISIONING": BuildRun.provision,
    "DOWNLOAD_SOURCE": BuildRun._download_source,
    "UPLOAD_ARTIFACTS": BuildRun._upload_artifacts,
    "FINALIZING": BuildRun._finalize,
}
