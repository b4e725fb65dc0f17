"""The environment variables a build sees, in the service's order of precedence.

A variable of the project (with those of StartBuild put over them) beats one of the buildspec;
the service's own come first of all and are not protected. Values are literal: nothing in them
is expanded.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockbuild.engine.job import BuildJob

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec


def service_variables(job: BuildJob, source_folder: str, root: str = "") -> dict[str, str]:
    """Return the variables that CodeBuild sets in every build.

    :param source_folder: where the primary source is.
    :param root: what stands before the machine's absolute paths.
    """
    console = f"https://{job.region}.console.aws.amazon.com/codebuild/home?region={job.region}"
    return {
        "AWS_DEFAULT_REGION": job.region,
        "AWS_REGION": job.region,
        "CODEBUILD_BATCH_BUILD_IDENTIFIER": "",
        "CODEBUILD_BUILD_ARN": job.arn,
        "CODEBUILD_BUILD_ID": job.build_id,
        "CODEBUILD_BUILD_IMAGE": job.project["environment"]["image"],
        "CODEBUILD_BUILD_NUMBER": str(job.number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_BUILD_URL": f"{console}#/builds/{job.build_id}/view/new",
        "CODEBUILD_CI": "true",
        "CODEBUILD_CONTAINER_NAME": "default",
        "CODEBUILD_EXECUTION_ROLE_BUILD": "",
        "CODEBUILD_INITIATOR": job.initiator,
        "CODEBUILD_KMS_KEY_ID": job.project.get("encryptionKey", ""),
        "CODEBUILD_LAST_EXIT": "0",
        "CODEBUILD_LOG_PATH": job.log_stream or "",
        "CODEBUILD_SOURCE_REPO_URL": _repository_url(job.project["source"]),
        "CODEBUILD_SOURCE_VERSION": job.source_version or "",
        "CODEBUILD_SRC_DIR": source_folder,
        "CODEBUILD_START_TIME": str(round(job.started * 1000)),
        "HOME": f"{root}/root",
        **_mount_points(job.project),
        **_secondary_sources(job, root),
        **job.variables,
    }


def _secondary_sources(job: BuildJob, root: str) -> dict[str, str]:
    variables = {}
    for source, version, folder in job.secondary_sources():
        identifier = source["sourceIdentifier"]
        variables[f"CODEBUILD_SRC_DIR_{identifier}"] = root + folder
        variables[f"CODEBUILD_SOURCE_REPO_URL_{identifier}"] = _repository_url(source)
        variables[f"CODEBUILD_SOURCE_VERSION_{identifier}"] = version or ""
    return variables


def _mount_points(project: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that say where file systems are, as documented."""
    return {
        f"CODEBUILD_{item['identifier'].upper()}": item.get("mountPoint", "")
        for item in project.get("fileSystemLocations", ())
        if item.get("identifier")
    }


def build_variables(job: BuildJob, spec: "Buildspec | None") -> dict[str, str]:
    """Return the variables of the buildspec and, over them, those of the project."""
    declared = spec.env.variables if spec is not None else ()
    variables = {str(variable.name): str(variable.value) for variable in declared}
    for item in job.project["environment"].get("environmentVariables", ()):
        if item.get("type", "PLAINTEXT") == "PLAINTEXT":
            variables[item["name"]] = item["value"]
    return variables


def _repository_url(source: Mapping[str, Any]) -> str:
    location: str = source.get("location", "")
    if source["type"] != "S3" or not location:
        return location
    return "s3://" + location.removeprefix("arn:aws:s3:::").removeprefix("s3://")
