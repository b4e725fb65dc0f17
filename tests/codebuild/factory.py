"""Clients, projects and builds for the tests of CodeBuild."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests import optional

Record = dict[str, Any]

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
ARN = f"arn:aws:codebuild:us-east-1:{ACCOUNT}"
BUILDSPEC = """\
version: 0.2
phases:
  build:
    commands:
      - make
"""
EVERY_PHASE = (
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
    "COMPLETED",
)


def make_client(
    region: str = "us-east-1", service: str = "codebuild", *, checks: bool = True, **keys: Any
) -> Any:
    """Return a client that sends each call once.

    :param checks: whether botocore checks parameters before it sends them.
    """
    config = Config(parameter_validation=checks, retries={"total_max_attempts": 1})
    return optional.make_client(service, region, config=config, **keys)


#: Made once: loading the model takes longer than most tests.
CLIENT = make_client()
RAW = make_client(checks=False)


def members(name: str = "web", **changes: Any) -> Record:
    """Return the parameters of the least project, with *changes*; ``None`` leaves a member out."""
    least: Record = {
        "name": name,
        "source": {"type": "NO_SOURCE", "buildspec": BUILDSPEC},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": environment(),
        "serviceRole": ROLE,
    }
    changed = {**least, **changes}
    return {member: value for member, value in changed.items() if value is not None}


def environment(**changes: Any) -> Record:
    """Return the least environment, with *changes*."""
    return {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        **changes,
    }


def create(name: str = "web", **changes: Any) -> Record:
    """Create a project."""
    return CLIENT.create_project(**members(name, **changes))["project"]


def buildspec(**parts: str) -> Record:
    """Return a source of that inline buildspec: ``buildspec(build="make")``."""
    text = "version: 0.2\n"
    text += parts.pop("extra", "")
    if parts:
        text += "phases:\n"
    for phase, command in parts.items():
        text += f"  {phase}:\n    commands:\n      - {command}\n"
    return {"type": "NO_SOURCE", "buildspec": text}


def start(name: str = "web", **overrides: Any) -> Record:
    """Start a build."""
    return CLIENT.start_build(projectName=name, **overrides)["build"]


def look(build: Record | str) -> Record:
    """Look at a build."""
    build_id = build if isinstance(build, str) else build["id"]
    return CLIENT.batch_get_builds(ids=[build_id])["builds"][0]


def run(name: str = "web", **overrides: Any) -> Record:
    """Start a build and return it as it ended."""
    return look(start(name, **overrides))


def statuses(build: Record) -> dict[str, str | None]:
    """Return the status of each of a build's phases."""
    return {phase["phaseType"]: phase.get("phaseStatus") for phase in build["phases"]}


def phase_of(build: Record, name: str) -> Record:
    """Return one phase of a build."""
    return next(phase for phase in build["phases"] if phase["phaseType"] == name)


def context_of(build: Record, name: str) -> tuple[str, str]:
    """Return code and message of a phase."""
    (context,) = phase_of(build, name)["contexts"]
    return context["statusCode"], context["message"]


@contextmanager
def refused(code: str = "InvalidInputException", message: str | None = None) -> Iterator[None]:
    """Expect that the service answers 400 with that error."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    if message is not None:
        assert response["Error"]["Message"] == message
