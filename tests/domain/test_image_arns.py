"""ARNs of Image Builder: built, taken apart, and normalised."""

import re
from contextlib import suppress

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.arns import arn
from mockbuild.domain.image_arns import (
    BUILT,
    KINDS,
    NAMED,
    ArnError,
    ImageBuilderArn,
    managed_arn,
    normal_name,
    resource,
    workflow_kind,
)
from mockbuild.domain.versions import VersionError

MODEL = botocore.session.get_session().get_service_model("imagebuilder")
OWN = "arn:aws:imagebuilder:us-west-2:123456789012:"


def pattern(shape):
    return MODEL.shape_for(shape).metadata["pattern"]


# Names


@pytest.mark.docs
@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("MyBasicRecipe", "mybasicrecipe"),
        ("My Comp", "my-comp"),
        ("My_Comp", "my-comp"),
        ("my-comp", "my-comp"),
        ("BB Ubuntu Image recipe", "bb-ubuntu-image-recipe"),
        ("a_ -b", "a---b"),
        ("--x__", "--x--"),
        ("2024", "2024"),
    ],
)
def test_names_are_normalised(name, normal):
    assert normal_name(name) == normal


@pytest.mark.recorded
def test_a_name_from_the_marketplace_is_normalised():
    name = "Ubuntu Pro Component-prod-w2osc53uiegx4"
    assert normal_name(name) == "ubuntu-pro-component-prod-w2osc53uiegx4"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "normal"), [("Win.2022/EN", "win-2022-en"), ("Größe", "gr--e"), ("a:b\nc", "a-b-c")]
)
def test_other_characters_of_imported_images_become_hyphens(name, normal):
    assert normal_name(name) == normal


@pytest.mark.model
@settings(max_examples=50, deadline=None)
@given(st.from_regex(pattern("ResourceName"), fullmatch=True), st.sampled_from(sorted(KINDS)))
def test_every_name_gives_an_arn(name, kind):
    normal = normal_name(name)
    assert normal == normal_name(normal) == name.lower().replace(" ", "-").replace("_", "-")
    parsed = ImageBuilderArn.parse(
        arn("imagebuilder", "eu-west-1", "123456789012", resource(kind, name))
    )
    assert (parsed.kind, parsed.name) == (kind, normal)


# The forms the model knows

FORMS = [
    # shape, what follows the owner
    ("ComponentVersionArn", resource("component", "My Tool", "1.0.0")),
    ("ComponentBuildVersionArn", resource("component", "My Tool", "1.0.0/1")),
    ("ComponentVersionArnOrBuildVersionArn", resource("component", "My Tool", "x.x.x")),
    ("ComponentVersionArnOrBuildVersionArn", resource("component", "My Tool", "1.0.0/12")),
    ("ImageRecipeArn", resource("image-recipe", "My Tool", "1.0.x")),
    ("ContainerRecipeArn", resource("container-recipe", "My Tool", "1.0.0")),
    ("ImageVersionArn", resource("image", "My Tool", "2019.12.02")),
    ("ImageBuildVersionArn", resource("image", "My Tool", "2019.12.02/7")),
    ("ImageVersionArnOrBuildVersionArn", resource("image", "My Tool", "1.x.x")),
    ("ImagePipelineArn", resource("image-pipeline", "My Tool")),
    ("InfrastructureConfigurationArn", resource("infrastructure-configuration", "My Tool")),
    ("DistributionConfigurationArn", resource("distribution-configuration", "My Tool")),
    ("LifecyclePolicyArn", resource("lifecycle-policy", "My Tool")),
    ("WorkflowBuildVersionArn", resource(workflow_kind("BUILD"), "My Tool", "1.0.0/1")),
    ("WorkflowWildcardVersionArn", resource(workflow_kind("TEST"), "My Tool", "1.x.x")),
    (
        "WorkflowVersionArnOrBuildVersionArn",
        resource(workflow_kind("DISTRIBUTION"), "My Tool", "1.0.0"),
    ),
    *(("ImageBuilderArn", resource(kind, "My Tool")) for kind in KINDS),
]


