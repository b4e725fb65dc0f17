"""What a test author sees: ``mb.s3`` and ``mb.logs``."""

import time

import pytest

from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.views import Bucket, LogEvent
from tests.optional import mock_aws

pytestmark = pytest.mark.docs


@pytest.fixture
def now() -> int:
    return int(time.time() * 1000)


class TestS3View:
    def test_putting_makes_the_bucket(self, neighbours: Neighbours) -> None:
        s3 = neighbours.s3_view
        assert "bucket" not in s3
        assert s3.get("bucket") is None
        s3["bucket"]["a/key"] = b"body"
        assert "bucket" in s3
        assert s3.get("bucket") is not None
        assert s3["bucket"]["a/key"] == b"body"
        s3["bucket"]["a/key"] = bytearray(b"other")  # type: ignore[assignment]
        assert s3["bucket"]["a/key"] == b"other"

    def test_buckets_as_a_mapping(self, neighbours: Neighbours) -> None:
        s3 = neighbours.s3_view
        assert (list(s3), len(s3), dict(s3)) == ([], 0, {})
        s3["two"]["key"] = b""
        s3.make("one")
        assert (list(s3), len(s3)) == (["one", "two"], 2)
        assert [(name, bucket.name) for name, bucket in s3.items()] == [
            ("one", "one"), ("two", "two")
        ]  # fmt: skip
        assert repr(s3) == "<S3: 'one', 'two'>"
        del s3["two"]
        assert list(s3) == ["one"]
        assert 1 not in s3

    def test_objects_as_a_mapping(self, neighbours: Neighbours) -> None:
        bucket: Bucket = neighbours.s3_view["bucket"]
        assert (list(bucket), len(bucket), "b" in bucket, bucket.get("b")) == ([], 0, False, None)
        bucket["b"] = b"2"
        bucket.update({"a": b"1", "c/1": b"3", "c/2": b"4"})
        assert (list(bucket), len(bucket), "b" in bucket) == (["a", "b", "c/1", "c/2"], 4, True)
        assert dict(bucket) == {"a": b"1", "b": b"2", "c/1": b"3", "c/2": b"4"}
        assert bucket.keys_below("c/") == ["c/1", "c/2"]
        assert 5 not in bucket
        assert "" not in bucket
        del bucket["b"]
        assert bucket.pop("a") == b"1"
        assert list(bucket) == ["c/1", "c/2"]
        assert repr(bucket) == "<bucket bucket: 'c/1', 'c/2'>"

    def test_metadata(self, neighbours: Neighbours) -> None:
        bucket = neighbours.s3_view.make("bucket")
        neighbours.s3("us-east-1").put("bucket", "key", b"", {"Build": "1"})
        assert dict(bucket.metadata("key")) == {"build": "1"}

    def test_versions(self, neighbours: Neighbours) -> None:
        bucket = neighbours.s3_view.make("bucket", versioned=True)
        bucket["key"] = b"1"
        bucket["key"] = b"2"
        first, second = bucket.versions("key")
        assert [bucket.version("key", one) for one in (first, second)] == [b"1", b"2"]
        with pytest.raises(KeyError, match=r"no version '0+99'.* of key"):
            bucket.version("key", "00000000000000000000000000000099")
        plain = neighbours.s3_view["plain"]
        plain["key"] = b"1"
        assert plain.versions("key") == []

    def test_what_is_not_there_is_said_with_what_is(self, neighbours: Neighbours) -> None:
        s3 = neighbours.s3_view
        with pytest.raises(KeyError, match="no bucket 'bucket'; there: none"):
            s3["bucket"]["key"]
        with pytest.raises(KeyError, match="no bucket 'bucket'; there: none"):
            del s3["bucket"]
        s3["buckets"]["site.zip"] = b""
        with pytest.raises(
            KeyError, match=r"no bucket 'bucket' \(did you mean 'buckets'\?\); there: 'buckets'"
        ):
            s3["bucket"]["key"]
        for look in (
            lambda: s3["buckets"]["other"],
            lambda: s3["buckets"].metadata("other"),
            lambda: s3["buckets"].versions("other"),
            lambda: s3["buckets"].pop("other"),
        ):
            with pytest.raises(KeyError, match=r"no object 'other'; in buckets: 'site.zip'"):
                look()
        for number in range(20):
            s3["buckets"][f"key{number:02}"] = b""
        with pytest.raises(KeyError, match=r"'key00', .*'key09' and 11 more"):
            s3["buckets"]["zzz"]

    def test_content_is_bytes(self, neighbours: Neighbours) -> None:
        with pytest.raises(TypeError, match="an object's content is bytes, not str"):
            neighbours.s3_view["bucket"]["key"] = "text"  # type: ignore[assignment]
        assert "bucket" not in neighbours.s3_view


