"""REST-JSON: what Image Builder's requests carry in path and query, and how they are routed."""

from typing import Any

import pytest

from mockbuild.domain.aws_errors import (
    AwsError,
    ResourceNotFoundException,
    SerializationException,
    UnknownOperationException,
)
from mockbuild.wire.http import HttpRequest
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.rest_uri import UriTemplate
from mockbuild.wire.service import service_wire

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


@pytest.mark.docs
def test_a_member_of_the_path_is_not_taken_from_the_body() -> None:
    request = HttpRequest("POST", "/tags/x", body=b'{"resourceArn":"other","tags":{}}')
    operation = IMAGEBUILDER.operation("TagResource")
    assert operation.read(request, Protocol.REST_JSON) == {"resourceArn": "x", "tags": {}}


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


class ServiceQuotaExceededException(AwsError):
    """A modelled error with a status of its own."""


class Unmodelled(AwsError):
    status = 418


@pytest.mark.model
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ResourceNotFoundException("gone"), 404),
        (ServiceQuotaExceededException("gone"), 402),
        (Unmodelled("gone"), 418),
    ],
)
def test_errors_have_the_models_status(error: AwsError, status: int) -> None:
    response = IMAGEBUILDER.write_error(error, Protocol.REST_JSON, "id-1")
    assert response.status == status
    assert response.body == b'{"message":"gone"}'
    assert response.headers["x-amzn-ErrorType"] == error.code
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
