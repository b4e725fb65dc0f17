"""What lifecycle policies do once a day."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from mockbuild.domain.image_arns import ImageBuilderArn
from mockbuild.domain.image_lifecycle import POLICY_ACTIONS
from mockbuild.domain.retention import (
    IMAGE_TYPES,
    Candidate,
    Decision,
    Selection,
    decide,
    has_any,
    read_rules,
)
from mockbuild.engine.lifecycle_run import Finding, LifecycleRun, Outcome, Plan
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import lifecycle_runs
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_record import settings_of
from mockbuild.services.imagebuilder.lifecycle_actions import Order, carry_out
from mockbuild.services.imagebuilder.lifecycle_images import candidate, recipe_of, type_of
from mockbuild.services.imagebuilder.lifecycle_outputs import SKIPPED
from mockbuild.services.imagebuilder.shelves import Resource

#: When policies run, in seconds after midnight UTC. AWS says once a day, at a time of its own
#: choice; that it is three o'clock is a guess.
RUNS_AT: Final = 3 * 3600
_DAY: Final = 86400


class Plans:
    """The policies of a region that are to run."""

    def __init__(self, _: ImageBuilder) -> None:
        #: By their ARNs; what tells a plan from earlier ones of the same policy.
        self.by_policy: dict[str, object] = {}


def put_on_schedule(here: ImageBuilder, policy: Resource) -> None:
    """Have a policy run once a day from now on."""
    plans = here.store(Plans).by_policy
    arn = str(policy.arn)
    if arn not in plans:
        plan = plans[arn] = object()
        _wait(here, policy, plan, here.now())


def take_off_schedule(here: ImageBuilder, policy: Resource) -> None:
    """Have a policy run no more, and cancel its execution, if one is under way."""
    arn = str(policy.arn)
    here.store(Plans).by_policy.pop(arn, None)
    run = lifecycle_runs.latest(here, arn)
    if run is not None and not lifecycle_runs.is_over(here, run, here.now()):
        lifecycle_runs.cancel(here, run)


def _wait(here: ImageBuilder, policy: Resource, plan: object, since: float) -> None:
    day = (since - RUNS_AT) // _DAY + 1
    here.means.agenda.at(day * _DAY + RUNS_AT, partial(_due, here, policy, plan))


def _due(here: ImageBuilder, policy: Resource, plan: object, at: float) -> None:
    is_planned = here.store(Plans).by_policy.get(str(policy.arn)) is plan
    if is_planned and lifecycle_runs.is_on(here):
        try:
            _run(here, policy, at)
        finally:  # who is told of something may raise an error, which ends no schedule
            _wait(here, policy, plan, at)


def _run(here: ImageBuilder, policy: Resource, at: float) -> None:
    """Run a policy, unless its last execution still goes on (documented)."""
    last = lifecycle_runs.latest(here, str(policy.arn))
    if last is not None and not lifecycle_runs.is_over(here, last, at):
        return
    run_id = lifecycle_runs.new_id(here)
    rules = read_rules(policy.record["policyDetails"])
    decisions = decide(rules, _candidates(here, policy.record), at)
    plans = [_plan(here, decision, run_id) for decision in decisions]
    policy.record = {**policy.record, "dateLastRun": at}
    lifecycle_runs.start(here, policy.arn, LifecycleRun(run_id, at, plans))


def _candidates(here: ImageBuilder, record: Record) -> Iterator[Candidate]:
    """Go through the images that a policy is about."""
    selection = Selection.read(record["resourceSelection"])
    wanted = IMAGE_TYPES[record["resourceType"]]
    found = _by_recipe(here, selection) if selection.recipes else _by_tag(here, selection)
    return (candidate(image) for image in found if type_of(image) == wanted)


def _by_tag(here: ImageBuilder, selection: Selection) -> Iterator[Resource]:
    images = here.shelves["image"].newest_first
    return (image for image in images if has_any(settings_of(image)["tags"], selection.tags))


def _by_recipe(here: ImageBuilder, selection: Selection) -> Iterable[Resource]:
    """Return the images of recipes, the newest builds first: they have the recipe's version."""
    found: dict[str, Resource] = {}
    for name, wanted in selection.recipes:
        arn = ImageBuilderArn.parse(here.arn(f"image/{name}/{wanted}"))
        for image in here.shelves["image"].matching(arn):
            if recipe_of(image):
                found[settings_of(image)["arn"]] = image
    return found.values()


def _plan(here: ImageBuilder, decision: Decision, run_id: str) -> Plan:
    image, rule = decision.image, decision.rule
    if decision.spared:
        outcome = Outcome(Finding(SKIPPED, decision.spared))
        return Plan(image.arn, rule.action, decision.reason, lambda _: outcome)
    order = Order(POLICY_ACTIONS[rule.action].sets, rule.includes, rule.amis)
    found = here.shelves["image"].by_arn[image.arn]
    work = partial(carry_out, here, found, order, run_id)
    return Plan(image.arn, rule.action, decision.reason, work)
