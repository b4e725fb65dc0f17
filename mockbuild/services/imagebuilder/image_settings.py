"""Settings that images and pipelines have in common: workflows, tests, scans, logs."""

from collections.abc import Sequence
from typing import Final

from mockbuild.domain.image_arns import managed_arn, workflow_kind
from mockbuild.domain.versions import ANY
from mockbuild.engine.image_job import WorkflowPlan
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue import document_of
from mockbuild.services.imagebuilder.parameters import check_given
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import parsed, resolve
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid

_TYPES: Final = ("BUILD", "TEST", "DISTRIBUTION")
#: What images go through unless something else is said. Documented: an AMI is distributed without a
#: workflow then.
_DEFAULTS: Final = {
    "AMI": (("BUILD", "build-image"), ("TEST", "test-image")),
    "DOCKER": (
        ("BUILD", "build-container"),
        ("TEST", "test-container"),
        ("DISTRIBUTION", "distribute-container"),
    ),
}
#: Log groups that Image Builder may write to by itself.
_OWN_GROUPS: Final = "/aws/imagebuilder/"


def with_test_defaults(tests: Record | None) -> Record:
    """Return ``imageTestsConfiguration`` as it is kept; its defaults are recorded."""
    return {"imageTestsEnabled": True, "timeoutMinutes": 720, **(tests or {})}


def check_settings(
    here: ImageBuilder,
    *,
    type: str,  # noqa: A002
    workflows: Sequence[Record] | None = None,
    execution_role: str | None = None,
    tests: Record | None = None,
    scanning: Record | None = None,
    logging: Record | None = None,
) -> None:
    """Check settings of an image, or of a pipeline's.

    :param type: ``AMI`` or ``DOCKER``: what the recipe makes.
    :param workflows: and *execution_role*, *logging*: as in the request.
    :param tests: ``imageTestsConfiguration``.
    :param scanning: ``imageScanningConfiguration``.
    :raises InvalidParameterValueException: a workflow cannot be used, or a value by itself.
    :raises InvalidParameterCombinationException: values do not go together. What does is
        documented; the texts are guesses.
    :raises ResourceNotFoundException: there is no such workflow.
    """
    _check_role(workflows, execution_role, logging)
    if scanning is not None:
        _check_scanning(scanning, with_test_defaults(tests), type)
    if workflows:
        _check_workflows(here, workflows)


def _check_role(
    workflows: Sequence[Record] | None, role: str | None, logging: Record | None
) -> None:
    if role is not None:
        return
    if workflows:
        raise does_not_go_together(
            "executionRole", "You must specify an execution role when you specify workflows."
        )
    for member, group in (logging or {}).items():
        if not group.startswith(_OWN_GROUPS):
            raise does_not_go_together(
                f"loggingConfiguration.{member}",
                "You must specify an execution role when you specify a log group outside of "
                f"{_OWN_GROUPS}.",
            )


def _check_scanning(scanning: Record, tests: Record, type_: str) -> None:
    path = "imageScanningConfiguration"
    if scanning.get("imageScanningEnabled") and not tests["imageTestsEnabled"]:
        raise does_not_go_together(
            path, "You must enable image tests when you enable image scanning."
        )
    on_demand = "ON_DEMAND_AMI_CVE" in scanning.get("imageScanningTypes", ())
    if on_demand and type_ != "AMI":
        raise does_not_go_together(
            f"{path}.imageScanningTypes",
            "ON_DEMAND_AMI_CVE is only supported for images that are built from an image recipe.",
        )
    if "scanResultCondition" in scanning and not on_demand:
        raise does_not_go_together(
            f"{path}.scanResultCondition",
            "You can specify a scan result condition only with the scan type ON_DEMAND_AMI_CVE.",
        )


def _check_workflows(here: ImageBuilder, workflows: Sequence[Record]) -> None:
    check_quota(here, "image_workflows_per_image", len(workflows))
    types = []
    for number, one in enumerate(workflows):
        path = f"workflows[{number}]"
        workflow = _workflow(here, one["workflowArn"], f"{path}.workflowArn")
        type_ = str(workflow.record["type"])
        types.append(type_)
        if type_ != "TEST":
            _check_no_test(one, path)
        check_given(here, workflow, one.get("parameters", ()), f"{path}.parameters")
    for type_ in ("BUILD", "DISTRIBUTION"):
        if types.count(type_) > 1:
            raise invalid("workflows", f"You can specify at most one workflow of type {type_}.")


def _check_no_test(workflow: Record, path: str) -> None:
    for member in ("onFailure", "parallelGroup"):
        if member in workflow:
            raise does_not_go_together(
                f"{path}.{member}", f"You can specify {member} only for test workflows."
            )


def _workflow(here: ImageBuilder, arn: str, parameter: str) -> Resource:
    """Return the workflow that an ARN means now.

    Recorded: Amazon's are used in their latest version, and an error that leaves out which it was.
    """
    wanted = parsed(arn, parameter)
    if not wanted.owner.isdigit() and wanted.version != ANY:
        raise invalid(
            "workflows",
            "AWS managed workflows must have latest version 'x.x.x' for '{workflow_arn_str}'",
        )
    return resolve(here, wanted.kind, arn, parameter, action="imagebuilder:GetWorkflow")


def plans(
    here: ImageBuilder, workflows: Sequence[Record], type_: str, *, tests: bool
) -> tuple[WorkflowPlan, ...]:
    """Return the workflows that an image goes through, as they are now.

    :param workflows: as in the request; without any, the default ones.
    :param type_: ``AMI`` or ``DOCKER``.
    :param tests: whether it is tested.
    :raises ResourceNotFoundException: there is no such workflow any more.
    """
    wanted = list(workflows) or [
        {"workflowArn": managed_arn(here.region, workflow_kind(kind), name)}
        for kind, name in _DEFAULTS[type_]
    ]
    found = [_plan(here, one) for one in wanted]
    ordered = sorted(found, key=lambda plan: _TYPES.index(plan.type))
    return tuple(one for one in ordered if tests or one.type != "TEST")


def _plan(here: ImageBuilder, workflow: Record) -> WorkflowPlan:
    found = _workflow(here, workflow["workflowArn"], "workflows")
    return WorkflowPlan(
        arn=str(found.arn),
        type=str(found.record["type"]),
        text=document_of(found),
        parameters=tuple(workflow.get("parameters", ())),
        parallel_group=workflow.get("parallelGroup"),
        continues=workflow.get("onFailure") == "CONTINUE",
    )
