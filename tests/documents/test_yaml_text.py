"""YAML text becomes nodes with their place, or an error with its place."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.documents import yaml_text
from mockbuild.documents.errors import DocumentError
from mockbuild.documents.yaml_text import (
    MAX_BYTES,
    MAX_DEPTH,
    Entry,
    List,
    Mapping,
    Scalar,
    compose,
    compose_with_warnings,
)

PARSERS = {
    "libyaml": getattr(yaml, "CBaseLoader", None),
    "pyyaml": yaml.BaseLoader,
}


@pytest.fixture(params=PARSERS)
def parser(request, monkeypatch):
    loader = PARSERS[request.param]
    if loader is None:
        pytest.skip("this PyYAML is built without libyaml")
    monkeypatch.setattr(yaml_text, "_LOADER", loader)
    return request.param


def fails(text: str | bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        compose(text, "a.yml")
    return caught.value


@pytest.mark.docs
def test_nodes_know_their_place(parser):
    assert compose("a: 1\nb:\n  - x\n  - 'y'\n", "a.yml") == Mapping(
        (
            Entry(Scalar("a", 1, 1), Scalar("1", 1, 4)),
            Entry(
                Scalar("b", 2, 1),
                List((Scalar("x", 3, 5), Scalar("y", 4, 5, plain=False)), 3, 3),
            ),
        ),
        1,
        1,
    )


@pytest.mark.docs
@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("0700", "0700", id="octal"),
        pytest.param("12:30", "12:30", id="sexagesimal"),
        pytest.param("on", "on", id="bool"),
        pytest.param("1e3", "1e3", id="float"),
        pytest.param("2024-01-01", "2024-01-01", id="date"),
        pytest.param("~", "~", id="null"),
        pytest.param("", "", id="nothing"),
        pytest.param("'it''s'", "it's", id="single quotes"),
        pytest.param(r'"a\tb"', "a\tb", id="double quotes"),
        pytest.param("|\n  a\n  b", "a\nb\n", id="block"),
        pytest.param(">-\n  a\n  b", "a b", id="folded"),
        pytest.param("!!str 12", "12", id="standard tag"),
        pytest.param("!!python/object:os.system x", "x", id="python tag"),
    ],
)
def test_scalars_keep_their_text(parser, written, text):
    root = compose(f"k: {written}\n", "a.yml")
    assert isinstance(root, Mapping)
    assert str(root.get("k")) == text


@pytest.mark.docs
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: ü", id="text"),
        pytest.param("a: ü".encode(), id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + "a: ü".encode(), id="utf-8 with BOM"),
        pytest.param("\ufeffa: ü", id="text with BOM"),
        pytest.param("a: ü".encode("utf-16"), id="utf-16"),
    ],
)
def test_encodings(parser, text):
    root = compose(text, "a.yml")
    assert root == Mapping((Entry(Scalar("a", 1, 1), Scalar("ü", 1, 4)),), 1, 1)


# One row: id, text, line, column, our message, the service's.
SYNTAX = [
    (
        "mapping in a text",
        "a: b: c",
        (1, 5),
        'mapping values are not allowed in this context: quote the text that holds ": ", '
        "or mend the indentation",
        "mapping values are not allowed in this context at line 0",
    ),
    (
        "open bracket",
        "\n" * 18 + "a: [1, 2\nb: 3\n",
        (20, 2),
        "did not find expected ',' or ']': close the bracket, and put a comma between its items",
        "did not find expected ',' or ']' at line 19",
    ),
    (
        "tab",
        "version: 0.2\n\nphases:\n\tbuild:\n",
        (4, 1),
        "found character that cannot start any token: indent with spaces instead of tabs, and "
        "quote text that starts with @, ` or %",
        "found character that cannot start any token at line 3",
    ),
]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("text", "place", "message", "aws_message"),
    [pytest.param(*row, id=name) for name, *row in SYNTAX],
)
def test_syntax_errors_are_worded_as_in_build_logs(parser, text, place, message, aws_message):
    error = fails(text)
    assert (error.line, error.column) == place
    assert error.message == message
    assert error.aws_message == aws_message
    assert str(error) == f"a.yml:{place[0]}:{place[1]}: {message}"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "aws_message"),
    [
        pytest.param(
            "a: b\n c: d\n",
            "mapping values are not allowed in this context at line 1",
            id="nested under a text",
        ),
        pytest.param(
            "- a\nb: c", "did not find expected '-' indicator at line 1", id="mapping after a list"
        ),
        pytest.param(
            "a: 1\n- x\n", "did not find expected key at line 1", id="list after a mapping"
        ),
        pytest.param("a: {b}}", "did not find expected key at line 0", id="brace too many"),
        pytest.param("a: 'x", "found unexpected end of stream at line 0", id="open quotes"),
        pytest.param(
            "a: `x`", "found character that cannot start any token at line 0", id="backquote"
        ),
        pytest.param(r'a: "\q"', "found unknown escape character at line 0", id="escape"),
        pytest.param(
            r'a: "\ud800"', "found invalid Unicode character escape code at line 0", id="surrogate"
        ),
        pytest.param("a: !x!y z", "found undefined tag handle at line 0", id="tag handle"),
        pytest.param("a: ]", "did not find expected node content at line 0", id="bracket too many"),
        pytest.param(
            "a\nb\nc: d",
            "mapping values are not allowed in this context at line 2",
            id="mapping after a text",
        ),
        pytest.param(
            "a: - b",
            "block sequence entries are not allowed in this context at line 0",
            id="list after a key",
        ),
    ],
)
def test_other_syntax_errors_have_libyamls_words(parser, text, aws_message):
    assert fails(text).aws_message == aws_message


# One row: id, text, line, column, start of our message, the service's.
REFUSED = [
    (
        "key twice",
        "a: 1\nb: 2\na: 3\n",
        (3, 1),
        '"a" is already set on line 1; keep one of the two',
        'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 1',
    ),
    (
        "list as key",
        "? [a]\n: b\n",
        (1, 3),
        "a key has to be a single value; quote it if it starts with [ or {",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string",
    ),
    (
        "two documents",
        "a: 1\n---\nb: 2\n",
        (2, 1),
        "a second document starts here; keep one, and remove the other and its ---",
        "wrong number of container tags, expected 1",
    ),
    (
        "unknown alias",
        "a: *b\n",
        (1, 4),
        "no &b comes before *b; define it first, or quote the *",
        "yaml: unknown anchor 'b' referenced",
    ),
    (
        "alias in itself",
        "a: &a\n  - *a\n",
        (2, 5),
        "*a stands inside the value it repeats; write that part out",
        "yaml: anchor 'a' value contains itself",
    ),
    (
        "merge of a text",
        "<<: text\n",
        (1, 5),
        "<< takes a mapping or a list of mappings",
        "yaml: map merge requires map or sequence of maps as the value",
    ),
    (
        "not UTF-8",
        b"a: 1\nb: \xff\n",
        (2, 4),
        "the text is not UTF-8; save the file as UTF-8",
        "yaml: invalid leading UTF-8 octet",
    ),
    (
        "NUL",
        "a: 1\nb: \x00\n",
        (2, 4),
        "the character U+0000 is not allowed in YAML; remove it, or write it as an escape in "
        "double quotes",
        "yaml: control characters are not allowed",
    ),
    (
        "NUL as an escape",
        'a: "x\\0"\n',
        (1, 4),
        r"no command, variable or path can hold a NUL character; remove the \0",
        r"no command, variable or path can hold a NUL character; remove the \0",
    ),
    (
        "BOM in the text",
        "a: \ufeff\n",
        (1, 4),
        "the character U+FEFF is not allowed in YAML; remove it, or write it as an escape in "
        "double quotes",
        "yaml: control characters are not allowed",
    ),
]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "place", "message", "aws_message"),
    [pytest.param(*row, id=name) for name, *row in REFUSED],
)
def test_refused(parser, text, place, message, aws_message):
    error = fails(text)
    assert ((error.line, error.column), error.message) == (place, message)
    assert error.aws_message == aws_message


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", id="anchor set anew"),
        pytest.param("a: {b: 1}\nc: {b: 2}\n", id="same key in two mappings"),
        pytest.param("---\na: 1\n...\n", id="one document with marks"),
        pytest.param("%YAML 1.1\n---\na: 1\n", id="directive"),
        pytest.param("'<<': text\n", id="quoted merge key"),
        pytest.param("a: 1 # \u00fc\n", id="not ASCII"),
        pytest.param("a: \U0001f600\n", id="beyond the BMP"),
        pytest.param('a: "\\u0007"\n', id="escaped control character"),
        pytest.param("a: 1\r\nb: 2\r\n", id="CRLF"),
    ],
)
def test_not_refused(parser, text):
    compose(text, "a.yml")


@pytest.mark.inferred
@pytest.mark.skipif(PARSERS["libyaml"] is None, reason="PyYAML's own parser refuses it")
def test_a_tab_after_a_colon_is_a_blank():
    compose("a:\t1\n", "a.yml")


@pytest.mark.inferred
def test_merges(parser):
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  b: 0\n  <<: [*x, *y]\n"
    root = compose(text, "a.yml")
    assert isinstance(root, Mapping)
    merged = root.get("z")
    assert isinstance(merged, Mapping)
    assert {e.key.text: str(e.value) for e in merged.entries} == {"b": "0", "a": "1", "c": "4"}


@pytest.mark.inferred
def test_an_unknown_tag_is_a_warning():
    root, warnings = compose_with_warnings("a: 1\nb: !Sub '${X}'\n", "a.yml")
    assert isinstance(root, Mapping)
    assert root.get("b") == Scalar("${X}", 2, 4, plain=False, tag="!Sub")
    assert [str(problem) for problem in warnings] == [
        "a.yml:2:4: warning: the tag !Sub has no effect here: the text after it is taken as it is "
        "(CloudFormation functions work in the template around a document, not in it)"
    ]
    assert compose_with_warnings("a: !!str 1\nb: ! x\n", "a.yml")[1] == ()


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param(laughs(30), "too many values, aliases", id="billion laughs"),
        pytest.param(
            f"a: &a {'x' * 500_000}\nb: [{', '.join(['*a'] * 50)}]",
            "too many values, aliases",
            id="long text repeated",
        ),
        pytest.param("[" * 50_000, f"deeper than {MAX_DEPTH} levels", id="brackets"),
        pytest.param("{a: " * 50_000, f"deeper than {MAX_DEPTH} levels", id="braces"),
        pytest.param("- " * 5_000 + "x", f"deeper than {MAX_DEPTH} levels", id="block lists"),
        pytest.param(
            "a0: &a0 [x]\n"
            + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH + 5)),
            f"deeper than {MAX_DEPTH} levels",
            id="depth by aliases",
        ),
        pytest.param("x" * (MAX_BYTES + 1), "larger than 1024 KiB", id="size"),
        pytest.param(b"x" * (MAX_BYTES + 1), "larger than 1024 KiB", id="size in bytes"),
    ],
)
def test_bombs(parser, text, part):
    assert part in fails(text).message


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(laughs(4), id="a few aliases"),
        pytest.param("[" * MAX_DEPTH + "]" * MAX_DEPTH, id="the deepest allowed"),
        pytest.param("a: " + "x" * (MAX_BYTES - 3), id="the longest allowed"),
    ],
)
def test_no_bombs(parser, text):
    compose(text, "a.yml")


YAML_BITS = st.lists(
    st.sampled_from(
        ["a", "b: ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ", ", "&x ", "*x", "<<: ", "!T ",
         "|\n", ">", "'", '"', "\\", "#", "---\n", "...\n", "? ", "%YAML 1.9\n", "\x00", "~",
         "\ufeff", "!!int ", "&y ", "*y", "\r", "\u2028"]
    )
).map("".join)  # fmt: skip


def outcome(text: str | bytes) -> object:
    try:
        return compose(text, "a.yml")
    except DocumentError as error:
        return error


@pytest.mark.inferred
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(YAML_BITS, st.text(), st.binary()), own=st.booleans())
def test_any_text_gives_nodes_or_a_document_error(text, own):
    with pytest.MonkeyPatch.context() as patch:
        if own:
            patch.setattr(yaml_text, "_LOADER", yaml.BaseLoader)
        result = outcome(text)
    assert isinstance(result, DocumentError | Scalar | List | Mapping)
    assert result.line >= 1
    assert result.column >= 1
    if isinstance(result, DocumentError):
        assert "\n" not in result.message
