"""Create-, Get-, List- and DeleteImageRecipe: records, versions, lists and deletion."""

import base64

import pytest

from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    ARN,
    CLIENT,
    FRANKFURT,
    LINUX,
    OTHER,
    RAW,
    WINDOWS,
    Record,
    answer,
    component,
    depended_on,
    document,
    image_recipe,
    missing,
    refused,
    shelve,
    state_of,
    tried,
    wrong,
)

KIND = f"{ARN}:image-recipe"
WEB = f"{KIND}/web/1.0.0"
EVERYTHING: Record = {
    "description": "For the web",
    "blockDeviceMappings": [
        {
            "deviceName": "/dev/xvda",
            "ebs": {
                "encrypted": True,
                "deleteOnTermination": False,
                "iops": 3000,
                "kmsKeyId": "alias/web",
                "snapshotId": "snap-1",
                "volumeSize": 20,
                "volumeType": "gp3",
                "throughput": 200,
            },
        },
        {"deviceName": "/dev/xvdb", "virtualName": "ephemeral0"},
        {"deviceName": "/dev/xvdc", "noDevice": ""},
    ],
    "workingDirectory": "/var/tmp",
    "additionalInstanceConfiguration": {
        "systemsManagerAgent": {"uninstallAfterBuild": True},
        "userDataOverride": base64.b64encode(b"#!/bin/bash\n").decode(),
    },
    "amiTags": {"Team": "web"},
    "amiWatermarks": ["ProductionV1", "team alpha"],
}


def get(arn: str = WEB, client=CLIENT) -> Record:
    return client.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]


def listed(client=CLIENT, **arguments) -> list[Record]:
    return client.list_image_recipes(**arguments)["imageRecipeSummaryList"]


def delete(arn: str = WEB) -> Record:
    return CLIENT.delete_image_recipe(imageRecipeArn=arn)


@pytest.mark.recorded
def test_the_least_recipe(mb):
    image_recipe("My Web")
    record = get(f"{KIND}/my-web/1.0.0")
    assert record.pop("dateCreated").endswith("Z")
    assert record == {  # no type, no default working directory, nothing empty but the tags
        "arn": f"{KIND}/my-web/1.0.0",
        "name": "My Web",
        "platform": "Linux",
        "owner": ACCOUNT,
        "version": "1.0.0",
        "parentImage": LINUX,
        "tags": {},
    }


@pytest.mark.model
def test_everything_that_is_sent_comes_back(mb):
    parameters = [{"name": "Zeta", "value": ["1"]}, {"name": "Alpha", "value": [""]}]
    tool = component(data=document(Zeta=None, Alpha="x"))
    components = [
        {"componentArn": tool, "parameters": parameters},
        {"componentArn": f"{AMAZON}:component/update-linux/x.x.x"},
    ]
    image_recipe(**EVERYTHING, components=components, tags={"a": "1"})
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING
    assert record["components"] == components  # in this order, as they were written
    assert record["tags"] == {"a": "1"}


@pytest.mark.docs
def test_what_the_operations_answer(mb):
    references = {
        "latestVersionArn": f"{KIND}/web/x.x.x",
        "latestMajorVersionArn": f"{KIND}/web/1.x.x",
        "latestMinorVersionArn": f"{KIND}/web/1.2.x",
        "latestPatchVersionArn": f"{KIND}/web/1.2.3",
    }
    created = CLIENT.create_image_recipe(
        name="web", semanticVersion="1.2.3", parentImage=LINUX, clientToken="one"
    )
    assert created["clientToken"] == "one"
    arn = f"{KIND}/web/1.2.3"
    assert answer(created) == {"imageRecipeArn": arn, "latestVersionReferences": references}
    got = CLIENT.get_image_recipe(imageRecipeArn=f"{KIND}/web/x.x.x")
    assert got["latestVersionReferences"] == references
    deleted = delete(arn)
    assert answer(deleted) == {"imageRecipeArn": arn}
    assert created["requestId"]
    assert got["requestId"]
    assert deleted["requestId"]


@pytest.mark.recorded
def test_a_version_that_is_there(mb):
    image_recipe("My_Web")
    message = f"The following resource 'ImageRecipe' already exists: '{KIND}/my-web/1.0.0'."
    for name in ("My_Web", "my web"):
        with refused("ResourceAlreadyExistsException", message):
            image_recipe(name, description="other content")
    image_recipe("My_Web", "1.0.1")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("there", "wanted", "assigned"),
    [
        pytest.param(["1.0.0"], "1.0.x", "1.0.1", id="patch"),
        pytest.param(["1.0.0", "1.0.9", "1.0.10"], "1.0.x", "1.0.11", id="by number, not by text"),
        pytest.param(["1.0.5", "1.1.7"], "1.0.x", "1.0.6", id="of the same minor"),
        pytest.param(["1.2.0"], "1.x.0", "1.3.0", id="minor"),
        pytest.param(["2.0.0"], "x.0.0", "3.0.0", id="major"),
        pytest.param(["2021.01.01"], "2021.01.x", "2021.01.2", id="zeros in front"),
    ],
)
def test_the_next_version(mb, there, wanted, assigned):
    for version in there:
        image_recipe(version=version)
    arn = image_recipe(version=wanted)
    assert arn == f"{KIND}/web/{assigned}"
    assert get(arn)["version"] == assigned


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("wanted", "assigned"), [("1.0.x", "1.0.0"), ("1.x.0", "1.0.0"), ("x.0.0", "0.0.0")]
)
def test_the_first_version(mb, wanted, assigned):
    assert image_recipe(version=wanted) == f"{KIND}/web/{assigned}"


