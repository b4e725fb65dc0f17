"""Commands executed in sandboxes.

StartCommandExecution, BatchGetCommandExecutions and ListCommandExecutionsForSandbox.
"""

from collections.abc import Sequence
from typing import Any, overload

from mockbuild.domain.aws_errors import InvalidInputException, ResourceNotFoundException
from mockbuild.engine.sandbox import Sandbox
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.sandbox_record import show_execution
from mockbuild.services.codebuild.sandboxes import known_sandbox
from mockbuild.services.operations import operation


@operation
def start_command_execution(
    here: CodeBuild, *, sandbox_id: str, command: str, **kind: Any
) -> Record:
    """Submit a command to a sandbox.

    There is one type of command, which shows whether it was given or not. One that comes before
    the sandbox runs waits, one that comes too late is refused: guesses, as are the error texts.

    :raises InvalidInputException: the id is none, the sandbox is over or being stopped, or the
        command is not what a shell can take.
    :raises ResourceNotFoundException: there is no such sandbox.
    """
    del kind
    sandbox = known_sandbox(here, sandbox_id)
    if "\0" in command:
        raise InvalidInputException("Invalid input: command must not contain a NUL character")
    if not sandbox.accepts:
        raise InvalidInputException(f"Sandbox {sandbox.build.job.arn} is not running")
    execution = sandbox.execute(here.ids.uuid(), command)
    submitted = execution.course.states[0][0]
    return {"commandExecution": show_execution(sandbox, execution, submitted)}


@operation
def batch_get_command_executions(
    here: CodeBuild, *, sandbox_id: str, command_execution_ids: list[str]
) -> Record:
    """Return a sandbox's command executions of the given ids, and those that are not there.

    :raises InvalidInputException: the id is none, or there is no such sandbox: a guess, as the
        model knows no other error here.
    """
    try:
        sandbox = known_sandbox(here, sandbox_id)
    except ResourceNotFoundException as error:
        raise InvalidInputException(error.message) from None

    def look(one: str) -> Record | None:
        execution = sandbox.executions.get(one)
        if execution is None:
            return None
        return show_execution(sandbox, execution, sandbox.look_at(execution))

    found, missing = batch_get(command_execution_ids, look)
    return {"commandExecutions": found, "commandExecutionsNotFound": missing}


@operation
def list_command_executions_for_sandbox(
    here: CodeBuild, *, sandbox_id: str, sort_order: str = "DESCENDING"
) -> Record:
    """List a sandbox's command executions, each in full; by default, the newest first.

    :raises InvalidInputException: the id is none.
    :raises ResourceNotFoundException: there is no such sandbox.
    """
    sandbox = known_sandbox(here, sandbox_id)
    return {"commandExecutions": _Records(sandbox, newest_first=sort_order == "DESCENDING")}


class _Records(Sequence[Record]):
    """Records of which only those are made that are asked for."""

    def __init__(self, sandbox: Sandbox, *, newest_first: bool) -> None:
        self._sandbox = sandbox
        self._newest_first = newest_first

    def __len__(self) -> int:
        return len(self._sandbox.in_order)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        execution = self._sandbox.in_order[~index if self._newest_first else index]
        return show_execution(self._sandbox, execution, self._sandbox.look_at(execution))
