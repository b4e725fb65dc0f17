"""Where a simulated build finds its buildspec, and what happens when it does not."""

import io
import zipfile

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    BUILDSPEC,
    EVERY_PHASE,
    context_of,
    create,
    phase_of,
    run,
    statuses,
)

EXPORTS = "version: 0.2\nenv:\n  variables: {FROM: %s}\n  exported-variables: [FROM]\n"
GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
ZIP = {"type": "S3", "location": "source-bucket/source.zip"}


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def exported(build):
    return {item["name"]: item["value"] for item in build["exportedEnvironmentVariables"]}


def error_of(build):
    assert build["buildStatus"] == "FAILED"
    assert [p["phaseType"] for p in build["phases"]][-2:] == ["FINALIZING", "COMPLETED"]
    assert statuses(build)["PROVISIONING"] == "SUCCEEDED"
    assert "INSTALL" not in statuses(build)
    return context_of(build, "DOWNLOAD_SOURCE")


@pytest.mark.docs
def test_inline(client):
    create(source={"type": "NO_SOURCE", "buildspec": EXPORTS % "inline"})
    assert exported(run()) == {"FROM": "inline"}


@pytest.mark.docs
def test_inline_on_one_line(client):
    text = "{version: 0.2, env: {variables: {A: b}, exported-variables: [A]}}"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    assert exported(run()) == {"A": "b"}


@pytest.mark.docs
@pytest.mark.parametrize("asked", ["", None])
def test_buildspec_yml_in_a_zip(mb, client, asked):
    mb.s3["source-bucket"]["source.zip"] = zipped({"buildspec.yml": EXPORTS % "zip"})
    create(source=ZIP if asked is None else {**ZIP, "buildspec": asked})
    assert exported(run()) == {"FROM": "zip"}


@pytest.mark.docs
@pytest.mark.parametrize("path", ["ci/build.yml", "./ci/build.yml", "ci//build.yml"])
def test_another_path_in_a_zip(mb, client, path):
    mb.s3["source-bucket"]["source.zip"] = zipped({"ci/build.yml": EXPORTS % "ci"})
    create(source={**ZIP, "buildspec": path})
    assert exported(run()) == {"FROM": "ci"}


@pytest.mark.docs
def test_an_override_goes_before_the_projects(mb, client):
    mb.s3["source-bucket"]["source.zip"] = zipped(
        {"buildspec.yml": EXPORTS % "default", "other.yml": EXPORTS % "other"}
    )
    create(source={**ZIP, "buildspec": EXPORTS % "inline"})
    assert exported(run()) == {"FROM": "inline"}
    assert exported(run(buildspecOverride="other.yml")) == {"FROM": "other"}
    assert exported(run(buildspecOverride="")) == {"FROM": "default"}


@pytest.mark.docs
def test_a_folder_in_s3(mb, client):
    mb.s3["source-bucket"]["folder/buildspec.yml"] = (EXPORTS % "folder").encode()
    create(source={"type": "S3", "location": "source-bucket/folder/"})
    assert exported(run()) == {"FROM": "folder"}


@pytest.mark.docs
@pytest.mark.parametrize(
    "location", ["arn:aws:s3:::spec-bucket/a/b.yml", "s3://spec-bucket/a/b.yml"]
)
def test_an_object_in_s3(mb, client, location):
    mb.s3["spec-bucket"]["a/b.yml"] = (EXPORTS % "object").encode()
    create(source={"type": "NO_SOURCE", "buildspec": location})
    assert exported(run()) == {"FROM": "object"}


@pytest.mark.docs
def test_a_version_of_a_source(mb, client):
    bucket = mb.s3.make("source-bucket", versioned=True)
    bucket["source.zip"] = zipped({"buildspec.yml": EXPORTS % "old"})
    bucket["source.zip"] = zipped({"buildspec.yml": EXPORTS % "new"})
    create(source=ZIP)
    old = bucket.versions("source.zip")[0]
    assert exported(run()) == {"FROM": "new"}
    assert exported(run(sourceVersion=old)) == {"FROM": "old"}


@pytest.mark.recorded
@pytest.mark.parametrize(("buildspec", "path"), [("", "buildspec.yml"), ("ci/b.yml", "ci/b.yml")])
def test_a_file_that_is_missing(mb, client, buildspec, path):
    mb.s3["source-bucket"]["source.zip"] = zipped({"README": "", "buildspec.yaml": BUILDSPEC})
    create(source={**ZIP, "buildspec": buildspec})
    code, message = error_of(run())
    assert code == "YAML_FILE_ERROR"
    assert message.startswith("stat /codebuild/output/src")
    assert message.endswith(f"/src/{path}: no such file or directory")


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 0.2\nphases: a: b\n", "mapping values are not allowed in this context at line "),
        ("version: 0.2\na: [b, c\nd: e\n", "did not find expected ',' or ']' at line "),
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - ok\n      - echo a: b\n",
            "Expected Commands[1] to be of string type: found subkeys instead",
        ),
        ("\n\n", "wrong number of container tags, expected 1"),
    ],
    ids=["mapping", "bracket", "command", "empty"],
)
def test_broken_yaml(mb, client, text, message):
    mb.s3["source-bucket"]["source.zip"] = zipped({"buildspec.yml": text})
    create(source=ZIP)
    code, said = error_of(run())
    assert code == "YAML_FILE_ERROR"
    assert said.startswith(message)


