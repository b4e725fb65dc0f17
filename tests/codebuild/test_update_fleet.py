"""UpdateFleet: what changes, what stays, what goes."""

import pytest

from tests.codebuild.factory import (
    ROLE,
    refused,
)
from tests.codebuild.fleet_factory import ATTRIBUTES, PROXY, SCALING, VPC, get, make, update


@pytest.mark.docs
def test_an_update_changes_what_it_names_and_nothing_else(mb):
    fleet = make(tags=[{"key": "team", "value": "web"}], scalingConfiguration=SCALING)
    mb.clock.tick(5)
    answer = update(fleet, baseCapacity=3, overflowBehavior="QUEUE")
    assert answer["status"] == {"statusCode": "UPDATING"}
    shown = get()
    assert shown["created"] == fleet["created"]
    assert (shown["lastModified"] - shown["created"]).total_seconds() >= 5
    assert shown == {
        **fleet,
        "baseCapacity": 3,
        "overflowBehavior": "QUEUE",
        "scalingConfiguration": {**SCALING, "desiredCapacity": 3},
        "lastModified": shown["lastModified"],
        "status": {"statusCode": "ACTIVE"},
    }


@pytest.mark.recorded
@pytest.mark.parametrize(
    "changes",
    [
        {"baseCapacity": 2},
        {"computeType": "BUILD_GENERAL1_MEDIUM"},
        {"environmentType": "ARM_CONTAINER"},
        {"scalingConfiguration": {**SCALING, "maxCapacity": 3}},
        {"tags": [{"key": "team", "value": "web"}]},
        {"vpcConfig": VPC, "fleetServiceRole": ROLE},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_updates_that_were_made_with_the_real_service(client, changes):
    fleet = make()
    update(fleet, **changes)
    shown = get()
    shown.get("scalingConfiguration", {}).pop("desiredCapacity", None)
    assert {member: shown[member] for member in changes} == changes


@pytest.mark.recorded
def test_an_empty_scaling_configuration_clears_it(client):
    fleet = make(scalingConfiguration=SCALING)
    assert "scalingConfiguration" not in update(fleet, scalingConfiguration={})
    assert "scalingConfiguration" not in get()


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("member", "value"), [("vpcConfig", VPC), ("proxyConfiguration", PROXY)], ids=["vpc", "proxy"]
)
def test_other_empty_structures_clear_as_well(client, member, value):
    fleet = make(**{member: value}, fleetServiceRole=ROLE)
    assert member not in update(fleet, **{member: {}})
    assert member not in get()


@pytest.mark.inferred
def test_a_compute_configuration_goes_with_the_type_that_needed_it(client):
    fleet = make(computeType="ATTRIBUTE_BASED_COMPUTE", computeConfiguration=ATTRIBUTES)
    assert "computeConfiguration" not in update(fleet, computeType="BUILD_GENERAL1_SMALL")


@pytest.mark.docs
def test_the_compute_configuration_stays_where_the_type_does(client):
    fleet = make(computeType="ATTRIBUTE_BASED_COMPUTE", computeConfiguration=ATTRIBUTES)
    assert update(fleet, baseCapacity=2)["computeConfiguration"] == ATTRIBUTES


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        {"baseCapacity": 6},
        {"computeType": "BUILD_LAMBDA_1GB"},
        {"imageId": "ami-1"},
        {"computeConfiguration": ATTRIBUTES},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_update_that_does_not_go_with_the_rest_changes_nothing(client, changes):
    fleet = make(scalingConfiguration=SCALING)
    before = get()
    with refused("InvalidInputException"):
        update(fleet, **changes)
    assert get() == before
