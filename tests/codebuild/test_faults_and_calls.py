"""``mb.faults`` and ``mb.calls``."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from mockbuild import ConfigurationError, _world, mock_codebuild
from tests import optional
from tests.codebuild.factory import ACCOUNT, CLIENT, create, make_client, refused, start

pytestmark = pytest.mark.docs


def test_throttling_so_often_then_as_usual(mb, web):
    mb.faults.on("StartBuild").throttles(times=2)
    for _ in range(2):
        with refused("ThrottlingException", "Rate exceeded"):
            CLIENT.start_build(projectName="web")
    assert start()["buildNumber"] == 1


def test_botocores_retries_get_past_throttling():
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    retrying = optional.make_client("codebuild", config=config)
    with mock_codebuild(clock="virtual") as mb:
        create()
        mb.faults.on("StartBuild").throttles(times=2)
        answer = retrying.start_build(projectName="web")
        assert answer["build"]["buildNumber"] == 1
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert len(mb.calls("StartBuild")) == 3


def test_once_is_the_default(mb, web):
    mb.faults.on("StartBuild").throttles()
    with refused("ThrottlingException"):
        CLIENT.start_build(projectName="web")
    assert start()


def test_always(mb, web):
    mb.faults.on("StartBuild").throttles(times=None)
    for _ in range(5):
        with refused("ThrottlingException"):
            CLIENT.start_build(projectName="web")


@pytest.mark.parametrize(
    "code", ["AccountLimitExceededException", "AccessDeniedException", "NobodyKnowsException"]
)
def test_any_error(mb, web, code):
    mb.faults.on("StartBuild").raises(code, "because")
    with refused(code, "because"):
        CLIENT.start_build(projectName="web")


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("list_source_credentials", {}, "InvalidInputException"),
        ("start_sandbox", {"projectName": "web"}, "AccountSuspendedException"),
    ],
)
def test_errors_that_nothing_here_gives_cause_for(mb, web, operation, params, code):
    name = "".join(word.title() for word in operation.split("_"))
    mb.faults.on(name).raises(code, "because")
    with pytest.raises(getattr(CLIENT.exceptions, code), match="because"):
        getattr(CLIENT, operation)(**params)


def test_an_error_of_the_service(mb, web):
    mb.faults.on("StartBuild").raises("InternalFailure", "oh")
    with pytest.raises(ClientError) as caught:
        CLIENT.start_build(projectName="web")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_modelled_error_is_caught_by_its_class(mb, web):
    mb.faults.on("StartBuild").raises("ResourceNotFoundException", "gone")
    with pytest.raises(CLIENT.exceptions.ResourceNotFoundException):
        CLIENT.start_build(projectName="web")


def test_only_that_operation(mb, web):
    mb.faults.on("StartBuild").throttles()
    assert CLIENT.list_projects()["projects"] == ["web"]


def test_any_operation(mb, web):
    mb.faults.on("*").throttles()
    with refused("ThrottlingException"):
        CLIENT.list_projects()
    assert CLIENT.list_projects()["projects"] == ["web"]


def test_in_the_order_they_were_said(mb, web):
    mb.faults.on("ListProjects").throttles().raises("AccessDeniedException", "no")
    with refused("ThrottlingException"):
        CLIENT.list_projects()
    with refused("AccessDeniedException"):
        CLIENT.list_projects()
    assert CLIENT.list_projects()


def test_a_call_that_fails_does_nothing(mb, client):
    mb.faults.on("CreateProject").throttles()
    with refused("ThrottlingException"):
        create()
    assert CLIENT.list_projects()["projects"] == []
    assert create()


def test_for_no_calls_at_all(mb):
    with pytest.raises(ConfigurationError):
        mb.faults.on("StartBuild").throttles(times=0)


def test_calls_are_taken_down_in_order(mb, web):
    start(sourceVersion="v1")
    CLIENT.list_builds()
    start()
    assert [call.operation for call in mb.calls()] == [
        "CreateProject",
        "StartBuild",
        "ListBuilds",
        "StartBuild",
    ]
    assert [call.params for call in mb.calls("StartBuild")] == [
        {"projectName": "web", "sourceVersion": "v1"},
        {"projectName": "web"},
    ]
    assert mb.calls("StopBuild") == []


def test_calls_know_where_and_when(mb, web):
    make_client("eu-west-1").list_projects()
    call = mb.calls("ListProjects")[0]
    assert (call.region, call.account_id) == ("eu-west-1", ACCOUNT)
    assert mb.calls()[0].at <= call.at <= mb.clock.now()


def test_calls_that_were_refused_count(mb, client):
    with refused("ResourceNotFoundException"):
        CLIENT.start_build(projectName="none")
    assert mb.calls("StartBuild")[0].params == {"projectName": "none"}


def test_polling_is_all_there(mb, web):
    build = start()
    for _ in range(20):
        CLIENT.batch_get_builds(ids=[build["id"]])
    assert len(mb.calls("BatchGetBuilds")) == 20
    times = [call.at for call in mb.calls("BatchGetBuilds")]
    assert times == sorted(times)


def test_what_a_call_sent_does_not_change_afterwards(mb, web):
    sent = {"projectName": "web", "environmentVariablesOverride": [{"name": "A", "value": "1"}]}
    CLIENT.start_build(**sent)
    sent["environmentVariablesOverride"][0]["value"] = "2"
    call = mb.calls("StartBuild")[0]
    assert call.params["environmentVariablesOverride"] == [{"name": "A", "value": "1"}]


def test_an_operation_that_is_not_there_yet_says_so(client, monkeypatch):
    monkeypatch.delitem(_world._bound("codebuild"), "ListProjects")
    with refused("UnknownOperationException"):
        CLIENT.list_projects()
