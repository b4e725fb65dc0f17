"""Inputs of steps that distribute images, in the forms that configurations have.

A document says anything there, and references lead to anything; what has not the form that the
guide gives it is passed over, which is a guess.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]

_TEXTS = ("name", "description", "kmsKeyId")


def mappings(given: Any) -> list[Record]:
    """Return the mappings in a list, or the one that stands alone."""
    items = given if isinstance(given, list) else [given]
    return [one for one in items if isinstance(one, Mapping)]


def _by_region(given: Any) -> list[tuple[str, Record]]:
    return [(str(one["region"]), one) for one in mappings(given) if one.get("region")]


def _texts(given: Any) -> list[str]:
    return [str(one) for one in (given if isinstance(given, list) else [given]) if one]


def copies_wanted(given: Any) -> list[tuple[str, Record]]:
    """Return regions, and what is said of the AMI there: ``distributions`` of a step."""
    wanted: list[tuple[str, Record]] = []
    for region, one in _by_region(given):
        settings: dict[str, Any] = {name: str(one[name]) for name in _TEXTS if one.get(name)}
        settings["targetAccountIds"] = _texts(one.get("targetAccountIds"))
        tags = one.get("amiTags")
        if isinstance(tags, Mapping):
            settings["amiTags"] = {str(key): str(value) for key, value in tags.items()}
        wanted.append((region, settings))
    return wanted


def shares_wanted(given: Any) -> dict[str, Record]:
    """Return launch permissions by region: ``attributes`` of a step."""
    return {
        region: {name: _texts(value) for name, value in one["launchPermission"].items()}
        for region, one in _by_region(given)
        if isinstance(one.get("launchPermission"), Mapping)
    }


def configurations_wanted(given: Any) -> list[Record]:
    """Return what is to be done in each region: ``configurations`` of a step."""
    return [_configuration(region, one) for region, one in _by_region(given)]


def _configuration(region: str, one: Record) -> Record:
    export = _complete(one.get("s3ExportConfiguration"), "roleName", "diskImageFormat", "s3Bucket")
    return {
        "region": region,
        "licenseConfigurationArns": _texts(one.get("licenseConfigurationArns")),
        "launchTemplateConfigurations": _complete(
            one.get("launchTemplateConfigurations"), "launchTemplateId"
        ),
        "ssmParameterConfigurations": _complete(
            one.get("ssmParameterConfigurations"), "parameterName"
        ),
        "fastLaunchConfigurations": mappings(one.get("fastLaunchConfigurations")),
        "s3ExportConfiguration": export[0] if export else None,
    }


def _complete(given: Any, *needed: str) -> Sequence[Record]:
    """Return the mappings that have all that they need, every single value as a text."""
    return [
        {name: value if isinstance(value, bool) else str(value) for name, value in one.items()}
        for one in mappings(given)
        if all(one.get(name) for name in needed)
    ]
