"""CBOR bodies: a decoder and an encoder per shape, compiled once as closures."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from mockbuild.domain.aws_errors import SerializationException
from mockbuild.wire import cbor
from mockbuild.wire.decoders import Decode, Decoders

Encode = Callable[[bytearray, Any], None]

_INTEGER_BITS = {"integer": 31, "long": 63}


# ---- reading ----


def body_reader(shape: Shape | None) -> Callable[[bytes], dict[str, Any]]:
    """Return the function from a request's body to the parameters (``None``: it has none).

    It raises :class:`SerializationException` for malformed bytes and values of the wrong type.
    """
    if shape is None:
        return lambda _: {}
    decode = cbor_decoder(shape)

    def read(body: bytes) -> dict[str, Any]:
        if not body:
            return {}
        try:
            value = cbor.loads(body)
        except cbor.CborError as error:
            raise SerializationException(f"Could not parse request body as CBOR: {error}") from None
        params: dict[str, Any] = decode(value)
        return params

    return read


def cbor_decoder(shape: Shape) -> Decode:
    """Return the function from a CBOR item to a value; unknown and null members go."""
    return Decoders(_scalar_decoder, _mismatch).of(shape)


def _mismatch(value: Any, expected: str) -> SerializationException:
    return SerializationException(f"{type(value).__name__} found where a {expected} is expected")


def _expect(value: Any, kind: type, name: str) -> None:
    if type(value) is not kind:
        raise _mismatch(value, name)


def _scalar_decoder(shape: Shape) -> Decode:
    kind = shape.type_name
    if kind in _INTEGER_BITS:
        return _integer_decoder(kind)
    return _SCALARS[kind]


def _integer_decoder(kind: str) -> Decode:
    limit = 1 << _INTEGER_BITS[kind]

    def integer(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        _expect(value, int, kind)
        if not -limit <= value < limit:
            raise SerializationException(f"number out of range for a {kind}")
        number: int = value
        return number

    return integer


def _exactly(kind: type, name: str) -> Decode:
    def scalar(value: Any) -> Any:
        _expect(value, kind, name)
        return value

    return scalar


def _number(value: Any) -> float:
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise SerializationException("number out of range for a double") from None
    _expect(value, float, "number")
    number: float = value
    return number


def _timestamp(value: Any) -> float:
    if isinstance(value, cbor.Tagged) and value.tag == cbor.EPOCH_TAG:
        value = value.value
    seconds = _number(value)
    if not math.isfinite(seconds):
        raise SerializationException("a timestamp that is no time")
    return seconds


_SCALARS: dict[str, Decode] = {
    "string": _exactly(str, "string"),
    "character": _exactly(str, "string"),
    "boolean": _exactly(bool, "boolean"),
    "blob": _exactly(bytes, "blob"),
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
}


# ---- writing ----


def body_writer(shape: Shape | None) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that writes a body of this shape (``None``: an empty structure)."""
    if shape is None:
        return lambda _: b"\xa0"
    encode = _Encoders().of(shape)

    def write(value: Mapping[str, Any]) -> bytes:
        out = bytearray()
        encode(out, value)
        return bytes(out)

    return write


class _Encoders:
    def __init__(self) -> None:
        self._known: dict[str, Encode] = {}

    def of(self, shape: Shape) -> Encode:
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return _WRITERS[kind]
        known = self._known
        name = shape.name
        if name not in known:
            known[name] = lambda out, value: known[name](out, value)
            known[name] = getattr(self, f"_{kind}")(shape)
        return known[name]

    def _structure(self, shape: Any) -> Encode:
        if getattr(shape, "is_document_type", False):
            return _document
        members = {
            name: (cbor.text(member.serialization.get("name", name)), self.of(member))
            for name, member in shape.members.items()
        }

        def structure(out: bytearray, value: Mapping[str, Any]) -> None:
            present = [
                (members[name], item)
                for name, item in value.items()
                if item is not None and name in members
            ]
            out += cbor.head(5, len(present))
            for (key, encode), item in present:
                out += key
                encode(out, item)

        return structure

    def _list(self, shape: Any) -> Encode:
        encode = _or_null(self.of(shape.member))

        def array(out: bytearray, value: Any) -> None:
            out += cbor.head(4, len(value))
            for item in value:
                encode(out, item)

        return array

    def _map(self, shape: Any) -> Encode:
        encode = _or_null(self.of(shape.value))

        def mapping(out: bytearray, value: Mapping[str, Any]) -> None:
            out += cbor.head(5, len(value))
            for key, item in value.items():
                out += cbor.text(key)
                encode(out, item)

        return mapping


def _or_null(encode: Encode) -> Encode:
    def write(out: bytearray, value: Any) -> None:
        if value is None:
            out += b"\xf6"
        else:
            encode(out, value)

    return write


def _document(out: bytearray, value: Any) -> None:
    out += cbor.dumps(value)


def _scalar(write: Callable[[Any], bytes]) -> Encode:
    def encode(out: bytearray, value: Any) -> None:
        out += write(value)

    return encode


_EPOCH = cbor.head(6, cbor.EPOCH_TAG)
_WRITERS: dict[str, Encode] = {
    "string": _scalar(cbor.text),
    "character": _scalar(cbor.text),
    "boolean": _scalar(lambda value: b"\xf5" if value else b"\xf4"),
    "blob": _scalar(lambda value: cbor.head(2, len(value)) + value),
    "integer": _scalar(cbor.integer),
    "long": _scalar(cbor.integer),
    "float": _scalar(cbor.double),
    "double": _scalar(cbor.double),
    "timestamp": _scalar(lambda value: _EPOCH + cbor.double(value)),
}
