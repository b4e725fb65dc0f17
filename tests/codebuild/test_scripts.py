"""``mb.script``: what simulated builds do."""

from datetime import timedelta

import pytest

from mockbuild import ConfigurationError, mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    EVERY_PHASE,
    buildspec,
    context_of,
    create,
    look,
    make_client,
    phase_of,
    run,
    start,
    statuses,
)
from tests.optional import mock_aws

pytestmark = pytest.mark.docs
COMMANDS = ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
NO_PHASES = {"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"}


def log(mb, build):
    return mb.logs["/aws/codebuild/web"][build["id"].partition(":")[2]].text


def without_prefix(text):
    lines = text.splitlines()
    return [line[39:] if line.startswith("[Container] ") else line for line in lines]


@pytest.mark.parametrize("phase", COMMANDS)
def test_fails_with_exit_code_and_output(mb, client, phase):
    create(source=buildspec(**{phase.lower(): "make test"}))
    mb.script("web").fails(phase, exit_code=2, output="boom\n")
    build = run()
    assert statuses(build)[phase] == "FAILED"
    reason = "Error while executing command: make test. Reason: exit status 2"
    assert context_of(build, phase) == ("COMMAND_EXECUTION_ERROR", reason)
    lines = without_prefix(log(mb, build))
    at = lines.index("Running command make test")
    assert lines[at + 1 : at + 4] == [
        "boom",
        "",
        "Command did not exit successfully make test exit status 2",
    ]


@pytest.mark.parametrize("phase", COMMANDS)
def test_fails_where_the_buildspec_has_no_commands(mb, client, phase):
    create(source=NO_PHASES)
    mb.script("web").fails(phase, exit_code=9)
    reason = "Error while executing command: exit 9. Reason: exit status 9"
    assert context_of(run(), phase) == ("COMMAND_EXECUTION_ERROR", reason)


def test_fails_in_the_last_of_several_commands(mb, client):
    text = "version: 0.2\nphases: {build: {commands: [one, two], finally: [three]}}\n"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    mb.script("web").fails()
    build = run()
    assert context_of(build, "BUILD")[1].startswith("Error while executing command: two.")
    ran = [line for line in without_prefix(log(mb, build)) if line.startswith("Running command")]
    assert ran == ["Running command one", "Running command two", "Running command three"]


@pytest.mark.parametrize("phase", sorted(set(EVERY_PHASE[1:-1]) - set(COMMANDS)))
def test_fails_for_a_reason(mb, web, phase):
    mb.script("web").fails(phase, status_code="SOME_CODE", message="some words")
    build = run()
    assert build["buildStatus"] == "FAILED"
    assert statuses(build)[phase] == "FAILED"
    assert context_of(build, phase) == ("SOME_CODE", "some words")


def test_takes(mb, web):
    mb.script("web").takes(90).takes(minutes=2, phase="INSTALL").takes(1, minutes=1, phase="QUEUED")
    build = run()
    assert phase_of(build, "BUILD")["durationInSeconds"] == 90
    assert phase_of(build, "INSTALL")["durationInSeconds"] == 120
    assert phase_of(build, "QUEUED")["durationInSeconds"] == 61


@pytest.mark.parametrize("commands", [1, 3, 7, 11])
def test_takes_is_exact_however_many_commands_there_are(mb, client, commands):
    text = "version: 0.2\nphases: {build: {commands: [" + "make, " * commands + "]}}\n"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    mb.script("web").takes(90)
    assert phase_of(run(), "BUILD")["durationInSeconds"] == 90


def test_a_phase_that_takes_no_time_is_seen_all_the_same():
    with mock_codebuild(transitions="stepped") as mb:
        create()
        script = mb.script("web")
        for phase in EVERY_PHASE[1:-1]:
            script.takes(0, phase=phase)
        build = start()
        seen = [build["currentPhase"]]
        while not build["buildComplete"]:
            build = look(build)
            seen.append(build["currentPhase"])
        assert seen == list(EVERY_PHASE[1:])


def test_takes_is_for_the_phase_in_all(mb, client):
    text = "version: 0.2\nphases: {build: {commands: [one, two, three], finally: [four]}}\n"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    mb.script("web").takes(90)
    assert phase_of(run(), "BUILD")["durationInSeconds"] == 90


