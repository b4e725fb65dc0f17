"""Catching the calls of botocore and aiobotocore, of clients of any age.

Every request of every client goes through ``Endpoint._do_get_response``; patching the class there
catches clients made before the mock started, and sees which operation is meant, so no endpoint
can get past. Everything that method does still happens (events, the history recorder, parsing);
only ``_send``, its step into the network, becomes a call to whoever answers for the service, on
a copy of the endpoint that lives as long as the call.

A call that never leaves the process needs no signature, and making one could mean asking a real
credential service first; so signing, with its events, is skipped for the mocked services.
Presigned URLs are signed as ever: those leave the process.
"""

import copy
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mockbuild.intercept import defaults, web_patch
from mockbuild.intercept.method_patch import MethodPatch
from mockbuild.intercept.switch import SWITCH, Answer
from mockbuild.wire.http import HttpRequest

#: Where the access key of an unsigned call is noted, in the request's context.
_ACCESS_KEY = "mockbuild_access_key"


class _Body:
    """The body of a response, as botocore reads it from urllib3."""

    __slots__ = ("_body",)

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


class _Headers(Mapping[str, str]):
    """The headers of a request, each made a text when it is asked for: most never are."""

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, Any]) -> None:
        self._headers = headers

    def __getitem__(self, name: str) -> str:
        return web_patch.text(self._headers[name])

    def __iter__(self) -> Iterator[str]:
        return (name.lower() for name in self._headers)

    def __len__(self) -> int:
        return len(self._headers)


class _AsyncResponse(AWSResponse):  # type: ignore[misc]
    """The same response, of which the content is awaited."""

    @property
    def content(self) -> Any:
        return self._await_content()

    async def _await_content(self) -> bytes:
        return b"".join(self.raw.stream())


def _responder(
    who: Answer, operation_model: Any, context: dict[str, Any], kind: type
) -> Callable[[Any], Any]:
    """Return what takes a prepared request of botocore to *who* and makes a response of *kind*."""

    def respond(request: Any) -> Any:
        url = urlsplit(request.url)
        body = request.body
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else (body.read() if body else b"")
        caller = SWITCH.caller(context.get("client_region"), context.get(_ACCESS_KEY))
        headers = _Headers(request.headers)
        caught = HttpRequest(request.method, url.path, url.query, headers, body)
        response = who(caught, caller, operation_model.name)
        return kind(request.url, response.status, response.headers, _Body(response.body))

    return respond


def _catching(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``_do_get_response``."""

    def endpoint_for(endpoint: Any, operation_model: Any) -> tuple[Any, Answer | None]:
        """Return *endpoint*, or a copy to bend if the call is for a mocked service."""
        service = operation_model.service_model.service_name
        who = SWITCH.answers.get(service)
        if who is not None:
            _hush_moto()
            endpoint = copy.copy(endpoint)
        elif SWITCH.passing is not None:
            SWITCH.passing(service, operation_model.name)
        return endpoint, who

    def do_get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        self, who = endpoint_for(self, operation_model)
        if who is not None:
            self._send = _responder(who, operation_model, context, AWSResponse)
        return original(self, request, operation_model, context)

    async def do_get_response_async(
        self: Any, request: Any, operation_model: Any, context: Any
    ) -> Any:
        self, who = endpoint_for(self, operation_model)
        if who is not None:
            respond = _responder(who, operation_model, context, _AsyncResponse)

            async def send(request: Any) -> Any:
                return respond(request)

            self._send = send
        return await original(self, request, operation_model, context)

    is_async = inspect.iscoroutinefunction(original)
    return do_get_response_async if is_async else do_get_response


def _unsigned(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``sign``."""

    def skips(self: Any, request: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
        kind = keywords.get("signing_type", args[1] if len(args) > 1 else "standard")
        if kind != "standard" or self._service_id.hyphenize() not in SWITCH.answers:
            return False
        held = self._credentials
        # Only plain keys are looked at: others may have to be fetched or refreshed first.
        if isinstance(held, Credentials) and not isinstance(held, RefreshableCredentials):
            request.context[_ACCESS_KEY] = held.access_key
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


def _silent(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for moto's ``before-send`` handler, which answers for every service it knows."""

    def call(self: Any, event_name: str, request: Any, **keywords: Any) -> Any:
        if event_name.split(".")[1] in SWITCH.answers:
            return None
        return original(self, event_name, request, **keywords)

    return call


def _hush_moto() -> None:
    """Keep moto from answering for our services; it may be imported at any time."""
    moto = sys.modules.get("moto.core.botocore_stubber")
    stubber = getattr(moto, "BotocoreStubber", None)
    if stubber is not None and not any(patch.owner is stubber for patch in _LATE):
        patch = MethodPatch(stubber, "__call__", _silent)
        patch.install()
        _LATE.append(patch)


PATCHES = (
    MethodPatch(Endpoint, "_do_get_response", _catching),
    MethodPatch(RequestSigner, "sign", _unsigned),
    web_patch.PATCH,
    *defaults.PATCHES,
)
#: Patches of what was imported while the mock was on, put in place when it mattered first.
_LATE: list[MethodPatch] = []


def install() -> None:
    """Put the patches in place."""
    for patch in PATCHES:
        patch.install()


def remove() -> None:
    """Take them away again."""
    for patch in (*_LATE, *reversed(PATCHES)):
        patch.remove()
    _LATE.clear()
