"""Typed values out of nodes; every wrong one is noted with its place, and reading goes on.

The wording of ``aws_message`` for a value of the wrong kind is a guess throughout: see
:mod:`mockbuild.documents.yaml_wording`.
"""

import difflib
from collections.abc import Iterable
from itertools import islice

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.yaml_text import Entry, List, Mapping, Node, Scalar
from mockbuild.documents.yaml_wording import unmarshal

#: The words YAML 1.1 knows for the two truth values, which go-yaml accepts where a boolean is due.
_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})


class Fields:
    """The keys of one mapping, read one by one.

    :param mapping: the mapping.
    :param name: its dotted name for messages (``phases.build``); ``""`` for the root.
    :param key: its key, where messages about something missing point; ``None`` for the root.
    :param problems: where findings go.
    """

    def __init__(self, mapping: Mapping, name: str, key: Scalar | None, problems: Problems) -> None:
        self.at: Scalar | Mapping = key or mapping
        self.name = name
        self._entries = {entry.key.text: entry for entry in mapping.entries}
        self._problems = problems
        self._known: dict[str, None] = {}

    def entry(self, key: str) -> Entry | None:
        """Find a key with its value; the key counts as known from now on."""
        self._known[key] = None
        return self._entries.get(key)

    def value(self, key: str) -> tuple[Scalar, Node] | None:
        """Find a key and its value; ``None`` when missing or null."""
        entry = self.entry(key)
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.is_null):
            return None
        return entry.key, entry.value

    def path(self, key: str) -> str:
        """Return the dotted name of `key`."""
        return f"{self.name}.{shown(key)}" if self.name else shown(key)

    def text(self, key: str) -> Scalar | None:
        """Read a single value; ``None`` when missing or null."""
        found = self.value(key)
        if found is None:
            return None
        if isinstance(found[1], Scalar):
            return found[1]
        self._wrong(key, found[1], "a single value", "string")
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read a boolean in any of YAML 1.1's spellings, quoted or not."""
        found = self.value(key)
        if found is None:
            return default
        text = found[1].text if isinstance(found[1], Scalar) else None
        if text in _TRUE:
            return True
        if text not in _FALSE:
            self._wrong(key, found[1], "yes or no", "bool")
        return False

    def texts(self, key: str) -> tuple[Scalar, ...]:
        """Read a list of single values; null counts as none.

        One value alone counts as a list of one: widely used templates, AWS's among them, write
        ``commands: npm install`` and ``files: '**/*'``.
        """
        found = self.value(key)
        if found is None:
            return ()
        node = found[1]
        if isinstance(node, Mapping):
            self._wrong(key, node, "a list, each item with a - in front", "[]string")
            return ()
        texts = []
        for item in node.items if isinstance(node, List) else (node,):
            if isinstance(item, Scalar):
                texts.append(item)
            else:
                self._wrong(key, item, "a list of single values", "string")
        return tuple(texts)

    def pairs(self, key: str) -> tuple[tuple[Scalar, Scalar], ...]:
        """Read a mapping of names to single values, whose texts are kept."""
        found = self.value(key)
        if found is None:
            return ()
        if not isinstance(found[1], Mapping):
            self._wrong(key, found[1], "a mapping of names to values", "map[string]string")
            return ()
        pairs = []
        for entry in found[1].entries:
            if isinstance(entry.value, Scalar):
                pairs.append((entry.key, entry.value))
            else:
                self._wrong(f"{key}.{entry.key.text}", entry.value, "a single value", "string")
        return tuple(pairs)

    def fields(self, key: str) -> "Fields | None":
        """Read a mapping; ``None`` when missing, and null counts as an empty one."""
        entry = self.entry(key)
        return None if entry is None else self._fields_of(entry)

    def each(self) -> "tuple[tuple[Scalar, Fields], ...]":
        """Read every key of this mapping, whatever its name, with the mapping under it."""
        found = []
        for entry in self._entries.values():
            self._known[entry.key.text] = None
            fields = self._fields_of(entry)
            if fields is not None:
                found.append((entry.key, fields))
        return tuple(found)

    def _fields_of(self, entry: Entry) -> "Fields | None":
        value = entry.value
        if isinstance(value, Scalar) and value.is_null:
            value = Mapping((), entry.key.line, entry.key.column)
        if isinstance(value, Mapping):
            return Fields(value, self.path(entry.key.text), entry.key, self._problems)
        self._wrong(entry.key.text, value, "a mapping", "map[string]interface {}")
        return None

    def names(self) -> tuple[Scalar, ...]:
        """Return all keys there are, in the order of the document."""
        return tuple(entry.key for entry in self._entries.values())

    def warn_unknown(self) -> None:
        """Warn about every key that nobody asked for: the service ignores those (a guess)."""
        for key in self.names():
            if key.text not in self._known and not self._problems.is_full("warning"):
                self._problems.warning(
                    key,
                    f"{self.path(key.text)} is not a key AWS knows and is ignored"
                    f"{did_you_mean(key.text, self._known)}",
                )

    def _wrong(self, key: str, node: Node, wanted: str, go_type: str) -> None:
        self._problems.error(node, f"{self.path(key)} has to be {wanted}", unmarshal(node, go_type))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` for the nearest of `known`, or ``""``."""
    # Only the beginning: hostile words may be a million characters long, and thousands known.
    near = difflib.get_close_matches(word[:40], [*islice(known, 100)], n=1)
    return f"; did you mean {near[0]}?" if near else ""
