"""The step actions of workflows, as data: where they are allowed, how long, inputs, outputs.

After the user guide's "Supported step actions for your workflow document".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mockbuild.documents.inputs import Input

WorkflowType = Literal["BUILD", "TEST", "DISTRIBUTION"]
WORKFLOW_TYPES: tuple[WorkflowType, ...] = ("BUILD", "TEST", "DISTRIBUTION")

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_KIB = 1024


@dataclass(frozen=True, slots=True)
class StepAction:
    """One step action.

    :param default_timeout: seconds a step may take unless it says otherwise.
    :param max_timeout: seconds it may ask for at most.
    :param inputs: its inputs by name, without the ``.$`` of a reference.
    :param outputs: names of what a later step can refer to.
    :param types: the workflow types it is allowed in.
    :param refers_to_steps: inputs that can only be a reference to a step's output.
    """

    default_timeout: int
    max_timeout: int
    inputs: Mapping[str, Input]
    outputs: tuple[str, ...] = ()
    types: tuple[WorkflowType, ...] = WORKFLOW_TYPES
    refers_to_steps: tuple[str, ...] = ()


#: Actions that distribute AMIs; a workflow has either of these or ``DistributeContainerImage``.
AMI_DISTRIBUTION = ("DistributeImage", "ModifyImageAttributes", "ApplyImageConfigurations")
CONTAINER_DISTRIBUTION = "DistributeContainerImage"

_TEXT = Input(required=True)
_OPTIONAL = Input()
_FLAG = Input("flag")
_LIST = Input("list")
_ON_INSTANCE: Mapping[str, Input] = {"instanceId": _TEXT}
_COMMAND_OUTPUTS = ("runCommandId", "status", "output")
_DISTRIBUTION: tuple[WorkflowType, ...] = ("DISTRIBUTION",)

STEP_ACTIONS: Mapping[str, StepAction] = MappingProxyType(
    {
        "ApplyImageConfigurations": StepAction(
            6 * _HOUR,
            12 * _HOUR,
            {"distributedImages": Input("any", required=True), "configurations": _LIST},
            ("configuredImages",),
            _DISTRIBUTION,
            refers_to_steps=("distributedImages",),
        ),
        "BootstrapInstanceForContainer": StepAction(
            _HOUR, 12 * _HOUR, _ON_INSTANCE, _COMMAND_OUTPUTS
        ),
        "CollectImageMetadata": StepAction(
            30 * _MINUTE, 12 * _HOUR, _ON_INSTANCE, ("osVersion", "associationId")
        ),
        "CollectImageScanFindings": StepAction(
            2 * _HOUR, 12 * _HOUR, _ON_INSTANCE, _COMMAND_OUTPUTS, ("TEST",)
        ),
        "CreateImage": StepAction(12 * _HOUR, 3 * _DAY, _ON_INSTANCE, ("imageId",)),
        "CreateImageFromIso": StepAction(
            12 * _HOUR, 12 * _HOUR, _ON_INSTANCE, ("amiName", "snapshotId", "architecture")
        ),
        CONTAINER_DISTRIBUTION: StepAction(
            2 * _HOUR,
            12 * _HOUR,
            _ON_INSTANCE,
            ("status", "succeededRegions", "failedRegions"),
            _DISTRIBUTION,
        ),
        "DistributeImage": StepAction(
            6 * _HOUR, 12 * _HOUR, {"distributions": _LIST}, ("distributedImages",), _DISTRIBUTION
        ),
        "ExecuteComponents": StepAction(
            12 * _HOUR, _DAY, _ON_INSTANCE, _COMMAND_OUTPUTS, ("BUILD", "TEST")
        ),
        "ExecuteStateMachine": StepAction(
            6 * _HOUR,
            _DAY,
            {"stateMachineArn": _TEXT, "input": Input(default="{}", max_bytes=16 * _KIB)},
            ("executionArn", "output"),
        ),
        "LaunchInstance": StepAction(
            75 * _MINUTE,
            12 * _HOUR,
            {
                "imageIdOverride": _OPTIONAL,
                "instanceTypesOverride": Input("texts"),
                "waitFor": Input(required=True, values=("ssmAgent",)),
                "healthCheck": Input(
                    default="STATUS_CHECK_PASSED", values=("RUNNING", "STATUS_CHECK_PASSED")
                ),
            },
            ("instanceId",),
        ),
        "ModifyImageAttributes": StepAction(
            2 * _HOUR,
            3 * _HOUR,
            {"distributedImages": Input("any", required=True), "attributes": _LIST},
            ("modifiedImages",),
            _DISTRIBUTION,
            refers_to_steps=("distributedImages",),
        ),
        "RegisterImage": StepAction(
            9 * _HOUR,
            12 * _HOUR,
            {
                "architecture": Input(
                    values=("i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac")
                ),
                "blockDeviceMapping": _LIST,
                "bootMode": Input(values=("legacy-bios", "uefi", "uefi-preferred")),
                "description": _OPTIONAL,
                "enaSupport": _FLAG,
                "imageLocation": _OPTIONAL,
                "imdsSupport": Input(values=("v2.0",)),
                "includeSnapshotTags": Input("flag", default="false"),
                "kernelId": _OPTIONAL,
                "ramdiskId": _OPTIONAL,
                "rootDeviceName": _OPTIONAL,
                "sriovNetSupport": _OPTIONAL,
                "tpmSupport": Input(values=("v2.0",)),
                "uefiData": _OPTIONAL,
                "virtualizationType": Input(values=("hvm", "paravirtual")),
            },
            ("imageId",),
        ),
        "RunCommand": StepAction(
            12 * _HOUR,
            12 * _HOUR,
            {
                "instanceId": _TEXT,
                "documentName": _TEXT,
                "parameters": Input("map"),
                "documentVersion": Input(default="$DEFAULT"),
            },
            _COMMAND_OUTPUTS,
        ),
        "RunSysPrep": StepAction(_HOUR, 12 * _HOUR, _ON_INSTANCE, _COMMAND_OUTPUTS),
        "SanitizeInstance": StepAction(_HOUR, 12 * _HOUR, _ON_INSTANCE, _COMMAND_OUTPUTS),
        "TerminateInstance": StepAction(
            30 * _MINUTE,
            12 * _HOUR,
            {"instanceId": _TEXT, "waitForTermination": Input("flag", default="false")},
        ),
        "WaitForAction": StepAction(
            3 * _DAY,
            7 * _DAY,
            {
                "snsTopicArn": _OPTIONAL,
                "lambdaFunctionName": _OPTIONAL,
                "payload": Input(max_bytes=16 * _KIB),
            },
            ("action", "reason"),
        ),
        "WaitForSSMAgent": StepAction(_HOUR, 3 * _HOUR, _ON_INSTANCE, ("status",)),
    }
)
