"""Rules on the tags of projects, report groups and fleets."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockbuild.domain.aws_errors import InvalidInputException


def check_tags(tags: Iterable[Mapping[str, Any]]) -> None:
    """Check the keys: none is AWS's own, none comes twice. The texts are guesses."""
    keys = [tag.get("key", "") for tag in tags]
    if any(key.startswith("aws:") for key in keys):
        raise InvalidInputException("Invalid tags: tag keys cannot start with aws:")
    if len(keys) != len(set(keys)):
        raise InvalidInputException("Invalid tags: tag keys cannot be duplicated")
