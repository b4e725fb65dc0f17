"""A build's record at each moment of its life."""

import itertools
import re
from datetime import timedelta

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    ACCOUNT,
    CLIENT,
    EVERY_PHASE,
    context_of,
    create,
    environment,
    look,
    phase_of,
    run,
    start,
    statuses,
)

SHORT = {"timeoutInMinutes": 5, "queuedTimeoutInMinutes": 10}


@pytest.fixture
def timed():
    with mock_codebuild(transitions="timed") as mb:
        yield mb


def boundaries_are_shared(phases):
    return all(
        before["endTime"] == after["startTime"] for before, after in itertools.pairwise(phases)
    )


@pytest.mark.recorded
def test_a_build_that_succeeded(web):
    build = run()
    assert build["buildStatus"] == "SUCCEEDED"
    assert build["buildComplete"] is True
    assert build["currentPhase"] == "COMPLETED"
    assert build["endTime"] == build["phases"][-1]["startTime"]
    assert tuple(phase["phaseType"] for phase in build["phases"]) == EVERY_PHASE
    assert boundaries_are_shared(build["phases"])
    assert build["phases"][0]["startTime"] == build["startTime"]


@pytest.mark.recorded
def test_contexts_of_a_build_that_succeeded(web):
    for phase in run()["phases"]:
        name = phase["phaseType"]
        if name == "COMPLETED":
            assert set(phase) == {"phaseType", "startTime"}
        elif name in ("SUBMITTED", "QUEUED"):
            assert "contexts" not in phase
        else:
            assert phase["contexts"] == [{"statusCode": "", "message": ""}]
        if name != "COMPLETED":
            assert phase["phaseStatus"] == "SUCCEEDED"


@pytest.mark.recorded
def test_durations_are_cut_off_not_rounded(mb, web):
    mb.script("web").takes(34.9).takes(0.346, phase="INSTALL")
    build = run()
    assert phase_of(build, "BUILD")["durationInSeconds"] == 34
    assert phase_of(build, "INSTALL")["durationInSeconds"] == 0
    for phase in build["phases"][:-1]:
        span = phase["endTime"] - phase["startTime"]
        assert phase["durationInSeconds"] == span // timedelta(seconds=1)


@pytest.mark.recorded
def test_where_the_log_of_a_finished_build_is(web):
    build = run()
    stream = build["id"].partition(":")[2]
    assert build["logs"] == {
        "groupName": "/aws/codebuild/web",
        "streamName": stream,
        "deepLink": "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        f"#logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252Fweb/log-events/{stream}",
        "cloudWatchLogsArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/codebuild/web"
        f":log-stream:{stream}",
        "cloudWatchLogs": {"status": "ENABLED"},
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
    }


@pytest.mark.docs
def test_where_the_log_is_while_the_build_goes_on():
    with mock_codebuild(transitions="stepped"):
        create()
        build = start()
        seen = {}
        while not build["buildComplete"]:
            seen[build["currentPhase"]] = "groupName" in build["logs"]
            build = look(build)
    before = {"QUEUED", "PROVISIONING"}
    assert {phase for phase, there in seen.items() if not there} == before
    assert set(seen) == set(EVERY_PHASE) - {"SUBMITTED", "COMPLETED"}


@pytest.mark.recorded
def test_a_build_under_way(timed):
    create()
    timed.script("web").takes(minutes=4)
    build = start()
    timed.clock.tick(minutes=1)
    now = look(build)
    assert now["buildStatus"] == "IN_PROGRESS"
    assert now["buildComplete"] is False
    assert now["currentPhase"] == "BUILD"
    assert "endTime" not in now
    assert now["phases"][-1] == {
        "phaseType": "BUILD",
        "startTime": now["phases"][-1]["startTime"],
    }
    assert boundaries_are_shared(now["phases"])


