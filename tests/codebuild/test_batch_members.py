"""What the builds of a batch run with, and how they look from outside."""

from datetime import timedelta

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
)
from tests.codebuild.factory import CLIENT, ROLE, environment, look, run, start

GIT = {"type": "GITHUB", "location": "https://github.com/o/r.git"}


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed", clock="virtual") as handle:
        yield handle


def variables(build):
    return {item["name"]: item["value"] for item in build["environment"]["environmentVariables"]}


def items(**values):
    return [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in values.items()]


def summaries(batch):
    return [one["currentBuildSummary"] for one in batch["buildGroups"]]


# What they run with


@pytest.mark.model
def test_a_batch_and_its_builds_have_all_of_their_projects_record(mb):
    taken_over = {
        "secondarySources": [{**GIT, "sourceIdentifier": "two", "insecureSsl": False}],
        "secondarySourceVersions": [{"sourceIdentifier": "two", "sourceVersion": "v2"}],
        "vpcConfig": {"vpcId": "vpc-1", "subnets": ["s1", "s2"], "securityGroupIds": ["g"]},
        "fileSystemLocations": [
            {"type": "EFS", "location": "fs:/x", "mountPoint": "/mnt", "identifier": "files"}
        ],
    }
    create_batched(tasks("a"), environment=environment(privilegedMode=True), **taken_over)
    batch = run_batch()
    one, two = (build_of(batch, name) for name in ("DOWNLOAD_SOURCE", "a"))
    for record in (batch, one, two):
        assert {name: record[name] for name in taken_over} == taken_over
    assert one["networkInterface"]["subnetId"] == "s1"
    assert one["networkInterface"] != two["networkInterface"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("env", "member", "value"),
    [
        ("compute-type: BUILD_GENERAL1_LARGE", "computeType", "BUILD_GENERAL1_LARGE"),
        ("compute-type: $SIZE", "computeType", "BUILD_GENERAL1_MEDIUM"),
        ("compute-type: '${SIZE}'", "computeType", "BUILD_GENERAL1_MEDIUM"),
        ("image: 'alpine:$TAG'", "image", "alpine:3"),
        ("image: 'alpine:$TAG', variables: {TAG: 4}", "image", "alpine:4"),
        ("image: 'alpine:$NONE'", "image", "alpine:$NONE"),
        ("type: ARM_CONTAINER", "type", "ARM_CONTAINER"),
        ("type: $KIND", "type", "LINUX_GPU_CONTAINER"),
        ("privileged-mode: true", "privilegedMode", True),
        ("privileged-mode: false", "privilegedMode", False),
    ],
)
def test_what_a_task_overrides(mb, env, member, value):
    given = items(SIZE="BUILD_GENERAL1_MEDIUM", TAG="3", KIND="LINUX_GPU_CONTAINER")
    create_batched(
        tasks(f"a, env: {{{env}}}", "b"), environment=environment(environmentVariables=given)
    )
    batch = run_batch()
    own, other = (build_of(batch, name)["environment"] for name in "ab")
    assert own[member] == value
    assert other == batch["environment"]
    assert build_of(batch, "DOWNLOAD_SOURCE")["environment"] == batch["environment"]


@pytest.mark.inferred
def test_a_task_that_says_nothing_of_privileged_mode_leaves_the_project_s(mb):
    create_batched(
        tasks("a", "b, env: {privileged-mode: false}"), environment=environment(privilegedMode=True)
    )
    batch = run_batch()
    assert [build_of(batch, one)["environment"]["privilegedMode"] for one in "ab"] == [True, False]


@pytest.mark.docs
def test_variables_of_project_batch_and_task(mb):
    create_batched(
        tasks("a, env: {variables: {TASK: t, BATCH: t, PROJECT: t}}", "b"),
        environment=environment(environmentVariables=items(PROJECT="p", BATCH="p", OLD="p")),
    )
    batch = run_batch(environmentVariablesOverride=items(BATCH="b", NEW="b"))
    assert variables(build_of(batch, "a")) == {
        "PROJECT": "t",
        "BATCH": "t",
        "OLD": "p",
        "NEW": "b",
        "TASK": "t",
    }
    assert variables(build_of(batch, "b")) == {"PROJECT": "p", "BATCH": "b", "OLD": "p", "NEW": "b"}


