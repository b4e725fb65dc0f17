"""S3 over its API."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockbuild.neighbours.base import (
    NeighbourError,
    S3Object,
    check_bucket_name,
    check_key,
    no_such_bucket,
    no_such_key,
)
from mockbuild.neighbours.remote import as_neighbour

#: What botocore takes for the name of a bucket, and not for an ARN or part of a path.
_ADDRESSABLE = re.compile(r"[a-zA-Z0-9._-]{1,255}")


class RemoteS3:
    """S3 through a botocore client. See :class:`~mockbuild.neighbours.base.S3`."""

    makes_buckets = False

    def __init__(self, client: Any) -> None:
        self._client = client

    def get(self, bucket: str, key: str, version: str | None = None) -> S3Object:
        """Return an object: its latest version, or the one that is named."""
        self._check(bucket)
        if not key:
            raise no_such_key()
        named = {} if version is None else {"VersionId": version}
        with as_neighbour():
            answer = self._client.get_object(Bucket=bucket, Key=key, **named)
            with answer["Body"] as stream:
                body: bytes = stream.read()
        found = answer.get("VersionId")
        return S3Object(body, answer.get("Metadata", {}), None if found == "null" else found)

    def put(
        self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> str | None:
        """Write an object and return its version id, if the bucket has versions."""
        self._check(bucket)
        check_key(key)
        with as_neighbour():
            answer = self._client.put_object(
                Bucket=bucket, Key=key, Body=bytes(body), Metadata=dict(metadata or {})
            )
        version: str | None = answer.get("VersionId")
        return version

    def list(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Go through the keys that begin with *prefix*."""
        self._check(bucket)
        with as_neighbour():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=prefix
            )
            keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return iter(keys)

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object with all its versions."""
        for version in self.versions(bucket, key):
            with as_neighbour():
                self._client.delete_object(Bucket=bucket, Key=key, VersionId=version)

    def versions(self, bucket: str, key: str) -> Sequence[str]:
        """Return the version ids of an object, the oldest first."""
        newest_first = [id_ for name, id_ in self._all_versions(bucket, key) if name == key]
        return newest_first[::-1]

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""
        try:
            self._check(bucket)
            with as_neighbour():
                self._client.head_bucket(Bucket=bucket)
        except NeighbourError as error:
            if error.code in ("404", "NoSuchBucket"):
                return False
            if error.code in ("403", "AccessDenied"):  # there is one, though not for everybody
                return True
            raise
        return True

    def buckets(self) -> Sequence[str]:
        """Return the names of all buckets, sorted."""
        with as_neighbour():
            return sorted(item["Name"] for item in self._client.list_buckets()["Buckets"])

    def make_bucket(self, bucket: str, *, versioned: bool = False) -> None:
        """Make a bucket, unless it is there."""
        if not self.has_bucket(bucket):
            check_bucket_name(bucket)
            region = self._client.meta.region_name
            place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            with as_neighbour():
                self._client.create_bucket(
                    Bucket=bucket, **(place if region != "us-east-1" else {})
                )
        if versioned:
            with as_neighbour():
                self._client.put_bucket_versioning(
                    Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
                )

    def delete_bucket(self, bucket: str) -> None:
        """Remove a bucket with all that is in it."""
        self._check(bucket)
        for key, version in self._all_versions(bucket, ""):
            with as_neighbour():
                self._client.delete_object(Bucket=bucket, Key=key, VersionId=version)
        with as_neighbour():
            self._client.delete_bucket(Bucket=bucket)

    def _all_versions(self, bucket: str, prefix: str) -> Sequence[tuple[str, str]]:
        self._check(bucket)
        with as_neighbour():
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=bucket, Prefix=prefix
            )
            return [
                (item["Key"], item["VersionId"])
                for page in pages
                for kind in ("Versions", "DeleteMarkers")
                for item in page.get(kind, ())
            ]

    def _check(self, bucket: str) -> None:
        if not _ADDRESSABLE.fullmatch(bucket):
            raise no_such_bucket()
