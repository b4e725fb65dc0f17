"""ListImages, ListImageBuildVersions and ListImagePackages."""

import pytest

from tests.imagebuilder.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    RAW,
    missing,
    refused,
    state_of,
)
from tests.imagebuilder.image_factory import (
    PARENT,
    container_recipe,
    look,
    recipe,
)

IMAGE = f"{ARN}:image/web/1.0.0"
NEVER = f"{IMAGE}/99"


@pytest.fixture
def several(mb, kit):
    """Two versions of one image, one of another, and a container image."""
    kit.make(tags={"a": "b"})
    kit.make()
    kit.make(imageRecipeArn=recipe("web", "1.1.0", components=None))
    kit.make(
        imageRecipeArn=recipe("My Other", parentImage="ami-0123456789abcdef0", components=None)
    )
    kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    return kit


def versions(**members):
    return [
        one["arn"].partition(":image/")[2]
        for one in CLIENT.list_images(**members)["imageVersionList"]
    ]


def builds(**members):
    return [
        one["arn"].partition(":image/")[2]
        for one in CLIENT.list_image_build_versions(**members)["imageSummaryList"]
    ]


@pytest.mark.model
def test_a_list_of_versions_has_one_entry_for_each(several):
    assert versions() == ["box/1.0.0", "my-other/1.0.0", "web/1.0.0", "web/1.1.0"]
    entry = CLIENT.list_images()["imageVersionList"][2]
    assert entry.pop("dateCreated").endswith("Z")
    assert entry == {
        "arn": IMAGE,
        "name": "web",
        "type": "AMI",
        "version": "1.0.0",
        "platform": "Linux",
        "osVersion": "Amazon Linux 2023",
        "owner": ACCOUNT,
        "buildType": "USER_INITIATED",
        "imageSource": "AMAZON_MANAGED",
    }


@pytest.mark.docs
def test_a_list_by_name_has_one_entry_for_all_versions(several):
    assert versions(byName=True) == ["box/1.0.0", "my-other/1.0.0", "web/1.1.0"]


@pytest.mark.recorded
def test_a_list_by_name_is_not_filtered_by_version(several):
    message = (
        "The value supplied for parameter 'filters' is not valid. You cannot list Images by name "
        "and filter by version in the same request."
    )
    with refused("InvalidParameterCombinationException", message):
        versions(byName=True, filters=[{"name": "version", "values": ["1.0.0"]}])


FILTERS = [
    ("name", ["web"], ["web/1.0.0", "web/1.1.0"]),
    ("name", ["My Other"], ["my-other/1.0.0"]),
    ("name", ["my-other"], []),
    ("name", ["we*"], ["web/1.0.0", "web/1.1.0"]),
    ("name", ["*the*"], ["my-other/1.0.0"]),
    ("name", ["box", "My Other"], ["box/1.0.0", "my-other/1.0.0"]),
    ("type", ["DOCKER"], ["box/1.0.0"]),
    ("platform", ["Windows"], []),
    ("osVersion", ["Amazon Linux 2"], ["box/1.0.0"]),
    ("version", ["1.1.0"], ["web/1.1.0"]),
]


@pytest.mark.parametrize(
    ("name", "values", "expected"), FILTERS, ids=[f"{name}={values}" for name, values, _ in FILTERS]
)
@pytest.mark.model
def test_versions_can_be_filtered(several, name, values, expected):
    assert versions(filters=[{"name": name, "values": values}]) == expected


@pytest.mark.inferred
def test_all_filters_must_hold(several):
    filters = [{"name": "name", "values": ["web"]}, {"name": "version", "values": ["1.0.0"]}]
    assert versions(filters=filters) == ["web/1.0.0"]
    with refused(parameter="filters[0].name"):
        versions(filters=[{"name": "status", "values": ["AVAILABLE"]}])


@pytest.mark.parametrize("owner", ["Amazon", "ThirdParty", "AWSMarketplace"])
@pytest.mark.model
def test_images_of_other_owners(several, owner):
    listed = CLIENT.list_images(owner=owner, maxResults=100)["imageVersionList"]
    assert {one["owner"] for one in listed} <= {owner}
    assert bool(listed) == (owner == "Amazon")


@pytest.mark.docs
def test_amazons_deprecated_images_are_listed_on_request(mb, client):
    wanted = [{"name": "name", "values": ["Ubuntu Server 18*"]}]
    assert versions(owner="Amazon", filters=wanted) == []
    assert versions(owner="Amazon", filters=wanted, includeDeprecated=True)


@pytest.mark.docs
def test_ones_own_deprecated_images_are_always_listed(mb, kit):
    arn = kit.make()
    look(arn)
    state_of(mb).shelves["image"].exact(arn).kept.enter("DEPRECATED")
    assert versions() == ["web/1.0.0"]


