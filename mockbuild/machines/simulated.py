"""A machine that runs nothing: it answers from a script and moves a clock of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from mockbuild.machines.base import (
    Command,
    File,
    Killed,
    MachineError,
    MachineSpec,
    Output,
    StepFailed,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a step fails.

    :param exit_status: of its last command, in a step that runs commands.
    :param command: that command's text, where the step has none of its own.
    :param status_code: and *message*: the reason, in a step that runs none.
    """

    exit_status: int = 1
    command: str | None = None
    status_code: str = "CLIENT_ERROR"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What a simulated machine answers; everything not said succeeds.

    :param failures: by step.
    :param output: what is printed, by step: by its failing command, else by its last one.
    :param seconds: how long a step takes in all, by step; others take :data:`SECONDS`.
    :param hangs: the step that never ends by itself.
    :param breaks: why the machine does not come up at all.
    :param exports: values that variables have after the commands.
    :param files: what lies in the working folder after the commands, by path.
    """

    failures: Mapping[str, Failure] = field(default_factory=dict)
    output: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    hangs: str | None = None
    breaks: str | None = None
    exports: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def commands(self) -> Mapping[str, tuple[str, ...]]:
        """Return a command for each step that is to fail or print, if it has none of its own."""
        if not self.failures and not self.output:
            return _NO_COMMANDS
        failing = {
            step: (failure.command or f"exit {failure.exit_status}",)
            for step, failure in self.failures.items()
        }
        return dict.fromkeys(self.output, ("true",)) | failing


_NO_COMMANDS: Mapping[str, tuple[str, ...]] = {}
PLAIN = Script()
#: How long a step that runs no commands takes, in seconds: about what idle accounts show.
SECONDS: Mapping[str, float] = {
    "PROVISIONING": 6.218,
    "DOWNLOAD_SOURCE": 2.104,
    "UPLOAD_ARTIFACTS": 0.371,
    "FINALIZING": 0.163,
}
#: How long an empty step and one command take.
EMPTY_STEP = 0.041
ONE_COMMAND = 3.024


_NEVER = float("inf")


class SimulatedMachine:
    """See :class:`~mockbuild.machines.base.Machine`.

    :param start_time: where its clock begins.
    :param script: what it answers.
    :param deadline: when it is dead even if it did not come up by then; afterwards the one of
        its :class:`~mockbuild.machines.base.MachineSpec` holds.
    """

    root = ""

    def __init__(
        self, start_time: float, script: Script = PLAIN, deadline: float = float("inf")
    ) -> None:
        self._time = start_time
        self._script = script
        self._deadline = deadline
        self._folder = ""
        self._environment: dict[str, str] = {}
        self._step = ""
        self._commands = self._commands_left = 0
        self._step_began = start_time
        self._step_seconds = 0.0
        #: Since when nothing moves any more, or infinity.
        self.hangs_from = _NEVER

    def start(self, spec: MachineSpec) -> None:
        """Come up, unless the script says not to."""
        self._deadline = spec.deadline
        self._folder = spec.folder
        self._environment = dict(spec.environment)
        if self._script.breaks is not None:
            raise MachineError(self._script.breaks)

    def begin(self, step: str, commands: int = 0) -> None:
        """Enter *step*; one without commands passes here and now."""
        if self._time >= self._deadline:
            self._die()
        script = self._script
        self._step = step
        self._commands = self._commands_left = commands
        self._step_began = self._time
        if script.hangs == step:
            self._hang()
        seconds = script.seconds.get(step)
        if commands:
            self._step_seconds = ONE_COMMAND * commands if seconds is None else seconds
            return
        self._reach(self._time + (SECONDS.get(step, EMPTY_STEP) if seconds is None else seconds))
        failure = script.failures.get(step)
        if failure is not None:
            raise StepFailed(failure.status_code, failure.message)

    def put(self, files: Iterable[File], folder: str) -> None:
        """Take no notice: nothing is read here again."""

    def run(self, command: Command, output: Output) -> int:
        """Spend the command's time; the step's last command prints and fails as scripted.

        What is run beyond the announced commands, such as the step's clean-up, takes no time.
        """
        self._environment.update(command.environment)
        self._commands_left -= 1
        if self._commands_left >= 0:
            share = 1 - self._commands_left / self._commands
            self._reach(self._step_began + self._step_seconds * share)
        if self._commands_left != 0:
            return 0
        text = self._script.output.get(self._step)
        if text:
            output(text)
        failure = self._script.failures.get(self._step)
        return failure.exit_status if failure is not None else 0

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Return the scripted values, and for others what was set from outside."""
        values = {**self._environment, **self._script.exports}
        return {name: values[name] for name in names if name in values}

    def files(self, folder: str) -> Iterator[File]:
        """Go through the scripted files below *folder*."""
        below = folder.removeprefix(self._folder).strip("/")
        prefix = f"{below}/" if below else ""
        found = [path for path in self._script.files if path.startswith(prefix)]
        if prefix and not found:
            raise FileNotFoundError(folder)
        for path in sorted(found):
            yield File(path.removeprefix(prefix), partial(bytes, self._script.files[path]))

    def now(self) -> float:
        """Return the time on the machine's own clock."""
        return self._time

    def kill(self) -> None:
        """Be dead from now on; nothing is at work that would have to end."""
        self._deadline = float("-inf")

    def close(self) -> None:
        """Do nothing: there is nothing to remove."""

    def _reach(self, time: float) -> None:
        then = round(time, 3)
        if then >= self._deadline:
            self._die()
        self._time = then

    def _hang(self) -> None:
        self.hangs_from = self._time
        self._die()

    def _die(self) -> NoReturn:
        self._time = max(self._time, self._deadline)
        raise Killed
