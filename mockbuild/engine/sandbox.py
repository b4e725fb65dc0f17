"""A sandbox that was started, and the commands executed in it.

On a simulated machine its course is written when it starts, to its timeout, and what a command does
is written into it when the command is submitted. On a machine that really runs the crew brings it
up; then it keeps nobody busy but while a command runs.
"""

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockbuild.domain.lifecycle import LAST
from mockbuild.domain.sandbox_lifecycle import (
    END_STATUSES,
    FINAL_STATUSES,
    IN_PROGRESS,
    RUN,
    SANDBOX_PHASES,
    STOPPED,
    STOPPING,
    SUBMITTED,
)
from mockbuild.engine.conductor import Conductor
from mockbuild.engine.course import Course
from mockbuild.engine.history import (
    CommandEnded,
    CommandStarted,
    Event,
    History,
    Moved,
    Overview,
    Printed,
    overview,
)
from mockbuild.engine.job import BuildJob
from mockbuild.engine.pace import ALWAYS
from mockbuild.engine.run import TIMED_OUT, Running
from mockbuild.engine.sandbox_run import Result, SandboxRun
from mockbuild.engine.scenario import Scenario
from mockbuild.engine.surroundings import Surroundings
from mockbuild.machines.base import Machine

if TYPE_CHECKING:
    from mockbuild.engine.live_build import LiveBuild

#: How long a simulated sandbox takes to stop, and a command to begin, in seconds: guesses.
STOPPING_SECONDS = 1.0
SUBMITTED_SECONDS = 0.311


class State(NamedTuple):
    """How far a command is, and what it did once it is over."""

    status: str
    result: Result | None = None


class Execution:
    """One command executed in a sandbox.

    :param at: when it was submitted.
    """

    __slots__ = ("command", "course", "execution_id")

    def __init__(self, execution_id: str, command: str, at: float) -> None:
        self.execution_id = execution_id
        self.command = command
        self.course = Course(at, State(SUBMITTED))

    def is_over(self, until: float) -> bool:
        """Tell whether it has ended by *until*."""
        return self.course.state(until).status in FINAL_STATUSES


