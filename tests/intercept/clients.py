"""Clients and the calls that the tests of mocks make with them."""

from typing import Any

import boto3

ACCOUNT = "123456789012"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}


def make_client(service: str = "codebuild", region: str | None = "us-east-1", **more: Any) -> Any:
    return boto3.client(service, region_name=region, **{**KEYS, **more})


def create(client: Any, name: str = "web", account: str = ACCOUNT) -> str:
    """Create a project and return its ARN."""
    project = client.create_project(
        name=name,
        source={"type": "NO_SOURCE", "buildspec": "{version: 0.2, phases: {build: {commands: ls}}}"},
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
    """Return the names of all projects."""
    found: list[str] = client.list_projects()["projects"]
    return found
