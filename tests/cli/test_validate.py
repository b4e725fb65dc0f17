"""``mockbuild validate``."""

from pathlib import Path

import pytest

from tests.cli.conftest import Project, invoke

pytestmark = pytest.mark.docs

GOOD = "version: 0.2\nphases:\n  build:\n    commands: [make]\n"
ODD = "version: 0.2\nphase: {}\nphases:\n  build:\n    commands: [make]\n"
BAD = GOOD + "  biuld:\n    commands: [make]\n"
BATCH = "version: 0.2\nbatch:\n  build-list:\n    - identifier: multi-env\n"
HOSTILE = [
    pytest.param(b"", "the buildspec is empty", id="empty"),
    pytest.param(b"\xff\xfe\x00", "", id="not-text"),
    pytest.param(b"version: 0.2\nphases: [\n", "", id="broken-yaml"),
    pytest.param(b"a: &a [*a]\n", "", id="loop"),
    pytest.param(b"[" * 100_000, "", id="deep"),
]


def test_a_good_file_is_ok_and_nothing_else_is_said(project: Project) -> None:
    path = project.write(GOOD)
    result = invoke("validate", path)
    assert (result.exit_code, result.output) == (0, f"{path}: ok\n")


def test_an_error_has_its_place_and_makes_the_command_fail(project: Project) -> None:
    path = project.write(BAD)
    result = invoke("validate", path)
    first, last = result.output.splitlines()
    assert first.startswith(f"{path}:5:3: error: phases.biuld is not a phase")
    assert last == "1 error, 0 warnings in 1 file"
    assert result.exit_code == 1


def test_a_batch_is_checked_too(project: Project) -> None:
    bad, good = project.write(BATCH), project.write(BATCH.replace("-env", "_env"), "good.yml")
    result = invoke("validate", bad, good)
    first, *rest = result.output.splitlines()
    assert first.startswith(f"{bad}:4:19: error: identifier multi-env has to be")
    assert rest == [f"{good}: ok", "1 error, 0 warnings in 2 files"]
    assert result.exit_code == 1


def test_a_warning_counts_only_when_strict(project: Project) -> None:
    path = project.write(ODD)
    lax, strict = invoke("validate", path), invoke("validate", "--strict", path)
    assert f"{path}:2:1: warning: " in lax.output
    assert lax.output == strict.output
    assert (lax.exit_code, strict.exit_code) == (0, 1)


def test_strict_lets_a_good_file_pass(project: Project) -> None:
    assert invoke("validate", "--strict", project.write(GOOD)).exit_code == 0


def test_several_files_are_all_checked(project: Project) -> None:
    good, bad = project.write(GOOD, "a.yml"), project.write(BAD, "b.yml")
    result = invoke("validate", bad, good)
    lines = result.output.splitlines()
    assert lines[0].startswith(f"{bad}:5:3: ")
    assert lines[1:] == [f"{good}: ok", "1 error, 0 warnings in 2 files"]
    assert result.exit_code == 1


def test_standard_input_is_a_file_too() -> None:
    assert invoke("validate", "-", stdin=GOOD.encode()).output == "<stdin>: ok\n"
    result = invoke("validate", "-", stdin=BAD.encode())
    assert result.output.startswith("<stdin>:5:3: error: ")
    assert result.exit_code == 1


@pytest.mark.parametrize(("content", "message"), HOSTILE)
def test_hostile_text_is_an_error_with_a_place(content: bytes, message: str) -> None:
    result = invoke("validate", "-", stdin=content)
    place, _, _ = result.output.partition(": error: ")
    assert place.startswith("<stdin>:")
    assert message in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize("arguments", [[], ["nowhere.yml"], ["."]], ids=["none", "missing", "dir"])
def test_wrong_usage_is_told_apart(arguments: list[str]) -> None:
    result = invoke("validate", *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_the_examples_are_in_order() -> None:
    path = Path(__file__).parents[2] / "examples/hello/buildspec.yml"
    assert invoke("validate", "--strict", path).exit_code == 0
