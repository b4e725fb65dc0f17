"""Dates as texts, where a service has them so."""

from datetime import UTC, datetime


def iso_millis(at: float) -> str:
    """Return ``2020-02-19T18:53:45.940Z``, as Image Builder's dates are recorded."""
    moment = datetime.fromtimestamp(round(at, 3), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
