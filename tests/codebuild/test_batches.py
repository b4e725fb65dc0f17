"""Batch builds: their records, and the seven operations."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import (
    build_list,
    build_of,
    create_batched,
    groups,
    look_at,
    phases,
    run_batch,
    start_batch,
)
from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, ROLE, create, refused, run

WELL = [
    ("SUBMITTED", "SUCCEEDED"),
    ("DOWNLOAD_BATCHSPEC", "SUCCEEDED"),
    ("IN_PROGRESS", "SUCCEEDED"),
    ("SUCCEEDED", None),
]


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed", clock="virtual") as handle:
        yield handle


@pytest.mark.recorded
def test_right_after_the_start_there_are_neither_phases_nor_groups(mb):
    project = create_batched()
    batch = start_batch()
    started = batch.pop("startTime")
    assert started >= project["created"]
    name, _, uuid = batch["id"].partition(":")
    assert (name, len(uuid)) == ("web", 36)
    assert batch == {
        "id": batch["id"],
        "arn": f"{ARN}:build-batch/{batch['id']}",
        "currentPhase": "SUBMITTED",
        "buildBatchStatus": "IN_PROGRESS",
        "projectName": "web",
        "source": project["source"],
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {"location": ""},
        "secondaryArtifacts": [],
        "cache": {"type": "NO_CACHE"},
        "environment": project["environment"],
        "serviceRole": ROLE,
        "logConfig": {
            "cloudWatchLogs": {"status": "ENABLED"},
            "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
        },
        "buildTimeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "complete": False,
        "initiator": "mockbuild",
        "encryptionKey": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/s3",
        "buildBatchNumber": 1,
        "buildBatchConfig": project["buildBatchConfig"],
    }


@pytest.mark.recorded
def test_a_batch_that_succeeds(mb):
    create_batched()
    batch = run_batch()
    assert phases(batch) == WELL
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    assert batch["currentPhase"] == "SUCCEEDED"
    assert batch["complete"] is True
    assert batch["endTime"] == batch["phases"][-1]["startTime"]
    for one, following in zip(batch["phases"], batch["phases"][1:], strict=False):
        assert one["endTime"] == following["startTime"]
        assert "contexts" not in one


@pytest.mark.recorded
def test_groups_of_a_batch_that_failed(mb):
    create_batched()
    mb.script("web", group="small").fails("BUILD")
    batch = run_batch()
    assert phases(batch)[2:] == [("IN_PROGRESS", "CLIENT_ERROR"), ("FAILED", None)]
    assert batch["buildBatchStatus"] == "FAILED"
    first, small, medium, large = batch["buildGroups"]
    for one in (first, small, medium, large):
        summary = one["currentBuildSummary"]
        assert summary.pop("arn").startswith(f"{ARN}:build/web:")
        assert summary.pop("requestedOn") >= batch["startTime"]
    assert first == {
        "identifier": "DOWNLOAD_SOURCE",
        "ignoreFailure": False,
        "currentBuildSummary": {
            "buildStatus": "SUCCEEDED",
            "primaryArtifact": {"type": "no_artifacts", "identifier": "DOWNLOAD_SOURCE"},
            "secondaryArtifacts": [],
        },
    }
    assert small == {
        "identifier": "small",
        "dependsOn": [],
        "ignoreFailure": False,
        "currentBuildSummary": {
            "buildStatus": "FAILED",
            "primaryArtifact": {"type": "no_artifacts", "identifier": "small"},
            "secondaryArtifacts": [],
        },
    }
    assert medium["dependsOn"] == ["small"]
    assert medium["currentBuildSummary"] == {"buildStatus": "STOPPED"}
    assert large["currentBuildSummary"] == {"buildStatus": "STOPPED"}


@pytest.mark.recorded
def test_groups_that_wait_are_pending_and_have_an_arn(timed):
    create_batched()
    batch = start_batch()
    timed.clock.tick(seconds=20)
    seen = look_at(batch)
    assert phases(seen) == [*WELL[:2], ("IN_PROGRESS", None)]
    assert groups(seen) == {"small": "IN_PROGRESS", "medium": "PENDING", "large": "PENDING"}
    waiting = seen["buildGroups"][2]["currentBuildSummary"]
    assert set(waiting) == {"arn", "requestedOn", "buildStatus"}
    assert CLIENT.batch_get_builds(ids=[waiting["arn"]])["buildsNotFound"] == [waiting["arn"]]
    timed.clock.tick(minutes=5)
    seen = look_at(batch)
    assert set(groups(seen).values()) == {"SUCCEEDED"}
    assert build_of(seen, "medium")["arn"] == waiting["arn"]


@pytest.mark.inferred
def test_on_the_clock_every_phase_can_be_seen(timed):
    create_batched()
    batch = start_batch()
    seen = []
    while not (now := look_at(batch))["complete"]:
        if now["currentPhase"] not in seen:
            seen.append(now["currentPhase"])
        timed.clock.tick(seconds=0.2)
    assert seen == ["SUBMITTED", "DOWNLOAD_BATCHSPEC", "IN_PROGRESS"]


@pytest.mark.inferred
def test_stepped_looks_show_every_phase_too():
    with mock_codebuild(transitions="stepped"):
        create_batched()
        batch = start_batch()
        seen = []
        for _ in range(100):
            now = look_at(batch)
            if now["currentPhase"] not in seen:
                seen.append(now["currentPhase"])
            if now["complete"]:
                break
    assert seen == ["DOWNLOAD_BATCHSPEC", "IN_PROGRESS", "SUCCEEDED"]


@pytest.mark.docs
def test_builds_of_a_batch_are_builds(mb):
    create_batched()
    batch = run_batch()
    ids = CLIENT.list_builds_for_project(projectName="web")["ids"]
    assert len(ids) == 4  # three, and the one that reads the buildspec
    build = build_of(batch, "medium")
    assert build["id"] in ids
    assert build["buildBatchArn"] == batch["arn"]
    assert build["buildStatus"] == "SUCCEEDED"
    assert build["initiator"] == batch["initiator"]
    numbers = [one["buildNumber"] for one in CLIENT.batch_get_builds(ids=ids)["builds"]]
    assert numbers == [4, 3, 2, 1]
    assert "buildBatchArn" not in run()


@pytest.mark.inferred
def test_batches_are_numbered_for_each_project(mb):
    create_batched()
    create_batched(name="api")
    assert [start_batch()["buildBatchNumber"] for _ in range(2)] == [1, 2]
    assert start_batch("api")["buildBatchNumber"] == 1


# StartBuildBatch


@pytest.mark.recorded
def test_a_project_that_is_not_there(mb):
    with refused("ResourceNotFoundException", f"Project cannot be found: {ARN}:project/no"):
        start_batch("no")


@pytest.mark.inferred
def test_a_project_that_says_nothing_of_batches(mb):
    create()
    with refused():
        start_batch()
    batch = start_batch(buildBatchConfigOverride={"serviceRole": ROLE, "timeoutInMins": 20})
    assert batch["buildBatchConfig"]["timeoutInMins"] == 20


@pytest.mark.docs
@pytest.mark.parametrize(
    ("override", "member", "value"),
    [
        pytest.param({"buildTimeoutInMinutesOverride": 7}, "buildTimeoutInMinutes", 7, id="time"),
        pytest.param(
            {"queuedTimeoutInMinutesOverride": 8}, "queuedTimeoutInMinutes", 8, id="queue"
        ),
        pytest.param({"serviceRoleOverride": ROLE + "2"}, "serviceRole", ROLE + "2", id="role"),
        pytest.param({"sourceVersion": "v2"}, "sourceVersion", "v2", id="version"),
        pytest.param({"encryptionKeyOverride": "key"}, "encryptionKey", "key", id="key"),
        pytest.param({"debugSessionEnabled": True}, "debugSessionEnabled", True, id="debug"),
        pytest.param(
            {"cacheOverride": {"type": "S3", "location": "bucket/cache"}},
            "cache",
            {"type": "S3", "location": "bucket/cache"},
            id="cache",
        ),
    ],
)
def test_overrides_hold_for_the_batch_and_leave_the_project(mb, override, member, value):
    before = create_batched()
    batch = start_batch(**override)
    assert batch[member] == value
    assert CLIENT.batch_get_projects(names=["web"])["projects"] == [before]


@pytest.mark.docs
def test_overrides_reach_the_builds(mb):
    create_batched()
    batch = run_batch(
        environmentVariablesOverride=[{"name": "A", "value": "1", "type": "PLAINTEXT"}],
        imageOverride="alpine",
        buildTimeoutInMinutesOverride=9,
    )
    build = build_of(batch, "large")
    assert build["environment"]["image"] == "alpine"
    assert build["environment"]["environmentVariables"][0]["name"] == "A"
    assert build["timeoutInMinutes"] == 9


@pytest.mark.docs
def test_status_cannot_be_reported_to_what_takes_no_reports(mb):
    create_batched()
    with refused():
        start_batch(reportBuildBatchStatusOverride=True)


@pytest.mark.docs
def test_the_same_token_starts_one_batch(mb):
    create_batched()
    one = start_batch(idempotencyToken="t")
    assert start_batch(idempotencyToken="t")["id"] == one["id"]
    with refused():
        start_batch(idempotencyToken="t", imageOverride="x")
    with refused():
        start_batch(idempotencyToken="t" * 65)
    assert len(CLIENT.list_build_batches()["ids"]) == 1


# StopBuildBatch


@pytest.mark.recorded
def test_the_answer_to_stop_has_builds_as_they_were(timed):
    create_batched()
    batch = start_batch()
    timed.clock.tick(seconds=20)
    stopped = CLIENT.stop_build_batch(id=batch["id"])["buildBatch"]
    assert phases(stopped) == [*WELL[:2], ("IN_PROGRESS", "STOPPED"), ("STOPPED", None)]
    assert stopped["buildBatchStatus"] == stopped["currentPhase"] == "STOPPED"
    assert stopped["complete"] is True
    assert stopped["endTime"] == stopped["phases"][-1]["startTime"]
    assert groups(stopped) == {"small": "IN_PROGRESS", "medium": "PENDING", "large": "PENDING"}
    assert groups(look_at(batch)) == dict.fromkeys(("small", "medium", "large"), "STOPPED")
    assert build_of(stopped, "small")["buildStatus"] == "STOPPED"


@pytest.mark.docs
def test_a_batch_that_is_over_is_returned_as_it_ended(mb):
    create_batched()
    batch = run_batch()
    assert CLIENT.stop_build_batch(id=batch["arn"])["buildBatch"] == batch


@pytest.mark.inferred
def test_stopping_at_once(mb):
    create_batched()
    batch = start_batch()
    stopped = CLIENT.stop_build_batch(id=batch["id"])["buildBatch"]
    assert phases(stopped) == [("SUBMITTED", "STOPPED"), ("STOPPED", None)]
    assert look_at(batch)["buildBatchStatus"] == "STOPPED"
    ids = CLIENT.list_builds()["ids"]
    assert [one["buildStatus"] for one in CLIENT.batch_get_builds(ids=ids)["builds"]] == ["STOPPED"]


# RetryBuildBatch


@pytest.mark.recorded
def test_a_retried_batch_stays_the_same_and_goes_on(mb):
    create_batched()
    mb.script("web", group="small", times=1).fails("BUILD")
    failed = run_batch()
    retried = CLIENT.retry_build_batch(id=failed["id"], retryType="RETRY_FAILED_BUILDS")
    batch = retried["buildBatch"]
    assert batch["id"] == failed["id"]
    assert batch["buildBatchStatus"] == "IN_PROGRESS"
    assert batch["currentPhase"] == "SUBMITTED"
    assert batch["complete"] is False
    assert "endTime" not in batch
    assert phases(batch) == [
        *phases(failed)[:-1],
        ("FAILED", "RETRY"),
        ("SUBMITTED", None),
    ]
    assert groups(batch) == groups(failed)
    over = look_at(batch)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert phases(over)[-3:] == [
        ("SUBMITTED", "SUCCEEDED"),
        ("IN_PROGRESS", "SUCCEEDED"),
        ("SUCCEEDED", None),
    ]
    assert set(groups(over).values()) == {"SUCCEEDED"}


@pytest.mark.docs
def test_retrying_what_failed_leaves_what_succeeded(mb):
    create_batched(build_list())
    mb.script("web", group="b", times=1).fails("BUILD")
    failed = run_batch()
    CLIENT.retry_build_batch(id=failed["id"], retryType="RETRY_FAILED_BUILDS")
    over = look_at(failed)
    before = {one["identifier"]: one for one in failed["buildGroups"]}
    for group in over["buildGroups"]:
        old = before[group["identifier"]]["currentBuildSummary"]
        if group["identifier"] == "b":
            assert group["priorBuildSummaryList"] == [old]
            assert group["currentBuildSummary"]["arn"] != old["arn"]
        else:
            assert group["currentBuildSummary"] == old
            assert "priorBuildSummaryList" not in group


@pytest.mark.docs
def test_retrying_everything_builds_everything_again(mb):
    create_batched(build_list())
    mb.script("web", group="b", times=1).fails("BUILD")
    failed = run_batch()
    CLIENT.retry_build_batch(id=failed["id"], retryType="RETRY_ALL_BUILDS")
    over = look_at(failed)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert all(len(group["priorBuildSummaryList"]) == 1 for group in over["buildGroups"])
    assert ("DOWNLOAD_BATCHSPEC", "SUCCEEDED") in phases(over)[5:]


@pytest.mark.docs
@pytest.mark.parametrize("succeeds", [True, False], ids=["succeeded", "in progress"])
def test_only_a_batch_that_failed_can_be_retried(timed, succeeds):
    create_batched()
    batch = start_batch()
    if succeeds:
        timed.clock.tick(minutes=10)
    with refused():
        CLIENT.retry_build_batch(id=batch["id"])


# BatchGetBuildBatches, DeleteBuildBatch, lists


@pytest.mark.model
def test_batches_are_found_by_id_and_arn_in_order(mb):
    create_batched()
    one, two = run_batch(), run_batch()
    no = "web:00000000-0000-0000-0000-000000000000"
    answer = CLIENT.batch_get_build_batches(ids=[two["arn"], no, one["id"], one["id"]])
    assert [batch["id"] for batch in answer["buildBatches"]] == [two["id"], one["id"]]
    assert answer["buildBatchesNotFound"] == [no]
    assert CLIENT.batch_get_build_batches(ids=[])["buildBatches"] == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda one: CLIENT.batch_get_build_batches(ids=[one]), id="get"),
        pytest.param(lambda one: CLIENT.stop_build_batch(id=one), id="stop"),
        pytest.param(lambda one: CLIENT.retry_build_batch(id=one), id="retry"),
        pytest.param(lambda one: CLIENT.delete_build_batch(id=one), id="delete"),
    ],
)
@pytest.mark.parametrize("bad", ["web", "arn:aws:codebuild:us-east-1:123456789012:build-batch/web"])
@pytest.mark.inferred
def test_what_is_no_id(mb, call, bad):
    with refused(message="Invalid build ID provided"):
        call(bad)


@pytest.mark.inferred
def test_a_batch_that_is_not_there(mb):
    no = "web:00000000-0000-0000-0000-000000000000"
    for call in (CLIENT.stop_build_batch, CLIENT.retry_build_batch):
        with refused("ResourceNotFoundException"):
            call(id=no)
    with refused():
        RAW.retry_build_batch()
    assert CLIENT.delete_build_batch(id=no)["statusCode"] == "BATCH_DELETED"


@pytest.mark.recorded
def test_deleting_a_batch_deletes_its_builds(mb):
    create_batched()
    mb.script("web", group="small", times=1).fails("BUILD")
    batch = run_batch()
    CLIENT.retry_build_batch(id=batch["id"], retryType="RETRY_FAILED_BUILDS")
    look_at(batch)
    other = run()
    answer = CLIENT.delete_build_batch(id=batch["id"])
    assert answer["statusCode"] == "BATCH_DELETED"
    assert answer["buildsNotDeleted"] == []
    assert len(answer["buildsDeleted"]) == 5
    assert all(arn.startswith(f"{ARN}:build/web:") for arn in answer["buildsDeleted"])
    assert CLIENT.list_builds()["ids"] == [other["id"]]
    assert CLIENT.list_build_batches()["ids"] == []
    assert CLIENT.list_build_batches_for_project(projectName="web")["ids"] == []
    assert CLIENT.batch_get_build_batches(ids=[batch["id"]])["buildBatchesNotFound"]


@pytest.mark.inferred
def test_a_batch_in_progress_is_not_deleted(timed):
    create_batched()
    batch = start_batch()
    timed.clock.tick(seconds=20)
    answer = CLIENT.delete_build_batch(id=batch["id"])
    assert answer["statusCode"] == "BATCH_IN_PROGRESS"
    assert answer["buildsDeleted"] == []
    assert {one["statusCode"] for one in answer["buildsNotDeleted"]} == {"BUILD_IN_PROGRESS"}
    assert look_at(batch)["buildBatchStatus"] == "IN_PROGRESS"


@pytest.mark.inferred
def test_lists_in_both_orders_and_by_status(mb):
    create_batched()
    create_batched(name="api")
    one = run_batch()["id"]
    mb.script("web", group="small", times=1).fails("BUILD")
    two = run_batch()["id"]
    three = run_batch("api")["id"]
    assert CLIENT.list_build_batches()["ids"] == [three, two, one]
    assert CLIENT.list_build_batches(sortOrder="ASCENDING")["ids"] == [one, two, three]
    of_web = CLIENT.list_build_batches_for_project(projectName="web")
    assert of_web["ids"] == [two, one]
    assert CLIENT.list_build_batches(filter={"status": "FAILED"})["ids"] == [two]
    assert CLIENT.list_build_batches(filter={"status": "STOPPED"})["ids"] == []
    assert CLIENT.list_build_batches_for_project(projectName="web", filter={"status": "SUCCEEDED"})[
        "ids"
    ] == [one]
    page = CLIENT.list_build_batches(maxResults=2)
    assert page["ids"] == [three, two]
    assert CLIENT.list_build_batches(nextToken=page["nextToken"], maxResults=2)["ids"] == [one]
    page = CLIENT.list_build_batches_for_project(projectName="web", maxResults=1)
    assert page["ids"] == [two]
    page = CLIENT.list_build_batches_for_project(projectName="web", nextToken=page["nextToken"])
    assert page["ids"] == [one]


@pytest.mark.model
def test_lists_of_a_project_that_is_not_there(mb):
    text = f"The provided project {ARN}:project/no does not exist"
    with refused("ResourceNotFoundException", text):
        CLIENT.list_build_batches_for_project(projectName="no")
    with refused():
        CLIENT.list_build_batches_for_project()


@pytest.mark.inferred
def test_a_batch_outlives_its_project(mb):
    create_batched()
    batch = run_batch()
    CLIENT.delete_project(name="web")
    assert look_at(batch) == batch
    assert CLIENT.list_build_batches()["ids"] == [batch["id"]]
    CLIENT.delete_build_batch(id=batch["id"])
    assert CLIENT.list_build_batches()["ids"] == []


@pytest.mark.inferred
def test_another_region_has_its_own(mb):
    from tests.codebuild.factory import make_client

    create_batched()
    batch = run_batch()
    far = make_client("eu-west-1")
    assert far.list_build_batches()["ids"] == []
    assert far.batch_get_build_batches(ids=[batch["arn"]])["buildBatches"] == []
