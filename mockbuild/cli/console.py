"""Writing to whoever is there: plain lines, or a terminal with colours and a running clock."""

import os
import sys
from types import TracebackType
from typing import Protocol, Self

import click


class Screen(Protocol):
    """Where text goes. It is entered before it is written to."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None: ...

    def write(self, text: str, style: str = "") -> None:
        """Write one or more lines, without their last line break.

        :param style: ``bold``, ``dim``, ``red`` and so on, where there is such a thing.
        """

    def busy(self, what: str) -> None:
        """Show that *what* is going on from now on, and for how long; empty for nothing."""


class Plain:
    """Lines of text and nothing else, whatever the encoding of standard output can hold."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        pass

    def write(self, text: str, style: str = "") -> None:  # noqa: ARG002 - it has none
        """Write lines at once, so that a pipe sees them as they come."""
        encoding = sys.stdout.encoding or "utf-8"
        safe = text.encode(encoding, "backslashreplace").decode(encoding)
        click.echo(safe, color=False)

    def busy(self, what: str) -> None:
        """Show nothing: there is no line to keep changing."""


class Terminal:
    """A terminal: colours, and a last line that says what is going on and for how long."""

    def __init__(self) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        self._progress = Progress(
            SpinnerColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            transient=True,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def write(self, text: str, style: str = "") -> None:
        """Write lines above the last one; colours that are in *text* already are kept."""
        from rich.text import Text

        shown = Text.from_ansi(text)
        if style:
            shown.stylize(style)
        self._progress.console.print(shown, soft_wrap=True)

    def busy(self, what: str) -> None:
        """Show *what* in the last line, with the time since now."""
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        if what:
            self._progress.add_task(what, total=None)


def screen() -> Screen:
    """Return what suits standard output: plain, unless it is a terminal that may have colours."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Plain()
    return Terminal()


class WholeLines:
    """Puts the pieces that a command prints together to whole lines."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> str:
        """Return the lines that *piece* completes, with their line breaks."""
        whole, newline, self._rest = (self._rest + piece).rpartition("\n")
        return whole + newline

    def rest(self) -> str:
        """Return what came after the last line break; it is not kept."""
        rest, self._rest = self._rest, ""
        return rest


def counted(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return ``0.4s``, ``3m 07s``, ``1h 02m``: short, and always about as wide."""
    if seconds < 60:
        return f"{max(seconds, 0):.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02}m"


def size(count: int) -> str:
    """Return ``17 bytes``, ``1.2 KiB``, ``3.4 MiB``."""
    if count < 1024:
        return counted(count, "byte")
    scaled = count / 1024
    for unit in ("KiB", "MiB"):
        if scaled < 1024:
            return f"{scaled:.1f} {unit}"
        scaled /= 1024
    return f"{scaled:.1f} GiB"
