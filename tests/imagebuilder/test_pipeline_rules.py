"""What a pipeline can be made of, and what not; each holds for updates as for creations."""

import pytest

from tests.imagebuilder.built_factory import create_workflow
from tests.imagebuilder.factory import (
    AMAZON,
    ARN,
    container_recipe,
    missing,
    refused,
    wrong,
)
from tests.imagebuilder.pipeline_factory import (
    get,
    listed,
    parents,
    pipeline,
    scheduled,
    start,
    update,
)

TOGETHER = "InvalidParameterCombinationException"
VALUE = "InvalidParameterValueException"
ROLE = "arn:aws:iam::123456789012:role/runner"
WITH_PARAMETERS = """\
name: with-parameters
schemaVersion: 1.0
parameters:
  - {name: size, type: integer}
  - {name: where, type: string, default: here}
steps:
  - name: Launch
    action: LaunchInstance
    inputs: {waitFor: ssmAgent}
"""


@pytest.fixture
def made(mb):
    """What pipelines need: a recipe of each kind and an infrastructure configuration."""
    parents()
    container_recipe()
    return mb


def check_refused(code, message, **changes):
    """Expect that neither a creation nor an update takes *changes*, and that nothing changes."""
    with refused(code, message):
        pipeline(**changes)
    with refused(code, message):
        pipeline(**changes, dryRun=True)
    arn = pipeline("other", description="old")
    before = get(arn)
    with refused(code, message):
        update(arn, **changes)
    assert get(arn) == before
    assert len(listed()) == 1


def check_taken(**changes):
    """Expect that a creation and an update take *changes*, and show them."""
    given = {name: value for name, value in changes.items() if value is not None}
    arn = pipeline(**changes)
    assert get(arn) | given == get(arn)
    update(arn, **changes)
    assert get(arn) | given == get(arn)


def flow(arn=f"{AMAZON}:workflow/test/test-image/x.x.x", **settings):
    """Return ``workflows`` with one of Amazon's tests, if nothing else is said."""
    return [{"workflowArn": arn, **settings}]


# Recipes


@pytest.mark.model
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"imageRecipeArn": None}, id="none"),
        pytest.param({"containerRecipeArn": f"{ARN}:container-recipe/web/1.0.0"}, id="two"),
    ],
)
def test_there_has_to_be_one_recipe(made, changes):
    sentence = "You must specify either imageRecipeArn or containerRecipeArn, but not both."
    check_refused(TOGETHER, wrong("imageRecipeArn", sentence), **changes)


@pytest.mark.docs
@pytest.mark.parametrize("version", ["x.2.x", "1.x.8", "x.x.1"])
def test_an_x_that_stands_where_none_may(made, version):
    sentence = "The supplied semantic version does not follow the required format."
    arn = f"{ARN}:image-recipe/web/{version}"
    check_refused(VALUE, wrong("imageRecipeArn", sentence), imageRecipeArn=arn)


@pytest.mark.docs
@pytest.mark.parametrize("version", ["1.0.0", "1.0.x", "1.x.x", "x.x.x"])
def test_recipes_that_can_be_named(made, version):
    check_taken(imageRecipeArn=f"{ARN}:image-recipe/web/{version}")


@pytest.mark.docs
def test_a_container_recipe_with_an_x(made):
    check_taken(imageRecipeArn=None, containerRecipeArn=f"{ARN}:container-recipe/web/x.x.x")


# Schedules


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("expression", "details"),
    [
        pytest.param(
            "cron(0 0 * * *)",
            "Invalid CRON expression: error at position 9, details: Unexpected end of expression.",
            id="five fields",
        ),
        pytest.param(
            "cron(0 0 * * SUN)",
            "Invalid CRON expression: error at position 11, details: Unexpected end of expression.",
            id="as old examples have it",
        ),
    ],
)
def test_what_is_said_about_five_fields(made, expression, details):
    sentence = f"Invalid schedule expression. Details: {details}"
    message = wrong("schedule.scheduleExpression", sentence)
    check_refused(VALUE, message, schedule=scheduled(expression))


