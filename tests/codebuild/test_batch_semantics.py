"""What the builds of a batch are, in which order they run, and what comes of one that fails."""

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
    zipped,
)
from tests.codebuild.factory import CLIENT, ROLE, run, start

DIAMOND = tasks(
    "top", "left, depend-on: [top]", "right, depend-on: [top]", "join, depend-on: [left, right]"
)
SOURCE = {"type": "S3", "location": "source/web.zip"}


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed", clock="virtual") as handle:
        yield handle


def variables(build):
    """Return the variables of a build's record."""
    return {item["name"]: item["value"] for item in build["environment"]["environmentVariables"]}


def statuses(batch):
    """Return the statuses of all groups, by their initials."""
    return " ".join(f"{name}:{status[:4]}" for name, status in groups(batch).items())


# The kinds


@pytest.mark.docs
def test_a_list_runs_side_by_side(mb):
    create_batched(tasks("a", "b", "c", kind="build-list"))
    batch = run_batch()
    starts = {build_of(batch, name)["startTime"] for name in "abc"}
    assert len(starts) == 1
    assert starts == {batch["phases"][2]["startTime"]}


@pytest.mark.docs
def test_a_diamond(mb):
    create_batched(DIAMOND)
    mb.script("web", group="left").takes(90)
    batch = run_batch()
    top, left, right, join = (build_of(batch, one) for one in ("top", "left", "right", "join"))
    assert left["startTime"] == right["startTime"] == top["endTime"]
    assert right["endTime"] < left["endTime"] == join["startTime"]
    assert batch["endTime"] == join["endTime"]


@pytest.mark.docs
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "last first"])
def test_a_long_chain(mb, backwards):
    chain = ["t0", *(f"t{n}, depend-on: [t{n - 1}]" for n in range(1, 100))]
    create_batched(tasks(*(reversed(chain) if backwards else chain)))
    batch = run_batch()
    assert set(groups(batch).values()) == {"SUCCEEDED"}
    builds = [build_of(batch, f"t{n}") for n in (0, 1, 98, 99)]
    assert builds[0]["endTime"] == builds[1]["startTime"]
    assert builds[2]["endTime"] == builds[3]["startTime"]


@pytest.mark.recorded
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "last first"])
def test_a_chain_that_breaks_is_not_built_from_there_on(mb, backwards):
    chain = ["t0", *(f"t{n}, depend-on: [t{n - 1}]" for n in range(1, 60))]
    create_batched(tasks(*(reversed(chain) if backwards else chain)))
    mb.script("web", group="t20").fails()
    batch = run_batch()
    assert batch["buildBatchStatus"] == "FAILED"
    found = groups(batch)
    assert [found[f"t{n}"] for n in (19, 20, 21, 59)] == [
        "SUCCEEDED",
        "FAILED",
        "STOPPED",
        "STOPPED",
    ]
    assert len(CLIENT.list_builds()["ids"]) == 22


@pytest.mark.docs
def test_many_into_one(mb):
    names = [f"part{n}" for n in range(30)]
    create_batched(tasks(*names, f"all, depend-on: [{', '.join(names)}]"))
    for number, name in enumerate(names):
        mb.script("web", group=name).takes(1 + number)
    batch = run_batch()
    last = max(build_of(batch, name)["endTime"] for name in names)
    assert build_of(batch, "all")["startTime"] == last


MATRIX = """\
version: 0.2
batch:
  build-matrix:
    static:
      ignore-failure: {ignore}
      env:
        privileged-mode: true
    dynamic:
      buildspec: [one.yml, two.yml]
      env:
        compute-type: [BUILD_GENERAL1_SMALL, BUILD_GENERAL1_LARGE]
        variables:
          MODE: [fast, slow]
"""


@pytest.mark.docs
def test_a_matrix_has_a_build_for_every_combination(mb):
    mb.s3["source"]["web.zip"] = zipped(
        {
            "buildspec.yml": MATRIX.format(ignore="false"),
            "one.yml": "version: 0.2\nphases: {build: {commands: [one]}}\n",
            "two.yml": "version: 0.2\nphases: {build: {commands: [two]}}\n",
        }
    )
    create_batched(source=SOURCE)
    batch = run_batch()
    builds = [build_of(batch, name) for name in groups(batch)]
    seen = {
        (
            one["source"]["buildspec"],
            one["environment"]["computeType"].rpartition("_")[2],
            variables(one)["MODE"],
        )
        for one in builds
    }
    assert len(builds) == len(seen) == 8
    assert ("two.yml", "LARGE", "slow") in seen
    assert all(one["environment"]["privilegedMode"] for one in builds)
    assert "Running command two" in mb.logs["/aws/codebuild/web"].text


