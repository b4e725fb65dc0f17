"""The rows of the table, each with its budget."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks import imports, machines
from benchmarks.cases import FEW, MANY
from benchmarks.workers import Timings, WorkerProcess, has_moto, in_turns, ratio, sides


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    :param times: timings of each case and side.
    :param processes: fresh processes of each side, for rows of ratios to the floor.
    :param rounds: of each of sixteen threads.
    :param polling: rows of 300 looks.
    :param builds: to measure memory with; the more, the less of it is what is cached only once.
    :param imports: processes.
    :param machines: builds that really run, of so many *commands*.
    :param patient: whether moto is measured where it takes a minute: 10,000 records, 300 looks.
    """

    times: int = 25
    processes: int = 3
    rounds: int = 400
    polling: int = 15
    builds: int = 1500
    imports: int = 11
    machines: int = 7
    commands: int = 100
    patient: bool = True


QUICK = Effort(11, 1, 25, 4, 500, 4, 3, 40, patient=False)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    :param budget: the most it may be; ``None`` for a line without one.
    :param ours: and *moto*: what was measured, or ``None`` where it was not.
    :param note: what else there is to say.
    """

    what: str
    unit: str
    budget: float | None
    ours: float | None
    moto: float | None = None
    note: str = ""
    microseconds: dict[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the budget is met, if there is one and it was measured."""
        if self.budget is None or self.ours is None:
            return None
        return self.ours <= self.budget


def _time(cases: dict[str, str], record: str, effort: Effort) -> Timings:
    """Return the timings of each side in *cases*, over fresh processes."""
    found: Timings = {}
    for _ in range(effort.processes):
        with sides(record, tuple(cases)) as workers:
            for name, timings in in_turns(workers, cases, effort.times).items():
                found.setdefault(name, []).extend(timings)
    return found


def _over_floor(what: str, found: Timings, budget: float | None, floor: list[float]) -> Row:
    moto = ratio(found["moto"], floor) if "moto" in found else None
    times = {name: round(min(timings) * 1e6, 1) for name, timings in found.items()}
    return Row(what, "× floor", budget, ratio(found["ours"], floor), moto, microseconds=times)


def unit_tests(effort: Effort) -> Iterator[Row]:
    inside, outside = "unit test, client inside", "unit test, client outside"
    everyone = ("floor", "ours", "moto")
    shared = _time(dict.fromkeys(everyone, outside), outside, effort)
    own = _time(dict.fromkeys(everyone, inside), inside, effort)
    what = "whole unit test, client made inside"
    yield _over_floor(what, own, 2.3, shared["floor"])
    yield _over_floor(f"{what}; so at the floor", own, None, own["floor"])
    yield _over_floor("whole unit test, client made outside", shared, 1.25, shared["floor"])


def calls(effort: Effort) -> Iterator[Row]:
    for operation, case, budget in (
        ("ListBuilds", "list", 1.15),
        ("BatchGetBuilds of one", "get", 1.15),
        ("CreateProject", "create", 1.15),
        ("StartBuild", "start", 1.15),
        ("BatchGetProjects of 100", "get 100 projects", 1.25),
        ("BatchGetBuilds of 100", "get 100 builds", 1.25),
    ):
        found = _time(dict.fromkeys(("floor", "ours", "moto"), case), case, effort)
        yield _over_floor(operation, found, budget, found["floor"])


def images(effort: Effort) -> Iterator[Row]:
    for what, case, budget in (
        ("CreateComponent", "create component", 1.15),
        ("GetImage", "get image", 1.15),
        ("ListImages", "list images", 1.15),
        ("whole test of an image, client made outside", "image test", 2),
    ):
        found = _time(dict.fromkeys(("floor", "ours"), case), case, effort)
        yield _over_floor(f"Image Builder: {what}", found, budget, found["floor"])


def sizes(effort: Effort) -> Iterator[Row]:
    names = ("ours", "moto") if effort.patient else ("ours",)
    for what, case, few in (
        ("BatchGetProjects by ARN", "by ARN", FEW),
        ("ListProjects", "list projects", 100),
        ("ListBuilds", "list builds", 100),
    ):
        found: dict[str, float] = {}
        with sides(case, names) as small, sides(case, names) as large:
            for name in small:
                pair = {"few": small[name], "many": large[name]}
                cases = {"few": f"{case}, few", "many": f"{case}, many"}
                timings = in_turns(pair, cases, effort.times)
                found[name] = ratio(timings["many"], timings["few"])
        title = f"{what} with {MANY:,} records ÷ with {few}"
        yield Row(title, "×", 1.2, found["ours"], found.get("moto"))


