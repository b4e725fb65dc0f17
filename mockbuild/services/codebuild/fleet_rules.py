"""What makes a fleet's record valid, and what the service fills in.

The texts marked *recorded* were seen in answers of the real service; those that are not are
guesses, worded like their neighbours.
"""

import math
import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.services.codebuild.environment_rules import COMPUTE_TYPES
from mockbuild.services.codebuild.tags import check_tags

Record = dict[str, Any]

#: Members that are as good as missing when they are empty. Recorded for scaling: so an update
#: clears it.
_CLEARABLE: Final = (
    "scalingConfiguration",
    "vpcConfig",
    "proxyConfiguration",
    "computeConfiguration",
)
#: Compute types that need a compute configuration; the others have none (documented).
CONFIGURED: Final = frozenset({"ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"})
#: Members of which a change replaces the machines: a guess.
OF_THE_MACHINES: Final = frozenset(
    {"environmentType", "computeType", "computeConfiguration", "imageId", "vpcConfig"}
)
#: The largest machines, in vCPUs and GiB: those that were recorded or documented.
_LARGEST: Final = {"GENERAL": (96, 192), "NVME": (72, 144)}
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_IMAGE = re.compile(r"aws/codebuild/[\w.-]+:[\w.-]+|ami-[a-z0-9]+")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/.+", re.DOTALL)
_DOMAIN = re.compile(r"(\*?\.)?[\w-]+(\.[\w-]+)*\.?")
_VPC = ("vpcId", "subnets", "securityGroupIds")


def with_defaults(fleet: Mapping[str, Any]) -> Record:
    """Return the record with everything in it that the service adds by itself.

    The overflow behaviour is one a provider of infrastructure code reads back without having sent
    it; that it is ON_DEMAND, and that there is always a list of tags, are guesses.
    """
    record = {"overflowBehavior": "ON_DEMAND", "tags": [], **fleet}
    for member in _CLEARABLE:
        if record.get(member) == {}:
            del record[member]
    return record


def machines_of(fleet: Mapping[str, Any]) -> int:
    """Return how many machines a fleet can have."""
    scaling = fleet.get("scalingConfiguration")
    machines: int = fleet["baseCapacity"] if scaling is None else scaling["maxCapacity"]
    return machines


def desired_machines(fleet: Mapping[str, Any], busy: int) -> int:
    """Return how many machines a fleet that scales wants, with *busy* of them wanted by builds.

    Documented: it grows when the share of busy machines reaches the target. That it wants as many
    as bring the share back there, and has them at once, is a guess.
    """
    scaling = fleet["scalingConfiguration"]
    base: int = fleet["baseCapacity"]
    most: int = scaling["maxCapacity"]
    targets = [one["targetValue"] for one in scaling.get("targetTrackingScalingConfigs", ())]
    share: float = min(targets, default=100) / 100
    if not busy:
        return base
    return min(max(base, math.ceil(busy / share)), most) if share else most


