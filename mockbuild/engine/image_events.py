"""What happens to an image, as a list of timestamped events, and the folds over it.

Everything the API shows of an image, of its workflow executions and of their steps is a fold over
the events up to a moment, and so is everything that others are told of it: notifications, events
for EventBridge, log lines. The whole future of an image is written when it starts; what interferes
with it, such as a cancellation, cuts the list and writes another end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from mockbuild.domain.image_lifecycle import FIRST, MAKING, WORKFLOW_STATUSES, is_final
from mockbuild.engine.image_making import TICK
from mockbuild.engine.image_outputs import Ami, Output

Record = dict[str, Any]
#: The action of steps that wait until somebody decides.
WAIT: Final = "WaitForAction"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow that is run; what it is before anything has happened."""

    step_id: str
    name: str
    action: str
    description: str
    on_failure: str
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a workflow; what it is before anything has happened.

    :param arn: the workflow's, with its build.
    :param type: ``BUILD``, ``TEST`` or ``DISTRIBUTION``.
    :param steps: in the order of the document.
    """

    execution_id: str
    arn: str
    type: str
    parallel_group: str | None
    steps: tuple[Step, ...]


class Entered(NamedTuple):
    """The image enters a state.

    :param failure: ``failureContext``, where it has failed.
    """

    at: float
    status: str
    reason: str = ""
    failure: Mapping[str, Any] | None = None


class Planned(NamedTuple):
    """A workflow is going to be run; its execution and those of its steps are PENDING."""

    at: float
    execution: Execution


class WorkflowMoved(NamedTuple):
    """A workflow execution gets another status."""

    at: float
    execution_id: str
    status: str
    message: str = ""


class StepMoved(NamedTuple):
    """A step gets another status.

    :param inputs: and *outputs*: JSON, from now on; ``None`` leaves them as they are.
    """

    at: float
    step_id: str
    status: str
    inputs: str | None = None
    outputs: str | None = None
    message: str = ""


class RolledBack(NamedTuple):
    """A step's rollback gets another status."""

    at: float
    step_id: str
    status: str


class HandedOn(NamedTuple):
    """A workflow gives later ones its outputs."""

    at: float
    outputs: Mapping[str, Any]


class Superseded(NamedTuple):
    """Workflow executions are run again, because somebody retries the image."""

    at: float
    execution_ids: frozenset[str]


class Made(NamedTuple):
    """Something is made or changed outside: an AMI, a parameter, a message is sent.

    :param key: names it within the image.
    :param refusal: what who was to make it says against it; nothing was made then.
    """

    at: float
    key: str
    output: Output
    refusal: str = ""


class Learned(NamedTuple):
    """Members of the image's record that have these values from now on; ``None`` takes one away."""

    at: float
    members: Mapping[str, Any]


class Collected(NamedTuple):
    """What is known from now on of what is in the image.

    :param packages: versions by name, or ``None`` where this is not about them.
    :param findings: what a scan has found, or ``None`` in the same way.
    """

    at: float
    packages: Mapping[str, str] | None = None
    findings: Sequence[Mapping[str, Any]] | None = None


class Said(NamedTuple):
    """The service says something in the log, each in a line of its own."""

    at: float
    lines: tuple[str, ...]


Event = (
    Entered
    | Planned
    | WorkflowMoved
    | StepMoved
    | RolledBack
    | HandedOn
    | Superseded
    | Made
    | Learned
    | Collected
    | Said
)


class ImageOverview(NamedTuple):
    """What the events up to some moment amount to.

    :param phase: the state of making it is in, or was in when its making ended.
    :param made: what was made outside, in order.
    """

    status: str
    reason: str
    failure: Mapping[str, Any] | None
    phase: str
    made: list[Output]
    learned: Record
    packages: Mapping[str, str]
    findings: Sequence[Mapping[str, Any]]


def overview(events: Iterable[Event], until: float) -> ImageOverview:
    """Fold the events up to *until* into what the image is then."""
    state: Entered | None = None
    phase = FIRST
    made: list[Output] = []
    learned: Record = {}
    packages: Mapping[str, str] = {}
    findings: Sequence[Mapping[str, Any]] = ()
    for event in events:
        if event.at > until:
            break
        if isinstance(event, Entered):
            state = event
            phase = event.status if event.status in MAKING else phase
        elif isinstance(event, Made):
            if not event.refusal:
                made.append(event.output)
        elif isinstance(event, Learned):
            learned.update(event.members)
        elif isinstance(event, Collected):
            packages = packages if event.packages is None else event.packages
            findings = findings if event.findings is None else event.findings
    status, reason, failure = (FIRST, "", None) if state is None else state[1:]
    known = {name: value for name, value in learned.items() if value is not None}
    return ImageOverview(status, reason, failure, phase, made, known, packages, findings)


