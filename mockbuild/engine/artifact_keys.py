"""Where an artifact lies in S3, and how the record of a build shows it."""

from collections.abc import Mapping
from typing import Any

from mockbuild.domain.arns import bucket_and_key


def object_key(artifacts: Mapping[str, Any], uuid: str, name: str, s3_prefix: str = "") -> str:
    """Return the key of the artifact: path, build id if the namespace says so, and name.

    A name of ``/`` stands for none, so that the files lie right under the rest.
    """
    namespace = uuid if artifacts.get("namespaceType") == "BUILD_ID" else ""
    parts = (artifacts.get("path", ""), s3_prefix, namespace, name)
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def build_artifacts(
    wanted: Mapping[str, Any], uuid: str, name: str | None = None, s3_prefix: str = ""
) -> dict[str, Any]:
    """Return a ``BuildArtifacts`` for a ``ProjectArtifacts``: its location is a resolved ARN.

    A build without artifacts shows an empty location, as recorded.
    """
    if wanted["type"] != "S3":
        return {"location": ""}
    bucket, prefix = bucket_and_key(wanted["location"])
    key = object_key(wanted, uuid, wanted.get("name", "") if name is None else name, s3_prefix)
    shown: dict[str, Any] = {
        "location": "arn:aws:s3:::" + "/".join(part for part in (bucket, prefix, key) if part)
    }
    for member in ("encryptionDisabled", "overrideArtifactName", "bucketOwnerAccess"):
        if member in wanted:
            shown[member] = wanted[member]
    return shown


def secondary_artifacts(project: Mapping[str, Any], uuid: str) -> list[dict[str, Any]]:
    """Return the ``secondaryArtifacts`` of a build, or of a batch, before anything is uploaded."""
    return [
        {"artifactIdentifier": item["artifactIdentifier"], **build_artifacts(item, uuid)}
        for item in project.get("secondaryArtifacts", ())
    ]
