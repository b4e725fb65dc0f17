"""What was said about things to come: for the next so many, or for all."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from mockbuild.errors import ConfigurationError

K = TypeVar("K")
V = TypeVar("V")


class Said(Generic[K, V]):
    """What was said, by whom it is about.

    What is for the next so many goes before what is for all; of that, the last word counts.
    """

    def __init__(self) -> None:
        self._for_all: dict[K, V] = {}
        #: With how many each is still good for.
        self._for_some: dict[K, list[tuple[V, int]]] = {}

    def add(self, about: K, what: V, times: int | None) -> V:
        """Take *what* down, for the next *times* or for all, and return it.

        :raises ConfigurationError: *times* makes no sense.
        """
        if times is None:
            self._for_all[about] = what
            return what
        if times < 1:
            raise ConfigurationError(f"times is at least 1, not {times!r}")
        self._for_some.setdefault(about, []).append((what, times))
        return what

    def for_next(self, names: Iterable[K]) -> V | None:
        """Return what was said about the next that comes, and count it as come.

        :param names: those that it goes by, the most particular first.
        """
        if not self._for_all and not self._for_some:
            return None
        for name in names:
            waiting = self._for_some.get(name)
            if waiting:
                what, left = waiting[0]
                waiting[:1] = [(what, left - 1)] if left > 1 else []
                return what
            if name in self._for_all:
                return self._for_all[name]
        return None
