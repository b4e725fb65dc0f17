"""Ordered views of what a store holds, of which a page costs the same however much there is."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from typing import Any


class Keys(Collection[str]):
    """The keys of a mapping, in its order or the reverse, without copying them."""

    def __init__(self, items: dict[str, Any], *, newest_first: bool = False) -> None:
        self._items = items
        self._newest_first = newest_first

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return reversed(self._items) if self._newest_first else iter(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items


class SortedNames:
    """Names kept in alphabetical order."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def add(self, name: str) -> None:
        """Put *name* in its place."""
        insort(self._names, name)

    def discard(self, name: str) -> None:
        """Take *name* out, if it is there."""
        place = bisect_left(self._names, name)
        if place < len(self._names) and self._names[place] == name:
            del self._names[place]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._names)
