"""What the step actions of workflows do, how long it takes them, and what they give.

Seconds of the default workflows' actions are those of a recorded build, the others guesses. The
names of outputs are documented; their form is recorded of some.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from mockbuild.engine.image_containers import pushes
from mockbuild.engine.image_distribution import (
    PUSH_SECONDS,
    Copy,
    Distribution,
    built_ami,
    end_of,
    summary,
)
from mockbuild.engine.image_events import Collected
from mockbuild.engine.image_making import TICK
from mockbuild.engine.image_outputs import Ami
from mockbuild.engine.step_inputs import (
    configurations_wanted,
    copies_wanted,
    mappings,
    shares_wanted,
)
from mockbuild.engine.workflow_values import as_json

if TYPE_CHECKING:
    from mockbuild.engine.image_events import Step
    from mockbuild.engine.image_job import ComponentPlan
    from mockbuild.engine.image_run import ImageRun

#: Phases of components by the type of the workflow that runs them; the last of tests is of
#: containers.
PHASES: Final[Mapping[str, tuple[str, ...]]] = {
    "BUILD": ("build", "validate"),
    "TEST": ("test", "container-host-test"),
}
_SECONDS: Final[Mapping[str, float]] = {
    "BootstrapInstanceForContainer": 84.0,
    "CollectImageMetadata": 94.449,
    "CollectImageScanFindings": 63.0,
    "CreateImage": 144.636,
    "CreateImageFromIso": 2700.0,
    "DistributeContainerImage": PUSH_SECONDS,
    "ExecuteComponents": 38.0,
    "ExecuteStateMachine": 31.0,
    "LaunchInstance": 147.404,
    "RegisterImage": 24.0,
    "RunCommand": 12.0,
    "RunSysPrep": 210.0,
    "SanitizeInstance": 9.817,
    "TerminateInstance": 3.586,
    "WaitForSSMAgent": 42.0,
}
_LAUNCH_WITHOUT_CHECKS: Final = 34.0
_FULL_TERMINATION: Final = 47.0
#: How often the health of an instance is looked at, in seconds; as recorded.
_CHECK_SECONDS: Final = 45.757


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong in a step.

    :param context: what it adds to the failure context of the image.
    :param lines: what there is in the log of it.
    """

    message: str
    context: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a step.

    :param end: when it was over.
    """

    end: float
    outputs: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One step that is to be done.

    :param run: the making of the image.
    :param stage: the type of the workflow.
    :param at: when it begins.
    :param seconds: how long it takes.
    """

    run: "ImageRun"
    stage: str
    execution_id: str
    step: "Step"
    inputs: Mapping[str, Any]
    at: float
    seconds: float

    def begin(self, pause: float, seconds: float | None) -> "Task":
        """Return it as it is after a pause.

        :param seconds: how long it takes, if anything was said of that.
        """
        return replace(
            self, at=self.at + pause, seconds=self.seconds if seconds is None else seconds
        )

    @property
    def end(self) -> float:
        """When it is over."""
        return self.at + self.seconds

    @property
    def components(self) -> "list[ComponentPlan]":
        """The components that have something to run in this stage."""
        phases = PHASES.get(self.stage, ())
        return [one for one in self.run.job.components if one.phases(phases)]

    @property
    def has_nothing_to_do(self) -> bool:
        """Whether it is skipped, though no condition says so: recorded where nothing is to run."""
        return self.step.action == "ExecuteComponents" and not self.components

    def done(self, **outputs: Any) -> Result:
        """Return the result of doing it without a fault."""
        return Result(self.end, outputs)


def usual_seconds(step: "Step", inputs: Mapping[str, Any]) -> float:
    """Return how long a step takes where nothing is said of it."""
    if step.action == "LaunchInstance" and inputs.get("healthCheck") == "RUNNING":
        return _LAUNCH_WITHOUT_CHECKS
    if step.action == "TerminateInstance" and inputs.get("waitForTermination") is True:
        return _FULL_TERMINATION
    return _SECONDS.get(step.action, 0.0)


def carry_out(task: Task) -> Result:
    """Do what a step does."""
    return _ACTIONS.get(task.step.action, _command)(task)


