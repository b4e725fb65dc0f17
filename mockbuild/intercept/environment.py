"""Credentials and a region for clients made while a mock is on, where the user has none."""

import os
from functools import lru_cache
from pathlib import Path

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
_REGION = "AWS_DEFAULT_REGION"


class FakeEnvironment:
    """Supplies what is missing in ``os.environ``, and takes just that away again."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}

    def start(self) -> None:
        """Set what the user has not set; an empty text counts as not set."""
        if not os.environ.get("AWS_ACCESS_KEY_ID"):
            for name, value in _CREDENTIALS.items():
                self._set(name, value)
        if not os.environ.get(_REGION) and not _configured_region():
            self._set(_REGION, "us-east-1")

    def stop(self) -> None:
        """Leave the environment as it was before, empty texts included.

        A variable that somebody has changed meanwhile is theirs and stays.
        """
        for name, value in self._before.items():
            ours = _CREDENTIALS.get(name, "us-east-1")
            if os.environ.get(name) != ours:
                continue
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        self._before.clear()

    def _set(self, name: str, value: str) -> None:
        self._before[name] = os.environ.get(name)
        os.environ[name] = value


def _configured_region() -> str | None:
    """Return the region of the user's configuration file, if there is one.

    Reading it takes milliseconds, so that is done once for each state of the file.
    """
    path = Path(os.environ.get("AWS_CONFIG_FILE") or Path.home() / ".aws" / "config").expanduser()
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _region_in(str(path), changed, os.environ.get("AWS_PROFILE"))


@lru_cache(8)
def _region_in(path: str, changed: int, profile: str | None) -> str | None:
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        region: str | None = Session(profile=profile).get_config_variable("region")
    except BotoCoreError:
        return None
    return region
