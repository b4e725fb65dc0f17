"""How fleets move from state to state: settled, stepped, timed, and as test authors want it."""

import time

import pytest
from botocore.session import get_session

from mockbuild import ConfigurationError, mock_codebuild
from mockbuild.domain.fleet_lifecycle import CONTEXTS, FLEET_STATES, GONE
from tests.codebuild.factory import CLIENT, refused
from tests.codebuild.fleet_factory import GONE as NOT_THERE
from tests.codebuild.fleet_factory import delete, get, make, state, update

MAC = {"environmentType": "MAC_ARM", "computeType": "BUILD_GENERAL1_MEDIUM"}
DAY = 86_400


def enum(shape):
    return get_session().get_service_model("codebuild").shape_for(shape).enum


def watch(name="crew", wait=lambda: None, until=("ACTIVE", NOT_THERE)):
    """Look until the fleet is in one of those states; return every state on the way."""
    seen = [state(name)]
    while seen[-1] not in until:
        wait()
        now = state(name)
        if now != seen[-1]:
            seen.append(now)
    return seen


@pytest.mark.model
def test_the_table_has_the_states_and_contexts_of_the_api():
    assert set(FLEET_STATES) == set(enum("FleetStatusCode"))
    assert set(CONTEXTS) == set(enum("FleetContextCode"))


@pytest.mark.docs
def test_every_state_leads_to_another_or_stays():
    for name, step in FLEET_STATES.items():
        assert step.then is None or step.then in {*FLEET_STATES, GONE}, name
        assert step.on_failure is None or step.on_failure in FLEET_STATES, name
        assert (step.seconds > 0) == (step.then is not None), name


@pytest.mark.docs
def test_settled_any_look_sees_the_end(client):
    fleet = make()
    assert fleet["status"] == {"statusCode": "CREATING"}
    assert get()["status"] == {"statusCode": "ACTIVE"}
    assert update(fleet, computeType="BUILD_GENERAL1_LARGE")["status"] == {"statusCode": "UPDATING"}
    assert get()["status"] == {"statusCode": "ACTIVE"}
    delete(fleet)
    assert state() == NOT_THERE
    assert CLIENT.list_fleets()["fleets"] == []


@pytest.mark.inferred
@pytest.mark.parametrize("looked", [True, False], ids=["looked at", "unseen"])
def test_settled_a_name_is_free_as_soon_as_its_fleet_is_deleted(client, looked):
    fleet = make()
    if looked:
        get()
    delete(fleet)
    assert make()["arn"] != fleet["arn"]
    with refused("ResourceNotFoundException"):
        update(fleet, baseCapacity=2)


@pytest.mark.docs
def test_stepped_each_look_moves_one_state_on():
    with mock_codebuild(transitions="stepped"):
        fleet = make()
        assert [fleet["status"]["statusCode"], state(), state()] == ["CREATING", "ACTIVE", "ACTIVE"]
        assert update(fleet, baseCapacity=2)["status"]["statusCode"] == "UPDATING"
        assert [state(), state()] == ["ACTIVE", "ACTIVE"]
        update(fleet, imageId="aws/codebuild/standard:7.0")
        assert [state(), state()] == ["ROTATING", "ACTIVE"]
        delete(fleet)
        assert [state(), state(), state()] == ["PENDING_DELETION", "DELETING", NOT_THERE]


@pytest.mark.docs
@pytest.mark.parametrize("looks", range(3))
def test_stepped_a_fleet_can_be_deleted_at_any_time(looks):
    with mock_codebuild(transitions="stepped"):
        fleet = make()
        for _ in range(looks):
            get()
        delete(fleet)
        assert watch(until=(NOT_THERE,)) == ["PENDING_DELETION", "DELETING", NOT_THERE]


@pytest.mark.docs
def test_stepped_nothing_else_is_a_look():
    with mock_codebuild(transitions="stepped") as mb:
        fleet = make()
        CLIENT.list_fleets()
        mb.clock.tick(hours=1)
        with refused("ResourceAlreadyExistsException"):
            make()
        assert state() == "ACTIVE"
        delete(fleet)
        delete(fleet)
        assert state() == "PENDING_DELETION"


