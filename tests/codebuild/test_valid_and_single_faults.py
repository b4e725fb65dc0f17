"""Every operation with generated requests: valid ones, and ones with a single fault."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import GRAPH
from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, ROLE, create, members, run
from tests.model_strategies import Fault, faults, inputs, minimal_input

pytestmark = pytest.mark.model

MODEL = CLIENT.meta.service_model
METHODS = {name: xform_name(name) for name in MODEL.operation_names}
#: What a request may be answered with that the model finds valid.
EXPECTED = {
    "InvalidInputException",
    "ResourceNotFoundException",
    "ResourceAlreadyExistsException",
    "AccountLimitExceededException",
    "ValidationException",  # recorded of CreateWebhook, which passes it on
}
FAULTS = [
    pytest.param(name, fault, id=f"{name}-{fault.path}-{fault.rule}")
    for name in METHODS
    for fault in faults(MODEL.operation_model(name))
]


def answer(name: str, params: dict[str, Any]) -> str | None:
    """Call an operation; return the code of its error, or ``None``."""
    response = error_of(name, params)
    if response is None:
        return None
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert isinstance(response["Error"]["Message"], str)
    return response["Error"]["Code"]


def error_of(name: str, params: dict[str, Any]) -> Any:
    """Call an operation; return its error response, or ``None``."""
    try:
        getattr(RAW, METHODS[name])(**params)
    except ClientError as error:
        return error.response
    return None


@dataclass
class Home:
    """One of everything, so that generated requests can be about what is there."""

    build: str
    batch: str
    group: str
    report: str
    fleet: str
    sandbox: str
    execution: str
    credential: str

    @property
    def members(self) -> dict[str, Any]:
        """What to put into members of these names, whichever operation they are of."""
        return {
            "projectName": "web",
            "projectArn": f"{ARN}:project/web",
            "resourceArn": self.group,
            "reportGroupArn": self.group,
            "reportGroupArns": [self.group],
            "reportArn": self.report,
            "reportArns": [self.report],
            "sandboxId": self.sandbox,
            "commandExecutionIds": [self.execution],
        }

    def of(self, name: str) -> dict[str, Any]:
        """What to put into members of one operation."""
        own: dict[str, dict[str, Any]] = {
            "UpdateProject": {"name": "web"},
            "DeleteProject": {"name": "web"},
            "BatchGetProjects": {"names": ["web"]},
            "StopBuild": {"id": self.build},
            "RetryBuild": {"id": self.build},
            "BatchGetBuilds": {"ids": [self.build, "x:y"]},
            "BatchDeleteBuilds": {"ids": [self.build, "x:y"]},
            "StopBuildBatch": {"id": self.batch},
            "RetryBuildBatch": {"id": self.batch},
            "DeleteBuildBatch": {"id": self.batch},
            "BatchGetBuildBatches": {"ids": [self.batch]},
            "UpdateReportGroup": {"arn": self.group},
            "DeleteReportGroup": {"arn": self.group},
            "DeleteReport": {"arn": self.report},
            "UpdateFleet": {"arn": self.fleet},
            "DeleteFleet": {"arn": self.fleet},
            "BatchGetFleets": {"names": [self.fleet]},
            "StopSandbox": {"id": self.sandbox},
            "BatchGetSandboxes": {"ids": [self.sandbox]},
            "DeleteSourceCredentials": {"arn": self.credential},
        }
        return own.get(name, {})


def build_home(mb: Any) -> Home:
    """Make one of everything."""
    source = {"type": "GITHUB", "location": "https://github.com/octo/web", "buildspec": GRAPH}
    credential = CLIENT.import_source_credentials(
        token="t", serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN"
    )
    create(source=source, buildBatchConfig={"serviceRole": ROLE})
    CLIENT.create_webhook(projectName="web")
    mb.script("web").reports("unit", passed=2, failed=["test_login"])
    build = run()
    report = build["reportArns"][0]
    group = CLIENT.batch_get_reports(reportArns=[report])["reports"][0]["reportGroupArn"]
    batch = CLIENT.start_build_batch(projectName="web")["buildBatch"]["id"]
    fleet = CLIENT.create_fleet(
        name="fleet",
        baseCapacity=1,
        environmentType="LINUX_CONTAINER",
        computeType="BUILD_GENERAL1_SMALL",
    )["fleet"]["arn"]
    sandbox = CLIENT.start_sandbox(projectName="web")["sandbox"]["id"]
    CLIENT.batch_get_sandboxes(ids=[sandbox])
    execution = CLIENT.start_command_execution(sandboxId=sandbox, command="ls")
    return Home(
        build=build["id"],
        batch=batch,
        group=group,
        report=report,
        fleet=fleet,
        sandbox=sandbox,
        execution=execution["commandExecution"]["id"],
        credential=credential["arn"],
    )


def at_home(name: str, params: dict[str, Any], home: Home) -> dict[str, Any]:
    """Let a generated request be about what is there, so that it gets further."""
    there = {**home.members, **home.of(name)}
    params = {member: there.get(member, value) for member, value in params.items()}
    for role in ("serviceRole", "serviceRoleOverride"):
        if role in params:
            params[role] = f"arn:aws:iam::{ACCOUNT}:role/x"
    return params


def state() -> dict[str, Any]:
    """Return everything that lists show."""
    lists = {
        "list_projects": "projects",
        "list_builds": "ids",
        "list_build_batches": "ids",
        "list_report_groups": "reportGroups",
        "list_reports": "reports",
        "list_fleets": "fleets",
        "list_sandboxes": "ids",
        "list_source_credentials": "sourceCredentialsInfos",
    }
    return {method: getattr(CLIENT, method)()[key] for method, key in lists.items()}


@pytest.mark.parametrize("name", METHODS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_valid_requests_are_answered(name, data):
    params = data.draw(inputs(MODEL.operation_model(name)))
    with mock_codebuild() as mb:
        home = build_home(mb)
        if data.draw(st.booleans()):
            params = at_home(name, params, home)
        assert answer(name, params) in {None, *EXPECTED}
        # Whatever was made of it can be looked at, and still be built.
        state()
        for project in CLIENT.list_projects()["projects"]:
            CLIENT.batch_get_projects(names=[project])
            assert answer("StartBuild", {"projectName": project}) in {None, *EXPECTED}
        CLIENT.batch_get_builds(ids=CLIENT.list_builds()["ids"] or ["x:y"])
        CLIENT.batch_get_build_batches(ids=CLIENT.list_build_batches()["ids"])


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_projects_and_overrides_that_are_nearly_right(data):
    """Starts from what is accepted and replaces some members by valid ones of any kind."""
    made = data.draw(inputs(MODEL.operation_model("CreateProject")))
    overrides = data.draw(inputs(MODEL.operation_model("StartBuild")))
    optional = data.draw(st.sets(st.sampled_from(sorted(made)), max_size=4))
    chosen = data.draw(st.sets(st.sampled_from(sorted(overrides)), max_size=3))
    changes = {member: made[member] for member in optional - {"name", "serviceRole"}}
    with mock_codebuild():
        if answer("CreateProject", members(**changes)) is not None:
            create()
        wanted = {member: overrides[member] for member in chosen}
        if "serviceRoleOverride" in wanted:
            wanted["serviceRoleOverride"] = ROLE
        answer("StartBuild", {**wanted, "projectName": "web"})
        ids = CLIENT.list_builds()["ids"]
        for build in CLIENT.batch_get_builds(ids=ids)["builds"] if ids else ():
            assert build["buildComplete"] is True


@pytest.fixture(scope="module")
def furnished():
    with mock_codebuild() as mb:
        home = build_home(mb)
        state()  # a look, which settles what is under way
        yield home, state()


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_single_faults_are_refused_and_change_nothing(furnished, name, fault: Fault):
    home, before = furnished
    first = fault.path.partition(".")[0].partition("[")[0]
    there = {**home.members, **home.of(name)}
    params = {
        member: value if member == first else there.get(member, value)
        for member, value in fault.params.items()
    }
    assert answer(name, params) == "InvalidInputException"
    assert state() == before


@pytest.mark.parametrize("name", METHODS)
def test_the_least_request_is_not_refused_by_the_model(mb, name):
    with mock_codebuild():
        params = minimal_input(MODEL.operation_model(name))
        response = error_of(name, params)
        assert response is None or "validation error" not in response["Error"]["Message"]


def test_there_are_faults_of_every_kind():
    rules = {param.values[1].rule for param in FAULTS}
    assert rules >= {"required", "enum", "pattern", "min_length", "max_length", "max_value"}
    named = {param.values[0] for param in FAULTS}
    without = {"ListSourceCredentials", "ListCuratedEnvironmentImages"}  # they take nothing
    assert set(METHODS) - named <= without | {"ListSandboxes"}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"projectName": 1}', b'{"projectName": {}}', b"\xff\xfe", b'"x"'],
)
def test_bytes_that_are_no_request(mb, body):
    def replace(request: Any, **_: Any) -> None:
        request.data = body

    RAW.meta.events.register("request-created.codebuild.StartBuild", replace, unique_id="body")
    try:
        code = answer("StartBuild", {"projectName": "web"})
    finally:
        RAW.meta.events.unregister("request-created.codebuild.StartBuild", unique_id="body")
    assert code in {"SerializationException", "InvalidInputException"}
