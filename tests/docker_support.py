"""Whether Docker tests can run here, and what to do if not."""

import gc
import os
import warnings
from functools import cache

import pytest

TEST_IMAGE = os.environ.get("MOCKBUILD_TEST_IMAGE", "mockbuild-test:latest")


@cache
def docker_lacks() -> str:
    """Return why Docker tests cannot run, or nothing."""
    try:
        import docker
        from docker.errors import DockerException, ImageNotFound
    except ImportError:
        return "the package docker is not installed"
    problem = ""
    try:
        client = docker.from_env()
    except DockerException as error:
        problem = f"no Docker engine answers: {error}"
    if problem:
        with warnings.catch_warnings():  # docker leaves a refused socket to the collector
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        return problem
    try:
        client.images.get(TEST_IMAGE)
    except ImageNotFound:
        return f"the engine has no image {TEST_IMAGE}: run .ci/docker"
    finally:
        client.close()
    return ""


def need_docker() -> None:
    """Skip the test without Docker, or fail it where Docker has been promised."""
    lacking = docker_lacks()
    if lacking and os.environ.get("MOCKBUILD_REQUIRE_DOCKER") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
