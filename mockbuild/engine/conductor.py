"""Builds under way: starting them, showing how far they are, stopping them.

A build on a simulated machine has its whole future written when it starts; how much of it shows
is decided on each look. A build on a machine that really runs is carried out by a thread of its
own, and is always as far as it really is. Either may have to wait for capacity first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from mockbuild.domain.lifecycle import LAST
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.build import TIMED_OUT, BuildRun
from mockbuild.engine.crew import Crew
from mockbuild.engine.history import Due, Event, History, Moved, Overview, Record
from mockbuild.engine.job import BuildJob
from mockbuild.engine.line import Line
from mockbuild.engine.live_build import LiveBuild
from mockbuild.engine.pace import ALWAYS, Pace
from mockbuild.engine.surroundings import Surroundings
from mockbuild.machines.base import Machine
from mockbuild.machines.simulated import Script, SimulatedMachine

if TYPE_CHECKING:
    import threading

#: How long a simulated build waits for capacity, in seconds: what an idle account shows.
QUEUED_SECONDS = 0.642


class Publisher(Protocol):
    """Told of every event when it begins to show."""

    def publish(self, build: LiveBuild, events: Sequence[Event]) -> None:
        """Do what *events*, which just began to show, do outside their build."""


class Conductor:
    """Carries out every build of one mock.

    :param pace: how time passes.
    :param agenda: where it notes what is to be done at some time.
    :param crew: does what really runs.
    :param lock: held while anything changes.
    :param surroundings: gives what a build reaches outside its machine.
    :param publishers: told of what shows, in order.
    :param new_machine: makes a machine that really runs, or ``None`` to simulate.
    """

    def __init__(
        self,
        pace: Pace,
        agenda: Agenda,
        crew: Crew,
        *,
        lock: "threading.RLock",
        surroundings: Callable[[BuildJob], Surroundings],
        publishers: Sequence[Publisher],
        new_machine: Callable[[BuildJob], Machine] | None = None,
    ) -> None:
        self.pace = pace
        self.agenda = agenda
        self.lock = lock
        self.crew = crew
        self._clock = pace.clock
        self._surroundings = surroundings
        self._publishers = publishers
        self._new_machine = new_machine
        self._running: set[LiveBuild] = set()
        self._closing = False

    @property
    def simulates(self) -> bool:
        """Whether builds are simulated here."""
        return self._new_machine is None

    def start(
        self,
        job: BuildJob,
        template: Record,
        members: Record,
        script: Script,
        on_end: Callable[[LiveBuild], None] | None = None,
        line: Line | None = None,
    ) -> LiveBuild:
        """Start a build and return it; it is QUEUED.

        :param template: and *members*: see :class:`LiveBuild`.
        :param script: what a simulated machine answers.
        :param on_end: called once, when the end of the build shows.
        :param line: the capacity that it needs a place of.
        """
        build = LiveBuild(job, template, members, History(self.lock))
        build.on_end = on_end
        build.line = line
        history = build.history
        history.add(Moved(job.started, "SUBMITTED"))
        history.add(Moved(job.started, "QUEUED", "SUCCEEDED"))

        def admit(at: float) -> None:
            if not self._closing:
                history.rewind(job.started)
                self._admit(build, script, max(at, job.started))

        if line is None or line.join(build, admit):
            self._admit(build, script, job.started)
        else:
            self._wait_in_line(build)
        return build

    # Capacity

    def _wait_in_line(self, build: LiveBuild) -> None:
        """Let *build* wait; documented: after its queued timeout it is taken out of the line.

        That it shows as timed out then is a guess.
        """
        build.waiting = True
        limit = _queued_until(build.job)
        build.history.add(Moved(limit, LAST, "TIMED_OUT", TIMED_OUT))

        def give_up(at: float) -> None:
            if build.waiting:
                self._publish(build, at)

        self._publish(build, build.job.started)
        self.agenda.at(limit, give_up)

    def _admit(self, build: LiveBuild, script: Script, at: float) -> None:
        build.waiting = False
        if self._new_machine is None:
            self._simulate(build, script, at)
        else:
            self._really_run(build, self._new_machine(build.job))

    # Simulated builds

    def _simulate(self, build: LiveBuild, script: Script, at: float) -> None:
        left_queue = round(at + script.seconds.get("QUEUED", QUEUED_SECONDS), 3)
        around = self._surroundings(build.job)

        def write() -> None:
            self._write_future(build, script, left_queue, around)

        # What depends on nothing outside can as well be written when somebody looks.
        if self.pace.timed or script.hangs is not None or around.matter_to(build.job):
            write()
        else:
            build.postpone(left_queue, write)
        if self.pace.timed:
            self._schedule(build)

    def _write_future(
        self, build: LiveBuild, script: Script, left_queue: float, around: Surroundings
    ) -> None:
        job = build.job
        limit = _queued_until(job)
        if script.hangs == "QUEUED" or left_queue >= limit:
            build.gate = job.started if script.hangs == "QUEUED" else ALWAYS
            build.history.add(Moved(limit, LAST, "TIMED_OUT", TIMED_OUT))
        elif (failure := script.failures.get("QUEUED")) is not None:
            reason = (failure.status_code, failure.message)
            build.history.add(Moved(left_queue, LAST, "FAILED", reason))
        else:
            build.history.add(Moved(left_queue, "PROVISIONING", "SUCCEEDED"))
            deadline = left_queue + 60 * job.project["timeoutInMinutes"]
            machine = SimulatedMachine(left_queue, script, deadline)
            BuildRun(job, machine, build.history, deadline, around).run()
            build.gate = machine.hangs_from

    # Builds that really run

    def _really_run(self, build: LiveBuild, machine: Machine) -> None:
        build.real = True
        build.machine = machine
        build.history.on_change = lambda event: self._happened(build, event)
        build.history.add(Moved(self.pace.now(), "PROVISIONING", "SUCCEEDED"))
        self._running.add(build)
        self.crew.put_to_work(build.job.build_id, lambda: self._carry_out(build, machine))

    def _carry_out(self, build: LiveBuild, machine: Machine) -> None:
        deadline = self._clock.now() + 60 * build.job.project["timeoutInMinutes"]
        try:
            around = self._surroundings(build.job)
            BuildRun(build.job, machine, build.history, deadline, around).run()
        finally:
            with self.lock:
                build.machine = None
                self._running.discard(build)

    def _happened(self, build: LiveBuild, event: Event) -> None:
        self._publish(build, ALWAYS)
        # Not for each line of output: a waiter's sleeps would end early until it gives up.
        if type(event) is Moved:
            self._clock.notify()

    # Looking

    def until(self, build: LiveBuild) -> float:
        """Return up to when the events of *build* show now, without this being a look."""
        if build.real:
            return ALWAYS
        if build.waiting:
            return self.pace.now()
        return self.pace.until(build)

    def look(self, build: LiveBuild) -> Overview:
        """Look at a build, which moves it on where looks do that, and return what shows.

        One that waits for capacity moves on when those do that have it.
        """
        if build.waiting:
            self._look_at_those_before(build)
        if not build.real and not build.waiting:
            self.pace.look(build)
        until = self.until(build)
        self._publish(build, until)
        return build.overview(until)

    def _look_at_those_before(self, build: LiveBuild) -> None:
        line = build.line
        while line is not None and build.waiting:
            before = list(line.running)
            for one in before:
                if isinstance(one, LiveBuild):
                    self.look(one)
            if list(line.running) == before or self.pace.stepped:
                return

    def is_over(self, build: LiveBuild) -> bool:
        """Tell whether the end of *build* shows, without this being a look."""
        end = build.history.end
        return end is not None and end <= self.until(build)

    def stop(self, build: LiveBuild) -> Overview:
        """Stop a build that is not over, at once, and return what shows then."""
        with self.lock:
            until = self.until(build)
            if not self.is_over(build):
                at = max(self.pace.now(), _last_before(build.history.events, until))
                build.waiting = False
                build.history.cut(until, at, "STOPPED")
                build.gate = ALWAYS
                build.horizon = ALWAYS
                self._publish(build, ALWAYS)
                if build.machine is not None:
                    build.machine.kill()
                until = ALWAYS
            return build.overview(until)

    # What events do outside

    def settle(self, builds: Mapping[str, LiveBuild]) -> None:
        """Let somebody read what builds have produced so far.

        That is a look at all of them at once, except where each look moves a build one step on.
        """
        self.agenda.advance(self.pace.now())
        if self.pace.settled:
            for build in list(builds.values()):
                if build.published < len(build.history.events):
                    self.look(build)

    def _schedule(self, build: LiveBuild) -> None:
        """See to it that what is next to happen in *build* does so at its time."""

        def happen(at: float) -> None:
            self._publish(build, at)
            self._schedule(build)

        events = build.history.events
        if build.published < len(events):
            self.agenda.at(events[build.published].at, happen)

    def _publish(self, build: LiveBuild, until: float) -> None:
        with self.lock:
            events = build.history.events
            first = build.published
            while build.published < len(events) and events[build.published].at <= until:
                event = events[build.published]
                build.published += 1
                if type(event) is Due and event.act is not None:
                    events[build.published - 1] = Due(event.at, None)
                    event.act()
            if build.published > first:
                shown = events[first : build.published]
                for publisher in self._publishers:
                    publisher.publish(build, shown)
                if build.history.closed and build.published == len(events):
                    self._ended(build)

    def _ended(self, build: LiveBuild) -> None:
        build.waiting = False
        line, build.line = build.line, None
        if line is not None:
            line.leave(build, build.history.events[-1].at)
        on_end, build.on_end = build.on_end, None
        if on_end is not None:
            on_end(build)

    # The end

    def abandon(self, builds: Mapping[str, LiveBuild]) -> None:
        """Stop those of *builds* that really run or wait to: nobody can ask for them any more."""
        for build in builds.values():
            if build.waiting:
                self.stop(build)
        for build in [one for one in self._running if one.job.build_id in builds]:
            self.stop(build)

    def close(self) -> None:
        """Stop everything that still runs; the crew is to be dismissed afterwards."""
        self._closing = True
        for build in list(self._running):
            self.stop(build)


def _queued_until(job: BuildJob) -> float:
    """Return when *job* has waited too long for capacity."""
    limit: float = job.started + 60 * job.project["queuedTimeoutInMinutes"]
    return limit


def _last_before(events: list[Event], until: float) -> float:
    return next((event.at for event in reversed(events) if event.at <= until), 0.0)
