"""REST-JSON: what Image Builder's requests carry in path and query, and how they are routed."""

from typing import Any

import pytest
from botocore.model import ServiceModel

from mockbuild.domain.aws_errors import (
    AwsError,
    SerializationException,
    UnknownOperationException,
)
from mockbuild.wire.http import HttpRequest
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.rest_uri import UriTemplate
from mockbuild.wire.service import ServiceWire, service_wire

IMAGEBUILDER = service_wire("imagebuilder")
ARN = "arn:aws:imagebuilder:us-west-2:123456789012:component/my-comp/1.0.0/1"
ENCODED = "arn%3Aaws%3Aimagebuilder%3Aus-west-2%3A123456789012%3Acomponent%2Fmy-comp%2F1.0.0%2F1"


@pytest.mark.model
@pytest.mark.parametrize(
    ("request_", "operation", "params"),
    [
        (HttpRequest("GET", f"/tags/{ENCODED}"), "ListTagsForResource", {"resourceArn": ARN}),
        (
            HttpRequest("POST", f"/tags/{ENCODED}", body=b'{"tags":{"a":"b"}}'),
            "TagResource",
            {"resourceArn": ARN, "tags": {"a": "b"}},
        ),
        (
            HttpRequest("DELETE", f"/tags/{ENCODED}", "tagKeys=a&tagKeys=b%20c+d"),
            "UntagResource",
            {"resourceArn": ARN, "tagKeys": ["a", "b c d"]},
        ),
        (
            HttpRequest("GET", "/GetComponent", f"componentBuildVersionArn={ENCODED}"),
            "GetComponent",
            {"componentBuildVersionArn": ARN},
        ),
        (HttpRequest("POST", "/ListComponents", body=b"{}"), "ListComponents", {}),
        (HttpRequest("POST", "/ListComponents"), "ListComponents", {}),
        (HttpRequest("POST", "/ListComponents/", body=b"{}"), "ListComponents", {}),
        (
            HttpRequest("POST", "/ListImages", body=b'{"includeDeprecated":true,"owner":"Self"}'),
            "ListImages",
            {"includeDeprecated": True, "owner": "Self"},
        ),
    ],
    ids=["label", "label and body", "query list", "query", "body", "none", "slash", "types"],
)
def test_requests_find_their_operation(
    request_: HttpRequest, operation: str, params: dict[str, Any]
) -> None:
    wire, protocol = IMAGEBUILDER.route(request_)
    assert (wire.name, protocol) == (operation, Protocol.REST_JSON)
    assert wire.read(request_, protocol) == params


@pytest.mark.model
@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("GET", "/tags/arn:aws:imagebuilder:us-west-2:1:component/my-comp/1.0.0/1"),
        HttpRequest("GET", "/tags/"),
        HttpRequest("GET", "/Tags/x"),
        HttpRequest("PUT", f"/tags/{ENCODED}"),
        HttpRequest("GET", "/ListComponents"),
        HttpRequest("POST", "/"),
        HttpRequest("POST", ""),
        HttpRequest("POST", "/NoSuchThing"),
    ],
    ids=lambda request: f"{request.method} {request.path[:20]}",
)
def test_requests_that_lead_nowhere(request_: HttpRequest) -> None:
    with pytest.raises(UnknownOperationException) as caught:
        IMAGEBUILDER.route(request_)
    response = IMAGEBUILDER.write_error(caught.value, Protocol.REST_JSON, "id")
    assert response.status == 404


@pytest.mark.docs
def test_a_known_operation_is_read_behind_an_endpoint_with_a_path() -> None:
    request = HttpRequest("GET", f"/proxy/aws/tags/{ENCODED}")
    operation = IMAGEBUILDER.operation("ListTagsForResource")
    assert operation.read(request, Protocol.REST_JSON) == {"resourceArn": ARN}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("ListTagsForResource", HttpRequest("GET", "/elsewhere")),
        ("ListTagsForResource", HttpRequest("GET", "/tags/%ff")),
        ("GetComponent", HttpRequest("GET", "/GetComponent", "componentBuildVersionArn=%ff")),
        ("ListImages", HttpRequest("POST", "/ListImages", body=b"[]")),
        ("ListImages", HttpRequest("POST", "/ListImages", body=b"{")),
        ("ListImages", HttpRequest("POST", "/ListImages", body=b'{"includeDeprecated":1}')),
    ],
    ids=["no label", "label not utf-8", "query not utf-8", "a list", "broken", "wrong type"],
)
def test_malformed_requests_are_refused_by_name(operation: str, request_: HttpRequest) -> None:
    with pytest.raises(SerializationException):
        IMAGEBUILDER.operation(operation).read(request_, Protocol.REST_JSON)


