"""What every EC2, SSM, ECR, SNS and IAM does that images leave something in, whoever answers."""

from collections.abc import Callable

import pytest

from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.base import ECR, SSM, NeighbourError
from mockbuild.neighbours.ec2 import EC2, MachineImage
from tests.optional import make_client

pytestmark = pytest.mark.docs

REGION, ACCOUNT, OTHER_ACCOUNT = "eu-west-1", "123456789012", "210987654321"
UNKNOWN = "ami-00000000000000000"
ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-1234567890"
UNIT = "arn:aws:organizations::123456789012:ou/o-1234567890/ou-ab12-12345678"
#: Texts that mean something to some format or other.
HOSTILE = [
    pytest.param("grüße/日本/🐍", id="unicode"),
    pytest.param("a b+c%20d&e=f?g#h", id="URL characters"),
    pytest.param('it\'s "quoted" <&>', id="quotes and XML"),
    pytest.param("{{ imagebuilder:buildDate }}", id="braces"),
]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto have no AMIs of its own: to load them takes a second for each region."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@pytest.fixture
def ec2(neighbours: Neighbours) -> EC2:
    return neighbours.ec2(REGION)


@pytest.fixture
def ssm(neighbours: Neighbours) -> SSM:
    return neighbours.ssm(REGION)


@pytest.fixture
def is_moto(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.callspec.params["neighbours"] == "moto")


def an_ami(name: str = "golden 1", **members: object) -> MachineImage:
    return MachineImage("ami-0123456789abcdef0", REGION, ACCOUNT, name, **members)  # type: ignore[arg-type]


def refused(act: Callable[[], object]) -> str:
    """Return the code of the error that a neighbour answers with."""
    with pytest.raises(NeighbourError) as caught:
        act()
    assert caught.value.message
    return caught.value.code