@pytest.mark.docs
@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("0 0 * * ? *", id="bare, as in the console"),
        pytest.param("cron(0 0 * * * *)", id="no question mark"),
        pytest.param("cron(0 0 ? * ? *)", id="two question marks"),
        pytest.param("cron(60 0 * * ? *)", id="minute"),
        pytest.param("cron(0 0 ? * 0 *)", id="weekday 0"),
        pytest.param("cron(0 0 * * ? 2200)", id="year"),
        pytest.param("rate(0 days)", id="not at all"),
        pytest.param("rate(1 days)", id="plural"),
        pytest.param("rate(30 seconds)", id="faster than a minute"),
        pytest.param("rate(1 day) ", id="space after it"),
        pytest.param("at(2030-01-01T00:00:00)", id="once"),
        pytest.param("cron(\n0 0 * * ? *)", id="line break"),
        pytest.param("cron(" + "(" * 1000 + ")", id="hostile"),
    ],
)
def test_expressions_that_are_none(made, expression):
    with refused(parameter="schedule.scheduleExpression"):
        pipeline(schedule=scheduled(expression))
    pipeline()
    with refused(parameter="schedule.scheduleExpression"):
        update(schedule=scheduled(expression))
    assert "schedule" not in get()


@pytest.mark.inferred
def test_a_schedule_without_an_expression(made):
    sentence = "You must specify a schedule expression."
    message = wrong("schedule.scheduleExpression", sentence)
    check_refused(VALUE, message, schedule={"timezone": "Etc/UTC"})


@pytest.mark.docs
@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        pytest.param("cron(1 0 * * ? *)", None, id="every day"),
        pytest.param("cron(0 9 ? * mon-fri *)", "America/Los_Angeles", id="working days"),
        pytest.param("cron(0 18 L * ? *)", "Etc/UTC", id="last of the month"),
        pytest.param("cron(0 0 ? * 6#3 2030-2040)", "Europe/Berlin", id="third Friday"),
        pytest.param("rate(1 day)", None, id="every 24 hours"),
        pytest.param("rate(90 minutes)", "UTC", id="minutes"),
    ],
)
def test_schedules(made, expression, zone):
    check_taken(schedule=scheduled(expression, timezone=zone))
    assert get()["schedule"] == scheduled(expression, timezone=zone)


@pytest.mark.inferred
@pytest.mark.parametrize("zone", ["Mars/Olympus", "posix/UTC", "localtime"])
def test_time_zones_that_are_none(made, zone):
    message = wrong("schedule.timezone", f"There is no time zone '{zone}'.")
    check_refused(VALUE, message, schedule=scheduled("rate(1 day)", timezone=zone))


# Workflows


@pytest.mark.recorded
@pytest.mark.parametrize("version", ["1.0.0", "1.0.0/1", "1.x.x", "1.0.x"])
def test_amazons_workflows_have_no_version(made, version):
    message = wrong(
        "workflows",
        "AWS managed workflows must have latest version 'x.x.x' for '{workflow_arn_str}'",
    )
    arn = f"{AMAZON}:workflow/build/build-image/{version}"
    check_refused(VALUE, message, workflows=flow(arn), executionRole=ROLE)


@pytest.mark.model
def test_workflows_need_a_role(made):
    sentence = "You must specify an execution role when you specify workflows."
    check_refused(TOGETHER, wrong("executionRole", sentence), workflows=flow())


@pytest.mark.model
@pytest.mark.parametrize("kind", ["build/build-image", "distribution/distribute-container"])
@pytest.mark.parametrize("setting", [{"parallelGroup": "one"}, {"onFailure": "CONTINUE"}])
def test_settings_for_tests_only(made, kind, setting):
    workflows = flow(f"{AMAZON}:workflow/{kind}/x.x.x", **setting)
    (name,) = setting
    message = wrong(f"workflows[0].{name}", f"You can specify {name} only for test workflows.")
    check_refused(TOGETHER, message, workflows=workflows, executionRole=ROLE)


@pytest.mark.inferred
def test_workflows_that_are_missing(made):
    for arn in (
        f"{AMAZON}:workflow/build/nobodys/x.x.x",
        f"{ARN}:workflow/build/nobodys/1.0.0",
        f"{ARN}:workflow/build/nobodys/x.x.x".replace("123456789012", "210987654321"),
    ):
        with missing():
            pipeline(workflows=flow(arn), executionRole=ROLE)


