"""Beside moto: our services are ours, all others stay moto's, whoever comes first."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

pytest.importorskip("moto")

import moto.codebuild
from moto import mock_aws

from mockbuild import mock_build, mock_codebuild
from tests.conftest import EscapedError
from tests.intercept.clients import create, make_client, names

pytestmark = pytest.mark.docs


def in_moto() -> list[str]:
    """Return the projects that moto has."""
    backend = moto.codebuild.models.codebuild_backends["123456789012"]["us-east-1"]
    return list(backend.codebuild_projects)


def use(s3: Any, codebuild: Any) -> None:
    s3.create_bucket(Bucket="releases")
    create(codebuild)
    assert names(codebuild) == ["web"]
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["releases"]
    assert in_moto() == []


@pytest.fixture(params=["early", "late"])
def clients(request: pytest.FixtureRequest) -> Any:
    """Return what gives the two clients, made either before the mocks or while they are on."""
    if request.param == "late":
        return lambda: (make_client("s3"), make_client())
    early = make_client("s3"), make_client()  # moto has been imported, so it knows them
    return lambda: early


@pytest.mark.parametrize("mocks", [(mock_aws, mock_codebuild), (mock_codebuild, mock_aws)])
def test_either_order(mocks: Any, clients: Any) -> None:
    with mocks[0](), mocks[1]():
        use(*clients())


@mock_codebuild
@mock_aws
def test_decorated_with_ours_outside() -> None:
    use(make_client("s3"), make_client())


@mock_aws
@mock_codebuild
def test_decorated_with_ours_inside() -> None:
    use(make_client("s3"), make_client())


@mock_codebuild
@mock_aws
class TestDecoratedClass:
    def test_one(self) -> None:
        use(make_client("s3"), make_client())

    def test_two(self) -> None:
        use(make_client("s3"), make_client())


@mock_aws
@mock_codebuild
class TestDecoratedClassTheOtherWayRound:
    def setup_method(self) -> None:
        self.codebuild = make_client()
        create(self.codebuild, "prepared")

    def test_one(self) -> None:
        assert names(self.codebuild) == ["prepared"]
        assert in_moto() == []


def test_other_services_of_moto() -> None:
    with mock_build(), mock_aws():
        ssm = make_client("ssm")
        ssm.put_parameter(Name="a", Value="b", Type="String")
        assert ssm.get_parameter(Name="a")["Parameter"]["Value"] == "b"
        assert make_client("sts").get_caller_identity()["Account"] == "123456789012"


def test_ours_ends_first(clients: Any) -> None:
    """Then CodeBuild is moto's again."""
    s3, codebuild = clients()
    with mock_aws():
        with mock_codebuild():
            use(s3, codebuild)
        assert names(codebuild) == []
        create(codebuild, "for-moto", type="S3", location="bucket/source.zip")
        assert in_moto() == ["for-moto"]
        with mock_codebuild():
            assert names(codebuild) == []
        assert names(codebuild) == ["for-moto"]


def test_moto_ends_first(clients: Any, network: list[str]) -> None:
    s3, codebuild = clients()
    with mock_codebuild():
        with mock_aws():
            use(s3, codebuild)
        assert names(codebuild) == ["web"]
        with pytest.raises(EscapedError):
            s3.list_buckets()


@pytest.fixture(params=["ours", "moto's"])
def crossing(request: pytest.FixtureRequest) -> Iterator[tuple[ExitStack, ExitStack]]:
    """Start two mocks, and give what ends the first and what ends the second."""
    mocks = [mock_codebuild, mock_aws] if request.param == "ours" else [mock_aws, mock_codebuild]
    with ExitStack() as second, ExitStack() as first:
        first.enter_context(mocks[0]())
        second.enter_context(mocks[1]())
        yield first, second


def test_the_first_to_start_is_the_first_to_end(
    crossing: tuple[ExitStack, ExitStack], network: list[str]
) -> None:
    s3, codebuild = make_client("s3"), make_client()
    use(s3, codebuild)
    for ending in crossing:
        ending.close()
    for call in (s3.list_buckets, codebuild.list_projects):
        with pytest.raises(EscapedError):
            call()


def test_the_environment_survives_crossing() -> None:
    before = dict(os.environ)
    ours, motos = mock_codebuild(), mock_aws()
    ours.start()
    motos.start()
    ours.stop()
    motos.stop()
    assert {**os.environ} == before


def test_the_handler_is_given_back() -> None:
    from moto.core.botocore_stubber import BotocoreStubber

    before = BotocoreStubber.__call__
    with mock_aws(), mock_codebuild():
        names(make_client())
        assert BotocoreStubber.__call__ is not before
    assert BotocoreStubber.__call__ is before


def test_builds_use_the_s3_of_moto() -> None:
    with mock_aws(), mock_codebuild() as mb:
        s3, codebuild = make_client("s3"), make_client()
        s3.create_bucket(Bucket="artifacts")
        create(codebuild)
        codebuild.update_project(name="web", artifacts={"type": "S3", "location": "artifacts"})
        mb.script("web").writes({"app": "1"})
        spec = "{version: 0.2, phases: {build: {commands: ls}}, artifacts: {files: app}}"
        codebuild.start_build(projectName="web", buildspecOverride=spec)
        assert [found["Key"] for found in s3.list_objects_v2(Bucket="artifacts")["Contents"]] == [
            "web/app"
        ]