def test_other_phases_take_their_usual_time_beside_a_long_one(mb, client):
    text = (
        "version: 0.2\nphases: {build: {commands: [make]}, post_build: {finally: [clean]}}\n"
        'artifacts: {files: ["**/*"], name: $NAME}\n'
    )
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        artifacts={"type": "S3", "location": "out-bucket", "overrideArtifactName": True},
    )
    mb.script("web").takes(minutes=40).writes({"f": "x"})
    build = run()
    assert phase_of(build, "BUILD")["durationInSeconds"] == 2400
    assert phase_of(build, "POST_BUILD")["durationInSeconds"] == 0
    assert phase_of(build, "UPLOAD_ARTIFACTS")["durationInSeconds"] == 0


@pytest.mark.parametrize("phase", EVERY_PHASE[1:-1])
def test_hangs_until_stopped(phase):
    with mock_codebuild(transitions="timed") as mb:
        create()
        mb.script("web").hangs(phase)
        build = start()
        mb.clock.tick(minutes=20)
        assert look(build)["currentPhase"] == phase
        stopped = CLIENT.stop_build(id=build["id"])["build"]
        assert statuses(stopped)[phase] == "STOPPED"
        assert stopped["buildStatus"] == "STOPPED"
        mb.clock.tick(hours=10)
        assert look(build) == stopped


@pytest.mark.parametrize("phase", EVERY_PHASE[1:-1])
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_hangs_until_it_times_out(phase, transitions):
    with mock_codebuild(transitions=transitions) as mb:
        create(timeoutInMinutes=30, queuedTimeoutInMinutes=30)
        mb.script("web").hangs(phase)
        build = start()
        for _ in range(12):
            look(build)
        mb.clock.tick(minutes=25)
        assert look(build)["currentPhase"] == phase
        mb.clock.tick(minutes=10)
        ended = look(build)
        assert ended["buildStatus"] == "TIMED_OUT"
        assert (
            timedelta(minutes=30) <= ended["endTime"] - ended["startTime"] < timedelta(minutes=31)
        )


def test_faults(mb, web):
    mb.script("web").faults()
    build = run()
    assert build["buildStatus"] == "FAULT"
    assert list(statuses(build))[-2:] == ["PROVISIONING", "COMPLETED"]


def test_exports(mb, client):
    text = "version: 0.2\nenv: {exported-variables: [TAG, A-B, NOT_SET]}\n"
    create(source={"type": "NO_SOURCE", "buildspec": text})
    mb.script("web").exports({"A-B": "2"}, TAG="1.2", OTHER="x")
    assert run()["exportedEnvironmentVariables"] == [
        {"name": "TAG", "value": "1.2"},
        {"name": "A-B", "value": "2"},
        {"name": "NOT_SET", "value": ""},
    ]


ARTIFACTS = {"type": "NO_SOURCE", "buildspec": 'version: 0.2\nartifacts: {files: ["dist/*"]}\n'}
OUT = {"type": "S3", "location": "out-bucket", "path": "p", "name": "n"}


def test_writes_files_that_appear_in_s3(mb, client):
    create(source=ARTIFACTS, artifacts=OUT)
    mb.script("web").writes({"dist/a.txt": "text", "dist/b": b"\x00", "src/c": "not taken"})
    build = start()
    assert dict(mb.s3["out-bucket"]) == {"p/n/dist/a.txt": b"text", "p/n/dist/b": b"\x00"}
    meta = mb.s3["out-bucket"].metadata("p/n/dist/a.txt")
    assert meta["codebuild-buildarn"] == build["arn"]


def test_writes_files_that_appear_in_motos_s3():
    with mock_aws(), mock_codebuild() as mb:
        s3 = make_client(service="s3")
        s3.create_bucket(Bucket="out-bucket")
        create(source=ARTIFACTS, artifacts=OUT)
        mb.script("web").writes({"dist/a.txt": "text"})
        start()
        body = s3.get_object(Bucket="out-bucket", Key="p/n/dist/a.txt")["Body"]
        with body:
            assert body.read() == b"text"


