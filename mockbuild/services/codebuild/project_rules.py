"""What makes a project's record valid, and what the service fills in.

The texts marked *recorded* were seen in answers of the real service; those that are not are
guesses, worded like their neighbours.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockbuild.domain.arns import arn, bucket_and_key
from mockbuild.domain.aws_errors import InvalidInputException

Record = dict[str, Any]

#: Source types whose ``location`` the service insists on.
LOCATED: Final = frozenset(
    {
        "S3",
        "CODECOMMIT",
        "GITHUB",
        "GITHUB_ENTERPRISE",
        "GITLAB",
        "GITLAB_SELF_MANAGED",
        "BITBUCKET",
    }
)
#: Source types whose provider can be told how a build went.
REPORTING: Final = frozenset(
    {"GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "BITBUCKET"}
)
_GENERAL = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")
_LAMBDA = frozenset(f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10))
_ANY_FLEET = frozenset({"ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"})


def _general(*sizes: str) -> frozenset[str]:
    return frozenset(f"BUILD_GENERAL1_{size}" for size in sizes)


#: Which compute types an environment type is offered with, by the user guide's table of 2025;
#: what a region leaves out of it is not modelled.
COMPUTE_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "LINUX_CONTAINER": _general(*_GENERAL) | _ANY_FLEET,
    "LINUX_GPU_CONTAINER": _general("SMALL", "LARGE") | _ANY_FLEET,
    "ARM_CONTAINER": _general(*_GENERAL) | _ANY_FLEET,
    "WINDOWS_CONTAINER": _general("MEDIUM", "LARGE"),
    "WINDOWS_SERVER_2019_CONTAINER": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "WINDOWS_SERVER_2022_CONTAINER": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "LINUX_LAMBDA_CONTAINER": _LAMBDA,
    "ARM_LAMBDA_CONTAINER": _LAMBDA,
    "LINUX_EC2": _general(*_GENERAL) | _ANY_FLEET,
    "ARM_EC2": _general(*_GENERAL) | _ANY_FLEET,
    "WINDOWS_EC2": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "MAC_ARM": _general("MEDIUM", "LARGE") | _ANY_FLEET,
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,127}\Z")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/.+", re.DOTALL)


def check_project(project: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check what the model cannot say: rules across members.

    :raises InvalidInputException: the first rule that is broken.
    """
    types = {project["source"]["type"], project["artifacts"]["type"]}
    if "CODEPIPELINE" in types and len(types) > 1:  # recorded
        raise InvalidInputException(
            "Invalid input: when using CodePipeline both sourceType, and artifactType must be "
            "set to: CODEPIPELINE"
        )
    check_build(project, account_id=account_id, region=region)


