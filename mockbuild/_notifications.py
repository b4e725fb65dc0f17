"""``mb.notifications``: what SNS was told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload


@dataclass(frozen=True, slots=True)
class Notification:
    """A message to a topic.

    :param topic_arn: the ARN of the topic.
    :param text: the message as subscribers get it, which is JSON.
    """

    topic_arn: str
    text: str

    @property
    def message(self) -> dict[str, Any]:
        """The message, read."""
        read: dict[str, Any] = json.loads(self.text)
        return read


class Notifications(Sequence[Notification]):
    """The messages of Image Builder to topics of SNS, in the order they were sent.

    :param before_read: called before somebody reads, to let happen what a look would show.
    """

    def __init__(self, before_read: Callable[[], None]) -> None:
        self._before_read = before_read
        self._sent: list[Notification] = []

    def to(self, topic_arn: str) -> list[Notification]:
        """Return the messages to one topic."""
        return [one for one in self if one.topic_arn == topic_arn]

    def __len__(self) -> int:
        self._before_read()
        return len(self._sent)

    @overload
    def __getitem__(self, index: int) -> Notification: ...
    @overload
    def __getitem__(self, index: slice) -> list[Notification]: ...
    def __getitem__(self, index: int | slice) -> Notification | list[Notification]:
        self._before_read()
        return self._sent[index]

    def __repr__(self) -> str:
        return f"<notifications: {len(self)}>"

    def add(self, topic_arn: str, text: str) -> None:
        """Take note of a message that was sent."""
        self._sent.append(Notification(topic_arn, text))
