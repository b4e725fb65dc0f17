"""Builds.

StartBuild, StopBuild, RetryBuild, BatchGetBuilds, BatchDeleteBuilds, ListBuilds and
ListBuildsForProject.
"""

from typing import Any

from mockbuild.domain.aws_errors import (
    InvalidInputException,
    ResourceNotFoundException,
)
from mockbuild.domain.views import Keys
from mockbuild.engine.live_build import LiveBuild
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.build_record import show
from mockbuild.services.codebuild.projects import known_project, listed_project
from mockbuild.services.codebuild.shared import owner_of
from mockbuild.services.codebuild.starting import Start, begin, check_limit, start_project
from mockbuild.services.operations import operation

_LONGEST_TOKEN = 64


@operation
def start_build(here: CodeBuild, *, project_name: str, **overrides: Any) -> Record:
    """Start a build of a project, with overrides for this build alone.

    :raises ResourceNotFoundException: there is no such project.
    :raises InvalidInputException: the overrides do not go together.
    :raises AccountLimitExceededException: the project's limit of concurrent builds is reached.
    """
    check_token(overrides.get("idempotencyToken"))
    project = known_project(here, project_name)
    wanted = {name: value for name, value in overrides.items() if name != "idempotencyToken"}
    build = start_project(here, project, wanted)
    return {"build": show(build, build.overview(here.conductor.until(build)))}


@operation
def retry_build(
    here: CodeBuild,
    *,
    id: str | None = None,  # noqa: A002
    idempotency_token: str | None = None,
) -> Record:
    """Start a build again with all that the first one ran with.

    That this includes overrides and the commit, and that a build in progress can be retried, are
    guesses.

    :raises InvalidInputException: the id is missing or is none.
    :raises ResourceNotFoundException: there is no such build, or its project is gone.
    """
    check_token(idempotency_token)
    first = _known_build(here, id or "")
    project = known_project(here, first.job.project["name"])
    check_limit(here, project)
    again = Start(variables=first.job.variables, again=first.job)
    build = begin(here, project, first.job.project, again, shared=first.template)
    return {"build": show(build, build.overview(here.conductor.until(build)))}


@operation
def stop_build(here: CodeBuild, *, id: str) -> Record:  # noqa: A002
    """Stop a build at once; one that is over is returned as it ended.

    :raises InvalidInputException: the id is none.
    :raises ResourceNotFoundException: there is no such build.
    """
    build = _known_build(here, id)
    return {"build": show(build, here.conductor.stop(build))}


@operation
def batch_get_builds(here: CodeBuild, *, ids: list[str]) -> Record:
    """Return the builds of the given ids or ARNs, in that order, and those that are not there.

    A build of a project that another account shares goes by its ARN.

    :raises InvalidInputException: one of them is no build id.
    """

    def look(one: str) -> Record | None:
        check_id(one)
        build = owner_of(here, one, "BatchGetBuilds").find_build(one)
        return None if build is None else show(build, here.conductor.look(build))

    here.forget_old_builds()
    found, missing = batch_get(ids, look)
    return {"builds": found, "buildsNotFound": missing}


@operation
def batch_delete_builds(here: CodeBuild, *, ids: list[str]) -> Record:
    """Delete builds that are over; those in progress are named with the reason.

    Both lists hold ARNs. A build that is not there is counted as deleted, which is a guess.
    """
    deleted: list[str] = []
    kept: list[Record] = []
    for one in dict.fromkeys(ids):
        check_id(one)
        build = here.find_build(one)
        if build is not None and not here.conductor.is_over(build):
            kept.append({"id": build.job.arn, "statusCode": "BUILD_IN_PROGRESS"})
            continue
        if build is not None:
            here.forget(build)
        deleted.append(one if one.startswith("arn:") else here.arn(f"build/{one}"))
    return {"buildsDeleted": deleted, "buildsNotDeleted": kept}


@operation
def list_builds(here: CodeBuild, *, sort_order: str = "DESCENDING") -> Record:
    """List the ids of all builds, by the time they started; the newest first by default."""
    here.forget_old_builds()
    return {"ids": Keys(here.builds, newest_first=sort_order == "DESCENDING")}


@operation
def list_builds_for_project(
    here: CodeBuild, *, project_name: str, sort_order: str = "DESCENDING"
) -> Record:
    """List the ids of a project's builds, by number; the newest first by default.

    A project that another account shares goes by its ARN.

    :raises ResourceNotFoundException: there is no such project.
    """
    owner = owner_of(here, project_name, "ListBuildsForProject")
    owner.forget_old_builds()
    project = listed_project(owner, project_name)
    return {"ids": Keys(project.builds, newest_first=sort_order == "DESCENDING")}


def check_id(build_id: str, kind: str = "build") -> None:
    """Check that it is an id, or an ARN of its *kind*, at all (recorded for builds)."""
    bare = build_id.partition(f":{kind}/")[2] if build_id.startswith("arn:") else build_id
    if ":" not in bare:
        raise InvalidInputException("Invalid build ID provided")


def check_token(token: str | None) -> None:
    """Check a client token's length, which the documentation limits; the text is a guess."""
    if token is not None and len(token) > _LONGEST_TOKEN:
        raise InvalidInputException(
            f"Invalid input: idempotencyToken can have at most {_LONGEST_TOKEN} characters"
        )


def _known_build(here: CodeBuild, build_id: str) -> LiveBuild:
    check_id(build_id)
    here.forget_old_builds()
    build = here.find_build(build_id)
    if build is None:
        raise ResourceNotFoundException(f"Build {build_id} does not exist")
    return build
