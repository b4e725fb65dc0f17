"""A service: which operation a request is for, and how errors are written."""

import re
from functools import cache, cached_property
from threading import Lock
from typing import Any

from botocore import loaders
from botocore.model import NoShapeFoundError, ServiceModel

from mockbuild.domain.aws_errors import AwsError, UnknownOperationException
from mockbuild.wire import cbor, json_codec
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.operation import OperationWire
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.rest_uri import UriTemplate, parse_query

_CBOR_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)/?$")


class ServiceWire:
    """A service between bytes and operations.

    :param service_model: the service in botocore's model.
    """

    def __init__(self, service_model: ServiceModel) -> None:
        self.model = service_model
        self.name: str = service_model.service_name
        metadata = service_model.metadata
        protocols = metadata.get("protocols") or [metadata.get("protocol")]
        self._rests = Protocol.REST_JSON.value in protocols
        self._target_prefix = f"{metadata.get('targetPrefix', '')}."
        self._content_type = f"application/x-amz-json-{metadata.get('jsonVersion', '1.1')}"
        self._operations: dict[str, OperationWire] = {}
        self._statuses: dict[str, int | None] = {}
        self._lock = Lock()

    @cached_property
    def operation_names(self) -> tuple[str, ...]:
        """The names of all operations."""
        return tuple(self.model.operation_names)

    def operation(self, name: str) -> OperationWire:
        """Return the operation of this name.

        :raises UnknownOperationException: the model has none.
        """
        found = self._operations.get(name)
        return found if found is not None else self._compile(name)

    def _compile(self, name: str) -> OperationWire:
        if name not in self._known_names:
            raise UnknownOperationException(f"The service has no operation {name!r}")
        with self._lock:
            if name not in self._operations:
                model = self.model.operation_model(name)
                self._operations[name] = OperationWire(model, self.write_error)
            return self._operations[name]

    @cached_property
    def _known_names(self) -> frozenset[str]:
        return frozenset(self.operation_names)

    # ---- requests ----

    def protocol_of(self, request: HttpRequest) -> Protocol:
        """Tell the protocol a request speaks, by its bytes."""
        if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
            return Protocol.CBOR
        return Protocol.REST_JSON if self._rests else Protocol.JSON

    def route(self, request: HttpRequest) -> tuple[OperationWire, Protocol]:
        """Find the operation a request is for, and the protocol it speaks.

        :raises UnknownOperationException: it is for none of this service.
        """
        protocol = self.protocol_of(request)
        if protocol is Protocol.JSON:
            return self.operation(self._target(request)), protocol
        if protocol is Protocol.CBOR:
            return self.operation(self._rpc_operation(request)), protocol
        return self.operation(self._rest_operation(request)), protocol

    def _target(self, request: HttpRequest) -> str:
        target = request.headers.get("x-amz-target", "")
        if request.method != "POST" or not target.startswith(self._target_prefix):
            raise UnknownOperationException("")
        return target.removeprefix(self._target_prefix)

    def _rpc_operation(self, request: HttpRequest) -> str:
        match = _CBOR_PATH.search(request.path)
        if request.method != "POST" or not match or f"{match[1]}." != self._target_prefix:
            raise UnknownOperationException("")
        return match[2]

    def _rest_operation(self, request: HttpRequest) -> str:
        """Find the operation: a template with a fixed query first, then a path without labels."""
        fixed, templates = self._routes
        path = request.path.rstrip("/") or "/"
        if (name := fixed.get((request.method, path))) is not None and not request.query:
            return name
        query = parse_query(request.query)
        for method, template, operation in templates:
            if method == request.method and template.matches(path, query):
                if template.query or name is None:
                    return operation
                break
        if name is None:
            raise UnknownOperationException("")
        return name

    @cached_property
    def _routes(self) -> tuple[dict[tuple[str, str], str], list[tuple[str, UriTemplate, str]]]:
        """Paths that are fixed, to look up; the others, the most specific first."""
        fixed: dict[tuple[str, str], str] = {}
        templates: list[tuple[str, UriTemplate, str]] = []
        for name in self.operation_names:
            http = self.model.operation_model(name).http
            uri = http["requestUri"]
            if "{" in uri or "?" in uri:
                templates.append((http["method"], UriTemplate(uri), name))
            else:
                fixed[http["method"], uri.rstrip("/") or "/"] = name
        templates.sort(key=lambda route: (-len(route[1].query), -route[1].literal_length))
        return fixed, templates

    # ---- errors ----

    def write_error(
        self, error: AwsError, protocol: Protocol | None, request_id: str
    ) -> HttpResponse:
        """Return the response for an error; no operation need be known.

        The status is that of the service's error shape, else the error's own.

        :param protocol: ``None`` if not even that was found out.
        """
        if protocol is None:
            protocol = Protocol.REST_JSON if self._rests else Protocol.JSON
        code = error.code
        status = self._status_of(code) or error.status
        headers = {"x-amzn-RequestId": request_id}
        body: dict[str, Any] = {"__type": code, "message": error.message}
        if code == "UnknownOperationException" and protocol is not Protocol.JSON:
            status = 404  # there the path names the operation, and it leads nowhere
        if protocol is Protocol.CBOR:
            headers |= {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            payload = cbor.dumps(body)
        elif protocol is Protocol.JSON:
            headers["Content-Type"] = self._content_type
            payload = json_codec.dumps(body).encode("ascii")
        else:
            headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": code}
            payload = json_codec.dumps({"message": error.message}).encode("ascii")
        headers["Content-Length"] = str(len(payload))
        return HttpResponse(status, headers, payload)

    def _status_of(self, code: str) -> int | None:
        """Return the HTTP status the model gives an error."""
        if code not in self._statuses:
            self._statuses[code] = self._modelled_status(code)
        return self._statuses[code]

    def _modelled_status(self, code: str) -> int | None:
        try:
            shape = self.model.shape_for(code)
        except NoShapeFoundError:
            shape = next((s for s in self.model.error_shapes if s.error_code == code), None)
        if shape is None:
            return None
        status = shape.metadata.get("error", {}).get("httpStatusCode")
        return None if status is None else int(status)


_by_model: dict[tuple[str, str], ServiceWire] = {}
_by_model_lock = Lock()


@cache
def service_wire(name: str) -> ServiceWire:
    """Load the service of this name from the installed botocore; kept for the process.

    :param name: botocore's name: ``"codebuild"``, ``"imagebuilder"``.
    :raises botocore.exceptions.UnknownServiceError: botocore has none of this name.
    """
    description = loaders.create_loader().load_service_model(name, "service-2")
    return service_wire_of(ServiceModel(description, name))


def service_wire_of(service_model: ServiceModel) -> ServiceWire:
    """Wrap a model that a client has loaded already; the first one seen is kept."""
    key = (service_model.service_name, service_model.api_version)
    with _by_model_lock:
        if key not in _by_model:
            _by_model[key] = ServiceWire(service_model)
        return _by_model[key]
