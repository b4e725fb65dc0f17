"""Components: what is installed on images, and how images are tested.

CreateComponent, ImportComponent, GetComponent, ListComponents, ListComponentBuildVersions and
DeleteComponent.
"""

from collections.abc import Mapping, Sequence
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final, cast

from mockbuild.domain.versions import Version
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.built import (
    COMPONENTS,
    Listed,
    add_build,
    all_builds,
    builds_of,
    by_name_and_version,
    filters_by,
    one_per_name,
    source_of,
)
from mockbuild.services.imagebuilder.catalogue import Catalogue
from mockbuild.services.imagebuilder.filters import Values, filtered
from mockbuild.services.imagebuilder.parameters import check_declared
from mockbuild.services.imagebuilder.quotas import check_quota, kilobytes
from mockbuild.services.imagebuilder.resolve import parsed, resolve
from mockbuild.services.imagebuilder.resource_policies import shared_with
from mockbuild.services.imagebuilder.shelves import Resource, version_arn
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.operations import operation

if TYPE_CHECKING:
    from mockbuild.documents.component import Platform

_KIND: Final = "component"
_VERSION_MEMBERS: Final = (
    "name",
    "version",
    "description",
    "platform",
    "supportedOsVersions",
    "type",
    "owner",
    "dateCreated",
    "productCodes",
)
_SUMMARY_MEMBERS: Final = (
    "arn",
    "name",
    "version",
    "platform",
    "supportedOsVersions",
    "state",
    "type",
    "owner",
    "description",
    "changeDescription",
    "dateCreated",
    "tags",
    "publisher",
    "obfuscate",
)
_DEPRECATED: Final = "DEPRECATED"
#: How YAML has these between double quotes.
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@operation
def create_component(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    platform: str,
    data: str | None = None,
    uri: str | None = None,
    tags: dict[str, str] | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create a component, or another build of a version that is there.

    :raises InvalidParameterCombinationException: it has both data and a URI, or neither.
    :raises InvalidParameterValueException: the document is not valid, or not there.
    :raises InvalidVersionNumberException: a number of the version is too great.
    :raises ResourceAlreadyExistsException: the latest build of the version has the same content.
    :raises ServiceQuotaExceededException: there are too many.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    text, parameter = source_of(here, data, uri)
    given = {"name": name, "version": semantic_version, "platform": platform, **members}
    record = _record(here, given, tags, text, parameter)
    made = add_build(here, COMPONENTS, _KIND, record, dry_run=dry_run)
    return {
        "componentBuildVersionArn": str(made.arn),
        "latestVersionReferences": made.arn.latest_references(),
    }


@operation
def import_component(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    type: str,  # noqa: A002
    format: str,  # noqa: A002, ARG001 - there is only one
    platform: str,
    data: str | None = None,
    uri: str | None = None,
    tags: dict[str, str] | None = None,
    **members: Any,
) -> Record:
    """Make a component of a script. The name of its step, and what runs it, are guesses.

    :raises InvalidParameterCombinationException: it has both data and a URI, or neither.
    :raises InvalidParameterValueException: the script cannot be in a document, or is not there.
    :raises InvalidVersionNumberException: a number of the version is too great.
    :raises ResourceAlreadyExistsException: the latest build of the version has the same content.
    :raises ServiceQuotaExceededException: there are too many.
    """
    script, parameter = source_of(here, data, uri)
    text = _wrapped(name, type.lower(), platform, script)
    given = {"name": name, "version": semantic_version, "platform": platform, **members}
    record = _record(here, given, tags, text, parameter)
    return {"componentBuildVersionArn": str(add_build(here, COMPONENTS, _KIND, record).arn)}


@operation
def get_component(here: ImageBuilder, *, component_build_version_arn: str) -> Record:
    """Return the latest build of what an ARN may mean, whoever provides or shares it.

    :raises ResourceNotFoundException: there is none.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    found = resolve(
        here,
        _KIND,
        component_build_version_arn,
        "componentBuildVersionArn",
        action="imagebuilder:GetComponent",
    )
    return {
        "component": found.record,
        "latestVersionReferences": found.arn.latest_references(),
    }


@operation
def list_components(
    here: ImageBuilder,
    *,
    owner: str = "Self",
    filters: list[Record] | None = None,
    by_name: bool = False,
) -> Record:
    """List versions of components. Documented: deprecated ones only if they are filtered for.

    :raises InvalidParameterCombinationException: a list by name cannot be filtered by version.
    :raises InvalidParameterValueException: there is no such filter.
    """
    if by_name and filters_by(filters, "version"):
        raise by_name_and_version("Components")
    entries = _entries(here, owner)
    if owner != "Self" and not filters_by(filters, "status"):
        # Nobody can deprecate a component of their own: no operation does it.
        entries = [entry for entry in entries if entry["status"] != _DEPRECATED]
    if by_name:
        entries = one_per_name(entries)
    return {"componentVersionList": filtered(entries, filters, _FILTERS)}


@operation
def list_component_build_versions(
    here: ImageBuilder, *, component_version_arn: str | None = None
) -> Record:
    """List the builds of one of the caller's versions, or of all.

    Documented: of a version that is not there, or is not the caller's, there are none.

    :raises InvalidParameterValueException: a number of the version is too great.
    """
    shelf = here.shelves[_KIND]
    if component_version_arn is None:
        return {"componentSummaryList": all_builds([shelf], _summary)}
    parameter = "componentVersionArn"
    found = builds_of(shelf, parsed(component_version_arn, parameter), parameter)
    return {"componentSummaryList": [_summary(one) for one in found]}


@operation
def delete_component(here: ImageBuilder, *, component_build_version_arn: str) -> Record:
    """Delete one build of a component.

    :raises ResourceNotFoundException: the caller has no such build.
    :raises ResourceDependencyException: a recipe needs it, or another account may use it.
    """
    keeping.delete(here, _KIND, component_build_version_arn)
    return {"componentBuildVersionArn": component_build_version_arn}


def _record(
    here: ImageBuilder, given: Record, tags: dict[str, str] | None, text: str, parameter: str
) -> Record:
    """Return the record of a component with a document.

    :param given: what the request says of it.
    :param parameter: the parameter the document came in.
    :raises InvalidParameterValueException: the document is not valid.
    :raises ServiceQuotaExceededException: it is too large, or has too many parameters.
    """
    from mockbuild.documents.component import parse_component
    from mockbuild.documents.errors import DocumentError

    check_quota(here, "component_size", kilobytes(text))
    try:
        component = parse_component(text, platform=cast("Platform", given["platform"]))
    except DocumentError as error:
        raise invalid(parameter, error.aws_message) from None
    parameters = component.parameter_details
    check_declared(here, "component", parameters)
    return {
        **given,
        "type": component.type,
        "state": {"status": "ACTIVE"},
        **({"parameters": parameters} if parameters else {}),
        "owner": here.account_id,
        "data": text,
        "encrypted": True,
        "obfuscate": False,
        "tags": tags or {},
    }


def _wrapped(name: str, phase: str, platform: str, script: str) -> str:
    action = "ExecutePowerShell" if platform == "Windows" else "ExecuteBash"
    return (
        f"name: '{name}'\n"
        "schemaVersion: 1.0\n"
        "phases:\n"
        f"  - name: {phase}\n"
        "    steps:\n"
        "      - name: RunScript\n"
        f"        action: {action}\n"
        "        inputs:\n"
        "          commands:\n"
        f"            - {_quoted(script)}\n"
    )


def _quoted(text: str) -> str:
    """Return *text* as YAML has it between double quotes, whatever characters it has."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _entries(here: ImageBuilder, owner: str) -> Sequence[Record]:
    """Return an entry for each version that somebody has, in the order of names and versions."""
    if owner == "Self":
        return Listed([here.shelves[_KIND]], _version)
    if owner == "Shared":
        shared = sorted(
            shared_with(here, _KIND), key=lambda one: (one.arn.name, Version.parse(one.arn.version))
        )
        newest = {version_arn(one.arn): one for one in shared}
        return [_version(one) for one in newest.values()]
    provided = Listed([here.store(Catalogue).shelf(_KIND)], _version)
    return [entry for entry in provided if entry["owner"] == owner]


def _version(found: Resource) -> Record:
    record = found.record
    return {
        "arn": version_arn(found.arn),
        **keeping.chosen(record, *_VERSION_MEMBERS),
        "status": record["state"]["status"],
    }


def _summary(found: Resource) -> Record:
    return keeping.chosen(found.record, *_SUMMARY_MEMBERS)


def _product_codes(entry: Record) -> list[str]:
    """Return product codes as filters name them: ``marketplace:abc``."""
    return [
        f"{code['productCodeType']}:{code['productCodeId']}"
        for code in entry.get("productCodes", ())
    ]


_FILTERS: Final[Mapping[str, Values[Record]]] = {
    **{
        name: methodcaller("get", name)
        for name in ("description", "name", "platform", "status", "type", "version")
    },
    "productCodes": _product_codes,
    "supportedOsVersion": methodcaller("get", "supportedOsVersions"),
}
