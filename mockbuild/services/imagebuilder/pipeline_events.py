"""What EventBridge is told of image pipelines."""

from datetime import UTC, datetime
from typing import Final

from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.shelves import Resource

DISABLED: Final = "EC2 Image Builder Image Pipeline Automatically Disabled"


def tell_disabled(here: ImageBuilder, pipeline: Resource, at: float) -> None:
    """Tell that a pipeline was disabled at some time, because it has failed too often."""
    here.means.announce(at, _disabled(here, pipeline, at))


def _disabled(here: ImageBuilder, pipeline: Resource, at: float) -> Record:
    """Return the event; that it has the number as a text is documented."""
    return {
        "version": "0",
        "id": here.ids.uuid(),
        "detail-type": DISABLED,
        "source": "aws.imagebuilder",
        "account": here.account_id,
        "time": datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": here.region,
        "resources": [str(pipeline.arn)],
        "detail": {"consecutive-failures": str(pipeline.record["consecutiveFailures"])},
    }
