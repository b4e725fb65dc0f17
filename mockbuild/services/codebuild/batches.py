"""Batch builds.

StartBuildBatch, StopBuildBatch, RetryBuildBatch, BatchGetBuildBatches, DeleteBuildBatch,
ListBuildBatches and ListBuildBatchesForProject.
"""

from collections.abc import Mapping
from typing import Any

from mockbuild.domain.aws_errors import InvalidInputException, ResourceNotFoundException
from mockbuild.domain.views import Keys
from mockbuild.engine.batch import BatchJob, LiveBatch
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.batch_members import BatchHost
from mockbuild.services.codebuild.batch_record import show_batch
from mockbuild.services.codebuild.builds import check_id, check_token
from mockbuild.services.codebuild.overrides import overridden
from mockbuild.services.codebuild.projects import known_project, listed_project
from mockbuild.services.codebuild.starting import PLAINLY, Start
from mockbuild.services.operations import operation

#: Overrides that StartBuild spells in another way.
_OTHER_NAMES = {
    "buildTimeoutInMinutesOverride": "timeoutInMinutesOverride",
    "reportBuildBatchStatusOverride": "reportBuildStatusOverride",
}
#: Members of the request that override nothing.
_NOT_OVERRIDES = frozenset({"idempotencyToken", "debugSessionEnabled", "buildBatchConfigOverride"})


@operation
def start_build_batch(here: CodeBuild, *, project_name: str, **overrides: Any) -> Record:
    """Start a batch of builds, with overrides for this batch alone.

    :raises ResourceNotFoundException: there is no such project.
    :raises InvalidInputException: the overrides do not go together, or nothing says how to build
        batches.
    """
    check_token(overrides.get("idempotencyToken"))
    batch = start_project_batch(here, known_project(here, project_name), overrides)
    return {"buildBatch": _shown_now(here, batch)}


def start_project_batch(
    here: CodeBuild,
    project: Project,
    overrides: Mapping[str, Any],
    how: Start = PLAINLY,
) -> LiveBatch:
    """Start a batch of builds of *project*, as StartBuildBatch does.

    That a project without a ``buildBatchConfig`` is refused is a guess.

    :param overrides: as StartBuildBatch spells them.
    :param how: who starts it, and what its builds run with.
    :raises InvalidInputException: the overrides do not go together, or nothing says how to build
        batches.
    """
    wanted = {
        _OTHER_NAMES.get(name, name): value
        for name, value in overrides.items()
        if name not in _NOT_OVERRIDES
    }
    settings = overridden(project.record, wanted, account_id=here.account_id, region=here.region)
    if "buildBatchConfigOverride" in overrides:
        settings["buildBatchConfig"] = overrides["buildBatchConfigOverride"]
    config = settings.get("buildBatchConfig")
    if not config:
        raise InvalidInputException(
            "Invalid input: the project has no buildBatchConfig, which batch builds need"
        )
    project.batches_started += 1
    batch_id = f"{project.name}:{here.ids.uuid()}"
    job = BatchJob(
        batch_id=batch_id,
        arn=here.arn(f"build-batch/{batch_id}"),
        number=project.batches_started,
        project=settings,
        initiator=how.initiator,
        started=here.now(),
        seconds=60 * config.get("timeoutInMins", 480),
        debug=bool(overrides.get("debugSessionEnabled")),
    )
    host = BatchHost(here, project, job, how)
    batch = LiveBatch(job, host, here.conductor, here.ids.uuid)
    here.batches[batch_id] = project.batches[batch_id] = batch
    batch.begin()
    return batch


@operation
def stop_build_batch(here: CodeBuild, *, id: str) -> Record:  # noqa: A002
    """Stop a batch and its builds; one that is over is returned as it ended.

    :raises InvalidInputException: the id is none.
    :raises ResourceNotFoundException: there is no such batch.
    """
    batch = _known_batch(here, id)
    return {"buildBatch": show_batch(here, batch, batch.stop())}


