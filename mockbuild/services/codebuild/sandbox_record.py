"""A sandbox and its command executions as the API shows them."""

from mockbuild.domain.sandbox_lifecycle import IN_PROGRESS, RUN
from mockbuild.engine.history import Overview
from mockbuild.engine.sandbox import Execution, Sandbox
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.build_record import logs_of
from mockbuild.services.codebuild.project_rules import default_logs

#: Members that a sandbox's record takes over from its project's, unless they are empty lists: the
#: documentation shows none of these.
_SHARED = (
    "source",
    "sourceVersion",
    "secondarySources",
    "secondarySourceVersions",
    "environment",
    "fileSystemLocations",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "vpcConfig",
    "encryptionKey",
    "serviceRole",
)


def show_sandbox(sandbox: Sandbox, seen: Overview, *, new: bool = False) -> Record:
    """Return the sandbox's record as it is with *seen* having happened.

    Documented: it never has a ``startTime``, its session shows where the log is from the start on,
    and the answer to StartSandbox is without phases.

    :param new: whether this is that answer.
    """
    job = sandbox.build.job
    status = sandbox.status(seen)
    session: Record = {
        "id": job.uuid,
        "status": status,
        "startTime": job.started,
        "currentPhase": seen.current_phase,
        **({} if new else {"phases": seen.phases}),
        **seen.learned,
        "logs": logs_of(sandbox.build, RUN),
    }
    record: Record = {
        "id": job.build_id,
        "arn": job.arn,
        "projectName": job.project["name"],
        "requestTime": job.started,
        "status": status,
        **{name: job.project[name] for name in _SHARED if job.project.get(name) not in (None, [])},
        "logConfig": job.project.get("logsConfig") or default_logs({}),
        "currentSession": session,
    }
    if seen.ended is not None:
        record["endTime"] = session["endTime"] = seen.ended
    return record


def show_execution(sandbox: Sandbox, execution: Execution, until: float) -> Record:
    """Return a command execution's record as it is at *until*.

    As the documentation shows it, it names the sandbox by the uuid alone and has no text where
    nothing was printed. There its log stream is the sandbox's without the uuid, which would be a
    stream with nothing in it; that it is the sandbox's very own is a guess.
    """
    job = sandbox.build.job
    times = {state.status: at for at, state in execution.course.states if at <= until}
    state = execution.course.state(until)
    record: Record = {
        "id": execution.execution_id,
        "sandboxId": job.uuid,
        "sandboxArn": job.arn,
        "submitTime": execution.course.states[0][0],
        "status": state.status,
        "command": execution.command,
        "type": "SHELL",
        "logs": logs_of(sandbox.build, RUN),
    }
    if IN_PROGRESS in times:
        record["startTime"] = times[IN_PROGRESS]
    if execution.is_over(until):
        record["endTime"] = times[state.status]
    if state.result is not None:
        record["exitCode"] = str(state.result.exit_status)
        texts = {
            "standardOutputContent": state.result.output,
            "standardErrContent": state.result.error,
        }
        record |= {name: text for name, text in texts.items() if text}
    return record
