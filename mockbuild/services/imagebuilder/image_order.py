"""How an image comes into being, whoever wants it: a request, a pipeline, an import."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mockbuild.domain.aws_errors import InvalidParameterValueException, ResourceNotFoundException
from mockbuild.domain.dates import iso_millis
from mockbuild.domain.image_arns import ImageBuilderArn, resource
from mockbuild.domain.image_lifecycle import COURSES
from mockbuild.domain.versions import VersionError
from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import Execution
from mockbuild.engine.image_job import ComponentPlan, ImageJob, WorkflowPlan, made_up_ami
from mockbuild.engine.image_scenario import ImageScenario
from mockbuild.engine.pace import ALWAYS
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue import document_of
from mockbuild.services.imagebuilder.image_notification import notify
from mockbuild.services.imagebuilder.image_record import ImageResource
from mockbuild.services.imagebuilder.image_settings import plans, with_test_defaults
from mockbuild.services.imagebuilder.parent_images import USABLE
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.quotas import Quotas

#: Where a log goes unless something else is said.
LOG_GROUPS: Final = "/aws/imagebuilder/"
#: What the names of log groups do not have, and how long they are at most.
_NOT_IN_GROUPS: Final = re.compile(r"[^-_/.A-Za-z0-9]")
_LONGEST_GROUP: Final = 512
#: What an image runs on where its parent does not tell: guesses.
_USUAL_OS: Final = {
    "Linux": "Amazon Linux 2023",
    "Windows": "Microsoft Windows Server 2022",
    "macOS": "macOS 15",
}
_IMPORTS: Final = ("IMPORT", "IMPORT_ISO")
#: What is told when the making of an image has come to an end.
OnEnd = Callable[[ImageResource], None]


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """An image to be made.

    Records are taken as they are now: what becomes of the originals does not matter to it.

    :param operation: whose it is: one of :data:`~mockbuild.domain.image_lifecycle.COURSES`.
    :param recipe: what it is made by. Its name and version are the image's.
    :param infrastructure: and *distribution*: records of the configurations.
    :param tests: ``imageTestsConfiguration``, as in the request.
    :param metadata: ``enhancedImageMetadataEnabled``.
    :param scanning: ``imageScanningConfiguration``.
    :param workflows: as in the request; without any, it is made by Amazon's.
    :param log_group: where its log goes; by default a group of its own.
    :param build_type: ``USER_INITIATED``, ``SCHEDULED``, ``IMPORT`` or ``IMPORT_ISO``.
    :param pipeline: the pipeline that wants it.
    :param on_end: told each time its making has come to an end, be it after a retry.
    :param name: and all that follow: of an image that is made without a recipe.
    :param source_ami: the AMI that it is or that is distributed.
    """

    operation: str = "CreateImage"
    recipe: Resource | None = None
    infrastructure: Record | None = None
    distribution: Record | None = None
    tests: Record | None = None
    metadata: bool = True
    scanning: Record | None = None
    workflows: Sequence[Record] = ()
    execution_role: str | None = None
    log_group: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    build_type: str = "USER_INITIATED"
    pipeline: Resource | None = None
    on_end: OnEnd | None = None
    name: str = ""
    version: str = ""
    platform: str = "Linux"
    os_version: str | None = None
    image_source: str = "CUSTOM"
    source_ami: str | None = None
    description: str | None = None

    @property
    def type(self) -> str:
        """``AMI``, or ``DOCKER`` of a container recipe."""
        is_container = self.recipe is not None and self.recipe.arn.kind == "container-recipe"
        return "DOCKER" if is_container else "AMI"


@dataclass(frozen=True, slots=True)
class _Parent:
    """What an image is built on.

    :param image: the id of the AMI, or the URI of the container image; ``None`` if there is none.
    :param arn: the image's with its build, if it is one of Image Builder's.
    """

    image: str | None
    source: str = "CUSTOM"
    os_version: str | None = None
    arn: str = ""


class Images:
    """The images of a region that are under way, and the runs of their workflows.

    :param here: the region.
    """

    def __init__(self, here: ImageBuilder) -> None:
        self._here = here
        #: Those whose making has not ended, by ARN, the oldest first.
        self.running: dict[str, LiveImage] = {}
        #: Those of which a scan has found something to list, or still may.
        self.scanned: dict[str, LiveImage] = {}
        self._unseen: dict[str, LiveImage] = {}
        self._runs: dict[str, LiveImage] = {}
        self._on_end: dict[str, OnEnd] = {}
        here.on_settle.append(self.settle)
        here.on_abandon.append(self.abandon)

    def begin(self, image: ImageResource, job: ImageJob, order: ImageOrder) -> None:
        """Have an image made."""
        arn = str(job.arn)
        if order.on_end is not None:
            self._on_end[arn] = order.on_end
        scenario = self.scenario(job)
        image.kept = self._here.means.image_maker.start(job, scenario, self)
        self.running[arn] = image.kept

    def scenario(self, job: ImageJob) -> ImageScenario:
        """Return what a test author has said of the next image like this one."""
        names = [job.name, job.arn.name]
        if job.recipe:
            names = [job.recipe["arn"], *names]
        if job.pipeline_arn is not None:
            pipeline = job.pipeline_arn.rpartition("/")[2]
            names = [job.pipeline_arn, pipeline, *names]
        return self._here.means.image_scripts.next_for(names)

    def run_of(self, execution_id: str) -> LiveImage | None:
        """Return the image that a workflow execution, or a step execution, is of."""
        return self._runs.get(execution_id)

    def check_limit(self) -> None:
        """Refuse more images at the same time than there can be; the text is a guess.

        :raises ServiceQuotaExceededException: there are too many.
        """
        most = self._here.store(Quotas).value("concurrent_builds")
        if most is None or len(self.running) < most:
            return
        for live in list(self.running.values()):
            live.glance()  # which takes those away that are over
        check_quota(self._here, "concurrent_builds", len(self.running) + 1)

    def forget(self, image: ImageResource) -> None:
        """Take note that an image is deleted."""
        arn = str(image.arn)
        self._on_end.pop(arn, None)
        self._unseen.pop(arn, None)
        self.scanned.pop(arn, None)
        for view in image.kept.executions(ALWAYS).values():
            self._runs.pop(view.execution.execution_id, None)
            for step in view.steps:
                self._runs.pop(step.step.step_id, None)

    # What images tell

    def planned(self, image: LiveImage, execution: Execution) -> None:
        """Take note of a workflow that begins to show."""
        self._runs[execution.execution_id] = image
        for step in execution.steps:
            self._runs[step.step_id] = image

    def ended(self, image: LiveImage) -> None:
        """Take note that the making of an image has come to an end."""
        arn = str(image.job.arn)
        self.running.pop(arn, None)
        found = self._here.shelves["image"].exact(arn)
        if isinstance(found, ImageResource):
            notify(self._here, found)
            on_end = self._on_end.get(arn)
            if on_end is not None:
                on_end(found)

    def settled(self, image: LiveImage) -> None:
        """Take note that there is nothing to come."""
        arn = str(image.job.arn)
        self._unseen.pop(arn, None)
        if arn in self.scanned and not image.overview(ALWAYS).findings:
            del self.scanned[arn]

    def stirred(self, image: LiveImage) -> None:
        """Take note that there is something to come."""
        arn = str(image.job.arn)
        self._unseen[arn] = image
        if image.job.collects_findings:
            self.scanned.setdefault(arn, image)

    def settle(self) -> None:
        """Let images do outside what they do, as far as somebody who looks would see it."""
        if self._here.pace.settled:
            for live in list(self._unseen.values()):
                live.look()

    def abandon(self) -> None:
        """Let nothing more happen to any image."""
        for live in self._unseen.values():
            live.abandon()


def begin_image(here: ImageBuilder, order: ImageOrder) -> ImageResource:
    """Make the next build of an image, which is PENDING, and put it on its shelf.

    :raises InvalidParameterValueException: the version is none.
    :raises ResourceNotFoundException: a workflow is not there any more.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    images = here.store(Images)
    images.check_limit()
    recipe = {} if order.recipe is None else order.recipe.record
    name = str(recipe.get("name", order.name))
    arn = _next_build(here, name, str(recipe.get("version", order.version)))
    tests = with_test_defaults(order.tests)
    parent = _parent_of(here, order, recipe)
    now = here.now()
    platform = str(recipe.get("platform", order.platform))
    components, missing = _components(here, recipe)
    if recipe and parent.image is None:
        missing = f"parent image '{recipe['parentImage']}'"
    job = ImageJob(
        arn=arn,
        name=name,
        started=now,
        course=COURSES[order.operation],
        type=order.type,
        platform=platform,
        os_version=parent.os_version or _USUAL_OS[platform],
        parent=str(recipe.get("parentImage", "")),
        resolved_parent=parent.arn or parent.image or "",
        base_image=parent.image,
        recipe=recipe,
        infrastructure=order.infrastructure or {},
        distribution=order.distribution or {},
        components=components,
        workflows=_workflows(here, order, tests),
        metadata=order.metadata,
        scanning=order.scanning or {},
        log_group=order.log_group or _log_group(name),
        missing=missing,
        pipeline_arn=None if order.pipeline is None else str(order.pipeline.arn),
        description=order.description,
    )
    settings = _settings(order, job, tests, parent)
    image = ImageResource(arn, settings, now)
    images.begin(image, job, order)
    here.shelves["image"].add(image)
    return image


