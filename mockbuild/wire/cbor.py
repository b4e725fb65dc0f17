"""CBOR (RFC 8949), as much as Smithy RPC v2 needs, and safe against hostile bytes.

Python's own types stand for CBOR's; a tag other than a bignum's becomes a :class:`Tagged`.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: How deep arrays, maps and tags may nest. Service models nest less than twenty.
MAX_DEPTH = 128

EPOCH_TAG = 1
_INDEFINITE = 31
_BREAK = 0xFF
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_SIMPLE = {20: False, 21: True, 22: None, 23: None}


class CborError(ValueError):
    """The bytes are not one well-formed CBOR item."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag."""

    tag: int
    value: Any


# ---- reading ----


def loads(data: bytes) -> Any:
    """Read exactly one item.

    :raises CborError: the bytes are malformed, too short, too long or nested too deeply.
    """
    reader = _Reader(data)
    value = reader.item(0)
    if reader.at != len(data):
        raise CborError("bytes left over after the item")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._readers: tuple[Callable[[int, int], Any], ...] = (
            lambda info, _: self._argument(info),
            lambda info, _: -1 - self._argument(info),
            lambda info, _: self._string(2, info),
            self._text,
            self._array,
            self._map,
            self._tag,
            lambda info, _: self._simple(info),
        )

    def item(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CborError("nested too deeply")
        initial = self._take(1)[0]
        return self._readers[initial >> 5](initial & 31, depth)

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self._data):
            raise CborError("unexpected end")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info not in _ARGUMENT_BYTES:
            raise CborError(f"reserved additional information {info}")
        return int.from_bytes(self._take(_ARGUMENT_BYTES[info]), "big")

    def _ends(self) -> bool:
        """Whether an indefinite-length item ends here; the break is taken."""
        if self.at < len(self._data) and self._data[self.at] == _BREAK:
            self.at += 1
            return True
        return False

    def _string(self, major: int, info: int) -> bytes:
        if info != _INDEFINITE:
            return self._take(self._argument(info))
        chunks = []
        while not self._ends():
            initial = self._take(1)[0]
            if initial >> 5 != major or initial & 31 == _INDEFINITE:
                raise CborError("a chunk of another type in a string")
            chunk = self._take(self._argument(initial & 31))
            if major == 3:
                _utf8(chunk)  # each chunk is text by itself
            chunks.append(chunk)
        return b"".join(chunks)

    def _text(self, info: int, _: int) -> str:
        return _utf8(self._string(3, info))

    def _array(self, info: int, depth: int) -> list[Any]:
        if info != _INDEFINITE:
            return [self.item(depth + 1) for _ in range(self._argument(info))]
        items = []
        while not self._ends():
            items.append(self.item(depth + 1))
        return items

    def _map(self, info: int, depth: int) -> dict[Any, Any]:
        items: dict[Any, Any] = {}
        if info != _INDEFINITE:
            for _ in range(self._argument(info)):
                self._entry(items, depth)
            return items
        while not self._ends():
            self._entry(items, depth)
        return items

    def _entry(self, items: dict[Any, Any], depth: int) -> None:
        key = self.item(depth + 1)
        if type(key) is not str:
            raise CborError("a map key that is no text")
        items[key] = self.item(depth + 1)

    def _tag(self, info: int, depth: int) -> Any:
        tag = self._argument(info)
        value = self.item(depth + 1)
        if tag in (2, 3):
            if type(value) is not bytes:
                raise CborError("a bignum that is no byte string")
            number = int.from_bytes(value, "big")
            return number if tag == 2 else -1 - number
        return Tagged(tag, value)

    def _simple(self, info: int) -> Any:
        if info in _SIMPLE:
            return _SIMPLE[info]
        if info not in _FLOATS:
            raise CborError(f"unknown simple value {info}")
        form, size = _FLOATS[info]
        return struct.unpack(form, self._take(size))[0]


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CborError("text that is not UTF-8") from None


# ---- writing ----


def head(major: int, argument: int) -> bytes:
    """Write the first bytes of an item: its type and its argument, as short as it can be."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    for info, size in _ARGUMENT_BYTES.items():
        if argument < 1 << 8 * size:
            return bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
    raise CborError("a number of more than 64 bits")


def text(value: str) -> bytes:
    """Write a text string."""
    data = value.encode()
    return head(3, len(data)) + data


def integer(value: int) -> bytes:
    """Write an integer; a bignum beyond 64 bits."""
    major, argument = (0, value) if value >= 0 else (1, -1 - value)
    if argument < 1 << 64:
        return head(major, argument)
    data = argument.to_bytes((argument.bit_length() + 7) // 8, "big")
    return head(6, 2 + major) + head(2, len(data)) + data


def double(value: float) -> bytes:
    """Write a floating-point number of 64 bits."""
    return b"\xfb" + struct.pack(">d", value)


def dumps(value: Any) -> bytes:
    """Write a value made of Python's own types and :class:`Tagged`.

    :raises TypeError: it holds something else.
    """
    out = bytearray()
    _write(out, value)
    return bytes(out)


def _write(out: bytearray, value: Any) -> None:
    kind = type(value)
    if kind in _SCALARS:
        out += _SCALARS[kind](value)
    elif kind is Tagged:
        out += head(6, value.tag)
        _write(out, value.value)
    elif kind is dict:
        out += head(5, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)
    elif kind in (list, tuple):
        out += head(4, len(value))
        for item in value:
            _write(out, item)
    else:
        raise TypeError(f"no CBOR for {kind.__name__}")


_SCALARS: dict[type, Callable[[Any], bytes]] = {
    str: text,
    int: integer,
    float: double,
    bytes: lambda value: head(2, len(value)) + value,
    bool: lambda value: b"\xf5" if value else b"\xf4",
    type(None): lambda _: b"\xf6",
}
