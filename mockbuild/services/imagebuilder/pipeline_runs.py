"""The runs of an image pipeline: what starts one, and what follows from how it ends."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mockbuild.domain.aws_errors import AwsError, ResourceInUseException
from mockbuild.domain.dates import iso_millis
from mockbuild.domain.image_lifecycle import AVAILABLE, ENDS, MAKING
from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import Entered
from mockbuild.engine.pace import ALWAYS
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_order import ImageOrder, begin_image
from mockbuild.services.imagebuilder.image_record import ImageResource
from mockbuild.services.imagebuilder.pipeline_events import tell_disabled
from mockbuild.services.imagebuilder.pipeline_log import log
from mockbuild.services.imagebuilder.pipeline_rules import named_recipe, recipe_of, schedule_of
from mockbuild.services.imagebuilder.pipeline_schedule import Plan
from mockbuild.services.imagebuilder.pipeline_updates import Used, is_newer, used
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource

KIND: Final = "image-pipeline"
#: After how many failures in a row a schedule stops, if it says nothing else (documented).
MOST_FAILURES: Final = 5


@dataclass(slots=True, eq=False)
class Runs:
    """What a pipeline has done, and is going to do.

    :param images: those it has started, by ARN, the oldest first.
    :param last: the last of them.
    :param uncounted: the ARNs of scheduled ones of which it is not known yet how they end.
    :param used: what the last one was built of.
    :param plan: what follows from its schedule; ``None`` without one, or if it is disabled.
    """

    images: dict[str, ImageResource] = field(default_factory=dict)
    last: ImageResource | None = None
    uncounted: set[str] = field(default_factory=set)
    used: Mapping[str, Used] = field(default_factory=dict)
    plan: Plan | None = None


def runs_of(pipeline: Resource) -> Runs:
    """Return the runs of *pipeline*."""
    runs: Runs = pipeline.kept
    return runs


# What shows of them


def shown(here: ImageBuilder, pipeline: Resource) -> Record:
    """Look at the last image of *pipeline*, and return what is to be seen of the pipeline.

    It is due next only if it has a schedule and is enabled. That the last run of one whose last
    image was deleted is DELETED is a guess.
    """
    last = runs_of(pipeline).last
    status = None if last is None else _look(here, last)
    record = pipeline.record  # a look may have changed it
    plan = runs_of(pipeline).plan
    if status is not None:
        record = {**record, "lastRunStatus": status}
    if plan is not None and plan.next is not None:
        record = {**record, "dateNextRun": iso_millis(plan.next)}
    return record


def status_of(pipeline: Resource) -> str:
    """Return whether *pipeline* is enabled, once it is known how its last image has ended."""
    last = runs_of(pipeline).last
    if last is not None:
        last.kept.glance()
    status: str = pipeline.record["status"]
    return status


def _look(here: ImageBuilder, image: ImageResource) -> str:
    until = image.kept.look()
    if here.shelves["image"].exact(str(image.arn)) is not image:
        return "DELETED"
    return image.kept.overview(until).status


def _is_being_made(image: ImageResource) -> bool:
    image.kept.glance()
    return image.kept.status in MAKING


class PipelineImages(Collection[ImageResource]):
    """The images that a pipeline has made and that are still there, the newest first."""

    def __init__(self, here: ImageBuilder, pipeline: Resource) -> None:
        self._shelf = here.shelves["image"]
        self._images = runs_of(pipeline).images

    def __contains__(self, image: object) -> bool:
        return any(one is image for one in self)

    def __iter__(self) -> Iterator[ImageResource]:
        for arn in reversed(self._images):
            image = self._images[arn]
            if self._shelf.exact(arn) is image:
                yield image

    def __len__(self) -> int:
        return sum(1 for _ in self)


# The schedule


def reschedule(here: ImageBuilder, pipeline: Resource) -> None:
    """Have *pipeline* run as its record says from now on; what was planned before is void."""
    record = pipeline.record
    runs = runs_of(pipeline)
    runs.plan = None
    if "schedule" not in record or record["status"] != "ENABLED":
        return
    now = here.now()
    plan = runs.plan = Plan(here, schedule_of(record["schedule"], now), now)
    plan.start(
        in_force=lambda: runs.plan is plan and _is_there(here, pipeline),
        run=partial(_run_by_schedule, here, pipeline),
    )


def _is_there(here: ImageBuilder, pipeline: Resource) -> bool:
    """Tell whether a pipeline still is on its shelf, in a mock that is on."""
    found = here.shelves[KIND].exact(str(pipeline.arn)) is pipeline
    return found and any(one is here for one in here.means.peers(here.service))


def _run_by_schedule(here: ImageBuilder, pipeline: Resource, at: float) -> None:
    """Run *pipeline*, which is due.

    It does not while its last image is still being made, as with a run that somebody asks for.
    A run that cannot start, because its recipe is gone or there are too many builds, is left out
    and does not count as failed. Both are guesses.
    """
    runs = runs_of(pipeline)
    if runs.last is not None:
        plan, last = runs.plan, runs.last.kept
        if _ends_after(last, at):
            return
        last.horizon = ALWAYS  # since another follows, its end shows, however few looks there were
        last.glance()  # which may disable the pipeline, if it makes a failure show
        if runs.plan is not plan:
            return
    settings = pipeline.record
    try:
        recipe = recipe_of(here, settings)
        built_of = used(here, recipe, named_recipe(settings))
        if _waits_for_updates(settings) and not is_newer(built_of, runs.used):
            return
        _begin(here, pipeline, recipe, built_of, settings.get("imageTags"), scheduled=True)
    except AwsError as error:
        log(here, pipeline, at, f"The build could not be started: {error.message}")


def _waits_for_updates(record: Record) -> bool:
    """Tell whether a schedule only counts when there is something new; so it is by default."""
    condition = record["schedule"].get("pipelineExecutionStartCondition")
    return bool(condition != "EXPRESSION_MATCH_ONLY")


def _ends_after(image: LiveImage, at: float) -> bool:
    """Tell whether an image is being made at some time, by the clock and not by looks."""
    return not any(
        event.at <= at and isinstance(event, Entered) and event.status in ENDS
        for event in image.events
    )


# One run


def run_now(here: ImageBuilder, pipeline: Resource, tags: Record | None) -> ImageResource:
    """Run *pipeline* because somebody asks for it, and return the image.

    AWS mentions that one build has to end before the next can start. The code is the one that the
    operation has for this; that it is used is a guess, and so is the text.

    :param tags: the image's.
    :raises ResourceInUseException: it is running.
    :raises ResourceNotFoundException: its recipe, or something else it needs, is gone.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    last = runs_of(pipeline).last
    if last is not None and _is_being_made(last):
        raise ResourceInUseException(
            f"The image pipeline '{pipeline.arn}' is in use: it is building '{last.arn}'."
        )
    recipe = recipe_of(here, pipeline.record)
    built_of = used(here, recipe, named_recipe(pipeline.record))
    return _begin(here, pipeline, recipe, built_of, tags, scheduled=False)


