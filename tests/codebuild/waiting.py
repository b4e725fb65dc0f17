"""What tests of builds that wait have in common."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.codebuild.factory import Record, look, phase_of

EVERY_PACE = pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
#: A fleet whose builds wait when there are too many.
QUEUES = {"overflowBehavior": "QUEUE"}
#: What Service Quotas calls the quota of the least project there can be.
LINUX_SMALL = "Concurrently running builds for Linux/Small environment"
QUEUE_IS_FULL = "Cannot have more than {} builds in queue for the account"


def phase(build: Record | str) -> str:
    """Look at a build and return the phase it is in."""
    return look(build)["currentPhase"]


def seconds(build: Record, name: str) -> int:
    """Return how long a phase of a build took."""
    return phase_of(build, name)["durationInSeconds"]


def until_over(
    build: Record | str, wait: Callable[[], Any] = lambda: None, looks: int = 100
) -> Record:
    """Look at a build, and wait, until it is over; return it as it ended."""
    for _ in range(looks):
        seen = look(build)
        if seen["buildComplete"]:
            return seen
        wait()
    raise AssertionError(f"still {seen['currentPhase']}")