@pytest.mark.docs
def test_versions_that_follow_each_other(mb):
    arns = [image_recipe(version="1.0.x") for _ in range(3)]
    assert arns == [f"{KIND}/web/1.0.{patch}" for patch in range(3)]
    delete(arns[1])
    assert image_recipe(version="1.0.x") == f"{KIND}/web/1.0.3"
    with tried():
        image_recipe(version="1.0.x", dryRun=True)
    assert image_recipe(version="1.0.x") == f"{KIND}/web/1.0.4"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("version", "code"),
    [
        pytest.param("1.x.x", "InvalidVersionNumberException", id="two wildcards"),
        pytest.param("x.x.x", "InvalidVersionNumberException", id="three wildcards"),
        pytest.param("1.0.1073741824", "InvalidVersionNumberException", id="2^30"),
        pytest.param("1.0", "InvalidParameterValueException", id="two nodes"),
        pytest.param("1.0.0/1", "InvalidParameterValueException", id="a build"),
        pytest.param("1.0.-1", "InvalidParameterValueException", id="negative"),
        pytest.param("1.0.X", "InvalidParameterValueException", id="capital wildcard"),
    ],
)
def test_versions_that_are_none(mb, version, code):
    with refused(code, parameter="semanticVersion"):
        image_recipe(version=version)
    assert listed() == []


@pytest.mark.docs
def test_the_greatest_version(mb):
    image_recipe(version="1073741823.0.0")
    with refused("InvalidVersionNumberException"):
        image_recipe(version="x.0.0")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("wanted", "found"),
    [("x.x.x", "2.2.4"), ("1.x.x", "1.7.8"), ("1.6.x", "1.6.8"), ("1.6.8", "1.6.8")],
)
def test_getting_the_newest(mb, wanted, found):
    for version in ("2.2.4", "1.7.8", "1.6.8"):
        image_recipe(version=version)
    assert get(f"{KIND}/web/{wanted}")["version"] == found


@pytest.mark.docs
@pytest.mark.parametrize("version", ["x.2.x", "1.x.8", "x.x.0"])
def test_wildcards_have_to_be_at_the_end(mb, version):
    image_recipe()
    with refused(parameter="imageRecipeArn"):
        get(f"{KIND}/web/{version}")


@pytest.mark.model
def test_a_missing_recipe(mb):
    image_recipe()
    for version in ("1.0.1", "2.x.x", "1.1.x"):
        with missing():
            get(f"{KIND}/web/{version}")
    with missing():
        get(f"{KIND}/other/x.x.x")
    with missing():
        delete(f"{KIND}/web/1.0.1")
    with missing():
        delete(f"{KIND}/web/x.x.x")
    with missing():
        get(f"{AMAZON}:image-recipe/web/1.0.0")
    get()


@pytest.mark.recorded
def test_a_recipe_that_a_pipeline_needs_cannot_be_deleted(mb):
    image_recipe()
    references = state_of(mb).shelves.references
    references.put(f"{ARN}:image-pipeline/p", [WEB])
    with depended_on(WEB):
        delete()
    references.drop(f"{ARN}:image-pipeline/p")
    delete()
    with missing():
        get()
    assert listed() == []
    image_recipe()


@pytest.mark.model
def test_a_recipe_needs_its_components(mb):
    tool = component()
    image_recipe(components=[{"componentArn": tool}])
    image_recipe("other", components=[{"componentArn": tool.rpartition("/")[0]}])
    with depended_on(tool):
        CLIENT.delete_component(componentBuildVersionArn=tool)
    delete()
    with depended_on(tool):
        CLIENT.delete_component(componentBuildVersionArn=tool)
    delete(f"{KIND}/other/1.0.0")
    CLIENT.delete_component(componentBuildVersionArn=tool)


@pytest.mark.inferred
def test_a_recipe_needs_its_parent_image(mb):
    state = {"status": "AVAILABLE"}
    image = shelve(
        state_of(mb), "image", "base", "1.0.0/1", type="AMI", platform="Linux", state=state
    )
    image_recipe(parentImage=image)
    assert state_of(mb).shelves.references.needed(image)
    delete()
    assert not state_of(mb).shelves.references.needed(image)


