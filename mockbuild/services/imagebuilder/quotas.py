"""Image Builder's quotas: how much of everything an account can have in a region."""

from collections.abc import Iterable, Mapping
from typing import Final

from mockbuild.domain.aws_errors import ServiceQuotaExceededException
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.quotas import Quota, Quotas

#: All of Image Builder's, by name. Those of cumulative sizes, product codes and tags are none of
#: Service Quotas: they are rules of requests, checked there.
QUOTAS: Final[Mapping[str, Quota]] = {
    one.name: one
    for one in (
        Quota(printed, default, "documented")
        for printed, default in (
            ("Component parameter length", 1024),
            ("Component size", 64),
            ("Components", 1000),
            ("Components per image recipe", 20),
            ("Concurrent AMI copies per distribution configuration", 50),
            ("Concurrent builds", 100),
            ("Concurrent resource state update", 50),
            ("Container recipes", 1000),
            ("Distribution configurations", 1000),
            ("Docker template size", 64),
            ("Image pipelines", 75),
            ("Image recipes", 1000),
            ("Image workflow parameter", 1024),
            ("Image workflow size", 64),
            ("Image workflows", 1000),
            ("Image workflows per image", 10),
            ("Infrastructure configurations", 1000),
            ("Launch templates modified per distribution configuration Region", 5),
            ("Lifecycle policies", 50),
            ("Parameters per component", 25),
            ("Parameters per image workflow", 25),
            ("SSM Parameters updated per distribution configuration Region", 10),
            ("Steps per image workflow", 15),
        )
    )
}


def check_quota(here: ImageBuilder, name: str, wanted: int) -> None:
    """Refuse more of something than there can be; the text is a guess.

    :param name: one of :data:`QUOTAS`.
    :param wanted: how many there would be.
    :raises ServiceQuotaExceededException: that would be too many.
    """
    most = here.store(Quotas).value(name)
    if most is not None and wanted > most:
        raise ServiceQuotaExceededException(
            f"You have exceeded the service quota '{QUOTAS[name].printed}', which is {most}."
        )


def kilobytes(text: str) -> int:
    """Return how large a document is, as quotas count it. That a KB has 1024 bytes is a guess."""
    return -(-len(text.encode("utf-8", "replace")) // 1024)


def longest(values: Iterable[str]) -> int:
    """Return how many characters the longest value has."""
    return max(map(len, values), default=0)
