"""``mb.deliver``: what a provider tells, and the builds that start."""

import re
import time
from typing import Any

import pytest

from mockbuild import Control, mock_codebuild
from mockbuild._deliveries import Deliveries, Delivery
from mockbuild.webhook_events import pull_request, push, release, tag
from tests.codebuild.factory import CLIENT, ROLE, look
from tests.codebuild.webhook_factory import (
    PUSHES,
    deliveries_of,
    hook,
    project_of,
    source,
    update,
)

COMMIT = "686fcdc44df8358e3382e80379d7abec66f47e38"
BEFORE = "1a410efbd13591db07496601ebc7a059dd55cfe9"
SQUASHED = "f86f073df0dc6ffbb5c44acf2f3fc2d58a8a4e3f"
EVERYTHING = [
    [
        {
            "type": "EVENT",
            "pattern": "PUSH, PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, PULL_REQUEST_MERGED",
        }
    ]
]
RELEASES = [[{"type": "EVENT", "pattern": "RELEASED"}]]
NAMES = ("ACTOR_ACCOUNT_ID", "BASE_REF", "EVENT", "HEAD_REF", "MERGE_COMMIT", "PREV_COMMIT")
EXPORTED = [
    *(f"CODEBUILD_WEBHOOK_{name}" for name in (*NAMES, "TRIGGER")),
    "CODEBUILD_INITIATOR",
    "CODEBUILD_SOURCE_VERSION",
    "CODEBUILD_SOURCE_REPO_URL",
]
BUILDSPEC = f"""\
version: 0.2
env:
  exported-variables: [{", ".join(EXPORTED)}]
phases:
  build:
    commands: [make]
"""


@pytest.fixture
def deliver(mb: Control) -> Deliveries:
    return deliveries_of(mb)


def webhook_of(kind="GITHUB", /, **members):
    project_of(kind, buildspec=BUILDSPEC)
    return hook(**{"filterGroups": EVERYTHING, **members})


def built(delivery: Delivery) -> dict[str, Any]:
    """Return the build that was started, as it ended."""
    assert delivery.reasons == []
    (build_id,) = delivery.started
    return look(build_id)


def variables(build):
    """Return the variables that the build saw; one that is not set is left out."""
    found = {item["name"]: item["value"] for item in build["exportedEnvironmentVariables"]}
    return {name.removeprefix("CODEBUILD_"): value for name, value in found.items() if value}


# What builds, and how


@pytest.mark.recorded
def test_a_push(deliver, client):
    webhook_of()
    event = push("main", commit=COMMIT, previous_commit=BEFORE, actor="461164")
    build = built(deliver("web", event))
    assert build["sourceVersion"] == COMMIT
    assert build["resolvedSourceVersion"] == COMMIT
    assert build["buildStatus"] == "SUCCEEDED"
    assert re.fullmatch(r"GitHub-Hookshot/[0-9a-f]{7}", build["initiator"])
    assert variables(build) == {
        "INITIATOR": build["initiator"],
        "SOURCE_VERSION": COMMIT,
        "SOURCE_REPO_URL": "https://github.com/acme/web.git",
        "WEBHOOK_ACTOR_ACCOUNT_ID": "461164",
        "WEBHOOK_EVENT": "PUSH",
        "WEBHOOK_HEAD_REF": "refs/heads/main",
        "WEBHOOK_PREV_COMMIT": BEFORE,
        "WEBHOOK_TRIGGER": "branch/main",
    }


@pytest.mark.recorded
def test_a_pull_request(deliver, client):
    webhook_of()
    event = pull_request(1486, base="develop", head="test/pr-branch", actor="461164")
    build = built(deliver("web", event))
    assert build["sourceVersion"] == "pr/1486"
    assert re.fullmatch(r"[0-9a-f]{40}", build["resolvedSourceVersion"])
    assert variables(build) == {
        "INITIATOR": build["initiator"],
        "SOURCE_VERSION": "pr/1486",
        "SOURCE_REPO_URL": "https://github.com/acme/web.git",
        "WEBHOOK_ACTOR_ACCOUNT_ID": "461164",
        "WEBHOOK_BASE_REF": "refs/heads/develop",
        "WEBHOOK_EVENT": "PULL_REQUEST_CREATED",
        "WEBHOOK_HEAD_REF": "refs/heads/test/pr-branch",
        "WEBHOOK_TRIGGER": "pr/1486",
    }


