"""Resource policies: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy.

What they let other accounts see is in shared.py.
"""

import re
from collections.abc import Callable

from mockbuild.domain.aws_errors import InvalidInputException, ResourceNotFoundException
from mockbuild.domain.policies import read_policy
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.projects import known_project
from mockbuild.services.codebuild.report_groups import ReportGroups, known_group
from mockbuild.services.codebuild.shared import Share, Shares, policy_of
from mockbuild.services.operations import operation

_ARN = re.compile(r"arn:[\w-]+:codebuild:[\w-]+:\d{12}:(project|report-group)/.+", re.DOTALL)


@operation
def put_resource_policy(here: CodeBuild, *, policy: str, resource_arn: str) -> Record:
    """Give a project or a report group a policy, in place of the one it had.

    The texts of the errors are guesses.

    :raises InvalidInputException: the policy is no policy document, or the ARN is of nothing that
        can have one.
    :raises ResourceNotFoundException: there is no such project or report group here.
    """
    kind = _kind_of(resource_arn)
    try:
        read = read_policy(policy)
    except ValueError as problem:
        raise InvalidInputException(f"Invalid resource policy: {problem}") from None
    holds = _holds(here, kind, resource_arn)
    here.store(Shares).put(Share(resource_arn, kind, read, here.now(), holds))
    return {"resourceArn": resource_arn}


@operation
def get_resource_policy(here: CodeBuild, *, resource_arn: str) -> Record:
    """Return the policy of a project or a report group, as it was put.

    The texts of the errors are guesses.

    :raises InvalidInputException: the ARN is of nothing that can have one.
    :raises ResourceNotFoundException: there is none.
    """
    _kind_of(resource_arn)
    policy = policy_of(here, resource_arn)
    if policy is None:
        raise ResourceNotFoundException(f"Resource policy cannot be found: {resource_arn}")
    return {"policy": policy.text}


@operation
def delete_resource_policy(here: CodeBuild, *, resource_arn: str) -> Record:
    """Delete the policy of a project or a report group, or nothing if there is none.

    :raises InvalidInputException: the ARN is of nothing that can have one; the text is a guess.
    """
    _kind_of(resource_arn)
    here.store(Shares).discard(resource_arn)
    return {}


def _kind_of(arn: str) -> str:
    match = _ARN.fullmatch(arn)
    if match is None:
        raise InvalidInputException(f"Invalid resource ARN provided: {arn}")
    return match[1]


def _holds(here: CodeBuild, kind: str, arn: str) -> Callable[[], bool]:
    """Return what tells whether the resource of that ARN is still the one that is there now.

    :raises ResourceNotFoundException: there is none.
    """
    if kind == "project":
        project = known_project(here, arn)
        return lambda: here.projects.find(arn) is project
    group = known_group(here, arn)
    groups = here.store(ReportGroups)
    return lambda: groups.find(arn) is group
