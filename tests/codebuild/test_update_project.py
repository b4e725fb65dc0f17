"""UpdateProject: what it changes, what it leaves, what it clears."""

import pytest

from tests.codebuild.factory import ARN, CLIENT, ROLE, create, environment, refused, run, start

VPC = {"vpcId": "vpc-1", "subnets": ["s"], "securityGroupIds": ["g"]}
BATCHES = {
    "serviceRole": ROLE,
    "restrictions": {"maximumBuildsAllowed": 7},
    "timeoutInMins": 30,
}
GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}


def update(**changes):
    return CLIENT.update_project(name="web", **changes)["project"]


@pytest.mark.docs
def test_members_that_are_not_sent_stay(client):
    before = create(description="d", tags=[{"key": "k", "value": "v"}], timeoutInMinutes=7)
    after = update(queuedTimeoutInMinutes=9)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"queuedTimeoutInMinutes", "lastModified"}
    assert after["queuedTimeoutInMinutes"] == 9
    assert set(after) == set(before)


@pytest.mark.docs
def test_a_structure_is_replaced_as_a_whole(client):
    create(
        environment=environment(
            privilegedMode=True, environmentVariables=[{"name": "A", "value": "1"}]
        )
    )
    new = update(environment=environment(image="debian"))["environment"]
    assert new == {
        **environment(image="debian"),
        "environmentVariables": [],
        "privilegedMode": False,
        "imagePullCredentialsType": "CODEBUILD",
    }


@pytest.mark.recorded
def test_last_modified_changes_and_created_does_not(mb, web):
    mb.clock.tick(60)
    after = update(description="d")
    assert after["created"] == web["created"]
    assert (after["lastModified"] - web["lastModified"]).total_seconds() >= 60


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value", "nothing"),
    [
        ("vpcConfig", VPC, {}),
        ("buildBatchConfig", BATCHES, {}),
        ("concurrentBuildLimit", 3, -1),
    ],
)
def test_some_members_go_away(client, member, value, nothing):
    assert create(**{member: value})[member] == value
    assert member not in update(**{member: nothing})
    assert member not in CLIENT.batch_get_projects(names=["web"])["projects"][0]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("member", "value", "nothing"),
    [
        ("description", "d", ""),
        ("tags", [{"key": "k", "value": "v"}], []),
        ("secondarySources", [{"type": "S3", "location": "b/k", "sourceIdentifier": "a"}], []),
        ("cache", {"type": "S3", "location": "b"}, {"type": "NO_CACHE"}),
    ],
)
def test_others_become_empty(client, member, value, nothing):
    create(**{member: value})
    assert update(**{member: nothing})[member] == nothing


@pytest.mark.inferred
def test_tags_that_are_not_sent_stay(client):
    create(tags=[{"key": "k", "value": "v"}])
    assert update(description="d")["tags"] == [{"key": "k", "value": "v"}]


@pytest.mark.inferred
def test_a_badge_keeps_its_url(client):
    badge = create(source=GITHUB, badgeEnabled=True)["badge"]
    update(description="d")
    update(badgeEnabled=False)
    assert update(badgeEnabled=True)["badge"] == badge


@pytest.mark.docs
def test_no_such_project(client):
    with refused("ResourceNotFoundException", f"Project cannot be found: {ARN}:project/none"):
        CLIENT.update_project(name="none", description="d")


@pytest.mark.inferred
def test_a_refused_update_changes_nothing(client):
    before = create()
    with refused():
        update(description="new", artifacts={"type": "S3"})
    assert CLIENT.batch_get_projects(names=["web"])["projects"] == [before]


@pytest.mark.recorded
def test_both_halves_of_a_pipeline_have_to_change(web):
    with refused(
        message="Invalid input: when using CodePipeline both sourceType, and artifactType must "
        "be set to: CODEPIPELINE"
    ):
        update(source={"type": "CODEPIPELINE"})
    both = update(source={"type": "CODEPIPELINE"}, artifacts={"type": "CODEPIPELINE"})
    assert both["source"]["type"] == both["artifacts"]["type"] == "CODEPIPELINE"


@pytest.mark.docs
def test_builds_started_before_keep_their_settings(web):
    before = start()
    update(environment=environment(image="debian"))
    assert run()["environment"]["image"] == "debian"
    old = CLIENT.batch_get_builds(ids=[before["id"]])["builds"][0]
    assert old["environment"] == before["environment"]
