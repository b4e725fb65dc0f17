"""The ``idempotencyToken`` of StartBuild and RetryBuild."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.codebuild.factory import CLIENT, create, make_client, members, refused, run, start


@pytest.mark.docs
def test_the_same_token_gives_the_same_build(web):
    one = start(idempotencyToken="t")
    two = start(idempotencyToken="t")
    assert one == two
    assert CLIENT.list_builds()["ids"] == [one["id"]]


@pytest.mark.docs
def test_other_tokens_and_none_give_new_builds(web):
    ids = {start(idempotencyToken="t")["id"], start(idempotencyToken="u")["id"], start()["id"]}
    assert len(ids | {start()["id"]}) == 4


@pytest.mark.inferred
def test_other_parameters_with_the_same_token(web):
    start(idempotencyToken="t")
    with refused():
        start(idempotencyToken="t", sourceVersion="v")


@pytest.mark.docs
def test_a_token_is_case_sensitive(web):
    assert start(idempotencyToken="t")["id"] != start(idempotencyToken="T")["id"]


@pytest.mark.docs
def test_a_token_of_64_characters_and_one_of_65(web):
    assert start(idempotencyToken="t" * 64)["buildNumber"] == 1
    with refused():
        start(idempotencyToken="t" * 65)
    with refused():
        CLIENT.retry_build(id=run()["id"], idempotencyToken="t" * 65)


@pytest.mark.docs
def test_a_token_is_good_for_five_minutes(mb, web):
    one = start(idempotencyToken="t")
    mb.clock.tick(minutes=4, seconds=55)
    assert start(idempotencyToken="t")["id"] == one["id"]
    mb.clock.tick(seconds=10)
    assert start(idempotencyToken="t")["id"] != one["id"]


@pytest.mark.inferred
def test_a_token_holds_for_its_region_and_operation(web):
    first = run(idempotencyToken="t")
    retried = CLIENT.retry_build(id=first["id"], idempotencyToken="t")["build"]
    assert retried["id"] != first["id"]
    there = make_client("eu-west-1")
    there.create_project(**members())
    assert there.start_build(projectName="web", idempotencyToken="t")["build"]["buildNumber"] == 1


@pytest.mark.docs
def test_retries_too(web):
    first = run()
    one = CLIENT.retry_build(id=first["id"], idempotencyToken="t")["build"]
    assert CLIENT.retry_build(id=first["id"], idempotencyToken="t")["build"] == one
    assert len(CLIENT.list_builds()["ids"]) == 2


@pytest.mark.inferred
def test_a_refused_start_leaves_its_token_free(client):
    with refused("ResourceNotFoundException"):
        start(idempotencyToken="t")
    create()
    assert start(idempotencyToken="t")["buildNumber"] == 1


@pytest.mark.docs
def test_calls_at_the_same_time_start_one_build(web):
    with ThreadPoolExecutor(16) as pool:
        started = list(pool.map(lambda _: start(idempotencyToken="once")["id"], range(64)))
    assert len(set(started)) == 1
    assert CLIENT.list_builds()["ids"] == started[:1]
