"""Clients of every kind and age: their calls are caught, and only while a mock is on."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import NoCredentialsError, NoRegionError

from mockbuild import mock_build, mock_codebuild
from tests.conftest import EscapedError
from tests.intercept.clients import KEYS, create, make_client, names

boto3 = pytest.importorskip("boto3")
pytestmark = pytest.mark.docs


def test_a_client_made_before(network: list[str]) -> None:
    client = make_client()
    with mock_codebuild():
        create(client)
        assert names(client) == ["web"]
    assert network == []


def test_a_client_made_before_without_credentials() -> None:
    client = boto3.client("codebuild", region_name="us-east-1")
    with pytest.raises(NoCredentialsError):
        names(client)
    with mock_codebuild():
        assert names(client) == []
    with pytest.raises(NoCredentialsError):
        names(client)


def test_a_session_made_before_without_anything() -> None:
    session = boto3.session.Session()
    with pytest.raises(NoRegionError):
        session.client("codebuild")
    assert session.region_name is None
    with mock_codebuild():
        client = session.client("codebuild")
        assert create(client) == "arn:aws:codebuild:us-east-1:123456789012:project/web"
        assert session.region_name == "us-east-1"
    assert session.region_name is None


def test_a_client_made_inside_and_used_after(network: list[str]) -> None:
    with mock_codebuild():
        client = boto3.client("codebuild")
        names(client)
    assert network == []
    with pytest.raises(EscapedError):
        names(client)
    assert network == ["https://codebuild.us-east-1.amazonaws.com/"]


def test_the_other_service_is_not_mocked(network: list[str]) -> None:
    with mock_codebuild():
        imagebuilder = make_client("imagebuilder")
        with pytest.raises(EscapedError):
            imagebuilder.list_components()
        sts = make_client("sts")
        with pytest.raises(EscapedError):
            sts.get_caller_identity()
    assert len(network) == 2


def test_both_services(network: list[str]) -> None:
    with mock_build() as mb:
        names(make_client())
        imagebuilder = make_client("imagebuilder")
        with pytest.raises(imagebuilder.exceptions.ClientError):  # whatever it says, we say it
            imagebuilder.get_component(componentBuildVersionArn="arn:x")
        assert [call.operation for call in mb.calls()] == ["ListProjects", "GetComponent"]
    assert network == []


def test_before_mockbuild_is_imported(tmp_path: Path) -> None:
    script = """
        import sys, boto3
        client = boto3.client("codebuild", region_name="eu-west-3")
        assert "mockbuild" not in sys.modules
        from mockbuild import mock_codebuild
        with mock_codebuild():
            print(client.list_projects()["projects"])
    """
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, env={"PYTHONPATH": root}
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


ENDPOINTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "FIPS": {"config": Config(use_fips_endpoint=True)},
    "dual stack": {"config": Config(use_dualstack_endpoint=True)},
    "custom": {"endpoint_url": "http://localhost:4566"},
    "custom with a path": {"endpoint_url": "https://proxy.example/aws/codebuild"},
    "IPv6": {"endpoint_url": "http://[::1]:4566"},
    "China": {"region_name": "cn-north-1"},
    "a region nobody knows": {"region_name": "mars-north-7"},
}


@pytest.mark.parametrize("arguments", ENDPOINTS.values(), ids=ENDPOINTS)
@pytest.mark.parametrize("service", ["codebuild", "imagebuilder"])
def test_every_endpoint_is_caught(
    service: str, arguments: dict[str, Any], network: list[str]
) -> None:
    client = boto3.client(service, **{"region_name": "us-east-1", **KEYS, **arguments})
    with mock_build() as mb:
        if service == "codebuild":
            create(client)
            assert names(client) == ["web"]
        else:
            with pytest.raises(client.exceptions.ClientError):
                client.get_component(componentBuildVersionArn="arn:x")
        regions = {call.region for call in mb.calls()}
    assert network == []
    assert regions == {arguments.get("region_name", "us-east-1")}


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEBUILD"])
def test_endpoints_of_the_environment(
    name: str, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://localhost:1")
    client = make_client()
    with pytest.raises(EscapedError):
        names(client)
    with mock_codebuild():
        assert names(client) == []
    assert network == ["http://localhost:1/"]


def test_regions_and_accounts_side_by_side() -> None:
    home, away = make_client(), make_client(region="eu-west-1")
    other = make_client(aws_access_key_id="210987654321")
    with mock_codebuild():
        create(home)
        assert (names(home), names(away), names(other)) == (["web"], [], [])
        assert create(away) == "arn:aws:codebuild:eu-west-1:123456789012:project/web"
        arn = create(other, account="210987654321")
    assert arn == "arn:aws:codebuild:us-east-1:210987654321:project/web"


@pytest.mark.parametrize("key", ["21098765432", "2109876543210", "21098765432x", "²10987654321"])
def test_keys_that_name_no_account(key: str) -> None:
    with mock_codebuild(account_id="111122223333"):
        arn = create(make_client(aws_access_key_id=key), account="111122223333")
    assert arn == "arn:aws:codebuild:us-east-1:111122223333:project/web"


def test_a_client_that_does_not_sign(network: list[str]) -> None:
    client = make_client(config=Config(signature_version=UNSIGNED))
    with mock_codebuild():
        create(client)
        assert names(client) == ["web"]
    assert network == []


def test_credentials_that_would_have_to_be_fetched_are_not() -> None:
    def fetch() -> dict[str, str]:
        raise AssertionError("somebody has asked for credentials")

    session = botocore.session.get_session()
    session._credentials = RefreshableCredentials(
        "123412341234", "b", "c", None, refresh_using=fetch, method="test"
    )
    session._credentials._expiry_time = session._credentials._time_fetcher()
    client = session.create_client("codebuild", region_name="us-east-1")
    with mock_codebuild():
        assert create(client).endswith(":123456789012:project/web")
    with pytest.raises(AssertionError, match="asked for credentials"):
        names(client)


def test_a_presigned_url_is_still_signed() -> None:
    s3, codebuild = make_client("s3"), make_client()
    with mock_codebuild():
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
        ours = codebuild.generate_presigned_url("list_projects", HttpMethod="GET")
    assert "Signature=" in url
    assert "X-Amz-Signature=" in ours


class TestDefaults:
    def test_nothing_is_written_to_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "")
        before = dict(os.environ)
        with mock_codebuild():
            assert dict(os.environ) == before
            client = boto3.client("codebuild")
            assert client.meta.region_name == "us-east-1"
            names(client)
        assert dict(os.environ) == before

    def test_what_the_user_has_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "too")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
        with mock_codebuild():
            session = boto3.session.Session()
            assert session.get_credentials().access_key == "mine"
            assert session.client("codebuild").meta.region_name == "ap-south-1"

    def test_what_the_user_has_in_files_is_used(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("[default]\nregion = sa-east-1\n")
        keys = "[default]\naws_access_key_id = filed\naws_secret_access_key = too\n"
        (tmp_path / "credentials").write_text(keys)
        with mock_codebuild():
            session = boto3.session.Session()
            assert session.get_credentials().access_key == "filed"
            assert session.region_name == "sa-east-1"

    def test_nobody_is_asked_over_the_network(
        self, network: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/role")
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        with mock_codebuild():
            found = boto3.session.Session().get_credentials()
        assert found.access_key == "testing"
        assert network == []

    def test_they_are_gone_afterwards(self) -> None:
        with mock_codebuild():
            assert boto3.session.Session().get_credentials() is not None
        assert boto3.session.Session().get_credentials() is None
