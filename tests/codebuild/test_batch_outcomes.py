"""What the builds of a batch leave: artifacts of their own or put together, and reports."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import (
    build_of,
    create_batched,
    groups,
    look_at,
    phases,
    reason,
    run_batch,
    start_batch,
    tasks,
    unzipped,
)
from tests.codebuild.factory import ARN, CLIENT, ROLE, statuses

SPEC = tasks("a", "b", more="artifacts:\n  files: ['**/*']\n")
BOTH = tasks(
    "a",
    "b",
    more="artifacts:\n  files: ['*.txt']\n  secondary-artifacts:\n    docs: {files: ['*.md']}\n",
)
COMBINED = {"serviceRole": ROLE, "combineArtifacts": True}
PLACE = {"type": "S3", "location": "out", "name": "web"}
PACKED = {**PLACE, "packaging": "ZIP", "name": "web.zip"}


def write(mb, **files):
    """Let the builds of groups write a file each, and one that all of them write."""
    for group, text in files.items():
        written = {f"{group}.txt": text, "same.txt": text, f"{group}.md": text}
        mb.script("web", group=group).writes(written)


def group_of(batch, name):
    return next(one for one in batch["buildGroups"] if one["identifier"] == name)


# Artifacts of their own


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("artifacts", "keys"),
    [
        pytest.param(PACKED, ["a/web.zip", "b/web.zip"], id="packed"),
        pytest.param({**PACKED, "path": "/x/"}, ["x/a/web.zip", "x/b/web.zip"], id="path"),
        pytest.param(PLACE, ["a/web/a.md", "a/web/a.txt", "a/web/same.txt"], id="files"),
    ],
)
def test_artifacts_lie_in_a_folder_of_each_group(mb, artifacts, keys):
    create_batched(SPEC, artifacts=artifacts)
    write(mb, a="1", b="2")
    batch = run_batch()
    assert list(mb.s3["out"])[: len(keys)] == keys
    summary = group_of(batch, "a")["currentBuildSummary"]
    location = build_of(batch, "a")["artifacts"]["location"]
    assert summary["primaryArtifact"] == {"type": "s3", "location": location, "identifier": "a"}
    assert f"/{keys[0]}".startswith(location.removeprefix("arn:aws:s3:::out"))
    assert ("COMBINE_ARTIFACTS", "SUCCEEDED") not in phases(batch)


@pytest.mark.inferred
def test_secondary_artifacts_of_each_group(mb):
    docs = {**PACKED, "artifactIdentifier": "docs", "name": "docs.zip"}
    create_batched(BOTH, artifacts=PACKED, secondaryArtifacts=[docs])
    write(mb, a="1", b="2")
    batch = run_batch()
    assert list(mb.s3["out"]) == ["a/docs.zip", "a/web.zip", "b/docs.zip", "b/web.zip"]
    assert group_of(batch, "b")["currentBuildSummary"]["secondaryArtifacts"] == [
        {"type": "s3", "location": "arn:aws:s3:::out/b/docs.zip", "identifier": "docs"}
    ]
    assert [one["artifactIdentifier"] for one in batch["secondaryArtifacts"]] == ["docs"]


@pytest.mark.recorded
def test_the_build_that_reads_the_buildspec_leaves_nothing(mb):
    create_batched(SPEC, artifacts=PACKED)
    mb.script("web", group="DOWNLOAD_SOURCE").writes({"f": "x"})
    batch = run_batch()
    first = group_of(batch, "DOWNLOAD_SOURCE")["currentBuildSummary"]
    assert first["primaryArtifact"] == {"type": "no_artifacts", "identifier": "DOWNLOAD_SOURCE"}
    assert first["secondaryArtifacts"] == []
    assert build_of(batch, "DOWNLOAD_SOURCE")["artifacts"] == {"location": ""}
    assert "out" not in mb.s3


# Put together


@pytest.mark.docs
def test_artifacts_are_put_together(mb):
    create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
    write(mb, a="1", b="2")
    batch = run_batch()
    assert phases(batch)[2:] == [
        ("IN_PROGRESS", "SUCCEEDED"),
        ("COMBINE_ARTIFACTS", "SUCCEEDED"),
        ("SUCCEEDED", None),
    ]
    assert batch["artifacts"]["location"] == "arn:aws:s3:::out/web.zip"
    together = unzipped(mb.s3["out"]["web.zip"])
    assert set(together) == {"./a.txt", "./b.txt", "./a.md", "./b.md", "./same.txt"}
    assert together["./a.txt"] == b"1"


@pytest.mark.inferred
def test_of_two_files_of_the_same_name_the_later_group_s_stays(mb):
    create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
    mb.script("web", group="a").writes({"same.txt": "1"}).takes(90)
    write(mb, b="2")
    run_batch()
    assert unzipped(mb.s3["out"]["web.zip"])["./same.txt"] == b"2"


@pytest.mark.inferred
def test_secondary_artifacts_are_put_together_too(mb):
    docs = {**PACKED, "artifactIdentifier": "docs", "name": "docs.zip"}
    files = {**PLACE, "artifactIdentifier": "files", "name": "files"}
    create_batched(
        BOTH, artifacts=PACKED, secondaryArtifacts=[docs, files], buildBatchConfig=COMBINED
    )
    write(mb, a="1", b="2")
    run_batch()
    assert set(unzipped(mb.s3["out"]["docs.zip"])) == {"./a.md", "./b.md"}
    assert set(unzipped(mb.s3["out"]["web.zip"])) == {"./a.txt", "./b.txt", "./same.txt"}


@pytest.mark.inferred
@pytest.mark.parametrize("namespace", ["NONE", "BUILD_ID"])
def test_files_that_are_to_be_put_together_lie_in_one_place(mb, namespace):
    create_batched(
        SPEC,
        artifacts={**PLACE, "path": "p", "namespaceType": namespace},
        buildBatchConfig=COMBINED,
    )
    write(mb, a="1", b="2")
    batch = run_batch()
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    place = batch["artifacts"]["location"].removeprefix("arn:aws:s3:::out/")
    middle = f"{batch['id'].partition(':')[2]}/" if namespace == "BUILD_ID" else ""
    assert place == f"p/{middle}web"
    assert {one.removeprefix(place) for one in mb.s3["out"]} == {
        "/a.txt",
        "/b.txt",
        "/a.md",
        "/b.md",
        "/same.txt",
    }


@pytest.mark.inferred
def test_what_an_ignored_failure_has_left_is_put_together_with_the_rest(mb):
    spec = tasks("a, ignore-failure: true", "b", more="artifacts: {files: ['**/*']}\n")
    create_batched(spec, artifacts=PACKED, buildBatchConfig=COMBINED)
    mb.script("web", group="a").writes({"a": "1"}).fails()
    mb.script("web", group="b").writes({"b": "2"})
    assert run_batch()["buildBatchStatus"] == "SUCCEEDED"
    assert unzipped(mb.s3["out"]["web.zip"]) == {"./a": b"1", "./b": b"2"}


@pytest.mark.inferred
def test_a_batch_that_fails_puts_nothing_together(mb):
    create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
    write(mb, a="1")
    mb.script("web", group="b").fails()
    batch = run_batch()
    assert "COMBINE_ARTIFACTS" not in dict(phases(batch))
    assert list(mb.s3["out"]) == ["a/web.zip"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    "artifacts", [{"type": "NO_ARTIFACTS"}, PACKED, PLACE], ids=["none", "packed", "files"]
)
def test_there_may_be_nothing_to_put_together(mb, artifacts):
    mb.s3.make("out")
    create_batched(SPEC, artifacts=artifacts, buildBatchConfig=COMBINED)
    batch = run_batch()
    assert batch["buildBatchStatus"] == "SUCCEEDED"
    assert ("COMBINE_ARTIFACTS", "SUCCEEDED") in phases(batch)
    assert list(mb.s3["out"]) == []


@pytest.mark.inferred
def test_a_bucket_that_is_gone_fails_the_batch_and_a_retry_combines_again():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
        write(mb, a="1", b="2")
        batch = start_batch()
        mb.clock.tick(seconds=22.7)
        assert look_at(batch)["currentPhase"] == "COMBINE_ARTIFACTS"
        kept = {name: mb.s3["out"][name] for name in mb.s3["out"]}
        del mb.s3["out"]
        mb.clock.tick(seconds=10)
        failed = look_at(batch)
        assert phases(failed)[-2:] == [("COMBINE_ARTIFACTS", "CLIENT_ERROR"), ("FAILED", None)]
        assert reason(failed)[0] == "CLIENT_ERROR"
        assert "NoSuchBucket" in reason(failed)[1]
        for name, body in kept.items():
            mb.s3["out"][name] = body
        CLIENT.retry_build_batch(id=batch["id"], retryType="RETRY_FAILED_BUILDS")
        mb.clock.tick(seconds=10)
        assert look_at(batch)["buildBatchStatus"] == "SUCCEEDED"
        assert len(unzipped(mb.s3["out"]["web.zip"])) == 5
        assert len(CLIENT.list_builds()["ids"]) == 3


@pytest.mark.inferred
def test_an_archive_that_somebody_has_spoilt_fails_the_batch():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
        write(mb, a="1", b="2")
        batch = start_batch()
        mb.clock.tick(seconds=22.7)
        assert look_at(batch)["currentPhase"] == "COMBINE_ARTIFACTS"
        mb.s3["out"]["a/web.zip"] = b"not a zip"
        mb.clock.tick(seconds=10)
        assert look_at(batch)["buildBatchStatus"] == "FAILED"


@pytest.mark.inferred
def test_a_bucket_that_never_was_fails_the_builds(network):
    moto = pytest.importorskip("moto")
    with moto.mock_aws(), mock_codebuild() as mb:
        create_batched(SPEC, artifacts=PACKED, buildBatchConfig=COMBINED)
        write(mb, a="1", b="2")
        batch = run_batch()
        assert groups(batch) == {"a": "FAILED", "b": "FAILED"}
        assert statuses(build_of(batch, "a"))["UPLOAD_ARTIFACTS"] == "FAILED"
        assert batch["buildBatchStatus"] == "FAILED"


# Reports


def reports_of(batch):
    return CLIENT.batch_get_reports(reportArns=batch["reportArns"])["reports"]


@pytest.mark.docs
def test_reports_to_the_same_group_are_merged(mb):
    create_batched(tasks("a", "b", "c"))
    mb.script("web", group="a").reports("unit", passed=2).covers("cov", {"a.py": (1, 2)})
    mb.script("web", group="b").reports("unit", passed=1, failed=["x"]).covers(
        "cov", {"b.py": (3, 4)}
    )
    mb.script("web", group="c").reports("own", passed=1)
    batch = run_batch()
    uuid = batch["id"].partition(":")[2]
    assert batch["reportArns"] == [f"{ARN}:report/web-unit:{uuid}", f"{ARN}:report/web-cov:{uuid}"]
    unit, cov = reports_of(batch)
    assert unit["executionId"] == batch["arn"]
    assert unit["status"] == "FAILED"
    assert unit["testSummary"]["total"] == 4
    assert cov["codeCoverageSummary"]["linesCovered"] == 4
    assert build_of(batch, "a")["reportArns"] != batch["reportArns"]
    assert len(CLIENT.list_reports()["reports"]) == 7


@pytest.mark.inferred
def test_a_report_of_one_build_is_its_own(mb):
    create_batched(tasks("a", "b"))
    mb.script("web", group="a").reports("unit", passed=2)
    batch = run_batch()
    assert "reportArns" not in batch
    assert len(CLIENT.list_reports()["reports"]) == 1


@pytest.mark.inferred
def test_reports_are_merged_whatever_the_builds_end_as_and_anew_when_retried(mb):
    create_batched(tasks("a", "b"))
    mb.script("web", group="a").reports("unit", passed=2)
    mb.script("web", group="b", times=1).reports("unit", failed=["x"], passed=1).fails()
    mb.script("web", group="b").reports("unit", passed=5)
    batch = run_batch()
    assert reports_of(batch)[0]["status"] == "FAILED"
    CLIENT.retry_build_batch(id=batch["id"], retryType="RETRY_FAILED_BUILDS")
    (merged,) = reports_of(look_at(batch))
    assert merged["status"] == "SUCCEEDED"
    assert merged["testSummary"]["total"] == 7


@pytest.mark.inferred
def test_what_was_reported_before_a_retry_is_not_merged_again(mb):
    create_batched(tasks("a", "b, depend-on: [a]", "c"))
    mb.script("web", group="c", times=1).fails()
    mb.script("web", group="a", times=1).reports("unit", passed=1)
    mb.script("web", group="a", times=1).reports("unit", passed=1).fails()
    mb.script("web", group="b").reports("unit", passed=1)
    batch = run_batch()
    assert len(batch["reportArns"]) == 1
    CLIENT.retry_build_batch(id=batch["id"], retryType="RETRY_ALL_BUILDS")
    over = look_at(batch)
    assert groups(over) == {"a": "FAILED", "b": "STOPPED", "c": "SUCCEEDED"}
    assert "reportArns" not in over


@pytest.mark.inferred
def test_nothing_is_merged_of_a_build_that_never_came_to_report(mb):
    create_batched(tasks("a", "b"))
    mb.script("web", group="a").reports("unit", passed=2)
    mb.script("web", group="b").reports("unit", passed=2).fails("INSTALL")
    assert "reportArns" not in run_batch()
