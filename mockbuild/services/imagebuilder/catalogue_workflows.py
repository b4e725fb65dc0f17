"""The workflows that Amazon manages, with their documents.

Their names and what each is for are documented, some names of steps and actions were recorded, and
so was the number of steps of ``build-image``. The rest of the documents is a guess.
"""

from collections.abc import Iterator
from typing import Final

from mockbuild.domain.image_arns import workflow_kind
from mockbuild.services.imagebuilder.catalogue_entry import Entry, day

_DATES: Final = {"1.0.2": "2025-04-24", "1.0.3": "2025-12-04"}

_LAUNCH: Final = """\
  - name: {name}
    action: LaunchInstance
    onFailure: Abort
    inputs:
      waitFor: ssmAgent
"""
_LAUNCH_FAST: Final = _LAUNCH + "      healthCheck: RUNNING\n"
_STEP: Final = """\
  - name: {name}
    action: {action}
    onFailure: {on_failure}
"""
_ON_INSTANCE: Final = """\
    inputs:
      instanceId.$: "{instance}"
"""
_ONLY_AMI: Final = """\
    if:
      stringEquals: AMI
      value: $.imagebuilder.imageType
"""
_COLLECTS: Final = """\
    if:
      and:
        - stringEquals: AMI
          value: $.imagebuilder.imageType
        - booleanEquals: true
          value: $.imagebuilder.{variable}
"""
_ON_WINDOWS: Final = """\
    if:
      and:
        - stringEquals: AMI
          value: $.imagebuilder.imageType
        - stringEquals: Windows
          value: $.imagebuilder.platform
"""
_NOT_ON_WINDOWS: Final = """\
    if:
      and:
        - stringEquals: AMI
          value: $.imagebuilder.imageType
        - not:
            stringEquals: Windows
            value: $.imagebuilder.platform
"""
_OUTPUT: Final = """\
outputs:
  - name: {name}
    value: {value}
"""
#: The step before it has found the images; only references can lead there.
_ON_IMAGES: Final = """\
    inputs:
      distributedImages.$: $.stepOutputs.DistributeOutputAMI.distributedImages
"""
_BUILD: Final = "$.stepOutputs.LaunchBuildInstance.instanceId"
_TEST: Final = "$.stepOutputs.LaunchTestInstance.instanceId"
_HANDED_ON: Final = "$.workflowOutputs.InstanceId"


def _launch(name: str, *, fast: bool) -> str:
    return (_LAUNCH_FAST if fast else _LAUNCH).format(name=name)


def _step(
    name: str, action: str, instance: str, condition: str = "", *, goes_on: bool = False
) -> str:
    head = _STEP.format(name=name, action=action, on_failure="Continue" if goes_on else "Abort")
    return head + condition + _ON_INSTANCE.format(instance=instance)


def _build_image(*, fast: bool) -> Iterator[str]:
    yield _launch("LaunchBuildInstance", fast=fast)
    yield _step("ApplyBuildComponents", "ExecuteComponents", _BUILD)
    if not fast:
        condition = _COLLECTS.format(variable="collectImageMetadata")
        yield _step("InventoryCollection", "CollectImageMetadata", _BUILD, condition)
    yield _step("RunSanitizeScript", "SanitizeInstance", _BUILD, _NOT_ON_WINDOWS)
    yield _step("RunSysPrepScript", "RunSysPrep", _BUILD, _ON_WINDOWS)
    yield _step("CreateOutputAMI", "CreateImage", _BUILD, _ONLY_AMI)
    yield _step("TerminateBuildInstance", "TerminateInstance", _BUILD, goes_on=True)
    yield _OUTPUT.format(name="ImageId", value="$.stepOutputs.CreateOutputAMI.imageId")


def _build_container(*, fast: bool) -> Iterator[str]:
    yield _launch("LaunchBuildInstance", fast=fast)
    yield _step("BootstrapBuildInstance", "BootstrapInstanceForContainer", _BUILD)
    yield _step("ApplyBuildComponents", "ExecuteComponents", _BUILD)
    yield _OUTPUT.format(name="InstanceId", value=_BUILD)


def _test_image(*, fast: bool) -> Iterator[str]:
    yield _launch("LaunchTestInstance", fast=fast)
    yield _step("ApplyTestComponents", "ExecuteComponents", _TEST)
    if not fast:
        condition = _COLLECTS.format(variable="collectImageScanFindings")
        yield _step("CollectImageScanFindings", "CollectImageScanFindings", _TEST, condition)
    yield _step("TerminateTestInstance", "TerminateInstance", _TEST, goes_on=True)


def _test_container(*, fast: bool) -> Iterator[str]:  # noqa: ARG001 - there is no fast one
    yield _step("ApplyTestComponents", "ExecuteComponents", _HANDED_ON)


def _distribute_container(*, fast: bool) -> Iterator[str]:  # noqa: ARG001
    yield _step("DistributeOutputContainer", "DistributeContainerImage", _HANDED_ON)
    yield _step("TerminateBuildInstance", "TerminateInstance", _HANDED_ON, goes_on=True)


def _distribute_image(*, fast: bool) -> Iterator[str]:  # noqa: ARG001
    yield _STEP.format(name="DistributeOutputAMI", action="DistributeImage", on_failure="Abort")
    for name, action in (
        ("ModifyDistributedAMIs", "ModifyImageAttributes"),
        ("ConfigureDistributedAMIs", "ApplyImageConfigurations"),
    ):
        yield _STEP.format(name=name, action=action, on_failure="Abort") + _ON_IMAGES


#: Type, name, description, and what makes the steps.
_WORKFLOWS: Final = (
    ("BUILD", "build-container", "Workflow to build a container image", _build_container),
    ("BUILD", "build-image", "Workflow to build an AMI", _build_image),
    (
        "BUILD",
        "express-build-container",
        "Workflow to build a container image in less time",
        _build_container,
    ),
    ("BUILD", "express-build-image", "Workflow to build an AMI in less time", _build_image),
    (
        "DISTRIBUTION",
        "distribute-container",
        "Workflow to distribute a container image",
        _distribute_container,
    ),
    ("DISTRIBUTION", "distribute-image", "Workflow to distribute an AMI", _distribute_image),
    ("TEST", "express-test-image", "Workflow to test an AMI in less time", _test_image),
    ("TEST", "test-container", "Workflow to test a container image", _test_container),
    ("TEST", "test-image", "Workflow to test an AMI", _test_image),
)


def workflows(kind: str) -> Iterator[Entry]:
    """Go through the workflows of a kind, the versions of each from the oldest to the newest.

    :param kind: ``workflow/build`` and so on.
    """
    for type_, name, description, steps in _WORKFLOWS:
        if workflow_kind(type_) != kind:
            continue
        text = f"name: {name}\ndescription: {description}\nschemaVersion: 1.0\nsteps:\n" + "".join(
            steps(fast=name.startswith("express-"))
        )
        members = {"description": description, "type": type_, "data": text, "tags": {}}
        for version, date in _DATES.items():
            yield Entry(kind, name, f"{version}/1", day(date), members, text)
