"""Who answers where images leave something: moto, a stand-in, a named endpoint; and never AWS."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from mockbuild.errors import ConfigurationError, MockbuildError
from mockbuild.neighbours import SERVICES, Neighbours
from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.ec2 import MachineImage
from mockbuild.neighbours.embedded_ec2 import EmbeddedEC2
from mockbuild.neighbours.embedded_ecr import EmbeddedECR
from mockbuild.neighbours.embedded_iam import EmbeddedIAM
from mockbuild.neighbours.embedded_sns import EmbeddedSNS
from mockbuild.neighbours.embedded_ssm import EmbeddedSSM
from mockbuild.neighbours.remote_ec2 import RemoteEC2
from mockbuild.neighbours.remote_ecr import RemoteECR
from mockbuild.neighbours.remote_iam import RemoteIAM
from mockbuild.neighbours.remote_sns import RemoteSNS
from mockbuild.neighbours.remote_ssm import RemoteSSM
from tests.neighbours.endpoints import serving
from tests.optional import mock_aws

pytestmark = pytest.mark.docs

REGION, ACCOUNT, OTHER_ACCOUNT = "us-east-1", "123456789012", "210987654321"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:images"
KINDS = {
    "ec2": (EmbeddedEC2, RemoteEC2),
    "ssm": (EmbeddedSSM, RemoteSSM),
    "ecr": (EmbeddedECR, RemoteECR),
    "sns": (EmbeddedSNS, RemoteSNS),
    "iam": (EmbeddedIAM, RemoteIAM),
}


@pytest.fixture(params=KINDS)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def ask(neighbours: Neighbours, service: str, region: str = REGION) -> object:
    return getattr(neighbours, service)(region)


def test_these_are_all_there_are() -> None:
    assert set(SERVICES) == {"s3", "logs", *KINDS}


def test_each_use_decides(service: str) -> None:
    embedded, remote = KINDS[service]
    neighbours = Neighbours()
    assert isinstance(ask(neighbours, service), embedded)
    with mock_aws():
        assert isinstance(ask(neighbours, service), remote)
    assert isinstance(ask(neighbours, service), embedded)


def test_embedded_means_embedded(service: str) -> None:
    with mock_aws():
        for setting in ("embedded", {service: "embedded"}):
            assert isinstance(ask(Neighbours(setting), service), KINDS[service][0])


def test_a_moto_that_does_not_mock_the_service(service: str) -> None:
    with mock_aws(config={"core": {"service_whitelist": ["s3"]}}):
        assert isinstance(ask(Neighbours(), service), KINDS[service][0])


def test_a_region_that_moto_does_not_have(service: str) -> None:
    with mock_aws():
        found = ask(Neighbours(), service, "mars-east-1")
    assert isinstance(found, KINDS[service][1 if service == "iam" else 0])


def test_a_stand_in_is_kept(service: str) -> None:
    neighbours = Neighbours()
    if service in ("ec2", "ssm", "ecr"):
        assert ask(neighbours, service) is ask(neighbours, service)
        assert ask(neighbours, service) is not ask(neighbours, service, "eu-west-1")
        assert ask(neighbours, service) is not getattr(neighbours, service)(REGION, OTHER_ACCOUNT)
        assert ask(neighbours, service) is getattr(neighbours, service)(REGION, ACCOUNT)


def test_a_service_that_there_is_not() -> None:
    with pytest.raises(ConfigurationError, match="names 'sqs'; there are 's3', 'logs', 'ec2',"):
        Neighbours({"sqs": "embedded"})


CALLS: dict[str, Callable[[Neighbours], object]] = {
    "ec2": lambda n: n.ec2(REGION).register(MachineImage("ami-1", REGION, ACCOUNT, "web")),
    "ssm": lambda n: n.ssm(REGION).put("/ami", "ami-1"),
    "ecr": lambda n: n.ecr(REGION).has_repository("web"),
    "sns": lambda n: n.sns(REGION).publish(TOPIC, "text"),
    "iam": lambda n: n.iam(REGION).has_instance_profile("builder"),
}


def test_nothing_leaves_when_moto_ends_meanwhile(
    service: str, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockbuild.neighbours.remote.moto_answers_for", lambda *_: True)
    with mock_aws():
        pass
    with pytest.raises(MockbuildError, match=r"kept a call from leaving for .*amazonaws"):
        CALLS[service](Neighbours())
    assert network == []


def test_moto_is_not_imported_and_nothing_else_either() -> None:
    program = (
        "import sys; from mockbuild.neighbours import Neighbours\n"
        "from mockbuild.neighbours.ec2 import MachineImage\n"
        "n = Neighbours(); n.parameters_view['us-east-1']['/ami'] = 'ami-1'\n"
        "n.ec2('us-east-1').register(MachineImage('ami-1', 'us-east-1', '1', 'web'))\n"
        "assert list(n.amis_view) == ['ami-1'] and n.sns('us-east-1').has_topic('x')\n"
        "assert not {'moto', 'boto3', 'botocore.session'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("region", ["us east", "us_east", "a/b", "-"])
def test_a_region_that_cannot_be(service: str, region: str) -> None:
    neighbours = Neighbours({service: "http://127.0.0.1:1"})
    with pytest.raises(NeighbourError, match="InvalidRegion"):
        ask(neighbours, service, region)
    assert len(neighbours._all_ec2()) == 1, "it is none of those whose AMIs are shown"
    neighbours.close()


class Handler(BaseHTTPRequestHandler):
    """A Parameter Store that takes anything."""

    seen: list[str]

    def do_POST(self) -> None:
        self.seen.append(self.headers["Authorization"])
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"Version": 1}'
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


def test_a_named_endpoint_is_called_in_the_account(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "my-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "my-secret")
    neighbours = Neighbours({"ssm": endpoint})
    for account_id in (None, ACCOUNT, OTHER_ACCOUNT, ACCOUNT):
        neighbours.ssm(REGION, account_id).put("/ami", "ami-1")
    neighbours.close()
    keys = [signature.partition("Credential=")[2].partition("/")[0] for signature in Handler.seen]
    assert keys == ["my-key", "my-key", OTHER_ACCOUNT, "my-key"]


def test_a_named_endpoint_where_nobody_is() -> None:
    neighbours = Neighbours({"iam": "http://127.0.0.1:1"})
    with pytest.raises(NeighbourError, match="EndpointConnectionError"):
        neighbours.iam(REGION).has_instance_profile("builder")
    neighbours.close()
