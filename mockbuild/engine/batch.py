"""A batch of builds: a list of events again, and the builds it starts as others end.

A build of its own reads the source and the batch's part of the buildspec; then each build group's
build starts as soon as those it depends on have succeeded. The batch writes down what happens as
it happens, so it is as far as its builds are. As the end of one build may start or stop others,
builds end in order of time, in whatever order somebody looks at them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mockbuild.domain.batch_lifecycle import (
    DOWNLOAD,
    FAILED_PHASE,
    LAST_PHASES,
    PENDING,
    RETRIED,
)
from mockbuild.engine.batch_history import (
    BatchOverview,
    Ended,
    Event,
    Group,
    Member,
    Requested,
    Started,
    batch_overview,
    fold,
)
from mockbuild.engine.history import Context, Moved, Prepared
from mockbuild.engine.pace import ALWAYS
from mockbuild.engine.run import TIMED_OUT

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.documents.buildspec_batch import Task
    from mockbuild.engine.conductor import Conductor
    from mockbuild.engine.live_build import LiveBuild

#: How long a batch is SUBMITTED, in seconds: as recorded.
SUBMITTED_SECONDS = 0.358
#: How long it takes to put artifacts together, in seconds: a guess.
COMBINE_SECONDS = 0.371


class BatchFailed(Exception):
    """The batch fails as a whole, in the phase it is in.

    :param status_code: and *message*: the phase's context.
    """

    def __init__(self, status_code: str, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message


class Host(Protocol):
    """What a batch asks of whoever starts it."""

    def start(self, group: Group, uuid: str, at: float) -> "LiveBuild":
        """Start the build of a group."""

    def plan(self, spec: "Buildspec | None") -> "tuple[Sequence[Task], bool]":
        """Return the tasks of a batch and whether it fails fast.

        :raises BatchFailed: there are none, or some that are not allowed.
        """

    def merge_reports(self, builds: Sequence["LiveBuild"], at: float) -> Sequence[str]:
        """Merge what *builds* have reported to the same report group; return the ARNs."""

    def combine(self, builds: Sequence["LiveBuild"]) -> None:
        """Put the artifacts of all *builds* together.

        :raises BatchFailed: that cannot be done.
        """


@dataclass(frozen=True, slots=True)
class BatchJob:
    """One batch, as it was asked for.

    :param project: the project's record with everything StartBuildBatch overrode put into it.
    :param seconds: how long it may take.
    """

    batch_id: str
    arn: str
    number: int
    project: Mapping[str, Any]
    initiator: str
    started: float
    seconds: float
    debug: bool = False

    @property
    def uuid(self) -> str:
        """The part of the batch's id behind the project's name."""
        return self.batch_id.partition(":")[2]

    @property
    def combines(self) -> bool:
        """Whether the artifacts of its builds are put together at the end."""
        config = self.project.get("buildBatchConfig", {})
        return bool(config.get("combineArtifacts"))


class LiveBatch:
    """A batch that was started.

    :param new_uuid: gives the ids of its builds.
    """

    def __init__(
        self, job: BatchJob, host: Host, conductor: "Conductor", new_uuid: Callable[[], str]
    ) -> None:
        self.job = job
        #: In order of time.
        self.events: list[Event] = []
        #: What its first build learned: the commit all the others use.
        self.resolved_version: str | None = None
        #: ARNs of the reports its builds' reports were merged into.
        self.reports: Sequence[str] = ()
        self._host = host
        self._conductor = conductor
        self._pace = conductor.pace
        self._new_uuid = new_uuid
        # How far looks have shown it, where the clock does not decide.
        self._horizon = job.started
        # The phase it is in, and its groups, with all that is written having happened.
        self._phase = "SUBMITTED"
        self._members: dict[str, Member] = {}
        # The builds that run or wait to, and the newest build of each group that is over.
        self._builds: dict[str, LiveBuild] = {}
        self._finished: dict[str, LiveBuild] = {}
        self._is_planned = False
        self._fails_fast = False
        self._deadline = ALWAYS
        self._submissions = 0
        # All events folded, if that has been done since the last one came.
        self._seen_whole: BatchOverview | None = None

    # What shows

    def look(self) -> BatchOverview:
        """Look at the batch and its builds, which moves them on where looks do that."""
        if self._pace.stepped:
            self._step()
        elif self._pace.settled:
            self.settle()
        return self._overview()

    def seen(self) -> BatchOverview:
        """Return what shows now, without this being a look."""
        if self._pace.settled:
            self._pass(self._pace.now())
        return self._overview()

    def every_build(self) -> Iterator[str]:
        """Go through the ids of all builds it ever wanted."""
        for event in self.events:
            if isinstance(event, Requested):
                for _, uuid in event.builds:
                    yield f"{self.job.project['name']}:{uuid}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, as far as that is written."""
        return self._phase in LAST_PHASES

    def _overview(self) -> BatchOverview:
        until = self._until()
        if until < self.events[-1].at:
            return batch_overview(self.events, until)
        if self._seen_whole is None:
            self._seen_whole = batch_overview(self.events, until)
        return self._seen_whole

    def _until(self) -> float:
        if not self._conductor.simulates:
            return ALWAYS
        if self._pace.timed:
            return self._pace.now()
        return self._horizon if self._pace.stepped else max(self._horizon, self._pace.now())

    # How it moves

    def _step(self) -> None:
        """Go one phase on, and so does each of its builds."""
        phases = [event.at for event in self.events if isinstance(event, Moved)]
        self._horizon = min((at for at in phases if at > self._horizon), default=self._horizon)
        for build in list(self._builds.values()):
            self._conductor.look(build)
        if not self._conductor.simulates:
            self._pass(self._pace.now())

    def settle(self) -> None:
        """Let everything happen, and show, that does not wait for the clock."""
        self._horizon = ALWAYS
        looked_at: set[LiveBuild] = set()
        while self._builds and not self.is_over:
            waiting = [one for one in self._builds.values() if one.waiting]
            first = next((one for one in waiting if one not in looked_at), None)
            if first is not None:
                looked_at.add(first)
                self._conductor.look(first)
            elif not self._next(ALWAYS):
                return

    def _keep_up(self, at: float) -> None:
        """Let happen what happens by *at*, to which one of the builds is about to show."""
        self._pass(at)
        self._horizon = max(self._horizon, at)

    def _pass(self, until: float) -> None:
        while self._builds and not self.is_over and self._next(until):
            pass

    def _next(self, until: float) -> bool:
        """Let the next build end, or the batch time out, if that is by *until*; tell if it was."""
        now = self._pace.now()
        end, build = min(
            ((self._end_of(one, now), one) for one in self._builds.values()),
            key=lambda pair: pair[0],
        )
        if end < self._deadline:
            if end > until:
                return False
            self._conductor.see_through(build)
            return True
        if self._deadline > until or (now < self._deadline and end == ALWAYS):
            return False
        self._expire(self._deadline)
        return True

    def _end_of(self, build: "LiveBuild", now: float) -> float:
        """Return when *build* ends; infinity if only time can tell."""
        if build.real or build.waiting:
            return ALWAYS
        end = build.history.end
        if end is None or (build.gate != ALWAYS and end > now):
            return ALWAYS
        return end

    # What happens

    def begin(self) -> None:
        """Start with the build that reads the source and the batch's part of the buildspec."""
        self._submit(self.job.started, None)
        self._after(self.job.started, SUBMITTED_SECONDS, self._download)

    def _submit(self, at: float, status: str | None) -> None:
        self._submissions += 1
        self._move(at, "SUBMITTED", status)
        self._deadline = round(self.events[-1].at + self.job.seconds, 3)
        if self._pace.timed:
            self._when(self._deadline, self._expire)

    def _download(self, at: float) -> None:
        self._is_planned = False
        self._move(at, "DOWNLOAD_BATCHSPEC", "SUCCEEDED")
        self._request([Group()], at)

    def _resume(self, at: float) -> None:
        self._move(at, "IN_PROGRESS", "SUCCEEDED")
        again = [one for one in self._members.values() if one.attempt.status != "SUCCEEDED"]
        self._request([one.group for one in again], at)

    def _request(self, groups: Sequence[Group], at: float, *, plan: bool = False) -> None:
        """Want a build for each of *groups*, and start those that wait for nobody."""
        for group in groups:
            self._finished.pop(group.identifier, None)
        builds = tuple((group, self._new_uuid()) for group in groups)
        self._add(Requested(at, builds, plan))
        self._go_on(at)

    def _go_on(self, at: float) -> None:
        """Start whatever can start by now, drop what never will, and end when nothing is left."""
        dropped = True
        while dropped:
            dropped = False
            for one in self._members.values():
                if one.attempt.status != PENDING:
                    continue
                before = [self._members[name] for name in one.group.depends_on]
                if all(other.succeeded for other in before):
                    self._start(one, at)
                elif any(other.failed for other in before):
                    self._add(Ended(at, one.group.identifier, "STOPPED"))
                    dropped = True
        if not self.is_over and all(one.is_over for one in self._members.values()):
            self._finish(at)

    def _start(self, member: Member, at: float) -> None:
        identifier, uuid = member.group.identifier, member.attempt.uuid
        self._add(Started(at, identifier))
        build = self._builds[identifier] = self._host.start(member.group, uuid, at)
        build.on_end = lambda ended: self._ended(identifier, ended)
        if not build.real and not self._pace.timed:  # there, all are as far as the clock
            self._conductor.accompany(build, self._keep_up)
        if self.is_over:  # making room for it has shown that another one failed
            self._conductor.stop(build, at)

    def _ended(self, identifier: str, build: "LiveBuild") -> None:
        """Take note of the end of a build, and of what follows from it."""
        del self._builds[identifier]
        self._finished[identifier] = build
        seen = build.overview(ALWAYS)
        left = seen.learned.get("artifacts", {}), seen.learned.get("secondaryArtifacts", ())
        at = max(build.history.events[-1].at, self.events[-1].at)
        self._add(Ended(at, identifier, seen.status, left))
        if self.is_over:
            return
        if identifier == DOWNLOAD:
            self._downloaded(build, seen.status, at)
        elif self._fails_fast and self._members[identifier].failed:
            self._end(at, "FAILED", FAILED_PHASE)
        else:
            self._go_on(at)

    def _downloaded(self, build: "LiveBuild", status: str, at: float) -> None:
        prepared = next((e for e in build.history.events if isinstance(e, Prepared)), None)
        try:
            if prepared is None or status != "SUCCEEDED":
                raise _reason(build)
            tasks, self._fails_fast = self._host.plan(prepared.spec)
        except BatchFailed as error:
            self._end(at, "FAILED", FAILED_PHASE, (error.status_code, error.message))
            return
        self._is_planned = True
        self.resolved_version = build.job.resolved_version
        self._move(at, "IN_PROGRESS", "SUCCEEDED")
        self._request([Group(task) for task in tasks], at, plan=True)

    def _finish(self, at: float) -> None:
        builds = [self._finished[name] for name in self._members if name in self._finished]
        self.reports = self._host.merge_reports(builds, at)
        if any(one.failed for one in self._members.values()):
            self._end(at, "FAILED", FAILED_PHASE)
        elif self.job.combines:
            self._move(at, "COMBINE_ARTIFACTS", "SUCCEEDED")
            self._after(at, COMBINE_SECONDS, lambda at: self._combine(at, builds))
        else:
            self._end(at, "SUCCEEDED", "SUCCEEDED")

    def _combine(self, at: float, builds: "Sequence[LiveBuild]") -> None:
        try:
            self._host.combine(builds)
        except BatchFailed as error:
            self._end(at, "FAILED", FAILED_PHASE, (error.status_code, error.message))
        else:
            self._end(at, "SUCCEEDED", "SUCCEEDED")

    def stop(self) -> BatchOverview:
        """Stop a batch that is not over, and return what shows just before its builds stop.

        Recorded: the answer to StopBuildBatch has the batch stopped and its builds as they were.
        """
        seen = self.seen()
        if seen.ended is not None:
            return seen
        until = self._until()
        self.events = [e for e in self.events if e.at <= until or not isinstance(e, Moved)]
        shown = map(self._conductor.shown, self._builds.values())
        at = max(self._pace.now(), self.events[-1].at, *shown)
        self._move(at, "STOPPED", "STOPPED")
        self._horizon = ALWAYS
        seen = batch_overview(self.events, ALWAYS)
        self._clear(at)
        return seen

    def retry(self, *, everything: bool) -> None:
        """Go on with a batch that has failed: it stays the same one (recorded).

        :param everything: build all groups again, and read the buildspec again first; otherwise
            only what has not succeeded.
        """
        at = max(self._pace.now(), self.events[-1].at)
        self._submit(at, RETRIED)
        self._horizon = at
        download = everything or not self._is_planned
        self._after(at, SUBMITTED_SECONDS, self._download if download else self._resume)

    def _expire(self, at: float) -> None:
        self._end(at, "FAILED", "TIMED_OUT", TIMED_OUT)

    def _end(self, at: float, phase: str, status: str, reason: Context | None = None) -> None:
        self._move(at, phase, status, reason)
        self._clear(at)

    def _clear(self, at: float) -> None:
        """Stop the builds that still run, and drop those that wait."""
        for build in list(self._builds.values()):
            self._conductor.stop(build, at)
        for one in self._members.values():
            if one.attempt.status == PENDING:
                self._add(Ended(self.events[-1].at, one.group.identifier, "STOPPED"))

    def _move(
        self, at: float, phase: str, status: str | None, reason: Context | None = None
    ) -> None:
        self._add(Moved(at, phase, status, reason))
        self._phase = phase

    def _add(self, event: Event) -> None:
        self.events.append(event)
        self._seen_whole = None
        fold(self._members, event)

    def _after(self, at: float, seconds: float, act: Callable[[float], None]) -> None:
        """Have *act* called *seconds* after *at*; where builds really run, it is at once."""
        then = round(at + seconds, 3) if self._conductor.simulates else at
        if self._pace.timed and then > at:
            self._when(then, act)
        else:
            act(then)

    def _when(self, time: float, act: Callable[[float], None]) -> None:
        """Have *act* called when the clock gets there, unless the batch is over by then."""
        submission = self._submissions

        def if_still(at: float) -> None:
            if submission == self._submissions and not self.is_over:
                act(at)

        self._conductor.agenda.at(time, if_still)


def _reason(build: "LiveBuild") -> BatchFailed:
    """Return why the build that was to read the buildspec did not."""
    for phase in build.overview(ALWAYS).phases:
        for context in phase.get("contexts", ()):
            if context["statusCode"]:
                return BatchFailed(context["statusCode"], context["message"])
    return BatchFailed("CLIENT_ERROR", "The build that downloads the source did not succeed")
