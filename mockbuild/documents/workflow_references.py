"""References in a workflow document: ``$.stepOutputs.Launch.instanceId`` and the like.

A key with ``.$`` at its end takes one as its value; in any other text one stands between double
braces.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from mockbuild.documents.braces import in_braces, replaced

_PATH = re.compile(r"\$\.(?P<node>[A-Za-z]+)(?P<rest>(?:\.[A-Za-z0-9_-]+|\[[0-9]{1,9}\])+)")
_PART = re.compile(r"[A-Za-z0-9_-]+")

#: Variables of the service, under ``$.imagebuilder``.
SYSTEM_VARIABLES = (
    "cloudWatchLogGroup", "cloudWatchLogStream", "collectImageMetadata",
    "collectImageScanFindings", "dateTime", "imageBuildNumber", "imageId", "imageName",
    "imageType", "imageVersionNumber", "instanceProfileName", "platform", "s3Logs",
    "securityGroups", "sourceImageARN", "subnetId", "terminateInstanceOnFailure",
    "workflowPhase", "workingDirectory",
)  # fmt: skip
NODES = ("imagebuilder", "parameters", "stepOutputs", "workflowOutputs")


@dataclass(frozen=True, slots=True)
class PathReference:
    """One reference.

    :param node: the first name: ``parameters``, ``stepOutputs``, ``workflowOutputs`` or
        ``imagebuilder``.
    :param parts: names and indexes after it, as texts.
    """

    node: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        tail = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in self.parts)
        return f"$.{self.node}{tail}"


def is_path(text: str) -> bool:
    """Whether a text is meant as a reference."""
    return text.startswith("$.")


@lru_cache(maxsize=512)
def parse_path(text: str) -> PathReference | None:
    """Read a reference; ``None`` when it has another form."""
    found = _PATH.fullmatch(text)
    if found is None:
        return None
    return PathReference(found["node"], tuple(_PART.findall(found["rest"])))


def paths_in_braces(text: str) -> Iterator[str]:
    """Yield each reference between double braces, whatever its form.

    Other text between braces is none: ``{{ imagebuilder:buildDate }}`` is for distribution.
    """
    return filter(is_path, in_braces(text))


def interpolate(text: str, value_of: Callable[[PathReference], str | None]) -> str:
    """Put values in place of the references between braces in `text`, in one go.

    :param text: the text.
    :param value_of: gives the value of a reference; ``None`` leaves it as it is.
    """

    def value(inner: str) -> str | None:
        reference = parse_path(inner)
        return None if reference is None else value_of(reference)

    return replaced(text, value)
