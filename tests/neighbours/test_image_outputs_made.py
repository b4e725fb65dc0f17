"""What becomes next door of all that images make outside, whoever answers."""

from collections.abc import Callable

import pytest

from mockbuild.engine.image_outputs import (
    Ami,
    AmiChange,
    Export,
    FastLaunch,
    Licenses,
    Message,
    Output,
    OutputRefused,
    Parameter,
    Push,
    TemplateVersion,
)
from mockbuild.engine.neighbour_outputs import NeighbourOutputs
from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.ec2 import MachineImage
from tests.optional import make_client

pytestmark = pytest.mark.docs

HOME, AWAY = "us-east-1", "eu-west-1"
ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
OWN = {"CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": "arn:aws:imagebuilder:…:image/web"}
TOPIC = f"arn:aws:sns:{AWAY}:{ACCOUNT}:images"
PLACE = ("ami-1", HOME, ACCOUNT)

Make = Callable[[Output], str | None]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto have no AMIs of its own: to load them takes a second for each region."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@pytest.fixture
def sent() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def make(neighbours: Neighbours, sent: list[tuple[str, str]]) -> Make:
    return NeighbourOutputs(neighbours, lambda *message: sent.append(message)).make


@pytest.fixture
def is_moto(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.callspec.params["neighbours"] == "moto")


def built(
    name: str = "web 1", region: str = HOME, account_id: str = ACCOUNT, **more: object
) -> Ami:
    return Ami("ami-0123456789abcdef0", region, account_id, name, **more)  # type: ignore[arg-type]


def only(images: object) -> MachineImage:
    (image,) = images  # type: ignore[misc]
    assert isinstance(image, MachineImage)
    return image


class TestAmis:
    def test_one_that_is_built(self, make: Make, neighbours: Neighbours, is_moto: bool) -> None:
        image_id = make(built(description="Our base", tags={**OWN, "team": "web"}))
        image = only(neighbours.ec2(HOME).images())
        assert (image.image_id == "ami-0123456789abcdef0") is not is_moto
        assert (image.image_id, image.name, image.description) == (image_id, "web 1", "Our base")
        assert dict(image.tags) == {**OWN, "team": "web"}
        if is_moto:
            ec2 = make_client("ec2", HOME)
            found = ec2.describe_snapshots(SnapshotIds=list(image.snapshots))["Snapshots"]
            assert {tag["Key"]: tag["Value"] for tag in found[0]["Tags"]} == OWN

    def test_the_platform_of_one(self, make: Make, neighbours: Neighbours, is_moto: bool) -> None:
        make(built(platform="Windows"))
        image = only(neighbours.ec2(HOME).images())
        assert image.platform == (None if is_moto else "Windows")

    def test_copies(self, make: Make, neighbours: Neighbours) -> None:
        first = make(built(description="Our base"))
        for region, account_id in ((AWAY, ACCOUNT), (HOME, OTHER_ACCOUNT), (AWAY, OTHER_ACCOUNT)):
            copy = built(
                f"copy in {region}", region, account_id, copied_from=first, copied_from_region=HOME
            )
            copied = make(copy)
            image = only(neighbours.ec2(region, account_id).images())
            assert (image.image_id, image.name) == (copied, f"copy in {region}")
            assert (image.region, image.account_id) == (region, account_id)

    def test_tags_and_permissions(self, make: Make, neighbours: Neighbours) -> None:
        image_id = str(make(built(tags={"a": "1", "b": "2"})))
        units = ["arn:aws:organizations::123456789012:ou/o-1/ou-1"]
        organizations = ["arn:aws:organizations::123456789012:organization/o-1"]
        permission = {
            "userIds": [OTHER_ACCOUNT],
            "userGroups": ["all"],
            "organizationArns": organizations,
            "organizationalUnitArns": units,
        }
        assert make(AmiChange(image_id, HOME, ACCOUNT, {"b": "3"})) is None
        make(AmiChange(image_id, HOME, ACCOUNT, launch_permission=permission))
        make(AmiChange(image_id, HOME, ACCOUNT, launch_permission={}))
        image = neighbours.ec2(HOME).find(image_id)
        assert image is not None
        assert dict(image.tags) == {"a": "1", "b": "3"}
        assert image.shared_with == {OTHER_ACCOUNT, "all", *organizations, *units}
        assert image.is_public

    def test_one_that_is_not_there_cannot_be_changed(self, make: Make) -> None:
        missing = "ami-00000000000000000"
        with pytest.raises(OutputRefused) as caught:
            make(AmiChange(missing, HOME, ACCOUNT, {"a": "b"}))
        assert caught.value.message.startswith("EC2 Client Error: 'The ")
        assert missing in caught.value.message
        assert caught.value.message.endswith("'")


