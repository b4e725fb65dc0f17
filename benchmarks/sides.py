"""The three who answer: the floor, mockbuild and moto."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import boto3
from botocore.awsrequest import AWSResponse

_REGION = "us-east-1"
#: Recorded answers: the body of the last answer to each operation, by operation.
Recorded = dict[str, str]


def make_client(service: str) -> Any:
    """Return a client of *service* that needs nothing from its surroundings."""
    return boto3.client(
        service,
        region_name=_REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


class Side(Protocol):
    """One of those who answer."""

    #: Made outside of any mock.
    client: Any

    def mock(self) -> contextlib.AbstractContextManager[Any]:
        """Return what turns it on."""

    def inner_client(self) -> Any:
        """Return a client made while it is on."""

    def lift_quotas(self) -> None:
        """Let there be as many projects as anybody likes."""


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


class Floor:
    """Answers with recorded bytes; there is nothing to turn on.

    :param recorded: bodies by operation.
    """

    def __init__(self, service: str, recorded: Recorded) -> None:
        self._service = service
        self._handlers = {
            f"before-send.{service}.{operation}": _answering(text.encode())
            for operation, text in recorded.items()
        }
        self.client = self.inner_client()

    def mock(self) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    def lift_quotas(self) -> None:
        pass

    def inner_client(self) -> Any:
        client = make_client(self._service)
        for event, handler in self._handlers.items():
            client.meta.events.register(event, handler)
        return client


def _answering(body: bytes) -> Callable[..., AWSResponse]:
    headers = {"Content-Type": "application/x-amz-json-1.1"}

    def answer(request: Any, **_: object) -> AWSResponse:
        return AWSResponse(request.url, 200, headers, _Body(body))

    return answer


class Mockbuild:
    """This library."""

    def __init__(self, service: str) -> None:
        from mockbuild import mock_codebuild, mock_imagebuilder

        self._service = service
        self._make = mock_codebuild if service == "codebuild" else mock_imagebuilder
        self.client = make_client(service)

    def mock(self) -> contextlib.AbstractContextManager[Any]:
        return self._make()

    def lift_quotas(self) -> None:
        with self._make() as mb:  # shares its state with the mock around it
            mb.quotas["build_projects"] = None

    def inner_client(self) -> Any:
        return make_client(self._service)

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recorded]:
        """Note the bodies that come back to the shared client."""
        recorded: Recorded = {}

        def note(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
            recorded[operation_model.name] = response_dict["body"].decode()

        event = f"before-parse.{self._service}.*"
        self.client.meta.events.register(event, note)
        try:
            yield recorded
        finally:
            self.client.meta.events.unregister(event, note)


class Moto:
    """moto, where it is installed."""

    def __init__(self) -> None:
        import moto

        self._make = moto.mock_aws
        # A client gets moto's handler when it is made, provided that moto is imported by then.
        self.client = self.inner_client()

    def mock(self) -> contextlib.AbstractContextManager[Any]:
        return self._make()

    def lift_quotas(self) -> None:
        pass

    def inner_client(self) -> Any:
        return make_client("codebuild")  # the one of the two that it knows


def make_side(name: str, service: str, recorded: Recorded) -> Side:
    """Return the side called *name*; *recorded* is what the floor answers."""
    if name == "floor":
        return Floor(service, recorded)
    return Moto() if name == "moto" else Mockbuild(service)