@pytest.mark.docs
def test_every_build_knows_which_one_it_is(mb):
    create_batched(
        tasks("a", "b", more="env: {exported-variables: [CODEBUILD_BATCH_BUILD_IDENTIFIER]}\n")
    )
    batch = run_batch()
    for name in "ab":
        (exported,) = build_of(batch, name)["exportedEnvironmentVariables"]
        assert exported == {"name": "CODEBUILD_BATCH_BUILD_IDENTIFIER", "value": name}


@pytest.mark.docs
@pytest.mark.parametrize(
    ("override", "member", "value"),
    [
        ({"buildTimeoutInMinutesOverride": 9}, "timeoutInMinutes", 9),
        ({"queuedTimeoutInMinutesOverride": 7}, "queuedTimeoutInMinutes", 7),
        ({"serviceRoleOverride": f"{ROLE}2"}, "serviceRole", f"{ROLE}2"),
        ({"sourceVersion": "v2"}, "sourceVersion", "v2"),
        ({"encryptionKeyOverride": "key"}, "encryptionKey", "key"),
    ],
)
def test_what_the_start_overrides_goes_for_every_build(mb, override, member, value):
    create_batched(tasks("a"))
    batch = run_batch(**override)
    for name in ("DOWNLOAD_SOURCE", "a"):
        assert build_of(batch, name)[member] == value


@pytest.mark.docs
def test_another_buildspec_for_one_batch(mb):
    create_batched(tasks("a"))
    assert list(groups(run_batch(buildspecOverride=tasks("x", "y")))) == ["x", "y"]
    assert list(groups(run_batch())) == ["a"]


@pytest.mark.docs
def test_scripts_for_a_group_go_before_those_for_all(mb):
    create_batched(tasks("a", "b"))
    mb.script("web").fails()
    mb.script("web", group="a").takes(1)
    assert groups(run_batch()) == {"a": "SUCCEEDED", "b": "FAILED"}
    mb.script("*", group="b").takes(1)
    assert groups(run_batch()) == {"a": "SUCCEEDED", "b": "SUCCEEDED"}
    assert run()["buildStatus"] == "FAILED"


# Sessions


@pytest.mark.docs
@pytest.mark.parametrize(
    ("spec", "whole", "sessions"),
    [
        pytest.param(
            tasks("a, debug-session: true", "b"), False, {"a": True, "b": False}, id="one"
        ),
        pytest.param(tasks("a", "b"), True, {"a": True, "b": True}, id="all"),
        pytest.param(tasks("a", "b"), False, {"a": False, "b": False}, id="none"),
        pytest.param(
            "version: 0.2\nbatch: {build-matrix: {dynamic: {env: {variables: {A: [x, y]}}}}}\n",
            True,
            {"build_matrix_1": False, "build_matrix_2": False},
            id="matrix",
        ),
    ],
)
def test_sessions(mb, spec, whole, sessions):
    create_batched(spec)
    batch = run_batch(**({"debugSessionEnabled": True} if whole else {}))
    assert {name: "debugSession" in build_of(batch, name) for name in sessions} == sessions
    assert batch.get("debugSessionEnabled", False) is whole


# Versions


@pytest.mark.inferred
def test_all_builds_use_the_commit_that_the_first_one_found(tmp_path):
    (tmp_path / "buildspec.yml").write_text(tasks("a", "b, depend-on: [a]"))
    with mock_codebuild(sources={GIT["location"]: str(tmp_path)}):
        create_batched(source=GIT)
        batch = start_batch(sourceVersion="main")
        assert "resolvedSourceVersion" not in batch
        batch = look_at(batch)
        commit = batch["resolvedSourceVersion"]
        for name in ("DOWNLOAD_SOURCE", "a", "b"):
            build = build_of(batch, name)
            assert build["resolvedSourceVersion"] == commit
            assert build["sourceVersion"] == "main"
        other = run_batch(sourceVersion="c" * 40)
        assert other["resolvedSourceVersion"] == "c" * 40
        assert build_of(other, "b")["resolvedSourceVersion"] == "c" * 40


