"""A buildspec's ``batch``: what comes out of it, and which builds it makes."""

import dataclasses
import itertools
import json
import math
import re
from graphlib import CycleError, TopologicalSorter

import pytest
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.documents.buildspec import check_buildspec, parse_buildspec
from mockbuild.documents.buildspec_batch import (
    DEFAULT_MAXIMUM_BUILDS,
    MAX_BUILDS,
    Batch,
    BatchError,
    BuildFanout,
    BuildGraph,
    BuildList,
    BuildMatrix,
    EnvOverride,
    Shard,
    Task,
)
from mockbuild.documents.buildspec_batch_reader import COMPUTE_TYPES, ENVIRONMENT_TYPES

GRAPH = """
version: 0.2
batch:
  fast-fail: yes
  build-graph:
    - identifier: build1
      env:
        compute-type: BUILD_GENERAL1_LARGE
        image: $IMAGE
        privileged-mode: true
        type: LINUX_CONTAINER
        variables:
          MODE: 0700
          NONE:
      ignore-failure: true
      debug-session: true
    - identifier: build2
      buildspec: ci/build2.yml
      depend-on:
        - build3
        - build1
        - build1
      env:
        fleet: fast
        privileged-mode: no
    - identifier: build3
"""
MATRIX = """
version: 0.2
batch:
  build-matrix:
    static:
      ignore-failure: yes
      env:
        type: ARM_CONTAINER
        privileged-mode: true
        image: none
        variables: {COMMON: c, MY_VAR: never}
    dynamic:
      buildspec: [matrix1.yml, matrix2.yml]
      env:
        compute-type: BUILD_GENERAL1_SMALL
        image: [i1, i2]
        variables:
          MY_VAR: [VALUE1, 2, true]
          ONE: alone
"""
FANOUT = """
version: 0.2
batch:
  build-fanout:
    parallelism: 5
    ignore-failure: true
"""


def batch_of(text: str) -> Batch:
    assert [problem for problem in check_buildspec(text) if problem.severity == "error"] == []
    batch = parse_buildspec(text).batch
    assert batch is not None
    return batch


def document(batch: object) -> str:
    return json.dumps({"version": 0.2, "batch": batch})


@pytest.mark.docs
def test_a_graph():
    batch = batch_of(GRAPH)
    assert isinstance(batch.builds, BuildGraph)
    assert (batch.fast_fail, batch.builds.kind, batch.size) == (True, "build-graph", 3)
    assert (batch.source, batch.line, batch.column) == ("buildspec.yml", 3, 1)
    first, second, third = batch.tasks()
    assert first == Task(
        identifier="build1",
        line=6,
        column=7,
        env=EnvOverride(
            compute_type="BUILD_GENERAL1_LARGE",
            image="$IMAGE",
            privileged_mode=True,
            type="LINUX_CONTAINER",
            variables={"MODE": "0700", "NONE": ""},
        ),
        ignore_failure=True,
        debug_session=True,
    )
    assert (second.identifier, second.buildspec, second.line) == ("build2", "ci/build2.yml", 17)
    assert second.depends_on == ("build3", "build1")
    assert second.env == EnvOverride(fleet="fast", privileged_mode=False)
    assert third == Task("build3", 26, 7)


@pytest.mark.docs
def test_a_list():
    batch = batch_of(document({"build-list": [{"identifier": "b"}, {"identifier": "a_1"}]}))
    assert isinstance(batch.builds, BuildList)
    assert (batch.fast_fail, batch.builds.kind, batch.size) == (False, "build-list", 2)
    assert [task.identifier for task in batch.tasks()] == ["b", "a_1"]


@pytest.mark.docs
def test_an_inline_buildspec_of_a_task():
    inline = "version: 0.2\nphases: {}\n"
    batch = batch_of(document({"build-list": [{"identifier": "a", "buildspec": inline}]}))
    assert batch.tasks()[0].buildspec == inline


