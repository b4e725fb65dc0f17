"""Capacity for so much at a time, and the line of what waits for it."""

from collections.abc import Callable, Hashable

#: Told, when a place is free, since when it is.
Admit = Callable[[float], None]


class Line:
    """Places, and who waits for one.

    The documentation promises no order among those that wait; here it is first come, first served.

    :param places: tells how many there are at some time; asked each time, since that may change.
    :param stir: moves on whatever the number of places depends on, where looks do that; called
        when somebody waits and nobody has a place.
    """

    def __init__(
        self, places: Callable[[float], float], stir: Callable[[], None] | None = None
    ) -> None:
        self._places = places
        self.stir = stir
        #: Who has a place, and since when.
        self.running: dict[Hashable, float] = {}
        self.waiting: dict[Hashable, Admit] = {}
        #: Who has been looked at since somebody who waits was; only of use in steps.
        self.looked_at: set[Hashable] = set()

    def is_full(self, at: float) -> bool:
        """Tell whether one more would have to wait."""
        return bool(self.waiting) or len(self.running) >= self._places(at)

    def join(self, who: Hashable, at: float, admit: Admit) -> bool:
        """Give *who* a place and return true, or else put them in line.

        :param admit: called when those who wait get their place.
        """
        if self.is_full(at):
            self.waiting[who] = admit
            return False
        self.running[who] = at
        return True

    def leave(self, who: Hashable, at: float) -> None:
        """Take *who* away, wherever they are, and pass places that are free on."""
        self.waiting.pop(who, None)
        self.looked_at.discard(who)
        # One that gave up before its place was free gave it back at once.
        since = self.running.pop(who, at)
        self.fill(max(at, since))

    def fill(self, at: float) -> None:
        """Give all places that are free since *at* to those who are next."""
        while self.waiting and len(self.running) < self._places(at):
            following = next(iter(self.waiting))
            admit = self.waiting.pop(following)
            self.running[following] = at
            admit(at)
