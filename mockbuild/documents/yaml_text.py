"""YAML text to nodes that keep their place and their text.

The text is composed, never loaded: ``0700``, ``12:30`` and ``on`` stay what they are, and no tag
makes an object. The parser of PyYAML supplies events, libyaml's where it is installed: the
YAML library behind CodeBuild is a port of libyaml and words its errors the same way.

What is refused, beside what is not YAML (the limits are ours; those of AWS are not known):

- a text over :data:`MAX_BYTES` bytes,
- nesting deeper than :data:`MAX_DEPTH`, also when it comes about through aliases,
- a document that, with its aliases written out, is larger than :data:`MAX_EXPANDED`,
- an alias inside the value it stands for, a key given twice, more than one document.

A tag that YAML does not know (``!Sub``, left over from a CloudFormation template) is a warning:
go-yaml takes the text after it as it is. ``<<`` merges as in go-yaml.
"""

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from mockbuild.documents.errors import MAX_PROBLEMS, DocumentError, Problem, shown
from mockbuild.documents.yaml_wording import (
    CONTROL_CHARACTER,
    EXCESSIVE_ALIASING,
    MERGE_NEEDS_MAP,
    WRONG_CONTAINER,
    advice,
    already_defined,
    at_line,
    libyaml_wording,
    unmarshal,
)

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
#: Characters, with every alias written out and each node counting as :data:`NODE_COST` more.
MAX_EXPANDED = 2_000_000
NODE_COST = 20

#: libyaml's parser where PyYAML was built with it; a tenth of the time of the other.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_ALLOWED = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BAD_ESCAPE = "found invalid Unicode character escape code"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as text; ``str()`` is the text.

    :param text: the value as written, quotes and escapes resolved, nothing converted.
    :param line: line, counted from 1.
    :param column: column, counted from 1.
    :param plain: whether it was written without quotes and not as a block.
    :param tag: an explicit tag (``!Sub``), or ``""``.
    """

    text: str
    line: int
    column: int
    plain: bool = True
    tag: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def is_null(self) -> bool:
        """Whether YAML means nothing by it: empty, ``~`` or ``null``, unquoted."""
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class List:
    """A sequence.

    :param items: its values.
    :param line: line of its first character, counted from 1.
    :param column: column of its first character, counted from 1.
    """

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One key with its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; no key occurs twice, and merges are already done.

    :param entries: keys with values, in the order of the document.
    :param line: line of its first character, counted from 1.
    :param column: column of its first character, counted from 1.
    """

    entries: tuple[Entry, ...]
    line: int
    column: int

    def get(self, key: str) -> "Node | None":
        """Return the value of `key`, or ``None``."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | List | Mapping


@dataclass(slots=True)
class _Built:
    """A finished node with what it counts for when an alias repeats it."""

    node: Node
    cost: int
    height: int


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    event: Any
    children: list[_Built] = field(default_factory=list)


def compose(text: str | bytes, source: str) -> Node:
    """Turn YAML into nodes.

    :param text: the document; bytes are UTF-8, or UTF-16 with a byte order mark.
    :param source: the file's name for messages, or ``<inline>``.
    :returns: the root; an empty text gives an empty plain scalar.
    :raises DocumentError: for anything that is not one well-formed YAML document within the
        limits above.
    """
    return compose_with_warnings(text, source)[0]


def compose_with_warnings(text: str | bytes, source: str) -> tuple[Node, tuple[Problem, ...]]:
    """As :func:`compose`, and what is odd about the text but does not make it wrong."""
    composer = _Composer(source)
    return composer.compose(_decode(text, source)), tuple(composer.warnings)


def _decode(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        raise DocumentError(
            source,
            1,
            1,
            f"the document is larger than {MAX_BYTES // 1024} KiB; split it, or move scripts "
            "to files of their own",
        )
    decoded = text if isinstance(text, str) else _decode_bytes(text, source)
    decoded = decoded.removeprefix("\ufeff")
    bad = _NOT_ALLOWED.search(decoded)
    if bad:
        line, column = _place(decoded, bad.start())
        raise DocumentError(
            source,
            line,
            column,
            f"the character U+{ord(bad.group()):04X} is not allowed in YAML; remove it, or "
            "write it as an escape in double quotes",
            CONTROL_CHARACTER,
        )
    return decoded


def _decode_bytes(data: bytes, source: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode(encoding, "replace"), None)
        raise DocumentError(
            source,
            line,
            column,
            f"the text is not {encoding.upper()}; save the file as UTF-8",
            # A guess: go-yaml has this text for most bytes that are not UTF-8.
            "yaml: invalid leading UTF-8 octet",
        ) from None


def _place(text: str, index: int | None) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `index` (``None``: after the last)."""
    lines = _LINE_BREAK.split(text[:index])
    return len(lines), len(lines[-1]) + 1


