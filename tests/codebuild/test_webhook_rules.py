"""CreateWebhook and UpdateWebhook: what is refused, and what is not."""

import pytest

from tests.codebuild.factory import CLIENT, RAW, create, refused
from tests.codebuild.webhook_factory import (
    ANYWHERE,
    CONNECTION,
    PUSHES,
    SOURCES,
    group_with,
    hook,
    let_in,
    project_of,
    seen,
    source,
    update,
)


@pytest.fixture
def of(client):
    """Return what makes a project named web with a source of some type."""
    return project_of


@pytest.fixture
def github(client):
    return project_of()


# What is refused


@pytest.mark.inferred
@pytest.mark.parametrize(
    "project",
    [
        {"source": {"type": "S3", "location": "bucket/key"}},
        {"source": {"type": "CODECOMMIT", "location": "https://git-codecommit/web"}},
        {"source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"}},
        {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}},
    ],
    ids=lambda project: project["source"]["type"],
)
def test_sources_without_webhooks(client, project):
    create(**project)
    kind = project["source"]["type"]
    with refused(message=f"Source type {kind} does not support Webhook with build type BUILD"):
        hook()


INVALID = {
    "both filters": {"branchFilter": "main", "filterGroups": [PUSHES]},
    "a group of nothing": {"filterGroups": [[]]},
    "no event": {"filterGroups": [[{"type": "HEAD_REF", "pattern": "x"}]]},
    "no event in the second group": {
        "filterGroups": [PUSHES, [{"type": "HEAD_REF", "pattern": "x"}]]
    },
    "an event that is none": {"filterGroups": [[{"type": "EVENT", "pattern": "PUSH, PULL"}]]},
    "no event in the pattern": {"filterGroups": [[{"type": "EVENT", "pattern": ""}]]},
    "an event too few": {"filterGroups": [[{"type": "EVENT", "pattern": "PUSH,"}]]},
    "an event in small letters": {"filterGroups": [[{"type": "EVENT", "pattern": "push"}]]},
    "a regular expression as event": {"filterGroups": [[{"type": "EVENT", "pattern": ".*"}]]},
    "a type of filter that is none": {"filterGroups": group_with("COLOR")},
    "a type in small letters": {"filterGroups": group_with("head_ref")},
    "an open bracket": {"filterGroups": group_with("HEAD_REF", "(")},
    "a glob": {"filterGroups": group_with("FILE_PATH", "*.py")},
    "Python's named groups": {"filterGroups": group_with("HEAD_REF", "(?P<x>a)")},
    "an abyss": {"filterGroups": group_with("COMMIT_MESSAGE", "(" * 9999)},
    "a bad branch filter": {"branchFilter": "["},
    "repositories where there is one": {"filterGroups": group_with("REPOSITORY_NAME")},
    "organizations where there is one": {"filterGroups": group_with("ORGANIZATION_NAME")},
    "Buildkite with a source": {"buildType": "RUNNER_BUILDKITE_BUILD"},
    "a build type that is none": {"buildType": "BOTH"},
    "roles elsewhere": {
        "pullRequestBuildPolicy": {
            "requiresCommentApproval": "ALL_PULL_REQUESTS",
            "approverRoles": ["GITLAB_OWNER"],
        }
    },
    "a role that is none": {
        "pullRequestBuildPolicy": {
            "requiresCommentApproval": "ALL_PULL_REQUESTS",
            "approverRoles": ["GITHUB_FAN"],
        }
    },
    "an approval that is none": {"pullRequestBuildPolicy": {"requiresCommentApproval": "MAYBE"}},
    "a policy without approval": {"pullRequestBuildPolicy": {}},
    "a filter without a pattern": {"filterGroups": [[{"type": "EVENT"}]]},
    "a scope with one repository": {
        "scopeConfiguration": {"name": "acme", "scope": "GITHUB_ORGANIZATION"}
    },
}


@pytest.mark.inferred
@pytest.mark.parametrize("asked", INVALID.values(), ids=INVALID)
def test_invalid_webhooks(github, asked):
    with refused():
        RAW.create_webhook(projectName="web", **asked)
    assert seen() is None


@pytest.mark.inferred
@pytest.mark.parametrize(
    "asked",
    [{name: value} for name, value in INVALID.items() if "scopeConfiguration" not in value],
    ids=lambda asked: next(iter(asked)),
)
def test_invalid_updates(github, asked):
    before = hook(filterGroups=[PUSHES])
    with refused():
        RAW.update_webhook(projectName="web", **next(iter(asked.values())))
    assert seen() == before