class TestLogsView:
    @pytest.fixture
    def filled(self, neighbours: Neighbours, now: int) -> Neighbours:
        logs = neighbours.logs("eu-west-1")
        logs.put("/aws/codebuild/web", "late", [(now + 5, "third\n")])
        logs.put("/aws/codebuild/web", "early", [(now, "first\n"), (now + 9, "second\n")])
        logs.put("/aws/codebuild/web", "empty", [])
        neighbours.logs("us-east-1").put("elsewhere", "stream", [(now, "text\n")])
        return neighbours

    def test_groups(self, filled: Neighbours) -> None:
        view = filled.logs_view
        assert list(view) == ["/aws/codebuild/web", "elsewhere"]
        assert len(view) == 2
        assert "elsewhere" in view
        assert "nowhere" not in view
        assert view["elsewhere"]["stream"].text == "text\n"
        assert repr(view) == "<log groups: '/aws/codebuild/web', 'elsewhere'>"

    def test_streams(self, filled: Neighbours) -> None:
        group = filled.logs_view["/aws/codebuild/web"]
        assert sorted(group) == ["early", "empty", "late"]
        assert len(group) == 3
        assert group.text == "first\nsecond\nthird\n"
        assert group["empty"].text == ""
        assert group.name == "/aws/codebuild/web"

    def test_events(self, filled: Neighbours, now: int) -> None:
        stream = filled.logs_view["/aws/codebuild/web"]["early"]
        first, second = LogEvent(now, "first\n"), LogEvent(now + 9, "second\n")
        assert list(stream) == [first, second]
        assert (stream[0], stream[-1], stream[1:], len(stream)) == (first, second, (second,), 2)
        assert stream.text == "first\nsecond\n"
        assert (stream.name, repr(stream)) == ("early", "<log stream early: 2 events>")

    def test_one_group_in_two_regions(self, filled: Neighbours, now: int) -> None:
        filled.logs("us-east-1").put("/aws/codebuild/web", "far", [(now + 1, "far\n")])
        assert filled.logs_view["/aws/codebuild/web"].text == "first\nsecond\nfar\nthird\n"

    def test_a_group_shows_what_comes_later(self, filled: Neighbours, now: int) -> None:
        group = filled.logs_view["elsewhere"]
        filled.logs("us-east-1").put("elsewhere", "stream", [(now + 1, "more\n")])
        assert group.text == "text\nmore\n"

    def test_what_is_not_there_is_said_with_what_is(self, filled: Neighbours) -> None:
        with pytest.raises(KeyError, match="no log group 'x'; there: '/aws/codebuild/web', 'else"):
            filled.logs_view["x"]
        with pytest.raises(KeyError, match=r"'elsewheer' \(did you mean 'elsewhere'\?\)"):
            filled.logs_view["elsewheer"]
        with pytest.raises(KeyError, match="no log stream 'x'; in elsewhere: 'stream'"):
            filled.logs_view["elsewhere"]["x"]

    def test_before_anybody_logged(self, neighbours: Neighbours) -> None:
        assert dict(neighbours.logs_view) == {}


def test_every_look_is_announced(neighbours: Neighbours, now: int) -> None:
    """A build that is due may write just then, and is seen."""

    def write() -> None:
        neighbours.s3("us-east-1").make_bucket("bucket")
        neighbours.s3("us-east-1").put("bucket", "key", b"body", {"a": "b"})
        neighbours.logs("us-east-1").put("group", "stream", [(now, "text")])

    def fresh() -> Neighbours:
        for bucket in neighbours.s3("us-east-1").buckets():
            neighbours.s3("us-east-1").delete_bucket(bucket)
        return neighbours

    neighbours.before_read = write
    assert list(fresh().s3_view) == ["bucket"]
    assert len(fresh().s3_view) == 1
    assert "bucket" in fresh().s3_view
    assert fresh().s3_view["bucket"]["key"] == b"body"
    assert "key" in fresh().s3_view["bucket"]
    assert list(fresh().s3_view["bucket"]) == ["key"]
    assert len(fresh().s3_view["bucket"]) == 1
    assert fresh().s3_view["bucket"].metadata("key") == {"a": "b"}
    before = len(neighbours.logs("us-east-1").read("group", "stream"))
    assert len(neighbours.logs_view["group"]["stream"]) > before


def test_groups_are_seen_whoever_keeps_them(now: int) -> None:
    neighbours = Neighbours()
    neighbours.logs("eu-west-1").put("group", "stream", [(now, "here")])
    with mock_aws():
        assert list(neighbours.logs_view) == []
        neighbours.logs("eu-west-1").put("group", "stream", [(now, "moto's")])
        assert neighbours.logs_view["group"].text == "moto's"
    assert neighbours.logs_view["group"].text == "here"