class TestEC2:
    def test_an_ami(self, ec2: EC2) -> None:
        tags = {"CreatedBy": "EC2 Image Builder", "team": "platform"}
        image_id = ec2.register(an_ami(description="Our base", tags=tags))
        found = ec2.find(image_id)
        assert found is not None
        assert (found.image_id, found.region, found.account_id) == (image_id, REGION, ACCOUNT)
        assert (found.name, found.description, dict(found.tags)) == ("golden 1", "Our base", tags)
        assert (found.is_public, found.is_disabled, found.deprecated_at) == (False, False, None)
        assert found.shared_with == frozenset()
        (snapshot,) = found.snapshots
        assert snapshot.startswith("snap-")
        assert ec2.images() == [found]

    def test_the_least_of_one(self, ec2: EC2) -> None:
        found = ec2.find(ec2.register(an_ami()))
        assert found is not None
        assert (found.description, dict(found.tags)) == (None, {})

    @pytest.mark.parametrize("text", HOSTILE)
    def test_texts_are_only_texts(self, ec2: EC2, text: str) -> None:
        image_id = ec2.register(an_ami(text, description=text, tags={text: text}))
        found = ec2.find(image_id)
        assert found is not None
        assert (found.name, found.description, dict(found.tags)) == (text, text, {text: text})
        ec2.untag(image_id, [text])
        found = ec2.find(image_id)
        assert found is not None
        assert dict(found.tags) == {}

    def test_a_copy_in_another_region(self, neighbours: Neighbours, ec2: EC2) -> None:
        first = ec2.register(an_ami(tags={"here": "only"}))
        there = neighbours.ec2("us-west-2")
        image = MachineImage("ami-2", "us-west-2", ACCOUNT, "copy", copied_from=first)
        copied = there.find(there.register(image, (first, REGION)))
        assert copied is not None
        assert (copied.region, copied.name, dict(copied.tags)) == ("us-west-2", "copy", {})
        assert ec2.find(copied.image_id) is None
        assert [one.image_id for one in ec2.images()] == [first]

    def test_a_copy_in_another_account(self, neighbours: Neighbours, ec2: EC2) -> None:
        first = ec2.register(an_ami())
        there = neighbours.ec2(REGION, OTHER_ACCOUNT)
        image = MachineImage("ami-2", REGION, OTHER_ACCOUNT, "copy", "Theirs", {"a": "b"})
        copied = there.find(there.register(image, (first, REGION)))
        assert copied is not None
        assert (copied.account_id, copied.name) == (OTHER_ACCOUNT, "copy")
        assert (copied.description, dict(copied.tags)) == ("Theirs", {"a": "b"})
        assert [one.image_id for one in there.images()] == [copied.image_id]
        assert [one.image_id for one in ec2.images()] == [first]

    def test_the_model_may_be_unknown(self, ec2: EC2) -> None:
        assert ec2.find(ec2.register(an_ami(), (UNKNOWN, REGION))) is not None

    def test_tags_come_and_go(self, ec2: EC2) -> None:
        image_id = ec2.register(an_ami(tags={"a": "1", "b": "2"}))
        ec2.tag(image_id, {"b": "3", "c": "4"})
        ec2.untag(image_id, ["a", "missing"])
        found = ec2.find(image_id)
        assert found is not None
        assert dict(found.tags) == {"b": "3", "c": "4"}
        ec2.tag(found.snapshots[0], {"a": "1"})
        ec2.untag(found.snapshots[0], ["a"])

    def test_who_may_launch_it(self, ec2: EC2) -> None:
        image_id = ec2.register(an_ami())
        ec2.share(image_id, [OTHER_ACCOUNT, ORGANIZATION])
        ec2.share(image_id, [UNIT, OTHER_ACCOUNT])
        found = ec2.find(image_id)
        assert found is not None
        assert found.shared_with == {OTHER_ACCOUNT, ORGANIZATION, UNIT}
        assert not found.is_public
        ec2.share(image_id, ["all"])
        found = ec2.find(image_id)
        assert found is not None
        assert found.is_public
        ec2.unshare(image_id)
        ec2.unshare(image_id)
        found = ec2.find(image_id)
        assert found is not None
        assert found.shared_with == frozenset()

    def test_disabled_and_enabled(self, ec2: EC2) -> None:
        image_id = ec2.register(an_ami())
        for disabled in (True, False):
            (ec2.disable if disabled else ec2.enable)(image_id)
            found = ec2.find(image_id)
            assert found is not None
            assert found.is_disabled == disabled

    def test_deprecated(self, ec2: EC2, is_moto: bool) -> None:
        image_id = ec2.register(an_ami())
        for at in (1_900_000_000.0, None):
            ec2.deprecate(image_id, at)
            found = ec2.find(image_id)
            assert found is not None
            assert found.deprecated_at == (None if is_moto else at)

    def test_when_it_was_last_launched(self, ec2: EC2, is_moto: bool) -> None:
        image_id, other = ec2.register(an_ami()), ec2.register(an_ami("golden 2"))
        assert ec2.last_launched(image_id) is None
        if is_moto:
            assert refused(lambda: ec2.launched(image_id, 5.0)) == "NotImplemented"
            launch = {"ImageId": image_id, "MinCount": 1, "MaxCount": 1}
            (first,) = make_client("ec2", REGION).run_instances(**launch)["Instances"]
            (last,) = make_client("ec2", REGION).run_instances(**launch)["Instances"]
            make_client("ec2", REGION).terminate_instances(InstanceIds=[first["InstanceId"]])
            assert ec2.last_launched(image_id) == last["LaunchTime"].timestamp()
            assert ec2.last_launched(other) is None
        else:
            ec2.launched(image_id, 5.0)
            ec2.launched(image_id, 3.0)
            assert ec2.last_launched(image_id) == 5.0
            assert ec2.last_launched(UNKNOWN) is None

    def test_gone_with_its_snapshots(self, ec2: EC2) -> None:
        image_id = ec2.register(an_ami())
        found = ec2.find(image_id)
        assert found is not None
        ec2.deregister(image_id)
        ec2.delete_snapshot(found.snapshots[0])
        assert ec2.find(image_id) is None
        assert ec2.images() == []

    @pytest.mark.parametrize(
        "act",
        [
            pytest.param(lambda ec2: ec2.tag(UNKNOWN, {"a": "b"}), id="tag"),
            pytest.param(lambda ec2: ec2.share(UNKNOWN, [OTHER_ACCOUNT]), id="share"),
            pytest.param(lambda ec2: ec2.unshare(UNKNOWN), id="unshare"),
            pytest.param(lambda ec2: ec2.disable(UNKNOWN), id="disable"),
            pytest.param(lambda ec2: ec2.enable(UNKNOWN), id="enable"),
            pytest.param(lambda ec2: ec2.deregister(UNKNOWN), id="deregister"),
        ],
    )
    def test_an_ami_that_is_not_there(self, ec2: EC2, act: Callable[[EC2], None]) -> None:
        assert refused(lambda: act(ec2)) == "InvalidAMIID.NotFound"

    @pytest.mark.parametrize("image_id", [UNKNOWN, "ami-", "i-12345678", "", "../x"])
    def test_nothing_is_found(self, ec2: EC2, image_id: str) -> None:
        ec2.register(an_ami())
        assert ec2.find(image_id) is None


