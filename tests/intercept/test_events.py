"""botocore around a caught call: its events, Stubber, retries and history work as ever."""

import time
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.history import HistoryRecorder
from botocore.stub import Stubber

from mockbuild import mock_codebuild
from tests.intercept.clients import create, make_client, names

pytestmark = pytest.mark.docs

ORDER = [
    "provide-client-params",
    "before-parameter-build",
    "before-call",
    "request-created",
    "before-send",
    "before-parse",
    "response-received",
    "needs-retry",
    "after-call",
]


def test_every_event_comes_in_order() -> None:
    client = make_client()
    seen: list[str] = []
    for event in ORDER:
        client.meta.events.register(
            f"{event}.codebuild.ListProjects",
            lambda event_name, **_: seen.append(event_name.split(".")[0]),
        )
    with mock_codebuild():
        names(client)
    assert seen == ORDER


def test_before_send_sees_and_changes_what_is_sent() -> None:
    client = make_client()

    def add(request: Any, **_: Any) -> None:
        request.body = b'{"sortBy":"NAME"}'

    client.meta.events.register("before-send.codebuild", add)
    with mock_codebuild() as mb:
        names(client)
        assert mb.calls()[0].params == {"sortBy": "NAME"}


def test_before_send_may_answer() -> None:
    client = make_client()

    class Raw:
        def stream(self, **_: Any) -> Any:
            yield b'{"projects":["canned"]}'

    answer = AWSResponse("", 200, {}, Raw())
    client.meta.events.register("before-send.codebuild", lambda **_: answer)
    with mock_codebuild() as mb:
        assert names(client) == ["canned"]
        assert mb.calls() == []


def test_before_send_may_fail() -> None:
    client = make_client()

    def fail(**_: Any) -> None:
        raise ConnectionResetError("pulled the plug")

    client.meta.events.register("before-send.codebuild", fail)
    with mock_codebuild() as mb, pytest.raises(ConnectionResetError, match="the plug"):
        names(client)
    assert mb.calls() == []


def test_before_parse_sees_the_response_and_may_add_to_it() -> None:
    client = make_client()
    bodies = []

    def look(response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
        bodies.append(response_dict["body"])
        customized_response_dict["Extra"] = response_dict["headers"]["X-Amzn-RequestId"]

    client.meta.events.register("before-parse.codebuild.ListProjects", look)
    with mock_codebuild():
        answer = client.list_projects()
    assert bodies == [b'{"projects":[]}']
    assert answer["Extra"] == answer["ResponseMetadata"]["RequestId"]


def test_response_received_sees_the_same() -> None:
    client = make_client()
    seen: list[Any] = []
    client.meta.events.register(
        "response-received.codebuild.ListProjects",
        lambda response_dict, parsed_response, **_: seen.append(
            (response_dict["body"], parsed_response["projects"])
        ),
    )
    with mock_codebuild():
        names(client)
    assert seen == [(b'{"projects":[]}', [])]


def test_a_handler_may_ask_for_a_retry() -> None:
    client = make_client()
    client.meta.events.register_first(
        "needs-retry.codebuild.ListProjects", lambda attempts, **_: 0 if attempts < 3 else None
    )
    with mock_codebuild() as mb:
        assert client.list_projects()["ResponseMetadata"]["RetryAttempts"] == 2
        assert len(mb.calls("ListProjects")) == 3


def test_stubber_inside_a_mock() -> None:
    client = make_client()
    with mock_codebuild() as mb:
        create(client)
        with Stubber(client) as stubber:
            stubber.add_response("list_projects", {"projects": ["stubbed"]})
            stubber.add_client_error("list_builds", "AccessDeniedException")
            assert names(client) == ["stubbed"]
            with pytest.raises(ClientError, match="AccessDenied"):
                client.list_builds()
        assert names(client) == ["web"]
        assert len(mb.calls()) == 2


def test_a_modelled_error_has_its_class() -> None:
    client = make_client()
    with mock_codebuild(), pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.start_build(projectName="none")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Code"] == "ResourceNotFoundException"


def test_history(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = HistoryRecorder()
    seen: dict[str, Any] = {}

    class Handler:
        def emit(self, event_type: str, payload: Any, source: str) -> None:
            seen[event_type] = payload

    recorder.add_handler(Handler())
    recorder.enable()
    for module in ("client", "endpoint"):
        monkeypatch.setattr(f"botocore.{module}.history_recorder", recorder)
    with mock_codebuild():
        names(make_client())
    assert list(seen) == ["API_CALL", "HTTP_REQUEST", "HTTP_RESPONSE", "PARSED_RESPONSE"]
    assert seen["HTTP_RESPONSE"]["body"] == b'{"projects":[]}'


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_throttled_calls_are_retried(mode: str) -> None:
    client = make_client(config=Config(retries={"mode": mode, "total_max_attempts": 4}))
    started = time.time()
    with mock_codebuild(clock="virtual") as mb:
        mb.faults.on("ListProjects").throttles(times=3)
        answer = client.list_projects()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 3
        assert len(mb.calls("ListProjects")) == 4
        assert mb.clock.now() > started - 1
    with mock_codebuild(clock="virtual") as mb:
        mb.faults.on("ListProjects").throttles(times=None)
        with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded"):
            client.list_projects()
        assert len(mb.calls("ListProjects")) == 4


def test_errors_of_the_caller_are_not_retried() -> None:
    client = make_client(config=Config(retries={"mode": "standard", "total_max_attempts": 4}))
    with mock_codebuild() as mb:
        with pytest.raises(ClientError):
            client.start_build(projectName="none")
        assert len(mb.calls()) == 1