VALID = {
    "each filter": {
        "filterGroups": [
            [
                {"type": "EVENT", "pattern": "PUSH,PULL_REQUEST_CLOSED, RELEASED ,PRERELEASED"},
                *({"type": kind, "pattern": "^(?!x).*$"} for kind in (
                    "ACTOR_ACCOUNT_ID", "HEAD_REF", "BASE_REF", "FILE_PATH", "COMMIT_MESSAGE",
                    "TAG_NAME", "RELEASE_NAME", "WORKFLOW_NAME",
                )),
            ]
        ]
    },
    "BASE_REF of pushes": {"filterGroups": group_with("BASE_REF", "main")},
    "two events": {"filterGroups": [PUSHES + PUSHES]},
    "an empty pattern": {"filterGroups": group_with("FILE_PATH", "")},
    "Java's named groups": {"filterGroups": group_with("HEAD_REF", r"(?<branch>\p{Alpha}+)\z")},
    "what others never finish": {"filterGroups": group_with("COMMIT_MESSAGE", "(a+)+$")},
    "a manual one that is not": {"manualCreation": False},
}  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("asked", VALID.values(), ids=VALID)
def test_valid_webhooks(github, asked):
    for member, value in asked.items():
        found = hook(**asked)[member]
        if member != "filterGroups":
            assert found == value
            continue
        assert [[item["pattern"] for item in group] for group in found] == [
            [item["pattern"] for item in group] for group in value
        ]


@pytest.mark.inferred
def test_the_words_for_a_bad_regular_expression(github):
    with refused(
        message="Invalid webhook filter pattern for HEAD_REF: '(' is not a valid regular "
        "expression: missing ), unterminated subpattern at position 0"
    ):
        hook(filterGroups=group_with("HEAD_REF", "("))


@pytest.mark.docs
@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("GITHUB", "PULL_REQUEST_REOPENED"),
        ("GITHUB", "PRERELEASED"),
        ("GITHUB", "WORKFLOW_JOB_QUEUED"),
        ("GITHUB_ENTERPRISE", "PULL_REQUEST_REOPENED"),
        ("GITHUB_ENTERPRISE", "WORKFLOW_JOB_QUEUED"),
        ("BITBUCKET", "PULL_REQUEST_CLOSED"),
        ("GITLAB", "PULL_REQUEST_REOPENED"),
        ("GITLAB_SELF_MANAGED", "RELEASED"),
    ],
)
def test_events_of_a_provider(of, kind, event):
    of(kind)
    assert hook(filterGroups=[[{"type": "EVENT", "pattern": event}]])


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("GITHUB_ENTERPRISE", "RELEASED"),
        ("BITBUCKET", "PULL_REQUEST_REOPENED"),
        ("BITBUCKET", "WORKFLOW_JOB_QUEUED"),
        ("GITLAB", "PRERELEASED"),
    ],
)
def test_events_a_provider_has_not(of, kind, event):
    of(kind)
    with refused():
        hook(filterGroups=[[{"type": "EVENT", "pattern": f"PUSH, {event}"}]])


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "filter_type"),
    [
        ("GITHUB_ENTERPRISE", "TAG_NAME"),
        ("BITBUCKET", "RELEASE_NAME"),
        ("BITBUCKET", "WORKFLOW_NAME"),
        ("GITLAB", "ORGANIZATION_NAME"),
    ],
)
def test_filters_a_provider_has_not(of, kind, filter_type):
    of(kind)
    with refused():
        hook(filterGroups=group_with(filter_type))


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("GITHUB", None),
        ("GITHUB", {"name": "acme", "scope": "GITLAB_GROUP"}),
        ("GITHUB_ENTERPRISE", {"name": "acme", "scope": "GITHUB_ORGANIZATION"}),
        ("GITLAB", {"name": "acme", "scope": "GITHUB_GLOBAL"}),
        ("GITLAB_SELF_MANAGED", {"name": "acme", "scope": "GITLAB_GROUP"}),
        ("BITBUCKET", {"name": "acme", "scope": "GITLAB_GROUP"}),
    ],
)
def test_scopes_that_do_not_fit(of, kind, scope):
    of(kind, location=ANYWHERE)
    with refused():
        hook(**({"scopeConfiguration": scope} if scope else {}))


