"""The same neighbours twice: the stand-ins in memory, and moto's through the API."""

from collections.abc import Iterator

import pytest

from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.base import S3, Logs
from tests.optional import mock_aws


@pytest.fixture(params=["embedded", "moto"])
def neighbours(request: pytest.FixtureRequest) -> Iterator[Neighbours]:
    neighbours = Neighbours()
    if request.param == "embedded":
        yield neighbours
    else:
        with mock_aws():
            yield neighbours
    neighbours.close()


@pytest.fixture
def s3(neighbours: Neighbours) -> S3:
    s3 = neighbours.s3("eu-west-1")
    s3.make_bucket("bucket")
    return s3


@pytest.fixture
def logs(neighbours: Neighbours) -> Logs:
    return neighbours.logs("eu-west-1")
