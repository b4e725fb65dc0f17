"""JSON 1.1 bodies, read and written."""

import json
import math
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel

from mockbuild.domain.aws_errors import SerializationException
from mockbuild.wire import json_codec, times
from mockbuild.wire.http import HttpRequest
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.service import ServiceWire, service_wire

CODEBUILD = service_wire("codebuild")


def read(operation: str, body: bytes) -> dict[str, Any]:
    request = HttpRequest("POST", "/", body=body)
    return CODEBUILD.operation(operation).read(request, Protocol.JSON)


SHAPES = {
    "In": {
        "type": "structure",
        "members": {
            "plain": {"shape": "String"},
            "renamed": {"shape": "String", "locationName": "Other"},
            "blob": {"shape": "Blob"},
            "time": {"shape": "Time"},
            "iso": {"shape": "Iso"},
            "rfc": {"shape": "Rfc"},
            "number": {"shape": "Double"},
            "sparse": {"shape": "List"},
            "map": {"shape": "Map"},
            "self": {"shape": "In"},
            "document": {"shape": "Document"},
        },
    },
    "String": {"type": "string"},
    "Blob": {"type": "blob"},
    "Time": {"type": "timestamp"},
    "Iso": {"type": "timestamp", "timestampFormat": "iso8601"},
    "Rfc": {"type": "timestamp", "timestampFormat": "rfc822"},
    "Double": {"type": "double"},
    "List": {"type": "list", "member": {"shape": "String"}},
    "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Blob"}},
    "Document": {"type": "structure", "members": {}, "document": True},
}


def every_kind() -> tuple[ServiceWire, OperationModel]:
    model = ServiceModel(
        {
            "metadata": {
                "protocol": "json",
                "apiVersion": "1",
                "targetPrefix": "T",
                "jsonVersion": "1.1",
            },
            "operations": {
                "Do": {
                    "name": "Do",
                    "http": {"method": "POST", "requestUri": "/"},
                    "input": {"shape": "In"},
                    "output": {"shape": "In"},
                }
            },
            "shapes": SHAPES,
        },
        "kinds",
    )
    return ServiceWire(model), model.operation_model("Do")


KINDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("plain", {"plain": "x"}, {"plain": "x"}),
    ("beyond-bmp", {"plain": "\U0001f600"}, {"plain": "\U0001f600"}),
    ("renamed", {"Other": "x"}, {"renamed": "x"}),
    ("blob", {"blob": "AP8="}, {"blob": b"\x00\xff"}),
    ("time", {"time": 1.5}, {"time": 1.5}),
    ("iso", {"iso": "1970-01-01T00:00:01.500Z"}, {"iso": 1.5}),
    ("rfc", {"rfc": "Thu, 01 Jan 1970 00:00:02 GMT"}, {"rfc": 2.0}),
    ("number", {"number": 0.5}, {"number": 0.5}),
    ("infinity", {"number": "Infinity"}, {"number": math.inf}),
    ("minus-infinity", {"number": "-Infinity"}, {"number": -math.inf}),
    ("sparse", {"sparse": ["a", None]}, {"sparse": ["a", None]}),
    ("map", {"map": {"k": "AA==", "n": None}}, {"map": {"k": b"\x00", "n": None}}),
    ("recursive", {"self": {"self": {"Other": "x"}}}, {"self": {"self": {"renamed": "x"}}}),
    ("document", {"document": {"a": [1, {"b": None}]}}, {"document": {"a": [1, {"b": None}]}}),
]


@pytest.mark.docs
@pytest.mark.parametrize(("wire", "value"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_every_kind_of_member_there_and_back(wire: dict[str, Any], value: dict[str, Any]) -> None:
    service, _ = every_kind()
    operation = service.operation("Do")
    request = HttpRequest("POST", "/", body=json.dumps(wire).encode())
    assert operation.read(request, Protocol.JSON) == value
    assert json.loads(operation.write(value, Protocol.JSON, "id").body) == wire


@pytest.mark.docs
def test_nan_is_a_string_on_the_wire() -> None:
    service, _ = every_kind()
    operation = service.operation("Do")
    body = operation.write({"number": math.nan}, Protocol.JSON, "id").body
    assert body == b'{"number":"NaN"}'
    read_back = operation.read(HttpRequest("POST", "/", body=body), Protocol.JSON)
    assert math.isnan(read_back["number"])


@pytest.mark.docs
def test_nan_is_a_string_in_a_shape_that_is_plain_otherwise() -> None:
    result = {"codeCoverages": [{"lineCoveragePercentage": math.nan}]}
    body = CODEBUILD.operation("DescribeCodeCoverages").write(result, Protocol.JSON, "id").body
    assert body == b'{"codeCoverages":[{"lineCoveragePercentage":"NaN"}]}'


@pytest.mark.model
@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b'{"projectName":"web"}', {"projectName": "web"}),
        (b'{"projectName":"web","surprise":1}', {"projectName": "web"}),
        (b'{"projectName":"web","sourceVersion":null}', {"projectName": "web"}),
        (b'{"timeoutInMinutesOverride":60.0}', {"timeoutInMinutesOverride": 60}),
        (b"{}", {}),
        (b"", {}),
        (b' {"projectName" : "web"} \n', {"projectName": "web"}),
    ],
    ids=["plain", "unknown member", "null member", "whole float", "empty", "no body", "spaces"],
)
def test_what_is_read(body: bytes, params: dict[str, Any]) -> None:
    assert read("StartBuild", body) == params


