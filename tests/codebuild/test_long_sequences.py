"""Long random sequences of calls, with time passing between them, beside a small plain model."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import GRAPH
from tests.codebuild.factory import CLIENT, EVERY_PHASE, ROLE, members

pytestmark = pytest.mark.docs

NAMES = st.sampled_from(["web", "api", "cli", "db"])
FINAL = {"SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED"}
SCRIPTS = st.sampled_from(
    [
        lambda script: script,
        lambda script: script.fails("INSTALL"),
        lambda script: script.fails("BUILD"),
        lambda script: script.faults(),
        lambda script: script.takes(minutes=20),
        lambda script: script.takes(minutes=90),
        lambda script: script.hangs("BUILD"),
        lambda script: script.reports("unit", passed=3),
    ]
)


def code_of(call: Any, **params: Any) -> str | None:
    try:
        call(**params)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


class CodeBuildMachine(RuleBasedStateMachine):
    """What must hold whatever is called in whatever order.

    The model: which projects there are, which builds each has had and in what order, and what was
    last seen of each build.
    """

    builds = Bundle("builds")
    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self.projects: dict[str, list[str]] = {}
        self.numbers: dict[str, int] = {}
        self.all: list[str] = []
        self.seen: dict[str, tuple[int, str]] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.of_batches: list[str] = []
        self.ended: dict[str, str] = {}
        self.mock: Any = None

    @initialize(transitions=st.sampled_from(["settled", "stepped", "timed"]))
    def begin(self, transitions: str) -> None:
        self.mock = mock_codebuild(transitions=transitions, clock="virtual")
        self.mb = self.mock.start()
        self.transitions = transitions

    def teardown(self) -> None:
        if self.mock is not None:
            self.mock.stop()

    # Projects

    @rule(name=NAMES)
    def create_project(self, name: str) -> None:
        changes = {"source": {"type": "NO_SOURCE", "buildspec": GRAPH}}
        wanted = members(name, buildBatchConfig={"serviceRole": ROLE}, **changes)
        code = code_of(CLIENT.create_project, **wanted)
        if name in self.projects:
            assert code == "ResourceAlreadyExistsException"
            return
        assert code is None
        self.projects[name] = []
        self.numbers[name] = 0

    @rule(name=NAMES)
    def delete_project(self, name: str) -> None:
        assert code_of(CLIENT.delete_project, name=name) is None
        self.projects.pop(name, None)

    @rule(name=NAMES, text=st.text("ab", max_size=3))
    def update_project(self, name: str, text: str) -> None:
        code = code_of(CLIENT.update_project, name=name, description=text)
        assert code == (None if name in self.projects else "ResourceNotFoundException")

    @rule(name=NAMES, script=SCRIPTS, times=st.sampled_from([None, 1, 2]))
    def script(self, name: str, script: Any, times: int | None) -> None:
        script(self.mb.script(name, times=times))

    # Builds

    @rule(target=builds, name=NAMES)
    def start_build(self, name: str) -> Any:
        if name not in self.projects:
            assert code_of(CLIENT.start_build, projectName=name) == "ResourceNotFoundException"
            return multiple()
        return self.started(name, CLIENT.start_build(projectName=name)["build"])

    @rule(target=builds, build=builds)
    def retry_build(self, build: str) -> Any:
        name = build.partition(":")[0]
        if build not in self.all or name not in self.projects:
            assert code_of(CLIENT.retry_build, id=build) == "ResourceNotFoundException"
            return multiple()
        return self.started(name, CLIENT.retry_build(id=build)["build"])

    def started(self, name: str, build: dict[str, Any]) -> str:
        self.numbers[name] += 1
        assert build["buildNumber"] == self.numbers[name]
        assert build["buildStatus"] == "IN_PROGRESS"
        assert build["id"] not in self.all
        self.all.append(build["id"])
        self.projects[name].append(build["id"])
        return build["id"]

    @rule(build=builds)
    def look(self, build: str) -> None:
        answer = CLIENT.batch_get_builds(ids=[build])
        if build not in self.all:
            assert answer["buildsNotFound"] == [build]
            return
        self.check(answer["builds"][0])

    @rule(build=builds)
    def stop_build(self, build: str) -> None:
        if build not in self.all:
            assert code_of(CLIENT.stop_build, id=build) == "ResourceNotFoundException"
            return
        stopped = CLIENT.stop_build(id=build)["build"]
        assert stopped["buildComplete"] is True
        self.check(stopped)

    @rule(build=consumes(builds))
    def delete_build(self, build: str) -> None:
        answer = CLIENT.batch_delete_builds(ids=[build])
        assert len(answer["buildsDeleted"]) + len(answer["buildsNotDeleted"]) == 1
        if answer["buildsDeleted"] and build in self.all:
            self.forget(build)

    def forget(self, build: str) -> None:
        self.all.remove(build)
        for ids in self.projects.values():
            if build in ids:
                ids.remove(build)

    def check(self, build: dict[str, Any]) -> None:
        """A build only goes on, its phases are in order, and what is over stays as it is."""
        phases = [phase["phaseType"] for phase in build["phases"]]
        assert phases == [name for name in EVERY_PHASE if name in phases]
        assert build["currentPhase"] == phases[-1]
        times = [phase["startTime"] for phase in build["phases"]]
        assert times == sorted(times)
        before, status = self.seen.get(build["id"], (0, "IN_PROGRESS"))
        assert len(phases) >= before
        assert status == "IN_PROGRESS" or status == build["buildStatus"]
        assert (build["buildStatus"] in FINAL) == build["buildComplete"] == ("endTime" in build)
        if build["id"] in self.records:
            assert build == self.records[build["id"]]
        if build["buildComplete"]:
            self.records[build["id"]] = build
        self.seen[build["id"]] = len(phases), build["buildStatus"]

    # Batches

    @rule(target=batches, name=NAMES)
    def start_batch(self, name: str) -> Any:
        if name not in self.projects:
            code = code_of(CLIENT.start_build_batch, projectName=name)
            assert code == "ResourceNotFoundException"
            return multiple()
        batch = CLIENT.start_build_batch(projectName=name)["buildBatch"]
        self.of_batches.append(batch["id"])
        self.take_up_builds()
        return batch["id"]

    @rule(batch=batches, how=st.sampled_from(["look", "stop"]))
    def look_at_batch(self, batch: str, how: str) -> None:
        if how == "stop":
            record = CLIENT.stop_build_batch(id=batch)["buildBatch"]
            assert record["complete"] is True
        else:
            record = CLIENT.batch_get_build_batches(ids=[batch])["buildBatches"][0]
        if record["complete"]:
            status = self.ended.setdefault(batch, record["buildBatchStatus"])
            assert record["buildBatchStatus"] == status
        else:
            assert batch not in self.ended
        self.take_up_builds()

    def take_up_builds(self) -> None:
        """Batches start builds by themselves: take up those that are new."""
        listed = CLIENT.list_builds(sortOrder="ASCENDING")["ids"]
        for build in listed:
            if build not in self.all:
                name = build.partition(":")[0]
                self.all.append(build)
                if name in self.projects and build in self.builds_of(name):
                    self.numbers[name] += 1
                    self.projects[name].append(build)

    @staticmethod
    def builds_of(name: str) -> list[str]:
        answer = CLIENT.list_builds_for_project(projectName=name, sortOrder="ASCENDING")
        return answer["ids"]

    # Time

    @rule(seconds=st.sampled_from([0.3, 5, 60, 1200, 40_000]))
    def wait(self, seconds: float) -> None:
        self.mb.clock.tick(seconds=seconds)
        CLIENT.list_builds()  # what is due happens with the next call
        self.take_up_builds()

    # What must always hold

    @precondition(lambda self: self.mock is not None)
    @invariant()
    def lists_show_what_there_is(self) -> None:
        assert sorted(CLIENT.list_projects()["projects"]) == sorted(self.projects)
        assert CLIENT.list_projects(sortBy="NAME", sortOrder="ASCENDING")["projects"] == sorted(
            self.projects
        )
        self.take_up_builds()
        assert sorted(CLIENT.list_builds()["ids"]) == sorted(self.all)
        for name, ids in self.projects.items():
            assert self.builds_of(name) == ids
        assert CLIENT.list_build_batches(sortOrder="ASCENDING")["ids"] == self.of_batches

    @precondition(lambda self: self.mock is not None)
    @invariant()
    def reports_are_of_builds(self) -> None:
        reports = CLIENT.list_reports()["reports"]
        assert len(set(reports)) == len(reports)
        self.take_up_builds()  # that was a look at batches, which may have started some


CodeBuildMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None
)
TestLongSequences = CodeBuildMachine.TestCase
