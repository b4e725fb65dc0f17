"""Changing the state of one image: StartResourceStateUpdate."""

from functools import partial
from typing import Any, Final

from mockbuild.domain.aws_errors import (
    InvalidParameterException,
    ResourceInUseException,
)
from mockbuild.domain.image_lifecycle import CONTAINER_UPDATES, MAKING, UPDATES
from mockbuild.domain.retention import AmiExclusions
from mockbuild.engine.lifecycle_run import LifecycleRun, Part, Plan
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import lifecycle_images, lifecycle_rules, lifecycle_runs
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.lifecycle_actions import (
    ACTIONS,
    Order,
    act_on_parts,
    carry_out,
    set_state,
)
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid
from mockbuild.services.operations import operation

#: How far ahead, in seconds, a change has to be for an execution to wait for it. Documented is that
#: it takes some time; how much is a guess.
FAR_ENOUGH: Final = 60.0
#: When the calendar ends that clients can read dates by: with the year 9999.
_LATEST: Final = 253402300800.0
#: Why an execution acts on an image; a guess.
_REASON: Final = "The state update was requested."


@operation
def start_resource_state_update(
    here: ImageBuilder,
    *,
    resource_arn: str,
    state: Record,
    **members: Any,
) -> Record:
    """Change the state of an image, and if that is wanted, of what it has made outside.

    Documented: only with that, or for a time far enough ahead, it takes an execution; else the
    state is changed at once. A change for a time that is nearer is made at once, too, which is a
    guess. So are the codes and texts of the errors, but for that of a missing image.

    :param members: ``executionRole`` and ``includeResources``, which come together;
        ``exclusionRules``, and ``updateAt``, in seconds since the epoch.
    :raises ResourceNotFoundException: the caller has no such image.
    :raises InvalidParameterException: it is not said which state.
    :raises InvalidParameterValueException: the image cannot be in that state.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises ResourceInUseException: the image is being made, or an execution acts on it.
    :raises ServiceQuotaExceededException: too many changes are at work.
    """
    target = state.get("status")
    if target is None:
        raise InvalidParameterException("The parameter 'state.status' is required.")
    image = own(here, "image", resource_arn)
    _check_state(image, target)
    included = _included(target, members)
    at = _scheduled(here, target, members.get("updateAt"))
    if not included and at is None:
        set_state(here, image, target, members.get("updateAt", here.now()))
        return {"resourceArn": resource_arn}
    _check_free(here, resource_arn)
    exclusions = AmiExclusions.read(members.get("exclusionRules", {}))
    order = Order(target, included, exclusions, stays_with_amis=True)
    return {"resourceArn": resource_arn, "lifecycleExecutionId": _start(here, image, order, at)}


def _check_state(image: Resource, target: str) -> None:
    status = lifecycle_images.status_of(image)
    if status in MAKING:
        raise ResourceInUseException(f"The image '{image.arn}' is in progress.")
    if lifecycle_images.type_of(image) == "DOCKER" and target not in CONTAINER_UPDATES:
        raise invalid(
            "state.status", f"The state of a container image cannot be updated to {target}."
        )
    if status not in UPDATES[target]:
        raise invalid("state.status", f"An image in state {status} cannot be {target}.")


def _included(target: str, members: Record) -> frozenset[str]:
    """Return what is to be changed besides the image."""
    role, include = members.get("executionRole"), members.get("includeResources")
    if (role is None) != (include is None):
        raise does_not_go_together(
            "executionRole", "You must specify both executionRole and includeResources, or neither."
        )
    if role is not None:
        lifecycle_rules.check_role(role)
    include = include or {}
    lifecycle_rules.check_included(target, include, "includeResources")
    included = frozenset(name for name, on in include.items() if on)
    if target == "DELETED" and not included:
        raise does_not_go_together(
            "includeResources",
            "You must include at least one type of resources to delete an image.",
        )
    return included


def _scheduled(here: ImageBuilder, target: str, at: float | None) -> float | None:
    """Return for when a change is to be scheduled; ``None`` if it is to be made at once."""
    if at is None:
        return None
    if target != "DEPRECATED":
        raise does_not_go_together("updateAt", "It can be used only with the state DEPRECATED.")
    now = here.now()
    if not now < at < _LATEST:
        raise invalid("updateAt", "It must be a time in the future.")
    return at if at >= now + FAR_ENOUGH else None


def _check_free(here: ImageBuilder, image: str) -> None:
    if lifecycle_runs.is_busy(here, image):
        raise ResourceInUseException(
            f"The image '{image}' already has a lifecycle execution in progress."
        )
    check_quota(here, "concurrent_resource_state_update", lifecycle_runs.asked_for(here) + 1)


def _start(here: ImageBuilder, image: Resource, order: Order, at: float | None) -> str:
    """Start the execution that changes an image, and return its id.

    Documented: of a change for later, AMIs are told of at once.
    """
    now = here.now()
    run_id = lifecycle_runs.new_id(here)
    prepared: tuple[Part, ...] | None = None
    if at is not None:
        prepared = act_on_parts(here, image, order, now, deprecation=at)
        members = {"deprecationTime": at, "lifecycleExecutionId": run_id}
        lifecycle_images.enter(image, "", members)
    work = partial(carry_out, here, image, order, run_id, prepared=prepared)
    plan = Plan(str(image.arn), ACTIONS[order.target], _REASON, work, prepared or ())
    lifecycle_runs.start(here, image.arn, LifecycleRun(run_id, now, [plan], at))
    return run_id
