"""Which services are mocked at this moment, and who answers for them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mockbuild.wire.gateway import Caller
from mockbuild.wire.http import HttpRequest, HttpResponse

#: Answers a call: the request's bytes, who calls, and the operation's name where that is known.
Answer = Callable[[HttpRequest, Caller, str | None], HttpResponse]


@dataclass(slots=True)
class Switch:
    """What the patches look at on each call.

    :param answers: who answers, by the service's name in botocore (``codebuild``).
    :param passing: told of each call to another service, by service and operation, before it
        goes its own way; ``None`` while nobody asks.
    :param account_id: the account of callers whose access key names none.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    passing: Callable[[str, str], None] | None = None
    account_id: str = "123456789012"

    def caller(self, region: str | None, access_key: str | None) -> Caller:
        """Return who calls: an access key of twelve digits names the account it belongs to."""
        named = access_key is not None and len(access_key) == 12 and access_key.isdecimal()
        account_id = access_key if named and access_key is not None else self.account_id
        return Caller(account_id, region or "us-east-1", access_key)


#: The one switch of this process: patches are process-wide, so it is too.
SWITCH = Switch()
