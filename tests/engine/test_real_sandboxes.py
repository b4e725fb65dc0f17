"""What is in sandboxes that really run, on this machine and in Docker, and what commands do."""

import io
import threading
import zipfile
from itertools import pairwise

import pytest

from tests.codebuild.factory import CLIENT, create, environment, make_client
from tests.codebuild.sandbox_factory import begin, execute, phase_of, result, see, statuses, stop
from tests.engine.real_sandboxes import (
    at_rest,
    run,
    running,
    until_it_runs,
)

pytestmark = pytest.mark.docs


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return buffer.getvalue()


def test_the_source_and_the_variables_are_there(mb):
    variable = {"name": "GREETING", "value": "Hello $USER"}
    create(
        source={"type": "S3", "location": "sources/web.zip"},
        secondarySources=[{"type": "S3", "location": "sources/two.zip", "sourceIdentifier": "two"}],
        environment=environment(environmentVariables=[variable]),
    )
    mb.s3["sources"]["web.zip"] = archive(version="1.2")
    mb.s3["sources"]["two.zip"] = archive(number="2")
    sandbox = running()
    assert run(sandbox, 'cat version; echo " $GREETING"') == ("0", "1.2 Hello $USER\n", "")
    assert run(sandbox, 'cat "$CODEBUILD_SRC_DIR_two/number"') == ("0", "2", "")
    assert run(sandbox, 'echo "$CODEBUILD_BUILD_ID"') == ("0", f"{sandbox['id']}\n", "")
    assert run(sandbox, "[ $PWD = $CODEBUILD_SRC_DIR ]") == ("0", "", "")
    assert list(statuses(sandbox)) == [
        *("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "RUN_SANDBOX")
    ]


def test_output_error_and_exit_code(mb):
    create()
    sandbox = running()
    assert run(sandbox, "echo out; echo err >&2; (exit 7)") == ("7", "out\n", "err\n")
    assert run(sandbox, 'echo "Hello World"') == ("0", "Hello World\n", "")
    code, output, error = run(sandbox, "fail command")
    assert (code, output) == ("127", "")
    assert "/codebuild/output/tmp/script.sh" in error
    assert error.endswith("fail: not found\n")
    assert run(sandbox, "true") == ("0", "", "")


@pytest.mark.inferred
def test_commands_share_a_shell(mb):
    create()
    sandbox = running()
    run(sandbox, "mkdir deep; cd deep; ONE=1; export TWO=2")
    assert run(sandbox, 'echo "$ONE $TWO $(basename "$PWD")"') == ("0", "1 2 deep\n", "")
    assert run(sandbox, "exit 3") == ("3", "", "")
    assert run(sandbox, 'echo "$ONE $TWO"') == ("0", "1 2\n", "")


@pytest.mark.inferred
def test_a_variable_of_the_project_that_a_command_changes_stays_changed(local):
    create(environment=environment(environmentVariables=[{"name": "STAGE", "value": "one"}]))
    sandbox = running()
    assert run(sandbox, "echo $STAGE; STAGE=two") == ("0", "one\n", "")
    assert run(sandbox, "echo $STAGE") == ("0", "two\n", "")


STRANGE = [
    pytest.param("kill -9 $$", "137", id="kills its shell"),
    pytest.param("if", "2", id="is no shell code"),
    pytest.param("# nothing", "0", id="a comment"),
    pytest.param("cat <<END\nunfinished", "0", id="a document without an end"),
    pytest.param("exec true", "0", id="replaces its shell"),
    pytest.param("set -eux; false", "1", id="with options that stay"),
    pytest.param("exec 2>&1; echo x >&2", "0", id="merges its outputs"),
    pytest.param("cat; read line", "1", id="reads"),
    pytest.param('rm -rf "${CODEBUILD_SRC_DIR%/output/*}/output/sandbox"', "0", id="tidies up"),
    pytest.param("return 4", "4", id="returns"),
    pytest.param("set -C; umask 777; PATH=/nowhere", "0", id="spoils the shell"),
    pytest.param("sleep 1000 & sleep 1000 >&2 & echo", "0", id="leaves others behind"),
]


@pytest.mark.inferred
@pytest.mark.parametrize(("command", "code"), STRANGE)
def test_after_a_strange_command_the_next_one_works(local, command, code):
    create()
    sandbox = running()
    assert run(sandbox, command)[0] == code
    assert run(sandbox, "set +eux; echo on")[:2] == ("0", "on\n")
    assert run(sandbox, "echo off >&2; false")[0] == "1"
    assert see(sandbox)["status"] == "RUN_SANDBOX"


@pytest.mark.inferred
def test_what_an_earlier_command_still_prints_is_not_the_next_ones_error(local):
    create()
    sandbox = running()
    run(sandbox, "(until [ -e go ]; do :; done; echo late >&2; : > gone) &")
    assert run(sandbox, ": > go; until [ -e gone ]; do :; done") == ("0", "", "")


@pytest.mark.inferred
def test_a_trace_shows_the_command_and_nothing_else(local):
    create()
    sandbox = running()
    run(sandbox, "set -x")
    assert run(sandbox, "echo 1") == ("0", "1\n", "+ echo 1\n")


def test_commands_submitted_before_it_runs_are_executed_in_order(mb):
    create()
    sandbox = begin()
    executions = [execute(sandbox, f"echo {number}; N=${{N}}{number}") for number in range(5)]
    executions.append(execute(sandbox, "echo $N"))
    at_rest(sandbox)
    ended = [result(sandbox, one) for one in executions]
    outputs = [one["standardOutputContent"] for one in ended]
    assert outputs == ["0\n", "1\n", "2\n", "3\n", "4\n", "01234\n"]
    assert all(a["endTime"] <= b["startTime"] for a, b in pairwise(ended))
    assert ended[0]["startTime"] >= phase_of(see(sandbox), "RUN_SANDBOX")["startTime"]


def test_a_command_is_as_far_as_it_really_is(local):
    create()
    sandbox = running()
    first = execute(sandbox, "echo working; until [ -e go ]; do :; done")
    second = execute(sandbox, "echo next")
    until_it_runs(local, first, "working")
    shown = result(sandbox, first)
    assert (shown["status"], "exitCode" in shown) == ("IN_PROGRESS", False)
    assert result(sandbox, second)["status"] == "SUBMITTED"
    stop(sandbox)


def test_its_log_has_what_commands_print(mb):
    create()
    sandbox = running()
    run(sandbox, "echo out; echo err >&2; false")
    place = sandbox["currentSession"]["logs"]
    lines = mb.logs[place["groupName"]][place["streamName"]].text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.endswith("false"))
    assert lines[first + 1 : first + 4] == ["out", "err", ""]
    assert lines[first + 4].endswith("err >&2; false exit status 1")


