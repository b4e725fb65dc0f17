"""A build's log, rendered from its events: the lines as CloudWatch Logs shows them.

The wording and order are those of recorded logs of 2023 to 2026: the agent's lines carry a
prefix with the time in microseconds, what commands print carries none, every message ends with a
newline, and an empty line follows each command.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from mockbuild.domain.lifecycle import COMMAND_PHASES
from mockbuild.engine.history import (
    CommandEnded,
    CommandStarted,
    Event,
    Moved,
    Prepared,
    Printed,
    Said,
)

#: ``(time in milliseconds since the epoch, message)``
Line = tuple[int, str]
_LOGGED = frozenset({"DOWNLOAD_SOURCE", *COMMAND_PHASES, "UPLOAD_ARTIFACTS"})
#: States after which nobody is left to write a closing line.
_CUT_SHORT = frozenset({"STOPPED", "TIMED_OUT"})
_ARRIVAL = ("Running on CodeBuild On-demand", "Waiting for agent ping")
#: AWS's masking is documented for access key ids; the three stars are as documented too.
_ACCESS_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
#: What is logged where a buildspec caches nothing.
_NO_CACHE = (
    "Cache is not defined in the buildspec",
    "Skip cache due to: no paths specified to be cached",
)
#: As documented for images that select no runtimes; none that builds really run in does.
_UNSUPPORTED_RUNTIMES = (
    "Skipping install of runtimes. Runtime version selection is not supported by this build image."
)
#: What a longer timeout is set for, by type of source; CodePipeline hands its sources over in S3.
_PATIENT = {
    "S3": "S3 source",
    "CODEPIPELINE": "S3 source",
    "GITHUB": "Github and GitHub Enterprise sources",
    "GITHUB_ENTERPRISE": "Github and GitHub Enterprise sources",
}


class LogRenderer:
    """Turns events into log lines, one event after another."""

    def __init__(self) -> None:
        self._phase = ""
        self._partial = ""

    def feed(self, event: Event) -> list[Line]:
        """Return the lines that *event* adds to the log."""
        if isinstance(event, Printed):
            return self._printed(event)
        if isinstance(event, CommandStarted):
            return _agent(event.at, f"Running command {event.text}")
        if isinstance(event, CommandEnded):
            return self._command_ended(event)
        if isinstance(event, Said):
            return _agent(event.at, *event.lines)
        if isinstance(event, Moved):
            return self._moved(event)
        if isinstance(event, Prepared):
            return _agent(event.at, *_preparations(event))
        return []

    def _printed(self, event: Printed) -> list[Line]:
        text = _ACCESS_KEY_ID.sub("***", self._partial + event.text)
        *whole, self._partial = text.split("\n")
        return [(_milliseconds(event.at), line + "\n") for line in whole]

    def _rest(self, at: float) -> list[Line]:
        rest, self._partial = self._partial, ""
        return [(_milliseconds(at), rest + "\n")] if rest else []

    def _command_ended(self, event: CommandEnded) -> list[Line]:
        lines = [*self._rest(event.at), (_milliseconds(event.at), "\n")]
        if event.exit_status:
            text = f"Command did not exit successfully {event.text} exit status {event.exit_status}"
            lines += _agent(event.at, text)
        return lines

    def _moved(self, event: Moved) -> list[Line]:
        lines = self._rest(event.at)
        if self._phase in _LOGGED and event.status not in _CUT_SHORT:
            code, message = event.context or ("", "")
            lines += _agent(
                event.at,
                f"Phase complete: {self._phase} State: {event.status}",
                f"Phase context status code: {code} Message: {message}",
            )
        self._phase = event.phase
        if event.phase == "DOWNLOAD_SOURCE":
            lines += _agent(
                event.at, *_ARRIVAL, "Waiting for DOWNLOAD_SOURCE", "Phase is DOWNLOAD_SOURCE"
            )
        elif event.phase in COMMAND_PHASES:
            lines += _agent(event.at, f"Entering phase {event.phase}")
        return lines


def _preparations(event: Prepared) -> list[str]:
    """Return what the agent says between the download and the first command."""
    phases = event.spec.phases if event.spec is not None else {}
    folder = event.root + event.job.source_folder
    lines = [f"CODEBUILD_SRC_DIR={folder}"]
    for source, _, beside in event.job.secondary_sources():
        lines.append(f"CODEBUILD_SRC_DIR_{source['sourceIdentifier']}={event.root}{beside}")
    lines.append(f"YAML location is {event.location}")
    source_type = event.job.project["source"]["type"]
    if source_type in _PATIENT:
        lines.append(f"Setting HTTP client timeout to higher timeout for {_PATIENT[source_type]}")
    lines += ["Processing environment variables", *_runtimes(event)]
    lines += [f"Moving to directory {folder}", *_NO_CACHE, "Registering with agent"]
    lines.append(f"Phases found in YAML: {len(phases)}")
    lines += [f" {name}: {len(phase.commands)} commands" for name, phase in phases.items()]
    return lines


def _runtimes(event: Prepared) -> list[str]:
    """Return what is said about the runtimes that a buildspec selects.

    What a curated image runs to install one, and its output, differs by image and is left out.
    """
    install = event.spec.phases.get("INSTALL") if event.spec is not None else None
    if install is None or not install.runtime_versions:
        return ["No runtime version selected in buildspec."]
    image = event.job.project["environment"]["image"]
    if not (event.job.lenient and image.startswith("aws/codebuild/")):
        return [_UNSUPPORTED_RUNTIMES]
    return [
        f"Selecting '{runtime.name}' runtime version '{runtime.version}' "
        "based on manual selections..."
        for runtime in install.runtime_versions
    ]


def render(events: Iterable[Event], until: float = float("inf")) -> Iterator[Line]:
    """Go through the lines of the log as it is at *until*."""
    renderer = LogRenderer()
    for event in events:
        if event.at > until:
            return
        yield from renderer.feed(event)


def _milliseconds(at: float) -> int:
    return round(at * 1000)


def _agent(at: float, *texts: str) -> list[Line]:
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y/%m/%d %H:%M:%S.%f")
    return [(_milliseconds(at), f"[Container] {stamp} {text}\n") for text in texts]
