"""Tests at the same time, and workflows that distribute."""

import pytest

from mockbuild.engine.image_outputs import Ami
from tests.imagebuilder.factory import (
    ACCOUNT,
    AMAZON,
    CLIENT,
)
from tests.imagebuilder.image_factory import (
    Kit,
    distribution,
    look,
    made,
    remember,
    runs,
    status,
    step_of,
    to,
    workflow,
)
from tests.imagebuilder.workflow_factory import (
    LAUNCH,
    outputs,
)

# Tests at the same time


def group(count, name="together", **more):
    own = workflow(LAUNCH)
    return [{"workflowArn": own, "parallelGroup": name, **more} for _ in range(count)]


@pytest.mark.docs
def test_five_tests_of_a_group_run_at_a_time(clocked):
    arn = Kit().with_workflows(*group(7))
    clocked.clock.tick(60)
    listed = [run["status"] for run in runs(arn)]
    assert listed == ["RUNNING"] * 5 + ["PENDING"] * 2
    assert {run["parallelGroup"] for run in runs(arn)} == {"together"}
    clocked.clock.tick(150)
    assert [run["status"] for run in runs(arn)] == ["COMPLETED"] * 5 + ["RUNNING"] * 2
    clocked.clock.tick(hours=1)
    assert status(arn) == "AVAILABLE"
    got = CLIENT.get_workflow_execution(workflowExecutionId=runs(arn)[0]["workflowExecutionId"])
    assert got["parallelGroup"] == "together"


@pytest.mark.docs
def test_groups_and_single_tests_run_one_after_another(clocked):
    alone = workflow(LAUNCH, name="alone")
    first, second = group(2, "first")
    kit = Kit()
    other = workflow(LAUNCH, name="other")
    arn = kit.with_workflows(
        first, {"workflowArn": other, "parallelGroup": "second"}, alone, second
    )
    clocked.clock.tick(60)
    running = [run.get("parallelGroup") for run in runs(arn) if run["status"] == "RUNNING"]
    assert running == ["first", "first"]
    clocked.clock.tick(150)
    running = [run.get("parallelGroup") for run in runs(arn) if run["status"] == "RUNNING"]
    assert running == ["second"]


@pytest.mark.docs
@pytest.mark.parametrize(("told", "expected"), [("CONTINUE", "AVAILABLE"), ("ABORT", "FAILED")])
def test_a_test_that_fails_may_not_matter(mb, told, expected):
    mb.script(image="web").fails("Launch", message="no")
    own = workflow(LAUNCH)
    after = workflow({**LAUNCH, "name": "After"}, name="after")
    arn = Kit().with_workflows({"workflowArn": own, "onFailure": told}, after)
    assert status(arn) == expected
    last = "COMPLETED" if expected == "AVAILABLE" else "SKIPPED"
    assert [run["status"] for run in runs(arn)] == ["ROLLBACK_COMPLETED", last]


@pytest.mark.inferred
def test_when_one_of_a_group_fails_the_others_that_run_go_on(clocked):
    clocked.script(image="web").fails("Bad", message="no").takes(10, step="Bad")
    bad = workflow({**LAUNCH, "name": "Bad"}, name="bad")
    good = group(6)
    arn = Kit().with_workflows({"workflowArn": bad, "parallelGroup": "together"}, *good)
    clocked.clock.tick(60)
    assert status(arn) == "TESTING"
    assert [run["status"] for run in runs(arn)] == [
        "ROLLBACK_COMPLETED", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "SKIPPED", "SKIPPED",
    ]  # fmt: skip
    clocked.clock.tick(minutes=5)
    state = look(arn)["state"]
    assert state["failureContext"]["failedStep"] == "Bad"


# Distribution


