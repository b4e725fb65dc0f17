"""CreateFleet, BatchGetFleets, ListFleets: what a fleet's record holds."""

import re
from datetime import datetime

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    RAW,
    ROLE,
    create,
    environment,
    make_client,
    refused,
)
from tests.codebuild.fleet_factory import (
    ATTRIBUTES,
    NOWHERE,
    PROXY,
    SCALING,
    VPC,
    delete,
    get,
    make,
    members,
    on_fleet,
)

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.inferred
def test_a_minimal_fleet_comes_back_with_the_defaults(client):
    fleet = make()
    created = fleet.pop("created")
    assert isinstance(created, datetime)
    assert fleet.pop("lastModified") == created
    assert re.fullmatch(UUID, fleet["id"])
    assert fleet == {
        "name": "crew",
        "id": fleet["id"],
        "arn": f"{ARN}:fleet/crew:{fleet['id']}",
        "status": {"statusCode": "CREATING"},
        "baseCapacity": 1,
        "environmentType": "LINUX_CONTAINER",
        "computeType": "BUILD_GENERAL1_SMALL",
        "overflowBehavior": "ON_DEMAND",
        "tags": [],
    }
    assert get() == {**get(), **fleet, "status": {"statusCode": "ACTIVE"}}


@pytest.mark.model
def test_everything_else_comes_back_as_sent(client):
    sent = {
        "baseCapacity": 2,
        "overflowBehavior": "QUEUE",
        "vpcConfig": VPC,
        "proxyConfiguration": PROXY,
        "imageId": "ami-0123456789abcdef0",
        "fleetServiceRole": ROLE,
        "tags": [{"key": "team", "value": "web"}],
        "computeType": "ATTRIBUTE_BASED_COMPUTE",
        "computeConfiguration": ATTRIBUTES,
    }
    fleet = make(**sent)
    assert {member: fleet[member] for member in sent} == sent
    assert {member: get()[member] for member in sent} == sent


@pytest.mark.model
def test_scaling_comes_back_with_the_number_of_machines_that_are_wanted(client):
    fleet = make(baseCapacity=2, scalingConfiguration=SCALING)
    assert fleet["scalingConfiguration"] == {**SCALING, "desiredCapacity": 2}
    assert get()["scalingConfiguration"] == {**SCALING, "desiredCapacity": 2}


@pytest.mark.recorded
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"baseCapacity": 0}, id="no machines"),
        pytest.param({"environmentType": "ARM_CONTAINER"}, id="arm"),
        pytest.param(
            {
                "environmentType": "MAC_ARM",
                "computeType": "BUILD_GENERAL1_MEDIUM",
                "imageId": "aws/codebuild/macos-arm-base:14",
                "overflowBehavior": "QUEUE",
            },
            id="mac",
        ),
        pytest.param({"imageId": "aws/codebuild/amazonlinux-x86_64-standard:2024"}, id="image"),
        pytest.param({"fleetServiceRole": ROLE, "vpcConfig": VPC}, id="vpc"),
        pytest.param({"scalingConfiguration": SCALING}, id="scaling"),
        pytest.param(
            {
                "computeType": "ATTRIBUTE_BASED_COMPUTE",
                "computeConfiguration": {"machineType": "GENERAL"},
            },
            id="any machine",
        ),
        pytest.param(
            {
                "computeType": "CUSTOM_INSTANCE_TYPE",
                "computeConfiguration": {"instanceType": "c5d.12xlarge"},
            },
            id="instance type",
        ),
    ],
)
def test_fleets_that_were_made_with_the_real_service(client, changes):
    fleet = make(**changes)
    assert {member: get()[member] for member in changes if member != "scalingConfiguration"} == {
        member: fleet[member] for member in changes if member != "scalingConfiguration"
    }


COMBINATION = (
    "The environment type {} and compute type {} combination is not supported in us-east-1"
)


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"computeType": "CUSTOM_INSTANCE_TYPE"},
            "Invalid instance type: InstanceType should be a valid EC2 instance type",
            id="no instance type",
        ),
        pytest.param(
            {
                "computeType": "CUSTOM_INSTANCE_TYPE",
                "computeConfiguration": {"instanceType": "large"},
            },
            "Invalid instance type: InstanceType should be a valid EC2 instance type",
            id="no EC2 instance type",
        ),
        pytest.param(
            {
                "computeType": "ATTRIBUTE_BASED_COMPUTE",
                "computeConfiguration": {"memory": 192, "machineType": "NVME"},
            },
            "The specified compute configurations do not match any available instance type",
            id="no such machine",
        ),
        pytest.param(
            {"environmentType": "LINUX_GPU_CONTAINER", "computeType": "BUILD_GENERAL1_MEDIUM"},
            COMBINATION.format("LINUX_GPU_CONTAINER", "BUILD_GENERAL1_MEDIUM"),
            id="combination",
        ),
    ],
)
def test_recorded_texts_of_what_is_refused(client, changes, message):
    with refused("InvalidInputException", message):
        make(**changes)
    assert CLIENT.list_fleets()["fleets"] == []


