"""What EventBridge is told of images, as one more view of what happened to them.

The shapes, and when there is an event, are those of the user guide. ``reason`` is in the schema of
the events, not in the guide.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

from mockbuild.domain.event_envelope import envelope
from mockbuild.domain.image_lifecycle import ENDS, FIRST, MAKING
from mockbuild.domain.severities import COUNTED, severity_counts
from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import (
    WAIT,
    Collected,
    Entered,
    Event,
    Execution,
    Learned,
    Planned,
    Step,
    StepMoved,
)
from mockbuild.engine.image_job import ImageJob
from mockbuild.services.backend import Record

STATE: Final = "EC2 Image Builder Image State Change"
SCANNED: Final = "EC2 Image Builder CVE Detected"
WAITING: Final = "EC2 Image Builder Workflow Step Waiting"

_NAMESPACE: Final = UUID("6f6d6f63-6b62-5569-8c64-000000000002")
#: The states that there are events of (documented).
_TOLD: Final = frozenset({*MAKING, *ENDS} - {FIRST, "CREATING"})


class Bus(Protocol):
    """Where events go."""

    @property
    def awaited(self) -> bool:
        """Whether anybody wants to be called back."""

    def add_source(self, source: Callable[[], Iterable[tuple[float, Record]]]) -> None:
        """Have the events of *source* among those there are."""

    def tell(self, events: Iterable[Record]) -> None:
        """Call back those who wait for *events*."""


class ImageEvents:
    """Tells a bus of images, as they come to show.

    :param bus: where events go.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._images: list[LiveImage] = []
        bus.add_source(self._all)

    def publish(self, image: LiveImage, events: Sequence[Event]) -> None:
        """Take note of what begins to show of *image*."""
        first = image.published - len(events)
        if first == 0:
            self._images.append(image)
        if self._bus.awaited:
            self._bus.tell(event for _, event in render(image, first, image.published))

    def _all(self) -> Iterator[tuple[float, Record]]:
        for image in list(self._images):
            yield from render(image, 0, image.published)


@dataclass(slots=True)
class _Known:
    """What is known of an image before one of its events.

    :param instance: the last one that was launched.
    :param findings: what a scan has found; ``None`` as long as nothing was collected.
    :param steps: steps and the runs of workflows they are part of, by the steps' ids.
    """

    state: Entered | None = None
    instance: str = ""
    findings: Sequence[Mapping[str, Any]] | None = None
    steps: dict[str, tuple[Execution, Step]] = field(default_factory=dict)


def render(image: LiveImage, first: int, last: int) -> Iterator[tuple[float, Record]]:
    """Return what is told of an image's events from *first* up to *last*, with the time of each."""
    job, known = image.job, _Known()
    for number, event in enumerate(image.events[:last]):
        told = _told(job, known, event) if number >= first else None
        _learn(known, event)
        if told is not None:
            yield event.at, _event(job, told, event.at, number)


#: The kind of an event, the ARNs of the resources it is about, and its detail.
_Told = tuple[str, list[str], Record]


def _told(job: ImageJob, known: _Known, event: Event) -> _Told | None:
    if isinstance(event, Entered):
        return _state_change(job, known.state, event)
    if isinstance(event, StepMoved) and event.status == "RUNNING":
        return _waiting(job, *known.steps[event.step_id])
    if isinstance(event, Learned) and event.members.get("scanState") == {"status": "COMPLETED"}:
        return _scanned(job, known)
    return None


def _learn(known: _Known, event: Event) -> None:
    if isinstance(event, Entered):
        known.state = event
    elif isinstance(event, Planned):
        run = event.execution
        known.steps.update((step.step_id, (run, step)) for step in run.steps)
    elif isinstance(event, StepMoved) and event.outputs is not None:
        launches = known.steps[event.step_id][1].action == "LaunchInstance"
        known.instance = _instance(event.outputs) if launches else known.instance
    elif isinstance(event, Collected) and event.findings is not None:
        known.findings = event.findings


def _instance(outputs: str) -> str:
    found = json.loads(outputs).get("instanceId", "")
    return found if isinstance(found, str) else ""


def _state_change(job: ImageJob, before: Entered | None, after: Entered) -> _Told | None:
    """Return what is told of a change of state. Documented: of those while an image is made."""
    is_making = after.status in MAKING or (before is not None and before.status in MAKING)
    if before is None or after.status not in _TOLD or not is_making:
        return None
    return STATE, [str(job.arn)], {"previous-state": _state(before), "state": _state(after)}


def _state(entered: Entered) -> Record:
    state = {"status": entered.status}
    return {**state, "reason": entered.reason} if entered.reason else state


def _waiting(job: ImageJob, run: Execution, step: Step) -> _Told | None:
    if step.action != WAIT:
        return None
    detail = {
        "workflow-execution-id": run.execution_id,
        "workflow-step-execution-id": step.step_id,
        "workflow-step-name": step.name,
    }
    return WAITING, [str(job.arn), run.arn], detail


def _scanned(job: ImageJob, known: _Known) -> _Told | None:
    """Return what is told of a scan that is over.

    Documented: it is, whatever was found, and ``all`` are those that are counted by their
    severity. Guesses: nothing is told of findings that Image Builder does not list, and there is
    no ``resource-id`` where no instance was launched.
    """
    if known.findings is None:
        return None
    counts = severity_counts(known.findings)
    detail: Record = {"resource-id": known.instance} if known.instance else {}
    detail["finding-severity-counts"] = {**counts, "all": sum(counts[one] for one in COUNTED)}
    pipeline = [] if job.pipeline_arn is None else [job.pipeline_arn]
    return SCANNED, [str(job.arn), *pipeline], detail


def _event(job: ImageJob, told: _Told, at: float, number: int) -> Record:
    """Return an event as EventBridge delivers it.

    :param number: which of the image's own events it comes from.
    """
    kind, resources, detail = told
    return envelope(
        "aws.imagebuilder",
        kind,
        detail,
        event_id=str(uuid5(_NAMESPACE, f"{job.arn}/{kind}/{number}")),
        account_id=job.account_id,
        region=job.region,
        at=at,
        resources=resources,
    )
