r"""Regular expressions in Java's syntax, as Python's own.

Filters of webhooks are regular expressions of the service's users, and the service is taken to be
one written in Java (a guess). Most of its syntax is Python's too; what users meet of the rest is
rewritten here: ``(?<name>…)``, ``\k<name>``, ``\z``, ``\Z``, ``\h``, ``\R``, ``\Q…\E``, ``\p{L}``
and its kin, and flags in the middle. Intersections of character classes are not.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final


class PatternError(ValueError):
    """A text is no regular expression, or one that is not understood here."""


@lru_cache(256)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return *pattern* as one of Python's.

    :raises PatternError: it is none.
    """
    try:
        return re.compile(_Rewriter(pattern).rewritten(), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from None


#: What stands for itself in Java and has another form, or none, in Python; outside of classes.
_ESCAPES: Final = {
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "h": r"[ \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]",
    "H": r"[^ \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]",
    "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])",
    "G": r"\A",
    "e": r"\x1b",
}
#: Java's names of classes, as general categories of Unicode.
_CLASSES: Final = {
    "Alpha": "L",
    "IsAlphabetic": "L",
    "Alnum": "LN",
    "Lower": "Ll",
    "Upper": "Lu",
    "Digit": "Nd",
    "Punct": "PS",
    "Space": "Z",
}
_CLASS_NAME = re.compile(r"\{\^?(\w+)\}|([A-Z])")
_FLAGS = re.compile(r"\(\?([imsx]*)(?:-([imsx]+))?\)")
_NAMED = re.compile(r"\(\?<([A-Za-z][A-Za-z0-9]*)>")
_BACK = re.compile(r"<([A-Za-z][A-Za-z0-9]*)>")


class _Rewriter:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        #: How many groups that flags have opened end together with each group that is open.
        self._open = [0]

    def rewritten(self) -> str:
        parts = []
        while self._at < len(self._text):
            parts.append(self._next())
        return "".join(parts) + ")" * self._open[0]

    def _next(self) -> str:
        char = self._text[self._at]
        if char == "\\":
            return self._escape(in_class=False)
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        self._at += 1
        if char == ")" and len(self._open) > 1:
            return ")" * (self._open.pop() + 1)
        return char

    def _group(self) -> str:
        if flags := _FLAGS.match(self._text, self._at):
            self._at = flags.end()
            self._open[-1] += 1
            off = f"-{flags[2]}" if flags[2] else ""
            return f"(?{flags[1]}{off}:"
        self._open.append(0)
        if self._text.startswith("(?P", self._at):
            raise PatternError(f"unknown extension ?P at position {self._at}")
        if named := _NAMED.match(self._text, self._at):
            self._at = named.end()
            return f"(?P<{named[1]}>"
        self._at += 1
        return "("

    def _escape(self, *, in_class: bool) -> str:
        char = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if char in ("p", "P"):
            return self._category(negated=char == "P", in_class=in_class)
        if char == "Q":
            quoted, _, _ = self._text[self._at :].partition("\\E")
            self._at += len(quoted) + 2
            return re.escape(quoted)
        if char == "k" and (back := _BACK.match(self._text, self._at)):
            self._at = back.end()
            return f"(?P={back[1]})"
        if char in _ESCAPES and not (in_class and char in "zZRG"):
            found = _ESCAPES[char]
            return found[1:-1] if in_class and found[0] == "[" else found
        if char.isascii() and not char.isalnum():
            return re.escape(char)
        return f"\\{char}"

    def _category(self, *, negated: bool, in_class: bool) -> str:
        name = _CLASS_NAME.match(self._text, self._at)
        if name is None:
            raise PatternError(f"unknown class at position {self._at}")
        self._at = name.end()
        wanted = name[1] or name[2]
        inside = _members(_CLASSES.get(wanted, wanted.removeprefix("Is")), negated=negated)
        return inside if in_class else f"[{inside}]"

    def _class(self) -> str:
        parts = ["["]
        self._at += 1
        if self._text.startswith("^", self._at):
            parts.append("^")
            self._at += 1
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\\":
                parts.append(self._escape(in_class=True))
                continue
            self._at += 1
            if char == "]" and len(parts) > 1 and parts != ["[", "^"]:
                return "".join(parts) + "]"
            if char == "[" or self._text.startswith("&&", self._at - 1):
                raise PatternError("classes in classes are not understood here")
            parts.append(re.escape(char) if char in "[]~|&" else char)
        raise PatternError("unterminated character class")


@lru_cache(32)
def _members(categories: str, *, negated: bool) -> str:
    """Return the characters of general categories (``Lu``, ``L``, ``LN``), as a class has them."""
    wanted = re.findall("[A-Z][a-z]?", categories)
    known = {"L", "M", "N", "P", "S", "Z", "C"}
    if not wanted or any(one[0] not in known for one in wanted):
        raise PatternError(f"unknown class {categories!r}")
    runs: list[list[int]] = []
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        if any(category.startswith(one) for one in wanted) is not negated:
            if runs and runs[-1][1] == code - 1:
                runs[-1][1] = code
            else:
                runs.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in runs)