@pytest.mark.docs
def test_a_matrix_combines_everything_in_the_guides_order():
    batch = batch_of(MATRIX)
    assert isinstance(batch.builds, BuildMatrix)
    assert (batch.builds.kind, batch.size) == ("build-matrix", 12)
    tasks = batch.tasks()
    assert [(t.buildspec, t.env.image, t.env.variables["MY_VAR"]) for t in tasks] == list(
        itertools.product(["matrix1.yml", "matrix2.yml"], ["i1", "i2"], ["VALUE1", "2", "true"])
    )
    assert {(t.env.compute_type, t.env.variables["ONE"]) for t in tasks} == {
        ("BUILD_GENERAL1_SMALL", "alone")
    }
    assert all(task.ignore_failure for task in tasks)
    assert {(t.env.type, t.env.privileged_mode) for t in tasks} == {("ARM_CONTAINER", True)}
    assert all(task.env.variables["COMMON"] == "c" for task in tasks)
    assert {(task.line, task.column) for task in tasks} == {(4, 3)}


@pytest.mark.inferred
def test_a_matrix_of_nothing_is_one_build_like_its_static_part():
    text = document({"build-matrix": {"static": {"env": {"image": "i"}}}})
    (task,) = batch_of(text).tasks()
    assert (task.identifier, task.env) == ("build_matrix_1", EnvOverride(image="i"))


@pytest.mark.docs
def test_a_fanout():
    batch = batch_of(FANOUT)
    assert isinstance(batch.builds, BuildFanout)
    assert (batch.builds.kind, batch.builds.parallelism, batch.size) == ("build-fanout", 5, 5)
    tasks = batch.tasks()
    assert [task.shard for task in tasks] == [Shard(index, 5) for index in range(5)]
    assert all(task.ignore_failure and task.env == EnvOverride() for task in tasks)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        pytest.param(MATRIX, [f"build_matrix_{n}" for n in range(1, 13)], id="matrix"),
        pytest.param(FANOUT, [f"build_fanout_{n}" for n in range(1, 6)], id="fanout"),
    ],
)
def test_generated_identifiers(text, identifiers):
    assert [task.identifier for task in batch_of(text).tasks()] == identifiers


@pytest.mark.docs
@pytest.mark.parametrize(
    "text", ["version: 0.2\n", "version: 0.2\nbatch:\n", "version: 0.2\nbatch: ~\n"]
)
def test_no_batch(text):
    assert parse_buildspec(text).batch is None


@pytest.mark.docs
def test_a_batch_cannot_be_changed():
    task = batch_of(GRAPH).tasks()[0]
    with pytest.raises(TypeError):
        task.env.variables["MODE"] = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.identifier = "x"


@pytest.mark.model
def test_the_types_are_those_of_the_api():
    model = Session().get_service_model("codebuild")
    assert set(model.shape_for("ComputeType").enum) <= set(COMPUTE_TYPES)
    assert set(model.shape_for("EnvironmentType").enum) <= set(ENVIRONMENT_TYPES)


@pytest.mark.inferred
@pytest.mark.parametrize(
    "allowed", [pytest.param(5, id="as many"), pytest.param(MAX_BUILDS, id="more")]
)
def test_as_many_builds_as_allowed(allowed):
    assert len(batch_of(FANOUT).tasks(allowed)) == 5


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("count", "asked", "allowed"),
    [
        pytest.param(5, 4, 4, id="project"),
        pytest.param(101, DEFAULT_MAXIMUM_BUILDS, 100, id="default"),
        pytest.param(1001, 10**9, 1000, id="ours"),
    ],
)
def test_too_many_builds(count, asked, allowed):
    batch = batch_of(document({"build-fanout": {"parallelism": count}}))
    with pytest.raises(BatchError) as caught:
        batch.tasks(asked)
    message = f"the batch makes {count} builds; {allowed} are allowed"
    assert str(caught.value) == f"buildspec.yml:1:18: {message}"
    assert caught.value.status_code == "BATCH_SPEC_VALIDATION_ERROR"
    assert caught.value.aws_message == (
        f"BatchSpec has invalid values.. Number of builds must not exceed {allowed}."
    )


NAMES = [f"t{number}" for number in range(8)]