class Sandbox:
    """One sandbox.

    :param conductor: carries it out.
    :param job: what was asked for.
    :param scenario: what a simulated one does.
    """

    def __init__(self, conductor: Conductor, job: BuildJob, scenario: Scenario) -> None:
        #: What is executed in it, by id and in the order it was submitted.
        self.executions: dict[str, Execution] = {}
        self.in_order: list[Execution] = []
        self._conductor = conductor
        self._pace = conductor.pace
        self._scenario = scenario
        self._open: deque[Execution] = deque()  # in order, until they are known to be over
        self._stopped = False
        #: What goes on with it, on a machine that really runs.
        self._run: SandboxRun | None = None
        # Since when a simulated one runs, and its shell has nothing to do.
        self._runs_from = self._free_from = ALWAYS
        script = scenario.machine
        if script.hangs not in SANDBOX_PHASES:
            script = replace(script, hangs=RUN)
        with conductor.lock:
            self.build: LiveBuild = conductor.start(
                job, {}, {}, script, self._ended, new_run=self._new_run
            )
            if not self.build.real:
                moves = (e for e in self.build.history.events if isinstance(e, Moved))
                self._runs_from = next((e.at for e in moves if e.phase == RUN), ALWAYS)
                self._free_from = self._runs_from

    # Looking

    @property
    def accepts(self) -> bool:
        """Whether commands can be given to it: it is not over, and nobody wants it to be."""
        return not self._stopped and not self._conductor.is_over(self.build)

    def now(self) -> Overview:
        """Return what shows, without this being a look."""
        return self.build.overview(self._conductor.until(self.build))

    def look(self) -> Overview:
        """Look at it, which moves it on where looks do that, and return what shows."""
        return self._conductor.look(self.build)

    def status(self, seen: Overview) -> str:
        """Return its status with *seen* having happened.

        The documentation shows QUEUED, STOPPING and STOPPED; that in between it is the name of the
        phase is a guess.
        """
        if seen.ended is not None:
            return END_STATUSES.get(seen.status, STOPPED)
        return STOPPING if self._stopped else seen.current_phase

    def look_at(self, execution: Execution) -> float:
        """Look at a command, and return up to when its course shows.

        That is a look at the sandbox, too. Stepped, a command that has to wait for the sandbox or
        for other commands moves these on instead.
        """
        if self.build.real:
            return ALWAYS
        if not self._pace.stepped:
            if self._pace.settled and self.build.horizon != ALWAYS:
                self.look()
            return self._pace.look(execution.course)
        if self.accepts and self._conductor.until(self.build) < self._runs_from:
            self.look()
        else:
            self._step(execution)
        return self._pace.until(execution.course)

    def _step(self, execution: Execution) -> None:
        while self._open and self._open[0].is_over(self._pace.until(self._open[0].course)):
            self._open.popleft()
        first = execution
        if self._open and not execution.is_over(self._pace.until(execution.course)):
            first = self._open[0]
        until = self._pace.look(first.course)
        if self.accepts:
            self._show_in_log(max(at for at, _ in first.course.states if at <= until))

    def _show_in_log(self, at: float) -> None:
        """Let the sandbox's log show what has happened by then, as the command does."""
        build = self.build
        build.gate = max(build.gate, at)
        self.look()

    # Stopping

    def stop(self) -> Overview:
        """Stop it unless it is over, and return what shows before it has stopped."""
        with self._conductor.lock:
            if not self.accepts:
                return self.now()
            self._stopped = True
            if self.build.real:
                self._conductor.stop(self.build)
                return overview(self.build.history.events[:-1], ALWAYS)
            return self._stop_simulated()

    def _stop_simulated(self) -> Overview:
        build, pace = self.build, self._pace
        until = self._conductor.until(build)
        build.history.rewind(until)
        at = max(pace.now(), build.history.events[-1].at)
        for one in self._open:
            if not one.is_over(until):
                one.course.turn(until, at, State(STOPPED))
                one.course.gate = ALWAYS
        end = round(at + STOPPING_SECONDS, 3)
        build.history.add(Moved(end, LAST, "STOPPED", None))
        build.gate = ALWAYS
        build.horizon = at
        if pace.timed:
            self._look_again_at(end)
        return build.overview(at)

    def _look_again_at(self, *times: float) -> None:
        """See to it that what happens at these times by the clock shows outside then."""

        def look(at: float) -> None:  # noqa: ARG001 - the clock is there by now
            self.look()

        for at in times:
            self._conductor.agenda.at(at, look)

    # Commands

    def execute(self, execution_id: str, command: str) -> Execution:
        """Submit a command; commands are executed one after another, in the order they came.

        One that comes before the sandbox runs waits for that: a guess.
        """
        with self._conductor.lock:
            execution = Execution(execution_id, command, self._pace.now())
            self.executions[execution_id] = execution
            self.in_order.append(execution)
            self._open.append(execution)
            if not self.build.real:
                self._foresee(execution)
            elif self.build.resting and self._run is not None:
                self._conductor.carry_on(self.build, self._run.serve)
            return execution

    def _foresee(self, execution: Execution) -> None:
        """Write down what a command will do."""
        course, end = execution.course, self.build.history.events[-1].at
        answer = self._scenario.answer_to(execution.command)
        begins = max(course.states[0][0] + SUBMITTED_SECONDS, self._free_from)
        ends = begins + answer.seconds
        if begins >= end:
            self._cut_short(course, course.states[0][0], end)
            return
        begins = round(begins, 3)
        course.then(begins, State(IN_PROGRESS))
        events: list[Event] = [CommandStarted(begins, execution.command)]
        if ends >= end:
            self._cut_short(course, begins, end)
            self._free_from = ALWAYS
        else:
            self._free_from = ends = round(ends, 3)
            result = Result(answer.exit_code, answer.output, answer.error)
            course.then(ends, State("FAILED" if answer.exit_code else "SUCCEEDED", result))
            texts = [text for text in (answer.output, answer.error) if text]
            events += (Printed(ends, text) for text in texts)
            events.append(CommandEnded(ends, execution.command, answer.exit_code))
        self._write(events)

    def _cut_short(self, course: Course[State], stands: float, end: float) -> None:
        """Let a command stand still from then on until the sandbox ends.

        A sandbox that only the clock can end is not brought there by looks at its commands.
        """
        course.then(end, State(STOPPED))
        if self.build.gate != ALWAYS:
            course.gate = stands

    def _write(self, events: list[Event]) -> None:
        """Put *events* before the sandbox's end, which is written already."""
        build = self.build
        history = build.history
        end = history.events.pop()
        history.closed = False
        for event in [*events, end]:
            history.add(event)
        last = events[-1].at
        if self._pace.timed:
            self._look_again_at(events[0].at, last)
        elif self._pace.settled and build.gate != ALWAYS:
            build.gate = max(build.gate, last)

    # What the machine that really runs asks and tells

    def _new_run(
        self,
        job: BuildJob,
        machine: Machine,
        history: History,
        deadline: float,
        surroundings: Surroundings,
    ) -> Running:
        run = SandboxRun(job, machine, history, deadline, surroundings, self)
        if not self._conductor.simulates:
            with self._conductor.lock:
                self._run = run
                self._conductor.agenda.at(deadline, self._expire)
        return run

    def next_command(self) -> str | None:
        """Return the next command; without one, the machine rests from now on."""
        with self._conductor.lock:
            if self.build.history.closed or not self._open:
                self.build.resting = not self.build.history.closed
                return None
            return self._open[0].command

    def began(self, at: float) -> None:
        """Take note that the first command in line has begun."""
        with self._conductor.lock:
            self._note(at, State(IN_PROGRESS))

    def finished(self, at: float, result: Result) -> None:
        """Take note of what the first command in line did."""
        with self._conductor.lock:
            self._note(at, State("FAILED" if result.exit_status else "SUCCEEDED", result))
            self._open.popleft()
        self._pace.clock.notify()

    def _note(self, at: float, state: State) -> None:
        if not self.build.history.closed:
            self._open[0].course.then(round(at, 3), state)

    def _expire(self, at: float) -> None:
        """End the sandbox at its deadline, whether anybody is at work there or not."""
        self.build.history.add(Moved(at, LAST, "TIMED_OUT", TIMED_OUT))
        if self.build.machine is not None:
            self.build.machine.kill()

    def _ended(self, build: "LiveBuild") -> None:
        """End the commands that were not over when the sandbox was."""
        if not build.real:
            return
        for one in self._open:
            one.course.then(build.history.events[-1].at, State(STOPPED))
