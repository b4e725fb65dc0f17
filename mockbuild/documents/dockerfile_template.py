"""A container recipe's Dockerfile template: a Dockerfile with ``{{{ imagebuilder:… }}}`` in it.

Which placeholders a template needs is documented; that CreateContainerRecipe refuses one without
them is a guess, and the wording is ours.
"""

import re
from dataclasses import dataclass

from mockbuild.documents.errors import DocumentError, Problem, Problems, raise_first, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.records import refuse_large

PLACEHOLDERS = ("parentImage", "environments", "components")

_THREE_BRACES = re.compile(r"\{\{\{\s*imagebuilder:([^\s{}]*)\s*\}\}\}")
_TWO_BRACES = re.compile(r"(?<!\{)\{\{\s*imagebuilder:([^\s{}]*)\s*\}\}(?!\})")


@dataclass(frozen=True, slots=True)
class DockerfileTemplate:
    """A template that can be rendered.

    :param source: the file's name, or ``<inline>``.
    :param text: the template.
    """

    source: str
    text: str

    def render(self, parent_image: str, environments: str = "", components: str = "") -> str:
        """Return the Dockerfile; nothing in it is escaped.

        :param parent_image: the base image.
        :param environments: directives that bring the scripts of components in.
        :param components: the directive that runs them.
        """
        values = dict(zip(PLACEHOLDERS, (parent_image, environments, components), strict=True))
        return _THREE_BRACES.sub(lambda found: values.get(found[1], found[0]), self.text)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    column: int


def parse_dockerfile_template(
    text: str | bytes, source: str = "<inline>", *, has_components: bool = False
) -> DockerfileTemplate:
    """Read a Dockerfile template.

    :param text: the template.
    :param source: the file's name for messages.
    :param has_components: whether the recipe has components, which need placeholders of their own.
    :raises DocumentError: for the first error, in the order of the text. Its ``aws_message`` is
        the sentence that follows ``The value supplied for parameter 'dockerfileTemplateData' is
        not valid.``
    """
    decoded, problems = _read(text, source, has_components=has_components)
    raise_first(problems)
    return DockerfileTemplate(source, decoded)


def check_dockerfile_template(
    text: str | bytes, source: str = "<inline>", *, has_components: bool = False
) -> list[Problem]:
    """Everything wrong or odd about a Dockerfile template, in the order of the text.

    :param text: the template.
    :param source: the file's name for messages.
    :param has_components: whether the recipe has components.
    """
    return list(_read(text, source, has_components=has_components)[1])


def _read(
    text: str | bytes, source: str, *, has_components: bool
) -> tuple[str, tuple[Problem, ...]]:
    try:
        refuse_large(text, source, "Dockerfile template")
        decoded = text if isinstance(text, str) else _decode(text, source)
    except DocumentError as error:
        return "", (error.problem,)
    problems = Problems(source)
    places = _find_placeholders(decoded, problems)
    _check_places(places, problems, has_components=has_components)
    return decoded, problems.in_order()


def _decode(text: bytes, source: str) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8")
        place = _place(before, len(before))
        raise DocumentError(
            source, place.line, place.column, "the text is not UTF-8; save the file as UTF-8"
        ) from None


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
    for found in _TWO_BRACES.finditer(text):
        if problems.is_full("warning"):
            break
        problems.warning(
            _place(text, found.start()),
            f"imagebuilder:{shown(found[1])} has no effect here; put it between three braces",
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
    if has_components and components is None:
        problems.warning(
            environments or start,
            "{{{ imagebuilder:components }}} is missing: the recipe's components will not run",
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
