"""A request's whole path through the library, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockbuild.domain.aws_errors import AwsError
from mockbuild.wire.dialect import Dialect
from mockbuild.wire.http import HttpRequest, HttpResponse
from mockbuild.wire.idempotency import Replays, fingerprint
from mockbuild.wire.operation import OperationWire
from mockbuild.wire.service import ServiceWire


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and where.

    :ivar account_id: twelve digits.
    :ivar access_key: the access key id the request was signed with, if it was.
    """

    account_id: str
    region: str
    access_key: str | None = None


Handler = Callable[[Caller, dict[str, Any]], Mapping[str, Any]]
Hook = Callable[[Caller, str, dict[str, Any]], None]


class Gateway:
    """Answers requests for one service.

    :param handlers: what each operation does, by its name. A handler gets parameters that are
        complete and valid and returns the whole result, uncut, in the names of the model.
    :param dialect: the service's words for what is refused here.
    :param now: the time, in seconds since the epoch.
    :param new_id: gives a request id.
    :param hooks: called in order with every call that could be read, before it is checked: to
        record it, or to raise an :class:`AwsError` in its place.
    """

    def __init__(
        self,
        service: ServiceWire,
        handlers: Mapping[str, Handler],
        dialect: Dialect,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        hooks: Sequence[Hook] = (),
    ) -> None:
        self._service = service
        self._handlers = handlers
        self._dialect = dialect
        self._now = now
        self._new_id = new_id
        self._hooks = hooks
        self._replays = Replays(dialect.token_window)

    def answer(
        self, request: HttpRequest, caller: Caller, operation: str | None = None
    ) -> HttpResponse:
        """Answer a request. Whatever is wrong with it becomes AWS's error response.

        A handler's own exception (a bug, not an :class:`AwsError`) is not caught.

        :param operation: the operation's name where it is known; ``None`` finds it from the bytes.
        """
        request_id = self._new_id()
        protocol = self._service.protocol_of(request)
        try:
            if operation is None:
                wire, protocol = self._service.route(request)
            else:
                wire = self._service.operation(operation)
            params = wire.read(request, protocol)
            for hook in self._hooks:
                hook(caller, wire.name, params)
            result = self._call(wire, caller, params)
        except AwsError as error:
            return self._service.write_error(error, protocol, request_id)
        return wire.write(result, protocol, request_id)

    def _call(
        self, wire: OperationWire, caller: Caller, params: dict[str, Any]
    ) -> Mapping[str, Any]:
        handler = self._handlers.get(wire.name)
        if handler is None:
            raise self._dialect.unimplemented(wire.name)
        violations = wire.check(params)
        if violations:
            raise self._dialect.invalid(wire.name, violations)
        token = wire.token_member
        if token is not None and params.get(token) is not None:
            result = self._replay(wire.name, handler, caller, params, token)
            return {token: params[token], **result} if wire.echoes_token else result
        pager = wire.pager
        if pager is None:
            return handler(caller, params)
        asked = dict(params)  # the handler may do with its parameters as it likes
        return pager.page(
            handler(caller, params),
            asked,
            size=self._dialect.page_size,
            bad_token=self._dialect.bad_page_token,
        )

    def _replay(
        self, name: str, handler: Handler, caller: Caller, params: dict[str, Any], token: str
    ) -> Mapping[str, Any]:
        return self._replays.run(
            (caller.account_id, caller.region, name, params[token]),
            fingerprint(params, token),
            lambda: handler(caller, params),
            now=self._now,
            mismatch=lambda: self._dialect.token_mismatch(name),
        )
