"""One HTTP request and one HTTP response, as plain values: no sockets, no client library."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class HttpRequest:
    """A request as it came.

    :param path: the path as sent, still percent-encoded.
    :param query: what stands after ``?``, still percent-encoded.
    :param headers: names in lower case.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class HttpResponse:
    """A response, ready to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes
