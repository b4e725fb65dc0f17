"""``mockbuild run`` as a process: signals, pipes, terminals; and the quick start."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.cli.conftest import ROOT, Project, Start

pytestmark = pytest.mark.docs

SIGNALS = [
    pytest.param(signal.SIGINT, 130, "Ctrl-C", id="SIGINT"),
    pytest.param(signal.SIGTERM, 143, "SIGTERM", id="SIGTERM"),
    pytest.param(signal.SIGHUP, 129, "SIGHUP", id="SIGHUP"),
]


def read_until(stream: IO[str] | None, text: str) -> str:
    """Read lines until one has *text* in it, and return it."""
    assert stream is not None
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"{text!r} never came")


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(("number", "code", "name"), SIGNALS)
def test_a_signal_stops_the_build_and_leaves_nothing(
    project: Project, start: Start, scratch: Path, number: int, code: int, name: str
) -> None:
    project.commands("sleep 600 & echo pid $! ; wait; echo survived")
    process = start("run", project.path)
    sleeper = int(read_until(process.stdout, "  pid ").split()[-1])
    process.send_signal(number)
    output, errors = process.communicate()
    assert "STOPPED in " in output
    assert f"by {name}; nothing of it is left running" in output
    assert "survived" not in output
    assert errors == ""
    assert process.returncode == code
    assert not is_alive(sleeper)
    assert list(scratch.iterdir()) == []


def test_output_without_end_does_not_keep_ctrl_c_waiting(
    project: Project, start: Start, scratch: Path
) -> None:
    project.commands("echo begun; yes")
    process = start("run", project.path)
    read_until(process.stdout, "  begun")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert "  BUILD stopped\n" in output
    assert process.returncode == 130
    assert list(scratch.iterdir()) == []


def test_json_ends_with_the_record_of_a_stopped_build(project: Project, start: Start) -> None:
    project.commands("echo begun; sleep 600")
    process = start("run", project.path, "--json")
    read_until(process.stdout, "begun\\n")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    last = output.splitlines()[-1]
    assert '"event": "build"' in last
    assert '"exitCode": 130' in last
    assert '"buildStatus": "STOPPED"' in last


def test_a_signal_that_is_ignored_stays_so(project: Project, start: Start, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    project.commands(f"echo begun; read word < {fifo}; echo $word")

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = start("run", project.path, preexec_fn=ignore)
    read_until(process.stdout, "  begun")
    process.send_signal(signal.SIGHUP)
    fifo.write_text("went on\n")
    output, _ = process.communicate()
    assert "          went on\n" in output
    assert process.returncode == 0


def test_a_reader_that_goes_away_ends_the_build(
    project: Project, start: Start, scratch: Path
) -> None:
    project.commands("echo begun; yes")
    process = start("run", project.path)
    read_until(process.stdout, "  begun")
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate()
    assert "Traceback" not in errors
    assert process.returncode == 1
    assert list(scratch.iterdir()) == []


def test_output_comes_as_it_is_made(project: Project, start: Start, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    project.commands(f"echo waiting; read word < {fifo}; echo $word")
    process = start("run", project.path)
    read_until(process.stdout, "  waiting")  # while the build still runs
    fifo.write_text("released\n")
    output, _ = process.communicate()
    assert "          released\n" in output


def on_terminal(start: Start, project: Project, **environment: str) -> bytes:
    """Run with a terminal as standard output and return what it got."""
    ours, theirs = pty.openpty()
    settings = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    settings |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment}
    process = start("run", project.path, stdout=theirs, env=settings)
    os.close(theirs)
    got = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while piece := os.read(ours, 65536):
            got += piece
    os.close(ours)
    process.wait()
    return got


def test_a_terminal_has_colours(project: Project, start: Start) -> None:
    project.commands("echo hello")
    got = on_terminal(start, project)
    assert b"\x1b[36m" in got
    assert b"          hello\r\n" in got
    assert b"SUCCEEDED in " in got


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["no", "dumb"])
def test_a_terminal_that_wants_none_has_none(
    project: Project, start: Start, setting: dict[str, str]
) -> None:
    project.commands("echo hello")
    got = on_terminal(start, project, **setting)
    assert b"\x1b" not in got
    assert b"          hello\r\n" in got


def test_text_that_the_encoding_lacks_is_escaped(project: Project, start: Start) -> None:
    project.commands("echo caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    output, errors = start("run", project.path, env=settings).communicate()
    assert r"          caf\xe9" in output
    assert errors == ""


def test_the_quick_start_runs(scratch: Path) -> None:
    pytest.importorskip("boto3")
    done = subprocess.run(
        [sys.executable, "examples/quickstart.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert "The build SUCCEEDED.\n" in done.stdout
    assert "    hello/greeting.txt  (14 bytes)\n" in done.stdout
    assert "    Hello, World!\n" in done.stdout
    assert "The build FAILED.\n" in done.stdout
    assert "    BUILD: COMMAND_EXECUTION_ERROR\n" in done.stdout
    assert list(scratch.iterdir()) == []
