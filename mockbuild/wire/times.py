"""Timestamps as text: ISO 8601 and RFC 822, to and from seconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.(?P<fraction>\d{1,9}))?(?:[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? GMT",
    re.ASCII,
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def parse_iso8601(text: str) -> float:
    """Read ``2020-02-19T18:53:45.940Z``; an offset may stand for the ``Z``.

    :raises ValueError: it is not such a time.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"not an ISO 8601 time: {text!r}")
    fraction = match["fraction"]
    if fraction is None:
        return _seconds(datetime.fromisoformat(text.upper()))
    whole = text.upper().replace(f".{fraction}", "", 1)
    return _seconds(datetime.fromisoformat(whole)) + float(f"0.{fraction}")


def parse_rfc822(text: str) -> float:
    """Read ``Wed, 19 Feb 2020 18:53:45 GMT``.

    :raises ValueError: it is not such a time.
    """
    match = _RFC.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise ValueError(f"not an RFC 822 time: {text!r}")
    day, month, year, hour, minute, second, fraction = match.groups()
    moment = datetime(
        int(year),
        _MONTHS.index(month) + 1,
        int(day),
        int(hour),
        int(minute),
        int(second),
        tzinfo=UTC,
    )
    return _seconds(moment) + (float(f"0.{fraction}") if fraction else 0.0)


def format_iso8601(seconds: float) -> str:
    """Write ``2020-02-19T18:53:45Z``, with milliseconds where there are some."""
    moment = _moment(seconds)
    milliseconds = moment.microsecond // 1000
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{milliseconds:03d}Z" if milliseconds else "Z")


def format_rfc822(seconds: float) -> str:
    """Write ``Wed, 19 Feb 2020 18:53:45 GMT``; the format has no fractions."""
    return format_datetime(_moment(seconds).replace(microsecond=0), usegmt=True)


def _seconds(moment: datetime) -> float:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds()


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(milliseconds=round(seconds * 1000))
