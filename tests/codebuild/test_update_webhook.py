"""UpdateWebhook, DeleteWebhook, and what becomes of webhooks otherwise."""

from datetime import timedelta

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import CLIENT, create, make_client, members, refused
from tests.codebuild.webhook_factory import (
    ANYWHERE,
    PUSHES,
    group_with,
    hook,
    let_in,
    project_of,
    seen,
    source,
    update,
)

OF_GITHUB = ["GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"]


@pytest.fixture
def of(client):
    """Return what makes a project named web with a source of some type."""
    return project_of


@pytest.fixture
def github(client):
    return project_of()


# UpdateWebhook


@pytest.mark.recorded
def test_what_an_update_returns(github):
    hook(branchFilter="main")
    webhook = update(filterGroups=[PUSHES])
    assert webhook.keys() == {
        "filterGroups", "lastModifiedSecret", "buildType", "status", "pullRequestBuildPolicy",
    }  # fmt: skip
    assert webhook["filterGroups"] == [PUSHES]


@pytest.mark.inferred
def test_what_an_update_stores(github):
    before = hook(branchFilter="main")
    update(filterGroups=[PUSHES])
    del before["branchFilter"]
    filled = [[{**PUSHES[0], "excludeMatchedPattern": False}]]
    assert seen() == {**before, "filterGroups": filled}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("asked", "filters"),
    [
        ({"branchFilter": "^b$"}, {"branchFilter": "^b$"}),
        ({"branchFilter": ""}, {}),
        ({"filterGroups": []}, {}),
        ({"branchFilter": "", "filterGroups": []}, {}),
        ({"branchFilter": "", "filterGroups": [PUSHES]}, {"filterGroups": 1}),
        ({"buildType": "BUILD"}, {"filterGroups": 2}),
        ({}, {"filterGroups": 2}),
    ],
)
def test_filters_after_an_update(github, asked, filters):
    hook(filterGroups=[PUSHES, PUSHES])
    answer = update(**asked)
    for webhook in (answer, seen()):
        found = {
            name: webhook[name] for name in ("branchFilter", "filterGroups") if name in webhook
        }
        if "filterGroups" in found:
            found["filterGroups"] = len(found["filterGroups"])
        assert found == filters


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("buildType", "BUILD_BATCH"),
        ("pullRequestBuildPolicy", {"requiresCommentApproval": "DISABLED"}),
    ],
)
def test_other_members_of_an_update(github, member, value):
    before = hook(filterGroups=[PUSHES])
    assert update(**{member: value})[member] == value
    assert seen() == {**before, member: value}


@pytest.mark.recorded
def test_a_new_policy_gets_the_usual_roles(github):
    hook(pullRequestBuildPolicy={"requiresCommentApproval": "DISABLED"})
    policy = {"requiresCommentApproval": "FORK_PULL_REQUESTS"}
    assert update(pullRequestBuildPolicy=policy)["pullRequestBuildPolicy"] == {
        **policy,
        "approverRoles": OF_GITHUB,
    }


@pytest.mark.recorded
def test_a_new_secret_at_github_is_githubs_alone():
    with mock_codebuild(clock="virtual") as mb:
        let_in("GITHUB")
        create(source=source())
        before = hook()
        mb.clock.tick(minutes=1)
        unchanged = update(rotateSecret=False)
        assert unchanged["lastModifiedSecret"] == before["lastModifiedSecret"]
        webhook = update(rotateSecret=True)
        assert "secret" not in webhook
        assert webhook["lastModifiedSecret"] == before["lastModifiedSecret"] + timedelta(minutes=1)
        assert seen()["lastModifiedSecret"] == webhook["lastModifiedSecret"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "asked"), [("GITHUB", {"manualCreation": True}), ("GITHUB_ENTERPRISE", {})]
)
def test_a_new_secret_for_what_was_set_up_by_hand(of, kind, asked):
    of(kind)
    first = hook(**asked)["secret"]
    assert "secret" not in update()
    assert update(rotateSecret=True)["secret"] not in ("", first)
    assert "secret" not in seen()


@pytest.mark.inferred
def test_bitbucket_has_no_secret_to_renew(of):
    of("BITBUCKET")
    hook()
    with refused():
        update(rotateSecret=True)
    assert update(rotateSecret=False)


@pytest.mark.docs
def test_the_scope_of_a_webhook_holds_for_its_new_filters(of):
    of(location=ANYWHERE)
    hook(scopeConfiguration={"name": "acme", "scope": "GITHUB_ORGANIZATION"})
    assert update(filterGroups=group_with("REPOSITORY_NAME"))
    with refused():
        update(filterGroups=group_with("ORGANIZATION_NAME"))


@pytest.mark.inferred
def test_a_source_that_no_longer_can(github):
    hook()
    CLIENT.update_project(name="web", source={"type": "S3", "location": "bucket/key"})
    with refused():
        update(filterGroups=[PUSHES])
    CLIENT.delete_webhook(projectName="web")
    assert seen() is None


# DeleteWebhook, and what becomes of a webhook otherwise


@pytest.mark.docs
def test_a_webhook_is_deleted(github):
    hook()
    assert "webhook" not in CLIENT.delete_webhook(projectName="web")
    assert seen() is None
    assert hook()


@pytest.mark.inferred
def test_a_webhook_outlives_changes_of_its_project(github):
    webhook = hook(filterGroups=[PUSHES])
    updated = CLIENT.update_project(name="web", description="x")["project"]
    assert updated["webhook"] == webhook


@pytest.mark.docs
def test_a_webhook_goes_with_its_project(github):
    hook()
    CLIENT.delete_project(name="web")
    assert "webhook" not in create(source=source())


@pytest.mark.inferred
def test_a_builds_record_has_no_webhook(github):
    hook()
    assert "webhook" not in CLIENT.start_build(projectName="web")["build"]


@pytest.mark.model
def test_regions_share_nothing(github):
    hook()
    frankfurt = make_client("eu-central-1")
    frankfurt.create_project(**members(source=source()))
    with refused("ResourceNotFoundException"):
        frankfurt.create_webhook(projectName="web")
    frankfurt.import_source_credentials(
        token="t", serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN"
    )
    webhook = frankfurt.create_webhook(projectName="web")["webhook"]
    assert webhook["payloadUrl"].startswith("https://codebuild.eu-central-1.amazonaws.com/")
    assert webhook["url"] != seen()["url"]


@pytest.mark.docs
def test_a_seed_makes_everything_come_again():
    records = []
    for _ in range(2):
        with mock_codebuild(seed=7):
            create(source=source())
            webhook = hook(manualCreation=True)
            del webhook["lastModifiedSecret"]
            records.append(webhook)
    assert records[0] == records[1]
