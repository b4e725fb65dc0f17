"""Sandboxes and command executions for the tests of CodeBuild."""

import re
from typing import Any

from mockbuild import Control
from tests.codebuild.factory import CLIENT

Record = dict[str, Any]

PHASES = (
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "RUN_SANDBOX",
    "COMPLETED",
)
_PREFIX = re.compile(r"^\[Container\] \S+ \S+ ", re.MULTILINE)
NOBODY = "web:00000000-0000-4000-8000-000000000000"


def begin(name: str = "web", **more: Any) -> Record:
    """Start a sandbox."""
    return CLIENT.start_sandbox(projectName=name, **more)["sandbox"]


def see(sandbox: Record | str) -> Record:
    """Look at a sandbox."""
    sandbox_id = sandbox if isinstance(sandbox, str) else sandbox["id"]
    return CLIENT.batch_get_sandboxes(ids=[sandbox_id])["sandboxes"][0]


def stop(sandbox: Record) -> Record:
    """Stop a sandbox."""
    return CLIENT.stop_sandbox(id=sandbox["id"])["sandbox"]


def statuses(sandbox: Record) -> dict[str, str | None]:
    """Return the status of each phase of a sandbox's session."""
    phases = sandbox["currentSession"]["phases"]
    return {phase["phaseType"]: phase.get("phaseStatus") for phase in phases}


def phase_of(sandbox: Record, name: str) -> Record:
    """Return one phase of a sandbox's session."""
    phases = sandbox["currentSession"]["phases"]
    return next(phase for phase in phases if phase["phaseType"] == name)


def execute(sandbox: Record, command: str = "make", **more: Any) -> Record:
    """Submit a command."""
    answer = CLIENT.start_command_execution(sandboxId=sandbox["id"], command=command, **more)
    return answer["commandExecution"]


def result(sandbox: Record, execution: Record | str) -> Record:
    """Look at a command execution."""
    one = execution if isinstance(execution, str) else execution["id"]
    answer = CLIENT.batch_get_command_executions(sandboxId=sandbox["id"], commandExecutionIds=[one])
    return answer["commandExecutions"][0]


def listed(sandbox: Record, **more: Any) -> list[Record]:
    """List the command executions of a sandbox."""
    answer = CLIENT.list_command_executions_for_sandbox(sandboxId=sandbox["id"], **more)
    return answer["commandExecutions"]


def said(mb: Control, execution: Record) -> list[str]:
    """Return what the log says of a sandbox's commands, without prefixes."""
    place = execution["logs"]
    text = mb.logs[place["groupName"]][place["streamName"]].text
    return _PREFIX.sub("", text).partition("Running command ")[2].splitlines()