@pytest.mark.inferred
def test_a_tag(deliver, client):
    webhook_of()
    build = built(deliver("web", tag("v1.0", commit=COMMIT)))
    assert build["sourceVersion"] == COMMIT
    seen = variables(build)
    assert seen["WEBHOOK_EVENT"] == "PUSH"
    assert seen["WEBHOOK_HEAD_REF"] == "refs/tags/v1.0"
    assert seen["WEBHOOK_TRIGGER"] == "tag/v1.0"
    assert "WEBHOOK_PREV_COMMIT" not in seen


@pytest.mark.inferred
def test_a_release(deliver, client):
    webhook_of(filterGroups=RELEASES)
    build = built(deliver("web", release("v1.0", name="The first")))
    assert build["sourceVersion"] == "refs/tags/v1.0"
    seen = variables(build)
    assert seen["WEBHOOK_EVENT"] == "RELEASED"
    assert seen["WEBHOOK_TRIGGER"] == "tag/v1.0"
    assert "WEBHOOK_HEAD_REF" not in seen


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("kind", "initiator", "version"),
    [
        ("GITHUB", r"GitHub-Hookshot/[0-9a-f]{7}", "pr/7"),
        ("GITHUB_ENTERPRISE", r"GitHub-Hookshot/[0-9a-f]{7}", "pr/7"),
        ("BITBUCKET", r"Bitbucket-Webhooks/2\.0", COMMIT),
        ("GITLAB", r"GitLab/\d+\.\d+\.\d+", COMMIT),
        ("GITLAB_SELF_MANAGED", r"GitLab/\d+\.\d+\.\d+", COMMIT),
    ],
)
def test_providers(deliver, client, kind, initiator, version):
    webhook_of(kind)
    build = built(deliver("web", pull_request(7, commit=COMMIT)))
    assert re.fullmatch(initiator, build["initiator"])
    assert build["sourceVersion"] == version
    assert variables(build)["WEBHOOK_TRIGGER"] == "pr/7"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("kind", "told"), [("BITBUCKET", True), ("GITLAB", True), ("GITHUB", False)]
)
def test_who_tells_of_the_commit_of_a_squash(deliver, client, kind, told):
    webhook_of(kind)
    event = pull_request(7, event="MERGED", merge_commit=SQUASHED)
    seen = variables(built(deliver("web", event)))
    assert seen.get("WEBHOOK_MERGE_COMMIT") == (SQUASHED if told else None)


@pytest.mark.inferred
def test_commits_nobody_named_are_made_up(deliver, client):
    webhook_of()
    first, second = (built(deliver("web", push())) for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{40}", first["sourceVersion"])
    assert first["sourceVersion"] != second["sourceVersion"]
    assert variables(first)["WEBHOOK_PREV_COMMIT"] != variables(second)["WEBHOOK_PREV_COMMIT"]


@pytest.mark.docs
def test_a_seed_makes_everything_come_again():
    builds = []
    for _ in range(2):
        with mock_codebuild(seed=7) as mb:
            webhook_of()
            delivery = deliveries_of(mb)("web", push())
            builds.append((delivery.started, variables(built(delivery))))
    assert builds[0] == builds[1]


@pytest.mark.docs
def test_the_projects_variables_stay(deliver, client):
    webhook_of()
    CLIENT.update_project(
        name="web",
        environment={
            "type": "LINUX_CONTAINER",
            "image": "i",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "STAGE", "value": "test"}],
        },
    )
    build = built(deliver("web", push()))
    assert [item["name"] for item in build["environment"]["environmentVariables"]] == ["STAGE"]


