"""Images as lifecycle actions see them and change them."""

from typing import cast

from mockbuild.domain.image_arns import ImageBuilderArn
from mockbuild.domain.retention import Candidate
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.image_record import ImageResource, settings_of
from mockbuild.services.imagebuilder.shelves import Resource, version_arn


def status_of(image: Resource) -> str:
    """Return the state that an image is in, without this being a look."""
    status: str = image.record["state"]["status"]
    return status


def type_of(image: Resource) -> str:
    """Return ``AMI`` or ``DOCKER``."""
    kind: str = settings_of(image)["type"]
    return kind


def recipe_of(image: Resource) -> ImageBuilderArn | None:
    """Return the recipe an image was made from; ``None`` if it was imported."""
    settings = settings_of(image)
    recipe = settings.get("imageRecipe") or settings.get("containerRecipe")
    return ImageBuilderArn.parse(recipe["arn"]) if recipe else None


def candidate(image: Resource) -> Candidate:
    """Return what a policy's rules want to know of an image.

    Images without a recipe compete with those of their own version to be kept, which is a guess.
    """
    recipe = recipe_of(image)
    return Candidate(
        str(image.arn),
        version_arn(image.arn) if recipe is None else str(recipe),
        status_of(image),
        image.created,
        settings_of(image)["tags"],
    )


def enter(image: Resource, status: str, members: Record) -> None:
    """Let an image be in another state.

    :param status: the state; empty to leave it in the one it is in.
    :param members: of its record, with the values they have from now on; ``None`` takes one away.
    """
    made_here = cast("ImageResource", image)  # as all on an account's own shelf were
    made_here.kept.enter(status, **members)
