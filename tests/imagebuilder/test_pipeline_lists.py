"""ListImagePipelines."""

import pytest

from tests.imagebuilder.factory import CLIENT, container_recipe, distribution, refused, wrong
from tests.imagebuilder.pipeline_factory import (
    DISTRIBUTION,
    INFRASTRUCTURE,
    PIPELINE,
    RECIPE,
    WEB,
    images,
    listed,
    parents,
    pipeline,
    update,
)


@pytest.fixture
def made(mb):
    """What pipelines need: a recipe and an infrastructure configuration."""
    parents()
    return mb


@pytest.mark.recorded
def test_lists_begin_with_the_newest(made):
    for name in ("one", "two", "three"):
        pipeline(name)
    update(f"{PIPELINE}/one")
    assert [one["name"] for one in listed()] == ["three", "two", "one"]


@pytest.mark.model
def test_pages(made):
    for number in range(5):
        pipeline(f"pipe-{number}")
    pages = CLIENT.get_paginator("list_image_pipelines").paginate(PaginationConfig={"PageSize": 2})
    names = [[one["name"] for one in page["imagePipelineList"]] for page in pages]
    assert names == [["pipe-4", "pipe-3"], ["pipe-2", "pipe-1"], ["pipe-0"]]


@pytest.mark.model
def test_lists_of_nothing(made):
    assert listed() == []
    for operation, arguments in (
        (CLIENT.list_image_pipelines, {}),
        (CLIENT.list_image_pipeline_images, {"imagePipelineArn": WEB}),
    ):
        with refused("InvalidPaginationTokenException"):
            operation(**arguments, nextToken="abc")


@pytest.mark.model
@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param({"name": ["My Web"]}, ["My Web"], id="name"),
        pytest.param({"name": ["my-web"]}, [], id="not as in the ARN"),
        pytest.param({"name": ["My*"]}, ["My Web"], id="beginning of the name"),
        pytest.param({"description": ["of the web"]}, ["My Web"], id="description"),
        pytest.param({"description": ["of*"]}, [], id="stars are for names"),
        pytest.param({"status": ["DISABLED"]}, ["docker"], id="status"),
        pytest.param({"status": ["DISABLED", "ENABLED"]}, ["docker", "My Web"], id="any status"),
        pytest.param({"status": ["disabled"]}, [], id="case matters"),
        pytest.param({"imageRecipeArn": [RECIPE]}, ["My Web"], id="recipe"),
        pytest.param({"distributionConfigurationArn": [DISTRIBUTION]}, ["docker"], id="to where"),
        pytest.param(
            {"infrastructureConfigurationArn": [INFRASTRUCTURE]}, ["docker", "My Web"], id="on what"
        ),
        pytest.param({"status": ["ENABLED"], "name": ["docker"]}, [], id="both have to hold"),
    ],
)
def test_filters(made, filters, names):
    pipeline("My Web", description="of the web")
    pipeline(
        "docker",
        imageRecipeArn=None,
        containerRecipeArn=container_recipe(),
        distributionConfigurationArn=distribution(),
        status="DISABLED",
    )
    found = listed(filters=[{"name": name, "values": values} for name, values in filters.items()])
    assert [one["name"] for one in found] == names


@pytest.mark.model
def test_there_is_no_filter_by_container_recipe(made):
    names = (
        "description, distributionConfigurationArn, imageRecipeArn, "
        "infrastructureConfigurationArn, name, status"
    )
    with refused(message=wrong("filters[0].name", f"Valid filter names are: {names}.")):
        listed(filters=[{"name": "containerRecipeArn", "values": ["x"]}])
    with refused(message=wrong("filters[0].name", "Valid filter names are: name, version.")):
        images(filters=[{"name": "platform", "values": ["Linux"]}])
