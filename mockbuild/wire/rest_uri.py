"""URIs of REST-JSON: the model's templates as patterns, and query strings."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, unquote_plus

from mockbuild.domain.aws_errors import SerializationException

Query = Mapping[str, list[str]]

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


class UriTemplate:
    """A ``requestUri`` of the model, as a pattern over paths that are still percent-encoded."""

    def __init__(self, template: str) -> None:
        path, _, query = template.partition("?")
        path = path.rstrip("/") or "/"
        self.labels = [match[1] for match in _LABEL.finditer(path)]
        self.literal_length = len(_LABEL.sub("", path))
        self.query = parse_query(query)
        pieces = _LABEL.split(path)
        pattern = re.escape(pieces[0])
        for greedy, literal in zip(pieces[2::3], pieces[3::3], strict=True):
            pattern += ("(.+?)" if greedy else "([^/]+)") + re.escape(literal)
        self._pattern = re.compile(pattern + "/?$" if path != "/" else "/?$")

    def matches(self, path: str, query: Query) -> bool:
        """Whether the whole path, and the query the template fixes, are of this template."""
        return self._pattern.match(path) is not None and all(
            query.get(name) == values for name, values in self.query.items()
        )

    def read(self, path: str) -> dict[str, str]:
        """Return the decoded labels. A custom endpoint's path before the template is skipped.

        :raises SerializationException: the path is of another shape.
        """
        match = self._pattern.match(path) or self._pattern.search(path)
        if match is None:
            raise SerializationException(f"The path {path} lacks a part that the operation needs")
        return {
            label: _percent_decode(text)
            for label, text in zip(self.labels, match.groups(), strict=True)
        }


def parse_query(query: str) -> dict[str, list[str]]:
    """Split what stands after ``?``; a name without ``=`` has the value ``""``."""
    values: dict[str, list[str]] = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(_percent_decode(name, plus=True), []).append(
                _percent_decode(value, plus=True)
            )
    return values


def _percent_decode(text: str, *, plus: bool = False) -> str:
    try:
        return (unquote_plus if plus else unquote)(text, errors="strict")
    except UnicodeDecodeError:
        raise SerializationException("The request's URI is not UTF-8") from None
