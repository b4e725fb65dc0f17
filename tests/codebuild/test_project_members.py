"""Every member of CreateProject and UpdateProject: stored, filled in, replaced and cleared."""

import pytest

from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, ROLE, create, environment, members

GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
VPC = {"vpcId": "vpc-1", "subnets": ["s1", "s2"], "securityGroupIds": ["g"]}
OTHER_VPC = {"vpcId": "vpc-2", "subnets": ["s3"], "securityGroupIds": ["g", "h"]}
FILLED = {"environmentVariables": [], "imagePullCredentialsType": "CODEBUILD"}
MODEL = CLIENT.meta.service_model.operation_model("CreateProject").input_shape


def efs(name: str, **changes):
    return {
        "type": "EFS",
        "location": f"{name}.efs.us-east-1.amazonaws.com:/",
        "mountPoint": f"/mnt/{name}",
        "identifier": name,
        **changes,
    }


def batches(**changes):
    return {
        "serviceRole": ROLE,
        "combineArtifacts": True,
        "restrictions": {
            "maximumBuildsAllowed": 7,
            "computeTypesAllowed": ["BUILD_GENERAL1_SMALL"],
            "fleetsAllowed": [f"{ARN}:fleet/f:1"],
        },
        "timeoutInMins": 30,
        "batchReportMode": "REPORT_INDIVIDUAL_BUILDS",
        **changes,
    }


def secondary(name: str, **changes):
    return {**GITHUB, "insecureSsl": False, "sourceIdentifier": name, **changes}


def artifacts(name: str, **changes):
    return {
        "type": "S3",
        "location": "bucket",
        "path": "a/b",
        "namespaceType": "BUILD_ID",
        "name": f"{name}.zip",
        "packaging": "ZIP",
        "overrideArtifactName": True,
        "encryptionDisabled": True,
        "artifactIdentifier": name,
        "bucketOwnerAccess": "FULL",
        **changes,
    }


def logs(status: str):
    return {
        "cloudWatchLogs": {"status": status, "groupName": "g", "streamName": "s"},
        "s3Logs": {
            "status": status,
            "location": "logs/prefix",
            "encryptionDisabled": True,
            "bucketOwnerAccess": "READ_ONLY",
        },
    }


EVERYTHING = {
    "name": "web",
    "description": "The website",
    "source": {
        **GITHUB,
        "gitCloneDepth": 1,
        "gitSubmodulesConfig": {"fetchSubmodules": True},
        "buildspec": "ci/buildspec.yml",
        "auth": {"type": "CODECONNECTIONS", "resource": "arn:aws:codeconnections:x"},
        "reportBuildStatus": True,
        "buildStatusConfig": {"context": "c", "targetUrl": "https://example.com"},
        "insecureSsl": True,
        "sourceIdentifier": "main_source",
    },
    "secondarySources": [secondary("one"), secondary("two", gitCloneDepth=3)],
    "sourceVersion": "main",
    "secondarySourceVersions": [{"sourceIdentifier": "two", "sourceVersion": "v2"}],
    "artifacts": artifacts("app"),
    "secondaryArtifacts": [artifacts("docs"), artifacts("map")],
    "cache": {"type": "S3", "location": "bucket/cache", "cacheNamespace": "shared"},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "registry.example.com/x:1",
        "computeType": "ATTRIBUTE_BASED_COMPUTE",
        "computeConfiguration": {"vCpu": 2, "memory": 4, "disk": 64, "machineType": "NVME"},
        "environmentVariables": [{"name": "A", "value": "/a", "type": "PARAMETER_STORE"}],
        "privilegedMode": True,
        "certificate": "bucket/cert.pem",
        "registryCredential": {"credential": "c", "credentialProvider": "SECRETS_MANAGER"},
        "imagePullCredentialsType": "SERVICE_ROLE",
        "dockerServer": {"computeType": "BUILD_GENERAL1_LARGE", "securityGroupIds": ["g"]},
        "fleet": {},
        "hostKernel": "LINUX_KERNEL_6",
    },
    "serviceRole": ROLE,
    "timeoutInMinutes": 5,
    "queuedTimeoutInMinutes": 6,
    "encryptionKey": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k",
    "tags": [{"key": "team", "value": "web"}],
    "vpcConfig": VPC,
    "badgeEnabled": True,
    "logsConfig": logs("ENABLED"),
    "fileSystemLocations": [efs("one", mountOptions="nfsvers=4.1"), efs("two")],
    "buildBatchConfig": batches(),
    "concurrentBuildLimit": 3,
    "autoRetryLimit": 2,
}
OTHERWISE = {
    "description": "Another one",
    "source": {"type": "S3", "location": "bucket/source.zip", "insecureSsl": False},
    "secondarySources": [secondary("two")],
    "sourceVersion": "next",
    "secondarySourceVersions": [],
    "artifacts": {"type": "NO_ARTIFACTS"},
    "secondaryArtifacts": [artifacts("map", location="other")],
    "cache": {"type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE", "LOCAL_SOURCE_CACHE"]},
    "environment": {**environment(privilegedMode=True), **FILLED},
    "serviceRole": f"{ROLE}-2",
    "timeoutInMinutes": 2160,
    "queuedTimeoutInMinutes": 480,
    "encryptionKey": "alias/mine",
    "tags": [{"key": "team", "value": "api"}, {"key": "k", "value": ""}],
    "vpcConfig": OTHER_VPC,
    "badgeEnabled": False,
    "logsConfig": logs("DISABLED"),
    "fileSystemLocations": [efs("three")],
    "buildBatchConfig": batches(combineArtifacts=False),
    "concurrentBuildLimit": 1,
    "autoRetryLimit": 0,
}
#: What takes a member away, and what is left of it then; ``...`` is nothing.
CLEARING = {
    "description": ("", ""),
    "secondarySourceVersions": ([], []),
    "secondaryArtifacts": ([], []),
    "sourceVersion": ("", ""),
    "cache": ({"type": "NO_CACHE"}, {"type": "NO_CACHE"}),
    "tags": ([], []),
    "fileSystemLocations": ([], []),
    "buildBatchConfig": ({}, ...),
    "concurrentBuildLimit": (-1, ...),
    "autoRetryLimit": (0, 0),
}


