"""One operation of a service: its request read, its response written, in each protocol."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from botocore.model import OperationModel

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.violations import Violation
from mockbuild.wire import cbor_codec, json_codec, rest_json
from mockbuild.wire.constraints import compile_constraints
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.idempotency import token_member
from mockbuild.wire.pagination import Pager, pager_of
from mockbuild.wire.protocol import Protocol

Read = Callable[[HttpRequest], dict[str, Any]]
Write = Callable[[Mapping[str, Any]], HttpResponse]
WriteError = Callable[[AwsError, Protocol | None, str], HttpResponse]


class OperationWire:
    """An operation between bytes and parameters. Each part is compiled at its first use.

    :param model: the operation in botocore's model.
    :param write_error: how the service writes errors, whichever operation they come from.
    """

    def __init__(self, model: OperationModel, write_error: WriteError) -> None:
        self.model = model
        self.name: str = model.name
        self._write_error = write_error
        self._readers: dict[Protocol, Read] = {}
        self._writers: dict[Protocol, Write] = {}

    def read(self, request: HttpRequest, protocol: Protocol) -> dict[str, Any]:
        """Return the parameters: timestamps as floats, blobs as bytes, absent members left out.

        :raises SerializationException: the bytes are malformed or a value is of the wrong type.
        """
        reader = self._readers.get(protocol)
        if reader is None:
            reader = self._readers.setdefault(protocol, _READERS[protocol](self.model))
        return reader(request)

    @cached_property
    def check(self) -> Callable[[dict[str, Any]], list[Violation]]:
        """Return the function that finds what the server would refuse in the parameters."""
        return compile_constraints(self.model.input_shape)

    @cached_property
    def pager(self) -> Pager | None:
        """How this operation's result is cut into pages; ``None`` if it never is."""
        return pager_of(self.model)

    @cached_property
    def token_member(self) -> str | None:
        """The parameter that makes a repeated call the same call; ``None`` if there is none."""
        return token_member(self.model.input_shape)

    @cached_property
    def echoes_token(self) -> bool:
        """Whether the answer has the client token in it."""
        shape = self.model.output_shape
        return shape is not None and self.token_member in shape.members

    def write(self, result: Mapping[str, Any], protocol: Protocol, request_id: str) -> HttpResponse:
        """Return the response for a handler's result; members that are ``None`` are left out.

        :param result: members by the names of the model. Members the model does not know must
            not be there: not every protocol looks.
        :param request_id: for the header, and for a member ``requestId`` that is not set.
        """
        writer = self._writers.get(protocol)
        if writer is None:
            writer = self._writers.setdefault(protocol, _WRITERS[protocol](self.model))
        if self._echoes_request_id and result.get("requestId") is None:
            result = {**result, "requestId": request_id}
        response = writer(result)
        headers = response.headers
        headers["x-amzn-RequestId"] = request_id
        headers["Content-Length"] = str(len(response.body))
        return response

    def write_error(
        self, error: AwsError, protocol: Protocol | None, request_id: str
    ) -> HttpResponse:
        """Return the response for an error."""
        return self._write_error(error, protocol, request_id)

    @cached_property
    def _echoes_request_id(self) -> bool:
        shape = self.model.output_shape
        member = shape.members.get("requestId") if shape else None
        return member is not None and "location" not in member.serialization


def _json_reader(model: OperationModel) -> Read:
    shape = model.input_shape
    if shape is None:
        return lambda _: {}
    decode = json_codec.json_decoder(shape)
    loads = json_codec.loads

    def read(request: HttpRequest) -> dict[str, Any]:
        params: dict[str, Any] = decode(loads(request.body)) if request.body else {}
        return params

    return read


def _json_writer(model: OperationModel) -> Write:
    write_body = json_codec.body_writer(model.output_shape)
    content_type = (
        f"application/x-amz-json-{model.service_model.metadata.get('jsonVersion', '1.1')}"
    )
    return lambda result: HttpResponse(200, {"Content-Type": content_type}, write_body(result))


def _cbor_reader(model: OperationModel) -> Read:
    read_body = cbor_codec.body_reader(model.input_shape)
    return lambda request: read_body(request.body)


def _cbor_writer(model: OperationModel) -> Write:
    write_body = cbor_codec.body_writer(model.output_shape)
    return lambda result: HttpResponse(
        200,
        {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
        write_body(result),
    )


_READERS: dict[Protocol, Callable[[OperationModel], Read]] = {
    Protocol.JSON: _json_reader,
    Protocol.REST_JSON: rest_json.request_reader,
    Protocol.CBOR: _cbor_reader,
}
_WRITERS: dict[Protocol, Callable[[OperationModel], Write]] = {
    Protocol.JSON: _json_writer,
    Protocol.REST_JSON: rest_json.response_writer,
    Protocol.CBOR: _cbor_writer,
}