COMMANDS = "Error while executing command: make it. Reason: exit status 3"
#: phase: phases after it, its context
FAILURES = {
    "QUEUED": (["COMPLETED"], ("CODE", "reason")),
    "PROVISIONING": (["COMPLETED"], ("CODE", "reason")),
    "DOWNLOAD_SOURCE": (["FINALIZING", "COMPLETED"], ("CODE", "reason")),
    "INSTALL": (["FINALIZING", "COMPLETED"], ("COMMAND_EXECUTION_ERROR", COMMANDS)),
    "PRE_BUILD": (["FINALIZING", "COMPLETED"], ("COMMAND_EXECUTION_ERROR", COMMANDS)),
    "BUILD": (
        ["POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"],
        ("COMMAND_EXECUTION_ERROR", COMMANDS),
    ),
    "POST_BUILD": (
        ["UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"],
        ("COMMAND_EXECUTION_ERROR", COMMANDS),
    ),
    "UPLOAD_ARTIFACTS": (["FINALIZING", "COMPLETED"], ("CODE", "reason")),
    "FINALIZING": (["COMPLETED"], ("CODE", "reason")),
}


#: Recorded of INSTALL and PRE_BUILD is that their logs end there.
RECORDED = {"INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"}


@pytest.mark.parametrize(
    "phase",
    [
        pytest.param(name, marks=pytest.mark.recorded if name in RECORDED else pytest.mark.inferred)
        for name in FAILURES
    ],
)
def test_a_build_that_failed(mb, client, phase):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"})
    mb.script("web").fails(
        phase, exit_code=3, command="make it", status_code="CODE", message="reason"
    )
    build = run()
    following, context = FAILURES[phase]
    names = [entry["phaseType"] for entry in build["phases"]]
    at = names.index(phase)
    assert names[:at] == list(EVERY_PHASE[:at])
    assert names[at + 1 :] == following
    assert build["buildStatus"] == "FAILED"
    assert build["buildComplete"] is True
    assert build["currentPhase"] == "COMPLETED"
    assert statuses(build) == {
        **dict.fromkeys(names, "SUCCEEDED"),
        phase: "FAILED",
        "COMPLETED": None,
    }
    assert context_of(build, phase) == context
    assert boundaries_are_shared(build["phases"])


@pytest.mark.recorded
def test_a_failing_command_is_quoted_as_it_was_written(mb, client):
    command = "docker push $IMAGE_URL/$REPO\nsecond line"
    create(
        source={
            "type": "NO_SOURCE",
            "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n"
            "      - |-\n        docker push $IMAGE_URL/$REPO\n        second line\n",
        }
    )
    mb.script("web").fails("BUILD", exit_code=1)
    assert context_of(run(), "BUILD") == (
        "COMMAND_EXECUTION_ERROR",
        f"Error while executing command: {command}. Reason: exit status 1",
    )


@pytest.mark.recorded
def test_a_build_that_was_stopped(timed):
    create()
    timed.script("web").hangs()
    build = start()
    timed.clock.tick(minutes=1)
    stopped = CLIENT.stop_build(id=build["id"])["build"]
    assert stopped["buildStatus"] == "STOPPED"
    assert stopped["currentPhase"] == "COMPLETED"
    assert stopped["buildComplete"] is True
    names = [phase["phaseType"] for phase in stopped["phases"]]
    assert names == [*EVERY_PHASE[: EVERY_PHASE.index("BUILD") + 1], "COMPLETED"]
    last = phase_of(stopped, "BUILD")
    assert last["phaseStatus"] == "STOPPED"
    assert "contexts" not in last
    assert stopped["endTime"] == last["endTime"]
    assert look(build) == stopped


@pytest.mark.inferred
@pytest.mark.parametrize(
    "phase",
    [
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "INSTALL",
        "PRE_BUILD",
        "BUILD",
        "POST_BUILD",
        "UPLOAD_ARTIFACTS",
        "FINALIZING",
    ],
)
@pytest.mark.parametrize("how", ["hangs", "takes"])
def test_a_build_that_timed_out(timed, phase, how):
    create(**SHORT)
    script = timed.script("web")
    if how == "hangs":
        script.hangs(phase)
    else:
        script.takes(minutes=60, phase=phase)
    build = start()
    timed.clock.tick(minutes=4)
    assert look(build)["currentPhase"] == phase
    timed.clock.tick(minutes=2)
    ended = look(build)
    assert ended["buildStatus"] == "TIMED_OUT"
    assert phase_of(ended, phase)["phaseStatus"] == "TIMED_OUT"
    assert context_of(ended, phase) == ("BUILD_TIMED_OUT", "Build has timed out. ")
    assert ended["phases"][-2]["phaseType"] == phase
    left_queue = phase_of(ended, "PROVISIONING")["startTime"]
    assert ended["endTime"] - left_queue == timedelta(minutes=5)


