"""CreateWebhook: what a webhook's record holds."""

import base64
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.codebuild.factory import CLIENT
from tests.codebuild.webhook_factory import (
    ANYWHERE,
    PUSHES,
    SOURCES,
    hook,
    project_of,
    seen,
)

OF_GITHUB = ["GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"]


@pytest.fixture
def of(client):
    """Return what makes a project named web with a source of some type."""
    return project_of


@pytest.fixture
def github(client):
    return project_of()


# What CreateWebhook returns


@pytest.mark.recorded
def test_a_webhook_at_github(github):
    groups = [
        [
            {"type": "EVENT", "pattern": "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED"},
            {"type": "HEAD_REF", "pattern": "^refs/heads/b$", "excludeMatchedPattern": True},
            {"type": "BASE_REF", "pattern": "^refs/heads/main$"},
        ],
        PUSHES,
    ]
    webhook = hook(filterGroups=groups)
    assert webhook.pop("payloadUrl").startswith("https://codebuild.us-east-1.amazonaws.com/")
    assert re.fullmatch(r"https://api\.github\.com/repos/acme/web/hooks/\d{9}", webhook.pop("url"))
    assert webhook.pop("lastModifiedSecret").utcoffset() is not None
    assert webhook == {
        "filterGroups": [
            [
                {**groups[0][0], "excludeMatchedPattern": False},
                groups[0][1],
                {**groups[0][2], "excludeMatchedPattern": False},
            ],
            [{**PUSHES[0], "excludeMatchedPattern": False}],
        ],
        "buildType": "BUILD",
        "status": "ACTIVE",
        "pullRequestBuildPolicy": {
            "requiresCommentApproval": "ALL_PULL_REQUESTS",
            "approverRoles": OF_GITHUB,
        },
    }


@pytest.mark.recorded
def test_the_payload_url_carries_something_opaque(github):
    url = urlsplit(hook()["payloadUrl"])
    query = parse_qs(url.query)
    assert (url.path, query["v"]) == ("/webhooks", ["1"])
    token = json.loads(base64.b64decode(query["t"][0]))
    assert token.keys() == {"encryptedData", "ivParameterSpec", "materialSetSerial"}


@pytest.mark.recorded
def test_a_branch_filter(github):
    webhook = hook(branchFilter="^main$")
    assert webhook["branchFilter"] == "^main$"
    assert "filterGroups" not in webhook


@pytest.mark.inferred
def test_no_filter_groups_are_as_good_as_none_sent(github):
    assert "filterGroups" not in hook(filterGroups=[])


@pytest.mark.recorded
@pytest.mark.parametrize("kind", SOURCES)
def test_every_provider_has_a_payload_url(of, kind):
    of(kind)
    assert hook()["payloadUrl"].startswith("https://")


URLS = {
    "GITHUB": r"https://api\.github\.com/repos/acme/web/hooks/\d+",
    "BITBUCKET": r"https://api\.bitbucket\.org/2\.0/repositories/acme/web/hooks/%7B[\w-]+%7D",
    "GITLAB": r"https://gitlab\.com/api/v4/projects/acme%2Fteam%2Fweb/hooks/\d+",
    "GITLAB_SELF_MANAGED": r"https://gitlab\.example\.com/api/v4/projects/acme%2Fweb/hooks/\d+",
}


@pytest.mark.inferred
@pytest.mark.parametrize(("kind", "url"), URLS.items(), ids=URLS)
def test_where_the_provider_has_it(of, kind, url):
    of(kind)
    webhook = hook()
    assert re.fullmatch(url, webhook["url"])
    assert "secret" not in webhook


@pytest.mark.recorded
def test_github_enterprise_is_set_up_by_hand(of):
    of("GITHUB_ENTERPRISE")
    webhook = hook(branchFilter="dev")
    assert "url" not in webhook
    assert re.fullmatch("[0-9a-f]{40}", webhook["secret"])


@pytest.mark.docs
@pytest.mark.parametrize("kind", ["GITHUB", "GITLAB", "GITLAB_SELF_MANAGED"])
def test_a_webhook_that_is_to_be_set_up_by_hand(of, kind):
    of(kind)
    webhook = hook(manualCreation=True)
    assert "url" not in webhook
    assert webhook["secret"]
    assert webhook["manualCreation"] is True


@pytest.mark.docs
def test_bitbucket_has_no_secret(of):
    of("BITBUCKET")
    webhook = hook()
    assert "secret" not in webhook
    assert "lastModifiedSecret" not in webhook


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("kind", "asked"), [("GITHUB", {"manualCreation": True}), ("GITHUB_ENTERPRISE", {})]
)
def test_the_secret_is_shown_once(of, kind, asked):
    of(kind)
    created = hook(**asked)
    assert created.pop("secret")
    assert seen() == created


