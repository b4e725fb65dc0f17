"""ECR over its API."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.remote import as_neighbour

_MEDIA_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE: Final = "application/vnd.docker.container.image.v1+json"


class RemoteECR:
    """A registry through a botocore client. See :class:`~mockbuild.neighbours.base.ECR`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def has_repository(self, name: str) -> bool:
        """Tell whether there is such a repository."""
        try:
            self._check(name)
        except NeighbourError as error:
            if error.code == "RepositoryNotFoundException":
                return False
            raise
        return True

    def push(self, repository: str, tags: Sequence[str], content: str) -> None:
        """Put an image into a repository, with all its tags: a manifest without layers."""
        self._check(repository)
        manifest = _manifest(content)
        for tag in tags:
            try:
                with as_neighbour():
                    self._client.put_image(
                        repositoryName=repository, imageManifest=manifest, imageTag=tag
                    )
            except NeighbourError as error:
                # Said also, by moto, of another image that has a tag which cannot be moved.
                if error.code != "ImageAlreadyExistsException":
                    raise
                if self._manifest_of(repository, tag) != manifest:
                    raise

    def delete(self, repository: str, tags: Sequence[str]) -> None:
        """Remove tags from a repository, and images that have none left."""
        self._check(repository)
        with as_neighbour():
            self._client.batch_delete_image(
                repositoryName=repository, imageIds=[{"imageTag": tag} for tag in tags]
            )

    def tags(self, repository: str) -> Sequence[str]:
        """Return the tags that images of a repository have, sorted."""
        self._check(repository)
        with as_neighbour():
            pages = self._client.get_paginator("list_images").paginate(repositoryName=repository)
            found = [item.get("imageTag") for page in pages for item in page["imageIds"]]
        return sorted(tag for tag in found if tag)

    def _manifest_of(self, repository: str, tag: str) -> str | None:
        with as_neighbour():
            found = self._client.batch_get_image(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )["images"]
        return found[0]["imageManifest"] if found else None

    def _check(self, repository: str) -> None:
        """Make sure that there is such a repository; moto breaks down where it is not asked."""
        with as_neighbour():
            self._client.describe_repositories(repositoryNames=[repository])


def _manifest(content: str) -> str:
    config = {
        "mediaType": _CONFIG_TYPE,
        "size": len(content.encode()),
        "digest": f"sha256:{sha256(content.encode()).hexdigest()}",
    }
    return json.dumps(
        {"schemaVersion": 2, "mediaType": _MEDIA_TYPE, "config": config, "layers": []}
    )
