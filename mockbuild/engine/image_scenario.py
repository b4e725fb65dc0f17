"""What a test author has said about one image to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StepFailure:
    """How a step of a workflow fails.

    :param message: what went wrong; if empty, what the service would say of such a step.
    :param exit_code: exit status of the component's step.
    :param component: the component that fails, by name or ARN; if empty, the first there is.
    :param phase: and *step*: where in its document; if empty, the first place there is.
    :param action: the action module of that step, where the document does not have the step.
    :param stderr: what the component's step prints to standard error.
    """

    message: str = ""
    exit_code: int = 1
    component: str = ""
    phase: str = ""
    step: str = ""
    action: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class StageFailure:
    """How an image fails while it is in a state.

    :param status: the state.
    :param region: and *account*: where; if empty, everywhere.
    :param configuration_step: the step of the configuration of an image that was distributed.
    :param ends: how it ends there: ``FAILED``, ``CANCELLED`` or ``TIMED_OUT``.
    """

    status: str
    message: str = ""
    region: str = ""
    account: str = ""
    configuration_step: str = ""
    ends: str = "FAILED"

    def concerns(self, region: str, account: str) -> bool:
        """Tell whether it is about what is distributed there."""
        return self.region in ("", region) and self.account in ("", account)


@dataclass(frozen=True, slots=True)
class ImageScenario:
    """What an image does.

    :param failures: by the name of the step that fails.
    :param seconds: how long a step takes, or a state without a workflow, by name.
    :param hangs: steps, or states, that go on until they time out or the image is cancelled.
    :param outputs: outputs of steps, by the name of the step.
    :param packages: versions of what is installed, by name; ``None`` for nothing said.
    :param findings: what a scan finds, as ``ListImageScanFindings`` has it.
    """

    failures: Mapping[str, StepFailure] = field(default_factory=dict)
    stages: tuple[StageFailure, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    hangs: frozenset[str] = frozenset()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    packages: Mapping[str, str] | None = None
    findings: tuple[Mapping[str, Any], ...] = ()

    def failure_in(self, status: str, region: str = "", account: str = "") -> StageFailure | None:
        """Return how an image fails in a state, there."""
        return next(
            (one for one in self.stages if one.status == status and one.concerns(region, account)),
            None,
        )


UNSAID = ImageScenario()