@st.composite
def graphs(draw: st.DrawFn, *, acyclic: bool) -> list[dict[str, object]]:
    order = draw(st.permutations(NAMES))
    tasks = []
    for place, name in enumerate(order):
        others = order[:place] if acyclic else order
        names = draw(st.lists(st.sampled_from(others), max_size=3)) if others else []
        tasks.append({"identifier": name, "depend-on": names})
    return draw(st.permutations(tasks))


def can_all_run(tasks: list[dict[str, object]]) -> bool:
    try:
        TopologicalSorter({task["identifier"]: task["depend-on"] for task in tasks}).prepare()
    except CycleError:
        return False
    return True


@pytest.mark.inferred
@settings(deadline=None)
@given(tasks=graphs(acyclic=True))
def test_any_graph_without_a_cycle_is_a_plan(tasks):
    planned = batch_of(document({"build-graph": tasks})).tasks()
    assert [task.identifier for task in planned] == [task["identifier"] for task in tasks]
    assert [set(task.depends_on) for task in planned] == [set(t["depend-on"]) for t in tasks]


@pytest.mark.inferred
@settings(deadline=None)
@given(tasks=graphs(acyclic=False))
def test_a_graph_is_refused_if_it_has_a_cycle_and_only_then(tasks):
    problems = check_buildspec(document({"build-graph": tasks}))
    assert (not problems) is can_all_run(tasks)
    edges = {(task["identifier"], name) for task in tasks for name in task["depend-on"]}
    for problem in problems:
        found = re.search(r"cycle: ([^;(]*);", problem.message)
        if found:  # a long one is cut
            assert edges.issuperset(itertools.pairwise(found[1].split(" -> ")))


VALUES = st.lists(st.text("abc$ .é", min_size=1, max_size=3), min_size=1, max_size=3)


@pytest.mark.docs
@settings(deadline=None)
@given(
    buildspecs=st.none() | VALUES,
    images=st.none() | VALUES,
    variables=st.dictionaries(st.sampled_from(["A", "B", "C"]), VALUES),
)
def test_any_matrix_is_the_product_of_its_lists(buildspecs, images, variables):
    env = {"variables": variables} | ({} if images is None else {"image": images})
    dynamic = {"env": env} | ({} if buildspecs is None else {"buildspec": buildspecs})
    batch = batch_of(json.dumps({"version": 0.2, "batch": {"build-matrix": {"dynamic": dynamic}}}))
    lists = [buildspecs or [None], images or [None], *variables.values()]
    assert batch.size == math.prod(map(len, lists))
    tasks = batch.tasks(MAX_BUILDS)
    assert [(t.buildspec, t.env.image, *t.env.variables.values()) for t in tasks] == list(
        itertools.product(*lists)
    )
    assert len({task.identifier for task in tasks}) == batch.size
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,127}", task.identifier) for task in tasks)


WORDS = [
    "fast-fail", "build-list", "build-graph", "build-matrix", "build-fanout", "identifier", "env",
    "depend-on", "static", "dynamic", "variables", "compute-type", "fleet", "type", "image",
    "buildspec", "parallelism", "privileged-mode", "a", "b", "", "yes", "3", "\n",
]  # fmt: skip
TREES = st.recursive(
    st.sampled_from(WORDS) | st.integers() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=30,
)


@pytest.mark.inferred
@settings(max_examples=200, deadline=None)
@given(tree=st.dictionaries(st.sampled_from(WORDS[:5]), TREES, max_size=2))
def test_any_shape_gives_a_plan_or_a_batch_error(tree):
    text = json.dumps({"version": 0.2, "batch": tree})
    problems = check_buildspec(text)
    assert all("\n" not in str(problem) for problem in problems)
    batch = parse_buildspec(text).batch
    assert batch is not None
    if any(problem.severity == "error" for problem in problems):
        with pytest.raises(BatchError) as caught:
            batch.tasks()
        assert caught.value.problem in problems
    elif batch.size <= DEFAULT_MAXIMUM_BUILDS:
        assert len(batch.tasks()) == batch.size > 0
