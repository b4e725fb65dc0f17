"""``mockbuild coverage``, and the page of the documentation that is made with it."""

import json
from pathlib import Path

import botocore
import botocore.session
import pytest

from mockbuild.services.operations import operations
from tests.cli.conftest import invoke

PAGE = Path(__file__).parents[2] / "docs/coverage.md"


@pytest.mark.model
@pytest.mark.parametrize("service", ["codebuild", "imagebuilder"])
def test_done_and_missing_make_up_the_service(service: str) -> None:
    found = json.loads(invoke("coverage", "--json").output)[service]
    model = botocore.session.get_session().get_service_model(service)
    assert sorted(found["done"] + found["missing"]) == sorted(model.operation_names)
    assert found["done"] == sorted(set(operations(service)) & set(model.operation_names))
    assert found["total"] == len(model.operation_names)


@pytest.mark.docs
def test_the_table_says_where_an_operation_is() -> None:
    output = invoke("coverage", "--service", "codebuild").output
    done = len(operations("codebuild"))
    assert output.startswith(f"AWS CodeBuild: {done} of ")
    assert ["StartBuild", "services/codebuild/builds.py"] in [
        line.split() for line in output.splitlines()
    ]
    assert "Image Builder" not in output


@pytest.mark.docs
def test_missing_lists_the_others() -> None:
    output = invoke("coverage", "--service", "imagebuilder", "--missing").output
    listed = {line.strip() for line in output.splitlines()[1:]}
    found = json.loads(invoke("coverage", "--json").output)["imagebuilder"]
    assert listed == set(found["missing"])


@pytest.mark.docs
@pytest.mark.parametrize(
    "arguments", [["--service", "s3"], ["--json", "--markdown"]], ids=["unknown", "both-formats"]
)
def test_wrong_usage_is_told_apart(arguments: list[str]) -> None:
    assert invoke("coverage", *arguments).exit_code == 2


@pytest.mark.docs
def test_the_page_is_current() -> None:
    """If not: ``mockbuild coverage --markdown > docs/coverage.md``."""
    written, made = PAGE.read_text(), invoke("coverage", "--markdown").output
    if f"botocore {botocore.__version__} " not in written:
        # Another botocore knows other operations; what is done is the same but for new ones.
        written, made = _done(written), _done(made)
        assert set(made) <= set(written)
        return
    assert made == written


def _done(page: str) -> list[str]:
    return [line for line in page.splitlines() if "| `mockbuild/" in line]


@pytest.mark.model
@pytest.mark.parametrize("service", ["codebuild", "imagebuilder"])
def test_members_without_effect_are_members(service: str) -> None:
    found = json.loads(invoke("coverage", "--json").output)[service]
    model = botocore.session.get_session().get_service_model(service)
    for name, reason in found["ignored"].items():
        operation, member = name.split(".")
        assert member in model.operation_model(operation).input_shape.members
        assert reason
    assert len(found["ignored"]) < 10
