"""Members of requests that are checked and then have no effect, each with the reason."""

from collections.abc import Mapping
from typing import Final

#: By ``Operation.member``; ``mockbuild coverage`` shows them.
IGNORED: Final[Mapping[str, str]] = {
    "ImportComponent.format": "there is only one",
    "ImportDiskImage.registerImageOptions": "no operation shows them, and AMIs do not boot",
    "ImportDiskImage.uri": "the file must be there, in a bucket that is; it is not read",
    "ImportDiskImage.windowsConfiguration": "no operation shows it, and the file is not read",
    "StartResourceStateUpdate.executionRole": "no operation shows it, and all is permitted",
}
