"""Workflows: the steps in which images are built, tested and distributed.

CreateWorkflow, GetWorkflow, ListWorkflows, ListWorkflowBuildVersions and DeleteWorkflow.
"""

from collections.abc import Mapping, Sequence
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final, cast

from mockbuild.domain.image_arns import workflow_kind
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.built import (
    WORKFLOWS,
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
from mockbuild.services.imagebuilder.shelves import Resource, Shelf, version_arn
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.operations import operation

if TYPE_CHECKING:
    from mockbuild.documents.workflow_actions import WorkflowType

_VERSION_MEMBERS: Final = ("name", "version", "description", "type", "owner", "dateCreated")
_SUMMARY_MEMBERS: Final = ("arn", *_VERSION_MEMBERS, "changeDescription", "state", "tags")
_FILTERS: Final[Mapping[str, Values[Record]]] = {
    name: methodcaller("get", name) for name in ("description", "name", "type", "version")
}


@operation
def create_workflow(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    type: str,  # noqa: A002
    data: str | None = None,
    uri: str | None = None,
    tags: dict[str, str] | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create a workflow, or another build of a version that is there.

    :raises InvalidParameterCombinationException: it has both data and a URI, or neither.
    :raises InvalidParameterValueException: the document is not valid for its type, or not there.
    :raises InvalidVersionNumberException: a number of the version is too great.
    :raises ResourceAlreadyExistsException: the latest build of the version has the same content.
    :raises ServiceQuotaExceededException: there are too many.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    text, parameter = source_of(here, data, uri)
    record = {
        "name": name,
        "version": semantic_version,
        "type": type,
        **members,
        **_read(here, text, type, parameter),
        "owner": here.account_id,
        "tags": tags or {},
    }
    made = add_build(here, WORKFLOWS, workflow_kind(type), record, dry_run=dry_run)
    return {
        "workflowBuildVersionArn": str(made.arn),
        "latestVersionReferences": made.arn.latest_references(),
    }


@operation
def get_workflow(here: ImageBuilder, *, workflow_build_version_arn: str) -> Record:
    """Return the latest build of what an ARN may mean, the caller's or Amazon's.

    :raises ResourceNotFoundException: there is none.
    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    parameter = "workflowBuildVersionArn"
    found = resolve(
        here,
        parsed(workflow_build_version_arn, parameter).kind,
        workflow_build_version_arn,
        parameter,
        action="imagebuilder:GetWorkflow",
    )
    return {
        "workflow": found.record,
        "latestVersionReferences": found.arn.latest_references(),
    }


@operation
def list_workflows(
    here: ImageBuilder,
    *,
    owner: str = "Self",
    filters: list[Record] | None = None,
    by_name: bool = False,
) -> Record:
    """List versions of workflows. Documented: nobody shares any, and the Marketplace has none.

    :raises InvalidParameterCombinationException: a list by name cannot be filtered by version.
    :raises InvalidParameterValueException: the owner can have none, or there is no such filter.
    """
    if owner in ("Shared", "ThirdParty"):  # the text is a guess
        raise invalid("owner", "Valid owners of workflows are: Amazon, Self.")
    if by_name and filters_by(filters, "version"):
        raise by_name_and_version("Workflows")
    entries: Sequence[Record] = Listed(_shelves(here, owner), _version)
    if by_name:
        entries = one_per_name(entries)
    return {"workflowVersionList": filtered(entries, filters, _FILTERS)}


@operation
def list_workflow_build_versions(
    here: ImageBuilder, *, workflow_version_arn: str | None = None
) -> Record:
    """List the builds of all versions that an ARN may mean, or all that the caller has.

    That the ARN of one that is not there gives an empty list is a guess, from components.

    :raises InvalidParameterValueException: an ``x`` stands where none may.
    """
    if workflow_version_arn is None:
        return {"workflowSummaryList": all_builds(WORKFLOWS.shelves(here), _summary)}
    parameter = "workflowVersionArn"
    arn = parsed(workflow_version_arn, parameter)
    shelf = here.shelves[arn.kind] if arn.owner.isdigit() else here.store(Catalogue).shelf(arn.kind)
    found = builds_of(shelf, arn, parameter)
    return {"workflowSummaryList": [_summary(build) for build in found]}


@operation
def delete_workflow(here: ImageBuilder, *, workflow_build_version_arn: str) -> Record:
    """Delete one build of a workflow.

    :raises ResourceNotFoundException: the caller has no such build.
    :raises ResourceDependencyException: a pipeline needs it.
    """
    kind = parsed(workflow_build_version_arn, "workflowBuildVersionArn").kind
    keeping.delete(here, kind, workflow_build_version_arn)
    return {"workflowBuildVersionArn": workflow_build_version_arn}


def _read(here: ImageBuilder, text: str, type_: str, parameter: str) -> Record:
    """Return what a document gives the record of its workflow.

    :raises InvalidParameterValueException: it is not valid.
    :raises ServiceQuotaExceededException: it is too large, or has too many steps or parameters.
    """
    from mockbuild.documents.errors import DocumentError
    from mockbuild.documents.workflow import parse_workflow

    check_quota(here, "image_workflow_size", kilobytes(text))
    try:
        workflow = parse_workflow(text, workflow_type=cast("WorkflowType", type_))
    except DocumentError as error:
        raise invalid(parameter, error.aws_message) from None
    parameters = workflow.parameter_details
    check_quota(here, "steps_per_image_workflow", len(workflow.steps))
    check_declared(here, "workflow", parameters)
    return {"data": text, **({"parameters": parameters} if parameters else {})}


def _shelves(here: ImageBuilder, owner: str) -> list[Shelf]:
    """Return the shelves with the workflows of an owner."""
    if owner == "Self":
        return WORKFLOWS.shelves(here)
    catalogue = here.store(Catalogue)
    return [catalogue.shelf(kind) for kind in WORKFLOWS.kinds] if owner == "Amazon" else []


def _version(found: Resource) -> Record:
    return {"arn": version_arn(found.arn), **keeping.chosen(found.record, *_VERSION_MEMBERS)}


def _summary(found: Resource) -> Record:
    return keeping.chosen(found.record, *_SUMMARY_MEMBERS)
