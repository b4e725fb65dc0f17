"""README and docs keep what they promise: examples run, links lead somewhere, tables hold."""

import importlib.metadata
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from mockbuild.config import Settings
from mockbuild.domain.image_lifecycle import FIRST, IMAGE_STATES
from mockbuild.domain.lifecycle import BUILD_PHASES, LAST

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")], key=lambda page: page.as_posix()
)
COMMANDS = (
    "python3 -m venv .venv && .venv/bin/pip install -q . boto3 && "
    ".venv/bin/python examples/quickstart.py",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest",
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _blocks(language: str) -> Iterator[tuple[Path, int, str]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            if match[1] == language:
                yield page, text.count("\n", 0, match.start()) + 2, match[2]


def _examples() -> Iterator[object]:
    for page, line, code in _blocks("python"):
        yield pytest.param(page, line, code, id=f"{page.relative_to(ROOT).as_posix()}:{line}")


@pytest.mark.parametrize(("page", "line", "code"), list(_examples()))
def test_example_runs(
    page: Path,
    line: int,
    code: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in _needed(code):
        pytest.importorskip(module)
    if not re.search(r"^(async )?def test_|^class Test|^\s+def test_", code, re.MULTILINE):
        # Lines in a traceback are those of the page.
        exec(compile("\n" * (line - 1) + code, str(page), "exec"), {"__name__": "example"})
        return
    # Asked for here, since it forgets on leaving all modules that were imported meanwhile.
    pytester: pytest.Pytester = request.getfixturevalue("pytester")
    pytester.makepyfile(test_example=code)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nasyncio_mode = auto")
    plugins = [] if _installed() else ["-p", "mockbuild.pytest_plugin"]
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    # A process of its own, as users have it.
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", *plugins)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, outcomes


def _needed(code: str) -> list[str]:
    """Return the optional modules without which an example cannot run."""
    needs = {
        "boto3": r"^\s*(import|from) boto3\b|\bcodebuild\b.*\):$",  # a fixture
        "docker": r'runner="docker"',
        "moto": r"^\s*(import|from) moto\b",
    }
    return [name for name, sign in needs.items() if re.search(sign, code, re.MULTILINE)]


def _installed() -> bool:
    return bool(importlib.metadata.entry_points(group="pytest11", name="mockbuild"))


def test_there_are_examples() -> None:
    pages = {page.name for page, _, _ in _blocks("python")}
    assert {"README.md", "testing-your-code.md", "running-builds.md"} <= pages


def test_readme_has_the_two_commands() -> None:
    commands = tuple(
        line
        for page, _, code in _blocks("sh")
        if page.name == "README.md"
        for line in code.splitlines()
    )
    assert commands == COMMANDS


def test_readme_begins_with_a_short_test() -> None:
    page, _, code = next(_blocks("python"))
    assert page.name == "README.md"
    body = code[code.index("def test_") :]
    assert len(body.strip().splitlines()) <= 16


def _headings(page: Path) -> set[str]:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def _broken(page: Path, text: str) -> list[str]:
    broken = []
    for target in _LINK.findall(_BLOCK.sub("", text)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        there = linked.is_relative_to(ROOT) and linked.exists()
        if not there or (anchor and anchor not in _headings(linked)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert _broken(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "target", ["docs/nothing.md", "../outside.md", "#no-such-heading", "docs/settings.md#nothing"]
)
def test_a_broken_link_is_found(target: str) -> None:
    assert _broken(ROOT / "README.md", f"See [this]({target}).") == [target]


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = {target.partition("#")[0] for target in _LINK.findall(text)}
    pages = {page.relative_to(ROOT).as_posix() for page in PAGES if page.parent.name == "docs"}
    assert pages <= linked


def lifecycle_diagram() -> str:
    """Return the life of a build as a Mermaid diagram, from the table the engine walks."""
    lines = ["stateDiagram-v2", "    [*] --> " + next(iter(BUILD_PHASES))]
    for name, step in BUILD_PHASES.items():
        if step.then == step.on_failure:
            lines.append(f"    {name} --> {step.then}")
        else:
            lines.append(f"    {name} --> {step.then}: succeeded")
            lines.append(f"    {name} --> {step.on_failure}: failed")
    return "\n".join([*lines, f"    {LAST} --> [*]"]) + "\n"


def image_diagram() -> str:
    """Return the states of an image as a Mermaid diagram, from the table they are in."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST}"]
    for name, state in IMAGE_STATES.items():
        lines += [f"    {name} --> {then}" for then in state.then]
        lines += [f"    {name} --> {then}: retried" for then in state.resumed]
        lines += [f"    {name} --> {then}: updated" for then in state.updated]
    return "\n".join([*lines, "    DELETED --> [*]"]) + "\n"


@pytest.mark.parametrize("diagram", [lifecycle_diagram, image_diagram])
def test_lifecycle_diagrams_are_the_tables(diagram: Callable[[], str]) -> None:
    diagrams = [code for page, _, code in _blocks("mermaid") if page.name == "architecture.md"]
    assert diagram() in diagrams, diagram()


def test_every_setting_has_its_row_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)`", text, re.MULTILINE)
    settings = Settings()
    assert rows == [(item.name, _shown(getattr(settings, item.name))) for item in fields(Settings)]


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def test_every_module_that_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)(?:::\w+)?`", text))
    places = (ROOT, ROOT / "mockbuild")
    assert named
    assert [name for name in sorted(named) if not any((at / name).exists() for at in places)] == []


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    optional = project["optional-dependencies"]
    wanted = [
        re.match(r"[\w-]+", entry)[0]  # type: ignore[index]
        for entry in [*project["dependencies"], *optional["server"], *optional["dev"]]
    ]
    section = text[text.index("## Dependencies") :]
    assert [name for name in wanted if f"`{name}`" not in section] == []


def test_version_is_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text


def test_pages_have_no_blocks_that_are_indented_by_accident() -> None:
    for page, line, code in _blocks("python"):
        assert textwrap.dedent(code) == code, f"{page}:{line}"