class _Composer:
    """Builds the tree from events; a stack instead of recursion, so depth is only a number."""

    def __init__(self, source: str) -> None:
        self.warnings: list[Problem] = []
        self._source = source
        self._anchors: dict[str, _Built] = {}
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._cost = 0

    def compose(self, text: str) -> Node:
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from None
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # PyYAML's own parser converts numbers in escapes and directives unchecked.
            raise DocumentError(self._source, 1, 1, f"the YAML cannot be read: {error}") from None
        return self._root if self._root is not None else Scalar("", 1, 1)

    def _take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._add(event, self._scalar(event))
            case yaml.AliasEvent():
                self._add(event, self._alias(event))
            case yaml.CollectionStartEvent():
                self._open(event)
            case yaml.CollectionEndEvent():
                opened = self._stack.pop()
                self._add(opened.event, self._collection(opened))
            case yaml.DocumentStartEvent():
                self._start_document(event)

    def _start_document(self, event: Any) -> None:
        if self._root is not None:
            raise self._error(
                event,
                "a second document starts here; keep one, and remove the other and its ---",
                WRONG_CONTAINER,  # a guess: the count it speaks of may be another
            )

    def _open(self, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise self._too_deep(event)
        self._warn_about_tag(event)
        self._stack.append(_Open(event))

    def _add(self, event: Any, built: _Built) -> None:
        anchor = None if isinstance(event, yaml.AliasEvent) else event.anchor
        if anchor is not None:
            self._anchors[anchor] = built
        if len(self._stack) + built.height > MAX_DEPTH:
            raise self._too_deep(event)
        if not self._stack:
            self._root = built.node
            return
        self._stack[-1].children.append(built)

    def _scalar(self, event: Any) -> _Built:
        tag = self._warn_about_tag(event)
        line, column = _start(event)
        plain = event.style in (None, "")
        if not plain and "\0" in event.value:
            raise self._error(
                event, r"no command, variable or path can hold a NUL character; remove the \0"
            )
        if not plain and _SURROGATE.search(event.value):
            # PyYAML's own parser lets through what libyaml refuses.
            raise self._error(event, advice(_BAD_ESCAPE), at_line(_BAD_ESCAPE, line - 1))
        node = Scalar(event.value, line, column, plain, tag)
        return _Built(node, self._spend(event, NODE_COST + len(event.value)), 0)

    def _alias(self, event: Any) -> _Built:
        name, text = event.anchor, shown(event.anchor)
        # Both texts are go-yaml's; that CodeBuild passes them on unchanged is a guess.
        if any(opened.event.anchor == name for opened in self._stack):
            raise self._error(
                event,
                f"*{text} stands inside the value it repeats; write that part out",
                f"yaml: anchor '{name}' value contains itself",
            )
        built = self._anchors.get(name)
        if built is None:
            raise self._error(
                event,
                f"no &{text} comes before *{text}; define it first, or quote the *",
                f"yaml: unknown anchor '{name}' referenced",
            )
        self._spend(event, built.cost)
        return built

    def _collection(self, opened: _Open) -> _Built:
        line, column = _start(opened.event)
        children = opened.children
        node: Node
        if isinstance(opened.event, yaml.SequenceStartEvent):
            node = List(tuple(child.node for child in children), line, column)
        else:
            node = Mapping(self._entries([child.node for child in children]), line, column)
        self._spend(opened.event, NODE_COST)
        cost = NODE_COST + sum(child.cost for child in children)
        return _Built(node, cost, 1 + max((child.height for child in children), default=0))

    def _entries(self, nodes: list[Node]) -> tuple[Entry, ...]:
        own: dict[str, Entry] = {}
        merged: list[Node] = []
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise self._error_at(
                    key,
                    "a key has to be a single value; quote it if it starts with [ or {",
                    unmarshal(key, "string"),
                )
            if key.text == "<<" and key.plain and not key.tag:
                merged.append(value)
                continue
            if key.text in own:
                first = own[key.text].key.line
                raise self._error_at(
                    key,
                    f'"{shown(key.text)}" is already set on line {first}; keep one of the two',
                    already_defined(key.text, first, key.line),
                )
            own[key.text] = Entry(key, value)
        for value in merged:
            self._merge(own, value)
        return tuple(own.values())

    def _merge(self, own: dict[str, Entry], value: Node) -> None:
        for part in value.items if isinstance(value, List) else (value,):
            if not isinstance(part, Mapping):
                raise self._error_at(
                    part, "<< takes a mapping or a list of mappings", MERGE_NEEDS_MAP
                )
            for entry in part.entries:
                own.setdefault(entry.key.text, entry)

    def _spend(self, event: Any, cost: int) -> int:
        self._cost += cost
        if self._cost > MAX_EXPANDED:
            raise self._error(
                event,
                "the document holds too many values, aliases counted each time; split it",
                EXCESSIVE_ALIASING,
            )
        return cost

    def _warn_about_tag(self, event: Any) -> str:
        tag = event.tag or ""
        if not tag or tag == "!" or tag.startswith("tag:yaml.org,2002:"):
            return ""
        if len(self.warnings) == MAX_PROBLEMS:
            return str(tag)
        line, column = _start(event)
        self.warnings.append(
            Problem(
                self._source,
                line,
                column,
                f"the tag {shown(tag)} has no effect here: the text after it is taken as it is "
                "(CloudFormation functions work in the template around a document, not in it)",
                "warning",
            )
        )
        return str(tag)

    def _too_deep(self, event: Any) -> DocumentError:
        return self._error(event, f"nested deeper than {MAX_DEPTH} levels; flatten it")

    def _error(self, event: Any, message: str, aws_message: str = "") -> DocumentError:
        line, column = _start(event)
        return DocumentError(self._source, line, column, message, aws_message)

    def _error_at(self, node: Node, message: str, aws_message: str) -> DocumentError:
        return DocumentError(self._source, node.line, node.column, message, aws_message)

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> DocumentError:
        problem = libyaml_wording(error.context or "", error.problem or "not YAML")
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        return DocumentError(
            self._source, line + 1, column + 1, advice(problem), at_line(problem, line)
        )


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