@pytest.mark.recorded
def test_builds_come_newest_first(several):
    assert builds() == [
        "box/1.0.0/1", "my-other/1.0.0/1", "web/1.1.0/1", "web/1.0.0/2", "web/1.0.0/1",
    ]  # fmt: skip
    assert builds(imageVersionArn=IMAGE) == ["web/1.0.0/2", "web/1.0.0/1"]


@pytest.mark.model
def test_what_a_list_of_builds_shows(several):
    build = CLIENT.list_image_build_versions(imageVersionArn=IMAGE)["imageSummaryList"][1]
    (ami,) = build["outputResources"].pop("amis")
    assert build.pop("dateCreated").endswith("Z")
    assert set(ami) == {"region", "image", "name", "accountId"}
    assert build == {
        "arn": f"{IMAGE}/1",
        "name": "web",
        "type": "AMI",
        "version": "1.0.0/1",
        "platform": "Linux",
        "osVersion": "Amazon Linux 2023",
        "state": {"status": "AVAILABLE"},
        "owner": ACCOUNT,
        "outputResources": {},
        "tags": {"a": "b"},
        "buildType": "USER_INITIATED",
        "imageSource": "AMAZON_MANAGED",
    }


@pytest.mark.docs
def test_a_list_of_builds_shows_what_became_of_an_image(mb, kit):
    arn = kit.make(loggingConfiguration={"logGroupName": "/aws/imagebuilder/x"})
    look(arn)
    execution = "lce-12345678-1234-1234-1234-123456789012"
    live = state_of(mb).shelves["image"].exact(arn).kept
    live.enter("DEPRECATED", deprecationTime=86400.0, lifecycleExecutionId=execution)
    (build,) = CLIENT.list_image_build_versions()["imageSummaryList"]
    assert build["deprecationTime"].timestamp() == 86400
    assert build["lifecycleExecutionId"] == execution
    assert build["loggingConfiguration"] == {"logGroupName": "/aws/imagebuilder/x"}


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("name", ["web"], 3),
        ("type", ["AMI"], 4),
        ("platform", ["Linux"], 5),
        ("osVersion", ["Amazon Linux 2"], 1),
        ("version", ["1.0.0/2"], 1),
        ("version", ["1.0.0"], 4),
    ],
)
@pytest.mark.inferred
def test_builds_can_be_filtered(several, name, values, expected):
    assert len(builds(filters=[{"name": name, "values": values}])) == expected


@pytest.mark.docs
def test_builds_of_a_version_that_is_not_there_are_none(kit):
    assert builds(imageVersionArn=f"{ARN}:image/none/1.0.0") == []
    assert builds(imageVersionArn=f"{IMAGE}".replace("us-east-1", "eu-central-1")) == []


@pytest.mark.inferred
def test_builds_that_amazon_provides(client):
    version = look(PARENT)["arn"].rpartition("/")[0]
    (build,) = CLIENT.list_image_build_versions(imageVersionArn=version)["imageSummaryList"]
    assert (build["owner"], build["state"]) == ("Amazon", {"status": "AVAILABLE"})


@pytest.mark.model
def test_pages_of_builds(kit):
    for _ in range(5):
        kit.make()
    paginator = CLIENT.get_paginator("list_image_build_versions")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["imageSummaryList"]) for page in pages] == [2, 2, 1]
    assert CLIENT.get_paginator("list_images").paginate().build_full_result()["imageVersionList"]


# Packages


@pytest.mark.docs
def test_the_packages_of_an_image(mb, kit):
    mb.script(image="web").packages({"bash": "5.2"}, openssl="3.2")
    listed = CLIENT.list_image_packages(imageBuildVersionArn=kit.make())["imagePackageList"]
    assert listed == [
        {"packageName": "bash", "packageVersion": "5.2"},
        {"packageName": "openssl", "packageVersion": "3.2"},
    ]


@pytest.mark.inferred
def test_there_are_packages_on_any_image(kit):
    assert CLIENT.list_image_packages(imageBuildVersionArn=kit.make())["imagePackageList"]


@pytest.mark.inferred
def test_packages_are_found_out_only_with_enhanced_metadata(kit):
    arn = kit.make(enhancedImageMetadataEnabled=False)
    assert CLIENT.list_image_packages(imageBuildVersionArn=arn)["imagePackageList"] == []


@pytest.mark.model
def test_packages_of_an_image_that_is_not_there(kit):
    with missing():
        CLIENT.list_image_packages(imageBuildVersionArn=NEVER)
    with refused(parameter="imageBuildVersionArn"):
        RAW.list_image_packages(imageBuildVersionArn=IMAGE)