@pytest.mark.docs
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"environmentType": "LINUX_LAMBDA_CONTAINER", "computeType": "BUILD_LAMBDA_1GB"},
            id="lambda",
        ),
        pytest.param(
            {"environmentType": "WINDOWS_CONTAINER", "computeType": "BUILD_GENERAL1_LARGE"},
            id="old windows",
        ),
        pytest.param({"computeType": "ATTRIBUTE_BASED_COMPUTE"}, id="no attributes"),
        pytest.param(
            {"computeType": "ATTRIBUTE_BASED_COMPUTE", "computeConfiguration": {}},
            id="empty attributes",
        ),
        pytest.param({"vpcConfig": VPC}, id="vpc without a role"),
        pytest.param({"vpcConfig": {"vpcId": "v"}, "fleetServiceRole": ROLE}, id="part of a vpc"),
        pytest.param({"imageId": "ami-1"}, id="own image without a role"),
        pytest.param(
            {
                "environmentType": "MAC_ARM",
                "computeType": "BUILD_GENERAL1_LARGE",
                "proxyConfiguration": PROXY,
            },
            id="proxy on a mac",
        ),
        pytest.param({"tags": [{"key": "aws:x", "value": "1"}]}, id="tag of AWS's own"),
    ],
)
def test_what_the_documentation_rules_out(client, changes):
    with refused("InvalidInputException"):
        make(**changes)


def _rule(kind, entity):
    rule = {"type": kind, "effect": "ALLOW", "entities": [entity]}
    return {"proxyConfiguration": {"orderedProxyRules": [rule]}}


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"baseCapacity": -1}, id="less than no machines"),
        pytest.param({"computeConfiguration": ATTRIBUTES}, id="attributes nobody asks for"),
        pytest.param(
            {"computeType": "ATTRIBUTE_BASED_COMPUTE", "computeConfiguration": {"vCpu": -1}},
            id="less than no processors",
        ),
        pytest.param(
            {"computeType": "ATTRIBUTE_BASED_COMPUTE", "computeConfiguration": {"vCpu": 97}},
            id="too many processors",
        ),
        pytest.param(
            {"computeType": "ATTRIBUTE_BASED_COMPUTE", "computeConfiguration": {"disk": -1}},
            id="less than no disk",
        ),
        pytest.param({"baseCapacity": 6, "scalingConfiguration": SCALING}, id="more than the most"),
        pytest.param({"scalingConfiguration": {"maxCapacity": 0}, "baseCapacity": 0}, id="most 0"),
        pytest.param({"scalingConfiguration": {"targetTrackingScalingConfigs": []}}, id="no most"),
        pytest.param(
            {
                "scalingConfiguration": {
                    "maxCapacity": 2,
                    "targetTrackingScalingConfigs": [{"targetValue": 50}],
                }
            },
            id="target of nothing",
        ),
        pytest.param(
            {
                "scalingConfiguration": {
                    "maxCapacity": 2,
                    "targetTrackingScalingConfigs": [
                        {"metricType": "FLEET_UTILIZATION_RATE", "targetValue": 101}
                    ],
                }
            },
            id="target of more than everything",
        ),
        pytest.param({"fleetServiceRole": "arn:aws:iam::999999999999:role/x"}, id="other account"),
        pytest.param({"fleetServiceRole": "build"}, id="no role"),
        pytest.param({"imageId": "ubuntu:24.04"}, id="no image of a fleet"),
        pytest.param(_rule("IP", "300.0.0.1"), id="no address"),
        pytest.param(_rule("DOMAIN", "http://example.com/"), id="no domain"),
        pytest.param({"tags": [{"key": "a", "value": "1"}] * 2}, id="tag twice"),
        pytest.param({"overflowBehavior": "WAIT"}, id="enum"),
        pytest.param({"name": "-crew"}, id="name"),
    ],
)
def test_what_makes_no_sense(client, changes):
    with refused("InvalidInputException"):
        make(**changes)
    assert CLIENT.list_fleets()["fleets"] == []


