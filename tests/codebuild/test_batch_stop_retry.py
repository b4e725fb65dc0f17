"""Stopping and retrying batches and their builds, at every moment."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import (
    build_of,
    create_batched,
    groups,
    look_at,
    phases,
    run_batch,
    start_batch,
    tasks,
    unzipped,
    zipped,
)
from tests.codebuild.factory import CLIENT, ROLE, look, refused

SOURCE = {"type": "S3", "location": "source/web.zip"}
PACKED = {"type": "S3", "location": "out", "packaging": "ZIP", "name": "all.zip"}
COMBINED = {"serviceRole": ROLE, "combineArtifacts": True}
ARTIFACTS = "artifacts: {files: ['**/*']}\n"
FINAL = {"SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT"}
ALL, FAILED = "RETRY_ALL_BUILDS", "RETRY_FAILED_BUILDS"
#: When something can happen to a batch: how many seconds after its start, and its phase then.
MOMENTS = [
    pytest.param(0, "SUBMITTED", id="submitted"),
    pytest.param(0.4, "DOWNLOAD_BATCHSPEC", id="download starts"),
    pytest.param(8, "DOWNLOAD_BATCHSPEC", id="download"),
    pytest.param(20, "IN_PROGRESS", id="in progress"),
    pytest.param(34.8, "COMBINE_ARTIFACTS", id="combine"),
]


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed", clock="virtual") as handle:
        yield handle


def both(test):
    return pytest.mark.parametrize("kind", [ALL, FAILED])(test)


def stop(batch):
    return CLIENT.stop_build_batch(id=batch["id"])["buildBatch"]


def retry(batch, kind=FAILED):
    return CLIENT.retry_build_batch(id=batch["id"], retryType=kind)["buildBatch"]


def arn_of(batch, name):
    """Return the ARN of a group's build without looking at it."""
    (group,) = (one for one in batch["buildGroups"] if one["identifier"] == name)
    return group["currentBuildSummary"]["arn"]


def started(batch):
    """Return when its newest submission was."""
    return [one["startTime"] for one in batch["phases"] if one["phaseType"] == "SUBMITTED"][-1]


@pytest.mark.inferred
@pytest.mark.parametrize(("seconds", "phase"), MOMENTS)
def test_stopping_in_each_phase(timed, seconds, phase):
    timed.script("web").takes(15).writes({"f": "x"})
    create_batched(tasks("a", more=ARTIFACTS), artifacts=PACKED, buildBatchConfig=COMBINED)
    batch = start_batch()
    timed.clock.tick(seconds=seconds)
    assert look_at(batch)["currentPhase"] == phase
    stopped = stop(batch)
    assert phases(stopped)[-2:] == [(phase, "STOPPED"), ("STOPPED", None)]
    assert (stopped["endTime"] - stopped["startTime"]).total_seconds() == seconds
    timed.clock.tick(hours=10)
    seen = look_at(batch)
    assert phases(seen) == phases(stopped)
    summaries = [one["currentBuildSummary"] for one in seen.get("buildGroups", ())]
    assert {one["buildStatus"] for one in summaries} <= FINAL
    builds = CLIENT.list_builds()["ids"]
    assert len(builds) == {"SUBMITTED": 0, "DOWNLOAD_BATCHSPEC": 1}.get(phase, 2)
    assert all(look(one)["buildComplete"] for one in builds)
    assert all(look(one)["endTime"] <= stopped["endTime"] for one in builds)
    assert "all.zip" not in timed.s3.get("out", {})
    assert stop(batch) == seen


@both
@pytest.mark.inferred
@pytest.mark.parametrize(("seconds", "phase"), MOMENTS)
def test_retrying_what_was_stopped_in_each_phase(timed, seconds, phase, kind):
    timed.script("web").takes(15).writes({"f": "x"})
    create_batched(tasks("a", more=ARTIFACTS), artifacts=PACKED, buildBatchConfig=COMBINED)
    batch = start_batch()
    timed.clock.tick(seconds=seconds)
    stop(batch)
    retried = retry(batch, kind)
    assert phases(retried)[-2:] == [("STOPPED", "RETRY"), ("SUBMITTED", None)]
    timed.clock.tick(minutes=2)
    over = look_at(batch)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert groups(over) == {"a": "SUCCEEDED"}
    anew = kind == ALL or phase in ("SUBMITTED", "DOWNLOAD_BATCHSPEC")
    since = [one["phaseType"] for one in over["phases"]][len(retried["phases"]) :]
    download = ["DOWNLOAD_BATCHSPEC"] if anew else []
    assert since == [*download, "IN_PROGRESS", "COMBINE_ARTIFACTS", "SUCCEEDED"]
    assert unzipped(timed.s3["out"]["all.zip"]) == {"./f": b"x"}


