"""Sandboxes.

StartSandbox, StopSandbox, StartSandboxConnection, BatchGetSandboxes, ListSandboxes and
ListSandboxesForProject.
"""

import re
from base64 import b64encode
from typing import Any

from mockbuild.domain.aws_errors import InvalidInputException, ResourceNotFoundException
from mockbuild.domain.sandbox_lifecycle import RUN
from mockbuild.domain.views import Keys
from mockbuild.engine.job import BuildJob
from mockbuild.engine.sandbox import Sandbox
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.build_record import log_place
from mockbuild.services.codebuild.projects import known_project, listed_project
from mockbuild.services.codebuild.sandbox_record import show_sandbox
from mockbuild.services.codebuild.starting import (
    INITIATOR,
    network_interface,
    resolved_version,
    source_folder_of,
)
from mockbuild.services.operations import operation

#: Environment types without a Session Manager, which sandboxes are reached by (documented for
#: builds); that sandboxes are refused for it is a guess.
_WITHOUT_SESSIONS = re.compile(r"WINDOWS|LAMBDA")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class Sandboxes:
    """The sandboxes of a region, by uuid and by project."""

    def __init__(self, _: CodeBuild) -> None:
        self._by_uuid: dict[str, Sandbox] = {}
        self._of: dict[str, tuple[Project, dict[str, Sandbox]]] = {}

    def find(self, id_or_arn: str) -> Sandbox | None:
        """Return the sandbox of that id or ARN, if there is one.

        That its uuid alone will do is a guess; command executions show no more of it.
        """
        sandbox = self._by_uuid.get(id_or_arn.rpartition(":")[2])
        if sandbox is None:
            return None
        job = sandbox.build.job
        return sandbox if id_or_arn in (job.build_id, job.arn, job.uuid) else None

    def of(self, project: Project) -> dict[str, Sandbox]:
        """Return the sandboxes of *project* by id, oldest first.

        A project that is made anew under the name of another has none of that one's.
        """
        whose, sandboxes = self._of.get(project.name, (None, {}))
        if whose is not project:
            sandboxes = {}
            self._of[project.name] = project, sandboxes
        return sandboxes

    def add(self, sandbox: Sandbox, project: Project) -> None:
        """Add a sandbox of *project*."""
        job = sandbox.build.job
        self._by_uuid[job.uuid] = self.of(project)[job.build_id] = sandbox


@operation
def start_sandbox(here: CodeBuild, *, project_name: str | None = None, **token: Any) -> Record:
    """Start a sandbox of a project, which stays until it is stopped or times out.

    A project's limit of concurrent builds does not count sandboxes, which is a guess. The model
    does not ask for a project; what is said without one is a guess.

    :raises InvalidInputException: no project is named, or its environment makes no sandbox.
    :raises ResourceNotFoundException: there is no such project.
    """
    del token  # a repeated call with the same one does not get here
    if project_name is None:
        raise InvalidInputException("Invalid input: projectName is required")
    project = known_project(here, project_name)
    environment = project.record["environment"]["type"]
    if _WITHOUT_SESSIONS.search(environment):
        raise InvalidInputException(
            f"Invalid input: sandboxes are not supported for environment type {environment}"
        )
    sandbox = _start(here, project)
    return {"sandbox": show_sandbox(sandbox, sandbox.now(), new=True)}


def _start(here: CodeBuild, project: Project) -> Sandbox:
    settings = project.record
    sandboxes = here.store(Sandboxes)
    uuid = here.ids.uuid()
    sandbox_id = f"{project.name}:{uuid}"
    # That the session has the sandbox's own uuid is a guess: logs are called after either.
    group, stream = log_place(settings, uuid)
    scenario = here.scripts.next_for(project.name)
    job = BuildJob(
        build_id=sandbox_id,
        arn=here.arn(f"sandbox/{sandbox_id}"),
        number=len(sandboxes.of(project)) + 1,
        project=settings,
        region=here.region,
        account_id=here.account_id,
        initiator=INITIATOR,
        started=here.now(),
        source_folder=source_folder_of(settings["source"], here.ids.digits(9)),
        log_group=group,
        log_stream=stream,
        source_version=settings.get("sourceVersion"),
        resolved_version=resolved_version(here, settings),
        lenient=here.conductor.simulates,
        network_interface=network_interface(here, settings),
        announced=False,
    )
    sandbox = Sandbox(here.conductor, job, scenario)
    here.sandboxes[sandbox_id] = sandbox
    sandboxes.add(sandbox, project)
    return sandbox


