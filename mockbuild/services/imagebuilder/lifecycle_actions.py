"""What lifecycle actions do to an image, and to what it has made outside."""

from dataclasses import dataclass, field
from typing import Final

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.image_lifecycle import UPDATES
from mockbuild.domain.retention import AmiExclusions
from mockbuild.engine.lifecycle_run import Finding, Outcome, Part
from mockbuild.services.imagebuilder import keeping, lifecycle_images
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.images import delete_image
from mockbuild.services.imagebuilder.lifecycle_outputs import (
    FAILED,
    SKIPPED,
    SUCCESS,
    change_ami,
    delete_container,
)
from mockbuild.services.imagebuilder.shelves import Resource

#: Which action leads to which state, as executions call them.
ACTIONS: Final = {
    "AVAILABLE": "AVAILABLE",
    "DEPRECATED": "DEPRECATE",
    "DISABLED": "DISABLE",
    "DELETED": "DELETE",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to become of an image.

    :param target: the state it is to be in.
    :param includes: what of ``amis``, ``snapshots`` and ``containers`` is acted on, too.
    :param exclusions: AMIs that are left alone.
    :param stays_with_amis: whether it is not deleted if an AMI of its is left alone. Documented:
        so it is when somebody changes its state, and not when a policy does.
    """

    target: str
    includes: frozenset[str] = frozenset()
    exclusions: AmiExclusions = field(default_factory=AmiExclusions)
    stays_with_amis: bool = False


def carry_out(
    here: ImageBuilder,
    image: Resource,
    order: Order,
    run_id: str,
    at: float,
    *,
    prepared: tuple[Part, ...] | None = None,
) -> Outcome:
    """Do what is ordered to an image, and return what came of it.

    Documented: what is gone, or is in the state that is wanted, counts as a success. That an image
    which cannot be deleted, or one of whose parts could not be dealt with, stays as it is, is a
    guess.

    :param run_id: of the execution that does it.
    :param at: when.
    :param prepared: what was done to the image's parts beforehand, if that was done.
    """
    finding = _before(here, image, order)
    if finding is not None:
        return Outcome(finding)
    parts = act_on_parts(here, image, order, at) if prepared is None else prepared
    finding = _spoilt(parts, order)
    if finding is not None:
        return Outcome(finding, parts)
    set_state(here, image, order.target, at, run_id)
    return Outcome(SUCCESS, parts)


def set_state(
    here: ImageBuilder, image: Resource, target: str, at: float, run_id: str | None = None
) -> None:
    """Let an image be in another state.

    That a disabled image keeps the time of its deprecation is a guess; documented is that one
    which is made available again does not.

    :param run_id: of the execution that does it; ``None`` if there is none.
    """
    if target == "DELETED":
        delete_image(here, image_build_version_arn=str(image.arn))
        return
    members: dict[str, float | str | None] = {}
    if target == "DEPRECATED":
        members["deprecationTime"] = at
    elif target == "AVAILABLE":
        members["deprecationTime"] = None
    if run_id is not None:
        members["lifecycleExecutionId"] = run_id
    lifecycle_images.enter(image, target, members)


def _before(here: ImageBuilder, image: Resource, order: Order) -> Finding | None:
    """Return how it comes off if there is nothing to do, or nothing can be done."""
    if here.shelves["image"].exact(str(image.arn)) is not image:
        return SUCCESS
    status = lifecycle_images.status_of(image)
    if status == order.target:
        return SUCCESS
    if status not in UPDATES[order.target]:
        return Finding(FAILED, f"An image in state {status} cannot be {order.target}.")
    if order.target == "DELETED":
        try:
            keeping.check_deletable(here, image)
        except AwsError as error:
            return Finding(FAILED, error.message)
    return None


def _spoilt(parts: tuple[Part, ...], order: Order) -> Finding | None:
    """Return how it comes off if that depends on the image's parts; the texts are guesses."""
    findings = [
        finding for part in parts for finding in (part.finding, *(one for _, one in part.snapshots))
    ]
    if any(one.status == FAILED for one in findings):
        return Finding(FAILED, "The action failed for one or more resources of the image.")
    spared = order.stays_with_amis and order.target == "DELETED"
    if spared and any(one.status == SKIPPED for one in findings):
        return Finding(SKIPPED, "One or more resources of the image were skipped.")
    return None


def act_on_parts(
    here: ImageBuilder, image: Resource, order: Order, at: float, deprecation: float | None = None
) -> tuple[Part, ...]:
    """Do what is ordered to the AMIs and container images of an image, as far as included.

    :param at: when.
    :param deprecation: from when on AMIs are deprecated, if that is later.
    """
    parts: list[Part] = []
    outputs = image.record["outputResources"]
    if "amis" in order.includes:
        parts += [
            change_ami(
                here,
                ami,
                order.target,
                order.exclusions,
                at=at,
                deprecation=at if deprecation is None else deprecation,
                with_snapshots="snapshots" in order.includes,
            )
            for ami in outputs.get("amis", ())
        ]
    if "containers" in order.includes:
        owner = image.arn.owner
        parts += [delete_container(here, owner, one) for one in outputs.get("containers", ())]
    return tuple(parts)