@operation
def retry_build_batch(
    here: CodeBuild,
    *,
    id: str | None = None,  # noqa: A002
    retry_type: str = "RETRY_ALL_BUILDS",
    idempotency_token: str | None = None,
) -> Record:
    """Build a batch that has failed again; it stays the same batch.

    Which type of retry is the default is a guess, and so is that one which was stopped or timed
    out counts as failed.

    :raises InvalidInputException: the id is missing or is none, or the batch has not failed.
    :raises ResourceNotFoundException: there is no such batch, or its project is gone.
    """
    check_token(idempotency_token)
    batch = _known_batch(here, id or "")
    known_project(here, batch.job.project["name"])  # as for builds: a guess
    if batch.seen().status in ("IN_PROGRESS", "SUCCEEDED"):  # documented; the text is a guess
        raise InvalidInputException("Only batch builds that have failed can be retried")
    batch.retry(everything=retry_type == "RETRY_ALL_BUILDS")
    return {"buildBatch": _shown_now(here, batch)}


@operation
def batch_get_build_batches(here: CodeBuild, *, ids: list[str]) -> Record:
    """Return the batches of the given ids or ARNs, in that order, and those that are not there.

    :raises InvalidInputException: one of them is no batch id.
    """

    def look(one: str) -> Record | None:
        check_id(one, "build-batch")
        batch = find_batch(here, one)
        return None if batch is None else show_batch(here, batch, batch.look())

    found, missing = batch_get(ids, look)
    return {"buildBatches": found, "buildBatchesNotFound": missing}


@operation
def delete_build_batch(here: CodeBuild, *, id: str) -> Record:  # noqa: A002
    """Delete a batch that is over, with its builds.

    Recorded: the answer when it is deleted. That of a batch in progress is worded like the one on
    a build, and one that is not there counts as deleted: both are guesses.

    :raises InvalidInputException: the id is none.
    """
    check_id(id, "build-batch")
    batch = find_batch(here, id)
    if batch is None:
        return {"statusCode": "BATCH_DELETED", "buildsDeleted": [], "buildsNotDeleted": []}
    builds = [here.find_build(one) for one in batch.every_build()]
    if batch.seen().ended is None:
        kept = [
            {"id": build.job.arn, "statusCode": "BUILD_IN_PROGRESS"}
            for build in builds
            if build is not None
        ]
        return {"statusCode": "BATCH_IN_PROGRESS", "buildsDeleted": [], "buildsNotDeleted": kept}
    del here.batches[batch.job.batch_id]
    project = here.projects.find(batch.job.project["name"])
    if project is not None:
        project.batches.pop(batch.job.batch_id, None)
    deleted = []
    for build in builds:
        if build is not None:
            here.forget(build)
            deleted.append(build.job.arn)
    return {"statusCode": "BATCH_DELETED", "buildsDeleted": deleted, "buildsNotDeleted": []}


@operation
def list_build_batches(
    here: CodeBuild,
    *,
    filter: Record | None = None,  # noqa: A002
    sort_order: str = "DESCENDING",
) -> Record:
    """List the ids of all batches, the newest first by default: a guess."""
    return {"ids": _listed(here.batches, filter, sort_order)}


@operation
def list_build_batches_for_project(
    here: CodeBuild,
    *,
    project_name: str | None = None,
    filter: Record | None = None,  # noqa: A002
    sort_order: str = "DESCENDING",
) -> Record:
    """List the ids of a project's batches, the newest first by default: a guess.

    :raises InvalidInputException: no project is named.
    :raises ResourceNotFoundException: there is no such project.
    """
    if project_name is None:  # the model does not demand it, the documentation does
        raise InvalidInputException("Invalid input: projectName is required")
    project = listed_project(here, project_name)
    return {"ids": _listed(project.batches, filter, sort_order)}


def _listed(batches: dict[str, LiveBatch], wanted: Record | None, order: str) -> "Keys | list[str]":
    keys = Keys(batches, newest_first=order == "DESCENDING")
    status = (wanted or {}).get("status")
    if status is None:
        return keys
    return [key for key in list(keys) if batches[key].seen().status == status]


def find_batch(here: CodeBuild, id_or_arn: str) -> LiveBatch | None:
    """Return the batch of that id or ARN, if there is one."""
    return here.batches.get(id_or_arn.removeprefix(here.arn("build-batch/")))


def _known_batch(here: CodeBuild, batch_id: str) -> LiveBatch:
    check_id(batch_id, "build-batch")
    batch = find_batch(here, batch_id)
    if batch is None:  # worded like the one on a build: a guess
        raise ResourceNotFoundException(f"Build batch {batch_id} does not exist")
    return batch


def _shown_now(here: CodeBuild, batch: LiveBatch) -> Record:
    return show_batch(here, batch, batch.seen())