@pytest.mark.inferred
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"baseCapacity": 5, "scalingConfiguration": SCALING}, id="base is the most"),
        pytest.param({"scalingConfiguration": {"maxCapacity": 1}}, id="least scaling"),
        pytest.param(_rule("DOMAIN", "*.example.com"), id="any host"),
        pytest.param(_rule("DOMAIN", "localhost"), id="host"),
        pytest.param(_rule("IP", "::1"), id="IPv6"),
        pytest.param(
            {
                "computeType": "ATTRIBUTE_BASED_COMPUTE",
                "computeConfiguration": {"vCpu": 96, "memory": 192},
            },
            id="largest machine",
        ),
    ],
)
def test_what_is_just_right(client, changes):
    make(**changes)
    assert get()["status"]["statusCode"] == "ACTIVE"


@pytest.mark.inferred
@pytest.mark.parametrize(
    "member",
    ["scalingConfiguration", "vpcConfig", "proxyConfiguration", "computeConfiguration"],
)
def test_an_empty_structure_is_none_at_all(client, member):
    assert member not in make(**{member: {}})


@pytest.mark.model
def test_required_members_are_the_servers_to_ask_for_as_well(client):
    for member in members():
        with refused("InvalidInputException"):
            RAW.create_fleet(**members(**{member: None}))


@pytest.mark.model
def test_a_name_that_is_taken(client):
    fleet = make()
    with refused("ResourceAlreadyExistsException", f"Fleet already exists: {fleet['arn']}"):
        make()


@pytest.mark.model
def test_batch_get_knows_names_and_arns(client):
    one, two = make("one"), make("two")
    answer = CLIENT.batch_get_fleets(names=[two["arn"], "none", "one"])
    assert [fleet["arn"] for fleet in answer["fleets"]] == [two["arn"], one["arn"]]
    assert answer["fleetsNotFound"] == ["none"]


@pytest.mark.recorded
def test_batch_get_has_both_lists_even_when_empty(client):
    make()
    assert CLIENT.batch_get_fleets(names=["crew"])["fleetsNotFound"] == []
    assert CLIENT.batch_get_fleets(names=["none"])["fleets"] == []


@pytest.mark.inferred
def test_a_name_that_comes_twice_is_answered_once(client):
    make()
    answer = CLIENT.batch_get_fleets(names=["crew", "crew", "none", "none"])
    assert (len(answer["fleets"]), answer["fleetsNotFound"]) == (1, ["none"])


