"""Builds on demand: who waits for the account's quotas, and who is refused."""

from itertools import pairwise

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    ROLE,
    create,
    environment,
    look,
    make_client,
    members,
    phase_of,
    refused,
    run,
    start,
)
from tests.codebuild.fleet_factory import make, on_fleet
from tests.codebuild.waiting import (
    EVERY_PACE,
    LINUX_SMALL,
    QUEUE_IS_FULL,
    phase,
    seconds,
    until_over,
)


@pytest.mark.docs
@EVERY_PACE
@pytest.mark.parametrize("quota", [LINUX_SMALL, "concurrently_running_builds"])
def test_builds_over_a_quota_wait(transitions, quota):
    with mock_codebuild(transitions=transitions) as mb:
        mb.quotas[quota] = 1
        create()
        first, second = start(), start()
        if transitions != "settled":
            mb.clock.tick(1)
            assert phase(second) == "QUEUED"
        ended = [until_over(one, lambda: mb.clock.tick(1)) for one in (first, second)]
        assert [one["buildStatus"] for one in ended] == ["SUCCEEDED", "SUCCEEDED"]
        assert phase_of(ended[1], "QUEUED")["endTime"] >= ended[0]["endTime"]


@pytest.mark.docs
def test_without_a_quota_nothing_waits():
    with mock_codebuild(transitions="timed") as mb:
        create()
        builds = [start() for _ in range(100)]
        mb.clock.tick(minutes=5)
        assert {seconds(look(one), "QUEUED") for one in builds} == {0}


