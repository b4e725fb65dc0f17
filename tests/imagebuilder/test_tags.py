"""TagResource, UntagResource and ListTagsForResource, on everything that has tags."""

import pytest

from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    answer,
    component,
    container_recipe,
    distribution,
    image_recipe,
    infrastructure,
    missing,
    refused,
    shelve,
    state_of,
    wrong,
)

TAGS = {"Team": "web", "Empty": ""}
#: The only code that operations on tags have for what is not valid.
INVALID = "InvalidParameterException"


def shelved(kind: str, version: str = ""):
    """Return what makes a resource whose operations do not matter here."""
    return lambda mb, **members: shelve(state_of(mb), kind, "web", version, **members)


#: What makes a resource of each kind that has tags.
MAKERS = {
    "component": lambda mb, **members: component(**members),
    "image": shelved("image", "1.0.0/1"),
    "image recipe": lambda mb, **members: image_recipe(**members),
    "container recipe": lambda mb, **members: container_recipe(**members),
    "infrastructure configuration": lambda mb, **members: infrastructure(**members),
    "distribution configuration": lambda mb, **members: distribution(**members),
    "image pipeline": shelved("image-pipeline"),
    "lifecycle policy": shelved("lifecycle-policy"),
    "build workflow": shelved("workflow/build", "1.0.0/1"),
    "test workflow": shelved("workflow/test", "1.0.0/1"),
    "distribution workflow": shelved("workflow/distribution", "1.0.0/1"),
}
EVERY_KIND = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def tags_of(arn: str, client=CLIENT) -> dict[str, str]:
    return client.list_tags_for_resource(resourceArn=arn)["tags"]


def tag(arn: str, client=CLIENT, **tags: str):
    return client.tag_resource(resourceArn=arn, tags=tags)


def untag(arn: str, *keys: str):
    return CLIENT.untag_resource(resourceArn=arn, tagKeys=list(keys))


@EVERY_KIND
@pytest.mark.recorded
def test_without_tags(mb, make):
    assert tags_of(make(mb)) == {}


@EVERY_KIND
@pytest.mark.model
def test_tags_that_it_was_created_with(mb, make):
    assert tags_of(make(mb, tags=TAGS)) == TAGS


@EVERY_KIND
@pytest.mark.model
def test_tags_come_and_go(mb, make):
    arn = make(mb, tags={"a": "1"})
    tag(arn, b="2")
    tag(arn, a="3", c="4")
    assert tags_of(arn) == {"a": "3", "b": "2", "c": "4"}
    untag(arn, "a", "c")
    assert tags_of(arn) == {"b": "2"}
    untag(arn, "b")
    assert tags_of(arn) == {}


@pytest.mark.model
def test_what_the_operations_answer(mb):
    arn = infrastructure()
    for response in (tag(arn, a="1"), untag(arn, "a")):
        assert answer(response) == {}
        assert "requestId" not in response
    response = CLIENT.list_tags_for_resource(resourceArn=arn)
    assert answer(response) == {"tags": {}}
    assert "requestId" not in response


@pytest.mark.recorded
def test_tags_show_in_the_resource_and_in_lists(mb):
    arn = infrastructure()
    tag(arn, a="1")
    got = CLIENT.get_infrastructure_configuration(infrastructureConfigurationArn=arn)
    listed = CLIENT.list_infrastructure_configurations()
    assert got["infrastructureConfiguration"]["tags"] == {"a": "1"}
    assert listed["infrastructureConfigurationSummaryList"][0]["tags"] == {"a": "1"}
    assert "dateUpdated" not in got["infrastructureConfiguration"]


@pytest.mark.model
def test_tags_of_each_build_and_version_are_its_own(mb):
    first, second = component(description="1"), component(description="2")
    tag(first, a="1")
    assert (tags_of(first), tags_of(second)) == ({"a": "1"}, {})
    recipe, other = image_recipe(version="1.0.0"), image_recipe(version="1.0.1")
    tag(recipe, a="1")
    assert tags_of(other) == {}


@pytest.mark.inferred
def test_keys_that_are_not_there(mb):
    arn = infrastructure(tags={"a": "1"})
    untag(arn, "b", "A")
    assert tags_of(arn) == {"a": "1"}


@pytest.mark.model
def test_keys_and_values_of_every_sort(mb):
    arn = infrastructure()
    tags = {"a b.c:/=+-@": "", "x" * 128: "y" * 256, "Aws:x": "é&<>\"'%", "1": " "}
    CLIENT.tag_resource(resourceArn=arn, tags=tags)
    assert tags_of(arn) == tags
    untag(arn, *tags)
    assert tags_of(arn) == {}


