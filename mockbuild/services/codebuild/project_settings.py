"""What is set about a project from outside: UpdateProjectVisibility, InvalidateProjectCache."""

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.project_rules import check_role
from mockbuild.services.codebuild.projects import alias, known_project
from mockbuild.services.operations import operation


@operation
def update_project_visibility(
    here: CodeBuild,
    *,
    project_arn: str,
    project_visibility: str,
    resource_access_role: str | None = None,
) -> Record:
    """Show the builds of a project to everybody, or to nobody any more.

    The project keeps the name it once got for the public, and its role until there is another;
    both are guesses, and so is that the role is checked as service roles are. What the name
    looks like is documented.

    :raises InvalidInputException: the ARN or the role is none.
    :raises ResourceNotFoundException: there is no such project.
    """
    if not project_arn.startswith("arn:"):
        raise InvalidInputException(f"Invalid project ARN provided: {project_arn}")
    project = known_project(here, project_arn)
    changed: Record = {"projectVisibility": project_visibility, "lastModified": here.now()}
    if resource_access_role is not None:
        check_role(resource_access_role, here.account_id)
        changed["resourceAccessRole"] = resource_access_role
    public = project_visibility == "PUBLIC_READ"
    if public and "publicProjectAlias" not in project.record:
        changed["publicProjectAlias"] = alias(here)
    project.record = {**project.record, **changed}
    here.projects.put(project)
    answer: Record = {"projectArn": project_arn, "projectVisibility": project_visibility}
    if public:
        answer["publicProjectAlias"] = project.record["publicProjectAlias"]
    return answer


@operation
def invalidate_project_cache(here: CodeBuild, *, project_name: str) -> Record:
    """Forget what a project's builds have cached; builds here cache nothing.

    :raises ResourceNotFoundException: there is no such project.
    """
    known_project(here, project_name)
    return {}
