"""Service quotas: how much of everything an account can have in a region (documented)."""

from collections.abc import Mapping
from typing import Final

from mockbuild.domain.aws_errors import ServiceQuotaExceededException

#: By what they are called in the plural.
QUOTAS: Final[Mapping[str, int]] = {
    "components": 1000,
    "container recipes": 1000,
    "distribution configurations": 1000,
    "image pipelines": 75,
    "image recipes": 1000,
    "infrastructure configurations": 1000,
    "lifecycle policies": 50,
    "workflows": 1000,
    "components per recipe": 20,
    "launch templates per distribution Region": 5,
    "SSM parameters per distribution Region": 10,
}


def check_quota(name: str, wanted: int) -> None:
    """Refuse more of something than there can be; the text is a guess.

    :param name: one of :data:`QUOTAS`.
    :param wanted: how many there would be.
    :raises ServiceQuotaExceededException: that would be too many.
    """
    most = QUOTAS[name]
    if wanted > most:
        raise ServiceQuotaExceededException(
            f"You have exceeded the service quota for {name}: there can be {most} at most."
        )
