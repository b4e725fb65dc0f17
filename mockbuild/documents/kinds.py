"""Telling the kinds of document apart by what is in them."""

from typing import Literal

from mockbuild.documents.buildspec import check_buildspec
from mockbuild.documents.component import check_component
from mockbuild.documents.errors import DocumentError, Problem
from mockbuild.documents.workflow import check_workflow
from mockbuild.documents.yaml_text import List, Mapping, compose

DocumentKind = Literal["buildspec", "component", "workflow"]


def kind_of(text: str | bytes) -> DocumentKind:
    """Tell what a document is.

    ``steps`` at the left margin make a workflow, ``schemaVersion`` or a list of ``phases`` a
    component. Anything else, broken YAML included, counts as a buildspec.

    :param text: the document.
    """
    try:
        root = compose(text, "<inline>")
    except DocumentError:
        return "buildspec"
    if not isinstance(root, Mapping):
        return "buildspec"
    phases = root.get("phases")
    if root.get("steps") is not None and phases is None:
        return "workflow"
    if root.get("schemaVersion") is not None or isinstance(phases, List):
        return "component"
    return "buildspec"


def check_document(text: str | bytes, source: str) -> list[Problem]:
    """Everything wrong or odd about a document of any kind, in its order.

    :param text: the document.
    :param source: the file's name for messages, or ``<inline>``.
    """
    match kind_of(text):
        case "component":
            return check_component(text, source)
        case "workflow":
            return check_workflow(text, source)
    return check_buildspec(text, source)