@pytest.mark.recorded
@pytest.mark.parametrize(
    "workflows",
    [
        pytest.param(flow(), id="a test alone"),
        pytest.param(flow(parallelGroup="a", onFailure="ABORT"), id="in a group"),
        pytest.param(flow(f"{ARN}:workflow/build/flow/1.0.0"), id="a version of one's own"),
        pytest.param(flow(f"{ARN}:workflow/build/flow/1.0.0/1"), id="a build of one's own"),
        pytest.param(flow(f"{ARN}:workflow/build/flow/1.x.x"), id="with an x"),
    ],
)
@pytest.mark.parametrize("role", [ROLE, "runner"])
def test_workflows(made, workflows, role):
    create_workflow()
    check_taken(workflows=workflows, executionRole=role)
    start()


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        pytest.param(
            {"size": ["1"], "colour": ["red"]},
            "The following parameters are not defined in the provided workflow: colour",
            id="unknown",
        ),
        pytest.param(
            {}, "The following parameters are required by the provided workflow: size", id="missing"
        ),
        pytest.param(
            {"size": ["big"]},
            "The following parameters have values of the wrong type for the provided workflow: "
            "size",
            id="type",
        ),
    ],
)
def test_parameters_that_are_not_those_of_the_workflow(made, parameters, sentence):
    create_workflow(data=WITH_PARAMETERS)
    given = [{"name": name, "value": value} for name, value in parameters.items()]
    workflows = flow(f"{ARN}:workflow/build/flow/x.x.x", **({"parameters": given} if given else {}))
    message = wrong("workflows[0].parameters", sentence)
    check_refused(TOGETHER, message, workflows=workflows, executionRole=ROLE)


@pytest.mark.docs
def test_parameters_of_a_workflow(made):
    create_workflow(data=WITH_PARAMETERS)
    given = [{"name": "size", "value": ["3"]}]
    workflows = flow(f"{ARN}:workflow/build/flow/x.x.x", parameters=given)
    check_taken(workflows=workflows, executionRole=ROLE)


# Logs


@pytest.mark.docs
@pytest.mark.parametrize("member", ["imageLogGroupName", "pipelineLogGroupName"])
@pytest.mark.parametrize("group", ["mine", "/aws/imagebuilder", "/AWS/imagebuilder/x"])
def test_log_groups_that_need_a_role(made, member, group):
    sentence = (
        "You must specify an execution role when you specify a log group outside of "
        "/aws/imagebuilder/."
    )
    logging = {member: group}
    message = wrong(f"loggingConfiguration.{member}", sentence)
    check_refused(TOGETHER, message, loggingConfiguration=logging)
    pipeline(loggingConfiguration=logging, executionRole=ROLE)


@pytest.mark.docs
@pytest.mark.parametrize("member", ["imageLogGroupName", "pipelineLogGroupName"])
def test_log_groups_that_need_none(made, member):
    check_taken(loggingConfiguration={member: "/aws/imagebuilder/x"})


# Scans


@pytest.mark.model
@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        pytest.param(
            {
                "imageScanningConfiguration": {"imageScanningEnabled": True},
                "imageTestsConfiguration": {"imageTestsEnabled": False},
            },
            "imageScanningConfiguration",
            id="scans without tests",
        ),
        pytest.param(
            {
                "imageRecipeArn": None,
                "containerRecipeArn": f"{ARN}:container-recipe/web/1.0.0",
                "imageScanningConfiguration": {"imageScanningTypes": ["ON_DEMAND_AMI_CVE"]},
            },
            "imageScanningConfiguration.imageScanningTypes",
            id="AMI scans of containers",
        ),
        pytest.param(
            {
                "imageScanningConfiguration": {
                    "imageScanningTypes": ["TEST_INSTANCE_CVE"],
                    "scanResultCondition": {"maximumSeverityLabel": "LOW"},
                }
            },
            "imageScanningConfiguration.scanResultCondition",
            id="a condition without the scan",
        ),
    ],
)
def test_scans_that_do_not_go_together(made, changes, parameter):
    with refused(TOGETHER, parameter=parameter):
        pipeline(**changes)
    assert listed() == []


@pytest.mark.model
@pytest.mark.parametrize(
    "scanning",
    [
        pytest.param({"imageScanningEnabled": False}, id="none"),
        pytest.param({"imageScanningEnabled": True}, id="scans"),
        pytest.param(
            {
                "imageScanningEnabled": True,
                "ecrConfiguration": {"repositoryName": "scans", "containerTags": ["a"]},
            },
            id="repository",
        ),
        pytest.param(
            {
                "imageScanningEnabled": True,
                "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
                "scanResultCondition": {"maximumSeverityLabel": "LOW"},
            },
            id="condition",
        ),
    ],
)
def test_scans(made, scanning):
    check_taken(imageScanningConfiguration=scanning)


@pytest.mark.docs
def test_no_scans_without_tests(made):
    check_taken(
        imageScanningConfiguration={"imageScanningEnabled": False},
        imageTestsConfiguration={"imageTestsEnabled": False, "timeoutMinutes": 720},
    )
