"""What test authors say about builds to come, and about calls that are to fail."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockbuild._said import Said
from mockbuild.domain import aws_errors
from mockbuild.domain.aws_errors import AwsError
from mockbuild.domain.batch_lifecycle import DOWNLOAD
from mockbuild.domain.fleet_lifecycle import CONTEXTS, FLEET_STATES, UNTOLD, FleetScenario, Note
from mockbuild.domain.lifecycle import BUILD_PHASES, COMMAND_PHASES
from mockbuild.domain.reports import MOST_REPORTS, FileCoverage, Report, TestCase
from mockbuild.domain.scripted_reports import Cases, Numbers, told_coverage, told_tests
from mockbuild.engine.scenario import UNSAID, Answer, Scenario
from mockbuild.errors import ConfigurationError
from mockbuild.machines.simulated import Failure
from mockbuild.services.codebuild import quotas as codebuild_quotas
from mockbuild.services.imagebuilder import quotas as imagebuilder_quotas
from mockbuild.services.quotas import QuotaSettings
from mockbuild.wire.gateway import Caller

ANY_PROJECT = "*"
#: A project and, in batches, a build group.
_Whose = tuple[str, str | None]
_PHASES = tuple(name for name in BUILD_PHASES if name != "SUBMITTED")
_QUOTAS = {**codebuild_quotas.QUOTAS, **imagebuilder_quotas.QUOTAS}


class ScriptBuilder:
    """Says what builds of a project do; every method returns the builder, so they chain.

    All it says is about simulated builds: a build that really runs does what it does. A sandbox
    counts as a build, of which only the phases matter that it has.
    """

    def __init__(self) -> None:
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

    def reports(
        self,
        name: str,
        *,
        passed: Cases = 0,
        failed: Cases = 0,
        errors: Cases = 0,
        skipped: Cases = 0,
        unknown: Cases = 0,
        cases: Iterable[TestCase | Mapping[str, Any]] = (),
        incomplete: bool = False,
    ) -> "ScriptBuilder":
        """Let the build leave a test report, be its phases successful or not.

        ``mb.script("web").reports("unit", passed=12, failed={"test_login": "no token"})``. The
        first five say how many tests there were, or which, or which with a message each.

        :param name: as in the buildspec: the report goes to the group ``<project>-<name>``, or
            to the existing one whose ARN it is.
        :param passed: tests with the status SUCCEEDED.
        :param failed: with FAILED.
        :param errors: with ERROR.
        :param skipped: with SKIPPED.
        :param unknown: with UNKNOWN.
        :param cases: tests in full, each ``{"name": …}`` and what else is known of it: ``status``
            (SUCCEEDED), ``prefix``, ``message``, ``seconds``, ``suite``, ``path``.
        :param incomplete: let the report be INCOMPLETE, as when files cannot be read.
        :raises ConfigurationError: something in it makes no sense, or there is such a report
            already, or there are five.
        """
        told = {
            "SUCCEEDED": passed,
            "FAILED": failed,
            "ERROR": errors,
            "SKIPPED": skipped,
            "UNKNOWN": unknown,
        }
        return self._leave(lambda: told_tests(name, told, cases, incomplete=incomplete))

    def covers(
        self,
        name: str,
        files: Mapping[str, Numbers] | Iterable[FileCoverage],
        *,
        incomplete: bool = False,
    ) -> "ScriptBuilder":
        """Let the build leave a report of code coverage, be its phases successful or not.

        ``mb.script("web").covers("coverage", {"app.py": (45, 50), "db.py": (8, 10, 3, 4)})``

        :param name: as for :meth:`reports`.
        :param files: by path, how many lines are covered and how many there are; then, if known,
            the same of branches.
        :param incomplete: let the report be INCOMPLETE.
        :raises ConfigurationError: as for :meth:`reports`.
        """
        return self._leave(lambda: told_coverage(name, files, incomplete=incomplete))

    def answers(
        self,
        command: str | re.Pattern[str],
        output: str = "",
        error: str = "",
        exit_code: int = 0,
        takes: float = 0.2,
        *,
        hangs: bool = False,
    ) -> "ScriptBuilder":
        """Let a command that is executed in a sandbox do this; others succeed without a word.

        ``mb.script("web").answers("make", error="no rule", exit_code=2)``. Of several answers that
        are meant for a command, the one said last counts.

        :param command: the command's whole text, or a pattern that is searched for in it.
        :param output: what it prints to standard output.
        :param error: what it prints to standard error.
        :param exit_code: its exit status; the execution has FAILED if it is not 0.
        :param takes: seconds from its start to its end.
        :param hangs: let it go on until the sandbox is stopped or times out on the clock, and
            commands after it wait.
        :raises ConfigurationError: an exit status that is none, or a time that makes no sense.
        """
        if not 0 <= exit_code <= 255:
            raise ConfigurationError(f"exit_code is from 0 to 255, not {exit_code!r}")
        if not 0 <= takes < float("inf"):
            raise ConfigurationError(f"a command cannot take {takes} seconds; say hangs=True")
        seconds = float("inf") if hangs else takes
        added = Answer(command, output, error, exit_code, seconds)
        self.scenario = replace(self.scenario, answers=(*self.scenario.answers, added))
        return self

    def _leave(self, report: Callable[[], Report]) -> "ScriptBuilder":
        before = self.scenario.reports
        try:
            added = report()
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
        if any(added.name == one.name for one in before):
            raise ConfigurationError(f"there is a report {added.name!r} already")
        if len(before) >= MOST_REPORTS:
            raise ConfigurationError(f"a build makes at most {MOST_REPORTS} reports")
        self.scenario = replace(self.scenario, reports=(*before, added))
        return self

    def _put(self, **changes: Any) -> None:
        machine = replace(self.scenario.machine, **changes)
        self.scenario = replace(self.scenario, machine=machine)


def _check_phase(phase: str, allowed: tuple[str, ...] = _PHASES) -> None:
    if phase not in allowed:
        raise ConfigurationError(f"phase is one of {', '.join(allowed)}; not {phase!r}")


class FleetScript:
    """Says what becomes of a fleet; every method returns the script, so they chain."""

    def __init__(self) -> None:
        self.scenario = UNTOLD

    def fails_to_create(
        self, context: str = "CREATE_FAILED", message: str = "The fleet failed to create"
    ) -> "FleetScript":
        """Let the fleet end as CREATE_FAILED when it is created.

        :param context: and *message*: of its status.
        :raises ConfigurationError: the API has no such context.
        """
        return self._put(creation_fails=_note(context, message))

    def fails_to_update(
        self,
        context: str = "UPDATE_FAILED",
        message: str = "The fleet failed to update",
        *,
        rolls_back: bool = True,
    ) -> "FleetScript":
        """Let updates fail: the fleet is what it was before.

        :param context: and *message*: of its status.
        :param rolls_back: whether it is ACTIVE afterwards, or UPDATE_ROLLBACK_FAILED.
        :raises ConfigurationError: the API has no such context.
        """
        return self._put(update_fails=_note(context, message), rolls_back=rolls_back)

    def shows(self, context: str, message: str = "", *, state: str = "ACTIVE") -> "FleetScript":
        """Let its status say more while it is in *state*, from the next time it gets there.

        :param context: ``INSUFFICIENT_CAPACITY``, ``ACTION_REQUIRED`` …
        :raises ConfigurationError: the API has no such context, or no such state.
        """
        _check_state(state)
        return self._put(notes={**self.scenario.notes, state: _note(context, message)})

    def takes(
        self, seconds: float = 0, *, minutes: float = 0, state: str = "CREATING"
    ) -> "FleetScript":
        """Let it be in *state* for so long, but at least a millisecond, so that it can be seen.

        :raises ConfigurationError: the API has no such state, it is one that a fleet stays in, or
            the time makes no sense.
        """
        _check_state(state)
        if FLEET_STATES[state].then is None:
            raise ConfigurationError(f"a fleet stays {state} until somebody changes it")
        span = seconds + 60 * minutes
        if not 0 <= span < float("inf"):
            raise ConfigurationError(f"a state cannot take {span} seconds")
        return self._put(seconds={**self.scenario.seconds, state: max(span, 0.001)})

    def _put(self, **changes: Any) -> "FleetScript":
        self.scenario = replace(self.scenario, **changes)
        return self


def _note(context: str, message: str) -> Note:
    if context not in CONTEXTS:
        raise ConfigurationError(f"context is one of {', '.join(CONTEXTS)}; not {context!r}")
    return Note(context, message)


def _check_state(state: str) -> None:
    if state not in FLEET_STATES:
        raise ConfigurationError(f"state is one of {', '.join(FLEET_STATES)}; not {state!r}")


class Scripts:
    """The scripts of one mock, by project and, in batches, build group."""

    def __init__(self) -> None:
        self._said: Said[_Whose, ScriptBuilder] = Said()
        self._fleets: dict[str, FleetScript] = {}
        self.quotas = QuotaSettings(_QUOTAS)

    def add_fleet(self, name: str) -> "FleetScript":
        """Start a script for the fleet of that name, in place of any before."""
        self._fleets[name] = script = FleetScript()
        return script

    def fleet(self, name: str) -> FleetScenario:
        """Return what was said about the fleet of that name."""
        script = self._fleets.get(name) or self._fleets.get(ANY_PROJECT)
        return UNTOLD if script is None else script.scenario

    def add(self, project: str, times: int | None, group: str | None = None) -> ScriptBuilder:
        """Start a script for builds of *project*: the next *times*, or all."""
        return self._said.add((project, group), ScriptBuilder(), times)

    def next_for(self, project: str, group: str | None = None) -> Scenario:
        """Return what the next build of *project* does, and count it as started.

        Those for a build group of a batch go before those for all builds, and a project's own
        before those for any. The build of a batch that only reads its buildspec follows none but
        its own.
        """
        whose: list[_Whose] = [(project, None), (ANY_PROJECT, None)]
        if group is not None:
            own: list[_Whose] = [(project, group), (ANY_PROJECT, group)]
            whose = own if group == DOWNLOAD else own + whose
        script = self._said.for_next(whose)
        return UNSAID if script is None else script.scenario


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
