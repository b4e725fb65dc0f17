"""Client tokens: a call that is repeated with the same token is answered, not carried out again."""

import json
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2b
from typing import Any

from botocore.model import StructureShape

from mockbuild.domain.aws_errors import AwsError

Result = Mapping[str, Any]

_TOKEN_NAMES = ("idempotencyToken", "clientToken")


def token_member(shape: StructureShape | None) -> str | None:
    """Return the input member that carries the client token: by its trait, else by its name."""
    if shape is None:
        return None
    for name, member in shape.members.items():
        if member.metadata.get("idempotencyToken"):
            return str(name)
    return next((name for name in _TOKEN_NAMES if name in shape.members), None)


def fingerprint(params: Mapping[str, Any], *without: str) -> str:
    """Return a digest of parameters; two that are equal have the same one.

    :param without: members that do not count.
    """
    rest = {name: value for name, value in params.items() if name not in without}
    text = json.dumps(rest, sort_keys=True, default=_bytes_as_text)
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _bytes_as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"bytes:{value.hex()}"
    raise TypeError(f"a parameter of type {type(value).__name__}")


class Replays:
    """The calls that carried a token, for as long as the service remembers them.

    It is for one call at a time: whoever answers holds a lock. The result is kept as the handler
    returned it, which must not change it afterwards.

    :param window: how many seconds a call is remembered, counted from its end.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._results: dict[Hashable, tuple[str, Result]] = {}
        self._ends: deque[tuple[float, Hashable]] = deque()

    def __len__(self) -> int:
        return len(self._results)

    def run(
        self,
        key: Hashable,
        params_fingerprint: str,
        call: Callable[[], Result],
        *,
        now: Callable[[], float],
        mismatch: Callable[[], AwsError],
    ) -> Result:
        """Carry a call out, or give the result of the same call before it.

        A call that fails is forgotten.

        :param key: what the token holds for: account, region, operation and the token itself.
        :param now: the time in seconds.
        :raises AwsError: what ``mismatch`` gives, if the token came with other parameters.
        """
        self._prune(now())
        known = self._results.get(key)
        if known is not None:
            if known[0] != params_fingerprint:
                raise mismatch()
            return known[1]
        result = call()
        self._results[key] = (params_fingerprint, result)
        self._ends.append((now() + self._window, key))
        return result

    def _prune(self, now: float) -> None:
        ends = self._ends
        while ends and ends[0][0] <= now:
            self._results.pop(ends.popleft()[1], None)