@pytest.mark.inferred
@pytest.mark.parametrize("how", ["hangs", "takes"])
def test_a_build_that_waited_too_long(timed, how):
    create(**SHORT)
    script = timed.script("web")
    if how == "hangs":
        script.hangs("QUEUED")
    else:
        script.takes(minutes=60, phase="QUEUED")
    build = start()
    timed.clock.tick(minutes=9)
    assert look(build)["currentPhase"] == "QUEUED"
    timed.clock.tick(minutes=2)
    ended = look(build)
    assert ended["buildStatus"] == "TIMED_OUT"
    assert list(statuses(ended)) == ["SUBMITTED", "QUEUED", "COMPLETED"]
    assert ended["endTime"] - ended["startTime"] == timedelta(minutes=10)
    assert "groupName" not in ended["logs"]


@pytest.mark.inferred
def test_waiting_does_not_count_towards_the_timeout(timed):
    create(**SHORT)
    timed.script("web").takes(minutes=8, phase="QUEUED").takes(minutes=4)
    build = start()
    timed.clock.tick(minutes=13)
    assert look(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.inferred
@pytest.mark.parametrize("end", ["STOPPED", "TIMED_OUT"])
def test_how_a_build_ended_counts_more_than_that_it_was_failing(timed, end):
    create(**SHORT)
    timed.script("web").fails("BUILD").hangs("POST_BUILD")
    build = start()
    timed.clock.tick(minutes=2)
    if end == "STOPPED":
        CLIENT.stop_build(id=build["id"])
    timed.clock.tick(minutes=5)
    ended = look(build)
    assert ended["buildStatus"] == end
    assert statuses(ended)["BUILD"] == "FAILED"
    assert statuses(ended)["POST_BUILD"] == end


@pytest.mark.docs
def test_a_fault_of_the_service(mb, web):
    mb.script("web").faults("the host died")
    build = run()
    assert build["buildStatus"] == "FAULT"
    assert statuses(build)["PROVISIONING"] == "FAULT"
    assert context_of(build, "PROVISIONING")[1] == "the host died"
    assert build["phases"][-1]["phaseType"] == "COMPLETED"


@pytest.mark.docs
def test_zipped_artifacts_have_hashes(mb, client):
    extra = "artifacts:\n  files: ['**/*']\n"
    create(
        source={"type": "NO_SOURCE", "buildspec": "version: 0.2\n" + extra},
        artifacts={"type": "S3", "location": "out-bucket", "packaging": "ZIP", "name": "a.zip"},
    )
    mb.script("web").writes({"f.txt": "x"})
    assert set(start()["artifacts"]) == {"location", "encryptionDisabled"}
    done = run()["artifacts"]
    assert len(done["md5sum"]) == 32
    assert len(done["sha256sum"]) == 64


@pytest.mark.docs
def test_loose_artifacts_have_none(mb, client):
    create(
        source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nartifacts: {files: ['*']}\n"},
        artifacts={"type": "S3", "location": "out-bucket"},
    )
    mb.script("web").writes({"f.txt": "x"})
    assert set(run()["artifacts"]) == {"location", "encryptionDisabled"}


@pytest.mark.docs
@pytest.mark.parametrize("version", [None, "main", "pr/7", "0123456789abcdef" * 2 + "01234567"])
def test_a_repository_resolves_to_a_commit(client, version):
    create(source={"type": "GITHUB", "location": "https://github.com/o/r.git"})
    build = start(**({"sourceVersion": version} if version else {}))
    assert build.get("sourceVersion") == version
    assert "resolvedSourceVersion" not in build
    commit = look(build)["resolvedSourceVersion"]
    assert len(commit) == 40
    if version and len(version) == 40:
        assert commit == version


VPC = {"vpcId": "vpc-1", "subnets": ["s1", "s2"], "securityGroupIds": ["g"]}


@pytest.mark.docs
def test_a_build_in_a_vpc_has_a_network_interface_once_it_has_a_machine():
    with mock_codebuild(transitions="stepped"):
        create(vpcConfig=VPC)
        build, seen = start(), {}
        while not build["buildComplete"]:
            seen[build["currentPhase"]] = build.get("networkInterface")
            build = look(build)
        other = start()
        while not other["buildComplete"]:
            other = look(other)
    interface = build["networkInterface"]
    assert interface["subnetId"] == "s1"
    assert re.fullmatch("eni-[0-9a-f]{17}", interface["networkInterfaceId"])
    assert seen.pop("QUEUED") is seen.pop("PROVISIONING") is None
    assert all(one == interface for one in seen.values())
    assert other["networkInterface"]["networkInterfaceId"] != interface["networkInterfaceId"]


@pytest.mark.docs
@pytest.mark.parametrize("why", ["no vpc", "no machine"])
def test_a_build_without_a_network_interface(mb, client, why):
    create(vpcConfig=None if why == "no vpc" else VPC)
    if why == "no machine":
        mb.script("web").fails("PROVISIONING")
    assert "networkInterface" not in run()


@pytest.mark.docs
def test_s3_resolves_to_nothing(client):
    create(source={"type": "S3", "location": "nowhere-bucket/k.zip"})
    assert "resolvedSourceVersion" not in run(sourceVersion="v1")


@pytest.mark.docs
def test_exported_variables_show_at_the_end_of_post_build():
    text = (
        "version: 0.2\nenv:\n  variables: {A: one}\n  exported-variables: [A, AWS_X, B]\n"
        "phases:\n  build:\n    commands: [make]\n"
    )
    with mock_codebuild(transitions="stepped"):
        create(
            source={"type": "NO_SOURCE", "buildspec": text},
            environment=environment(environmentVariables=[{"name": "B", "value": "two"}]),
        )
        build, first = start(), None
        while not build["buildComplete"]:
            build = look(build)
            if first is None and "exportedEnvironmentVariables" in build:
                first = build["currentPhase"]
    assert first == "UPLOAD_ARTIFACTS"
    assert build["exportedEnvironmentVariables"] == [
        {"name": "A", "value": "one"},
        {"name": "B", "value": "two"},
    ]


@pytest.mark.docs
def test_a_failed_build_is_retried_as_often_as_the_project_says(mb, client):
    create(autoRetryLimit=2)
    mb.script("web").fails()
    first = run()
    mb.clock.tick(minutes=5)
    seen = []
    arn = first["arn"]
    while arn is not None:
        build = look(arn)
        seen.append(build["autoRetryConfig"])
        arn = build["autoRetryConfig"].get("nextAutoRetry")
    assert [config["autoRetryNumber"] for config in seen] == [0, 1, 2]
    assert seen[1]["previousAutoRetry"] == first["arn"]
    assert "previousAutoRetry" not in seen[0]
    assert len(CLIENT.list_builds()["ids"]) == 3


@pytest.mark.inferred
def test_a_retry_starts_when_its_predecessor_ended_however_late_somebody_looks(timed):
    create(autoRetryLimit=1)
    timed.script("web").fails().takes(minutes=3)
    first = start()
    timed.clock.tick(hours=5)
    first = look(first)
    second = look(first["autoRetryConfig"]["nextAutoRetry"])
    assert second["startTime"] == first["endTime"]
    assert second["buildStatus"] == "FAILED"


@pytest.mark.docs
@pytest.mark.parametrize("how", ["stops", "succeeds", "times out"])
def test_only_failed_builds_are_retried(mb, client, how):
    create(autoRetryLimit=2, timeoutInMinutes=5)
    if how != "succeeds":
        mb.script("web").hangs()
    build = start()
    look(build)
    if how == "stops":
        CLIENT.stop_build(id=build["id"])
    mb.clock.tick(hours=1)
    assert look(build)["buildComplete"] is True
    assert CLIENT.list_builds()["ids"] == [build["id"]]
