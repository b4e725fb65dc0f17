"""The course of something that is in one state after another: a fleet, a report group."""

from typing import Generic, TypeVar

from mockbuild.engine.pace import ALWAYS

S = TypeVar("S")


class Course(Generic[S]):
    """States, each from its time on; with a :class:`~mockbuild.engine.pace.Pace` it moves.

    :param at: when it begins.
    :param state: the state it begins in.
    """

    __slots__ = ("gate", "horizon", "states")

    def __init__(self, at: float, state: S) -> None:
        self.states = [(at, state)]
        self.horizon = at
        self.gate = ALWAYS

    def then(self, at: float, state: S) -> None:
        """Write down the next state; times do not go backwards."""
        self.states.append((max(at, self.states[-1][0]), state))

    def turn(self, until: float, at: float, state: S) -> None:
        """Take another course: what was to come after *until* does not; *state* comes at *at*.

        How far a look has shown it begins anew with that state.
        """
        self.states = [one for one in self.states if one[0] <= until]
        self.then(at, state)
        self.horizon = self.states[-1][0]

    def state(self, until: float) -> S:
        """Return the state it is in at *until*."""
        return next(
            (state for at, state in reversed(self.states) if at <= until), self.states[0][1]
        )

    @property
    def last(self) -> S:
        """The state it ends in, as far as that is written."""
        return self.states[-1][1]

    def next_moment(self, after: float) -> float:
        """Return when it changes next after that time, or infinity."""
        return next((at for at, _ in self.states if at > after), ALWAYS)
