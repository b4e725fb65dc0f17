"""How a build of a project starts, whoever asks for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockbuild.domain.aws_errors import AccountLimitExceededException, InvalidInputException
from mockbuild.domain.lifecycle import COMMAND_PHASES
from mockbuild.engine.job import BuildJob
from mockbuild.engine.live_build import LiveBuild
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.build_record import log_place, template
from mockbuild.services.codebuild.capacity import line_for
from mockbuild.services.codebuild.overrides import overridden

#: Who starts builds here; AWS names the IAM user or the role's session.
INITIATOR = "mockbuild"
#: Source types whose builds learn a commit id.
GIT = frozenset(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Why and how a build starts, beyond what its project says.

    :param initiator: who starts it, as its record names them.
    :param variables: what is set in it beyond the project's variables.
    :param members: members of its record that are its own.
    :param commit: the commit that its source version turns out to be, where that is known.
    :param again: the build that this one repeats.
    :param previous: the build that failed, if this one is its automatic retry.
    :param at: when, if not now.
    :param group: its build group in a batch, if it is part of one.
    :param uuid: the part of its id behind the project's name, if that is given away already.
    :param phases: those whose part of the buildspec counts.
    """

    initiator: str = INITIATOR
    variables: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    commit: str | None = None
    again: BuildJob | None = None
    previous: LiveBuild | None = None
    at: float | None = None
    group: str | None = None
    uuid: str | None = None
    phases: tuple[str, ...] = COMMAND_PHASES


PLAINLY = Start()


def start_project(
    here: CodeBuild,
    project: Project,
    overrides: Mapping[str, Any],
    how: Start = PLAINLY,
) -> LiveBuild:
    """Start a build of *project*, as StartBuild does.

    :param overrides: as StartBuild spells them.
    :raises InvalidInputException: the overrides do not go together.
    :raises AccountLimitExceededException: the project's limit of concurrent builds is reached.
    """
    pipeline = project.record["artifacts"]["type"] == "CODEPIPELINE"
    if pipeline and "artifactsOverride" not in overrides:  # recorded
        raise InvalidInputException(
            "ArtifactsOverride must be set when using artifacts type CodePipelines"
        )
    check_limit(here, project)
    if not overrides:
        return begin(here, project, project.record, how, shared=project.template)
    settings = overridden(project.record, overrides, account_id=here.account_id, region=here.region)
    return begin(here, project, settings, how, debug=bool(overrides.get("debugSessionEnabled")))


def check_limit(here: CodeBuild, project: Project) -> None:
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


def begin(
    here: CodeBuild,
    project: Project,
    settings: Mapping[str, Any],
    how: Start = PLAINLY,
    *,
    shared: Record | None = None,
    debug: bool = False,
) -> LiveBuild:
    """Start a build of *project*, as *settings* say, with nothing more to check but capacity.

    :param settings: the project's record with all overrides put into it.
    :param shared: the part of the build's record that follows from *settings*, where it is known.
    :raises InvalidInputException: and *AccountLimitExceededException*, for a build that is to
        start now: see :func:`~mockbuild.services.codebuild.capacity.line_for`.
    """
    line = line_for(here, settings, asked=how.at is None)
    if shared is None:
        shared = template(settings)
        if settings is project.record:
            project.template = shared
    previous = how.previous
    uuid = how.uuid or here.ids.uuid()
    build_id = f"{project.name}:{uuid}"
    group, stream = log_place(settings, uuid)
    scenario = here.scripts.next_for(project.name, how.group)
    project.builds_started += 1
    job = BuildJob(
        build_id=build_id,
        arn=here.arn(f"build/{build_id}"),
        number=project.builds_started,
        project=settings,
        region=here.region,
        account_id=here.account_id,
        initiator=how.initiator,
        started=here.now() if how.at is None else round(how.at, 3),
        source_folder=source_folder_of(settings["source"], here.ids.digits(9)),
        log_group=group,
        log_stream=stream,
        source_version=settings.get("sourceVersion"),
        resolved_version=resolved_version(here, settings, how),
        stand_in=scenario.machine.commands(),
        lenient=here.conductor.simulates,
        variables=how.variables,
        reports=scenario.reports if here.conductor.simulates else (),
        phases=how.phases,
        network_interface=network_interface(here, settings),
    )
    members = how.members  # shared by all builds that have none of their own
    if debug:  # the form of the target is recorded, in logs
        session = {"sessionEnabled": True, "sessionTarget": f"codebuild:{uuid}"}
        members = {**members, "debugSession": session}
    if settings.get("autoRetryLimit") or previous is not None:
        members = {**members, "autoRetryConfig": _auto_retry(settings, previous)}
    build = here.conductor.start(
        job,
        shared,
        members,
        scenario.machine,
        lambda ended: _retry_if_due(here, ended),
        line=line,
    )
    here.builds[build_id] = project.builds[build_id] = build
    project.running.append(build)
    return build


def source_folder_of(source: Mapping[str, Any], digits: str) -> str:
    """Return the folder of the primary source.

    A repository has its host and path in it (recorded for GitHub and CodeCommit).
    """
    folder = f"/codebuild/output/src{digits}/src"
    place = _REPOSITORY.match(source.get("location", "")) if source["type"] in GIT else None
    return f"{folder}/{place[1].removesuffix('.git')}" if place is not None else folder


def network_interface(here: CodeBuild, settings: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return a new network interface in the project's VPC, if it has one.

    That it is in the first of the subnets is a guess.
    """
    subnets = settings.get("vpcConfig", {}).get("subnets")
    if not subnets:
        return None
    return {
        "subnetId": subnets[0],
        "networkInterfaceId": f"eni-0{here.ids.bytes(8).hex()}",
    }


def resolved_version(
    here: CodeBuild, settings: Mapping[str, Any], how: Start = PLAINLY
) -> str | None:
    """Return the commit that a build of a repository finds: the one asked for.

    Where that is no commit, a simulated build finds any, and what one that really runs would find
    is not known.
    """
    if how.again is not None:
        return how.again.resolved_version
    if settings["source"]["type"] not in GIT:
        return None
    version = how.commit or settings.get("sourceVersion") or ""
    if _COMMIT.match(version):
        return version
    return here.ids.bytes(20).hex() if here.conductor.simulates else None


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
    allowed = max(settings.get("autoRetryLimit", 0), ended.history.retries)
    if not allowed or ended.overview(float("inf")).status != "FAILED":
        return
    project = here.projects.find(settings["name"])
    if project is None or settings["source"]["type"] == "CODEPIPELINE":
        return
    config = ended.members.get("autoRetryConfig") or _auto_retry(settings, None)
    if config["autoRetryNumber"] < allowed:
        how = Start(
            initiator=ended.job.initiator,
            variables=ended.job.variables,
            again=ended.job,
            previous=ended,
            at=ended.history.end,
        )
        build = begin(here, project, settings, how, shared=ended.template)
        config = {**config, "nextAutoRetry": build.job.arn}
        ended.members = {**ended.members, "autoRetryConfig": config}
