"""The tables of images', workflows' and lifecycle executions' lives."""

from itertools import pairwise

import botocore.session
import pytest

from mockbuild.domain import image_lifecycle
from mockbuild.domain.image_lifecycle import (
    AVAILABLE,
    CONTAINER_UPDATES,
    COURSES,
    ENDS,
    FIRST,
    IMAGE_STATES,
    LIFECYCLE_EXECUTION_STATUSES,
    LIFECYCLE_RESOURCE_STATUSES,
    MAKING,
    POLICY_ACTIONS,
    POSSIBLE,
    RESTING,
    ROLLBACK_STATUSES,
    SCAN_STATUSES,
    STEP_STATUSES,
    UPDATES,
    WORKFLOW_STATUSES,
    is_final,
    leads_to,
)

MODEL = botocore.session.get_session().get_service_model("imagebuilder")


def enum(shape):
    return set(MODEL.shape_for(shape).enum)


TABLES = {
    "ImageStatus": {name: leads_to(name) for name in IMAGE_STATES},
    "WorkflowStepExecutionStatus": STEP_STATUSES,
    "WorkflowStepExecutionRollbackStatus": ROLLBACK_STATUSES,
    "WorkflowExecutionStatus": WORKFLOW_STATUSES,
    "LifecycleExecutionStatus": LIFECYCLE_EXECUTION_STATUSES,
    "LifecycleExecutionResourceStatus": LIFECYCLE_RESOURCE_STATUSES,
    "ImageScanStatus": SCAN_STATUSES,
}
#: Those that may begin otherwise: a step that needs no rolling back, a paused execution.
ALSO_FIRST = {"WorkflowStepExecutionRollbackStatus": {"SKIPPED"}}


@pytest.mark.model
@pytest.mark.parametrize("shape", TABLES)
def test_the_statuses_are_those_of_the_model(shape):
    assert set(TABLES[shape]) == enum(shape)


@pytest.mark.model
@pytest.mark.parametrize("shape", TABLES)
def test_every_status_leads_to_others_of_its_table(shape):
    table = TABLES[shape]
    for status, following in table.items():
        assert following <= set(table) - {status}


@pytest.mark.docs
@pytest.mark.parametrize("shape", TABLES)
def test_every_status_can_be_reached_and_left_for_a_final_one(shape):
    table = TABLES[shape]

    def reach(*starts):
        found, ahead = set(), set(starts)
        while ahead:
            found |= ahead
            ahead = {after for status in ahead for after in table[status]} - found
        return found

    first = next(iter(table))
    assert reach(first, *ALSO_FIRST.get(shape, ())) == set(table)
    for status in table:
        assert any(is_final(table, after) for after in reach(status))


# Images


@pytest.mark.model
def test_the_members_of_the_tables_are_the_models():
    assert set(UPDATES) == enum("ResourceStatus")
    assert enum("ResourceStatus") >= CONTAINER_UPDATES
    actions = MODEL.shape_for("LifecyclePolicyDetailAction").members["type"].enum
    assert set(POLICY_ACTIONS) == set(actions)
    assert {*POSSIBLE, *COURSES} <= set(MODEL.operation_names)


@pytest.mark.docs
def test_the_states_fall_into_three():
    assert MAKING == (
        "PENDING",
        "CREATING",
        "BUILDING",
        "TESTING",
        "DISTRIBUTING",
        "INTEGRATING",
    )
    assert RESTING == ("AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED")
    assert {*MAKING, *RESTING, "DELETED"} == set(IMAGE_STATES)
    assert MAKING[0] == FIRST
    assert set(ENDS) < set(RESTING)


@pytest.mark.docs
@pytest.mark.parametrize("state", MAKING)
def test_making_goes_on_only(state):
    order = (*MAKING, AVAILABLE)
    following = IMAGE_STATES[state].then
    assert all(order.index(after) > order.index(state) for after in following)
    assert leads_to(state) == {*following, "FAILED", "CANCELLED"}


LEADS_TO = {
    "AVAILABLE": {"DEPRECATED", "DISABLED", "DELETED"},
    "DEPRECATED": {"AVAILABLE", "DISABLED", "DELETED"},
    "DISABLED": {"AVAILABLE", "DELETED"},
    "FAILED": {"TESTING", "DISTRIBUTING", "INTEGRATING", "DELETED"},
    "CANCELLED": {"TESTING", "DISTRIBUTING", "INTEGRATING", "DELETED"},
    "DELETED": set(),
}


@pytest.mark.docs
@pytest.mark.parametrize(("state", "following"), LEADS_TO.items())
def test_what_may_become_of_an_image_that_is_not_being_made(state, following):
    assert leads_to(state) == following


@pytest.mark.recorded
def test_a_build_begins_as_in_its_log():
    assert COURSES["CreateImage"][:3] == ("PENDING", "CREATING", "BUILDING")


@pytest.mark.inferred
@pytest.mark.parametrize("operation", COURSES)
@pytest.mark.parametrize("tests", [True, False], ids=["tests", "no tests"])
def test_every_course_keeps_to_the_table(operation, tests):
    course = [state for state in COURSES[operation] if tests or state != "TESTING"]
    assert course[0] == FIRST
    assert course[-1] == AVAILABLE
    assert all(after in IMAGE_STATES[state].then for state, after in pairwise(course))


@pytest.mark.docs
def test_a_retried_image_goes_on_to_its_end():
    for state in ("TESTING", "DISTRIBUTING", "INTEGRATING"):
        course = COURSES["CreateImage"]
        rest = course[course.index(state) :]
        assert all(after in IMAGE_STATES[one].then for one, after in pairwise(rest))