@pytest.mark.inferred
def test_secrets_differ(of):
    of("GITHUB_ENTERPRISE")
    first = hook()["secret"]
    CLIENT.delete_webhook(projectName="web")
    assert hook()["secret"] != first


@pytest.mark.recorded
@pytest.mark.parametrize("build_type", ["BUILD", "BUILD_BATCH"])
def test_build_types(github, build_type):
    assert hook(buildType=build_type)["buildType"] == build_type
    assert seen()["buildType"] == build_type


@pytest.mark.docs
def test_buildkite_calls_a_project_without_a_source(web):
    jobs = [{"type": "EVENT", "pattern": "WORKFLOW_JOB_QUEUED"}]
    pipelines = {"type": "WORKFLOW_NAME", "pattern": "web"}
    webhook = hook(buildType="RUNNER_BUILDKITE_BUILD", filterGroups=[[*jobs, pipelines]])
    assert webhook["secret"]
    assert "url" not in webhook
    assert "pullRequestBuildPolicy" not in webhook


# Who may approve pull requests


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        (
            {"requiresCommentApproval": "ALL_PULL_REQUESTS"},
            {"requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": OF_GITHUB},
        ),
        (
            {"requiresCommentApproval": "FORK_PULL_REQUESTS", "approverRoles": ["GITHUB_ADMIN"]},
            {"requiresCommentApproval": "FORK_PULL_REQUESTS", "approverRoles": ["GITHUB_ADMIN"]},
        ),
        ({"requiresCommentApproval": "DISABLED"}, {"requiresCommentApproval": "DISABLED"}),
        (
            {"requiresCommentApproval": "FORK_PULL_REQUESTS", "approverRoles": []},
            {"requiresCommentApproval": "FORK_PULL_REQUESTS", "approverRoles": OF_GITHUB},
        ),
    ],
    ids=["no roles", "roles", "disabled", "empty roles"],
)
def test_policies(github, asked, stored):
    assert hook(pullRequestBuildPolicy=asked)["pullRequestBuildPolicy"] == stored
    assert seen()["pullRequestBuildPolicy"] == stored


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("GITHUB_ENTERPRISE", OF_GITHUB),
        ("GITLAB", ["GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER"]),
        ("GITLAB_SELF_MANAGED", ["GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER"]),
        ("BITBUCKET", ["BITBUCKET_WRITE", "BITBUCKET_ADMIN"]),
    ],
)
def test_the_default_policy_of_other_providers(of, kind, roles):
    of(kind)
    assert hook()["pullRequestBuildPolicy"] == {
        "requiresCommentApproval": "ALL_PULL_REQUESTS",
        "approverRoles": roles,
    }


# Webhooks of many repositories


SCOPES = [
    ("GITHUB", {"name": "acme", "scope": "GITHUB_ORGANIZATION"}, "api.github.com/orgs/acme/"),
    ("GITHUB", {"name": "a b/c", "scope": "GITHUB_ORGANIZATION"}, "orgs/a%20b%2Fc/"),
    ("GITHUB", {"name": "acme", "scope": "GITHUB_GLOBAL"}, None),
    (
        "GITHUB_ENTERPRISE",
        {"name": "acme", "scope": "GITHUB_ORGANIZATION", "domain": "git.example.com"},
        None,
    ),
    ("GITLAB", {"name": "acme/web", "scope": "GITLAB_GROUP"}, "gitlab.com/api/v4/groups/acme%2F"),
    (
        "GITLAB_SELF_MANAGED",
        {"name": "acme", "scope": "GITLAB_GROUP", "domain": "https://gitlab.example.com"},
        "https://gitlab.example.com/api/v4/groups/acme/",
    ),
    (
        "GITLAB_SELF_MANAGED",
        {"name": "acme", "scope": "GITLAB_GROUP", "domain": "gitlab.example.com"},
        "https://gitlab.example.com/api/v4/groups/acme/",
    ),
]


@pytest.mark.inferred
@pytest.mark.parametrize(("kind", "scope", "url"), SCOPES)
def test_scopes(of, kind, scope, url):
    of(kind, location=ANYWHERE)
    names = {"type": "REPOSITORY_NAME", "pattern": "web"}
    webhook = hook(scopeConfiguration=scope, filterGroups=[[*PUSHES, names]])
    assert webhook["scopeConfiguration"] == scope
    assert url in webhook["url"] if url else webhook["secret"]
    assert seen()["scopeConfiguration"] == scope


@pytest.mark.docs
def test_only_webhooks_of_everything_hear_of_organizations(of):
    of(location=ANYWHERE)
    names = {"type": "ORGANIZATION_NAME", "pattern": "acme"}
    scope = {"name": "acme", "scope": "GITHUB_GLOBAL"}
    assert hook(scopeConfiguration=scope, filterGroups=[[*PUSHES, names]])
