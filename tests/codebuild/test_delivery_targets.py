"""``mb.deliver``: which project and repository an event is about, and what cannot be."""

import pytest

from mockbuild import ConfigurationError, Control
from mockbuild._deliveries import Deliveries
from mockbuild.webhook_events import pull_request, push, release
from tests.codebuild.factory import ACCOUNT, CLIENT, create, look, make_client, members
from tests.codebuild.webhook_factory import (
    ANYWHERE,
    PUSHES,
    deliveries_of,
    hook,
    let_in,
    project_of,
    source,
)


@pytest.fixture
def deliver(mb: Control) -> Deliveries:
    return deliveries_of(mb)


def webhook_of(kind="GITHUB"):
    project_of(kind)
    return hook(filterGroups=[PUSHES])


# Webhooks of many repositories


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "scope", "url"),
    [
        ("GITHUB", {"scope": "GITHUB_ORGANIZATION"}, "https://github.com/acme/api.git"),
        (
            "GITHUB_ENTERPRISE",
            {"scope": "GITHUB_GLOBAL", "domain": "git.example.com"},
            "https://git.example.com/acme/api.git",
        ),
        ("GITLAB", {"scope": "GITLAB_GROUP"}, "https://gitlab.com/acme/api.git"),
        (
            "GITLAB_SELF_MANAGED",
            {"scope": "GITLAB_GROUP", "domain": "https://lab.example.com/"},
            "https://lab.example.com/acme/api.git",
        ),
    ],
)
def test_the_repository_of_the_event_is_built(deliver, client, kind, scope, url):
    project_of(kind, location=ANYWHERE)
    names = {"type": "REPOSITORY_NAME", "pattern": "^api$"}
    hook(scopeConfiguration={"name": "acme", **scope}, filterGroups=[[*PUSHES, names]])
    assert not deliver("web", push(repository="acme/web")).started
    (build_id,) = deliver("web", push(repository="acme/api")).started
    assert look(build_id)["source"]["location"] == url
    with pytest.raises(ConfigurationError, match="say of which the event is"):
        deliver("web", push())


# Which project


@pytest.mark.docs
def test_the_project_can_be_named_by_its_arn(deliver, client):
    webhook_of()
    assert deliver(f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/web", push()).started


@pytest.mark.docs
def test_a_project_in_another_region_is_found(deliver, client):
    frankfurt = make_client("eu-central-1")
    frankfurt.create_project(**members(source=source()))
    let_in("GITHUB", frankfurt)
    frankfurt.create_webhook(projectName="web")
    (build_id,) = deliver("web", push()).started
    assert frankfurt.list_builds()["ids"] == [build_id]
    assert CLIENT.list_builds()["ids"] == []


@pytest.mark.docs
def test_projects_of_one_name_in_two_regions(deliver, client):
    webhook_of()
    frankfurt = make_client("eu-central-1")
    frankfurt.create_project(**members(source=source()))
    with pytest.raises(ConfigurationError, match="several projects 'web', in us-east-1 of 1234"):
        deliver("web", push())
    assert deliver("web", push(), region="us-east-1", account_id=ACCOUNT).started
    delivery = deliver("web", push(), region="eu-central-1")
    assert delivery.reasons == ["project web has no webhook"]
    assert frankfurt.list_builds()["ids"] == []


# What cannot be


@pytest.mark.docs
@pytest.mark.parametrize(
    ("name", "place", "message"),
    [
        ("nope", {}, "there is no project 'nope' in any region or account"),
        ("web", {"region": "eu-west-1"}, "there is no project 'web' in eu-west-1"),
        ("web", {"account_id": "1"}, "there is no project 'web' in 1"),
        (
            "web",
            {"region": "eu-west-1", "account_id": "1"},
            "there is no project 'web' in eu-west-1 of 1",
        ),
    ],
)
def test_no_such_project(deliver, client, name, place, message):
    webhook_of()
    with pytest.raises(ConfigurationError) as caught:
        deliver(name, push(), **place)
    assert str(caught.value) == message


@pytest.mark.docs
@pytest.mark.parametrize("event", ["PUSH", None, push, {"event": "PUSH"}])
def test_what_is_no_event(deliver, client, event):
    webhook_of()
    with pytest.raises(ConfigurationError, match="an event is made with push"):
        deliver("web", event)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("BITBUCKET", release("v1")),
        ("BITBUCKET", pull_request(1, event="REOPENED")),
        ("GITHUB_ENTERPRISE", release("v1")),
        ("GITLAB", release("v1", prerelease=True)),
        ("GITHUB", pull_request(1, role="GITLAB_OWNER")),
        ("GITLAB", pull_request(1, approved_by="GITHUB_ADMIN")),
        ("GITHUB", push(repository="acme/api")),
    ],
)
def test_events_a_provider_does_not_have(deliver, client, kind, event):
    webhook_of(kind)
    with pytest.raises(ConfigurationError):
        deliver("web", event)


@pytest.mark.docs
def test_a_source_that_has_become_another(deliver, client):
    webhook_of()
    CLIENT.update_project(name="web", source={"type": "S3", "location": "bucket/key"})
    with pytest.raises(ConfigurationError, match="whose provider has no PUSH events; it has none"):
        deliver("web", push())


@pytest.mark.docs
def test_one_event_can_go_to_many(deliver, client):
    event = push(files=(path for path in ["a"]))
    webhook_of()
    create("api", source=source())
    CLIENT.create_webhook(projectName="api")
    assert deliver("web", event).started
    assert deliver("api", event).started
