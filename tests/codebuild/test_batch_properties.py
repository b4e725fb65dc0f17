"""Batches of random graphs, with random outcomes, looks, ticks and stops, against a plain model."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockbuild import Control, mock_codebuild
from mockbuild.domain.batch_lifecycle import BATCH_PHASES, FAILED_PHASE, LAST_PHASES, RETRIED
from tests.codebuild.batch_factory import create_batched, look_at, start_batch
from tests.codebuild.factory import CLIENT, ROLE, Record, environment, look

pytestmark = pytest.mark.inferred

TIMED_OUT = "TIMED_OUT"
FINAL = {"SUCCEEDED", "FAILED", "FAULT", TIMED_OUT, "STOPPED"}
#: More looks than any batch here needs.
PATIENCE = 200
#: What builds time out after, in seconds: the least there is.
BUILD_TIMEOUT = 300

many = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Group:
    """A build group, and how its build goes.

    :param seconds: how long BUILD takes.
    :param hangs: whether it goes on until it is stopped or times out on the clock.
    """

    name: str
    depends_on: tuple[str, ...] = ()
    ignored: bool = False
    fails: bool = False
    seconds: int = 1
    hangs: bool = False


@dataclass(frozen=True)
class Plan:
    """A batch.

    :param minutes: its timeout.
    """

    groups: tuple[Group, ...]
    fast_fail: bool
    minutes: int

    @property
    def spec(self) -> str:
        lines = ["version: 0.2", "batch:", f"  fast-fail: {str(self.fast_fail).lower()}"]
        lines.append("  build-graph:")
        for one in self.groups:
            lines.append(f"    - identifier: {one.name}")
            lines.append(f"      ignore-failure: {str(one.ignored).lower()}")
            lines.append(f"      depend-on: [{', '.join(one.depends_on)}]")
        return "\n".join([*lines, "phases: {build: {commands: [make]}}", ""])

    def prepare(self, mb: Control, **members: Any) -> None:
        """Create the project, and say how its builds go."""
        create_batched(
            self.spec,
            timeoutInMinutes=BUILD_TIMEOUT // 60,
            buildBatchConfig={"serviceRole": ROLE, "timeoutInMins": self.minutes},
            **members,
        )
        for one in self.groups:
            script = mb.script("web", group=one.name).takes(one.seconds)
            if one.fails:
                script.fails()
            if one.hangs:
                script.hangs()


@st.composite
def plans(draw: st.DrawFn, *, hanging: bool = False) -> Plan:
    names = [f"g{number}" for number in range(draw(st.integers(1, 6)))]
    groups = []
    for number, name in enumerate(names):
        before = st.sets(st.sampled_from(names[:number])) if number else st.just(set())
        seconds = st.one_of(st.integers(1, 4), st.integers(1, 280), st.just(400))
        groups.append(
            Group(
                name,
                tuple(sorted(draw(before))),
                ignored=draw(st.integers(0, 3)) == 0,
                fails=draw(st.integers(0, 2)) == 0,
                seconds=draw(seconds),
                hangs=hanging and draw(st.integers(0, 3)) == 0,
            )
        )
    order = draw(st.permutations(groups))
    return Plan(tuple(order), draw(st.booleans()), draw(st.sampled_from([5, 8, 480])))


# The model


@cache
def spans() -> tuple[int, int, int]:
    """Return how long it takes to download, to build beyond BUILD, and to time out."""
    with mock_codebuild() as mb:
        Plan((Group("quick"), Group("slow", seconds=400)), fast_fail=False, minutes=480).prepare(mb)
        batch = look_at(start_batch())
        builds = [builds_of(batch)[name] for name in ("quick", "slow")]
        first = batch["phases"][2]["startTime"] - batch["startTime"]
        quick_span, slow_span = (one["endTime"] - one["startTime"] for one in builds)
    return tuple(round(1000 * one.total_seconds()) for one in (first, quick_span, slow_span))


def predict(plan: Plan) -> tuple[str, dict[str, str]]:
    """Return how the batch ends, and each of its groups."""
    now, overhead, timeout = spans()
    overhead -= 1000
    deadline = 60_000 * plan.minutes
    groups = {one.name: one for one in plan.groups}
    ends: dict[str, tuple[int, str]] = {}
    over: dict[str, str] = {}

    def is_well(name: str) -> bool:
        return over.get(name) == "SUCCEEDED" or (name in over and groups[name].ignored)

    status = ""
    while not status:
        for one in plan.groups:
            if one.name not in {*ends, *over} and all(is_well(other) for other in one.depends_on):
                span = overhead + 1000 * one.seconds
                how = "FAILED" if one.fails else "SUCCEEDED"
                if one.hangs or span >= timeout:
                    span, how = timeout, TIMED_OUT
                ends[one.name] = now + span, how
        if not ends:
            status = "SUCCEEDED" if all(is_well(name) for name in groups) else "FAILED"
            break
        now = min(end for end, _ in ends.values())
        if now >= deadline:
            now, status = deadline, TIMED_OUT
        ended = {name: how for name, (end, how) in ends.items() if end == now}
        over |= ended
        ends = {name: ends[name] for name in ends if name not in ended}
        if plan.fast_fail and not all(map(is_well, ended)):
            status = status or "FAILED"
    return status, {name: over.get(name, "STOPPED") for name in groups}


# What holds at any time


def builds_of(batch: Record) -> dict[str, Record]:
    """Return the newest build of each group that has one."""
    arns = {
        group["currentBuildSummary"]["arn"]: group["identifier"]
        for group in batch.get("buildGroups", ())
    }
    if not arns:
        return {}
    found = CLIENT.batch_get_builds(ids=list(arns))["builds"]
    return {arns[build["arn"]]: build for build in found}


def check_phases(phases: list[Record]) -> None:
    for one, following in pairwise(phases):
        assert one["startTime"] <= one["endTime"] == following["startTime"], phases


def check_table(phases: list[Record]) -> None:
    """Check that a batch goes from phase to phase as the table has it, also when it is retried."""
    for one, following in pairwise(phases):
        phase, status, then = one["phaseType"], one["phaseStatus"], following["phaseType"]
        if phase in LAST_PHASES:
            assert (status, then) == (RETRIED, "SUBMITTED")
        elif status == "SUCCEEDED":
            place = BATCH_PHASES.index(phase)
            assert then in BATCH_PHASES[place + 1 : place + 3]
        elif status == "STOPPED":
            assert then == "STOPPED"
        else:
            assert status in (FAILED_PHASE, TIMED_OUT)
            assert then == "FAILED"


def check(batch: Record, before: Record | None = None) -> None:
    """Check what holds of any batch, and of what has become of it since it looked like *before*."""
    phases = batch.get("phases", [])
    check_phases(phases)
    check_table(phases)
    if before is not None:
        old = [(one["phaseType"], one["startTime"]) for one in before.get("phases", ())]
        assert [(one["phaseType"], one["startTime"]) for one in phases][: len(old)] == old
    assert batch["complete"] == ("endTime" in batch) == (batch["buildBatchStatus"] in FINAL)
    if batch["complete"]:
        assert batch["endTime"] == phases[-1]["startTime"]


def check_over(batch: Record) -> None:
    """Check what holds of a batch that is over, at the second look at the latest."""
    assert batch["complete"], batch
    groups = {one["identifier"]: one for one in batch["buildGroups"]}
    builds = builds_of(batch)
    for name, group in groups.items():
        summary = group["currentBuildSummary"]
        assert summary["buildStatus"] in FINAL
        build = builds.get(name)
        if build is None:
            assert summary["buildStatus"] == "STOPPED"
            continue
        assert build["buildStatus"] == summary["buildStatus"]
        assert build["buildComplete"]
        assert build["endTime"] <= batch["endTime"]
        check_phases(build["phases"])
        for other in group.get("dependsOn", ()):
            check_order(groups[other], builds[other], build)


def check_order(group: Record, before: Record, build: Record) -> None:
    assert before["buildStatus"] == "SUCCEEDED" or group["ignoreFailure"]
    assert before["endTime"] <= build["startTime"]


def outcome(batch: Record) -> tuple[str, dict[str, str]]:
    statuses = {
        one["identifier"]: one["currentBuildSummary"]["buildStatus"]
        for one in batch["buildGroups"][1:]
    }
    return batch["buildBatchStatus"], statuses


def run_out(batch_id: str, mb: Control) -> Record:
    """Look until the batch is over, and return it."""
    last = None
    for _ in range(PATIENCE):
        batch = look_at(batch_id)
        check(batch, last)
        if batch["complete"]:
            return look_at(batch_id)
        if mb.settings.transitions == "timed" or batch == last:
            mb.clock.tick(seconds=37)
        last = batch
    raise AssertionError(f"the batch does not end: {last}")


@many
@given(plans())
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_batch_ends_as_the_model_says(transitions, plan):
    expected = predict(plan)
    with mock_codebuild(transitions=transitions) as mb:
        plan.prepare(mb)
        batch = run_out(start_batch()["id"], mb)
        check_over(batch)
        assert outcome(batch) == expected


@many
@given(plans(hanging=True))
def test_one_jump_past_everything_ends_as_many_small_ones(plan):
    expected = predict(plan)
    with mock_codebuild(transitions="timed") as mb:
        plan.prepare(mb)
        batch = start_batch()
        mb.clock.tick(days=1)
        over = look_at(batch)
        check_over(over)
        assert outcome(over) == expected


# Whoever looks, and at what


def _build(number: int) -> list[str]:
    """Return the id of one of the builds there are, if there are so many."""
    return CLIENT.list_builds(sortOrder="ASCENDING")["ids"][number : number + 1]


def _look_at_batch(mb: Control, batch_id: str, _: int) -> None:
    check(look_at(batch_id))


def _look_at_build(mb: Control, batch_id: str, number: int) -> None:
    for build in _build(number):
        check_phases(look(build)["phases"])


def _tick(mb: Control, batch_id: str, number: int) -> None:
    mb.clock.tick(seconds=(0.2, 1, 10, 30, 100, 200, 500)[number])


def _read_events(mb: Control, batch_id: str, _: int) -> None:
    assert all(event["source"] == "aws.codebuild" for event in mb.events)


def _list(mb: Control, batch_id: str, _: int) -> None:
    found = CLIENT.list_build_batches(filter={"status": "SUCCEEDED"})["ids"]
    assert found in ([], [batch_id])


def _stop_build(mb: Control, batch_id: str, number: int) -> None:
    for build in _build(number):
        check_phases(CLIENT.stop_build(id=build)["build"]["phases"])


def _delete_build(mb: Control, batch_id: str, number: int) -> None:
    for build in _build(number):
        CLIENT.batch_delete_builds(ids=[build])


def _stop_batch(mb: Control, batch_id: str, _: int) -> None:
    check(CLIENT.stop_build_batch(id=batch_id)["buildBatch"])


def _retry(mb: Control, batch_id: str, number: int) -> None:
    kind = ("RETRY_ALL_BUILDS", "RETRY_FAILED_BUILDS")[number % 2]
    try:
        retried = CLIENT.retry_build_batch(id=batch_id, retryType=kind)["buildBatch"]
    except CLIENT.exceptions.InvalidInputException:
        return
    check(retried)
    assert retried["buildBatchStatus"] == "IN_PROGRESS"


LOOKS = (_look_at_batch, _look_at_build, _tick, _read_events, _list)
MEDDLING = (*LOOKS, _stop_build, _delete_build, _stop_batch, _retry)


def actions(among: tuple[Any, ...]) -> Any:
    """Return a strategy for what is done while a batch runs, each with a number to choose by."""
    return st.lists(st.tuples(st.sampled_from(among), st.integers(0, 6)), max_size=25)


@many
@given(plans(), actions(LOOKS))
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_it_does_not_matter_who_looks_when(transitions, plan, done):
    expected = predict(plan)
    with mock_codebuild(transitions=transitions) as mb:
        plan.prepare(mb)
        batch_id = start_batch()["id"]
        for act, number in done:
            act(mb, batch_id, number)
        batch = run_out(batch_id, mb)
        check_over(batch)
        assert outcome(batch) == expected


@many
@given(plans(hanging=True), actions(MEDDLING))
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_whatever_is_done_to_it_a_batch_holds_together(transitions, plan, done):
    with mock_codebuild(transitions=transitions) as mb:
        plan.prepare(mb)
        batch_id = start_batch()["id"]
        for act, number in done:
            act(mb, batch_id, number)
        batch = run_out(batch_id, mb)
        assert batch["complete"]
        assert {one["currentBuildSummary"]["buildStatus"] for one in batch["buildGroups"]} <= FINAL
        for build in builds_of(batch).values():
            assert build["buildComplete"]
            assert build["endTime"] <= batch["endTime"]
            check_phases(build["phases"])
        CLIENT.delete_build_batch(id=batch_id)
        assert CLIENT.list_builds()["ids"] == []


@many
@given(plans(), st.integers(1, 3))
def test_builds_that_wait_for_capacity_end_the_same_in_every_mode(plan, places):
    ends = []
    for transitions in ("settled", "stepped", "timed"):
        with mock_codebuild(transitions=transitions) as mb:
            fleet = CLIENT.create_fleet(
                name="crew",
                baseCapacity=places,
                overflowBehavior="QUEUE",
                environmentType="LINUX_CONTAINER",
                computeType="BUILD_GENERAL1_SMALL",
            )["fleet"]
            mb.clock.tick(hours=1)
            plan.prepare(mb, environment=environment(fleet={"fleetArn": fleet["arn"]}))
            batch = run_out(start_batch()["id"], mb)
            check_over(batch)
            ends.append(outcome(batch))
    assert ends[0] == ends[2]
    assert ends[1] == ends[2]
