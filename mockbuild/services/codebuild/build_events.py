"""What EventBridge is told of a build, as one more view of what happened in it.

The shapes are those of the user guide's samples, which are of 2017; what was added since is not
in them. There is a state change when a build starts and when it is over, and a phase change at
the end of each phase.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mockbuild.domain.event_envelope import envelope
from mockbuild.domain.lifecycle import LAST
from mockbuild.engine.history import Moved
from mockbuild.engine.live_build import LiveBuild
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.build_record import show

_NAMESPACE = uuid.UUID("6f6d6f63-6b62-5569-8c64-000000000000")
STATE = "CodeBuild Build State Change"
PHASE = "CodeBuild Build Phase Change"


def render(build: LiveBuild, first: int, last: int) -> Iterator[tuple[float, Record]]:
    """Return what is told of the events from *first* up to *last*, with the time of each.

    That the first state change comes with SUBMITTED, and that a build which timed out is told of
    with its own status, are guesses.
    """
    for number, event in enumerate(build.history.events[first:last], first):
        if not isinstance(event, Moved):
            continue
        seen = build.overview(event.at)
        record = show(build, seen)
        if event.phase == "SUBMITTED":
            yield event.at, _state(build, record, number, "IN_PROGRESS")
        else:
            yield event.at, _phase(build, record, number, event)
        if event.phase == LAST:
            yield event.at, _state(build, record, number, seen.status)


def _state(build: LiveBuild, record: Record, number: int, status: str) -> Record:
    return _envelope(
        build,
        STATE,
        number,
        record["phases"][-1]["startTime"],
        {
            "build-status": status,
            **_about(build, record),
            "current-phase": record["currentPhase"],
            "current-phase-context": "[]",
            "version": "1",
        },
    )


def _phase(build: LiveBuild, record: Record, number: int, entered: Moved) -> Record:
    phases = record["phases"]
    over = next(
        (one for one in reversed(phases[:-1]) if one.get("endTime") == round(entered.at, 3)),
        phases[-2],
    )
    return _envelope(
        build,
        PHASE,
        number,
        over["endTime"],
        {
            "completed-phase": over["phaseType"],
            "completed-phase-status": over["phaseStatus"],
            "completed-phase-context": _text(over),
            "completed-phase-duration-seconds": over["durationInSeconds"],
            "completed-phase-start": _american(over["startTime"]),
            "completed-phase-end": _american(over["endTime"]),
            **_about(build, record),
            "version": "1",
        },
    )


def _envelope(
    build: LiveBuild, kind: str, number: int, at: float, detail: Mapping[str, Any]
) -> Record:
    job = build.job
    return envelope(
        "aws.codebuild",
        kind,
        detail,
        event_id=str(uuid.uuid5(_NAMESPACE, f"{job.arn}/{kind}/{number}")),
        account_id=job.account_id,
        region=job.region,
        at=at,
        resources=[job.arn],
    )


def _about(build: LiveBuild, record: Record) -> Record:
    job = build.job
    environment = job.project["environment"]
    return {
        "project-name": job.project["name"],
        "build-id": job.arn,
        "additional-information": {
            "artifact": _artifact(record["artifacts"]),
            "environment": {
                "image": environment["image"],
                "privileged-mode": environment.get("privilegedMode", False),
                "compute-type": environment["computeType"],
                "type": environment["type"],
                "environment-variables": environment.get("environmentVariables", []),
            },
            "timeout-in-minutes": job.project["timeoutInMinutes"],
            "build-complete": record["buildComplete"],
            "initiator": job.initiator,
            "build-start-time": _american(job.started),
            "source": {
                name: job.project["source"][name]
                for name in ("location", "type")
                if name in job.project["source"]
            },
            "logs": _logs(record["logs"]),
            "phases": [_as_told(phase) for phase in record["phases"]],
        },
    }


def _artifact(artifacts: Mapping[str, Any]) -> Record:
    return {
        name: artifacts[name] for name in ("md5sum", "sha256sum", "location") if name in artifacts
    }


def _logs(logs: Mapping[str, Any]) -> Record:
    told = {"group-name": "groupName", "stream-name": "streamName", "deep-link": "deepLink"}
    return {name: logs[member] for name, member in told.items() if member in logs}


def _as_told(phase: Mapping[str, Any]) -> Record:
    if "endTime" not in phase:
        return {"start-time": _american(phase["startTime"]), "phase-type": phase["phaseType"]}
    return {
        "phase-context": _contexts(phase),
        "start-time": _american(phase["startTime"]),
        "end-time": _american(phase["endTime"]),
        "duration-in-seconds": phase["durationInSeconds"],
        "phase-type": phase["phaseType"],
        "phase-status": phase["phaseStatus"],
    }


def _contexts(phase: Mapping[str, Any]) -> list[str]:
    """Return contexts as texts; the samples have none where there is nothing to say."""
    return [
        f"{context['statusCode']}: {context['message']}"
        for context in phase.get("contexts", ())
        if context["statusCode"] or context["message"]
    ]


def _text(phase: Mapping[str, Any]) -> str:
    return f"[{', '.join(_contexts(phase))}]"


def _american(at: float) -> str:
    """Write a time as the samples do: ``Sep 1, 2017 4:12:29 PM``, in UTC."""
    moment = datetime.fromtimestamp(int(at), UTC)
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    month = _MONTHS[moment.month - 1]
    return f"{month} {moment.day}, {moment.year} {hour}:{moment:%M:%S} {half}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
