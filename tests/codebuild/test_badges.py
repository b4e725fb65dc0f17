"""Badges, fetched as browsers fetch them; and other calls made without botocore."""

import pytest
import urllib3

from tests.codebuild.factory import CLIENT, create, start

requests = pytest.importorskip("requests")

pytestmark = pytest.mark.docs
GITHUB = {"type": "GITHUB", "location": "https://github.com/octo/web"}


def badge_url(**changes):
    project = create(source=GITHUB, badgeEnabled=True, **changes)
    return project["badge"]["badgeRequestUrl"]


def shown(url):
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
    title = answer.text.partition("<title>")[2].partition("</title>")[0]
    return title.removeprefix("build: ")


def test_a_project_without_builds_is_unknown(mb):
    assert shown(badge_url()) == "unknown"


@pytest.mark.parametrize(
    ("script", "text"),
    [
        pytest.param(lambda script: script.takes(1), "passing", id="succeeded"),
        pytest.param(lambda script: script.fails("BUILD"), "failing", id="failed"),
        pytest.param(lambda script: script.faults(), "failing", id="fault"),
        pytest.param(lambda script: script.takes(minutes=90), "failing", id="timed out"),
        pytest.param(lambda script: script.hangs("BUILD"), "in progress", id="in progress"),
    ],
)
def test_it_tells_how_the_newest_build_is(mb, script, text):
    url = badge_url()
    start(sourceVersion="master")
    script(mb.script("web"))
    start(sourceVersion="master")
    assert shown(url) == text


def test_a_stopped_build_is_failing(mb):
    url = badge_url()
    CLIENT.stop_build(id=start()["id"])
    assert shown(url) == "failing"


@pytest.mark.parametrize(
    ("version", "asked", "text"),
    [
        pytest.param("feature", "branch=feature", "passing", id="branch"),
        pytest.param("refs/heads/feature", "branch=feature", "passing", id="branch in full"),
        pytest.param("feature", "branch=master", "unknown", id="another branch"),
        pytest.param("v1.2", "tag=v1.2", "passing", id="tag"),
        pytest.param("refs/tags/v1.2", "tag=v1.2", "passing", id="tag in full"),
        pytest.param("v1.2", "tag=v1.3", "unknown", id="another tag"),
        pytest.param("a b/c", "branch=a%20b%2Fc", "passing", id="quoted"),
    ],
)
def test_a_branch_and_a_tag_of_their_own(mb, version, asked, text):
    url = badge_url().replace("branch=master", asked)
    start(sourceVersion=version)
    assert shown(url) == text


@pytest.mark.parametrize("branch", ["master", "main"])
def test_a_build_without_a_version_is_of_the_default_branch(mb, branch):
    url = badge_url().replace("branch=master", f"branch={branch}")
    start()
    assert shown(url) == "passing"


def test_a_badge_that_is_turned_off_is_unknown(mb):
    url = badge_url()
    start()
    CLIENT.update_project(name="web", badgeEnabled=False)
    assert shown(url) == "unknown"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: url.replace("uuid=", "uuid=x"), id="another uuid"),
        pytest.param(lambda url: url.partition("?")[0], id="no query"),
        pytest.param(lambda url: url.replace("us-east-1", "eu-west-1"), id="another region"),
        pytest.param(lambda url: url.partition("uuid")[0] + "uuid=%ff%00&branch", id="garbage"),
    ],
)
def test_a_badge_nobody_has_is_unknown(mb, change):
    url = badge_url()
    start()
    assert shown(change(url)) == "unknown"


def test_urllib3_gets_it_too(mb):
    url = badge_url()
    start()
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url)
        assert b"passing" in answer.data
        streamed = pool.request("GET", url, preload_content=False)
        assert b"passing" in streamed.read()
        streamed.release_conn()


@pytest.mark.model
def test_a_call_made_by_hand_does_not_get_away(mb):
    create()
    headers = {
        "X-Amz-Target": "CodeBuild_20161006.ListProjects",
        "Content-Type": "application/x-amz-json-1.1",
    }
    url = "https://codebuild.us-east-1.amazonaws.com/"
    answer = requests.post(url, data="{}", headers=headers, timeout=5)
    assert answer.json() == {"projects": ["web"]}
    headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1"
    answer = requests.post(url, data=b"{}", headers=headers, timeout=5)
    assert answer.json() == {"projects": []}
    headers["X-Amz-Target"] = "CodeBuild_20161006.Nonsense"
    assert requests.post(url, data="{}", headers=headers, timeout=5).status_code == 400
