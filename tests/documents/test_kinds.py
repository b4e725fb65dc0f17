"""Which kind of document a text is."""

import pytest

from mockbuild.documents.kinds import check_document, kind_of
from tests.documents.component_texts import bash
from tests.documents.workflow_texts import workflow

BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(BUILDSPEC, "buildspec", id="buildspec"),
        pytest.param(BUILDSPEC.encode(), "buildspec", id="buildspec as bytes"),
        pytest.param("version: 0.2\nbatch: {}\n", "buildspec", id="batch"),
        pytest.param(bash(), "component", id="component"),
        pytest.param(bash().replace("schemaVersion: 1.0\n", ""), "component", id="no version"),
        pytest.param("schemaVersion: 1.0\n", "component", id="no phases"),
        pytest.param(workflow(), "workflow", id="workflow"),
        pytest.param("steps: [a]\n", "workflow", id="only steps"),
        pytest.param(bash() + "steps: []\n", "component", id="phases and steps"),
        pytest.param("", "buildspec", id="empty"),
        pytest.param("- a\n", "buildspec", id="list"),
        pytest.param("a: [", "buildspec", id="broken"),
    ],
)
def test_kinds(text, expected):
    assert kind_of(text) == expected


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(BUILDSPEC + "phase: 1\n", "phase is not a key AWS knows and is ignored",
                     id="buildspec"),
        pytest.param(bash() + "phase: 1\n", "phase is not a key AWS knows; did you mean phases?",
                     id="component"),
        pytest.param(workflow("phase: 1\n"), "phase is not a key AWS knows", id="workflow"),
    ],
)  # fmt: skip
def test_each_kind_is_checked_by_its_own_rules(text, message):
    (problem,) = check_document(text, "d.yml")
    assert problem.source == "d.yml"
    assert problem.message.startswith(message)
