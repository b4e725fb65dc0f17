"""What happened in a build, as a list of timestamped events, and the folds over it.

Everything the API shows of a build is a fold over the events up to a moment. A simulated build
writes its whole future when it starts, one that really runs appends as it goes, and stopping a
build cuts the list and appends its end. No status is ever set by hand.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

from mockbuild.domain.lifecycle import FINAL_STATUSES, LAST, WITHOUT_CONTEXTS

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.engine.job import BuildJob

Record = dict[str, Any]
#: ``(status code, message)`` of a phase that did not simply succeed.
Context = tuple[str, str]
_NO_REASON: Context = ("", "")


class Moved(NamedTuple):
    """The build enters *phase*; the phase before it ended with *status* (None for the first).

    Its time is one that records can show: it has no more than milliseconds.
    """

    at: float
    phase: str
    status: str | None = None
    context: Context | None = _NO_REASON


class CommandStarted(NamedTuple):
    """A command begins."""

    at: float
    text: str


class CommandEnded(NamedTuple):
    """The command that began last is over."""

    at: float
    text: str
    exit_status: int


class Printed(NamedTuple):
    """A command printed something: whole lines, but for the last thing it printed."""

    at: float
    text: str


class Said(NamedTuple):
    """The build agent says something in the log, each in a line of its own."""

    at: float
    lines: tuple[str, ...]


class Prepared(NamedTuple):
    """The source and its buildspec are there; the agent says what it found.

    :param job: the build it was found for.
    :param root: what stands before the machine's absolute paths.
    :param location: where the buildspec is.
    :param spec: the buildspec, or ``None`` where nobody can know it.
    """

    at: float
    job: "BuildJob"
    root: str
    location: str
    spec: "Buildspec | None"


class Learned(NamedTuple):
    """Members of the build's record that have a value from now on."""

    at: float
    members: Mapping[str, Any]


class Due(NamedTuple):
    """Something to be done outside the build at this moment: an upload, a successor."""

    at: float
    act: Callable[[], None] | None


Event = Moved | CommandStarted | CommandEnded | Printed | Said | Prepared | Learned | Due


class Overview(NamedTuple):
    """What the events up to some moment amount to."""

    phases: list[Record]
    status: str
    current_phase: str
    ended: float | None
    learned: dict[str, Any]


#: How bad a phase's status is for its build; the worst one decides. That this holds for a phase
#: with ``on-failure: CONTINUE`` too is a guess.
_WORST_FIRST = FINAL_STATUSES[:0:-1]


def overview(events: Iterable[Event], until: float) -> Overview:
    """Fold the events up to *until*: phases, status, and what became known."""
    phases: list[Record] = []
    learned: dict[str, Any] = {}
    bad: set[str | None] = set()
    phase: Record = {}
    for event in events:
        if event.at > until:
            break
        if type(event) is Moved:
            at, name, status, context = event
            if phase:
                _close(phase, at, status, context)
                if status != "SUCCEEDED":
                    bad.add(status)
            phase = {"phaseType": name, "startTime": at}
            phases.append(phase)
        elif type(event) is Learned:
            learned.update(event.members)
    if not phase:
        return Overview(phases, "IN_PROGRESS", "SUBMITTED", None, learned)
    current = phase["phaseType"]
    if current != LAST:
        return Overview(phases, "IN_PROGRESS", current, None, learned)
    result = next((one for one in _WORST_FIRST if one in bad), "SUCCEEDED")
    return Overview(phases, result, current, phase["startTime"], learned)


def _close(phase: Record, at: float, status: str | None, context: Context | None) -> None:
    """Give the phase that is over its end, as the API shows it.

    Durations are whole seconds, cut off; SUBMITTED, QUEUED and a stopped phase have no contexts,
    the others one, of two empty strings when nothing went wrong: all as recorded.
    """
    phase["phaseStatus"] = status
    phase["endTime"] = at
    phase["durationInSeconds"] = int(at - phase["startTime"])
    if context is None or (context == _NO_REASON and phase["phaseType"] in WITHOUT_CONTEXTS):
        return
    phase["contexts"] = [{"statusCode": context[0], "message": context[1]}]


class History:
    """The events of one build, in order of time.

    :param lock: held while the list changes, so that a build can be stopped while it runs.
    :param on_change: called with each event after it was added, with the lock held; for builds
        that really run.
    """

    __slots__ = ("closed", "events", "lock", "on_change", "retries")

    def __init__(
        self, lock: AbstractContextManager[Any], on_change: Callable[[Event], None] | None = None
    ) -> None:
        self.events: list[Event] = []
        self.lock = lock
        self.on_change = on_change
        self.closed = False
        #: How often the build is to be tried again as a whole, by its buildspec's ``on-failure``.
        self.retries = 0

    def add(self, event: Event) -> None:
        """Append an event; after the end, nothing is added any more."""
        with self.lock:
            if self.closed:
                return
            self.events.append(event)
            if type(event) is Moved and event.phase == LAST:
                self.closed = True
            if self.on_change is not None:
                self.on_change(event)

    def compact(self) -> None:
        """Give back the room that was kept for more events."""
        self.events = list(self.events)

    def rewind(self, until: float) -> None:
        """Let what is written for later than *until* never happen."""
        with self.lock:
            self.events = [event for event in self.events if event.at <= until]
            self.closed = False

    def cut(self, until: float, at: float, status: str) -> None:
        """End the build at *at*: the phase at hand gets *status*.

        :param until: what is written for later than this never happens.
        """
        with self.lock:
            self.rewind(until)
            self.add(Moved(at, LAST, status, None))

    @property
    def end(self) -> float | None:
        """When the build ends, as far as that is written already."""
        return self.events[-1].at if self.closed else None
