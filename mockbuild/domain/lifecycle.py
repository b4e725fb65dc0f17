"""The life of a build as tables: which phases there are, and where each leads.

The engine walks them, the tests check them, and the diagram in the documentation is drawn
from them. Sources: the phase list of the API; recorded builds that failed in INSTALL, PRE_BUILD
(their logs end there), BUILD (POST_BUILD and UPLOAD_ARTIFACTS follow) and UPLOAD_ARTIFACTS.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """Where a phase leads.

    :param then: the phase after it when it succeeds.
    :param on_failure: the phase after it when it fails.
    :param commands: whether the buildspec's commands run in it.
    """

    then: str
    on_failure: str
    commands: bool = False


#: After a failed PROVISIONING and DOWNLOAD_SOURCE nothing is recorded of what follows; that the
#: first goes straight to the end and the second through FINALIZING is a guess.
BUILD_PHASES: Final[dict[str, Step]] = {
    "SUBMITTED": Step("QUEUED", "COMPLETED"),
    "QUEUED": Step("PROVISIONING", "COMPLETED"),
    "PROVISIONING": Step("DOWNLOAD_SOURCE", "COMPLETED"),
    "DOWNLOAD_SOURCE": Step("INSTALL", "FINALIZING"),
    "INSTALL": Step("PRE_BUILD", "FINALIZING", commands=True),
    "PRE_BUILD": Step("BUILD", "FINALIZING", commands=True),
    "BUILD": Step("POST_BUILD", "POST_BUILD", commands=True),
    "POST_BUILD": Step("UPLOAD_ARTIFACTS", "UPLOAD_ARTIFACTS", commands=True),
    "UPLOAD_ARTIFACTS": Step("FINALIZING", "FINALIZING"),
    "FINALIZING": Step("COMPLETED", "COMPLETED"),
}
#: The last entry of every build's phases: a mark in time, with no status and no duration.
LAST: Final = "COMPLETED"
PHASES: Final = (*BUILD_PHASES, LAST)
COMMAND_PHASES: Final = tuple(name for name, step in BUILD_PHASES.items() if step.commands)
#: Phases whose record carries no ``contexts``, as recorded.
WITHOUT_CONTEXTS: Final = frozenset({"SUBMITTED", "QUEUED"})
#: Where a build goes when a phase says ``on-failure: ABORT``. That nothing is uploaded is a guess.
ABORTED: Final = "FINALIZING"
#: How a build may end, the worse the further back; it is IN_PROGRESS until then. Of its timeout one
#: page of the documentation says that the phase is TIMED_OUT and the build FAILED; that both are
#: TIMED_OUT is a guess.
FINAL_STATUSES: Final = ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED")
