"""Commands executed in simulated sandboxes: what they answer, how they are listed, their log."""

import gzip
import re
import threading
from itertools import pairwise

import pytest
from freezegun import freeze_time

from mockbuild import ConfigurationError, mock_codebuild
from tests.codebuild.factory import ACCOUNT, CLIENT, RAW, create, make_client, refused
from tests.codebuild.sandbox_factory import (
    NOBODY,
    begin,
    execute,
    listed,
    result,
    said,
    see,
    stop,
)
from tests.optional import mock_aws

HELLO = 'echo "Hello World"'


@pytest.fixture
def sandbox(web):
    """A sandbox that runs."""
    return see(begin())


# What is answered.


@pytest.mark.docs
def test_the_answer_to_a_start_is_the_documented_one(mb, sandbox):
    execution = execute(sandbox, HELLO, type="SHELL")
    assert execution == {
        "id": execution["id"],
        "sandboxId": sandbox["id"].partition(":")[2],
        "sandboxArn": sandbox["arn"],
        "submitTime": execution["submitTime"],
        "status": "SUBMITTED",
        "command": HELLO,
        "type": "SHELL",
        "logs": sandbox["currentSession"]["logs"],
    }
    assert ":" not in execution["id"]


@pytest.mark.docs
def test_one_that_succeeds(mb, web):
    mb.script("web").answers(HELLO, "Hello World\n", takes=0.037)
    sandbox = see(begin())
    execution = execute(sandbox, HELLO)
    ended = result(sandbox, execution)
    assert ended == {
        **execution,
        "status": "SUCCEEDED",
        "exitCode": "0",
        "standardOutputContent": "Hello World\n",
        "startTime": ended["startTime"],
        "endTime": ended["endTime"],
    }
    assert execution["submitTime"] < ended["startTime"]
    assert (ended["endTime"] - ended["startTime"]).microseconds == 37_000
    assert listed(sandbox) == [ended]


@pytest.mark.docs
def test_one_that_fails(mb, web):
    error = "/codebuild/output/tmp/script.sh: 4: fail: not found\n"
    mb.script("web").answers("fail command", error=error, exit_code=127)
    sandbox = see(begin())
    ended = result(sandbox, execute(sandbox, "fail command"))
    assert (ended["status"], ended["exitCode"]) == ("FAILED", "127")
    assert ended["standardErrContent"] == error
    assert "standardOutputContent" not in ended


@pytest.mark.docs
def test_what_nobody_has_said_succeeds_without_a_word(sandbox):
    ended = result(sandbox, execute(sandbox, "rm -rf /"))
    assert (ended["status"], ended["exitCode"]) == ("SUCCEEDED", "0")
    assert not {"standardOutputContent", "standardErrContent"} & ended.keys()


@pytest.mark.docs
def test_answers_by_text_and_by_pattern_of_which_the_last_counts(mb, web):
    script = mb.script("web").answers(re.compile("pytest"), "3 passed\n")
    script.answers("pytest tests/slow", error="killed\n", exit_code=137)
    script.answers("make", "old\n").answers("make", "new\n", "warning\n")
    sandbox = see(begin())

    def outcome(command):
        ended = result(sandbox, execute(sandbox, command))
        return ended["exitCode"], ended.get("standardOutputContent")

    assert outcome("pytest -q") == outcome("cd web && pytest") == ("0", "3 passed\n")
    assert outcome("pytest tests/slow") == ("137", None)
    assert outcome("make") == ("0", "new\n")
    assert outcome("make all") == outcome(" make") == ("0", None)


@pytest.mark.docs
def test_answers_are_for_sandboxes_that_start_later(mb, web):
    early = see(begin())
    mb.script("web", times=1).answers("make", exit_code=2)
    late, last = see(begin()), see(begin())
    codes = [result(one, execute(one))["exitCode"] for one in (early, late, last)]
    assert codes == ["0", "2", "0"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"exit_code": -1}, "exit_code is from 0 to 255, not -1"),
        ({"exit_code": 256}, "exit_code is from 0 to 255, not 256"),
        ({"takes": -1}, "a command cannot take -1 seconds"),
        ({"takes": float("inf")}, "say hangs=True"),
        ({"takes": float("nan")}, "a command cannot take nan seconds"),
    ],
)
def test_answers_that_make_no_sense(mb, wrong, message):
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        mb.script("web").answers("make", **wrong)