@pytest.mark.model
@pytest.mark.parametrize(
    "key", ["aws:x", "a*b", "x" * 129, "é"], ids=["AWS's", "star", "too long", "letter"]
)
def test_keys_that_are_none(mb, key):
    arn = infrastructure()
    with refused(INVALID, parameter=f"tags.{key}"):
        CLIENT.tag_resource(resourceArn=arn, tags={key: "x"})
    with refused(INVALID, parameter="tagKeys[1]"):
        untag(arn, "a", key)
    assert tags_of(arn) == {}


@pytest.mark.model
def test_other_values_that_are_none(mb):
    arn = infrastructure()
    with refused(INVALID, parameter="tags.a"):
        tag(arn, a="x" * 257)
    with refused(INVALID, parameter="tags"):
        RAW.tag_resource(resourceArn=arn, tags={})
    with refused(INVALID, "The parameter 'tags' is required."):
        RAW.tag_resource(resourceArn=arn)
    with refused(INVALID, "The parameter 'tagKeys' is required."):
        RAW.untag_resource(resourceArn=arn)


@pytest.mark.docs
def test_fifty_tags_and_no_more(mb):
    fifty = {f"key-{number}": "x" for number in range(50)}
    arn = infrastructure(tags=fifty)
    tag(arn, **{"key-0": "y"})
    message = wrong("tags", "A resource can have 50 tags at most.")
    with refused(INVALID, message):
        tag(arn, another="x")
    assert tags_of(arn) == {**fifty, "key-0": "y"}
    untag(arn, "key-1")
    tag(arn, another="x")
    with refused(parameter="tags"):
        infrastructure("more", tags={**fifty, "another": "x"})


@pytest.mark.model
@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"{ARN}:infrastructure-configuration/other", id="name"),
        pytest.param(f"{ARN}:distribution-configuration/web", id="kind"),
        pytest.param(f"{ARN}:image-recipe/web/2.0.0", id="version"),
        pytest.param(f"{ARN}:component/tool/1.0.0/2", id="build"),
        pytest.param(f"{ARN}:infrastructure-configuration/web".replace("us-", "eu-"), id="region"),
        pytest.param(f"{ARN}:infrastructure-configuration/web".replace("1234", "0000"), id="owner"),
        pytest.param(f"{ARN}:workflow/build/web/1.0.0/1", id="workflow"),
    ],
)
def test_resources_that_are_not_there(mb, arn):
    infrastructure()
    image_recipe()
    component()
    for call in (tags_of, lambda arn: tag(arn, a="1"), lambda arn: untag(arn, "a")):
        with missing():
            call(arn)


@pytest.mark.inferred
@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"{ARN}:component/tool/1.0.0", id="a version of a component"),
        pytest.param(f"{ARN}:component/tool/x.x.x", id="any version of a component"),
        pytest.param(f"{ARN}:component/tool", id="a component"),
        pytest.param(f"{ARN}:image-recipe/web/x.x.x", id="any version of a recipe"),
        pytest.param(f"{ARN}:image-recipe/web", id="a recipe"),
        pytest.param(f"{AMAZON}:component/update-linux/1.0.0/1", id="Amazon's"),
    ],
)
def test_what_has_no_tags_of_its_own(mb, arn):
    component()
    image_recipe()
    with missing():
        tags_of(arn)
    with missing():
        tag(arn, a="1")


@pytest.mark.inferred
@pytest.mark.parametrize(
    "arn",
    [f"{ARN}:image-pipeline/web/1.0.0", f"{ARN}:image-recipe/web/1.0.0/1"],
    ids=["a version", "a build"],
)
def test_arns_of_what_there_cannot_be(mb, arn):
    with refused(INVALID, parameter="resourceArn"):
        tags_of(arn)


@pytest.mark.model
@pytest.mark.parametrize(
    "arn", ["web", "arn:aws:ec2:us-east-1:1:x/y", f"{ARN}:lifecycle-execution/x"]
)
def test_arns_that_are_none(mb, arn):
    for call in (tags_of, lambda arn: tag(arn, a="1"), lambda arn: untag(arn, "a")):
        with refused(INVALID, parameter="resourceArn"):
            call(arn)


@pytest.mark.model
def test_regions_and_accounts_share_nothing(mb):
    arn, theirs = infrastructure(), infrastructure(client=OTHER)
    tag(arn, a="1")
    assert tags_of(theirs, OTHER) == {}
    for client in (OTHER, FRANKFURT):
        with missing():
            tags_of(arn, client)
        with missing():
            tag(arn, client, a="2")
    assert tags_of(arn) == {"a": "1"}
