"""What test authors say about builds to come, and about calls that are to fail."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockbuild.domain import aws_errors
from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.lifecycle import BUILD_PHASES, COMMAND_PHASES
from mockbuild.engine.scenario import UNSAID, Scenario
from mockbuild.errors import ConfigurationError
from mockbuild.machines.simulated import Failure
from mockbuild.wire.gateway import Caller

ANY_PROJECT = "*"
_PHASES = tuple(name for name in BUILD_PHASES if name != "SUBMITTED")


class ScriptBuilder:
    """Says what builds of a project do; every method returns the builder, so they chain.

    All it says is about simulated builds: a build that really runs does what it does.
    """

    def __init__(self, times: int | None) -> None:
        #: How many builds it is still good for; ``None`` is all of them.
        self.left = times
        self.scenario = UNSAID

    def fails(
        self,
        phase: str = "BUILD",
        *,
        exit_code: int = 1,
        output: str = "",
        command: str | None = None,
        status_code: str = "CLIENT_ERROR",
        message: str = "",
    ) -> "ScriptBuilder":
        """Let *phase* fail.

        :param phase: one of the build's phases, as the API prints it.
        :param exit_code: exit status of the phase's last command.
        :param output: what that command prints before.
        :param command: its text, where the buildspec has none or is not known; ``exit N``
            unless given.
        :param status_code: of the phase's context, in a phase that runs no commands.
        :param message: of the phase's context, in a phase that runs no commands.
        :raises ConfigurationError: no such phase, or an exit status that is none or success.
        """
        _check_phase(phase, COMMAND_PHASES if output else _PHASES)
        if not 1 <= exit_code <= 255:
            raise ConfigurationError(f"exit_code is from 1 to 255, not {exit_code!r}")
        failure = Failure(exit_code, command, status_code, message)
        self._put(failures={**self.scenario.machine.failures, phase: failure})
        return self.prints(output, phase=phase) if output else self

    def prints(self, text: str, *, phase: str = "BUILD") -> "ScriptBuilder":
        """Let the last command of *phase* print *text*."""
        _check_phase(phase, COMMAND_PHASES)
        self._put(output={**self.scenario.machine.output, phase: text})
        return self

    def takes(
        self, seconds: float = 0, *, minutes: float = 0, phase: str = "BUILD"
    ) -> "ScriptBuilder":
        """Let *phase* take so long in all, but at least a millisecond, so that it can be seen."""
        _check_phase(phase)
        span = seconds + 60 * minutes
        if not 0 <= span < float("inf"):
            raise ConfigurationError(f"a phase cannot take {span} seconds")
        self._put(seconds={**self.scenario.machine.seconds, phase: max(span, 0.001)})
        return self

    def hangs(self, phase: str = "BUILD") -> "ScriptBuilder":
        """Let *phase* go on until the build is stopped or times out on the clock."""
        _check_phase(phase)
        self._put(hangs=phase)
        return self

    def faults(self, message: str = "Internal service error") -> "ScriptBuilder":
        """Let the build end as FAULT in PROVISIONING, as when AWS itself has a problem."""
        self._put(breaks=message)
        return self

    def exports(self, values: Mapping[str, str] | None = None, /, **more: str) -> "ScriptBuilder":
        """Let variables have these values after the commands; a buildspec says which to export."""
        self._put(exports={**self.scenario.machine.exports, **(values or {}), **more})
        return self

    def writes(self, files: Mapping[str, str | bytes]) -> "ScriptBuilder":
        """Let these files lie in the source folder after the commands, for artifacts.

        :param files: contents by path relative to the source folder; text is written as UTF-8.
        """
        contents = {
            path: content.encode() if isinstance(content, str) else bytes(content)
            for path, content in files.items()
        }
        if bad := [path for path in files if path.startswith("/") or ".." in path.split("/")]:
            raise ConfigurationError(f"paths are relative to the source folder; {bad[0]!r} is not")
        self._put(files={**self.scenario.machine.files, **contents})
        return self

    def _put(self, **changes: Any) -> None:
        machine = replace(self.scenario.machine, **changes)
        self.scenario = replace(self.scenario, machine=machine)


def _check_phase(phase: str, allowed: tuple[str, ...] = _PHASES) -> None:
    if phase not in allowed:
        raise ConfigurationError(f"phase is one of {', '.join(allowed)}; not {phase!r}")


class Scripts:
    """The scripts of one mock, by project."""

    def __init__(self) -> None:
        self._counted: dict[str, list[ScriptBuilder]] = defaultdict(list)
        self._standing: dict[str, ScriptBuilder] = {}

    def add(self, project: str, times: int | None) -> ScriptBuilder:
        """Start a script for builds of *project*: the next *times*, or all."""
        if times is not None and times < 1:
            raise ConfigurationError(f"times is at least 1, not {times!r}")
        builder = ScriptBuilder(times)
        if times is None:
            self._standing[project] = builder
        else:
            self._counted[project].append(builder)
        return builder

    def next_for(self, project: str) -> Scenario:
        """Return what the next build of *project* does, and count it as started.

        Scripts for so many builds go first, in the order they were made; a project's own go
        before those for any project.
        """
        for name in (project, ANY_PROJECT):
            waiting = self._counted.get(name)
            if waiting:
                builder = waiting[0]
                builder.left = (builder.left or 1) - 1
                if not builder.left:
                    waiting.pop(0)
                return builder.scenario
            if name in self._standing:
                return self._standing[name].scenario
        return UNSAID


@dataclass(slots=True)
class _Fault:
    error: AwsError
    left: int | None


class FaultBuilder:
    """Says how calls of one operation fail before they reach it."""

    def __init__(self, waiting: list[_Fault]) -> None:
        self._waiting = waiting

    def throttles(self, times: int | None = 1) -> "FaultBuilder":
        """Answer the next *times* calls (``None``: all) with ThrottlingException."""
        return self._add(aws_errors.ThrottlingException("Rate exceeded"), times)

    def raises(self, code: str, message: str = "", times: int | None = 1) -> "FaultBuilder":
        """Answer the next *times* calls (``None``: all) with the error *code*.

        :param code: the code as AWS spells it; one that no service has is as good as any.
        """
        known = getattr(aws_errors, code, None)
        kind = known if isinstance(known, type) and issubclass(known, AwsError) else None
        error = (kind or type(code, (AwsError,), {}))(message)
        return self._add(error, times)

    def _add(self, error: AwsError, times: int | None) -> "FaultBuilder":
        if times is not None and times < 1:
            raise ConfigurationError(f"times is at least 1, not {times!r}")
        self._waiting.append(_Fault(error, times))
        return self


class Faults:
    """Failures that calls meet before they reach their operation."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Fault]] = {}

    def on(self, operation: str) -> FaultBuilder:
        """Say how calls of *operation* (``StartBuild``) fail; ``*`` is any."""
        return FaultBuilder(self._waiting.setdefault(operation, []))

    def meet(self, caller: Caller, operation: str, params: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Fail the call if that was asked for."""
        if not self._waiting:
            return
        for name in (operation, "*"):
            waiting = self._waiting.get(name)
            if waiting:
                fault = waiting[0]
                if fault.left is not None:
                    fault.left -= 1
                    if not fault.left:
                        waiting.pop(0)
                raise fault.error
