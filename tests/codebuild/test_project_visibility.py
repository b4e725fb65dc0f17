"""UpdateProjectVisibility and InvalidateProjectCache."""

import re

import pytest

from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, ROLE, create, refused, run

WEB = f"{ARN}:project/web"
ELSEWHERE = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/web"
FOREIGN = "arn:aws:codebuild:us-east-1:999999999999:project/web"


def publish(visibility: str = "PUBLIC_READ", **more) -> dict:
    answer = CLIENT.update_project_visibility(projectArn=WEB, projectVisibility=visibility, **more)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def get() -> dict:
    return CLIENT.batch_get_projects(names=["web"])["projects"][0]


@pytest.mark.recorded
def test_a_public_project_has_an_alias(web):
    answer = publish()
    alias = answer.pop("publicProjectAlias")
    assert answer == {"projectArn": WEB, "projectVisibility": "PUBLIC_READ"}
    project = get()
    assert (project["projectVisibility"], project["publicProjectAlias"]) == ("PUBLIC_READ", alias)
    assert "resourceAccessRole" not in project


@pytest.mark.docs
def test_an_alias_is_of_the_documented_form(web):
    assert re.fullmatch(r"[0-9a-zA-Z%+=]{1,1024}", publish()["publicProjectAlias"])


@pytest.mark.docs
def test_a_private_project_answers_without_an_alias(web):
    expected = {"projectArn": WEB, "projectVisibility": "PRIVATE"}
    assert publish("PRIVATE") == expected
    assert "publicProjectAlias" not in get()
    publish()
    assert publish("PRIVATE") == expected
    assert get()["projectVisibility"] == "PRIVATE"


@pytest.mark.inferred
def test_an_alias_is_made_once(web):
    alias = publish()["publicProjectAlias"]
    CLIENT.update_project(name="web", description="d")
    publish("PRIVATE")
    assert publish()["publicProjectAlias"] == alias


@pytest.mark.inferred
def test_every_project_has_an_alias_of_its_own(web):
    first = publish()["publicProjectAlias"]
    CLIENT.delete_project(name="web")
    create()
    assert publish()["publicProjectAlias"] != first


@pytest.mark.recorded
def test_a_private_project_can_have_a_role(web):
    publish("PRIVATE", resourceAccessRole=ROLE)
    assert get()["resourceAccessRole"] == ROLE


@pytest.mark.inferred
def test_a_role_stays_until_there_is_another(web):
    publish(resourceAccessRole=ROLE)
    publish("PRIVATE")
    assert get()["resourceAccessRole"] == ROLE
    publish(resourceAccessRole=f"{ROLE}-2")
    assert get()["resourceAccessRole"] == f"{ROLE}-2"


@pytest.mark.docs
def test_nothing_else_changes(mb, web):
    mb.clock.tick(60)
    publish()
    project = get()
    changed = {name for name in project if project[name] != web.get(name)}
    assert changed == {"projectVisibility", "publicProjectAlias", "lastModified"}
    assert (project["lastModified"] - web["lastModified"]).total_seconds() >= 60


@pytest.mark.inferred
def test_it_counts_as_a_change_in_lists(mb, client):
    create()
    mb.clock.tick(1)
    create("other")
    mb.clock.tick(1)
    publish()
    assert CLIENT.list_projects(sortBy="LAST_MODIFIED_TIME")["projects"] == ["web", "other"]


@pytest.mark.model
@pytest.mark.parametrize("arn", [f"{ARN}:project/none", ELSEWHERE, FOREIGN, f"{ARN}:build/web:1"])
def test_no_such_project(web, arn):
    with refused("ResourceNotFoundException", f"Project cannot be found: {arn}"):
        CLIENT.update_project_visibility(projectArn=arn, projectVisibility="PUBLIC_READ")
    assert get() == web


@pytest.mark.inferred
@pytest.mark.parametrize(
    "params",
    [
        {"projectArn": "web", "projectVisibility": "PUBLIC_READ"},
        {
            "projectArn": WEB,
            "projectVisibility": "PUBLIC_READ",
            "resourceAccessRole": "arn:aws:iam::999999999999:role/x",
        },
        {"projectArn": WEB, "projectVisibility": "PUBLIC_READ", "resourceAccessRole": "role"},
    ],
    ids=["a name", "a role of another account", "a role's name"],
)
def test_refused(web, params):
    with refused():
        CLIENT.update_project_visibility(**params)
    assert get() == web


@pytest.mark.model
@pytest.mark.parametrize(
    "params",
    [
        {"projectArn": WEB, "projectVisibility": "PUBLIC"},
        {"projectArn": "", "projectVisibility": "PRIVATE"},
        {"projectArn": WEB},
        {"projectVisibility": "PRIVATE"},
    ],
    ids=["visibility", "empty arn", "no visibility", "no arn"],
)
def test_refused_by_the_model(web, params):
    with refused():
        RAW.update_project_visibility(**params)
    assert get() == web


@pytest.mark.model
@pytest.mark.parametrize("name", ["web", WEB], ids=["name", "arn"])
def test_a_cache_is_invalidated(client, name):
    project = create(cache={"type": "S3", "location": "bucket/cache"})
    answer = CLIENT.invalidate_project_cache(projectName=name)
    assert set(answer) == {"ResponseMetadata"}
    assert get() == project
    assert run()["buildStatus"] == "SUCCEEDED"


@pytest.mark.model
@pytest.mark.parametrize("name", ["none", ELSEWHERE, FOREIGN])
def test_the_cache_of_no_project(web, name):
    with refused("ResourceNotFoundException"):
        CLIENT.invalidate_project_cache(projectName=name)


@pytest.mark.model
@pytest.mark.parametrize("params", [{}, {"projectName": ""}])
def test_the_cache_of_nothing(web, params):
    with refused():
        RAW.invalidate_project_cache(**params)