@pytest.mark.inferred
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b'{"projectName":"web"} x',
        b'{"projectName":1}',
        b'{"projectName":{}}',
        b'{"projectName":[]}',
        b'{"projectName":true}',
        b'{"timeoutInMinutesOverride":"60"}',
        b'{"timeoutInMinutesOverride":60.5}',
        b'{"timeoutInMinutesOverride":true}',
        b'{"timeoutInMinutesOverride":NaN}',
        b'{"timeoutInMinutesOverride":1e999}',
        b'{"timeoutInMinutesOverride":99999999999999999999}',
        b'{"privilegedModeOverride":"true"}',
        b'{"environmentVariablesOverride":{}}',
        b'{"environmentVariablesOverride":["a"]}',
        b'{"environmentVariablesOverride":"a"}',
        b'{"projectName":"\\ud800"}',
        b'{"projectName":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'{"a":' + b"[" * 200_000,
        b'{"timeoutInMinutesOverride":' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_malformed_bytes_are_refused_by_name(body: bytes) -> None:
    with pytest.raises(SerializationException) as caught:
        read("StartBuild", body)
    assert caught.value.message


@pytest.mark.docs
def test_unset_members_are_left_out_at_every_depth() -> None:
    operation = CODEBUILD.operation("StartBuild")
    result = {"build": {"id": "a", "arn": None, "phases": [{"phaseType": None}]}}
    body = operation.write(result, Protocol.JSON, "id").body
    assert body == b'{"build":{"id":"a","phases":[{}]}}'


@pytest.mark.docs
def test_the_word_null_in_a_text_stays() -> None:
    body = CODEBUILD.operation("StartBuild").write({"build": {"id": "null"}}, Protocol.JSON, "i")
    assert body.body == b'{"build":{"id":"null"}}'


@pytest.mark.model
def test_an_operation_without_result_answers_an_empty_object() -> None:
    response = CODEBUILD.operation("DeleteProject").write({}, Protocol.JSON, "id-1")
    assert (response.status, response.body) == (200, b"{}")
    assert response.headers == {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-RequestId": "id-1",
        "Content-Length": "2",
    }


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2020-02-19T18:53:45.940Z", 1582138425.94),
        ("2020-02-19T18:53:45Z", 1582138425.0),
        ("2020-02-19T19:53:45+01:00", 1582138425.0),
        ("2020-02-19t18:53:45z", 1582138425.0),
        ("1969-12-31T23:59:59Z", -1.0),
    ],
)
def test_iso_times_are_read(text: str, seconds: float) -> None:
    assert times.parse_iso8601(text) == pytest.approx(seconds)


@pytest.mark.docs
@pytest.mark.parametrize(
    "text", ["2020-02-19", "20200219T185345Z", "now", "", "2020-13-01T00:00:00Z"]
)
def test_other_texts_are_no_iso_times(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the kind is all that is promised)
        times.parse_iso8601(text)


@pytest.mark.docs
def test_times_are_written() -> None:
    assert times.format_iso8601(1582138425.94) == "2020-02-19T18:53:45.940Z"
    assert times.format_iso8601(1582138425) == "2020-02-19T18:53:45Z"
    assert times.format_rfc822(1582138425.94) == "Wed, 19 Feb 2020 18:53:45 GMT"


@pytest.mark.model
def test_which_shapes_need_work() -> None:
    _, operation = every_kind()
    members = operation.input_shape.members
    plain = {name for name, shape in members.items() if json_codec.is_plain(shape)}
    # "self" is this structure again, which has members that need work
    assert plain == {"plain", "renamed", "time", "number", "sparse", "document"}
