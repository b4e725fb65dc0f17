"""A build as the API shows it: what follows from its project, and what happened so far."""

import sys
from collections.abc import Mapping
from typing import Any

from mockbuild.domain.arns import arn, bucket_and_key, partition_of
from mockbuild.engine.artifact_keys import build_artifacts, secondary_artifacts
from mockbuild.engine.history import Overview
from mockbuild.engine.live_build import LiveBuild

Record = dict[str, Any]

#: Members that a build's record takes over from its project's.
_SHARED = (
    "sourceVersion",
    "source",
    "secondarySources",
    "secondarySourceVersions",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "vpcConfig",
    "encryptionKey",
    "fileSystemLocations",
)
_NO_LOGS_YET = frozenset({"SUBMITTED", "QUEUED", "PROVISIONING"})
_CONSOLE = "https://console.aws.amazon.com/cloudwatch/home?region={}"


def template(project: Mapping[str, Any]) -> Record:
    """Return what all builds of *project* (with its overrides) have in common."""
    shared = {name: project[name] for name in _SHARED if name in project}
    shared["projectName"] = project["name"]
    return shared


def log_place(project: Mapping[str, Any], uuid: str) -> tuple[str | None, str | None]:
    """Return the log group and stream of a build: by default its project's name and its uuid.

    A ``streamName`` of the project's is put before the uuid (documented, and recorded).
    """
    settings = project.get("logsConfig", {}).get("cloudWatchLogs", {})
    if settings.get("status") == "DISABLED":
        return None, None
    # One text for all builds of a project, which keep it.
    group = sys.intern(settings.get("groupName") or f"/aws/codebuild/{project['name']}")
    prefix = settings.get("streamName")
    return group, f"{prefix}/{uuid}" if prefix else uuid


def show(build: LiveBuild, seen: Overview) -> Record:
    """Return the build's record as it is with *seen* having happened."""
    job = build.job
    record = {
        "id": job.build_id,
        "arn": job.arn,
        "buildNumber": job.number,
        "startTime": job.started,
        **build.template,
        "currentPhase": seen.current_phase,
        "buildStatus": seen.status,
        "phases": seen.phases,
        "artifacts": build_artifacts(job.project["artifacts"], job.uuid),
        "secondaryArtifacts": secondary_artifacts(job.project, job.uuid),
        "logs": logs_of(
            build, seen.current_phase if seen.ended is None else seen.phases[-2]["phaseType"]
        ),
        "buildComplete": seen.ended is not None,
        "initiator": job.initiator,
        **seen.learned,
        **build.members,
    }
    if seen.ended is not None:
        record["endTime"] = seen.ended
    return record


def logs_of(build: LiveBuild, phase: str) -> Record:
    """Return where the log is: nowhere, in so many words, before its stream is there."""
    job = build.job
    config = job.project.get("logsConfig", {})
    cloudwatch = config.get("cloudWatchLogs", {"status": "ENABLED"})
    s3 = config.get("s3Logs", {"status": "DISABLED", "encryptionDisabled": False})
    logs: Record = {"cloudWatchLogs": cloudwatch, "s3Logs": s3}
    console = _CONSOLE.format(job.region)
    written = phase not in _NO_LOGS_YET
    if not written or job.log_group is None or job.log_stream is None:
        group, stream = "null", "null"
        logs["deepLink"] = f"{console}#logEvent:group=null;stream=null"
    else:
        group, stream = job.log_group, job.log_stream
        logs["groupName"], logs["streamName"] = group, stream
        place = f"{_quoted(group)}/log-events/{_quoted(stream)}"
        logs["deepLink"] = f"{console}#logsV2:log-groups/log-group/{place}"
    logs["cloudWatchLogsArn"] = arn(
        "logs", job.region, job.account_id, f"log-group:{group}:log-stream:{stream}"
    )
    if written and s3["status"] == "ENABLED":
        _add_s3_logs(logs, s3["location"], job.uuid, job.region)
    return logs


def _add_s3_logs(logs: Record, location: str, uuid: str, region: str) -> None:
    """Say where the log's object is; the form of both is documented for a bucket without prefix."""
    bucket, prefix = bucket_and_key(location)
    place = "/".join(part for part in (bucket, prefix.strip("/"), f"{uuid}.gz") if part)
    logs["s3LogsArn"] = f"arn:{partition_of(region)}:s3:::{place}"
    logs["s3DeepLink"] = f"https://s3.console.aws.amazon.com/s3/object/{place}?region={region}"


def _quoted(name: str) -> str:
    """Write a name the way the console's links have it, quoted twice with ``$`` for ``%``."""
    return name.replace("/", "$252F")