def _begin(
    here: ImageBuilder,
    pipeline: Resource,
    recipe: Resource,
    built_of: Mapping[str, Used],
    tags: Record | None,
    *,
    scheduled: bool,
) -> ImageResource:
    settings = pipeline.record
    distribution = settings.get("distributionConfigurationArn")
    image = begin_image(
        here,
        ImageOrder(
            operation="StartImagePipelineExecution",
            recipe=recipe,
            infrastructure=_record(
                here, "infrastructure-configuration", settings["infrastructureConfigurationArn"]
            ),
            distribution=distribution and _record(here, "distribution-configuration", distribution),
            tests=settings["imageTestsConfiguration"],
            metadata=settings["enhancedImageMetadataEnabled"],
            scanning=settings.get("imageScanningConfiguration"),
            workflows=settings.get("workflows", ()),
            execution_role=settings.get("executionRole"),
            log_group=settings.get("loggingConfiguration", {}).get("imageLogGroupName"),
            tags=tags or {},
            build_type="SCHEDULED" if scheduled else "USER_INITIATED",
            pipeline=pipeline,
            on_end=partial(_ended, here, pipeline),
        ),
    )
    runs = runs_of(pipeline)
    runs.images[str(image.arn)] = runs.last = image
    runs.used = built_of
    if scheduled:
        runs.uncounted.add(str(image.arn))
    pipeline.record = {**pipeline.record, "dateLastRun": image.settings["dateCreated"]}
    log(here, pipeline, image.created, f"Started the build of image {image.arn}")
    return image


def _record(here: ImageBuilder, kind: str, arn: str) -> Record:
    return own(here, kind, arn).record


def _ended(here: ImageBuilder, pipeline: Resource, image: ImageResource) -> None:
    """Count how an image has ended.

    Documented: of those that failed, only scheduled ones count; any that went well sets the count
    back. Guesses: one that was cancelled does neither, and a retry is nothing scheduled.
    """
    ends = [one for one in image.kept.events if isinstance(one, Entered) and one.status in ENDS]
    end = ends[-1]
    was_made_before = any(one.status == AVAILABLE for one in ends[:-1])  # and is made so again
    if was_made_before or not _is_there(here, pipeline):
        return
    uncounted = runs_of(pipeline).uncounted
    log(here, pipeline, end.at, f"The build of image {image.arn} ended with {end.status}")
    if end.status == AVAILABLE:
        pipeline.record = {**pipeline.record, "consecutiveFailures": 0}
    elif end.status == "FAILED" and str(image.arn) in uncounted:
        _fail(here, pipeline, end.at)
    uncounted.discard(str(image.arn))


def _fail(here: ImageBuilder, pipeline: Resource, at: float) -> None:
    """Count a failure, and disable *pipeline* if it is one too many."""
    record = pipeline.record
    failures = record["consecutiveFailures"] + 1
    pipeline.record = {**record, "consecutiveFailures": failures}
    policy = record.get("schedule", {}).get("autoDisablePolicy", {})
    runs = runs_of(pipeline)
    if runs.plan is None or failures < policy.get("failureCount", MOST_FAILURES):
        return
    runs.plan = None
    pipeline.record = {**pipeline.record, "status": "DISABLED"}
    tell_disabled(here, pipeline, at)
