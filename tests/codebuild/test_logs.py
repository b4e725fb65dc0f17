"""A build's log: its lines, and where they can be read."""

import gzip
import re
from datetime import datetime

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    buildspec,
    create,
    environment,
    look,
    make_client,
    members,
    phase_of,
    run,
    start,
)
from tests.optional import mock_aws

PREFIX = re.compile(r"\[Container\] (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}) ")
SOURCE = re.compile(r"/codebuild/output/src\d+/src")
GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}


def stream_of(mb, build):
    return mb.logs[f"/aws/codebuild/{build['projectName']}"][build["id"].partition(":")[2]]


def said(mb, build):
    """Return the log's lines without prefixes, and with the digits of the source folder gone."""
    lines = stream_of(mb, build).text.split("\n")[:-1]
    return [SOURCE.sub("SRC", PREFIX.sub("", line)) for line in lines]


def phase_lines(phase, state="SUCCEEDED", context=" Message: "):
    return [f"Phase complete: {phase} State: {state}", f"Phase context status code: {context}"]


BEGIN = [
    "Running on CodeBuild On-demand",
    "Waiting for agent ping",
    "Waiting for DOWNLOAD_SOURCE",
    "Phase is DOWNLOAD_SOURCE",
]
REPORTS = [
    "Set report auto-discover timeout to 5 seconds",
    "Expanding base directory path:  .",
    "Assembling file list",
    "Expanding .",
    "Expanding file paths for base directory .",
    "Assembling file list",
    "Expanding **/*",
    "No matching auto-discover report paths found",
]


def preparations(phases, *, location="/codebuild/readonly/buildspec.yml", more=()):
    return [
        "CODEBUILD_SRC_DIR=SRC",
        f"YAML location is {location}",
        *more,
        "Processing environment variables",
        "No runtime version selected in buildspec.",
        "Moving to directory SRC",
        "Cache is not defined in the buildspec",
        "Skip cache due to: no paths specified to be cached",
        "Registering with agent",
        f"Phases found in YAML: {len(phases)}",
        *(f" {name}: {count} commands" for name, count in phases.items()),
        *phase_lines("DOWNLOAD_SOURCE"),
    ]


def without_seconds(lines):
    return [line for line in lines if not line.startswith("Report auto-discover file discovery")]


@pytest.mark.recorded
def test_the_whole_log_of_an_empty_buildspec(mb, client):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"})
    lines = said(mb, run())
    expected = [*BEGIN, *preparations({})]
    for phase in ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"):
        expected += [f"Entering phase {phase}", *phase_lines(phase)]
    expected += [*REPORTS, *phase_lines("UPLOAD_ARTIFACTS")]
    assert without_seconds(lines) == expected
    assert re.fullmatch(r"Report auto-discover file discovery took \d\.\d{6} seconds", lines[-3])


@pytest.mark.recorded
def test_the_whole_log_of_a_build_that_failed(mb, client):
    text = (
        "version: 0.2\nphases:\n  install: {commands: [npm ci]}\n"
        "  build: {commands: [npm test, npm run build]}\n"
    )
    create(source={"type": "NO_SOURCE", "buildspec": text})
    mb.script("web").fails("BUILD", exit_code=3, output="2 tests failed\n")
    expected = [
        *BEGIN,
        *preparations({"INSTALL": 1, "BUILD": 2}),
        "Entering phase INSTALL",
        "Running command npm ci",
        "",
        *phase_lines("INSTALL"),
        "Entering phase PRE_BUILD",
        *phase_lines("PRE_BUILD"),
        "Entering phase BUILD",
        "Running command npm test",
        "",
        "Running command npm run build",
        "2 tests failed",
        "",
        "Command did not exit successfully npm run build exit status 3",
        *phase_lines(
            "BUILD",
            "FAILED",
            "COMMAND_EXECUTION_ERROR Message: Error while executing command: npm run build. "
            "Reason: exit status 3",
        ),
        "Entering phase POST_BUILD",
        *phase_lines("POST_BUILD"),
        *REPORTS,
        *phase_lines("UPLOAD_ARTIFACTS"),
    ]
    assert without_seconds(said(mb, run())) == expected


