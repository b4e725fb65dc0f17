"""One sandbox on whatever machine it is given: brought up once, then given command after command.

On a machine that really runs, the commands share one shell, so that what one does to its variables
and working folder is there for the next: a guess, as the documentation is silent about it.
"""

import shlex
from contextlib import suppress
from typing import NamedTuple, Protocol

from mockbuild.domain.sandbox_lifecycle import RUN, SANDBOX_PHASES
from mockbuild.engine.environment import build_variables
from mockbuild.engine.history import CommandEnded, CommandStarted, History, Printed, Said
from mockbuild.engine.job import BuildJob
from mockbuild.engine.run import SUCCEEDED, Outcome, Run, fault
from mockbuild.engine.surroundings import Surroundings
from mockbuild.machines.base import Command, File, Machine, MachineError

#: Where a command's standard error is kept while it runs, below the machine's root.
_FOLDER = "/codebuild/output/sandbox"
_ERRORS = "stderr"
# A machine has one pipe for both outputs, so the second goes to a file. A new one each time: what a
# former command left behind may still write to its own. Nobody's `set -x` traces any of this.
_PRELUDE = (
    "{{ case $- in *x*) mockbuild_x=1; set +x;; *) mockbuild_x=;; esac; }} 2>/dev/null; "
    r"[ ! -d {0} ] || {{ \command -p rm -f {0}/{1}; exec 2>{0}/{1}; }}; "
    "case $mockbuild_x in 1) unset mockbuild_x; set -x;; *) unset mockbuild_x;; esac"
)


class Result(NamedTuple):
    """What a command did."""

    exit_status: int
    output: str
    error: str


class Desk(Protocol):
    """Where the commands of a sandbox come from, and their results go."""

    def next_command(self) -> str | None:
        """Return the next command; ``None`` means that the sandbox is to be left alone."""

    def began(self, at: float) -> None:
        """Take note that the command has begun."""

    def finished(self, at: float, result: Result) -> None:
        """Take note of what the command did."""


class SandboxRun(Run):
    """Carries out one sandbox; see :class:`~mockbuild.engine.run.Run`.

    :param desk: has its commands.
    """

    steps = SANDBOX_PHASES

    def __init__(
        self,
        job: BuildJob,
        machine: Machine,
        history: History,
        deadline: float,
        surroundings: Surroundings,
        desk: Desk,
    ) -> None:
        super().__init__(job, machine, history, deadline, surroundings)
        self._desk = desk

    def run(self) -> None:
        """Bring the sandbox up and carry out the commands that wait already.

        A machine that is still there afterwards waits for :meth:`serve`.
        """
        with self.to_its_end():
            if self.walk(before=RUN) == RUN:
                self.machine.begin(RUN)
                self._serve()

    def serve(self) -> None:
        """Carry out the commands that wait."""
        with self.to_its_end():
            self._serve()

    def do(self, phase: str) -> Outcome:
        """Do what belongs to *phase*."""
        self.machine.begin(phase)
        return self.provision() if phase == "PROVISIONING" else self._download_source()

    def _download_source(self) -> Outcome:
        """Get the sources; that a sandbox takes no notice of a buildspec is a guess."""
        self.put_sources(self.fetch_source())
        self.set(build_variables(self.job, None))
        self.resolve_version()
        self.machine.put([File(_ERRORS, bytes)], _FOLDER)
        folder = self.machine.root + self.job.source_folder
        lines = (f"CODEBUILD_SRC_DIR={folder}", f"Moving to directory {folder}")
        self.history.add(Said(self.machine.now(), lines))
        return SUCCEEDED

    def _serve(self) -> None:
        try:
            while (command := self._desk.next_command()) is not None:
                self._execute(command)
        except MachineError as error:
            self.move(self.steps[RUN].on_failure, fault(error))

    def _execute(self, text: str) -> None:
        at = self.machine.now()
        self._desk.began(at)
        self.history.add(CommandStarted(at, text))
        said: list[str] = []

        def output(part: str) -> None:
            said.append(part)
            self.printed(part)

        folder = shlex.quote(self.machine.root + _FOLDER)
        script = f"{_PRELUDE.format(folder, _ERRORS)}\n{text}"
        status = self.machine.run(Command(script, self.unsent), output)
        self.unsent = {}
        error = self._error()
        at = self.machine.now()
        if error:
            self.history.add(Printed(at, error))
        self.history.add(CommandEnded(at, text, status))
        self._desk.finished(at, Result(status, "".join(said), error))

    def _error(self) -> str:
        """Return what the last command printed to standard error, unless it took the file away."""
        with suppress(FileNotFoundError, MachineError):
            for file in self.machine.files(_FOLDER):
                if file.path == _ERRORS:
                    return file.read().decode(errors="replace")
        return ""
