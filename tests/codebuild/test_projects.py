"""CreateProject, BatchGetProjects, DeleteProject: what a project's record holds."""

import base64
import json
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    ROLE,
    create,
    environment,
    members,
    refused,
    run,
)

S3_BOTH = {
    "source": {"type": "S3", "location": "in-bucket/source.zip"},
    "artifacts": {"type": "S3", "location": "out-bucket"},
}


def get(name: str = "web") -> dict:
    return CLIENT.batch_get_projects(names=[name])["projects"][0]


@pytest.mark.recorded
def test_a_minimal_project_from_s3_to_s3_comes_back_with_the_defaults(client):
    project = create("my-project", **S3_BOTH)
    created = project.pop("created")
    assert project.pop("lastModified") == created
    assert isinstance(created, datetime)
    assert created.utcoffset() is not None
    assert project == {
        "name": "my-project",
        "arn": f"{ARN}:project/my-project",
        "source": {"type": "S3", "location": "in-bucket/source.zip", "insecureSsl": False},
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {
            "type": "S3",
            "location": "out-bucket",
            "name": "my-project",
            "namespaceType": "NONE",
            "packaging": "NONE",
            "encryptionDisabled": False,
        },
        "secondaryArtifacts": [],
        "cache": {"type": "NO_CACHE"},
        "environment": {
            **environment(),
            "environmentVariables": [],
            "privilegedMode": False,
            "imagePullCredentialsType": "CODEBUILD",
        },
        "serviceRole": ROLE,
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/s3",
        "tags": [],
        "badge": {"badgeEnabled": False},
        "projectVisibility": "PRIVATE",
    }


@pytest.mark.recorded
def test_batch_get_shows_what_create_returned(client, web):
    assert get() == web


@pytest.mark.recorded
@pytest.mark.parametrize(
    "absent",
    [
        "description",
        "logsConfig",
        "vpcConfig",
        "webhook",
        "concurrentBuildLimit",
        "autoRetryLimit",
        "publicProjectAlias",
        "fileSystemLocations",
        "buildBatchConfig",
        "sourceVersion",
    ],
)
def test_members_nobody_sent_are_absent(web, absent):
    assert absent not in web


@pytest.mark.recorded
def test_artifacts_of_none_are_just_their_type(web):
    assert web["artifacts"] == {"type": "NO_ARTIFACTS"}


@pytest.mark.recorded
def test_artifacts_of_none_keep_override_artifact_name(client):
    sent = {"type": "NO_ARTIFACTS", "overrideArtifactName": False}
    assert create(artifacts=sent)["artifacts"] == sent


@pytest.mark.inferred
def test_artifacts_of_codepipeline_get_a_name_and_packaging(client):
    both = {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}}
    assert create(**both)["artifacts"] == {
        "type": "CODEPIPELINE",
        "name": "web",
        "packaging": "NONE",
        "encryptionDisabled": False,
    }


@pytest.mark.recorded
def test_variables_without_a_type_are_plaintext(client):
    sent = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "/b", "type": "PARAMETER_STORE"},
        {"name": "EMPTY", "value": ""},
    ]
    project = create(environment=environment(environmentVariables=sent))
    assert project["environment"]["environmentVariables"] == [
        {"name": "A", "value": "1", "type": "PLAINTEXT"},
        {"name": "B", "value": "/b", "type": "PARAMETER_STORE"},
        {"name": "EMPTY", "value": "", "type": "PLAINTEXT"},
    ]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("gitCloneDepth", 1),
        ("gitCloneDepth", 0),
        ("reportBuildStatus", False),
        ("reportBuildStatus", True),
        ("buildspec", ""),
        ("gitSubmodulesConfig", {"fetchSubmodules": True}),
        ("insecureSsl", True),
    ],
)
def test_members_of_a_source_come_back_as_sent(client, member, value):
    source = {"type": "GITHUB", "location": "https://github.com/o/r.git", member: value}
    assert create(source=source)["source"][member] == value


@pytest.mark.recorded
@pytest.mark.parametrize("member", ["gitCloneDepth", "gitSubmodulesConfig", "reportBuildStatus"])
def test_members_of_a_source_that_were_not_sent_are_absent(client, member):
    assert member not in create(**S3_BOTH)["source"]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            {"s3Logs": {"status": "ENABLED", "location": "logs/prefix"}},
            {
                "cloudWatchLogs": {"status": "ENABLED"},
                "s3Logs": {
                    "status": "ENABLED",
                    "location": "logs/prefix",
                    "encryptionDisabled": False,
                },
            },
        ),
        (
            {"cloudWatchLogs": {"status": "ENABLED", "groupName": "g", "streamName": "s"}},
            {
                "cloudWatchLogs": {"status": "ENABLED", "groupName": "g", "streamName": "s"},
                "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
            },
        ),
    ],
    ids=["s3", "cloudwatch"],
)
def test_a_logs_config_comes_back_with_both_blocks(client, sent, shown):
    assert create(logsConfig=sent)["logsConfig"] == shown


