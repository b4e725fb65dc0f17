"""What the two services read and write elsewhere, and how those others answer.

Each neighbour is a protocol here, a stand-in in memory (``embedded_….py``) and a caller of a real
API (``remote_….py``), which has moto or a named endpoint at its other end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

#: One event of a log: milliseconds since the epoch, and its text.
Line = tuple[int, str]

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LONGEST_KEY = 1024  # bytes of UTF-8


class NeighbourError(Exception):
    """A neighbour refused, in its own words.

    :param code: such as ``NoSuchKey``.
    :param message: such as ``The specified key does not exist.``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def no_such_bucket() -> NeighbourError:
    """Return S3's answer about a bucket it does not have."""
    return NeighbourError("NoSuchBucket", "The specified bucket does not exist")


def no_such_key() -> NeighbourError:
    """Return S3's answer about a key that a bucket does not have."""
    return NeighbourError("NoSuchKey", "The specified key does not exist.")


def check_bucket_name(bucket: str) -> None:
    """Make sure that a bucket may have this name.

    :raises NeighbourError: it may not.
    """
    if not _BUCKET_NAME.fullmatch(bucket) or ".." in bucket:
        raise NeighbourError("InvalidBucketName", f"The specified bucket is not valid: {bucket!r}")


def check_key(key: str) -> None:
    """Make sure that an object may have this key.

    :raises NeighbourError: it may not. For an empty key the code is a guess: SDKs refuse to send
        such a request, and raw HTTP would address the bucket.
    """
    if not key:
        raise NeighbourError("InvalidArgument", "An object key has at least one character")
    if len(key.encode(errors="surrogatepass")) > _LONGEST_KEY:
        raise NeighbourError("KeyTooLongError", "Your key is too long")


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object of S3.

    :param metadata: the user's own (``x-amz-meta-…``), with lower-case names.
    :param version: its version id; ``None`` in a bucket without versions.
    """

    body: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None


class S3(Protocol):
    """S3, for one account. Every method raises :class:`NeighbourError` where S3 refuses."""

    @property
    def makes_buckets(self) -> bool:
        """Whether :meth:`put` makes a bucket that is not there, as only a stand-in does."""

    def get(self, bucket: str, key: str, version: str | None = None) -> S3Object:
        """Return an object: its latest version, or the one that is named."""

    def put(
        self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> str | None:
        """Write an object and return its version id, if the bucket has versions.

        A stand-in makes a bucket it does not have: a build may upload to one that the test never
        mentioned. Who minds looks at :attr:`makes_buckets`, and asks :meth:`has_bucket` first.
        """

    def list(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Go through the keys that begin with *prefix*, in the order of their UTF-8 bytes."""

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object. One that is not there is no error."""

    def versions(self, bucket: str, key: str) -> Sequence[str]:
        """Return the version ids of an object, the oldest first."""

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""

    def buckets(self) -> Sequence[str]:
        """Return the names of all buckets, sorted."""

    def make_bucket(self, bucket: str, *, versioned: bool = False) -> None:
        """Make a bucket, unless it is there; *versioned* turns its versions on in either case."""

    def delete_bucket(self, bucket: str) -> None:
        """Remove a bucket with all that is in it."""


class Logs(Protocol):
    """CloudWatch Logs of one region. Methods raise :class:`NeighbourError` where it refuses."""

    def put(self, group: str, stream: str, events: Iterable[Line]) -> None:
        """Append events to a stream, making it and its group when they are missing.

        Any number, of any size, in any order. Events without text are left out: CloudWatch Logs
        takes none.
        """

    def attach(self, group: str, stream: str, lines: Callable[[], Iterable[Line]]) -> bool:
        """Make a stream whose events are, at any time, what *lines* returns then.

        Saves copying what is in memory anyway. False, and without effect, where it is not
        possible: a real API has to be sent the events.
        """

    def read(self, group: str, stream: str) -> Sequence[Line]:
        """Return the events of a stream by time; those of one time in the order they came."""

    def groups(self) -> Sequence[str]:
        """Return the names of all log groups, sorted."""

    def streams(self, group: str) -> Sequence[str]:
        """Return the names of a group's streams, in the order they were made where known."""


class SSM(Protocol):
    """The Parameter Store of Systems Manager, of one account in one region.

    Methods raise :class:`NeighbourError` where it refuses.
    """

    def put(self, name: str, value: str, data_type: str = "text") -> None:
        """Write a parameter, in place of the value it had."""

    def get(self, name: str) -> str | None:
        """Return the value of a parameter; ``None`` if there is none."""

    def delete(self, name: str) -> None:
        """Remove a parameter. One that is not there is no error."""

    def names(self) -> Sequence[str]:
        """Return the names of all parameters, sorted."""


class ECR(Protocol):
    """The registry of one account in one region. Methods raise :class:`NeighbourError`."""

    def has_repository(self, name: str) -> bool:
        """Tell whether there is such a repository; a stand-in has all."""

    def push(self, repository: str, tags: Sequence[str], content: str) -> None:
        """Put an image into a repository, with all its tags.

        :param content: what tells the image from others: the same content is the same image.
        """

    def delete(self, repository: str, tags: Sequence[str]) -> None:
        """Remove tags from a repository, and images that have none left. Any may be missing."""

    def tags(self, repository: str) -> Sequence[str]:
        """Return the tags that images of a repository have, sorted."""


class SNS(Protocol):
    """SNS of one region. Methods raise :class:`NeighbourError` where it refuses."""

    def has_topic(self, arn: str) -> bool:
        """Tell whether there is such a topic; a stand-in has all."""

    def publish(self, arn: str, text: str) -> None:
        """Send a message to a topic."""


class IAM(Protocol):
    """IAM of one account. Methods raise :class:`NeighbourError` where it refuses."""

    def has_instance_profile(self, name: str) -> bool:
        """Tell whether there is such an instance profile; a stand-in has all."""
