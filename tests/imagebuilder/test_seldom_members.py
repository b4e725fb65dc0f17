"""Members of answers, and errors, that only come up seldom."""

from typing import Any

import pytest

from mockbuild import Control, mock_imagebuilder
from tests.imagebuilder.built_factory import WORKFLOW, managed
from tests.imagebuilder.factory import AMAZON, CLIENT, Record, distribution, refused, wrong
from tests.imagebuilder.image_factory import ROLE, Kit, run_of, workflow
from tests.imagebuilder.lifecycle_factory import policy


def pages(operation: str, member: str, **params: Any) -> list[list[Record]]:
    """Return what there is, two on a page."""
    found = CLIENT.get_paginator(operation).paginate(**params, PaginationConfig={"PageSize": 2})
    return [page[member] for page in found]


@pytest.mark.model
def test_a_deprecated_workflow(mb: Control) -> None:
    state = {"status": "DEPRECATED", "reason": "There is a better one."}
    mb.catalogue.release("workflow/test", "test-image", "9.0.0", data=WORKFLOW, state=state)
    assert managed("workflow/test/test-image/9.0.0")["state"] == state
    listed = CLIENT.list_workflow_build_versions(
        workflowVersionArn=f"{AMAZON}:workflow/test/test-image/x.x.x"
    )
    states = [one.get("state") for one in listed["workflowSummaryList"]]
    assert states[0] == state
    assert set(map(bool, states[1:])) == {False}


@pytest.mark.model
def test_a_launch_template_goes_by_its_name(mb: Control) -> None:
    launch = {"enabled": True, "launchTemplate": {"launchTemplateName": "web"}}
    settings = {"region": "us-east-1", "fastLaunchConfigurations": [launch]}
    arn = distribution(distributions=[settings])
    got = CLIENT.get_distribution_configuration(distributionConfigurationArn=arn)
    assert got["distributionConfiguration"]["distributions"] == [settings]
    both = {"launchTemplateName": "web", "launchTemplateId": "lt-0123456789abcdef0"}
    launch = {"enabled": True, "launchTemplate": both}
    message = wrong(
        "distributions[0].fastLaunchConfigurations[0].launchTemplate",
        "You can specify either launchTemplateId or launchTemplateName, but not both.",
    )
    with refused("InvalidParameterCombinationException", message):
        CLIENT.update_distribution_configuration(
            distributionConfigurationArn=arn,
            distributions=[{**settings, "fastLaunchConfigurations": [launch]}],
        )
    assert CLIENT.get_distribution_configuration(distributionConfigurationArn=arn) | {
        "ResponseMetadata": None, "requestId": None
    } == got | {"ResponseMetadata": None, "requestId": None}  # fmt: skip


@pytest.mark.docs
def test_a_run_of_a_workflow_says_why_it_has_failed(mb: Control) -> None:
    mb.script(image="web").fails()
    run = run_of(Kit().make())
    got = CLIENT.get_workflow_execution(workflowExecutionId=run["workflowExecutionId"])
    assert got["message"] == run["message"]
    assert run["message"].endswith("failed!")


@pytest.mark.model
def test_a_list_shows_the_description_of_a_policy(mb: Control) -> None:
    policy(description="Tidies up")
    (found,) = CLIENT.list_lifecycle_policies()["lifecyclePolicySummaryList"]
    assert found["description"] == "Tidies up"


@pytest.mark.model
def test_pages_of_packages(mb: Control) -> None:
    mb.script(image="web").packages(dict.fromkeys("abcde", "1"))
    found = pages("list_image_packages", "imagePackageList", imageBuildVersionArn=Kit().make())
    names = [[one["packageName"] for one in page] for page in found]
    assert names == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.model
def test_pages_of_workflow_executions(mb: Control) -> None:
    own = workflow({"action": "LaunchInstance"})
    arn = Kit().with_workflows(own, own, own)
    params = {"imageBuildVersionArn": arn}
    found = pages("list_workflow_executions", "workflowExecutions", **params)
    assert [len(page) for page in found] == [2, 1]
    ids = [one["workflowExecutionId"] for page in found for one in page]
    whole = CLIENT.list_workflow_executions(**params)["workflowExecutions"]
    assert ids == [one["workflowExecutionId"] for one in whole]


@pytest.mark.model
def test_pages_of_steps_that_wait() -> None:
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        kit = Kit()
        own = workflow({"action": "WaitForAction"})
        arns = [kit.with_workflows(own) for _ in range(3)]
        mb.clock.tick(minutes=1)
        found = pages("list_waiting_workflow_steps", "steps")
        assert [[one["imageBuildVersionArn"] for one in page] for page in found] == [
            arns[:2],
            arns[2:],
        ]


@pytest.mark.docs
def test_images_that_are_distributed_are_among_those_being_made() -> None:
    with mock_imagebuilder(transitions="timed", clock="virtual") as mb:
        mb.quotas["concurrent_builds"] = 1
        Kit().make()
        wanted = {"distributionConfigurationArn": distribution(), "executionRole": ROLE}
        with refused("ServiceQuotaExceededException", status=402):
            CLIENT.distribute_image(sourceImage="ami-0123456789abcdef0", **wanted)
        mb.clock.tick(hours=1)
        assert CLIENT.distribute_image(sourceImage="ami-0123456789abcdef0", **wanted)
