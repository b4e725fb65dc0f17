"""JSON bodies: a decoder and an encoder per shape, compiled once as closures over the shape tree.

Inside the library a timestamp is a float (seconds since the epoch) and a blob is bytes.

Most shapes of the services need no work on the way out: their records are JSON as they
stand (:func:`is_plain`), and a body is one call of :func:`dumps`. Handlers keep three rules
for that: records hold only members the model knows, no ``None``, and plain dicts and lists. A
record that breaks the last two is still written rightly, only more slowly.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from mockbuild.domain.aws_errors import SerializationException
from mockbuild.wire import times
from mockbuild.wire.decoders import Decoders

Convert = Callable[[Any], Any]

_INTEGER_BITS = {"integer": 31, "long": 63}
#: What a null looks like that is a value; in a text it is seldom followed so.
_NULLS = (b":null,", b":null}", b"[null", b",null")
_SPECIAL_FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def loads(body: bytes) -> Any:
    """Parse a JSON text in UTF-8.

    :raises SerializationException: it is none.
    """
    try:
        value = _DECODER.decode(body.decode())
        if b"\\ud" in body or b"\\uD" in body:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        # a guess: other JSON services of AWS answer with this text or with none
        raise SerializationException("Could not parse request body as JSON") from None
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
#: Write plain JSON as compactly as AWS does. ValueError: there is a NaN or an infinity in it.
dumps: Callable[[Any], str] = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def body_writer(shape: Shape | None) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that writes a body of this shape (``None``: an empty structure)."""
    if shape is None:
        return lambda _: b"{}"
    encode = json_encoder(shape)

    def thorough(value: Mapping[str, Any]) -> bytes:
        return dumps(encode(value)).encode("ascii")

    def plain(value: Mapping[str, Any]) -> bytes:
        try:
            body = dumps(value).encode("ascii")
        except (TypeError, ValueError):  # a NaN, or a container that is no dict or list
            return thorough(value)
        if b"null" in body and any(null in body for null in _NULLS):  # unset members, perhaps
            return thorough(value)
        return body

    return plain if is_plain(shape) else thorough


# ---- reading ----


def json_decoder(shape: Shape) -> Convert:
    """Return the function from a parsed JSON value to a value of this shape.

    It raises :class:`SerializationException` for a value of another type; see
    :class:`~mockbuild.wire.decoders.Decoders`.
    """
    return Decoders(_scalar_decoder, _mismatch).of(shape)


def _scalar_decoder(shape: Shape) -> Convert:
    kind = shape.type_name
    if kind == "timestamp":
        return timestamp_decoder(shape.serialization.get("timestampFormat", "unixtimestamp"))
    if kind in _INTEGER_BITS:
        return _integer_decoder(kind)
    return _SCALARS[kind]


def _identity(value: Any) -> Any:
    return value


def _string(value: Any) -> str:
    if type(value) is not str:
        raise _mismatch(value, "String")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _mismatch(value, "Boolean")
    return value


