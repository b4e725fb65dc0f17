"""The log of an image, rendered from its events, and how it comes to CloudWatch Logs.

Recorded: the lines on states, workflows and their first step, and what AWSTOE says of a component
that failed. The other lines are guesses, and so is that no message ends with a line break.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from mockbuild.domain.image_lifecycle import FIRST
from mockbuild.engine.image_events import Entered, Event, Said
from mockbuild.neighbours.base import Line, NeighbourError

if TYPE_CHECKING:
    from mockbuild.engine.image import LiveImage


def render(image: "LiveImage", events: Iterable[Event]) -> Iterator[Line]:
    """Go through the lines that *events* add to the log; there are none before it is CREATING."""
    for event in events:
        at = round(event.at * 1000)
        if isinstance(event, Said):
            for line in event.lines:
                yield at, image.named(line)
        elif isinstance(event, Entered) and event.status != FIRST:
            yield (
                at,
                f"Image transitioned to {event.status} state for Image ARN: {image.job.arn}",
            )


class ImageLogs:
    """Writes the logs of images."""

    def publish(self, image: "LiveImage", events: Sequence[Event]) -> None:
        """Write what *events*, which just began to show, add to the log of *image*."""
        if image.log_is_read:
            return
        lines = render(image, events)
        first = next(lines, None)
        if first is None:
            return
        job = image.job
        logs = image.outputs.logs(job.region)
        # A stand-in in memory reads the lines when somebody wants them; nothing is copied.
        if image.log_is_read is None:
            shown = partial(_lines, image)
            image.log_is_read = logs.attach(job.log_group, job.log_stream, shown)
        if not image.log_is_read:
            with suppress(NeighbourError):  # a log that cannot be written does not stop an image
                logs.put(job.log_group, job.log_stream, [first, *lines])


def _lines(image: "LiveImage") -> list[Line]:
    """Return the log as far as it shows."""
    return list(render(image, image.events[: image.published]))
