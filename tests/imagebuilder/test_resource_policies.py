"""Resource policies of components, images and recipes, and what accounts share through them."""

import pytest

from mockbuild import mock_imagebuilder
from mockbuild.services.imagebuilder.resource_policies import shared_with
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    OTHER,
    OTHER_ACCOUNT,
    answer,
    component,
    container_recipe,
    depended_on,
    image_recipe,
    make_client,
    missing,
    policy,
    refused,
    shelve,
    state_of,
)

AVAILABLE = {"status": "AVAILABLE"}
THIRD_ACCOUNT = "333333333333"
THIRD = make_client(account=THIRD_ACCOUNT)
FRANKFURT_OTHER = make_client("eu-central-1", account=OTHER_ACCOUNT)


class Kind:
    """How resources of a kind are made, and what the API calls them."""

    def __init__(self, name: str, member: str, make) -> None:
        self.name = name
        self.kind = name.replace("_", "-")
        self.member = member
        self.make = make
        printed = "".join(part.capitalize() for part in name.split("_"))
        self.get, self.list = f"Get{printed}", f"List{printed}s"

    def put_policy(self, arn: str, text: str, client=CLIENT):
        return getattr(client, f"put_{self.name}_policy")(**{self.member: arn, "policy": text})

    def get_policy(self, arn: str, client=CLIENT):
        return getattr(client, f"get_{self.name}_policy")(**{self.member: arn})

    def share(self, arn: str, *accounts: str, client=CLIENT) -> None:
        text = policy([self.get, self.list], arn, Principal={"AWS": list(accounts)})
        self.put_policy(arn, text, client)


def image(mb, name="web", version="1.0.0/1", **members) -> str:
    members = {"type": "AMI", "platform": "Linux", "state": AVAILABLE, **members}
    return shelve(state_of(mb), "image", name, version, **members)


COMPONENT = Kind("component", "componentArn", lambda mb, **members: component(**members))
IMAGE = Kind("image", "imageArn", image)
IMAGE_RECIPE = Kind("image_recipe", "imageRecipeArn", lambda mb, **members: image_recipe(**members))
CONTAINER_RECIPE = Kind(
    "container_recipe", "containerRecipeArn", lambda mb, **members: container_recipe(**members)
)
KINDS = (COMPONENT, IMAGE, IMAGE_RECIPE, CONTAINER_RECIPE)
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
RECIPES = pytest.mark.parametrize(
    "kind", [IMAGE_RECIPE, CONTAINER_RECIPE], ids=lambda kind: kind.name
)


@EVERY_KIND
@pytest.mark.docs
def test_without_a_policy(mb, kind):
    assert answer(kind.get_policy(kind.make(mb))) == {"policy": "{}"}


@EVERY_KIND
@pytest.mark.docs
def test_a_policy_comes_back_as_it_was_put(mb, kind):
    arn = kind.make(mb)
    text = policy([kind.get, kind.list], arn).replace(",", " ,\n")
    put = kind.put_policy(arn, text)
    got = kind.get_policy(arn)
    assert answer(put) == {kind.member: arn}
    assert answer(got) == {"policy": text}
    assert put["requestId"]
    assert got["requestId"]
    other = policy([kind.get], arn, THIRD_ACCOUNT)
    kind.put_policy(arn, other)
    assert answer(kind.get_policy(arn)) == {"policy": other}


@EVERY_KIND
@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{}", id="empty"),
        pytest.param("no JSON", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param('{"Statement": []}', id="no statement"),
        pytest.param('{"Statement": [{"Effect": "Maybe"}]}', id="effect"),
        pytest.param(policy(["GetImage"], "x", Principal={"AWS": "nobody"}), id="principal"),
        pytest.param(policy([], "x"), id="no action"),
        pytest.param("[" * 20000, id="deep"),
    ],
)
def test_policies_that_are_none(mb, kind, text):
    arn = kind.make(mb)
    with refused(parameter="policy"):
        kind.put_policy(arn, text)
    assert kind.get_policy(arn)["policy"] == "{}"


@EVERY_KIND
@pytest.mark.model
def test_how_long_a_policy_can_be(mb, kind):
    arn = kind.make(mb)
    text = policy([kind.get], arn)
    kind.put_policy(arn, text + " " * (30000 - len(text)))
    with refused(parameter="policy"):
        kind.put_policy(arn, text + " " * (30001 - len(text)))


@EVERY_KIND
@pytest.mark.model
def test_resources_that_are_not_there(mb, kind):
    arn = kind.make(mb)
    text = policy([kind.get], arn)
    for wrong in (
        arn.replace(ACCOUNT, OTHER_ACCOUNT),
        arn.replace(ACCOUNT, "aws"),
        arn.replace("us-east-1", "eu-central-1"),
        arn.replace("1.0.0", "1.0.1"),
    ):
        with missing():
            kind.put_policy(wrong, text)
        with missing():
            kind.get_policy(wrong)


