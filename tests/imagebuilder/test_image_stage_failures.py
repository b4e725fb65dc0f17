"""How images fail apart from steps: in a state, in a region, by what others refuse, by a scan."""

import json

import pytest

from mockbuild.engine.image_outputs import Ami, OutputRefused
from tests.imagebuilder.factory import AMAZON, CLIENT
from tests.imagebuilder.image_factory import (
    Kit,
    container_recipe,
    distribution,
    failed,
    look,
    look_until,
    made,
    status,
    statuses,
    step_of,
    to,
)

# States


@pytest.mark.parametrize("state", ["PENDING", "CREATING", "BUILDING", "TESTING"])
@pytest.mark.inferred
def test_an_image_can_fail_in_any_state(mb, dry_kit, state):
    mb.script(image="web").fails_in(state, message="the cloud is gone")
    found = failed(dry_kit.make())
    assert found == {
        "status": "FAILED",
        "reason": "the cloud is gone",
        "failureContext": {"imageStatus": state},
    }


@pytest.mark.recorded
def test_what_the_service_says_of_itself(mb, dry_kit):
    mb.script(image="web").fails_in("CREATING")
    assert failed(dry_kit.make())["reason"] == "An internal error has occurred."


REGIONS = ("us-east-1", "eu-west-1", "eu-north-1")


@pytest.fixture
def far(dry_kit):
    dry_kit.distribution = distribution(
        *(
            {
                "region": region,
                "amiDistributionConfiguration": {},
                "launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0"}],
                "ssmParameterConfigurations": [{"parameterName": "/golden"}],
            }
            for region in REGIONS
        )
    )
    return lambda **members: dry_kit.make(
        distributionConfigurationArn=dry_kit.distribution, **members
    )


@pytest.mark.inferred
def test_a_region_that_cannot_be_distributed_to(mb, far):
    mb.script(image="web").fails_in("DISTRIBUTING", region="eu-west-1", message="no key")
    arn = far()
    state = failed(arn)
    assert state["reason"].startswith("Distribution failed with JobId '")
    assert state["reason"].endswith(
        f"', status = 'Failed' for ARN '{arn}'. In region 'eu-west-1' - 'no key'"
    )
    assert state["failureContext"] == {
        "imageStatus": "DISTRIBUTING",
        "distributionFailure": {
            "errorMessage": "In region 'eu-west-1' - 'no key'",
            "regionFailures": [
                {"region": "eu-west-1", "status": "FAILED", "errorMessage": "no key"}
            ],
        },
    }
    regions = {ami["region"] for ami in look(arn)["outputResources"]["amis"]}
    assert regions == {"us-east-1", "eu-north-1"}


@pytest.mark.recorded
def test_a_step_of_the_integration_that_fails(mb, far):
    mb.script(image="web").fails_in(
        "INTEGRATING",
        region="eu-north-1",
        configuration_step="UPDATE_LAUNCH_TEMPLATES",
        message="no such template",
        ends="TIMED_OUT",
    )
    arn = far()
    state = failed(arn)
    assert state["reason"].startswith("Integration failed with JobId '")
    assert state["failureContext"]["imageStatus"] == "INTEGRATING"
    assert state["failureContext"]["distributionFailure"]["regionFailures"] == [
        {
            "region": "eu-north-1",
            "status": "TIMED_OUT",
            "imageConfigurationStep": "UPDATE_LAUNCH_TEMPLATES",
            "errorMessage": "no such template",
        }
    ]
    regions = [one.region for one in made(mb) if getattr(one, "name", "") == "/golden"]
    assert sorted(regions) == ["eu-west-1", "us-east-1"]


@pytest.mark.docs
def test_a_retry_configures_what_was_not_configured(mb, far):
    mb.script(image="web", times=1).fails_in(
        "INTEGRATING", region="eu-north-1", configuration_step="PUT_SSM_PARAMETERS"
    )
    arn = far()
    failed(arn)
    CLIENT.retry_image(imageBuildVersionArn=arn)
    assert status(arn) == "AVAILABLE"
    done = [(one.region, type(one).__name__) for one in made(mb) if not isinstance(one, Ami)]
    assert sorted(done) == sorted(
        (region, kind) for region in REGIONS for kind in ("Parameter", "TemplateVersion")
    )


@pytest.mark.docs
def test_every_region_that_fails_is_named(mb, far):
    mb.script(image="web").fails_in("INTEGRATING", message="no")
    failure = failed(far())["failureContext"]["distributionFailure"]
    assert [one["region"] for one in failure["regionFailures"]] == list(REGIONS)
    assert failure["errorMessage"].count("In region ") == 3


