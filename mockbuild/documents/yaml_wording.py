"""How the service words what is wrong with YAML.

Three sources, and how much each is worth:

- Syntax: ``<libyaml's problem> at line <n>``, as seen in build logs. One of them says ``mapping
  values are not allowed in this context at line 0``, so lines count from 0; that they always do
  is a guess.
- A value of the wrong kind: go-yaml's ``cannot unmarshal …``. Seen for a quoted ``version`` in a
  batch build; for every other key it is a guess that the same library speaks the same way.
- The rest is go-yaml's own text, and a guess.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockbuild.documents.yaml_text import Node

#: Seen for an empty file, and for a document with neither ``version`` nor ``phases``.
WRONG_CONTAINER = "wrong number of container tags, expected 1"
CONTROL_CHARACTER = "yaml: control characters are not allowed"
EXCESSIVE_ALIASING = "yaml: document contains excessive aliasing"
MERGE_NEEDS_MAP = "yaml: map merge requires map or sequence of maps as the value"

#: What PyYAML's own parser says, and what libyaml says for it; the context decides the last two.
_TO_LIBYAML = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"mapping values are not allowed here", "mapping values are not allowed in this context"),
        (r"found character .* that cannot start", "found character that cannot start any token"),
        (r"found unknown escape character .*", "found unknown escape character"),
        (r"expected ',' or '(.)', but got", r"did not find expected ',' or '\1'"),
        (r"expected the node content, but found", "did not find expected node content"),
        (r"expected '<document start>', but", "did not find expected <document start>"),
        (r"found undefined tag handle|found undefined tag", "found undefined tag handle"),
        (
            r"sequence entries are not allowed here",
            "block sequence entries are not allowed in this context",
        ),
        (r"mapping keys are not allowed here", "mapping keys are not allowed in this context"),
    )
)

_ADVICE = (
    ("mapping values are not allowed", 'quote the text that holds ": ", or mend the indentation'),
    ("cannot start any token", "indent with spaces instead of tabs, and quote text that starts "
     "with @, ` or %"),
    ("a tab character", "indent with spaces instead of tabs"),
    ("unexpected end of stream", "close the quotes or the bracket"),
    ("expected ',' or", "close the bracket, and put a comma between its items"),
    ("expected key", "line the keys up, and quote text with quotes inside"),
    ("expected '-' indicator", "line the items up, each with its own -"),
    ("expected ':'", 'put ": " after the key, or line the text up with the one above'),
    ("invalid Unicode", "write the character itself, or use single quotes"),
    ("unknown escape", r"write \\ for a backslash, or use single quotes"),
)  # fmt: skip


def libyaml_wording(context: str, problem: str) -> str:
    """Say what libyaml says where the parser said `problem` while `context`."""
    for pattern, replacement in _TO_LIBYAML:
        found = pattern.match(problem)
        if found:
            return found.expand(replacement)
    if problem.startswith("expected <block end>"):
        in_list = "collection" in context or "sequence" in context
        return "did not find expected '-' indicator" if in_list else "did not find expected key"
    return problem


def advice(problem: str) -> str:
    """Our message for a syntax error: the problem and what to do about it."""
    hint = next((hint for part, hint in _ADVICE if part in problem), "check the line above too")
    return f"{problem}: {hint}"


def at_line(problem: str, line: int) -> str:
    """Word a syntax error as the service does.

    :param problem: libyaml's text.
    :param line: the line, counted from 0.
    """
    return f"{problem} at line {line}"


def already_defined(key: str, first: int, line: int) -> str:
    """Word a key given twice as go-yaml does.

    :param key: the key.
    :param first: line of the first time, counted from 1.
    :param line: line of the second time, counted from 1.
    """
    return _unmarshal_error(line, f'mapping key "{key}" already defined at line {first}')


def unmarshal(node: "Node", wanted: str) -> str:
    """Word a value of the wrong kind as go-yaml does.

    :param node: the value.
    :param wanted: the Go type it should have been (``[]string``).
    """
    text = getattr(node, "text", None)
    if text is None:
        found = "!!seq" if hasattr(node, "items") else "!!map"
    else:
        # go-yaml cuts long values.
        shown = f"{text[:7]}..." if len(text) > 10 else text
        found = f"{_resolved_tag(text, plain=getattr(node, 'plain', False))} `{shown}`"
    return _unmarshal_error(node.line, f"cannot unmarshal {found} into {wanted}")


def _unmarshal_error(line: int, text: str) -> str:
    return f"yaml: unmarshal errors:\n  line {line}: {text}"


_RESOLVERS = (
    ("!!null", re.compile(r"(~|null|Null|NULL)?")),
    ("!!bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("!!int", re.compile(r"[-+]?[0-9][0-9_]*|0x[0-9a-fA-F_]+|0o?[0-7_]+")),
    (
        "!!float",
        re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan"),
    ),
)


def _resolved_tag(text: str, *, plain: bool) -> str:
    if plain:
        for tag, pattern in _RESOLVERS:
            if pattern.fullmatch(text):
                return tag
    return "!!str"