@pytest.mark.model
def test_what_a_list_shows(mb):
    image_recipe(**EVERYTHING, tags={"a": "1"})
    record = get()
    names = ("arn", "name", "platform", "owner", "parentImage", "dateCreated", "tags")
    assert listed() == [{name: record[name] for name in names}]


@pytest.mark.recorded
def test_lists_begin_with_the_newest(mb):
    for version in ("2.0.0", "1.0.0", "3.0.0"):
        image_recipe(version=version)
    arns = [f"{KIND}/web/{version}" for version in ("3.0.0", "1.0.0", "2.0.0")]
    assert [one["arn"] for one in listed()] == arns
    first = CLIENT.list_image_recipes(maxResults=2)
    assert [one["arn"] for one in first["imageRecipeSummaryList"]] == arns[:2]
    assert [one["arn"] for one in listed(nextToken=first["nextToken"])] == arns[2:]
    with refused("InvalidPaginationTokenException"):
        listed(owner="Self", nextToken=first["nextToken"])


@pytest.mark.model
@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param({"name": ["My Web"]}, ["My Web"], id="name"),
        pytest.param({"name": ["my-web"]}, [], id="name in the ARN"),
        pytest.param({"name": ["*b*"]}, ["My Web", "dbase"], id="part of a name"),
        pytest.param({"platform": ["Windows"]}, ["dbase"], id="platform"),
        pytest.param({"platform": ["Win*"]}, [], id="stars are for names"),
        pytest.param({"parentImage": [LINUX]}, ["My Web"], id="parent image"),
        pytest.param({"parentImage": [LINUX, WINDOWS]}, ["My Web", "dbase"], id="any"),
        pytest.param({"name": ["dbase"], "platform": ["Linux"]}, [], id="all"),
    ],
)
def test_filters(mb, filters, names):
    image_recipe("dbase", parentImage=WINDOWS)
    image_recipe("My Web")
    asked = [{"name": name, "values": values} for name, values in filters.items()]
    assert [one["name"] for one in listed(filters=asked)] == names


@pytest.mark.inferred
def test_filters_that_are_not_there(mb):
    message = wrong("filters[1].name", "Valid filter names are: name, parentImage, platform.")
    good = {"name": "name", "values": ["x"]}
    for name in ("version", "Name", "containerType"):
        with refused(message=message):
            listed(filters=[good, {"name": name, "values": ["x"]}])


@pytest.mark.model
def test_owners(mb):
    image_recipe()
    assert [one["arn"] for one in listed(owner="Self")] == [WEB]
    for owner in ("Shared", "Amazon", "ThirdParty", "AWSMarketplace"):
        assert listed(owner=owner) == []
    with refused(parameter="owner"):
        listed(owner="Everybody")


@pytest.mark.model
def test_regions_and_accounts_share_nothing(mb):
    image_recipe()
    parent = LINUX.replace("us-east-1", "eu-central-1")
    assert image_recipe(client=FRANKFURT, parentImage=parent).split(":")[3] == "eu-central-1"
    assert get(image_recipe(client=OTHER), OTHER)["owner"] == "210987654321"
    assert len(listed()) == 1
    for client in (OTHER, FRANKFURT):
        with missing():
            get(client=client)
    with missing():
        OTHER.delete_image_recipe(imageRecipeArn=WEB)


@pytest.mark.docs
def test_a_dry_run_does_nothing(mb):
    tool = component()
    with tried():
        image_recipe(components=[{"componentArn": tool}], dryRun=True)
    assert listed() == []
    CLIENT.delete_component(componentBuildVersionArn=tool)
    with refused(parameter="parentImage"):
        image_recipe(parentImage="nothing", dryRun=True)
    image_recipe()
    with refused("ResourceAlreadyExistsException"):
        image_recipe(dryRun=True)


@pytest.mark.model
def test_the_same_token_again(mb):
    first = image_recipe(version="1.0.x", clientToken="once")
    assert image_recipe(version="1.0.x", clientToken="once") == first
    assert len(listed()) == 1


@pytest.mark.docs
def test_a_thousand_and_no_more(mb):
    image_recipe()
    shelf = state_of(mb).shelves["image-recipe"]
    (one,) = shelf.by_arn.values()
    shelf.by_arn.update({f"{KIND}/x/{number}.0.0": one for number in range(999)})
    with refused("ServiceQuotaExceededException", status=402):
        image_recipe("one-too-many")


@pytest.mark.model
def test_members_that_have_to_be_there(mb):
    for absent in ("name", "semanticVersion", "parentImage"):
        members = {"name": "web", "semanticVersion": "1.0.0", "parentImage": LINUX}
        del members[absent]
        with refused("InvalidParameterException", f"The parameter '{absent}' is required."):
            RAW.create_image_recipe(**members)
