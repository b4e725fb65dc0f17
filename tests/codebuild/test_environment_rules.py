"""What CreateProject refuses about an environment and what is around it, and what it must not.

The same holds for UpdateProject, and for a build with its overrides.
"""

from typing import Any

import pytest

from tests.codebuild.factory import CLIENT, create, environment, members, refused, start

VPC = {"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]}
EFS = {"location": "fs-1.efs.us-east-1.amazonaws.com:/", "mountPoint": "/a", "identifier": "a"}
ECR = "dkr.ecr.us-east-1.amazonaws.com"
MOUNTS = {"vpcConfig": VPC, "environment": environment(privilegedMode=True)}
CREDENTIAL = {"credential": "c", "credentialProvider": "SECRETS_MANAGER"}
CURATED = (
    "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE"
)
CODEBUILDS = "imagePullCredentialsType CODEBUILD"
#: What the installed botocore knows of environments: older ones know less.
MEMBERS = CLIENT.meta.service_model.shape_for("ProjectEnvironment").members


def without_none(value: Any) -> Any:
    """Leave out members that are ``None``, however deep."""
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def known(table: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the installed botocore does not know."""
    return {
        name: item
        for name, item in table.items()
        if set((item[0] if isinstance(item, tuple) else item).get("environment", ()))
        <= set(MEMBERS)
    }


RECORDED = {
    "environment type": (
        {"environment": environment(type="BEOS")},
        "Invalid type provided: BEOS",
    ),
    "compute type": (
        {"environment": environment(computeType="TINY")},
        "Invalid compute type provided: TINY",
    ),
    "privileges in a lambda": (
        {
            "environment": environment(
                type="LINUX_LAMBDA_CONTAINER", computeType="BUILD_LAMBDA_1GB", privilegedMode=True
            )
        },
        "Cannot specify privilegedMode for lambda compute",
    ),
    "privileges on windows": (
        {
            "environment": environment(
                type="WINDOWS_SERVER_2022_CONTAINER",
                computeType="BUILD_GENERAL1_MEDIUM",
                privilegedMode=True,
            )
        },
        "PrivilegedMode is not supported for WINDOWS_SERVER_2022_CONTAINER projects",
    ),
    "docker image without privileges": (
        {"environment": environment(image="aws/codebuild/docker:17.09.0")},
        "PrivilegedMode has to be set for projects with AWS CodeBuild Docker curated images.",
    ),
    "image of another account": (
        {"environment": environment(image=f"999999999999.{ECR}/x:1")},
        "Invalid input: cannot use a cross-account ECR image with imagePullCredentialsType "
        "CODEBUILD",
    ),
    "file system without a directory": (
        {"fileSystemLocations": [{**EFS, "location": "fs-1.efs.us-east-1.amazonaws.com"}]},
        "Invalid Input: File System Location is invalid, should be in the form "
        "'FileSystemDNS':'FileSystemDirectory'",
    ),
    "file system without privileges": (
        {"fileSystemLocations": [EFS], "vpcConfig": VPC},
        "Privileged Mode has to be set for projects with File System Locations",
    ),
    "file system without a network": (
        {"fileSystemLocations": [EFS], "environment": environment(privilegedMode=True)},
        "VPC has to be configured for projects with File System Locations",
    ),
    "combination": (
        {"environment": environment(type="WINDOWS_CONTAINER")},
        "The environment type WINDOWS_CONTAINER and compute type BUILD_GENERAL1_SMALL combination "
        "is not supported in us-east-1",
    ),
    "lambda compute in a container": (
        {"environment": environment(computeType="BUILD_LAMBDA_1GB")},
        "Invalid compute type provided",
    ),
    "container compute in a lambda": (
        {"environment": environment(type="LINUX_LAMBDA_CONTAINER")},
        "Compute type BUILD_GENERAL1_SMALL is not supported for LINUX_LAMBDA_CONTAINER",
    ),
    "curated image with own credentials": (
        {"environment": environment(imagePullCredentialsType="SERVICE_ROLE")},
        CURATED,
    ),
}


@pytest.mark.recorded
@pytest.mark.parametrize(("changes", "message"), known(RECORDED).values(), ids=known(RECORDED))
def test_refused_with_recorded_words(client, changes, message):
    with refused(message=message):
        CLIENT.create_project(**members(**changes))


GUESSED = {
    "registry credential with codebuild's own": {
        "environment": environment(image="registry/x", registryCredential=CREDENTIAL)
    },
    "registry credential for ecr": {
        "environment": environment(
            image=f"123456789012.{ECR}/x",
            imagePullCredentialsType="SERVICE_ROLE",
            registryCredential=CREDENTIAL,
        )
    },
    "privileges on an old windows": {
        "environment": environment(
            type="WINDOWS_CONTAINER", computeType="BUILD_GENERAL1_MEDIUM", privilegedMode=True
        )
    },
    "attributes of a general compute type": {
        "environment": environment(computeConfiguration={"vCpu": 2})
    },
    "compute by attributes without any": {
        "environment": environment(computeType="ATTRIBUTE_BASED_COMPUTE")
    },
    "kernel on windows": {
        "environment": environment(
            type="WINDOWS_SERVER_2022_CONTAINER",
            computeType="BUILD_GENERAL1_MEDIUM",
            hostKernel="LINUX_KERNEL_6",
        )
    },
    "kernel in a lambda": {
        "environment": environment(
            type="ARM_LAMBDA_CONTAINER", computeType="BUILD_LAMBDA_1GB", hostKernel="LINUX_KERNEL_6"
        )
    },
    "docker server in a lambda's size": {
        "environment": environment(dockerServer={"computeType": "BUILD_LAMBDA_1GB"})
    },
    "docker server with a status": {
        "environment": environment(
            dockerServer={"computeType": "BUILD_GENERAL1_SMALL", "status": {"status": "ACTIVE"}}
        )
    },
    "network without a vpc": {"vpcConfig": {**VPC, "vpcId": None}},
    "network without subnets": {"vpcConfig": {**VPC, "subnets": []}},
    "network without groups": {"vpcConfig": {"vpcId": "v", "subnets": ["s"]}},
    "network beside a fleet": {
        "vpcConfig": VPC,
        "environment": environment(fleet={"fleetArn": "arn:aws:codebuild:fleet/f"}),
    },
    "file system of no name": {**MOUNTS, "fileSystemLocations": [{**EFS, "location": ":/x"}]},
    "file system nowhere": {**MOUNTS, "fileSystemLocations": [{**EFS, "location": None}]},
    "file system without an identifier": {
        **MOUNTS,
        "fileSystemLocations": [{**EFS, "identifier": None}],
    },
    "file system with a dash": {**MOUNTS, "fileSystemLocations": [{**EFS, "identifier": "a-b"}]},
    "file system mounted nowhere": {
        **MOUNTS,
        "fileSystemLocations": [{**EFS, "mountPoint": None}],
    },
    "file system twice": {**MOUNTS, "fileSystemLocations": [EFS, EFS]},
}


@pytest.mark.inferred
@pytest.mark.parametrize("changes", known(GUESSED).values(), ids=known(GUESSED))
def test_refused_in_other_words(client, changes):
    with refused():
        CLIENT.create_project(**without_none(members(**changes)))


ALLOWED = {
    "privileges on arm": {"environment": environment(type="ARM_CONTAINER", privilegedMode=True)},
    "no privileges in a lambda": {
        "environment": environment(
            type="LINUX_LAMBDA_CONTAINER", computeType="BUILD_LAMBDA_1GB", privilegedMode=False
        )
    },
    "docker image with privileges": {
        "environment": environment(image="aws/codebuild/docker:17.09.0", privilegedMode=True)
    },
    "image of the account": {"environment": environment(image=f"123456789012.{ECR}/x:1")},
    "image of another account with own credentials": {
        "environment": environment(
            image=f"999999999999.{ECR}/x:1", imagePullCredentialsType="SERVICE_ROLE"
        )
    },
    "compute by attributes": {
        "environment": environment(
            computeType="ATTRIBUTE_BASED_COMPUTE", computeConfiguration={"vCpu": 2}
        )
    },
    "compute by a fleet's attributes": {
        "environment": environment(
            computeType="ATTRIBUTE_BASED_COMPUTE", fleet={"fleetArn": "arn:aws:codebuild:fleet/f"}
        )
    },
    "kernel on arm": {
        "environment": environment(type="ARM_CONTAINER", hostKernel="LINUX_KERNEL_LATEST")
    },
    "network beside an empty fleet": {"vpcConfig": VPC, "environment": environment(fleet={})},
    "file systems": {
        **MOUNTS,
        "fileSystemLocations": [EFS, {**EFS, "identifier": "other", "mountPoint": "/b"}],
    },
    "own image with own credentials": {
        "environment": environment(image="registry/x", imagePullCredentialsType="SERVICE_ROLE")
    },
    "lambda": {
        "environment": environment(type="LINUX_LAMBDA_CONTAINER", computeType="BUILD_LAMBDA_1GB")
    },
    "a fleet decides on the type": {
        "environment": environment(
            computeType="BUILD_LAMBDA_1GB", fleet={"fleetArn": "arn:aws:codebuild:fleet/f"}
        )
    },
}


@pytest.mark.docs
@pytest.mark.parametrize("changes", known(ALLOWED).values(), ids=known(ALLOWED))
def test_not_refused(client, changes):
    if "fleetArn" in changes.get("environment", {}).get("fleet", {}):
        fleet = CLIENT.create_fleet(
            name="fleet",
            baseCapacity=1,
            environmentType="LINUX_CONTAINER",
            computeType="BUILD_GENERAL1_SMALL",
        )["fleet"]
        place = {**changes["environment"], "fleet": {"fleetArn": fleet["arn"]}}
        changes = {**changes, "environment": place}
    assert create(**changes)


@pytest.mark.model
def test_the_same_rules_hold_for_updates(web):
    with refused(message=CURATED):
        CLIENT.update_project(
            name="web", environment=environment(imagePullCredentialsType="SERVICE_ROLE")
        )
    with refused():
        CLIENT.update_project(name="web", vpcConfig={"vpcId": "v"})
    assert CLIENT.batch_get_projects(names=["web"])["projects"] == [web]


@pytest.mark.recorded
def test_what_is_taken_away_from_a_file_system_is_missed(client):
    create(**MOUNTS, fileSystemLocations=[EFS])
    with refused(message="Privileged Mode has to be set for projects with File System Locations"):
        CLIENT.update_project(name="web", environment=environment())
    with refused(message="VPC has to be configured for projects with File System Locations"):
        CLIENT.update_project(name="web", vpcConfig={})
    CLIENT.update_project(
        name="web", fileSystemLocations=[], vpcConfig={}, environment=environment()
    )


@pytest.mark.inferred
def test_the_same_rules_hold_for_a_build_with_its_overrides(client):
    create(**MOUNTS, fileSystemLocations=[EFS])
    with refused(message="Privileged Mode has to be set for projects with File System Locations"):
        CLIENT.start_build(projectName="web", privilegedModeOverride=False)
    with refused():
        CLIENT.start_build(projectName="web", fleetOverride={"fleetArn": "arn:f"})
    with refused(message=f"Invalid input: cannot use a cross-account ECR image with {CODEBUILDS}"):
        CLIENT.start_build(projectName="web", imageOverride=f"999999999999.{ECR}/x:1")
    assert start()["buildNumber"] == 1
