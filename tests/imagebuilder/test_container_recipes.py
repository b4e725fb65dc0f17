"""Create-, Get-, List- and DeleteContainerRecipe."""

import pytest

from tests.imagebuilder.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    TEMPLATE,
    Record,
    answer,
    component,
    container_recipe,
    depended_on,
    document,
    image_recipe,
    missing,
    refused,
    state_of,
    tried,
    uses,
    wrong,
)

COMBINATION = "InvalidParameterCombinationException"
KIND = f"{ARN}:container-recipe"
WEB = f"{KIND}/web/1.0.0"
REPOSITORY = {"service": "ECR", "repositoryName": "team/web"}
PARENT = "FROM {{{ imagebuilder:parentImage }}}\n"
ENVIRONMENTS = "{{{ imagebuilder:environments }}}\n"
COMPONENTS = "{{{ imagebuilder:components }}}\n"
EVERYTHING: Record = {
    "description": "For the web",
    "instanceConfiguration": {
        "image": "ami-1234567890abcdef1",
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {"volumeSize": 40, "volumeType": "gp3", "deleteOnTermination": True},
            }
        ],
    },
    "kmsKeyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/web",
    "workingDirectory": "/var/tmp",
    "targetRepository": REPOSITORY,
}


def get(arn: str = WEB, client=CLIENT) -> Record:
    return client.get_container_recipe(containerRecipeArn=arn)["containerRecipe"]


def listed(client=CLIENT, **arguments) -> list[Record]:
    return client.list_container_recipes(**arguments)["containerRecipeSummaryList"]


def delete(arn: str = WEB) -> Record:
    return CLIENT.delete_container_recipe(containerRecipeArn=arn)


@pytest.mark.recorded
def test_the_least_recipe(mb):
    container_recipe("My Web", targetRepository=REPOSITORY)
    record = get(f"{KIND}/my-web/1.0.0")
    assert record.pop("dateCreated").endswith("Z")
    assert record == {
        "arn": f"{KIND}/my-web/1.0.0",
        "containerType": "DOCKER",
        "name": "My Web",
        "platform": "Linux",
        "owner": ACCOUNT,
        "version": "1.0.0",
        "dockerfileTemplateData": TEMPLATE,
        "encrypted": True,
        "parentImage": "amazonlinux:latest",
        "tags": {},
        "targetRepository": REPOSITORY,
    }


@pytest.mark.recorded
def test_everything_that_is_sent_comes_back(mb):
    tool = component(data=document(Zeta=None, Alpha="x"))
    parameters = [{"name": "Zeta", "value": ["1"]}, {"name": "Alpha", "value": ["2"]}]
    components = [{"componentArn": tool, "parameters": parameters}]
    container_recipe(**EVERYTHING, components=components, tags={"a": "1"})
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING
    assert record["components"] == components
    assert record["tags"] == {"a": "1"}


@pytest.mark.recorded
def test_what_the_operations_answer(mb):
    references = {
        "latestVersionArn": f"{KIND}/web/x.x.x",
        "latestMajorVersionArn": f"{KIND}/web/1.x.x",
        "latestMinorVersionArn": f"{KIND}/web/1.0.x",
        "latestPatchVersionArn": WEB,
    }
    created = CLIENT.create_container_recipe(
        containerType="DOCKER",
        name="web",
        semanticVersion="1.0.0",
        parentImage="amazonlinux:latest",
        dockerfileTemplateData=TEMPLATE,
        targetRepository=REPOSITORY,
        clientToken="one",
    )
    assert created["clientToken"] == "one"
    assert answer(created) == {"containerRecipeArn": WEB, "latestVersionReferences": references}
    got = CLIENT.get_container_recipe(containerRecipeArn=f"{KIND}/web/1.x.x")
    assert got["latestVersionReferences"] == references
    deleted = delete()
    assert answer(deleted) == {"containerRecipeArn": WEB}
    assert created["requestId"]
    assert got["requestId"]
    assert deleted["requestId"]


