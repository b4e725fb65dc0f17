"""The services next door: S3 and CloudWatch Logs, as far as builds read and write them.

To add one: a protocol in :mod:`~mockbuild.neighbours.base`, an ``embedded_….py`` and a
``remote_….py`` that meet it, and a method of :class:`Neighbours`.
"""

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockbuild.errors import ConfigurationError
from mockbuild.neighbours.base import S3, Logs
from mockbuild.neighbours.embedded_logs import EmbeddedLogs
from mockbuild.neighbours.embedded_s3 import EmbeddedS3
from mockbuild.neighbours.views import LogsView, S3View

__all__ = ["LogsView", "Neighbours", "S3View"]

SERVICES = ("s3", "logs")
_HOME = "us-east-1"  # where account-wide questions are asked when nobody has named a region


class Neighbours:
    """The neighbours of one mock.

    Which of them answers is decided each time one is asked for, so ask again rather than keep
    the answer: a moto mock may start or end meanwhile.

    :param setting: ``"auto"``: moto's services while a moto mock is active (and mocks the service
        in question), otherwise stand-ins in memory. ``"embedded"``: always the stand-ins. A
        mapping of service (``"s3"``, ``"logs"``) to an endpoint URL or to one of those words;
        services it does not name are ``"auto"``.
    :param before_read: called before a test's view is read; may be replaced later.
    :raises ConfigurationError: the setting makes no sense.
    """

    def __init__(
        self,
        setting: str | Mapping[str, str] = "auto",
        before_read: Callable[[], None] = lambda: None,
    ) -> None:
        self._where = _places(setting)
        self.before_read = before_read
        self._lock = threading.Lock()
        self._s3 = EmbeddedS3()
        self._logs: dict[str, EmbeddedLogs] = {}
        self._regions: dict[str, None] = {}  # that logs were asked for, in that order
        self._clients: dict[tuple[str, str], Any] = {}
        #: S3 as a test sees it.
        self.s3_view = S3View(lambda: self.s3(_HOME), self._look)
        #: CloudWatch Logs as a test sees it.
        self.logs_view = LogsView(lambda: map(self.logs, self._log_regions()), self._look)

    def s3(self, region: str) -> S3:
        """Return S3, as seen from *region*."""
        client = self._client("s3", region)
        if client is None:
            return self._s3
        from mockbuild.neighbours.remote_s3 import RemoteS3

        return RemoteS3(client)

    def logs(self, region: str) -> Logs:
        """Return CloudWatch Logs of *region*."""
        with self._lock:
            self._regions[region] = None
        client = self._client("logs", region)
        if client is None:
            with self._lock:
                return self._logs.setdefault(region, EmbeddedLogs())
        from mockbuild.neighbours.remote_logs import RemoteLogs

        return RemoteLogs(client)

    def close(self) -> None:
        """Close the connections to named endpoints."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _client(self, service: str, region: str) -> Any:
        """Return the client to call *service* with, or ``None`` if the stand-in is to answer."""
        where = self._where[service]
        if where == "embedded" or (where == "auto" and "moto.core.models" not in sys.modules):
            return None
        from mockbuild.neighbours import remote

        if where == "auto":
            answers = remote.moto_answers_for(service, region)
            return remote.moto_client(service, region) if answers else None
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = remote.endpoint_client(service, region, where)
                self._clients[service, region] = client
        return client

    def _log_regions(self) -> list[str]:
        with self._lock:
            return list(self._regions) or [_HOME]

    def _look(self) -> None:
        self.before_read()


def _places(setting: str | Mapping[str, str]) -> dict[str, str]:
    if isinstance(setting, str):
        if setting not in ("auto", "embedded"):
            raise ConfigurationError(
                f'neighbours is "auto", "embedded" or a mapping of endpoint URLs, not {setting!r}'
            )
        return dict.fromkeys(SERVICES, setting)
    if not isinstance(setting, Mapping):
        raise ConfigurationError(
            f'neighbours is "auto", "embedded" or a mapping of endpoint URLs, not {setting!r}'
        )
    for service, where in setting.items():
        if service not in SERVICES:
            raise ConfigurationError(
                f"neighbours names {service!r}; there are {', '.join(map(repr, SERVICES))}"
            )
        if where not in ("auto", "embedded") and not _is_url(where):
            raise ConfigurationError(
                f'neighbours[{service!r}] is an endpoint URL such as "http://127.0.0.1:9000", '
                f'"auto" or "embedded", not {where!r}'
            )
    return dict.fromkeys(SERVICES, "auto") | dict(setting)


def _is_url(where: object) -> bool:
    if not isinstance(where, str):
        return False
    try:
        parts = urlsplit(where)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, an address that is none
        return False