@dataclass(slots=True)
class StepView:
    """What a step amounts to at some moment."""

    step: Step
    status: str = "PENDING"
    rollback: str | None = None
    message: str = ""
    inputs: str | None = None
    outputs: str | None = None
    started: float | None = None
    ended: float | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits until somebody decides."""
        return self.step.action == WAIT and self.status == "RUNNING"


@dataclass(slots=True)
class ExecutionView:
    """What a workflow execution amounts to at some moment."""

    execution: Execution
    status: str = "PENDING"
    message: str = ""
    started: float | None = None
    ended: float | None = None
    retried: bool = False
    steps: list[StepView] = field(default_factory=list)

    def count(self, status: str) -> int:
        """Return how many of its steps have a *status*."""
        return sum(1 for one in self.steps if one.status == status)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return is_final(WORKFLOW_STATUSES, self.status)


def executions(events: Iterable[Event], until: float) -> dict[str, ExecutionView]:
    """Fold the events up to *until* into the workflow executions there are, by id, in order."""
    views: dict[str, ExecutionView] = {}
    steps: dict[str, StepView] = {}
    for event in events:
        if event.at > until:
            break
        if isinstance(event, Planned):
            view = ExecutionView(event.execution)
            view.steps = [StepView(step) for step in event.execution.steps]
            views[event.execution.execution_id] = view
            steps.update((one.step.step_id, one) for one in view.steps)
        elif isinstance(event, WorkflowMoved):
            _move_workflow(views[event.execution_id], event)
        elif isinstance(event, StepMoved):
            _move_step(steps[event.step_id], event)
        elif isinstance(event, RolledBack):
            steps[event.step_id].rollback = event.status
        elif isinstance(event, Superseded):
            for one in event.execution_ids:
                views[one].retried = True
    return views


def broken_off(views: Iterable[ExecutionView], at: float) -> list[Event]:
    """Return how those of *views* end that are not over, as their image is cancelled."""
    ends: list[Event] = []
    for view in views:
        if view.is_over:
            continue
        for one in view.steps:
            if one.status == "RUNNING":
                ends.append(StepMoved(at - 2 * TICK, one.step.step_id, "CANCELLED"))
            elif one.rollback == "RUNNING":
                ends.append(RolledBack(at - 2 * TICK, one.step.step_id, "FAILED"))
        ends.append(WorkflowMoved(at - TICK, view.execution.execution_id, "CANCELLED"))
    return ends


def _move_workflow(view: ExecutionView, event: WorkflowMoved) -> None:
    view.status = event.status
    view.message = event.message or view.message
    if event.status == "RUNNING":
        view.started = event.at
    elif view.is_over:
        view.ended = event.at


def _move_step(view: StepView, event: StepMoved) -> None:
    view.status = event.status
    view.message = event.message or view.message
    view.inputs = view.inputs if event.inputs is None else event.inputs
    view.outputs = view.outputs if event.outputs is None else event.outputs
    if view.started is None:  # one that is skipped starts and ends at once, as recorded
        view.started = event.at
    if event.status != "RUNNING":
        view.ended = event.at


@dataclass(slots=True)
class Carried:
    """What earlier stages of an image leave to later ones.

    :param ami: the AMI that was built, or that is distributed or tested instead.
    :param stamp: when it was built, if it was.
    :param outputs: what workflows have handed on, by name.
    :param copies: the AMIs there are, by region and account.
    :param keys: of what was made outside.
    :param scan: the status of the scan for vulnerabilities; empty where there is none.
    """

    ami: Ami | None = None
    stamp: float | None = None
    outputs: Record = field(default_factory=dict)
    copies: dict[tuple[str, str], Ami] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    scan: str = ""

    def build(self, ami: Ami, at: float) -> None:
        """Note that the image's AMI was built."""
        self.ami, self.stamp = ami, at
        self.copies[ami.region, ami.account_id] = ami


def carried(events: Iterable[Event]) -> Carried:
    """Fold *events* into what a retry goes on from."""
    left = Carried()
    for event in events:
        if isinstance(event, HandedOn):
            left.outputs.update(event.outputs)
        elif isinstance(event, Learned) and "scanState" in event.members:
            left.scan = event.members["scanState"]["status"]
        elif isinstance(event, Made) and not event.refusal:
            left.keys.add(event.key)
            ami = event.output
            if isinstance(ami, Ami) and ami.copied_from is None:
                left.build(ami, event.at)
            elif isinstance(ami, Ami):
                left.copies[ami.region, ami.account_id] = ami
    return left