@pytest.mark.model
def test_a_version_that_is_there(mb):
    container_recipe("My_Web")
    message = f"The following resource 'ContainerRecipe' already exists: '{KIND}/my-web/1.0.0'."
    with refused("ResourceAlreadyExistsException", message):
        container_recipe("my web", description="other content")


@pytest.mark.docs
def test_the_next_version(mb):
    container_recipe(version="1.0.4")
    assert container_recipe(version="1.0.x") == f"{KIND}/web/1.0.5"
    assert container_recipe(version="1.x.0") == f"{KIND}/web/1.0.0"
    assert get(f"{KIND}/web/x.x.x")["version"] == "1.0.5"
    with refused("InvalidVersionNumberException", parameter="semanticVersion"):
        container_recipe(version="x.x.x")


@pytest.mark.model
def test_image_recipes_and_container_recipes_are_apart(mb):
    container_recipe(version="1.0.0")
    assert image_recipe(version="1.0.x") == f"{ARN}:image-recipe/web/1.0.0"
    with refused(parameter="containerRecipeArn"):
        get(f"{ARN}:image-recipe/web/1.0.0")


@pytest.mark.docs
@pytest.mark.parametrize(
    "template",
    [
        pytest.param({}, id="neither"),
        pytest.param(
            {"dockerfileTemplateData": TEMPLATE, "dockerfileTemplateUri": "s3://bucket/key"},
            id="both",
        ),
    ],
)
def test_there_is_one_template(mb, template):
    mb.s3["bucket"]["key"] = TEMPLATE.encode()
    message = wrong(
        "dockerfileTemplateData",
        "You must specify either dockerfileTemplateData or a dockerfileTemplateUri.",
    )
    with refused(COMBINATION, message):
        CLIENT.create_container_recipe(
            containerType="DOCKER",
            name="web",
            semanticVersion="1.0.0",
            parentImage="amazonlinux:latest",
            targetRepository=REPOSITORY,
            **template,
        )


@pytest.mark.docs
@pytest.mark.parametrize(
    "template",
    [
        pytest.param(PARENT, id="the least"),
        pytest.param(PARENT + "RUN echo '&<>'\n", id="nothing is escaped"),
        pytest.param("ARG X\nFROM {{{imagebuilder:parentImage}}} AS base\n", id="without spaces"),
        pytest.param(TEMPLATE, id="all placeholders"),
        pytest.param(PARENT + "RUN x\n" + ENVIRONMENTS + "RUN y\n" + COMPONENTS, id="directives"),
    ],
)
def test_templates_without_components(mb, template):
    container_recipe(dockerfileTemplateData=template)
    assert get()["dockerfileTemplateData"] == template


@pytest.mark.docs
@pytest.mark.parametrize(
    "template",
    [
        pytest.param("FROM amazonlinux\n", id="no parent image"),
        pytest.param("FROM {{ imagebuilder:parentImage }}\n", id="two braces"),
        pytest.param(PARENT + COMPONENTS + ENVIRONMENTS, id="the wrong order"),
        pytest.param(PARENT + "{{{ imagebuilder:parent }}}", id="unknown"),
        pytest.param("x", id="next to nothing"),
    ],
)
def test_templates_that_are_none(mb, template):
    with refused(parameter="dockerfileTemplateData"):
        container_recipe(dockerfileTemplateData=template)


@pytest.mark.docs
def test_templates_with_components(mb):
    tool = uses(component())
    with refused(parameter="dockerfileTemplateData"):
        container_recipe(components=tool, dockerfileTemplateData=PARENT)
    container_recipe(components=tool, dockerfileTemplateData=PARENT + ENVIRONMENTS + COMPONENTS)