def _log_group(name: str) -> str:
    """Return where the log of an image goes by default; names of imports are of any characters."""
    return (LOG_GROUPS + _NOT_IN_GROUPS.sub("-", name))[:_LONGEST_GROUP]


def _next_build(here: ImageBuilder, name: str, version: str) -> ImageBuilderArn:
    arn = ImageBuilderArn.parse(here.arn(resource("image", name)))
    try:
        build = here.shelves["image"].versions(arn.name).next_build(version)
    except VersionError as error:
        raise invalid("semanticVersion", f"{error}.") from None
    return arn.at(str(build))


def _workflows(here: ImageBuilder, order: ImageOrder, tests: Record) -> tuple[WorkflowPlan, ...]:
    if "TESTING" not in COURSES[order.operation]:
        return ()
    return plans(here, order.workflows, order.type, tests=tests["imageTestsEnabled"])


def _settings(order: ImageOrder, job: ImageJob, tests: Record, parent: _Parent) -> Record:
    """Return the part of an image's record that does not change while it is made.

    Recorded: the recipe in it has no owner.
    """
    recipe = {member: value for member, value in job.recipe.items() if member != "owner"}
    settings = {
        "arn": str(job.arn),
        "type": job.type,
        "name": job.name,
        "version": job.arn.version,
        "platform": job.platform,
        "enhancedImageMetadataEnabled": order.metadata,
        "osVersion": job.os_version,
        "containerRecipe" if job.type == "DOCKER" else "imageRecipe": recipe or None,
        "sourcePipelineArn": job.pipeline_arn,
        "infrastructureConfiguration": order.infrastructure,
        "distributionConfiguration": order.distribution,
        "imageTestsConfiguration": tests if "TESTING" in job.course else None,
        "dateCreated": iso_millis(job.started),
        "tags": dict(order.tags),
        "buildType": order.build_type,
        "imageSource": parent.source,
        "imageScanningConfiguration": order.scanning or None,
        "executionRole": order.execution_role,
        "workflows": list(order.workflows) or None,
        "loggingConfiguration": order.log_group and {"logGroupName": order.log_group},
    }
    return {member: value for member, value in settings.items() if value is not None}