@pytest.mark.inferred
def test_a_source_without_commits_has_no_resolved_version(mb):
    create_batched(tasks("a"))
    assert "resolvedSourceVersion" not in run_batch()


# Groups


@pytest.mark.recorded
def test_groups_stand_in_the_order_of_the_buildspec(timed):
    create_batched(tasks("z, depend-on: [a]", "m", "a, depend-on: [m]"))
    batch = start_batch()
    timed.clock.tick(minutes=5)
    batch = look_at(batch)
    assert [one["identifier"] for one in batch["buildGroups"]] == ["DOWNLOAD_SOURCE", "z", "m", "a"]
    assert [one.get("dependsOn") for one in batch["buildGroups"]] == [None, ["a"], [], ["m"]]


@pytest.mark.recorded
def test_builds_are_requested_when_the_buildspec_has_been_read(timed):
    create_batched(tasks("a", "b, depend-on: [a]"))
    batch = start_batch()
    timed.clock.tick(minutes=5)
    batch = look_at(batch)
    download, going = (one["startTime"] for one in batch["phases"][1:3])
    first, *others = summaries(batch)
    assert first["requestedOn"] >= download
    assert first["requestedOn"] < going
    for one in others:
        assert timedelta() <= one["requestedOn"] - going < timedelta(seconds=1)
    assert build_of(batch, "DOWNLOAD_SOURCE")["startTime"] >= download


@pytest.mark.inferred
def test_there_is_no_build_before_there_is_one_to_see(timed):
    create_batched(tasks("a"))
    batch = start_batch()
    assert CLIENT.list_builds()["ids"] == []
    assert "buildGroups" not in look_at(batch)
    timed.clock.tick(seconds=0.5)
    (first,) = CLIENT.list_builds()["ids"]
    (summary,) = summaries(look_at(batch))
    assert summary["arn"].endswith(first)
    assert look(first)["currentPhase"] == "QUEUED"


@pytest.mark.docs
def test_statuses_of_groups_are_those_of_their_builds_at_all_times(timed):
    create_batched(tasks("a", "b, depend-on: [a]", "c"))
    timed.script("web", group="c").takes(20).fails()
    batch = start_batch()["id"]
    seen = set()
    for _ in range(100):
        timed.clock.tick(seconds=1)
        now = look_at(batch)
        for one in summaries(now):
            found = CLIENT.batch_get_builds(ids=[one["arn"]])["builds"]
            status = found[0]["buildStatus"] if found else "PENDING"
            assert one["buildStatus"] == status
            assert ("primaryArtifact" in one) == (status in {"SUCCEEDED", "FAILED"})
            seen.add(status)
    assert seen == {"PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED"}


# From outside


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_builds_of_a_batch_tell_eventbridge(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]"))
        mb.script("web", group="a").fails()
        batch = start_batch()
        mb.clock.tick(minutes=5)
        told = [
            (event["detail"]["build-id"], event["detail"]["build-status"])
            for event in mb.events
            if "build-status" in event["detail"]
        ]
        first, a, b = (one["arn"] for one in summaries(look_at(batch)))
        assert told == [
            (first, "IN_PROGRESS"),
            (first, "SUCCEEDED"),
            (a, "IN_PROGRESS"),
            (a, "FAILED"),
        ]
        assert b not in dict(told)
        times = [event["time"] for event in mb.events]
        assert times == sorted(times)


@pytest.mark.docs
def test_logs_of_all_builds_are_where_builds_log(mb):
    create_batched(tasks("a", "b"))
    mb.script("web", group="a").prints("hello from a\n")
    batch = run_batch()
    build = build_of(batch, "a")
    stream = mb.logs[build["logs"]["groupName"]][build["logs"]["streamName"]]
    assert "hello from a" in stream.text
    assert len(list(mb.logs["/aws/codebuild/web"])) == 3