@pytest.mark.docs
def test_another_account_that_cannot_be_distributed_to(mb, dry_kit):
    configuration = distribution(to("eu-west-1", targetAccountIds=["111111111111", "222222222222"]))
    mb.script(image="web").fails_in("DISTRIBUTING", account="222222222222")
    arn = dry_kit.make(distributionConfigurationArn=configuration)
    (failure,) = failed(arn)["failureContext"]["distributionFailure"]["regionFailures"]
    assert failure["targetAccountId"] == "222222222222"
    accounts = {ami["accountId"] for ami in look(arn)["outputResources"]["amis"]}
    assert accounts == {"123456789012", "111111111111"}


@pytest.mark.parametrize("state", ["DISTRIBUTING", "INTEGRATING"])
@pytest.mark.inferred
def test_an_image_that_goes_nowhere_else_can_fail_there(mb, dry_kit, state):
    mb.script(image="web").fails_in(state, message="no")
    (failure,) = failed(dry_kit.make())["failureContext"]["distributionFailure"]["regionFailures"]
    assert failure == {"region": "us-east-1", "status": "FAILED", "errorMessage": "no"}


@pytest.mark.inferred
def test_a_region_that_is_not_distributed_to_does_not_fail(mb, dry_kit):
    mb.script(image="web").fails_in("DISTRIBUTING", region="eu-west-3")
    assert status(dry_kit.make()) == "AVAILABLE"


@pytest.mark.docs
def test_a_container_that_cannot_be_pushed(mb, dry_kit):
    mb.script(image="box").fails_in("DISTRIBUTING", message="the repository is immutable")
    arn = dry_kit.make(imageRecipeArn=None, containerRecipeArn=container_recipe())
    context = failed(arn)["failureContext"]
    assert context["failedStep"] == "DistributeOutputContainer"
    (failure,) = context["distributionFailure"]["regionFailures"]
    assert failure["errorMessage"] == "the repository is immutable"
    outputs = json.loads(step_of(arn, "DistributeOutputContainer")["outputs"])
    assert (outputs["status"], outputs["failedRegions"]) == ("Failed", ["us-east-1"])
    assert look(arn)["outputResources"] == {"containers": []}


# What others refuse


class Refusing:
    """Outputs that refuse some things."""

    def __init__(self, mb, refuse):
        self._maker = mb._world.image_maker
        self._first = self._maker.outputs
        self._refuse = refuse
        self._maker.outputs = self

    def logs(self, region):
        return self._first.logs(region)

    def make(self, output):
        text = self._refuse(output)
        if text:
            raise OutputRefused(text)
        return self._first.make(output)


@pytest.mark.parametrize("transitions", ["settled", "timed"])
@pytest.mark.recorded
def test_a_template_that_is_not_there(transitions):
    from mockbuild import mock_imagebuilder

    message = "EC2 Client Error: 'The launch-template ID 'lt-0123456789abcdef0' does not exist'"
    with mock_imagebuilder(transitions=transitions, clock="virtual") as mb:
        Refusing(mb, lambda output: message if hasattr(output, "template_id") else "")
        dry_kit = Kit()
        configuration = distribution(
            {"region": "us-east-1",
             "launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0"}]}
        )  # fmt: skip
        arn = dry_kit.make(distributionConfigurationArn=configuration)
        mb.clock.tick(hours=1)
        failure = failed(arn)["failureContext"]["distributionFailure"]
        assert failure == {
            "errorMessage": f"In region 'us-east-1' - '{message}'",
            "regionFailures": [
                {
                    "region": "us-east-1",
                    "status": "FAILED",
                    "imageConfigurationStep": "UPDATE_LAUNCH_TEMPLATES",
                    "errorMessage": message,
                }
            ],
        }


@pytest.mark.inferred
def test_an_ami_that_is_refused_fails_its_step(mb, dry_kit):
    Refusing(mb, lambda output: "too many AMIs" if hasattr(output, "image_id") else "")
    arn = dry_kit.make()
    state = failed(arn)
    assert state["reason"].endswith("too many AMIs in workflow step CreateOutputAMI")
    assert look(arn)["outputResources"] == {"amis": []}
    assert statuses(arn)["TerminateBuildInstance"] == "PENDING"


