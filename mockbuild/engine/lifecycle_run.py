"""One run of lifecycle actions: images, one after the other, each for some time.

When each image's turn comes is known when the run starts; what comes of it is found out then. A
:class:`~mockbuild.engine.pace.Pace` moves it.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mockbuild.domain.image_lifecycle import LIFECYCLE_EXECUTION_STATUSES, is_final
from mockbuild.engine.course import Course
from mockbuild.engine.pace import ALWAYS

#: How long it takes to find out what is to be done, and for a cancelled run to end: a guess.
EVALUATION_SECONDS: Final = 1.0
#: How long an image takes. A guess: AWS says that one is changed within a minute.
IMAGE_SECONDS: Final = 10.0


class Finding(NamedTuple):
    """How something came off: ``SUCCESS``, ``FAILED`` or ``SKIPPED``, and perhaps why."""

    status: str
    reason: str = ""


class Part(NamedTuple):
    """An AMI, or the container images of a region, of an image that was acted on.

    :param resource_id: the id of the AMI, or the URI of a container image.
    :param snapshots: those of the AMI that were acted on, by id.
    :param uris: all URIs of the container image.
    """

    resource_id: str
    region: str
    account_id: str
    finding: Finding
    snapshots: tuple[tuple[str, Finding], ...] = ()
    uris: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of acting on an image, and on its parts."""

    finding: Finding
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do to an image.

    :param image: the image's ARN.
    :param action: ``DEPRECATE`` and so on.
    :param reason: why.
    :param work: does it, at a time.
    :param prepared: what was done to its parts beforehand.
    """

    image: str
    action: str
    reason: str
    work: Callable[[float], Outcome]
    prepared: tuple[Part, ...] = ()


@dataclass(slots=True)
class Task:
    """A plan and its time.

    :param acts: when its work is done, which is at its end unless the end is later.
    """

    plan: Plan
    starts: float
    acts: float
    ends: float
    outcome: Outcome | None = None


class Shown(NamedTuple):
    """What a run amounts to at some moment.

    :param until: which moment that is.
    :param ended: when it ended, if it has.
    :param tasks: those whose turn has come.
    """

    until: float
    status: str
    reason: str
    ended: float | None
    tasks: Sequence[Task]


class LifecycleRun:
    """One run, of a policy or of a change of one image's state.

    :param run_id: ``lce-…``.
    :param started: when it starts.
    :param plans: what it is to do, in order.
    :param scheduled: when it is to do that, if not at once; until then it is PENDING.
    """

    def __init__(
        self,
        run_id: str,
        started: float,
        plans: Sequence[Plan],
        scheduled: float | None = None,
    ) -> None:
        self.run_id = run_id
        self.started = started
        self.horizon = started
        self.gate = ALWAYS
        self.cancelled = False
        #: Whether it has found anything to do.
        self.finds_any = bool(plans)
        self._course = Course(started, Finding("IN_PROGRESS"))
        self._done = 0
        at = round(started + EVALUATION_SECONDS, 3)
        if scheduled is not None:
            self._wait(at, scheduled)
            pause = (started, scheduled, scheduled + EVALUATION_SECONDS)
            self.tasks = [Task(plan, *pause) for plan in plans]
        else:
            starts = [at + number * IMAGE_SECONDS for number in range(len(plans) + 1)]
            self.tasks = [
                Task(plan, starts[number], starts[number + 1], starts[number + 1])
                for number, plan in enumerate(plans)
            ]
        self._ends = self.tasks[-1].ends if self.tasks else at
        self._finish()

    def _wait(self, since: float, until: float) -> None:
        """Let it be PENDING for a time that only the clock brings to its end."""
        self._course.then(since, Finding("PENDING"))
        self._course.then(until, Finding("IN_PROGRESS"))
        self.gate = since

    # How the pace moves it

    def next_moment(self, after: float) -> float:
        """Return when something next changes after that time, or infinity."""
        return min(self._turn(after), self._course.next_moment(after))

    def _turn(self, after: float) -> float:
        """Return when a task next starts or ends after that time, or infinity."""
        first = bisect_right(self.tasks, after, key=lambda task: task.ends)
        if first == len(self.tasks):
            return ALWAYS
        task = self.tasks[first]
        return task.starts if task.starts > after else task.ends

    def advance(self, until: float) -> None:
        """Do all that is to be done by that time."""
        if until >= self.gate and until >= self.next_act:
            self.gate = ALWAYS  # it has waited long enough
        while self._done < len(self.tasks) and self.next_act <= until:
            task = self.tasks[self._done]
            self._done += 1
            task.outcome = task.plan.work(task.acts)
        self._finish()

    @property
    def next_act(self) -> float:
        """When there is something to be done next, or infinity."""
        return self.tasks[self._done].acts if self._done < len(self.tasks) else ALWAYS

    def _finish(self) -> None:
        """Write down how it ends, once that is known."""
        if self._done < len(self.tasks) or self.cancelled or self._is_over(self._course.last):
            return
        failed = any(one.outcome and one.outcome.finding.status == "FAILED" for one in self.tasks)
        end = Finding("FAILED", "One or more resource actions failed.")  # the text is a guess
        self._course.then(self._ends, end if failed else Finding("SUCCESS"))

    def cancel(self, at: float) -> None:
        """Cancel it: what it is at is finished, and nothing that was to come is done."""
        self.cancelled = True
        self.tasks = [
            one for number, one in enumerate(self.tasks) if number < self._done or one.starts <= at
        ]
        waiting = self.gate < ALWAYS
        if waiting:
            for task in self.tasks[self._done :]:
                task.ends = at
                task.outcome = Outcome(Finding("SKIPPED", "The lifecycle execution was canceled."))
            self._done = len(self.tasks)
            self.gate = ALWAYS
        ends = [at + EVALUATION_SECONDS, *(task.ends for task in self.tasks)]
        self._course.turn(at, at, Finding("CANCELLING"))
        self._course.then(round(max(ends), 3), Finding("CANCELLED"))
        self.horizon = at

    # What it amounts to

    def is_over(self, until: float) -> bool:
        """Tell whether nothing more is to come at that time."""
        return self._is_over(self._course.state(until))

    def shown(self, until: float) -> Shown:
        """Return what it amounts to at that time."""
        finding = self._course.state(until)
        ended = self._course.states[-1][0] if self._is_over(finding) else None
        begun = bisect_right(self.tasks, until, key=lambda task: task.starts)
        return Shown(until, *finding, ended, self.tasks[:begun])

    @staticmethod
    def _is_over(finding: Finding) -> bool:
        return is_final(LIFECYCLE_EXECUTION_STATUSES, finding.status)
