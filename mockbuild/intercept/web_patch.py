"""Catching what reaches the services' hosts without botocore: badges, and calls made by hand.

``requests`` and ``urllib3`` both go through ``urlopen`` of urllib3's connection pools.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool

from mockbuild.intercept.method_patch import MethodPatch
from mockbuild.intercept.switch import SWITCH
from mockbuild.wire.http import HttpRequest

_HOST = re.compile(
    r"(codebuild|imagebuilder)(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)\Z"
)
_ACCESS_KEY = re.compile(r"Credential=([^/,]+)/")


def _catching(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``urlopen``."""

    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        place = _HOST.match(self.host or "")
        who = SWITCH.answers.get(place[1]) if place is not None else None
        if place is None or who is None:
            return original(self, method, url, body, headers, **options)
        parts = urlsplit(url)
        given = dict(self.headers or {}) if headers is None else dict(headers)
        named = {text(name).lower(): text(value) for name, value in given.items()}
        signed = _ACCESS_KEY.search(named.get("authorization", ""))
        caller = SWITCH.caller(place[2], signed[1] if signed is not None else None)
        caught = HttpRequest(method, parts.path or "/", parts.query, named, _bytes(body))
        answer = who(caught, caller, None)
        return HTTPResponse(
            body=BytesIO(answer.body),
            headers=dict(answer.headers),
            status=answer.status,
            preload_content=options.get("preload_content", True),
            decode_content=False,
            request_method=method,
            request_url=url,
        )

    return urlopen


def text(value: Any) -> str:
    """Return a header's value, or its name, as a text."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)


PATCH = MethodPatch(HTTPConnectionPool, "urlopen", _catching)