@pytest.mark.docs
def test_what_was_refused_is_tried_again_by_a_retry_and_nothing_else(mb, far):
    def refuse(output):
        is_copy = getattr(output, "copied_from", None) is not None
        return "no key" if is_copy and output.region == "eu-west-1" and not allowed else ""

    allowed: list[str] = []
    Refusing(mb, refuse)
    arn = far()
    assert failed(arn)["failureContext"]["imageStatus"] == "DISTRIBUTING"
    before = look(arn)["outputResources"]["amis"]
    allowed.append("yes")
    CLIENT.retry_image(imageBuildVersionArn=arn)
    image = look(arn)
    assert image["state"] == {"status": "AVAILABLE"}
    after = image["outputResources"]["amis"]
    assert after[: len(before)] == before
    assert [ami["region"] for ami in after[len(before) :]] == ["eu-west-1"]


# Scans

ON_DEMAND = {
    "imageScanningEnabled": True,
    "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
    "scanResultCondition": {"maximumSeverityLabel": "MEDIUM"},
}


@pytest.mark.parametrize(
    ("finding", "condition", "expected"),
    [
        (("CVE-1", "HIGH"), {}, "FAILED"),
        (("CVE-1", "CRITICAL"), {"maximumSeverityLabel": "HIGH"}, "FAILED"),
        (("CVE-1", "MEDIUM"), {}, "AVAILABLE"),
        (("CVE-1", "UNTRIAGED"), {}, "AVAILABLE"),
        (("CVE-1", "HIGH", "NO"), {}, "AVAILABLE"),
        (("CVE-1", "HIGH", "NO"), {"fixAvailable": False}, "FAILED"),
    ],
)
@pytest.mark.docs
def test_what_a_scan_finds_can_fail_an_image(mb, dry_kit, finding, condition, expected):
    name, severity, *fix = finding
    mb.script(image="web").finds(name, severity, **({"fix_available": fix[0]} if fix else {}))
    scanning = {**ON_DEMAND, "scanResultCondition": {"maximumSeverityLabel": "MEDIUM", **condition}}
    image = look(dry_kit.make(imageScanningConfiguration=scanning))
    assert image["state"]["status"] == expected
    if expected == "FAILED":
        assert image["state"]["failureContext"] == {"imageStatus": "TESTING"}


@pytest.mark.docs
def test_the_states_of_a_scan(clocked):
    arn = Kit().make(imageScanningConfiguration={"imageScanningEnabled": True})
    seen = []
    for _ in range(60):
        now = look(arn)["scanState"]["status"]
        seen += [] if seen[-1:] == [now] else [now]
        clocked.clock.tick(15)
    assert seen == ["PENDING", "SCANNING", "COLLECTING", "COMPLETED"]


@pytest.mark.docs
def test_a_scan_is_abandoned_when_the_image_ends_before_it(mb, dry_kit):
    scanning = {"imageScanningConfiguration": {"imageScanningEnabled": True}}
    mb.script(image="web", times=1).fails()
    assert look(dry_kit.make(**scanning))["scanState"] == {"status": "ABANDONED"}
    arn = dry_kit.make(**scanning)
    CLIENT.cancel_image_creation(imageBuildVersionArn=arn)
    assert look(arn)["scanState"] == {"status": "ABANDONED"}
    assert "scanState" not in look(dry_kit.make())


@pytest.mark.docs
def test_a_scan_is_abandoned_when_no_test_has_done_it(dry_kit):
    arn = dry_kit.with_workflows(
        f"{AMAZON}:workflow/build/build-image/x.x.x",
        imageScanningConfiguration={"imageScanningEnabled": True},
    )
    image = look(arn)
    assert image["state"]["status"] == "AVAILABLE"
    assert image["scanState"] == {"status": "ABANDONED"}


@pytest.mark.inferred
def test_tests_that_are_run_again_scan_again(stepped):
    stepped.script(image="web", times=1).finds("CVE-1", "CRITICAL")
    scanning = {
        "imageScanningEnabled": True,
        "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
        "scanResultCondition": {"maximumSeverityLabel": "HIGH"},
    }
    arn = Kit().make(imageScanningConfiguration=scanning)
    assert look_until(arn, "FAILED")["scanState"] == {"status": "COMPLETED"}
    CLIENT.retry_image(imageBuildVersionArn=arn)
    seen = [look(arn) for _ in range(2)]
    assert [one["state"]["status"] for one in seen] == ["TESTING", "DISTRIBUTING"]
    assert [one["scanState"]["status"] for one in seen] == ["SCANNING", "COMPLETED"]
