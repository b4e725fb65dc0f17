"""Builds under way: starting them, showing how far they are, stopping them.

A build on a simulated machine has its whole future written when it starts; how much of it shows
is decided on each look. A build on a machine that really runs is carried out by a thread of its
own, and is always as far as it really is.
"""

import heapq
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import count
from typing import Protocol

from mockbuild.clock import Clock
from mockbuild.domain.lifecycle import LAST
from mockbuild.engine.build import TIMED_OUT, BuildRun, Surroundings
from mockbuild.engine.history import (
    Due,
    Event,
    History,
    Moved,
    Overview,
    Record,
    overview,
)
from mockbuild.engine.job import BuildJob
from mockbuild.engine.log_lines import Line, LogRenderer, render
from mockbuild.engine.publish import Publisher
from mockbuild.machines.base import Machine
from mockbuild.machines.simulated import Script, SimulatedMachine

_ALWAYS = float("inf")
#: How long a simulated build waits for capacity, in seconds: what an idle account shows.
QUEUED_SECONDS = 0.642


class Scripts(Protocol):
    """What test authors have said about builds to come."""

    def next_for(self, project: str) -> Script:
        """Return what the next build of *project* does, and count it as started."""


class LiveBuild:
    """A build that was started, and how much of it shows.

    :param job: what was asked for.
    :param template: members of its record that it shares with other builds of its project.
    :param members: members of its record that are its own; replaced as a whole, never changed.
    """

    __slots__ = (
        "gate",
        "history",
        "horizon",
        "job",
        "machine",
        "members",
        "on_end",
        "published",
        "renderer",
        "template",
    )

    def __init__(self, job: BuildJob, template: Record, members: Record, history: History) -> None:
        self.job = job
        self.template = template
        self.members = members
        self.history = history
        #: How far a look has shown the build; only of use where the clock does not decide.
        self.horizon = job.started
        #: From when on it stands still until the clock gets to its end.
        self.gate = _ALWAYS
        #: The machine of a build that really runs, while it does.
        self.machine: Machine | None = None
        #: How many events have had their effect outside.
        self.published = 0
        #: Renders its log, once there is one.
        self.renderer: LogRenderer | None = None
        self.on_end: Callable[[LiveBuild], None] | None = None

    def lines(self) -> list[Line]:
        """Return the log as far as it shows."""
        return list(render(self.history.events[: self.published]))

    def overview(self, until: float) -> Overview:
        """Return what the build amounts to at *until*."""
        return overview(self.history.events, until)