@pytest.mark.docs
def test_a_distribution_workflow_of_ones_own(mb):
    own = workflow(
        {
            "name": "Copy",
            "action": "DistributeImage",
            "inputs": {
                "distributions": [
                    {"region": "us-east-1", "amiTags": {"Release": "approved"}},
                    {"region": "eu-west-1", "name": "mine {{ imagebuilder:buildDate }}"},
                ]
            },
        },
        {
            "name": "Share",
            "action": "ModifyImageAttributes",
            "inputs": {
                "distributedImages.$": "$.stepOutputs.Copy.distributedImages",
                "attributes": [
                    {"region": "eu-west-1", "launchPermission": {"userIds": ["111111111111"]}}
                ],
            },
        },
        {
            "name": "Publish",
            "action": "ApplyImageConfigurations",
            "inputs": {
                "distributedImages.$": "$.stepOutputs.Copy.distributedImages",
                "configurations": [
                    {"region": "eu-west-1", "ssmParameterConfigurations": [
                        {"parameterName": "/golden", "dataType": "aws:ec2:image"}]},
                ],
            },
        },
        kind="DISTRIBUTION",
    )  # fmt: skip
    arn = Kit().with_workflows(f"{AMAZON}:workflow/build/build-image/x.x.x", own)
    home, copy = outputs(step_of(arn, "Copy"))["distributedImages"]
    assert (home["region"], home["status"], home["step"]) == ("us-east-1", "Completed", "Completed")
    assert home["dateStarted"] == home["dateStopped"]
    amis = look(arn)["outputResources"]["amis"]
    assert [ami["image"] for ami in amis] == [home["amiId"], copy["amiId"]]
    assert copy["name"].startswith("mine 20")
    assert copy["accountId"] == ACCOUNT
    (shared,) = outputs(step_of(arn, "Share"))["modifiedImages"]
    assert shared["amiId"] == copy["amiId"]
    (configured,) = outputs(step_of(arn, "Publish"))["configuredImages"]
    assert (configured["region"], configured["status"]) == ("eu-west-1", "Completed")


@pytest.mark.docs
def test_amazons_distribution_workflow_does_what_the_configuration_says(kit):
    configuration = distribution(to("us-east-1"), to("eu-west-1"))
    arn = kit.with_workflows(
        f"{AMAZON}:workflow/build/build-image/x.x.x",
        f"{AMAZON}:workflow/distribution/distribute-image/x.x.x",
        distributionConfigurationArn=configuration,
    )
    assert status(arn) == "AVAILABLE"
    regions = [ami["region"] for ami in look(arn)["outputResources"]["amis"]]
    assert regions == ["us-east-1", "eu-west-1"]
    assert [run["type"] for run in runs(arn)] == ["BUILD", "DISTRIBUTION"]


@pytest.mark.docs
def test_a_region_that_fails_in_a_workflow(mb, kit):
    mb.script(image="web").fails_in("DISTRIBUTING", region="eu-west-1", message="no key")
    own = workflow({"name": "Copy", "action": "DistributeImage"}, kind="DISTRIBUTION")
    configuration = distribution(to("eu-west-1"), to("eu-north-1"))
    arn = kit.with_workflows(
        f"{AMAZON}:workflow/build/build-image/x.x.x",
        own,
        distributionConfigurationArn=configuration,
    )
    context = look(arn)["state"]["failureContext"]
    assert (context["failedStep"], context["imageStatus"]) == ("Copy", "DISTRIBUTING")
    assert context["distributionFailure"]["regionFailures"][0]["region"] == "eu-west-1"
    found = {one["region"]: one for one in outputs(step_of(arn, "Copy"))["distributedImages"]}
    assert (found["eu-west-1"]["status"], found["eu-west-1"]["errorMessage"]) == (
        "Failed",
        "no key",
    )
    assert found["eu-west-1"]["step"] == "CopyAmiRunning"
    assert found["eu-north-1"]["status"] == "Completed"


@pytest.mark.docs
def test_copies_that_take_too_long_are_not_made(mb, kit):
    remember(mb)
    own = workflow(
        {
            "name": "Copy",
            "action": "DistributeImage",
            "timeoutSeconds": 100,
            "onFailure": "Continue",
        },
        {
            "name": "Configure",
            "action": "ApplyImageConfigurations",
            "inputs": {"distributedImages.$": "$.stepOutputs.Copy.distributedImages"},
        },
        kind="DISTRIBUTION",
    )
    arn = kit.with_workflows(
        f"{AMAZON}:workflow/build/build-image/x.x.x",
        own,
        distributionConfigurationArn=distribution(to("eu-west-1")),
    )
    assert step_of(arn, "Copy")["status"] == "FAILED"
    assert outputs(step_of(arn, "Configure")) == {"configuredImages": []}
    assert [ami["region"] for ami in look(arn)["outputResources"]["amis"]] == ["us-east-1"]
    assert [one.region for one in made(mb, Ami)] == ["us-east-1"]
