"""The process of one side: it is told on standard input what to time, and answers on its output.

Each message and each answer is a line of JSON.
"""

import contextlib
import gc
import json
import sys
import time
from typing import Any

from benchmarks import growth
from benchmarks.cases import CASES, Action
from benchmarks.sides import Mockbuild, Side, make_side


class Worker:
    """Times cases on one side; what a case has prepared is kept until another is asked for."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._case = ""
        self._action: Action | None = None
        self._mock = contextlib.ExitStack()

    def record(self, case: str) -> dict[str, str]:
        """Return the bodies that the calls of *case* are answered with."""
        assert isinstance(self.side, Mockbuild)
        self._leave()
        with self.side.recording() as recorded:
            if CASES[case].outside:
                prepare = CASES[case].to_record or CASES[case].prepare
                prepare(self.side)()
            else:
                with self.side.mock():
                    CASES[case].prepare(self.side)()
        return recorded

    def time(self, case: str) -> float:
        """Return the seconds that one call of *case* took, over one timing.

        They are seconds of the processor, which nothing here waits for: other processes that
        take it away meanwhile are not counted.
        """
        spec = CASES[case]
        if case != self._case or spec.fresh or self._action is None:
            self._leave()
            if not spec.outside:
                self._mock.enter_context(self.side.mock())
            self._case, self._action = case, spec.prepare(self.side)
        action = self._action
        for _ in range(spec.warm_up):
            action()
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            for _ in range(spec.calls):
                action()
            return (time.process_time() - start) / spec.calls
        finally:
            gc.enable()

    def call(self, name: str, *arguments: Any) -> Any:
        """Return what the function *name* of :mod:`benchmarks.growth` measures."""
        self._leave()
        return getattr(growth, name)(self.side, *arguments)

    def _leave(self) -> None:
        self._case, self._action = "", None
        self._mock.close()


def main() -> None:
    name, service = sys.argv[1:]
    worker = Worker(make_side(name, service, json.loads(sys.stdin.readline())))
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        print(json.dumps(getattr(worker, what)(*arguments)), flush=True)


if __name__ == "__main__":
    main()
