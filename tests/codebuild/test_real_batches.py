"""Batches whose builds really run on this machine."""

import os
import threading
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from mockbuild import mock_codebuild, mock_imagebuilder
from tests.codebuild.batch_factory import (
    build_of,
    create_batched,
    groups,
    look_at,
    phases,
    reason,
    start_batch,
    tasks,
    unzipped,
    zipped,
)
from tests.codebuild.factory import CLIENT, ROLE, look

pytestmark = pytest.mark.docs

COMBINED = {"serviceRole": ROLE, "combineArtifacts": True}


def in_every_mode(test):
    return pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])(test)


@pytest.fixture
def mb():
    with mock_codebuild(runner="local") as handle:
        yield handle


def spec(*written, commands, more=""):
    """Return a buildspec of a graph whose builds run *commands*."""
    listed = "".join(f"      - |\n        {line}\n" for line in commands)
    head, _, _ = tasks(*written, more=more).partition("phases:")
    return f"{head}phases:\n  build:\n    commands:\n{listed}"


def leftovers(build_id):
    """Return the processes that a build has left: all have its id in their environment."""
    uuid = build_id.partition(":")[2].encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it ended meanwhile, or is not ours
            found += [path] * (uuid in path.read_bytes())
    return found


def workers():
    return [one for one in threading.enumerate() if one.name.startswith("mockbuild web:")]


def wait(batch):
    """Wait as a person would, without a clock: until nothing runs any more."""
    while running := workers():
        for thread in running:
            thread.join(60)
            assert not thread.is_alive()
    over = look_at(batch)
    assert over["complete"]
    return over


def wait_for(path: Path):
    """Wait until a build has made a file."""
    while not path.exists():
        os.sched_yield()


def times(batch):
    """Check that no time goes backwards, of the batch nor of any of its builds."""
    builds = [look(one) for one in CLIENT.list_builds()["ids"]]
    for one in (batch, *builds):
        for phase, following in pairwise(one["phases"]):
            assert phase["startTime"] <= phase["endTime"] == following["startTime"]
    assert all(one["endTime"] <= batch["endTime"] for one in builds)
    return builds


def test_a_graph_really_runs(mb, tmp_path):
    create_batched(
        spec(
            "first",
            "bad",
            "second, depend-on: [first]",
            "never, depend-on: [bad]",
            commands=[
                f"echo $CODEBUILD_BATCH_BUILD_IDENTIFIER >> {tmp_path}/log",
                "export NAME=$CODEBUILD_BATCH_BUILD_IDENTIFIER-$COLOUR",
                '[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != bad ] || (exit 7)',
            ],
            more="env: {exported-variables: [NAME]}\n",
        ).replace("identifier: second,", "identifier: second, env: {variables: {COLOUR: red}},")
    )
    batch = wait(start_batch())
    assert groups(batch) == {
        "first": "SUCCEEDED",
        "bad": "FAILED",
        "second": "SUCCEEDED",
        "never": "STOPPED",
    }
    assert batch["buildBatchStatus"] == "FAILED"
    assert [one["phaseType"] for one in batch["phases"]] == [
        "SUBMITTED",
        "DOWNLOAD_BATCHSPEC",
        "IN_PROGRESS",
        "FAILED",
    ]
    ran = (tmp_path / "log").read_text().split()
    assert sorted(ran) == ["bad", "first", "second"]
    assert ran.index("first") < ran.index("second")
    assert build_of(batch, "second")["exportedEnvironmentVariables"] == [
        {"name": "NAME", "value": "second-red"}
    ]
    (context,) = build_of(batch, "bad")["phases"][6]["contexts"]
    assert context["message"].endswith("exit status 7")
    builds = times(batch)
    assert len(builds) == 4
    for one in builds:
        assert leftovers(one["id"]) == []


