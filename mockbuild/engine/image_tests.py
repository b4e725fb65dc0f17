"""In which order the tests of an image run, and which of them at the same time."""

import heapq
from itertools import groupby
from typing import TYPE_CHECKING, Final

from mockbuild.engine.image_making import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockbuild.engine.workflow_run import WorkflowRun

#: How many tests of a parallel group run at the same time (documented).
PARALLEL_TESTS: Final = 5


def run_tests(tests: "Sequence[WorkflowRun]", at: float) -> float:
    """Run tests from *at* on, and return when all are over.

    :raises Failed: one fails that the image cannot do without. Those that have not started by then
        are skipped.
    """
    groups = groupby(enumerate(_grouped(tests)), lambda one: one[1].plan.parallel_group or one[0])
    parts = [[run for _, run in group] for _, group in groups]
    for number, part in enumerate(parts):
        try:
            at = _run_together(part, at)
        except Failed as failure:
            for run in (run for later in parts[number + 1 :] for run in later):
                run.skip(failure.at)
            raise
    return at


def _run_together(tests: "Sequence[WorkflowRun]", at: float) -> float:
    """Run tests at the same time, so many at once; return when all are over.

    That those that run go on when one fails, and none starts any more, is a guess.
    """
    ends: list[float] = []
    first: Failed | None = None
    for run in tests:
        start = at if len(ends) < PARALLEL_TESTS else heapq.heappop(ends)
        if first is not None and start >= first.at:
            run.skip(first.at)
            heapq.heappush(ends, start)
            continue
        try:
            end = run.go(start)
        except Failed as failure:
            end = failure.at
            if not run.plan.continues and (first is None or failure.at < first.at):
                first = failure
        heapq.heappush(ends, end)
    last = max([at, *ends])
    if first is not None:
        raise Failed(last, first.reason, first.context)
    return last


def _grouped(runs: "Sequence[WorkflowRun]") -> "list[WorkflowRun]":
    """Bring the tests of each parallel group together, where the first of them is."""
    first: dict[str, int] = {}
    for place, run in enumerate(runs):
        if run.plan.parallel_group is not None:
            first.setdefault(run.plan.parallel_group, place)
    places = {
        run: place if run.plan.parallel_group is None else first[run.plan.parallel_group]
        for place, run in enumerate(runs)
    }
    return sorted(runs, key=places.__getitem__)
