"""CodeBuild's quotas: how much of everything an account can have in a region.

Quotas of single requests and records (tags, subnets, minutes, ids in a request) are in the model,
which checks them.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mockbuild.domain.aws_errors import AccountLimitExceededException
from mockbuild.services import quotas
from mockbuild.services.codebuild.environment_rules import COMPUTE_TYPES
from mockbuild.services.quotas import Quota

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
#: Those that let builds wait.
_LIMITING: Final = frozenset({ALL_BUILDS.name, *(quota.name for quota in _BY_TYPE.values())})
#: Documented: how many builds can wait for each that can run.
QUEUE_FACTOR: Final = 5
#: All of CodeBuild's, by name.
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


class Quotas(quotas.Quotas):
    """The quotas of an account's CodeBuild in a region."""

    @property
    def limits_builds(self) -> bool:
        """Whether some build may have to wait, wherever it is."""
        return not _LIMITING.isdisjoint(self.settings.limited)

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
