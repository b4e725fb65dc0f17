"""Catching the calls of botocore and aiobotocore, of clients of any age.

Every request of every client goes through ``Endpoint._do_get_response``; patching the class
there catches clients made before the mock started, sees which operation is meant (so no endpoint
can get past), and comes before the ``before-send`` handlers through which moto answers: our
services are ours, and all others stay moto's.

A call that never leaves the process needs no signature, and making one could mean asking a real
credential service first; so signing is skipped for the mocked services too.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials
from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mockbuild.intercept.method_patch import MethodPatch
from mockbuild.intercept.switch import SWITCH, Answer
from mockbuild.wire.http import HttpRequest, HttpResponse

#: Where the access key of an unsigned call is noted, in the request's context.
_ACCESS_KEY = "mockbuild_access_key"


class _Body:
    """The body of a response, as botocore reads it from urllib3."""

    __slots__ = ("_body",)

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


class _AsyncResponse(AWSResponse):  # type: ignore[misc]
    """The same response, of which the content is awaited."""

    @property
    def content(self) -> Any:
        return self._await_content()

    async def _await_content(self) -> bytes:
        return b"".join(self.raw.stream())


def _answer(
    who: Answer, request: Any, operation_model: Any, context: dict[str, Any]
) -> HttpResponse:
    """Hand a prepared request of botocore to whoever answers for its service."""
    url = urlsplit(request.url)
    body = request.body
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else (body.read() if body else b"")
    headers = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    caller = SWITCH.caller(context.get("client_region"), context.get(_ACCESS_KEY))
    caught = HttpRequest(request.method, url.path, url.query, headers, body)
    return who(caught, caller, operation_model.name)


class _Parsing:
    """The parsing that follows a response, with the event that precedes it."""

    def __init__(self, endpoint: Any, response: HttpResponse, operation_model: Any) -> None:
        service = operation_model.service_model
        self.response_dict = {
            "headers": response.headers,
            "status_code": response.status,
            "context": {"operation_name": operation_model.name},
            "body": response.body,
        }
        self.customized: dict[str, Any] = {}
        self.event = f"before-parse.{service.service_id.hyphenize()}.{operation_model.name}"
        self.event_arguments = {
            "operation_model": operation_model,
            "response_dict": self.response_dict,
            "customized_response_dict": self.customized,
        }
        factory = endpoint._response_parser_factory
        self.parser = factory.create_parser(service.resolved_protocol)


def _catching(original: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(original):
        return _catching_async(original)

    def do_get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        who = _who_answers(operation_model)
        if who is None:
            return original(self, request, operation_model, context)
        response = _answer(who, request, operation_model, context)
        parsing = _Parsing(self, response, operation_model)
        http = AWSResponse(request.url, response.status, response.headers, _Body(response.body))
        parsing.response_dict["headers"] = http.headers
        self._event_emitter.emit(parsing.event, **parsing.event_arguments)
        result = parsing.parser.parse(parsing.response_dict, operation_model.output_shape)
        result.update(parsing.customized)
        if response.status >= 300:
            self._add_modeled_error_fields(
                parsing.response_dict, result, operation_model, parsing.parser
            )
        return (http, result), None

    return do_get_response


def _catching_async(original: Callable[..., Any]) -> Callable[..., Any]:
    async def do_get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        who = _who_answers(operation_model)
        if who is None:
            return await original(self, request, operation_model, context)
        response = _answer(who, request, operation_model, context)
        parsing = _Parsing(self, response, operation_model)
        http = _AsyncResponse(request.url, response.status, response.headers, _Body(response.body))
        parsing.response_dict["headers"] = http.headers
        await self._event_emitter.emit(parsing.event, **parsing.event_arguments)
        result = await parsing.parser.parse(parsing.response_dict, operation_model.output_shape)
        result.update(parsing.customized)
        if response.status >= 300:
            await self._add_modeled_error_fields(
                parsing.response_dict, result, operation_model, parsing.parser
            )
        return (http, result), None

    return do_get_response


def _who_answers(operation_model: Any) -> Answer | None:
    service: str = operation_model.service_model.service_name
    who = SWITCH.answers.get(service)
    if who is None and SWITCH.passing is not None:
        SWITCH.passing(service, operation_model.name)
    return who


def _unsigned(original: Callable[..., Any]) -> Callable[..., Any]:
    def skips(self: Any, request: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
        kind = keywords.get("signing_type", args[1] if len(args) > 1 else "standard")
        if kind != "standard" or self._service_id.hyphenize() not in SWITCH.answers:
            return False
        # Only plain keys are looked at: others may have to be fetched or refreshed first.
        if type(self._credentials) is Credentials:
            request.context[_ACCESS_KEY] = self._credentials.access_key
        return True

    if inspect.iscoroutinefunction(original):

        async def sign_async(self: Any, operation: str, request: Any, *args: Any, **kw: Any) -> Any:
            if not skips(self, request, args, kw):
                return await original(self, operation, request, *args, **kw)
            return None

        return sign_async

    def sign(self: Any, operation: str, request: Any, *args: Any, **kw: Any) -> Any:
        if not skips(self, request, args, kw):
            return original(self, operation, request, *args, **kw)
        return None

    return sign


PATCHES = (
    MethodPatch(Endpoint, "_do_get_response", _catching),
    MethodPatch(RequestSigner, "sign", _unsigned),
)


def install() -> None:
    """Put the patches in place."""
    for patch in PATCHES:
        patch.install()


def remove() -> None:
    """Take them away again."""
    for patch in reversed(PATCHES):
        patch.remove()
