"""CloudWatch Logs over its API."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from mockbuild.neighbours.base import Line, NeighbourError
from mockbuild.neighbours.remote import as_neighbour

# What one PutLogEvents takes, as its API reference says.
_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_BYTES_PER_EVENT = 26  # counted on top of the text
_LONGEST_SPAN = 24 * 3600 * 1000  # milliseconds between the first and the last


class RemoteLogs:
    """CloudWatch Logs through a botocore client. See :class:`~mockbuild.neighbours.base.Logs`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put(self, group: str, stream: str, events: Iterable[Line]) -> None:
        """Append events to a stream, making it and its group when they are missing.

        What is older than 14 days or more than two hours ahead is lost: CloudWatch Logs (and
        moto) takes no such events, and says so only on the side.
        """
        made = False
        for batch in batches(events):
            made = self._send(group, stream, batch, made)
        if not made and stream not in self._existing(group):
            self._make(group, stream)

    def attach(
        self,
        group: str,  # noqa: ARG002
        stream: str,  # noqa: ARG002
        lines: Callable[[], Iterable[Line]],  # noqa: ARG002
    ) -> bool:
        """Return false: an API has to be sent the events."""
        return False

    def read(self, group: str, stream: str) -> Sequence[Line]:
        """Return the events of a stream by time."""
        events: list[Line] = []
        token: dict[str, str] = {}
        while True:
            with as_neighbour():
                page = self._client.get_log_events(
                    logGroupName=group, logStreamName=stream, startFromHead=True, **token
                )
            events += ((item["timestamp"], item["message"]) for item in page["events"])
            # At the end, the answer has the token it was asked with.
            if page["nextForwardToken"] == token.get("nextToken"):
                return sorted(events, key=itemgetter(0))
            token = {"nextToken": page["nextForwardToken"]}

    def groups(self) -> Sequence[str]:
        """Return the names of all log groups, sorted."""
        return sorted(self._names("describe_log_groups", "logGroups", "logGroupName"))

    def streams(self, group: str) -> Sequence[str]:
        """Return the names of a group's streams, in the order they were made where known."""
        with as_neighbour():
            pages = self._client.get_paginator("describe_log_streams").paginate(logGroupName=group)
            found = [item for page in pages for item in page["logStreams"]]
        found.sort(key=lambda item: item.get("creationTime", 0))
        return [item["logStreamName"] for item in found]

    def _names(self, operation: str, member: str, name: str) -> list[str]:
        with as_neighbour():
            pages = self._client.get_paginator(operation).paginate()
            return [item[name] for page in pages for item in page[member]]

    def _existing(self, group: str) -> Sequence[str]:
        try:
            return self.streams(group)
        except NeighbourError as error:
            if error.code != "ResourceNotFoundException":
                raise
            return ()

    def _send(self, group: str, stream: str, batch: list[Line], made: bool) -> bool:
        sent = [{"timestamp": at, "message": text} for at, text in batch]
        try:
            with as_neighbour():
                self._client.put_log_events(
                    logGroupName=group, logStreamName=stream, logEvents=sent
                )
        except NeighbourError as error:
            if made or error.code != "ResourceNotFoundException":
                raise
            self._make(group, stream)
            self._send(group, stream, batch, made=True)
        return True

    def _make(self, group: str, stream: str) -> None:
        makers: list[tuple[Callable[..., object], dict[str, str]]] = [
            (self._client.create_log_group, {"logGroupName": group}),
            (self._client.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
        ]
        for make, names in makers:
            try:
                with as_neighbour():
                    make(**names)
            except NeighbourError as error:
                if error.code != "ResourceAlreadyExistsException":
                    raise


def batches(events: Iterable[Line]) -> Iterator[list[Line]]:
    """Put *events* into calls of PutLogEvents: by time, and within its limits.

    A text too long for a single event is spread over several.
    """
    batch: list[Line] = []
    size = 0
    for at, text in sorted(events, key=itemgetter(0)):
        for part in _parts(text):
            weight = len(part.encode(errors="replace")) + _BYTES_PER_EVENT
            full = len(batch) == _MOST_EVENTS or size + weight > _MOST_BYTES
            if batch and (full or at - batch[0][0] >= _LONGEST_SPAN):
                yield batch
                batch, size = [], 0
            batch.append((at, part))
            size += weight
    if batch:
        yield batch


def _parts(text: str) -> Iterator[str]:
    most = _MOST_BYTES - _BYTES_PER_EVENT
    if len(text) * 4 <= most:
        if text:
            yield text
        return
    data = text.encode(errors="replace")
    while data:
        end = min(most, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        yield data[:end].decode()
        data = data[end:]