@pytest.mark.inferred
def test_builds_of_a_matrix_and_a_fanout_are_numbered(mb):
    create_batched("version: 0.2\nbatch: {build-fanout: {parallelism: 3}}\n")
    assert list(groups(run_batch())) == [f"build_fanout_{n}" for n in (1, 2, 3)]
    create_batched(
        "version: 0.2\nbatch: {build-matrix: {dynamic: {env: {variables: {A: [x, y]}}}}}\n", "api"
    )
    batch = run_batch("api")
    assert list(groups(batch)) == ["build_matrix_1", "build_matrix_2"]
    assert variables(build_of(batch, "build_matrix_2"))["A"] == "y"


@pytest.mark.docs
@pytest.mark.parametrize(("ignore", "status"), [("true", "SUCCEEDED"), ("false", "FAILED")])
def test_a_matrix_and_a_fanout_can_ignore_failures(mb, ignore, status):
    spec = f"batch: {{build-fanout: {{parallelism: 2, ignore-failure: {ignore}}}}}\n"
    create_batched(f"version: 0.2\n{spec}")
    mb.script("web", group="build_fanout_2").fails()
    assert run_batch()["buildBatchStatus"] == status
    create_batched(MATRIX.format(ignore=ignore).replace("[one.yml, two.yml]", "[]"), "empty")
    assert run_batch("empty")["buildBatchStatus"] == "FAILED"
    create_batched(MATRIX.format(ignore=ignore).replace("      buildspec: [", "      # ["), "api")
    mb.script("api", group="build_matrix_1").fails()
    assert run_batch("api")["buildBatchStatus"] == status


@pytest.mark.docs
def test_buildspecs_of_single_builds_come_from_the_source(mb):
    mb.s3["source"]["web.zip"] = zipped(
        {
            "ci/batch.yml": tasks("a, buildspec: ci/a.yml", "b", "c, buildspec: ci/none.yml"),
            "ci/a.yml": "version: 0.2\nphases: {build: {commands: [only a]}}\n",
        }
    )
    create_batched(source={**SOURCE, "buildspec": "ci/batch.yml"})
    batch = run_batch()
    assert groups(batch) == {"a": "SUCCEEDED", "b": "SUCCEEDED", "c": "FAILED"}
    log = {
        name: mb.logs["/aws/codebuild/web"][build_of(batch, name)["logs"]["streamName"]].text
        for name in "abc"
    }
    assert "Running command only a" in log["a"]
    assert "Running command make" in log["b"]
    assert "ci/none.yml: no such file or directory" in log["c"]


@pytest.mark.recorded
def test_the_first_build_runs_no_commands_and_follows_no_script_of_its_project(mb):
    create_batched()
    mb.script("web", times=1).fails()
    batch = run_batch()
    first = build_of(batch, "DOWNLOAD_SOURCE")
    assert first["buildStatus"] == "SUCCEEDED"
    text = mb.logs["/aws/codebuild/web"][first["logs"]["streamName"]].text
    assert "Running command" not in text
    assert groups(batch)["small"] == "FAILED"


# What a failure does


@pytest.mark.docs
def test_without_fast_fail_the_others_complete(mb):
    create_batched(tasks("a", "b", "c, depend-on: [b]", "d, depend-on: [a]"))
    mb.script("web", group="a").takes(5).fails()
    mb.script("web", group="b").takes(90)
    batch = run_batch()
    assert statuses(batch) == "a:FAIL b:SUCC c:SUCC d:STOP"
    assert batch["buildBatchStatus"] == "FAILED"
    assert batch["endTime"] == build_of(batch, "c")["endTime"]


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_with_fast_fail_running_builds_are_stopped(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("slow", "quick", "bad", "later, depend-on: [quick]", fast_fail=True))
        mb.script("web", group="slow").takes(90)
        mb.script("web", group="quick").takes(10)
        mb.script("web", group="bad").takes(20).fails()
        batch = start_batch()
        mb.clock.tick(hours=1)
        batch = look_at(batch)
        assert statuses(batch) == "slow:STOP quick:SUCC bad:FAIL later:STOP"
        assert phases(batch)[2:] == [("IN_PROGRESS", "CLIENT_ERROR"), ("FAILED", None)]
        bad, slow = build_of(batch, "bad"), build_of(batch, "slow")
        assert batch["endTime"] == bad["endTime"] == slow["endTime"]
        assert slow["phases"][-2]["phaseType"] == "BUILD"
        assert build_of(batch, "later")["buildStatus"] == "STOPPED"


