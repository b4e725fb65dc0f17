"""Builds.

StartBuild, StopBuild, RetryBuild, BatchGetBuilds, BatchDeleteBuilds, ListBuilds and
ListBuildsForProject.
"""

import re
from collections.abc import Mapping
from typing import Any

from mockbuild.domain.aws_errors import (
    AccountLimitExceededException,
    InvalidInputException,
    ResourceNotFoundException,
)
from mockbuild.domain.views import Keys
from mockbuild.engine.conductor import LiveBuild
from mockbuild.engine.job import BuildJob
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.build_record import log_place, show, template
from mockbuild.services.codebuild.overrides import overridden
from mockbuild.services.operations import operation

#: Who starts builds here; AWS names the IAM user or the role's session.
INITIATOR = "mockbuild"
_LONGEST_TOKEN = 64
#: Source types whose builds learn a commit id.
_GIT = frozenset(
    {
        "CODECOMMIT",
        "GITHUB",
        "GITHUB_ENTERPRISE",
        "GITLAB",
        "GITLAB_SELF_MANAGED",
        "BITBUCKET",
    }
)
_REPOSITORY = re.compile(r"https?://(?:[^/@]*@)?([\w-][\w.-]*(?:/[\w-][\w.-]*)+)/?\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


@operation
def start_build(here: CodeBuild, *, project_name: str, **overrides: Any) -> Record:
    """Start a build of a project, with overrides for this build alone.

    :raises ResourceNotFoundException: there is no such project.
    :raises InvalidInputException: the overrides do not go together.
    :raises AccountLimitExceededException: the project's limit of concurrent builds is reached.
    """
    _check_token(overrides.get("idempotencyToken"))
    project = here.projects.find(project_name)
    if project is None:
        raise ResourceNotFoundException(
            f"Project cannot be found: {here.arn(f'project/{project_name}')}"
        )
    pipeline = project.record["artifacts"]["type"] == "CODEPIPELINE"
    if pipeline and "artifactsOverride" not in overrides:  # recorded
        raise InvalidInputException(
            "ArtifactsOverride must be set when using artifacts type CodePipelines"
        )
    _check_limit(here, project)
    wanted = {name: value for name, value in overrides.items() if name != "idempotencyToken"}
    if wanted:
        settings = overridden(
            project.record, wanted, account_id=here.account_id, region=here.region
        )
        shared = template(settings)
    else:
        settings = project.record
        if project.template is None:
            project.template = template(settings)
        shared = project.template
    build = _start(here, project, settings, shared, debug=bool(wanted.get("debugSessionEnabled")))
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
    _check_token(idempotency_token)
    first = _known_build(here, id or "")
    project = here.projects.find(first.job.project["name"])
    if project is None:
        name = first.job.project["name"]
        raise ResourceNotFoundException(f"Project cannot be found: {here.arn(f'project/{name}')}")
    _check_limit(here, project)
    build = _start(here, project, first.job.project, first.template, again=first.job)
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

    :raises InvalidInputException: one of them is no build id.
    """
    found: list[Record] = []
    missing: list[str] = []
    for one in dict.fromkeys(ids):
        _check_id(one)
        build = here.find_build(one)
        if build is None:
            missing.append(one)
        else:
            found.append(show(build, here.conductor.look(build)))
    return {"builds": found, "buildsNotFound": missing}


@operation
def batch_delete_builds(here: CodeBuild, *, ids: list[str]) -> Record:
    """Delete builds that are over; those in progress are named with the reason.

    Both lists hold ARNs. A build that is not there is counted as deleted, which is a guess.
    """
    deleted: list[str] = []
    kept: list[Record] = []
    for one in dict.fromkeys(ids):
        _check_id(one)
        build = here.find_build(one)
        if build is not None and not here.conductor.is_over(build):
            kept.append({"id": build.job.arn, "statusCode": "BUILD_IN_PROGRESS"})
            continue
        if build is not None:
            _forget(here, build)
        deleted.append(one if one.startswith("arn:") else here.arn(f"build/{one}"))
    return {"buildsDeleted": deleted, "buildsNotDeleted": kept}


@operation
def list_builds(here: CodeBuild, *, sort_order: str = "DESCENDING") -> Record:
    """List the ids of all builds, by the time they started; the newest first by default."""
    return {"ids": Keys(here.builds, newest_first=sort_order == "DESCENDING")}


@operation
def list_builds_for_project(
    here: CodeBuild, *, project_name: str, sort_order: str = "DESCENDING"
) -> Record:
    """List the ids of a project's builds, by number; the newest first by default.

    :raises ResourceNotFoundException: there is no such project.
    """
    project = here.projects.find(project_name)
    if project is None:
        arn = here.arn(f"project/{project_name}")
        raise ResourceNotFoundException(f"The provided project {arn} does not exist")
    return {"ids": Keys(project.builds, newest_first=sort_order == "DESCENDING")}


def _check_id(build_id: str) -> None:
    if ":" not in (build_id.rpartition(":build/")[2] if build_id.startswith("arn:") else build_id):
        raise InvalidInputException("Invalid build ID provided")


def _check_token(token: str | None) -> None:
    """Check a client token's length, which the documentation limits; the text is a guess."""
    if token is not None and len(token) > _LONGEST_TOKEN:
        raise InvalidInputException(
            f"Invalid input: idempotencyToken can have at most {_LONGEST_TOKEN} characters"
        )


def _known_build(here: CodeBuild, build_id: str) -> LiveBuild:
    _check_id(build_id)
    build = here.find_build(build_id)
    if build is None:
        raise ResourceNotFoundException(f"Build {build_id} does not exist")
    return build


def _check_limit(here: CodeBuild, project: Project) -> None:
    """Refuse a build that would be one too many for its project.

    Documented: over its own limit a project's builds are refused, not queued. The error's code
    and text are guesses.
    """
    limit = project.record.get("concurrentBuildLimit")
    if limit is None:
        return
    project.running = [one for one in project.running if not here.conductor.is_over(one)]
    if len(project.running) >= limit:
        raise AccountLimitExceededException(
            f"Cannot have more than {limit} active builds for the project"
        )


def _forget(here: CodeBuild, build: LiveBuild) -> None:
    del here.builds[build.job.build_id]
    project = here.projects.find(build.job.project["name"])
    if project is not None:
        project.builds.pop(build.job.build_id, None)


def _start(
    here: CodeBuild,
    project: Project,
    settings: Mapping[str, Any],
    shared: Record,
    *,
    debug: bool = False,
    again: BuildJob | None = None,
    previous: LiveBuild | None = None,
) -> LiveBuild:
    """Start a build of *project*, as *settings* say.

    :param again: the build this one repeats.
    :param previous: the build that failed, if this one is its automatic retry.
    """
    uuid = here.ids.uuid()
    build_id = f"{project.name}:{uuid}"
    group, stream = log_place(settings, uuid)
    script = here.scripts.next_for(project.name)
    project.builds_started += 1
    job = BuildJob(
        build_id=build_id,
        arn=here.arn(f"build/{build_id}"),
        number=project.builds_started,
        project=settings,
        region=here.region,
        account_id=here.account_id,
        initiator=INITIATOR,
        started=here.now() if previous is None else previous.history.end or here.now(),
        source_folder=_source_folder(settings["source"], here.ids.digits(9)),
        log_group=group,
        log_stream=stream,
        source_version=settings.get("sourceVersion"),
        resolved_version=_resolved(here, settings) if again is None else again.resolved_version,
        stand_in=script.commands(),
        lenient=here.conductor.simulates,
    )
    members: Record = {}
    if debug:  # the form of the target is recorded, in logs
        members["debugSession"] = {"sessionEnabled": True, "sessionTarget": f"codebuild:{uuid}"}
    if settings.get("autoRetryLimit") or previous is not None:
        members["autoRetryConfig"] = _auto_retry(settings, previous)
    build = here.conductor.start(
        job, shared, members, script, lambda ended: _retry_if_due(here, ended)
    )
    here.builds[build_id] = project.builds[build_id] = build
    project.running.append(build)
    return build


def _source_folder(source: Mapping[str, Any], digits: str) -> str:
    """Return the folder of the primary source.

    A repository has its host and path in it (recorded for GitHub and CodeCommit).
    """
    folder = f"/codebuild/output/src{digits}/src"
    place = _REPOSITORY.match(source.get("location", "")) if source["type"] in _GIT else None
    return f"{folder}/{place[1].removesuffix('.git')}" if place is not None else folder


def _resolved(here: CodeBuild, settings: Mapping[str, Any]) -> str | None:
    """Return the commit a simulated build of a repository finds: the one asked for, or any."""
    if settings["source"]["type"] not in _GIT or not here.conductor.simulates:
        return None
    version = settings.get("sourceVersion") or ""
    return version if _COMMIT.match(version) else here.ids.bytes(20).hex()


def _auto_retry(settings: Mapping[str, Any], previous: LiveBuild | None) -> Record:
    """Return how far along a chain of retries a build is."""
    config: Record = {"autoRetryLimit": settings.get("autoRetryLimit", 0), "autoRetryNumber": 0}
    if previous is not None:
        before = previous.members.get("autoRetryConfig", config)
        config["autoRetryNumber"] = before["autoRetryNumber"] + 1
        config["previousAutoRetry"] = previous.job.arn
    return config


def _retry_if_due(here: CodeBuild, ended: LiveBuild) -> None:
    """Start the successor of a build that failed, where project or buildspec want it retried.

    The documentation says of ``on-failure: RETRY`` that it retries the build; that this works
    as the project's automatic retries do is a guess.
    """
    settings = ended.job.project
    project = here.projects.find(settings["name"])
    if project is None or settings["source"]["type"] == "CODEPIPELINE":
        return
    config = ended.members.get("autoRetryConfig") or _auto_retry(settings, None)
    allowed = max(config["autoRetryLimit"], ended.history.retries)
    failed = allowed and ended.overview(float("inf")).status == "FAILED"
    if failed and config["autoRetryNumber"] < allowed:
        build = _start(here, project, settings, ended.template, again=ended.job, previous=ended)
        config = {**config, "nextAutoRetry": build.job.arn}
        ended.members = {**ended.members, "autoRetryConfig": config}
