"""Sandboxes, simulated: how they start, what their records say, and connections."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    ROLE,
    create,
    environment,
    refused,
    run,
)
from tests.codebuild.sandbox_factory import (
    begin,
    execute,
    see,
    stop,
)

MODES = ["settled", "stepped", "timed"]


# Starting.


@pytest.mark.docs
def test_the_answer_to_a_start_is_the_documented_one(mb, client):
    variable = {"name": "foo", "value": "bar", "type": "PLAINTEXT"}
    logs = {
        "cloudWatchLogs": {"status": "ENABLED", "groupName": "group", "streamName": "stream"},
        "s3Logs": {"status": "ENABLED", "location": "build-logs", "encryptionDisabled": False},
    }
    create(
        source={"type": "S3", "location": "sources/sample.zip"},
        environment=environment(environmentVariables=[variable]),
        timeoutInMinutes=10,
        logsConfig=logs,
        encryptionKey=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/Key",
    )
    sandbox = begin()
    uuid = sandbox["id"].removeprefix("web:")
    assert sandbox == {
        "id": f"web:{uuid}",
        "arn": f"{ARN}:sandbox/web:{uuid}",
        "projectName": "web",
        "requestTime": sandbox["requestTime"],
        "status": "QUEUED",
        "source": {"type": "S3", "location": "sources/sample.zip", "insecureSsl": False},
        "environment": {
            **environment(environmentVariables=[variable]),
            "privilegedMode": False,
            "imagePullCredentialsType": "CODEBUILD",
        },
        "timeoutInMinutes": 10,
        "queuedTimeoutInMinutes": 480,
        "logConfig": logs,
        "encryptionKey": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/Key",
        "serviceRole": ROLE,
        "currentSession": {
            "id": uuid,
            "currentPhase": "QUEUED",
            "status": "QUEUED",
            "startTime": sandbox["requestTime"],
            "logs": {
                "groupName": "group",
                "streamName": f"stream/{uuid}",
                "deepLink": "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1"
                f"#logsV2:log-groups/log-group/group/log-events/stream$252F{uuid}",
                "s3DeepLink": "https://s3.console.aws.amazon.com/s3/object/"
                f"build-logs/{uuid}.gz?region=us-east-1",
                "cloudWatchLogsArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:group"
                f":log-stream:stream/{uuid}",
                "s3LogsArn": f"arn:aws:s3:::build-logs/{uuid}.gz",
                **logs,
            },
        },
    }


@pytest.mark.docs
def test_a_project_is_named_by_its_arn_too(web):
    assert begin(web["arn"])["projectName"] == "web"


@pytest.mark.inferred
def test_a_start_without_a_project(web):
    with refused(message="Invalid input: projectName is required"):
        CLIENT.start_sandbox()


@pytest.mark.inferred
@pytest.mark.parametrize(
    "name",
    ["nobody", f"{ARN}:project/nobody", f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/web"],
)
def test_a_start_of_a_project_that_is_not_there(web, name):
    arn = name if name.startswith("arn:") else f"{ARN}:project/{name}"
    with refused("ResourceNotFoundException", f"Project cannot be found: {arn}"):
        begin(name)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "compute", "image"),
    [
        ("WINDOWS_SERVER_2019_CONTAINER", "BUILD_GENERAL1_MEDIUM", "windows-base:2019-3.0"),
        ("WINDOWS_SERVER_2022_CONTAINER", "BUILD_GENERAL1_MEDIUM", "windows-base:2022-1.0"),
        ("LINUX_LAMBDA_CONTAINER", "BUILD_LAMBDA_1GB", "amazonlinux-x86_64-lambda-standard:go1.21"),
        ("ARM_LAMBDA_CONTAINER", "BUILD_LAMBDA_1GB", "amazonlinux-aarch64-lambda-standard:go1.21"),
    ],
)
def test_environments_that_make_no_sandbox(mb, client, kind, compute, image):
    create(environment={"type": kind, "computeType": compute, "image": f"aws/codebuild/{image}"})
    with refused(message=f"Invalid input: sandboxes are not supported for environment type {kind}"):
        begin()
    assert CLIENT.list_sandboxes()["ids"] == []


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "image"),
    [
        ("LINUX_CONTAINER", "aws/codebuild/standard:7.0"),
        ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
        ("LINUX_GPU_CONTAINER", "aws/codebuild/standard:7.0"),
    ],
)
def test_environments_that_make_one(mb, client, kind, image):
    compute = "BUILD_GENERAL1_SMALL"
    create(environment={"type": kind, "computeType": compute, "image": image})
    assert see(begin())["environment"]["type"] == kind


@pytest.mark.model
def test_an_account_that_is_suspended(mb, web):
    mb.faults.on("StartSandbox").raises("AccountSuspendedException", "Account is suspended")
    with refused("AccountSuspendedException", "Account is suspended"):
        begin()
    assert see(begin())["status"] == "RUN_SANDBOX"


@pytest.mark.docs
def test_the_same_token_gives_the_same_sandbox(web):
    one, two = begin(idempotencyToken="t"), begin(idempotencyToken="t")
    assert one == two
    assert begin()["id"] != begin(idempotencyToken="u")["id"] != one["id"]
    assert len(CLIENT.list_sandboxes()["ids"]) == 3
    create("api")
    with refused():
        begin("api", idempotencyToken="t")


@pytest.mark.inferred
def test_a_sandbox_is_no_build(mb, web):
    mb.script("web", times=1).fails("PROVISIONING")
    sandbox = begin()
    assert CLIENT.list_builds()["ids"] == []
    assert CLIENT.batch_get_builds(ids=[sandbox["id"]])["buildsNotFound"] == [sandbox["id"]]
    build = run()
    assert (build["buildNumber"], build["buildStatus"]) == (1, "SUCCEEDED")
    assert CLIENT.list_sandboxes()["ids"] == [sandbox["id"]]
    assert CLIENT.batch_get_sandboxes(ids=[build["id"]])["sandboxesNotFound"] == [build["id"]]


@pytest.mark.inferred
def test_a_limit_of_concurrent_builds_does_not_count_sandboxes(mb, client):
    create(concurrentBuildLimit=1)
    begin(), begin()
    assert run()["buildStatus"] == "SUCCEEDED"


# The record.


@pytest.mark.model
def test_everything_that_a_project_may_say_shows(mb, client):
    extra = {"type": "S3", "location": "more/two.zip", "sourceIdentifier": "two"}
    version = {"sourceIdentifier": "two", "sourceVersion": "abc"}
    vpc = {"vpcId": "vpc-1", "subnets": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    place = {
        "type": "EFS",
        "location": "fs-1.efs.us-east-1.amazonaws.com:/x",
        "mountPoint": "/mnt",
        "identifier": "files",
    }
    create(
        source={"type": "GITHUB", "location": "https://github.com/o/r.git"},
        sourceVersion="a" * 40,
        secondarySources=[extra],
        secondarySourceVersions=[version],
        vpcConfig=vpc,
        fileSystemLocations=[place],
        environment=environment(privilegedMode=True),
        queuedTimeoutInMinutes=30,
    )
    started = begin()
    assert "networkInterface" not in started["currentSession"]
    sandbox = see(started)
    session = sandbox["currentSession"]
    assert sandbox["sourceVersion"] == session["resolvedSourceVersion"] == "a" * 40
    assert [one["sourceIdentifier"] for one in sandbox["secondarySources"]] == ["two"]
    assert sandbox["secondarySourceVersions"] == [version]
    assert sandbox["vpcConfig"] == vpc
    assert sandbox["fileSystemLocations"] == [place]
    assert sandbox["queuedTimeoutInMinutes"] == 30
    assert session["networkInterface"]["subnetId"] == "subnet-1"
    assert session["networkInterface"]["networkInterfaceId"].startswith("eni-0")


@pytest.mark.docs
def test_what_a_project_does_not_say_is_left_out(web):
    session = see(begin())["currentSession"]
    assert session.keys() == {"id", "status", "startTime", "currentPhase", "phases", "logs"}
    assert see(begin()).keys() == {
        *("id", "arn", "projectName", "requestTime", "status", "source", "environment"),
        *("timeoutInMinutes", "queuedTimeoutInMinutes", "logConfig", "encryptionKey"),
        *("serviceRole", "currentSession"),
    }


@pytest.mark.docs
def test_the_same_seed_gives_the_same_sandbox():
    seen = []
    for _ in range(2):
        with mock_codebuild(seed=7):
            create()
            sandbox = see(begin())
            seen.append((sandbox["id"], execute(sandbox)["id"]))
    assert seen[0] == seen[1]


# Connections.


@pytest.mark.model
def test_a_connection_to_a_sandbox_that_runs(web):
    sandbox = see(begin())
    one, two = (
        CLIENT.start_sandbox_connection(sandboxId=sandbox["id"])["ssmSession"] for _ in range(2)
    )
    assert one.keys() == {"sessionId", "tokenValue", "streamUrl"}
    assert all(one.values())
    assert one["sessionId"] in one["streamUrl"]
    assert one["sessionId"] != two["sessionId"]


@pytest.mark.inferred
def test_no_connection_to_one_that_does_not_run(mb, client):
    create(timeoutInMinutes=5)

    def refuses(sandbox):
        uuid = sandbox["id"].partition(":")[2]
        message = (
            f"Failed to start SSM session for sandbox {sandbox['arn']}: "
            f"codebuild:{uuid} is not connected."
        )
        with refused(message=message):
            CLIENT.start_sandbox_connection(sandboxId=sandbox["id"])

    queued = begin()
    refuses(queued)
    stopping = see(begin())
    stop(stopping)
    refuses(stopping)
    mb.clock.tick(minutes=6)
    refuses(queued)
    mb.script("web").fails("PROVISIONING")
    refuses(see(begin()))
