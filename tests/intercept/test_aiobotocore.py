"""Clients of aiobotocore, made before the mock and while it is on."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiobotocore")

from aiobotocore.config import AioConfig
from aiobotocore.endpoint import AioEndpoint
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import get_session
from aiobotocore.signers import AioRequestSigner
from botocore.exceptions import ClientError, NoCredentialsError

from mockbuild import mock_codebuild
from tests.conftest import EscapedError
from tests.intercept.clients import BUILDSPEC, KEYS

pytestmark = [pytest.mark.docs, pytest.mark.asyncio]


@pytest.fixture(autouse=True)
def _offline_too(network: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(self: object, request: Any) -> None:
        network.append(request.url)
        raise EscapedError(request.url)

    monkeypatch.setattr(AIOHTTPSession, "send", send)


@asynccontextmanager
async def client(**arguments: Any) -> AsyncIterator[Any]:
    made = get_session().create_client(
        "codebuild", **{"region_name": "eu-west-1", **KEYS, **arguments}
    )
    async with made as ready:
        yield ready


async def create(codebuild: Any, account: str = "123456789012") -> str:
    answer = await codebuild.create_project(
        name="web",
        source={"type": "NO_SOURCE", "buildspec": BUILDSPEC},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=f"arn:aws:iam::{account}:role/build",
    )
    arn: str = answer["project"]["arn"]
    return arn


async def names(codebuild: Any) -> Any:
    return (await codebuild.list_projects())["projects"]


async def test_an_early_client(network: list[str]) -> None:
    async with client() as codebuild:
        async with mock_codebuild() as mb:
            assert await create(codebuild) == "arn:aws:codebuild:eu-west-1:123456789012:project/web"
            assert await names(codebuild) == ["web"]
            assert len(mb.calls()) == 2
        assert network == []
        with pytest.raises(EscapedError):
            await names(codebuild)


async def test_a_late_client_without_credentials_or_region(network: list[str]) -> None:
    async with mock_codebuild():
        made = get_session().create_client("codebuild")
        async with made as codebuild:
            assert codebuild.meta.region_name == "us-east-1"
            assert await names(codebuild) == []
    assert network == []


async def test_an_early_client_without_credentials() -> None:
    made = get_session().create_client("codebuild", region_name="eu-west-1")
    async with made as codebuild:
        with mock_codebuild():
            assert await names(codebuild) == []
        with pytest.raises(NoCredentialsError):
            await names(codebuild)


async def test_an_error() -> None:
    async with client() as codebuild, mock_codebuild():
        with pytest.raises(codebuild.exceptions.ResourceNotFoundException):
            await codebuild.start_build(projectName="none")


async def test_an_account_named_by_the_key() -> None:
    async with client(aws_access_key_id="210987654321") as codebuild, mock_codebuild():
        arn = await create(codebuild, "210987654321")
    assert arn == "arn:aws:codebuild:eu-west-1:210987654321:project/web"


async def test_many_at_once() -> None:
    async with client() as codebuild, mock_codebuild() as mb:
        await create(codebuild)
        started = await asyncio.gather(
            *[codebuild.start_build(projectName="web") for _ in range(20)]
        )
        ids = [answer["build"]["id"] for answer in started]
        seen = await codebuild.batch_get_builds(ids=ids)
        assert {build["buildStatus"] for build in seen["builds"]} == {"SUCCEEDED"}
        assert len(mb.calls("StartBuild")) == 20


async def test_throttling_is_retried() -> None:
    config = AioConfig(retries={"mode": "standard", "total_max_attempts": 2})
    async with client(config=config) as codebuild, mock_codebuild(clock="virtual") as mb:
        mb.faults.on("ListProjects").throttles(times=1)
        assert await names(codebuild) == []
        mb.faults.on("ListProjects").throttles(times=None)
        with pytest.raises(ClientError, match="Throttling"):
            await names(codebuild)


async def test_handlers_of_events() -> None:
    seen = []

    async def look(request: Any, **_: Any) -> None:
        seen.append(request.url)

    async with client() as codebuild, mock_codebuild():
        codebuild.meta.events.register("before-send.codebuild", look)
        await names(codebuild)
    assert seen == ["https://codebuild.eu-west-1.amazonaws.com/"]


async def test_a_presigned_url_is_still_signed() -> None:
    async with client() as codebuild, mock_codebuild():
        url = await codebuild.generate_presigned_url("list_projects", HttpMethod="GET")
    assert "X-Amz-Signature=" in url


async def test_nothing_is_left() -> None:
    def patched() -> Any:
        return vars(AioEndpoint)["_do_get_response"], vars(AioRequestSigner)["sign"]

    before = patched()
    with mock_codebuild():
        assert all(new is not old for new, old in zip(patched(), before, strict=True))
    assert patched() == before


async def test_imported_while_the_mock_is_on() -> None:
    script = """
import asyncio, sys
from mockbuild import mock_codebuild
mock = mock_codebuild()
mock.start()
assert "aiobotocore" not in sys.modules
from aiobotocore.session import get_session

async def main():
    async with get_session().create_client("codebuild") as client:
        print((await client.list_projects())["projects"])

asyncio.run(main())
mock.stop()
from aiobotocore.endpoint import AioEndpoint
print(AioEndpoint._do_get_response.__module__)
"""
    env = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)
    assert (done.stdout, done.stderr) == ("[]\naiobotocore.endpoint\n", "")
