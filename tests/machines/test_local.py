"""What is special about the machine the tests run on."""

import gc
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockbuild.machines.base import Command, File, Killed, MachineError
from mockbuild.machines.local import COOKIE, LocalMachine
from tests.machines.conftest import FOLDER, FakeClock, run, spec

pytestmark = pytest.mark.docs

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def machine(clock: FakeClock) -> Iterator[LocalMachine]:
    machine = LocalMachine(clock)
    machine.start(spec(machine))
    yield machine
    machine.close()


def alive(word: str) -> list[int]:
    """Return the processes that carry a machine's variable."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"{COOKIE}={word}".encode() in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


def exists(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def word_of(machine: LocalMachine) -> str:
    return machine.variables([COOKIE])[COOKIE]


def test_the_scratch_folder_comes_and_goes(clock: FakeClock) -> None:
    machine = LocalMachine(clock)
    root = Path(machine.root)
    assert root.name.startswith("mockbuild-")
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    machine.start(spec(machine))
    assert (root / FOLDER[1:]).is_dir()
    assert (root / "root").is_dir()
    machine.close()
    assert not root.exists()


def test_only_what_a_command_needs_of_our_environment(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "TERM",
        "PYTHONPATH",
        "SECRET",
        "BASH_ENV",
    ):
        monkeypatch.setenv(name, "ours")
    for name in ("LC_TIME", "TZ", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, "ours")
    machine = LocalMachine(clock)
    machine.start(spec(machine, environment={"TZ": "UTC"}))
    said = run(machine, "env")[1]
    machine.close()
    found = dict(line.split("=", 1) for line in said.splitlines())
    assert found["PATH"] == os.environ["PATH"]
    assert found["TZ"] == "UTC"
    assert found["TMPDIR"] == f"{machine.root}/tmp"
    for name in ("LC_TIME", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "AWS_CA_BUNDLE"):
        assert found[name] == "ours"
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "TERM",
        "PYTHONPATH",
        "SECRET",
        "BASH_ENV",
    ):
        assert name not in found


@pytest.mark.parametrize("environment", [{"A=B": "x"}, {"": "x"}, {"A": "x\0y"}, {"A\0": "x"}])
def test_a_variable_no_process_can_have(clock: FakeClock, environment: dict[str, str]) -> None:
    machine = LocalMachine(clock)
    with pytest.raises(MachineError, match="cannot be set"):
        machine.start(spec(machine, environment=environment))
    machine.close()


@on_linux
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sleep 1000 & echo $! >pid", id="background"),
        pytest.param("setsid sleep 1000 & echo $! >pid", id="session of its own"),
        pytest.param(
            "setsid sh -c 'sleep 1000 & echo $! >pid' </dev/null >/dev/null 2>&1; exit",
            id="daemon",
        ),
        pytest.param("env -i sleep 1000 & echo $! >pid", id="empty environment"),
        pytest.param("env -i setsid sleep 1000 & echo $! >pid", id="both"),
        pytest.param("sh -c \"trap '' TERM HUP INT; sleep 1000\" & echo $! >pid", id="stubborn"),
    ],
)
def test_no_process_is_left(machine: LocalMachine, text: str) -> None:
    word = word_of(machine)
    run(machine, text)
    pid = int(run(machine, "cat pid")[1])
    assert exists(pid)
    machine.close()
    assert not exists(pid)
    assert alive(word) == []


@on_linux
def test_nobody_else_is_killed(machine: LocalMachine, clock: FakeClock) -> None:
    other = LocalMachine(clock)
    other.start(spec(other))
    environment = {**os.environ, COOKIE: "another word"}
    bystander = subprocess.Popen(["sleep", "1000"], env=environment)
    try:
        run(other, "sleep 1000 &")
        machine.close()
        assert bystander.poll() is None
        assert run(other, "kill -0 $! && echo alive") == (0, "alive\n")
    finally:
        bystander.send_signal(signal.SIGKILL)
        bystander.wait()
        other.close()


@on_linux
def test_a_killed_escapee_that_holds_the_pipe_open(machine: LocalMachine) -> None:
    """Even one we cannot find does not keep us waiting."""
    said: list[str] = []

    def output(text: str) -> None:
        said.append(text)
        threading.Thread(target=machine.kill).start()

    with pytest.raises(Killed):
        machine.run(Command("(env -i setsid sleep 5 &); echo here; sleep 1000"), output)
    assert said == ["here\n"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("mkdir -p a/b; echo >a/b/c; chmod 0 a/b a", id="no permissions"),
        pytest.param("echo >x; chmod 0 x .", id="the working folder itself"),
        pytest.param("ln -s / root; ln -s $HOME home", id="links"),
        pytest.param("mkfifo pipe; : >\"$(printf 'a\\nb')\"; : >-rf", id="odd names"),
        pytest.param(
            "i=0; while [ $i -lt 1500 ]; do mkdir d && cd d; i=$((i+1)); done; pwd >/dev/null",
            id="very deep",
        ),
        pytest.param('rm -rf "$TMPDIR"/../*', id="nothing left"),
    ],
)
def test_the_scratch_folder_goes_whatever_is_in_it(machine: LocalMachine, text: str) -> None:
    run(machine, text)
    machine.close()
    assert not os.path.lexists(machine.root)


def test_what_links_point_to_stays(machine: LocalMachine, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    tmp_path.chmod(0o750)
    run(
        machine,
        f"ln -s {tmp_path} link; mkdir locked; ln -s {tmp_path} locked/link; chmod 0 locked",
    )
    machine.close()
    assert (tmp_path / "kept").read_text() == "kept"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_folder_that_cannot_be_removed_is_told_once(
    machine: LocalMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda folder: (_ for _ in ()).throw(PermissionError))
        patch.setattr("subprocess.run", lambda *args, **options: None)
        with pytest.raises(MachineError, match="cannot remove"):
            machine.close()
    machine.close()
    subprocess.run(["rm", "-rf", machine.root], check=True)


@on_linux
def test_a_forgotten_machine_goes_too(clock: FakeClock) -> None:
    machine = LocalMachine(clock)
    machine.start(spec(machine))
    word, root = word_of(machine), machine.root
    run(machine, "sleep 1000 &")
    del machine
    gc.collect()
    assert alive(word) == []
    assert not os.path.lexists(root)
    assert clock.alarms[0].cancelled


@on_linux
def test_and_at_the_end_of_the_interpreter(tmp_path: Path) -> None:
    script = (
        "from tests.machines.conftest import FakeClock, run, spec\n"
        "from mockbuild.machines.local import LocalMachine\n"
        "machine = LocalMachine(FakeClock())\n"
        "machine.start(spec(machine))\n"
        "run(machine, 'setsid sleep 1000 &')\n"
        "print(machine.root, machine.variables(['MOCKBUILD_MACHINE'])['MOCKBUILD_MACHINE'])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    root, word = ended.stdout.split()
    assert not os.path.lexists(root)
    assert alive(word) == []


def test_a_fork_of_ours_leaves_the_machine_alone(machine: LocalMachine) -> None:
    child = os.fork()
    if child == 0:
        machine.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert run(machine, "echo on") == (0, "on\n")


def test_paths_with_and_without_the_root(machine: LocalMachine) -> None:
    machine.put([File("x", lambda: b"X")], f"{machine.root}/a")
    machine.put([File("y", lambda: b"Y")], "/a")
    for folder in ("/a", f"{machine.root}/a"):
        assert [(file.path, file.read()) for file in machine.files(folder)] == [
            ("x", b"X"),
            ("y", b"Y"),
        ]


def test_no_link_on_the_way_to_the_folder_is_followed(
    machine: LocalMachine, tmp_path: Path
) -> None:
    run(machine, f'ln -s {tmp_path} "$HOME/link"')
    for folder in ("/root/link", "/root/link/deeper"):
        with pytest.raises(MachineError, match="link"):
            machine.put([File("x", lambda: b"X")], folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["rm x", "rm x; ln -s /etc/passwd x", "rm x; mkfifo x"])
def test_a_file_that_is_gone_when_it_is_read(machine: LocalMachine, change: str) -> None:
    run(machine, "echo >x")
    (file,) = machine.files(FOLDER)
    run(machine, change)
    with pytest.raises(MachineError, match="x "):
        file.read()


def test_a_file_put_by_someone_who_was_killed(machine: LocalMachine) -> None:
    def read() -> bytes:
        machine.kill()
        return b""

    with pytest.raises(Killed):
        machine.put([File("x", read), File("y", bytes)], FOLDER)


@as_root
def test_a_command_runs_as_another_user(machine: LocalMachine) -> None:
    run(machine, "cd /; A='1\n2'; export B=3; umask 077; f() { echo f; }", shell="bash")
    look = 'id -un; pwd; echo "$A|$B"; f; cat /etc/shadow 2>&1 | grep -c denied; echo >$TMPDIR/mine'
    said = run(machine, look, shell="bash", user="nobody")
    assert said == (0, "nobody\n/\n1\n2|3\nf\n1\n")
    run(machine, "C=4; cd /usr; exit 5", shell="bash", user="nobody")
    assert run(machine, "id -un; pwd; echo $C", shell="bash") == (0, "root\n/usr\n4\n")
    assert (
        run(machine, "id -un; pwd; echo $C", shell="bash", user="nobody")[1] == "nobody\n/usr\n4\n"
    )
    assert run(machine, "id -un; pwd", fresh=True, user="nobody")[1] == (
        f"nobody\n{machine.root}{FOLDER}\n"
    )


@as_root
def test_another_users_processes_go_too(machine: LocalMachine) -> None:
    word = word_of(machine)
    run(machine, "setsid sleep 1000 &", user="nobody")
    assert alive(word) != []
    machine.close()
    assert alive(word) == []


def test_a_command_may_run_as_who_we_are(machine: LocalMachine) -> None:
    import pwd

    name = pwd.getpwuid(os.geteuid()).pw_name
    assert run(machine, "id -un", user=name) == (0, f"{name}\n")


def test_but_as_nobody_else_unless_we_are_root(
    machine: LocalMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(MachineError, match="only root"):
        run(machine, "id -un", user="nobody")


def test_there_is_no_sh(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = LocalMachine(clock)
    machine.start(spec(machine, environment={"PATH": "/no/such/folder"}))
    try:
        with pytest.raises(MachineError, match="cannot start sh"):
            run(machine, "echo")
    finally:
        machine.close()
