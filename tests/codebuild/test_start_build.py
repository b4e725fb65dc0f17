"""StartBuild: what it answers at once."""

import re
import uuid

import pytest

from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    create,
    environment,
    members,
    refused,
    start,
)

CONSOLE = "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1"


@pytest.mark.recorded
def test_the_record_right_after_the_start(web):
    build = start()
    started = build["startTime"]
    the_id = build["id"]
    assert build == {
        "id": the_id,
        "arn": f"{ARN}:build/{the_id}",
        "buildNumber": 1,
        "startTime": started,
        "currentPhase": "QUEUED",
        "buildStatus": "IN_PROGRESS",
        "buildComplete": False,
        "projectName": "web",
        "phases": [
            {
                "phaseType": "SUBMITTED",
                "phaseStatus": "SUCCEEDED",
                "startTime": started,
                "endTime": started,
                "durationInSeconds": 0,
            },
            {"phaseType": "QUEUED", "startTime": started},
        ],
        "source": web["source"],
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {"location": ""},
        "secondaryArtifacts": [],
        "cache": {"type": "NO_CACHE"},
        "environment": web["environment"],
        "serviceRole": web["serviceRole"],
        "logs": {
            "deepLink": f"{CONSOLE}#logEvent:group=null;stream=null",
            "cloudWatchLogsArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:null:log-stream:null",
            "cloudWatchLogs": {"status": "ENABLED"},
            "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
        },
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "initiator": build["initiator"],
        "encryptionKey": web["encryptionKey"],
    }
    assert build["initiator"]


@pytest.mark.docs
def test_ids_are_project_and_uuid(web):
    name, _, tail = start()["id"].partition(":")
    assert name == "web"
    assert uuid.UUID(tail).version == 4


@pytest.mark.model
def test_numbers_count_up_per_project(web):
    create("other")
    numbers = [start()["buildNumber"] for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert start("other")["buildNumber"] == 1


@pytest.mark.recorded
def test_times_are_milliseconds(web):
    text = f"{start()['startTime'].timestamp():.6f}"
    assert re.search(r"\.\d{3}000\Z", text)


@pytest.mark.recorded
def test_no_such_project(client):
    for name in ("none", f"{ARN}:project/none"):
        with refused("ResourceNotFoundException", f"Project cannot be found: {ARN}:project/none"):
            CLIENT.start_build(projectName=name)


@pytest.mark.inferred
def test_a_project_by_its_arn(web):
    assert start(web["arn"])["projectName"] == "web"


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("artifacts", "location"),
    [
        ({"location": "out"}, "arn:aws:s3:::out/web"),
        ({"location": "arn:aws:s3:::out"}, "arn:aws:s3:::out/web"),
        ({"location": "out", "path": "a/b", "name": "n.zip"}, "arn:aws:s3:::out/a/b/n.zip"),
        ({"location": "out", "path": "/a/", "name": "/"}, "arn:aws:s3:::out/a"),
        ({"location": "out", "name": "/"}, "arn:aws:s3:::out"),
        (
            {"location": "out", "path": "a", "namespaceType": "BUILD_ID", "name": "n"},
            "arn:aws:s3:::out/a/{uuid}/n",
        ),
        (
            {"location": "out", "path": "a", "namespaceType": "BUILD_ID", "name": "/"},
            "arn:aws:s3:::out/a/{uuid}",
        ),
    ],
)
def test_artifacts_are_a_resolved_location(client, artifacts, location):
    create(artifacts={"type": "S3", **artifacts})
    build = start()
    uuid_of_it = build["id"].partition(":")[2]
    assert build["artifacts"] == {
        "location": location.format(uuid=uuid_of_it),
        "encryptionDisabled": False,
    }


@pytest.mark.model
def test_what_artifacts_of_builds_have_of_their_projects(client):
    own = {"encryptionDisabled": True, "overrideArtifactName": True, "bucketOwnerAccess": "FULL"}
    create(artifacts={"type": "S3", "location": "out", **own})
    assert start()["artifacts"] == {"location": "arn:aws:s3:::out/web", **own}


@pytest.mark.model
def test_secondary_artifacts_have_their_identifier(client):
    create(
        secondaryArtifacts=[
            {"type": "S3", "location": "two", "artifactIdentifier": "docs", "packaging": "ZIP"}
        ]
    )
    assert start()["secondaryArtifacts"] == [
        {
            "artifactIdentifier": "docs",
            "location": "arn:aws:s3:::two/web",
            "encryptionDisabled": False,
        }
    ]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("sourceVersion", "main"),
        ("vpcConfig", {"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]}),
        ("cache", {"type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"]}),
        ("timeoutInMinutes", 7),
        ("queuedTimeoutInMinutes", 8),
    ],
)
def test_members_taken_over_from_the_project(client, member, value):
    create(**{member: value})
    assert start()[member] == value


@pytest.mark.docs
def test_file_systems_are_taken_over_from_the_project(client):
    places = [{"type": "EFS", "location": "fs:/", "mountPoint": "/m", "identifier": "i"}]
    vpc = {"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]}
    create(fileSystemLocations=places, vpcConfig=vpc, environment=environment(privilegedMode=True))
    assert start()["fileSystemLocations"] == places


@pytest.mark.recorded
def test_a_pipelines_project_needs_artifacts_of_its_own(client):
    both = {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}}
    create(**both)
    with refused(message="ArtifactsOverride must be set when using artifacts type CodePipelines"):
        CLIENT.start_build(projectName="web")
    assert start(artifactsOverride={"type": "NO_ARTIFACTS"})["artifacts"] == {"location": ""}


@pytest.mark.inferred
def test_one_more_than_the_project_allows(mb, client):
    create(concurrentBuildLimit=2)
    first = start()
    start()
    with refused("AccountLimitExceededException"):
        CLIENT.start_build(projectName="web")
    CLIENT.stop_build(id=first["id"])
    assert start()["buildNumber"] == 3


@pytest.mark.docs
def test_a_project_without_a_limit(web):
    assert [start()["buildNumber"] for _ in range(30)][-1] == 30


@pytest.mark.docs
def test_automatic_retries_are_announced(client):
    create(autoRetryLimit=2)
    assert start()["autoRetryConfig"] == {"autoRetryLimit": 2, "autoRetryNumber": 0}


@pytest.mark.model
def test_every_member_of_a_project_that_a_build_has_is_taken_over(client):
    """Guards against a member that a newer model adds to both."""
    model = CLIENT.meta.service_model
    shared = set(model.shape_for("Build").members) & set(
        model.operation_model("CreateProject").input_shape.members
    )
    sent = members(
        sourceVersion="v",
        cache={"type": "NO_CACHE"},
        vpcConfig={"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]},
        fileSystemLocations=[],
        secondarySources=[],
        secondarySourceVersions=[],
        secondaryArtifacts=[],
        encryptionKey="k",
        timeoutInMinutes=5,
        queuedTimeoutInMinutes=5,
    )
    assert shared <= set(sent)
    CLIENT.create_project(**sent)
    assert shared <= set(start())
