"""A buildspec's ``batch`` as somebody writes it who means no good."""

import itertools
import json
import re

import pytest

from mockbuild.documents.buildspec import check_buildspec, parse_buildspec
from mockbuild.documents.buildspec_batch import Batch, BatchError
from mockbuild.documents.errors import MAX_PROBLEMS

pytestmark = pytest.mark.inferred

HEAD = "version: 0.2\nbatch:\n"
LIST = HEAD + "  build-list:\n"
GRAPH = HEAD + "  build-graph:\n"
MATRIX = HEAD + "  build-matrix:\n"


def document(batch: object) -> str:
    return json.dumps({"version": 0.2, "batch": batch})


def batch_of(text: str) -> Batch:
    batch = parse_buildspec(text).batch
    assert batch is not None
    assert batch.problem is None
    return batch


def axes(count: int, length: int) -> dict[str, list[int]]:
    return {f"V{number}": list(range(length)) for number in range(count)}


@pytest.mark.parametrize(
    ("batch", "size", "shown"),
    [
        pytest.param(
            {"build-matrix": {"dynamic": {"env": {"variables": axes(9, 10)}}}},
            10**9, "1000000000", id="10^9 combinations",
        ),
        pytest.param(
            {"build-matrix": {"dynamic": {"env": {"variables": axes(20_000, 2)}}}},
            2**20_000, "more than 10^12", id="a size of 6,000 digits",
        ),
        pytest.param(
            {"build-fanout": {"parallelism": 10**17}}, 10**17, "more than 10^12", id="fanout"
        ),
    ],
)  # fmt: skip
def test_a_hostile_number_of_builds_is_counted_and_not_made(batch, size, shown):
    found = batch_of(document(batch))
    assert found.size == size
    with pytest.raises(BatchError, match=re.escape(f"the batch makes {shown} builds; 1000 are")):
        found.tasks(size)


def test_a_long_chain_and_a_long_cycle():
    names = [f"t{number}" for number in range(8_000)]
    chain = [{"identifier": a, "depend-on": [b]} for a, b in itertools.pairwise(names)]
    batch = batch_of(document({"build-graph": [*chain, {"identifier": names[-1]}]}))
    assert batch.size == 8_000
    last = {"identifier": names[-1], "depend-on": ["t0"]}
    errors = check_buildspec(document({"build-graph": [*chain, last]}))
    assert [p.message for p in errors if p.severity == "error"] == [
        "batch.build-graph has a cycle: t0 -> t1 -> t2 -> t3 -> t4 -> t5 -> t6 -> (7993 more) -> "
        "t0; none of these builds could start"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LIST + "    - identifier: a-\n" * 20_000, id="identifiers"),
        pytest.param(LIST + "    - identifier: a\n" * 20_000, id="the same identifier"),
        pytest.param(LIST + "    - {}\n" * 30_000, id="no identifiers"),
        pytest.param(LIST + "    - a\n" * 50_000, id="texts"),
        pytest.param(
            LIST + "    - {identifier: a, env: {compute-type: XBUILD, x: y}}\n" * 10_000,
            id="compute types",
        ),
        pytest.param(
            GRAPH + "    - identifier: a\n      depend-on:\n" + "        - bb\n" * 50_000,
            id="unknown tasks",
        ),
        pytest.param(
            GRAPH
            + "".join(f"    - {{identifier: t{n}, depend-on: [x{n}]}}\n" for n in range(10_000)),
            id="misspelt tasks",
        ),
        pytest.param(
            GRAPH
            + "".join(f"    - {{identifier: t{n}, depend-on: [t{n}]}}\n" for n in range(10_000)),
            id="cycles",
        ),
        pytest.param(
            GRAPH
            + "    - {identifier: t0, depend-on: [t1]}\n"
            + "".join(
                f"    - {{identifier: t{n}, depend-on: [t{n - 1}, t{n + 1}]}}\n"
                for n in range(1, 9_000)
            )
            + "    - identifier: t9000\n",
            id="cycles in a long chain",
        ),
        pytest.param(
            MATRIX
            + "    dynamic: {env: {variables: {"
            + "".join(f"a{n}: [], " for n in range(20_000))
            + "}}}\n",
            id="empty lists",
        ),
        pytest.param(
            MATRIX + "    dynamic: {env: {compute-type: [" + "x, " * 50_000 + "]}}\n",
            id="compute types of a matrix",
        ),
    ],
)
def test_the_number_of_problems_is_limited(text):
    problems = check_buildspec(text)
    for severity in ("error", "warning"):
        found = [problem for problem in problems if problem.severity == severity]
        assert len(found) <= MAX_PROBLEMS
    assert any(problem.severity == "error" for problem in problems)
    assert all(len(problem.message) < 300 for problem in problems)


def test_messages_stay_on_one_short_line():
    name = "x" * 200 + "\\n"
    text = GRAPH + f'    - identifier: "{name}"\n      depend-on: ["{name}", "{name}y"]\n'
    problems = check_buildspec(text)
    assert len(problems) == 3
    assert all("\n" not in problem.message for problem in problems)
    assert all(len(problem.message) < 250 for problem in problems)