@pytest.mark.model
@pytest.mark.parametrize(("shape", "end"), FORMS)
@pytest.mark.parametrize(("region", "partition"), [("us-west-2", "aws"), ("cn-north-1", "aws-cn")])
def test_what_is_built_fits_the_models_pattern(shape, end, region, partition):
    text = arn("imagebuilder", region, "123456789012", end)
    assert re.search(pattern(shape), text)
    parsed = ImageBuilderArn.parse(text)
    assert str(parsed) == text
    assert (parsed.partition, parsed.region, parsed.owner) == (partition, region, "123456789012")
    assert parsed.name == "my-tool"


SHAPES = sorted({shape for shape, _ in FORMS})


@pytest.mark.model
@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_whatever_the_model_allows_is_taken_apart_and_put_together(shape, data):
    text = data.draw(
        st.from_regex(pattern(shape), fullmatch=True).filter(lambda arn: arn[-1] != "\n")
    )
    try:
        parsed = ImageBuilderArn.parse(text)
    except ArnError:
        # The pattern for tags would have versions of pipelines and builds of recipes, too.
        assert shape == "ImageBuilderArn"
        kind = next(kind for kind in KINDS if f":{kind}/" in text)
        assert KINDS[kind] != BUILT
        return
    assert str(parsed) == text


@pytest.mark.model
def test_the_kinds_are_those_of_the_model():
    stated = pattern("ImageBuilderArn").split("):(?:")[1].split(")/[a-z0-9-_]+")[0]
    others, types = stated.rstrip(")").split(r"workflow\/(?:")
    workflows = {f"workflow/{name}" for name in types.split("|")}
    kinds = {*others.rstrip("|").split("|"), *workflows}
    assert set(KINDS) == kinds
    assert {workflow_kind(name) for name in MODEL.shape_for("WorkflowType").enum} == workflows


# Taking apart


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "owner", "owner_name"),
    [
        (f"{OWN}component/web/1.0.0/1", "123456789012", "123456789012"),
        ("arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x", "aws", "Amazon"),
        (
            "arn:aws:imagebuilder:us-east-1:third-party:component/cis-level-1/x.x.x",
            "third-party",
            "ThirdParty",
        ),
        (
            "arn:aws:imagebuilder:us-east-1:aws-marketplace:component/example-linux/1.0.1",
            "aws-marketplace",
            "AWSMarketplace",
        ),
    ],
    ids=["account", "aws", "third-party", "aws-marketplace"],
)
def test_owners(text, owner, owner_name):
    parsed = ImageBuilderArn.parse(text)
    assert (parsed.owner, parsed.owner_name) == (owner, owner_name)


@pytest.mark.model
def test_owner_names_are_those_of_the_model():
    names = {
        ImageBuilderArn("aws", "eu-west-1", owner, "image", "a").owner_name
        for owner in ("aws", "third-party", "aws-marketplace")
    }
    assert names == set(MODEL.shape_for("Ownership").enum) - {"Self", "Shared"}


@pytest.mark.docs
def test_what_amazon_provides():
    text = managed_arn("cn-north-1", "workflow/build", "build-image")
    assert text == "arn:aws-cn:imagebuilder:cn-north-1:aws:workflow/build/build-image/x.x.x"
    parsed = ImageBuilderArn.parse(text)
    assert (parsed.kind, parsed.name, parsed.version) == ("workflow/build", "build-image", "x.x.x")


@pytest.mark.docs
def test_other_versions_of_the_same():
    build = ImageBuilderArn.parse(f"{OWN}image/web/1.0.0/3")
    assert str(build.at("1.0.0")) == f"{OWN}image/web/1.0.0"
    assert str(build.at("")) == f"{OWN}image/web"
    assert build.at("") == ImageBuilderArn.parse(f"{OWN}image/web/x.x.x").at("")
    assert (build.wanted.text, build.wanted.build) == ("1.0.0", 3)
    assert build.at("").wanted.text == "x.x.x"


