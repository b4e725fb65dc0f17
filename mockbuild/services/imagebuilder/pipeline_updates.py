"""Whether there is anything newer to build an image of than the last image was built of."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.image_arns import ArnError, ImageBuilderArn
from mockbuild.domain.versions import Version
from mockbuild.services.imagebuilder import next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.parent_images import USABLE
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.shelves import Resource

_SSM = "ssm:"


class Used(NamedTuple):
    """What something that is named stood for at some time.

    :param version: which version; ``None`` of what has no versions.
    :param value: its ARN, or the value of a parameter.
    """

    version: Version | None
    value: str


def used(here: ImageBuilder, recipe: Resource, named: str) -> Mapping[str, Used]:
    """Return what everything stands for now that an image is built of, by what names it.

    That a recipe which is named with an ``x`` counts among it is a guess. What cannot be found is
    left out, as is what never stands for anything else: an AMI, an image in a registry.

    :param recipe: the recipe as it is now.
    :param named: the ARN that the pipeline has for it.
    """
    found: dict[str, Used] = {named: Used(Version.parse(recipe.arn.version), str(recipe.arn))}
    for name in _named(recipe):
        one = _parameter(here, name) if name.startswith(_SSM) else _resource(here, name)
        if one is not None:
            found[name] = one
    return found


def is_newer(now: Mapping[str, Used], before: Mapping[str, Used]) -> bool:
    """Tell whether there is something in *now* that is newer than *before*, or was not there.

    So there is, if nothing was built before; that is a guess.
    """
    return any(name not in before or _follows(one, before[name]) for name, one in now.items())


def _follows(now: Used, before: Used) -> bool:
    if now.version is None or before.version is None:
        return now.value != before.value
    return now.version > before.version


def _named(recipe: Resource) -> Iterator[str]:
    record = recipe.record
    yield record["parentImage"]
    for component in record.get("components", ()):
        yield component["componentArn"]


def _parameter(here: ImageBuilder, name: str) -> Used | None:
    value = next_door.parameter_value(here, name.removeprefix(_SSM))
    return None if value is None else Used(None, value)


def _resource(here: ImageBuilder, name: str) -> Used | None:
    try:
        kind = ImageBuilderArn.parse(name).kind
    except ArnError:
        return None
    action = "imagebuilder:GetImage" if kind == "image" else "imagebuilder:GetComponent"
    try:
        found = resolve(
            here, kind, name, "", action=action, accept=_usable if kind == "image" else None
        )
    except AwsError:
        return None
    return Used(Version.parse(found.arn.version), str(found.arn))


def _usable(image: Resource) -> bool:
    return image.record["state"]["status"] in USABLE