@pytest.mark.docs
def test_timed_states_take_their_time():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make()
        mb.clock.tick(119)
        assert state() == state() == "CREATING"
        mb.clock.tick(2)
        assert state() == "ACTIVE"
        update(fleet, baseCapacity=2)
        mb.clock.tick(61)
        assert state() == "ACTIVE"
        update(fleet, computeType="BUILD_GENERAL1_MEDIUM")
        mb.clock.tick(61)
        assert state() == "ROTATING"
        mb.clock.tick(121)
        assert state() == "ACTIVE"


@pytest.mark.recorded
def test_a_deleted_fleet_is_pending_for_minutes_and_then_gone():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make()
        mb.clock.tick(hours=1)
        delete(fleet)
        assert get()["status"] == {
            "statusCode": "PENDING_DELETION",
            "context": "PENDING_DELETION",
        }
        assert CLIENT.list_fleets()["fleets"] == [fleet["arn"]]
        mb.clock.tick(minutes=9)
        assert state() == "PENDING_DELETION"
        mb.clock.tick(minutes=1)
        assert state() == "DELETING"
        mb.clock.tick(minutes=1)
        assert CLIENT.list_fleets()["fleets"] == []
        assert state() == NOT_THERE


@pytest.mark.recorded
@pytest.mark.parametrize(("age", "pending"), [(3600, DAY - 3600), (DAY, 600)], ids=["young", "old"])
def test_a_mac_is_kept_for_a_day(age, pending):
    with mock_codebuild(transitions="timed") as mb:
        fleet = make(**MAC)
        mb.clock.tick(age)
        delete(fleet)
        mb.clock.tick(pending - 60)
        assert state() == "PENDING_DELETION"
        mb.clock.tick(61)
        assert state() == "DELETING"


@pytest.mark.inferred
def test_timed_a_name_is_taken_until_its_fleet_is_gone():
    with mock_codebuild(transitions="timed") as mb:
        fleet = make()
        delete(fleet)
        with refused("ResourceAlreadyExistsException"):
            make()
        with refused("InvalidInputException", f"Fleet is being deleted: {fleet['arn']}"):
            update(fleet, baseCapacity=2)
        mb.clock.tick(hours=1)
        with refused("ResourceNotFoundException"):
            update(fleet, baseCapacity=2)
        delete(fleet)
        assert make()["status"]["statusCode"] == "CREATING"


@pytest.mark.docs
def test_deleting_what_is_not_there_is_no_error(client):
    fleet = make()
    delete(fleet)
    delete(fleet)
    assert set(CLIENT.delete_fleet(arn=fleet["arn"])) == {"ResponseMetadata"}


@pytest.mark.docs
def test_virtual_time_a_waiter_sees_every_state():
    with mock_codebuild(transitions="timed", clock="virtual"):
        begun = time.time()
        fleet = make()
        assert watch(wait=lambda: time.sleep(15)) == ["CREATING", "ACTIVE"]
        assert 120 <= time.time() - begun <= 136
        update(fleet, environmentType="ARM_CONTAINER")
        assert watch(wait=lambda: time.sleep(15)) == ["UPDATING", "ROTATING", "ACTIVE"]
        delete(fleet)
        seen = watch(wait=lambda: time.sleep(15), until=(NOT_THERE,))
        assert seen == ["PENDING_DELETION", "DELETING", NOT_THERE]


@pytest.mark.docs
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_a_creation_that_is_to_fail(transitions):
    with mock_codebuild(transitions=transitions) as mb:
        mb.fleet("crew").fails_to_create("INSUFFICIENT_CAPACITY", "No Mac is left")
        assert make()["status"] == {"statusCode": "CREATING"}
        mb.clock.tick(minutes=5)
        assert get()["status"] == {
            "statusCode": "CREATE_FAILED",
            "context": "INSUFFICIENT_CAPACITY",
            "message": "No Mac is left",
        }
        make("other")
        mb.clock.tick(minutes=5)
        assert state("other") == "ACTIVE"


