"""What holds for every machine, the simulated one included.

A machine that really runs is told what to do; the simulated one has it in its script. What
only machines that really run can do is in ``test_contract.py``.
"""

from collections.abc import Iterator

import pytest

from mockbuild.machines.base import Command, Killed, Machine
from mockbuild.machines.simulated import Failure, Script, SimulatedMachine
from tests.machines.conftest import FOLDER, FakeClock, docker_machine, local_machine, spec

pytestmark = pytest.mark.docs

SCRIPT = Script(
    failures={"BUILD": Failure(3)},
    output={"BUILD": "hello\n"},
    exports={"A": "1"},
    files={"b/c": b"2", "a": b"1"},
)
#: The same for a shell.
COMMAND = "A=1; mkdir b; printf 2 >b/c; printf 1 >a; echo hello; (exit 3)"


def simulated_machine(clock: FakeClock) -> Machine:
    return SimulatedMachine(clock.now(), SCRIPT)


@pytest.fixture(
    params=[
        pytest.param(simulated_machine, id="simulated"),
        pytest.param(local_machine, id="local"),
        pytest.param(docker_machine, id="docker", marks=pytest.mark.docker),
    ]
)
def machine(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Machine]:
    machine = request.param(clock)
    yield machine
    machine.close()


def test_a_build_from_start_to_end(machine: Machine) -> None:
    said: list[str] = []
    machine.start(spec(machine))
    machine.put((), FOLDER)
    machine.begin("BUILD", 1)
    assert machine.run(Command(COMMAND), said.append) == 3
    assert "".join(said) == "hello\n"
    assert machine.variables(["A", "NOWHERE"]) == {"A": "1"}
    files = list(machine.files(FOLDER))
    assert [(file.path, file.read(), file.link) for file in files] == [
        ("a", b"1", None),
        ("b/c", b"2", None),
    ]
    assert [file.path for file in machine.files(f"{FOLDER}/b")] == ["c"]
    machine.begin("POST_BUILD")


def test_variables_set_from_outside_are_known_after_a_command(machine: Machine) -> None:
    machine.start(spec(machine))
    machine.begin("BUILD", 1)
    machine.run(Command("true", {"GIVEN": "it's $HOME"}), print)
    assert machine.variables(["GIVEN", "GREETING"]) == {
        "GIVEN": "it's $HOME",
        "GREETING": "hello 'you'\n",
    }


def test_a_folder_that_is_not_there(machine: Machine) -> None:
    machine.start(spec(machine))
    with pytest.raises(FileNotFoundError):
        list(machine.files(f"{FOLDER}/nowhere"))


def test_time_does_not_go_back(machine: Machine, clock: FakeClock) -> None:
    before = machine.now()
    machine.start(spec(machine))
    machine.begin("BUILD", 1)
    machine.run(Command("true"), print)
    assert machine.now() >= before >= clock.now()


def test_a_killed_machine_runs_nothing(machine: Machine) -> None:
    machine.start(spec(machine))
    machine.kill()
    machine.kill()
    before = machine.now()
    with pytest.raises(Killed):
        machine.begin("BUILD", 1)
    assert machine.now() == before


def test_closing_twice_and_before_the_start(machine: Machine) -> None:
    machine.close()
    machine.close()