class TestWhatIsConfigured:
    def test_a_parameter(self, make: Make, neighbours: Neighbours) -> None:
        make(Parameter("ami-1", AWAY, OTHER_ACCOUNT, "/golden/ami", "text"))
        make(Parameter("ami-2", AWAY, OTHER_ACCOUNT, "/golden/ami", "aws:ec2:image"))
        assert neighbours.ssm(AWAY, OTHER_ACCOUNT).get("/golden/ami") == "ami-2"
        assert neighbours.ssm(AWAY).names() == []

    def test_an_export(self, make: Make, neighbours: Neighbours, is_moto: bool) -> None:
        export = Export(*PLACE, "VMDK", "exports", "images/", "vmimport")
        if is_moto:
            with pytest.raises(OutputRefused, match="S3 Client Error: 'The specified bucket does"):
                make(export)
        neighbours.s3_view.make("exports")
        make(export)
        (key,) = neighbours.s3_view["exports"]
        assert key.startswith("images/export-ami-")
        assert key.endswith(".vmdk")

    @pytest.mark.parametrize(
        "output",
        [
            pytest.param(Licenses(*PLACE, ("arn:aws:license-manager:…",)), id="licenses"),
            pytest.param(FastLaunch(*PLACE, {"enabled": True}), id="faster launching"),
        ],
    )
    def test_what_nobody_knows(self, make: Make, output: Output) -> None:
        assert make(output) is None

    def test_a_launch_template(self, make: Make, is_moto: bool) -> None:
        version = TemplateVersion("ami-1", HOME, ACCOUNT, "lt-01234567890123456", is_default=True)
        if is_moto:
            with pytest.raises(OutputRefused, match="EC2 Client Error: 'The specified launch temp"):
                make(version)
        else:
            assert make(version) is None


class TestContainers:
    def test_an_image(self, make: Make, neighbours: Neighbours, is_moto: bool) -> None:
        tags = ("1.0.0-1", "web-1.0.0-1", "latest")
        push = Push(AWAY, ACCOUNT, "team/web", tags, ())
        if is_moto:
            with pytest.raises(OutputRefused, match="ECR Client Error: 'The repository with name"):
                make(push)
            make_client("ecr", AWAY).create_repository(repositoryName="team/web")
        make(push)
        make(push)
        make(Push(AWAY, ACCOUNT, "team/web", ("1.0.0-2", "web-1.0.0-2", "latest"), ()))
        assert neighbours.ecr(AWAY).tags("team/web") == [
            "1.0.0-1", "1.0.0-2", "latest", "web-1.0.0-1", "web-1.0.0-2"
        ]  # fmt: skip
        if is_moto:
            found = make_client("ecr", AWAY).describe_images(repositoryName="team/web")
            seen = sorted(sorted(one["imageTags"]) for one in found["imageDetails"])
            assert seen == [["1.0.0-1", "web-1.0.0-1"], ["1.0.0-2", "latest", "web-1.0.0-2"]]

    def test_images_of_two_recipes(self, make: Make, neighbours: Neighbours, is_moto: bool) -> None:
        if is_moto:
            make_client("ecr", HOME).create_repository(repositoryName="team")
        for name in ("web", "api"):
            make(Push(HOME, ACCOUNT, "team", ("1.0.0-1", f"{name}-1.0.0-1"), ()))
        assert neighbours.ecr(HOME).tags("team") == ["1.0.0-1", "api-1.0.0-1", "web-1.0.0-1"]
        if is_moto:
            found = make_client("ecr", HOME).describe_images(repositoryName="team")["imageDetails"]
            seen = sorted(sorted(one["imageTags"]) for one in found)
            assert seen == [["1.0.0-1", "api-1.0.0-1"], ["web-1.0.0-1"]]


class TestMessages:
    def test_a_message(self, make: Make, sent: list[tuple[str, str]], is_moto: bool) -> None:
        message = Message(TOPIC, '{"a": "b"}')
        if is_moto:
            with pytest.raises(OutputRefused, match="SNS Client Error: '"):
                make(message)
            assert sent == []
            make_client("sns", AWAY).create_topic(Name="images")
        make(message)
        assert sent == [(TOPIC, '{"a": "b"}')]


def test_the_log_is_that_of_the_region(neighbours: Neighbours) -> None:
    outputs = NeighbourOutputs(neighbours, lambda *_: None)
    outputs.logs(AWAY).put("group", "stream", [(1, "text")])
    assert neighbours.logs(HOME).groups() == []
    assert neighbours.logs(AWAY).groups() == ["group"]