def summary_of(task: Task, status: str, message: str, steps: int) -> dict[str, Any]:
    """Return what AWSTOE prints of a run, as recorded."""
    return {
        "executionId": task.run.names.of(f"toe/{task.step.step_id}"),
        "status": status,
        "failedStepCount": 0 if status == "success" else 1,
        "executedStepCount": steps,
        "ignoredFailedStepCount": 0,
        "failureMessage": message,
        "logUrl": _log_url(task),
    }


def _log_url(task: Task) -> str:
    job = task.run.job
    s3 = job.infrastructure.get("logging", {}).get("s3Logs", {})
    if not s3.get("s3BucketName"):
        return f"/var/lib/amazon/toe/TOE_{task.run.names.of(f'toe/{task.step.step_id}')}"
    prefix = s3.get("s3KeyPrefix", "").strip("/")
    parts = (prefix, job.name, job.arn.version, task.execution_id, task.step.name)
    return f"s3://{s3['s3BucketName']}/{'/'.join(part for part in parts if part)}"


def run_command_id(task: Task) -> str:
    """Return the id of the Systems Manager command that carries a step out."""
    return task.run.names.of(f"command/{task.step.step_id}")


def _launch(task: Task) -> Result:
    instance = task.run.names.instance(task.step.step_id)
    say = task.run.say
    say(task.at + 1.542, "Launching instance")
    say(task.at + 3.018, f"Launched instance (instance id: {instance})")
    if task.inputs.get("healthCheck") != "RUNNING":
        at, attempt = task.at + 8.759, 1
        while at < task.end:
            say(
                at,
                f"Waiting for instance availability (id: {instance}, "
                f"expected state: ['passed']). Attempt number: {attempt}.",
            )
            at, attempt = at + max(_CHECK_SECONDS, task.seconds / 20), attempt + 1
    return task.done(instanceId=instance)


def _components(task: Task) -> Result:
    steps = [
        step
        for one in task.components
        for phase in one.phases(PHASES[task.stage])
        for step in phase.steps
    ]
    task.run.say(task.end, *_console(task.components, task.stage))
    told = as_json(summary_of(task, "success", "", len(steps)))
    return task.done(runCommandId=run_command_id(task), status="Success", output=told)


def _console(components: "Iterable[ComponentPlan]", stage: str) -> Iterator[str]:
    """Go through what AWSTOE writes of components, as far as it does not depend on what they do."""
    for one in components:
        yield f"Document {one.arn}"
        for phase in one.phases(PHASES[stage]):
            yield f"Phase {phase.name}"
            for step in phase.steps:
                yield f"Step {step.name}"
    yield "TOE has completed execution successfully"


def _command(task: Task) -> Result:
    """Do what consists in running a command of Systems Manager."""
    output: str | list[str] = [""] if task.step.action == "RunCommand" else ""
    return task.done(status="Success", output=output, runCommandId=run_command_id(task))


def _metadata(task: Task) -> Result:
    run = task.run
    packages = run.packages
    if run.job.metadata:
        run.emit(Collected(task.end, packages=packages))
    association = run.names.of(f"association/{task.step.step_id}")
    return task.done(osVersion=run.job.os_version, associationId=association)


def _findings(task: Task) -> Result:
    task.run.scan.collect(task.at, task.end)
    return _command(task)


def _image(task: Task) -> Result:
    ami, refused = _build(task)
    return refused or task.done(imageId=ami.image_id)


def _iso(task: Task) -> Result:
    ami, refused = _build(task)
    snapshot = task.run.names.snapshot(task.step.step_id)
    return refused or task.done(amiName=ami.name, snapshotId=snapshot, architecture="x86_64")


def _build(task: Task) -> tuple[Ami, Result | None]:
    """Make the AMI that is the image's; return it, and the result of the step if it is refused."""
    run = task.run
    key = f"built/{task.step.name}"
    text = task.inputs.get("description")
    ami = built_ami(run.job, run.names.ami(key), task.end, None if text is None else str(text))
    refusal = run.make(task.end, key, ami)
    if not refusal:
        run.carried.build(ami, task.end)
        return ami, None
    message = f"{refusal} in workflow step {task.step.name}"
    return ami, Result(task.end + TICK, {"errorMessage": refusal}, Fault(message))


