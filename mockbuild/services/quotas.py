"""Service quotas: how much of everything an account can have in a region, and who says so."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mockbuild.errors import ConfigurationError
from mockbuild.services.backend import Backend


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


class QuotaSettings:
    """The quotas of one mock, as test authors set them: ``mb.quotas["build_projects"] = 2``.

    A quota's name is the one that Service Quotas prints, as it is or in snake_case;
    ``list(mb.quotas)`` has all, of both services. Its value is a whole number, or ``None`` where
    there is no end. Reading an entry gives the value that holds where no other was set; deleting it
    brings AWS's default back. All can be set before the first call, and at any time: what is there
    already stays, and builds that wait start as soon as a quota lets them.

    In CodeBuild, ``build_projects``, ``report_groups``, ``source_credentials``, ``fleets`` and
    ``fleet_instances_of_one_type`` (as many as the fleets of a type can have together) make the
    operations that create these fail with AccountLimitExceededException.

    Builds on demand wait while there are too many of them:
    ``concurrently_running_builds_for_linux_small_environment`` and its likes count those of one
    environment type and compute type, ``concurrently_running_builds`` counts all of which the
    type has no quota set. Without these, as many run as are started. Five times as many can wait,
    or ``builds_in_queue``; one more is refused. AWS's own numbers differ from account to account:
    1 for most types and 0 for GPU and 2XLarge are published, and 20 or 60 are common. Only builds
    started while a quota is set count towards it.

    In Image Builder, every quota makes what would exceed it fail with
    ServiceQuotaExceededException: ``components``, ``image_pipelines``, ``concurrent_builds`` and so
    on. Sizes are in kilobytes, lengths in characters.

    :param quotas: all that there are, by name.
    """

    def __init__(self, quotas: Mapping[str, Quota]) -> None:
        self._quotas = quotas
        self._values: dict[tuple[str, str | None, str | None], int | None] = {}
        self._watchers: list[Callable[[], None]] = []
        #: The names of those of which a number is set.
        self.limited: frozenset[str] = frozenset()

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
        quota = self._known(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ConfigurationError(f"a quota is a whole number or None, not {value!r}")
        if value is not None and value < 0:
            raise ConfigurationError(f"a quota is at least 0, not {value!r}")
        self._values[quota.name, account_id, region] = value
        self._changed()

    def __setitem__(self, name: str, value: int | None) -> None:
        self.set(name, value)

    def __getitem__(self, name: str) -> int | None:
        quota = self._known(name)
        return self._values.get((quota.name, None, None), quota.default)

    def __delitem__(self, name: str) -> None:
        quota = self._known(name)
        for key in [key for key in self._values if key[0] == quota.name]:
            del self._values[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._quotas)

    def __len__(self) -> int:
        return len(self._quotas)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and snake_case(name) in self._quotas

    def value(self, name: str, account_id: str, region: str) -> int | None:
        """Return the value that holds for an account in a region: the one set most closely."""
        if self._values:
            for key in ((account_id, region), (account_id, None), (None, region), (None, None)):
                found = self._values.get((name, *key), ...)
                if found is not ...:
                    return found
        return self._quotas[name].default

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have *watcher* called after each change."""
        self._watchers.append(watcher)

    def _changed(self) -> None:
        self.limited = frozenset(key[0] for key, value in self._values.items() if value is not None)
        for watcher in self._watchers:
            watcher()

    def _known(self, name: str) -> Quota:
        quota = self._quotas.get(snake_case(name))
        if quota is None:
            close = get_close_matches(snake_case(name), self._quotas, 1, cutoff=0)[0]
            raise ConfigurationError(f"there is no quota {name!r}; did you mean {close!r}?")
        return quota


class Quotas:
    """The quotas of an account in a region.

    :param here: the region.
    """

    def __init__(self, here: Backend) -> None:
        self.settings = here.means.scripts.quotas
        self._account_id = here.account_id
        self._region = here.region

    def value(self, name: str) -> int | None:
        """Return a quota; ``None`` is without end."""
        return self.settings.value(name, self._account_id, self._region)
