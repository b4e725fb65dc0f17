"""Projects that have a provider, and their webhooks."""

from typing import Any

from mockbuild import Control
from mockbuild._deliveries import Deliveries
from tests.codebuild.factory import CLIENT, Record, create

ANYWHERE = "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION"
SOURCES = {
    "GITHUB": "https://github.com/acme/web.git",
    "GITHUB_ENTERPRISE": "https://git.example.com/acme/web.git",
    "BITBUCKET": "https://bitbucket.org/acme/web",
    "GITLAB": "https://gitlab.com/acme/team/web.git",
    "GITLAB_SELF_MANAGED": "https://gitlab.example.com/acme/web",
}
CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/x"
PUSHES: list[Record] = [{"type": "EVENT", "pattern": "PUSH"}]


def source(kind: str = "GITHUB", **changes: Any) -> Record:
    """Return a source of that type."""
    return {"type": kind, "location": SOURCES[kind], **changes}


def let_in(kind: str, client: Any = CLIENT) -> None:
    """Give the account access to a provider."""
    user = {"username": "me"} if kind == "BITBUCKET" else {}
    auth = "BASIC_AUTH" if user else "PERSONAL_ACCESS_TOKEN"
    client.import_source_credentials(token="t", serverType=kind, authType=auth, **user)


def project_of(kind: str = "GITHUB", *, more: Record | None = None, **changes: Any) -> Record:
    """Create a project named web with a source of that type, and access to its provider.

    :param more: members of the project beyond the source.
    :param changes: of the source.
    """
    if kind in ("GITLAB", "GITLAB_SELF_MANAGED"):
        changes = {"auth": {"type": "CODECONNECTIONS", "resource": CONNECTION}, **changes}
    else:
        let_in(kind)
    return create(source=source(kind, **changes), **(more or {}))


def hook(**members: Any) -> Record:
    """Create the project's webhook."""
    return CLIENT.create_webhook(projectName="web", **members)["webhook"]


def update(**members: Any) -> Record:
    """Change the project's webhook."""
    return CLIENT.update_webhook(projectName="web", **members)["webhook"]


def seen() -> Record | None:
    """Return the webhook as BatchGetProjects shows it."""
    return CLIENT.batch_get_projects(names=["web"])["projects"][0].get("webhook")


def group_with(kind: str, pattern: str = "x") -> list[list[Record]]:
    """Return the filter groups of pushes with one more filter."""
    return [[*PUSHES, {"type": kind, "pattern": pattern}]]


def deliveries_of(mb: Control) -> Deliveries:
    """Return what delivers events to the projects of a mock."""
    return mb.deliver
