"""The components of a recipe: which ones can be in it, together and with what parameters."""

import json
from collections.abc import Sequence
from typing import Final

from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.parameters import check_given
from mockbuild.services.imagebuilder.parent_images import Base
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import parsed, resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import invalid

_PARAMETER: Final = "components"
#: How large the components of a recipe can be, with their parameters. That it is their JSON that is
#: measured, and that a KB has 1024 bytes, is a guess.
MOST_BYTES: Final = 25 * 1024
MOST_PRODUCTS: Final = 9
#: States that keep a component out of new recipes, as the error says them.
_UNUSABLE: Final = {"DEPRECATED": "deprecated", "DISABLED": "disabled"}


def check_components(
    here: ImageBuilder, configurations: Sequence[Record], base: Base, recipe: str
) -> str:
    """Check the components of a new recipe, and return the recipe's platform.

    The texts are documented, but for that on quotas, without saying what they are about; that they
    are about ``components``, and name the ARN as the request does, is recorded of one.

    :param configurations: ``components`` of the request.
    :param base: what the recipe builds on.
    :param recipe: ``an image recipe`` or ``a container recipe``.
    :raises ResourceNotFoundException: there is no such component.
    :raises InvalidParameterValueException: a component does not fit the others or *base*.
    :raises InvalidParameterCombinationException: the parameters are not those that it wants.
    :raises ServiceQuotaExceededException: there are too many.
    """
    _check_once(configurations, recipe)
    check_quota(here, "components_per_image_recipe", len(configurations))
    found = [
        resolve(
            here,
            "component",
            one["componentArn"],
            f"{_PARAMETER}[{number}].componentArn",
            action="imagebuilder:GetComponent",
        )
        for number, one in enumerate(configurations)
    ]
    platform = base.platform_with(found)
    for number, (configuration, component) in enumerate(zip(configurations, found, strict=True)):
        _check_fit(component, configuration["componentArn"], platform, base.os_version)
        given = configuration.get("parameters", ())
        check_given(here, component, given, f"{_PARAMETER}[{number}].parameters")
    _check_size(configurations)
    _check_products(found, base, recipe)
    return platform


def _check_once(configurations: Sequence[Record], recipe: str) -> None:
    """Make sure that no component comes twice, whatever the version."""
    names = {
        parsed(one["componentArn"], f"{_PARAMETER}[{number}].componentArn").at("")
        for number, one in enumerate(configurations)
    }
    if len(names) < len(configurations):
        raise invalid(_PARAMETER, f"A component may be specified in {recipe} at most once.")


def _check_fit(component: Resource, arn: str, platform: str, os_version: str | None) -> None:
    record = component.record
    state = _UNUSABLE.get(record.get("state", {}).get("status", ""))
    if state is not None:
        raise invalid(
            _PARAMETER,
            f"Component ARN '{arn}' is {state} and cannot be included in new recipes.",
        )
    if record["platform"] != platform:
        raise invalid(
            _PARAMETER, f"Component ARN '{arn}' does not match the Parent Image Platform."
        )
    supported = record.get("supportedOsVersions")
    if supported and os_version is not None and not os_version.startswith(tuple(supported)):
        raise invalid(
            _PARAMETER, f"Component ARN '{arn}' does not support the Parent Image OS Version."
        )


def _check_size(configurations: Sequence[Record]) -> None:
    text = json.dumps(configurations, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise invalid(_PARAMETER, "You've exceeded the maximum cumulative component size of 25 KB.")


def _check_products(found: Sequence[Resource], base: Base, recipe: str) -> None:
    """Check what holds for components from the AWS Marketplace: they have product codes.

    Documented: what the recipe builds on counts, too.
    """
    products = {
        code["productCodeId"] for one in found for code in one.record.get("productCodes", ())
    }
    if not products:
        return
    if recipe != "an image recipe":
        raise invalid(_PARAMETER, "Container Recipes must not contain marketplace components.")
    if len(products) + base.products > MOST_PRODUCTS:
        raise invalid(
            _PARAMETER, f"Recipe can contain at most {MOST_PRODUCTS} marketplace products."
        )
    if all(one.record["type"] != "BUILD" for one in found):
        raise invalid(
            _PARAMETER,
            "Recipes with marketplace components must contain at least 1 build component.",
        )
