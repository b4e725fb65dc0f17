"""The twelve operations with generated requests: valid ones, and ones with a single fault."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockbuild import mock_codebuild
from tests.codebuild.factory import ACCOUNT, CLIENT, RAW, create, members, start
from tests.model_strategies import Fault, faults, inputs, minimal_input

pytestmark = pytest.mark.model

MODEL = CLIENT.meta.service_model
METHODS = {
    "CreateProject": "create_project",
    "UpdateProject": "update_project",
    "DeleteProject": "delete_project",
    "BatchGetProjects": "batch_get_projects",
    "ListProjects": "list_projects",
    "StartBuild": "start_build",
    "StopBuild": "stop_build",
    "RetryBuild": "retry_build",
    "BatchGetBuilds": "batch_get_builds",
    "BatchDeleteBuilds": "batch_delete_builds",
    "ListBuilds": "list_builds",
    "ListBuildsForProject": "list_builds_for_project",
}
#: What a request may be answered with that the model finds valid.
EXPECTED = {
    "InvalidInputException",
    "ResourceNotFoundException",
    "ResourceAlreadyExistsException",
    "AccountLimitExceededException",
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


def at_home(name: str, params: dict[str, Any], build_id: str) -> dict[str, Any]:
    """Let a generated request be about what is there, so that it gets further."""
    params = dict(params)
    if name in ("StopBuild", "RetryBuild"):
        params["id"] = build_id
    if name in ("BatchGetBuilds", "BatchDeleteBuilds"):
        params["ids"] = [build_id, *(f"x:{one}" for one in params["ids"])][:100]
    if "projectName" in params:
        params["projectName"] = "web"
    if name in ("UpdateProject", "DeleteProject"):
        params["name"] = "web"
    for role in ("serviceRole", "serviceRoleOverride"):
        if role in params:
            params[role] = f"arn:aws:iam::{ACCOUNT}:role/x"
    return params


@pytest.mark.parametrize("name", METHODS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_valid_requests_are_answered(name, data):
    params = data.draw(inputs(MODEL.operation_model(name)))
    home = data.draw(st.booleans())
    with mock_codebuild():
        create()
        build = start()
        if home:
            params = at_home(name, params, build["id"])
        assert answer(name, params) in {None, *EXPECTED}
        # Whatever was made of it can be looked at, and still be built.
        CLIENT.batch_get_builds(ids=CLIENT.list_builds()["ids"] or ["x:y"])
        for project in CLIENT.list_projects()["projects"]:
            CLIENT.batch_get_projects(names=[project])
            assert answer("StartBuild", {"projectName": project}) in {None, *EXPECTED}
        CLIENT.batch_get_builds(ids=CLIENT.list_builds()["ids"] or ["x:y"])


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
        answer("StartBuild", {**at_home("StartBuild", wanted, ""), "projectName": "web"})
        ids = CLIENT.list_builds()["ids"]
        for build in CLIENT.batch_get_builds(ids=ids)["builds"] if ids else ():
            assert build["buildComplete"] is True


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_single_faults_are_refused(mb, name, fault: Fault):
    create("web")
    assert answer(name, fault.params) == "InvalidInputException"
    assert CLIENT.list_projects()["projects"] == ["web"]
    assert CLIENT.list_builds()["ids"] == []


@pytest.mark.parametrize("name", METHODS)
def test_the_least_request_is_not_refused_by_the_model(mb, name):
    with mock_codebuild():
        params = minimal_input(MODEL.operation_model(name))
        response = error_of(name, params)
        assert response is None or "validation error" not in response["Error"]["Message"]


def test_there_are_faults_of_every_kind():
    rules = {param.values[1].rule for param in FAULTS}
    assert rules >= {"required", "enum", "pattern", "min_length", "max_length", "max_value"}
    assert {param.values[0] for param in FAULTS} >= {"CreateProject", "StartBuild", "StopBuild"}


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
