"""Operations that have nothing to complain of but input the model does not allow."""

import pytest

from tests.codebuild.factory import RAW, refused

TOO_MANY = [f"name-{number}" for number in range(101)]


@pytest.mark.model
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("batch_get_projects", {}),
        ("batch_get_projects", {"names": []}),
        ("batch_get_projects", {"names": TOO_MANY}),
        ("batch_get_fleets", {}),
        ("batch_get_fleets", {"names": []}),
        ("batch_get_fleets", {"names": TOO_MANY}),
        ("batch_get_sandboxes", {}),
        ("batch_get_sandboxes", {"ids": [""]}),
        ("list_build_batches", {"sortOrder": "UP"}),
        ("list_build_batches", {"filter": {"status": "DONE"}}),
        ("list_build_batches", {"maxResults": 101}),
        ("list_build_batches", {"nextToken": "made-up"}),
        ("list_fleets", {"sortBy": "SIZE"}),
        ("list_fleets", {"sortOrder": "UP"}),
        ("list_fleets", {"maxResults": 0}),
        ("list_fleets", {"nextToken": "made-up"}),
    ],
)
def test_refused(client, operation, params):
    with refused("InvalidInputException"):
        getattr(RAW, operation)(**params)


@pytest.mark.model
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("batch_get_projects", {"names": TOO_MANY[:100]}),
        ("batch_get_fleets", {"names": TOO_MANY[:100]}),
        ("batch_get_sandboxes", {"ids": TOO_MANY}),
        ("list_build_batches", {"filter": {}, "maxResults": 100}),
        ("list_fleets", {"sortBy": "NAME", "maxResults": 1}),
    ],
)
def test_not_refused(client, operation, params):
    getattr(RAW, operation)(**params)