@operation
def stop_sandbox(here: CodeBuild, *, id: str) -> Record:  # noqa: A002
    """Stop a sandbox and what runs in it. It is STOPPING at first, as documented.

    One that is over is returned as it ended, as builds are: a guess.

    :raises InvalidInputException: the id is none.
    :raises ResourceNotFoundException: there is no such sandbox.
    """
    sandbox = known_sandbox(here, id)
    return {"sandbox": show_sandbox(sandbox, sandbox.stop())}


@operation
def start_sandbox_connection(here: CodeBuild, *, sandbox_id: str) -> Record:
    """Open a session with a sandbox that runs; nobody is at its other end.

    Recorded: the error where the sandbox's agent cannot be reached; that so it is before and after
    it runs is a guess. What the members look like is documented by Session Manager.

    :raises InvalidInputException: the id is none, or the sandbox does not run.
    :raises ResourceNotFoundException: there is no such sandbox.
    """
    sandbox = known_sandbox(here, sandbox_id)
    job = sandbox.build.job
    if sandbox.status(sandbox.now()) != RUN:
        raise InvalidInputException(
            f"Failed to start SSM session for sandbox {job.arn}: "
            f"codebuild:{job.uuid} is not connected."
        )
    session = f"{INITIATOR}-0{here.ids.bytes(8).hex()}"
    url = f"wss://ssmmessages.{here.region}.amazonaws.com/v1/data-channel/{session}"
    return {
        "ssmSession": {
            "sessionId": session,
            "tokenValue": b64encode(here.ids.bytes(192)).decode(),
            "streamUrl": f"{url}?role=publish_subscribe",
        }
    }


@operation
def batch_get_sandboxes(here: CodeBuild, *, ids: list[str]) -> Record:
    """Return the sandboxes of the given ids or ARNs, in that order, and those that are not there.

    What is no id at all counts as not there, which is a guess.
    """

    def look(one: str) -> Record | None:
        sandbox = here.store(Sandboxes).find(one)
        return None if sandbox is None else show_sandbox(sandbox, sandbox.look())

    found, missing = batch_get(ids, look)
    return {"sandboxes": found, "sandboxesNotFound": missing}


@operation
def list_sandboxes(here: CodeBuild, *, sort_order: str = "DESCENDING") -> Record:
    """List the ids of all sandboxes, by the time they started; the newest first by default."""
    return {"ids": Keys(here.sandboxes, newest_first=sort_order == "DESCENDING")}


@operation
def list_sandboxes_for_project(
    here: CodeBuild, *, project_name: str, sort_order: str = "DESCENDING"
) -> Record:
    """List the ids of a project's sandboxes in the same way.

    :raises ResourceNotFoundException: there is no such project; the text is that for builds.
    """
    project = listed_project(here, project_name)
    sandboxes = here.store(Sandboxes).of(project)
    return {"ids": Keys(sandboxes, newest_first=sort_order == "DESCENDING")}


def known_sandbox(here: CodeBuild, id_or_arn: str) -> Sandbox:
    """Return the sandbox of that id or ARN; both errors are worded as those of builds.

    :raises InvalidInputException: it is neither.
    :raises ResourceNotFoundException: there is no such sandbox.
    """
    is_arn = id_or_arn.startswith("arn:")
    bare = id_or_arn.partition(":sandbox/")[2] if is_arn else id_or_arn
    if ":" not in bare and not _UUID.match(bare):
        raise InvalidInputException("Invalid sandbox ID provided")
    sandbox = here.store(Sandboxes).find(id_or_arn)
    if sandbox is None:
        raise ResourceNotFoundException(f"Sandbox {id_or_arn} does not exist")
    return sandbox
