"""The services next door, as far as builds and images read and write them.

To add one: a protocol in :mod:`~mockbuild.neighbours.base`, or in a module of its own if it is a
large one, an ``embedded_….py`` and a ``remote_….py`` that meet it, and a method of
:class:`Neighbours`.
"""

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mockbuild.errors import ConfigurationError
from mockbuild.neighbours.base import ECR, IAM, S3, SNS, SSM, Logs
from mockbuild.neighbours.ec2 import EC2
from mockbuild.neighbours.embedded_ec2 import EmbeddedEC2
from mockbuild.neighbours.embedded_ecr import EmbeddedECR
from mockbuild.neighbours.embedded_iam import EmbeddedIAM
from mockbuild.neighbours.embedded_logs import EmbeddedLogs
from mockbuild.neighbours.embedded_s3 import EmbeddedS3
from mockbuild.neighbours.embedded_sns import EmbeddedSNS
from mockbuild.neighbours.embedded_ssm import EmbeddedSSM
from mockbuild.neighbours.image_views import AmisView, ParametersView
from mockbuild.neighbours.views import LogsView, S3View

__all__ = ["AmisView", "LogsView", "Neighbours", "ParametersView", "S3View"]

SERVICES = ("s3", "logs", "ec2", "ssm", "ecr", "sns", "iam")
_HOME = "us-east-1"  # where account-wide questions are asked when nobody has named a region
T = TypeVar("T")


class Neighbours:
    """The neighbours of one mock.

    Which of them answers is decided each time one is asked for, so ask again rather than keep
    the answer: a moto mock may start or end meanwhile. NeighbourError says that none can answer,
    for a region of a name that no region can have.

    :param setting: ``"auto"``: moto's services while a moto mock is active (and mocks the service
        in question), otherwise stand-ins in memory. ``"embedded"``: always the stand-ins. A
        mapping of service (one of :data:`SERVICES`) to an endpoint URL or to one of those words;
        services it does not name are ``"auto"``.
    :param before_read: called before a test's view is read; may be replaced later.
    :param account_id: the account that is moto's default one and that of named endpoints'
        credentials. In any other, they are called as somebody of that one.
    :raises ConfigurationError: the setting makes no sense.
    """

    def __init__(
        self,
        setting: str | Mapping[str, str] = "auto",
        before_read: Callable[[], None] = lambda: None,
        account_id: str = "123456789012",
    ) -> None:
        self._where = _places(setting)
        self.before_read = before_read
        self._account_id = account_id
        self._lock = threading.Lock()
        self._s3 = EmbeddedS3()
        self._logs: dict[str, EmbeddedLogs] = {}
        self._regions: dict[str, None] = {}  # that logs were asked for, in that order
        self._images: dict[tuple[str, str], None] = {}  # regions and accounts with AMIs, as well
        self._stand_ins: dict[tuple[str, ...], Any] = {}
        self._clients: dict[tuple[str, str, str | None], Any] = {}
        #: S3 as a test sees it.
        self.s3_view = S3View(lambda: self.s3(_HOME), self._look)
        #: CloudWatch Logs as a test sees it.
        self.logs_view = LogsView(lambda: map(self.logs, self._log_regions()), self._look)
        #: AMIs as a test sees them.
        self.amis_view = AmisView(self._all_ec2, self._look)
        #: The parameters of a region as a test sees them.
        self.parameters_view = ParametersView(lambda region: self.ssm(region), self._look)

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

    def ec2(self, region: str, account_id: str | None = None) -> EC2:
        """Return EC2 of a region, for an account; by default, the mock's own."""
        account_id = account_id or self._account_id
        client = self._client("ec2", region, account_id)
        with self._lock:
            self._images[region, account_id] = None
        if client is None:
            return self._stand_in(
                lambda: EmbeddedEC2(region, account_id), "ec2", region, account_id
            )
        from mockbuild.neighbours.remote_ec2 import RemoteEC2

        return RemoteEC2(client)

    def ssm(self, region: str, account_id: str | None = None) -> SSM:
        """Return the Parameter Store of a region, for an account; by default, the mock's own."""
        account_id = account_id or self._account_id
        client = self._client("ssm", region, account_id)
        if client is None:
            return self._stand_in(EmbeddedSSM, "ssm", region, account_id)
        from mockbuild.neighbours.remote_ssm import RemoteSSM

        return RemoteSSM(client)

    def ecr(self, region: str, account_id: str | None = None) -> ECR:
        """Return the registry of a region, for an account; by default, the mock's own."""
        account_id = account_id or self._account_id
        client = self._client("ecr", region, account_id)
        if client is None:
            return self._stand_in(EmbeddedECR, "ecr", region, account_id)
        from mockbuild.neighbours.remote_ecr import RemoteECR

        return RemoteECR(client)

    def sns(self, region: str) -> SNS:
        """Return SNS of a region; ARNs say which account's topics are meant."""
        client = self._client("sns", region)
        if client is None:
            return EmbeddedSNS()
        from mockbuild.neighbours.remote_sns import RemoteSNS

        return RemoteSNS(client)

    def iam(self, region: str, account_id: str | None = None) -> IAM:
        """Return IAM, as seen from *region*, for an account; by default, the mock's own."""
        client = self._client("iam", region, account_id)
        if client is None:
            return EmbeddedIAM()
        from mockbuild.neighbours.remote_iam import RemoteIAM

        return RemoteIAM(client)

    def close(self) -> None:
        """Close the connections to named endpoints."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _client(self, service: str, region: str, account_id: str | None = None) -> Any:
        """Return the client to call *service* with, or ``None`` if the stand-in is to answer."""
        account_id = None if account_id == self._account_id else account_id
        where = self._where[service]
        if where == "embedded" or (where == "auto" and "moto.core.models" not in sys.modules):
            return None
        from mockbuild.neighbours import remote

        if where == "auto":
            if not remote.moto_answers_for(service, region):
                return None
            with remote.as_neighbour():  # a region that cannot be
                return remote.moto_client(service, region, account_id)
        place = (service, region, account_id)
        with self._lock:
            client = self._clients.get(place)
            if client is None:
                with remote.as_neighbour():
                    client = remote.endpoint_client(service, region, where, account_id)
                self._clients[place] = client
        return client

    def _stand_in(self, make: Callable[[], T], *place: str) -> T:
        """Return the stand-in of a place, which is made when it is missing."""
        with self._lock:
            found: T | None = self._stand_ins.get(place)
            if found is None:
                found = self._stand_ins[place] = make()
        return found

    def _all_ec2(self) -> list[EC2]:
        with self._lock:
            places = list(self._images) or [(_HOME, self._account_id)]
        return [self.ec2(*place) for place in places]

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
