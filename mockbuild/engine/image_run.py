"""Writes down how an image is made: its whole future, from one state to the next."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockbuild.domain.image_lifecycle import AVAILABLE, FIRST
from mockbuild.engine.image_containers import pushes
from mockbuild.engine.image_distribution import (
    PUSH_SECONDS,
    Copy,
    Distribution,
    ami_settings,
    built_ami,
    end_of,
    summary,
)
from mockbuild.engine.image_events import Carried, Entered, Event, Made, Said
from mockbuild.engine.image_job import ImageJob, WorkflowPlan
from mockbuild.engine.image_making import (
    TICK,
    Attempt,
    Endless,
    Failed,
    Interference,
    Names,
)
from mockbuild.engine.image_outputs import Ami, Output
from mockbuild.engine.image_scan import Scan
from mockbuild.engine.image_scenario import ImageScenario, StageFailure
from mockbuild.engine.image_tests import run_tests
from mockbuild.engine.workflow_run import WorkflowRun

#: How long states last in which no workflow runs, in seconds. Recorded, but for imports.
PENDING_SECONDS: Final = 1.214
CREATING_SECONDS: Final = 0.454
DISTRIBUTING_SECONDS: Final = 6.998
INTEGRATING_SECONDS: Final = 6.156
VM_IMPORT_SECONDS: Final = 1260.0
ISO_IMPORT_SECONDS: Final = 5400.0
#: From the start of a state to that of its workflow, and from its end to the next state.
WORKFLOW_SECONDS: Final = 2.831
NEXT_STATE_SECONDS: Final = 2.719
#: What the service says of itself where it has nothing better to say; as recorded.
INTERNAL_ERROR: Final = "An internal error has occurred."
#: What the service calls its jobs, by the state of the image.
_JOBS: Final = {"DISTRIBUTING": "Distribution", "INTEGRATING": "Integration"}
#: How long states with nothing but a failure last.
_FAILING_SECONDS: Final = 1.3
#: A guess at what is on an image that nobody has said anything about.
_PACKAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "Linux": {
        "amazon-ssm-agent": "3.3.3050.0",
        "bash": "5.2.15",
        "curl": "8.11.1",
        "openssl": "3.2.2",
        "systemd": "252.23",
    },
    "Windows": {"Amazon SSM Agent": "3.3.3050.0", "AWS PV Drivers": "8.6.0"},
    "macOS": {"amazon-ssm-agent": "3.3.3050.0"},
}


class Written(NamedTuple):
    """A future.

    :param events: in order of time.
    :param stands: from when and until when nothing moves on but by the clock.
    """

    events: list[Event]
    stands: tuple[tuple[float, float], ...]


class ImageRun:
    """One go at making an image.

    :param job: what was asked for.
    :param scenario: what a test author has said about it.
    :param names: makes ids.
    :param interference: what has come from outside, up to now.
    :param left: what an earlier go has left; the run changes it.
    """

    def __init__(
        self,
        job: ImageJob,
        scenario: ImageScenario,
        attempt: Attempt,
        names: Names,
        interference: Interference,
        left: Carried,
    ) -> None:
        self.job = job
        self.scenario = scenario
        self.attempt = attempt
        self.names = names
        self.interference = interference
        self.carried = left
        self.events: list[Event] = []
        #: AMIs that steps of the workflow have distributed, by the name of the step.
        self.copies: dict[str, list[Copy]] = {}
        self._stands: list[tuple[float, float]] = []
        self._workflows = 0
        self._at = attempt.at
        #: The scan for vulnerabilities, if it is to be scanned.
        self.scan = Scan(self)
        if left.ami is None and job.base_image and job.type == "AMI":
            left.ami = Ami(job.base_image, job.region, job.account_id, job.name)

    @property
    def has_built(self) -> bool:
        """Whether it has made its AMI itself, and does not only test or distribute one."""
        return self.carried.stamp is not None

    @property
    def stamp(self) -> float:
        """The time that names of AMIs have in them."""
        return self.job.started if self.carried.stamp is None else self.carried.stamp

    @property
    def packages(self) -> Mapping[str, str]:
        """What is installed on the image."""
        said = self.scenario.packages
        return _PACKAGES[self.job.platform] if said is None else said

    # Writing

    def write(self) -> Written:
        """Write it all down."""
        stages: Mapping[str, Callable[[], None]] = {
            FIRST: self._pending,
            "CREATING": self._creating,
            "BUILDING": self._building,
            "TESTING": self._testing,
            "DISTRIBUTING": self._distributing,
            "INTEGRATING": self._integrating,
            AVAILABLE: lambda: self.scan.abandon(self._at),
        }
        status = FIRST
        try:
            for status in self._course():
                self.emit(Entered(self._at, status))
                if status != AVAILABLE:
                    self._fail_if_told(status)
                stages[status]()
        except Failed as failure:
            self.scan.abandon(failure.at)
            context = {"imageStatus": status, **failure.context}
            self.emit(Entered(failure.at, "FAILED", failure.reason[:1024], context))
        except Endless:
            pass
        events = sorted(self.events, key=lambda event: event.at)
        return Written(events, tuple(self._stands))

    def _course(self) -> Sequence[str]:
        """Return the states it goes through.

        Documented: build and test are left out where there is no workflow for them; distribution
        never is.
        """
        course = self.job.course
        kinds = {"BUILDING": "BUILD", "TESTING": "TEST"} if "TESTING" in course else {}
        states = [one for one in course if one not in kinds or self.job.workflows_of(kinds[one])]
        return states[states.index(self.attempt.first) :]

    def emit(self, event: Event) -> None:
        """Write an event down."""
        self.events.append(event._replace(at=round(event.at, 3)))

    def say(self, at: float, *lines: str) -> None:
        """Write lines to the log."""
        self.events.append(Said(round(at, 3), lines))

    def make(self, at: float, key: str, output: Output) -> str:
        """Have something made outside, and return what stands against it, if anything does."""
        refusal = self.interference.refusals.get(key, "")
        self.emit(Made(at, key, output, refusal))
        return refusal

    def stand(self, begin: float, end: float) -> None:
        """Note that nothing but the clock gets the image from *begin* to *end*."""
        self._stands.append((round(begin, 3), round(end, 3)))

    def forget(self, mark: int, until: float) -> None:
        """Let what was written since *mark* for later than *until* never happen."""
        self.events[mark:] = [event for event in self.events[mark:] if event.at <= until]

    def _fail_if_told(self, status: str) -> None:
        """Fail in a state, or stay in it for ever, if a test author has said so."""
        if status in self.scenario.hangs:
            self.stand(self._at, float("inf"))
            raise Endless
        told = self.scenario.failure_in(status)
        if told is not None and status not in ("DISTRIBUTING", "INTEGRATING"):
            at = self._at + self.scenario.seconds.get(status, _FAILING_SECONDS)
            raise Failed(at, told.message or INTERNAL_ERROR)

    def _last(self, status: str, seconds: float) -> None:
        self._at += self.scenario.seconds.get(status, seconds)

    # Stages

    def _pending(self) -> None:
        self.scan.announce(self._at)
        if self.job.course == (FIRST, AVAILABLE):  # an import that is under way already
            self._last(FIRST, VM_IMPORT_SECONDS)
            self._make_ami(self.job.base_image)
        else:
            self._last(FIRST, PENDING_SECONDS)

    def _creating(self) -> None:
        self._last("CREATING", CREATING_SECONDS)

    def _building(self) -> None:
        job = self.job
        self._check_recipe()
        if not job.workflows_of("BUILD"):
            self._last("BUILDING", ISO_IMPORT_SECONDS)
            self._make_ami(None)
            return
        if job.parent and not job.parent.startswith("ami-"):
            kind = "AMI" if job.type == "AMI" else "container image"
            self.say(
                self._at + 1.011,
                f"Resolved {'Image' if job.type == 'AMI' else 'Container'} Recipe parent image "
                f"{job.parent} to {kind} {job.base_image}.",
            )
        self._at += WORKFLOW_SECONDS
        for plan in job.workflows_of("BUILD"):
            run = self._new(plan)
            run.announce(self._at)
            self._at = run.go(self._at)
        self._at += NEXT_STATE_SECONDS

    def _check_recipe(self) -> None:
        """Fail without what the recipe needs; documented: no workflow has started then."""
        if self.job.missing:
            raise Failed(
                self._at + _FAILING_SECONDS,
                f"The {self.job.missing} does not exist or is not available.",
            )

    def _make_ami(self, image_id: str | None) -> None:
        image_id = image_id or self.names.ami("built")
        ami = built_ami(self.job, image_id, self._at, self.job.description)
        refusal = self.make(self._at, "built", ami)
        if refusal:
            raise Failed(self._at + TICK, refusal)
        self.carried.build(ami, self._at)

    def _testing(self) -> None:
        self._check_recipe()
        self.scan.begin(self._at)
        self._at += WORKFLOW_SECONDS
        tests = [self._new(plan) for plan in self.job.workflows_of("TEST")]
        for run in tests:
            run.announce(self._at)
        self._at = run_tests(tests, self._at)
        self._at = self.scan.finish(self._at)
        self._at += NEXT_STATE_SECONDS

    def _new(self, plan: WorkflowPlan) -> WorkflowRun:
        self._workflows += 1
        return WorkflowRun(self, plan, self._workflows)

    # Distribution

    def _distributing(self) -> None:
        plans = self.job.workflows_of("DISTRIBUTION")
        if plans:
            self._at += WORKFLOW_SECONDS
            for plan in plans:
                run = self._new(plan)
                run.announce(self._at)
                self._at = run.go(self._at)
            self._at += NEXT_STATE_SECONDS
            return
        distribution = Distribution(self)
        if self.job.type == "AMI":
            copies = distribution.copy(self._at, self.copy_plan())
        else:
            copies = distribution.push(self._at + PUSH_SECONDS, pushes(self.job, self.stamp))
        self._at = end_of(copies, self._at)
        failed = [one for one in copies if one.ends] or self._told_to_fail("DISTRIBUTING", copies)
        if not failed:
            shared = distribution.share(self._at, copies, self.share_plan())
            self._at = end_of(shared, self._at)
            failed = [one for one in shared if one.ends]
        self._last("DISTRIBUTING", DISTRIBUTING_SECONDS)
        if failed:
            raise self._distribution_failed("DISTRIBUTING", failed)

    def _integrating(self) -> None:
        begin = self._at
        done: list[Copy] = []
        if self.job.type == "AMI" and not self.job.workflows_of("DISTRIBUTION"):
            copies = [
                Copy(*place, ami.name, begin, begin, ami)
                for place, ami in self.carried.copies.items()
            ]
            done = Distribution(self).configure(begin, copies, self.job.distributions)
        self._at = end_of(done, begin)
        self._last("INTEGRATING", INTEGRATING_SECONDS)
        failed = [one for one in done if one.ends] or self._told_to_fail("INTEGRATING", done)
        if failed:
            raise self._distribution_failed("INTEGRATING", failed)

    def _told_to_fail(self, status: str, done: Sequence[Copy]) -> list[Copy]:
        """Return a failure that a test author has told of where nothing is distributed to."""
        told: StageFailure | None = next(
            (one for one in self.scenario.stages if one.status == status), None
        )
        if told is None or any(told.concerns(one.region, one.account_id) for one in done):
            return []
        region, account = told.region or self.job.region, told.account or self.job.account_id
        if told.region and all(one["region"] != told.region for one in self.job.distributions):
            return []
        message = told.message or INTERNAL_ERROR
        return [
            Copy(
                region, account, "", self._at, self._at, None, told.ends, message,
                told.configuration_step,
            )
        ]  # fmt: skip

    def _distribution_failed(self, status: str, failed: Sequence[Copy]) -> Failed:
        """Return the failure of what is no workflow; the form of ``Integration`` is recorded."""
        job_id = self.names.job(status, self.attempt.number)
        reason = (
            f"{_JOBS[status]} failed with JobId '{job_id}', status = 'Failed' "
            f"for ARN '{self.job.arn}'. {summary(failed)}"
        )
        return Failed(self._at, reason, self.region_failures(failed))

    def region_failures(self, failed: Sequence[Copy]) -> dict[str, Any]:
        """Return the part of the failure context that is about regions."""
        failures = [one.failure(self.job.account_id) for one in failed]
        return {
            "distributionFailure": {"errorMessage": summary(failed), "regionFailures": failures}
        }

    def copy_plan(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return where the image's AMI is to be copied to, and what is said of it there."""
        plan = [(one["region"], ami_settings(one)) for one in self.job.distributions]
        return [(region, settings) for region, settings in plan if settings is not None]

    def share_plan(self) -> dict[str, Mapping[str, Any]]:
        """Return the launch permissions that the distribution gives, by region."""
        return {
            region: settings["launchPermission"]
            for region, settings in self.copy_plan()
            if settings.get("launchPermission")
        }
