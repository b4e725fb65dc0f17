"""A batch build as the API shows it."""

from collections.abc import Sequence
from typing import Any

from mockbuild.domain.batch_lifecycle import DOWNLOAD, PENDING
from mockbuild.engine.artifact_keys import build_artifacts, secondary_artifacts
from mockbuild.engine.batch import LiveBatch
from mockbuild.engine.batch_history import Attempt, BatchOverview, Member
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.project_rules import default_logs

#: Members of the project's record, and what they are called in a batch's.
_SHARED = {
    "name": "projectName",
    "sourceVersion": "sourceVersion",
    "source": "source",
    "secondarySources": "secondarySources",
    "secondarySourceVersions": "secondarySourceVersions",
    "cache": "cache",
    "environment": "environment",
    "serviceRole": "serviceRole",
    "timeoutInMinutes": "buildTimeoutInMinutes",
    "queuedTimeoutInMinutes": "queuedTimeoutInMinutes",
    "vpcConfig": "vpcConfig",
    "encryptionKey": "encryptionKey",
    "fileSystemLocations": "fileSystemLocations",
    "buildBatchConfig": "buildBatchConfig",
}


def show_batch(here: CodeBuild, batch: LiveBatch, seen: BatchOverview) -> Record:
    """Return the batch's record as it is with *seen* having happened.

    Recorded: right after the start it has neither phases nor build groups.
    """
    job = batch.job
    project = job.project
    record: Record = {shown: project[name] for name, shown in _SHARED.items() if name in project}
    record |= {
        "id": job.batch_id,
        "arn": job.arn,
        "buildBatchNumber": job.number,
        "startTime": job.started,
        "currentPhase": seen.current_phase,
        "buildBatchStatus": seen.status,
        "complete": seen.ended is not None,
        "initiator": job.initiator,
        "logConfig": project.get("logsConfig") or default_logs({}),
        "artifacts": build_artifacts(project["artifacts"], job.uuid),
        "secondaryArtifacts": secondary_artifacts(project, job.uuid),
    }
    if job.debug:
        record["debugSessionEnabled"] = True
    if len(seen.phases) > 1:
        record["phases"] = seen.phases
        record["buildGroups"] = [_group(here, project["name"], one) for one in seen.members]
    if batch.resolved_version is not None and len(seen.members) > 1:
        record["resolvedSourceVersion"] = batch.resolved_version
    if batch.reports:
        record["reportArns"] = list(batch.reports)
    if seen.ended is not None:
        record["endTime"] = seen.ended
    return record


def _group(here: CodeBuild, project: str, member: Member) -> Record:
    """Return a ``BuildGroup``; the one that reads the source has no ``dependsOn`` (recorded)."""
    group = member.group
    shown: Record = {"identifier": group.identifier, "ignoreFailure": group.ignore_failure}
    if group.identifier != DOWNLOAD:
        shown["dependsOn"] = list(group.depends_on)
    shown["currentBuildSummary"] = _summary(here, project, group.identifier, member.attempt)
    if member.before:
        shown["priorBuildSummaryList"] = [
            _summary(here, project, group.identifier, one) for one in reversed(member.before)
        ]
    return shown


def _summary(here: CodeBuild, project: str, identifier: str, attempt: Attempt) -> Record:
    """Return a ``BuildSummary``.

    Recorded: PENDING for a build that waits; artifacts only of one that has ended, their type in
    lower case, their identifier the group's.
    """
    shown: Record = {
        "arn": here.arn(f"build/{project}:{attempt.uuid}"),
        "requestedOn": attempt.requested,
        "buildStatus": attempt.status,
    }
    if attempt.artifacts is not None and attempt.status not in (PENDING, "IN_PROGRESS"):
        primary, secondary = attempt.artifacts
        shown["primaryArtifact"] = _resolved(primary, identifier)
        shown["secondaryArtifacts"] = _all_resolved(secondary)
    return shown


def _all_resolved(artifacts: Sequence[Record]) -> list[Record]:
    return [_resolved(one, one["artifactIdentifier"]) for one in artifacts]


def _resolved(artifacts: Record, identifier: str) -> dict[str, Any]:
    location = artifacts.get("location")
    if not location:
        return {"type": "no_artifacts", "identifier": identifier}
    return {"type": "s3", "location": location, "identifier": identifier}