def polling(effort: Effort) -> Iterator[Row]:
    # moto grows so much that one row of looks takes a minute.
    found = {"ours": _measure("ours", "polling", effort.polling)}
    if effort.patient and has_moto():
        found["moto"] = _measure("moto", "polling", 1)
    yield Row(
        "polling one build 300 times: last ÷ first look", "×", 1.1, found["ours"], found.get("moto")
    )


def importing(effort: Effort) -> Iterator[Row]:
    plain, loaded = imports.import_seconds("import botocore", "import mockbuild", effort.imports)
    moto = None
    if has_moto():
        moto = imports.import_seconds("import botocore", "import moto", effort.imports)[0] * 1e3
    note = f"loads {', '.join(loaded)}" if loaded else "no optional module loaded"
    met = plain * 1e3 if not loaded else float("inf")
    yield Row("import, over import botocore (CPU)", "ms", 10, met, moto, note)
    first, then = "import boto3", "from mockbuild import mock_codebuild"
    ready, loaded = imports.import_seconds(first, then, effort.imports)
    if has_moto():
        moto = imports.import_seconds(first, "from moto import mock_aws", effort.imports)[0] * 1e3
    also = [name for name in loaded if name != "boto3"]
    yield Row(
        "importing the mock itself, over import boto3 (CPU)",
        "ms",
        None,
        ready * 1e3,
        moto,
        f"loads {', '.join(also)}" if also else "no optional module loaded",
    )


def entering(effort: Effort) -> Iterator[Row]:
    case = "enter and leave"
    with sides(case, ("ours", "moto")) as workers:
        timings = in_turns(workers, dict.fromkeys(workers, case), effort.times)
    best = {name: min(found) * 1e6 for name, found in timings.items()}
    yield Row("entering and leaving, warm", "µs", 100, best["ours"], best.get("moto"))


#: What a look leaves behind, in KiB, is at most the note of it that ``mb.calls()`` gives back.
_NOTE_OF_A_CALL = 0.03


def memory(effort: Effort) -> Iterator[Row]:
    found = {"ours": _measure("ours", "memory", effort.builds)}
    if has_moto():  # fewer, as its looks get slower and slower
        found["moto"] = _measure("moto", "memory", effort.builds // 10)
    per_build = {name: value[0] / 1024 for name, value in found.items()}
    per_look = {name: value[1] / 1024 for name, value in found.items()}
    yield Row("memory of a finished build", "KiB", 4, per_build["ours"], per_build.get("moto"))
    note = "a look leaves the time of the call in mb.calls()"
    yield Row(
        "growth per look", "KiB", _NOTE_OF_A_CALL, per_look["ours"], per_look.get("moto"), note
    )


def threads(effort: Effort) -> Iterator[Row]:
    found = _each("threads", 16, effort.rounds)
    moto = float(len(found["moto"])) if "moto" in found else None
    what = f"16 threads × {effort.rounds} × (create, start, look)"
    wrong = found["ours"]
    yield Row(what, "errors", 0, float(len(wrong)), moto, wrong[0] if wrong else "")


def local(effort: Effort) -> Iterator[Row]:
    ours, bare = machines.local_per_command(effort.commands, effort.machines)
    note = f"{ours * 1e3:.2f} ms in a build, {bare * 1e3:.2f} ms as a process"
    yield Row("local build: cost per command", "ms", 5, (ours - bare) * 1e3, note=note)


def docker(effort: Effort) -> Iterator[Row]:
    what = "Docker build ÷ docker run"
    why_not = machines.docker_at_hand()
    if why_not is not None:
        yield Row(what, "×", 1.3, None, note=f"not measured: {why_not}")
        return
    ours, bare = machines.docker_build(effort.machines)
    yield Row(what, "×", 1.3, ours / bare, note=f"{ours:.2f} s ÷ {bare:.2f} s")


def _each(what: str, *arguments: int) -> dict[str, Any]:
    """Return what each side measures of *what*, one after the other."""
    names = ("ours", "moto") if has_moto() else ("ours",)
    return {name: _measure(name, what, *arguments) for name in names}


def _measure(side: str, what: str, *arguments: int) -> Any:
    with WorkerProcess(side) as worker:
        return worker.ask("call", what, *arguments)


GROUPS: dict[str, Callable[[Effort], Iterator[Row]]] = {
    "unit-tests": unit_tests,
    "calls": calls,
    "images": images,
    "sizes": sizes,
    "polling": polling,
    "import": importing,
    "enter": entering,
    "memory": memory,
    "threads": threads,
    "local": local,
    "docker": docker,
}
