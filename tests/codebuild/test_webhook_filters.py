"""Which events a webhook's filters let build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.domain.webhook_filters import (
    EVENTS,
    FILTER_TYPES,
    Decision,
    WebhookEvent,
    as_told_by,
    decide,
)
from mockbuild.webhook_events import pull_request, push, release, tag

pytestmark = pytest.mark.docs


def only(kind, pattern, *, exclude=False):
    return {"type": kind, "pattern": pattern, "excludeMatchedPattern": exclude}


def group(*filters, events="PUSH"):
    return [only("EVENT", events), *filters]


ANY_PULL_REQUEST = "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED,PULL_REQUEST_MERGED"
BUILDS = [
    (group(), push()),
    (group(), tag("v1")),
    (group(events="RELEASED, PUSH"), push()),
    (group(events=" PUSH "), push()),
    (group(events=ANY_PULL_REQUEST), pull_request(1)),
    (group(events=ANY_PULL_REQUEST), pull_request(1, event="MERGED")),
    (group(events="PRERELEASED"), release("v1", prerelease=True)),
    ([only("EVENT", "PUSH", exclude=True)], pull_request(1)),
    (group(only("HEAD_REF", "^refs/heads/main$")), push("main")),
    (group(only("HEAD_REF", "main")), push("mainline")),
    (group(only("HEAD_REF", "^refs/tags/v")), tag("v1")),
    (group(only("HEAD_REF", "^refs/tags/.*", exclude=True)), push()),
    (group(only("HEAD_REF", "^refs/heads/f$"), events=ANY_PULL_REQUEST), pull_request(1, head="f")),
    (group(only("BASE_REF", "^refs/heads/main$"), events=ANY_PULL_REQUEST), pull_request(1)),
    (
        group(only("BASE_REF", "main", exclude=True), events=ANY_PULL_REQUEST),
        pull_request(1, base="b"),
    ),
    (group(only("ACTOR_ACCOUNT_ID", "^(12|34)$")), push(actor="34")),
    (group(only("ACTOR_ACCOUNT_ID", "^12$", exclude=True)), push(actor="34")),
    (group(only("FILE_PATH", "^buildspec.*")), push(files=["a", "buildspec.yml"])),
    (group(only("FILE_PATH", "^docs/", exclude=True)), push(files=["src/docs/a"])),
    (group(only("FILE_PATH", "^docs/", exclude=True)), push()),
    (group(only("FILE_PATH", "a"), events=ANY_PULL_REQUEST), pull_request(1, files=["a"])),
    (group(only("COMMIT_MESSAGE", r"\[CodeBuild\]")), push(message="x [CodeBuild]")),
    (group(only("COMMIT_MESSAGE", "^$")), push()),
    (group(only("COMMIT_MESSAGE", "(?s)a.b")), push(message="a\nb")),
    (group(only("TAG_NAME", "^v[0-9]+$"), events="RELEASED"), release("v1")),
    (group(only("RELEASE_NAME", "^Big$"), events="RELEASED"), release("v1", name="Big")),
    (group(only("RELEASE_NAME", "^v1$"), events="RELEASED"), release("v1")),
    (group(only("REPOSITORY_NAME", "^web$")), push(repository="acme/web")),
    (group(only("ORGANIZATION_NAME", "^acme$")), push(repository="acme/web")),
    (group(only("ORGANIZATION_NAME", "^a/b$")), push(repository="a/b/web")),
    (
        group(only("HEAD_REF", "main"), only("FILE_PATH", "a"), only("ACTOR_ACCOUNT_ID", "1")),
        push(files=["a"], actor="1"),
    ),
]
DOES_NOT = [
    (group(), pull_request(1), "EVENT 'PUSH' does not match 'PULL_REQUEST_CREATED'"),
    (group(events="PUSH, RELEASED"), pull_request(1),
     "EVENT 'PUSH, RELEASED' does not match 'PULL_REQUEST_CREATED'"),
    (group(events="RELEASED"), release("v1", prerelease=True),
     "EVENT 'RELEASED' does not match 'PRERELEASED'"),
    (group(events="PULL_REQUEST_MERGED"), pull_request(1, event="CLOSED"),
     "EVENT 'PULL_REQUEST_MERGED' does not match 'PULL_REQUEST_CLOSED'"),
    ([only("EVENT", "PUSH", exclude=True)], push(), "EVENT 'PUSH' excludes 'PUSH'"),
    (group(only("HEAD_REF", "^main$")), push("main"),
     "HEAD_REF '^main$' does not match 'refs/heads/main'"),
    (group(only("HEAD_REF", "^refs/heads/")), tag("v1"),
     "HEAD_REF '^refs/heads/' does not match 'refs/tags/v1'"),
    (group(only("HEAD_REF", "^refs/tags/.*", exclude=True)), tag("v1"),
     "HEAD_REF '^refs/tags/.*' excludes 'refs/tags/v1'"),
    (group(only("HEAD_REF", "main"), events=ANY_PULL_REQUEST), pull_request(1, base="main"),
     "HEAD_REF 'main' does not match 'refs/heads/feature'"),
    (group(only("BASE_REF", "feature"), events=ANY_PULL_REQUEST), pull_request(1),
     "BASE_REF 'feature' does not match 'refs/heads/main'"),
    (group(only("BASE_REF", "main")), push("main"),
     "BASE_REF 'main' does not match a PUSH event, which has none"),
    (group(only("ACTOR_ACCOUNT_ID", "12", exclude=True)), push(actor="123"),
     "ACTOR_ACCOUNT_ID '12' excludes '123'"),
    (group(only("FILE_PATH", "^docs/")), push(),
     "FILE_PATH '^docs/' does not match a PUSH event, which has none"),
    (group(only("FILE_PATH", "^docs/")), push(files=["a", "b"]),
     "FILE_PATH '^docs/' does not match 'a', 'b'"),
    (group(only("FILE_PATH", "^docs/")), push(files=["abcde", "b", "c", "d", "e"]),
     "FILE_PATH '^docs/' does not match 'abcde', 'b', 'c' and 2 more"),
    (group(only("FILE_PATH", "^buildspec", exclude=True)), push(files=["a", "buildspec.yml"]),
     "FILE_PATH '^buildspec' excludes 'buildspec.yml'"),
    (group(only("COMMIT_MESSAGE", "[CodeBuild]$")), push(message="x"),
     "COMMIT_MESSAGE '[CodeBuild]$' does not match 'x'"),
    (group(only("TAG_NAME", "v1")), tag("v1"),
     "TAG_NAME 'v1' does not match a PUSH event, which has none"),
    (group(only("HEAD_REF", "v1"), events="RELEASED"), release("v1"),
     "HEAD_REF 'v1' does not match a RELEASED event, which has none"),
    (group(only("RELEASE_NAME", "v1"), events="RELEASED"), release("v1", name="Big"),
     "RELEASE_NAME 'v1' does not match 'Big'"),
    (group(only("REPOSITORY_NAME", "acme")), push(repository="acme/web"),
     "REPOSITORY_NAME 'acme' does not match 'web'"),
    (group(only("WORKFLOW_NAME", ".*")), push(),
     "WORKFLOW_NAME '.*' does not match a PUSH event, which has none"),
    (group(only("HEAD_REF", "main"), only("FILE_PATH", "a"), only("ACTOR_ACCOUNT_ID", "2")),
     push(files=["a"], actor="1"), "ACTOR_ACCOUNT_ID '2' does not match '1'"),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "event"), BUILDS)
def test_it_builds(filters, event):
    assert decide([filters], None, event) == Decision(True, 0)


@pytest.mark.parametrize(("filters", "event", "reason"), DOES_NOT)
def test_it_does_not_build(filters, event, reason):
    decision = decide([filters], None, event)
    assert decision == Decision(False, reasons=(f"filter group 1: {reason}",))


def test_one_group_is_enough_and_the_first_that_passes_is_named():
    groups = [group(only("HEAD_REF", "nope")), group(), group()]
    assert decide(groups, None, push()) == Decision(True, 1)


def test_every_group_says_why_it_does_not_pass():
    groups = [group(only("HEAD_REF", "a$")), group(only("HEAD_REF", "b$"))]
    assert decide(groups, None, push("main")).reasons == (
        "filter group 1: HEAD_REF 'a$' does not match 'refs/heads/main'",
        "filter group 2: HEAD_REF 'b$' does not match 'refs/heads/main'",
    )


def test_a_filter_without_a_word_on_excluding_includes():
    assert decide([[{"type": "EVENT", "pattern": "PUSH"}]], None, push()).builds


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("branch_filter", "event"),
    [
        (None, push()),
        (None, tag("v1")),
        (None, pull_request(1)),
        (None, pull_request(1, event="UPDATED")),
        (None, pull_request(1, event="REOPENED")),
        ("^main$", push("main")),
        ("^feature$", pull_request(1)),
        ("", push()),
    ],
)
def test_without_groups_it_builds(branch_filter, event):
    assert decide([], branch_filter, event) == Decision(True)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("branch_filter", "event", "reason"),
    [
        (None, pull_request(1, event="MERGED"), "not PULL_REQUEST_MERGED"),
        (None, pull_request(1, event="CLOSED"), "not PULL_REQUEST_CLOSED"),
        (None, release("v1"), "not RELEASED"),
        ("^main$", push("mainline"), "the branch filter '^main$' does not match mainline"),
        ("^main$", pull_request(1), "the branch filter '^main$' does not match feature"),
        ("^refs/heads/main$", push("main"), "does not match main"),
        (".*", tag("v1"), "the branch filter '.*' is about branches, not refs/tags/v1"),
    ],
)
def test_without_groups_it_does_not_build(branch_filter, event, reason):
    decision = decide([], branch_filter, event)
    assert not decision.builds
    assert decision.reasons[0].endswith(reason)


def test_github_enterprise_names_no_files_of_pull_requests():
    event = pull_request(1, files=["a"], message="m")
    told = as_told_by("GITHUB_ENTERPRISE", event)
    assert (told.files, told.message) == ((), None)
    assert as_told_by("GITHUB", event) == event


def test_github_enterprise_names_files_of_pushes():
    event = push(files=["a"], message="m")
    assert as_told_by("GITHUB_ENTERPRISE", event) == event


def test_the_tables_know_the_same_source_types():
    assert EVENTS.keys() == FILTER_TYPES.keys()


BRANCHES = st.text("abc/", min_size=1, max_size=5)
KINDS = st.sampled_from(["HEAD_REF", "BASE_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE"])
FILTERS = st.builds(only, KINDS, st.sampled_from("abc/") | st.just(""), exclude=st.booleans())
PULL_REQUESTS = st.builds(
    pull_request,
    st.integers(1, 9),
    head=BRANCHES,
    base=BRANCHES,
    files=st.lists(BRANCHES, max_size=3),
    message=BRANCHES,
    actor=BRANCHES,
)


def builds(filters: list, event: WebhookEvent) -> bool:
    return decide([group(*filters, events=ANY_PULL_REQUEST)], None, event).builds


@given(FILTERS, PULL_REQUESTS)
def test_excluding_is_the_opposite(item, event):
    opposite = {**item, "excludeMatchedPattern": not item["excludeMatchedPattern"]}
    assert builds([item], event) != builds([opposite], event)


@given(st.lists(FILTERS, max_size=4), PULL_REQUESTS)
def test_a_group_passes_where_each_filter_alone_would(filters, event):
    assert builds(filters, event) == all(builds([item], event) for item in filters)


@given(st.lists(st.lists(FILTERS, max_size=2), min_size=1, max_size=4), PULL_REQUESTS)
def test_groups_pass_where_any_alone_would(groups, event):
    whole = [group(*filters, events=ANY_PULL_REQUEST) for filters in groups]
    decision = decide(whole, None, event)
    assert decision.builds == any(builds(filters, event) for filters in groups)
    assert len(decision.reasons) == (0 if decision.builds else len(groups))
