"""Values that REST-JSON carries as text: in labels, queries and headers."""

import base64
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.model import Shape

from mockbuild.domain.aws_errors import SerializationException
from mockbuild.wire import times
from mockbuild.wire.json_codec import dumps, loads

FromText = Callable[[str], Any]
ToText = Callable[[Any], str]

# ---- reading ----


def from_text(shape: Shape, time_style: str) -> FromText:
    """Return the function from the text of a label, query value or header to a value."""
    kind = shape.type_name
    if kind == "timestamp":
        time_style = shape.serialization.get("timestampFormat", time_style).lower()
    converts = {
        "integer": _integer,
        "long": _integer,
        "float": _number,
        "double": _number,
        "boolean": {"true": True, "false": False}.__getitem__,
        "timestamp": {"iso8601": times.parse_iso8601, "rfc822": times.parse_rfc822}.get(
            time_style, _finite
        ),
        "blob": lambda text: base64.b64decode(text, validate=True),
    }
    convert: FromText | None = converts.get(kind)
    if convert is None:
        return str

    def checked(text: str) -> Any:
        try:
            return convert(text)
        except (ValueError, KeyError, OverflowError):
            raise SerializationException(f"{text!r} is not a valid {kind}") from None

    return checked


_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|NaN|-?Infinity")


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return float(text)


def _finite(text: str) -> float:
    value = _number(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def from_header(shape: Any) -> FromText:
    """Return the function from a header's text to a value, which may be a list."""
    if shape.type_name == "list":
        split = _split_dates if shape.member.type_name == "timestamp" else _split_list
        if shape.member.serialization.get("timestampFormat", "rfc822").lower() != "rfc822":
            split = _split_list
        convert = from_text(shape.member, "rfc822")
        return lambda text: [convert(item) for item in split(text)]
    if shape.type_name == "string" and shape.serialization.get("jsonvalue"):
        return _json_header
    return from_text(shape, "rfc822")


def _json_header(text: str) -> Any:
    try:
        return loads(base64.b64decode(text, validate=True))
    except ValueError:
        raise SerializationException("Invalid base64 in a header") from None


_LIST_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]*))\s*(?:,|$)')


def _split_list(text: str) -> Iterator[str]:
    """Split at commas outside double quotes; inside, a backslash stands before a quote."""
    at = 0
    while at < len(text):
        match = _LIST_ITEM.match(text, at)
        if match is None:
            raise SerializationException("Unbalanced quotes in a header")
        quoted = match[1]
        yield match[2].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        at = match.end()


def _split_dates(text: str) -> Iterator[str]:
    """Split at every other comma: an RFC 822 date has one itself."""
    parts = text.split(",")
    for first, second in zip(parts[::2], parts[1::2], strict=False):
        yield f"{first},{second}".strip()


# ---- writing ----


def to_header(shape: Any) -> ToText:
    """Return the function from a value to a header's text."""
    kind = shape.type_name
    if kind == "list":
        item = to_header(shape.member)
        quote = shape.member.type_name == "string"
        return lambda value: ", ".join(
            _quoted(item(entry)) if quote else item(entry) for entry in value
        )
    if kind == "timestamp":
        return _time_to_text(shape.serialization.get("timestampFormat", "rfc822"))
    if kind == "string" and shape.serialization.get("jsonvalue"):
        return lambda value: base64.b64encode(dumps(value).encode()).decode("ascii")
    if kind == "blob":
        return lambda value: base64.b64encode(value).decode("ascii")
    if kind in ("float", "double"):
        return _float_to_text
    return (lambda value: str(value).lower()) if kind == "boolean" else str


def _time_to_text(style: str) -> ToText:
    formats: dict[str, ToText] = {"iso8601": times.format_iso8601, "rfc822": times.format_rfc822}
    return formats.get(style.lower(), lambda value: f"{value:.3f}".rstrip("0").rstrip("."))


def _float_to_text(value: float) -> str:
    if math.isfinite(value):
        return str(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _quoted(text: str) -> str:
    if '"' in text or "," in text:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text