@pytest.mark.docs
@pytest.mark.parametrize("looked_at", ["slow", "quick", "bad"])
def test_which_build_is_looked_at_first_does_not_matter(mb, looked_at):
    create_batched(tasks("slow", "quick", "bad", fast_fail=True))
    mb.script("web", group="DOWNLOAD_SOURCE").takes(2)
    mb.script("web", group="slow").takes(90)
    mb.script("web", group="quick").takes(10)
    mb.script("web", group="bad").takes(20).fails()
    start_batch()
    (first,) = CLIENT.list_builds()["ids"]
    CLIENT.batch_get_builds(ids=[first])
    started = CLIENT.list_builds(sortOrder="ASCENDING")["ids"]
    ids = dict(zip(("first", "slow", "quick", "bad"), started, strict=True))
    status = CLIENT.batch_get_builds(ids=[ids[looked_at]])["builds"][0]["buildStatus"]
    assert status == {"slow": "STOPPED", "quick": "SUCCEEDED", "bad": "FAILED"}[looked_at]
    (batch,) = CLIENT.list_build_batches()["ids"]
    assert statuses(look_at(batch)) == "slow:STOP quick:SUCC bad:FAIL"


@pytest.mark.docs
@pytest.mark.parametrize("fast_fail", [False, True])
def test_a_failure_that_is_ignored(mb, fast_fail):
    create_batched(tasks("a, ignore-failure: true", "b", fast_fail=fast_fail))
    mb.script("web", group="a").fails()
    mb.script("web", group="b").takes(90)
    batch = run_batch()
    assert statuses(batch) == "a:FAIL b:SUCC"
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    assert batch["buildGroups"][1]["ignoreFailure"] is True


@pytest.mark.inferred
def test_who_depends_on_a_failure_that_is_ignored_is_built(mb):
    create_batched(tasks("a, ignore-failure: true", "b, depend-on: [a]"))
    mb.script("web", group="a").fails()
    batch = run_batch()
    assert statuses(batch) == "a:FAIL b:SUCC"
    assert batch["buildBatchStatus"] == "SUCCEEDED"


@pytest.mark.inferred
def test_what_is_ignored_but_never_ran_keeps_others_from_running(mb):
    create_batched(tasks("a", "b, depend-on: [a], ignore-failure: true", "c, depend-on: [b]"))
    mb.script("web", group="a").fails()
    batch = run_batch()
    assert statuses(batch) == "a:FAIL b:STOP c:STOP"
    assert batch["buildBatchStatus"] == "FAILED"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(lambda one: one.faults(), "FAULT", id="fault"),
        pytest.param(lambda one: one.fails("PROVISIONING"), "FAILED", id="provisioning"),
        pytest.param(lambda one: one.takes(minutes=61), "TIMED_OUT", id="timeout"),
        pytest.param(lambda one: one.takes(minutes=481, phase="QUEUED"), "TIMED_OUT", id="queue"),
    ],
)
def test_whatever_ends_a_build_not_well_fails_the_batch(mb, script, status):
    create_batched(tasks("a"), buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": 600})
    script(mb.script("web", group="a"))
    batch = run_batch()
    assert groups(batch) == {"a": status}
    assert batch["buildBatchStatus"] == "FAILED"


# Several at once


@pytest.mark.inferred
def test_batches_side_by_side_know_nothing_of_each_other(timed):
    create_batched(tasks("a", "b, depend-on: [a]"))
    create_batched(tasks("a", "c"), name="api")
    timed.script("web", group="a", times=1).fails()
    ids = [start_batch()["id"], start_batch()["id"], start_batch("api")["id"]]
    timed.clock.tick(minutes=10)
    start()
    found = CLIENT.batch_get_build_batches(ids=ids)["buildBatches"]
    assert [statuses(one) for one in found] == ["a:FAIL b:STOP", "a:SUCC b:SUCC", "a:SUCC c:SUCC"]
    assert len({build_of(one, "a")["arn"] for one in found}) == 3
    assert run()["buildStatus"] == "IN_PROGRESS"


@pytest.mark.docs
def test_seeded_runs_are_the_same():
    seen = []
    for _ in range(2):
        with mock_codebuild(seed=7, transitions="timed", clock="virtual") as mb:
            create_batched(DIAMOND)
            mb.script("web", group="left").takes(3).fails()
            batch = start_batch()
            mb.clock.tick(minutes=5)
            arns = [one["currentBuildSummary"]["arn"] for one in look_at(batch)["buildGroups"]]
            seen.append([batch["id"], *arns, CLIENT.list_builds()["ids"]])
    assert seen[0] == seen[1]
