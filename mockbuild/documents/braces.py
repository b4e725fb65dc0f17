"""What stands between double braces in the texts of Image Builder's documents."""

import re
from collections.abc import Callable, Iterator

_BRACES = re.compile(r"\{\{([^{}]*)\}\}")


def in_braces(text: str) -> Iterator[str]:
    """Yield what stands between double braces in `text`, whatever it is."""
    return (found[1].strip() for found in _BRACES.finditer(text))


def replaced(text: str, value_of: Callable[[str], str | None]) -> str:
    """Put values in place of what stands between double braces in `text`, in one go.

    :param text: the text.
    :param value_of: gives the value of what stands between braces; ``None`` leaves it as it is.
    """

    def value(found: re.Match[str]) -> str:
        new = value_of(found[1].strip())
        return found[0] if new is None else new

    return _BRACES.sub(value, text)
