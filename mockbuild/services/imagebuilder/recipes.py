"""What image recipes and container recipes have in common."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from mockbuild.domain.aws_errors import InvalidVersionNumberException
from mockbuild.domain.image_arns import ImageBuilderArn, normal_name
from mockbuild.domain.versions import VersionError
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue import Catalogue
from mockbuild.services.imagebuilder.filters import Values, filtered
from mockbuild.services.imagebuilder.resource_policies import shared_with
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid

#: Volume types that have to be told how many operations per second they are to do.
_PROVISIONED: Final = ("io1", "io2")


def new_arn(here: ImageBuilder, kind: str, name: str, version: str) -> ImageBuilderArn:
    """Return the ARN of a recipe that is to be made.

    :param version: ``semanticVersion``, where one ``x`` becomes the next number.
    :raises InvalidVersionNumberException: it is not of that form, or a number is out of bounds. The
        sentence is documented; that it comes with this code is a guess.
    :raises ResourceAlreadyExistsException: there is such a recipe of that version.
    :raises ServiceQuotaExceededException: there are too many recipes.
    """
    try:
        number = here.shelves[kind].versions(normal_name(name)).assign(version)
    except VersionError as error:
        raise InvalidVersionNumberException(
            f"The value supplied for parameter 'semanticVersion' is not valid. {error}."
        ) from None
    return keeping.free_arn(here, kind, name, str(number))


def keep(here: ImageBuilder, arn: ImageBuilderArn, record: Record) -> Record:
    """Put a new recipe on its shelf, and return what its creation answers besides its ARN.

    :param record: what it has besides ARN, version, owner and the date of its creation.
    """
    made = keeping.keep(here, arn, {**record, "version": arn.version, "owner": here.account_id})
    needs = [one["componentArn"] for one in record.get("components", ())]
    # Documented: an image that others depend on cannot be deleted. That this is meant is a guess.
    needs += [record["parentImage"]]
    here.shelves.references.put(made.record["arn"], needs)
    return {"latestVersionReferences": arn.latest_references()}


def of_owner(here: ImageBuilder, kind: str, owner: str) -> Collection[Resource]:
    """Return the recipes of one sort of owner, the newest first.

    :param owner: ``Self``, ``Shared``, ``Amazon`` and so on.
    """
    if owner == "Self":
        return here.shelves[kind].newest_first
    if owner == "Shared":
        return shared_with(here, kind)
    provided = here.store(Catalogue).shelf(kind).newest_first
    return [one for one in provided if one.arn.owner_name == owner]


def listed(
    here: ImageBuilder,
    kind: str,
    owner: str,
    filters: list[Record] | None,
    more: Mapping[str, Values[Resource]],
) -> Collection[Resource]:
    """Return what a list is to show.

    :param more: the filters there are besides name, parent image and platform.
    :raises InvalidParameterValueException: there is no such filter.
    """
    known: dict[str, Values[Resource]] = {
        "name": lambda recipe: recipe.name,
        "parentImage": lambda recipe: str(recipe.record["parentImage"]),
        "platform": lambda recipe: str(recipe.record["platform"]),
        **more,
    }
    return filtered(of_owner(here, kind, owner), filters, known)


def check_devices(mappings: Sequence[Record], path: str) -> None:
    """Check block device mappings. What goes with what is documented; the texts are guesses.

    :param path: where they stand in the request.
    :raises InvalidParameterCombinationException: values do not go together.
    """
    for number, mapping in enumerate(mappings):
        ebs = mapping.get("ebs", {})
        volume = ebs.get("volumeType")
        if volume in _PROVISIONED and "iops" not in ebs:
            raise does_not_go_together(
                f"{path}[{number}].ebs.iops", f"iops is required for volume type {volume}."
            )
        if "throughput" in ebs and volume not in (None, "gp3"):
            raise does_not_go_together(
                f"{path}[{number}].ebs.throughput",
                f"throughput is not supported for volume type {volume}.",
            )


def check_directory(directory: str | None, platform: str) -> None:
    """Check the working directory. Documented, but for the text.

    :raises InvalidParameterValueException: Windows cannot have it.
    """
    if platform == "Windows" and directory is not None and '"' in directory:
        raise invalid(
            "workingDirectory", "The path of a working directory on Windows can't contain \"."
        )