def of_the_model(value, shape=MODEL):
    """Leave out members that the installed botocore does not know."""
    if shape.type_name == "structure":
        return {
            name: of_the_model(item, shape.members[name])
            for name, item in value.items()
            if name in shape.members
        }
    if shape.type_name == "list":
        return [of_the_model(item, shape.member) for item in value]
    return value


def everything(**changes):
    return CLIENT.create_project(**of_the_model({**EVERYTHING, **changes}))["project"]


def shown(project):
    """Return the members of a project as a request has them."""
    asked = {name: value for name, value in project.items() if name in MODEL.members}
    return {**asked, "badgeEnabled": project["badge"]["badgeEnabled"]}


def get():
    return CLIENT.batch_get_projects(names=["web"])["projects"][0]


@pytest.mark.model
def test_the_tables_here_know_every_member():
    """Guards against a member that a newer model adds."""
    assert set(MODEL.members) <= set(EVERYTHING)
    update = CLIENT.meta.service_model.operation_model("UpdateProject").input_shape
    assert set(update.members) <= {"name", *OTHERWISE}

    def unknown(value, shape, path=""):
        if shape.type_name == "list":
            return unknown(value[0], shape.member, path)
        if shape.type_name != "structure":
            return set()
        missing = {f"{path}.{name}" for name in shape.members if name not in value}
        for name in shape.members.keys() & value.keys() if value else ():
            missing |= unknown(value[name], shape.members[name], f"{path}.{name}")
        return missing

    assert unknown(EVERYTHING, MODEL) <= {
        ".environment.computeConfiguration.instanceType",  # of fleets
        ".environment.dockerServer.status",  # never asked for
        ".environment.fleet.fleetArn",  # in place of a VPC
        ".cache.modes",  # of local caches
        *(f".secondarySources.{name}" for name in MODEL.members["source"].members),
    }


@pytest.mark.docs
def test_every_member_is_stored_as_sent(client):
    asked = of_the_model(EVERYTHING)
    assert shown(everything()) == asked
    assert shown(get()) == asked


@pytest.mark.docs
@pytest.mark.parametrize("member", [name for name in OTHERWISE if name in MODEL.members])
def test_one_member_is_replaced_as_a_whole_and_the_others_stay(client, member):
    before = everything(
        # what would be missed by the new value of another member
        badgeEnabled=member == "badgeEnabled",
        secondarySources=[secondary("two"), secondary("one")],
    )
    change = of_the_model({member: OTHERWISE[member]})
    after = CLIENT.update_project(name="web", **change)["project"]
    assert shown(after) == {**shown(before), **change}
    assert after == get()


@pytest.mark.docs
def test_all_members_are_replaced_at_once(client):
    everything()
    change = of_the_model({**OTHERWISE, "name": "web"})
    assert shown(CLIENT.update_project(**change)["project"]) == change


@pytest.mark.docs
@pytest.mark.parametrize(("member", "clear"), CLEARING.items(), ids=CLEARING)
def test_members_are_cleared(client, member, clear):
    sent, left = clear
    before = everything()
    after = CLIENT.update_project(name="web", **{member: sent})["project"]
    expected = {**before, member: left, "lastModified": after["lastModified"]}
    assert after == {name: value for name, value in expected.items() if value is not ...}