def everywhere() -> ServiceWire:
    """A service whose operation has members in every place a request has."""
    members = {
        "id": {"shape": "Long", "location": "uri", "locationName": "Id"},
        "flag": {"shape": "Flag", "location": "querystring", "locationName": "f"},
        "time": {"shape": "Time", "location": "header", "locationName": "X-Time"},
        "list": {"shape": "List", "location": "header", "locationName": "X-List"},
        "meta": {"shape": "Map", "location": "headers", "locationName": "X-Meta-"},
        "body": {"shape": "Text"},
    }
    answer = {
        name: member for name, member in members.items() if name not in ("id", "flag", "body")
    }
    answer |= {
        "code": {"shape": "Long", "location": "statusCode"},
        "data": {"shape": "Blob"},
    }
    description = {
        "metadata": {"protocol": "rest-json", "apiVersion": "1"},
        "operations": {
            "Do": {
                "name": "Do",
                "http": {"method": "PUT", "requestUri": "/do/{Id}?fixed=1"},
                "input": {"shape": "In"},
                "output": {"shape": "Out"},
            },
            "Other": {"name": "Other", "http": {"method": "PUT", "requestUri": "/do/{Id}"}},
        },
        "shapes": {
            "In": {"type": "structure", "members": members},
            "Out": {"type": "structure", "members": answer, "payload": "data"},
            "Long": {"type": "long"},
            "Flag": {"type": "boolean"},
            "Time": {"type": "timestamp"},
            "Text": {"type": "string"},
            "Blob": {"type": "blob"},
            "List": {"type": "list", "member": {"shape": "Text"}},
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        },
    }
    return ServiceWire(ServiceModel(description, "everywhere"))


@pytest.mark.docs
def test_members_in_every_place() -> None:
    request = HttpRequest(
        "PUT",
        "/do/7",
        "fixed=1&f=true",
        {
            "x-time": "Thu, 01 Jan 1970 00:00:02 GMT",
            "x-list": 'a, "b,\\"c" ,d',
            "x-meta-one": "1",
        },
        b'{"body":"text"}',
    )
    wire, protocol = everywhere().route(request)
    assert wire.name == "Do"
    assert wire.read(request, protocol) == {
        "id": 7,
        "flag": True,
        "time": 2.0,
        "list": ["a", 'b,"c', "d"],
        "meta": {"one": "1"},
        "body": "text",
    }


@pytest.mark.docs
def test_a_fixed_query_makes_another_operation() -> None:
    wire, _ = everywhere().route(HttpRequest("PUT", "/do/7", "f=true"))
    assert wire.name == "Other"


@pytest.mark.docs
def test_a_member_with_a_place_is_not_taken_from_the_body() -> None:
    request = HttpRequest("PUT", "/do/7", "fixed=1", {}, b'{"f":true,"id":1,"flag":true}')
    assert everywhere().operation("Do").read(request, Protocol.REST_JSON) == {"id": 7}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/do/x", "", {}),
        ("/do/1.5", "", {}),
        ("/do/7", "f=yes", {}),
        ("/do/7", "", {"x-time": "yesterday"}),
        ("/do/7", "", {"x-list": '"open'}),
    ],
)
def test_texts_that_are_no_value_are_refused(
    path: str, query: str, headers: dict[str, str]
) -> None:
    with pytest.raises(SerializationException):
        everywhere().operation("Do").read(
            HttpRequest("PUT", path, query, headers, b"{}"), Protocol.REST_JSON
        )