@both
@pytest.mark.docs
@pytest.mark.parametrize(("seconds", "phase"), MOMENTS)
def test_what_goes_on_cannot_be_retried(timed, seconds, phase, kind):
    timed.script("web").takes(15)
    create_batched(tasks("a"), buildBatchConfig=COMBINED)
    batch = start_batch()
    timed.clock.tick(seconds=seconds)
    before = look_at(batch)
    with refused():
        retry(batch, kind)
    assert look_at(batch) == before


@both
@pytest.mark.inferred
def test_retrying_after_a_timeout(timed, kind):
    create_batched(
        tasks("a", "b, depend-on: [a]"),
        buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": 5},
    )
    timed.script("web", times=1, group="b").takes(minutes=8)
    batch = start_batch()
    timed.clock.tick(minutes=6)
    assert groups(look_at(batch)) == {"a": "SUCCEEDED", "b": "STOPPED"}
    retried = retry(batch, kind)
    assert retried["buildBatchStatus"] == "IN_PROGRESS"
    timed.clock.tick(minutes=4)  # it has its whole time again
    over = look_at(batch)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert (build_of(over, "a")["startTime"] > started(over)) == (kind == ALL)
    assert build_of(over, "b")["startTime"] > started(over)


@pytest.mark.inferred
def test_a_retry_has_a_timeout_of_its_own(timed):
    create_batched(tasks("a"), buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": 5})
    timed.script("web", group="a").takes(minutes=8)
    batch = start_batch()
    timed.clock.tick(minutes=7)
    retry(batch)
    timed.clock.tick(minutes=3)
    assert look_at(batch)["buildBatchStatus"] == "IN_PROGRESS"
    timed.clock.tick(minutes=3)
    over = look_at(batch)
    assert over["buildBatchStatus"] == "TIMED_OUT"
    assert (over["endTime"] - started(over)).total_seconds() == 300


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_retry_of_a_retry(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]", "c"))
        mb.script("web", group="a", times=2).fails()
        batch = start_batch()

        def over():
            for _ in range(100):
                mb.clock.tick(seconds=2)
                if (seen := look_at(batch))["complete"]:
                    return seen
            raise AssertionError(seen)

        assert groups(over()) == {"a": "FAILED", "b": "STOPPED", "c": "SUCCEEDED"}
        retry(batch)
        assert groups(over()) == {"a": "FAILED", "b": "STOPPED", "c": "SUCCEEDED"}
        retry(batch)
        seen = over()
        assert groups(seen) == dict.fromkeys("abc", "SUCCEEDED")
        priors = {
            one["identifier"]: one.get("priorBuildSummaryList") for one in seen["buildGroups"]
        }
        assert priors["DOWNLOAD_SOURCE"] is priors["c"] is None
        assert [one["buildStatus"] for one in priors["a"]] == ["FAILED", "FAILED"]
        assert [one["buildStatus"] for one in priors["b"]] == ["STOPPED", "STOPPED"]
        newest, oldest = (one["requestedOn"] for one in priors["a"])
        assert newest > oldest
        assert [one["identifier"] for one in seen["buildGroups"]][1:] == ["a", "b", "c"]
        with refused():
            retry(batch)


@pytest.mark.docs
def test_retrying_what_failed_leaves_those_that_depend_on_what_was_ignored(mb):
    create_batched(tasks("a, ignore-failure: true", "b, depend-on: [a]", "c"))
    mb.script("web", group="a", times=1).fails()
    mb.script("web", group="c", times=1).fails()
    failed = run_batch()
    assert groups(failed) == {"a": "FAILED", "b": "SUCCEEDED", "c": "FAILED"}
    retry(failed)
    over = look_at(failed)
    assert groups(over) == dict.fromkeys("abc", "SUCCEEDED")
    assert build_of(over, "b")["arn"] == build_of(failed, "b")["arn"]


@both
@pytest.mark.inferred
def test_a_retry_with_another_buildspec(mb, kind):
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("a", "b", "c")})
    create_batched(source=SOURCE)
    mb.script("web", group="b", times=1).fails()
    failed = run_batch()
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("c", "d", "a")})
    retry(failed, kind)
    over = look_at(failed)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert list(groups(over)) == (["c", "d", "a"] if kind == ALL else ["a", "b", "c"])
    if kind == ALL:
        assert [len(one.get("priorBuildSummaryList", ())) for one in over["buildGroups"]] == [
            1,
            1,
            0,
            1,
        ]


