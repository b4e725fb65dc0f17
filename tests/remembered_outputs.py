"""Where images are made that nobody makes."""

from collections.abc import Callable

from mockbuild.engine.image_outputs import Ami, Output
from mockbuild.neighbours.base import Logs


class RememberedOutputs:
    """Makes nothing anywhere and refuses nothing, but remembers what it was asked for.

    :param logs: gives the CloudWatch Logs of a region.
    """

    def __init__(self, logs: Callable[[str], Logs]) -> None:
        self._logs = logs
        #: Everything so far, in order.
        self.made: list[Output] = []

    def make(self, output: Output) -> str | None:
        """Remember *output*; the id that an AMI was thought to have is its id."""
        self.made.append(output)
        return output.image_id if isinstance(output, Ami) else None

    def logs(self, region: str) -> Logs:
        """Return the CloudWatch Logs of a region."""
        return self._logs(region)
