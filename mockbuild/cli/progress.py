"""A build as a person wants to see it: what happens, as it happens, and how it all went."""

from collections.abc import Mapping
from typing import Any

from mockbuild.cli.console import Screen, WholeLines, counted, duration, size
from mockbuild.cli.folder_build import Result
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
from mockbuild.machines.base import File

#: Phases that pass before anything can be seen of a build.
_BEFORE = frozenset({"SUBMITTED", "QUEUED"})
_MARGIN = " " * 10
_MOST_FILES = 20
_STYLES = {"SUCCEEDED": "green", "STOPPED": "yellow", "TIMED_OUT": "red"}
_WORDS = {"TIMED_OUT": "timed out", "FAULT": "failed, for a reason outside the build"}


class Progress:
    """Shows events as lines, with the time since the build began at the start of each phase.

    :param screen: where to, entered already.
    :param started: when the build began, in seconds since the epoch.
    :param masking: hides secrets.
    :param verbose: whether to show all that the build agent says.
    """

    def __init__(self, screen: Screen, started: float, masking: Masking, *, verbose: bool) -> None:
        self._screen = screen
        self._started = started
        self._masking = masking
        self._verbose = verbose
        self._phase = ""
        self._output = WholeLines()

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Moved):
            self._moved(event)
        elif isinstance(event, CommandStarted):
            first, *others = event.text.rstrip("\n").split("\n")
            self._write("\n".join([f"$ {first}", *(f"> {line}" for line in others)]), "bold")
            self._screen.busy(self._masking.text(f"{self._phase}  {first[:60]}"))
        elif isinstance(event, Printed):
            self._print(self._output.feed(event.text))
        elif isinstance(event, CommandEnded):
            self._print(self._output.rest())
            if event.exit_status:
                self._write(f"exit status {event.exit_status}", "red")
        elif isinstance(event, Said):
            # That a pattern matched nothing or runtimes are not chosen is worth a line in any case.
            lines = [line for line in event.lines if self._verbose or line.startswith("Skipping ")]
            if lines:
                self._write("\n".join(lines), "dim")
        elif isinstance(event, Prepared) and self._verbose:
            self._write("\n".join(preparations(event)), "dim")

    def _print(self, text: str) -> None:
        if text:
            lines = text.removesuffix("\n").split("\n")
            self._write("\n".join(map(_last_of_line, lines)))

    def _moved(self, event: Moved) -> None:
        self._print(self._output.rest())
        elapsed = f"{duration(event.at - self._started):>8}"
        if event.status not in ("SUCCEEDED", None):
            code, message = event.context or ("", "")
            reason = ": ".join(part for part in (code, " ".join(message.split())) if part)
            text = f"{elapsed}  {self._phase} {_word(event.status)}"
            text += f": {reason}" if reason else ""
            self._screen.write(self._masking.text(text), _STYLES.get(event.status or "", "red"))
        self._phase = event.phase
        if event.phase == LAST:
            self._screen.busy("")
        elif event.phase not in _BEFORE:
            self._screen.write(f"{elapsed}  {event.phase}", "cyan")
            self._screen.busy(event.phase)

    def _write(self, text: str, style: str = "") -> None:
        masked = self._masking.text(text)
        lines = (f"{_MARGIN}{line}".rstrip() for line in masked.split("\n"))
        self._screen.write("\n".join(lines), style)


def _last_of_line(line: str) -> str:
    """Return what a terminal shows in the end of a line that is written over, as by pip."""
    return line.rstrip("\r").rpartition("\r")[2]


def _word(status: str | None) -> str:
    return _WORDS.get(status or "", (status or "").lower())


def preparations(event: Prepared) -> list[str]:
    """Return what the agent says of the source, as far as it helps whoever reads it here."""
    folder = event.root + event.job.source_folder
    return [f"CODEBUILD_SRC_DIR={folder}", f"YAML location is {event.location}"]


def summary(result: Result, masking: Masking, *, artifacts: str | None) -> list[tuple[str, str]]:
    """Return how a build went, as lines with their styles.

    :param artifacts: the folder that its artifacts were put into, if they were.
    """
    record = result.record
    took = duration(record["endTime"] - record["startTime"])
    style = _STYLES.get(result.status, "red")
    lines = [("", ""), (f"{result.status} in {took}{_reason(result)}", f"bold {style}"), ("", "")]
    for phase in record["phases"]:
        if phase["phaseType"] not in (LAST, *_BEFORE):
            spent = duration(phase["endTime"] - phase["startTime"])
            status = phase["phaseStatus"]
            text = f"  {phase['phaseType']:<18}{status.lower().replace('_', ' '):<11}{spent:>8}"
            lines.append((text, "" if status == "SUCCEEDED" else _STYLES.get(status, "red")))
    exported = record.get("exportedEnvironmentVariables", ())
    if exported:
        lines += [("", ""), ("Exported variables", "bold")]
        lines += [(masking.text(f"  {one['name']}={one['value']}"), "") for one in exported]
    if result.artifacts:
        lines += [("", ""), (_artifacts_title(result.artifacts, artifacts), "bold")]
        lines += [(line, "") for line in _artifact_lines(result.artifacts)]
    return lines


def _reason(result: Result) -> str:
    if result.status == "STOPPED" and result.stopped_by is not None:
        by = "Ctrl-C" if result.stopped_by.name == "SIGINT" else result.stopped_by.name
        return f", by {by}; nothing of it is left running"
    if result.status == "FAILED" and result.wants_retry:
        return "; CodeBuild would now try it again (on-failure: RETRY), which is not done here"
    return ""


def _artifacts_title(found: Mapping[str, list[File]], folder: str | None) -> str:
    where = f"in {folder}" if folder else "not kept; --artifacts DIR keeps them"
    return f"Artifacts: {counted(sum(map(len, found.values())), 'file')}, {where}"


def _artifact_lines(found: Mapping[str, list[File]]) -> list[str]:
    listed = [
        f"  {file['path']}  ({size(file['bytes'])})"
        for file in artifact_files(found)[: _MOST_FILES + 1]
    ]
    if len(listed) > _MOST_FILES:
        more = sum(map(len, found.values())) - _MOST_FILES
        listed[_MOST_FILES:] = [f"  and {counted(more, 'other')}"]
    return listed


def artifact_files(found: Mapping[str, list[File]]) -> list[dict[str, Any]]:
    """Return path and size of each artifact; paths are below the folder they are put into."""
    return [
        {
            "path": f"{identifier}/{file.path}" if identifier else file.path,
            "bytes": len(file.link.encode() if file.link is not None else file.read()),
        }
        for identifier, files in found.items()
        for file in files
    ]
