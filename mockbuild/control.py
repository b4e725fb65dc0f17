"""The handle a test holds: what it says about builds to come, and what it reads afterwards."""

from typing import TYPE_CHECKING

from mockbuild._calls import Call
from mockbuild._scripts import ANY_PROJECT, Faults, ScriptBuilder

if TYPE_CHECKING:
    from mockbuild._world import World
    from mockbuild.clock import Clock
    from mockbuild.config import Settings
    from mockbuild.neighbours.views import LogsView, S3View


class Control:
    """A handle on a mock that is on; ``with mock_codebuild() as mb`` gives one.

    Nested mocks share their state, and so do their handles.
    """

    def __init__(self, world: "World") -> None:
        self._world = world

    @property
    def settings(self) -> "Settings":
        """The settings in force."""
        return self._world.settings

    @property
    def clock(self) -> "Clock":
        """The clock: ``mb.clock.now()``, ``mb.clock.tick(minutes=5)``."""
        return self._world.clock

    def script(self, project: str = ANY_PROJECT, *, times: int | None = None) -> ScriptBuilder:
        """Say what simulated builds of *project* do, from the next one that starts.

        :param project: the project's name; by default, any.
        :param times: for how many builds it holds; by default, for all until another says
            otherwise. Scripts for so many builds go before those for all.
        """
        return self._world.scripts.add(project, times)

    @property
    def faults(self) -> Faults:
        """Failures of calls: ``mb.faults.on("StartBuild").throttles(times=2)``."""
        return self._world.faults

    def calls(self, operation: str | None = None) -> list[Call]:
        """Return the calls of *operation* (``StartBuild``) so far, or all calls, in order."""
        return self._world.calls.of(operation)

    @property
    def s3(self) -> "S3View":
        """Objects by bucket and key: ``mb.s3["bucket"]["key"]``; can be written, too."""
        return self._world.neighbours.s3_view

    @property
    def logs(self) -> "LogsView":
        """Log groups by name: ``mb.logs["/aws/codebuild/web"].text``."""
        return self._world.neighbours.logs_view
