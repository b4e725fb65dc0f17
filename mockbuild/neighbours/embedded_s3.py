"""A stand-in for S3, in memory."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from mockbuild.neighbours.base import (
    NeighbourError,
    S3Object,
    check_bucket_name,
    check_key,
    no_such_bucket,
    no_such_key,
)


class _Bucket:
    def __init__(self) -> None:
        self.versioned = False
        self.objects: dict[str, list[S3Object]] = {}  # by key; the oldest version first


class EmbeddedS3:
    """The buckets of one account, all regions together. See :class:`~mockbuild.neighbours.base.S3`.

    An object keeps its old versions in a versioned bucket only. Deleting removes all of them.
    """

    makes_buckets = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._versions = count(1)

    def get(self, bucket: str, key: str, version: str | None = None) -> S3Object:
        """Return an object: its latest version, or the one that is named."""
        with self._lock:
            kept = self._bucket(bucket).objects.get(key)
            if version is None:
                if kept is None:
                    raise no_such_key()
                return kept[-1]
            for one in kept or ():
                if (one.version or "null") == version:
                    return one
        raise NeighbourError("NoSuchVersion", "The specified version does not exist.")

    def put(
        self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> str | None:
        """Write an object and return its version id, if the bucket has versions."""
        check_key(key)
        named = {name.lower(): value for name, value in (metadata or {}).items()}
        new = S3Object(bytes(body), named)
        with self._lock:
            kept = self._make(bucket)
            if not kept.versioned:
                kept.objects[key] = [new]
                return None
            new = replace(new, version=f"{next(self._versions):032d}")
            kept.objects.setdefault(key, []).append(new)
            return new.version

    def list(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Go through the keys that begin with *prefix*, as they are now."""
        with self._lock:
            keys = sorted(key for key in self._bucket(bucket).objects if key.startswith(prefix))
        return iter(keys)

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object with all its versions."""
        with self._lock:
            self._bucket(bucket).objects.pop(key, None)

    def versions(self, bucket: str, key: str) -> Sequence[str]:
        """Return the version ids of an object, the oldest first."""
        with self._lock:
            return [one.version or "null" for one in self._bucket(bucket).objects.get(key, ())]

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""
        return bucket in self._buckets

    def buckets(self) -> Sequence[str]:
        """Return the names of all buckets, sorted."""
        with self._lock:
            return sorted(self._buckets)

    def make_bucket(self, bucket: str, *, versioned: bool = False) -> None:
        """Make a bucket, unless it is there."""
        with self._lock:
            kept = self._make(bucket)
            kept.versioned = kept.versioned or versioned

    def delete_bucket(self, bucket: str) -> None:
        """Remove a bucket with all that is in it."""
        with self._lock:
            self._bucket(bucket)
            del self._buckets[bucket]

    def _bucket(self, bucket: str) -> _Bucket:
        try:
            return self._buckets[bucket]
        except KeyError:
            raise no_such_bucket() from None

    def _make(self, bucket: str) -> _Bucket:
        kept = self._buckets.get(bucket)
        if kept is None:
            check_bucket_name(bucket)
            kept = self._buckets[bucket] = _Bucket()
        return kept
