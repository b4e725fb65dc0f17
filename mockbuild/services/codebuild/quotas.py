"""Service quotas: how much of everything an account can have in a region.

Quotas of single requests and records (tags, subnets, minutes, ids in a request) are in the model,
which checks them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from mockbuild.domain.aws_errors import AccountLimitExceededException
from mockbuild.errors import ConfigurationError
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.environment_rules import COMPUTE_TYPES


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota.

    :param printed: what Service Quotas calls it, or would.
    :param default: how many there can be; ``None`` is without end.
    :param source: where the default is from.
    """

    printed: str
    default: int | None
    source: str

    @property
    def name(self) -> str:
        """What it is called here."""
        return snake_case(self.printed)


def snake_case(printed: str) -> str:
    """Write what AWS prints the way names are written here."""
    return re.sub(r"[^a-z0-9]+", "_", printed.lower()).strip("_")


_PLATFORMS: Final = {
    "LINUX_CONTAINER": "Linux/",
    "LINUX_GPU_CONTAINER": "Linux GPU ",
    "ARM_CONTAINER": "ARM/",
    "WINDOWS_CONTAINER": "Windows/",
    "WINDOWS_SERVER_2019_CONTAINER": "Windows Server 2019/",
    "WINDOWS_SERVER_2022_CONTAINER": "Windows Server 2022/",
    "LINUX_LAMBDA_CONTAINER": "Linux Lambda/",
    "ARM_LAMBDA_CONTAINER": "ARM Lambda/",
    "LINUX_EC2": "Linux EC2/",
    "ARM_EC2": "ARM EC2/",
    "WINDOWS_EC2": "Windows EC2/",
}
_SIZES: Final = {"SMALL": "Small", "MEDIUM": "Medium", "LARGE": "Large", "XLARGE": "XLarge"}
_NOT_KNOWN = "no number is published; without one, nothing is refused"
#: The published default is 1 for most types, 0 for GPU and 2XLarge; where it counts all types
#: together, 60. Accounts differ so much from it and from each other that there is none here.
_DIFFERS = "differs from account to account; without one, nothing waits"


def _concurrency() -> Iterator[tuple[tuple[str, str], Quota]]:
    for kind, platform in _PLATFORMS.items():
        for compute in sorted(COMPUTE_TYPES[kind]):
            if compute.startswith("BUILD_"):
                size = compute.rpartition("_")[2]
                printed = f"{platform}{_SIZES.get(size, size.replace('XLARGE', 'XLarge'))}"
                name = f"Concurrently running builds for {printed} environment"
                yield (kind, compute), Quota(name, None, _DIFFERS)


_BY_TYPE: Final = dict(_concurrency())
ALL_BUILDS: Final = Quota("Concurrently running builds", None, _DIFFERS)
IN_QUEUE: Final = Quota(
    "Builds in queue", None, "documented: five times the quota of builds running concurrently"
)
#: Documented: how many builds can wait for each that can run.
QUEUE_FACTOR: Final = 5
#: All quotas, by name.
QUOTAS: Final[Mapping[str, Quota]] = {
    one.name: one
    for one in (
        Quota("Build projects", 5000, "documented"),
        Quota("Report groups", 1000, "documented"),
        Quota("Source credentials", None, _NOT_KNOWN),
        Quota("Fleets", None, _NOT_KNOWN),
        Quota("Fleet instances of one type", None, _NOT_KNOWN),
        IN_QUEUE,
        ALL_BUILDS,
        *_BY_TYPE.values(),
    )
}


def concurrency_quotas(environment_type: str, compute_type: str) -> tuple[str, ...]:
    """Return the names of the quotas that builds of these types may come under.

    The first of them that is set is the one that counts.
    """
    own = _BY_TYPE.get((environment_type, compute_type))
    return (ALL_BUILDS.name,) if own is None else (own.name, ALL_BUILDS.name)


