"""What every machine with real files does with them."""

from collections.abc import Callable

import pytest

from mockbuild.machines.base import File, Machine, MachineError
from tests.machines.conftest import FOLDER, run

pytestmark = pytest.mark.docs


def put(machine: Machine, *files: File, folder: str = FOLDER) -> None:
    machine.put(files, folder)


def content(text: str) -> Callable[[], bytes]:
    return text.encode


def test_files_go_in(machine: Machine) -> None:
    put(
        machine,
        File("a.txt", content("A")),
        File("deep/er/run.sh", content("echo ran"), 0o755),
        File("deep/sécret", content("S"), 0o600),
        File("deep/link", bytes, link="../a.txt"),
        File("dangling", bytes, link="/no/such/file"),
        File("-n", content("dash")),
    )
    assert run(machine, "cat a.txt deep/link deep/sécret ./-n; ./deep/er/run.sh") == (
        0,
        "AASdashran\n",
    )
    assert run(machine, "ls -l deep | tail -n +2 | cut -c1-10 | sort")[1].split() == [
        "-rw-------",
        "drwxr-xr-x",
        "lrwxrwxrwx",
    ]


def test_what_is_there_gives_way(machine: Machine) -> None:
    run(machine, "echo old >victim; ln -s victim link; mkdir folder; echo old >plain")
    put(machine, File("link", content("new")), File("plain", content("new")))
    assert run(machine, "cat victim link plain") == (0, "old\nnewnew")
    with pytest.raises(MachineError, match="folder"):
        put(machine, File("folder", content("new")))


def test_a_folder_is_made(machine: Machine) -> None:
    put(machine, File("x", content("X")), folder="/new/place")
    put(machine, folder="/new/empty")
    assert run(machine, f"cd {machine.root}/new; cat place/x; ls") == (0, "Xempty\nplace\n")


def test_special_bits_are_left_out(machine: Machine) -> None:
    put(machine, File("x", content("X"), 0o6755))
    assert run(machine, "ls -l x | cut -c1-10") == (0, "-rwxr-xr-x\n")


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "a/../../x", "a/..", "..", "", ".", "a\0b", "//x"]
)
def test_a_path_that_leads_out_is_refused(machine: Machine, path: str) -> None:
    with pytest.raises(MachineError):
        put(machine, File(path, content("X")))


@pytest.mark.parametrize("folder", ["relative", "/a/../b", "/a\0b"])
def test_so_is_a_folder(machine: Machine, folder: str) -> None:
    with pytest.raises(MachineError):
        put(machine, File("x", content("X")), folder=folder)


@pytest.mark.parametrize("target", ["/", "..", "real"])
def test_so_is_one_through_a_link(machine: Machine, target: str) -> None:
    run(machine, f"mkdir real; ln -s {target} link")
    with pytest.raises(MachineError, match="link"):
        put(machine, File("link/x", content("X")))
    with pytest.raises(MachineError, match="link"):
        put(machine, File("own", bytes, link=target), File("own/deep/x", content("X")))
    assert run(machine, "ls -d real/x ../x /x 2>/dev/null")[1] == ""


def test_files_come_out_in_order(machine: Machine) -> None:
    run(
        machine,
        "mkdir -p a b/c empty; echo 1 >a/x; echo 2 >a-b; echo 3 >b/c/y; echo 4 >a.txt; "
        "ln -s a/x link; ln -s / out; ln -s b folder; mkfifo pipe; chmod 640 a.txt; "
        "ln a/x hard; : >'odd\nname'; printf '\\377' >binary",
    )
    found = list(machine.files(FOLDER))
    assert [(file.path, file.link) for file in found] == [
        ("a-b", None),
        ("a.txt", None),
        ("a/x", None),
        ("b/c/y", None),
        ("binary", None),
        ("folder", "b"),
        ("hard", None),
        ("link", "a/x"),
        ("odd\nname", None),
        ("out", "/"),
    ]
    contents = {file.path: file.read() for file in found if file.link is None}
    assert contents["hard"] == contents["a/x"] == b"1\n"
    assert contents["binary"] == b"\xff"
    assert contents["odd\nname"] == b""
    assert {file.path: file.mode for file in found}["a.txt"] == 0o640


def test_what_went_in_comes_out(machine: Machine) -> None:
    data = bytes(range(256)) * 1000
    long = "/".join(["part" * 10] * 8)
    put(machine, File(f"{long}/é", lambda: data, 0o751), File("l", bytes, link="x" * 200))
    first, second = machine.files(FOLDER)
    assert (first.path, first.link) == ("l", "x" * 200)
    assert (second.path, second.read(), second.mode) == (f"{long}/é", data, 0o751)


@pytest.mark.parametrize("folder", ["/no/such/folder", f"{FOLDER}/file", f"{FOLDER}/file/x"])
def test_there_is_no_such_folder(machine: Machine, folder: str) -> None:
    run(machine, "echo >file")
    with pytest.raises(FileNotFoundError):
        list(machine.files(folder))


def test_an_empty_folder(machine: Machine) -> None:
    assert list(machine.files(FOLDER)) == []