@pytest.mark.docs
def test_the_build_is_one_like_any_other(mb, deliver, client):
    webhook_of()
    mb.script("web").fails("BUILD")
    (build_id,) = deliver("web", push()).started
    assert CLIENT.list_builds_for_project(projectName="web")["ids"] == [build_id]
    build = look(build_id)
    assert build["buildStatus"] == "FAILED"
    assert build["buildNumber"] == 1
    again = CLIENT.retry_build(id=build_id)["build"]
    assert again["sourceVersion"] == build["sourceVersion"]


@pytest.mark.docs
def test_it_is_no_call_of_startbuild(mb, deliver, client):
    webhook_of()
    mb.faults.on("*").throttles(times=None)
    assert deliver("web", push()).started
    assert mb.calls("StartBuild") == []


@pytest.mark.docs
def test_a_batch(deliver, client):
    webhook_of(buildType="BUILD_BATCH")
    spec = "version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n"
    CLIENT.update_project(
        name="web", source=source(buildspec=spec), buildBatchConfig={"serviceRole": ROLE}
    )
    (batch_id,) = deliver("web", push(commit=COMMIT)).started
    (batch,) = CLIENT.batch_get_build_batches(ids=[batch_id])["buildBatches"]
    assert batch["sourceVersion"] == COMMIT
    assert batch["initiator"].startswith("GitHub-Hookshot/")


@pytest.mark.docs
@pytest.mark.parametrize("runner", ["simulated", "local"])
@pytest.mark.parametrize("build_type", ["BUILD", "BUILD_BATCH"])
def test_a_pull_request_is_built_at_the_commit_it_is_told_with(tmp_path, runner, build_type):
    spec = f"{BUILDSPEC}batch:\n  build-list:\n    - identifier: a\n"
    (tmp_path / "buildspec.yml").write_text(spec.replace("make", "'true'"))
    place = source()["location"]
    with mock_codebuild(runner=runner, sources={place: str(tmp_path)}, clock="virtual") as mb:
        project_of(more={"buildBatchConfig": {"serviceRole": ROLE}})
        hook(filterGroups=EVERYTHING, buildType=build_type)
        deliver = deliveries_of(mb)
        (started,) = deliver("web", pull_request(7, commit=COMMIT)).started
        while not over(started, build_type):
            time.sleep(5)
        builds = [look(one) for one in CLIENT.list_builds()["ids"]]
        assert len(builds) == (1 if build_type == "BUILD" else 2)
        for build in builds:
            assert build["sourceVersion"] == "pr/7"
            assert build["resolvedSourceVersion"] == COMMIT
            assert variables(build)["WEBHOOK_TRIGGER"] == "pr/7"


def over(one, build_type):
    """Tell whether a build or a batch has ended, and with which commit."""
    if build_type == "BUILD":
        return look(one)["buildComplete"]
    (batch,) = CLIENT.batch_get_build_batches(ids=[one])["buildBatches"]
    if batch["complete"]:
        assert batch["resolvedSourceVersion"] == COMMIT
        assert batch["buildBatchStatus"] == "SUCCEEDED"
    return batch["complete"]


@pytest.mark.inferred
def test_a_batch_of_a_project_that_has_none(deliver, client):
    webhook_of(buildType="BUILD_BATCH")
    delivery = deliver("web", push())
    assert delivery.started == []
    assert delivery.reasons[0].startswith("InvalidInputException: ")


@pytest.mark.inferred
def test_a_build_too_many_is_not_started():
    with mock_codebuild(transitions="timed", clock="virtual") as mb:
        project_of(more={"concurrentBuildLimit": 1})
        hook()
        deliver = deliveries_of(mb)
        assert deliver("web", push()).started
        delivery = deliver("web", push())
        assert delivery.started == []
        assert delivery.reasons[0].startswith("AccountLimitExceededException: Cannot have more")


# What does not build


