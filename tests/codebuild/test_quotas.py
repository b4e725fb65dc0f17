"""Quotas: what there is of everything unless somebody says otherwise, and how to say it."""

import pytest

from mockbuild import ConfigurationError, mock_codebuild
from mockbuild.services.codebuild.quotas import QUOTAS
from mockbuild.services.imagebuilder import quotas as imagebuilder
from mockbuild.services.quotas import snake_case
from tests.codebuild.factory import (
    CLIENT,
    environment,
    make_client,
    refused,
    start,
)
from tests.codebuild.factory import create as create_project
from tests.codebuild.fleet_factory import delete, get, make, members, update
from tests.codebuild.waiting import LINUX_SMALL

LIMIT = "AccountLimitExceededException"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Build projects", "build_projects"),
        (LINUX_SMALL, "concurrently_running_builds_for_linux_small_environment"),
        (
            "Concurrently running builds for ARM Lambda/10GB environment",
            "concurrently_running_builds_for_arm_lambda_10gb_environment",
        ),
        (
            "Concurrently running builds for Linux GPU Large environment",
            "concurrently_running_builds_for_linux_gpu_large_environment",
        ),
        (
            "Concurrently running builds for Linux/2XLarge environment",
            "concurrently_running_builds_for_linux_2xlarge_environment",
        ),
        (
            "Concurrently running builds for Windows Server 2019/Medium environment",
            "concurrently_running_builds_for_windows_server_2019_medium_environment",
        ),
        ("Concurrently running builds", "concurrently_running_builds"),
    ],
)
def test_names_are_those_that_service_quotas_prints(mb, printed, name):
    assert snake_case(printed) == name
    assert QUOTAS[name].printed == printed
    mb.quotas[printed] = 7
    assert mb.quotas[name] == mb.quotas[printed] == 7


@pytest.mark.docs
@pytest.mark.parametrize(("name", "default"), [("build_projects", 5000), ("report_groups", 1000)])
def test_documented_defaults(mb, name, default):
    assert mb.quotas[name] == default


@pytest.mark.docs
def test_nothing_waits_by_default(mb):
    assert [mb.quotas[name] for name in mb.quotas if "running" in name or "queue" in name] == (
        [None] * sum("running" in name or "queue" in name for name in QUOTAS)
    )


@pytest.mark.docs
def test_a_handle_can_be_asked_what_there_is(mb):
    assert list(mb.quotas) == [*QUOTAS, *imagebuilder.QUOTAS]
    assert len(mb.quotas) == len(set(mb.quotas))
    assert "build_projects" in mb.quotas
    assert LINUX_SMALL in mb.quotas
    assert "coffee" not in mb.quotas
    assert 3 not in mb.quotas


@pytest.mark.docs
def test_every_quota_says_where_its_number_is_from():
    assert all(quota.source for quota in QUOTAS.values())
    assert {quota.name for quota in QUOTAS.values()} == set(QUOTAS)


@pytest.mark.docs
@pytest.mark.parametrize("value", [-1, True, 1.5, "3", ()])
def test_values_that_make_no_sense(mb, value):
    with pytest.raises(ConfigurationError, match="quota is"):
        mb.quotas["build_projects"] = value
    assert mb.quotas["build_projects"] == 5000


@pytest.mark.docs
@pytest.mark.parametrize("name", ["projects", "coffee", "", "build projects of mine"])
def test_names_that_there_are_not(mb, name):
    with pytest.raises(ConfigurationError, match="there is no quota"):
        mb.quotas[name] = 1
    with pytest.raises(ConfigurationError, match="there is no quota"):
        mb.quotas[name]
    with pytest.raises(ConfigurationError, match="there is no quota"):
        del mb.quotas[name]


@pytest.mark.docs
def test_a_slip_is_answered_with_the_right_name(mb):
    with pytest.raises(ConfigurationError, match="did you mean 'build_projects'"):
        mb.quotas["build_project"] = 1


@pytest.mark.docs
def test_the_closest_value_holds(mb):
    quotas = mb.quotas
    quotas["fleets"] = 1
    quotas.set("fleets", 2, account_id="123456789012")
    quotas.set("fleets", 3, region="eu-west-1")
    quotas.set("fleets", 4, region="eu-west-1", account_id="999999999999")
    assert quotas["fleets"] == 1
    places = {
        ("123456789012", "us-east-1"): 2,
        ("123456789012", "eu-west-1"): 2,
        ("999999999999", "eu-west-1"): 4,
        ("888888888888", "eu-west-1"): 3,
        ("888888888888", "us-east-1"): 1,
    }
    for (account, region), value in places.items():
        assert quotas.value("fleets", account, region) == value
    del quotas["fleets"]
    assert {quotas.value("fleets", *place) for place in places} == {None}


@pytest.mark.docs
def test_nested_mocks_share_their_quotas(mb):
    mb.quotas["fleets"] = 0
    with mock_codebuild() as same:
        assert same.quotas["fleets"] == 0


@pytest.mark.docs
def test_the_next_mock_has_the_defaults_again():
    with mock_codebuild() as mb:
        mb.quotas["fleets"] = 0
    with mock_codebuild() as mb:
        assert mb.quotas["fleets"] is None
        make()


@pytest.mark.model
def test_too_many_fleets(mb):
    mb.quotas["fleets"] = 1
    fleet = make("one")
    with refused(LIMIT, "Cannot have more than 1 fleets for the account"):
        make("two")
    assert CLIENT.list_fleets()["fleets"] == [fleet["arn"]]
    delete(fleet)
    make("two")


