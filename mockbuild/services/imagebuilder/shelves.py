"""Where resources of every kind are kept: found by ARN, by version, by any form with an ``x``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mockbuild.domain.image_arns import BUILT, KINDS, NAMED, ImageBuilderArn
from mockbuild.domain.ordered import Ordered
from mockbuild.domain.policies import Policy
from mockbuild.domain.versions import Version, Versions
from mockbuild.domain.views import NewestFirst
from mockbuild.services.backend import Record


@dataclass(slots=True, eq=False)
class Resource:
    """Anything that has an ARN.

    :param arn: its ARN, taken apart; of a component, an image or a workflow that of the build.
    :param record: what ``Get…`` shows of it. It is replaced as a whole, never changed.
    :param created: when it was made, in seconds since the epoch.
    :param policy: its resource policy, as it was put.
    :param kept: what else belongs to it, for the file that its operations are in.
    """

    arn: ImageBuilderArn
    record: Record
    created: float
    policy: Policy | None = None
    kept: Any = None

    @property
    def name(self) -> str:
        """Its name as its owner spells it."""
        name: str = self.record["name"]
        return name


class Shelf:
    """All resources of one kind that one account has in one region.

    :param kind: one of :data:`~mockbuild.domain.image_arns.KINDS`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        #: Everything by its full ARN, the oldest first.
        self.by_arn: dict[str, Resource] = {}
        #: Of what has builds, the newest build of each version, by the version's ARN.
        self.heads: dict[str, Resource] = {}
        #: Of what has versions, their ARNs without builds, in order of name and version.
        self.by_version: Ordered[str] = Ordered()
        self._versions: dict[str, Versions] = {}

    @property
    def newest_first(self) -> NewestFirst[Resource]:
        """Everything, the newest first."""
        return NewestFirst(self.by_arn)

    def versions(self, name: str) -> Versions:
        """Return the versions there are of a name, as it stands in ARNs."""
        versions = self._versions.get(name)
        if versions is None:
            versions = self._versions[name] = Versions()
        return versions

    def add(self, resource: Resource) -> None:
        """Put *resource* on the shelf."""
        arn = resource.arn
        self.by_arn[str(arn)] = resource
        if KINDS[self.kind] == NAMED:
            return
        version, head = Version.parse(arn.version), version_arn(arn)
        self.versions(arn.name).add(version)
        self.by_version.put(head, _place(arn.name, version))
        if KINDS[self.kind] == BUILT:
            self.heads[head] = resource

    def remove(self, resource: Resource) -> None:
        """Take *resource* off the shelf."""
        arn = resource.arn
        del self.by_arn[str(arn)]
        if KINDS[self.kind] != NAMED:
            self.versions(arn.name).discard(Version.parse(arn.version))
        head = version_arn(arn)
        before = self.find(arn.at(arn.version.partition("/")[0]))
        if self.heads.get(head) is resource:
            del self.heads[head]
            if before is not None:
                self.heads[head] = before
        if before is None:
            self.by_version.discard(head)

    def exact(self, arn: str) -> Resource | None:
        """Return what has exactly this ARN."""
        return self.by_arn.get(arn)

    def matching(self, arn: ImageBuilderArn) -> Iterable[Resource]:
        """Go through all that *arn* may mean, the newest version first.

        :raises VersionError: an ``x`` stands where none may.
        """
        if KINDS[self.kind] == NAMED:
            only = self.by_arn.get(str(arn))
            return () if only is None else (only,)
        wanted = arn.wanted
        versions = self._versions.get(arn.name)
        if versions is None:
            return ()
        found = (self.by_arn.get(str(arn.at(str(one)))) for one in versions.matching(wanted))
        return (one for one in found if one is not None)  # none, of another partition or owner

    def find(
        self, arn: ImageBuilderArn, accept: Callable[[Resource], bool] | None = None
    ) -> Resource | None:
        """Return the newest of what *arn* may mean.

        :param accept: says whether one will do.
        :raises VersionError: an ``x`` stands where none may.
        """
        return next((one for one in self.matching(arn) if accept is None or accept(one)), None)


def version_arn(arn: ImageBuilderArn) -> str:
    """Return *arn* without the build."""
    return str(arn.at(arn.version.partition("/")[0]))


def _place(name: str, version: Version) -> str:
    """Return a text that comes after those of smaller versions of *name*, or of smaller names."""
    return f"{name} " + " ".join(f"{number:010}" for number in version.numbers)


@dataclass(slots=True)
class References:
    """Who depends on what, by ARNs as they are written in the one that depends."""

    _dependants: dict[str, dict[str, None]] = field(default_factory=dict)
    _needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def put(self, dependant: str, needs: Iterable[str]) -> None:
        """Note what *dependant* needs from now on."""
        self.drop(dependant)
        self._needs[dependant] = tuple(needs)
        for one in self._needs[dependant]:
            self._dependants.setdefault(one, {})[dependant] = None

    def drop(self, dependant: str) -> None:
        """Forget *dependant*."""
        for one in self._needs.pop(dependant, ()):
            self._dependants[one].pop(dependant, None)
            if not self._dependants[one]:
                del self._dependants[one]

    def needed(self, *arns: str) -> bool:
        """Tell whether anybody depends on one of *arns*."""
        return any(one in self._dependants for one in arns)


class Shelves:
    """The shelves of one account in one region."""

    def __init__(self) -> None:
        self._shelves = {kind: Shelf(kind) for kind in KINDS}
        self.references = References()

    def __getitem__(self, kind: str) -> Shelf:
        return self._shelves[kind]