@pytest.mark.docs
@pytest.mark.parametrize("right", [{"exit_code": 255}, {"takes": 0}, {"takes": 3000}])
def test_answers_that_do(mb, web, right):
    mb.script("web").answers("make", **right)
    sandbox = see(begin())
    assert result(sandbox, execute(sandbox))["exitCode"] == str(right.get("exit_code", 0))


# Ids and lists.


@pytest.mark.docs
def test_unknown_ids_of_a_batch_are_listed(sandbox):
    one, two = execute(sandbox, "one"), execute(sandbox, "two")
    elsewhere = execute(see(begin()))
    ids = [two["id"], "nope", one["id"], elsewhere["id"], two["id"], "nope", "\u2603"]
    answer = CLIENT.batch_get_command_executions(sandboxId=sandbox["arn"], commandExecutionIds=ids)
    assert [found["command"] for found in answer["commandExecutions"]] == ["two", "one"]
    assert answer["commandExecutionsNotFound"] == ["nope", elsewhere["id"], "\u2603"]


@pytest.mark.model
@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_1_to_100_ids(sandbox, count):
    with refused():
        RAW.batch_get_command_executions(sandboxId=sandbox["id"], commandExecutionIds=["x"] * count)
    answer = RAW.batch_get_command_executions(
        sandboxId=sandbox["id"], commandExecutionIds=[f"{number}" for number in range(100)]
    )
    assert len(answer["commandExecutionsNotFound"]) == 100


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("web", "Invalid sandbox ID provided"),
        (NOBODY, f"Sandbox {NOBODY} does not exist"),
        (
            f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:sandbox/{NOBODY}",
            f"Sandbox arn:aws:codebuild:eu-west-1:{ACCOUNT}:sandbox/{NOBODY} does not exist",
        ),
    ],
)
def test_a_batch_of_a_sandbox_that_is_not_there(web, name, message):
    with refused(message=message):
        CLIENT.batch_get_command_executions(sandboxId=name, commandExecutionIds=["x"])


@pytest.mark.docs
def test_the_newest_is_listed_first_and_in_full(sandbox):
    ids = [execute(sandbox, f"echo {number}")["id"] for number in range(5)]
    assert [one["id"] for one in listed(sandbox)] == ids[::-1]
    assert [one["id"] for one in listed(sandbox, sortOrder="ASCENDING")] == ids
    assert listed(sandbox)[0] == result(sandbox, ids[4])
    pages = CLIENT.get_paginator("list_command_executions_for_sandbox").paginate(
        sandboxId=sandbox["id"], maxResults=2
    )
    shown = [[one["id"] for one in page["commandExecutions"]] for page in pages]
    assert shown == [ids[:2:-1], ids[2:0:-1], ids[:1]]


@pytest.mark.inferred
def test_each_sandbox_and_region_has_its_own(sandbox):
    execute(sandbox)
    assert listed(see(begin())) == []
    there = make_client("eu-west-1")
    with refused("ResourceNotFoundException", f"Sandbox {sandbox['id']} does not exist"):
        there.list_command_executions_for_sandbox(sandboxId=sandbox["id"])


@pytest.mark.model
@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "POWERSHELL"},
        {"command": ""},
        {"command": 7},
        {"sandboxId": ""},
        {"sandboxId": None},
    ],
)
def test_input_that_the_model_does_not_allow(sandbox, wrong):
    given = {"sandboxId": sandbox["id"], "command": "make", **wrong}
    with pytest.raises(RAW.exceptions.ClientError):
        RAW.start_command_execution(**given)
    assert listed(sandbox) == []


@pytest.mark.inferred
def test_a_command_that_no_shell_can_take(sandbox):
    with refused(message="Invalid input: command must not contain a NUL character"):
        execute(sandbox, "echo a\0b")
    assert listed(sandbox) == []