def test_buildspecs_from_the_source_and_artifacts_put_together(mb):
    make = "version: 0.2\nphases: {build: {commands: [%s]}}\nartifacts: {files: ['out/*']}\n"
    mb.s3["source"]["web.zip"] = zipped(
        {
            "buildspec.yml": tasks("a, buildspec: a.yml", "b, buildspec: ci/b.yml"),
            "a.yml": make % "mkdir out && cp input out/a",
            "ci/b.yml": make % "mkdir out && echo bb > out/b",
            "input": "from the source\n",
        }
    )
    artifacts = {"type": "S3", "location": "out", "packaging": "ZIP", "name": "all.zip"}
    create_batched(
        source={"type": "S3", "location": "source/web.zip"},
        artifacts=artifacts,
        buildBatchConfig=COMBINED,
    )
    batch = wait(start_batch())
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    assert ("COMBINE_ARTIFACTS", "SUCCEEDED") in phases(batch)
    assert unzipped(mb.s3["out"]["all.zip"]) == {
        "./out/a": b"from the source\n",
        "./out/b": b"bb\n",
    }
    times(batch)


def test_every_build_downloads_all_sources_in_the_version_asked_for(mb):
    """Those that have a buildspec of their own, too."""
    say = "version: 0.2\nphases: {build: {commands: ['cat word $CODEBUILD_SRC_DIR_two/word']}}\n"
    spec = tasks("a, buildspec: other.yml", "b, buildspec: other.yml")
    bucket = mb.s3.make("source", versioned=True)
    bucket["two.zip"] = zipped({"word": "second\n"})
    bucket["web.zip"] = zipped({"buildspec.yml": spec, "other.yml": say, "word": "first\n"})
    (version,) = bucket.versions("web.zip")
    bucket["web.zip"] = zipped({"buildspec.yml": "nonsense"})
    two = {"type": "S3", "location": "source/two.zip", "sourceIdentifier": "two"}
    create_batched(source={"type": "S3", "location": "source/web.zip"}, secondarySources=[two])
    batch = wait(start_batch(sourceVersion=version))
    for name in ("a", "b"):
        build = build_of(batch, name)
        assert "first\nsecond\n" in mb.logs["/aws/codebuild/web"][build["logs"]["streamName"]].text


@in_every_mode
def test_a_batch_is_as_far_as_it_really_is_in_every_mode(transitions, tmp_path):
    with mock_codebuild(runner="local", transitions=transitions):
        create_batched(
            spec(
                "a", commands=[f"touch {tmp_path}/ran", f"while [ ! -e {tmp_path}/go ]; do :; done"]
            )
        )
        batch = start_batch()
        wait_for(tmp_path / "ran")
        seen = look_at(batch)
        assert seen["currentPhase"] == "IN_PROGRESS"
        assert groups(seen) == {"a": "IN_PROGRESS"}
        (tmp_path / "go").touch()
        assert wait(batch)["buildBatchStatus"] == "SUCCEEDED"
        assert wait(start_batch())["buildBatchStatus"] == "SUCCEEDED"


@pytest.mark.parametrize("clock", ["real", "virtual"])
def test_stopping_while_builds_run(clock, tmp_path):
    with mock_codebuild(runner="local", clock=clock):
        create_batched(
            spec(
                "a",
                "b, depend-on: [a]",
                "c, ignore-failure: true",
                "d, depend-on: [c]",
                commands=[f"touch {tmp_path}/$CODEBUILD_BATCH_BUILD_IDENTIFIER; sleep 1000"],
            )
        )
        batch = start_batch()
        for name in "ac":
            wait_for(tmp_path / name)
        stopped = CLIENT.stop_build_batch(id=batch["id"])["buildBatch"]
        assert groups(stopped) == {
            "a": "IN_PROGRESS",
            "b": "PENDING",
            "c": "IN_PROGRESS",
            "d": "PENDING",
        }
        over = wait(batch)
        assert groups(over) == dict.fromkeys("abcd", "STOPPED")
        assert phases(over)[-2:] == [("IN_PROGRESS", "STOPPED"), ("STOPPED", None)]
        builds = times(over)
        assert len(builds) == 3
        for one in builds:
            assert leftovers(one["id"]) == []
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]


