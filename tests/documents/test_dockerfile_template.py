"""Dockerfile templates of container recipes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.documents.dockerfile_template import check_dockerfile_template
from mockbuild.documents.errors import DocumentError

PARENT = "FROM {{{ imagebuilder:parentImage }}}\n"
ENVIRONMENTS = "{{{ imagebuilder:environments }}}\n"
COMPONENTS = "{{{ imagebuilder:components }}}\n"
FULL = PARENT + ENVIRONMENTS + COMPONENTS


FINE = [
    ("only the parent", PARENT, False),
    ("everything without components", FULL, False),
    ("everything", FULL, True),
    ("no components", PARENT + ENVIRONMENTS, True),
    ("no spaces", FULL.replace("{{{ ", "{{{").replace(" }}}", "}}}"), True),
    ("on a line of its own", "FROM\n{{{ imagebuilder:parentImage }}}\n", False),
    ("instructions between", "ARG A\n" + PARENT + "RUN x\n" + ENVIRONMENTS + "RUN y\n" + COMPONENTS,
     True),
    ("on one line", PARENT + "{{{imagebuilder:environments}}}{{{imagebuilder:components}}}", True),
    ("other braces", PARENT + "RUN docker inspect -f '{{.Id}}' {{{ x }}} {{ imagebuilder }}\n",
     False),
    ("two braces", PARENT + "{{ imagebuilder:environments }}", False),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "has_components"), [pytest.param(*row, id=name) for name, *row in FINE]
)
def test_templates_that_will_do(text, has_components):
    check_dockerfile_template(text, has_components=has_components)


NO_PARENT = "1:1: {{{ imagebuilder:parentImage }}} is missing; write FROM before it"
NO_ENVIRONMENTS = "{{{ imagebuilder:environments }}} is missing; the recipe's components need it"
BAD_ORDER = "{{{ imagebuilder:components }}} has to come after {{{ imagebuilder:environments }}}"
WRONG = [
    ("empty", "", False, NO_PARENT),
    ("a plain Dockerfile", "FROM alpine\n", False, NO_PARENT),
    ("only two braces", "FROM {{imagebuilder:parentImage}}", False, NO_PARENT),
    ("no environments", PARENT + COMPONENTS, True, f"2:1: {NO_ENVIRONMENTS}"),
    ("neither", PARENT, True, f"1:1: {NO_ENVIRONMENTS}"),
    ("components first", PARENT + COMPONENTS + "RUN x\n" + ENVIRONMENTS, True, f"2:1: {BAD_ORDER}"),
    ("first on one line", PARENT + "{{{imagebuilder:components}}} {{{imagebuilder:environments}}}",
     False, f"2:1: {BAD_ORDER}"),
    ("unknown", PARENT + "RUN {{{ imagebuilder:component }}}", False,
     "2:5: imagebuilder:component is none of parentImage, environments, components; did you mean "
     "components?"),
    ("two that are unknown", PARENT + "{{{imagebuilder:a}}}\n{{{imagebuilder:b}}}", False,
     "2:1: imagebuilder:a is none of parentImage, environments, components"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "has_components", "expected"), [pytest.param(*row, id=name) for name, *row in WRONG]
)
def test_the_first_that_is_wrong(text, has_components, expected):
    with pytest.raises(DocumentError) as caught:
        check_dockerfile_template(text, has_components=has_components)
    assert str(caught.value) == f"<inline>:{expected}"
    assert caught.value.aws_message == caught.value.message


@pytest.mark.inferred
def test_thousands_of_unknown_placeholders():
    text = PARENT + "".join(f"{{{{{{imagebuilder:{number}}}}}}}" for number in range(2500))
    with pytest.raises(DocumentError, match="imagebuilder:0 is none of"):
        check_dockerfile_template(text, has_components=False)


BITS = st.lists(
    st.sampled_from(
        ["{{{", "}}}", "{", "}", " ", "\n", "imagebuilder:", "parentImage", "components",
         "environments", FULL, "é"]
    )
).map("".join)  # fmt: skip


def error_of(text: str, *, has_components: bool) -> DocumentError | None:
    try:
        check_dockerfile_template(text, has_components=has_components)
    except DocumentError as error:
        return error
    return None


@pytest.mark.inferred
@given(text=st.one_of(BITS, st.text()), has_components=st.booleans())
def test_any_text_will_do_or_is_refused_with_its_place(text, has_components):
    error = error_of(text, has_components=has_components)
    if error is None:
        assert "imagebuilder:parentImage" in text
    else:
        assert error.line >= 1
        assert error.column >= 1
