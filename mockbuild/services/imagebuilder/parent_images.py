"""What recipes build on, in all the ways that it can be named."""

import re
from dataclasses import dataclass
from typing import Final

from mockbuild.domain.aws_errors import ResourceNotFoundException
from mockbuild.services.imagebuilder import next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid

#: The states of an image that can be built on. Documented: pipelines run for deprecated images, and
#: not for disabled ones. That the same holds for new recipes is a guess.
USABLE: Final = frozenset({"AVAILABLE", "DEPRECATED"})
#: The platform where nothing tells: a guess.
_USUAL: Final = "Linux"
_PARAMETER: Final = "parentImage"

_AMI = re.compile(r"ami-[0-9A-Za-z-]+|ssm:[\w./:-]+", re.ASCII)
#: A product of the AWS Marketplace goes by its id, or a UUID (documented).
_PRODUCT = re.compile(r"prod-[0-9A-Za-z]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAME = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
#: A container image in a registry: a host, a path, and a tag or digest.
_URI = re.compile(
    rf"(?:[\w.-]+(?::\d+)?/)?{_NAME}(?:/{_NAME})*(?::[\w][\w.-]{{0,127}})?(?:@[\w+.-]+:[0-9a-f]+)?",
    re.ASCII,
)
_ECR = re.compile(r"\d{12}\.dkr[.-]ecr[\w-]*\.[\w.-]+/.+")
_ECR_PUBLIC: Final = "public.ecr.aws/"


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of a parent image.

    :param platform: ``Linux``, ``Windows`` or ``macOS``; ``None`` where nothing tells.
    :param os_version: such as ``Amazon Linux 2``; ``None`` where nothing tells.
    :param products: how many products of the AWS Marketplace it is.
    """

    platform: str | None
    os_version: str | None = None
    products: int = 0

    def platform_with(self, components: list[Resource]) -> str:
        """Return the platform of a recipe; *components* tell it where the image does not.

        Of an AMI that only Amazon EC2 knows, AWS learns the platform from there. To take it from
        the first component is the nearest to that: those of other platforms would be refused.
        """
        return self.platform or next((one.record["platform"] for one in components), _USUAL)


def image_base(here: ImageBuilder, parent: str) -> Base:
    """Return what is known of the parent image of an image recipe.

    :param parent: an AMI, ``ssm:`` and a parameter, the ARN of an image, or a product of the AWS
        Marketplace.
    :raises InvalidParameterValueException: it is none of these (documented), or there is no such
        image. The texts are guesses.
    """
    if parent.startswith("arn:"):
        return _image(here, parent, "AMI")
    if _AMI.fullmatch(parent):
        return Base(next_door.ami_platform(here, parent, _PARAMETER))
    if _PRODUCT.fullmatch(parent):
        return Base(None, products=1)
    raise invalid(
        _PARAMETER,
        "It must be an AMI ID, the ARN of an image, an SSM parameter prefixed by ssm:, or an AWS "
        "Marketplace product ID.",
    )


def container_base(
    here: ImageBuilder, parent: str, platform: str | None, os_version: str | None
) -> Base:
    """Return what is known of the parent image of a container recipe.

    Of an image in Amazon ECR one has to say the platform; of one elsewhere it is read from its
    manifest, here from nowhere, so that it is Linux unless something else is said.

    :param parent: the ARN of a container image, or an image in a registry.
    :param platform: ``platformOverride``.
    :param os_version: ``imageOsVersionOverride``.
    :raises InvalidParameterValueException: *parent* is neither, or there is no such image. The
        texts are guesses.
    :raises InvalidParameterCombinationException: an override is missing, or one too many. The texts
        are recorded or documented, but for that on the version of an image that has an ARN.
    """
    if platform == "macOS":
        raise invalid(
            "platformOverride", "Container recipes don't currently support the macOS platform."
        )
    if parent.startswith("arn:"):
        if platform is not None:
            raise does_not_go_together(
                "platformOverride",
                "You cannot specify a platform override when using an Image Builder Image as your "
                "parent.",
            )
        if os_version is not None:
            raise does_not_go_together(
                "imageOsVersionOverride",
                "You cannot specify an image OsVersion override when using an Image Builder Image "
                "as your parent.",
            )
        return _image(here, parent, "DOCKER")
    if not _URI.fullmatch(parent):
        raise invalid(_PARAMETER, "It must be the ARN of an image or the URI of a container image.")
    if platform is None:
        _check_detectable(parent)
    elif platform == "Windows" and os_version is None:
        raise does_not_go_together(
            _PARAMETER,
            "You must specify an image OsVersion override when using ECR Repositories as your "
            "parent image for Windows Platform.",
        )
    return Base(platform or _USUAL, os_version)


def check_instance_image(here: ImageBuilder, image: str, parameter: str) -> None:
    """Check the AMI of the instance that containers are built on.

    :param image: ``ami-…``, or ``ssm:`` and a parameter.
    :param parameter: where it stands in the request.
    :raises InvalidParameterValueException: it is neither, which is a guess, or there is no such
        image.
    """
    if not _AMI.fullmatch(image):
        raise invalid(parameter, "It must be an AMI ID, or an SSM parameter prefixed by ssm:.")
    next_door.ami_platform(here, image, parameter)


def _check_detectable(uri: str) -> None:
    """Make sure that the platform of an image need not be said; the texts are recorded."""
    if uri.startswith(_ECR_PUBLIC):
        registry = "ECR Public Repositories"
    elif _ECR.fullmatch(uri):
        registry = "ECR Repositories"
    else:
        return
    raise does_not_go_together(
        _PARAMETER,
        f"You must specify a platform override when using {registry} as your parent image.",
    )


def _image(here: ImageBuilder, arn: str, kind: str) -> Base:
    """Return what is known of an image of Image Builder's.

    :param kind: ``AMI`` or ``DOCKER``.
    """

    def fits(image: Resource) -> bool:
        return image.record["state"]["status"] in USABLE and image.record["type"] == kind

    try:
        found = resolve(here, "image", arn, _PARAMETER, action="imagebuilder:GetImage", accept=fits)
    except ResourceNotFoundException:
        raise invalid(_PARAMETER, f"There is no available image of type {kind}: '{arn}'.") from None
    return Base(found.record["platform"], found.record.get("osVersion"))