@pytest.mark.docs
def test_filters_are_asked(deliver, client):
    only_main = {"type": "HEAD_REF", "pattern": "^refs/heads/main$"}
    webhook_of(filterGroups=[[*PUSHES, only_main]])
    delivery = deliver("web", push("other"))
    assert delivery == Delivery(
        reasons=[
            "filter group 1: HEAD_REF '^refs/heads/main$' does not match 'refs/heads/other'",
        ]
    )
    assert CLIENT.list_builds()["ids"] == []
    assert deliver("web", push("main")).started


@pytest.mark.docs
def test_a_branch_filter_is_asked(deliver, client):
    webhook_of(filterGroups=[], branchFilter="^main$")
    assert not deliver("web", push("other")).started
    assert deliver("web", push("main")).started


@pytest.mark.docs
def test_changed_filters_count_at_once(deliver, client):
    webhook_of(filterGroups=RELEASES)
    assert not deliver("web", push()).started
    update(filterGroups=[PUSHES])
    assert deliver("web", push()).started


@pytest.mark.docs
def test_github_enterprise_does_not_tell_of_files_of_pull_requests(deliver, client):
    paths = {"type": "FILE_PATH", "pattern": "^src/"}
    groups = [[*EVERYTHING[0], paths]]
    webhook_of("GITHUB_ENTERPRISE", filterGroups=groups)
    assert not deliver("web", pull_request(1, files=["src/a"])).started
    assert deliver("web", push(files=["src/a"])).started


@pytest.mark.docs
def test_a_project_without_a_webhook(deliver, client):
    project_of()
    assert deliver("web", push()) == Delivery(reasons=["project web has no webhook"])
    hook()
    assert deliver("web", push()).started
    CLIENT.delete_webhook(projectName="web")
    assert not deliver("web", push()).started


# Approval


TRUSTED = {"role": "GITHUB_WRITE"}
STRANGER = {"role": "GITHUB_READ"}


@pytest.mark.docs
@pytest.mark.parametrize(
    ("policy", "event"),
    [
        ("ALL_PULL_REQUESTS", pull_request(7)),
        ("ALL_PULL_REQUESTS", pull_request(7, fork=True)),
        ("ALL_PULL_REQUESTS", pull_request(7, **TRUSTED)),
        ("ALL_PULL_REQUESTS", pull_request(7, **STRANGER, approved_by="GITHUB_ADMIN")),
        ("FORK_PULL_REQUESTS", pull_request(7, **STRANGER)),
        ("FORK_PULL_REQUESTS", pull_request(7, **TRUSTED, fork=True)),
        ("FORK_PULL_REQUESTS", pull_request(7, **STRANGER, fork=True, approved_by="GITHUB_ADMIN")),
        ("DISABLED", pull_request(7, **STRANGER, fork=True)),
    ],
)
def test_who_needs_no_approval(deliver, client, policy, event):
    webhook_of(pullRequestBuildPolicy={"requiresCommentApproval": policy})
    assert deliver("web", event).started


@pytest.mark.docs
@pytest.mark.parametrize(
    ("policy", "event"),
    [
        ("ALL_PULL_REQUESTS", pull_request(7, **STRANGER)),
        ("ALL_PULL_REQUESTS", pull_request(7, **STRANGER, approved_by="GITHUB_TRIAGE")),
        ("FORK_PULL_REQUESTS", pull_request(7, **STRANGER, fork=True)),
    ],
)
def test_who_needs_approval(deliver, client, policy, event):
    webhook_of(pullRequestBuildPolicy={"requiresCommentApproval": policy})
    assert deliver("web", event) == Delivery(
        reasons=["Pull request approval required for starting a build"]
    )


@pytest.mark.docs
def test_the_policys_own_roles_count(deliver, client):
    policy = {"requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": ["GITHUB_READ"]}
    webhook_of(pullRequestBuildPolicy=policy)
    assert deliver("web", pull_request(7, **STRANGER)).started
    assert not deliver("web", pull_request(7, **TRUSTED)).started
