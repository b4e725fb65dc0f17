"""ListProjects: orders and pages."""

import pytest

from tests.codebuild.factory import CLIENT, RAW, create, refused


@pytest.fixture
def three(mb, client):
    """Created as b, c, a; changed as c, a, b."""
    for name in ("bb", "cc", "aa"):
        create(name)
        mb.clock.tick(1)
    CLIENT.update_project(name="bb", description="d")


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("by", "ascending"),
    [
        ("NAME", ["aa", "bb", "cc"]),
        ("CREATED_TIME", ["bb", "cc", "aa"]),
        ("LAST_MODIFIED_TIME", ["cc", "aa", "bb"]),
    ],
)
def test_orders(three, by, ascending):
    up = CLIENT.list_projects(sortBy=by, sortOrder="ASCENDING")["projects"]
    down = CLIENT.list_projects(sortBy=by, sortOrder="DESCENDING")["projects"]
    assert up == ascending
    assert down == ascending[::-1]
    assert CLIENT.list_projects(sortBy=by)["projects"] == down


@pytest.mark.recorded
def test_without_an_order_the_newest_comes_first(three):
    assert CLIENT.list_projects()["projects"] == ["aa", "cc", "bb"]


@pytest.mark.model
def test_an_empty_list(client):
    answer = CLIENT.list_projects()
    assert answer["projects"] == []
    assert "nextToken" not in answer


@pytest.mark.docs
@pytest.mark.parametrize("count", [99, 100])
def test_one_page_has_no_token(client, count):
    for number in range(count):
        create(f"p{number}")
    answer = CLIENT.list_projects()
    assert len(answer["projects"]) == count
    assert "nextToken" not in answer


@pytest.mark.docs
def test_pages_of_a_hundred(client):
    names = [f"p{number:03}" for number in range(201)]
    for name in names:
        create(name)
    pages = list(
        CLIENT.get_paginator("list_projects").paginate(sortBy="NAME", sortOrder="ASCENDING")
    )
    assert [len(page["projects"]) for page in pages] == [100, 100, 1]
    assert [name for page in pages for name in page["projects"]] == names


@pytest.mark.inferred
def test_a_token_survives_projects_that_come_and_go(client):
    names = [f"p{number:03}" for number in range(150)]
    for name in names:
        create(name)
    order = {"sortBy": "NAME", "sortOrder": "ASCENDING"}
    first = CLIENT.list_projects(**order)
    create("a-new-one-in-front")
    CLIENT.delete_project(name="p005")
    second = CLIENT.list_projects(**order, nextToken=first["nextToken"])
    assert first["projects"] + second["projects"] == names


@pytest.mark.inferred
@pytest.mark.parametrize("token", ["nonsense", "", "e30", "W10"])
def test_a_token_that_was_not_given_out(web, token):
    with refused():
        RAW.list_projects(nextToken=token)


@pytest.mark.inferred
def test_a_token_of_another_order(client):
    for number in range(101):
        create(f"p{number}")
    token = CLIENT.list_projects(sortBy="NAME")["nextToken"]
    with refused():
        CLIENT.list_projects(sortBy="CREATED_TIME", nextToken=token)


@pytest.mark.model
@pytest.mark.parametrize("order", [{"sortBy": "SIZE"}, {"sortOrder": "SIDEWAYS"}])
def test_no_such_order(client, order):
    with refused():
        CLIENT.list_projects(**order)
