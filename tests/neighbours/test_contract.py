"""What every S3 and every Logs does, whoever answers."""

import time
from collections.abc import Callable

import pytest

from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.base import S3, Logs, NeighbourError

pytestmark = pytest.mark.docs

GROUP, STREAM = "/aws/codebuild/web", "prefix/7d1f8f3e-0000-4000-8000-000000000000"

HOSTILE_KEYS = [
    pytest.param("../x", id="parent"),
    pytest.param("a/../../b", id="parents"),
    pytest.param("./x", id="here"),
    pytest.param("/x", id="slash first"),
    pytest.param("a//b", id="two slashes"),
    pytest.param("a/", id="slash last"),
    pytest.param("grüße/日本/🐍", id="unicode"),
    pytest.param("e\u0301", id="decomposed"),
    pytest.param("a b+c%20d&e=f?g#h", id="URL characters"),
    pytest.param('it\'s "quoted" <&>', id="quotes and XML"),
    pytest.param("back\\slash", id="backslash"),
    pytest.param("k" * 1024, id="as long as can be"),
]


@pytest.fixture
def now() -> int:
    return int(time.time() * 1000)


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(NeighbourError) as caught:
        call()
    assert str(caught.value) == f"{caught.value.code}: {caught.value.message}"
    return caught.value.code, caught.value.message


class TestS3:
    def test_what_is_put_can_be_got(self, s3: S3) -> None:
        assert s3.put("bucket", "a/b.zip", b"\x00\xff", {"codebuild-buildArn": "arn:1"}) is None
        found = s3.get("bucket", "a/b.zip")
        assert found.body == b"\x00\xff"
        assert dict(found.metadata) == {"codebuild-buildarn": "arn:1"}
        assert found.version is None
        s3.put("bucket", "a/b.zip", b"new")
        assert s3.get("bucket", "a/b.zip").body == b"new"
        assert dict(s3.get("bucket", "a/b.zip").metadata) == {}

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_keys_are_only_names(self, s3: S3, key: str) -> None:
        s3.put("bucket", "x", b"other")
        s3.put("bucket", key, b"body")
        assert s3.get("bucket", key).body == b"body"
        assert list(s3.list("bucket")) == sorted(["x", key])
        assert list(s3.list("bucket", key)) == [key]
        s3.delete("bucket", key)
        assert list(s3.list("bucket")) == ["x"]
        assert s3.get("bucket", "x").body == b"other"

    @pytest.mark.parametrize(
        ("key", "code"),
        [pytest.param("", "InvalidArgument", id="empty", marks=pytest.mark.inferred),
         pytest.param("k" * 1025, "KeyTooLongError", id="too long"),
         pytest.param("é" * 513, "KeyTooLongError", id="too many bytes")],
    )  # fmt: skip
    def test_keys_that_cannot_be(self, s3: S3, key: str, code: str) -> None:
        assert refused(lambda: s3.put("bucket", key, b""))[0] == code
        assert list(s3.list("bucket")) == []
        if not key:
            assert refused(lambda: s3.get("bucket", key))[0] == "NoSuchKey"

    def test_list_is_in_order_of_the_bytes(self, s3: S3) -> None:
        keys = ["b", "a/2", "a/10", "a", "B", "a.b", "ab", "ü", "\U0001f40d", "\uffee"]
        for key in keys:
            s3.put("bucket", key, b"")
        assert list(s3.list("bucket")) == sorted(keys, key=str.encode)
        assert list(s3.list("bucket", "a")) == ["a", "a.b", "a/10", "a/2", "ab"]
        assert list(s3.list("bucket", "a/")) == ["a/10", "a/2"]
        assert list(s3.list("bucket", "nothing")) == []

    def test_list_goes_past_a_page(self, s3: S3) -> None:
        keys = [f"key-{number:04}" for number in range(1001)]
        for key in keys:
            s3.put("bucket", key, b"")
        assert list(s3.list("bucket")) == keys

    def test_large_objects(self, s3: S3) -> None:
        body = bytes(range(256)) * 4096 * 10
        s3.put("bucket", "large", body)
        assert s3.get("bucket", "large").body == body
        s3.put("bucket", "empty", b"")
        assert s3.get("bucket", "empty").body == b""

    @pytest.mark.parametrize(
        "bucket", ["missing", "Bad_Name", "", "a/b", "../bucket", "arn:aws:s3:::bucket", "ü"]
    )
    def test_no_such_bucket(self, s3: S3, bucket: str) -> None:
        answer = ("NoSuchBucket", "The specified bucket does not exist")
        assert not s3.has_bucket(bucket)
        assert refused(lambda: s3.get(bucket, "key")) == answer
        assert refused(lambda: list(s3.list(bucket))) == answer
        assert refused(lambda: s3.delete_bucket(bucket)) == answer
        assert s3.buckets() == ["bucket"]

    def test_no_such_key(self, s3: S3) -> None:
        answer = ("NoSuchKey", "The specified key does not exist.")
        assert refused(lambda: s3.get("bucket", "missing")) == answer
        s3.delete("bucket", "missing")

    @pytest.mark.parametrize(
        "bucket", ["Upper", "a", "-dash", "dash-", "a..b", "", "x" * 64, "a_b"]
    )
    def test_names_no_bucket_can_have(self, s3: S3, bucket: str) -> None:
        assert refused(lambda: s3.make_bucket(bucket))[0] == "InvalidBucketName"
        assert s3.buckets() == ["bucket"]

    @pytest.mark.parametrize("bucket", ["abc", "my.bucket-1", "1bucket", "x" * 63])
    def test_names_a_bucket_can_have(self, s3: S3, bucket: str) -> None:
        s3.make_bucket(bucket)
        s3.make_bucket(bucket)
        assert s3.has_bucket(bucket)
        assert s3.buckets() == sorted(["bucket", bucket])

    def test_versions(self, s3: S3) -> None:
        s3.make_bucket("kept", versioned=True)
        first = s3.put("kept", "key", b"1")
        second = s3.put("kept", "key", b"2")
        s3.put("kept", "key2", b"other")
        assert first
        assert second
        assert s3.versions("kept", "key") == [first, second]
        assert s3.get("kept", "key").body == b"2"
        assert s3.get("kept", "key").version == second
        assert s3.get("kept", "key", first).body == b"1"
        s3.delete("kept", "key")
        assert s3.versions("kept", "key") == []
        assert refused(lambda: s3.get("kept", "key"))[0] == "NoSuchKey"
        assert list(s3.list("kept")) == ["key2"]

    def test_versions_can_be_turned_on_later(self, s3: S3) -> None:
        s3.put("bucket", "key", b"0")
        s3.make_bucket("bucket", versioned=True)
        first = s3.put("bucket", "key", b"1")
        assert s3.versions("bucket", "key") == ["null", first]
        assert s3.get("bucket", "key", "null").body == b"0"

    def test_no_such_version(self, s3: S3) -> None:
        s3.make_bucket("kept", versioned=True)
        s3.put("kept", "key", b"1")
        answer = ("NoSuchVersion", "The specified version does not exist.")
        missing = "00000000000000000000000000000099"
        assert refused(lambda: s3.get("kept", "key", missing)) == answer

    def test_a_bucket_goes_with_what_is_in_it(self, s3: S3) -> None:
        s3.make_bucket("kept", versioned=True)
        for _ in range(2):
            s3.put("kept", "key", b"1")
        s3.delete_bucket("kept")
        assert s3.buckets() == ["bucket"]

    def test_buckets_belong_to_all_regions(self, neighbours: Neighbours, s3: S3) -> None:
        s3.put("bucket", "key", b"1")
        assert neighbours.s3("us-east-1").get("bucket", "key").body == b"1"


