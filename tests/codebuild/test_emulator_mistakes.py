"""What emulators of CodeBuild commonly get wrong, one test each."""

import io
import json
import re
import time
import uuid
import zipfile

import pytest
import urllib3
from botocore.exceptions import ClientError

from mockbuild import mock_codebuild
from mockbuild.wire import cbor
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    EVERY_PHASE,
    RAW,
    ROLE,
    buildspec,
    context_of,
    create,
    environment,
    look,
    members,
    phase_of,
    run,
    start,
    statuses,
)

URL = "https://codebuild.us-east-1.amazonaws.com"
NAMES = {"names": ["none", "web"]}


@pytest.mark.model
def test_json_and_cbor_are_both_spoken(web):
    """botocore chooses the first of them, other SDKs the second."""
    with urllib3.PoolManager() as pool:
        json_answer = pool.request(
            "POST",
            URL,
            body=json.dumps(NAMES).encode(),
            headers={
                "X-Amz-Target": "CodeBuild_20161006.BatchGetProjects",
                "Content-Type": "application/x-amz-json-1.1",
            },
        )
        cbor_answer = pool.request(
            "POST",
            f"{URL}/service/CodeBuild_20161006/operation/BatchGetProjects",
            body=cbor.dumps(NAMES),
            headers={"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"},
        )
    assert cbor_answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert cbor_answer.headers["Content-Type"] == "application/cbor"
    for answer, read in ((json_answer, json.loads), (cbor_answer, cbor.loads)):
        assert answer.status == 200
        told = read(answer.data)
        assert [one["arn"] for one in told["projects"]] == [web["arn"]]
        assert told["projectsNotFound"] == ["none"]
    assert CLIENT.meta.service_model.resolved_protocol == "json"


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("start_build", {"projectName": "none"}, "ResourceNotFoundException"),
        ("create_project", members(), "ResourceAlreadyExistsException"),
        ("create_project", members("a b"), "InvalidInputException"),
        ("start_build", {"projectName": "full"}, "AccountLimitExceededException"),
        ("create_webhook", {"projectName": "nowhere"}, "OAuthProviderException"),
        ("start_sandbox", {"projectName": "web"}, "AccountSuspendedException"),
    ],
)
def test_errors_are_400_and_not_404_or_409(mb, client, operation, params, code):
    create()
    create("full", concurrentBuildLimit=1)
    start("full")
    connection = {"type": "SECRETS_MANAGER", "resource": "arn:aws:secretsmanager:::secret:s"}
    create("nowhere", source={"type": "GITHUB", "location": "nowhere", "auth": connection})
    mb.faults.on("StartSandbox").raises("AccountSuspendedException", "because")
    with pytest.raises(ClientError) as caught:
        getattr(CLIENT, operation)(**params)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.model
def test_it_is_last_modified_and_a_time(web):
    assert "lastModifiedDate" not in web
    assert web["lastModified"] == web["created"]


@pytest.mark.recorded
def test_timeouts_default_to_60_and_480(web):
    build = start()
    for record in (web, build):
        assert (record["timeoutInMinutes"], record["queuedTimeoutInMinutes"]) == (60, 480)


@pytest.mark.recorded
def test_unknown_ids_are_listed_and_not_raised(client):
    assert CLIENT.batch_get_projects(names=["none"])["projectsNotFound"] == ["none"]
    assert CLIENT.batch_get_builds(ids=["a:b"])["buildsNotFound"] == ["a:b"]


BATCH_GETS = {
    "batch_get_builds": ("ids", ["a:b"], "builds"),
    "batch_get_build_batches": ("ids", ["a:b"], "buildBatches"),
    "batch_get_projects": ("names", ["a"], "projects"),
    "batch_get_fleets": ("names", ["a"], "fleets"),
    "batch_get_report_groups": ("reportGroupArns", [f"{ARN}:report-group/a"], "reportGroups"),
    "batch_get_reports": ("reportArns", [f"{ARN}:report/a:b"], "reports"),
    "batch_get_sandboxes": ("ids", ["a:b"], "sandboxes"),
    "batch_get_command_executions": ("commandExecutionIds", ["a"], "commandExecutions"),
}


@pytest.mark.recorded
@pytest.mark.parametrize("operation", BATCH_GETS)
def test_both_lists_are_there_even_when_empty(web, operation):
    member, unknown, found = BATCH_GETS[operation]
    more = {}
    if member == "commandExecutionIds":
        more["sandboxId"] = CLIENT.start_sandbox(projectName="web")["sandbox"]["id"]
    answer = getattr(CLIENT, operation)(**{member: unknown}, **more)
    assert (answer[found], answer[f"{found}NotFound"]) == ([], unknown)


