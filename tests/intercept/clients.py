"""Clients and the calls that the tests of mocks make with them."""

from typing import Any

from tests import optional

ACCOUNT = "123456789012"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}


def make_client(service: str = "codebuild", region: str | None = "us-east-1", **more: Any) -> Any:
    return optional.make_client(service, region, **{**KEYS, **more})


BUILDSPEC = "{version: 0.2, phases: {build: {commands: ls}}}"


def create(client: Any, name: str = "web", account: str = ACCOUNT, **source: str) -> str:
    """Create a project and return its ARN."""
    project = client.create_project(
        name=name,
        source=source or {"type": "NO_SOURCE", "buildspec": BUILDSPEC},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=f"arn:aws:iam::{account}:role/build",
    )["project"]
    arn: str = project["arn"]
    return arn


def names(client: Any) -> list[str]:
    """Return the names of all projects, sorted."""
    return sorted(client.list_projects()["projects"])
