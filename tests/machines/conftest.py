"""The machines that the contract is checked against."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from mockbuild.machines.base import Command, Machine, MachineSpec
from mockbuild.machines.local import LocalMachine
from tests.docker_support import TEST_IMAGE, need_docker

FOLDER = "/codebuild/output/src1/src"
NEVER = 4e9


@dataclass
class FakeAlarm:
    at: float
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeClock:
    """A clock that stands still; alarms go off when the test says so."""

    time: float = 1_700_000_000.0
    alarms: list[FakeAlarm] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def alarm(self, at: float, action: Callable[[], None]) -> FakeAlarm:
        self.alarms.append(FakeAlarm(at, action))
        return self.alarms[-1]


def local_machine(clock: FakeClock) -> Machine:
    return LocalMachine(clock)


def docker_machine(clock: FakeClock) -> Machine:
    need_docker()
    from mockbuild.machines.docker import DockerMachine

    return DockerMachine(clock, {"aws/codebuild/*": TEST_IMAGE})


#: Whatever runs real commands is added here.
FACTORIES = [
    pytest.param(local_machine, id="local"),
    pytest.param(docker_machine, id="docker", marks=pytest.mark.docker),
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=FACTORIES)
def unstarted(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Machine]:
    machine = request.param(clock)
    yield machine
    machine.close()


@pytest.fixture
def machine(unstarted: Machine) -> Machine:
    unstarted.start(spec(unstarted))
    return unstarted


def spec(machine: Machine, **changes: object) -> MachineSpec:
    values: dict[str, object] = {
        "folder": FOLDER,
        "environment": {"GREETING": "hello 'you'\n", "HOME": f"{machine.root}/root"},
        "deadline": NEVER,
        "image": "aws/codebuild/standard:7.0",
        "name": "test",
    }
    return MachineSpec(**(values | changes))  # type: ignore[arg-type]


def run(machine: Machine, text: str, **options: object) -> tuple[int, str]:
    """Run a command and return its status and all it printed."""
    said: list[str] = []
    status = machine.run(Command(text, **options), said.append)  # type: ignore[arg-type]
    return status, "".join(said)