def check_fleet(fleet: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check what the model cannot say.

    :raises InvalidInputException: the first rule that is broken.
    """
    kind, compute = fleet["environmentType"], fleet["computeType"]
    offered = COMPUTE_TYPES.get(kind, frozenset())
    # Recorded for projects. Documented: fleets are for EC2, so not for Lambda, and for no Windows
    # but 2019 and 2022.
    if compute not in offered or CONFIGURED - offered:
        raise InvalidInputException(
            f"The environment type {kind} and compute type {compute} combination is not supported "
            f"in {region}"
        )
    _check_compute(compute, fleet.get("computeConfiguration"))
    _check_capacity(fleet["baseCapacity"], fleet.get("scalingConfiguration"))
    _check_network(fleet)
    _check_image(fleet)
    role = fleet.get("fleetServiceRole")
    if role is not None and not _is_role(role, account_id):
        raise InvalidInputException(
            "Invalid service role: Service role account ID does not match caller's account"
        )
    check_tags(fleet.get("tags", ()))


def _check_compute(compute: str, configuration: Mapping[str, Any] | None) -> None:
    """Check the attributes of machines.

    Recorded are the text on instance types, as met by a request without one, and the one on
    attributes that no machine has.
    """
    if compute not in CONFIGURED:
        if configuration is not None:
            raise InvalidInputException(
                f"Invalid input: computeConfiguration is not supported for compute type {compute}"
            )
        return
    if compute == "CUSTOM_INSTANCE_TYPE":
        if not _INSTANCE_TYPE.fullmatch((configuration or {}).get("instanceType", "")):
            raise InvalidInputException(
                "Invalid instance type: InstanceType should be a valid EC2 instance type"
            )
        return
    if not configuration:
        raise InvalidInputException(
            f"Invalid input: computeConfiguration is required for compute type {compute}"
        )
    if not _is_there(configuration):
        raise InvalidInputException(
            "The specified compute configurations do not match any available instance type"
        )


def _is_there(configuration: Mapping[str, Any]) -> bool:
    """Tell whether some machine has at least what *configuration* asks for."""
    vcpus, memory = _LARGEST[configuration.get("machineType", "GENERAL")]
    fits: bool = (
        0 <= configuration.get("vCpu", 0) <= vcpus
        and 0 <= configuration.get("memory", 0) <= memory
        and configuration.get("disk", 0) >= 0
    )
    return fits


def _check_capacity(base: int, scaling: Mapping[str, Any] | None) -> None:
    """Check numbers of machines; that none at all is a capacity is recorded."""
    if base < 0:
        raise InvalidInputException("Invalid input: baseCapacity must be at least 0")
    if scaling is None:
        return
    most = scaling.get("maxCapacity")
    if most is None:
        raise InvalidInputException("Invalid scaling configuration: maxCapacity is required")
    if most < max(base, 1):
        raise InvalidInputException(
            "Invalid scaling configuration: maxCapacity must be at least 1 and cannot be less "
            "than baseCapacity"
        )
    for target in scaling.get("targetTrackingScalingConfigs", ()):
        if "metricType" not in target or not 0 <= target.get("targetValue", -1) <= 100:
            raise InvalidInputException(
                "Invalid scaling configuration: target tracking needs a metricType and a "
                "targetValue from 0 to 100"
            )


def _check_network(fleet: Mapping[str, Any]) -> None:
    """Check VPC and proxy.

    Documented: a VPC takes all three members and a fleet service role, and the proxy is one of
    Linux fleets.
    """
    vpc = fleet.get("vpcConfig")
    if vpc is not None and not all(vpc.get(member) for member in _VPC):
        raise InvalidInputException(
            "Invalid vpc config: vpcId, subnets and securityGroupIds are required"
        )
    if vpc is not None and "fleetServiceRole" not in fleet:
        raise InvalidInputException("Invalid vpc config: fleetServiceRole is required")
    proxy = fleet.get("proxyConfiguration")
    if proxy is None:
        return
    if fleet["environmentType"].startswith(("WINDOWS", "MAC")):
        raise InvalidInputException(
            f"Invalid proxy configuration: not supported for {fleet['environmentType']}"
        )
    for rule in proxy.get("orderedProxyRules", ()):
        for entity in rule["entities"]:
            if not (_is_address(entity) if rule["type"] == "IP" else _DOMAIN.fullmatch(entity)):
                raise InvalidInputException(
                    f"Invalid proxy configuration: {entity} is not of type {rule['type']}"
                )


def _is_address(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _check_image(fleet: Mapping[str, Any]) -> None:
    """Check the image; documented: one of the account's own takes a fleet service role."""
    image = fleet.get("imageId")
    if image is None:
        return
    if not _IMAGE.fullmatch(image):
        raise InvalidInputException(f"Invalid image ID provided: {image}")
    if image.startswith("ami-") and "fleetServiceRole" not in fleet:
        raise InvalidInputException("Invalid image ID: fleetServiceRole is required")


def _is_role(role: str, account_id: str) -> bool:
    match = _ROLE.fullmatch(role)
    return match is not None and match[1] == account_id
