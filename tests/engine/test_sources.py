"""Fetching sources: zip archives, prefixes, folders, and what is refused."""

import io
import os
import stat
import zipfile

import pytest

from mockbuild.engine.sources import SourceError, UnknownSource, fetch, folder_files, unzip
from mockbuild.neighbours.embedded_s3 import EmbeddedS3

pytestmark = pytest.mark.docs


def zipped(entries: dict[str, bytes], **attributes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = attributes.get(name.replace(".", "_"), 0o644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def contents(files) -> dict[str, bytes]:
    return {file.path: file.read() for file in files}


@pytest.fixture
def s3() -> EmbeddedS3:
    s3 = EmbeddedS3()
    s3.put("bucket", "src.zip", zipped({"a.txt": b"A", "sub/b.txt": b"B"}))
    s3.put("bucket", "tree/a.txt", b"A")
    s3.put("bucket", "tree/sub/b.txt", b"B")
    s3.put("bucket", "tree/empty/", b"")
    return s3


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("bucket/src.zip", id="zip"),
        pytest.param("arn:aws:s3:::bucket/src.zip", id="arn of a zip"),
        pytest.param("bucket/tree/", id="prefix"),
        pytest.param("arn:aws:s3:::bucket/tree/", id="arn of a prefix"),
    ],
)
def test_s3_source_is_a_zip_or_a_prefix(s3, location):
    files = fetch({"type": "S3", "location": location}, None, s3, {})
    assert contents(files) == {"a.txt": b"A", "sub/b.txt": b"B"}


def test_a_version_of_the_object_is_fetched_when_asked_for(s3):
    s3.make_bucket("versioned", versioned=True)
    first = s3.put("versioned", "src.zip", zipped({"v": b"1"}))
    s3.put("versioned", "src.zip", zipped({"v": b"2"}))
    source = {"type": "S3", "location": "versioned/src.zip"}
    assert contents(fetch(source, first, s3, {})) == {"v": b"1"}
    assert contents(fetch(source, None, s3, {})) == {"v": b"2"}


def test_no_source_is_no_files(s3):
    assert fetch({"type": "NO_SOURCE"}, None, s3, {}) == []


@pytest.mark.parametrize(
    ("location", "message"),
    [
        pytest.param("bucket/nope.zip", "NoSuchKey: The specified key does not exist.", id="key"),
        pytest.param("bucket/nope/", "NoSuchKey: The specified key does not exist.", id="prefix"),
        pytest.param("bucket/tree/a.txt", "zip: not a valid zip file", id="no zip"),
        pytest.param("/", "Invalid S3 source location: /", id="no bucket"),
    ],
)
@pytest.mark.inferred
def test_a_source_that_cannot_be_had_is_a_client_error(s3, location, message):
    with pytest.raises(SourceError) as caught:
        fetch({"type": "S3", "location": location}, None, s3, {})
    assert (caught.value.status_code, caught.value.message) == ("CLIENT_ERROR", message)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"type": "S3", "location": "elsewhere/src.zip"}, id="bucket"),
        pytest.param({"type": "GITHUB", "location": "https://github.com/o/r"}, id="repository"),
    ],
)
def test_what_nobody_here_knows_is_told_apart(s3, source):
    with pytest.raises(UnknownSource):
        fetch(source, None, s3, {})


def test_a_folder_stands_for_a_repository(s3, tmp_path):
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret")
    (tmp_path / "run").write_text("#!/bin/sh")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("a.txt")
    source = {"type": "GITHUB", "location": "https://github.com/o/r.git"}
    files = fetch(source, None, s3, {"https://github.com/o/*": str(tmp_path)})
    assert [(file.path, file.mode, file.link) for file in files] == [
        ("a.txt", 0o644, None),
        ("link", 0o777, "a.txt"),
        ("run", 0o755, None),
    ]


def test_a_folder_that_is_not_there_is_a_client_error(tmp_path):
    with pytest.raises(SourceError, match="there is no folder"):
        list(folder_files(tmp_path / "nope"))


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil", "..\\evil"])
def test_an_archive_that_reaches_outside_is_refused(name):
    with pytest.raises(SourceError, match="insecure file path"):
        unzip(zipped({name: b"x"}))


@pytest.mark.parametrize("name", ["a..b", "..a/b", "a/b..", "a b", "ü/ß"])
def test_odd_names_that_stay_inside_are_taken(name):
    assert contents(unzip(zipped({name: b"x"}))) == {name: b"x"}


def test_links_and_modes_come_out_of_an_archive():
    body = zipped({"link": b"target", "run": b"x"}, link=stat.S_IFLNK | 0o777, run=0o755)
    link, run = unzip(body)
    assert (link.link, run.mode) == ("target", 0o755)


def test_an_archive_that_lies_about_a_size_is_found_out():
    body = bytearray(zipped({"bomb": b"\0" * 4096}))
    where = body.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    body[where : where + 4] = (16).to_bytes(4, "little")
    with pytest.raises(SourceError, match="zip: "):
        contents(unzip(bytes(body)))


def test_an_archive_too_large_when_unpacked_is_refused(monkeypatch):
    monkeypatch.setattr("mockbuild.engine.sources.MAX_BYTES", 100)
    with pytest.raises(SourceError, match="too large"):
        unzip(zipped({"a": b"x" * 101}))
    assert contents(unzip(zipped({"a": b"x" * 100}))) == {"a": b"x" * 100}


@pytest.mark.parametrize("size", [0, 1, 22, 60, 100])
def test_a_truncated_archive_is_no_archive(size):
    with pytest.raises(SourceError):
        contents(unzip(zipped({"a.txt": os.urandom(200)})[:size]))