STATES = list(IMAGE_STATES)
ALLOWED = {
    "CancelImageCreation": STATES[:6],
    "RetryImage": ["FAILED", "CANCELLED"],
    "DeleteImage": ["AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED"],
    "StartResourceStateUpdate": ["AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED"],
}


@pytest.mark.docs
@pytest.mark.parametrize("operation", ALLOWED)
@pytest.mark.parametrize("state", STATES)
def test_when_an_operation_is_possible(operation, state):
    assert (state in POSSIBLE[operation]) is (state in ALLOWED[operation])


@pytest.mark.inferred
def test_only_an_available_image_can_be_distributed():
    assert POSSIBLE["DistributeImage"] == {"AVAILABLE"}


@pytest.mark.docs
@pytest.mark.parametrize(
    ("target", "sources"),
    [
        ("AVAILABLE", {"DEPRECATED", "DISABLED"}),
        ("DEPRECATED", {"AVAILABLE"}),
        ("DISABLED", {"AVAILABLE", "DEPRECATED"}),
        ("DELETED", {"AVAILABLE", "DEPRECATED", "DISABLED", "FAILED", "CANCELLED"}),
    ],
)
def test_what_an_update_may_set(target, sources):
    assert UPDATES[target] == sources
    assert sources <= POSSIBLE["StartResourceStateUpdate"]


@pytest.mark.docs
def test_actions_of_policies_in_their_order():
    assert list(POLICY_ACTIONS) == ["DEPRECATE", "DISABLE", "DELETE"]
    for action in POLICY_ACTIONS.values():
        assert action.applies
        assert all(action.sets in leads_to(state) for state in action.applies)
    skipped = {name: set(RESTING) - action.applies for name, action in POLICY_ACTIONS.items()}
    assert skipped == {
        "DEPRECATE": {"DEPRECATED", "DISABLED", "FAILED", "CANCELLED"},
        "DISABLE": {"DISABLED", "FAILED", "CANCELLED"},
        "DELETE": set(),
    }


# Executions


@pytest.mark.docs
@pytest.mark.parametrize(
    ("table", "final"),
    [
        (
            "WORKFLOW_STATUSES",
            {"COMPLETED", "FAILED", "ROLLBACK_COMPLETED", "CANCELLED", "SKIPPED"},
        ),
        ("STEP_STATUSES", {"COMPLETED", "FAILED", "CANCELLED", "SKIPPED"}),
        ("ROLLBACK_STATUSES", {"COMPLETED", "FAILED", "SKIPPED"}),
        ("LIFECYCLE_EXECUTION_STATUSES", {"SUCCESS", "FAILED", "CANCELLED"}),
        ("LIFECYCLE_RESOURCE_STATUSES", {"SUCCESS", "FAILED", "SKIPPED"}),
        ("SCAN_STATUSES", {"COMPLETED", "ABANDONED", "FAILED", "TIMED_OUT"}),
    ],
)
def test_how_executions_may_end(table, final):
    statuses = getattr(image_lifecycle, table)
    assert {status for status in statuses if is_final(statuses, status)} == final


@pytest.mark.docs
@pytest.mark.parametrize(
    ("table", "course"),
    [
        (STEP_STATUSES, "PENDING RUNNING COMPLETED"),
        (STEP_STATUSES, "PENDING SKIPPED"),
        (STEP_STATUSES, "PENDING RUNNING FAILED"),
        (WORKFLOW_STATUSES, "PENDING RUNNING COMPLETED"),
        (WORKFLOW_STATUSES, "PENDING RUNNING ROLLBACK_IN_PROGRESS ROLLBACK_COMPLETED"),
        (WORKFLOW_STATUSES, "PENDING RUNNING FAILED"),
        (LIFECYCLE_EXECUTION_STATUSES, "IN_PROGRESS PENDING IN_PROGRESS SUCCESS"),
        (LIFECYCLE_EXECUTION_STATUSES, "IN_PROGRESS CANCELLING CANCELLED"),
        (LIFECYCLE_EXECUTION_STATUSES, "PENDING CANCELLING CANCELLED"),
        (LIFECYCLE_RESOURCE_STATUSES, "IN_PROGRESS SKIPPED"),
        (SCAN_STATUSES, "PENDING SCANNING COLLECTING COMPLETED"),
        (SCAN_STATUSES, "PENDING SCANNING ABANDONED"),
    ],
)
def test_courses_that_are_documented(table, course):
    assert all(after in table[status] for status, after in pairwise(course.split()))


@pytest.mark.docs
@pytest.mark.parametrize(
    ("table", "course"),
    [
        (STEP_STATUSES, "PENDING COMPLETED"),
        (STEP_STATUSES, "COMPLETED RUNNING"),
        (WORKFLOW_STATUSES, "FAILED ROLLBACK_IN_PROGRESS"),
        (WORKFLOW_STATUSES, "COMPLETED ROLLBACK_IN_PROGRESS"),
        (LIFECYCLE_EXECUTION_STATUSES, "CANCELLING SUCCESS"),
        (LIFECYCLE_EXECUTION_STATUSES, "SUCCESS CANCELLING"),
        (SCAN_STATUSES, "COMPLETED ABANDONED"),
        (TABLES["ImageStatus"], "PENDING BUILDING"),
        (TABLES["ImageStatus"], "AVAILABLE FAILED"),
        (TABLES["ImageStatus"], "AVAILABLE CANCELLED"),
        (TABLES["ImageStatus"], "FAILED AVAILABLE"),
        (TABLES["ImageStatus"], "DISABLED DEPRECATED"),
        (TABLES["ImageStatus"], "DELETED AVAILABLE"),
        (TABLES["ImageStatus"], "BUILDING DELETED"),
    ],
)
def test_what_must_not_follow(table, course):
    status, after = course.split()
    assert after not in table[status]