def test_a_bucket_that_motos_s3_does_not_have():
    with mock_aws(), mock_codebuild() as mb:
        create(source=ARTIFACTS, artifacts=OUT)
        mb.script("web").writes({"dist/a.txt": "text"})
        build = run()
        assert build["buildStatus"] == "FAILED"
        assert context_of(build, "UPLOAD_ARTIFACTS")[0] == "CLIENT_ERROR"


@pytest.mark.parametrize("location", ["Not_A_Bucket", "b"])
def test_a_bucket_that_there_cannot_be(mb, client, location):
    create(source=ARTIFACTS, artifacts={**OUT, "location": location})
    mb.script("web").writes({"dist/a.txt": "text"})
    build = run()
    assert statuses(build)["UPLOAD_ARTIFACTS"] == "FAILED"
    assert context_of(build, "UPLOAD_ARTIFACTS")[0] == "CLIENT_ERROR"


def test_a_bucket_that_is_deleted_while_the_build_goes_on():
    with mock_aws(), mock_codebuild() as mb:
        s3 = make_client(service="s3")
        s3.create_bucket(Bucket="out-bucket")
        create(source=ARTIFACTS, artifacts=OUT)
        mb.script("web").writes({"dist/a.txt": "text"})
        build = start()
        s3.delete_bucket(Bucket="out-bucket")
        assert look(build)["buildComplete"] is True


def test_files_wait_for_their_time():
    with mock_codebuild(transitions="timed") as mb:
        create(source=ARTIFACTS, artifacts=OUT)
        mb.script("web").writes({"dist/a.txt": "text"}).takes(minutes=5)
        start()
        mb.clock.tick(minutes=4)
        assert "out-bucket" not in mb.s3
        mb.clock.tick(minutes=2)
        assert list(mb.s3["out-bucket"]) == ["p/n/dist/a.txt"]


def test_no_files_of_a_build_that_was_stopped():
    with mock_codebuild(transitions="timed") as mb:
        create(source=ARTIFACTS, artifacts=OUT)
        mb.script("web").writes({"dist/a.txt": "text"}).takes(minutes=5)
        build = start()
        mb.clock.tick(minutes=4)
        CLIENT.stop_build(id=build["id"])
        mb.clock.tick(hours=2)
        assert "out-bucket" not in mb.s3


SECONDARY = """\
version: 0.2
artifacts:
  files: [app/*]
  secondary-artifacts:
    docs: {files: ["**/*"], base-directory: docs, discard-paths: yes}
"""


def test_secondary_artifacts(mb, client):
    more = [
        {"type": "S3", "location": "docs-bucket", "artifactIdentifier": "docs", "name": "d"},
        {"type": "S3", "location": "map-bucket", "artifactIdentifier": "map", "name": "m"},
    ]
    create(
        source={"type": "NO_SOURCE", "buildspec": SECONDARY},
        artifacts=OUT,
        secondaryArtifacts=more,
    )
    mb.script("web").writes({"app/x": "1", "docs/a/b.html": "2"})
    build = run()
    assert dict(mb.s3["out-bucket"]) == {"p/n/app/x": b"1"}
    assert dict(mb.s3["docs-bucket"]) == {"d/b.html": b"2"}
    assert "map-bucket" not in mb.s3
    assert [shown["artifactIdentifier"] for shown in build["secondaryArtifacts"]] == ["docs", "map"]


def test_files_that_match_nothing(mb, client):
    create(source=ARTIFACTS, artifacts=OUT)
    mb.script("web").writes({"elsewhere/a.txt": "text"})
    build = run()
    assert build["buildStatus"] == "FAILED"
    assert context_of(build, "UPLOAD_ARTIFACTS") == (
        "CLIENT_ERROR",
        "no matching artifact paths found",
    )


def test_no_files_said_is_no_failure(mb, client):
    create(source=ARTIFACTS, artifacts=OUT)
    assert run()["buildStatus"] == "SUCCEEDED"


@pytest.mark.parametrize("phase", COMMANDS)
def test_prints(mb, client, phase):
    create(source=buildspec(**{phase.lower(): "make"}))
    mb.script("web").prints("one\ntwo", phase=phase)
    lines = without_prefix(log(mb, run()))
    at = lines.index("Running command make")
    assert lines[at + 1 : at + 4] == ["one", "two", ""]