def _double(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise SerializationException("Number out of range for a Double") from None
    if type(value) is str and value in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[value]
    raise _mismatch(value, "Double")


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(_string(value), validate=True)
    except (binascii.Error, ValueError):
        raise SerializationException("Invalid base64 in a Blob") from None


def _integer_decoder(kind: str) -> Convert:
    limit = 1 << _INTEGER_BITS[kind]
    name = kind.capitalize()

    def integer(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            raise _mismatch(value, name)
        if not -limit <= value < limit:
            raise SerializationException(f"Number out of range for a {name}")
        return value

    return integer


def timestamp_decoder(style: str) -> Convert:
    """Return the function from a JSON value to seconds, for a ``timestampFormat`` of the model."""
    parse = _TIME_PARSERS.get(style.lower())
    if parse is None:
        return _unix_time

    def from_text(value: Any) -> float:
        try:
            return parse(_string(value))
        except (ValueError, OverflowError):
            raise SerializationException(f"Invalid timestamp: {value!r}") from None

    return from_text


def _unix_time(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return _double(value)
    raise _mismatch(value, "Timestamp")


_TIME_PARSERS = {"iso8601": times.parse_iso8601, "rfc822": times.parse_rfc822}
_SCALARS: dict[str, Convert] = {
    "string": _string,
    "character": _string,
    "boolean": _boolean,
    "float": _double,
    "double": _double,
    "blob": _blob,
}
# What the JSON reader of AWS's own servers calls the tokens it meets.
_TOKENS = {str: "STRING_VALUE", bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}


def _mismatch(value: Any, expected: str) -> SerializationException:
    """Return the error for a JSON value of the wrong type.

    A guess for both services: the wording is what DynamoDB and other JSON services of AWS say.
    """
    if type(value) is dict:
        return SerializationException("Start of structure or map found where not expected.")
    if type(value) is list:
        return SerializationException("Start of list found where not expected")
    if expected == "list":
        return SerializationException("Expected list or null")
    if expected in ("structure", "map"):
        return SerializationException("Unexpected value type in payload")
    token = _TOKENS.get(type(value), "NULL_VALUE")
    return SerializationException(f"{token} cannot be converted to {expected}")


# ---- writing ----


def is_plain(shape: Shape) -> bool:
    """Whether values of this shape are JSON as they stand."""
    return _is_plain(shape, set())


def _is_plain(shape: Any, seen: set[str]) -> bool:
    kind = shape.type_name
    if kind not in ("structure", "list", "map"):
        return _scalar_encoder(shape) in (_identity, _plain_float)
    if shape.name in seen or getattr(shape, "is_document_type", False):
        return True
    seen.add(shape.name)
    if kind == "structure":
        return all(
            member.serialization.get("name", name) == name and _is_plain(member, seen)
            for name, member in shape.members.items()
        )
    return _is_plain(shape.member if kind == "list" else shape.value, seen)


def json_encoder(shape: Shape) -> Convert:
    """Return the function from a value of this shape to plain JSON.

    It leaves out members that are ``None`` or that the model does not know.
    """
    return _Encoders().of(shape)


class _Encoders:
    def __init__(self) -> None:
        self._known: dict[str, Convert] = {}

    def of(self, shape: Shape) -> Convert:
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return _scalar_encoder(shape)
        if getattr(shape, "is_document_type", False):
            return _identity
        known = self._known
        name = shape.name
        if name not in known:
            known[name] = lambda value: known[name](value)  # for a shape that contains itself
            known[name] = getattr(self, f"_{kind}")(shape)
        return known[name]

    def _structure(self, shape: Any) -> Convert:
        members = {
            name: (member.serialization.get("name", name), self.of(member))
            for name, member in shape.members.items()
        }

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            result = {}
            for name, item in value.items():
                if item is not None and name in members:
                    key, encode = members[name]
                    result[key] = encode(item)
            return result

        return structure

    def _list(self, shape: Any) -> Convert:
        encode = self.of(shape.member)
        return lambda value: [item if item is None else encode(item) for item in value]

    def _map(self, shape: Any) -> Convert:
        encode = self.of(shape.value)
        return lambda value: {
            key: item if item is None else encode(item) for key, item in value.items()
        }


def _scalar_encoder(shape: Shape) -> Convert:
    kind = shape.type_name
    if kind == "blob":
        return lambda value: base64.b64encode(value).decode("ascii")
    if kind == "timestamp":
        return timestamp_encoder(shape.serialization.get("timestampFormat", "unixtimestamp"))
    return _plain_float if kind in ("float", "double") else _identity


def timestamp_encoder(style: str) -> Convert:
    """Return the function from seconds to JSON, for a ``timestampFormat`` of the model."""
    formats = {"iso8601": times.format_iso8601, "rfc822": times.format_rfc822}
    return formats.get(style.lower(), _identity)


def _plain_float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
