"""What Image Builder's documents have in common: strict mappings, one way of reading.

Where a buildspec with a key that nobody knows is built all the same, AWSTOE's ``validate`` command
refuses misspelt keys; that CreateComponent and CreateWorkflow do so too is a guess.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as MappingView
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from mockbuild.documents.errors import DocumentError, Problem, Problems, raise_first, shown
from mockbuild.documents.fields import Fields, did_you_mean
from mockbuild.documents.remembered import remembered
from mockbuild.documents.yaml_text import List, Mapping, Node, Scalar, compose_with_warnings
from mockbuild.documents.yaml_wording import unmarshal

SCHEMA_VERSION = "1.0"

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DIGITS = re.compile(r"[-+]?[0-9]+")
_SCHEMA_VERSION = re.compile(r"1(\.0{1,9})?")

T = TypeVar("T")
A = TypeVar("A")


class Record(Fields):
    """The keys of one mapping, read one by one; an unknown one is an error."""

    def __init__(self, mapping: Mapping, name: str, key: Scalar | None, problems: Problems) -> None:
        super().__init__(mapping, name, key, problems)
        self._mapping, self._key = mapping, key

    def record(self, key: str) -> "Record | None":
        """Read a mapping; ``None`` when missing or null, noted when it is anything else."""
        found = self.value(key)
        return None if found is None else self.as_record(found[1], self.path(key), found[0])

    def records(self, key: str) -> "tuple[Record, ...]":
        """Read a list of mappings; items that are none are noted and left out."""
        path = self.path(key)
        records = (
            self.as_record(item, f"{path}[{index}]") for index, item in enumerate(self.items(key))
        )
        return tuple(record for record in records if record is not None)

    def items(self, key: str) -> tuple[Node, ...]:
        """Read a list of anything; null counts as an empty one."""
        found = self.value(key)
        if found is None:
            return ()
        if isinstance(found[1], List):
            return found[1].items
        self._wrong(key, found[1], "a list, each item with a - in front", "[]interface {}")
        return ()

    def is_empty(self, key: str) -> bool:
        """Whether `key` is missing, null, or a list or mapping without anything in it."""
        found = self.value(key)
        match found[1] if found else None:
            case None:
                return True
            case List() as node:
                return not node.items
            case Mapping() as node:
                return not node.entries
        return False

    def as_record(self, node: Node, path: str, key: Scalar | None = None) -> "Record | None":
        """Take `node` for a mapping called `path`; note it when it is none."""
        if isinstance(node, Mapping):
            return Record(node, path, key, self._problems)
        self._problems.error(
            node, f"{path} has to be a mapping", unmarshal(node, "map[string]interface {}")
        )
        return None

    def values(self) -> "MappingView[str, Node]":
        """Return the keys with their values, for whoever uses the document; null counts as none."""
        return MappingProxyType(
            {
                name: entry.value
                for name, entry in self._entries.items()
                if not (isinstance(entry.value, Scalar) and entry.value.is_null)
            }
        )

    def with_problems(self, problems: Problems) -> "Record":
        """Return the same keys, not yet asked for, with findings going to `problems`."""
        return Record(self._mapping, self.name, self._key, problems)

    def integer(self, key: str, allows: Callable[[int], bool], wanted: str) -> int | None:
        """Read a whole number; ``None`` when missing, null, or not what is wanted.

        In quotes it is let through with a warning: whether AWS does, is not known.

        :param key: the key.
        :param allows: whether a number will do.
        :param wanted: what has to be there, for the message.
        """
        node = self.text(key)
        if node is None:
            return None
        if not _INTEGER.fullmatch(node.text) or not allows(int(node.text)):
            self._problems.error(
                node,
                f"{self.path(key)} has to be {wanted}",
                "" if _DIGITS.fullmatch(node.text) else unmarshal(node, "int"),
            )
            return None
        if not node.plain:
            self._problems.warning(
                node, f"{self.path(key)} is text; write the number without quotes"
            )
        return int(node.text)

    def choice(self, key: str, values: tuple[str, ...]) -> str | None:
        """Read one of some words, in exactly this spelling; ``None`` when it is none of them."""
        node = self.text(key)
        if node is None or node.text in values:
            return node.text if node else None
        self._problems.error(
            node,
            f"{self.path(key)} has to be {one_of(values)}{did_you_mean(node.text, values)}",
        )
        return None

    def place(self, key: str) -> Scalar | Mapping:
        """Return the key where there is one, or else where the mapping starts."""
        found = self.value(key)
        return self.at if found is None else found[0]

    def missing(self, key: str, advice: str, aws_message: str = "") -> None:
        """Note that `key` has to be there; see :class:`Problem` for the last argument."""
        self._problems.error(self.at, f"{self.path(key)} is missing; {advice}", aws_message)

    def needed(self, key: str, advice: str) -> Scalar | None:
        """Read a single value that has to be there, and not empty."""
        found = self.value(key)
        if found is None or (isinstance(found[1], Scalar) and not found[1].text):
            self.missing(key, advice)
            return None
        return self.text(key)

    def refuse_unknown(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.names():
            if key.text not in self._known and not self._problems.is_full("error"):
                self._problems.error(
                    key,
                    f"{self.path(key.text)} is not a key AWS knows"
                    f"{did_you_mean(key.text, self._known)}",
                )


class Reader(Generic[T, A]):
    """Reads documents of one kind, whose root is a mapping.

    The same text a second time costs nothing.

    :param kind: what the documents are, for messages.
    :param read: reads a root. It is given the file's name, what is known of the document from
        elsewhere, and where findings go.
    """

    def __init__(self, kind: str, read: Callable[["Record", str, A, Problems], T]) -> None:
        self._kind = kind
        self._read_root = read
        self._read = remembered(self._read_anew)

    def parse(self, text: str | bytes, source: str, about: A) -> T:
        """Return a document that can be used.

        :raises DocumentError: for the first error, in the order of the document.
        """
        document, problems = self._read(text, source, about)
        raise_first(problems)
        return cast("T", document)  # without an error there is one

    def check(self, text: str | bytes, source: str, about: A) -> list[Problem]:
        """Return everything wrong or odd about a document, in its order."""
        return list(self._read(text, source, about)[1])

    def _read_anew(
        self, text: str | bytes, source: str, about: A
    ) -> tuple[T | None, tuple[Problem, ...]]:
        problems = Problems(source)
        try:
            root, odd = compose_with_warnings(text, source)
        except DocumentError as error:
            return None, (error.problem,)
        document = None
        if isinstance(root, Mapping):
            record = Record(root, "", None, problems)
            document = self._read_root(record, source, about, problems)
            record.refuse_unknown()
        else:
            what = "is empty" if isinstance(root, Scalar) and root.is_null else "is no mapping"
            problems.error(
                root, f"the {self._kind} {what}; start it with schemaVersion: {SCHEMA_VERSION}"
            )
        found = (*problems.in_order(), *odd)
        return document, tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def read_schema_version(record: Record, problems: Problems) -> None:
    """Read ``schemaVersion``: 1.0 or 1, in quotes or not."""
    version = record.text("schemaVersion")
    if version is None:
        if record.value("schemaVersion") is None:
            record.missing("schemaVersion", f"add schemaVersion: {SCHEMA_VERSION}")
    elif not _SCHEMA_VERSION.fullmatch(version.text):
        problems.error(
            version,
            f"schemaVersion {shown(version.text)} is not known; "
            f"write schemaVersion: {SCHEMA_VERSION}",
        )


def one_of(values: tuple[str, ...]) -> str:
    """Join words as ``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(values[:-1]), values[-1])))
