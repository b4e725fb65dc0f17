"""Images as lifecycle actions see them and change them."""

from typing import cast

from mockbuild.domain.retention import Candidate
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.image_record import ImageResource, settings_of
from mockbuild.services.imagebuilder.shelves import Resource, version_arn


def status_of(image: Resource) -> str:
    """Return the state that an image is in, without this being a look."""
    if isinstance(image, ImageResource):
        image.kept.glance()
        return image.kept.status
    status: str = image.record["state"]["status"]
    return status


def type_of(image: Resource) -> str:
    """Return ``AMI`` or ``DOCKER``."""
    kind: str = settings_of(image)["type"]
    return kind


def recipe_of(image: Resource) -> str:
    """Return the ARN of the recipe an image was made from; an empty text if it was imported."""
    settings = settings_of(image)
    recipe = settings.get("imageRecipe") or settings.get("containerRecipe") or {"arn": ""}
    arn: str = recipe["arn"]
    return arn


def candidate(image: Resource) -> Candidate:
    """Return what a policy's rules want to know of an image.

    Images without a recipe compete with those of their own version to be kept, which is a guess.
    """
    settings = settings_of(image)
    return Candidate(
        settings["arn"],
        recipe_of(image) or version_arn(image.arn),
        status_of(image),
        image.created,
        settings["tags"],
    )


def enter(image: Resource, status: str, members: Record) -> None:
    """Let an image be in another state.

    :param status: the state; empty to leave it in the one it is in.
    :param members: of its record, with the values they have from now on; ``None`` takes one away.
    """
    made_here = cast("ImageResource", image)  # as all on an account's own shelf were
    made_here.kept.enter(status, **members)
