"""The life of a batch build as tables.

Phases and how they end are recorded, of batches that failed, were stopped and were retried.
"""

from typing import Final

#: The phases a batch goes through while all is well. COMBINE_ARTIFACTS is left out where nothing
#: is to be combined.
BATCH_PHASES: Final = (
    "SUBMITTED",
    "DOWNLOAD_BATCHSPEC",
    "IN_PROGRESS",
    "COMBINE_ARTIFACTS",
    "SUCCEEDED",
)
#: The last entry of a batch's phases: a mark in time, named like the batch's end.
LAST_PHASES: Final = frozenset({"SUCCEEDED", "FAILED", "STOPPED"})
#: What the phase a batch fails in ends as, recorded for IN_PROGRESS.
FAILED_PHASE: Final = "CLIENT_ERROR"
#: What the mark at the end becomes when the batch is retried.
RETRIED: Final = "RETRY"
#: The build group that reads the source and the batch's part of the buildspec.
DOWNLOAD: Final = "DOWNLOAD_SOURCE"
#: Of the builds in a batch, before they start.
PENDING: Final = "PENDING"
