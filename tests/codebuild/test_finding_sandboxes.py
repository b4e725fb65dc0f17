"""What sandboxes go by, and how they are listed."""

import pytest

from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    create,
    environment,
    make_client,
    members,
    refused,
)
from tests.codebuild.sandbox_factory import (
    NOBODY,
    begin,
    execute,
    see,
    stop,
)

# Ids.

OPERATIONS = {
    "StopSandbox": lambda one: CLIENT.stop_sandbox(id=one),
    "StartSandboxConnection": lambda one: CLIENT.start_sandbox_connection(sandboxId=one),
    "StartCommandExecution": lambda one: CLIENT.start_command_execution(
        sandboxId=one, command="make"
    ),
    "ListCommandExecutionsForSandbox": lambda one: CLIENT.list_command_executions_for_sandbox(
        sandboxId=one
    ),
}
each_operation = pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)


@pytest.mark.docs
@each_operation
def test_a_sandbox_goes_by_its_id_and_its_arn(web, call):
    for name in ("id", "arn"):
        sandbox = see(begin())
        call(sandbox[name])


@pytest.mark.inferred
@each_operation
def test_a_sandbox_goes_by_its_uuid_as_command_executions_show_it(web, call):
    call(see(begin())["id"].partition(":")[2])


@pytest.mark.inferred
@each_operation
@pytest.mark.parametrize(
    "name",
    ["web", "not-there", f"{ARN}:sandbox/web", f"{ARN}:build/{NOBODY}", "arn:", "\u2603", " "],
)
def test_what_is_no_id_is_refused(web, call, name):
    with refused(message="Invalid sandbox ID provided"):
        call(name)


@pytest.mark.inferred
@each_operation
def test_a_sandbox_that_is_not_there(web, call):
    there = see(begin())["id"]
    for name in (
        NOBODY,
        NOBODY.partition(":")[2],
        f"{ARN}:sandbox/{NOBODY}",
        f"api:{there.partition(':')[2]}",
        f"{ARN}:sandbox/{there.partition(':')[2]}:",
        f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:sandbox/{there}",
        f"arn:aws:codebuild:us-east-1:210987654321:sandbox/{there}",
        f"arn:aws-cn:codebuild:us-east-1:{ACCOUNT}:sandbox/{there}",
        there.upper(),
        f"{there} ",
    ):
        with refused("ResourceNotFoundException", f"Sandbox {name} does not exist"):
            call(name)


@pytest.mark.docs
def test_unknown_ids_of_a_batch_are_listed(web):
    one, two = begin(), begin()
    strange = ["web", NOBODY, "\u2603", f"{ARN}:sandbox/{NOBODY}"]
    ids = [two["arn"], strange[0], one["id"], *strange[1:]]
    answer = CLIENT.batch_get_sandboxes(ids=ids)
    assert [sandbox["id"] for sandbox in answer["sandboxes"]] == [two["id"], one["id"]]
    assert answer["sandboxesNotFound"] == strange
    empty = CLIENT.batch_get_sandboxes(ids=[])
    assert (empty["sandboxes"], empty["sandboxesNotFound"]) == ([], [])


@pytest.mark.inferred
def test_an_id_that_comes_twice_is_answered_once(web):
    sandbox = begin()
    answer = CLIENT.batch_get_sandboxes(ids=[sandbox["id"], sandbox["id"], NOBODY, NOBODY])
    assert len(answer["sandboxes"]) == len(answer["sandboxesNotFound"]) == 1


# Lists.


@pytest.mark.docs
def test_the_newest_is_listed_first(web):
    ids = [begin()["id"] for _ in range(3)]
    assert CLIENT.list_sandboxes()["ids"] == ids[::-1]
    assert CLIENT.list_sandboxes(sortOrder="ASCENDING")["ids"] == ids
    assert CLIENT.list_sandboxes(sortOrder="DESCENDING")["ids"] == ids[::-1]
    assert CLIENT.list_sandboxes_for_project(projectName="web")["ids"] == ids[::-1]


@pytest.mark.docs
def test_the_lists_of_projects(web):
    other = create("api")
    mine, theirs = begin()["id"], begin("api")["id"]
    create("idle")

    def listed(name, **more):
        return CLIENT.list_sandboxes_for_project(projectName=name, **more)["ids"]

    assert listed("web", sortOrder="ASCENDING") == [mine]
    assert listed(other["arn"]) == [theirs]
    assert listed("idle") == []
    assert CLIENT.list_sandboxes()["ids"] == [theirs, mine]


@pytest.mark.docs
@pytest.mark.parametrize("operation", ["list_sandboxes", "list_sandboxes_for_project"])
def test_pages(web, operation):
    more = {"projectName": "web"} if operation.endswith("project") else {}
    ids = [begin()["id"] for _ in range(7)]
    pages = CLIENT.get_paginator(operation).paginate(**more, maxResults=3)
    assert [page["ids"] for page in pages] == [ids[:3:-1], ids[3:0:-1], ids[:1]]
    assert "nextToken" not in getattr(CLIENT, operation)(**more, maxResults=7)
    with refused():
        getattr(CLIENT, operation)(**more, nextToken="made-up")


@pytest.mark.inferred
@pytest.mark.parametrize("name", ["nobody", f"{ARN}:project/nobody"])
def test_the_list_of_a_project_that_is_not_there(web, name):
    message = f"The provided project {ARN}:project/nobody does not exist"
    with refused("ResourceNotFoundException", message):
        CLIENT.list_sandboxes_for_project(projectName=name)


@pytest.mark.inferred
def test_a_sandbox_outlives_its_project(web):
    sandbox = begin()
    CLIENT.delete_project(name="web")
    assert see(sandbox)["status"] == "RUN_SANDBOX"
    assert execute(sandbox)["status"] == "SUBMITTED"
    assert CLIENT.list_sandboxes()["ids"] == [sandbox["id"]]
    create()
    assert CLIENT.list_sandboxes_for_project(projectName="web")["ids"] == []
    newer = begin()["id"]
    assert CLIENT.list_sandboxes_for_project(projectName="web")["ids"] == [newer]
    assert stop(sandbox)["status"] == "STOPPING"


@pytest.mark.docs
def test_a_sandbox_keeps_the_settings_that_it_was_started_with(web):
    sandbox = begin()
    CLIENT.update_project(name="web", timeoutInMinutes=7, environment=environment(image="other"))
    assert see(sandbox)["timeoutInMinutes"] == 60
    assert see(sandbox)["environment"]["image"] == "aws/codebuild/standard:7.0"
    assert see(begin())["timeoutInMinutes"] == 7


@pytest.mark.model
def test_regions_and_accounts_are_apart(web):
    sandbox = begin()
    there = make_client("eu-west-1")
    there.create_project(**members())
    assert there.list_sandboxes()["ids"] == []
    other = there.start_sandbox(projectName="web")["sandbox"]
    assert other["arn"] == f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:sandbox/{other['id']}"
    assert "region=eu-west-1" in other["currentSession"]["logs"]["deepLink"]
    assert there.batch_get_sandboxes(ids=[sandbox["id"]])["sandboxes"] == []
    assert CLIENT.list_sandboxes()["ids"] == [sandbox["id"]]
