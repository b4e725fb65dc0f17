"""Replacing a method of a class and of every subclass that has its own, now or later."""

from collections.abc import Callable, Iterator
from typing import Any

#: Makes the function that stands in for the one it is given.
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
_WATCHER = "__init_subclass__"


class MethodPatch:
    """A patch that can be put in place and taken away again.

    aiobotocore's classes are subclasses of botocore's; they may be imported before the patch or
    while it is in place, so classes yet to be defined are watched for too.

    :param owner: the class at the root.
    :param name: the method.
    :param wrap: makes the replacement.
    """

    def __init__(self, owner: type, name: str, wrap: Wrap) -> None:
        self.owner = owner
        self._name = name
        self._wrap = wrap
        self._replaced: list[tuple[type, Callable[..., Any], Callable[..., Any]]] = []

    def install(self) -> None:
        """Replace the method everywhere."""
        for cls in _family(self.owner):
            self._replace(cls)
        owner, replace = self.owner, self._replace

        def watch(cls: Any, /, **keywords: Any) -> None:
            super(owner, cls).__init_subclass__(**keywords)  # type: ignore[arg-type]
            replace(cls)

        setattr(self.owner, _WATCHER, classmethod(watch))

    def remove(self) -> None:
        """Put back what was there.

        Where somebody else has patched over us meanwhile, ours has to stay in their chain; it
        passes everything on once no service is mocked.
        """
        if _WATCHER in vars(self.owner):
            delattr(self.owner, _WATCHER)
        for cls, original, ours in reversed(self._replaced):
            if vars(cls).get(self._name) is ours:
                setattr(cls, self._name, original)
        self._replaced.clear()

    def _replace(self, cls: type) -> None:
        original = vars(cls).get(self._name)
        done = any(ours is original for _, _, ours in self._replaced)  # found by two bases
        if original is not None and not done:
            ours = self._wrap(original)
            self._replaced.append((cls, original, ours))
            setattr(cls, self._name, ours)


def _family(cls: type[Any]) -> Iterator[type[Any]]:
    yield cls
    for child in type.__subclasses__(cls):
        yield from _family(child)