@pytest.mark.inferred
def test_a_callback_of_an_event_may_look_at_the_batch(timed):
    create_batched(tasks("a", "b, depend-on: [a]"))
    seen = []
    batch = start_batch()["id"]
    timed.events.subscribe(
        lambda event: seen.append(look_at(batch)["buildBatchStatus"]),
        {"detail": {"build-status": ["SUCCEEDED"]}},
    )
    timed.clock.tick(minutes=5)
    assert look_at(batch)["buildBatchStatus"] == "SUCCEEDED"
    assert len(seen) == 3


@pytest.mark.inferred
def test_a_callback_of_an_event_may_start_another_batch():
    with mock_codebuild(clock="virtual") as mb:
        create_batched(tasks("a"))
        started = [start_batch()["id"]]

        def follow(event):
            if len(started) < 3:
                started.append(start_batch()["id"])

        mb.events.subscribe(follow, {"detail": {"build-status": ["SUCCEEDED"]}})
        mb.clock.tick(hours=1)
        listed = CLIENT.list_build_batches(filter={"status": "SUCCEEDED"})["ids"]
        assert listed == started[:1]
        assert CLIENT.list_build_batches(sortOrder="ASCENDING")["ids"] == started
        assert look_at(started[2])["buildBatchStatus"] == "SUCCEEDED"


@pytest.mark.inferred
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_batch_outlives_a_project_that_is_deleted_while_it_runs(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]"))
        batch = start_batch()
        mb.clock.tick(seconds=5)
        look_at(batch)
        CLIENT.delete_project(name="web")
        for _ in range(40):
            mb.clock.tick(seconds=5)
            over = look_at(batch)
        assert over["buildBatchStatus"] == "SUCCEEDED"
        assert groups(over) == {"a": "SUCCEEDED", "b": "SUCCEEDED"}
        assert len(CLIENT.list_builds()["ids"]) == 3
        assert CLIENT.delete_build_batch(id=batch["id"])["statusCode"] == "BATCH_DELETED"
        assert CLIENT.list_builds()["ids"] == []


@pytest.mark.inferred
def test_a_project_that_changes_while_a_batch_runs_does_not_change_the_batch(timed):
    create_batched(tasks("a", "b, depend-on: [a]"))
    batch = start_batch()
    timed.clock.tick(seconds=5)
    CLIENT.update_project(name="web", environment=environment(image="other"))
    timed.clock.tick(minutes=5)
    assert build_of(look_at(batch), "b")["environment"] == batch["environment"]


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_mock_may_end_while_a_batch_runs(transitions):
    for seconds in (0, 5, 15):
        with mock_codebuild(transitions=transitions, clock="virtual") as mb:
            create_batched(tasks("a", "b, depend-on: [a]"))
            mb.script("web", group="a").hangs()
            batch = start_batch()
            mb.clock.tick(seconds=seconds)
            look_at(batch)
    with mock_codebuild():
        assert CLIENT.list_build_batches()["ids"] == []


@pytest.mark.inferred
def test_builds_of_a_batch_are_not_retried_by_themselves(mb):
    create_batched(tasks("a"), autoRetryLimit=2)
    mb.script("web").fails()
    batch = run_batch()
    assert groups(batch) == {"a": "FAILED"}
    assert len(CLIENT.list_builds()["ids"]) == 2
    assert "autoRetryConfig" not in build_of(batch, "a")
    start()
    look(CLIENT.list_builds()["ids"][0])
    assert "autoRetryConfig" in look(CLIENT.list_builds()["ids"][0])


@pytest.mark.inferred
def test_builds_of_a_batch_do_not_count_against_a_limit_that_refuses(mb):
    create_batched(tasks("a", "b", "c"), concurrentBuildLimit=1)
    assert groups(run_batch()) == dict.fromkeys("abc", "SUCCEEDED")


@pytest.mark.docs
def test_a_look_at_a_long_batch_changes_nothing_more(mb):
    create_batched(tasks("a", "b, depend-on: [a]"))
    batch = run_batch()
    assert look_at(batch) == batch
    assert phases(batch)[-1] == ("SUCCEEDED", None)
    builds = [build_of(batch, one) for one in ("DOWNLOAD_SOURCE", "a", "b")]
    assert [build_of(batch, one) for one in ("DOWNLOAD_SOURCE", "a", "b")] == builds
