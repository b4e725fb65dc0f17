"""Scheduled runs that fail: how they are counted, and when that disables the pipeline."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import CLIENT, RAW, refused
from tests.imagebuilder.pipeline_factory import (
    ALWAYS,
    WEB,
    get,
    images,
    listed,
    move,
    parents,
    pipeline,
    runs,
    scheduled,
    start,
    update,
)

#: What picks the events that a pipeline was disabled.
TOLD = {"detail-type": ["EC2 Image Builder Image Pipeline Automatically Disabled"]}


@pytest.fixture(params=["settled", "timed"])
def daily(request):
    """A mock in 2030, with what pipelines need."""
    with mock_imagebuilder(clock="virtual", transitions=request.param) as mb:
        move(mb, "2030-01-01T00:00")
        parents()
        yield mb


def schedule(*, count=None):
    policy = {} if count is None else {"failureCount": count}
    return scheduled("rate(1 day)", ALWAYS, **policy)


@pytest.mark.model
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(None, 5, id="by default"),
        pytest.param(1, 1, id="the first one"),
        pytest.param(3, 3, id="three"),
        pytest.param(10, 10, id="the most"),
    ],
)
@pytest.mark.parametrize("days", [30, 1], ids=["one jump", "by days"])
def test_so_many_failures_in_a_row_disable_a_pipeline(daily, count, expected, days):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule(count=count))
    seen = []
    for _ in range(30 // days):
        daily.clock.tick(days=days, hours=1)
        seen.append(get()["consecutiveFailures"])
    assert seen[:expected] == list(range(1, expected + 1))[: len(seen)] or days == 30
    assert len(runs()) == expected
    record = get()
    assert record["status"] == "DISABLED"
    assert record["consecutiveFailures"] == expected
    assert record["lastRunStatus"] == "FAILED"
    assert record["dateUpdated"] == record["dateCreated"]  # nobody has updated it
    assert "dateNextRun" not in record
    assert record["schedule"] == schedule(count=count)


@pytest.mark.inferred
def test_a_pipeline_is_disabled_where_each_look_is_a_step():
    with mock_imagebuilder(clock="virtual", transitions="stepped") as mb:
        parents()
        mb.script(image="web").fails_in("BUILDING")
        pipeline(schedule=schedule())
        mb.clock.tick(days=30)
        record = get()
        assert (record["status"], record["consecutiveFailures"]) == ("DISABLED", 5)
        assert len(runs()) == 5
        assert len(mb.events.matching(TOLD)) == 1


@pytest.mark.model
def test_a_list_knows_that_a_pipeline_was_disabled(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule(count=1))
    daily.clock.tick(days=1, hours=1)
    disabled = [{"name": "status", "values": ["DISABLED"]}]
    assert [one["name"] for one in listed(filters=disabled)] == ["web"]
    assert listed()[0]["status"] == "DISABLED"


@pytest.mark.model
def test_a_scheduled_run_that_goes_well_sets_the_count_back(daily):
    for _ in range(2):
        daily.script(image="web", times=2).fails_in("BUILDING")
        daily.script(image="web", times=1)
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule(count=3))
    daily.clock.tick(hours=1)  # so that each is over when it is looked at
    counts = []
    for _ in range(12):
        daily.clock.tick(days=1)
        counts.append(get()["consecutiveFailures"])
    assert counts == [1, 2, 0, 1, 2, 0, 1, 2, 3, 3, 3, 3]
    assert get()["status"] == "DISABLED"


@pytest.mark.model
def test_a_run_on_demand_that_goes_well_sets_the_count_back(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule())
    daily.clock.tick(days=4, hours=1)
    assert get()["consecutiveFailures"] == 4
    daily.script(image="web", times=1)
    start()
    daily.clock.tick(hours=2)
    assert get()["consecutiveFailures"] == 0
    daily.clock.tick(days=4)
    assert get()["consecutiveFailures"] == 4
    assert get()["status"] == "ENABLED"


@pytest.mark.model
def test_a_run_on_demand_that_fails_does_not_count(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule(count=2))
    daily.clock.tick(days=1, hours=1)
    for _ in range(3):
        start()
        daily.clock.tick(hours=2)
        assert get()["lastRunStatus"] == "FAILED"
    assert get()["consecutiveFailures"] == 1  # as it was
    assert get()["status"] == "ENABLED"
    daily.clock.tick(days=1)
    assert get()["consecutiveFailures"] == 2  # it goes on where it was
    assert get()["status"] == "DISABLED"


@pytest.mark.model
def test_an_update_sets_the_count_back(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule())
    daily.clock.tick(days=3, hours=1)
    assert get()["consecutiveFailures"] == 3
    update(schedule=schedule(), status="DISABLED")
    assert get()["consecutiveFailures"] == 0


@pytest.mark.model
def test_an_update_enables_again_what_was_disabled(daily):
    daily.script(image="web", times=2).fails_in("BUILDING")
    pipeline(schedule=schedule(count=2))
    daily.clock.tick(days=4, hours=1)
    assert get()["status"] == "DISABLED"
    update(schedule=schedule(count=2))
    assert get()["status"] == "ENABLED"
    daily.clock.tick(days=3, hours=1)
    assert [one["state"]["status"] for one in images()] == ["AVAILABLE"] * 3 + ["FAILED"] * 2


@pytest.mark.docs
def test_a_disabled_pipeline_still_runs_on_demand(daily):
    daily.script(image="web", times=1).fails_in("BUILDING")
    pipeline(schedule=schedule(count=1))
    daily.clock.tick(days=1, hours=1)
    assert get()["status"] == "DISABLED"
    start()
    daily.clock.tick(hours=1)
    record = get()
    assert record["lastRunStatus"] == "AVAILABLE"
    assert record["consecutiveFailures"] == 0
    assert record["status"] == "DISABLED"


@pytest.mark.inferred
def test_runs_without_a_schedule_disable_nothing(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline()
    for _ in range(6):
        start()
        daily.clock.tick(hours=1)
    record = get()
    assert (record["consecutiveFailures"], record["status"]) == (0, "ENABLED")


@pytest.mark.inferred
def test_a_run_that_is_cancelled_does_not_count():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        parents()
        mb.script(image="web", times=1).fails_in("BUILDING")
        pipeline(schedule=schedule(count=2))
        mb.clock.tick(days=1, hours=1)
        mb.clock.tick(hours=23)
        CLIENT.cancel_image_creation(imageBuildVersionArn=images()[0]["arn"])
        mb.clock.tick(minutes=1)
        assert get()["lastRunStatus"] == "CANCELLED"
        assert get()["consecutiveFailures"] == 1


@pytest.mark.inferred
@pytest.mark.parametrize(("fails", "count"), [(True, 1), (False, 0)], ids=["fails", "goes well"])
def test_a_retry_is_not_a_scheduled_run(daily, fails, count):
    daily.script(image="web", times=1).fails_in("DISTRIBUTING")
    pipeline(schedule=schedule(count=2))
    daily.clock.tick(days=1, hours=1)
    assert get()["consecutiveFailures"] == 1
    if fails:
        daily.script(image="web", times=1).fails_in("DISTRIBUTING")
    CLIENT.retry_image(imageBuildVersionArn=images()[0]["arn"])
    daily.clock.tick(hours=1)
    assert get()["lastRunStatus"] == ("FAILED" if fails else "AVAILABLE")
    assert get()["consecutiveFailures"] == count


@pytest.mark.inferred
def test_a_failure_of_a_pipeline_that_was_deleted():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        parents()
        mb.script(image="web").fails_in("BUILDING")
        pipeline(schedule=schedule(count=1))
        mb.clock.tick(days=1)
        assert get()["lastRunStatus"] == "PENDING"
        CLIENT.delete_image_pipeline(imagePipelineArn=WEB)
        pipeline(schedule=schedule(count=1))
        mb.clock.tick(hours=1)
        record = get()
        assert (record["consecutiveFailures"], record["status"]) == (0, "ENABLED")
        assert mb.events.matching(TOLD) == []


@pytest.mark.inferred
def test_who_is_told_can_enable_the_pipeline_again(daily):
    """That is done in the middle of a jump of the clock, and by a call from within."""
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule(count=2))
    stop = daily.events.subscribe(lambda _: update(schedule=schedule(count=2)), TOLD)
    for _ in range(10):
        daily.clock.tick(days=1, hours=1)
        get()
    assert len(runs()) >= 9
    assert len(daily.events.matching(TOLD)) == len(runs()) // 2
    stop()
    daily.clock.tick(days=5)
    assert get()["status"] == "DISABLED"


@pytest.mark.inferred
def test_an_old_image_that_is_made_available_again_does_not_count(daily):
    pipeline(schedule=schedule(count=5))
    daily.clock.tick(days=1, hours=1)
    get()
    daily.script(image="web").fails_in("BUILDING")
    daily.clock.tick(days=2)
    old = images()[-1]["arn"]
    for status in ("DEPRECATED", "AVAILABLE"):
        CLIENT.start_resource_state_update(resourceArn=old, state={"status": status})
        daily.clock.tick(minutes=10)
    assert images()[-1]["state"]["status"] == "AVAILABLE"
    assert get()["consecutiveFailures"] == 2


@pytest.mark.docs
def test_eventbridge_is_told_that_a_pipeline_was_disabled(daily):
    daily.script(image="web").fails_in("BUILDING")
    pipeline(schedule=schedule())
    daily.clock.tick(days=10)
    (event,) = daily.events.matching(TOLD)
    assert event.pop("id")
    assert event.pop("time").startswith("2030-01-06T00:0")
    assert event == {
        "version": "0",
        "detail-type": "EC2 Image Builder Image Pipeline Automatically Disabled",
        "source": "aws.imagebuilder",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [WEB],
        "detail": {"consecutive-failures": "5"},
    }


@pytest.mark.model
@pytest.mark.parametrize("count", [0, 11])
def test_how_many_failures_can_be_said(daily, count):
    with refused(parameter="schedule.autoDisablePolicy.failureCount"):
        pipeline(client=RAW, clientToken="t", schedule=schedule(count=count))