def test_sixteen_threads_use_one_sandbox(local):
    create()
    sandbox = running()
    problems: list[BaseException] = []
    together = threading.Barrier(16)

    def use(number: int) -> None:
        try:
            client = make_client()
            together.wait()
            for _ in range(3):
                client.start_command_execution(
                    sandboxId=sandbox["id"], command=f"echo {number}; SUM=$((SUM + 1))"
                )
                client.batch_get_sandboxes(ids=[sandbox["id"]])
        except BaseException as error:
            problems.append(error)

    crowd = [threading.Thread(target=use, args=(number,)) for number in range(16)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert problems == []
    assert run(sandbox, "echo $SUM") == ("0", "48\n", "")
    pages = CLIENT.get_paginator("list_command_executions_for_sandbox")
    shown = pages.paginate(sandboxId=sandbox["id"]).build_full_result()["commandExecutions"]
    assert len(shown) == 49
    for one in shown[1:]:
        number = one["command"].split()[1].rstrip(";")
        assert one["standardOutputContent"] == f"{number}\n"


def test_two_sandboxes_do_not_meet(local):
    create()
    one, two = running(), running()
    run(one, "X=1; cd /")
    assert run(two, 'echo "$X"')[1] == "\n"
    stop(one)
    assert run(two, "echo on")[1] == "on\n"
