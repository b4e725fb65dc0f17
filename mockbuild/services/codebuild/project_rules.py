"""What makes a project's record valid, and what the service fills in.

The texts marked *recorded* were seen in answers of the real service; those that are not are
guesses, worded like their neighbours.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

from mockbuild.domain.arns import arn, bucket_and_key
from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.services.codebuild.environment_rules import (
    check_environment,
    check_identifier,
    check_unique,
)
from mockbuild.services.codebuild.tags import check_tags

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
#: Why source types that have no branches can have no badge (recorded).
_NO_BADGES: Final[Mapping[str, str]] = {
    "CODEPIPELINE": "Build badges are not supported for CodePipeline source",
    "NO_SOURCE": "Build badges are not supported for projects with no source",
    "S3": "Build badges are not supported for S3 source",
}
#: Source types that are refused a configuration of submodules, as messages name them (recorded).
_NO_SUBMODULES: Final[Mapping[str, str]] = {"CODEPIPELINE": "CodePipeline", "S3": "S3"}
#: The most automatic retries, by what AWS's own construct library accepts.
_MOST_RETRIES = 10
_MOST_BATCH_BUILDS = 100
_BATCH_MINUTES = range(5, 2161)
_KEY = re.compile(r"arn:[\w-]+:kms:([\w-]+):")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/.+", re.DOTALL)


def check_project(project: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check what the model cannot say: rules across members.

    :param project: a record, with everything in it that was asked for.
    :param account_id: whose project it is.
    :param region: where it is.
    :raises InvalidInputException: the first rule that is broken.
    """
    kind = project["source"]["type"]
    types = {kind, project["artifacts"]["type"]}
    if "CODEPIPELINE" in types and len(types) > 1:  # recorded
        raise InvalidInputException(
            "Invalid input: when using CodePipeline both sourceType, and artifactType must be "
            "set to: CODEPIPELINE"
        )
    if project.get("badge", {}).get("badgeEnabled") and kind in _NO_BADGES:
        raise InvalidInputException(_NO_BADGES[kind])
    for source in (project["source"], *project.get("secondarySources", ())):
        if "gitSubmodulesConfig" in source and source["type"] in _NO_SUBMODULES:
            name = _NO_SUBMODULES[source["type"]]
            raise InvalidInputException(f"Git submodules config is not supported for {name} source")
    check_build(project, account_id=account_id, region=region)
    _check_versions(project)
    check_batches(project.get("buildBatchConfig"), account_id)
    check_tags(project.get("tags", ()))


