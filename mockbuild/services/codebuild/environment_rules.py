"""What makes a project's environment valid: its compute, its image, its network and file systems.

The texts marked *recorded* were seen in answers of the real service; those that are not are
guesses, worded like their neighbours.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockbuild.domain.aws_errors import InvalidInputException

_GENERAL = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")
_LAMBDA = frozenset(f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10))
_ANY_FLEET = frozenset({"ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"})


def _general(*sizes: str) -> frozenset[str]:
    return frozenset(f"BUILD_GENERAL1_{size}" for size in sizes)


#: Which compute types an environment type is offered with, by the user guide's table of 2025;
#: what a region leaves out of it is not modelled.
COMPUTE_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "LINUX_CONTAINER": _general(*_GENERAL) | _ANY_FLEET,
    "LINUX_GPU_CONTAINER": _general("SMALL", "LARGE") | _ANY_FLEET,
    "ARM_CONTAINER": _general(*_GENERAL) | _ANY_FLEET,
    "WINDOWS_CONTAINER": _general("MEDIUM", "LARGE"),
    "WINDOWS_SERVER_2019_CONTAINER": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "WINDOWS_SERVER_2022_CONTAINER": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "LINUX_LAMBDA_CONTAINER": _LAMBDA,
    "ARM_LAMBDA_CONTAINER": _LAMBDA,
    "LINUX_EC2": _general(*_GENERAL) | _ANY_FLEET,
    "ARM_EC2": _general(*_GENERAL) | _ANY_FLEET,
    "WINDOWS_EC2": _general("MEDIUM", "LARGE", "XLARGE") | _ANY_FLEET,
    "MAC_ARM": _general("MEDIUM", "LARGE") | _ANY_FLEET,
}
#: Environment types whose host runs a kernel that can be chosen (documented).
_KERNELS = frozenset({"LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_EC2", "ARM_EC2"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,127}\Z")
_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.")
_CURATED = "aws/codebuild/"
_VPC = ("vpcId", "subnets", "securityGroupIds")


def check_environment(project: Mapping[str, Any], *, account_id: str, region: str) -> None:
    """Check a project's environment, by itself and with its network and file systems.

    :raises InvalidInputException: the first rule that is broken.
    """
    environment = project["environment"]
    # With a fleet, the fleet's environment type counts (documented).
    on_fleet = bool(environment.get("fleet", {}).get("fleetArn"))
    if not on_fleet:
        _check_type(environment, region)
    _check_compute_configuration(environment, on_fleet=on_fleet)
    _check_image(environment, account_id)
    _check_docker_server(environment.get("dockerServer"))
    _check_file_systems(project)
    _check_vpc(project.get("vpcConfig"), on_fleet=on_fleet)


def check_identifier(identifier: str) -> None:
    """Check the identifier of a source, of artifacts or of a file system (recorded)."""
    if not _IDENTIFIER.match(identifier):
        raise InvalidInputException(
            "Invalid input: identifier must contain only alphanumeric characters and underscores "
            "and be less than 128 characters in length"
        )


def check_unique(items: Iterable[Mapping[str, Any]], member: str) -> None:
    """Check that no identifier comes twice (recorded for sources and artifacts)."""
    names = [item[member] for item in items]
    if len(names) != len(set(names)):
        raise InvalidInputException(f"Invalid input: {member} cannot be duplicated")


def _check_type(environment: Mapping[str, Any], region: str) -> None:
    """Check what an environment type goes with.

    The texts on compute types are recorded. So are those on privileges, for Lambda and for
    Windows Server 2019 and 2022.
    """
    kind, compute = environment["type"], environment["computeType"]
    on_lambda = COMPUTE_TYPES.get(kind) == _LAMBDA
    if compute not in COMPUTE_TYPES.get(kind, ()):
        if on_lambda:
            text = f"Compute type {compute} is not supported for {kind}"
        elif compute in _LAMBDA:
            text = "Invalid compute type provided"
        else:
            text = (
                f"The environment type {kind} and compute type {compute} combination is not "
                f"supported in {region}"
            )
        raise InvalidInputException(text)
    if environment.get("privilegedMode"):
        if on_lambda:
            raise InvalidInputException("Cannot specify privilegedMode for lambda compute")
        if kind.startswith("WINDOWS_") and kind.endswith("_CONTAINER"):
            raise InvalidInputException(f"PrivilegedMode is not supported for {kind} projects")
    if "hostKernel" in environment and kind not in _KERNELS:
        raise InvalidInputException(f"HostKernel is not supported for {kind} projects")


def _check_compute_configuration(environment: Mapping[str, Any], *, on_fleet: bool) -> None:
    """Check that attributes of compute are there where the compute type asks for them.

    Documented: it does outside of a fleet, which has attributes of its own. That no other type
    takes any is a guess.
    """
    compute = environment["computeType"]
    if environment.get("computeConfiguration"):
        if compute not in _ANY_FLEET:
            raise InvalidInputException(
                f"Invalid input: computeConfiguration cannot be used with compute type {compute}"
            )
    elif compute == "ATTRIBUTE_BASED_COMPUTE" and not on_fleet:
        raise InvalidInputException(
            f"Invalid input: computeConfiguration is required for compute type {compute}"
        )


def _check_image(environment: Mapping[str, Any], account_id: str) -> None:
    """Check the image against who pulls it. The first three texts are recorded."""
    image = environment["image"]
    service_role = environment.get("imagePullCredentialsType") == "SERVICE_ROLE"
    registry = _ECR.match(image)
    if image.startswith(_CURATED):
        if service_role:
            raise InvalidInputException(
                "Invalid input: cannot use a CodeBuild curated image with "
                "imagePullCredentialsType SERVICE_ROLE"
            )
        if image.startswith(f"{_CURATED}docker:") and not environment.get("privilegedMode"):
            raise InvalidInputException(
                "PrivilegedMode has to be set for projects with AWS CodeBuild Docker curated "
                "images."
            )
    elif registry is not None and registry[1] != account_id and not service_role:
        raise InvalidInputException(
            "Invalid input: cannot use a cross-account ECR image with imagePullCredentialsType "
            "CODEBUILD"
        )
    if environment.get("registryCredential"):
        if not service_role:
            raise InvalidInputException(
                "Invalid input: registryCredential requires imagePullCredentialsType SERVICE_ROLE"
            )
        if registry is not None:
            raise InvalidInputException(
                "Invalid input: registryCredential cannot be used with an ECR image"
            )


def _check_docker_server(server: Mapping[str, Any] | None) -> None:
    """Check a Docker server; documented, but for the texts."""
    if server is None:
        return
    if "status" in server:
        raise InvalidInputException("Invalid input: dockerServer should have null status")
    if server["computeType"] not in _general(*_GENERAL):
        raise InvalidInputException(f"Invalid compute type provided: {server['computeType']}")


def _check_vpc(vpc: Mapping[str, Any] | None, *, on_fleet: bool) -> None:
    """Check that a VPC is named in full, and only where no fleet has one.

    The second is documented as something not to do; that it is refused is a guess.
    """
    if vpc is None:
        return
    if not all(vpc.get(member) for member in _VPC):
        raise InvalidInputException(
            "Invalid vpc config: vpcId, subnets and securityGroupIds are required"
        )
    if on_fleet:
        raise InvalidInputException("Invalid vpc config: it cannot be used with a fleet")


def _check_file_systems(project: Mapping[str, Any]) -> None:
    """Check file systems and what they need, in the order that was recorded.

    The three texts of that order are recorded; that each needs a mount point and an identifier
    of its own is a guess.
    """
    places = project.get("fileSystemLocations")
    if not places:
        return
    for place in places:
        server, colon, _ = place.get("location", "").partition(":")
        if not server or not colon:
            raise InvalidInputException(
                "Invalid Input: File System Location is invalid, should be in the form "
                "'FileSystemDNS':'FileSystemDirectory'"
            )
        check_identifier(place.get("identifier", ""))
        if not place.get("mountPoint"):
            raise InvalidInputException(
                "Invalid input: mountPoint is required for File System Locations"
            )
    check_unique(places, "identifier")
    if not project["environment"].get("privilegedMode"):
        raise InvalidInputException(
            "Privileged Mode has to be set for projects with File System Locations"
        )
    if not project.get("vpcConfig"):
        raise InvalidInputException(
            "VPC has to be configured for projects with File System Locations"
        )
