"""The executions of lifecycle actions that there are, and how they get on.

Outside of timed transitions, what an execution does to images is done as soon as it starts, and
looks at the execution show it step by step.
"""

from typing import Final

from mockbuild.domain.image_arns import ImageBuilderArn
from mockbuild.domain.views import NewestFirst
from mockbuild.engine.lifecycle_run import LifecycleRun, Shown
from mockbuild.engine.pace import ALWAYS
from mockbuild.services.imagebuilder.backend import ImageBuilder

POLICY: Final = "lifecycle-policy"


class Executions:
    """The executions in one region."""

    def __init__(self, _: ImageBuilder) -> None:
        self.by_id: dict[str, LifecycleRun] = {}
        #: By the ARN of the policy, or of the image whose state somebody has changed.
        self.of: dict[str, dict[str, LifecycleRun]] = {}
        #: The last one that has to do with an image, by the image's ARN.
        self.of_image: dict[str, LifecycleRun] = {}
        #: The policies that have started some, by the ids of these.
        self.policies: dict[str, str] = {}
        #: Those that somebody has asked for and that were not over when last looked at.
        self.asked_for: list[LifecycleRun] = []


def new_id(here: ImageBuilder) -> str:
    """Return the id of an execution to come."""
    return f"lce-{here.ids.uuid()}"


def start(here: ImageBuilder, subject: ImageBuilderArn, run: LifecycleRun) -> None:
    """Let *run* go its way.

    :param subject: the policy it is of, or the image whose state somebody changes.
    """
    executions = here.store(Executions)
    executions.by_id[run.run_id] = run
    executions.of.setdefault(str(subject), {})[run.run_id] = run
    if subject.kind == POLICY:
        executions.policies[run.run_id] = str(subject)
    else:
        executions.asked_for.append(run)
    for task in run.tasks:
        executions.of_image[task.plan.image] = run
    if not here.pace.timed:
        run.advance(run.gate)
    _follow(here, run)


def _follow(here: ImageBuilder, run: LifecycleRun) -> None:
    """See to it that what is next to be done is done at its time."""

    def act(at: float) -> None:
        if is_on(here):
            run.advance(at)
            _follow(here, run)

    if run.next_act < ALWAYS:
        here.means.agenda.at(run.next_act, act)


def is_on(here: ImageBuilder) -> bool:
    """Tell whether this Image Builder is still there: what is on the agenda outlives it."""
    return any(one is here for one in here.means.peers(here.service))


def look(here: ImageBuilder, run: LifecycleRun) -> Shown:
    """Look at *run*, and return what it shows."""
    until = here.pace.look(run)
    run.advance(until)
    return run.shown(until)


def status(here: ImageBuilder, run: LifecycleRun, at: float) -> str:
    """Return the status of *run* at some time, as it counts for others.

    Where what it does is done as soon as it starts, it is over for others then.
    """
    return run.shown(at if here.pace.timed else max(at, run.gate)).status


def is_over(here: ImageBuilder, run: LifecycleRun, at: float) -> bool:
    """Tell whether *run* is over at some time, as it counts for others."""
    return run.is_over(at if here.pace.timed else max(at, run.gate))


def is_busy(here: ImageBuilder, image: str) -> bool:
    """Tell whether an execution is in progress that has to do with an image.

    :param image: its ARN.
    """
    run = here.store(Executions).of_image.get(image)
    now = here.now()
    if run is None or is_over(here, run, now):
        return False
    return any(task.plan.image == image and task.ends > now for task in run.tasks)


def asked_for(here: ImageBuilder) -> int:
    """Return how many executions are at work now that somebody has asked for."""
    executions = here.store(Executions)
    now = here.now()
    executions.asked_for = [one for one in executions.asked_for if not is_over(here, one, now)]
    return sum(1 for one in executions.asked_for if status(here, one, now) != "PENDING")


def latest(here: ImageBuilder, policy: str) -> LifecycleRun | None:
    """Return the last execution of a policy.

    :param policy: its ARN.
    """
    return next(iter(NewestFirst(here.store(Executions).of.get(policy, {}))), None)


def cancel(here: ImageBuilder, run: LifecycleRun) -> None:
    """Cancel *run*: what it is at is finished, and nothing that was to come is done."""
    if not run.cancelled:
        run.cancel(here.pace.until(run))
