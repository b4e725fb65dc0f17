"""ListBuilds and ListBuildsForProject: orders and pages."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import ARN, CLIENT, create, look, refused, run, start


@pytest.fixture
def many(client):
    """205 builds of two projects, the oldest first."""
    create("even")
    create("odd")
    return [start("odd" if number % 2 else "even")["id"] for number in range(205)]


@pytest.mark.inferred
def test_newest_first_unless_told_otherwise(many):
    assert CLIENT.list_builds()["ids"] == many[:-101:-1]
    assert CLIENT.list_builds(sortOrder="DESCENDING")["ids"] == many[:-101:-1]
    assert CLIENT.list_builds(sortOrder="ASCENDING")["ids"] == many[:100]


@pytest.mark.model
def test_builds_of_a_project_by_number(many):
    evens = many[::2]
    of_even = {"projectName": "even"}
    assert CLIENT.list_builds_for_project(**of_even)["ids"] == evens[:-101:-1]
    assert CLIENT.list_builds_for_project(**of_even, sortOrder="ASCENDING")["ids"] == evens[:100]


@pytest.mark.docs
@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
def test_pages_of_a_hundred(many, order):
    pages = list(CLIENT.get_paginator("list_builds").paginate(sortOrder=order))
    assert [len(page["ids"]) for page in pages] == [100, 100, 5]
    together = [one for page in pages for one in page["ids"]]
    assert together == (many if order == "ASCENDING" else many[::-1])


@pytest.mark.docs
def test_pages_for_a_project(many):
    pages = list(CLIENT.get_paginator("list_builds_for_project").paginate(projectName="even"))
    assert [len(page["ids"]) for page in pages] == [100, 3]


@pytest.mark.inferred
@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
def test_a_token_survives_builds_that_come_and_go(many, order):
    wanted = many if order == "ASCENDING" else many[::-1]
    first = CLIENT.list_builds(sortOrder=order)
    for build in (wanted[50], wanted[150]):
        CLIENT.stop_build(id=build)
        CLIENT.batch_delete_builds(ids=[build])
    new = start("even")["id"]
    second = CLIENT.list_builds(sortOrder=order, nextToken=first["nextToken"])
    third = CLIENT.list_builds(sortOrder=order, nextToken=second["nextToken"])
    rest = second["ids"] + third["ids"]
    assert rest == [one for one in wanted[100:] if one != wanted[150]] + (
        [new] if order == "ASCENDING" else []
    )


@pytest.mark.inferred
def test_a_token_survives_the_build_it_stands_on(many):
    first = CLIENT.list_builds(sortOrder="ASCENDING")
    CLIENT.stop_build(id=many[99])
    CLIENT.batch_delete_builds(ids=[many[99]])
    second = CLIENT.list_builds(sortOrder="ASCENDING", nextToken=first["nextToken"])
    assert set(many[101:199]) <= set(second["ids"])


@pytest.mark.inferred
def test_a_token_of_another_list(many):
    token = CLIENT.list_builds()["nextToken"]
    with refused():
        CLIENT.list_builds_for_project(projectName="even", nextToken=token)
    with refused():
        CLIENT.list_builds(sortOrder="ASCENDING", nextToken=token)


@pytest.mark.docs
def test_no_such_project(client):
    with refused(
        "ResourceNotFoundException", f"The provided project {ARN}:project/none does not exist"
    ):
        CLIENT.list_builds_for_project(projectName="none")


@pytest.mark.model
def test_nothing_yet(web):
    for answer in (CLIENT.list_builds(), CLIENT.list_builds_for_project(projectName="web")):
        assert answer["ids"] == []
        assert "nextToken" not in answer


@pytest.mark.inferred
def test_a_list_is_not_a_look(web):
    build = start()
    CLIENT.list_builds()
    assert CLIENT.batch_delete_builds(ids=[build["id"]])["buildsDeleted"] == []


@pytest.mark.docs
def test_lists_hold_builds_of_every_state(mb, web):
    mb.script("web", times=1).fails()
    failed, stopped, going_on = run(), start(), start()
    CLIENT.stop_build(id=stopped["id"])
    assert CLIENT.list_builds()["ids"] == [going_on["id"], stopped["id"], failed["id"]]


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_builds_are_kept_for_a_year(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create()
        old = start()
        mb.clock.tick(days=1)
        new = start()
        mb.clock.tick(days=363, hours=23)
        assert CLIENT.list_builds()["ids"] == [new["id"], old["id"]]
        mb.clock.tick(hours=2)
        with refused("ResourceNotFoundException", f"Build {old['id']} does not exist"):
            CLIENT.stop_build(id=old["id"])
        assert CLIENT.batch_get_builds(ids=[old["id"]])["buildsNotFound"] == [old["id"]]
        assert CLIENT.list_builds()["ids"] == [new["id"]]
        assert CLIENT.list_builds_for_project(projectName="web")["ids"] == [new["id"]]
        assert start()["buildNumber"] == 3
        mb.clock.tick(days=365, seconds=1)
        assert CLIENT.list_builds_for_project(projectName="web")["ids"] == []


@pytest.mark.inferred
def test_what_an_old_build_has_left_outlives_it():
    with mock_codebuild(clock="virtual") as mb:
        create()
        build = start()
        mb.clock.tick(days=366)
        assert CLIENT.list_builds()["ids"] == []
        assert build["id"].partition(":")[2] in mb.logs["/aws/codebuild/web"]
        assert mb.events[-1]["detail"]["build-status"] == "SUCCEEDED"


@pytest.mark.inferred
def test_a_build_that_only_looks_move_on_waits_for_them():
    with mock_codebuild(transitions="stepped", clock="virtual") as mb:
        create()
        build = start()
        mb.clock.tick(days=366)
        while not build["buildComplete"]:
            build = look(build)
        assert CLIENT.list_builds()["ids"] == []
