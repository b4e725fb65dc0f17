"""What the events of a build do outside it: the log appears where the project wants it."""

import gzip
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from mockbuild.domain.arns import bucket_and_key
from mockbuild.engine.history import Event, Moved
from mockbuild.engine.log_lines import LogRenderer, render
from mockbuild.neighbours.base import S3, Logs, NeighbourError

if TYPE_CHECKING:
    from mockbuild.engine.live_build import LiveBuild

#: Phases in which there is no log stream yet.
_BEFORE_LOGS = frozenset({"SUBMITTED", "QUEUED", "PROVISIONING"})


class LogPublisher:
    """Writes the logs of builds to CloudWatch Logs and S3.

    :param logs: gives the CloudWatch Logs of a region.
    :param s3: gives the S3 of a region.
    """

    def __init__(self, logs: Callable[[str], Logs], s3: Callable[[str], S3]) -> None:
        self._logs = logs
        self._s3 = s3

    def publish(self, build: "LiveBuild", events: Iterable[Event]) -> None:
        """Write what *events*, which just began to show, add to the log of *build*."""
        job = build.job
        if job.log_group is not None and job.log_stream is not None:
            self._to_cloudwatch(build, events, job.log_group, job.log_stream)
        if build.history.closed and build.published == len(build.history.events):
            self._to_s3(build)

    def _to_cloudwatch(
        self, build: "LiveBuild", events: Iterable[Event], group: str, stream: str
    ) -> None:
        logs = self._logs(build.job.region)
        if build.renderer is None:
            entered = (event for event in events if type(event) is Moved)
            if all(event.phase in _BEFORE_LOGS for event in entered):
                return
            # A stand-in in memory reads the lines when somebody wants them; nothing is copied.
            if logs.attach(group, stream, build.lines):
                build.renderer = ATTACHED
            else:
                build.renderer = LogRenderer()
        if build.renderer is not ATTACHED:
            lines = [line for event in events for line in build.renderer.feed(event)]
            # A log that cannot be written does not change how a build ends.
            with suppress(NeighbourError):
                logs.put(group, stream, lines)

    def _to_s3(self, build: "LiveBuild") -> None:
        settings = build.job.project.get("logsConfig", {}).get("s3Logs", {})
        if settings.get("status") != "ENABLED" or not settings.get("location"):
            return
        bucket, prefix = bucket_and_key(settings["location"])
        key = "/".join(part for part in (prefix.strip("/"), f"{build.job.uuid}.gz") if part)
        text = "".join(message for _, message in render(build.history.events))
        with suppress(NeighbourError):
            self._s3(build.job.region).put(bucket, key, gzip.compress(text.encode(), mtime=0))


#: Stands for the renderer of a build whose lines are read where they are.
ATTACHED = LogRenderer()