@pytest.mark.docs
def test_quotas_hold_for_each_region_by_itself(mb):
    mb.quotas["fleets"] = 1
    mb.quotas.set("fleets", 0, region="eu-west-1")
    make()
    make_client("ap-southeast-2").create_fleet(**members())
    with refused(LIMIT, "Cannot have more than 0 fleets for the account"):
        make_client("eu-west-1").create_fleet(**members())


@pytest.mark.recorded
def test_too_many_machines_of_one_type(mb):
    mb.quotas["fleet_instances_of_one_type"] = 0
    instance = {"instanceType": "c5d.12xlarge"}
    with refused(LIMIT, "The number of instances of type c5d.12xlarge exceeded limit 0"):
        make(computeType="CUSTOM_INSTANCE_TYPE", computeConfiguration=instance)


SMALL = "BUILD_GENERAL1_SMALL"
TOO_MANY = f"The number of instances of type {SMALL} exceeded limit 3"


@pytest.mark.inferred
def test_machines_count_over_all_fleets(mb):
    mb.quotas["fleet_instances_of_one_type"] = 3
    one = make("one", baseCapacity=2)
    with refused(LIMIT, TOO_MANY):
        make("two", baseCapacity=2)
    make("big", baseCapacity=3, computeType="BUILD_GENERAL1_LARGE")
    two = make("two")
    with refused(LIMIT, TOO_MANY):
        update(two, baseCapacity=2)
    with refused(LIMIT, TOO_MANY):
        update(two, scalingConfiguration={"maxCapacity": 2})
    assert get("two")["baseCapacity"] == 1
    update(two, overflowBehavior="QUEUE")
    update(one, baseCapacity=1)
    get("one")
    update(two, baseCapacity=2)


@pytest.mark.inferred
def test_machines_of_a_fleet_that_changes_its_type_count_there(mb):
    mb.quotas["fleet_instances_of_one_type"] = 3
    make("one", baseCapacity=2)
    two = make("two", baseCapacity=2, computeType="BUILD_GENERAL1_LARGE")
    with refused(LIMIT, TOO_MANY):
        update(two, computeType=SMALL)
    update(two, computeType=SMALL, baseCapacity=1)


@pytest.mark.inferred
def test_machines_of_fleets_that_are_not_there_do_not_count(mb):
    mb.quotas["fleet_instances_of_one_type"] = 1
    mb.fleet("one").fails_to_create()
    make("one")
    get("one")
    delete(make("two"))
    make("three")


@pytest.mark.inferred
def test_what_is_there_already_stays(mb):
    make("one")
    make("two")
    mb.quotas["fleets"] = 1
    assert len(CLIENT.list_fleets()["fleets"]) == 2
    with refused(LIMIT):
        make("three")


@pytest.mark.docs
def test_a_limit_of_a_project_does_not_touch_those_of_the_account(mb):
    mb.quotas[LINUX_SMALL] = 1
    create_project(concurrentBuildLimit=1)
    start()
    with refused(LIMIT, "Cannot have more than 1 active builds for the project"):
        start()
    create_project("other")
    start("other")


@pytest.mark.docs
def test_the_first_call_comes_under_a_quota_that_was_set_before(mb):
    mb.quotas["fleets"] = 0
    with refused(LIMIT):
        make()


@pytest.mark.docs
def test_too_many_projects(mb):
    mb.quotas["build_projects"] = 1
    create_project()
    with refused(LIMIT, "Cannot have more than 1 projects for the account"):
        create_project("other")
    CLIENT.delete_project(name="web")
    create_project("other")


@pytest.mark.docs
def test_a_name_that_is_taken_goes_before_a_quota(mb):
    mb.quotas["build_projects"] = 1
    create_project()
    with refused("ResourceAlreadyExistsException"):
        create_project()


@pytest.mark.docs
def test_too_many_report_groups(mb):
    mb.quotas["report_groups"] = 1
    group = {"type": "TEST", "exportConfig": {"exportConfigType": "NO_EXPORT"}}
    CLIENT.create_report_group(name="one", **group)
    with refused(LIMIT, "Cannot have more than 1 report groups for the account"):
        CLIENT.create_report_group(name="two", **group)


@pytest.mark.model
def test_too_many_source_credentials(mb):
    mb.quotas["source_credentials"] = 1
    token = {"token": "t", "authType": "PERSONAL_ACCESS_TOKEN"}
    CLIENT.import_source_credentials(serverType="GITHUB", **token)
    CLIENT.import_source_credentials(serverType="GITHUB", **token)
    with refused(LIMIT, "Cannot have more than 1 source credentials for the account"):
        CLIENT.import_source_credentials(serverType="BITBUCKET", **token)


TOO_HIGH = "Invalid input: concurrentBuildLimit cannot be more than 2, the limit of the account"


@pytest.mark.docs
def test_a_projects_limit_cannot_be_above_the_accounts(mb):
    mb.quotas[LINUX_SMALL] = 2
    with refused("InvalidInputException", TOO_HIGH):
        create_project(concurrentBuildLimit=3)
    create_project(concurrentBuildLimit=2)
    with refused("InvalidInputException", TOO_HIGH):
        CLIENT.update_project(name="web", concurrentBuildLimit=3)
    create_project(
        "big",
        concurrentBuildLimit=3,
        environment=environment(computeType="BUILD_GENERAL1_LARGE"),
    )


@pytest.mark.docs
def test_without_a_quota_a_projects_limit_can_be_any(mb):
    assert create_project(concurrentBuildLimit=10_000)["concurrentBuildLimit"] == 10_000
