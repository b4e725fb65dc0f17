"""The filters of Image Builder's lists: each must hold, with one of its values."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import invalid

T = TypeVar("T")
#: Gives the values that something has for a filter: a text, several, or none.
Values = Callable[[T], "str | Iterable[str] | None"]
#: The only filter that several lists have.
BY_NAME: Final[Mapping[str, Values[Resource]]] = {"name": lambda resource: resource.name}


def filtered(
    items: Collection[T],
    filters: Iterable[Mapping[str, Any]] | None,
    known: Mapping[str, Values[T]],
) -> Collection[T]:
    """Return those of *items* that pass all *filters*; the very same collection without filters.

    Documented: names and values are case-sensitive, and only ``name`` knows a ``*``, at the end
    or at both ends. That other filters must all hold, each with any of its values, is what filters
    of other services do.

    :param known: the filters there are, by name, and where their values come from.
    :raises InvalidParameterValueException: there is no such filter; the text is a guess.
    """
    tests = [
        (known[one["name"]], _tests(one["name"], one["values"]))
        for one in _checked(filters or (), known)
    ]
    if not tests:
        return items
    return [
        item
        for item in items
        if all(any(fits(v) for v in _values(get(item)) for fits in fit) for get, fit in tests)
    ]


def _checked(
    filters: Iterable[Mapping[str, Any]], known: Mapping[str, Any]
) -> Iterable[Mapping[str, Any]]:
    for number, one in enumerate(filters):
        if one.get("name") not in known:
            raise invalid(
                f"filters[{number}].name", f"Valid filter names are: {', '.join(sorted(known))}."
            )
        if one.get("values"):
            yield one


def _tests(name: str, values: Iterable[str]) -> list[Callable[[str], bool]]:
    if name != "name":
        return [value.__eq__ for value in values]
    return [_pattern(value) for value in values]


def _pattern(value: str) -> Callable[[str], bool]:
    """Return the test for ``web``, ``web*`` or ``*web*``; any other ``*`` stands for itself.

    That ``*`` alone is every name is a guess.
    """
    if not value.endswith("*"):
        return value.__eq__
    if value.startswith("*"):
        return lambda text: value[1:-1] in text
    return lambda text: text.startswith(value[:-1])


def _values(found: "str | Iterable[str] | None") -> Iterable[str]:
    if found is None:
        return ()
    return (found,) if isinstance(found, str) else found