@both
@pytest.mark.inferred
def test_a_batch_that_was_not_understood_reads_its_buildspec_again(mb, kind):
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("no-dashes")})
    create_batched(source=SOURCE)
    failed = run_batch()
    retry(failed, kind)
    assert look_at(failed)["buildBatchStatus"] == "FAILED"
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("dashes")})
    retry(failed, kind)
    over = look_at(failed)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert groups(over) == {"dashes": "SUCCEEDED"}


@pytest.mark.inferred
def test_groups_that_were_there_before_do_not_stand_for_a_plan_that_failed(mb):
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("a", "b")})
    create_batched(source=SOURCE)
    mb.script("web", group="b", times=1).fails()
    failed = run_batch()
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("no-dashes")})
    retry(failed, ALL)
    assert look_at(failed)["buildBatchStatus"] == "FAILED"
    retry(failed, FAILED)
    assert look_at(failed)["buildBatchStatus"] == "FAILED"


@pytest.mark.inferred
def test_a_retried_batch_builds_the_same_commit(tmp_path):
    (tmp_path / "buildspec.yml").write_text(tasks("a", "b"))
    with mock_codebuild(sources={"https://github.com/o/r": str(tmp_path)}) as mb:
        create_batched(source={"type": "GITHUB", "location": "https://github.com/o/r"})
        mb.script("web", group="a", times=2).fails()
        batch = run_batch()
        commit = batch["resolvedSourceVersion"]
        assert len(commit) == 40
        for kind in (ALL, FAILED):
            retry(batch, kind)
            batch = look_at(batch)
            assert batch["resolvedSourceVersion"] == commit
            names = ("DOWNLOAD_SOURCE", "a", "b")
            assert {build_of(batch, one)["resolvedSourceVersion"] for one in names} == {commit}


@pytest.mark.inferred
def test_a_batch_of_a_project_that_is_gone_cannot_be_retried(mb):
    create_batched(tasks("a"))
    mb.script("web").fails()
    batch = run_batch()
    CLIENT.delete_project(name="web")
    with refused("ResourceNotFoundException"):
        retry(batch)
    create_batched(tasks("a"))
    retry(batch)
    assert groups(look_at(batch)) == {"a": "FAILED"}
    assert len(CLIENT.list_builds_for_project(projectName="web")["ids"]) == 1


@pytest.mark.docs
def test_a_retry_is_made_once_for_each_token(mb):
    create_batched(tasks("a"))
    mb.script("web").fails()
    batch = run_batch()
    for _ in range(2):
        CLIENT.retry_build_batch(id=batch["id"], idempotencyToken="t", retryType=FAILED)
    over = look_at(batch)
    assert [one["phaseType"] for one in over["phases"]].count("SUBMITTED") == 2
    with refused():
        CLIENT.retry_build_batch(id=batch["id"], idempotencyToken="t" * 65)


# Single builds


