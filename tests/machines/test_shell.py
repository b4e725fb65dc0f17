"""The driver of the shells, against every shell that is installed."""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild.machines.base import Command, MachineError
from mockbuild.machines.processes import Processes
from mockbuild.machines.shell import Shells, quote
from mockbuild.machines.supervisor import Session, supervisor

pytestmark = pytest.mark.docs

SHELLS = ["dash", "bash", "busybox"]


class Bench:
    """Shells in a folder, and the programs they are."""

    def __init__(self, folder: Path, shell: str) -> None:
        self.folder = folder
        self.shell = shell
        self.prints_functions = "bash" in shell
        environment = {"PATH": os.environ["PATH"], "FIRST": "1"}
        scripts = str(folder / "scripts")
        self.processes = Processes("MOCKBUILD_MACHINE", secrets.token_hex(8))
        self.shells = Shells(
            lambda _: self.processes.start(
                supervisor(scripts, "077"), environment, str(folder), {}
            ),
            scripts,
        )

    def run(self, text: str, **environment: str) -> tuple[int, str]:
        said: list[str] = []
        command = Command(text, environment, self.shell)
        return self.shells.run(command, said.append), "".join(said)


@pytest.fixture(scope="module", params=SHELLS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    found = shutil.which(request.param)
    if found is None:
        pytest.skip(f"there is no {request.param} here")
    if request.param != "busybox":
        return found
    # BusyBox is what it is called.
    link = tmp_path_factory.mktemp("bin") / "sh"
    link.symlink_to(found)
    return str(link)


@pytest.fixture(scope="module")
def shared(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for many commands; these leave its state alone."""
    bench = Bench(tmp_path_factory.mktemp("bench"), program)
    yield bench
    bench.processes.close()


@pytest.fixture
def bench(program: str, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, program)
    yield bench
    bench.processes.close()


TEXT = st.text(
    st.one_of(
        st.sampled_from("'\"`$\\%\n\t !#&;|<>(){}[]*?~-é日🎉"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXT)
def test_any_text_is_printed_and_told_exactly(shared: Bench, text: str) -> None:
    command = "printf %s " + quote(text).decode() + "; A=" + quote(text).decode()
    assert shared.run(command, B=text) == (0, text)
    assert shared.shells.variables(["A", "B"]) == {"A": text, "B": text}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXT)
def test_any_value_outlives_its_shell(shared: Bench, text: str) -> None:
    assert shared.run("A=$B; exit 3", B=text) == (3, "")
    assert shared.run('printf %s "$A"') == (0, text)
    assert shared.shells.variables(["A", "B"]) == {"A": text, "B": text}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXT)
def test_any_command_ends_by_itself(shared: Bench, text: str) -> None:
    """Nothing that is a command, or is none, confuses us."""
    # Not to be run for real, only to be read.
    shared.run(f"if false; then {text}\nfi")
    assert shared.run("echo on") == (0, "on\n")


@pytest.mark.parametrize("ending", ["exit 3", "set -u; set -e; false"])
def test_functions_outlive_where_they_can_be_printed(bench: Bench, ending: str) -> None:
    bench.run("f() { echo \"f 'x' $1\"; }")
    bench.run(ending)
    status, said = bench.run("set +eu; f 2")
    assert (status, said) == (0, "f 'x' 2\n") if bench.prints_functions else status == 127


@pytest.mark.parametrize(
    "change",
    [
        "printf() { echo overridden; }",
        "command() { echo overridden; }; unset -f command",
        "cd() { echo overridden; }",
        "umask() { echo overridden; }",
        "alias printf='echo overridden' umask='echo overridden'",
        "PATH=",
        "IFS=abcdefghijklmnopqrstuvwxyz/",
        "set -C",
        "set -f",
        "set -a",
        "set -u",
        "set -b",
        "export mockbuild_word=1 mockbuild_line=2",
        "OLDPWD= PWD=",
        "unset OLDPWD PWD",
        "mkdir gone; cd gone; rmdir ../gone",
    ],
)
def test_odd_settings_do_not_confuse_us(bench: Bench, change: str) -> None:
    bench.run(change)
    bench.run("A=1")
    assert bench.shells.variables(["A"]) == {"A": "1"}
    assert bench.run("exit 3")[0] == 3
    assert bench.shells.variables(["A"]) == {"A": "1"}


def test_a_process_cannot_forge_a_mark(bench: Bench) -> None:
    status, said = bench.run(
        "printf '\\001%s:gone 0 99\\002' 0123456789abcdef0123456789abcdef; "
        "ps ax; env; set; (exit 5)"
    )
    assert status == 5
    assert "\1" + "0123456789abcdef" * 2 + ":gone 0 99\2" in said
    assert bench.run("echo on") == (0, "on\n")


def test_the_scripts_are_for_nobody_else(bench: Bench) -> None:
    bench.run("umask 0; exit 1")
    bench.run("echo")
    scripts = bench.folder / "scripts"
    assert stat.S_IMODE(scripts.stat().st_mode) == 0o700


class Scripted:
    """A transport that says what it is told."""

    def __init__(self) -> None:
        self.sent = b""
        self.pieces: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent += data

    def receive(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def status(self) -> int:
        return 77

    def close(self) -> None:
        pass


def marked(make: Callable[[str], bytes]) -> tuple[Session, Scripted, bytes]:
    transport = Scripted()
    session = Session(transport)
    return session, transport, make(session.word)


@pytest.mark.parametrize("size", range(1, 60))
def test_a_mark_may_come_in_pieces(size: int) -> None:
    session, transport, data = marked(
        lambda word: b"a\1b\1" + word[:5].encode() + b"\1\1" + word.encode() + b":done 3 4\2rest"
    )
    transport.pieces = [data[at : at + size] for at in range(0, len(data), size)]
    said: list[bytes] = []
    mark = session.wait(said.append)
    assert (mark.kind, mark.number, mark.status) == ("done", 3, 4)
    assert b"".join(said) == b"a\1b\1" + session.word[:5].encode() + b"\1"
    assert session.wait(said.append).status == 77
    assert b"".join(said).endswith(b"rest")


def test_half_a_mark_at_the_end_is_output() -> None:
    session, transport, data = marked(lambda word: b"x\1" + word.encode() + b":do")
    transport.pieces = [data]
    said: list[bytes] = []
    assert session.wait(said.append).kind == "closed"
    assert b"".join(said) == data


def test_output_is_not_held_back() -> None:
    session, transport, data = marked(lambda word: b"first\n\1")
    transport.pieces = [data]
    said: list[bytes] = []
    session.wait(said.append)
    assert said[0] == b"first\n"


@pytest.mark.parametrize("text", ["a\0", "\0"])
def test_no_word_has_a_nul(text: str) -> None:
    with pytest.raises(MachineError, match="NUL"):
        quote(text)
