"""Builds under way: starting them, showing how far they are, stopping them.

A build on a simulated machine has its whole future written when it starts; how much of it shows
is decided on each look. A build on a machine that really runs is carried out by a thread of its
own, and is always as far as it really is. Either may have to wait for capacity first.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from mockbuild.domain.lifecycle import LAST
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.build import BuildRun
from mockbuild.engine.crew import Crew
from mockbuild.engine.history import Due, Event, History, Moved, Overview, Record
from mockbuild.engine.job import BuildJob
from mockbuild.engine.line import Line
from mockbuild.engine.live_build import LiveBuild
from mockbuild.engine.pace import ALWAYS, Pace
from mockbuild.engine.run import TIMED_OUT, NewRun
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
        self._companions: dict[LiveBuild, Callable[[float], None]] = {}
        self._closing = False

    @property
    def simulates(self) -> bool:
        """Whether builds are simulated here."""
        return self._new_machine is None

    def start(
        self,
        job: BuildJob,
        template: Record,
        members: Mapping[str, Any],
        script: Script,
        on_end: Callable[[LiveBuild], None] | None = None,
        line: Line | None = None,
        new_run: NewRun = BuildRun,
    ) -> LiveBuild:
        """Start a build and return it; it is QUEUED.

        :param template: and *members*: see :class:`LiveBuild`.
        :param script: what a simulated machine answers.
        :param on_end: called once, when the end of the build shows.
        :param line: the capacity that it needs a place of.
        :param new_run: makes what carries it out.
        """
        build = LiveBuild(job, template, members, History(self.lock))
        build.new_run = new_run
        build.on_end = on_end
        build.line = line
        history = build.history
        history.add(Moved(job.started, "SUBMITTED"))
        history.add(Moved(job.started, "QUEUED", "SUCCEEDED"))

        def admit(at: float) -> None:
            if not self._closing:
                history.rewind(job.started)
                self._admit(build, script, max(at, job.started))

        if line is None or line.join(build, job.started, admit):
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
            if build.waiting and build.line is not None:
                self.make_room(build.line)
            if build.waiting:
                self._bring_along(build, at)
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
            build.new_run(job, machine, build.history, deadline, around).run()
            build.gate = machine.hangs_from
            build.history.compact()

    # Builds that really run

    def _really_run(self, build: LiveBuild, machine: Machine) -> None:
        build.real = True
        build.machine = machine
        build.history.on_change = lambda event: self._happened(build, event)
        build.history.add(Moved(self.pace.now(), "PROVISIONING", "SUCCEEDED"))
        self._running.add(build)
        self.carry_on(build, lambda: self._carry_out(build, machine))

    def _carry_out(self, build: LiveBuild, machine: Machine) -> None:
        deadline = self._clock.now() + 60 * build.job.project["timeoutInMinutes"]
        around = self._surroundings(build.job)
        build.new_run(build.job, machine, build.history, deadline, around).run()

    def carry_on(self, build: LiveBuild, work: Callable[[], None]) -> None:
        """Have the crew do *work* for a build that really runs; it may leave it at rest."""
        build.resting = False

        def do() -> None:
            try:
                work()
            finally:
                with self.lock:
                    if build.history.closed:
                        build.machine = None
                        self._running.discard(build)

        self.crew.put_to_work(build.job.build_id, do)

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
            return max(build.job.started, self.pace.now())
        return self.pace.until(build)

    def look(self, build: LiveBuild) -> Overview:
        """Look at a build, which moves it on where looks do that, and return what shows.

        One that waits for capacity moves on when those do that have it.
        """
        if build.waiting and build.line is not None:
            self._look_at_those_before(build, build.line)
        if not build.real and not build.waiting:
            self.pace.look(build)
            if self.pace.stepped and build.line is not None:
                build.line.looked_at.add(build)
        until = self.until(build)
        self._bring_along(build, until)
        self._publish(build, until)
        return build.overview(until)

    def accompany(self, build: LiveBuild, keep_up: Callable[[float], None]) -> None:
        """Have *keep_up* called with the time before looks show *build* at that time.

        It may let other builds end before, and so this one, too.
        """
        self._companions[build] = keep_up

    def see_through(self, build: LiveBuild) -> None:
        """Let all of *build* show that is written, to its end."""
        build.horizon = ALWAYS
        self._publish(build, _end(build))

    def _bring_along(self, build: LiveBuild, until: float) -> None:
        keep_up = self._companions.get(build)
        if keep_up is not None:
            keep_up(min(until, _end(build)))

    def _look_at_those_before(self, build: LiveBuild, line: Line) -> None:
        """Move those on that have the places which *build* waits for.

        Settled, that is until there is one for it. In steps, it is one step, and none for those
        that somebody has looked at since: whoever looks at all of them sees every step.
        """
        self.make_room(line)
        if not line.running and line.stir is not None:
            line.stir()
        if self.pace.stepped:
            moved = set(line.looked_at)
            for one in _simulated(line):
                if one not in moved:
                    self.look(one)
            line.looked_at.clear()
        elif self.pace.settled:
            standing: set[LiveBuild] = set()
            while build.waiting:
                ahead = [one for one in _simulated(line) if one not in standing]
                if not ahead:
                    return
                first = min(ahead, key=_end)
                self.look(first)
                standing.add(first)

    def make_room(self, line: Line) -> None:
        """Take places from builds that are over by now, though nobody has looked since."""
        if self.pace.timed:  # where nobody has to
            return
        while over := [one for one in _simulated(line) if self.is_over(one)]:
            for one in sorted(over, key=_end):
                self._bring_along(one, self.until(one))
                self._publish(one, self.until(one))

    def shown(self, build: LiveBuild) -> float:
        """Return the time of the last event of *build* that has had its effect outside."""
        events = build.history.events
        return events[build.published - 1].at if build.published else build.job.started

    def is_over(self, build: LiveBuild) -> bool:
        """Tell whether the end of *build* shows, without this being a look."""
        end = build.history.end
        return end is not None and end <= self.until(build)

    def stop(self, build: LiveBuild, at: float | None = None) -> Overview:
        """Stop a build that is not over, and return what shows then.

        :param at: when, but not before what shows already; by default, now.
        """
        with self.lock:
            if at is None:
                self._bring_along(build, self.until(build))
            until = self.until(build) if at is None or build.real else max(at, self.shown(build))
            end = build.history.end
            if end is None or end > until:
                last = _last_before(build.history.events, until)
                build.waiting = False
                build.history.cut(
                    until, max(self.pace.now() if at is None else at, last), "STOPPED"
                )
                if build.machine is not None:
                    build.machine.kill()
                until = ALWAYS
            build.horizon = build.gate = ALWAYS
            self._publish(build, until)
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
        self._companions.pop(build, None)
        line, build.line = build.line, None
        if line is not None:
            line.leave(build, build.history.events[-1].at)
        on_end, build.on_end = build.on_end, None
        if on_end is not None:
            on_end(build)
        if build.resting and build.machine is not None:
            machine, build.machine = build.machine, None
            machine.kill()
            self.carry_on(build, machine.close)

    # The end

    def abandon(self, builds: Mapping[str, LiveBuild]) -> None:
        """Stop those of *builds* that really run or wait to: nobody can ask for them any more."""
        for build in list(builds.values()):
            if build.waiting:
                self._drop(build)
        for build in [one for one in self._running if one.job.build_id in builds]:
            self._drop(build)

    def close(self) -> None:
        """Stop everything that still runs; the crew is to be dismissed afterwards."""
        with self.lock:  # a build that ends meanwhile gives its place to no other
            self._closing = True
            for build in list(self._running):
                self._drop(build)

    def _drop(self, build: LiveBuild) -> None:
        """Stop *build*, and let nothing follow from its end."""
        build.on_end = None
        self.stop(build)


def _queued_until(job: BuildJob) -> float:
    """Return when *job* has waited too long for capacity."""
    limit: float = round(job.started + 60 * job.project["queuedTimeoutInMinutes"], 3)
    return limit


def _simulated(line: Line) -> list[LiveBuild]:
    """Return the builds with a place in *line* that looks can move on."""
    return [one for one in line.running if isinstance(one, LiveBuild) and not one.real]


def _end(build: LiveBuild) -> float:
    end = build.history.end
    return ALWAYS if end is None else end


def _last_before(events: list[Event], until: float) -> float:
    return next((event.at for event in reversed(events) if event.at <= until), 0.0)