@pytest.mark.recorded
@pytest.mark.parametrize("phase", ["INSTALL", "PRE_BUILD"])
def test_after_an_early_failure_the_log_ends(mb, client, phase):
    create(source=buildspec(**{phase.lower(): "make"}))
    mb.script("web").fails(phase)
    assert said(mb, run())[-2:] == phase_lines(
        phase,
        "FAILED",
        "COMMAND_EXECUTION_ERROR Message: Error while executing command: make. "
        "Reason: exit status 1",
    )


@pytest.mark.recorded
def test_a_missing_buildspec(mb, client):
    create(source={"type": "NO_SOURCE", "buildspec": "ci/build.yml"})
    lines = said(mb, run())
    assert lines[-2:] == phase_lines(
        "DOWNLOAD_SOURCE",
        "FAILED",
        "YAML_FILE_ERROR Message: stat SRC/ci/build.yml: no such file or directory",
    )
    assert lines[:4] == BEGIN


@pytest.mark.recorded
def test_phases_nobody_works_in_are_not_logged(mb, web):
    text = "\n".join(said(mb, run()))
    assert not re.search("QUEUED|PROVISIONING|FINALIZING|COMPLETED|SUBMITTED", text)


@pytest.mark.recorded
def test_a_command_of_several_lines(mb, client):
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - |-\n        one\n        two\n"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    lines = stream_of(mb, run()).text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.endswith("Running command one"))
    assert lines[at + 1 : at + 3] == ["two", ""]


@pytest.mark.recorded
def test_every_message_ends_with_a_line_break_and_every_agent_line_has_its_time(mb, web):
    mb.script("web").prints("out\nput")
    build = run()
    events = list(stream_of(mb, build))
    assert all(event.message.endswith("\n") for event in events)
    bare = [event.message for event in events if not PREFIX.match(event.message)]
    assert bare == ["out\n", "put\n", "\n"]
    times = [event.timestamp_ms for event in events]
    assert times == sorted(times)
    assert times[0] / 1000 == pytest.approx(
        phase_of(build, "DOWNLOAD_SOURCE")["startTime"].timestamp(), abs=0.002
    )


@pytest.mark.recorded
def test_a_prefix_is_the_time_of_its_event_in_utc(mb, web):
    event = stream_of(mb, run())[0]
    written = PREFIX.match(event.message)[1] + "+0000"
    at = datetime.strptime(written, "%Y/%m/%d %H:%M:%S.%f%z")
    milliseconds = round(at.timestamp() * 1000)
    assert milliseconds == event.timestamp_ms


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("source", "line"),
    [
        ({"type": "S3", "location": "nowhere-bucket/s.zip"}, "S3 source"),
        (GITHUB, "Github and GitHub Enterprise sources"),
    ],
)
def test_patience_with_sources(mb, client, source, line):
    create(source={**source, "buildspec": buildspec(build="make")["buildspec"]})
    assert f"Setting HTTP client timeout to higher timeout for {line}" in said(mb, run())


@pytest.mark.recorded
def test_the_folder_of_a_repository(mb, client):
    create(source={**GITHUB, "buildspec": "ci/build.yml"})
    lines = said(mb, run())
    assert "CODEBUILD_SRC_DIR=SRC/github.com/o/r" in lines
    assert "YAML location is SRC/github.com/o/r/ci/build.yml" in lines


@pytest.mark.inferred
def test_a_repository_does_not_lead_elsewhere(mb, client):
    create(source={**GITHUB, "location": "https://github.com/../../../../etc/x"})
    assert "CODEBUILD_SRC_DIR=SRC" in said(mb, run())