@pytest.mark.model
def test_a_template_in_s3_is_read_once(mb):
    mb.s3["bucket"]["path/Dockerfile"] = TEMPLATE.encode()
    container_recipe(dockerfileTemplateUri="s3://bucket/path/Dockerfile")
    mb.s3["bucket"]["path/Dockerfile"] = b"FROM scratch"
    record = get()
    assert record["dockerfileTemplateData"] == TEMPLATE
    assert "dockerfileTemplateUri" not in record
    with refused(parameter="dockerfileTemplateUri"):
        container_recipe(version="2.0.0", dockerfileTemplateUri="s3://bucket/path/Dockerfile")


@pytest.mark.docs
def test_how_large_a_template_can_be(mb):
    most = TEMPLATE + "#" * (64 * 1024 - len(TEMPLATE))
    mb.s3["bucket"]["most"] = most.encode()
    mb.s3["bucket"]["more"] = most.encode() + b"#"
    container_recipe(dockerfileTemplateUri="s3://bucket/most")
    assert get()["dockerfileTemplateData"] == most
    with refused("ServiceQuotaExceededException", status=402):
        container_recipe(version="2.0.0", dockerfileTemplateUri="s3://bucket/more")
    with refused(parameter="dockerfileTemplateData"):
        container_recipe(version="2.0.0", dockerfileTemplateData=TEMPLATE + "#" * 16000)


@pytest.mark.docs
@pytest.mark.parametrize(
    "uri", ["bucket/key", "s3://bucket", "s3://bucket/", "s3:///key", "https://x/y", "", "S3://b/k"]
)
def test_uris_that_are_none(mb, uri):
    with refused(message=wrong("dockerfileTemplateUri", "Invalid S3 URI.")):
        container_recipe(dockerfileTemplateUri=uri)


@pytest.mark.inferred
def test_templates_that_are_not_there(mb):
    mb.s3["bucket"]["binary"] = b"\xff\xfe"
    for uri in ("s3://nowhere/key", "s3://bucket/nothing", "s3://bucket/binary"):
        with refused(parameter="dockerfileTemplateUri"):
            container_recipe(dockerfileTemplateUri=uri)


@pytest.mark.model
def test_a_missing_recipe(mb):
    container_recipe()
    for version in ("1.0.1", "2.x.x"):
        with missing():
            get(f"{KIND}/web/{version}")
    for version in ("1.0.1", "x.x.x"):
        with missing():
            delete(f"{KIND}/web/{version}")
    with refused(parameter="containerRecipeArn"):
        get(f"{KIND}/web/x.0.0")


@pytest.mark.model
def test_a_recipe_that_a_pipeline_needs_cannot_be_deleted(mb):
    container_recipe()
    references = state_of(mb).shelves.references
    references.put(f"{ARN}:image-pipeline/p", [WEB])
    with depended_on(WEB):
        delete()
    references.drop(f"{ARN}:image-pipeline/p")
    delete()
    with missing():
        get()


@pytest.mark.model
def test_a_recipe_needs_its_components(mb):
    tool = component()
    container_recipe(components=uses(tool))
    with depended_on(tool):
        CLIENT.delete_component(componentBuildVersionArn=tool)
    delete()
    CLIENT.delete_component(componentBuildVersionArn=tool)


@pytest.mark.model
def test_what_a_list_shows(mb):
    container_recipe(tags={"a": "1"})
    container_recipe("other", **EVERYTHING)
    members = (
        "arn", "containerType", "name", "platform", "owner", "parentImage", "dateCreated", "tags",
    )  # fmt: skip
    first, second = get(f"{KIND}/other/1.0.0"), get()
    assert listed() == [
        {
            **{name: first[name] for name in members},
            "instanceImage": EVERYTHING["instanceConfiguration"]["image"],
        },
        {name: second[name] for name in members},
    ]


@pytest.mark.model
def test_pages(mb):
    arns = [container_recipe(version="1.0.x") for _ in range(3)]
    paginator = CLIENT.get_paginator("list_container_recipes")
    pages = paginator.paginate(PaginationConfig={"PageSize": 2})
    seen = [[one["arn"] for one in page["containerRecipeSummaryList"]] for page in pages]
    assert seen == [[arns[2], arns[1]], [arns[0]]]


