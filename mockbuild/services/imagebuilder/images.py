"""Images.

CreateImage, GetImage, ListImages, ListImageBuildVersions, ListImagePackages, CancelImageCreation,
RetryImage, DistributeImage and DeleteImage.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter, methodcaller
from typing import Any, Final

from mockbuild.domain.aws_errors import ResourceDependencyException, ResourceInUseException
from mockbuild.domain.image_arns import ArnError, ImageBuilderArn
from mockbuild.domain.image_lifecycle import MAKING, POSSIBLE
from mockbuild.domain.versions import VersionError
from mockbuild.domain.views import Mapped
from mockbuild.engine.image_job import made_up_ami
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.built import (
    Listed,
    by_name_and_version,
    filters_by,
    one_per_name,
)
from mockbuild.services.imagebuilder.catalogue import Catalogue
from mockbuild.services.imagebuilder.filters import Values, filtered
from mockbuild.services.imagebuilder.image_order import (
    ImageOrder,
    Images,
    begin_image,
    image_in,
)
from mockbuild.services.imagebuilder.image_record import (
    ImageResource,
    is_available,
    looked_at,
    settings_of,
    summary,
    version_entry,
)
from mockbuild.services.imagebuilder.image_settings import check_settings
from mockbuild.services.imagebuilder.resolve import own, resolve
from mockbuild.services.imagebuilder.resource_policies import shared_with
from mockbuild.services.imagebuilder.shelves import Resource, version_arn
from mockbuild.services.imagebuilder.words import (
    does_not_go_together,
    invalid,
    not_found,
)
from mockbuild.services.operations import operation

_KIND: Final = "image"
_ARN: Final = "imageBuildVersionArn"
_AMI = re.compile(r"ami-[0-9a-f]{8,17}")
#: The version of an image that an AMI is distributed as, in an example of the documentation.
_FIRST_VERSION: Final = "1.0.0"

_VERSION_FILTERS: Final[Mapping[str, Values[Record]]] = {
    name: methodcaller("get", name) for name in ("name", "osVersion", "platform", "type", "version")
}


def _build_versions(image: Resource) -> tuple[str, str]:
    """Return how filters can name the version of a build; with and without the build, a guess."""
    return image.arn.version, image.arn.version.partition("/")[0]


_BUILD_FILTERS: Final[Mapping[str, Values[Resource]]] = {
    "name": lambda image: image.name,
    "osVersion": lambda image: settings_of(image).get("osVersion"),
    "platform": lambda image: settings_of(image).get("platform"),
    "type": lambda image: settings_of(image).get("type"),
    "version": _build_versions,
}


@operation
def create_image(
    here: ImageBuilder,
    *,
    infrastructure_configuration_arn: str,
    image_recipe_arn: str | None = None,
    container_recipe_arn: str | None = None,
    distribution_configuration_arn: str | None = None,
    enhanced_image_metadata_enabled: bool = True,
    tags: dict[str, str] | None = None,
    **members: Any,
) -> Record:
    """Begin to make the next build of an image; it is PENDING.

    :raises InvalidParameterCombinationException: there are two recipes or none, or values do not
        go together; the texts are guesses.
    :raises InvalidParameterValueException: a workflow cannot be used.
    :raises ResourceNotFoundException: a resource is not there.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    recipe = _recipe(here, image_recipe_arn, container_recipe_arn)
    infrastructure = own(here, "infrastructure-configuration", infrastructure_configuration_arn)
    distribution = None
    if distribution_configuration_arn is not None:
        found = own(here, "distribution-configuration", distribution_configuration_arn)
        distribution = found.record
    logging = members.get("loggingConfiguration", {})
    order = ImageOrder(
        recipe=recipe,
        infrastructure=infrastructure.record,
        distribution=distribution,
        tests=members.get("imageTestsConfiguration"),
        metadata=enhanced_image_metadata_enabled,
        scanning=members.get("imageScanningConfiguration"),
        workflows=members.get("workflows", ()),
        execution_role=members.get("executionRole"),
        log_group=logging.get("logGroupName"),
        tags=tags or {},
    )
    check_settings(
        here,
        type=order.type,
        workflows=order.workflows,
        execution_role=order.execution_role,
        tests=order.tests,
        scanning=order.scanning,
        logging=logging,
    )
    made = begin_image(here, order)
    return {
        _ARN: str(made.arn),
        "latestVersionReferences": made.arn.latest_references(),
    }


def _recipe(here: ImageBuilder, image: str | None, container: str | None) -> Resource:
    if (image is None) == (container is None):
        raise does_not_go_together(
            "imageRecipeArn",
            "You must specify either imageRecipeArn or containerRecipeArn, but not both.",
        )
    if image is not None:
        action = "imagebuilder:GetImageRecipe"
        return resolve(here, "image-recipe", image, "imageRecipeArn", action=action)
    action = "imagebuilder:GetContainerRecipe"
    return resolve(here, "container-recipe", container or "", "containerRecipeArn", action=action)