@pytest.mark.recorded
def test_artifacts(mb, client):
    text = 'version: 0.2\nartifacts: {files: ["*.txt", none/*], base-directory: dist}\n'
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        artifacts={"type": "S3", "location": "out-bucket"},
    )
    mb.script("web").writes({"dist/a.txt": "", "dist/b.txt": ""})
    lines = said(mb, run())
    at = lines.index("Expanding base directory path: dist")
    assert without_seconds(lines[at:]) == [
        "Expanding base directory path: dist",
        "Assembling file list",
        "Expanding dist",
        "Expanding file paths for base directory dist",
        "Assembling file list",
        "Expanding *.txt",
        "Expanding none/*",
        "Skipping invalid file path none/*",
        "Found 2 file(s)",
        *REPORTS,
        *phase_lines("UPLOAD_ARTIFACTS"),
    ]


@pytest.mark.recorded
def test_artifacts_that_are_not_there(mb, client):
    text = "version: 0.2\nartifacts: {files: [none]}\n"
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        artifacts={"type": "S3", "location": "out-bucket"},
    )
    mb.script("web").writes({"a.txt": ""})
    assert said(mb, run())[-2:] == phase_lines(
        "UPLOAD_ARTIFACTS", "FAILED", "CLIENT_ERROR Message: no matching artifact paths found"
    )


@pytest.mark.docs
def test_access_keys_are_masked(mb, web):
    mb.script("web").prints("key AKIAIOSFODNN7EXAMPLE and AKIDNOT\n")
    text = stream_of(mb, run()).text
    assert "AKIAIOSFODNN7EXAMPLE" not in text
    assert "key *** and AKIDNOT\n" in text


@pytest.mark.inferred
def test_the_log_of_a_build_under_way_ends_where_it_is():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(minutes=5).prints("late\n")
        build = start()
        mb.clock.tick(1)
        assert "/aws/codebuild/web" not in mb.logs
        mb.clock.tick(minutes=2)
        assert said(mb, build)[-1] == "Running command make"
        mb.clock.tick(minutes=4)
        assert "late" in said(mb, build)


@pytest.mark.inferred
def test_the_log_of_a_stopped_build_just_ends():
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").takes(minutes=5)
        build = start()
        mb.clock.tick(minutes=2)
        CLIENT.stop_build(id=build["id"])
        mb.clock.tick(hours=1)
        assert said(mb, build)[-1] == "Running command make"


@pytest.mark.docs
def test_reading_the_log_is_a_look(mb, web):
    build = start()
    assert "Running command make" in stream_of(mb, build).text
    assert build["logs"].get("groupName") is None
    assert look(build)["logs"]["groupName"] == "/aws/codebuild/web"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("wanted", "group", "stream"),
    [
        ({"groupName": "builds"}, "builds", "{}"),
        ({"streamName": "web/main"}, "/aws/codebuild/web", "web/main/{}"),
        ({"groupName": "builds", "streamName": "web"}, "builds", "web/{}"),
    ],
)
def test_a_group_and_a_prefix_of_ones_own(mb, client, wanted, group, stream):
    create(logsConfig={"cloudWatchLogs": {"status": "ENABLED", **wanted}})
    build = run()
    stream = stream.format(build["id"].partition(":")[2])
    assert "Running command make" in mb.logs[group][stream].text
    logs = build["logs"]
    assert (logs["groupName"], logs["streamName"]) == (group, stream)
    assert logs["cloudWatchLogsArn"].endswith(f":log-group:{group}:log-stream:{stream}")
    assert logs["cloudWatchLogs"] == {"status": "ENABLED", **wanted}


@pytest.mark.inferred
def test_no_log(mb, client):
    create(logsConfig={"cloudWatchLogs": {"status": "DISABLED"}})
    build = run()
    assert list(mb.logs) == []
    assert "groupName" not in build["logs"]
    assert "streamName" not in build["logs"]
    assert build["logs"]["cloudWatchLogs"] == {"status": "DISABLED"}


