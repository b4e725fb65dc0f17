"""Events for ``mb.deliver``: what they are made of, and what they cannot be."""

import pytest

from mockbuild import ConfigurationError
from mockbuild.webhook_events import WebhookEvent, pull_request, push, release, tag

pytestmark = pytest.mark.docs

A, B = "a" * 40, "b" * 40
WHO = "12345678"


@pytest.mark.parametrize(
    ("made", "event"),
    [
        (push(), WebhookEvent(event="PUSH", actor=WHO, head_ref="refs/heads/main", message="")),
        (
            push("b", commit=A, previous_commit=B, files=["x"], message="m", actor="1"),
            WebhookEvent(
                event="PUSH",
                actor="1",
                head_ref="refs/heads/b",
                commit=A,
                previous_commit=B,
                files=("x",),
                message="m",
            ),
        ),
        (
            tag("v1", commit=A, repository="acme/web"),
            WebhookEvent(
                event="PUSH",
                actor=WHO,
                head_ref="refs/tags/v1",
                commit=A,
                message="",
                repository="acme/web",
            ),
        ),
        (
            pull_request(7),
            WebhookEvent(
                event="PULL_REQUEST_CREATED",
                actor=WHO,
                number=7,
                head_ref="refs/heads/feature",
                base_ref="refs/heads/main",
                message="",
            ),
        ),
        (
            release("v1", prerelease=True),
            WebhookEvent(event="PRERELEASED", actor=WHO, tag_name="v1", release_name="v1"),
        ),
        (
            release("v1", name="", repository="a/b/c"),
            WebhookEvent(
                event="RELEASED",
                actor=WHO,
                tag_name="v1",
                release_name="",
                repository="a/b/c",
            ),
        ),
    ],
    ids=lambda value: "",
)
def test_what_an_event_is(made, event):
    assert made == event


def test_an_event_is_a_value():
    assert len({push(), push(), push("other")}) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: push("refs/heads/main"), "branches and tags go by their names alone"),
        (lambda: push(""), "branches and tags go by their names alone"),
        (lambda: push(None), "branches and tags go by their names alone"),
        (lambda: tag("refs/tags/v1"), "branches and tags go by their names alone"),
        (lambda: release("refs/tags/v1"), "branches and tags go by their names alone"),
        (lambda: pull_request(1, head="refs/heads/a"), "branches and tags go by their names"),
        (lambda: pull_request(1, base="refs/heads/a"), "branches and tags go by their names"),
        (lambda: push(commit="abc"), "a commit id has 40 hexadecimal digits; 'abc' has not"),
        (lambda: push(previous_commit="A" * 40), "a commit id has 40"),
        (lambda: pull_request(1, merge_commit="main"), "a commit id has 40"),
        (lambda: push(files="README.md"), "files is a list of paths, not the text 'README.md'"),
        (lambda: pull_request(0), "is at least 1, not 0"),
        (lambda: pull_request("7"), "is at least 1, not '7'"),
        (lambda: pull_request(True), "is at least 1, not True"),
        (
            lambda: pull_request(1, event="OPENED"),
            "one of CLOSED, CREATED, MERGED, REOPENED, UPDATED; not 'OPENED'",
        ),
        (lambda: pull_request(1, event="PULL_REQUEST_CREATED"), "not 'PULL_REQUEST_CREATED'"),
        (lambda: pull_request(1, role="READ"), "a role is spelled as GITHUB_READ is"),
        (lambda: pull_request(1, approved_by="me"), "a role is spelled as GITHUB_READ is"),
        (lambda: push(repository="web"), "as owner/name, not as 'web'"),
        (lambda: push(repository="https://github.com/acme/web"), "as owner/name"),
    ],
)
def test_events_that_cannot_be(make, message):
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert message in str(caught.value)
