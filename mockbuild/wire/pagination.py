"""Pages: a handler returns its whole result, and the page asked for is cut out here.

A token holds the last item delivered, the one after it and how many were, so that the next page
starts between these two even if others came or went meanwhile, as they do where a caller deletes
what each page brings; if both are gone, the count decides. It also holds a digest of the operation
and its parameters: a token of another call, or one that was made up, is refused.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

from botocore.model import OperationModel

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.views import Mapped
from mockbuild.wire.idempotency import fingerprint

TOKEN = "nextToken"  # noqa: S105  (a member's name)
LIMIT = "maxResults"


@dataclass(frozen=True, slots=True)
class Pager:
    """How one operation's result is paged.

    :ivar operation: its name.
    :ivar result_key: the output member that is cut.
    """

    operation: str
    result_key: str

    def page(
        self,
        result: Mapping[str, Any],
        params: Mapping[str, Any],
        *,
        size: int,
        bad_token: Callable[[str], AwsError],
    ) -> Mapping[str, Any]:
        """Cut the page that was asked for out of the whole result.

        The work depends on the size of the page, not of the result, where the result can be
        sliced. A result that already has a ``nextToken`` has been cut and stays as it is.

        :param result: the handler's: under the result key a sequence or another iterable.
        :param params: the call's parameters, with its ``nextToken`` and ``maxResults``.
        :param size: items on a page if ``maxResults`` is not given.
        :raises AwsError: what ``bad_token`` gives, for a token this pager never gave out for
            these parameters.
        """
        items = result.get(self.result_key)
        if items is None or result.get(TOKEN) is not None:
            return result
        limit = params.get(LIMIT) or size
        token = params.get(TOKEN)
        if token is None and type(items) is list and len(items) <= limit:
            return result
        shown = items if isinstance(items, Mapped) else None
        whole, name = (items, _name) if shown is None else (shown.items, shown.name)
        start = 0 if token is None else self._start(token, whole, name, params, bad_token)
        page = _slice(whole, start, start + limit + 1)
        cut = {**result}
        if len(page) > limit:
            following = page.pop()
            cut[TOKEN] = self._token(start + limit, name(page[-1]), name(following), params)
        cut[self.result_key] = page if shown is None else list(map(shown.show, page))
        return cut

    def _token(self, count: int, last: str, following: str, params: Mapping[str, Any]) -> str:
        content = [count, _short(last), _short(following), self._call(params)]
        text = json.dumps(content, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")

    def _call(self, params: Mapping[str, Any]) -> str:
        return f"{self.operation}:{fingerprint(params, TOKEN, LIMIT)}"

    def _start(
        self,
        token: str,
        items: Iterable[Any],
        name: Callable[[Any], str],
        params: Mapping[str, Any],
        bad_token: Callable[[str], AwsError],
    ) -> int:
        try:
            padded = token + "=" * (-len(token) % 4)
            content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, RecursionError, binascii.Error):
            raise bad_token(token) from None
        match content:
            case [int(count), str(last), str(following), str(call)] if (
                count > 0 and call == self._call(params)
            ):
                return _after(items, name, last, following, count)
        raise bad_token(token)


def pager_of(model: OperationModel) -> Pager | None:
    """Return the pager of an operation where ``nextToken`` goes in and out beside one list only.

    This finds what the service's paginator files list, and the few operations they forget.
    """
    given: Any = model.input_shape
    result: Any = model.output_shape
    if not given or not result or TOKEN not in given.members or TOKEN not in result.members:
        return None
    lists = [name for name, member in result.members.items() if member.type_name == "list"]
    return Pager(model.name, lists[0]) if len(lists) == 1 else None


def _slice(items: Iterable[Any], start: int, stop: int) -> list[Any]:
    if isinstance(items, Sequence):
        return list(items[start:stop])
    return list(islice(items, start, stop))


def _after(
    items: Iterable[Any], name: Callable[[Any], str], last: str, following: str, count: int
) -> int:
    """Find the position after the item delivered last."""
    known = items if isinstance(items, Sequence) else list(items)
    place = _find(known, name, last, count - 1)
    if place is not None:
        return place + 1
    place = _find(known, name, following, count)
    return min(count, len(known)) if place is None else place


def _find(
    known: Sequence[Any], name: Callable[[Any], str], wanted: str, expected: int
) -> int | None:
    """Find the item of that name, from where it was outwards."""
    size = len(known)
    for distance in range(max(expected, size - expected) + 1):
        for position in {expected - distance, expected + distance}:
            if 0 <= position < size and _short(name(known[position])) == wanted:
                return position
    return None


def _name(item: Any) -> str:
    """Say what an item is known by: the text itself, a record's arn or id, else all its names.

    A record without any is known by all that it says.
    """
    if isinstance(item, str):
        return item
    if not isinstance(item, Mapping):
        return repr(item)
    for name in ("arn", "id"):
        if isinstance(item.get(name), str):
            return str(item[name])
    names = [
        f"{name}={value}"
        for name, value in item.items()
        if isinstance(value, str) and name.lower().endswith(("arn", "id", "name", "path", "title"))
    ]
    return "\n".join(sorted(names)) or json.dumps(item, sort_keys=True, default=repr)


def _short(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=9).hexdigest()