@pytest.mark.docs
def test_a_vpc_is_cleared_once_nothing_needs_it(client):
    everything(fileSystemLocations=[])
    assert "vpcConfig" not in CLIENT.update_project(name="web", vpcConfig={})["project"]
    assert "vpcConfig" not in get()


@pytest.mark.docs
def test_secondary_sources_are_cleared_once_no_version_needs_them(client):
    everything()
    after = CLIENT.update_project(name="web", secondarySources=[], secondarySourceVersions=[])
    assert after["project"]["secondarySources"] == []
    assert after["project"]["secondarySourceVersions"] == []


@pytest.mark.docs
def test_a_limit_that_is_cleared_can_be_set_again(client):
    create(concurrentBuildLimit=2)
    CLIENT.update_project(name="web", concurrentBuildLimit=-1)
    after = CLIENT.update_project(name="web", concurrentBuildLimit=4)["project"]
    assert after["concurrentBuildLimit"] == 4


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("sent", "filled"),
    [
        (
            {"serviceRole": ROLE},
            {"restrictions": {"maximumBuildsAllowed": 100}, "timeoutInMins": 480},
        ),
        (
            {"restrictions": {"computeTypesAllowed": []}},
            {
                "restrictions": {"maximumBuildsAllowed": 100, "computeTypesAllowed": []},
                "timeoutInMins": 480,
            },
        ),
        (
            {"timeoutInMins": 5, "restrictions": {"maximumBuildsAllowed": 1}},
            {},
        ),
    ],
    ids=["nothing", "compute types", "everything"],
)
def test_settings_of_batches_are_filled_in(client, sent, filled):
    assert create(buildBatchConfig=sent)["buildBatchConfig"] == {**sent, **filled}


@pytest.mark.inferred
def test_settings_of_batches_are_filled_in_anew_by_an_update(client):
    create(buildBatchConfig=batches())
    after = CLIENT.update_project(name="web", buildBatchConfig={"combineArtifacts": True})
    assert after["project"]["buildBatchConfig"] == {
        "combineArtifacts": True,
        "restrictions": {"maximumBuildsAllowed": 100},
        "timeoutInMins": 480,
    }


@pytest.mark.inferred
def test_a_file_system_is_an_efs_unless_it_says_so(client):
    place = efs("one")
    del place["type"]
    project = everything(fileSystemLocations=[place])
    assert project["fileSystemLocations"] == [efs("one")]


@pytest.mark.docs
def test_secondary_artifacts_are_filled_in(client):
    sent = {"type": "S3", "location": "b", "artifactIdentifier": "a"}
    (filled,) = create(secondaryArtifacts=[sent])["secondaryArtifacts"]
    assert filled == {
        **sent,
        "name": "web",
        "namespaceType": "NONE",
        "packaging": "NONE",
        "encryptionDisabled": False,
    }


@pytest.mark.docs
def test_secondary_sources_are_filled_in(client):
    sent = {"type": "S3", "location": "b/k", "sourceIdentifier": "a"}
    assert create(secondarySources=[sent])["secondarySources"] == [{**sent, "insecureSsl": False}]


@pytest.mark.docs
def test_what_a_caller_sends_and_changes_later_is_not_the_project(client):
    sent = members(tags=[{"key": "k", "value": "v"}], vpcConfig=dict(VPC))
    CLIENT.create_project(**sent)
    sent["tags"].append({"key": "l", "value": "v"})
    sent["vpcConfig"]["vpcId"] = "other"
    assert (get()["tags"], get()["vpcConfig"]) == ([{"key": "k", "value": "v"}], VPC)


@pytest.mark.inferred
def test_a_source_that_cannot_have_a_badge_does_not_get_in_behind_one(client):
    create(source=GITHUB, badgeEnabled=True)
    source = {"type": "S3", "location": "b/k"}
    with pytest.raises(CLIENT.exceptions.InvalidInputException) as caught:
        CLIENT.update_project(name="web", source=source)
    assert "Build badges are not supported for S3 source" in str(caught.value)
    after = CLIENT.update_project(name="web", source=source, badgeEnabled=False)["project"]
    assert after["source"]["type"] == "S3"


@pytest.mark.inferred
def test_an_update_by_arn(web):
    assert CLIENT.update_project(name=web["arn"], description="d")["project"]["description"] == "d"
    elsewhere = web["arn"].replace("us-east-1", "eu-west-1")
    with pytest.raises(CLIENT.exceptions.ResourceNotFoundException) as caught:
        CLIENT.update_project(name=elsewhere, description="d")
    assert str(caught.value).endswith(f"Project cannot be found: {elsewhere}")