@pytest.mark.docs
@pytest.mark.parametrize("cloudwatch", ["ENABLED", "DISABLED"])
@pytest.mark.parametrize(
    ("location", "folder"),
    [
        ("log-bucket", "log-bucket"),
        ("log-bucket/a/b", "log-bucket/a/b"),
        ("arn:aws:s3:::log-bucket/a/", "log-bucket/a"),
    ],
)
def test_a_log_in_s3(mb, client, cloudwatch, location, folder):
    create(
        logsConfig={
            "cloudWatchLogs": {"status": cloudwatch},
            "s3Logs": {"status": "ENABLED", "location": location},
        }
    )
    build = start()
    assert "s3LogsArn" not in build["logs"]
    build = look(build)
    place = f"{folder}/{build['id'].partition(':')[2]}.gz"
    assert build["logs"]["s3LogsArn"] == f"arn:aws:s3:::{place}"
    assert build["logs"]["s3DeepLink"] == (
        f"https://s3.console.aws.amazon.com/s3/object/{place}?region=us-east-1"
    )
    bucket, _, key = place.partition("/")
    text = gzip.decompress(mb.s3[bucket][key]).decode()
    assert "Running command make" in text
    if cloudwatch == "ENABLED":
        assert text == stream_of(mb, build).text


@pytest.mark.inferred
def test_a_log_that_cannot_be_written_changes_nothing():
    with mock_aws(), mock_codebuild():
        create(
            logsConfig={
                "cloudWatchLogs": {"status": "ENABLED", "groupName": "no such: name"},
                "s3Logs": {"status": "ENABLED", "location": "no-such-bucket"},
            }
        )
        assert run()["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_the_log_in_motos_cloudwatch():
    with mock_aws(), mock_codebuild() as mb:
        create()
        mb.script("web").prints("hello\n")
        build = start()
        logs = make_client(service="logs")
        stream = build["id"].partition(":")[2]
        events = logs.get_log_events(
            logGroupName="/aws/codebuild/web", logStreamName=stream, startFromHead=True
        )["events"]
        assert any(event["message"].rstrip() == "hello" for event in events)
        assert look(build)["logs"]["streamName"] == stream
        assert "hello\n" in mb.logs["/aws/codebuild/web"][stream].text


@pytest.mark.docs
def test_a_group_in_moto_that_is_there_already():
    with mock_aws(), mock_codebuild():
        logs = make_client(service="logs")
        logs.create_log_group(logGroupName="/aws/codebuild/web")
        create()
        one, two = run(), run()
        streams = logs.describe_log_streams(logGroupName="/aws/codebuild/web")["logStreams"]
        assert {stream["logStreamName"] for stream in streams} == {
            build["id"].partition(":")[2] for build in (one, two)
        }


@pytest.mark.docs
def test_motos_cloudwatch_of_the_right_region():
    with mock_aws(), mock_codebuild():
        there = make_client("eu-west-1")
        there.create_project(**members())
        build = there.start_build(projectName="web")["build"]
        there.batch_get_builds(ids=[build["id"]])
        groups = [
            make_client(region, "logs").describe_log_groups()["logGroups"]
            for region in ("eu-west-1", "us-east-1")
        ]
        assert [len(found) for found in groups] == [1, 0]


RUNTIMES = """version: 0.2
phases:
  install:
    runtime-versions: {python: 3.12, nodejs: 20}
"""


@pytest.mark.parametrize(
    ("image", "lines"),
    [
        pytest.param(
            "aws/codebuild/standard:7.0",
            [
                "Selecting 'python' runtime version '3.12' based on manual selections...",
                "Selecting 'nodejs' runtime version '20' based on manual selections...",
            ],
            id="curated",
            marks=pytest.mark.recorded,
        ),
        pytest.param(
            "python:3.12",
            [
                "Skipping install of runtimes. Runtime version selection is not supported by "
                "this build image."
            ],
            id="other",
            marks=pytest.mark.docs,
        ),
    ],
)
def test_selected_runtimes(mb, image, lines):
    create(
        source={"type": "NO_SOURCE", "buildspec": RUNTIMES},
        environment=environment(image=image),
    )
    said = mb.logs[run()["logs"]["groupName"]].text.splitlines()
    assert [line.split(" ", 3)[3] for line in said if "runtime" in line] == lines