def test_a_failure_stops_what_runs_where_it_is_to_be_fast(mb, tmp_path):
    create_batched(
        spec(
            "slow",
            "bad",
            commands=[
                f'if [ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" = slow ]; then touch {tmp_path}/slow; '
                f"sleep 1000; fi; while [ ! -e {tmp_path}/slow ]; do :; done; exit 1"
            ],
        ).replace("fast-fail: false", "fast-fail: true")
    )
    over = wait(start_batch())
    assert groups(over) == {"slow": "STOPPED", "bad": "FAILED"}
    assert over["buildBatchStatus"] == "FAILED"
    times(over)


def test_retrying_what_really_failed(mb, tmp_path):
    create_batched(
        spec(
            "a",
            "b, depend-on: [a]",
            commands=[
                f"echo $CODEBUILD_BATCH_BUILD_IDENTIFIER >> {tmp_path}/log",
                f'[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" = a ] || [ -e {tmp_path}/well ]',
            ],
        )
    )
    batch = start_batch()
    assert groups(wait(batch)) == {"a": "SUCCEEDED", "b": "FAILED"}
    (tmp_path / "well").touch()
    CLIENT.retry_build_batch(id=batch["id"], retryType="RETRY_FAILED_BUILDS")
    over = wait(batch)
    assert over["buildBatchStatus"] == "SUCCEEDED"
    assert (tmp_path / "log").read_text().split() == ["a", "b", "b"]
    times(over)
    CLIENT.stop_build_batch(id=batch["id"])


@pytest.mark.recorded
def test_a_batch_that_makes_no_sense(mb):
    create_batched(tasks("no-dashes"))
    over = wait(start_batch())
    assert reason(over)[0] == "BATCH_SPEC_VALIDATION_ERROR"
    assert len(CLIENT.list_builds()["ids"]) == 1


@in_every_mode
def test_a_batch_can_time_out_while_its_builds_run(transitions, tmp_path):
    with mock_codebuild(runner="local", transitions=transitions) as mb:
        create_batched(
            spec("a", commands=[f"touch {tmp_path}/ran; sleep 1000"]),
            buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": 5},
        )
        batch = start_batch()
        wait_for(tmp_path / "ran")
        mb.clock.tick(minutes=6)
        assert look_at(batch)["complete"]
        over = wait(batch)
        assert over["buildBatchStatus"] == "TIMED_OUT"
        assert groups(over) == {"a": "STOPPED"}
        assert leftovers(build_of(over, "a")["id"]) == []


def test_nothing_starts_when_the_mock_ends(tmp_path):
    with mock_codebuild(runner="local"):
        create_batched(
            spec(
                "a, ignore-failure: true",
                "b, depend-on: [a]",
                commands=[f"touch {tmp_path}/$CODEBUILD_BATCH_BUILD_IDENTIFIER; sleep 1000"],
            )
        )
        batch = start_batch()
        wait_for(tmp_path / "a")
        build = build_of(look_at(batch), "a")["id"]
    assert workers() == []
    assert leftovers(build) == []
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_nothing_starts_when_the_service_is_forgotten(tmp_path):
    with mock_imagebuilder(runner="local"):
        with mock_codebuild():
            create_batched(
                spec(
                    "a, ignore-failure: true",
                    "b, depend-on: [a]",
                    commands=[f"touch {tmp_path}/$CODEBUILD_BATCH_BUILD_IDENTIFIER; sleep 1000"],
                )
            )
            batch = start_batch()
            wait_for(tmp_path / "a")
            build = build_of(look_at(batch), "a")["id"]
        for thread in workers():
            thread.join(60)
        assert leftovers(build) == []
        with mock_codebuild():
            assert CLIENT.list_builds()["ids"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
