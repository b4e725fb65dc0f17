"""What is special about Docker containers."""

import contextlib
import gc
import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from mockbuild.machines.base import File, ImageError, MachineError
from tests.machines.conftest import FOLDER, TEST_IMAGE, FakeClock, need_docker, run, spec

pytestmark = pytest.mark.docs

docker_test = pytest.mark.docker


@pytest.fixture
def api() -> Iterator[Any]:
    need_docker()
    import docker

    client = docker.from_env()
    yield client.api
    client.close()


@pytest.fixture
def make(api: Any, clock: FakeClock) -> Iterator[Any]:
    from mockbuild.machines.docker import DockerMachine

    made = []

    def make(image_for: Any = None, **changes: object) -> DockerMachine:
        mapping = {"aws/codebuild/*": TEST_IMAGE} if image_for is None else image_for
        machine = DockerMachine(clock, mapping)
        made.append(machine)
        machine.start(spec(machine, **changes))
        return machine

    yield make
    for machine in made:
        machine.close()


def ours(api: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.containers(
        all=True, filters={"label": ["mockbuild=1", f"mockbuild.machine={name}"]}
    )
    return found


@docker_test
@pytest.mark.parametrize("end", ["close", "kill and close", "forget"])
def test_the_container_comes_and_goes(api: Any, make: Any, clock: FakeClock, end: str) -> None:
    from mockbuild.machines.docker import DockerMachine

    name = f"test-{end.replace(' ', '-')}"
    machine = DockerMachine(clock, {"*": TEST_IMAGE})
    machine.start(spec(machine, name=name))
    run(machine, "sleep 1000 &")
    (found,) = ours(api, name)
    details = api.inspect_container(found["Id"])
    assert details["Mounts"] == []
    assert details["HostConfig"]["Privileged"] is False
    if end == "kill and close":
        machine.kill()
        assert [container["State"] for container in ours(api, name)] == ["exited"]
    if end == "forget":
        del machine
        gc.collect()
    else:
        machine.close()
    assert ours(api, name) == []
    assert clock.alarms[0].cancelled


@docker_test
def test_privileged_when_asked_for(api: Any, make: Any) -> None:
    # An engine that is itself in a container may not be allowed to start one that is.
    with contextlib.suppress(MachineError):
        make(name="test-privileged", privileged=True)
    (found,) = ours(api, "test-privileged")
    assert api.inspect_container(found["Id"])["HostConfig"]["Privileged"] is True


@docker_test
@pytest.mark.parametrize(
    ("image_for", "image"),
    [
        pytest.param({"other/*": "no-such-image", "aws/*": TEST_IMAGE}, "aws/x:1", id="pattern"),
        pytest.param({"aws/x:1": TEST_IMAGE, "*": "no-such-image"}, "aws/x:1", id="first"),
        pytest.param(lambda image: TEST_IMAGE, "aws/x:1", id="function"),
        pytest.param({}, TEST_IMAGE, id="its own name"),
    ],
)
def test_the_image_is_looked_up(make: Any, image_for: Any, image: str) -> None:
    assert run(make(image_for, image=image), "echo on") == (0, "on\n")


@docker_test
@pytest.mark.parametrize("image", ["localhost:1/no/such/image:1", "Not A Reference", ""])
def test_an_image_that_cannot_be_had(api: Any, make: Any, image: str) -> None:
    with pytest.raises((ImageError, MachineError)) as caught:
        make({}, image=image, name="test-no-image")
    if image.startswith("localhost"):
        assert isinstance(caught.value, ImageError)
        assert str(caught.value).startswith(
            "CannotPullContainerError: Error response from daemon: "
        )
        assert "mapping" in caught.value.__notes__[0]
    assert ours(api, "test-no-image") == []


@docker_test
def test_a_container_that_dies(api: Any, make: Any) -> None:
    machine = make(name="test-dies")
    run(machine, "echo")
    (found,) = ours(api, "test-dies")
    api.kill(found["Id"])
    api.wait(found["Id"])
    with pytest.raises(MachineError, match="died"):
        run(machine, "echo")


@docker_test
def test_no_command_can_kill_it(make: Any) -> None:
    machine = make()
    run(machine, "kill -9 1; kill -9 -1")
    assert run(machine, "echo on") == (0, "on\n")


@docker_test
def test_a_container_removed_by_somebody_else(api: Any, make: Any) -> None:
    machine = make(name="test-removed")
    (found,) = ours(api, "test-removed")
    api.remove_container(found["Id"], force=True)
    with pytest.raises(MachineError):
        run(machine, "echo")
    machine.close()


@docker_test
def test_a_command_runs_as_another_user(make: Any) -> None:
    machine = make()
    run(machine, "cd /; A='1\n2'; export B=3; umask 077; f() { echo f; }", shell="bash")
    said = run(machine, 'id -un; pwd; echo "$A|$B"; f', shell="bash", user="builder")
    assert said == (0, "builder\n/\n1\n2|3\nf\n")
    run(machine, "C=4; cd /usr; exit 5", shell="bash", user="builder")
    assert run(machine, "id -un; pwd; echo $C", shell="bash") == (0, "root\n/usr\n4\n")


@pytest.mark.docker
def test_no_engine(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("docker")
    from mockbuild.machines.docker import DockerMachine

    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    machine = DockerMachine(clock)
    with pytest.raises(MachineError, match=r"dockerd.*DOCKER_HOST"):
        machine.start(spec(machine))
    machine.close()


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> Any:
    from mockbuild.machines.archives import Spool

    spool = Spool()
    with tarfile.open(fileobj=spool.file, mode="w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    spool.file.seek(0)
    return spool


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param([(member("/etc/x"), b"")], id="absolute"),
        pytest.param([(member("a/../../x"), b"")], id="dots"),
        pytest.param([(member("x", tarfile.LNKTYPE, "/etc/passwd"), b"")], id="hard link"),
        pytest.param([(member("x", tarfile.LNKTYPE, "x"), b"")], id="hard link to itself"),
        pytest.param([(member("x", tarfile.LNKTYPE, "y"), b"")], id="hard link to nothing"),
    ],
)
def test_a_hostile_archive(bad: Any) -> None:
    from mockbuild.machines.archives import unpack

    with pytest.raises(MachineError):
        list(unpack(archive(*bad)))


@pytest.mark.parametrize("cut", [300, 600, 1000])
def test_a_damaged_archive(cut: int) -> None:
    from mockbuild.machines.archives import Spool, unpack

    complete = archive((member("x"), b"x" * 5000))
    whole = complete.file.read()
    spool = Spool()
    spool.file.write(whole[:cut])
    spool.file.seek(0)
    with pytest.raises(MachineError):
        [file.read() for file in unpack(spool)]


def test_a_good_archive() -> None:
    from mockbuild.machines.archives import unpack

    spool = archive(
        (member("./", tarfile.DIRTYPE), b""),
        (member("./b"), b"B"),
        (member("./device", tarfile.CHRTYPE), b""),
        (member("./a", tarfile.LNKTYPE, "./b"), b""),
        (member("./loop", tarfile.SYMTYPE, "loop"), b""),
    )
    found = [(file.path, file.link, file.link or file.read()) for file in unpack(spool)]
    assert found == [("a", None, b"B"), ("b", None, b"B"), ("loop", "loop", "loop")]


def test_what_is_packed_stays_below() -> None:
    from mockbuild.machines.archives import pack

    with pytest.raises(MachineError, match="link"):
        pack([File("a", bytes, link="/"), File("a/b", bytes)], 0)


@docker_test
def test_moto_does_not_come_between(make: Any) -> None:
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        assert run(make(), f"echo {FOLDER}") == (0, f"{FOLDER}\n")