@pytest.mark.docs
def test_results_go_to_every_place() -> None:
    result = {"time": 2.0, "list": ["a", "b,c"], "meta": {"One": "1"}, "code": 202, "data": b"\0"}
    response = everywhere().operation("Do").write(result, Protocol.REST_JSON, "id-1")
    assert (response.status, response.body) == (202, b"\0")
    assert response.headers == {
        "Content-Type": "application/octet-stream",
        "X-Time": "Thu, 01 Jan 1970 00:00:02 GMT",
        "X-List": 'a, "b,c"',
        "X-Meta-One": "1",
        "x-amzn-RequestId": "id-1",
        "Content-Length": "1",
    }


@pytest.mark.docs
@pytest.mark.parametrize(
    ("template", "path", "labels"),
    [
        ("/a/{x}", "/a/b%2Fc", {"x": "b/c"}),
        ("/a/{x+}", "/a/b/c%20d/e", {"x": "b/c d/e"}),
        ("/{x}/b/{y+}", "/1/b/2/3", {"x": "1", "y": "2/3"}),
        ("/{x+}/end", "/1/2/end", {"x": "1/2"}),
        ("/a/{x}.json", "/a/b.json", {"x": "b"}),
    ],
)
def test_labels(template: str, path: str, labels: dict[str, str]) -> None:
    compiled = UriTemplate(template)
    assert compiled.matches(path, {})
    assert compiled.read(path) == labels


@pytest.mark.docs
@pytest.mark.parametrize(
    ("template", "path", "query"),
    [
        ("/a/{x}", "/a/b/c", {}),
        ("/a/{x}", "/a/", {}),
        ("/a/{x+}", "/b/c", {}),
        ("/a/{x}", "/z/a/b", {}),
        ("/a?type=x", "/a", {}),
        ("/a?type=x", "/a", {"type": ["y"]}),
        ("/a.c", "/abc", {}),
    ],
)
def test_other_paths_do_not_match(template: str, path: str, query: dict[str, list[str]]) -> None:
    assert not UriTemplate(template).matches(path, query)


def error(code: str, status: int = 400) -> AwsError:
    made: AwsError = type(code, (AwsError,), {"status": status})("gone")
    return made


@pytest.mark.model
@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (error("ResourceNotFoundException"), 404),
        (error("ServiceQuotaExceededException"), 402),
        (error("Unmodelled", 418), 418),
    ],
)
def test_errors_have_the_models_status(raised: AwsError, status: int) -> None:
    response = IMAGEBUILDER.write_error(raised, Protocol.REST_JSON, "id-1")
    assert response.status == status
    assert response.body == b'{"message":"gone"}'
    assert response.headers["x-amzn-ErrorType"] == raised.code
    assert response.headers["x-amzn-RequestId"] == "id-1"


@pytest.mark.model
@pytest.mark.parametrize(
    ("operation", "result", "body"),
    [
        ("CreateImage", {"clientToken": "t"}, b'{"clientToken":"t","requestId":"id-1"}'),
        ("CreateImage", {"requestId": "mine"}, b'{"requestId":"mine"}'),
        ("CreateImage", {"requestId": None}, b'{"requestId":"id-1"}'),
        ("ListTagsForResource", {"tags": {}}, b'{"tags":{}}'),
        ("TagResource", {}, b"{}"),
    ],
)
def test_the_request_id_is_in_bodies_that_have_it(
    operation: str, result: dict[str, Any], body: bytes
) -> None:
    response = IMAGEBUILDER.operation(operation).write(result, Protocol.REST_JSON, "id-1")
    assert response.body == body


@pytest.mark.docs
def test_an_error_can_be_written_before_anything_is_known() -> None:
    written = IMAGEBUILDER.write_error(error("ServiceUnavailable", 503), None, "id-1")
    assert (written.status, written.headers["x-amzn-ErrorType"]) == (503, "ServiceUnavailable")
    in_json = service_wire("codebuild").write_error(error("InternalFailure", 500), None, "id-1")
    assert (in_json.status, in_json.body) == (
        500,
        b'{"__type":"InternalFailure","message":"gone"}',
    )
