"""The handle a test holds: what it says about builds to come, and what it reads afterwards."""

from typing import TYPE_CHECKING, overload

from mockbuild._calls import Call
from mockbuild._image_scripts import ImageScriptBuilder
from mockbuild._scripts import ANY_PROJECT, Faults, FleetScript, ScriptBuilder
from mockbuild.errors import ConfigurationError

if TYPE_CHECKING:
    from mockbuild._deliveries import Deliveries
    from mockbuild._events import EventLog
    from mockbuild._notifications import Notifications
    from mockbuild._world import World
    from mockbuild.clock import Clock
    from mockbuild.config import Settings
    from mockbuild.neighbours.image_views import AmisView, ParametersView
    from mockbuild.neighbours.views import LogsView, S3View
    from mockbuild.services.imagebuilder.catalogue import Catalogue
    from mockbuild.services.quotas import QuotaSettings


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

    @overload
    def script(
        self, project: str = ANY_PROJECT, *, times: int | None = None, group: str | None = None
    ) -> ScriptBuilder: ...
    @overload
    def script(self, *, image: str, times: int | None = None) -> ImageScriptBuilder: ...
    def script(
        self,
        project: str = ANY_PROJECT,
        *,
        times: int | None = None,
        group: str | None = None,
        image: str | None = None,
    ) -> ScriptBuilder | ImageScriptBuilder:
        """Say what simulated builds, or images, do, from the next that starts.

        ``mb.script("web").fails("BUILD")`` is about builds of a project,
        ``mb.script(image="golden").fails("ApplyBuildComponents")`` about images of Image Builder,
        also those that are retried.

        :param project: the project's name; by default, any.
        :param times: for how many it holds; by default, for all until another says otherwise.
            Scripts for so many go before those for all.
        :param group: only for the build of this build group, in batches.
        :param image: the name of a recipe or of a pipeline, or the ARN of one; of an image that
            has neither, its own name; ``"*"`` is any. A pipeline's goes before a recipe's, an ARN
            before a name.
        :raises ConfigurationError: it is about builds and about images, or *times* makes no sense.
        """
        if image is not None and (project != ANY_PROJECT or group is not None):
            raise ConfigurationError("a script is about builds of a project, or about images")
        self._world.catch_up()
        if image is not None:
            return self._world.image_scripts.add(image, times)
        return self._world.scripts.add(project, times, group)

    def fleet(self, name: str = ANY_PROJECT) -> FleetScript:
        """Say what becomes of the fleet of that name when it is created, updated or deleted.

        ``mb.fleet("mac").fails_to_create("INSUFFICIENT_CAPACITY")``

        :param name: the fleet's name; by default, any that has no script of its own.
        """
        return self._world.scripts.add_fleet(name)

    @property
    def quotas(self) -> "QuotaSettings":
        """AWS's quotas: ``mb.quotas["build_projects"] = 2``; ``None`` is without end."""
        return self._world.scripts.quotas

    @property
    def faults(self) -> Faults:
        """Failures of calls: ``mb.faults.on("StartBuild").throttles(times=2)``."""
        return self._world.faults

    def calls(self, operation: str | None = None) -> list[Call]:
        """Return the calls of *operation* (``StartBuild``) so far, or all calls, in order."""
        return self._world.calls.of(operation)

    @property
    def deliver(self) -> "Deliveries":
        """Tell a project's webhook what happened: ``mb.deliver("web", push("main"))``."""
        return self._world.deliveries

    @property
    def catalogue(self) -> "Catalogue":
        """What Amazon provides: ``mb.catalogue.release("component", "update-linux", "1.0.5")``."""
        self._world.catch_up()
        return self._world.catalogue

    @property
    def events(self) -> "EventLog":
        """What EventBridge would have been told, in order: ``mb.events[-1]["detail"]``."""
        return self._world.events

    @property
    def notifications(self) -> "Notifications":
        """What topics of SNS were sent: ``mb.notifications[-1].message["state"]``."""
        return self._world.notifications

    @property
    def amis(self) -> "AmisView":
        """AMIs by id, of all regions: ``mb.amis["ami-0123456789abcdef0"].tags``."""
        return self._world.neighbours.amis_view

    @property
    def parameters(self) -> "ParametersView":
        """Parameters of Systems Manager: ``mb.parameters["us-east-1"]["/base/ami"] = "ami-…"``."""
        self._world.catch_up()
        return self._world.neighbours.parameters_view

    @property
    def s3(self) -> "S3View":
        """Objects by bucket and key: ``mb.s3["bucket"]["key"]``; can be written, too."""
        return self._world.neighbours.s3_view

    @property
    def logs(self) -> "LogsView":
        """Log groups by name: ``mb.logs["/aws/codebuild/web"].text``."""
        return self._world.neighbours.logs_view
