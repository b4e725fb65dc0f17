"""What an image pipeline can be made of: the settings of a request, checked."""

from typing import Final

from mockbuild.domain.schedules import DEFAULT_TIMEZONE, Schedule, ScheduleError, parse, time_zone
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_settings import check_settings, with_test_defaults
from mockbuild.services.imagebuilder.resolve import own, resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid

_INFRASTRUCTURE: Final = "infrastructureConfigurationArn"
_DISTRIBUTION: Final = "distributionConfigurationArn"
#: The member that names a recipe, by the recipe's kind, and the action that reads one.
_RECIPES: Final = {
    "image-recipe": ("imageRecipeArn", "imagebuilder:GetImageRecipe"),
    "container-recipe": ("containerRecipeArn", "imagebuilder:GetContainerRecipe"),
}


def checked(here: ImageBuilder, members: Record) -> Record:
    """Return the settings that a request asks for, as the record has them.

    Documented: without them, tests are on, metadata is collected and the pipeline is enabled.

    :raises ResourceNotFoundException: the recipe, a configuration or a workflow is not there.
    :raises InvalidParameterValueException: a value is not one of those possible.
    :raises InvalidParameterCombinationException: values do not go together.
    """
    settings = keeping.without_nothing(members)
    recipe = recipe_of(here, settings)
    own(here, "infrastructure-configuration", settings[_INFRASTRUCTURE])
    if _DISTRIBUTION in settings:
        own(here, "distribution-configuration", settings[_DISTRIBUTION])
    if "schedule" in settings:
        schedule_of(settings["schedule"], here.now())
    check_settings(
        here,
        type="AMI" if recipe.arn.kind == "image-recipe" else "DOCKER",
        workflows=settings.get("workflows"),
        execution_role=settings.get("executionRole"),
        tests=settings.get("imageTestsConfiguration"),
        scanning=settings.get("imageScanningConfiguration"),
        logging=settings.get("loggingConfiguration"),
    )
    return {
        "platform": recipe.record["platform"],
        "enhancedImageMetadataEnabled": True,
        "status": "ENABLED",
        **settings,
        "imageTestsConfiguration": with_test_defaults(settings.get("imageTestsConfiguration")),
        "consecutiveFailures": 0,
    }


def needs_of(settings: Record) -> list[str]:
    """Return the ARNs of all that a pipeline needs, as they are written in it."""
    members = (*(member for member, _ in _RECIPES.values()), _INFRASTRUCTURE, _DISTRIBUTION)
    named = [settings[member] for member in members if member in settings]
    return named + [one["workflowArn"] for one in settings.get("workflows", ())]


def named_recipe(settings: Record) -> str:
    """Return the ARN that a pipeline has for its recipe."""
    named: str = settings.get("imageRecipeArn") or settings["containerRecipeArn"]
    return named


def recipe_of(here: ImageBuilder, settings: Record) -> Resource:
    """Return the recipe that a pipeline or a request names; with an ``x``, the newest there is.

    That there has to be exactly one is documented; the text is a guess.

    :raises ResourceNotFoundException: there is no such recipe.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    :raises InvalidParameterCombinationException: none is named, or one of each kind.
    """
    kinds = [kind for kind, (member, _) in _RECIPES.items() if member in settings]
    if len(kinds) != 1:
        raise does_not_go_together(
            "imageRecipeArn",
            "You must specify either imageRecipeArn or containerRecipeArn, but not both.",
        )
    member, action = _RECIPES[kinds[0]]
    return resolve(here, kinds[0], settings[member], member, action=action)


def schedule_of(settings: Record, start: float) -> Schedule:
    """Read the schedule of a pipeline. The words about a cron expression are recorded.

    :param settings: ``schedule`` of the record or the request.
    :param start: when ``rate(...)`` begins to count.
    :raises InvalidParameterValueException: there is no expression (a guess), or it is not valid,
        or there is no such time zone.
    """
    zone = settings.get("timezone", DEFAULT_TIMEZONE)
    try:
        time_zone(zone)
    except ScheduleError as error:
        raise invalid("schedule.timezone", str(error)) from None
    path = "schedule.scheduleExpression"
    if "scheduleExpression" not in settings:
        raise invalid(path, "You must specify a schedule expression.")
    try:
        return parse(settings["scheduleExpression"], zone, start=start)
    except ScheduleError as error:
        raise invalid(path, f"Invalid schedule expression. Details: {error}") from None


def check_same_kind(settings: Record, before: Record) -> None:
    """Check that an update keeps the kind of recipe. Documented; the text is a guess.

    :param settings: those to come.
    :param before: the record of the pipeline.
    :raises InvalidParameterCombinationException: it does not.
    """
    for member, _ in _RECIPES.values():
        if member in settings and member not in before:
            raise does_not_go_together(
                member, "The recipe must be of the same type as the pipeline's current recipe."
            )
