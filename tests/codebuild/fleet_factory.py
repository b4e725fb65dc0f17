"""Fleets for the tests of CodeBuild, and projects that run on them."""

from typing import Any

from tests.codebuild.factory import ARN, CLIENT, Record, create, environment

#: What :func:`state` says of a fleet that is not there.
GONE = "GONE"
#: The ARN of a fleet that nobody has made.
NOWHERE = f"{ARN}:fleet/crew:11111111-2222-4333-8444-555555555555"
VPC = {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
SCALING = {
    "scalingType": "TARGET_TRACKING_SCALING",
    "targetTrackingScalingConfigs": [
        {"metricType": "FLEET_UTILIZATION_RATE", "targetValue": 97.5},
    ],
    "maxCapacity": 5,
}
PROXY = {
    "defaultBehavior": "DENY_ALL",
    "orderedProxyRules": [
        {"type": "DOMAIN", "effect": "ALLOW", "entities": ["example.com", ".amazonaws.com"]},
        {"type": "IP", "effect": "DENY", "entities": ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]},
    ],
}
ATTRIBUTES = {"vCpu": 4, "memory": 8, "disk": 128, "machineType": "GENERAL"}


def members(name: str = "crew", **changes: Any) -> Record:
    """Return the parameters of a fleet of one machine; ``None`` leaves a member out."""
    least: Record = {
        "name": name,
        "baseCapacity": 1,
        "environmentType": "LINUX_CONTAINER",
        "computeType": "BUILD_GENERAL1_SMALL",
    }
    changed = {**least, **changes}
    return {member: value for member, value in changed.items() if value is not None}


def make(name: str = "crew", **changes: Any) -> Record:
    """Create a fleet."""
    return CLIENT.create_fleet(**members(name, **changes))["fleet"]


def get(name: str = "crew") -> Record:
    """Look at a fleet."""
    return CLIENT.batch_get_fleets(names=[name])["fleets"][0]


def update(fleet: Record, **changes: Any) -> Record:
    """Update a fleet."""
    return CLIENT.update_fleet(arn=fleet["arn"], **changes)["fleet"]


def delete(fleet: Record) -> None:
    """Delete a fleet."""
    CLIENT.delete_fleet(arn=fleet["arn"])


def state(name: str = "crew") -> str:
    """Look at a fleet and return its state."""
    found = CLIENT.batch_get_fleets(names=[name])["fleets"]
    return found[0]["status"]["statusCode"] if found else GONE


def on_fleet(fleet: Record, name: str = "web", **changes: Any) -> Record:
    """Create a project that runs on a fleet."""
    return create(name, environment=environment(fleet={"fleetArn": fleet["arn"]}), **changes)
