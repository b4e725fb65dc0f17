"""GetMarketplaceResource."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    AMAZON,
    CLIENT,
    FRANKFURT,
    RAW,
    answer,
    component,
    missing,
    refused,
    wrong,
)

OWNER = AMAZON.removesuffix(":aws")
AGENT = f"{OWNER}:aws-marketplace:component/example-agent-linux/1.1.0/1"
BENCHMARK = f"{OWNER}:third-party:component/cis-benchmark-level-1-amazon-linux/1.0.0/1"
LOCATION = "s3://sellers-bucket/agents/agent 1.rpm"


@pytest.mark.model
@pytest.mark.parametrize("arn", [AGENT, BENCHMARK, AGENT.removesuffix("/1")])
def test_the_data_of_a_component(client, arn):
    response = client.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=arn)
    assert "requestId" not in response
    data = response["data"]
    assert answer(response) == {"resourceArn": arn, "data": data}
    assert "phases" not in data


@pytest.mark.inferred
def test_data_is_obfuscated_in_base64(client):
    response = client.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=AGENT)
    assert b"schemaVersion" in base64.b64decode(response["data"], validate=True)


@pytest.mark.docs
def test_the_data_of_what_a_test_has_released(mb):
    text = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n".replace(
        "steps: []",
        "steps:\n      - name: hello\n        action: ExecuteBash\n"
        "        inputs:\n          commands: ['true']",
    )
    arn = mb.catalogue.release(
        "component", "Firewall", "2.0.0", owner="aws-marketplace", platform="Linux", data=text
    )
    response = CLIENT.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=arn)
    assert base64.b64decode(response["data"]).decode() == text


@pytest.mark.model
def test_where_an_artifact_is():
    with mock_imagebuilder(clock="virtual") as mb:
        told = {"resourceType": "COMPONENT_ARTIFACT", "resourceArn": AGENT}
        response = CLIENT.get_marketplace_resource(**told, resourceLocation=LOCATION)
        url = response["url"]
        assert answer(response) == {"resourceArn": AGENT, "url": url}
        parts = urlsplit(url)
        assert parts.hostname == "sellers-bucket.s3.us-east-1.amazonaws.com"
        assert parts.path == "/agents/agent%201.rpm"
        query = parse_qs(parts.query)
        assert query["X-Amz-Expires"] == ["3600"]
        assert len(query["X-Amz-Signature"][0]) == 64
        mb.clock.tick(minutes=5)
        again = CLIENT.get_marketplace_resource(**told, resourceLocation=LOCATION)
        assert again["url"] != url


@pytest.mark.inferred
def test_which_artifact_has_to_be_said(client):
    sentence = (
        "You must specify the location of the artifact when the resource type is "
        "COMPONENT_ARTIFACT."
    )
    with refused("InvalidParameterCombinationException", wrong("resourceLocation", sentence)):
        client.get_marketplace_resource(resourceType="COMPONENT_ARTIFACT", resourceArn=AGENT)


@pytest.mark.docs
def test_what_is_not_there(client):
    arns = [AGENT.replace("1.1.0", "9.0.0"), AGENT.replace("agent", "other")]
    for arn in arns:
        with missing():
            client.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=arn)
    with missing():
        FRANKFURT.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=AGENT)


@pytest.mark.inferred
@pytest.mark.parametrize("whose", ["own", "amazon"])
def test_what_is_not_from_the_marketplace(client, whose):
    arn = component() if whose == "own" else f"{AMAZON}:component/update-linux/x.x.x"
    sentence = "The resource is not an AWS Marketplace resource."
    with refused(message=wrong("resourceArn", sentence)):
        client.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=arn)


@pytest.mark.inferred
@pytest.mark.parametrize("kind", ["image", "image-recipe", "workflow/build"])
def test_what_is_no_component(client, kind):
    with missing():
        client.get_marketplace_resource(
            resourceType="COMPONENT_DATA", resourceArn=f"{AMAZON}:{kind}/web/1.0.0"
        )


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"resourceType": "IMAGE"}, "resourceType"),
        ({"resourceArn": "web"}, "resourceArn"),
        ({"resourceLocation": "https://bucket/key"}, "resourceLocation"),
        ({"resourceLocation": "s3://bucket"}, "resourceLocation"),
        ({"resourceLocation": f"s3://bucket/{'k' * 1024}"}, "resourceLocation"),
    ],
)
def test_what_the_model_forbids(client, members, parameter):
    told = {"resourceType": "COMPONENT_DATA", "resourceArn": AGENT, **members}
    with refused(parameter=parameter):
        RAW.get_marketplace_resource(**told)


@pytest.mark.docs
def test_a_resource_that_nobody_has_subscribed_to(mb):
    mb.faults.on("GetMarketplaceResource").raises("ForbiddenException", "Not subscribed.")
    with refused("ForbiddenException", "Not subscribed.", status=403):
        CLIENT.get_marketplace_resource(resourceType="COMPONENT_DATA", resourceArn=AGENT)
