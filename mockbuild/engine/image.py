"""Images under way: starting them, showing how far they are, and interfering with them.

The future of an image is written when it starts, or at the first look where nobody can tell the
difference; how much of it shows is the pace's to say. What interferes with it cuts what has not
come to pass and writes it anew, with all that has come from outside so far.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from mockbuild.domain.ids import Ids
from mockbuild.domain.image_lifecycle import ENDS, RESTING
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.image_events import (
    Entered,
    Event,
    Execution,
    ExecutionView,
    ImageOverview,
    Learned,
    Made,
    Planned,
    RolledBack,
    StepMoved,
    StepView,
    Superseded,
    WorkflowMoved,
    broken_off,
    carried,
    executions,
    overview,
)
from mockbuild.engine.image_job import ImageJob
from mockbuild.engine.image_making import TICK, Attempt, Decision, Interference, Names
from mockbuild.engine.image_outputs import Ami, OutputRefused, Outputs, with_ids
from mockbuild.engine.image_scenario import ImageScenario
from mockbuild.engine.pace import ALWAYS, Pace

#: How long it takes to cancel an image, in seconds: a guess.
CANCELLING_SECONDS: Final = 4.6
#: What moves something that is shown of workflows and their steps.
_FINE_STEPS: Final = (Entered, Planned, WorkflowMoved, StepMoved, RolledBack)
#: The type of the workflows that run in a state.
_STAGES: Final = {"BUILDING": "BUILD", "TESTING": "TEST", "DISTRIBUTING": "DISTRIBUTION"}


class ImagePublisher(Protocol):
    """Told of every event when it begins to show."""

    def publish(self, image: "LiveImage", events: Sequence[Event]) -> None:
        """Do what *events*, which just began to show, do outside their image."""


class Listener(Protocol):
    """Who has an image made, and is told how that goes."""

    def planned(self, image: "LiveImage", execution: Execution) -> None:
        """Take note of a workflow that begins to show."""

    def ended(self, image: "LiveImage") -> None:
        """Take note that the making of the image has come to an end, whatever the end is."""

    def settled(self, image: "LiveImage") -> None:
        """Take note that everything written about the image shows, for now."""

    def stirred(self, image: "LiveImage") -> None:
        """Take note that something is written about the image that does not show yet."""


class LiveImage:
    """One image; a :class:`~mockbuild.engine.pace.Pace` moves it.

    :param maker: carries it out.
    :param job: what was asked for.
    :param scenario: what a test author has said about it.
    :param listener: told how it goes.
    """

    __slots__ = (
        "_attempt",
        "_base",
        "_cut",
        "_events",
        "_finely",
        "_folded",
        "_generation",
        "_interference",
        "_maker",
        "_names",
        "_scenario",
        "_stands",
        "horizon",
        "job",
        "listener",
        "log_is_read",
        "published",
        "real_ids",
    )

    def __init__(
        self, maker: "ImageMaker", job: ImageJob, scenario: ImageScenario, listener: Listener
    ) -> None:
        self.job = job
        self.listener = listener
        self.horizon = job.started
        #: How many events have had their effect outside.
        self.published = 0
        #: Whether its log is read from here, or written elsewhere; ``None`` before there is one.
        self.log_is_read: bool | None = None
        #: What is made outside may have other ids there than those that were made up.
        self.real_ids: dict[str, str] = {}
        self._maker = maker
        self._scenario = scenario
        self._names = Names(maker.ids)
        self._attempt = Attempt(1, job.started)
        self._interference = Interference()
        #: What earlier attempts have left, and whether the last one was cut short and stays so.
        self._base: list[Event] = []
        self._cut = False
        self._events: list[Event] | None = None
        self._stands: tuple[tuple[float, float], ...] = ()
        self._finely = False
        self._generation = 0
        self._folded: tuple[float, list[Event], ImageOverview] | None = None

    @property
    def outputs(self) -> Outputs:
        """Makes what it makes outside."""
        return self._maker.outputs

    # Its future

    @property
    def events(self) -> list[Event]:
        """Everything that happens to it, as far as that is written."""
        return self._write() if self._events is None else self._events

    def _write(self) -> list[Event]:
        from mockbuild.engine.image_run import ImageRun  # loads the YAML parser

        run = ImageRun(
            self.job,
            self._scenario,
            self._attempt,
            self._names,
            self._interference,
            carried(self._base),
        )
        written = run.write()
        self._stands = written.stands
        return self._put([*self._base, *written.events])

    def _put(self, events: list[Event]) -> list[Event]:
        """Let these be the events from now on; those that have shown are among them."""
        self._events = events
        self._folded = None
        self.listener.stirred(self)
        self._generation += 1
        if self._maker.pace.timed:
            self._schedule(self._generation)
        return events

    def _schedule(self, generation: int) -> None:
        """See to it that what is next to happen does so at its time."""

        def happen(at: float) -> None:
            if generation == self._generation:
                self._publish(at)
                # An effect may have brought another future with it, which has seen to itself.
                if generation == self._generation:
                    self._schedule(generation)

        events = self.events
        if self.published < len(events):
            self._maker.agenda.at(events[self.published].at, happen)

    def _end(self, events: list[Event]) -> None:
        """Let *events* come last, whatever was written; nothing is written anew any more."""
        kept = self.events[: self.published]
        self._base = [*kept, *events]
        self._cut = True
        self._stands = ()
        self._put(self._base)

    # How the pace moves it

    @property
    def gate(self) -> float:
        """From when on it stands still until the clock gets on.

        While something waits, everything shows that happens before it has waited too long.
        """
        events = self.events
        now = self._maker.pace.now()
        ends = [end for _, end in self._stands if end > now]
        if not ends:
            return ALWAYS
        first = min(ends)
        return next((e.at for e in reversed(events) if e.at < first), self.job.started)

    def next_moment(self, after: float) -> float:
        """Return when it next enters another state, or, looked at finely, changes in any way."""
        return next(
            (
                event.at
                for event in self.events
                if event.at > after and isinstance(event, _FINE_STEPS if self._finely else Entered)
            ),
            ALWAYS,
        )

    # Looking

    def until(self) -> float:
        """Return up to when it shows, without this being a look."""
        until = self._maker.pace.until(self)
        self._publish(until)
        return until

    def glance(self) -> float:
        """Return up to when it shows to who needs to know it for something else.

        Settled, everything that was to come has come to pass as soon as anybody asks.
        """
        return self.look() if self._maker.pace.settled else self.until()

    def look(self, *, finely: bool = False) -> float:
        """Look at it, which moves it on where looks do that; return up to when it shows.

        :param finely: whether a step is any change there is to see, not only one of its state.
        """
        self._finely = finely
        until = self._maker.pace.look(self)
        self._finely = False
        self._publish(until)
        return until

    def overview(self, until: float) -> ImageOverview:
        """Return what it amounts to at *until*."""
        events = self.events
        last = events[-1].at
        if until < last:
            return overview(events, until)
        folded = self._folded
        if folded is None or folded[0] != last or folded[1] is not events:
            folded = self._folded = (last, events, overview(events, ALWAYS))
        return folded[2]

    def executions(self, until: float) -> dict[str, ExecutionView]:
        """Return its workflow executions as they are at *until*."""
        return executions(self.events, until)

    def waiting(self, until: float) -> list[tuple[ExecutionView, StepView]]:
        """Return its steps that wait for somebody to decide, with their executions."""
        if self._cut:
            return []
        return [
            (view, step)
            for view in self.executions(until).values()
            for step in view.steps
            if step.waits and step.step.step_id not in self._interference.decisions
        ]

    def named(self, text: str) -> str:
        """Return *text* with the ids that things really have."""
        for made_up, real in self.real_ids.items():
            text = text.replace(made_up, real)
        return text

    @property
    def status(self) -> str:
        """The state it is in, without this being a look.

        That is one of making it as soon as somebody retries it, though no look has shown it yet.
        """
        seen = self.overview(self.until())
        is_retried = seen.status in RESTING and self.published < len(self.events)
        return seen.phase if is_retried else seen.status

    def job_id(self, status: str) -> str | None:
        """Return the id of the job that has distributed or integrated it, as its making ends.

        :param status: the state that it was in meanwhile.
        """
        was = any(isinstance(one, Entered) and one.status == status for one in self.events)
        return self._names.job(status, self._attempt.number) if was else None

    # Interfering

    def cancel(self) -> None:
        """Cancel it. It is CANCELLED a little later; what was made outside stays (documented)."""
        until = max(self.until(), self._attempt.at)
        self._publish(until)
        if self._cut:
            return
        at = max(self._maker.pace.now(), until) + CANCELLING_SECONDS
        tail = broken_off(self.executions(until).values(), at)
        scan = self.overview(until).learned.get("scanState", {}).get("status", "COMPLETED")
        if scan != "COMPLETED":
            tail.append(Learned(at, {"scanState": {"status": "ABANDONED"}}))
        self._hold(until)
        self._end(sorted([*tail, Entered(at, "CANCELLED")], key=lambda event: event.at))

    def retry(self, scenario: ImageScenario) -> None:
        """Go on from the stage in which it failed or was cancelled, which begins anew.

        :param scenario: what a test author has said about this go.
        """
        until = self.until()
        phase = self.overview(until).phase
        again = frozenset(
            one.execution.execution_id
            for one in self.executions(until).values()
            if not one.retried and one.execution.type == _STAGES.get(phase)
        )
        at = self._now(until)
        if not self._maker.pace.timed:
            at = round(at + TICK, 3)  # for the next look to see
        self._base = self.events[: self.published]
        if again:
            self._base = [*self._base, Superseded(at, again)]
        self._attempt = Attempt(self._attempt.number + 1, at, phase)
        self._scenario = scenario
        self._interference = Interference()
        self._cut = False
        self._hold(until)
        self._write()

    def decide(self, step_id: str, action: str, reason: str) -> None:
        """Let a step that waits go on, or stop it.

        :param action: ``RESUME`` or ``STOP``.
        """
        until = self.until()
        at = round(self._now(until) + TICK, 3)  # after all that shows
        self._interference.decisions[step_id] = Decision(at, action, reason)
        self._hold(until)
        self._write()

    def enter(self, status: str, reason: str = "", **members: Any) -> None:
        """Let it be in another state at once, such as DEPRECATED, that it is not made into.

        :param status: the state; empty to leave it in the one it is in.
        :param members: of its record, with the values they have from now on: ``deprecationTime``,
            ``lifecycleExecutionId``; ``None`` takes one away.
        """
        until = self.until()
        at = self._now(until)
        events: list[Event] = [Entered(at, status, reason)] if status else []
        self._end([*events, *([Learned(at, members)] if members else [])])
        self.horizon = at
        self._publish(at, made=False)

    def abandon(self) -> None:
        """Let nothing happen at its time any more."""
        self._generation += 1

    def _now(self, until: float) -> float:
        """Return the time, but none before what shows."""
        return max(self._maker.pace.now(), min(until, self.events[-1].at))

    def _hold(self, until: float) -> None:
        """Begin anew with how far looks have shown it."""
        self.horizon = min(until, self.events[-1].at)

    # What events do outside

    def _publish(self, until: float, *, made: bool = True) -> None:
        """Let what has happened up to *until* have its effects.

        :param made: whether a state in which images end means that this one has just been made.
        """
        first = self.published
        events = self.events
        while self.published < len(events) and events[self.published].at <= until:
            event = events[self.published]
            self.published += 1
            if isinstance(event, Planned):
                self.listener.planned(self, event.execution)
            elif isinstance(event, Made) and not event.refusal:
                events = self._make(event)
        if self.published > first:
            shown = events[first : self.published]
            for publisher in self._maker.publishers:
                publisher.publish(self, shown)
            ends = (event for event in shown if isinstance(event, Entered) and event.status in ENDS)
            if made and any(ends):
                self.listener.ended(self)
        if self.published == len(events):
            self._names.forget()  # nothing is written anew any more, but by another attempt
            self.listener.settled(self)

    def _make(self, event: Made) -> list[Event]:
        """Have something made outside, and return the events there are then."""
        try:
            real = self._maker.outputs.make(with_ids(event.output, self.real_ids))
        except OutputRefused as refusal:
            self._interference.refusals[event.key] = refusal.message
            return self._write()
        if isinstance(event.output, Ami) and real is not None and real != event.output.image_id:
            self.real_ids[event.output.image_id] = real
        return self.events


class ImageMaker:
    """Carries out every image of one mock.

    :param pace: how time passes.
    :param agenda: where it notes what is to be done at some time.
    :param ids: makes ids.
    :param outputs: makes what images make outside.
    :param publishers: told of what shows, in order.
    """

    def __init__(
        self,
        pace: Pace,
        agenda: Agenda,
        ids: Ids,
        outputs: Outputs,
        publishers: Sequence[ImagePublisher] = (),
    ) -> None:
        self.pace = pace
        self.agenda = agenda
        self.ids = ids
        self.outputs = outputs
        self.publishers = list(publishers)

    def start(self, job: ImageJob, scenario: ImageScenario, listener: Listener) -> LiveImage:
        """Start an image and return it; it is PENDING."""
        image = LiveImage(self, job, scenario, listener)
        listener.stirred(image)
        if self.pace.timed:
            image.until()
        return image