class QuotaSettings:
    """The quotas of one mock, as test authors set them: ``mb.quotas["build_projects"] = 2``.

    A quota's name is the one that Service Quotas prints, as it is or in snake_case;
    ``list(mb.quotas)`` has all. Its value is a whole number, or ``None`` where there is no end.
    Reading an entry gives the value that holds where no other was set; deleting it brings AWS's
    default back. All can be set before the first call, and at any time: what is there already
    stays, and builds that wait start as soon as a quota lets them.

    ``build_projects``, ``report_groups``, ``source_credentials``, ``fleets`` and
    ``fleet_instances_of_one_type`` (as many as the fleets of a type can have together) make the
    operations that create these fail with AccountLimitExceededException.

    Builds on demand wait while there are too many of them:
    ``concurrently_running_builds_for_linux_small_environment`` and its likes count those of one
    environment type and compute type, ``concurrently_running_builds`` counts all of which the
    type has no quota set. Without these, as many run as are started. Five times as many can wait,
    or ``builds_in_queue``; one more is refused. AWS's own numbers differ from account to account:
    1 for most types and 0 for GPU and 2XLarge are published, and 20 or 60 are common. Only builds
    started while a quota is set count towards it.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, str | None, str | None], int | None] = {}
        self._watchers: list[Callable[[], None]] = []
        #: Whether some build may have to wait.
        self.limits_builds = False

    def set(
        self,
        name: str,
        value: int | None,
        *,
        region: str | None = None,
        account_id: str | None = None,
    ) -> None:
        """Set a quota, for one region, one account, or both; otherwise, for all.

        :param value: how many there can be; ``None`` is without end.
        :raises ConfigurationError: there is no such quota, or the value makes no sense.
        """
        quota = _known(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ConfigurationError(f"a quota is a whole number or None, not {value!r}")
        if value is not None and value < 0:
            raise ConfigurationError(f"a quota is at least 0, not {value!r}")
        self._values[quota.name, account_id, region] = value
        self._changed()

    def __setitem__(self, name: str, value: int | None) -> None:
        self.set(name, value)

    def __getitem__(self, name: str) -> int | None:
        quota = _known(name)
        return self._values.get((quota.name, None, None), quota.default)

    def __delitem__(self, name: str) -> None:
        quota = _known(name)
        for key in [key for key in self._values if key[0] == quota.name]:
            del self._values[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(QUOTAS)

    def __len__(self) -> int:
        return len(QUOTAS)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and snake_case(name) in QUOTAS

    def value(self, name: str, account_id: str, region: str) -> int | None:
        """Return the value that holds for an account in a region: the one set most closely."""
        if self._values:
            for key in ((account_id, region), (account_id, None), (None, region), (None, None)):
                found = self._values.get((name, *key), ...)
                if found is not ...:
                    return found
        return QUOTAS[name].default

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have *watcher* called after each change."""
        self._watchers.append(watcher)

    def _changed(self) -> None:
        limiting = {ALL_BUILDS.name, *(quota.name for quota in _BY_TYPE.values())}
        self.limits_builds = any(
            key[0] in limiting and value is not None for key, value in self._values.items()
        )
        for watcher in self._watchers:
            watcher()


def _known(name: str) -> Quota:
    quota = QUOTAS.get(snake_case(name))
    if quota is None:
        close = get_close_matches(snake_case(name), QUOTAS, 1, cutoff=0)[0]
        raise ConfigurationError(f"there is no quota {name!r}; did you mean {close!r}?")
    return quota


class Quotas:
    """The quotas of an account in a region.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self.settings = here.scripts.quotas
        self._account_id = here.account_id
        self._region = here.region

    def value(self, name: str) -> int | None:
        """Return a quota; ``None`` is without end."""
        return self.settings.value(name, self._account_id, self._region)

    def check(self, name: str, count: int) -> None:
        """Refuse one more of something of which there are *count*; the text is a guess.

        :raises AccountLimitExceededException: that would be too many.
        """
        most = self.value(name)
        if most is not None and count >= most:
            noun = name.removeprefix("build_").replace("_", " ")
            raise AccountLimitExceededException(
                f"Cannot have more than {most} {noun} for the account"
            )