@operation
def get_image(here: ImageBuilder, *, image_build_version_arn: str) -> Record:
    """Return an image, made here, shared by others or provided by Amazon.

    Documented: without its build, an ARN means the latest that is available; in any other state
    an image only goes by its full ARN.

    :raises ResourceNotFoundException: there is none.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    is_full = image_build_version_arn.count("/") > 2
    found = resolve(
        here,
        _KIND,
        image_build_version_arn,
        _ARN,
        action="imagebuilder:GetImage",
        accept=None if is_full else is_available,
    )
    return {
        "image": looked_at(found),
        "latestVersionReferences": found.arn.latest_references(),
    }


@operation
def list_images(
    here: ImageBuilder,
    *,
    owner: str = "Self",
    filters: list[Record] | None = None,
    by_name: bool = False,
    include_deprecated: bool = False,
) -> Record:
    """List versions of images.

    :param owner: whose: the caller's, Amazon's, or those that others share.
    :param include_deprecated: list Amazon's deprecated images, too; the caller's own always are.
    :raises InvalidParameterCombinationException: a list by name cannot be filtered by version.
    :raises InvalidParameterValueException: there is no such filter.
    """
    if by_name and filters_by(filters, "version"):
        raise by_name_and_version("Images")
    entries = _versions(here, owner, include_deprecated=include_deprecated)
    if by_name:
        entries = one_per_name(entries)
    return {"imageVersionList": filtered(entries, filters, _VERSION_FILTERS)}


def _versions(here: ImageBuilder, owner: str, *, include_deprecated: bool) -> Sequence[Record]:
    if owner == "Self":
        return Listed([here.shelves[_KIND]], version_entry)
    if owner == "Shared":
        newest_first = {version_arn(one.arn): one for one in reversed([*shared_with(here, _KIND)])}
        found = sorted(newest_first.items(), key=itemgetter(0))
        return [version_entry(one) for _, one in found]
    shelf = here.store(Catalogue).shelf(_KIND)
    return [
        version_entry(shelf.heads[arn])
        for arn in shelf.by_version.names()
        if shelf.heads[arn].arn.owner_name == owner
        and (include_deprecated or is_available(shelf.heads[arn]))
    ]


@operation
def list_image_build_versions(
    here: ImageBuilder,
    *,
    image_version_arn: str | None = None,
    filters: list[Record] | None = None,
) -> Record:
    """List builds of images, the newest first.

    :param image_version_arn: whose builds; by default, all that the caller has. One that is not
        there has none (documented).
    :raises InvalidParameterValueException: there is no such filter, or the ARN is none.
    """
    found = filtered(_builds(here, image_version_arn), filters, _BUILD_FILTERS)
    return {"imageSummaryList": Mapped(found, summary)}


def _builds(here: ImageBuilder, arn: str | None) -> Collection[Resource]:
    if arn is None:
        return here.shelves[_KIND].newest_first
    try:
        wanted = ImageBuilderArn.parse(arn)
        if wanted.owner == here.account_id:
            return list(here.shelves[_KIND].matching(wanted))
        if not wanted.owner.isdigit():
            return list(here.store(Catalogue).shelf(_KIND).matching(wanted))
    except (ArnError, VersionError) as error:
        raise invalid("imageVersionArn", f"{error}.") from None
    return [one for one in shared_with(here, _KIND) if version_arn(one.arn) == arn]


@operation
def list_image_packages(here: ImageBuilder, *, image_build_version_arn: str) -> Record:
    """List the packages of an image, as far as it has been found out what is on it.

    :raises ResourceNotFoundException: the caller has no such image.
    """
    image = own(here, _KIND, image_build_version_arn)
    packages: Mapping[str, str] = {}
    if isinstance(image, ImageResource):
        packages = image.kept.overview(image.kept.look()).packages
    found = [{"packageName": name, "packageVersion": version} for name, version in packages.items()]
    return {"imagePackageList": found}


@operation
def cancel_image_creation(
    here: ImageBuilder,
    *,
    image_build_version_arn: str,
) -> Record:
    """Cancel an image that is being made. It is CANCELLED a little later (documented).

    :raises ResourceNotFoundException: the caller has no such image.
    :raises InvalidParameterValueException: it is not being made any more, as AWS's own handlers
        expect; the text is a guess.
    """
    image = _own(here, image_build_version_arn)
    status = image.kept.status
    if status not in POSSIBLE["CancelImageCreation"]:
        raise invalid(
            _ARN, f"The image is in state {status}; only images in progress can be cancelled."
        )
    image.kept.cancel()
    return {_ARN: image_build_version_arn}


@operation
def retry_image(
    here: ImageBuilder,
    *,
    image_build_version_arn: str,
) -> Record:
    """Go on with an image that has failed or was cancelled, from the stage it was in.

    Documented: only AMIs, and no stage that was completed is run again. That one that has failed
    before it was built cannot be retried, and which errors there are, are guesses.

    :raises ResourceNotFoundException: the caller has no such image.
    :raises ResourceInUseException: it is being made.
    :raises InvalidParameterValueException: it cannot be retried.
    """
    image = _own(here, image_build_version_arn)
    live = image.kept
    status = live.status
    if status in MAKING:
        raise ResourceInUseException(f"The image '{image_build_version_arn}' is in progress.")
    if status not in POSSIBLE["RetryImage"]:
        raise invalid(
            _ARN,
            f"The image is in state {status}; only failed or cancelled images can be retried.",
        )
    if live.job.type != "AMI":
        raise invalid(_ARN, "Retry is only supported for AMI-based images.")
    phase = live.overview(live.until()).phase
    if phase not in ("TESTING", "DISTRIBUTING", "INTEGRATING"):
        raise invalid(_ARN, f"An image that has failed in state {phase} cannot be retried.")
    images = here.store(Images)
    images.check_limit()
    images.running[str(image.arn)] = live
    live.retry(images.scenario(live.job))
    return {_ARN: image_build_version_arn}


@operation
def distribute_image(
    here: ImageBuilder,
    *,
    source_image: str,
    distribution_configuration_arn: str,
    execution_role: str,
    tags: dict[str, str] | None = None,
    logging_configuration: Record | None = None,
) -> Record:
    """Distribute an AMI that is there already; an image of its own stands for that.

    Of an AMI that Image Builder knows by its id alone, the image has that for its name; an example
    has version 1.0.0. That the image of another is its next build is a guess.

    :raises InvalidParameterValueException: the source is none, or no AMI of this Region.
    :raises ResourceNotFoundException: a resource is not there.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    distribution = own(here, "distribution-configuration", distribution_configuration_arn).record
    source = _source(here, source_image)
    order = ImageOrder(
        operation="DistributeImage",
        distribution=distribution,
        execution_role=execution_role,
        log_group=(logging_configuration or {}).get("logGroupName"),
        tags=tags or {},
        **source,
    )
    return {_ARN: str(begin_image(here, order).arn)}


