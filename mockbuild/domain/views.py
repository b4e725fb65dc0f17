"""Ordered views of what a store holds, of which a page costs the same however much there is."""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
M = TypeVar("M")


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


def _arn(item: Any) -> str:
    return str(item.arn)


class Mapped(Collection[M]):
    """The items of a collection, each shown by a function when it is its turn, and only then.

    :param items: the collection; its order is kept.
    :param show: what becomes of an item. To be shown may change one: a look moves things on.
    :param name: what an item is known by as long as it is there; by default, its ``arn``.
    """

    def __init__(
        self, items: Collection[T], show: Callable[[T], M], name: Callable[[T], str] = _arn
    ) -> None:
        self.items = items
        self.show = show
        self.name = name

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[M]:
        return map(self.show, self.items)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


class NewestFirst(Collection[T]):
    """The values of a mapping, the last one first, without copying them."""

    def __init__(self, items: dict[str, T]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return reversed(self._items.values())

    def __contains__(self, item: object) -> bool:
        return item in self._items.values()


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
