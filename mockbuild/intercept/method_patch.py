"""Replacing a method of a class and of every subclass that has its own, now or later."""

from collections.abc import Callable, Iterator
from typing import Any

#: Makes the function that stands in for the one it is given.
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
_WATCHER = "__init_subclass__"
#: A class, its method as it was, and what stands in for that.
_Replaced = tuple[type, Callable[..., Any], Callable[..., Any]]


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
        self._replaced: list[_Replaced] = []
        #: What was made for the root the last time: entering a mock is to be quick.
        self._made: _Replaced | None = None
        self._watcher = classmethod(self._watching)

    def install(self) -> None:
        """Replace the method everywhere."""
        for cls in _family(self.owner):
            self._replace(cls)
        setattr(self.owner, _WATCHER, self._watcher)

    def _watching(self, cls: Any, /, **keywords: Any) -> None:
        super(self.owner, cls).__init_subclass__(**keywords)  # type: ignore[arg-type]
        self._replace(cls)

    def remove(self) -> None:
        """Put back what was there.

        Where somebody else has patched over us meanwhile, ours has to stay in their chain; it
        passes everything on once no service is mocked.
        """
        if _WATCHER in vars(self.owner):
            delattr(self.owner, _WATCHER)
        for cls, original, ours in reversed(self._replaced):
            if cls.__dict__.get(self._name) is ours:
                setattr(cls, self._name, original)
        self._replaced.clear()

    def _replace(self, cls: type) -> None:
        original = cls.__dict__.get(self._name)
        done = any(ours is original for _, _, ours in self._replaced)  # found by two bases
        if original is not None and not done:
            replaced = self._made
            if replaced is None or replaced[:2] != (cls, original):
                replaced = (cls, original, self._wrap(original))
            if cls is self.owner:
                self._made = replaced
            self._replaced.append(replaced)
            setattr(cls, self._name, replaced[2])


def _family(cls: type[Any]) -> Iterator[type[Any]]:
    yield cls
    for child in type.__subclasses__(cls):
        yield from _family(child)
