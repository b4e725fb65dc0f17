"""Members of requests that are checked and then have no effect, each with the reason."""

from collections.abc import Mapping
from typing import Final

#: By ``Operation.member``; ``mockbuild coverage`` shows them.
IGNORED: Final[Mapping[str, str]] = {
    "ImportSourceCredentials.token": (
        "not kept unless it names a connection or a secret: no operation shows it, and no provider "
        "is called"
    ),
    "ImportSourceCredentials.username": "not kept: no operation shows it",
    "InvalidateProjectCache.projectName": "a project must have it; no cache is kept of builds",
}
