"""The whole path of a request."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.aws_errors import (
    AwsError,
    InvalidInputException,
    ResourceNotFoundException,
    ThrottlingException,
)
from mockbuild.wire import cbor
from mockbuild.wire.dialect import GenericDialect
from mockbuild.wire.gateway import Caller, Gateway, Hook
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.service import ServiceWire, service_wire, service_wire_of

CALLER = Caller("123456789012", "us-east-1")


def list_builds(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    return {"ids": [f"web:{number}" for number in range(250)]}


started = itertools.count(1)


def start_build(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    name = params.pop("projectName")
    if name == "none":
        raise ResourceNotFoundException("Project cannot be found")
    return {"build": {"id": f"{name}:{next(started)}", "initiator": caller.account_id}}


def broken(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    raise ZeroDivisionError


HANDLERS = {"ListBuilds": list_builds, "StartBuild": start_build, "ListProjects": broken}


def gateway(*hooks: Hook, handlers: Mapping[str, Any] = HANDLERS) -> Gateway:
    numbers = itertools.count(1)
    return Gateway(
        service_wire("codebuild"),
        handlers,
        GenericDialect(),
        now=lambda: 0.0,
        new_id=lambda: f"id-{next(numbers)}",
        hooks=hooks,
    )


def json_request(operation: str, params: Any) -> HttpRequest:
    target = {"x-amz-target": f"CodeBuild_20161006.{operation}"}
    return HttpRequest("POST", "/", headers=target, body=json.dumps(params).encode())


def call(
    operation: str, params: dict[str, Any], *, on: Gateway | None = None
) -> tuple[int, dict[str, Any]]:
    response = (on or gateway()).answer(json_request(operation, params), CALLER)
    return response.status, json.loads(response.body)


@pytest.mark.docs
def test_a_call() -> None:
    response = gateway().answer(json_request("ListBuilds", {}), CALLER)
    assert response.status == 200
    assert response.headers["x-amzn-RequestId"] == "id-1"
    assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert len(json.loads(response.body)["ids"]) == 100


@pytest.mark.docs
def test_the_operation_may_be_known_already() -> None:
    request = HttpRequest("POST", "/some/proxy", body=b'{"projectName":"web"}')
    response = gateway().answer(request, CALLER, "StartBuild")
    assert json.loads(response.body)["build"]["initiator"] == "123456789012"


@pytest.mark.docs
def test_pages_are_cut_and_followed() -> None:
    on = gateway()
    _, first = call("ListBuilds", {}, on=on)
    _, second = call("ListBuilds", {"nextToken": first["nextToken"]}, on=on)
    _, third = call("ListBuilds", {"nextToken": second["nextToken"]}, on=on)
    assert [len(page["ids"]) for page in (first, second, third)] == [100, 100, 50]
    assert "nextToken" not in third
    assert first["ids"] + second["ids"] + third["ids"] == list_builds(CALLER, {})["ids"]


@pytest.mark.docs
def test_a_token_replays_the_first_answer_under_a_new_request_id() -> None:
    on = gateway()
    request = json_request("StartBuild", {"projectName": "web", "idempotencyToken": "t"})
    first, second = on.answer(request, CALLER), on.answer(request, CALLER)
    assert first.body == second.body
    assert first.headers["x-amzn-RequestId"] != second.headers["x-amzn-RequestId"]
    elsewhere = on.answer(request, Caller("123456789012", "eu-west-1"))
    assert elsewhere.body != first.body
    other = json_request("StartBuild", {"projectName": "api", "idempotencyToken": "t"})
    assert on.answer(other, CALLER).status == 400


@pytest.mark.docs
def test_without_a_token_every_call_counts() -> None:
    on = gateway()
    assert call("StartBuild", {"projectName": "a"}, on=on) != call(
        "StartBuild", {"projectName": "a"}, on=on
    )


@pytest.mark.docs
@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("StartBuild", {"projectName": "none"}, "ResourceNotFoundException"),
        ("StartBuild", {}, "ValidationException"),
        ("StartBuild", {"projectName": "web", "sourceTypeOverride": "ZZ"}, "ValidationException"),
        ("StartBuild", {"projectName": 7}, "SerializationException"),
        ("StartBuild", [], "SerializationException"),
        ("ListBuilds", {"nextToken": "made up"}, "ValidationException"),
        ("DeleteProject", {"name": "web"}, "UnknownOperationException"),
        ("NoSuchOperation", {}, "UnknownOperationException"),
    ],
)
def test_what_is_wrong_becomes_an_error_of_the_service(
    operation: str, params: Any, code: str
) -> None:
    status, body = call(operation, params)
    assert (status, body["__type"]) == (400, code)
    assert set(body) == {"__type", "message"}


@pytest.mark.docs
def test_a_bug_in_a_handler_surfaces() -> None:
    with pytest.raises(ZeroDivisionError):
        call("ListProjects", {})


@pytest.mark.docs
def test_hooks_see_every_readable_call_in_order_and_may_stop_it() -> None:
    seen: list[tuple[str, str, Any]] = []

    def record(caller: Caller, operation: str, params: dict[str, Any]) -> None:
        seen.append((caller.region, operation, dict(params)))

    def throttle(caller: Caller, operation: str, params: dict[str, Any]) -> None:
        if operation == "ListBuilds":
            raise ThrottlingException("Rate exceeded")

    on = gateway(record, throttle)
    assert call("ListBuilds", {}, on=on)[1]["__type"] == "ThrottlingException"
    assert call("StartBuild", {"projectName": "web"}, on=on)[0] == 200
    call("StartBuild", {}, on=on)  # not valid, and seen all the same
    call("StartBuild", {"projectName": 7}, on=on)  # not even readable
    assert seen == [
        ("us-east-1", "ListBuilds", {}),
        ("us-east-1", "StartBuild", {"projectName": "web"}),
        ("us-east-1", "StartBuild", {}),
    ]


@pytest.mark.docs
def test_hooks_run_for_replays_too() -> None:
    seen = []
    on = gateway(lambda _caller, operation, _params: seen.append(operation))
    for _ in range(2):
        call("StartBuild", {"projectName": "web", "idempotencyToken": "t"}, on=on)
    assert seen == ["StartBuild", "StartBuild"]


@pytest.mark.docs
def test_handlers_are_looked_up_when_they_are_needed() -> None:
    asked = []

    class Lazy(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return HANDLERS.get(name, default)

    on = gateway(handlers=Lazy())
    assert asked == []
    assert call("ListBuilds", {}, on=on)[0] == 200
    assert asked == ["ListBuilds"]


@pytest.mark.docs
def test_cbor_from_the_path_to_the_error() -> None:
    def ask(operation: str, params: dict[str, Any]) -> HttpResponse:
        path = f"/service/CodeBuild_20161006/operation/{operation}"
        headers = {"smithy-protocol": "rpc-v2-cbor"}
        return gateway().answer(
            HttpRequest("POST", path, headers=headers, body=cbor.dumps(params)), CALLER
        )

    good = ask("StartBuild", {"projectName": "web"})
    assert good.status == 200
    assert cbor.loads(good.body)["build"]["initiator"] == "123456789012"
    for operation, status, code in [
        ("StartBuild", 400, "ValidationException"),
        ("NoSuchOperation", 404, "UnknownOperationException"),
    ]:
        bad = ask(operation, {})
        assert (bad.status, cbor.loads(bad.body)["__type"]) == (status, code)


@pytest.mark.docs
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-amz-target": ""},
        {"x-amz-target": "ListBuilds"},
        {"x-amz-target": "Other_20161006.ListBuilds"},
        {"x-amz-target": "CodeBuild_20161006."},
        {"smithy-protocol": "rpc-v2-cbor"},
    ],
    ids=str,
)
def test_requests_for_nothing(headers: dict[str, str]) -> None:
    response = gateway().answer(HttpRequest("POST", "/", headers=headers, body=b"{}"), CALLER)
    assert response.status == (404 if "smithy-protocol" in headers else 400)
    assert b"UnknownOperationException" in response.body


headers = st.dictionaries(
    st.sampled_from(["x-amz-target", "smithy-protocol", "content-type"]),
    st.sampled_from(
        ["CodeBuild_20161006.ListBuilds", "CodeBuild_20161006.StartBuild", "rpc-v2-cbor", ""]
    ),
)
paths = st.sampled_from(
    [
        "/",
        "",
        "/tags/a",
        "/tags/%",
        "/tags/%ff",
        "/UntagResource",
        "/ListComponents",
        "/service/CodeBuild_20161006/operation/StartBuild",
    ]
)
bodies = st.binary(max_size=30) | st.text(max_size=10).map(
    lambda text: json.dumps({"projectName": text, "ids": [text], "tags": {text: text}}).encode()
)


@pytest.mark.docs
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(["codebuild", "imagebuilder"]),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", ""]),
    paths,
    st.text("ab=&%+\xff", max_size=12),
    headers,
    bodies,
)
def test_no_request_raises(
    service: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    on = Gateway(
        service_wire(service),
        HANDLERS,
        GenericDialect(),
        now=lambda: 0.0,
        new_id=lambda: "id",
    )
    response = on.answer(HttpRequest(method, path, query, headers, body), CALLER)
    assert response.status in (200, 400, 404)
    assert response.headers["Content-Length"] == str(len(response.body))


@pytest.mark.docs
def test_a_dialect_supplies_the_words() -> None:
    class Words(GenericDialect):
        page_size = 7

        def invalid(self, operation: str, violations: Any) -> AwsError:
            return InvalidInputException(f"bad {violations[0].path} of {operation}")

        def unimplemented(self, operation: str) -> AwsError:
            return InvalidInputException(f"no {operation}")

    on = Gateway(service_wire("codebuild"), HANDLERS, Words(), now=lambda: 0.0, new_id=lambda: "id")
    assert call("StartBuild", {}, on=on)[1]["message"] == "bad projectName of StartBuild"
    assert call("DeleteProject", {"name": "x"}, on=on)[1]["message"] == "no DeleteProject"
    assert len(call("ListBuilds", {}, on=on)[1]["ids"]) == 7


@pytest.mark.model
def test_a_model_is_compiled_once() -> None:
    wire = service_wire("codebuild")
    assert service_wire("codebuild") is wire
    assert service_wire_of(wire.model) is wire
    assert service_wire_of(ServiceWire(wire.model).model) is wire
    assert wire.operation("ListBuilds") is wire.operation("ListBuilds")
    assert len(wire.operation_names) >= 59
