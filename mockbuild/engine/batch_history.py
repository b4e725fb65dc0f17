"""What happened in a batch of builds, as a list of timestamped events, and the folds over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mockbuild.domain.batch_lifecycle import DOWNLOAD, LAST_PHASES, PENDING
from mockbuild.engine.history import Moved, Record, overview
from mockbuild.engine.pace import ALWAYS

if TYPE_CHECKING:
    from mockbuild.documents.buildspec_batch import Task

#: The ``artifacts`` and ``secondaryArtifacts`` of a build's record.
Artifacts = tuple[Record, Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Group:
    """A build group.

    :param task: what the buildspec says of it; ``None`` for the one that reads the buildspec.
    """

    task: "Task | None" = None

    @property
    def identifier(self) -> str:
        """Its name in the batch."""
        return DOWNLOAD if self.task is None else self.task.identifier

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The groups that must have succeeded before."""
        return () if self.task is None else self.task.depends_on

    @property
    def ignore_failure(self) -> bool:
        """Whether the batch can succeed without it."""
        return self.task is not None and self.task.ignore_failure


class Requested(NamedTuple):
    """Builds are wanted for groups; each is given its ARN at once (recorded).

    :param builds: the groups, each with the uuid of its build.
    :param plan: whether these are all groups there are, besides the one that reads the buildspec.
    """

    at: float
    builds: tuple[tuple[Group, str], ...]
    plan: bool = False


class Started(NamedTuple):
    """The build of a group starts."""

    at: float
    identifier: str


class Ended(NamedTuple):
    """The build of a group is over, or will never start.

    :param artifacts: what it has left; ``None`` if it never started.
    """

    at: float
    identifier: str
    status: str
    artifacts: Artifacts | None = None


Event = Moved | Requested | Started | Ended


@dataclass(frozen=True, slots=True)
class Attempt:
    """One build of a group, as far as it is known.

    :param status: PENDING before it starts, IN_PROGRESS while it runs, then how it ended.
    :param artifacts: what it has left, if it ran and is over.
    """

    uuid: str
    requested: float
    status: str = PENDING
    artifacts: Artifacts | None = None


@dataclass(slots=True)
class Member:
    """A group and its builds: the newest one, and those before it, oldest first."""

    group: Group
    attempt: Attempt
    before: list[Attempt] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether its build has ended, or never will start."""
        return self.attempt.status not in ("IN_PROGRESS", PENDING)

    @property
    def succeeded(self) -> bool:
        """Whether those that depend on it may start.

        That a failure which is ignored does not keep them is a guess, and so is that a build which
        never started does, be it ignored or not.
        """
        ignored = self.group.ignore_failure and self.attempt.artifacts is not None
        return ignored or self.attempt.status == "SUCCEEDED"

    @property
    def failed(self) -> bool:
        """Whether its build ended in any way but well, and that matters."""
        return self.is_over and not self.succeeded


class BatchOverview(NamedTuple):
    """What a batch amounts to at some moment."""

    phases: list[Record]
    status: str
    current_phase: str
    ended: float | None
    members: list[Member]


def batch_overview(events: Sequence[Event], until: float) -> BatchOverview:
    """Fold the events up to *until*, of which the first always shows."""
    shown = [event for event in events if event.at <= until] or events[:1]
    phases = overview((event for event in shown if isinstance(event, Moved)), ALWAYS).phases
    current: str = phases[-1]["phaseType"]
    members: dict[str, Member] = {}
    for event in shown:
        fold(members, event)
    if current not in LAST_PHASES:
        return BatchOverview(phases, "IN_PROGRESS", current, None, list(members.values()))
    timed_out = phases[-2]["phaseStatus"] == "TIMED_OUT"
    status = "TIMED_OUT" if timed_out else current
    return BatchOverview(phases, status, current, phases[-1]["startTime"], list(members.values()))


def fold(members: dict[str, Member], event: Event) -> None:
    """Let *event* have happened to the groups there are, each by its identifier."""
    match event:
        case Requested(at, builds, plan):
            known = dict(members)
            if plan:
                members.clear()
                members[DOWNLOAD] = known[DOWNLOAD]
            for group, uuid in builds:
                one = known.get(group.identifier)
                before = [] if one is None else [*one.before, one.attempt]
                members[group.identifier] = Member(group, Attempt(uuid, at), before)
        case Started(_, identifier):
            one = members[identifier]
            one.attempt = replace(one.attempt, status="IN_PROGRESS")
        case Ended(_, identifier, status, artifacts):
            one = members[identifier]
            one.attempt = replace(one.attempt, status=status, artifacts=artifacts)
