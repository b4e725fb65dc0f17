"""Names in the order of something each of them has: when it was made, what it is called."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import count
from typing import Generic, TypeVar, overload

K = TypeVar("K", float, str)


class Ordered(Generic[K]):
    """Names, each with a key; those with the same key stay in the order in which they came.

    Finding a place is a binary search, and a page costs the same however many names there are.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[K, int, str]] = []
        self._by_name: dict[str, tuple[K, int, str]] = {}
        self._arrivals = count()

    def put(self, name: str, key: K) -> None:
        """Add *name*, or move it to another place."""
        self.discard(name)
        entry = self._by_name[name] = (key, next(self._arrivals), name)
        insort(self._entries, entry)

    def discard(self, name: str) -> None:
        """Take *name* out, if it is there."""
        entry = self._by_name.pop(name, None)
        if entry is not None:
            del self._entries[bisect_left(self._entries, entry)]

    def take_until(self, key: K) -> list[str]:
        """Take out all names up to and including those of *key*, and return them in order."""
        taken: list[str] = []
        for one, _, name in self._entries:
            if one > key:
                break
            taken.append(name)
            del self._by_name[name]
        del self._entries[: len(taken)]
        return taken

    def names(self, *, backwards: bool = False) -> Sequence[str]:
        """Return a view of the names in order, or the reverse."""
        return _Names(self._entries, backwards=backwards)

    def __len__(self) -> int:
        return len(self._entries)


class _Names(Sequence[str]):
    """The names of entries, without copying them."""

    def __init__(self, entries: Sequence[tuple[float | str, int, str]], *, backwards: bool) -> None:
        self._entries = entries
        self._backwards = backwards

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self._entries[~index if self._backwards else index][2]
