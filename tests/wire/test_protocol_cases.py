"""botocore's protocol cases backwards: their bytes are our input, their results our output."""

import base64
import copy
import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, ServiceModel
from botocore.utils import parse_timestamp

from mockbuild.domain.aws_errors import AwsError
from mockbuild.wire.http import HttpRequest
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.service import ServiceWire
from tests.wire import protocol_cases
from tests.wire.botocore_http import PARSERS, http_request, parse

pytestmark = pytest.mark.model

FILES = (
    "json.json",
    "json_1_0.json",
    "rest-json.json",
    "smithy-rpc-v2-cbor.json",
)
REQUIRE = "MOCKBUILD_REQUIRE_PROTOCOL_CASES"

COMPRESSED = "compresses the request; no operation of the services allows that"
FILLED = "the client fills in a token that the case does not list among its parameters"
TRACELESS = "an empty list or map leaves nothing in headers and query that could be read"
EMPTY_PAYLOAD = "the client sends {} for a payload that is not there; read back it is empty"
HEADER_MAP = "the prefix is empty: the response's own headers belong to the map as well"
UNREADABLE = "botocore's parser does not read it back; its own tests leave the case out too"

NOT_APPLICABLE = {
    "SDKAppliedContentEncoding_awsJson1_0": COMPRESSED,
    "SDKAppliedContentEncoding_awsJson1_1": COMPRESSED,
    "SDKAppliedContentEncoding_restJson1": COMPRESSED,
    "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0": COMPRESSED,
    "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1": COMPRESSED,
    "SDKAppendedGzipAfterProvidedEncoding_restJson1": COMPRESSED,
    "RestJsonQueryIdempotencyTokenAutoFill": FILLED,
    "Idempotency token auto fill 6:1": FILLED,
    "Idempotency token auto fill 19:1": FILLED,
    "RestJsonHttpPrefixHeadersAreNotPresent": TRACELESS,
    "RestJsonOmitsEmptyListQueryValues": TRACELESS,
    "List in header 26:1": TRACELESS,
    "RestJsonHttpWithEmptyStructurePayload": EMPTY_PAYLOAD,
    "RestJsonHttpWithHeadersButNoPayload": EMPTY_PAYLOAD,
    "Structure payload 13:1": EMPTY_PAYLOAD,
    "Content-Type and JSON body 25:2": EMPTY_PAYLOAD,
    "Content-Type and JSON body 25:4": EMPTY_PAYLOAD,
    "Content-Type and JSON body 25:7": "the client fills in a Content-Type, which is a member here",
    "RestJsonHostWithPath": "an endpoint with a path of its own; not AWS's, see test_rest_json",
    "MediaTypeHeaderInputBase64": "botocore leaves it out itself: the parameter is not parsed JSON",
    "RestJsonQueryParamsStringListMap": "a server's map holds the whole query, a client's the rest",
    "RestJsonQueryPrecedence": "a client's rule on what to send; a server reads what was sent",
    "RestJsonHttpPayloadWithUnsetUnion": UNREADABLE,
    "RPC JSON Event Stream 6:0": "an event stream; no operation of the services has one",
    "Tagged Unions 17:2": "a parser's answer to members it does not know",
    "Supports header maps 9:0": HEADER_MAP,
    "HttpPrefixHeadersResponse": HEADER_MAP,
    "RestJsonHttpPayloadTraitsWithNoBlobBody": UNREADABLE,
    "RestJsonInputAndOutputWithQuotedStringHeaders": UNREADABLE,
    "RestJsonInputAndOutputWithTimestampHeaders": UNREADABLE,
}


@pytest.fixture(scope="session")
def cases() -> Path:
    try:
        return protocol_cases.fetch()
    except protocol_cases.UnreachableError as error:
        text = f"botocore's protocol cases are out of reach: {error}"
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(text)
        pytest.skip(text)


def _play(folder: Path, name: str, key: str, run: Callable[..., None]) -> None:
    """Run every case of a file; fail with the list of those that went wrong."""
    file = folder / name
    if not file.is_file():
        pytest.skip(f"this version of botocore has no {name}")
    wrong = []
    played = 0
    for case_name, description, case in protocol_cases.load(file):
        if key not in case or case_name in NOT_APPLICABLE:
            continue
        played += 1
        try:
            run(*_service(description, case), case)
        except (AssertionError, AwsError, KeyError, TypeError, ValueError) as error:
            wrong.append(f"{case_name}: {type(error).__name__}: {error}")
    assert not wrong, f"{len(wrong)} of {played}:\n" + "\n".join(wrong)
    if not played:
        pytest.skip(f"this version of botocore has no such cases in {name}")


