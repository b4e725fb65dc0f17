"""Mocks in which builds and sandboxes really run."""

import pytest

from mockbuild import mock_codebuild
from tests.docker_support import need_docker
from tests.engine.real_sandboxes import IMAGES

RUNNERS = [
    pytest.param("local", id="local"),
    pytest.param("docker", id="docker", marks=pytest.mark.docker),
]


@pytest.fixture(params=RUNNERS)
def runner(request):
    if request.param == "docker":
        need_docker()
    return request.param


@pytest.fixture
def mb(runner):
    with mock_codebuild(runner=runner, images=IMAGES) as mb:
        yield mb


@pytest.fixture
def local():
    with mock_codebuild(runner="local") as mb:
        yield mb
