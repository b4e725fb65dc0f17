"""Driving the processes of the three sides, in turns."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

from benchmarks.cases import CASES


class WorkerProcess:
    """A side's process; see :mod:`benchmarks.worker`."""

    def __init__(
        self, side: str, service: str = "codebuild", recorded: dict[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", side, service],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        self._say(recorded or {})

    def ask(self, what: str, *arguments: Any) -> Any:
        """Have the worker do *what* and return its answer."""
        self._say([what, *arguments])
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended early, with status {self._process.wait()}")
        return json.loads(line)

    def _say(self, message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()
            if error is not None:
                self._process.terminate()


def has_moto() -> bool:
    """Tell whether moto can be measured too."""
    return importlib.util.find_spec("moto") is not None


@contextlib.contextmanager
def sides(
    case: str, names: Sequence[str] = ("floor", "ours", "moto")
) -> Iterator[dict[str, WorkerProcess]]:
    """Start the processes of *names*; the floor with what ours answers to the calls of *case*."""
    service = CASES[case].service if case in CASES else "codebuild"
    with contextlib.ExitStack() as stack:
        workers = {"ours": stack.enter_context(WorkerProcess("ours", service))}
        if "floor" in names:
            recorded = workers["ours"].ask("record", case)
            workers["floor"] = stack.enter_context(WorkerProcess("floor", service, recorded))
        if "moto" in names and service == "codebuild" and has_moto():
            workers["moto"] = stack.enter_context(WorkerProcess("moto"))
        yield workers


Timings = dict[str, list[float]]


def in_turns(workers: dict[str, WorkerProcess], cases: dict[str, str], times: int) -> Timings:
    """Time each of *workers* in turns, *times* times, forwards and backwards by turns.

    :param cases: the case that each times.
    """
    found: Timings = {name: [] for name in workers}
    for number in range(times):
        names = list(workers) if number % 2 else list(reversed(workers))
        for name in names:
            found[name].append(workers[name].ask("time", cases[name]))
    return found


def ratio(above: list[float], below: list[float]) -> float:
    """Return the ratio of the shortest timings: the others were disturbed, see :mod:`timeit`."""
    return min(above) / min(below)