def check_build(project: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check the rules that hold for a project with the overrides of one build as well.

    :raises InvalidInputException: the first rule that is broken.
    """
    _check_sources(project)
    _check_artifacts(project)
    _check_environment(project["environment"], region)
    _check_cache(project.get("cache"))
    _check_logs(project.get("logsConfig", {}))
    _check_tags(project.get("tags", ()))
    role = _ROLE.match(project["serviceRole"])
    if role is None or role[1] != account_id:  # recorded
        raise InvalidInputException(
            "Invalid service role: Service role account ID does not match caller's account"
        )


def _check_sources(project: Mapping[str, Any]) -> None:
    check_source(project["source"])
    for source in project.get("secondarySources", ()):
        check_source(source)
        _check_identifier(source.get("sourceIdentifier", ""))
    _check_unique(project.get("secondarySources", ()), "sourceIdentifier", "source")


def check_source(source: Mapping[str, Any]) -> None:
    """Check one ``ProjectSource``.

    The texts are recorded, the second for NO_SOURCE only; that it holds for every provider that
    takes no reports is documented.
    """
    kind = source["type"]
    if kind in LOCATED and not source.get("location"):
        raise InvalidInputException("Project source location is required")
    if source.get("reportBuildStatus") and kind not in REPORTING:
        raise InvalidInputException(f"Source type {kind} does not support ReportBuildStatus")
    if source.get("sourceIdentifier"):
        _check_identifier(source["sourceIdentifier"])


def _check_identifier(identifier: str) -> None:
    if not _IDENTIFIER.match(identifier):  # recorded
        raise InvalidInputException(
            "Invalid input: identifier must contain only alphanumeric characters and underscores "
            "and be less than 128 characters in length"
        )


def _check_unique(items: Iterable[Mapping[str, Any]], member: str, what: str) -> None:
    names = [item[member] for item in items]
    if len(names) != len(set(names)):
        raise InvalidInputException(f"Invalid input: secondary {what} identifiers must be unique")


def _check_artifacts(project: Mapping[str, Any]) -> None:
    check_artifacts(project["artifacts"])
    for artifacts in project.get("secondaryArtifacts", ()):
        check_artifacts(artifacts)
        _check_identifier(artifacts.get("artifactIdentifier", ""))
    _check_unique(project.get("secondaryArtifacts", ()), "artifactIdentifier", "artifact")


def check_artifacts(artifacts: Mapping[str, Any]) -> None:
    """Check one ``ProjectArtifacts``.

    The texts on NO_ARTIFACTS are recorded, and the second met even a value of false. The model's
    documentation says that a location is ignored there; one that is empty is taken as none.
    """
    if artifacts["type"] == "NO_ARTIFACTS":
        given = {**artifacts, "location": artifacts.get("location") or None}
        for member in ("location", "encryptionDisabled"):
            if given.get(member) is not None:
                raise InvalidInputException(
                    f"Invalid artifacts: artifact type NO_ARTIFACTS should have null {member}"
                )
    elif artifacts["type"] == "S3":
        if not artifacts.get("location"):
            raise InvalidInputException("Project artifact location is required")
        _check_bucket(artifacts["location"], "artifact")


def _check_bucket(location: str, what: str) -> None:
    try:
        bucket_and_key(location)
    except ValueError:
        raise InvalidInputException(f"Invalid {what} location: {location}") from None


def _check_logs(logs: Mapping[str, Any]) -> None:
    s3 = logs.get("s3Logs", {})
    if s3.get("status") != "ENABLED":
        return
    if not s3.get("location"):
        raise InvalidInputException("Invalid logsConfig: s3Logs should have a location")
    _check_bucket(s3["location"], "s3Logs")


def _check_environment(environment: Mapping[str, Any], region: str) -> None:
    kind, compute = environment["type"], environment["computeType"]
    # With a fleet, the fleet's type counts (documented).
    on_fleet = "fleetArn" in environment.get("fleet", {})
    if not on_fleet and compute not in COMPUTE_TYPES.get(kind, ()):  # recorded
        raise InvalidInputException(
            f"The environment type {kind} and compute type {compute} combination is not "
            f"supported in {region}"
        )
    check_variables(environment.get("environmentVariables", ()))
    service_role = environment.get("imagePullCredentialsType") == "SERVICE_ROLE"
    if service_role and environment["image"].startswith("aws/codebuild/"):  # recorded
        raise InvalidInputException(
            "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType "
            "SERVICE_ROLE"
        )
    if environment.get("registryCredential") and not service_role:
        raise InvalidInputException(
            "Invalid input: registryCredential requires imagePullCredentialsType SERVICE_ROLE"
        )


def check_variables(variables: Iterable[Mapping[str, Any]]) -> None:
    """Check that no name comes twice (recorded)."""
    names = [variable["name"] for variable in variables]
    if len(names) != len(set(names)):
        raise InvalidInputException("EnvironmentVariable name cannot be duplicated")


def _check_cache(cache: Mapping[str, Any] | None) -> None:
    if cache is not None and cache["type"] == "S3" and not cache.get("location"):
        raise InvalidInputException("Invalid cache: cache type S3 should have a location")


def _check_tags(tags: Iterable[Mapping[str, Any]]) -> None:
    keys = [tag.get("key", "") for tag in tags]
    if any(key.startswith("aws:") for key in keys):
        raise InvalidInputException("Invalid tags: tag keys cannot start with aws:")
    if len(keys) != len(set(keys)):
        raise InvalidInputException("Invalid tags: tag keys cannot be duplicated")


# What the service fills in, as recorded in the answers to CreateProject.


def with_defaults(project: Mapping[str, Any], *, account_id: str, region: str) -> Record:
    """Return the record with everything in it that the service adds by itself."""
    name = project["name"]
    record: Record = {
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": arn("kms", region, account_id, "alias/aws/s3"),
        "cache": {"type": "NO_CACHE"},
        "badge": {"badgeEnabled": False},
        "secondarySources": [],
        "secondarySourceVersions": [],
        "secondaryArtifacts": [],
        "tags": [],
        "projectVisibility": "PRIVATE",
        **project,
    }
    record["source"] = default_source(project["source"])
    record["secondarySources"] = [default_source(item) for item in record["secondarySources"]]
    record["artifacts"] = default_artifacts(project["artifacts"], name)
    record["secondaryArtifacts"] = [
        default_artifacts(item, name) for item in record["secondaryArtifacts"]
    ]
    record["environment"] = default_environment(project["environment"])
    if "logsConfig" in project:
        record["logsConfig"] = default_logs(project["logsConfig"])
    return record


def default_source(source: Mapping[str, Any]) -> Record:
    """Fill in a source."""
    return {"insecureSsl": False, **source}


def default_artifacts(artifacts: Mapping[str, Any], name: str) -> Record:
    """Fill in artifacts: their name is the project's unless they have one."""
    if artifacts["type"] == "NO_ARTIFACTS":
        return dict(artifacts)
    filled = {"packaging": "NONE", "encryptionDisabled": False, **artifacts}
    if not filled.get("name"):
        filled["name"] = name
    if artifacts["type"] == "S3":
        filled.setdefault("namespaceType", "NONE")
    return filled


def default_environment(environment: Mapping[str, Any]) -> Record:
    """Fill in an environment and its variables."""
    filled = {
        "privilegedMode": False,
        "imagePullCredentialsType": "CODEBUILD",
        **environment,
    }
    filled["environmentVariables"] = default_variables(environment.get("environmentVariables", ()))
    return filled


def default_variables(variables: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Fill in the type of environment variables."""
    return [{**variable, "type": variable.get("type", "PLAINTEXT")} for variable in variables]


def default_logs(logs: Mapping[str, Any]) -> Record:
    """Fill in both blocks of a logs configuration.

    That CloudWatch Logs are on and S3 logs off unless said otherwise is documented.
    """
    return {
        "cloudWatchLogs": {"status": "ENABLED", **logs.get("cloudWatchLogs", {})},
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False, **logs.get("s3Logs", {})},
    }
