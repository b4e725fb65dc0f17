"""Regular expressions in Java's syntax: what they match."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.domain.java_regex import PatternError, compile_pattern

pytestmark = pytest.mark.docs  # of java.util.regex.Pattern

MATCHES = [
    ("", ""),
    ("main", "refs/heads/main"),
    ("^refs/heads/main$", "refs/heads/main"),
    ("^refs/heads/(?!main$)", "refs/heads/maint"),
    ("^refs/(heads|tags)/", "refs/tags/v1"),
    ("a.c", "abc"),
    ("a{2,3}b", "aaab"),
    ("a{2}", "aa"),
    ("a{2,}$", "aaaa"),
    ("a??b", "ab"),
    ("a+?b", "aab"),
    ("(?<name>main)$", "main"),
    (r"\Qa.b\E", "a.b"),
    (r"\Qa.b\E+$", "a.bbb"),
    (r"\Qa.b", "a.b"),
    ("[a-]", "-"),
    (r"[\]]", "]"),
    (r"[\d-]", "-"),
    (r"[\x41-\u0043]", "B"),
    ("[^abc]", "d"),
    (r"\p{L}", "é"),
    (r"\p{IsLu}", "É"),
    (r"\pL", "é"),
    (r"\p{IsAlphabetic}", "é"),
    (r"a\Z", "a\n"),
    ("a$", "a\n"),
    (r"\R$", "\r\n"),
    (r"\Aa\b", "a b"),
    (r"a\Bb", "ab"),
    (r"\[CodeBuild\]", "a [CodeBuild] b"),
    (r"\/\.\-", "/.-"),
    ("(?i)main", "MAIN"),
    ("(?i)[a-c]", "B"),
    ("(?i:a)b", "Ab"),
    ("(?i)(?-i:a)b", "aB"),
    ("(?s)a.b", "a\nb"),
    ("(?m)^b$", "a\nb\nc"),
    ("(?<=ab)c", "abc"),
    ("(?<!b)c", "ac"),
    ("(?m)^$", "a\n\nb"),
    ("(?m)a$", "a"),
    ("(?=.*b)a", "aab"),
    ("(?>ab?)c", "abc"),
    ("(a*)*b", "aab"),
    ("(|a)+$", "aa"),
    ("()*a", "a"),
    ("(){3}a", "a"),
    ("a]", "a]"),
]
DIFFERS = [
    ("^main$", "refs/heads/main"),
    ("^refs/heads/(?!main$)", "refs/heads/main"),
    ("a{2,3}b$", "ab"),
    ("a{0}b", "a"),
    (r"\Qa.b", "axb"),
    (r"[^\d\s]", "1 "),
    (r"\w", "é"),
    (r"\d", "٣"),
    (r"\P{L}", "é"),
    (r"a\z", "a\n"),
    ("a$", "a\nb"),
    ("a$", "a\n\n"),
    ("^b", "a\nb"),
    (r"\Ab", "ab"),
    (r"a\b", "ab"),
    ("(?i:a)b", "AB"),
    ("(a(?i)b)c", "aBC"),
    ("(?<=ab)c", "bc"),
    ("(?<!b)c", "bc"),
    ("(?>ab?)b", "ab"),
    ("a++a", "aaa"),
    ("(?>a|ab)c", "abc"),
    (".", "\n"),
    (r"\.", "a"),
]


@pytest.mark.parametrize(("pattern", "text"), MATCHES, ids=repr)
def test_matches(pattern, text):
    assert compile_pattern(pattern).search(text)


@pytest.mark.parametrize(("pattern", "text"), DIFFERS, ids=repr)
def test_does_not_match(pattern, text):
    assert not compile_pattern(pattern).search(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "a)",
        "[",
        "[a",
        "[z-a]",
        "*",
        "a**",
        "a{2,1}",
        r"\p{Foo}",
        "(?q)a",
        "[a-z&&[^q]]",
        "[a[b]]",
    ],
)
def test_what_is_no_pattern(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern)


ATOMS = st.sampled_from([*"abA/.", "[ab]", "[^a]", r"\d", r"\w", r"\.", "^", "$", "(?:a|b)", r"\b"])


def _larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["*", "+", "?", "*?", "+?", "{1,2}", "{2}", "{0,1}?"])
    frames = st.sampled_from(["({})", "(?={})", "(?!{})", "(?>{})", "(?i:{})", "(?s:{})"])
    return st.one_of(
        st.tuples(smaller, smaller).map("".join),
        st.tuples(smaller, smaller).map("|".join).map("(?:{})".format),
        st.tuples(smaller, times).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(frames, smaller).map(lambda pair: pair[0].format(pair[1])),
    )


@given(st.recursive(ATOMS, _larger, max_leaves=8), st.text("abA1/.\n", max_size=8))
def test_it_agrees_with_python_where_the_two_languages_do(pattern, text):
    expected = re.search(pattern, text, re.ASCII) is not None
    assert (compile_pattern(pattern).search(text) is not None) == expected


@given(st.text("ab()[]{}|*+?^$\\-&<>=!:,.0123QEpPxuLdwikms#\n ", max_size=14), st.text("ab-\n"))
def test_any_text_is_a_pattern_or_refused(pattern, text):
    with suppress(PatternError):
        compile_pattern(pattern).search(text)