def _components(here: ImageBuilder, recipe: Record) -> tuple[tuple[ComponentPlan, ...], str]:
    """Return the components of a recipe, as they are now, and the first that is gone, if any."""
    found, missing = [], ""
    for one in recipe.get("components", ()):
        arn = one["componentArn"]
        try:
            component = resolve(
                here, "component", arn, "components", action="imagebuilder:GetComponent"
            )
        except ResourceNotFoundException:
            missing = missing or f"component '{arn}'"
            continue
        found.append(ComponentPlan(str(component.arn), document_of(component)))
    return tuple(found), missing


def _parent_of(here: ImageBuilder, order: ImageOrder, recipe: Record) -> _Parent:
    """Return what an image is built on; which source that makes it is a guess."""
    if not recipe:
        return _Parent(order.source_ami or "", order.image_source, order.os_version)
    parent = str(recipe["parentImage"])
    if parent.startswith("arn:"):
        return _parent_image(here, parent, order.type)
    if order.type == "DOCKER":
        return _Parent(parent)
    if parent.startswith("ami-"):
        return _Parent(parent)
    made_up = made_up_ami(f"{here.region}/{parent}")
    if parent.startswith("ssm:"):
        return _Parent(next_door.held_ami(here, parent) or made_up)
    return _Parent(made_up, "AWS_MARKETPLACE")


def _parent_image(here: ImageBuilder, arn: str, type_: str) -> _Parent:
    def usable(image: Resource) -> bool:
        record = image.record
        return record["state"]["status"] in USABLE and record["type"] == type_

    try:
        found = resolve(
            here, "image", arn, "parentImage", action="imagebuilder:GetImage", accept=usable
        )
    except (ResourceNotFoundException, InvalidParameterValueException):
        return _Parent(None)
    record = found.record
    source = record.get("imageSource", "CUSTOM")
    if found.arn.owner.isdigit():
        source = "IMPORTED" if record.get("buildType") in _IMPORTS else "CUSTOM"
    return _Parent(image_in(here, record), source, record.get("osVersion"), str(found.arn))


def image_in(here: ImageBuilder, record: Record) -> str | None:
    """Return the AMI of an image that is in this region, or its container image.

    :param record: the image's.
    """
    outputs = record.get("outputResources", {})
    for one in outputs.get("amis", ()):
        if one["region"] == here.region:
            return str(one["image"])
    uris = [uri for one in outputs.get("containers", ()) for uri in one["imageUris"]]
    return uris[0] if uris else None
