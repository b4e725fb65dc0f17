"""What SNS is told of an image that is available or has failed.

The members are those of a recorded message. They are not those of the API: versions are numbers,
dates are written the American way, and what belongs to an account says so.
"""

import json
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from mockbuild.domain.image_arns import ImageBuilderArn
from mockbuild.domain.versions import Version
from mockbuild.engine.image_events import ExecutionView
from mockbuild.engine.image_outputs import Message, OutputRefused
from mockbuild.engine.pace import ALWAYS
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_record import ImageResource

#: Of these SNS is told (documented).
_TOLD: Final = ("AVAILABLE", "FAILED")
_NAMESPACE: Final = UUID("6f6d6f63-6b62-5569-8c64-000000000001")
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def notify(here: ImageBuilder, image: ImageResource) -> None:
    """Tell the topic of the image's infrastructure how it ended, if it has one.

    A topic that does not take it does not change how the image ends, which is a guess.
    """
    topic = image.kept.job.infrastructure.get("snsTopicArn")
    record = image.at(ALWAYS)
    if topic and record["state"]["status"] in _TOLD:
        text = json.dumps(message(here, image, record))
        try:
            here.means.image_maker.outputs.make(Message(topic, text))
        except OutputRefused:
            return


def message(here: ImageBuilder, image: ImageResource, record: Record) -> Record:
    """Return what is told of an image.

    :param record: its record, now that it has ended.
    """
    job, arn = image.kept.job, image.arn
    version = Version.parse(arn.version)
    state = {name: value for name, value in record["state"].items() if name != "failureContext"}
    runs = list(image.kept.executions(ALWAYS).values())
    told = {
        "versionlessArn": str(arn.at("")),
        "semver": version.semver,
        "arn": str(arn),
        "name": job.name,
        "version": version.text,
        "type": job.type,
        "buildVersion": version.build,
        "state": state,
        "platform": job.platform,
        "imageRecipe": _recipe(here, image, record.get("imageRecipe")),
        "containerRecipe": _recipe(here, image, record.get("containerRecipe")),
        "sourcePipelineArn": job.pipeline_arn,
        "infrastructureConfiguration": _owned(record.get("infrastructureConfiguration")),
        "imageTestsConfigurationDocument": record.get("imageTestsConfiguration"),
        "distributionConfiguration": _owned(record.get("distributionConfiguration")),
        "dateCreated": _american(job.started),
        "outputResources": record["outputResources"],
        "buildExecutionId": _run_of(runs, "BUILD"),
        "testExecutionId": _run_of(runs, "TEST"),
        "distributionJobId": _run_of(runs, "DISTRIBUTION") or image.kept.job_id("DISTRIBUTING"),
        "integrationJobId": image.kept.job_id("INTEGRATING"),
        "accountId": here.account_id,
        "osVersion": job.os_version,
        "enhancedImageMetadataEnabled": record["enhancedImageMetadataEnabled"],
        "buildType": record["buildType"],
        "tags": _tags(record),
    }
    return {name: value for name, value in told.items() if value is not None}


def _recipe(here: ImageBuilder, image: ImageResource, recipe: Record | None) -> Record | None:
    """Return a recipe as SNS is told of it; recorded: with the ARNs of what was really used."""
    if recipe is None:
        return None
    job = image.kept.job
    used = recipe.get("components", ())
    if not job.missing:
        used = [
            {**one, "componentArn": plan.arn}
            for one, plan in zip(used, job.components, strict=True)
        ]
    told = {**recipe, "components": used, "parentImage": job.resolved_parent}
    return _owned(told, here.account_id)


def _owned(record: Record | None, account: str = "") -> Record | None:
    if record is None:
        return None
    arn = ImageBuilderArn.parse(record["arn"])
    told = {**record, "accountId": account or arn.owner, "tags": _tags(record)}
    for member in ("dateCreated", "dateUpdated"):
        if member in told:
            told[member] = _american(datetime.fromisoformat(told[member]).timestamp())
    return told


def _tags(record: Record) -> Record:
    """Return tags with those that Image Builder keeps to itself otherwise."""
    internal = {"internalId": str(uuid5(_NAMESPACE, record["arn"])), "resourceArn": record["arn"]}
    return {**record.get("tags", {}), **internal}


def _run_of(runs: list[ExecutionView], kind: str) -> str | None:
    """Return the id of the last run of a type of workflow."""
    ids = [one.execution.execution_id for one in runs if one.execution.type == kind]
    return ids[-1] if ids else None


def _american(at: float) -> str:
    """Write a date as it was recorded: ``Jul 28, 2022 1:13:45 AM``."""
    moment = datetime.fromtimestamp(int(at), UTC)
    half = "AM" if moment.hour < 12 else "PM"
    month = _MONTHS[moment.month - 1]
    return f"{month} {moment.day}, {moment.year} {moment.hour % 12 or 12}:{moment:%M:%S} {half}"