def _source(here: ImageBuilder, source: str) -> dict[str, Any]:
    """Return what a source image gives the one that stands for its distribution."""
    parameter = "sourceImage"
    if source.startswith("arn:"):
        image = resolve(
            here,
            _KIND,
            source,
            parameter,
            action="imagebuilder:GetImage",
            accept=is_available,
        )
        record = image.record
        ami = image_in(here, record)
        if record["type"] != "AMI" or ami is None:
            raise invalid(parameter, "The source image must have an AMI in this Region.")
        return {
            "source_ami": ami,
            "name": image.name,
            "version": image.arn.version.partition("/")[0],
            "platform": record["platform"],
            "os_version": record.get("osVersion"),
            "image_source": record.get("imageSource", "CUSTOM"),
        }
    is_parameter = source.startswith("ssm:") and len(source) > len("ssm:")
    if not is_parameter and not _AMI.fullmatch(source):
        raise invalid(
            parameter,
            "It must be an AMI ID, the ARN of an image, or an SSM parameter prefixed by ssm:.",
        )
    platform = next_door.ami_platform(here, source, parameter) or "Linux"
    held = next_door.held_ami(here, source) if is_parameter else source
    ami = held or made_up_ami(f"{here.region}/{source}")
    return {"source_ami": ami, "name": ami, "version": _FIRST_VERSION, "platform": platform}


@operation
def delete_image(here: ImageBuilder, *, image_build_version_arn: str) -> Record:
    """Delete an image. What it has made outside stays (documented).

    :raises ResourceNotFoundException: the caller has no such image.
    :raises ResourceDependencyException: it is being made, is shared, or recipes build on it. The
        text of the first is a guess.
    """
    image = own(here, _KIND, image_build_version_arn)
    if isinstance(image, ImageResource):
        if image.kept.status not in POSSIBLE["DeleteImage"]:
            raise ResourceDependencyException(
                "Resource dependency error: "
                f"The resource ARN '{image_build_version_arn}' has a running workflow."
            )
        keeping.check_deletable(here, image)
        here.store(Images).forget(image)
    here.shelves[_KIND].remove(image)
    return {_ARN: image_build_version_arn}


def _own(here: ImageBuilder, arn: str) -> ImageResource:
    """Return an image that was made here.

    :raises ResourceNotFoundException: the caller has no such image.
    """
    image = own(here, _KIND, arn)
    if not isinstance(image, ImageResource):
        raise not_found(arn)
    return image
