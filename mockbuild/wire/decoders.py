"""Decoders of parsed bodies: one per shape, compiled once as closures over the shape tree."""

from collections.abc import Callable
from typing import Any

from botocore.model import Shape

Decode = Callable[[Any], Any]


class Decoders:
    """Makes the functions from what a parser returns to values of a shape.

    They take members that are null for absent, and ignore members that the model does not know.

    :param scalar: gives the decoder of a shape that holds no others.
    :param mismatch: gives the error for a value of another type than the one it names:
        ``structure``, ``list`` or ``map``.
    """

    def __init__(
        self, scalar: Callable[[Shape], Decode], mismatch: Callable[[Any, str], Exception]
    ) -> None:
        self._scalar = scalar
        self._mismatch = mismatch
        self._known: dict[str, Decode] = {}

    def of(self, shape: Shape) -> Decode:
        """Return the decoder of *shape*."""
        kind = shape.type_name
        if kind not in ("structure", "list", "map"):
            return self._scalar(shape)
        if getattr(shape, "is_document_type", False):
            return _as_it_is
        known = self._known
        name = shape.name
        if name not in known:
            known[name] = lambda value: known[name](value)  # for a shape that contains itself
            known[name] = getattr(self, f"_{kind}")(shape)
        return known[name]

    def _structure(self, shape: Any) -> Decode:
        members = {
            member.serialization.get("name", name): (name, self.of(member))
            for name, member in shape.members.items()
        }
        find, mismatch = members.get, self._mismatch

        def structure(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mismatch(value, "structure")
            result = {}
            for key, item in value.items():
                if item is not None and (found := find(key)) is not None:
                    result[found[0]] = found[1](item)
            return result

        return structure

    def _list(self, shape: Any) -> Decode:
        decode, mismatch = self.of(shape.member), self._mismatch

        def array(value: Any) -> list[Any]:
            if type(value) is not list:
                raise mismatch(value, "list")
            return [item if item is None else decode(item) for item in value]

        return array

    def _map(self, shape: Any) -> Decode:
        decode, mismatch = self.of(shape.value), self._mismatch

        def mapping(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise mismatch(value, "map")
            return {key: item if item is None else decode(item) for key, item in value.items()}

        return mapping


def _as_it_is(value: Any) -> Any:
    return value
