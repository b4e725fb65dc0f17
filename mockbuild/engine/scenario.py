"""What a test author has said about one build or sandbox to come."""

import re
from dataclasses import dataclass

from mockbuild.domain.reports import Report
from mockbuild.machines.simulated import PLAIN, Script


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command that is executed in a sandbox does.

    :param command: its whole text, or a pattern that is found in it.
    :param output: what it prints.
    :param error: what it prints to standard error.
    :param seconds: how long it takes; infinity is until the sandbox ends.
    """

    command: str | re.Pattern[str]
    output: str = ""
    error: str = ""
    exit_code: int = 0
    seconds: float = 0.2

    def is_to(self, command: str) -> bool:
        """Tell whether *command* is answered so."""
        if isinstance(self.command, str):
            return command == self.command
        return self.command.search(command) is not None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a simulated build or sandbox does.

    :param machine: what its machine answers.
    :param reports: what it leaves to be reported.
    :param answers: what commands do that are executed in it.
    """

    machine: Script = PLAIN
    reports: tuple[Report, ...] = ()
    answers: tuple[Answer, ...] = ()

    def answer_to(self, command: str) -> Answer:
        """Return what *command* does: of the answers that are meant for it, the last one said."""
        return next((one for one in reversed(self.answers) if one.is_to(command)), Answer(command))


UNSAID = Scenario()