@pytest.mark.docs
def test_everything_else_comes_back_as_sent(client):
    sent = {
        "description": "The website",
        "sourceVersion": "main",
        "timeoutInMinutes": 5,
        "queuedTimeoutInMinutes": 30,
        "encryptionKey": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k",
        "tags": [{"key": "team", "value": "web"}],
        "vpcConfig": {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        "cache": {"type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"]},
        "concurrentBuildLimit": 3,
        "autoRetryLimit": 2,
    }
    project = create(**sent)
    assert {member: project[member] for member in sent} == sent


@pytest.mark.recorded
def test_images_are_not_looked_at_when_a_project_is_made(client):
    assert create(environment=environment(image="2"))["environment"]["image"] == "2"


@pytest.mark.recorded
def test_a_badge_has_a_url_of_the_recorded_form(client):
    source = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
    badge = create(source=source, badgeEnabled=True)["badge"]
    assert badge["badgeEnabled"] is True
    url = urlsplit(badge["badgeRequestUrl"])
    assert (url.scheme, url.netloc) == ("https", "codebuild.us-east-1.amazonaws.com")
    assert url.path == "/badges"
    query = parse_qs(url.query)
    assert query["branch"] == ["master"]
    secret = json.loads(base64.b64decode(query["uuid"][0]))
    assert set(secret) == {"encryptedData", "ivParameterSpec", "materialSetSerial"}
    assert secret["materialSetSerial"] == 1


@pytest.mark.recorded
def test_a_name_that_is_taken(web):
    with refused("ResourceAlreadyExistsException", f"Project already exists: {ARN}:project/web"):
        CLIENT.create_project(**members())


@pytest.mark.inferred
def test_a_request_that_was_refused_changes_nothing(web):
    with refused():
        CLIENT.create_project(**members("other", serviceRole="arn:aws:iam::1:role/x"))
    assert CLIENT.list_projects()["projects"] == ["web"]


@pytest.mark.model
def test_batch_get_knows_names_and_arns(client):
    create("a1")
    create("b1")
    answer = CLIENT.batch_get_projects(names=[f"{ARN}:project/b1", "none", "a1"])
    assert [project["name"] for project in answer["projects"]] == ["b1", "a1"]
    assert answer["projectsNotFound"] == ["none"]


@pytest.mark.recorded
def test_batch_get_has_both_lists_even_when_empty(web):
    found = CLIENT.batch_get_projects(names=["web"])
    missing = CLIENT.batch_get_projects(names=["none"])
    assert found["projectsNotFound"] == []
    assert missing["projects"] == []


@pytest.mark.inferred
@pytest.mark.parametrize(
    "elsewhere",
    [
        f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/web",
        "arn:aws:codebuild:us-east-1:999999999999:project/web",
        "nonsense:project/web",
    ],
)
def test_an_arn_of_another_place_is_not_this_project(web, elsewhere):
    assert CLIENT.batch_get_projects(names=[elsewhere])["projectsNotFound"] == [elsewhere]


@pytest.mark.inferred
def test_a_name_that_comes_twice_is_answered_once(web):
    assert len(CLIENT.batch_get_projects(names=["web", "web"])["projects"]) == 1


@pytest.mark.model
@pytest.mark.parametrize("name", ["web", f"{ARN}:project/web"], ids=["name", "arn"])
def test_delete_by_name_or_arn(web, name):
    CLIENT.delete_project(name=name)
    assert CLIENT.list_projects()["projects"] == []
    assert CLIENT.batch_get_projects(names=["web"])["projectsNotFound"] == ["web"]


@pytest.mark.docs
def test_deleting_what_is_not_there_is_no_error(client):
    answer = CLIENT.delete_project(name="never-was")
    assert set(answer) == {"ResponseMetadata"}


@pytest.mark.docs
def test_builds_outlive_their_project(web):
    build = run()
    CLIENT.delete_project(name="web")
    assert CLIENT.batch_get_builds(ids=[build["id"]])["builds"][0]["buildStatus"] == "SUCCEEDED"
    assert CLIENT.list_builds()["ids"] == [build["id"]]


@pytest.mark.inferred
def test_a_project_made_again_counts_from_one(web):
    first = run()
    CLIENT.delete_project(name="web")
    create()
    assert run()["buildNumber"] == first["buildNumber"] == 1


@pytest.mark.inferred
@pytest.mark.parametrize("member", ["vpcConfig", "buildBatchConfig"])
def test_an_empty_structure_is_none_at_all(client, member):
    assert member not in create(**{member: {}})