@pytest.mark.docs
def test_a_fleet_that_failed_can_be_deleted_and_made_again(mb):
    mb.fleet("crew").fails_to_create()
    fleet = make()
    assert get()["status"]["context"] == "CREATE_FAILED"
    delete(fleet)
    mb.fleet("crew")
    make()
    assert state() == "ACTIVE"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("rolls_back", "ends_as"), [(True, "ACTIVE"), (False, "UPDATE_ROLLBACK_FAILED")]
)
@pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])
def test_an_update_that_is_to_fail(transitions, rolls_back, ends_as):
    with mock_codebuild(transitions=transitions) as mb:
        fleet = make()
        mb.clock.tick(minutes=5)
        before = get()
        mb.fleet("crew").fails_to_update(message="No machine fits", rolls_back=rolls_back)
        answer = update(fleet, baseCapacity=3)
        assert (answer["baseCapacity"], answer["status"]) == (3, {"statusCode": "UPDATING"})
        mb.clock.tick(minutes=5)
        after = get()
        assert after == {
            **before,
            "lastModified": answer["lastModified"],
            "status": {
                "statusCode": ends_as,
                "context": "UPDATE_FAILED",
                "message": "No machine fits",
            },
        }


@pytest.mark.docs
def test_a_status_can_say_more(mb):
    mb.fleet("crew").shows("ACTION_REQUIRED", "The role has gone")
    make()
    assert get()["status"] == {
        "statusCode": "ACTIVE",
        "context": "ACTION_REQUIRED",
        "message": "The role has gone",
    }


@pytest.mark.docs
def test_a_status_can_say_more_in_any_state():
    with mock_codebuild(transitions="stepped") as mb:
        mb.fleet("crew").shows("INSUFFICIENT_CAPACITY", state="CREATING").shows(
            "ACTION_REQUIRED", state="PENDING_DELETION"
        )
        fleet = make()
        assert fleet["status"] == {"statusCode": "CREATING", "context": "INSUFFICIENT_CAPACITY"}
        delete(fleet)
        assert get()["status"]["context"] == "ACTION_REQUIRED"


@pytest.mark.docs
def test_states_can_take_longer():
    with mock_codebuild(transitions="timed") as mb:
        mb.fleet("crew").takes(minutes=20).takes(30, state="PENDING_DELETION")
        fleet = make(**MAC)
        mb.clock.tick(minutes=19)
        assert state() == "CREATING"
        mb.clock.tick(minutes=1)
        assert state() == "ACTIVE"
        delete(fleet)
        mb.clock.tick(30)
        assert state() == "DELETING"


@pytest.mark.docs
def test_a_script_for_any_fleet_gives_way_to_a_fleets_own(mb):
    mb.fleet().fails_to_create()
    mb.fleet("crew").shows("ACTION_REQUIRED")
    make()
    make("other")
    assert (state(), state("other")) == ("ACTIVE", "CREATE_FAILED")


@pytest.mark.docs
@pytest.mark.parametrize(
    "say",
    [
        lambda fleet: fleet.fails_to_create("BROKEN"),
        lambda fleet: fleet.fails_to_update("BROKEN"),
        lambda fleet: fleet.shows("BROKEN"),
        lambda fleet: fleet.shows("ACTION_REQUIRED", state="GONE"),
        lambda fleet: fleet.takes(5, state="ASLEEP"),
        lambda fleet: fleet.takes(5, state="ACTIVE"),
        lambda fleet: fleet.takes(-1),
        lambda fleet: fleet.takes(float("inf")),
        lambda fleet: fleet.takes(float("nan")),
    ],
)
def test_scripts_that_make_no_sense(mb, say):
    with pytest.raises(ConfigurationError):
        say(mb.fleet("crew"))
