"""A build that was started, and how much of it shows."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mockbuild.engine.history import History, Moved, Overview, Record, overview
from mockbuild.engine.log_lines import Line as LogLine
from mockbuild.engine.log_lines import LogRenderer, render
from mockbuild.engine.pace import ALWAYS

if TYPE_CHECKING:
    from mockbuild.engine.job import BuildJob
    from mockbuild.engine.line import Line
    from mockbuild.engine.run import NewRun
    from mockbuild.machines.base import Machine


class LiveBuild:
    """One build; the conductor's to move on, everybody's to look at.

    :param job: what was asked for.
    :param template: members of its record that it shares with other builds of its project.
    :param members: members of its record that are its own; replaced as a whole, never changed.
    """

    __slots__ = (
        "_future",
        "_future_from",
        "_history",
        "gate",
        "horizon",
        "job",
        "line",
        "machine",
        "members",
        "new_run",
        "on_end",
        "published",
        "real",
        "renderer",
        "resting",
        "template",
        "waiting",
    )

    def __init__(
        self, job: "BuildJob", template: Record, members: Mapping[str, Any], history: History
    ) -> None:
        self.job = job
        self.template = template
        self.members = members
        self._history = history
        self._future: Callable[[], None] | None = None
        self._future_from = ALWAYS
        self.horizon = job.started
        self.gate = ALWAYS
        #: The capacity it needs a place of, and whether it waits for one.
        self.line: Line | None = None
        self.waiting = False
        #: Whether it is carried out by a machine that really runs, and that machine while it does.
        self.real = False
        self.machine: Machine | None = None
        #: Whether that machine is there and nobody is at work on it.
        self.resting = False
        #: Makes what carries it out; the conductor's to say.
        self.new_run: NewRun
        #: How many events have had their effect outside.
        self.published = 0
        #: Renders its log, once there is one.
        self.renderer: LogRenderer | None = None
        self.on_end: Callable[[LiveBuild], None] | None = None

    @property
    def history(self) -> History:
        """Everything that happens in it, as far as that is known already."""
        if self._future is not None:
            write, self._future, self._future_from = self._future, None, ALWAYS
            write()
        return self._history

    def postpone(self, since: float, write: Callable[[], None]) -> None:
        """Leave what happens from *since* on to be written by *write*, when somebody asks."""
        self._future = write
        self._future_from = since

    def lines(self) -> list[LogLine]:
        """Return the log as far as it shows."""
        return list(render(self.history.events[: self.published]))

    def overview(self, until: float) -> Overview:
        """Return what the build amounts to at *until*."""
        history = self._history if until < self._future_from else self.history
        return overview(history.events, until)

    def next_moment(self, after: float) -> float:
        """Return when it enters another phase next after that time, or infinity."""
        return next(
            (e.at for e in self.history.events if type(e) is Moved and e.at > after), ALWAYS
        )