ELSEWHERE = [
    pytest.param(f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:fleet/crew:{{id}}", id="region"),
    pytest.param("arn:aws:codebuild:us-east-1:999999999999:fleet/crew:{id}", id="account"),
    pytest.param("arn:aws-cn:codebuild:us-east-1:" + ACCOUNT + ":fleet/crew:{id}", id="partition"),
    pytest.param(NOWHERE, id="uuid"),
]


@pytest.mark.inferred
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_an_arn_of_another_place_is_not_this_fleet(client, elsewhere):
    arn = elsewhere.format(id=make()["id"])
    assert CLIENT.batch_get_fleets(names=[arn])["fleetsNotFound"] == [arn]
    with refused("ResourceNotFoundException", f"Fleet cannot be found: {arn}"):
        CLIENT.update_fleet(arn=arn, baseCapacity=2)
    CLIENT.delete_fleet(arn=arn)
    assert get()["baseCapacity"] == 1


@pytest.mark.inferred
@pytest.mark.parametrize("arn", ["crew", f"{ARN}:project/crew", f"{ARN}:fleet/crew", "arn:aws:"])
def test_what_is_no_fleet_arn(client, arn):
    make()
    with refused("InvalidInputException", f"Invalid fleet ARN provided: {arn}"):
        CLIENT.update_fleet(arn=arn, baseCapacity=2)
    with refused("InvalidInputException", f"Invalid fleet ARN provided: {arn}"):
        CLIENT.delete_fleet(arn=arn)


ORDERS = [
    ({}, ["beta", "gamma", "alpha"]),
    ({"sortBy": "CREATED_TIME"}, ["beta", "gamma", "alpha"]),
    ({"sortBy": "CREATED_TIME", "sortOrder": "ASCENDING"}, ["alpha", "gamma", "beta"]),
    ({"sortBy": "NAME", "sortOrder": "ASCENDING"}, ["alpha", "beta", "gamma"]),
    ({"sortBy": "NAME", "sortOrder": "DESCENDING"}, ["gamma", "beta", "alpha"]),
    ({"sortBy": "LAST_MODIFIED_TIME", "sortOrder": "ASCENDING"}, ["gamma", "beta", "alpha"]),
    ({"sortBy": "LAST_MODIFIED_TIME"}, ["alpha", "beta", "gamma"]),
]


@pytest.mark.inferred
@pytest.mark.parametrize(("order", "names"), ORDERS)
def test_lists_have_an_order(mb, order, names):
    arns = {}
    for name in ("alpha", "gamma", "beta"):
        mb.clock.tick(1)
        arns[name] = make(name)["arn"]
    mb.clock.tick(1)
    CLIENT.update_fleet(arn=arns["alpha"], baseCapacity=2)
    assert CLIENT.list_fleets(**order)["fleets"] == [arns[name] for name in names]


@pytest.mark.model
def test_a_list_has_pages(client):
    arns = [make(f"crew-{number}")["arn"] for number in range(5)]
    first = CLIENT.list_fleets(maxResults=3, sortBy="NAME", sortOrder="ASCENDING")
    second = CLIENT.list_fleets(
        maxResults=3, sortBy="NAME", sortOrder="ASCENDING", nextToken=first["nextToken"]
    )
    assert first["fleets"] + second["fleets"] == arns
    assert "nextToken" not in second


@pytest.mark.model
def test_lists_of_nothing(client):
    assert CLIENT.list_fleets()["fleets"] == []


@pytest.mark.docs
def test_regions_and_accounts_have_fleets_of_their_own(mb):
    other = make_client("eu-west-1")
    here, there = make(), other.create_fleet(**members())["fleet"]
    assert there["arn"] == here["arn"].replace("us-east-1", "eu-west-1").replace(
        here["id"], there["id"]
    )
    delete(here)
    assert CLIENT.list_fleets()["fleets"] == []
    assert other.list_fleets()["fleets"] == [there["arn"]]
    stranger = make_client(aws_access_key_id="999999999999", aws_secret_access_key="x")
    assert stranger.batch_get_fleets(names=["crew"])["fleetsNotFound"] == ["crew"]


@pytest.mark.docs
def test_a_seed_makes_ids_reproducible():
    ids = []
    for _ in range(2):
        with mock_codebuild(seed=7):
            ids.append(make()["id"])
    assert ids[0] == ids[1]


@pytest.mark.inferred
@pytest.mark.parametrize(
    "name", ["no-such-fleet", NOWHERE, f"{ARN}:fleet/", "arn:", "x" * 2000, "🚀", "crew\n"]
)
def test_strange_names_are_not_found(client, name):
    make()
    assert CLIENT.batch_get_fleets(names=[name])["fleetsNotFound"] == [name]


@pytest.mark.inferred
@pytest.mark.parametrize(
    "arn", [NOWHERE, "crew", f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:fleet/crew:1"]
)
def test_a_build_for_a_fleet_that_is_not_there_is_refused(web, arn):
    make()
    with refused("InvalidInputException", f"Fleet cannot be found: {arn}"):
        CLIENT.start_build(projectName="web", fleetOverride={"fleetArn": arn})
    assert CLIENT.list_builds()["ids"] == []


@pytest.mark.docs
def test_a_project_on_a_fleet_keeps_it(client):
    fleet = make()
    on_fleet(fleet)
    found = CLIENT.batch_get_projects(names=["web"])["projects"][0]["environment"]
    assert found["fleet"] == {"fleetArn": fleet["arn"]}


@pytest.mark.inferred
@pytest.mark.parametrize("arn", [NOWHERE, "crew"])
def test_a_project_for_a_fleet_that_is_not_there_is_refused(web, arn):
    make()
    elsewhere = environment(fleet={"fleetArn": arn})
    with refused("InvalidInputException", f"Fleet cannot be found: {arn}"):
        create("other", environment=elsewhere)
    with refused("InvalidInputException", f"Fleet cannot be found: {arn}"):
        CLIENT.update_project(name="web", environment=elsewhere)
    assert CLIENT.list_projects()["projects"] == ["web"]


@pytest.mark.inferred
def test_a_project_outlives_its_fleet(client):
    fleet = make()
    on_fleet(fleet)
    delete(fleet)
    changed = CLIENT.update_project(name="web", description="Still here")["project"]
    assert changed["environment"]["fleet"] == {"fleetArn": fleet["arn"]}
    with refused("InvalidInputException", f"Fleet cannot be found: {fleet['arn']}"):
        CLIENT.start_build(projectName="web")