class TestLaunchTemplates:
    def test_versions(self, ec2: EC2, is_moto: bool) -> None:
        template = "lt-01234567890123456"
        if is_moto:
            client = make_client("ec2", REGION)
            data = {"InstanceType": "t3.large", "ImageId": "ami-1", "UserData": "aGk="}
            made = client.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
            template = made["LaunchTemplate"]["LaunchTemplateId"]
        assert ec2.has_launch_template(template)
        assert ec2.has_launch_template(name="web")
        assert ec2.add_template_version(template, "ami-2", is_default=False) == 2
        assert ec2.add_template_version(template, "ami-3", is_default=True) == 3
        if is_moto:
            versions = client.describe_launch_template_versions(LaunchTemplateId=template)
            seen = [
                (one["VersionNumber"], one["LaunchTemplateData"]["ImageId"], one["DefaultVersion"])
                for one in versions["LaunchTemplateVersions"]
            ]
            assert seen == [(1, "ami-1", False), (2, "ami-2", False), (3, "ami-3", True)]
            last = versions["LaunchTemplateVersions"][-1]["LaunchTemplateData"]
            assert last == {**data, "ImageId": "ami-3"}

    def test_one_that_is_not_there(self, ec2: EC2, is_moto: bool) -> None:
        template = "lt-01234567890123456"
        assert ec2.has_launch_template(template) is not is_moto
        assert ec2.has_launch_template(name="missing") is not is_moto
        if is_moto:
            code = refused(lambda: ec2.add_template_version(template, "ami-2", is_default=True))
            assert code == "InvalidLaunchTemplateId.NotFound"


class TestSSM:
    def test_a_parameter(self, ssm: SSM) -> None:
        assert (ssm.get("/golden/ami"), ssm.names()) == (None, [])
        ssm.put("/golden/ami", "ami-1")
        ssm.put("/golden/ami", "ami-2", "aws:ec2:image")
        ssm.put("plain", "3")
        assert (ssm.get("/golden/ami"), ssm.get("plain")) == ("ami-2", "3")
        assert ssm.names() == ["/golden/ami", "plain"]
        ssm.delete("plain")
        ssm.delete("plain")
        assert (ssm.get("plain"), ssm.names()) == (None, ["/golden/ami"])

    def test_each_region_and_account_has_its_own(self, neighbours: Neighbours) -> None:
        places = [(REGION, ACCOUNT), ("us-west-2", ACCOUNT), (REGION, OTHER_ACCOUNT)]
        for number, place in enumerate(places):
            neighbours.ssm(*place).put("/ami", str(number))
        assert [neighbours.ssm(*place).get("/ami") for place in places] == ["0", "1", "2"]
        assert neighbours.ssm(REGION).get("/ami") == "0"

    def test_more_than_a_page(self, ssm: SSM) -> None:
        names = [f"/p/{number:03}" for number in range(61)]
        for name in names:
            ssm.put(name, "value")
        assert ssm.names() == names


class TestECR:
    @pytest.fixture
    def ecr(self, neighbours: Neighbours, is_moto: bool) -> ECR:
        if is_moto:
            make_client("ecr", REGION).create_repository(repositoryName="team/web")
        return neighbours.ecr(REGION)

    def test_an_image(self, ecr: ECR) -> None:
        assert ecr.has_repository("team/web")
        assert ecr.tags("team/web") == []
        ecr.push("team/web", ["1.0.0-1", "web-1.0.0-1", "latest"], "first")
        assert ecr.tags("team/web") == ["1.0.0-1", "latest", "web-1.0.0-1"]

    def test_a_tag_goes_over_to_the_next(self, ecr: ECR) -> None:
        ecr.push("team/web", ["1", "latest"], "first")
        ecr.push("team/web", ["2", "latest"], "second")
        assert ecr.tags("team/web") == ["1", "2", "latest"]
        ecr.delete("team/web", ["2", "latest", "missing"])
        assert ecr.tags("team/web") == ["1"]

    def test_the_same_image_again(self, ecr: ECR) -> None:
        for _ in range(2):
            ecr.push("team/web", ["1", "latest"], "first")
        assert ecr.tags("team/web") == ["1", "latest"]

    def test_a_repository_that_is_not_there(self, ecr: ECR, is_moto: bool) -> None:
        assert ecr.has_repository("missing") is not is_moto
        if is_moto:
            for act in (
                lambda: ecr.push("missing", ["1"], "first"),
                lambda: ecr.delete("missing", ["1"]),
                lambda: ecr.tags("missing"),
            ):
                assert refused(act) == "RepositoryNotFoundException"


