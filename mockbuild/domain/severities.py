"""How bad what a scan has found is, counted as Image Builder counts it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

#: The severities that are counted by themselves.
COUNTED: Final = ("critical", "high", "medium")


def severity_counts(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many findings there are of medium severity and worse, and how many in all.

    So they stand in aggregations, and as ``finding-severity-counts`` in events.

    :param findings: as ``ListImageScanFindings`` has them.
    """
    counts = Counter(str(finding.get("severity", "")).lower() for finding in findings)
    return {"all": counts.total(), **{severity: counts[severity] for severity in COUNTED}}
