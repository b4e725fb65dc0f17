"""What EventBridge is told of image pipelines."""

from typing import Final

from mockbuild.domain.event_envelope import envelope
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.shelves import Resource

DISABLED: Final = "EC2 Image Builder Image Pipeline Automatically Disabled"


def tell_disabled(here: ImageBuilder, pipeline: Resource, at: float) -> None:
    """Tell that a pipeline was disabled at some time, because it has failed too often."""
    here.means.announce(at, _disabled(here, pipeline, at))


def _disabled(here: ImageBuilder, pipeline: Resource, at: float) -> Record:
    """Return the event; that it has the number as a text is documented."""
    return envelope(
        "aws.imagebuilder",
        DISABLED,
        {"consecutive-failures": str(pipeline.record["consecutiveFailures"])},
        event_id=here.ids.uuid(),
        account_id=here.account_id,
        region=here.region,
        at=at,
        resources=[str(pipeline.arn)],
    )