@pytest.mark.docs
@pytest.mark.parametrize("version", ["x.2.x", "1.x.8"])
def test_an_x_that_may_not_be_there(version):
    parsed = ImageBuilderArn.parse(f"{OWN}component/web/{version}")
    with pytest.raises(VersionError):
        assert parsed.wanted


@pytest.mark.docs
@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "ami-12345678",
        "arn:aws:codebuild:us-west-2:123456789012:project/web",
        "arn:aws:imagebuilder:us-west-2:123456789012",
        "arn:aws:imagebuilder:us-west-2:12345:component/web/1.0.0",
        "arn:aws:imagebuilder:us-west-2:amazon:component/web/1.0.0",
        "arn:aws:imagebuilder::123456789012:component/web/1.0.0",
        f"{OWN}component",
        f"{OWN}component/",
        f"{OWN}component/Web/1.0.0",
        f"{OWN}component/we b/1.0.0",
        f"{OWN}component/web/",
        f"{OWN}component/web/1.0",
        f"{OWN}component/web/1.0.0/",
        f"{OWN}component/web/1.0.0/1/2",
        f"{OWN}component/web/1.0.0/1\n",
        f"{OWN}component/web/latest",
        f"{OWN}image-recipe/web/1.0.0/1",
        f"{OWN}container-recipe/web/1.0.0/1",
        f"{OWN}image-pipeline/web/1.0.0",
        f"{OWN}lifecycle-policy/web/1.0.0",
        f"{OWN}workflow/web/1.0.0",
        f"{OWN}workflow/deploy/web/1.0.0",
        f"{OWN}ami/web",
    ],
)
def test_what_is_no_arn(text):
    with pytest.raises(ArnError, match="is no ARN of Image Builder"):
        ImageBuilderArn.parse(text)


@pytest.mark.inferred
@settings(deadline=None)
@given(st.text())
def test_nothing_but_an_arn_error_comes_of_any_text(text):
    for attempt in (text, f"{OWN}{text}", f"{OWN}component/{text}"):
        with suppress(ArnError):
            assert str(ImageBuilderArn.parse(attempt)) == attempt


# References to the latest


@pytest.mark.docs
@pytest.mark.parametrize("version", ["1.2.3", "1.2.3/1"])
def test_references_of_a_component(version):
    component = "arn:aws:imagebuilder:us-west-2:123456789012:component/my-component"
    assert ImageBuilderArn.parse(f"{component}/{version}").latest_references() == {
        "latestVersionArn": f"{component}/x.x.x",
        "latestMajorVersionArn": f"{component}/1.x.x",
        "latestMinorVersionArn": f"{component}/1.2.x",
        "latestPatchVersionArn": f"{component}/1.2.3",
    }


@pytest.mark.docs
@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind] != NAMED])
def test_only_of_amazons_workflows_there_is_one_reference(kind):
    managed = ImageBuilderArn.parse(managed_arn("eu-west-1", kind, "some", "1.2.3"))
    expected = 1 if kind.startswith("workflow/") else 4
    assert len(managed.latest_references()) == expected
    assert managed.latest_references()["latestVersionArn"] == str(managed.at("x.x.x"))
    own = ImageBuilderArn.parse(OWN + resource(kind, "some", "1.2.3"))
    assert len(own.latest_references()) == 4


@pytest.mark.docs
@pytest.mark.parametrize("end", ["component/web/1.x.x", "component/web", "image-pipeline/web"])
def test_there_is_nothing_to_refer_to_without_a_version(end):
    with pytest.raises(VersionError):
        ImageBuilderArn.parse(OWN + end).latest_references()
