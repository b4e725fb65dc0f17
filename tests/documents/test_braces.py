"""Texts with something between double braces."""

import pytest

from mockbuild.documents.braces import in_braces, replaced


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("{{ A }}{{B}} {{  C}}", ["A", "B", "C"], id="spaces"),
        pytest.param("no braces } {", [], id="none"),
        pytest.param("{{ A } }} {{", [], id="not closed"),
        pytest.param("${{ A }}", ["A"], id="dollar in front"),
        pytest.param("{{{ A }}}", ["A"], id="three braces"),
        pytest.param("{{\nA\n}}", ["A"], id="line breaks"),
    ],
)
def test_in_braces(text, found):
    assert list(in_braces(text)) == found


@pytest.mark.docs
def test_values_are_put_in_once():
    values = {"A": "{{ B }}", "B": "b", "loop.value": r"\1", "empty": ""}
    text = "{{ A }}-{{B}} {{ loop.value }} {{empty}}{{ C }} {{.Go}}"
    assert replaced(text, values.get) == r"{{ B }}-b \1 {{ C }} {{.Go}}"