def check_build(project: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check the rules that hold for a project with the overrides of one build as well.

    :param project: see :func:`check_project`; *account_id* and *region*, too.
    :raises InvalidInputException: the first rule that is broken.
    """
    _check_sources(project)
    _check_artifacts(project)
    check_environment(project, account_id=account_id, region=region)
    check_variables(project["environment"].get("environmentVariables", ()))
    _check_cache(project.get("cache"), project["source"]["type"])
    _check_logs(project.get("logsConfig", {}))
    _check_key(project.get("encryptionKey", ""), region)
    if not 0 <= project.get("autoRetryLimit", 0) <= _MOST_RETRIES:
        raise InvalidInputException(
            f"Invalid input: autoRetryLimit must be between 0 and {_MOST_RETRIES}"
        )
    check_role(project["serviceRole"], account_id)


def check_role(role: str, account_id: str) -> None:
    """Check that *role* is the ARN of one of the account's roles (recorded for service roles)."""
    match = _ROLE.match(role)
    if match is None or match[1] != account_id:
        raise InvalidInputException(
            "Invalid service role: Service role account ID does not match caller's account"
        )


def _check_sources(project: Mapping[str, Any]) -> None:
    check_source(project["source"])
    secondary = project.get("secondarySources", ())
    for source in secondary:
        check_source(source)
        if not source.get("sourceIdentifier"):  # recorded
            raise InvalidInputException(
                "Invalid input: sourceIdentifier is required for secondary sources"
            )
    check_unique(secondary, "sourceIdentifier")


def check_source(source: Mapping[str, Any]) -> None:
    """Check one ``ProjectSource``.

    The texts are recorded, but for the one on a resource. A connection that ``auth`` speaks of is
    taken to be there: it is made in the console.
    """
    kind, location = source["type"], source.get("location")
    if kind in LOCATED and not location:
        raise InvalidInputException("Project source location is required")
    if kind == "NO_SOURCE" and location:
        raise InvalidInputException(
            "Invalid input: source location must be empty for source type NO_SOURCE"
        )
    if "reportBuildStatus" in source and kind not in REPORTING:  # even where it is false
        raise InvalidInputException(f"Source type {kind} does not support ReportBuildStatus")
    auth = source.get("auth")
    if auth is not None and auth["type"] != "OAUTH" and not auth.get("resource"):
        raise InvalidInputException(
            f"Invalid input: source auth of type {auth['type']} should have a resource"
        )
    if source.get("sourceIdentifier"):
        check_identifier(source["sourceIdentifier"])


def _check_versions(project: Mapping[str, Any]) -> None:
    """Check that versions are those of secondary sources, not of the primary one (recorded)."""
    known = {source["sourceIdentifier"] for source in project.get("secondarySources", ())}
    for version in project.get("secondarySourceVersions", ()):
        if version["sourceIdentifier"] not in known:
            raise InvalidInputException("Invalid input: secondary source identifier does not exist")


def _check_artifacts(project: Mapping[str, Any]) -> None:
    check_artifacts(project["artifacts"])
    secondary = project.get("secondaryArtifacts", ())
    for artifacts in secondary:  # the texts are recorded
        if artifacts["type"] != "S3":
            raise InvalidInputException(
                f"Invalid input: artifactType {artifacts['type']} is not allowed for "
                "secondaryArtifacts"
            )
        check_artifacts(artifacts)
        if not artifacts.get("artifactIdentifier"):
            raise InvalidInputException(
                "Invalid input: artifactIdentifier is required for secondary artifacts"
            )
    check_unique(secondary, "artifactIdentifier")


def check_artifacts(artifacts: Mapping[str, Any]) -> None:
    """Check one ``ProjectArtifacts``.

    The texts on NO_ARTIFACTS are recorded, and the second met even a value of false. The model's
    documentation says that a location is ignored there; one that is empty is taken as none.
    Documented: encryption can be turned off for S3 only.
    """
    kind = artifacts["type"]
    location = artifacts.get("location")
    unencrypted = artifacts.get("encryptionDisabled")
    if kind == "S3":
        if not location:  # recorded
            raise InvalidInputException("Invalid artifacts: location is required")
        _check_bucket(location, "artifact")
    if kind == "NO_ARTIFACTS" and location:
        _refuse_artifacts(kind, "location")
    if (kind == "NO_ARTIFACTS" and unencrypted is not None) or (kind != "S3" and unencrypted):
        _refuse_artifacts(kind, "encryptionDisabled")
    if artifacts.get("artifactIdentifier"):
        check_identifier(artifacts["artifactIdentifier"])


def _refuse_artifacts(kind: str, member: str) -> NoReturn:
    raise InvalidInputException(
        f"Invalid artifacts: artifact type {kind} should have null {member}"
    )


def _check_bucket(location: str, what: str) -> None:
    try:
        bucket_and_key(location)
    except ValueError:
        raise InvalidInputException(f"Invalid {what} location: {location}") from None


def _check_logs(logs: Mapping[str, Any]) -> None:
    s3 = logs.get("s3Logs", {})
    if s3.get("status") != "ENABLED":
        return
    if not s3.get("location"):  # recorded
        raise InvalidInputException(
            "Invalid logsConfig: s3Logs location must be provided if status is 'ENABLED'"
        )
    _check_bucket(s3["location"], "s3Logs")


def check_variables(variables: Iterable[Mapping[str, Any]]) -> None:
    """Check that no name comes twice or is one of CodeBuild's own (recorded)."""
    names = [variable["name"] for variable in variables]
    if len(names) != len(set(names)):
        raise InvalidInputException("EnvironmentVariable name cannot be duplicated")
    if any(name.startswith("CODEBUILD_") for name in names):
        raise InvalidInputException("No user environment variables can start with CODEBUILD_")


def _check_cache(cache: Mapping[str, Any] | None, source_type: str) -> None:
    """Check a cache; the texts are recorded."""
    if cache is None:
        return
    if cache["type"] == "S3":
        try:
            bucket_and_key(cache.get("location", ""))
        except ValueError:
            raise InvalidInputException(
                "Invalid cache: location must be a valid S3 bucket, followed by slash and the "
                "prefix"
            ) from None
    elif cache["type"] == "LOCAL":
        modes = cache.get("modes")
        if not modes:
            raise InvalidInputException("At least one mode must be provided for cache type: LOCAL")
        if source_type == "NO_SOURCE" and "LOCAL_SOURCE_CACHE" in modes:
            raise InvalidInputException(
                "Cache mode LOCAL_SOURCE_CACHE is not available for source type NO_SOURCE"
            )


def _check_key(key: str, region: str) -> None:
    """Check that a key named by its ARN is of this region (recorded)."""
    match = _KEY.match(key)
    if match is not None and match[1] != region:
        raise InvalidInputException("Invalid encryption key: region does not match current region")


def check_batches(config: Mapping[str, Any] | None, account_id: str) -> None:
    """Check settings of batch builds.

    The text on minutes is recorded. The most builds are those that an infrastructure provider
    accepts; that a role is checked as the project's is a guess.
    """
    if config is None:
        return
    if config.get("timeoutInMins", 480) not in _BATCH_MINUTES:
        raise InvalidInputException("TimeoutInMins must be between 5 and 2160")
    most = config.get("restrictions", {}).get("maximumBuildsAllowed", 1)
    if not 1 <= most <= _MOST_BATCH_BUILDS:
        raise InvalidInputException(
            f"MaximumBuildsAllowed must be between 1 and {_MOST_BATCH_BUILDS}"
        )
    if "serviceRole" in config:
        check_role(config["serviceRole"], account_id)


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
    if "fileSystemLocations" in project:
        places = project["fileSystemLocations"]
        record["fileSystemLocations"] = [{"type": "EFS", **place} for place in places]
    if "buildBatchConfig" in project:
        record["buildBatchConfig"] = default_batches(project["buildBatchConfig"])
    return record


def default_batches(config: Mapping[str, Any]) -> Record:
    """Fill in settings of batch builds.

    The numbers are recorded in a batch; that the project has them already is a guess.
    """
    restrictions = {"maximumBuildsAllowed": _MOST_BATCH_BUILDS, **config.get("restrictions", {})}
    return {"timeoutInMins": 480, **config, "restrictions": restrictions}


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