@pytest.mark.inferred
@pytest.mark.parametrize("fast_fail", [False, True])
def test_stopping_one_build(timed, fast_fail):
    timed.script("web").takes(60)
    create_batched(tasks("a", "b", "c, depend-on: [a]", fast_fail=fast_fail))
    batch = start_batch()
    timed.clock.tick(seconds=30)
    stopped = CLIENT.stop_build(id=build_of(look_at(batch), "a")["id"])["build"]
    assert stopped["buildStatus"] == "STOPPED"
    seen = look_at(batch)
    other = "STOPPED" if fast_fail else "IN_PROGRESS"
    assert groups(seen) == {"a": "STOPPED", "b": other, "c": "STOPPED"}
    assert seen["complete"] is fast_fail
    timed.clock.tick(minutes=2)
    over = look_at(batch)
    assert over["buildBatchStatus"] == "FAILED"
    assert groups(over)["b"] == ("STOPPED" if fast_fail else "SUCCEEDED")


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_stopping_the_download(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a"))
        batch = start_batch()
        mb.clock.tick(seconds=1 if transitions == "timed" else 0)
        (first,) = CLIENT.list_builds()["ids"]
        CLIENT.stop_build(id=first)
        for _ in range(3):
            mb.clock.tick(seconds=1)
            over = look_at(batch)
        assert over["buildBatchStatus"] == "FAILED"
        assert phases(over)[-2:] == [("DOWNLOAD_BATCHSPEC", "CLIENT_ERROR"), ("FAILED", None)]
        assert CLIENT.list_builds()["ids"] == [first]


@pytest.mark.inferred
def test_stopping_a_build_that_hangs_lets_the_batch_go_on(mb):
    create_batched(tasks("a, ignore-failure: true", "b, depend-on: [a]", "c"))
    mb.script("web", group="a").hangs()
    batch = run_batch()
    assert groups(batch) == {"a": "IN_PROGRESS", "b": "PENDING", "c": "SUCCEEDED"}
    CLIENT.stop_build(id=build_of(batch, "a")["id"])
    over = look_at(batch)
    assert groups(over) == {"a": "STOPPED", "b": "SUCCEEDED", "c": "SUCCEEDED"}
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert build_of(over, "b")["startTime"] >= build_of(over, "a")["endTime"]
    assert over["endTime"] >= max(build_of(over, one)["endTime"] for one in "abc")


@pytest.mark.inferred
def test_a_batch_ends_no_earlier_than_what_has_been_seen_of_it(mb):
    create_batched(tasks("a", "b"))
    mb.script("web", group="a").hangs()
    mb.script("web", group="b").takes(90)
    batch = run_batch()
    CLIENT.stop_build(id=build_of(batch, "a")["id"])
    over = look_at(batch)
    assert build_of(over, "a")["endTime"] < over["endTime"] == build_of(over, "b")["endTime"]


@pytest.mark.inferred
def test_a_build_that_an_earlier_failure_has_stopped_cannot_be_stopped_later():
    with mock_codebuild(clock="virtual") as mb:
        create_batched(
            tasks("a", "quick", "b, depend-on: [quick]", fast_fail=True), timeoutInMinutes=30
        )
        mb.script("web", group="a").hangs()
        mb.script("web", group="b").hangs()
        batch = run_batch()
        mb.clock.tick(minutes=35)
        stopped = CLIENT.stop_build(id=arn_of(batch, "b"))["build"]
        assert stopped["buildStatus"] == "STOPPED"
        over = look_at(batch)
        assert groups(over) == {"a": "TIMED_OUT", "quick": "SUCCEEDED", "b": "STOPPED"}
        assert stopped["endTime"] == over["endTime"] == build_of(over, "a")["endTime"]


@pytest.mark.inferred
def test_stopping_a_batch_with_builds_of_all_kinds(mb):
    create_batched(tasks("a", "b", "c, depend-on: [b]", "d, depend-on: [a]"))
    mb.script("web", group="a").hangs()
    mb.script("web", group="c").hangs("QUEUED")
    batch = run_batch()
    stopped = stop(batch)
    assert groups(stopped) == {
        "a": "IN_PROGRESS",
        "b": "SUCCEEDED",
        "c": "IN_PROGRESS",
        "d": "PENDING",
    }
    over = look_at(batch)
    assert groups(over) == {"a": "STOPPED", "b": "SUCCEEDED", "c": "STOPPED", "d": "STOPPED"}
    assert build_of(over, "c")["phases"][-2]["phaseType"] == "QUEUED"
    assert over["endTime"] >= build_of(over, "b")["endTime"]


@pytest.mark.inferred
def test_settled_a_look_at_a_build_shows_the_batch_up_to_there(mb):
    create_batched(tasks("a", "b, depend-on: [a]"))
    batch = start_batch()
    (first,) = CLIENT.list_builds()["ids"]
    look(first)
    stopped = stop(batch)
    assert phases(stopped)[-2:] == [("IN_PROGRESS", "STOPPED"), ("STOPPED", None)]
    assert groups(stopped) == {"a": "IN_PROGRESS", "b": "PENDING"}
    assert stopped["endTime"] == look(first)["endTime"]


@pytest.mark.inferred
def test_deleting_single_builds(timed):
    timed.script("web").takes(60)
    create_batched(tasks("a", "b, depend-on: [a]"))
    batch = start_batch()
    timed.clock.tick(seconds=20)
    ids = CLIENT.list_builds(sortOrder="ASCENDING")["ids"]
    answer = CLIENT.batch_delete_builds(ids=ids)
    assert len(answer["buildsDeleted"]) == len(answer["buildsNotDeleted"]) == 1
    timed.clock.tick(minutes=10)
    over = look_at(batch)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    arns = [one["currentBuildSummary"]["arn"] for one in over["buildGroups"]]
    assert CLIENT.batch_get_builds(ids=arns)["buildsNotFound"] == answer["buildsDeleted"]
    answer = CLIENT.delete_build_batch(id=batch["id"])
    assert answer["buildsDeleted"] == arns[1:]


@pytest.mark.inferred
def test_a_build_of_a_batch_that_is_retried_alone_leaves_the_batch_as_it_is(mb):
    create_batched(tasks("a"))
    mb.script("web", group="a", times=1).fails()
    batch = run_batch()
    build = CLIENT.retry_build(id=build_of(batch, "a")["id"])["build"]
    assert look(build)["buildStatus"] == "SUCCEEDED"
    assert look_at(batch) == batch