@pytest.mark.model
@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param({"name": ["My*"]}, ["My Web"], id="name"),
        pytest.param({"platform": ["Linux"]}, ["My Web"], id="platform"),
        pytest.param({"parentImage": ["windows:1"]}, ["dbase"], id="parent image"),
        pytest.param({"containerType": ["DOCKER"]}, ["My Web", "dbase"], id="type"),
        pytest.param({"containerType": ["docker"]}, [], id="case matters"),
        pytest.param({"containerType": ["DOCKER"], "platform": ["Windows"]}, ["dbase"], id="all"),
    ],
)
def test_filters(mb, filters, names):
    windows = {"platformOverride": "Windows", "imageOsVersionOverride": "2022"}
    container_recipe("dbase", parentImage="windows:1", **windows)
    container_recipe("My Web")
    asked = [{"name": name, "values": values} for name, values in filters.items()]
    assert [one["name"] for one in listed(filters=asked)] == names


@pytest.mark.inferred
def test_filters_that_are_not_there(mb):
    sentence = "Valid filter names are: containerType, name, parentImage, platform."
    with refused(message=wrong("filters[0].name", sentence)):
        listed(filters=[{"name": "version", "values": ["x"]}])


@pytest.mark.model
def test_owners(mb):
    container_recipe()
    assert [one["arn"] for one in listed(owner="Self")] == [WEB]
    assert listed(owner="Shared") == []
    assert listed(owner="Amazon") == []
    sentence = "Valid owners of container recipes are: Self, Shared, Amazon."
    for owner in ("ThirdParty", "AWSMarketplace"):
        with refused(message=wrong("owner", sentence)):
            listed(owner=owner)


@pytest.mark.model
def test_regions_and_accounts_share_nothing(mb):
    container_recipe()
    assert container_recipe(client=FRANKFURT).split(":")[3] == "eu-central-1"
    assert get(container_recipe(client=OTHER), OTHER)["owner"] == "210987654321"
    assert len(listed()) == 1
    for client in (OTHER, FRANKFURT):
        with missing():
            get(client=client)


@pytest.mark.docs
def test_a_dry_run_does_nothing(mb):
    with tried():
        container_recipe(dryRun=True)
    assert listed() == []
    with refused(parameter="dockerfileTemplateData"):
        container_recipe(dockerfileTemplateData="x", dryRun=True)


@pytest.mark.docs
def test_a_thousand_and_no_more(mb):
    container_recipe()
    shelf = state_of(mb).shelves["container-recipe"]
    (one,) = shelf.by_arn.values()
    shelf.by_arn.update({f"{KIND}/x/{number}.0.0": one for number in range(999)})
    with refused("ServiceQuotaExceededException", status=402):
        container_recipe("one-too-many")


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"containerType": "PODMAN"}, "containerType"),
        (
            {"targetRepository": {"service": "HUB", "repositoryName": "x"}},
            "targetRepository.service",
        ),
        ({"platformOverride": "BeOS"}, "platformOverride"),
        ({"dockerfileTemplateData": "FROM\0"}, "dockerfileTemplateData"),
    ],
)
def test_values_that_the_model_refuses(mb, members, parameter):
    with refused(parameter=parameter):
        container_recipe(**members)


@pytest.mark.model
def test_members_that_have_to_be_there(mb):
    for absent in ("containerType", "semanticVersion", "parentImage", "targetRepository"):
        members = {
            "containerType": "DOCKER",
            "name": "web",
            "semanticVersion": "1.0.0",
            "parentImage": "amazonlinux",
            "targetRepository": REPOSITORY,
        }
        del members[absent]
        with refused("InvalidParameterException", f"The parameter '{absent}' is required."):
            RAW.create_container_recipe(**members)