class TestLogs:
    def test_streams_are_made_as_needed(self, logs: Logs, now: int) -> None:
        assert logs.groups() == []
        logs.put(GROUP, STREAM, [(now, "one\n"), (now, "\n")])
        logs.put(GROUP, "second", [(now, "two\n")])
        logs.put("another", STREAM, [])
        assert logs.groups() == [GROUP, "another"]
        assert list(logs.streams(GROUP)) == [STREAM, "second"]
        assert list(logs.streams("another")) == [STREAM]
        assert list(logs.read(GROUP, STREAM)) == [(now, "one\n"), (now, "\n")]
        assert list(logs.read("another", STREAM)) == []

    def test_events_are_in_order_of_time(self, logs: Logs, now: int) -> None:
        logs.put(GROUP, STREAM, [(now + 2, "c"), (now, "a")])
        logs.put(GROUP, STREAM, [(now + 1, "b"), (now, "a2"), (now + 2, "c2")])
        assert [text for _, text in logs.read(GROUP, STREAM)] == ["a", "a2", "b", "c", "c2"]

    def test_events_without_text_are_left_out(self, logs: Logs, now: int) -> None:
        logs.put(GROUP, STREAM, [(now, ""), (now, "text"), (now, "")])
        assert list(logs.read(GROUP, STREAM)) == [(now, "text")]

    @pytest.mark.parametrize("text", ["grüße 🐍\n", "\x1b[31mred\x1b[0m\r\n", "\t", '{"a": 1}'])
    def test_any_text(self, logs: Logs, now: int, text: str) -> None:
        logs.put(GROUP, STREAM, [(now, text)])
        assert list(logs.read(GROUP, STREAM)) == [(now, text)]

    def test_many_events(self, logs: Logs, now: int) -> None:
        events = [(now + number, f"line {number}\n") for number in range(25_001)]
        logs.put(GROUP, STREAM, iter(events))
        assert list(logs.read(GROUP, STREAM)) == events

    def test_long_texts(self, logs: Logs, now: int) -> None:
        text = "äöü" * 400_000
        logs.put(GROUP, STREAM, [(now, text), (now + 1, "short")])
        assert "".join(part for _, part in logs.read(GROUP, STREAM)) == text + "short"

    def test_regions_have_their_own(self, neighbours: Neighbours, logs: Logs, now: int) -> None:
        logs.put(GROUP, STREAM, [(now, "here")])
        assert neighbours.logs("us-east-1").groups() == []

    def test_what_is_not_there(self, logs: Logs, now: int) -> None:
        code = "ResourceNotFoundException"
        assert refused(lambda: logs.read(GROUP, STREAM))[0] == code
        assert refused(lambda: logs.streams(GROUP))[0] == code
        logs.put(GROUP, "other", [(now, "text")])
        assert refused(lambda: logs.read(GROUP, STREAM))[0] == code

    def test_attaching(self, neighbours: Neighbours, logs: Logs, now: int) -> None:
        lines = [(now, "one")]
        if logs.attach(GROUP, STREAM, lambda: lines):
            assert list(logs.read(GROUP, STREAM)) == [(now, "one")]
            lines += [(now - 1, "zero"), (now, "")]
            logs.put(GROUP, STREAM, [(now + 1, "two")])
            assert [text for _, text in logs.read(GROUP, STREAM)] == ["zero", "one", "two"]
        else:
            assert logs.groups() == []
