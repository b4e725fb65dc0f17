"""Image pipelines for the tests of Image Builder."""

from datetime import datetime
from typing import Any

from mockbuild import Control
from tests.imagebuilder.factory import ARN, CLIENT, LINUX, Record, image_recipe, infrastructure

PIPELINE = f"{ARN}:image-pipeline"
WEB = f"{PIPELINE}/web"
RECIPE = f"{ARN}:image-recipe/web/1.0.0"
INFRASTRUCTURE = f"{ARN}:infrastructure-configuration/web"
DISTRIBUTION = f"{ARN}:distribution-configuration/web"
#: Runs every time that it is due.
ALWAYS = "EXPRESSION_MATCH_ONLY"
#: Runs only when there is something new.
IF_NEWER = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
#: All that a pipeline can have besides its recipe and where it is built.
EVERYTHING: Record = {
    "description": "Makes the web",
    "distributionConfigurationArn": DISTRIBUTION,
    "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 60},
    "enhancedImageMetadataEnabled": False,
    "schedule": {
        "scheduleExpression": "cron(0 9 ? * sun *)",
        "timezone": "America/Los_Angeles",
        "pipelineExecutionStartCondition": ALWAYS,
        "autoDisablePolicy": {"failureCount": 3},
    },
    "status": "DISABLED",
    "imageTags": {"made": "by schedule"},
    "imageScanningConfiguration": {
        "imageScanningEnabled": True,
        "ecrConfiguration": {"repositoryName": "scans", "containerTags": ["a", "b"]},
        "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
        "scanResultCondition": {"maximumSeverityLabel": "LOW", "fixAvailable": False},
    },
    "workflows": [
        {
            "workflowArn": "arn:aws:imagebuilder:us-east-1:aws:workflow/test/test-image/x.x.x",
            "parallelGroup": "one",
            "onFailure": "CONTINUE",
        }
    ],
    "executionRole": "arn:aws:iam::123456789012:role/runner",
    "loggingConfiguration": {"imageLogGroupName": "images", "pipelineLogGroupName": "runs"},
}


def parents(client: Any = CLIENT) -> Record:
    """Create what a pipeline cannot do without, and return the parameters that name it."""
    parent = LINUX.replace("us-east-1", client.meta.region_name)
    return {
        "imageRecipeArn": image_recipe(client=client, parentImage=parent),
        "infrastructureConfigurationArn": infrastructure(client=client),
    }


def least(**changes: Any) -> Record:
    """Return the parameters of the least pipeline, with *changes*; ``None`` leaves one out."""
    members = {"imageRecipeArn": RECIPE, "infrastructureConfigurationArn": INFRASTRUCTURE}
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


def pipeline(name: str = "web", client: Any = CLIENT, **changes: Any) -> str:
    """Create a pipeline and return its ARN; ``None`` leaves a parameter out."""
    response = client.create_image_pipeline(name=name, **least(**changes))
    arn: str = response["imagePipelineArn"]
    return arn


def scheduled(
    expression: str, condition: str | None = ALWAYS, timezone: str | None = None, **policy: int
) -> Record:
    """Return ``schedule`` of a pipeline.

    :param policy: ``failureCount``, if it has an ``autoDisablePolicy``.
    """
    schedule = {
        "scheduleExpression": expression,
        "pipelineExecutionStartCondition": condition,
        "timezone": timezone,
        "autoDisablePolicy": policy or None,
    }
    return {name: value for name, value in schedule.items() if value is not None}


def get(arn: str = WEB, client: Any = CLIENT) -> Record:
    """Return a pipeline."""
    found: Record = client.get_image_pipeline(imagePipelineArn=arn)["imagePipeline"]
    return found


def update(arn: str = WEB, **changes: Any) -> Record:
    """Update a pipeline to the least there can be, with *changes*."""
    answer: Record = CLIENT.update_image_pipeline(imagePipelineArn=arn, **least(**changes))
    return answer


def delete(arn: str = WEB) -> Record:
    """Delete a pipeline."""
    answer: Record = CLIENT.delete_image_pipeline(imagePipelineArn=arn)
    return answer


def start(arn: str = WEB, **members: Any) -> str:
    """Run a pipeline and return the ARN of the image."""
    answer = CLIENT.start_image_pipeline_execution(imagePipelineArn=arn, **members)
    image: str = answer["imageBuildVersionArn"]
    return image


def listed(**arguments: Any) -> list[Record]:
    """Return all pipelines that a list shows."""
    found: list[Record] = CLIENT.list_image_pipelines(**arguments)["imagePipelineList"]
    return found


def images(arn: str = WEB, client: Any = CLIENT, **arguments: Any) -> list[Record]:
    """Return all images of a pipeline, the newest first."""
    pages = client.get_paginator("list_image_pipeline_images").paginate(
        imagePipelineArn=arn, **arguments
    )
    return [one for page in pages for one in page["imageSummaryList"]]


def image(arn: str) -> Record:
    """Return an image."""
    found: Record = CLIENT.get_image(imageBuildVersionArn=arn)["image"]
    return found


def runs(arn: str = WEB) -> list[str]:
    """Return when the images of a pipeline were begun, the oldest first, to the second."""
    return [one["dateCreated"][:19] for one in reversed(images(arn))]


def move(mb: Control, date: str) -> None:
    """Move the clock to a date such as ``2030-01-01T00:00``, in UTC."""
    mb.clock.move_to(datetime.fromisoformat(date))
