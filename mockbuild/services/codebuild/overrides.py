"""What StartBuild may override for one build, and where in the project's record it goes."""

from collections.abc import Mapping
from typing import Any, Final

from mockbuild.services.codebuild.project_rules import (
    REPORTING,
    check_build,
    check_variables,
    default_artifacts,
    default_logs,
    default_source,
    default_variables,
)

Record = dict[str, Any]

#: Overrides that replace one member of the project, or one of a structure in it.
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "secondarySourcesOverride": ("secondarySources",),
    "secondarySourcesVersionOverride": ("secondarySourceVersions",),
    "artifactsOverride": ("artifacts",),
    "secondaryArtifactsOverride": ("secondaryArtifacts",),
    "sourceTypeOverride": ("source", "type"),
    "sourceLocationOverride": ("source", "location"),
    "sourceAuthOverride": ("source", "auth"),
    "gitCloneDepthOverride": ("source", "gitCloneDepth"),
    "gitSubmodulesConfigOverride": ("source", "gitSubmodulesConfig"),
    "buildspecOverride": ("source", "buildspec"),
    "insecureSslOverride": ("source", "insecureSsl"),
    "reportBuildStatusOverride": ("source", "reportBuildStatus"),
    "buildStatusConfigOverride": ("source", "buildStatusConfig"),
    "environmentTypeOverride": ("environment", "type"),
    "imageOverride": ("environment", "image"),
    "computeTypeOverride": ("environment", "computeType"),
    "certificateOverride": ("environment", "certificate"),
    "privilegedModeOverride": ("environment", "privilegedMode"),
    "registryCredentialOverride": ("environment", "registryCredential"),
    "imagePullCredentialsTypeOverride": ("environment", "imagePullCredentialsType"),
    "fleetOverride": ("environment", "fleet"),
    "hostKernelOverride": ("environment", "hostKernel"),
    "cacheOverride": ("cache",),
    "serviceRoleOverride": ("serviceRole",),
    "timeoutInMinutesOverride": ("timeoutInMinutes",),
    "queuedTimeoutInMinutesOverride": ("queuedTimeoutInMinutes",),
    "encryptionKeyOverride": ("encryptionKey",),
    "logsConfigOverride": ("logsConfig",),
    "autoRetryLimitOverride": ("autoRetryLimit",),
    "sourceVersion": ("sourceVersion",),
}


def overridden(
    project: Record, overrides: Mapping[str, Any], *, account_id: str, region: str
) -> Record:
    """Return the project's record with *overrides* put into it; the project stays as it is.

    :raises InvalidInputException: what comes out does not go together.
    """
    build = dict(project)
    for member, (first, *rest) in _PLACES.items():
        if member not in overrides:
            continue
        value = overrides[member]
        build[first] = {**build[first], rest[0]: value} if rest else value
    _override_variables(build, overrides.get("environmentVariablesOverride"))
    _fill_in(build, overrides)
    check_build(build, account_id=account_id, region=region)
    return build


def _override_variables(build: Record, variables: list[Record] | None) -> None:
    """Replace variables of the same name, add the others."""
    if variables is None:
        return
    check_variables(variables)
    merged = {item["name"]: item for item in build["environment"]["environmentVariables"]}
    merged.update((item["name"], item) for item in default_variables(variables))
    build["environment"] = {**build["environment"], "environmentVariables": list(merged.values())}


def _fill_in(build: Record, overrides: Mapping[str, Any]) -> None:
    """Let the service add to overriding structures what it adds to a project's."""
    name = build["name"]
    if "artifactsOverride" in overrides:
        build["artifacts"] = default_artifacts(build["artifacts"], name)
    if "secondaryArtifactsOverride" in overrides:
        build["secondaryArtifacts"] = [
            default_artifacts(item, name) for item in build["secondaryArtifacts"]
        ]
    if "secondarySourcesOverride" in overrides:
        build["secondarySources"] = [default_source(item) for item in build["secondarySources"]]
    if "logsConfigOverride" in overrides:
        build["logsConfig"] = default_logs(build["logsConfig"])
    if "sourceTypeOverride" in overrides:
        build["source"] = _of_another_type(build["source"], overrides)


def _of_another_type(source: Record, overrides: Mapping[str, Any]) -> Record:
    """Drop what the project's source had and the overriding type has no use for: a guess."""
    useless = set()
    if source["type"] == "NO_SOURCE" and "sourceLocationOverride" not in overrides:
        useless.add("location")
    if source["type"] not in REPORTING and "reportBuildStatusOverride" not in overrides:
        useless.add("reportBuildStatus")
    return {member: value for member, value in source.items() if member not in useless}
