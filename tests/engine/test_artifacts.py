"""Which files are artifacts, what their object is called, and what is in the archive."""

import hashlib
import io
import zipfile

import pytest

from mockbuild.engine.artifact_keys import build_artifacts, object_key
from mockbuild.engine.artifacts import base_folders, find, hashes, zipped
from mockbuild.machines.base import File

pytestmark = pytest.mark.docs


def tree(*paths: str, **links: str) -> list[File]:
    files = [File(path, lambda path=path: path.encode()) for path in paths]
    return files + [File(path, bytes, link=target) for path, target in links.items()]


GUIDE = tree(
    "my-build-1/my-file-1.txt",
    "my-build-2/my-file-2.txt",
    "my-build-2/my-subdirectory/my-file-3.txt",
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("a.jar", ["a.jar"], id="one file"),
        pytest.param("./a.jar", ["a.jar"], id="dot in front"),
        pytest.param("d/b", ["d/b"], id="file in a folder"),
        pytest.param("*", [".hidden", "a.jar"], id="star stays in its folder"),
        pytest.param("d/*", ["d/b"], id="one level"),
        pytest.param("d/**/*", ["d/b", "d/e/c"], id="every level below"),
        pytest.param("**/*", [".hidden", "a.jar", "d/b", "d/e/c"], id="everything"),
        pytest.param("**/c", ["d/e/c"], id="anywhere"),
        pytest.param("d", [], id="a folder is no file"),
        pytest.param("nope*", [], id="nothing"),
    ],
)
def test_globs(pattern, expected):
    files = tree("a.jar", ".hidden", "d/b", "d/e/c")
    assert sorted(find(files, [pattern]).files) == expected


def test_the_guides_example_of_a_base_directory():
    below = [
        File(file.path.removeprefix("my-build-2/"), file.read)
        for file in GUIDE
        if file.path.startswith("my-build-2/")
    ]
    assert list(find(below, ["*/my-file-3.txt"]).files) == ["my-subdirectory/my-file-3.txt"]


def test_the_guides_example_of_base_directories_by_wildcard():
    assert base_folders("my-build*", GUIDE) == ["my-build-1", "my-build-2"]


def test_discarded_paths_leave_the_names():
    found = find(GUIDE, ["**/*"], discard_paths=True)
    assert list(found.files) == ["my-file-1.txt", "my-file-2.txt", "my-file-3.txt"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        pytest.param("**/.*/**/*", ["a", "name/x"], id="below hidden folders"),
        pytest.param("**/name/**/*", [".git/config", "a"], id="below a folder"),
        pytest.param("**/.*", [".git/config", "a", "name/x"], id="hidden files only"),
        pytest.param("nope", [".git/config", "a", "name/x"], id="nothing"),
    ],
)
def test_excluded_paths(exclude, left):
    files = tree(".git/config", "a", "name/x")
    assert sorted(find(files, ["**/*"], exclude=[exclude]).files) == left


@pytest.mark.recorded
def test_the_log_says_what_was_found_and_what_was_not():
    assert find(tree("a"), ["a", "nope/*"]).lines == [
        "Assembling file list",
        "Expanding a",
        "Expanding nope/*",
        "Skipping invalid file path nope/*",
        "Found 1 file(s)",
    ]


def test_links_are_followed_within_the_tree_unless_kept():
    files = tree("d/real", link="d/real", out="../../etc/passwd", loop="loop")
    followed = find(files, ["*"]).files
    assert {path: file.read() for path, file in followed.items()} == {"link": b"d/real"}
    kept = find(files, ["*"], keep_links=True).files
    assert {path: file.link for path, file in kept.items()} == {
        "link": "d/real",
        "loop": "loop",
        "out": "../../etc/passwd",
    }


@pytest.mark.model
@pytest.mark.parametrize(
    ("artifacts", "key"),
    [
        pytest.param({"path": "MyArtifacts"}, "MyArtifacts/MyArtifact.zip", id="path"),
        pytest.param(
            {"path": "MyArtifacts", "namespaceType": "BUILD_ID"},
            "MyArtifacts/UUID/MyArtifact.zip",
            id="path and build id",
        ),
        pytest.param({}, "MyArtifact.zip", id="name alone"),
        pytest.param({"name": "/"}, "", id="bucket root"),
        pytest.param(
            {"name": "/", "path": "MyArtifacts", "namespaceType": "BUILD_ID"},
            "MyArtifacts/UUID",
            id="no name",
        ),
    ],
)
def test_object_keys(artifacts, key):
    assert object_key(artifacts, "UUID", artifacts.get("name", "MyArtifact.zip")) == key


def test_an_s3_prefix_goes_before_the_build_id():
    artifacts = {"namespaceType": "BUILD_ID"}
    assert object_key(artifacts, "UUID", "name.zip", "prefix") == "prefix/UUID/name.zip"


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        pytest.param({"type": "NO_ARTIFACTS"}, "", id="none"),
        pytest.param(
            {"type": "S3", "location": "b", "name": "web"}, "arn:aws:s3:::b/web", id="bucket"
        ),
        pytest.param(
            {"type": "S3", "location": "arn:aws:s3:::b", "name": "web"},
            "arn:aws:s3:::b/web",
            id="bucket as an arn",
        ),
        pytest.param(
            {"type": "S3", "location": "b", "path": "p", "name": "/"}, "arn:aws:s3:::b/p", id="root"
        ),
    ],
)
def test_the_record_shows_a_resolved_location(wanted, location):
    assert build_artifacts(wanted, "UUID")["location"] == location


@pytest.mark.recorded
def test_entries_of_the_archive_start_with_a_dot_and_keep_modes():
    run = File("bin/run", lambda: b"#!/bin/sh", 0o755)
    body = zipped({"bin/run": run, "link": File("link", bytes, link="bin/run")})
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["./bin/run", "./link"]
        assert archive.read("./bin/run") == b"#!/bin/sh"
        assert archive.getinfo("./bin/run").external_attr >> 16 & 0o777 == 0o755
        assert archive.read("./link") == b"bin/run"
    assert body == zipped({"bin/run": run, "link": File("link", bytes, link="bin/run")})


def test_hashes_are_those_of_the_archive():
    assert hashes(b"x") == {
        "md5sum": hashlib.md5(b"x").hexdigest(),
        "sha256sum": hashlib.sha256(b"x").hexdigest(),
    }
