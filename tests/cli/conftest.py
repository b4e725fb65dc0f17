"""Folders to build, and two ways to call the command: in this process, and as a user does."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockbuild.cli import main

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


class Project:
    """A folder with a buildspec."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str, name: str = "buildspec.yml") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def commands(self, *commands: str, phase: str = "build", more: str = "") -> None:
        """Write a buildspec that runs *commands*, which are YAML values."""
        listed = "".join(f"      - {command}\n" for command in commands)
        head = f"version: 0.2\n{more}phases:\n  {phase}:\n    commands:\n"
        (self.path / "buildspec.yml").write_text(head + listed)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch folders are made; nothing may be left in it."""
    path = tmp_path / "scratch"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return path


@pytest.fixture
def project(tmp_path: Path, scratch: Path) -> Project:
    path = tmp_path / "web"
    path.mkdir()
    return Project(path)


def invoke(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Call the command in this process; an exception that escapes it is one of the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def heed_signals() -> None:
    """Let signals end this process: nohup and a shell's background jobs start it deaf to some."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def start(scratch: Path) -> Iterator[Start]:
    """Start the command as a process of its own, with its standard output to read."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str | Path, **options: object) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
        process = subprocess.Popen(
            [sys.executable, "-m", "mockbuild", *map(str, arguments)],
            **{  # type: ignore[call-overload]
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "env": environment,
                "preexec_fn": heed_signals,
                **options,
            },
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
