"""Client tokens: a call that is repeated with the same token is answered, not carried out again."""

import json
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Event, Lock
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


@dataclass(slots=True)
class _Call:
    fingerprint: str
    done: Event = field(default_factory=Event)
    result: Result | None = None


class Replays:
    """The calls that carried a token, for as long as the service remembers them.

    The result is kept as the handler returned it: a handler must not change it afterwards.

    :param window: how many seconds a call is remembered, counted from its end.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._calls: dict[Hashable, _Call] = {}
        self._ends: deque[tuple[float, Hashable, _Call]] = deque()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._calls)

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

        Of calls that come at the same time one is carried out and the others wait for it. A
        call that fails is forgotten, and one that waited for it is carried out instead.

        :param key: what the token holds for: account, region, operation and the token itself.
        :param now: the time in seconds.
        :raises AwsError: what ``mismatch`` gives, if the token came with other parameters.
        """
        while True:
            with self._lock:
                self._prune(now())
                known = self._calls.get(key)
                if known is None:
                    mine = self._calls[key] = _Call(params_fingerprint)
                    break
            if known.fingerprint != params_fingerprint:
                raise mismatch()
            known.done.wait()
            if known.result is not None:
                return known.result
        try:
            mine.result = call()
            return mine.result
        finally:
            with self._lock:
                if mine.result is None:
                    del self._calls[key]
                else:
                    self._ends.append((now() + self._window, key, mine))
            mine.done.set()

    def _prune(self, now: float) -> None:
        ends = self._ends
        while ends and ends[0][0] <= now:
            _, key, call = ends.popleft()
            if self._calls.get(key) is call:
                del self._calls[key]