def test_prints_where_the_buildspec_has_no_commands(mb, client):
    create(source=NO_PHASES)
    mb.script("web").prints("hello\n")
    assert "hello" in without_prefix(log(mb, run()))


def test_a_script_is_for_its_project(mb, web):
    create("other")
    mb.script("web").fails()
    assert run("other")["buildStatus"] == "SUCCEEDED"
    assert run("web")["buildStatus"] == "FAILED"


def test_a_script_stands_until_another_is_made(mb, web):
    mb.script("web").fails()
    assert [run()["buildStatus"] for _ in range(3)] == ["FAILED"] * 3
    mb.script("web")
    assert run()["buildStatus"] == "SUCCEEDED"


def test_a_script_for_so_many_builds(mb, web):
    mb.script("web", times=2).fails()
    mb.script("web", times=1).faults()
    ends = [run()["buildStatus"] for _ in range(4)]
    assert ends == ["FAILED", "FAILED", "FAULT", "SUCCEEDED"]


def test_counted_go_before_standing_and_own_before_any(mb, web):
    create("other")
    mb.script().faults()
    mb.script("web").fails()
    mb.script("web", times=1)
    assert run("web")["buildStatus"] == "SUCCEEDED"
    assert run("web")["buildStatus"] == "FAILED"
    assert run("other")["buildStatus"] == "FAULT"


def test_a_projects_own_script_goes_before_a_counted_one_for_any(mb, web):
    create("other")
    mb.script(times=1).faults()
    mb.script("web").fails()
    assert run("web")["buildStatus"] == "FAILED"
    assert run("other")["buildStatus"] == "FAULT"
    assert run("other")["buildStatus"] == "SUCCEEDED"


def test_a_script_does_not_change_builds_that_have_started(mb, web):
    build = start()
    mb.script("web").fails()
    assert look(build)["buildStatus"] == "SUCCEEDED"


def test_a_retry_takes_the_next_script(mb, web):
    mb.script("web", times=1).fails()
    first = run()
    again = CLIENT.retry_build(id=first["id"])["build"]
    assert look(again)["buildStatus"] == "SUCCEEDED"


def test_everything_at_once(mb, client):
    create(source=buildspec(build="make"))
    mb.script("web").takes(30, phase="INSTALL").prints("x", phase="BUILD").fails("POST_BUILD")
    build = run()
    assert phase_of(build, "INSTALL")["durationInSeconds"] == 30
    assert statuses(build)["POST_BUILD"] == "FAILED"
    assert "x" in without_prefix(log(mb, build))


BAD = {
    "no such phase": lambda script: script.fails("COMPILE"),
    "a phase that cannot fail": lambda script: script.fails("SUBMITTED"),
    "success": lambda script: script.fails(exit_code=0),
    "too large an exit code": lambda script: script.fails(exit_code=256),
    "printing nowhere": lambda script: script.prints("x", phase="PROVISIONING"),
    "output nowhere": lambda script: script.fails("PROVISIONING", output="x"),
    "less than no time": lambda script: script.takes(-1),
    "for ever": lambda script: script.takes(float("inf")),
    "no number": lambda script: script.takes(float("nan")),
    "hanging nowhere": lambda script: script.hangs("COMPLETED"),
    "a file above": lambda script: script.writes({"../x": ""}),
    "a file at the root": lambda script: script.writes({"/x": ""}),
}


@pytest.mark.parametrize("said", BAD.values(), ids=BAD)
def test_what_makes_no_sense_is_refused_at_once(mb, said):
    with pytest.raises(ConfigurationError):
        said(mb.script("web"))


@pytest.mark.parametrize("times", [0, -1])
def test_for_no_builds_at_all(mb, times):
    with pytest.raises(ConfigurationError):
        mb.script("web", times=times)


@pytest.mark.parametrize("code", [1, 255])
def test_exit_codes_at_their_limits(mb, web, code):
    mb.script("web").fails(exit_code=code)
    assert context_of(run(), "BUILD")[1].endswith(f"exit status {code}")


def test_a_refused_word_leaves_the_script_as_it_was(mb, web):
    script = mb.script("web")
    with pytest.raises(ConfigurationError):
        script.fails("PROVISIONING", output="x")
    assert run()["buildStatus"] == "SUCCEEDED"
