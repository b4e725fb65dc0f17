"""The life of a sandbox, and of a command that is executed in it, as tables.

The documentation shows sandboxes that time out and that are being stopped. It calls the phase in
which one runs ``RUN_SANDBOX`` in one place and ``RUNNING_SANDBOX`` in another; the first is the
one of a sandbox that runs, and taken here.
"""

from typing import Final

from mockbuild.domain.lifecycle import LAST, Step

#: The phase in which a sandbox runs until it is stopped or times out.
RUN: Final = "RUN_SANDBOX"
#: That a sandbox is over after a phase that failed is a guess.
SANDBOX_PHASES: Final[dict[str, Step]] = {
    "SUBMITTED": Step("QUEUED", LAST),
    "QUEUED": Step("PROVISIONING", LAST),
    "PROVISIONING": Step("DOWNLOAD_SOURCE", LAST),
    "DOWNLOAD_SOURCE": Step(RUN, LAST),
    RUN: Step(LAST, LAST),
}
#: What a sandbox is until it has stopped, once it was asked to.
STOPPING: Final = "STOPPING"
#: What a sandbox is in the end, by how its last phase ended. Documented: one that has timed out is
#: STOPPED. What one is that never came to run is a guess.
END_STATUSES: Final = {"FAILED": "FAILED", "FAULT": "FAULT", "TIMED_OUT": "STOPPED"}
STOPPED: Final = "STOPPED"

#: The documentation shows a command execution that was just SUBMITTED, and ones that are over. What
#: it is while it runs, and when its sandbox ends before it does, are guesses.
SUBMITTED: Final = "SUBMITTED"
IN_PROGRESS: Final = "IN_PROGRESS"
FINAL_STATUSES: Final = frozenset({"SUCCEEDED", "FAILED", STOPPED})