class Conductor:
    """Carries out every build of one mock.

    :param clock: what time it is.
    :param transitions: ``settled``, ``stepped`` or ``timed``; see the settings.
    :param lock: held while anything changes.
    :param surroundings: gives what a build in a region reaches outside its machine.
    :param publisher: makes what events do outside their build.
    :param new_machine: makes a machine that really runs, or ``None`` to simulate.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        transitions: str,
        lock: "threading.RLock",
        surroundings: Callable[[str], Surroundings],
        publisher: Publisher,
        new_machine: Callable[[BuildJob], Machine] | None = None,
    ) -> None:
        self.clock = clock
        self.lock = lock
        self._timed = transitions == "timed"
        self._stepped = transitions == "stepped"
        self._surroundings = surroundings
        self._publisher = publisher
        self._new_machine = new_machine
        self._waiting: list[tuple[float, int, LiveBuild]] = []
        self._order = count()
        self._threads: set[threading.Thread] = set()
        self._running: set[LiveBuild] = set()
        self._failures: list[BaseException] = []

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
    ) -> LiveBuild:
        """Start a build and return it; it is QUEUED.

        :param template: and *members*: see :class:`LiveBuild`.
        :param script: what a simulated machine answers.
        :param on_end: called once, when the end of the build shows.
        """
        build = LiveBuild(job, template, members, History(self.lock))
        build.on_end = on_end
        build.history.add(Moved(job.started, "SUBMITTED"))
        build.history.add(Moved(job.started, "QUEUED", "SUCCEEDED"))
        if self._new_machine is None:
            self._simulate(build, script)
        else:
            self._really_run(build, self._new_machine(job))
        return build

    # Simulated builds

    def _simulate(self, build: LiveBuild, script: Script) -> None:
        job = build.job
        limit = job.started + 60 * job.project["queuedTimeoutInMinutes"]
        left_queue = round(job.started + script.seconds.get("QUEUED", QUEUED_SECONDS), 3)
        if script.hangs == "QUEUED" or left_queue >= limit:
            # Documented: it is taken out of the queue. That it shows as timed out is a guess.
            build.gate = job.started if script.hangs == "QUEUED" else _ALWAYS
            build.history.add(Moved(limit, LAST, "TIMED_OUT", TIMED_OUT))
        elif (failure := script.failures.get("QUEUED")) is not None:
            reason = (failure.status_code, failure.message)
            build.history.add(Moved(left_queue, LAST, "FAILED", reason))
        else:
            build.history.add(Moved(left_queue, "PROVISIONING", "SUCCEEDED"))
            deadline = left_queue + 60 * job.project["timeoutInMinutes"]
            machine = SimulatedMachine(left_queue, script, deadline)
            around = self._surroundings(job.region)
            BuildRun(job, machine, build.history, deadline, around).run()
            build.gate = machine.hangs_from
        if self._timed:
            self._wait(build)

    # Builds that really run

    def _really_run(self, build: LiveBuild, machine: Machine) -> None:
        build.machine = machine
        build.history.on_change = lambda event: self._happened(build, event)
        build.history.add(Moved(self._now(), "PROVISIONING", "SUCCEEDED"))
        flowing = ExitStack()
        flowing.enter_context(self.clock.running())
        thread = threading.Thread(
            target=self._carry_out,
            args=(build, machine, flowing),
            name=f"mockbuild {build.job.build_id}",
            daemon=True,
        )
        self._threads.add(thread)
        self._running.add(build)
        thread.start()

    def _carry_out(self, build: LiveBuild, machine: Machine, flowing: ExitStack) -> None:
        deadline = self.clock.now() + 60 * build.job.project["timeoutInMinutes"]
        around = self._surroundings(build.job.region)
        try:
            BuildRun(build.job, machine, build.history, deadline, around).run()
        except BaseException as error:
            self._failures.append(error)
        finally:
            with self.lock:
                build.machine = None
                self._running.discard(build)
                self._threads.discard(threading.current_thread())
            self.clock.notify()
            flowing.close()

    def _happened(self, build: LiveBuild, event: Event) -> None:
        self._publish(build, _ALWAYS)
        # Not for each line of output: a waiter's sleeps would end early until it gives up.
        if type(event) is Moved:
            self.clock.notify()

    def is_own_thread(self) -> bool:
        """Tell whether the thread at hand carries out a build."""
        return threading.current_thread() in self._threads

    # Looking

    def until(self, build: LiveBuild) -> float:
        """Return up to when the events of *build* show now, without this being a look."""
        if not self.simulates:
            return _ALWAYS
        if self._timed:
            return self._now()
        shown = min(build.horizon, build.gate)
        if self._stepped and build.horizon < build.gate:
            return shown
        return max(shown, self._now())

    def look(self, build: LiveBuild) -> Overview:
        """Look at a build, which moves it on where looks do that, and return what shows."""
        if not self._timed and self.simulates:
            build.horizon = self._next_step(build) if self._stepped else _ALWAYS
        until = self.until(build)
        self._publish(build, until)
        return build.overview(until)

    def is_over(self, build: LiveBuild) -> bool:
        """Tell whether the end of *build* shows, without this being a look."""
        end = build.history.end
        return end is not None and end <= self.until(build)

    def stop(self, build: LiveBuild) -> Overview:
        """Stop a build that is not over, at once, and return what shows then."""
        with self.lock:
            until = self.until(build)
            if not self.is_over(build):
                at = max(self._now(), _last_before(build.history.events, until))
                build.history.cut(until, at, "STOPPED")
                build.gate = _ALWAYS
                build.horizon = _ALWAYS
                self._publish(build, _ALWAYS)
                if build.machine is not None:
                    build.machine.kill()
                until = _ALWAYS
            return build.overview(until)

    def _next_step(self, build: LiveBuild) -> float:
        return next(
            (e.at for e in build.history.events if type(e) is Moved and e.at > build.horizon),
            _ALWAYS,
        )

    # What events do outside

    def advance(self) -> None:
        """Let everything happen that is due on the clock."""
        now = self._now()
        while self._waiting and self._waiting[0][0] <= now:
            build = heapq.heappop(self._waiting)[2]
            self._publish(build, now)
            self._wait(build)

    def settle(self, builds: Mapping[str, LiveBuild]) -> None:
        """Let somebody read what builds have produced so far.

        That is a look at all of them at once, except where each look moves a build one step on.
        """
        self.advance()
        if not self._timed and not self._stepped:
            for build in list(builds.values()):
                if build.published < len(build.history.events):
                    self.look(build)

    def _wait(self, build: LiveBuild) -> None:
        events = build.history.events
        if build.published < len(events):
            heapq.heappush(self._waiting, (events[build.published].at, next(self._order), build))

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
                self._publisher.publish(build, events[first : build.published])
                if build.history.closed and build.published == len(events):
                    self._ended(build)

    def _ended(self, build: LiveBuild) -> None:
        on_end, build.on_end = build.on_end, None
        if on_end is not None:
            on_end(build)

    # The end

    def abandon(self, builds: Mapping[str, LiveBuild]) -> None:
        """Stop those of *builds* that really run: nobody can ask for them any more."""
        for build in [one for one in self._running if one.job.build_id in builds]:
            self.stop(build)

    def close(self) -> None:
        """End everything that still runs and wait until it is gone.

        :raises BaseException: what a build's thread died of: a mistake in this library.
        """
        for build in list(self._running):
            self.stop(build)
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join()
        if self._failures:
            raise self._failures[0]

    def _now(self) -> float:
        return round(self.clock.now(), 3)


def _last_before(events: list[Event], until: float) -> float:
    return next((event.at for event in reversed(events) if event.at <= until), 0.0)
