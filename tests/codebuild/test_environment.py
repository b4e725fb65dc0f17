"""The variables a build sees."""

from typing import Any

import pytest

from mockbuild.documents.buildspec import parse_buildspec
from mockbuild.engine.environment import build_variables, service_variables
from mockbuild.engine.job import BuildJob
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    BUILDSPEC,
    CLIENT,
    create,
    environment,
    members,
    run,
    start,
)

UUID = "3b5a1c1e-0000-4000-8000-000000000000"


def job(*, source_version: str | None = None, **changes: Any) -> BuildJob:
    return BuildJob(
        build_id=f"web:{UUID}",
        arn=f"{ARN}:build/web:{UUID}",
        number=7,
        project=members(**changes),
        region="us-east-1",
        account_id=ACCOUNT,
        initiator="someone",
        started=1795232398.271,
        source_folder="/codebuild/output/src1/src",
        log_stream=UUID,
        source_version=source_version,
    )


def variables(**changes: Any) -> dict[str, str]:
    return service_variables(job(**changes), "/codebuild/output/src1/src")


DOCUMENTED = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "CODEBUILD_BATCH_BUILD_IDENTIFIER": "",
    "CODEBUILD_BUILD_ARN": f"{ARN}:build/web:{UUID}",
    "CODEBUILD_BUILD_ID": f"web:{UUID}",
    "CODEBUILD_BUILD_IMAGE": "aws/codebuild/standard:7.0",
    "CODEBUILD_BUILD_NUMBER": "7",
    "CODEBUILD_BUILD_SUCCEEDING": "1",
    "CODEBUILD_INITIATOR": "someone",
    "CODEBUILD_KMS_KEY_ID": "arn:k",
    "CODEBUILD_LOG_PATH": UUID,
    "CODEBUILD_SOURCE_REPO_URL": "",
    "CODEBUILD_SOURCE_VERSION": "",
    "CODEBUILD_SRC_DIR": "/codebuild/output/src1/src",
    "CODEBUILD_START_TIME": "1795232398271",
    "HOME": "/root",
}


@pytest.mark.docs
@pytest.mark.parametrize(("name", "value"), DOCUMENTED.items(), ids=DOCUMENTED)
def test_documented_variables(name, value):
    assert variables(encryptionKey="arn:k")[name] == value


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CODEBUILD_CI", "true"),
        ("CODEBUILD_LAST_EXIT", "0"),
        ("CODEBUILD_CONTAINER_NAME", "default"),
        ("CODEBUILD_EXECUTION_ROLE_BUILD", ""),
    ],
)
def test_others_that_are_there(name, value):
    assert variables()[name] == value


@pytest.mark.docs
@pytest.mark.parametrize(
    "absent", ["CODEBUILD_PUBLIC_BUILD_URL", "CODEBUILD_WEBHOOK_EVENT", "CODEBUILD_WEBHOOK_TRIGGER"]
)
def test_variables_of_other_kinds_of_builds(absent):
    assert absent not in variables()


@pytest.mark.docs
@pytest.mark.parametrize(
    ("source", "url"),
    [
        (
            {"type": "GITHUB", "location": "https://github.com/o/r.git"},
            "https://github.com/o/r.git",
        ),
        ({"type": "S3", "location": "b/k.zip"}, "s3://b/k.zip"),
        ({"type": "S3", "location": "arn:aws:s3:::b/k.zip"}, "s3://b/k.zip"),
        ({"type": "CODEPIPELINE"}, ""),
    ],
)
def test_where_the_source_is(source, url):
    assert variables(source=source)["CODEBUILD_SOURCE_REPO_URL"] == url


@pytest.mark.docs
def test_the_version_that_was_asked_for():
    assert variables(source_version="pr/3")["CODEBUILD_SOURCE_VERSION"] == "pr/3"


@pytest.mark.model
def test_file_systems():
    place = {"type": "EFS", "location": "fs:/", "mountPoint": "/mnt/x", "identifier": "my_efs"}
    assert variables(fileSystemLocations=[place])["CODEBUILD_MY_EFS"] == "/mnt/x"


@pytest.mark.docs
def test_the_projects_go_before_the_buildspecs():
    spec = parse_buildspec("version: 0.2\nenv:\n  variables: {A: spec, B: $A, C: 'no'}\n")
    project = environment(environmentVariables=[{"name": "A", "value": "project"}])
    assert build_variables(job(environment=project), spec) == {"A": "project", "B": "$A", "C": "no"}


@pytest.mark.docs
def test_without_any():
    assert build_variables(job(), parse_buildspec(BUILDSPEC)) == {}


@pytest.mark.docs
def test_failing_builds_know_it_in_post_build(mb, client):
    text = (
        "version: 0.2\nenv: {exported-variables: [CODEBUILD_BUILD_SUCCEEDING]}\n"
        "phases: {build: {commands: [make]}}\n"
    )
    create(source={"type": "NO_SOURCE", "buildspec": text})
    assert run()["exportedEnvironmentVariables"][0]["value"] == "1"
    mb.script("web").fails("BUILD")
    assert run()["exportedEnvironmentVariables"][0]["value"] == "0"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("v-$CODEBUILD_BUILD_NUMBER", "v-1"),
        ("$TEAM/$STAGE", "web/prod"),
        ("plain", "plain"),
        ("$UNHEARD_OF", "$UNHEARD_OF"),
    ],
)
def test_variables_in_an_artifacts_name(mb, client, name, key):
    text = (
        "version: 0.2\nenv: {variables: {STAGE: prod}}\n"
        f"artifacts: {{files: ['*'], name: {name}}}\n"
    )
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        environment=environment(environmentVariables=[{"name": "TEAM", "value": "web"}]),
        artifacts={
            "type": "S3",
            "location": "out-bucket",
            "packaging": "ZIP",
            "overrideArtifactName": True,
        },
    )
    mb.script("web").writes({"f": ""})
    build = start()
    assert list(mb.s3["out-bucket"]) == [key]
    shown = CLIENT.batch_get_builds(ids=[build["id"]])["builds"][0]["artifacts"]
    assert shown["location"] == f"arn:aws:s3:::out-bucket/{key}"
    assert shown["overrideArtifactName"] is True
