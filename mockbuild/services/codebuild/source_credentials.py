"""Source credentials.

ImportSourceCredentials, ListSourceCredentials and DeleteSourceCredentials.
"""

import re
from collections.abc import Mapping
from typing import Final

from mockbuild.domain.aws_errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.quotas import Quotas
from mockbuild.services.operations import operation

#: What each server type takes. Documented; that only Bitbucket takes BASIC_AUTH is recorded.
_AUTH_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "GITHUB": frozenset({"PERSONAL_ACCESS_TOKEN", "CODECONNECTIONS", "SECRETS_MANAGER"}),
    "GITHUB_ENTERPRISE": frozenset({"PERSONAL_ACCESS_TOKEN", "CODECONNECTIONS", "SECRETS_MANAGER"}),
    "BITBUCKET": frozenset(
        {"PERSONAL_ACCESS_TOKEN", "BASIC_AUTH", "CODECONNECTIONS", "SECRETS_MANAGER"}
    ),
    "GITLAB": frozenset({"CODECONNECTIONS"}),
    "GITLAB_SELF_MANAGED": frozenset({"CODECONNECTIONS"}),
}
#: What the token has to be where it is the name of something, and how that is called.
_RESOURCES: Final = {
    "CODECONNECTIONS": (
        re.compile(r"arn:[\w-]+:(?:codeconnections|codestar-connections):.+", re.DOTALL),
        "CodeConnections",
    ),
    "SECRETS_MANAGER": (
        re.compile(r"arn:[\w-]+:secretsmanager:.+:secret:.+", re.DOTALL),
        "Secrets Manager",
    ),
}


class SourceCredentials:
    """The source credentials of a region, by their ARNs. Tokens are not kept.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self._arns = here.arn("token/")
        self.by_arn: dict[str, Record] = {}

    def arn(self, server_type: str) -> str:
        """Return the ARN of the one credential that a server type can have (recorded)."""
        return self._arns + server_type.lower()


@operation
def import_source_credentials(
    here: CodeBuild,
    *,
    token: str,
    server_type: str,
    auth_type: str,
    username: str | None = None,
    should_overwrite: bool = True,
) -> Record:
    """Store how to reach a source provider, in place of what was stored for it before.

    :raises InvalidInputException: the members do not go together.
    :raises ResourceAlreadyExistsException: there is one, and it is not to be overwritten.
    :raises AccountLimitExceededException: there are too many; the text is a guess.
    """
    _check_auth(server_type, auth_type, token, username)
    credentials = here.store(SourceCredentials)
    arn = credentials.arn(server_type)
    if arn in credentials.by_arn:
        if not should_overwrite:  # recorded
            raise ResourceAlreadyExistsException(
                f"Access token with server type {server_type} already exists. Delete its source "
                "credential and try again."
            )
    else:
        here.store(Quotas).check("source_credentials", len(credentials.by_arn))
    record = {"arn": arn, "serverType": server_type, "authType": auth_type}
    if auth_type in _RESOURCES:
        record["resource"] = token
    credentials.by_arn[arn] = record
    return {"arn": arn}


@operation
def list_source_credentials(here: CodeBuild) -> Record:
    """List all source credentials, in the order of their ARNs (recorded)."""
    by_arn = here.store(SourceCredentials).by_arn
    return {"sourceCredentialsInfos": [by_arn[arn] for arn in sorted(by_arn)]}


@operation
def delete_source_credentials(here: CodeBuild, *, arn: str) -> Record:
    """Delete a source credential.

    The texts of the errors are guesses.

    :raises InvalidInputException: the ARN is none.
    :raises ResourceNotFoundException: there is no such credential.
    """
    if not arn.startswith("arn:"):
        raise InvalidInputException(f"Invalid source credential ARN provided: {arn}")
    if here.store(SourceCredentials).by_arn.pop(arn, None) is None:
        raise ResourceNotFoundException(f"Source credential cannot be found: {arn}")
    return {"arn": arn}


def credential_for(here: CodeBuild, server_type: str) -> Record | None:
    """Return the credential of a server type, as ListSourceCredentials shows it, if it has one."""
    credentials = here.store(SourceCredentials)
    return credentials.by_arn.get(credentials.arn(server_type))


def _check_auth(server_type: str, auth_type: str, token: str, username: str | None) -> None:
    """Check what belongs together.

    The first two texts are recorded, and the third for connections. Documented: a user name goes
    with BASIC_AUTH alone. That it has to be there, and its texts, are guesses.
    """
    if auth_type == "OAUTH":
        raise InvalidInputException(
            "OAUTH is not supported by the CodeBuild API. To connect to your account with OAUTH, "
            "use the AWS CodeBuild console."
        )
    if auth_type not in _AUTH_TYPES[server_type]:
        raise InvalidInputException(f"Invalid AuthType provided for ServerType {server_type}")
    if auth_type in _RESOURCES:
        pattern, name = _RESOURCES[auth_type]
        if not pattern.fullmatch(token):
            raise InvalidInputException(f"Token must be a valid {name} arn")
    if auth_type == "BASIC_AUTH" and username is None:
        raise InvalidInputException("Username is required for AuthType BASIC_AUTH")
    if auth_type != "BASIC_AUTH" and username is not None:
        raise InvalidInputException(f"Username is not valid for AuthType {auth_type}")