@pytest.mark.model
@pytest.mark.parametrize("kind", [COMPONENT, IMAGE], ids=lambda kind: kind.name)
def test_components_and_images_have_policies_on_builds(mb, kind):
    version = kind.make(mb).rpartition("/")[0]
    with refused(parameter=kind.member):
        kind.get_policy(version)
    with refused(parameter=kind.member):
        kind.put_policy(version, policy([kind.get], version))


@RECIPES
@pytest.mark.inferred
def test_recipes_have_policies_on_versions(mb, kind):
    anything = kind.make(mb).replace("1.0.0", "x.x.x")
    with missing():
        kind.get_policy(anything)
    with missing():
        kind.put_policy(anything, policy([kind.get], anything))


@EVERY_KIND
@pytest.mark.model
def test_others_cannot_have_or_change_the_policy(mb, kind):
    arn = kind.make(mb)
    kind.share(arn, OTHER_ACCOUNT)
    with missing():
        kind.get_policy(arn, OTHER)
    with missing():
        kind.put_policy(arn, policy([kind.get], arn, THIRD_ACCOUNT), OTHER)


@EVERY_KIND
@pytest.mark.docs
def test_what_others_see(mb, kind):
    arn = kind.make(mb)
    here = state_of(mb)
    there, third = state_of(mb, OTHER_ACCOUNT), state_of(mb, THIRD_ACCOUNT)
    assert list(shared_with(there, kind.kind)) == []
    kind.share(arn, OTHER_ACCOUNT)
    (shared,) = shared_with(there, kind.kind)
    assert shared is here.shelves[kind.kind].exact(arn)
    assert shared in shared_with(there, kind.kind)
    assert len(shared_with(there, kind.kind)) == 1
    for other in (here, third, state_of(mb, OTHER_ACCOUNT, "eu-central-1")):
        assert list(shared_with(other, kind.kind)) == []
    for other in {one.kind for one in KINDS} - {kind.kind}:
        assert list(shared_with(there, other)) == []


def listed(kind: Kind, client=OTHER, **arguments) -> list[str]:
    """Return the ARNs of recipes, of those that others share if nothing else is said."""
    response = getattr(client, f"list_{kind.name}s")(**{"owner": "Shared", **arguments})
    (result,) = (value for name, value in response.items() if name.endswith("List"))
    return [one["arn"] for one in result]


def got(kind: Kind, arn: str, client=OTHER) -> dict:
    response = getattr(client, f"get_{kind.name}")(**{kind.member: arn})
    (record,) = (value for value in answer(response).values() if "owner" in value)
    return record


@RECIPES
@pytest.mark.docs
def test_shared_recipes(mb, kind):
    arn = kind.make(mb, description="Ours")
    kind.make(mb, version="2.0.0")
    kind.share(arn, OTHER_ACCOUNT)
    assert listed(kind) == [arn]
    assert got(kind, arn) == got(kind, arn, CLIENT)
    assert got(kind, arn)["owner"] == ACCOUNT
    assert got(kind, arn.replace("1.0.0", "x.x.x"))["version"] == "1.0.0"
    assert got(kind, arn.replace("1.0.0", "x.x.x"), CLIENT)["version"] == "2.0.0"
    with missing():
        got(kind, arn.replace("1.0.0", "2.0.0"))
    for client in (CLIENT, THIRD, FRANKFURT_OTHER):
        assert listed(kind, client) == []
    with missing():
        got(kind, arn, THIRD)
    assert listed(kind, owner="Self") == []


@RECIPES
@pytest.mark.inferred
def test_which_action_lets_others_do_what(mb, kind):
    arn = kind.make(mb)
    kind.put_policy(arn, policy([kind.get], arn))
    assert listed(kind) == []
    assert got(kind, arn)["arn"] == arn
    kind.put_policy(arn, policy([kind.list], arn))
    assert listed(kind) == [arn]
    with missing():
        got(kind, arn)