@pytest.mark.docs
def test_bitbucket_is_not_set_up_by_hand(of):
    of("BITBUCKET")
    with refused():
        hook(manualCreation=True)


@pytest.mark.recorded
def test_an_empty_branch_filter(github):
    with refused(
        "ValidationException",
        "1 validation error detected: Value '' at 'newProjectVersion.webhook.branches' failed to "
        "satisfy constraint: Member must have length greater than or equal to 1",
    ):
        hook(branchFilter="")


# Access to the provider


@pytest.mark.recorded
def test_no_access_to_github(client):
    create(source=source())
    with refused("ResourceNotFoundException", "Could not find access token for server type github"):
        hook()
    let_in("GITHUB")
    assert hook()


@pytest.mark.inferred
@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind != "GITHUB"])
def test_no_access_to_other_providers(client, kind):
    create(source=source(kind))
    with refused(
        "ResourceNotFoundException", f"Could not find access token for server type {kind.lower()}"
    ):
        hook()


@pytest.mark.inferred
@pytest.mark.parametrize("kind", ["CODECONNECTIONS", "SECRETS_MANAGER"])
def test_a_source_with_a_credential_of_its_own(client, kind):
    create(source=source(auth={"type": kind, "resource": CONNECTION}))
    assert hook()


@pytest.mark.inferred
@pytest.mark.parametrize("auth", [{"type": "OAUTH"}, {"type": "OAUTH", "resource": "x"}])
def test_a_source_that_relies_on_the_accounts_credential(client, auth):
    create(source=source(auth=auth))
    with refused("ResourceNotFoundException"):
        hook()


@pytest.mark.inferred
def test_by_hand_no_access_is_needed(client):
    create(source=source())
    assert hook(manualCreation=True)


@pytest.mark.recorded
@pytest.mark.parametrize(
    "location", ["https://github.com/acme", "https://github.com/", "github.com/acme/web", "web"]
)
def test_a_location_that_is_no_repository(of, location):
    of(location=location)
    with refused(
        "OAuthProviderException",
        "Failed to create webhook. Repository not found or permission denied. Please make sure "
        "the source credentials associated with your project have the permission to create "
        "webhook.",
    ):
        hook()
    assert seen() is None


@pytest.mark.inferred
@pytest.mark.parametrize(
    "location",
    [
        "https://github.com/acme/web",
        "https://github.com/acme/web.git/",
        "https://me@github.com/acme/web.git",
        "git@github.com:acme/web.git",
    ],
)
def test_ways_to_write_a_repository(of, location):
    of(location=location)
    assert "/repos/acme/web/hooks/" in hook()["url"]


@pytest.mark.docs
@pytest.mark.parametrize("name", ["CreateWebhook", "UpdateWebhook", "DeleteWebhook"])
def test_a_provider_in_trouble(mb, github, name):
    hook()
    mb.faults.on(name).raises("OAuthProviderException", "GitHub API limit reached.")
    call = {"CreateWebhook": hook, "UpdateWebhook": update}.get(
        name, lambda: CLIENT.delete_webhook(projectName="web")
    )
    with refused("OAuthProviderException", "GitHub API limit reached."):
        call()
    assert seen()


# What is not there, and what is there already


@pytest.mark.inferred
def test_a_second_webhook(github):
    first = hook()
    with refused("ResourceAlreadyExistsException"):
        hook()
    assert seen() == first


@pytest.mark.inferred
@pytest.mark.parametrize("operation", ["create_webhook", "update_webhook", "delete_webhook"])
def test_an_unknown_project(client, operation):
    arn = "arn:aws:codebuild:us-east-1:123456789012:project/nope"
    with refused("ResourceNotFoundException", f"Project cannot be found: {arn}"):
        getattr(CLIENT, operation)(projectName="nope")


@pytest.mark.model
@pytest.mark.parametrize("operation", ["create_webhook", "update_webhook", "delete_webhook"])
@pytest.mark.parametrize(
    "name", ["x", "", "a b", "arn:aws:codebuild:us-east-1:1:project/web", None]
)
def test_what_is_no_project_name(client, operation, name):
    with refused():
        getattr(RAW, operation)(**({} if name is None else {"projectName": name}))


@pytest.mark.model
@pytest.mark.parametrize("operation", ["update_webhook", "delete_webhook"])
def test_a_project_without_a_webhook(github, operation):
    with refused("ResourceNotFoundException"):
        getattr(CLIENT, operation)(projectName="web")
