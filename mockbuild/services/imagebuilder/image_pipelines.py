"""Image pipelines: images that are made over and over, by a schedule or on demand.

CreateImagePipeline, GetImagePipeline, UpdateImagePipeline, DeleteImagePipeline,
ListImagePipelines, ListImagePipelineImages and StartImagePipelineExecution.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, pipeline_runs
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import Values, filtered
from mockbuild.services.imagebuilder.image_record import ImageResource, summary
from mockbuild.services.imagebuilder.pipeline_rules import check_same_kind, checked, needs_of
from mockbuild.services.imagebuilder.pipeline_runs import KIND
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run
from mockbuild.services.operations import operation


def _member(name: str) -> Values[Resource]:
    return lambda pipeline: pipeline.record.get(name)


#: Documented, also that there is none by container recipe.
_FILTERS: Final[Mapping[str, Values[Resource]]] = {
    "description": _member("description"),
    "distributionConfigurationArn": _member("distributionConfigurationArn"),
    "imageRecipeArn": _member("imageRecipeArn"),
    "infrastructureConfigurationArn": _member("infrastructureConfigurationArn"),
    "name": _member("name"),
    "status": pipeline_runs.status_of,
}
#: That a version is found with and without its build is a guess, as in other lists of builds.
_IMAGE_FILTERS: Final[Mapping[str, Values[ImageResource]]] = {
    "name": lambda image: image.name,
    "version": lambda image: (image.arn.version, image.arn.version.partition("/")[0]),
}


@operation
def create_image_pipeline(
    here: ImageBuilder,
    *,
    name: str,
    tags: Record | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create an image pipeline, which runs by its schedule from now on.

    It has a ``dateUpdated`` from the beginning, as recorded.

    :raises ResourceNotFoundException: the recipe, a configuration or a workflow is not there. Of
        what is named in a request the code is a guess.
    :raises InvalidParameterValueException: a value is not one of those possible.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises ResourceAlreadyExistsException: the name is taken.
    :raises ServiceQuotaExceededException: there are too many pipelines.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    settings = checked(here, members)
    arn = keeping.free_arn(here, KIND, name)
    check_dry_run(dry_run)
    made = keeping.keep(here, arn, {"name": name, **settings, "tags": tags or {}})
    made.record = {**made.record, "dateUpdated": made.record["dateCreated"]}
    made.kept = pipeline_runs.Runs()
    here.shelves.references.put(str(arn), needs_of(settings))
    pipeline_runs.reschedule(here, made)
    return {"imagePipelineArn": str(arn)}


@operation
def get_image_pipeline(here: ImageBuilder, *, image_pipeline_arn: str) -> Record:
    """Return an image pipeline; this is a look at its last image.

    :raises ResourceNotFoundException: there is none.
    """
    return {"imagePipeline": pipeline_runs.shown(here, own(here, KIND, image_pipeline_arn))}


@operation
def update_image_pipeline(
    here: ImageBuilder,
    *,
    image_pipeline_arn: str,
    **members: Any,
) -> Record:
    """Replace everything but the name and the tags: what is not given is gone, or as at first.

    The count of failures begins anew (documented), and so does a schedule with a rate (a guess).

    :raises ResourceNotFoundException: there is no such pipeline, or as when creating one.
    :raises InvalidParameterValueException: as when creating one.
    :raises InvalidParameterCombinationException: as when creating one, or the recipe is not of the
        kind that the pipeline has.
    """
    found = own(here, KIND, image_pipeline_arn)
    settings = checked(here, members)
    check_same_kind(settings, found.record)
    keeping.update(here, found, settings, "dateLastRun")
    here.shelves.references.put(image_pipeline_arn, needs_of(settings))
    pipeline_runs.reschedule(here, found)
    return {"imagePipelineArn": image_pipeline_arn}


@operation
def delete_image_pipeline(here: ImageBuilder, *, image_pipeline_arn: str) -> Record:
    """Delete an image pipeline. Its images stay, and one that is being made is made (documented).

    :raises ResourceNotFoundException: there is none.
    """
    keeping.delete(here, KIND, image_pipeline_arn)
    return {"imagePipelineArn": image_pipeline_arn}


@operation
def list_image_pipelines(here: ImageBuilder, *, filters: list[Record] | None = None) -> Record:
    """List image pipelines, the newest first, with all that there is to know of each.

    :param filters: by name, description, status, and by the ARNs of image recipe and configurations
        as the pipeline has them.
    :raises InvalidParameterValueException: there is no such filter.
    """
    found = filtered(here.shelves[KIND].newest_first, filters, _FILTERS)
    return {"imagePipelineList": Mapped(found, partial(pipeline_runs.shown, here))}


@operation
def list_image_pipeline_images(
    here: ImageBuilder, *, image_pipeline_arn: str, filters: list[Record] | None = None
) -> Record:
    """List the images that a pipeline has made, the newest first.

    Documented: a pipeline that is not there has none, which is no error. That those of one that was
    deleted are not listed any more is a guess.

    :param filters: by name and version.
    :raises InvalidParameterValueException: there is no such filter.
    """
    pipeline = here.shelves[KIND].exact(image_pipeline_arn)
    images: Collection[ImageResource] = []
    if pipeline is not None:
        images = pipeline_runs.PipelineImages(here, pipeline)
    return {"imageSummaryList": Mapped(filtered(images, filters, _IMAGE_FILTERS), summary)}


@operation
def start_image_pipeline_execution(
    here: ImageBuilder,
    *,
    image_pipeline_arn: str,
    tags: Record | None = None,
) -> Record:
    """Have a pipeline make an image now, also if it is disabled, whatever its schedule says.

    :param tags: the image's; ``imageTags`` of the pipeline are for scheduled runs (documented).
    :raises ResourceNotFoundException: there is no such pipeline, or something it needs is gone.
    :raises ResourceInUseException: it is making one.
    """
    image = pipeline_runs.run_now(here, own(here, KIND, image_pipeline_arn), tags)
    return {"imageBuildVersionArn": str(image.arn)}
