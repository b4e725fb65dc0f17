"""Calls to neighbours over the API, through botocore, and never to AWS.

A client meant for moto has no way out of the process at all; one meant for a named endpoint sends
to that endpoint and nowhere else.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mockbuild.errors import MockbuildError
from mockbuild.neighbours.base import NeighbourError

# The user's profiles and endpoint settings are for real services.
_ISOLATED = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
#: Services that know no regions; moto mocks them in any.
_EVERYWHERE = frozenset({"s3", "iam"})
#: The code of what the other end cannot do.
NOT_IMPLEMENTED = "NotImplemented"
_lock = threading.Lock()
_moto_clients: dict[tuple[str, str, str | None], Any] = {}


def moto_answers_for(service: str, region: str) -> bool:
    """Tell whether a moto mock is active now and mocks *service* in *region*.

    Never imports moto. It has no regions that botocore does not know, save for services without.
    """
    models = sys.modules.get("moto.core.models")
    if models is None or not models.botocore_stubber.enabled:
        return False
    config = sys.modules["moto.core.config"]
    allowed: bool = config.service_whitelisted(service)
    if not allowed or config.passthrough_service(service):
        return False
    return service in _EVERYWHERE or region in _regions(service) or _moto_takes_any_region()


def _moto_takes_any_region() -> bool:
    takes: bool = sys.modules["moto.settings"].allow_unknown_region()
    return takes


@cache
def _regions(service: str) -> frozenset[str]:
    session = botocore.session.Session(session_vars=_ISOLATED)
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition)
    )


def moto_client(service: str, region: str, account_id: str | None = None) -> Any:
    """Return a client whose calls only moto can answer. It is kept: making one takes long.

    :param account_id: the account it calls in; by default, the one that moto has for everybody.
    """
    place = (service, region, account_id)
    with _lock:
        client = _moto_clients.get(place)
        if client is None:
            client = _client(service, region, None, ("mockbuild", "mockbuild"))
            # What sends when no handler has answered; with it gone nothing can be sent.
            client.close()
            client._endpoint.http_session = _NoWayOut()
            if account_id is not None:
                _call_in(client, account_id)
            _moto_clients[place] = client
    return client


def _call_in(client: Any, account_id: str) -> None:
    """Let a client call in another account of moto's, which has a header for that."""

    def add_header(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = account_id

    client.meta.events.register("before-call", add_header)


def endpoint_client(service: str, region: str, url: str, account_id: str | None = None) -> Any:
    """Return a client for the endpoint at *url*, to be closed by the caller.

    It signs with the credentials of the environment variables, if they are set, else with made-up
    ones.

    :param account_id: the account it calls in, if not the one of the credentials. Its access key
        is that account's id then, which emulators of AWS understand.
    """
    access = account_id or os.environ.get("AWS_ACCESS_KEY_ID") or "mockbuild"
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY") or "mockbuild"
    with _lock:
        client = _client(service, region, url, (access, secret))
    session = client._endpoint.http_session
    client._endpoint.http_session = _OneWayOut(session, urlsplit(url).netloc)
    return client


def _client(service: str, region: str, url: str | None, keys: tuple[str, str]) -> Any:
    config = Config(
        ignore_configured_endpoint_urls=True,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        defaults_mode="legacy",  # "auto" asks the network where it is
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return botocore.session.Session(session_vars=_ISOLATED).create_client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=config,
    )


class _NoWayOut:
    """Stands where a client keeps its connections, when it is to have none."""

    def send(self, request: Any) -> Any:
        raise MockbuildError(
            f"kept a call from leaving for {urlsplit(request.url).netloc}: "
            "no moto mock answered it. (Did the mock end while the call was being made?)"
        )

    def close(self) -> None:
        """There is nothing to close."""


class _OneWayOut:
    """Stands where a client keeps its connections, and lets through what goes to one host."""

    def __init__(self, session: Any, host: str) -> None:
        self._session = session
        self._host = host

    def send(self, request: Any) -> Any:
        host = urlsplit(request.url).netloc
        if host != self._host:
            raise MockbuildError(f"kept a call from leaving for {host}: only {self._host} is named")
        return self._session.send(request)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


@contextmanager
def as_neighbour() -> Iterator[None]:
    """Turn botocore's errors into :class:`NeighbourError`."""
    try:
        yield
    except ClientError as error:
        answer = error.response.get("Error", {})
        code, message = answer.get("Code", ""), answer.get("Message", "")
        raise NeighbourError(str(code), str(message)) from None
    except BotoCoreError as error:  # the endpoint cannot be reached, a name it cannot have, …
        raise NeighbourError(type(error).__name__, str(error)) from error
    except NotImplementedError as error:  # moto's way to say so
        raise NeighbourError(NOT_IMPLEMENTED, str(error)) from None
