"""StopBuild, RetryBuild, BatchDeleteBuilds."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    RAW,
    create,
    look,
    refused,
    run,
    start,
    statuses,
)

NO_ID = "Invalid build ID provided"


def stop(build):
    return CLIENT.stop_build(id=build["id"])["build"]


@pytest.mark.recorded
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_stopping_at_once(transitions):
    with mock_codebuild(transitions=transitions):
        create()
        build = start()
        stopped = stop(build)
        assert stopped["buildStatus"] == "STOPPED"
        assert statuses(stopped) == {
            "SUBMITTED": "SUCCEEDED",
            "QUEUED": "STOPPED",
            "COMPLETED": None,
        }
        assert look(build) == stopped


@pytest.mark.docs
def test_a_build_is_over_when_the_clock_says_so_even_if_nobody_looked(mb):
    create(concurrentBuildLimit=1)
    build = start()
    mb.clock.tick(hours=1)
    assert start()["buildStatus"] == "IN_PROGRESS"
    assert stop(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.recorded
def test_stopping_long_after_the_start_but_before_a_look():
    with mock_codebuild(transitions="stepped") as mb:
        create()
        build = start()
        mb.clock.tick(hours=1)
        stopped = stop(build)
        assert statuses(stopped) == {
            "SUBMITTED": "SUCCEEDED",
            "QUEUED": "STOPPED",
            "COMPLETED": None,
        }
        assert stopped["phases"][-1]["startTime"] == stopped["endTime"]
        assert (stopped["endTime"] - stopped["startTime"]).total_seconds() >= 3600
        assert look(build) == stopped


@pytest.mark.docs
@pytest.mark.parametrize("fails", [False, True])
def test_stopping_what_is_over(mb, web, fails):
    if fails:
        mb.script("web").fails()
    build = run()
    assert stop(build) == build
    assert look(build)["buildStatus"] == ("FAILED" if fails else "SUCCEEDED")


@pytest.mark.docs
def test_stopping_twice(web):
    build = start()
    assert stop(build) == stop(build)


@pytest.mark.inferred
def test_stopping_by_arn(web):
    assert CLIENT.stop_build(id=start()["arn"])["build"]["buildStatus"] == "STOPPED"


@pytest.mark.docs
@pytest.mark.parametrize("operation", ["stop_build", "retry_build"])
def test_no_such_build(web, operation):
    with refused("ResourceNotFoundException", "Build web:none does not exist"):
        getattr(CLIENT, operation)(id="web:none")


@pytest.mark.docs
@pytest.mark.parametrize("operation", ["stop_build", "retry_build"])
def test_no_id_at_all(web, operation):
    with refused(message=NO_ID):
        getattr(CLIENT, operation)(id="web")


@pytest.mark.inferred
def test_retrying_nothing(client):
    with refused():
        CLIENT.retry_build()


@pytest.mark.inferred
def test_a_build_of_another_region(web):
    arn = start()["arn"].replace("us-east-1", "eu-west-1")
    with refused("ResourceNotFoundException"):
        CLIENT.stop_build(id=arn)
    assert CLIENT.batch_get_builds(ids=[arn])["buildsNotFound"] == [arn]


@pytest.mark.recorded
def test_a_retry_is_a_new_build_of_the_same(mb, web):
    mb.script("web", times=1).fails()
    first = run(imageOverride="debian", sourceVersion="v1")
    again = CLIENT.retry_build(id=first["id"])["build"]
    assert again["buildNumber"] == 2
    assert again["id"] != first["id"]
    assert again["buildStatus"] == "IN_PROGRESS"
    assert again["currentPhase"] == "QUEUED"
    assert again["environment"]["image"] == "debian"
    assert again["sourceVersion"] == "v1"
    assert look(again)["buildStatus"] == "SUCCEEDED"
    assert look(first) == first


@pytest.mark.inferred
def test_a_retry_builds_the_same_commit(client):
    create(source={"type": "GITHUB", "location": "https://github.com/o/r.git"})
    first = run()
    again = CLIENT.retry_build(id=first["id"])["build"]
    assert look(again)["resolvedSourceVersion"] == first["resolvedSourceVersion"]
    assert run()["resolvedSourceVersion"] != first["resolvedSourceVersion"]


@pytest.mark.inferred
def test_a_retry_does_not_follow_updates_of_the_project(web):
    first = run()
    CLIENT.update_project(name="web", timeoutInMinutes=9)
    assert CLIENT.retry_build(id=first["id"])["build"]["timeoutInMinutes"] == 60


@pytest.mark.inferred
def test_a_retry_while_the_build_goes_on(web):
    first = start()
    assert CLIENT.retry_build(id=first["id"])["build"]["buildNumber"] == 2


@pytest.mark.inferred
def test_a_retry_without_its_project(web):
    first = run()
    CLIENT.delete_project(name="web")
    with refused("ResourceNotFoundException", f"Project cannot be found: {ARN}:project/web"):
        CLIENT.retry_build(id=first["id"])


@pytest.mark.inferred
def test_a_retry_counts_for_the_limit(client):
    create(concurrentBuildLimit=1)
    first = start()
    with refused("AccountLimitExceededException"):
        CLIENT.retry_build(id=first["id"])
    look(first)
    assert CLIENT.retry_build(id=first["id"])["build"]["buildNumber"] == 2


@pytest.mark.recorded
def test_deleting_answers_with_arns(web):
    one, two = run(), run()
    going_on = start()
    answer = CLIENT.batch_delete_builds(ids=[one["id"], two["arn"], going_on["id"]])
    assert answer["buildsDeleted"] == [one["arn"], two["arn"]]
    assert answer["buildsNotDeleted"] == [
        {"id": going_on["arn"], "statusCode": "BUILD_IN_PROGRESS"}
    ]
    assert CLIENT.list_builds()["ids"] == [going_on["id"]]
    assert CLIENT.list_builds_for_project(projectName="web")["ids"] == [going_on["id"]]
    assert CLIENT.batch_get_builds(ids=[one["id"]])["buildsNotFound"] == [one["id"]]


@pytest.mark.inferred
def test_deleting_what_is_not_there(web):
    answer = CLIENT.batch_delete_builds(ids=["web:none"])
    assert answer["buildsDeleted"] == [f"{ARN}:build/web:none"]
    assert answer["buildsNotDeleted"] == []


@pytest.mark.docs
def test_deleting_no_id(web):
    with refused(message=NO_ID):
        CLIENT.batch_delete_builds(ids=["web"])


@pytest.mark.model
def test_deleting_does_not_renumber(web):
    CLIENT.batch_delete_builds(ids=[run()["id"]])
    assert start()["buildNumber"] == 2


@pytest.mark.inferred
def test_deleting_builds_of_a_project_that_is_gone(web):
    build = run()
    CLIENT.delete_project(name="web")
    create()
    CLIENT.batch_delete_builds(ids=[build["id"]])
    assert CLIENT.list_builds()["ids"] == []


@pytest.mark.recorded
def test_batch_get_keeps_the_order_and_names_what_is_missing(web):
    one, two = run(), run()
    answer = CLIENT.batch_get_builds(ids=[two["id"], "web:none", one["arn"]])
    assert [build["id"] for build in answer["builds"]] == [two["id"], one["id"]]
    assert answer["buildsNotFound"] == ["web:none"]


@pytest.mark.recorded
def test_batch_get_has_both_lists_even_when_empty(web):
    build = run()
    assert CLIENT.batch_get_builds(ids=[build["id"]])["buildsNotFound"] == []
    assert CLIENT.batch_get_builds(ids=["web:none"])["builds"] == []


@pytest.mark.docs
def test_batch_get_of_no_id(web):
    with refused(message=NO_ID):
        CLIENT.batch_get_builds(ids=["web"])


@pytest.mark.recorded
def test_batch_get_of_nothing(client):
    with refused(message="The input build ID list cannot be empty."):
        RAW.batch_get_builds(ids=[])


@pytest.mark.model
def test_batch_get_of_too_many(client):
    with refused():
        CLIENT.batch_get_builds(ids=[f"web:{number}" for number in range(101)])


@pytest.mark.docs
def test_a_build_of_another_account_is_not_ours(web):
    arn = start()["arn"].replace(ACCOUNT, "999999999999")
    assert CLIENT.batch_get_builds(ids=[arn])["buildsNotFound"] == [arn]