def _service(
    description: dict[str, Any], case: dict[str, Any]
) -> tuple[ServiceWire, OperationModel]:
    description = copy.deepcopy(description)
    name = case.get("given", {}).get("name", "OperationName")
    given = {"name": name, "http": {"method": "POST", "requestUri": "/"}, **case["given"]}
    description["operations"] = {name: given}
    description["metadata"].setdefault("apiVersion", "x")
    model = ServiceModel(description, "service")
    return ServiceWire(model), model.operation_model(name)


@pytest.mark.parametrize("file", [*FILES, "legacy/json.json", "legacy/rest-json.json"])
def test_requests_are_read(cases: Path, file: str) -> None:
    folder = cases / "legacy" / "input" if "/" in file else cases / "input"
    _play(folder, file.removeprefix("legacy/"), "serialized", _read)


def _read(service: ServiceWire, model: OperationModel, case: dict[str, Any]) -> None:
    request = _request(service, model, case["serialized"])
    protocol = service.protocol_of(request)
    operation = service.operation(model.name)
    if protocol is not Protocol.JSON or "x-amz-target" in request.headers:
        assert service.route(request) == (operation, protocol)
    expected = _as_read(model.input_shape, case["params"]) if model.input_shape else {}
    assert _same(operation.read(request, protocol), expected)


def _request(
    service: ServiceWire, model: OperationModel, serialized: dict[str, Any]
) -> HttpRequest:
    body = serialized.get("body", "")
    protocol = service.model.metadata["protocol"]
    data = base64.b64decode(body) if "cbor" in protocol else body.encode()
    request = http_request(
        {
            "url_path": serialized.get("uri", "/"),
            "query_string": "",
            "method": serialized.get("method", model.http["method"]),
            "headers": dict(serialized.get("headers", {})),
            "body": data,
            "context": {},
        }
    )
    path, _, query = serialized.get("uri", "/").partition("?")
    return HttpRequest(request.method, path, query, request.headers, data)


def _as_read(shape: Any, value: Any) -> Any:
    """A case's parameters the way we read them: blobs are bytes, nulls are absent."""
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return {
            name: _as_read(shape.members[name], item)
            for name, item in value.items()
            if item is not None
        }
    if kind == "list":
        return [_as_read(shape.member, item) for item in value]
    if kind == "map":
        return {key: _as_read(shape.value, item) for key, item in value.items()}
    if kind == "blob":
        return value.encode() if isinstance(value, str) else value
    if kind == "timestamp":
        return parse_timestamp(value).timestamp()
    if kind in ("float", "double"):
        return float(value)
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)):
        return (
            math.isclose(one, other, abs_tol=1e-3)
            or one == other
            or (one != one and other != other)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys(), f"{one!r} is not {other!r}"
        return all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other), f"{one!r} is not {other!r}"
        return all(map(_same, one, other))
    assert one == other, f"{one!r} is not {other!r}"
    return True


@pytest.mark.parametrize("file", [*FILES, "legacy/json.json", "legacy/rest-json.json"])
def test_results_are_written(cases: Path, file: str) -> None:
    folder = cases / "legacy" / "output" if "/" in file else cases / "output"
    _play(folder, file.removeprefix("legacy/"), "result", _write)


def _write(service: ServiceWire, model: OperationModel, case: dict[str, Any]) -> None:
    protocol = Protocol(service.model.metadata["protocol"])
    result = _as_read(model.output_shape, case["result"]) if model.output_shape else {}
    response = service.operation(model.name).write(result, protocol, "id-1")
    assert response.status == case["response"].get("status_code", 200)
    written = parse(response, model, protocol)
    assert _same(_as_read(model.output_shape, written) if model.output_shape else {}, result)


@pytest.mark.parametrize("file", FILES)
def test_errors_are_written(cases: Path, file: str) -> None:
    _play(cases / "output", file, "error", _write_error)


def _write_error(service: ServiceWire, model: OperationModel, case: dict[str, Any]) -> None:
    protocol = Protocol(service.model.metadata["protocol"])
    error = type(case["errorCode"], (AwsError,), {})(case.get("errorMessage", ""))
    response = service.write_error(error, protocol, "id-1")
    modelled = model.service_model.shape_for(case["errorCode"]).metadata.get("error", {})
    assert response.status == modelled.get("httpStatusCode", 400)
    parsed = PARSERS[protocol]().parse(
        {
            "status_code": response.status,
            "headers": HeadersDict(response.headers),
            "body": response.body,
            "context": {"operation_name": model.name},
        },
        model.output_shape,
    )
    assert parsed["Error"]["Code"] == case["errorCode"]
    assert parsed["Error"]["Message"] == case.get("errorMessage", "")
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == response.status


@pytest.mark.docs
def test_an_exemption_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in NOT_APPLICABLE.values())
    assert json.dumps(NOT_APPLICABLE)