@pytest.mark.model
def test_every_batch_get_is_looked_at():
    names = [name for name in CLIENT.meta.method_to_api_mapping if name.startswith("batch_get_")]
    assert sorted(names) == sorted(BATCH_GETS)


@pytest.mark.model
def test_build_numbers_count_from_one(web):
    assert [start()["buildNumber"] for _ in range(3)] == [1, 2, 3]


@pytest.mark.recorded
def test_completed_has_no_status_and_no_duration(web):
    assert set(phase_of(run(), "COMPLETED")) == {"phaseType", "startTime"}


@pytest.mark.recorded
def test_queued_and_finalizing_are_there_in_order(web):
    assert tuple(statuses(run())) == EVERY_PHASE


@pytest.mark.recorded
def test_start_build_does_not_answer_with_a_finished_build(web):
    build = start()
    assert (build["buildStatus"], build["currentPhase"]) == ("IN_PROGRESS", "QUEUED")


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("transitions", "phase"), [("stepped", "PROVISIONING"), ("timed", "QUEUED")]
)
def test_the_first_look_need_not_see_the_end(transitions, phase):
    with mock_codebuild(transitions=transitions):
        create()
        build = look(start())
        assert (build["buildStatus"], build["currentPhase"]) == ("IN_PROGRESS", phase)


@pytest.mark.model
def test_overrides_count_and_are_not_stored(web):
    assert start(imageOverride="debian")["environment"]["image"] == "debian"
    assert start()["environment"]["image"] == web["environment"]["image"]


@pytest.mark.model
def test_no_source_needs_no_location(client):
    assert "location" not in create()["source"]


@pytest.mark.model
def test_a_builds_source_is_its_projects(client):
    source = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
    create(source=source)
    assert start()["source"] == {**source, "insecureSsl": False}


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "good"), [("1st", True), ("a_b-c", True), ("a b", False), ("-a", False), ("_a", False)]
)
def test_names_keep_to_the_models_pattern(client, name, good):
    if good:
        assert create(name)["name"] == name
    else:
        with pytest.raises(CLIENT.exceptions.InvalidInputException):
            create(name)


@pytest.mark.model
def test_batch_get_projects_takes_arns(web):
    assert CLIENT.batch_get_projects(names=[web["arn"]])["projects"] == [web]


