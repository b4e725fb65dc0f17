"""EventBridge's patterns, as far as exact values and prefixes go."""

from collections.abc import Mapping, Sequence
from typing import Any

Pattern = Mapping[str, Any]


def matches(pattern: Pattern, event: Any) -> bool:
    """Tell whether *event* is one that *pattern* is about.

    ``{"source": ["aws.codebuild"], "detail": {"build-status": ["FAILED", "STOPPED"]}}``: each name
    must be there, with one of the values listed; ``{"prefix": "web-"}`` in place of a value is any
    text that begins so. Of a list in the event, one item is enough.
    """
    if not isinstance(event, Mapping):
        return False
    return all(
        matches(wanted, event.get(name))
        if isinstance(wanted, Mapping)
        else _one_of(wanted, event.get(name))
        for name, wanted in pattern.items()
    )


def check(pattern: Any, path: str = "") -> None:
    """See whether *pattern* is one at all.

    :raises ValueError: it is not; the message says where.
    """
    if not isinstance(pattern, Mapping):
        raise ValueError(f"the pattern{path} is a mapping, not {pattern!r}")
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            check(wanted, f"{path}[{name!r}]")
        elif isinstance(wanted, str) or not isinstance(wanted, Sequence):
            raise ValueError(
                f"the pattern{path}[{name!r}] is a list of values, [{wanted!r}], not {wanted!r}"
            )


def _one_of(wanted: Sequence[Any], value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_fits(one, item) for one in wanted for item in values)


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Mapping):
        prefix = wanted.get("prefix")
        return isinstance(prefix, str) and isinstance(value, str) and value.startswith(prefix)
    return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)
