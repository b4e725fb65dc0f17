"""Capacity for so much at a time, and the line of what waits for it."""

from collections.abc import Callable, Hashable

#: Told, when a place is free, since when it is.
Admit = Callable[[float], None]


class Line:
    """Places, and who waits for one.

    The documentation promises no order among those that wait; here it is first come, first served.

    :param places: how many there are; asked each time, since that may change.
    """

    def __init__(self, places: Callable[[], float]) -> None:
        self._places = places
        self.running: dict[Hashable, None] = {}
        self.waiting: dict[Hashable, Admit] = {}

    @property
    def full(self) -> bool:
        """Whether one more would have to wait."""
        return bool(self.waiting) or len(self.running) >= self._places()

    def join(self, who: Hashable, admit: Admit) -> bool:
        """Give *who* a place and return true, or else put them in line.

        :param admit: called when those who wait get their place.
        """
        if self.full:
            self.waiting[who] = admit
            return False
        self.running[who] = None
        return True

    def leave(self, who: Hashable, at: float) -> None:
        """Take *who* away, wherever they are, and pass places that are free on."""
        self.running.pop(who, None)
        self.waiting.pop(who, None)
        self.fill(at)

    def fill(self, at: float) -> None:
        """Give all places that are free since *at* to those who are next."""
        while self.waiting and len(self.running) < self._places():
            following = next(iter(self.waiting))
            admit = self.waiting.pop(following)
            self.running[following] = None
            admit(at)
