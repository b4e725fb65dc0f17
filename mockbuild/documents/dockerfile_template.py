"""A container recipe's Dockerfile template: a Dockerfile with ``{{{ imagebuilder:… }}}`` in it.

Which placeholders a template needs is documented; that CreateContainerRecipe refuses one without
them is a guess, and the wording is ours.
"""

import re
from dataclasses import dataclass

from mockbuild.documents.errors import Problems, raise_first, shown
from mockbuild.documents.fields import did_you_mean

PLACEHOLDERS = ("parentImage", "environments", "components")

_THREE_BRACES = re.compile(r"\{\{\{\s*imagebuilder:([^\s{}]*)\s*\}\}\}")


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    column: int


def check_dockerfile_template(text: str, *, has_components: bool) -> None:
    """Make sure that a Dockerfile template can be used.

    :param text: the template.
    :param has_components: whether the recipe has components, which need a placeholder of their own.
    :raises DocumentError: for the first error, in the order of the text. Its ``aws_message`` is
        the sentence that follows ``The value supplied for parameter 'dockerfileTemplateData' is
        not valid.``
    """
    problems = Problems("<inline>")
    places = _find_placeholders(text, problems)
    _check_places(places, problems, has_components=has_components)
    raise_first(problems.in_order())


def _find_placeholders(text: str, problems: Problems) -> dict[str, _Place]:
    """Return where each placeholder stands first."""
    places: dict[str, _Place] = {}
    for found in _THREE_BRACES.finditer(text):
        if found[1] in PLACEHOLDERS:
            places.setdefault(found[1], _place(text, found.start()))
        elif not problems.is_full("error"):
            problems.error(
                _place(text, found.start()),
                f"imagebuilder:{shown(found[1])} is none of {', '.join(PLACEHOLDERS)}"
                f"{did_you_mean(found[1], PLACEHOLDERS)}",
            )
    return places


def _check_places(places: dict[str, _Place], problems: Problems, *, has_components: bool) -> None:
    start = _Place(1, 1)
    environments, components = places.get("environments"), places.get("components")
    if "parentImage" not in places:
        problems.error(start, "{{{ imagebuilder:parentImage }}} is missing; write FROM before it")
    if has_components and environments is None:
        problems.error(
            components or start,
            "{{{ imagebuilder:environments }}} is missing; the recipe's components need it",
        )
    if environments and components and _order(components) < _order(environments):
        problems.error(
            components,
            "{{{ imagebuilder:components }}} has to come after {{{ imagebuilder:environments }}}",
        )


def _order(place: _Place) -> tuple[int, int]:
    return place.line, place.column


def _place(text: str, index: int) -> _Place:
    start = text.rfind("\n", 0, index) + 1
    return _Place(text.count("\n", 0, index) + 1, index - start + 1)
