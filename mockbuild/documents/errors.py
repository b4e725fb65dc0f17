"""What is wrong with a document, and where."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from mockbuild.errors import MockbuildError

Severity = Literal["error", "warning"]


class Placed(Protocol):
    """Anything that knows where it stands in its document."""

    @property
    def line(self) -> int:
        """Line, counted from 1."""

    @property
    def column(self) -> int:
        """Column, counted from 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a document. ``str()`` is ``file:line:column: severity: message``.

    :param source: the file's name, or ``<inline>``.
    :param line: line, counted from 1.
    :param column: column, counted from 1.
    :param message: what is wrong and what to do about it.
    :param severity: an ``error`` stops a build, a ``warning`` does not.
    :param aws_message: what the service says for it; our message where that is not known.
    """

    source: str
    line: int
    column: int
    message: str
    severity: Severity = "error"
    aws_message: str = ""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.severity}: {self.message}"


class DocumentError(MockbuildError):
    """A document that cannot be used. ``str()`` is ``file:line:column: message``.

    :param source: the file's name, or ``<inline>``.
    :param line: line, counted from 1.
    :param column: column, counted from 1.
    :param message: what is wrong and what to do about it.
    :param aws_message: what the service says for it; our message where that is not known. Of a
        buildspec it is the message of a phase context, beside the code ``YAML_FILE_ERROR``; of
        Image Builder's documents, the sentence on the parameter that the document came in.
    """

    def __init__(
        self, source: str, line: int, column: int, message: str, aws_message: str = ""
    ) -> None:
        super().__init__(source, line, column, message, aws_message)
        self.source = source
        self.line = line
        self.column = column
        self.message = message
        self.aws_message = aws_message or message

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.message}"

    @property
    def problem(self) -> Problem:
        """The same as a :class:`Problem`."""
        return Problem(self.source, self.line, self.column, self.message, "error", self.aws_message)


#: More than this of each severity nobody reads; a hostile document could hold 100,000.
MAX_PROBLEMS = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shown(text: str) -> str:
    """Make text from a document fit for a one-line message."""
    cut = text if len(text) <= 80 else f"{text[:77]}..."
    return _CONTROL.sub(lambda found: ascii(found.group())[1:-1], cut)


class Problems:
    """Collects what is found in one document, so that everything can be shown at once.

    :param source: the file's name, or ``<inline>``.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: dict[Severity, list[Problem]] = {"error": [], "warning": []}

    def is_full(self, severity: Severity) -> bool:
        """Whether there are so many of `severity` that no more are kept."""
        return len(self._found[severity]) >= MAX_PROBLEMS

    def error(self, at: Placed, message: str, aws_message: str = "") -> None:
        """Note something that stops a build; see :class:`Problem` for the arguments."""
        self._add(at, message, "error", aws_message)

    def warning(self, at: Placed, message: str) -> None:
        """Note something that the service lets pass."""
        self._add(at, message, "warning", "")

    def _add(self, at: Placed, message: str, severity: Severity, aws_message: str) -> None:
        if not self.is_full(severity):
            self._found[severity].append(
                Problem(self._source, at.line, at.column, message, severity, aws_message or message)
            )

    def in_order(self) -> tuple[Problem, ...]:
        """All that was found, in the order of the document."""
        found = self._found["error"] + self._found["warning"]
        return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def raise_first(problems: tuple[Problem, ...]) -> None:
    """Raise the first error among `problems`, if there is one.

    :raises DocumentError: for the first problem that is an error.
    """
    for problem in problems:
        if problem.severity == "error":
            raise DocumentError(
                problem.source, problem.line, problem.column, problem.message, problem.aws_message
            )
