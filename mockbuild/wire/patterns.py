r"""The models' regular expressions, which are Java's, as Python's.

What differs and occurs: ``\p{L}`` and its like, possessive quantifiers (Python 3.11 has
them), ``\w \d \s`` that mean ASCII. Categories need no tables of Unicode: a text that is
matched holds a few characters, and only those have to be told apart, so a category becomes
the list of *these* characters (beside ASCII) that are in it.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)(?:Is|general_category=|gc=)?(\w+)\}|(\w))")
_ASCII = frozenset(map(chr, range(128)))
# Java's POSIX classes are ASCII only.
_POSIX: dict[str, Callable[[str], bool]] = {
    "Lower": lambda c: "a" <= c <= "z",
    "Upper": lambda c: "A" <= c <= "Z",
    "ASCII": lambda c: c < "\x80",
    "Alpha": lambda c: c < "\x80" and c.isalpha(),
    "Digit": lambda c: "0" <= c <= "9",
    "Alnum": lambda c: c < "\x80" and c.isalnum(),
    "Punct": lambda c: c < "\x80" and c.isprintable() and not (c.isalnum() or c == " "),
    "Graph": lambda c: "!" <= c <= "~",
    "Print": lambda c: " " <= c <= "~",
    "Blank": lambda c: c in " \t",
    "Cntrl": lambda c: c < " " or c == "\x7f",
    "XDigit": lambda c: c in "0123456789abcdefABCDEF",
    "Space": lambda c: c in " \t\n\x0b\f\r",
}


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the function that says whether a text satisfies the pattern.

    A pattern speaks of the whole text, as AWS checks it; one that is anchored at one end
    only is open at the other.

    :raises re.error: it cannot be translated.
    """
    if "p{" not in pattern.lower() and not _PROPERTY.search(pattern):
        plain = _compile(pattern)
        return lambda text: plain(text) is not None
    ascii_only = _compile(ascii_pattern(pattern))

    def matches(text: str) -> bool:
        if text.isascii():
            return ascii_only(text) is not None
        return _compile_for(pattern, frozenset(text) - _ASCII)(text) is not None

    return matches


def ascii_pattern(pattern: str) -> str:
    """Return the pattern in Python's syntax, for texts of ASCII characters only."""
    return _expand(pattern, _ASCII)


@lru_cache(maxsize=256)
def _compile_for(
    pattern: str, beyond_ascii: frozenset[str]
) -> Callable[[str], re.Match[str] | None]:
    return _compile(_expand(pattern, _ASCII | beyond_ascii))


def _compile(pattern: str) -> Callable[[str], re.Match[str] | None]:
    compiled = re.compile(pattern, re.ASCII)
    opens, closes = pattern.startswith("^"), bool(re.search(r"(?<!\\)(?:\\\\)*\$\Z", pattern))
    if opens == closes:
        return compiled.fullmatch
    return compiled.match if opens else compiled.search


def _expand(pattern: str, universe: frozenset[str]) -> str:
    r"""Replace every ``\p{..}`` by the characters of the universe that it means."""
    pieces = []
    at = 0
    in_class = False
    while at < len(pattern):
        found = _PROPERTY.match(pattern, at)
        if found:
            pieces.append(_class(found, universe, bare=not in_class))
            at = found.end()
            continue
        step = 2 if pattern[at] == "\\" else 1
        piece = pattern[at : at + step]
        if piece == "[":
            in_class = True
        elif piece == "]":
            in_class = False
        pieces.append(piece)
        at += step
    return "".join(pieces)


def _class(found: re.Match[str], universe: frozenset[str], *, bare: bool) -> str:
    name = found[3] or found[4]
    negated = (found[1] == "P") != bool(found[2])
    belongs = _POSIX.get(name) or (lambda c: unicodedata.category(c).startswith(name))
    if name not in _POSIX and not re.fullmatch(r"[LMNPSZC][a-z]?", name):
        raise re.error(f"unknown character property {name}")
    chosen = sorted(char for char in universe if belongs(char) != negated)
    if not chosen:  # a class must not be empty: a character that is not in the text
        chosen = [next(c for c in map(chr, range(0x10FFFF, 0, -1)) if c not in universe)]
    listed = "".join(f"\\U{ord(char):08x}" for char in chosen)
    return f"[{listed}]" if bare else listed
