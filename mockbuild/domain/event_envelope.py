"""The envelope in which EventBridge delivers events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def envelope(
    source: str,
    kind: str,
    detail: Mapping[str, Any],
    *,
    event_id: str,
    account_id: str,
    region: str,
    at: float,
    resources: Sequence[str],
) -> dict[str, Any]:
    """Return an event.

    :param source: ``aws.codebuild``.
    :param kind: its ``detail-type``.
    :param at: when it happened, in seconds since the epoch; whole seconds are told.
    :param resources: ARNs of what it is about.
    """
    return {
        "version": "0",
        "id": event_id,
        "detail-type": kind,
        "source": source,
        "account": account_id,
        "time": datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": list(resources),
        "detail": dict(detail),
    }
