"""What test authors say about images to come."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mockbuild._said import Said
from mockbuild.domain.image_lifecycle import MAKING
from mockbuild.engine.image_outputs import CONFIGURATION_STEPS
from mockbuild.engine.image_scan import SEVERITIES
from mockbuild.engine.image_scenario import (
    UNSAID,
    ImageScenario,
    StageFailure,
    StepFailure,
)
from mockbuild.errors import ConfigurationError
from mockbuild.wire.service import service_wire

if TYPE_CHECKING:
    from botocore.model import Shape

ANY_IMAGE: Final = "*"
#: The step that most of an image's time goes into.
_BUILD_STEP: Final = "ApplyBuildComponents"
#: The exit status by which a command on Linux has the instance rebooted and its step run again.
_REBOOT: Final = 194
_REGION_ENDS: Final = ("FAILED", "CANCELLED", "TIMED_OUT")
#: Members of a finding that it has from its image, and one that has an argument of its own.
_NOT_SAID: Final = ("awsAccountId", "imageBuildVersionArn", "imagePipelineArn", "fixAvailable")


class ImageScriptBuilder:
    """Says what images do; every method returns the builder, so they chain.

    Steps go by their names in the workflows' documents: ``LaunchBuildInstance``,
    ``ApplyBuildComponents``, ``ApplyTestComponents`` … are those of Amazon's workflows. What is
    said of a step that no workflow of an image has, has no effect on it.
    """

    def __init__(self) -> None:
        self.scenario = UNSAID

    def fails(
        self,
        workflow_step: str = _BUILD_STEP,
        /,
        *,
        component: str = "",
        phase: str = "",
        step: str = "",
        action: str = "",
        message: str = "",
        exit_code: int = 1,
        stderr: str = "",
    ) -> "ImageScriptBuilder":
        """Let a step of a workflow fail.

        ``mb.script(image="web").fails("ApplyBuildComponents", component="install", exit_code=2)``

        :param workflow_step: its name in the workflow's document.
        :param component: the component that fails, by name or ARN; by default, the first of those
            that the step runs.
        :param phase: the phase of the component's document in which it does, and
        :param step: the step of that phase; by default, the first there is.
        :param action: the action module of that step, where the document does not say it.
        :param message: what went wrong. Of a component, it is ``exit status 1`` by default, of
            other steps what the service says of such a step.
        :param exit_code: exit status of the component's step.
        :param stderr: what it prints to standard error, for the log.
        :raises ConfigurationError: an exit status that is none, success, or no failure.
        """
        if not 1 <= exit_code <= 255:
            raise ConfigurationError(f"exit_code is from 1 to 255, not {exit_code!r}")
        if exit_code == _REBOOT:
            raise ConfigurationError(
                f"exit_code {_REBOOT} is no failure: it asks for a reboot, and the step runs again"
            )
        failure = StepFailure(message, exit_code, component, phase, step, action, stderr)
        return self._put(failures={**self.scenario.failures, workflow_step: failure})

    def fails_in(
        self,
        status: str,
        *,
        message: str = "",
        region: str = "",
        account: str = "",
        configuration_step: str = "",
        ends: str = "FAILED",
    ) -> "ImageScriptBuilder":
        """Let the image fail while it is in a state, not in a step of a workflow.

        ``mb.script(image="web").fails_in("DISTRIBUTING", region="eu-west-1", message="no key")``

        :param status: the state: ``CREATING``, ``DISTRIBUTING``, ``INTEGRATING`` …
        :param region: and *account*: where, of what it is distributed to; everywhere by default.
        :param configuration_step: of INTEGRATING, the step that fails: ``UPDATE_LAUNCH_TEMPLATES``,
            ``PUT_SSM_PARAMETERS``, ``EXPORT_AMI`` …
        :param ends: how it ends in these regions: ``FAILED``, ``CANCELLED`` or ``TIMED_OUT``.
        :raises ConfigurationError: there is no such state, step or end, or only distribution has
            regions, accounts and steps.
        """
        _check(status, MAKING, "status")
        _check(ends, _REGION_ENDS, "ends")
        if (region or account) and status not in ("DISTRIBUTING", "INTEGRATING"):
            raise ConfigurationError(f"an image is in no region while it is {status}")
        if configuration_step:
            _check(configuration_step, CONFIGURATION_STEPS, "configuration_step")
            if status != "INTEGRATING":
                raise ConfigurationError("configuration_step goes with INTEGRATING only")
        failure = StageFailure(status, message, region, account, configuration_step, ends)
        return self._put(stages=(*self.scenario.stages, failure))

    def takes(
        self, seconds: float = 0, *, minutes: float = 0, step: str = _BUILD_STEP
    ) -> "ImageScriptBuilder":
        """Let a step take so long; one that has less time than that times out.

        :param step: its name, or that of a state in which no workflow runs: ``PENDING``,
            ``DISTRIBUTING`` …
        :raises ConfigurationError: the time makes no sense.
        """
        span = seconds + 60 * minutes
        if not 0 <= span < float("inf"):
            raise ConfigurationError(f"a step cannot take {span} seconds; say hangs()")
        return self._put(seconds={**self.scenario.seconds, step: max(span, 0.001)})

    def hangs(self, step: str = _BUILD_STEP) -> "ImageScriptBuilder":
        """Let a step, or a state, go on until it times out on the clock or is cancelled."""
        return self._put(hangs=self.scenario.hangs | {step})

    def outputs(
        self, step: str, values: Mapping[str, Any] | None = None, /, **more: Any
    ) -> "ImageScriptBuilder":
        """Let a step have these outputs, in place of those it would have under these names.

        ``mb.script(image="web").outputs("RunChecks", status="Success", output=["42"])``

        :raises ConfigurationError: they cannot be written as JSON.
        """
        _check_json({**(values or {}), **more})
        said = {**self.scenario.outputs.get(step, {}), **(values or {}), **more}
        return self._put(outputs={**self.scenario.outputs, step: said})

    def packages(
        self, packages: Mapping[str, str] | None = None, /, **more: str
    ) -> "ImageScriptBuilder":
        """Let these packages be on the image: versions by name.

        :raises ConfigurationError: a name or a version is no text, or empty.
        """
        said = {**(self.scenario.packages or {}), **(packages or {}), **more}
        for text in (text for package in said.items() for text in package):
            if not isinstance(text, str) or not text:
                raise ConfigurationError(f"packages are versions by name, both texts; not {text!r}")
        return self._put(packages=said)

    def finds(
        self,
        vulnerability: str,
        severity: str = "HIGH",
        *,
        fix_available: str = "YES",
        **members: Any,
    ) -> "ImageScriptBuilder":
        """Let a scan find a vulnerability.

        ``mb.script(image="web").finds("CVE-2026-1234", "CRITICAL", title="bash")``

        :param severity: ``LOW``, ``MEDIUM``, ``HIGH`` …
        :param fix_available: ``YES``, ``NO`` or ``PARTIAL``.
        :param members: more members of the finding, by the names they have in
            ``ListImageScanFindings``. Dates are ``datetime``, in UTC if they have no zone, seconds
            since the epoch, or text in ISO 8601; by default they are those of the scan.
        :raises ConfigurationError: there is no such severity or answer, or a member is not what the
            API has under that name.
        """
        _check(severity, ("UNTRIAGED", *SEVERITIES), "severity")
        _check(fix_available, ("YES", "NO", "PARTIAL"), "fix_available")
        for name in _NOT_SAID:
            if name in members:
                raise ConfigurationError(
                    f"finds() takes no {name}: it is the image's, or said by fix_available"
                )
        details = members.pop("packageVulnerabilityDetails", {})
        if isinstance(details, Mapping):
            details = {**details, "vulnerabilityId": vulnerability}
        finding = {
            "type": "PACKAGE_VULNERABILITY",
            "severity": severity,
            "fixAvailable": fix_available,
            "packageVulnerabilityDetails": details,
            **members,
        }
        return self._put(findings=(*self.scenario.findings, _read_finding(finding)))

    def _put(self, **changes: Any) -> "ImageScriptBuilder":
        self.scenario = replace(self.scenario, **changes)
        return self


def _read_finding(finding: dict[str, Any]) -> dict[str, Any]:
    """Return a finding as the API has it, its dates as numbers.

    :raises ConfigurationError: it is not what the model says that findings are.
    """
    from botocore.validate import ParamValidator  # not needed by those who never say findings

    shape = service_wire("imagebuilder").model.shape_for("ImageScanFinding")
    try:
        report = ParamValidator().validate(finding, shape)
    except RuntimeError as error:  # a time too far away for botocore's calendar
        raise ConfigurationError(f"a finding is not valid: {error}") from None
    if report.has_errors():
        raise ConfigurationError(f"a finding is not valid: {report.generate_report()}")
    read: dict[str, Any] = _read(finding, shape)
    _check_json(read)
    return read


def _read(value: Any, shape: "Shape") -> Any:
    """Return a value of *shape* with dates as numbers; those without a zone are in UTC."""
    kind = shape.type_name
    if kind == "structure":
        return {name: _read(one, shape.members[name]) for name, one in value.items()}
    if kind == "list":
        return [_read(one, shape.member) for one in value]
    if kind == "timestamp" and not isinstance(value, int | float):
        from botocore.utils import parse_timestamp

        moment = value if isinstance(value, datetime) else parse_timestamp(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(value) if kind == "double" else value


def _check_json(value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"not a value that JSON has: {error}") from None


def _check(value: str, allowed: Iterable[str], what: str) -> None:
    names = list(allowed)
    if value not in names:
        raise ConfigurationError(f"{what} is one of {', '.join(names)}; not {value!r}")


class ImageScripts:
    """The scripts for images of one mock."""

    def __init__(self) -> None:
        self._said: Said[str, ImageScriptBuilder] = Said()

    def add(self, name: str, times: int | None) -> ImageScriptBuilder:
        """Start a script for images of that name: the next *times*, or all.

        :param name: of a recipe or a pipeline, or the ARN of one; ``*`` is any.
        """
        return self._said.add(name, ImageScriptBuilder(), times)

    def next_for(self, names: Iterable[str]) -> ImageScenario:
        """Return what the next image does, and count it as started.

        :param names: those that it goes by, the most particular first.
        """
        script = self._said.for_next((*names, ANY_IMAGE))
        return UNSAID if script is None else script.scenario
