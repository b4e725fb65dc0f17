"""``mockbuild validate`` with documents of Image Builder."""

import pytest

from tests.cli.conftest import Project, invoke
from tests.documents.component_texts import bash
from tests.documents.workflow_texts import wait

pytestmark = pytest.mark.docs

BUILDSPEC = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"


def test_documents_of_all_kinds_side_by_side(project: Project) -> None:
    paths = [
        project.write(BUILDSPEC, "buildspec.yml"),
        project.write(bash(), "component.yml"),
        project.write(wait(), "workflow.yml"),
    ]
    result = invoke("validate", "--strict", *paths)
    assert result.output.splitlines() == [f"{path}: ok" for path in paths]
    assert result.exit_code == 0


def test_an_error_in_a_component(project: Project) -> None:
    path = project.write(bash("onFailure: abort"))
    result = invoke("validate", path)
    assert result.output.splitlines() == [
        f"{path}:8:16: error: phases[0].steps[0].onFailure has to be Abort, Continue or Ignore; "
        "did you mean Abort?",
        "1 error, 0 warnings in 1 file",
    ]
    assert result.exit_code == 1


def test_a_warning_about_a_workflow(project: Project) -> None:
    path = project.write(wait("timeoutSeconds: '60'"))
    assert invoke("validate", path).exit_code == 0
    assert invoke("validate", "--strict", path).exit_code == 1
