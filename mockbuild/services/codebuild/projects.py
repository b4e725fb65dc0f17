"""Projects: CreateProject, UpdateProject, DeleteProject, BatchGetProjects, ListProjects."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from mockbuild.domain.aws_errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from mockbuild.domain.views import Keys
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild, Project
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.capacity import check_capacity
from mockbuild.services.codebuild.project_rules import check_project, with_defaults
from mockbuild.services.codebuild.quotas import Quotas
from mockbuild.services.codebuild.shared import owner_of, policy_of
from mockbuild.services.operations import operation

#: What clears a member on UpdateProject: an empty structure, or no builds at once.
_CLEARS: dict[str, Any] = {"vpcConfig": {}, "buildBatchConfig": {}, "concurrentBuildLimit": -1}


@operation
def create_project(here: CodeBuild, *, name: str, **members: Any) -> Record:
    """Create a project with everything in it that AWS fills in by itself.

    After a project of the same name has been deleted, builds count from 1 again: a guess.

    :raises ResourceAlreadyExistsException: the name is taken.
    :raises InvalidInputException: the members do not go together.
    """
    if here.projects.find(name) is not None:
        raise ResourceAlreadyExistsException(
            f"Project already exists: {here.arn(f'project/{name}')}"
        )
    now = here.now()
    asked = {"name": name, "arn": here.arn(f"project/{name}"), **_as_record(here, members, None)}
    project = Project(_checked(here, {**asked, "created": now, "lastModified": now}))
    check_capacity(here, project.record)
    here.store(Quotas).check("build_projects", len(here.projects.by_creation))
    here.projects.put(project)
    return {"project": project.record}


@operation
def update_project(here: CodeBuild, *, name: str, **members: Any) -> Record:
    """Replace the members that are given, each as a whole; the others stay.

    Tags that are not given stay too. Evidence on that is divided: the documentation says so, a
    provider of infrastructure code resends them to be safe.

    :raises ResourceNotFoundException: there is no such project.
    :raises InvalidInputException: the members do not go together.
    """
    project = known_project(here, name)
    changed = _as_record(here, members, project.record)
    record = {**project.record, **changed, "lastModified": here.now()}
    for member, nothing in _CLEARS.items():
        if changed.get(member, ...) == nothing:
            del record[member]
    record = _checked(here, record)
    if "environment" in changed or "concurrentBuildLimit" in changed:
        check_capacity(here, record)
    project.record = record
    project.template = None
    here.projects.put(project)
    return {"project": project.record}


@operation
def delete_project(here: CodeBuild, *, name: str) -> Record:
    """Delete a project, or nothing if there is none; its builds can still be looked at.

    Documented: while others may see its builds it cannot be deleted. A resource policy of a
    project without builds goes with it, which is a guess.

    :raises InvalidInputException: it has both builds and a resource policy; the text is a guess.
    """
    project = here.projects.find(name)
    if project is None:
        return {}
    if project.builds and policy_of(here, project.record["arn"]) is not None:
        raise InvalidInputException(
            f"Project {project.name} is shared: delete its resource policy or its builds first"
        )
    here.projects.remove(project)
    return {}


@operation
def batch_get_projects(here: CodeBuild, *, names: list[str]) -> Record:
    """Return the projects of the given names or ARNs, in that order, and who is not there.

    A project that another account shares goes by its ARN. A name that comes twice is answered
    once, which is a guess.
    """

    def look(name: str) -> Record | None:
        project = owner_of(here, name, "BatchGetProjects").projects.find(name)
        return None if project is None else project.record

    found, missing = batch_get(names, look)
    return {"projects": found, "projectsNotFound": missing}


@operation
def list_projects(
    here: CodeBuild, *, sort_by: str = "CREATED_TIME", sort_order: str = "DESCENDING"
) -> Record:
    """List project names.

    A recorded answer to a request without an order has the newest first; that this is the
    default of every order is a guess.
    """
    newest_first = sort_order == "DESCENDING"
    if sort_by == "NAME":
        return {"projects": _ByName(here.projects.by_name, backwards=newest_first)}
    items = (
        here.projects.by_change if sort_by == "LAST_MODIFIED_TIME" else here.projects.by_creation
    )
    return {"projects": Keys(items, newest_first=newest_first)}


def known_project(here: CodeBuild, name_or_arn: str) -> Project:
    """Return the project of that name or ARN.

    :raises ResourceNotFoundException: there is no such project.
    """
    project = here.projects.find(name_or_arn)
    if project is None:
        arn = _arn_of(here, name_or_arn)
        raise ResourceNotFoundException(f"Project cannot be found: {arn}")
    return project


def listed_project(here: CodeBuild, name_or_arn: str) -> Project:
    """Return the project of that name or ARN, to list what it has.

    :raises ResourceNotFoundException: there is no such project.
    """
    project = here.projects.find(name_or_arn)
    if project is None:
        arn = _arn_of(here, name_or_arn)
        raise ResourceNotFoundException(f"The provided project {arn} does not exist")
    return project


def _arn_of(here: CodeBuild, name_or_arn: str) -> str:
    is_arn = name_or_arn.startswith("arn:")
    return name_or_arn if is_arn else here.arn(f"project/{name_or_arn}")


class _ByName:
    """Names in alphabetical order or the reverse, without copying them."""

    def __init__(self, names: Any, *, backwards: bool) -> None:
        self._names = names
        self._backwards = backwards

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        names: Iterable[str] = reversed(self._names) if self._backwards else self._names
        return iter(names)


def _as_record(here: CodeBuild, members: Record, before: Record | None) -> Record:
    """Return the request's members as the record has them."""
    record = dict(members)
    if before is None:  # an empty structure is as good as none
        record = {name: value for name, value in record.items() if value != {}}
    if "badgeEnabled" in record:
        record["badge"] = _badge(here, enabled=record.pop("badgeEnabled"), before=before)
    limit = record.get("concurrentBuildLimit")
    if limit is not None and limit < 1 and (before is None or limit != -1):
        raise InvalidInputException(  # recorded
            "Project level concurrent builds limit should be greater than 0"
        )
    return record


def _badge(here: CodeBuild, *, enabled: bool, before: Record | None) -> Record:
    """Return the badge; its URL is made once and outlives updates.

    The URL's form is recorded: what it carries is opaque to everybody but the service. That a
    badge which is turned off keeps it is a guess.
    """
    old = (before or {}).get("badge", {})
    if not enabled:
        return {**old, "badgeEnabled": False} if old else {"badgeEnabled": False}
    if "badgeRequestUrl" in old:
        return {**old, "badgeEnabled": True}
    url = f"https://codebuild.{here.region}.amazonaws.com/badges?uuid={alias(here)}&branch=master"
    return {"badgeEnabled": True, "badgeRequestUrl": url}


def alias(here: CodeBuild, size: int = 64) -> str:
    """Return an opaque name, as badges, public projects and webhooks have it: quoted for a URL.

    :param size: how many bytes of it mean something to the service.
    """
    secret = {
        "encryptedData": b64encode(here.ids.bytes(size)).decode(),
        "ivParameterSpec": b64encode(here.ids.bytes(12)).decode(),
        "materialSetSerial": 1,
    }
    return quote(b64encode(json.dumps(secret, separators=(",", ":")).encode()).decode(), safe="")


def _checked(here: CodeBuild, record: Record) -> Record:
    check_project(record, account_id=here.account_id, region=here.region)
    return with_defaults(record, account_id=here.account_id, region=here.region)
