"""Members of requests that are checked and then have no effect, each with the reason."""

from collections.abc import Mapping
from typing import Final

#: By ``Operation.member``; ``mockbuild coverage`` shows them.
IGNORED: Final[Mapping[str, str]] = {}
