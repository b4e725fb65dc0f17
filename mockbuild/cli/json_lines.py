"""A build for programs to read: one JSON object a line."""

import json
from typing import Any

import click

from mockbuild.cli.console import WholeLines
from mockbuild.cli.folder_build import Result
from mockbuild.cli.progress import artifact_files, preparations
from mockbuild.cli.variables import Masking
from mockbuild.domain.lifecycle import LAST
from mockbuild.engine.history import (
    CommandEnded,
    CommandStarted,
    Event,
    Moved,
    Prepared,
    Printed,
    Said,
)


class JsonLines:
    """Writes events as JSON, in the form that ``mockbuild run --help`` describes.

    :param started: when the build began, in seconds since the epoch.
    :param masking: hides secrets.
    """

    def __init__(self, started: float, masking: Masking) -> None:
        self._started = started
        self._masking = masking
        self._phase = ""
        self._lines = WholeLines()
        self._entered = started

    def show(self, event: Event) -> None:
        """Write what *event* is to a reader; some are nothing."""
        if isinstance(event, Moved):
            self._moved(event)
        elif isinstance(event, CommandStarted):
            self._write(event.at, "command-started", command=event.text)
        elif isinstance(event, Printed):
            self._output(event.at, self._lines.feed(event.text))
        elif isinstance(event, CommandEnded):
            self._output(event.at, self._lines.rest())
            self._write(event.at, "command-ended", command=event.text, exitStatus=event.exit_status)
        elif isinstance(event, Said):
            self._write(event.at, "log", lines=list(event.lines))
        elif isinstance(event, Prepared):
            self._write(event.at, "log", lines=preparations(event))

    def end(self, result: Result) -> None:
        """Write the last line: the whole build."""
        record: dict[str, Any] = result.record
        self._write(
            record["endTime"],
            "build",
            exitCode=result.exit_code,
            artifacts=artifact_files(result.artifacts),
            build=record,
        )

    def _output(self, at: float, text: str) -> None:
        if text:
            self._write(at, "output", text=text)

    def _moved(self, event: Moved) -> None:
        self._output(event.at, self._lines.rest())
        if self._phase:
            code, message = event.context or ("", "")
            self._write(
                event.at,
                "phase-ended",
                phase=self._phase,
                status=event.status,
                seconds=round(event.at - self._entered, 3),
                statusCode=code,
                message=message,
            )
        self._phase, self._entered = event.phase, event.at
        if event.phase != LAST:
            self._write(event.at, "phase-started", phase=event.phase)

    def _write(self, at: float, event: str, **members: object) -> None:
        masked = {name: self._masking.everywhere(value) for name, value in members.items()}
        line = {"event": event, "elapsed": round(at - self._started, 3), **masked}
        click.echo(json.dumps(line))
