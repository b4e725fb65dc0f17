"""Names in Image Builder's documents: which there can be, and that none comes twice."""

import re
from collections.abc import Iterable

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.yaml_text import Scalar

_NAME = re.compile(r"[A-Za-z0-9_-]{3,128}")


def refuse_bad_name(name: Scalar, what: str, problems: Problems, aws_message: str = "") -> None:
    """Note a name that nothing can have.

    :param name: the name.
    :param what: what it is a name for: ``step``.
    :param problems: where findings go.
    :param aws_message: see :class:`~mockbuild.documents.errors.Problem`.
    """
    if not _NAME.fullmatch(name.text):
        problems.error(
            name,
            f"{shown(name.text)} is no name for a {what}; use 3 to 128 letters, digits, hyphens "
            "and underscores",
            aws_message,
        )


def refuse_twice(names: Iterable[Scalar], what: str, problems: Problems) -> None:
    """Note every name that came before among `names`; see :func:`refuse_bad_name`."""
    first: dict[str, Scalar] = {}
    for name in names:
        before = first.get(name.text)
        if before is None:
            first[name.text] = name
        elif not problems.is_full("error"):
            problems.error(
                name,
                f"{what} {shown(name.text)} is already there on line {before.line}; rename one",
            )