class TestTopicsAndProfiles:
    def test_a_topic(self, neighbours: Neighbours, is_moto: bool) -> None:
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:images"
        sns = neighbours.sns(REGION)
        assert sns.has_topic(arn) is not is_moto
        if is_moto:
            assert refused(lambda: sns.publish(arn, "hello")) == "NotFound"
            make_client("sns", REGION).create_topic(Name="images")
            assert sns.has_topic(arn)
        sns.publish(arn, "hello")

    def test_an_instance_profile(self, neighbours: Neighbours, is_moto: bool) -> None:
        assert neighbours.iam(REGION).has_instance_profile("builder") is not is_moto
        if is_moto:
            make_client("iam").create_instance_profile(InstanceProfileName="builder")
            assert neighbours.iam(REGION).has_instance_profile("builder")
            assert neighbours.iam("mars-east-1").has_instance_profile("builder")
            assert not neighbours.iam(REGION, OTHER_ACCOUNT).has_instance_profile("builder")


class TestViews:
    def test_amis(self, neighbours: Neighbours) -> None:
        amis = neighbours.amis_view
        assert (list(amis), len(amis), repr(amis)) == ([], 0, "<AMIs: none>")
        first = neighbours.ec2(REGION).register(an_ami("golden 1"))
        other = MachineImage("ami-2", "us-west-2", OTHER_ACCOUNT, "golden 2")
        second = neighbours.ec2("us-west-2", OTHER_ACCOUNT).register(other)
        assert list(amis) == [first, second]
        assert amis[second].region == "us-west-2"
        assert [one.image_id for one in amis.named("golden")] == [first, second]
        assert [one.image_id for one in amis.named("golden", "us-west-2")] == [second]
        assert amis.named("gold1") == []
        assert UNKNOWN not in amis
        with pytest.raises(KeyError, match=f"no AMI '{UNKNOWN}'.*; there: '{first}', '{second}'"):
            amis[UNKNOWN]

    def test_parameters(self, neighbours: Neighbours) -> None:
        parameters = neighbours.parameters_view[REGION]
        assert (dict(parameters), repr(parameters)) == ({}, f"<parameters of {REGION}: none>")
        parameters["/base/ami"] = "ami-1"
        assert (parameters["/base/ami"], len(parameters)) == ("ami-1", 1)
        assert neighbours.ssm(REGION).get("/base/ami") == "ami-1"
        assert dict(neighbours.parameters_view["us-west-2"]) == {}
        del parameters["/base/ami"]
        assert "/base/ami" not in parameters
        for name in ("/base/ami", "", 5):
            with pytest.raises(KeyError, match=f"no parameter .*; in {REGION}: none"):
                parameters[name]  # type: ignore[index]
        with pytest.raises(KeyError):
            del parameters["/base/ami"]
        with pytest.raises(TypeError, match="a text, not int"):
            parameters["/base/ami"] = 5  # type: ignore[assignment]

    def test_what_is_read_is_up_to_date(self, neighbours: Neighbours) -> None:
        looks: list[int] = []
        neighbours.before_read = lambda: looks.append(1)
        for number, read in enumerate(
            (
                lambda: list(neighbours.amis_view),
                lambda: len(neighbours.amis_view),
                lambda: neighbours.amis_view.named("x"),
                lambda: neighbours.parameters_view[REGION].get("x"),
                lambda: list(neighbours.parameters_view[REGION]),
                lambda: len(neighbours.parameters_view[REGION]),
            )
        ):
            looks.clear()
            read()
            assert looks, number
