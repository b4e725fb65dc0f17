"""Dockerfile templates of container recipes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.documents.dockerfile_template import (
    DockerfileTemplate,
    check_dockerfile_template,
    parse_dockerfile_template,
)
from mockbuild.documents.errors import MAX_PROBLEMS, DocumentError, Problem

PARENT = "FROM {{{ imagebuilder:parentImage }}}\n"
ENVIRONMENTS = "{{{ imagebuilder:environments }}}\n"
COMPONENTS = "{{{ imagebuilder:components }}}\n"
FULL = PARENT + ENVIRONMENTS + COMPONENTS


def found(text: str | bytes, *, has_components: bool) -> list[str]:
    problems = check_dockerfile_template(text, "Dockerfile", has_components=has_components)
    return [str(problem) for problem in problems]


@pytest.mark.docs
def test_rendering():
    template = parse_dockerfile_template(
        "# base\nFROM {{{imagebuilder:parentImage}}} AS base\nRUN a && b\n"
        + ENVIRONMENTS
        + COMPONENTS
        + 'LABEL from="{{{  imagebuilder:parentImage  }}}"\n',
        has_components=True,
    )
    rendered = template.render("repo/image:1&2<3>", "WORKDIR /tmp", r"RUN x \1 {{{ y }}}")
    assert rendered == (
        "# base\nFROM repo/image:1&2<3> AS base\nRUN a && b\nWORKDIR /tmp\nRUN x \\1 {{{ y }}}\n"
        'LABEL from="repo/image:1&2<3>"\n'
    )


@pytest.mark.docs
def test_rendering_without_components():
    assert DockerfileTemplate("d", PARENT + ENVIRONMENTS).render("x") == "FROM x\n\n"


FINE = [
    ("only the parent", PARENT, False),
    ("everything without components", FULL, False),
    ("everything", FULL, True),
    ("no spaces", FULL.replace("{{{ ", "{{{").replace(" }}}", "}}}"), True),
    ("on a line of its own", "FROM\n{{{ imagebuilder:parentImage }}}\n", False),
    ("instructions between", "ARG A\n" + PARENT + "RUN x\n" + ENVIRONMENTS + "RUN y\n" + COMPONENTS,
     True),
    ("on one line", PARENT + "{{{imagebuilder:environments}}}{{{imagebuilder:components}}}", True),
    ("other braces", PARENT + "RUN docker inspect -f '{{.Id}}' {{{ x }}} {{ imagebuilder }}\n",
     False),
    ("bytes", FULL.encode(), True),
    ("the largest", PARENT + "#" * (65536 - len(PARENT)), False),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "has_components"), [pytest.param(*row, id=name) for name, *row in FINE]
)
def test_nothing_to_complain_about(text, has_components):
    assert found(text, has_components=has_components) == []
    parse_dockerfile_template(text, has_components=has_components)


NO_PARENT = "1:1: error: {{{ imagebuilder:parentImage }}} is missing; write FROM before it"
NO_ENVIRONMENTS = (
    "error: {{{ imagebuilder:environments }}} is missing; the recipe's components need it"
)
NO_COMPONENTS = (
    "warning: {{{ imagebuilder:components }}} is missing: the recipe's components will not run"
)
ODD = [
    ("empty", "", False, [NO_PARENT]),
    ("a plain Dockerfile", "FROM alpine\n", False, [NO_PARENT]),
    ("no environments", PARENT + COMPONENTS, True, [f"2:1: {NO_ENVIRONMENTS}"]),
    ("neither", PARENT, True, [f"1:1: {NO_ENVIRONMENTS}", f"1:1: {NO_COMPONENTS}"]),
    ("no components", PARENT + ENVIRONMENTS, True, [f"2:1: {NO_COMPONENTS}"]),
    ("components first", PARENT + COMPONENTS + "RUN x\n" + ENVIRONMENTS, True,
     ["2:1: error: {{{ imagebuilder:components }}} has to come after "
      "{{{ imagebuilder:environments }}}"]),
    ("first on one line", PARENT + "{{{imagebuilder:components}}} {{{imagebuilder:environments}}}",
     False,
     ["2:1: error: {{{ imagebuilder:components }}} has to come after "
      "{{{ imagebuilder:environments }}}"]),
    ("unknown", PARENT + "RUN {{{ imagebuilder:component }}}", False,
     ["2:5: error: imagebuilder:component is none of parentImage, environments, components; did "
      "you mean components?"]),
    ("two braces", PARENT + "{{ imagebuilder:environments }}", False,
     ["2:1: warning: imagebuilder:environments has no effect here; put it between three braces"]),
    ("only two braces", "FROM {{imagebuilder:parentImage}}", False,
     [NO_PARENT,
      "1:6: warning: imagebuilder:parentImage has no effect here; put it between three braces"]),
    ("size", "#" * 65537, False, ["1:1: error: the Dockerfile template is larger than 64 KiB"]),
    ("not UTF-8", b"FROM a\nRUN \xff", False,
     ["2:5: error: the text is not UTF-8; save the file as UTF-8"]),
    ("not UTF-8 after a wide letter", "RUN é".encode() + b"\xff", False,
     ["1:6: error: the text is not UTF-8; save the file as UTF-8"]),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "has_components", "expected"), [pytest.param(*row, id=name) for name, *row in ODD]
)
def test_what_is_wrong(text, has_components, expected):
    assert found(text, has_components=has_components) == [f"Dockerfile:{line}" for line in expected]
    errors = [line for line in expected if ": error: " in line]
    if errors:
        with pytest.raises(DocumentError) as caught:
            parse_dockerfile_template(text, "Dockerfile", has_components=has_components)
        assert str(caught.value) == f"Dockerfile:{errors[0].replace('error: ', '', 1)}"
        assert caught.value.aws_message == caught.value.message
    else:
        parse_dockerfile_template(text, has_components=has_components)


@pytest.mark.inferred
@pytest.mark.parametrize("braces", ["{{{imagebuilder:%d}}}", "{{imagebuilder:%d}}"])
def test_the_number_of_problems_is_limited(braces):
    text = PARENT + "".join(braces % number for number in range(2500))
    assert len(check_dockerfile_template(text)) == MAX_PROBLEMS


BITS = st.lists(
    st.sampled_from(
        ["{{{", "}}}", "{", "}", " ", "\n", "imagebuilder:", "parentImage", "components",
         "environments", FULL, "é"]
    )
).map("".join)  # fmt: skip


@pytest.mark.inferred
@given(text=st.one_of(BITS, st.text(), st.binary()), has_components=st.booleans())
def test_any_text_gives_a_template_or_a_documented_error(text, has_components):
    problems = check_dockerfile_template(text, has_components=has_components)
    assert all(isinstance(problem, Problem) and problem.line >= 1 for problem in problems)
    if any(problem.severity == "error" for problem in problems):
        with pytest.raises(DocumentError):
            parse_dockerfile_template(text, has_components=has_components)
    else:
        template = parse_dockerfile_template(text, has_components=has_components)
        assert "{{{ imagebuilder:parentImage }}}" not in template.render("image")
