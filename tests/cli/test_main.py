"""The command itself: how it is found, and what it loads."""

import subprocess
import sys

import pytest

from mockbuild import __version__
from tests.cli.conftest import ROOT, invoke

pytestmark = pytest.mark.docs

COMMANDS = ["coverage", "run", "validate"]


def test_help_names_every_command() -> None:
    output = invoke("--help").output
    assert [name for name in COMMANDS if f"\n  {name} " not in output] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_example(command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"  mockbuild {command}" in result.output.partition("Examples:")[2]


def test_version() -> None:
    assert invoke("--version").output == f"mockbuild, version {__version__}\n"


@pytest.mark.parametrize("name", ["nope", "console", "../run", "run.command", ""])
def test_what_is_no_command_is_wrong_usage(name: str) -> None:
    result = invoke(name)
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_library_loads_none_of_it() -> None:
    script = (
        "import sys, mockbuild\n"
        "with mockbuild.mock_build(): pass\n"
        "print({'click', 'rich', 'mockbuild.cli'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_rich_is_loaded_only_for_a_terminal() -> None:
    script = (
        "import sys\n"
        "from mockbuild.cli import main\n"
        "main(['run', 'examples/hello', '--dry-run'], standalone_mode=False)\n"
        "print('rich' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\nFalse\n")