@pytest.mark.recorded
def test_broken_yaml_inline(client):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: a: b\n"})
    assert error_of(run())[0] == "YAML_FILE_ERROR"


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    ["version: 0.2\nphases: {compile: {commands: [x]}}\n", "version: 9\n", "- a\n- b\n", "\x00\n"],
)
def test_what_is_no_buildspec(client, text):
    create(source={"type": "NO_SOURCE", "buildspec": text})
    assert error_of(run())[0] == "YAML_FILE_ERROR"


@pytest.mark.docs
def test_no_source_and_no_inline_buildspec(client):
    create(source={"type": "NO_SOURCE"})
    assert error_of(run())[0] == "YAML_FILE_ERROR"


@pytest.mark.docs
def test_a_repository_nobody_knows_is_taken_to_be_all_right(mb, client):
    create(source=GITHUB)
    build = run()
    assert build["buildStatus"] == "SUCCEEDED"
    assert tuple(statuses(build)) == EVERY_PHASE
    mb.script("web").fails("BUILD", exit_code=4, command="make test")
    assert context_of(run(), "BUILD")[1].endswith("command: make test. Reason: exit status 4")


@pytest.mark.docs
def test_a_bucket_nobody_knows_is_taken_to_be_all_right(client):
    create(source=ZIP)
    assert run()["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_a_repository_of_which_only_the_buildspec_is_known(client):
    create(source={**GITHUB, "buildspec": EXPORTS % "inline"})
    assert exported(run()) == {"FROM": "inline"}


@pytest.mark.docs
def test_a_folder_that_stands_for_a_repository(tmp_path):
    (tmp_path / "buildspec.yml").write_text(EXPORTS % "folder")
    with mock_codebuild(sources={"https://github.com/o/*": str(tmp_path)}):
        create(source=GITHUB)
        assert exported(run()) == {"FROM": "folder"}


@pytest.mark.docs
def test_an_object_missing_from_a_bucket_that_is_known(mb, client):
    mb.s3.make("source-bucket")
    create(source=ZIP)
    code, message = error_of(run())
    assert code == "CLIENT_ERROR"
    assert message.startswith("NoSuchKey")


@pytest.mark.inferred
@pytest.mark.parametrize(
    "body",
    [b"not a zip", b"", zipped({"../evil": "x"}), zipped({"/etc/passwd": "x"})],
    ids=["text", "empty", "above", "absolute"],
)
def test_hostile_archives(mb, client, body):
    mb.s3["source-bucket"]["source.zip"] = body
    create(source=ZIP)
    build = run()
    assert build["buildStatus"] == "FAILED"
    assert phase_of(build, "DOWNLOAD_SOURCE")["phaseStatus"] == "FAILED"


@pytest.mark.docs
def test_commands_of_an_unknown_buildspec_are_none(mb, client):
    create(source=GITHUB)
    build = run()
    text = mb.logs["/aws/codebuild/web"][build["id"].partition(":")[2]].text
    assert "Running command" not in text


FAILING = """\
version: 0.2
phases:
  {}:
    on-failure: {}
    commands: [make]
"""


@pytest.mark.docs
@pytest.mark.parametrize(
    ("phase", "rule", "following"),
    [
        ("build", "ABORT", "FINALIZING"),
        ("build", "CONTINUE", "POST_BUILD"),
        ("install", "CONTINUE", "PRE_BUILD"),
        ("pre_build", "CONTINUE", "BUILD"),
        ("install", "ABORT", "FINALIZING"),
    ],
)
def test_on_failure(mb, client, phase, rule, following):
    create(source={"type": "NO_SOURCE", "buildspec": FAILING.format(phase, rule)})
    mb.script("web").fails(phase.upper())
    build = run()
    names = list(statuses(build))
    assert names[names.index(phase.upper()) + 1] == following
    assert statuses(build)[phase.upper()] == "FAILED"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("rule", "builds"), [("RETRY", 4), ("RETRY-1", 2), ("RETRY-nomatch", 1), ("ABORT", 1)]
)
def test_on_failure_retry(mb, client, rule, builds):
    create(source={"type": "NO_SOURCE", "buildspec": FAILING.format("build", rule)})
    mb.script("web").fails()
    run()
    for _ in range(6):
        for build_id in client.list_builds()["ids"]:
            client.batch_get_builds(ids=[build_id])
    assert len(client.list_builds()["ids"]) == builds
