"""What a test sees of the neighbours: ``mb.s3`` and ``mb.logs``."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from mockbuild.neighbours.base import S3, Logs, NeighbourError, S3Object

_MOST_NAMES = 10


class S3View(Mapping[str, "Bucket"]):
    """All buckets: ``mb.s3["bucket"]["key"]``.

    A bucket that is not there yet can be named all the same, and is made when an object is put
    into it. ``in``, iteration and ``get`` know only those that are there.
    """

    def __init__(self, s3: Callable[[], S3], before_read: Callable[[], None]) -> None:
        self._s3 = s3
        self._before_read = before_read

    def __getitem__(self, bucket: str) -> "Bucket":
        return Bucket(bucket, self._s3, self._before_read)

    def __delitem__(self, bucket: str) -> None:
        self._before_read()
        if bucket not in self:
            raise missing("bucket", bucket, "there", self)
        self._s3().delete_bucket(bucket)

    def __contains__(self, bucket: object) -> bool:
        self._before_read()
        return isinstance(bucket, str) and self._s3().has_bucket(bucket)

    def __iter__(self) -> Iterator[str]:
        self._before_read()
        return iter(self._s3().buckets())

    def __len__(self) -> int:
        self._before_read()
        return len(self._s3().buckets())

    def get(self, bucket: str, default: Any = None) -> Any:
        """Return the bucket if it is there, else *default*."""
        return self[bucket] if bucket in self else default  # noqa: SIM401 - it is get()

    def make(self, bucket: str, *, versioned: bool = False) -> "Bucket":
        """Make a bucket (unless it is there) and return it.

        :param versioned: have it keep the versions of its objects.
        """
        self._s3().make_bucket(bucket, versioned=versioned)
        return self[bucket]

    def __repr__(self) -> str:
        return f"<S3: {some(self)}>"


class Bucket(MutableMapping[str, bytes]):
    """One bucket of S3: bytes by key.

    :param name: its name.
    """

    def __init__(self, name: str, s3: Callable[[], S3], before_read: Callable[[], None]) -> None:
        self.name = name
        self._s3 = s3
        self._before_read = before_read

    def __getitem__(self, key: str) -> bytes:
        return self._find(key).body

    def __setitem__(self, key: str, body: bytes) -> None:
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(f"an object's content is bytes, not {type(body).__name__}")
        s3 = self._s3()
        s3.make_bucket(self.name)
        s3.put(self.name, key, bytes(body))

    def __delitem__(self, key: str) -> None:
        self._find(key)
        self._s3().delete(self.name, key)

    def __contains__(self, key: object) -> bool:
        try:
            self._find(key)  # type: ignore[arg-type]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_below(""))

    def __len__(self) -> int:
        return len(self.keys_below(""))

    def keys_below(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with *prefix*, sorted."""
        self._before_read()
        s3 = self._s3()
        return list(s3.list(self.name, prefix)) if s3.has_bucket(self.name) else []

    def metadata(self, key: str) -> Mapping[str, str]:
        """Return the metadata of an object, by lower-case name without ``x-amz-meta-``.

        :raises KeyError: there is no such object.
        """
        return self._find(key).metadata

    def versions(self, key: str) -> Sequence[str]:
        """Return the version ids of an object, the oldest first; empty without versions.

        :raises KeyError: there is no such object.
        """
        found = self._find(key)
        return self._s3().versions(self.name, key) if found.version else []

    def version(self, key: str, version: str) -> bytes:
        """Return one version of an object.

        :raises KeyError: there is no such object or version.
        """
        return self._find(key, version).body

    def _find(self, key: str, version: str | None = None) -> S3Object:
        self._before_read()
        s3 = self._s3()
        if not s3.has_bucket(self.name):
            raise missing("bucket", self.name, "there", s3.buckets())
        try:
            if not isinstance(key, str):
                raise missing("object", key, f"in {self.name}", s3.list(self.name))
            return s3.get(self.name, key, version)
        except NeighbourError as error:
            if error.code == "NoSuchVersion":
                raise missing(
                    "version", version, f"of {key}", s3.versions(self.name, key)
                ) from None
            if error.code != "NoSuchKey":
                raise
            raise missing("object", key, f"in {self.name}", s3.list(self.name)) from None

    def __repr__(self) -> str:
        return f"<bucket {self.name}: {some(self)}>"