@pytest.mark.recorded
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_a_queue_that_is_full(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        mb.quotas[LINUX_SMALL] = 1
        create()
        builds = [start() for _ in range(6)]
        with refused("AccountLimitExceededException", QUEUE_IS_FULL.format(5)):
            start()
        with refused("AccountLimitExceededException", QUEUE_IS_FULL.format(5)):
            CLIENT.retry_build(id=builds[0]["id"])
        assert len(CLIENT.list_builds()["ids"]) == 6
        mb.clock.tick(minutes=10)
        look(builds[0])
        assert start()["buildNumber"] == 7


@pytest.mark.recorded
def test_a_new_account_can_build_nothing(mb, web):
    mb.quotas[LINUX_SMALL] = 0
    with refused("AccountLimitExceededException", QUEUE_IS_FULL.format(0)):
        start()
    assert CLIENT.list_builds()["ids"] == []
    del mb.quotas[LINUX_SMALL]
    assert run()["buildNumber"] == 1


@pytest.mark.docs
def test_a_build_that_is_refused_uses_no_script(mb, web):
    mb.script("web", times=1).fails()
    mb.quotas[LINUX_SMALL] = 0
    with refused("AccountLimitExceededException"):
        start()
    del mb.quotas[LINUX_SMALL]
    assert run()["buildStatus"] == "FAILED"


@pytest.mark.docs
def test_the_length_of_the_queue_is_a_quota_of_its_own(mb, web):
    mb.quotas[LINUX_SMALL] = 1
    mb.quotas["builds_in_queue"] = 1
    start()
    start()
    with refused("AccountLimitExceededException", QUEUE_IS_FULL.format(1)):
        start()


@pytest.mark.inferred
def test_a_retry_that_the_service_makes_by_itself_is_not_refused(mb):
    mb.quotas[LINUX_SMALL] = 1
    create(autoRetryLimit=1)
    mb.script("web", times=1).fails()
    mb.script("web", times=1).hangs()
    first, second = start(), start()
    mb.quotas["builds_in_queue"] = 0
    retry = look(first)["autoRetryConfig"]["nextAutoRetry"]
    assert (phase(second), phase(retry)) == ("BUILD", "QUEUED")
    CLIENT.stop_build(id=second["id"])
    assert until_over(retry)["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_each_type_has_a_quota_of_its_own():
    with mock_codebuild(transitions="timed") as mb:
        mb.quotas[LINUX_SMALL] = 1
        mb.quotas["Concurrently running builds for ARM Lambda/2GB environment"] = 1
        create()
        create("big", environment=environment(computeType="BUILD_GENERAL1_LARGE"))
        arm = {"type": "ARM_LAMBDA_CONTAINER", "computeType": "BUILD_LAMBDA_2GB"}
        create("arm", environment=environment(**arm))
        mb.script().hangs()
        builds = [start(name) for name in ("web", "web", "big", "big", "arm", "arm")]
        builds.append(start("web", computeTypeOverride="BUILD_GENERAL1_LARGE"))
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == [
            "BUILD",
            "QUEUED",
            "BUILD",
            "BUILD",
            "BUILD",
            "QUEUED",
            "BUILD",
        ]


@pytest.mark.inferred
def test_the_quota_for_all_counts_types_without_one_of_their_own():
    with mock_codebuild(transitions="timed") as mb:
        mb.quotas["concurrently_running_builds"] = 1
        mb.quotas[LINUX_SMALL] = 1
        create()
        create("big", environment=environment(computeType="BUILD_GENERAL1_LARGE"))
        create("arm", environment=environment(type="ARM_CONTAINER"))
        mb.script().hangs()
        builds = [start(name) for name in ("web", "big", "arm")]
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "BUILD", "QUEUED"]


@pytest.mark.docs
def test_regions_and_accounts_do_not_take_each_others_places():
    with mock_codebuild(transitions="timed") as mb:
        mb.quotas[LINUX_SMALL] = 1
        others = [
            make_client("eu-west-1"),
            make_client(aws_access_key_id="999999999999", aws_secret_access_key="x"),
        ]
        role = "arn:aws:iam::999999999999:role/build"
        create()
        others[0].create_project(**members())
        others[1].create_project(**members(serviceRole=role))
        mb.script().hangs()
        builds = [
            (client, client.start_build(projectName="web")["build"]["id"])
            for client in (CLIENT, *others)
        ]
        mb.clock.tick(minutes=1)
        for client, build in builds:
            (shown,) = client.batch_get_builds(ids=[build])["builds"]
            assert shown["currentPhase"] == "BUILD"


@pytest.mark.docs
@EVERY_PACE
@pytest.mark.parametrize("quota", [2, None])
def test_a_quota_that_is_raised_lets_builds_go(transitions, quota):
    with mock_codebuild(transitions=transitions) as mb:
        mb.quotas[LINUX_SMALL] = 1
        create()
        mb.script("web").hangs()
        first, second = start(), start()
        mb.clock.tick(minutes=1)
        assert phase(second) == "QUEUED"
        mb.quotas[LINUX_SMALL] = quota
        mb.clock.tick(minutes=1)
        for _ in range(12):
            phases = [phase(first), phase(second)]
        assert phases == ["BUILD", "BUILD"]


@pytest.mark.docs
def test_builds_on_a_fleet_are_not_on_demand(mb):
    mb.quotas["concurrently_running_builds"] = 0
    on_fleet(make(baseCapacity=2))
    start()
    start()
    with refused("AccountLimitExceededException", QUEUE_IS_FULL.format(0)):
        start()


@pytest.mark.inferred
def test_overflow_counts_as_the_fleets_types():
    with mock_codebuild(transitions="timed") as mb:
        mb.quotas["concurrently_running_builds_for_arm_large_environment"] = 1
        fleet = make(environmentType="ARM_CONTAINER", computeType="BUILD_GENERAL1_LARGE")
        on_fleet(fleet)
        mb.clock.tick(minutes=5)
        mb.script("web").hangs()
        builds = [start() for _ in range(3)]
        mb.clock.tick(minutes=5)
        assert [phase(one) for one in builds] == ["BUILD", "BUILD", "QUEUED"]


@pytest.mark.docs
def test_a_batch_builds_one_after_the_other_where_one_has_to(mb):
    mb.quotas["concurrently_running_builds"] = 1
    spec = (
        "version: 0.2\nbatch:\n  build-list:\n    - identifier: one\n    - identifier: two\n"
        "    - identifier: three\nphases:\n  build:\n    commands: [make]\n"
    )
    create(source={"type": "NO_SOURCE", "buildspec": spec}, buildBatchConfig={"serviceRole": ROLE})
    batch = CLIENT.start_build_batch(projectName="web")["buildBatch"]
    (batch,) = CLIENT.batch_get_build_batches(ids=[batch["id"]])["buildBatches"]
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    ended = sorted(map(look, CLIENT.list_builds()["ids"]), key=lambda one: one["endTime"])
    assert len(ended) == 4
    for before, after in pairwise(ended):
        assert before["endTime"] <= phase_of(after, "PROVISIONING")["startTime"]
