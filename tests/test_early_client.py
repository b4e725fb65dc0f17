"""A test module as people write them: the client is made when the module is imported."""

import pytest

boto3 = pytest.importorskip("boto3")

#: As in the code under test: made before anything is mocked, before mockbuild is even named.
codebuild = boto3.client("codebuild", region_name="eu-central-1")
session = boto3.session.Session(region_name="eu-central-1")

from mockbuild import mock_codebuild  # noqa: E402

pytestmark = pytest.mark.docs

PROJECT = {
    "name": "web",
    "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: [ls]}}"},
    "artifacts": {"type": "NO_ARTIFACTS"},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
    },
    "serviceRole": "arn:aws:iam::123456789012:role/build",
}


def release() -> str:
    codebuild.create_project(**PROJECT)
    build = codebuild.start_build(projectName="web")["build"]
    status: str = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]["buildStatus"]
    return status


@mock_codebuild
def test_release() -> None:
    assert release() == "SUCCEEDED"


@mock_codebuild
def test_another_test_starts_from_nothing() -> None:
    assert codebuild.list_projects()["projects"] == []
    assert session.client("codebuild").list_projects()["projects"] == []


def test_a_failing_release() -> None:
    with mock_codebuild() as mb:
        mb.script("web").fails("BUILD")
        assert release() == "FAILED"
        assert [call.operation for call in mb.calls()] == [
            "CreateProject",
            "StartBuild",
            "BatchGetBuilds",
        ]
        assert {call.region for call in mb.calls()} == {"eu-central-1"}


@mock_codebuild
class TestRelease:
    def setup_method(self) -> None:
        codebuild.create_project(**PROJECT)

    def test_first(self) -> None:
        codebuild.start_build(projectName="web")
        assert len(codebuild.list_builds()["ids"]) == 1

    def test_second(self) -> None:
        assert codebuild.list_builds()["ids"] == []