@pytest.mark.model
@pytest.mark.parametrize(
    "command", ["'", "a\nb\n", "\u2603 \U0001f9ea", "x" * 100_000, "$(", "\r\t\x01", "{}"]
)
def test_a_strange_command_comes_back_as_it_was(mb, sandbox, command):
    ended = result(sandbox, execute(sandbox, command))
    assert (ended["command"], ended["status"]) == (command, "SUCCEEDED")
    assert command.split("\n")[0] in mb.logs[ended["logs"]["groupName"]].text


# The log.


@pytest.mark.inferred
def test_commands_are_in_the_sandboxs_log(mb, web):
    mb.script("web").answers("one", "out\n", "err\n", exit_code=3).answers("two", "rest")
    sandbox = begin()
    one, two = execute(sandbox, "one"), execute(sandbox, "two")
    assert two["logs"] == sandbox["currentSession"]["logs"]
    whole = ["one", "out", "err", "", "Command did not exit successfully one exit status 3"]
    whole += ["Running command two", "rest", ""]
    assert said(mb, one) == whole
    assert result(sandbox, two)["status"] == "SUCCEEDED"
    assert said(mb, one) == whole


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["stepped", "timed"])
def test_the_log_shows_what_the_command_shows(transitions):
    with freeze_time("2026-01-02"), mock_codebuild(transitions=transitions) as mb:
        create()
        mb.script("web").answers("one", "out\n", takes=10)
        sandbox = begin()
        for _ in range(3):
            see(sandbox)
        if transitions == "timed":
            mb.clock.tick(9)
        execution = execute(sandbox, "one")

        def later():
            if transitions == "timed":
                mb.clock.tick(6)
            else:
                result(sandbox, execution)
            return said(mb, execution)

        assert said(mb, execution) == []
        assert later() == ["one"]
        assert later() == ["one", "out", ""]
        assert see(sandbox)["status"] == "RUN_SANDBOX"


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "timed"])
def test_the_log_in_s3_has_the_commands_too(transitions):
    logs = {
        "cloudWatchLogs": {"status": "DISABLED"},
        "s3Logs": {"status": "ENABLED", "location": "build-logs/deep"},
    }
    with mock_codebuild(transitions=transitions) as mb:
        create(logsConfig=logs)
        mb.script("web").answers("make", "Hello\n")
        sandbox = begin()
        mb.clock.tick(minutes=1)
        shown = execute(sandbox)["logs"]
        assert "groupName" not in shown
        mb.clock.tick(2)
        assert "build-logs" not in mb.s3
        stop(sandbox)
        mb.clock.tick(2)
        key = shown["s3LogsArn"].removeprefix("arn:aws:s3:::build-logs/")
        log = gzip.decompress(mb.s3["build-logs"][key]).decode()
    assert "Running command make\nHello\n" in log


@pytest.mark.docs
def test_the_log_in_motos_cloudwatch():
    with mock_aws(), mock_codebuild() as mb:
        create()
        mb.script("web").answers("make", "Hello\n")
        sandbox = see(begin())
        place = result(sandbox, execute(sandbox))["logs"]
        see(sandbox)
        events = make_client(service="logs").get_log_events(
            logGroupName=place["groupName"], logStreamName=place["streamName"]
        )["events"]
    assert "Hello\n" in [event["message"] for event in events]


# Many at a time.


@pytest.mark.docs
def test_sixteen_threads_use_one_sandbox(sandbox):
    ids, problems = [], []
    together = threading.Barrier(16)

    def use(number):
        try:
            client = make_client()
            together.wait()
            for turn in range(5):
                answer = client.start_command_execution(
                    sandboxId=sandbox["id"], command=f"echo {number} {turn}"
                )
                ids.append(answer["commandExecution"]["id"])
                client.list_command_executions_for_sandbox(sandboxId=sandbox["id"])
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    shown = listed(sandbox)
    assert {one["id"] for one in shown} == set(ids)
    assert len(shown) == 80
    times = sorted((one["startTime"], one["endTime"]) for one in shown)
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(times))


@pytest.mark.docs
def test_a_call_costs_the_same_with_many_commands(sandbox):
    """A page is made of its own records alone: the others are not even looked at."""
    for number in range(120):
        execute(sandbox, f"echo {number}")
    page = CLIENT.list_command_executions_for_sandbox(sandboxId=sandbox["id"], maxResults=1)
    assert len(page["commandExecutions"]) == 1
    assert page["nextToken"]
