"""The CodeBuild of one account in one region: its projects, builds and sandboxes."""

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from mockbuild.domain.views import SortedNames
from mockbuild.engine.live_build import LiveBuild
from mockbuild.services.backend import Backend, Means, Record

if TYPE_CHECKING:
    from mockbuild.engine.batch import LiveBatch
    from mockbuild.engine.sandbox import Sandbox

_KEPT_SECONDS = 365 * 86400


@dataclass(slots=True)
class Project:
    """A project, and its builds by id, oldest first.

    :param record: what BatchGetProjects shows. It is replaced as a whole, never changed, so that
        builds can go on sharing parts of it.
    :param builds_started: the number of the newest build.
    :param running: builds that were not over when somebody last asked.
    :param batches: its batch builds by id, oldest first.
    :param batches_started: the number of the newest of them.
    :param template: the part of a build's record that follows from the project alone.
    """

    record: Record
    builds: dict[str, LiveBuild] = field(default_factory=dict)
    builds_started: int = 0
    running: list[LiveBuild] = field(default_factory=list)
    template: Record | None = None
    batches: "dict[str, LiveBatch]" = field(default_factory=dict)
    batches_started: int = 0

    @property
    def name(self) -> str:
        """The project's name."""
        name: str = self.record["name"]
        return name


class Projects:
    """The projects of a region, in the three orders that ListProjects knows.

    :param arns: what their ARNs begin with.
    """

    def __init__(self, arns: str) -> None:
        self._arns = arns
        self.by_creation: dict[str, Project] = {}
        self.by_change: dict[str, Project] = {}
        self.by_name = SortedNames()

    def find(self, name_or_arn: str) -> Project | None:
        """Return the project of that name or ARN, if there is one."""
        return self.by_creation.get(name_or_arn.removeprefix(self._arns))

    def put(self, project: Project) -> None:
        """Add *project*, or note that it has changed."""
        if project.name not in self.by_creation:
            self.by_creation[project.name] = project
            self.by_name.add(project.name)
        self.by_change.pop(project.name, None)
        self.by_change[project.name] = project

    def remove(self, project: Project) -> None:
        """Forget *project*."""
        del self.by_creation[project.name], self.by_change[project.name]
        self.by_name.discard(project.name)


class CodeBuild(Backend):
    """The CodeBuild of one account in one region."""

    service = "codebuild"

    def __init__(self, account_id: str, region: str, means: Means) -> None:
        super().__init__(account_id, region, means)
        self.conductor = means.conductor
        self.scripts = means.scripts
        self.projects = Projects(self.arn("project/"))
        #: Builds by id, oldest first, those of projects that are gone since as well.
        self.builds: dict[str, LiveBuild] = {}
        #: Batch builds in the same way.
        self.batches: dict[str, LiveBatch] = {}
        #: Sandboxes in the same way.
        self.sandboxes: dict[str, Sandbox] = {}

    def find_build(self, id_or_arn: str) -> LiveBuild | None:
        """Return the build of that id or ARN, if there is one."""
        return self.builds.get(id_or_arn.removeprefix(self.arn("build/")))

    def forget(self, build: LiveBuild) -> None:
        """Delete a build."""
        del self.builds[build.job.build_id]
        project = self.projects.find(build.job.project["name"])
        if project is not None:
            project.builds.pop(build.job.build_id, None)

    def forget_old_builds(self) -> None:
        """Delete builds of more than a year ago: they are kept no longer (documented)."""
        limit = self.now() - _KEPT_SECONDS
        for build in list(takewhile(lambda one: one.job.started < limit, self.builds.values())):
            if self.conductor.is_over(build):
                self.conductor.look(build)  # what it has left outside stays
                self.forget(build)

    def settle(self) -> None:
        """Let builds write what they write, as far as a look would show it."""
        self.settle_batches()
        self.conductor.settle(self.builds)
        self.conductor.settle({name: one.build for name, one in self.sandboxes.items()})

    def settle_batches(self) -> None:
        """Let batches start and end their builds, as far as a look would show it."""
        if self.pace.settled:
            for batch in list(self.batches.values()):
                batch.settle()

    def abandon(self) -> None:
        """Stop builds and sandboxes that really run."""
        self.conductor.abandon(self.builds)
        self.conductor.abandon({name: one.build for name, one in self.sandboxes.items()})
