"""The log of a pipeline, beside those of its images: one line when a run starts or ends.

Where it is, and that there is a stream for each day, is documented; what it says is a guess.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from mockbuild.neighbours.base import NeighbourError
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.shelves import Resource

#: Where it goes unless something else is said; the pipeline's name follows.
LOG_GROUPS: Final = "/aws/imagebuilder/pipeline/"


def log(here: ImageBuilder, pipeline: Resource, at: float, line: str) -> None:
    """Write a line to the log of *pipeline*."""
    named = pipeline.record.get("loggingConfiguration", {}).get("pipelineLogGroupName")
    group = named or LOG_GROUPS + pipeline.name.replace(" ", "-")
    stream = datetime.fromtimestamp(at, UTC).strftime("%Y/%m/%d")
    with suppress(NeighbourError):  # a log that cannot be written does not stop a pipeline
        here.means.neighbours.logs(here.region).put(group, stream, [(round(at * 1000), line)])
