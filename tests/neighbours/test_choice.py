"""Who answers: moto, a stand-in, a named endpoint; and never AWS."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from mockbuild.errors import ConfigurationError, MockbuildError
from mockbuild.neighbours import Neighbours, remote
from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.embedded_logs import EmbeddedLogs
from mockbuild.neighbours.embedded_s3 import EmbeddedS3
from mockbuild.neighbours.remote_logs import RemoteLogs, batches
from mockbuild.neighbours.remote_s3 import RemoteS3
from tests.neighbours.endpoints import serving
from tests.optional import make_client, mock_aws

pytestmark = pytest.mark.docs


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


class TestAuto:
    def test_each_use_decides(self, neighbours: Neighbours) -> None:
        assert isinstance(neighbours.s3("us-east-1"), EmbeddedS3)
        with mock_aws():
            assert isinstance(neighbours.s3("us-east-1"), RemoteS3)
            assert isinstance(neighbours.logs("us-east-1"), RemoteLogs)
        assert isinstance(neighbours.s3("us-east-1"), EmbeddedS3)
        assert isinstance(neighbours.logs("us-east-1"), EmbeddedLogs)

    def test_moto_that_started_before(self) -> None:
        with mock_aws():
            assert isinstance(Neighbours().s3("us-east-1"), RemoteS3)

    def test_what_is_kept_here_waits_until_moto_has_gone(self, neighbours: Neighbours) -> None:
        neighbours.s3_view["bucket"]["key"] = b"here"
        with mock_aws():
            assert "bucket" not in neighbours.s3_view
            neighbours.s3_view["bucket"]["key"] = b"moto's"
            assert neighbours.s3_view["bucket"]["key"] == b"moto's"
        assert neighbours.s3_view["bucket"]["key"] == b"here"

    def test_it_is_the_moto_of_the_code_under_test(self, neighbours: Neighbours) -> None:
        with mock_aws():
            client = make_client("s3")
            client.create_bucket(Bucket="theirs")
            neighbours.s3("eu-west-1").put("theirs", "key", b"ours")
            assert client.get_object(Bucket="theirs", Key="key")["Body"].read() == b"ours"
            client.put_object(Bucket="theirs", Key="other", Body=b"theirs")
            assert neighbours.s3_view["theirs"]["other"] == b"theirs"

    def test_a_moto_that_does_not_mock_the_service(self, neighbours: Neighbours) -> None:
        with mock_aws(config={"core": {"service_whitelist": ["logs"]}}):
            assert isinstance(neighbours.s3("us-east-1"), EmbeddedS3)
            assert isinstance(neighbours.logs("us-east-1"), RemoteLogs)
        passthrough = {"core": {"passthrough": {"services": ["logs"], "urls": []}}}
        with mock_aws(config=passthrough):  # type: ignore[arg-type]
            assert isinstance(neighbours.s3("us-east-1"), RemoteS3)
            assert isinstance(neighbours.logs("us-east-1"), EmbeddedLogs)

    def test_a_region_that_moto_does_not_have(
        self, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with mock_aws():
            neighbours.logs("mars-east-1").put("group", "stream", [(1, "text")])
            neighbours.s3("mars-east-1").make_bucket("bucket")
            assert neighbours.logs_view["group"].text == "text"
            assert list(neighbours.s3_view) == ["bucket"]
            assert isinstance(neighbours.logs("cn-north-1"), RemoteLogs)
            monkeypatch.setenv("MOTO_ALLOW_NONEXISTENT_REGION", "true")
            assert isinstance(neighbours.logs("mars-east-1"), RemoteLogs)

    def test_a_bucket_that_moto_does_not_have(self, neighbours: Neighbours) -> None:
        with mock_aws(), pytest.raises(NeighbourError, match="NoSuchBucket"):
            neighbours.s3("us-east-1").put("missing", "key", b"")
        with mock_aws():
            assert not neighbours.s3("us-east-1").makes_buckets

    def test_a_stand_in_makes_the_bucket(self, neighbours: Neighbours) -> None:
        assert neighbours.s3("us-east-1").makes_buckets
        neighbours.s3("us-east-1").put("missing", "key", b"1")
        assert neighbours.s3("eu-west-1").get("missing", "key").body == b"1"

    def test_moto_is_not_imported_and_nothing_else_either(self) -> None:
        program = (
            "import sys; from mockbuild.neighbours import Neighbours\n"
            "n = Neighbours(); n.s3_view['b1b']['k'] = b''; n.logs('us-east-1').put('g', 's', [])\n"
            "assert not {'moto', 'boto3', 'botocore.session'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_the_users_own_settings_do_not_matter(
        self, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remote._moto_clients.clear()
        monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
        monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")
        with mock_aws():
            neighbours.s3("eu-west-1").make_bucket("bucket")
            assert neighbours.s3("eu-west-1").buckets() == ["bucket"]

    def test_one_client_for_many_threads(self, neighbours: Neighbours) -> None:
        remote._moto_clients.clear()
        found: set[int] = set()

        def work(number: int) -> None:
            s3 = neighbours.s3("us-east-1")
            s3.put("bucket", f"key{number}", b"1")
            found.add(id(s3._client))  # type: ignore[attr-defined]

        with mock_aws():
            neighbours.s3("us-east-1").make_bucket("bucket")
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(neighbours.s3_view["bucket"]) == 8
        assert len(found) == 1


class TestNeverAws:
    @pytest.fixture(autouse=True)
    def network(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        sent: list[str] = []

        def send(session: object, request: object) -> None:
            sent.append(request.url)  # type: ignore[attr-defined]
            raise AssertionError("a call was about to leave")

        monkeypatch.setattr(URLLib3Session, "send", send)
        return sent

    def test_when_moto_ends_between_asking_and_calling(
        self, neighbours: Neighbours, network: list[str]
    ) -> None:
        with mock_aws():
            s3, logs = neighbours.s3("us-east-1"), neighbours.logs("us-east-1")
        for call in (
            lambda: s3.get("bucket", "key"),
            lambda: s3.put("bucket", "key", b""),
            lambda: s3.buckets(),
            lambda: logs.put("group", "stream", [(1, "text")]),
        ):
            with pytest.raises(MockbuildError, match=r"kept a call from leaving for .*amazonaws"):
                call()
        assert network == []

    def test_a_client_made_before_moto_started_again(
        self, neighbours: Neighbours, network: list[str]
    ) -> None:
        with mock_aws():
            s3 = neighbours.s3("us-east-1")
        with mock_aws():
            s3.make_bucket("bucket")
            assert neighbours.s3("us-east-1").buckets() == ["bucket"]
        assert network == []

    def test_embedded_means_embedded(self) -> None:
        neighbours = Neighbours("embedded")
        with mock_aws():
            assert isinstance(neighbours.s3("us-east-1"), EmbeddedS3)
            assert isinstance(neighbours.logs("us-east-1"), EmbeddedLogs)

    def test_a_named_endpoint_that_points_elsewhere(self, network: list[str]) -> None:
        client = remote.endpoint_client("s3", "us-east-1", "http://127.0.0.1:9")
        client.meta.events.register(
            "before-send.s3",
            lambda request, **_: setattr(request, "url", "https://s3.amazonaws.com/"),
        )
        with pytest.raises(MockbuildError, match=r"only 127\.0\.0\.1:9 is named"):
            RemoteS3(client).buckets()
        assert network == []
        client.close()


class Handler(BaseHTTPRequestHandler):
    """An S3 that knows how to list its buckets."""

    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"]))
        body = (
            b'<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            b"<Buckets><Bucket><Name>theirs</Name></Bucket></Buckets></ListAllMyBucketsResult>"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    Handler.seen = []
    with serving(Handler) as url:
        yield url


class TestNamedEndpoints:
    def test_it_is_called(self, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "minio-key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "minio-secret")
        neighbours = Neighbours({"s3": endpoint})
        assert neighbours.s3("eu-west-1").buckets() == ["theirs"]
        assert isinstance(neighbours.logs("us-east-1"), EmbeddedLogs)
        neighbours.close()
        ((path, signature),) = Handler.seen
        assert path.startswith("/")
        assert "Credential=minio-key/" in signature

    def test_it_is_called_whether_moto_is_there_or_not(self, endpoint: str) -> None:
        # moto's own rule: it answers for AWS's host names, and lets others through.
        neighbours = Neighbours({"s3": endpoint, "logs": "embedded"})
        with mock_aws():
            assert neighbours.s3("us-east-1").buckets() == ["theirs"]
            assert isinstance(neighbours.logs("us-east-1"), EmbeddedLogs)
        neighbours.close()

    def test_nobody_is_there(self) -> None:
        neighbours = Neighbours({"s3": "http://127.0.0.1:1"})
        with pytest.raises(
            NeighbourError, match=r"EndpointConnectionError.*127\.0\.0\.1:1"
        ) as caught:
            neighbours.s3("us-east-1").get("bucket", "key")
        assert isinstance(caught.value.__cause__, BotoCoreError)
        neighbours.close()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        pytest.param("moto", '"auto", "embedded" or a mapping .*\'moto\'', id="another word"),
        pytest.param(None, "or a mapping of endpoint URLs, not None", id="none"),
        pytest.param(["s3"], r"or a mapping of endpoint URLs, not \['s3'\]", id="list"),
        pytest.param({"sqs": "http://x"}, "names 'sqs'; there are 's3', 'logs'", id="service"),
        pytest.param({1: "http://x"}, "names 1;", id="service that is no text"),
        pytest.param({"s3": "127.0.0.1:9000"}, 'such as "http://127.0.0.1:9000"', id="no scheme"),
        pytest.param({"s3": "ftp://x"}, "is an endpoint URL", id="scheme"),
        pytest.param({"s3": "http://"}, "is an endpoint URL", id="no host"),
        pytest.param({"s3": "http://x:port"}, "is an endpoint URL", id="port"),
        pytest.param({"s3": "http://[::1"}, "is an endpoint URL", id="address"),
        pytest.param({"s3": None}, "is an endpoint URL", id="no value"),
        pytest.param({"s3": 9000}, "is an endpoint URL", id="number"),
    ],
)
def test_settings_that_make_no_sense(setting: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Neighbours(setting)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "setting",
    [
        "auto",
        "embedded",
        {},
        {"s3": "https://minio.example:9000/path", "logs": "http://[::1]:4566"},
        {"logs": "embedded", "s3": "auto"},
    ],
    ids=["auto", "embedded", "empty", "URLs", "words"],
)
def test_settings_that_do(setting: str | dict[str, str]) -> None:
    Neighbours(setting).close()


class TestBatches:
    """The limits of PutLogEvents."""

    def test_events(self) -> None:
        sizes = [len(batch) for batch in batches((1, "x") for _ in range(20_001))]
        assert sizes == [10_000, 10_000, 1]

    def test_bytes(self) -> None:
        text = "x" * (1_048_576 // 4 - 26)
        assert [len(batch) for batch in batches([(1, text)] * 5)] == [4, 1]
        assert [len(batch) for batch in batches([(1, text + "x")] * 5)] == [3, 2]

    def test_bytes_are_of_utf_8(self) -> None:
        text = "é" * (1_048_576 // 8 - 13)
        assert [len(batch) for batch in batches([(1, text)] * 5)] == [4, 1]

    @pytest.mark.parametrize("letter", ["x", "é", "日", "🐍"])
    def test_a_text_too_long_for_one(self, letter: str) -> None:
        text = letter * 1_100_000
        sent = list(batches([(1, text)]))
        assert all(len(batch) == 1 for batch in sent)
        assert all(len(batch[0][1].encode()) <= 1_048_576 - 26 for batch in sent)
        assert "".join(batch[0][1] for batch in sent) == text

    def test_a_day(self) -> None:
        day = 24 * 3600 * 1000
        sent = list(batches([(2 * day, "d"), (0, "a"), (day - 1, "b"), (day, "c")]))
        assert sent == [[(0, "a"), (day - 1, "b")], [(day, "c")], [(2 * day, "d")]]

    def test_none(self) -> None:
        assert list(batches([])) == []
        assert list(batches([(1, "")])) == []