@RECIPES
@pytest.mark.docs
@pytest.mark.parametrize(
    ("changes", "sees"),
    [
        pytest.param({"Principal": "*"}, True, id="everybody"),
        pytest.param({"Principal": {"AWS": "*"}}, True, id="every account"),
        pytest.param({"Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}, True, id="root"),
        pytest.param({"Principal": {"AWS": THIRD_ACCOUNT}}, False, id="somebody else"),
        pytest.param({"Principal": {"Service": "ec2.amazonaws.com"}}, False, id="a service"),
        pytest.param({"Action": "imagebuilder:*"}, True, id="every action"),
        pytest.param({"Action": "*"}, True, id="everything"),
        pytest.param({"Resource": "*"}, True, id="every resource"),
        pytest.param({"Resource": f"{ARN}:*/web/1.*"}, True, id="resources by pattern"),
        pytest.param({"Resource": f"{ARN}:*/web/2.*"}, False, id="other resources"),
        pytest.param({"Effect": "Deny"}, False, id="denied"),
    ],
)
def test_what_a_policy_lets_others_see(mb, kind, changes, sees):
    arn = kind.make(mb)
    kind.put_policy(arn, policy([kind.get, kind.list], arn, **changes))
    assert listed(kind) == ([arn] if sees else [])


@RECIPES
@pytest.mark.docs
def test_a_policy_replaces_the_one_before(mb, kind):
    arn = kind.make(mb)
    kind.share(arn, OTHER_ACCOUNT, THIRD_ACCOUNT)
    assert listed(kind, OTHER) == listed(kind, THIRD) == [arn]
    kind.share(arn, THIRD_ACCOUNT)
    assert listed(kind, OTHER) == []
    assert listed(kind, THIRD) == [arn]
    kind.share(arn, "*")
    assert listed(kind, OTHER) == listed(kind, THIRD) == [arn]  # once
    assert listed(kind, CLIENT) == []  # where it is its own


@RECIPES
@pytest.mark.inferred
def test_nobody_shares_with_themselves(mb, kind):
    kind.share(kind.make(mb), ACCOUNT)
    assert listed(kind, CLIENT) == []


@RECIPES
@pytest.mark.inferred
def test_shared_lists_begin_with_the_newest(kind):
    with mock_imagebuilder(clock="virtual") as mb:
        arns = []
        for number, client in enumerate((CLIENT, THIRD, CLIENT, THIRD, CLIENT)):
            arn = kind.make(mb, version=f"{number}.0.0", client=client)
            arns.append(arn)
            mb.clock.tick(minutes=1)
        for number in (4, 1, 0, 3, 2):  # the order of sharing does not matter
            client = THIRD if number % 2 else CLIENT
            account = "*" if number == 2 else OTHER_ACCOUNT
            kind.share(arns[number], account, client=client)
        arns.reverse()
        assert listed(kind) == arns
        pages = getattr(OTHER, f"list_{kind.name}s")(owner="Shared", maxResults=3)
        assert listed(kind, maxResults=3) == arns[:3]
        assert listed(kind, nextToken=pages["nextToken"]) == arns[3:]
        assert listed(kind, filters=[{"name": "name", "values": ["we*"]}]) == arns
        assert listed(kind, filters=[{"name": "platform", "values": ["Windows"]}]) == []


@RECIPES
@pytest.mark.docs
def test_what_is_shared_cannot_be_deleted(mb, kind):
    arn = kind.make(mb)
    kind.share(arn, OTHER_ACCOUNT)
    delete = getattr(CLIENT, f"delete_{kind.name}")
    with depended_on(arn):
        delete(**{kind.member: arn})
    with missing():
        getattr(OTHER, f"delete_{kind.name}")(**{kind.member: arn})
    kind.share(arn, ACCOUNT)
    delete(**{kind.member: arn})


@pytest.mark.docs
def test_a_shared_component_cannot_be_deleted(mb):
    arn = component()
    COMPONENT.share(arn, OTHER_ACCOUNT)
    with depended_on(arn):
        CLIENT.delete_component(componentBuildVersionArn=arn)
    COMPONENT.put_policy(arn, policy(["*"], arn, Effect="Deny"))
    CLIENT.delete_component(componentBuildVersionArn=arn)


@RECIPES
@pytest.mark.model
def test_a_policy_goes_with_its_recipe(mb, kind):
    arn = kind.make(mb)
    kind.share(arn, ACCOUNT)
    getattr(CLIENT, f"delete_{kind.name}")(**{kind.member: arn})
    kind.make(mb)
    assert kind.get_policy(arn)["policy"] == "{}"
    kind.share(arn, OTHER_ACCOUNT)
    assert listed(kind) == [arn]


@pytest.mark.inferred
def test_what_was_shared_and_is_gone(mb):
    arn = image(mb)
    IMAGE.share(arn, OTHER_ACCOUNT)
    shelf = state_of(mb).shelves["image"]
    shelf.remove(shelf.by_arn[arn])  # as a lifecycle policy does
    there = state_of(mb, OTHER_ACCOUNT)
    assert list(shared_with(there, "image")) == []
    image(mb)
    assert list(shared_with(there, "image")) == []


@pytest.mark.model
def test_amazon_shares_with_everybody_without_a_policy(mb):
    with missing():
        COMPONENT.get_policy(f"{AMAZON}:component/update-linux/1.0.0/1")
