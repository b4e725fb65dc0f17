"""Image recipes: CreateImageRecipe, GetImageRecipe, ListImageRecipes and DeleteImageRecipe."""

from typing import Any, Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, recipes
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.parent_images import image_base
from mockbuild.services.imagebuilder.recipe_components import check_components
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run, does_not_go_together, invalid
from mockbuild.services.operations import operation

_KIND: Final = "image-recipe"
#: Keys that Image Builder sets itself on the AMIs it makes (documented).
_RESERVED: Final = frozenset({"CreatedBy", "Ec2ImageBuilderArn"})


@operation
def create_image_recipe(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    parent_image: str,
    components: list[Record] | None = None,
    tags: Record | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create an image recipe, of the version that is given or the next one of its form.

    :raises InvalidParameterValueException: the parent image or a component cannot be used, or a
        value is not one of those possible.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises InvalidVersionNumberException: the version is not of the form of one.
    :raises ResourceNotFoundException: there is no such component.
    :raises ResourceAlreadyExistsException: there is a recipe of that name and version.
    :raises ServiceQuotaExceededException: there are too many recipes, or components in this one.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    base = image_base(here, parent_image)
    platform = check_components(here, components or [], base, "an image recipe")
    _check_members(members, platform)
    arn = recipes.new_arn(here, _KIND, name, semantic_version)
    check_dry_run(dry_run)
    settings = keeping.without_nothing({**members, "components": components or []})
    record = {"name": name, "platform": platform, "parentImage": parent_image, **settings}
    answer = recipes.keep(here, arn, {**record, "tags": tags or {}})
    return {"imageRecipeArn": str(arn), **answer}


@operation
def get_image_recipe(here: ImageBuilder, *, image_recipe_arn: str) -> Record:
    """Return an image recipe; with ``x`` at the end of its version, the newest there is.

    :raises ResourceNotFoundException: there is none that the caller may get.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    found = resolve(
        here,
        _KIND,
        image_recipe_arn,
        "imageRecipeArn",
        action="imagebuilder:GetImageRecipe",
    )
    return {
        "imageRecipe": found.record,
        "latestVersionReferences": found.arn.latest_references(),
    }


@operation
def list_image_recipes(
    here: ImageBuilder, *, owner: str = "Self", filters: list[Record] | None = None
) -> Record:
    """List image recipes, the newest first.

    :param owner: whose; nobody but accounts has any.
    :param filters: by name, parent image and platform.
    :raises InvalidParameterValueException: there is no such filter.
    """
    found = recipes.listed(here, _KIND, owner, filters, {})
    return {"imageRecipeSummaryList": Mapped(found, _summary)}


@operation
def delete_image_recipe(here: ImageBuilder, *, image_recipe_arn: str) -> Record:
    """Delete an image recipe. Images that were built from it do not mind.

    :raises ResourceNotFoundException: the caller has none of exactly this version.
    :raises ResourceDependencyException: a pipeline needs it, or it is shared.
    """
    keeping.delete(here, _KIND, image_recipe_arn)
    return {"imageRecipeArn": image_recipe_arn}


def _summary(recipe: Resource) -> Record:
    return keeping.chosen(
        recipe.record, "arn", "name", "platform", "owner", "parentImage", "dateCreated", "tags"
    )


def _check_members(members: Record, platform: str) -> None:
    """Check the settings of the AMI. Documented, but for the texts that say so."""
    recipes.check_devices(members.get("blockDeviceMappings", ()), "blockDeviceMappings")
    recipes.check_directory(members.get("workingDirectory"), platform)
    agent = "systemsManagerAgent"
    if platform == "Windows" and agent in members.get("additionalInstanceConfiguration", {}):
        raise does_not_go_together(
            f"additionalInstanceConfiguration.{agent}",
            "Image Builder does not support configuring the SSM Agent on Windows.",
        )
    reserved = sorted(_RESERVED & members.get("amiTags", {}).keys())
    if reserved:  # the text is a guess
        raise invalid("amiTags", f"The following tag keys are reserved: {', '.join(reserved)}.")
    watermarks = members.get("amiWatermarks", ())
    if len(set(watermarks)) < len(watermarks):  # the text is a guess
        raise invalid("amiWatermarks", "Watermark names must be unique within a recipe.")