class LogsView(Mapping[str, "LogGroup"]):
    """All log groups, of all regions: ``mb.logs["/aws/codebuild/web"]``."""

    def __init__(
        self, regions: Callable[[], Iterable[Logs]], before_read: Callable[[], None]
    ) -> None:
        self._regions = regions
        self._before_read = before_read

    def __getitem__(self, group: str) -> "LogGroup":
        if group not in self._names():
            raise missing("log group", group, "there", self._names())
        return LogGroup(group, self._regions, self._before_read)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> Sequence[str]:
        self._before_read()
        return sorted({group for region in self._regions() for group in region.groups()})

    def __repr__(self) -> str:
        return f"<log groups: {some(self)}>"


class LogGroup(Mapping[str, "LogStream"]):
    """One log group: its streams by name.

    :param name: its name.
    """

    def __init__(
        self, name: str, regions: Callable[[], Iterable[Logs]], before_read: Callable[[], None]
    ) -> None:
        self.name = name
        self._regions = regions
        self._before_read = before_read

    def __getitem__(self, stream: str) -> "LogStream":
        where = self._where()
        if stream not in where:
            raise missing("log stream", stream, f"in {self.name}", where)
        events = where[stream].read(self.name, stream)
        return LogStream(stream, [LogEvent(at, text) for at, text in events])

    def __iter__(self) -> Iterator[str]:
        return iter(self._where())

    def __len__(self) -> int:
        return len(self._where())

    @property
    def text(self) -> str:
        """The text of all streams, in the order of their first events."""
        streams = sorted(
            self.values(), key=lambda stream: [event.timestamp_ms for event in stream[:1]]
        )
        return "".join(stream.text for stream in streams)

    def _where(self) -> dict[str, Logs]:
        self._before_read()
        return {
            stream: region
            for region in self._regions()
            if self.name in region.groups()
            for stream in region.streams(self.name)
        }

    def __repr__(self) -> str:
        return f"<log group {self.name}: {some(self)}>"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log.

    :param timestamp_ms: milliseconds since the epoch.
    :param message: its text; CodeBuild's end with a line break.
    """

    timestamp_ms: int
    message: str


class LogStream(Sequence[LogEvent]):
    """The events of one log stream, by time, as they were when it was looked up.

    :param name: its name.
    """

    def __init__(self, name: str, events: Sequence[LogEvent]) -> None:
        self.name = name
        self._events = tuple(events)

    @overload
    def __getitem__(self, index: int) -> LogEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogEvent]: ...
    def __getitem__(self, index: int | slice) -> LogEvent | Sequence[LogEvent]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    @property
    def text(self) -> str:
        """All messages, one after the other, each in lines of its own."""
        messages = [event.message for event in self._events]
        ended = [one if one.endswith("\n") else f"{one}\n" for one in messages[:-1]]
        return "".join([*ended, *messages[-1:]])

    def __repr__(self) -> str:
        return f"<log stream {self.name}: {len(self)} events>"


def missing(kind: str, name: object, where: str, names: Iterable[str]) -> KeyError:
    """Return the error on something that is not there, with what is.

    :param kind: what it is: ``bucket``.
    :param where: where it is not, as the message says it: ``in my-bucket``.
    """
    there = list(names)
    near = difflib.get_close_matches(str(name), there, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return KeyError(f"no {kind} {name!r}{hint}; {where}: {some(there)}")


def some(names: Iterable[str]) -> str:
    """Return names as a text, not more than a few."""
    there = list(names)
    shown = ", ".join(repr(name) for name in there[:_MOST_NAMES])
    more = f" and {len(there) - _MOST_NAMES} more" if len(there) > _MOST_NAMES else ""
    return shown + more if there else "none"
