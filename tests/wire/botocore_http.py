"""botocore's side of the wire: its serialisers and parsers around our requests and responses."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.model import OperationModel
from botocore.parsers import JSONParser, RestJSONParser, RpcV2CBORParser
from botocore.serialize import JSONSerializer, RestJSONSerializer, RpcV2CBORSerializer

from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.protocol import Protocol

SERIALIZERS = {
    Protocol.JSON: JSONSerializer,
    Protocol.REST_JSON: RestJSONSerializer,
    Protocol.CBOR: RpcV2CBORSerializer,
}
PARSERS = {
    Protocol.JSON: JSONParser,
    Protocol.REST_JSON: RestJSONParser,
    Protocol.CBOR: RpcV2CBORParser,
}


def request_of(
    operation: OperationModel, params: dict[str, Any], protocol: Protocol
) -> HttpRequest:
    """The request botocore would send."""
    serialized = SERIALIZERS[protocol]().serialize_to_request(params, operation)
    return http_request(serialized)


def http_request(serialized: dict[str, Any]) -> HttpRequest:
    """The HTTP request of what a botocore serialiser returned."""
    serialized.setdefault("context", {})
    prepare_request_dict(serialized, "https://service.us-east-1.amazonaws.com")
    prepared = create_request_object(serialized).prepare()
    url = urlsplit(prepared.url)
    body = prepared.body
    if body is not None and hasattr(body, "read"):
        body = body.read()
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in prepared.headers.items()
    }
    return HttpRequest(
        prepared.method,
        url.path or "/",
        url.query,
        headers,
        body.encode() if isinstance(body, str) else body or b"",
    )


def parse(response: HttpResponse, operation: OperationModel, protocol: Protocol) -> dict[str, Any]:
    """What botocore makes of a response: timestamps as seconds, without its own metadata."""
    parsed = PARSERS[protocol]().parse(
        {
            "status_code": response.status,
            "headers": HeadersDict(response.headers),
            "body": response.body,
            "context": {"operation_name": operation.name},
        },
        operation.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    return seconds(parsed)


def seconds(value: Any) -> Any:
    """Turn every datetime in a value into seconds since the epoch."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: seconds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [seconds(item) for item in value]
    return value