@pytest.mark.recorded
def test_a_source_credential_has_no_uuid_in_its_arn(client):
    token = {"token": "t", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    assert CLIENT.import_source_credentials(**token)["arn"] == f"{ARN}:token/github"


@pytest.mark.recorded
def test_a_builds_artifacts_are_not_its_projects(client):
    create(artifacts={"type": "S3", "location": "out", "packaging": "ZIP"})
    artifacts = start()["artifacts"]
    assert artifacts["location"] == "arn:aws:s3:::out/web"
    assert not {"type", "name", "packaging"} & set(artifacts)


@pytest.mark.recorded
def test_no_artifacts_have_an_empty_location(web):
    assert start()["artifacts"]["location"] == ""


@pytest.mark.recorded
def test_logs_are_null_before_provisioning(web):
    logs = start()["logs"]
    assert logs["cloudWatchLogsArn"].endswith("log-group:null:log-stream:null")
    assert logs["deepLink"].endswith("#logEvent:group=null;stream=null")
    assert "groupName" not in logs


@pytest.mark.recorded
def test_a_stream_is_the_builds_uuid(web):
    build = run()
    assert build["logs"]["streamName"] == build["id"].partition(":")[2]


@pytest.mark.docs
def test_a_stream_with_a_prefix_is_prefix_and_uuid(client):
    create(logsConfig={"cloudWatchLogs": {"status": "ENABLED", "streamName": "p"}})
    build = run()
    assert build["logs"]["streamName"] == "p/" + build["id"].partition(":")[2]


@pytest.mark.docs
def test_a_build_id_is_project_and_uuid(web):
    name, _, tail = start()["id"].partition(":")
    assert (name, str(uuid.UUID(tail))) == ("web", tail)


@pytest.mark.recorded
def test_the_text_of_a_failed_command(mb, client):
    create(source=buildspec(build="make"))
    mb.script("web").fails(exit_code=2)
    assert context_of(run(), "BUILD") == (
        "COMMAND_EXECUTION_ERROR",
        "Error while executing command: make. Reason: exit status 2",
    )


@pytest.mark.recorded
@pytest.mark.parametrize(("phase", "runs"), [("BUILD", True), ("PRE_BUILD", False)])
def test_post_build_runs_after_build_but_not_after_pre_build_has_failed(mb, web, phase, runs):
    mb.script("web").fails(phase)
    assert ("POST_BUILD" in statuses(run())) is runs


@pytest.mark.recorded
def test_a_bad_buildspec_fails_download_source_and_not_provisioning(client):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: [\n"})
    build = run()
    assert statuses(build)["PROVISIONING"] == "SUCCEEDED"
    assert context_of(build, "DOWNLOAD_SOURCE")[0] == "YAML_FILE_ERROR"


EXPORTS = "version: 0.2\nenv:\n  variables: {A: %s}\n  exported-variables: [A]\n"


@pytest.mark.docs
def test_a_projects_variable_beats_the_buildspecs_and_the_starts_beats_both(client):
    create(
        source={"type": "NO_SOURCE", "buildspec": EXPORTS % "spec"},
        environment=environment(environmentVariables=[{"name": "A", "value": "project"}]),
    )
    one = run()["exportedEnvironmentVariables"]
    two = run(environmentVariablesOverride=[{"name": "A", "value": "start"}])
    assert one == [{"name": "A", "value": "project"}]
    assert two["exportedEnvironmentVariables"] == [{"name": "A", "value": "start"}]


@pytest.mark.recorded
def test_empty_phases_are_logged_and_finalizing_is_not(mb, client):
    create(source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n"})
    run()
    text = mb.logs["/aws/codebuild/web"].text
    for phase in ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"):
        assert f"Entering phase {phase}\n" in text
        assert f"Phase complete: {phase} State: SUCCEEDED\n" in text
    assert "FINALIZING" not in text


@pytest.mark.docs
def test_variables_of_a_buildspec_are_not_expanded(client):
    create(source={"type": "NO_SOURCE", "buildspec": EXPORTS % "$PATH:x"})
    assert run()["exportedEnvironmentVariables"] == [{"name": "A", "value": "$PATH:x"}]


def run_here(text):
    """Really run a buildspec; return the build and its log."""
    with mock_codebuild(runner="local", clock="virtual") as mb:
        create(source={"type": "NO_SOURCE", "buildspec": text})
        build = start()
        while not build["buildComplete"]:
            time.sleep(5)
            build = look(build)
        return build, mb.logs["/aws/codebuild/web"].text


@pytest.mark.docs
@pytest.mark.parametrize(("version", "shared"), [("0.2", True), ("0.1", False)])
def test_commands_share_a_shell_in_0_2_and_only_there(version, shared):
    commands = "['cd /', 'export X=1', 'echo \"said $X $PWD\"']"
    _, log = run_here(f"version: {version}\nphases: {{build: {{commands: {commands}}}}}\n")
    assert ("said 1 /\n" in log) is shared


@pytest.mark.recorded
def test_zip_entries_begin_with_a_dot_and_a_slash_and_lose_the_base_directory(mb, client):
    text = "version: 0.2\nartifacts: {files: ['**/*'], base-directory: dist}\n"
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        artifacts={"type": "S3", "location": "out-bucket", "packaging": "ZIP", "name": "a.zip"},
    )
    mb.script("web").writes({"dist/a/b.txt": "x", "dist/c": "y", "src/no": "z"})
    run()
    archive = zipfile.ZipFile(io.BytesIO(mb.s3["out-bucket"]["a.zip"]))
    with archive:
        assert archive.namelist() == ["./a/b.txt", "./c"]


@pytest.mark.recorded
def test_one_glob_that_matches_nothing_is_no_failure(mb, client):
    text = "version: 0.2\nartifacts: {files: [there, not-there]}\n"
    create(
        source={"type": "NO_SOURCE", "buildspec": text},
        artifacts={"type": "S3", "location": "out-bucket"},
    )
    mb.script("web").writes({"there": "x"})
    assert run()["buildStatus"] == "SUCCEEDED"


@pytest.mark.docs
def test_stopping_a_finished_build_returns_it(web):
    build = run()
    assert CLIENT.stop_build(id=build["id"])["build"] == build


@pytest.mark.docs
def test_deleting_a_project_is_always_fine_and_leaves_its_builds(web):
    build = run()
    CLIENT.delete_project(name="web")
    CLIENT.delete_project(name="web")
    assert look(build)["buildStatus"] == "SUCCEEDED"


@pytest.mark.recorded
def test_batch_delete_builds_answers_with_arns(web):
    build = run()
    answer = CLIENT.batch_delete_builds(ids=[build["id"]])
    assert answer["buildsDeleted"] == [f"{ARN}:build/{build['id']}"]


@pytest.mark.recorded
def test_a_report_has_its_builds_uuid_and_its_projects_name(mb, web):
    mb.script("web").reports("unit", passed=1)
    build = run()
    assert build["reportArns"] == [f"{ARN}:report/web-unit:{build['id'].partition(':')[2]}"]
    groups = CLIENT.list_report_groups()["reportGroups"]
    assert groups == [f"{ARN}:report-group/web-unit"]


@pytest.mark.docs
def test_an_update_replaces_what_is_sent_and_only_that(client):
    create(description="d", environment=environment(privilegedMode=True, certificate="b/c.pem"))
    after = CLIENT.update_project(name="web", environment=environment())["project"]
    assert after["description"] == "d"
    assert "certificate" not in after["environment"]
    assert after["environment"]["privilegedMode"] is False


@pytest.mark.model
@pytest.mark.parametrize(
    "change", [{"timeoutInMinutes": 9999}, {"artifacts": {"type": "ZZ"}}, {"name": "a" * 200}]
)
def test_what_botocore_lets_through_is_refused_by_the_service(client, change):
    with pytest.raises(ClientError) as caught:
        RAW.create_project(**members(**change))
    assert caught.value.response["Error"]["Code"] == "InvalidInputException"


BATCH = "version: 0.2\nbatch: {build-list: [{identifier: a}]}\nphases: {}\n"


@pytest.fixture
def batched(client):
    return create(
        source={"type": "NO_SOURCE", "buildspec": BATCH}, buildBatchConfig={"serviceRole": ROLE}
    )


def look_at_batch(batch):
    (found,) = CLIENT.batch_get_build_batches(ids=[batch["id"]])["buildBatches"]
    return found


@pytest.mark.recorded
def test_a_batch_is_no_build(batched):
    batch = look_at_batch(CLIENT.start_build_batch(projectName="web")["buildBatch"])
    shown = {"complete", "logConfig", "buildBatchNumber", "buildBatchStatus"}
    assert shown | {"buildTimeoutInMinutes"} <= set(batch)
    of_builds = {"buildComplete", "logs", "buildNumber", "buildStatus", "timeoutInMinutes"}
    assert not of_builds & set(batch)


@pytest.mark.recorded
def test_the_first_group_of_a_batch_downloads_the_source(batched):
    batch = look_at_batch(CLIENT.start_build_batch(projectName="web")["buildBatch"])
    assert [group["identifier"] for group in batch["buildGroups"]] == ["DOWNLOAD_SOURCE", "a"]


@pytest.mark.recorded
def test_a_retried_batch_is_the_same(mb, batched):
    mb.script("web", group="a").fails()
    batch = look_at_batch(CLIENT.start_build_batch(projectName="web")["buildBatch"])
    assert CLIENT.retry_build_batch(id=batch["id"])["buildBatch"]["id"] == batch["id"]
    assert CLIENT.list_build_batches()["ids"] == [batch["id"]]


@pytest.mark.model
def test_the_longest_build_takes_36_hours(client):
    assert create(timeoutInMinutes=2160)["timeoutInMinutes"] == 2160
    with pytest.raises(CLIENT.exceptions.InvalidInputException):
        create("longer", timeoutInMinutes=2161)


@pytest.mark.docs
def test_exported_variables_are_those_after_post_build():
    with mock_codebuild(transitions="stepped"):
        create(source={"type": "NO_SOURCE", "buildspec": EXPORTS % "1"})
        build = start()
        while build["currentPhase"] != "POST_BUILD":
            build = look(build)
        assert "exportedEnvironmentVariables" not in build
        assert "exportedEnvironmentVariables" in look(build)


@pytest.mark.docs
def test_what_post_build_exports_counts():
    build, _ = run_here(EXPORTS % "1" + "phases: {post_build: {commands: ['export A=2']}}\n")
    assert build["exportedEnvironmentVariables"] == [{"name": "A", "value": "2"}]


@pytest.mark.docs
def test_builds_of_an_unknown_project_are_an_error(client):
    with pytest.raises(CLIENT.exceptions.ResourceNotFoundException):
        CLIENT.list_builds_for_project(projectName="none")


@pytest.mark.recorded
def test_times_are_numbers_on_the_wire(web):
    bodies = []
    CLIENT.meta.events.register(
        "before-parse.codebuild.StartBuild", _keep := lambda **kw: bodies.append(kw), unique_id="b"
    )
    try:
        start()
    finally:
        CLIENT.meta.events.unregister("before-parse.codebuild.StartBuild", unique_id="b")
    body = bodies[0]["response_dict"]["body"].decode()
    assert re.search(r'"startTime":\d{10}\.\d{1,3}[,}]', body)
    assert "null" not in body.replace("group=null;stream=null", "").replace(
        "log-group:null:log-stream:null", ""
    )
    headers = bodies[0]["response_dict"]["headers"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert uuid.UUID(headers["x-amzn-requestid"])
    assert ACCOUNT in body
