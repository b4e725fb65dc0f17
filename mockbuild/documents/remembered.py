"""Documents are read once: the same text a second time costs nothing."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

About = TypeVarTuple("About")
R = TypeVar("R")
Text = str | bytes


def remembered(
    read: Callable[[Text, *About], R], longest: int = 64 * 1024
) -> Callable[[Text, *About], R]:
    """Return *read* as a function that remembers what it has returned.

    :param read: takes a text, and more that the result depends on.
    :param longest: longer texts are read anew each time, so that little is kept.
    """
    known = lru_cache(maxsize=128)(read)

    def recall(text: Text, *about: *About) -> R:
        return read(text, *about) if len(text) > longest else known(text, *about)

    return recall
