"""REST-JSON on top of JSON bodies: URI labels, query string, headers, payload, status code.

What a request carries outside its body is text, so each such member gets a function from text.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from mockbuild.domain.aws_errors import SerializationException
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.json_codec import body_writer, dumps, json_decoder, json_encoder, loads
from mockbuild.wire.rest_text import FromText, from_header, from_text, to_header
from mockbuild.wire.rest_uri import Query, UriTemplate, parse_query

# ---- reading ----


def request_reader(model: OperationModel) -> Callable[[HttpRequest], dict[str, Any]]:
    """Return the function from a request of this operation to its parameters."""
    shape = model.input_shape
    if shape is None:
        return lambda _: {}
    template = UriTemplate(model.http["requestUri"])
    readers = [
        *_label_readers(shape, template),
        *_query_readers(shape),
        *_header_readers(shape),
    ]
    read_body = _body_reader(shape)

    def read(request: HttpRequest) -> dict[str, Any]:
        params = read_body(request) if read_body else {}
        for reader in readers:
            reader(request, params)
        return params

    return read


Reader = Callable[[HttpRequest, dict[str, Any]], None]


def _located(shape: Any, *locations: str) -> Iterator[tuple[str, str, Any]]:
    """Members of a location: member name, name on the wire, shape."""
    for name, member in shape.members.items():
        if member.serialization.get("location") in locations:
            yield name, member.serialization.get("name", name), member


def _label_readers(shape: Shape, template: UriTemplate) -> Iterator[Reader]:
    members = [
        (name, wire_name, from_text(member, "iso8601"))
        for name, wire_name, member in _located(shape, "uri")
    ]
    if not members:
        return

    def read_labels(request: HttpRequest, params: dict[str, Any]) -> None:
        labels = template.read(request.path)
        for name, wire_name, convert in members:
            params[name] = convert(labels[wire_name])

    yield read_labels


def _query_readers(shape: Shape) -> Iterator[Reader]:
    takers = [_query_taker(*member) for member in _located(shape, "querystring")]
    if not takers:
        return

    def read_query(request: HttpRequest, params: dict[str, Any]) -> None:
        query = parse_query(request.query)
        for name, take in takers:
            value = take(query)
            if value is not None:
                params[name] = value

    yield read_query


def _query_taker(name: str, wire_name: str, member: Any) -> tuple[str, Callable[[Query], Any]]:
    """Return a member's name and the function that takes its value from the query.

    A map takes the whole query, that of other members included, as Smithy wants of servers.
    """
    if member.type_name == "map":
        return name, lambda query: _query_map(member, query)
    if member.type_name == "list":
        convert = from_text(member.member, "iso8601")
        return (
            name,
            lambda query: (
                [convert(text) for text in query[wire_name]] if wire_name in query else None
            ),
        )
    convert = from_text(member, "iso8601")
    return name, lambda query: convert(query[wire_name][0]) if wire_name in query else None


def _query_map(member: Any, query: Query) -> dict[str, Any] | None:
    if not query:
        return None
    if member.value.type_name == "list":
        return {key: list(values) for key, values in query.items()}
    return {key: values[0] for key, values in query.items()}


def _header_readers(shape: Shape) -> Iterator[Reader]:
    for name, wire_name, member in _located(shape, "header"):
        yield _header_reader(name, wire_name.lower(), from_header(member))
    for name, wire_name, _member in _located(shape, "headers"):
        yield _prefix_reader(name, wire_name.lower())


def _header_reader(name: str, header: str, convert: FromText) -> Reader:
    def read_header(request: HttpRequest, params: dict[str, Any]) -> None:
        text = request.headers.get(header)
        if text is not None:
            params[name] = convert(text)

    return read_header


def _prefix_reader(name: str, prefix: str) -> Reader:
    def read_headers(request: HttpRequest, params: dict[str, Any]) -> None:
        found = {
            header[len(prefix) :]: text
            for header, text in request.headers.items()
            if header.lower().startswith(prefix)
        }
        if found:
            params[name] = found

    return read_headers


def _body_reader(shape: Any) -> Callable[[HttpRequest], dict[str, Any]] | None:
    payload = shape.serialization.get("payload")
    if payload is not None:
        return _payload_reader(payload, shape.members[payload])
    if all("location" in member.serialization for member in shape.members.values()):
        return None
    located = [
        name for name, wire_name, _ in _located(shape, "uri", "querystring", "header", "headers")
    ]
    decode = json_decoder(shape)

    def read_json(request: HttpRequest) -> dict[str, Any]:
        params: dict[str, Any] = decode(loads(request.body)) if request.body.strip() else {}
        for name in located:  # a member with a place of its own is not taken from the body
            params.pop(name, None)
        return params

    return read_json


def _payload_reader(name: str, member: Shape) -> Callable[[HttpRequest], dict[str, Any]]:
    if member.type_name == "blob":
        return lambda request: {name: request.body} if request.body else {}
    if member.type_name == "string":
        return lambda request: {name: _text_body(request.body)} if request.body else {}
    decode = json_decoder(member)

    def read_payload(request: HttpRequest) -> dict[str, Any]:
        value = loads(request.body) if request.body.strip() else None
        return {} if value is None else {name: decode(value)}

    return read_payload


def _text_body(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise SerializationException("The request's body is not UTF-8") from None


# ---- writing ----


def response_writer(model: OperationModel) -> Callable[[Mapping[str, Any]], HttpResponse]:
    """Return the function from a result to a response without the common headers."""
    shape: Any = model.output_shape
    status = int(model.http.get("responseCode", 200))
    if shape is None or not shape.members:
        return lambda _: HttpResponse(status, {"Content-Type": "application/json"}, b"{}")
    payload = shape.serialization.get("payload")
    elsewhere = {name for name, m in shape.members.items() if "location" in m.serialization}
    if payload is None and not elsewhere:
        write_body = body_writer(shape)
        return lambda result: HttpResponse(
            status, {"Content-Type": "application/json"}, write_body(result)
        )
    return _split_writer(shape, payload, elsewhere, status)


def _split_writer(
    shape: Any, payload: str | None, elsewhere: set[str], status: int
) -> Callable[[Mapping[str, Any]], HttpResponse]:
    headers = [(n, wire, to_header(m)) for n, wire, m in _located(shape, "header")]
    prefixes = [(n, wire) for n, wire, _ in _located(shape, "headers")]
    codes = [name for name, _, _ in _located(shape, "statusCode")]
    write_json = _payload_writer(payload, shape) if payload else body_writer(shape)

    def write(result: Mapping[str, Any]) -> HttpResponse:
        result = {name: value for name, value in result.items() if value is not None}
        rest = {name: value for name, value in result.items() if name not in elsewhere}
        response = HttpResponse(status, {}, write_json(rest))
        response.headers["Content-Type"] = _content_type(shape, payload)
        for name, wire_name, convert in headers:
            if name in result:
                response.headers[wire_name] = convert(result[name])
        for name, prefix in prefixes:
            for key, value in result.get(name, {}).items():
                response.headers[prefix + key] = value
        for name in codes:
            response.status = result.get(name, status)
        return response

    return write


def _content_type(shape: Any, payload: str | None) -> str:
    kind = shape.members[payload].type_name if payload else "structure"
    return {"blob": "application/octet-stream", "string": "text/plain"}.get(
        kind, "application/json"
    )


def _payload_writer(payload: str, shape: Any) -> Callable[[Mapping[str, Any]], bytes]:
    member = shape.members[payload]
    if member.type_name == "blob":
        return lambda result: bytes(result.get(payload, b""))
    if member.type_name == "string":
        return lambda result: str(result.get(payload, "")).encode()
    encode = json_encoder(member)

    def write_payload(result: Mapping[str, Any]) -> bytes:
        if payload not in result:
            return b""
        return dumps(encode(result[payload])).encode("ascii")

    return write_payload
