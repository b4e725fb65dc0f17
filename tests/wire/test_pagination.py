"""Pages cut from a handler's whole result."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from botocore.loaders import create_loader

from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.views import Mapped
from mockbuild.wire.dialect import GenericDialect, ValidationException
from mockbuild.wire.pagination import Pager
from mockbuild.wire.service import service_wire

DIALECT = GenericDialect()
BUILDS = Pager("ListBuilds", "ids")


def page(
    items: Any, params: dict[str, Any] | None = None, *, size: int = 3, pager: Pager = BUILDS
) -> tuple[list[Any], str | None]:
    result = pager.page(
        {pager.result_key: items}, params or {}, size=size, bad_token=DIALECT.bad_page_token
    )
    return list(result[pager.result_key]), result.get("nextToken")


def walk(items: Sequence[Any], **options: Any) -> list[list[Any]]:
    pages, token = [], None
    while True:
        found, token = page(items, {"nextToken": token} if token else {}, **options)
        pages.append(found)
        if token is None:
            return pages


@pytest.mark.model
@pytest.mark.parametrize("service", ["codebuild", "imagebuilder"])
def test_what_pages_is_what_the_paginators_say(service: str) -> None:
    listed = create_loader().load_service_model(service, "paginators-1")["pagination"]
    wire = service_wire(service)
    found = {
        name: pager.result_key
        for name in wire.operation_names
        if (pager := wire.operation(name).pager)
    }
    expected = {name: entry["result_key"] for name, entry in listed.items()}
    forgotten = {"ListFleets": "fleets"} if service == "codebuild" else {}
    assert found == expected | forgotten
    for entry in listed.values():
        assert (entry["input_token"], entry["output_token"]) == ("nextToken", "nextToken")
        assert entry.get("limit_key", "maxResults") == "maxResults"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (0, [[]]),
        (2, [[0, 1]]),
        (3, [[0, 1, 2]]),
        (4, [[0, 1, 2], [3]]),
        (6, [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_every_item_comes_once(count: int, pages: list[list[int]]) -> None:
    expected = [[str(number) for number in one] for one in pages]
    assert walk([str(number) for number in range(count)]) == expected


class Lazy(Sequence[str]):
    """A sequence that counts how much of it is looked at."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.looked = 0

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self.size))]
        self.looked += 1
        return f"item-{index}"


@pytest.mark.docs
@pytest.mark.parametrize("size", [10, 10_000, 10_000_000])
def test_the_work_does_not_grow_with_the_records(size: int) -> None:
    lazy = Lazy(size)
    token = None
    for _ in range(2):
        found, token = page(lazy, {"nextToken": token} if token else {})
        assert len(found) == 3
    assert lazy.looked <= 10


@pytest.mark.docs
def test_only_what_is_on_the_page_is_shown() -> None:
    shown: list[int] = []

    def show(number: int) -> dict[str, int]:
        shown.append(number)
        return {"number": number}

    items = Mapped(dict.fromkeys(range(7)).keys(), show, str)
    token = None
    for first, last in ((0, 3), (3, 6), (6, 7)):
        found, token = page(items, {"nextToken": token} if token else {})
        assert found == [{"number": number} for number in range(first, last)]
        assert shown == list(range(last))
    assert token is None


class Again:
    """Not a sequence, but can be gone through again and again."""

    def __init__(self, items: list[str]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[str]:
        return iter(self.items)


@pytest.mark.docs
@pytest.mark.parametrize("kind", [list, tuple, Again, lambda items: dict.fromkeys(items).keys()])
def test_results_of_any_kind(kind: Callable[[list[str]], Any]) -> None:
    assert walk(kind(list("abcd"))) == [["a", "b", "c"], ["d"]]


@pytest.mark.docs
def test_max_results_decides_and_may_change_between_pages() -> None:
    items = list("abcdefgh")
    first, token = page(items, {"maxResults": 2})
    assert first == ["a", "b"]
    second, _ = page(items, {"maxResults": 4, "nextToken": token})
    assert second == ["c", "d", "e", "f"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("abcdef", "def"),
        ("xyabcdef", "def"),
        ("abxcdef", "def"),
        ("cdef", "def"),
        ("bcxdef", "xde"),
        ("abdef", "def"),
        ("def", "def"),
        ("xabef", "ef"),
        ("ab", ""),
        ("", ""),
        ("fedcba", "ba"),
    ],
    ids=[
        "same",
        "before",
        "between",
        "less",
        "more",
        "last gone",
        "all delivered gone",
        "last and next gone",
        "end gone",
        "all gone",
        "turned",
    ],
)
def test_a_token_survives_changes_in_between(later: str, expected: str) -> None:
    _, token = page(list("abcdef"))
    found, _ = page(list(later), {"nextToken": token})
    assert "".join(found) == expected


@pytest.mark.inferred
@pytest.mark.parametrize(
    "make",
    [
        lambda number, state: {"arn": f"arn:{number}", "name": "same", "status": state},
        lambda number, state: {"id": f"id:{number}", "status": state},
        lambda number, state: {"lifecycleExecutionId": f"lce-{number}", "state": {"status": state}},
        lambda number, state: {"value": number},
    ],
    ids=["arn", "id", "another name", "no name"],
)
def test_records_are_known_again_though_their_state_changed(
    make: Callable[[int, str], dict[str, Any]],
) -> None:
    pager = Pager("Things", "things")
    _, token = page([make(number, "NEW") for number in range(6)], pager=pager)
    later = [make(99, "NEW"), *(make(number, "OLD") for number in range(6))]
    found, _ = page(later, {"nextToken": token}, pager=pager)
    assert found == later[4:7]


def _forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.docs
@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "====",
        "caf\u00e9",
        _forged("{}"),
        _forged("[]"),
        _forged('[3,"x","y","z"]'),
        _forged('[-3,"x","y","z"]'),
        _forged("[" * 5000),
        "a" * 100_000,
    ],
    ids=lambda token: token[:12],
)
def test_made_up_tokens_are_refused(token: str) -> None:
    with pytest.raises(ValidationException):
        page(list("abcdef"), {"nextToken": token})


@pytest.mark.docs
def test_a_token_is_good_for_its_own_call_only() -> None:
    params = {"projectName": "web", "sortOrder": "ASCENDING"}
    pager = Pager("ListBuildsForProject", "ids")
    _, token = page(list("abcdef"), params, pager=pager)
    assert page(list("abcdef"), {**params, "nextToken": token}, pager=pager)[0] == list("def")
    with pytest.raises(AwsError):
        page(list("abcdef"), {**params, "nextToken": token}, pager=Pager("ListOther", "ids"))
    with pytest.raises(AwsError):
        page(list("abcdef"), {"projectName": "api", "nextToken": token}, pager=pager)
    with pytest.raises(AwsError):
        page(list("abcdef"), {"nextToken": token}, pager=pager)


@pytest.mark.docs
def test_a_token_goes_into_a_url_as_it_is() -> None:
    _, token = page([f"\u00e9{number}?/+" for number in range(9)])
    assert token is not None
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.docs
def test_other_members_and_results_without_the_list_stay() -> None:
    options: dict[str, Any] = {"size": 1, "bad_token": DIALECT.bad_page_token}
    cut = BUILDS.page({"ids": ["a", "b"], "requestId": "r"}, {}, **options)
    assert (cut["ids"], cut["requestId"]) == (["a"], "r")
    assert BUILDS.page({"requestId": "r"}, {}, **options) == {"requestId": "r"}
    own = {"ids": ["a", "b"], "nextToken": "mine"}
    assert BUILDS.page(own, {}, **options) == own
