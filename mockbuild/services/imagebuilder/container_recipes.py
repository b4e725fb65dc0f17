"""Container recipes.

CreateContainerRecipe, GetContainerRecipe, ListContainerRecipes and DeleteContainerRecipe.
"""

from typing import Any, Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, next_door, recipes
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.built import read_text
from mockbuild.services.imagebuilder.parent_images import check_instance_image, container_base
from mockbuild.services.imagebuilder.quotas import check_quota, kilobytes
from mockbuild.services.imagebuilder.recipe_components import check_components
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run, does_not_go_together, invalid
from mockbuild.services.operations import operation

_KIND: Final = "container-recipe"
_DATA: Final = "dockerfileTemplateData"
_URI: Final = "dockerfileTemplateUri"


@operation
def create_container_recipe(
    here: ImageBuilder,
    *,
    container_type: str,
    name: str,
    semantic_version: str,
    parent_image: str,
    target_repository: Record,
    components: list[Record] | None = None,
    dockerfile_template_data: str | None = None,
    dockerfile_template_uri: str | None = None,
    platform_override: str | None = None,
    image_os_version_override: str | None = None,
    tags: Record | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create a container recipe, of the version that is given or the next one of its form.

    What is in S3 is read once, now.

    :raises InvalidParameterValueException: the parent image, a component or the template cannot be
        used.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises InvalidVersionNumberException: the version is not of the form of one.
    :raises ResourceNotFoundException: there is no such component.
    :raises ResourceAlreadyExistsException: there is a recipe of that name and version.
    :raises ServiceQuotaExceededException: there are too many recipes, or components in this one.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    used = components or []
    base = container_base(here, parent_image, platform_override, image_os_version_override)
    platform = check_components(here, used, base, "a container recipe")
    template = _template(
        here, dockerfile_template_data, dockerfile_template_uri, has_components=bool(used)
    )
    _check_instance(here, members.get("instanceConfiguration", {}))
    recipes.check_directory(members.get("workingDirectory"), platform)
    next_door.check_repository(here, target_repository, "targetRepository", here.region)
    arn = recipes.new_arn(here, _KIND, name, semantic_version)
    check_dry_run(dry_run)
    record = {
        "containerType": container_type,
        "name": name,
        "platform": platform,
        "parentImage": parent_image,
        "targetRepository": target_repository,
        "dockerfileTemplateData": template,
        "encrypted": True,
        **keeping.without_nothing({**members, "components": used}),
        "tags": tags or {},
    }
    return {"containerRecipeArn": str(arn), **recipes.keep(here, arn, record)}


@operation
def get_container_recipe(here: ImageBuilder, *, container_recipe_arn: str) -> Record:
    """Return a container recipe; with ``x`` at the end of its version, the newest there is.

    :raises ResourceNotFoundException: there is none that the caller may get.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    found = resolve(
        here,
        _KIND,
        container_recipe_arn,
        "containerRecipeArn",
        action="imagebuilder:GetContainerRecipe",
    )
    return {
        "containerRecipe": found.record,
        "latestVersionReferences": found.arn.latest_references(),
    }


@operation
def list_container_recipes(
    here: ImageBuilder, *, owner: str = "Self", filters: list[Record] | None = None
) -> Record:
    """List container recipes, the newest first.

    :param owner: whose: ``Self``, ``Shared`` or ``Amazon``, which has none.
    :param filters: by container type, name, parent image and platform.
    :raises InvalidParameterValueException: there is no such filter, or the owner is another one;
        the text on that is a guess.
    """
    if owner not in ("Self", "Shared", "Amazon"):
        raise invalid("owner", "Valid owners of container recipes are: Self, Shared, Amazon.")
    more = {"containerType": lambda recipe: str(recipe.record["containerType"])}
    found = recipes.listed(here, _KIND, owner, filters, more)
    return {"containerRecipeSummaryList": Mapped(found, _summary)}


@operation
def delete_container_recipe(here: ImageBuilder, *, container_recipe_arn: str) -> Record:
    """Delete a container recipe. Images that were built from it do not mind.

    :raises ResourceNotFoundException: the caller has none of exactly this version.
    :raises ResourceDependencyException: a pipeline needs it, or it is shared.
    """
    keeping.delete(here, _KIND, container_recipe_arn)
    return {"containerRecipeArn": container_recipe_arn}


def _summary(recipe: Resource) -> Record:
    record = recipe.record
    summary = keeping.chosen(
        record,
        "arn",
        "containerType",
        "name",
        "platform",
        "owner",
        "parentImage",
        "dateCreated",
        "tags",
    )
    image = record.get("instanceConfiguration", {}).get("image")
    return summary if image is None else {**summary, "instanceImage": image}


def _check_instance(here: ImageBuilder, instance: Record) -> None:
    path = "instanceConfiguration"
    if "image" in instance:
        check_instance_image(here, instance["image"], f"{path}.image")
    recipes.check_devices(instance.get("blockDeviceMappings", ()), f"{path}.blockDeviceMappings")


def _template(
    here: ImageBuilder, data: str | None, uri: str | None, *, has_components: bool
) -> str:
    """Return the Dockerfile template. That there has to be exactly one is documented."""
    from mockbuild.documents.dockerfile_template import check_dockerfile_template
    from mockbuild.documents.errors import DocumentError

    if (data is None) == (uri is None):
        raise does_not_go_together(
            _DATA, "You must specify either dockerfileTemplateData or a dockerfileTemplateUri."
        )
    parameter = _DATA if uri is None else _URI
    text = (data or "") if uri is None else read_text(here, uri, _URI)
    check_quota(here, "docker_template_size", kilobytes(text))
    try:
        check_dockerfile_template(text, has_components=has_components)
    except DocumentError as error:
        raise invalid(parameter, f"{error.aws_message}.") from None
    return text