def _nothing(task: Task) -> Result:
    return task.done()


def _agent(task: Task) -> Result:
    return task.done(status="Online")


def _state_machine(task: Task) -> Result:
    machine = str(task.inputs.get("stateMachineArn", ""))
    name = task.run.names.of(f"machine/{task.step.step_id}")
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    return task.done(executionArn=arn, output="{}")


# Distribution


def _distribute(task: Task) -> Result:
    """Copy the AMI; what the step says itself takes the place of the distribution (documented)."""
    given = task.inputs.get("distributions")
    plan = task.run.copy_plan() if given is None else copies_wanted(given)
    copies = Distribution(task.run, f"{task.step.name}/").copy(task.at, plan)
    task.run.copies[task.step.name] = copies
    return _distributed(task, copies, "distributedImages", "CopyAmiRunning")


def _share(task: Task) -> Result:
    given = task.inputs.get("attributes")
    plan = task.run.share_plan() if given is None else shares_wanted(given)
    shared = Distribution(task.run, f"{task.step.name}/").share(task.at, _named(task), plan)
    return _distributed(task, shared, "modifiedImages", "ModifyAmiRunning")


def _configure(task: Task) -> Result:
    given = task.inputs.get("configurations")
    plan = task.run.job.distributions if given is None else configurations_wanted(given)
    done = Distribution(task.run, f"{task.step.name}/").configure(task.at, _named(task), plan)
    return _distributed(task, done, "configuredImages", "")


def _named(task: Task) -> list[Copy]:
    """Return the copies that the step is given, as the output of another."""
    named = {one.get("amiId") for one in mappings(task.inputs.get("distributedImages"))}
    known = [copy for copies in task.run.copies.values() for copy in copies]
    return [one for one in known if one.ami is not None and one.ami.image_id in named]


#: What the outputs of steps call the steps of a configuration.
_RUNNING: Final[Mapping[str, str]] = {
    "ASSOCIATE_LICENSES": "AssociateLicensesRunning",
    "UPDATE_LAUNCH_TEMPLATES": "UpdateLaunchTemplateRunning",
    "PUT_SSM_PARAMETERS": "PutSsmParametersRunning",
    "UPDATE_FAST_LAUNCH_CONFIGURATIONS": "UpdateFastLaunchConfiguration",
    "EXPORT_AMI": "ExportAmiRunning",
}


def _distributed(task: Task, copies: Sequence[Copy], output: str, at_step: str) -> Result:
    shown = [one.shown(_RUNNING.get(one.configuration_step, at_step)) for one in copies]
    failed = [one for one in copies if one.ends]
    end = max(end_of(copies, task.at), task.end)
    if not failed:
        return Result(end, {output: shown})
    return Result(
        end + TICK,
        {output: shown},
        Fault(
            f"{summary(failed)} in workflow step {task.step.name}", task.run.region_failures(failed)
        ),
    )


def _distribute_container(task: Task) -> Result:
    run = task.run
    copies = Distribution(run, f"{task.step.name}/").push(task.end, pushes(run.job, run.stamp))
    failed = [one for one in copies if one.ends]
    outputs = {
        "status": "Failed" if failed else "Success",
        "succeededRegions": [one.region for one in copies if not one.ends],
        "failedRegions": [one.region for one in failed],
    }
    if not failed:
        return Result(task.end, outputs)
    message = f"{summary(failed)} in workflow step {task.step.name}"
    return Result(task.end + TICK, outputs, Fault(message, run.region_failures(failed)))


_ACTIONS: Final[Mapping[str, Callable[[Task], Result]]] = {
    "ApplyImageConfigurations": _configure,
    "CollectImageMetadata": _metadata,
    "CollectImageScanFindings": _findings,
    "CreateImage": _image,
    "CreateImageFromIso": _iso,
    "DistributeContainerImage": _distribute_container,
    "DistributeImage": _distribute,
    "ExecuteComponents": _components,
    "ExecuteStateMachine": _state_machine,
    "LaunchInstance": _launch,
    "ModifyImageAttributes": _share,
    "RegisterImage": _image,
    "TerminateInstance": _nothing,
    "WaitForSSMAgent": _agent,
}
