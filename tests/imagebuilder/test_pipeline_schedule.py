"""Pipelines that run by themselves: when they are due, however the clock gets there."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from mockbuild import mock_codebuild, mock_imagebuilder
from mockbuild.services.imagebuilder import pipeline_schedule
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    image_recipe,
    infrastructure,
)
from tests.imagebuilder.pipeline_factory import (
    IF_NEWER,
    INFRASTRUCTURE,
    PIPELINE,
    RECIPE,
    WEB,
    get,
    image,
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


@pytest.fixture(params=["settled", "timed", "stepped"])
def any_pace(request):
    """A mock in 2030, with what pipelines need, however states pass."""
    with mock_imagebuilder(clock="virtual", transitions=request.param) as mb:
        move(mb, "2030-01-01T00:00")
        parents()
        yield mb


@pytest.fixture
def year():
    """A mock in 2030, with what pipelines need; states pass with the clock."""
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        move(mb, "2030-01-01T00:00")
        parents()
        yield mb


# In time


@pytest.mark.docs
@pytest.mark.parametrize("days", [365, 30, 5], ids=lambda days: f"every {days} days")
def test_every_week_of_a_year(any_pace, days):
    pipeline(schedule=scheduled("cron(0 9 ? * mon *)"))
    for _ in range(365 // days):
        any_pace.clock.tick(days=days)
        for _ in range(10):  # a pace that counts looks brings each image to its end with them
            get()
    mondays = [datetime(2030, 1, 7, 9, tzinfo=UTC) + timedelta(weeks=n) for n in range(52)]
    until = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=365 // days * days)
    expected = [day.isoformat()[:19] for day in mondays if day <= until]
    assert runs() == expected
    assert len(expected) > 50


@pytest.mark.docs
def test_a_scheduled_image(year):
    pipeline(schedule=scheduled("rate(1 day)"), imageTags={"by": "schedule"}, tags={"a": "1"})
    year.clock.tick(days=1, seconds=0.5)
    (found,) = images()
    assert found["dateCreated"] == "2030-01-02T00:00:00.000Z"
    assert found["buildType"] == "SCHEDULED"
    assert found["tags"] == {"by": "schedule"}
    assert image(found["arn"])["sourcePipelineArn"] == WEB
    assert get()["lastRunStatus"] == "PENDING"
    assert get()["dateLastRun"] == "2030-01-02T00:00:00.000Z"
    year.clock.tick(hours=1)
    assert get()["lastRunStatus"] == "AVAILABLE"


@pytest.mark.docs
def test_the_next_run_moves(year):
    pipeline(schedule=scheduled("cron(0 0 1 * ? *)"))
    seen = []
    for _ in range(4):
        seen.append(get()["dateNextRun"])
        assert listed()[0]["dateNextRun"] == seen[-1]
        year.clock.tick(days=30)
    assert seen == [f"2030-{month}-01T00:00:00.000Z" for month in ("02", "02", "04", "05")]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("zone", "expression", "since", "expected"),
    [
        pytest.param(
            "America/New_York",
            "cron(30 2 * * ? *)",
            "2030-03-09T00:00",
            ["2030-03-09T07:30:00", "2030-03-11T06:30:00"],
            id="a time that does not come",
        ),
        pytest.param(
            "America/New_York",
            "cron(30 1 * * ? *)",
            "2030-11-02T00:00",
            ["2030-11-02T05:30:00", "2030-11-03T05:30:00", "2030-11-04T06:30:00"],
            id="a time that comes twice",
        ),
        pytest.param(
            "Europe/Berlin",
            "cron(0 9 * * ? *)",
            "2030-03-30T00:00",
            ["2030-03-30T08:00:00", "2030-03-31T07:00:00", "2030-04-01T07:00:00"],
            id="nine is nine",
        ),
        pytest.param(
            None,
            "cron(30 2 * * ? *)",
            "2030-03-09T00:00",
            ["2030-03-09T02:30:00", "2030-03-10T02:30:00", "2030-03-11T02:30:00"],
            id="UTC has none of this",
        ),
    ],
)
def test_daylight_saving(zone, expression, since, expected):
    with mock_imagebuilder(clock="virtual") as mb:
        move(mb, since)
        parents()
        pipeline(schedule=scheduled(expression, timezone=zone))
        mb.clock.tick(days=3)
        assert runs() == expected


@pytest.mark.inferred
def test_a_rate_counts_from_when_it_is_set(year):
    year.clock.tick(minutes=7)
    pipeline(schedule=scheduled("rate(12 hours)"))
    year.clock.tick(days=1)
    assert runs() == ["2030-01-01T12:07:00", "2030-01-02T00:07:00"]
    year.clock.tick(hours=1)
    update(schedule=scheduled("rate(12 hours)"))
    year.clock.tick(hours=12)
    assert runs()[2:] == ["2030-01-02T13:07:00"]


@pytest.mark.inferred
def test_a_schedule_that_ends(year):
    pipeline(schedule=scheduled("cron(0 0 31 12 ? 2030)"))
    pipeline("never", schedule=scheduled("cron(0 0 30 2 ? *)"))
    assert get()["dateNextRun"] == "2030-12-31T00:00:00.000Z"
    year.clock.tick(days=3650)
    assert runs() == ["2030-12-31T00:00:00"]
    assert "dateNextRun" not in get()
    assert "dateNextRun" not in get(f"{PIPELINE}/never")
    assert get()["status"] == "ENABLED"


@pytest.mark.docs
def test_logs_of_a_run_that_nobody_asked_about():
    with mock_imagebuilder(clock="virtual") as mb:
        parents()
        pipeline(schedule=scheduled("rate(1 day)"))
        mb.clock.tick(days=2)
        assert list(mb.logs["/aws/imagebuilder/web"]) == ["1.0.0/1", "1.0.0/2"]


@pytest.mark.inferred
@pytest.mark.parametrize("group", [None, "/aws/imagebuilder/mine"], ids=["usual", "own"])
def test_the_log_of_a_pipeline(year, group):
    logging = None if group is None else {"pipelineLogGroupName": group}
    pipeline("My Web", schedule=scheduled("rate(1 day)"), loggingConfiguration=logging)
    year.clock.tick(days=2, hours=1)
    log = year.logs[group or "/aws/imagebuilder/pipeline/My-Web"]
    assert list(log) == ["2030/01/02", "2030/01/03"]
    arn = f"{ARN}:image/web/1.0.0/2"
    assert [event.message for event in log["2030/01/03"]] == [
        f"Started the build of image {arn}",
        f"The build of image {arn} ended with AVAILABLE",
    ]


# In force


@pytest.mark.docs
def test_a_disabled_pipeline_does_not_run(year):
    pipeline(schedule=scheduled("rate(1 day)"), status="DISABLED")
    assert "dateNextRun" not in get()
    year.clock.tick(days=3)
    assert runs() == []
    update(schedule=scheduled("rate(1 day)"))  # without a status, it is enabled
    year.clock.tick(days=1)
    assert runs() == ["2030-01-05T00:00:00"]
    update(schedule=scheduled("rate(1 day)"), status="DISABLED")
    assert "dateNextRun" not in get()
    year.clock.tick(days=3)
    assert len(runs()) == 1


@pytest.mark.docs
def test_an_update_replaces_the_schedule(year):
    pipeline(schedule=scheduled("cron(0 6 * * ? *)"))
    for hour in (7, 8, 9):
        update(schedule=scheduled(f"cron(0 {hour} * * ? *)"))
    year.clock.tick(days=1)
    assert runs() == ["2030-01-01T09:00:00"]
    update()
    assert not {"schedule", "dateNextRun"} & get().keys()
    assert get()["dateLastRun"] == "2030-01-01T09:00:00.000Z"
    year.clock.tick(days=1)
    assert len(runs()) == 1


@pytest.mark.docs
def test_a_deleted_pipeline_does_not_run(year):
    year.script(image="web", times=1).fails()
    pipeline(schedule=scheduled("rate(1 hour)"))
    CLIENT.delete_image_pipeline(imagePipelineArn=WEB)
    year.clock.tick(days=1)
    assert CLIENT.list_images()["imageVersionList"] == []
    pipeline()  # another one of that name
    year.clock.tick(days=1)
    assert runs() == []
    # No image has been begun that nobody sees: the script is for the first there is.
    arn = start()
    year.clock.tick(days=1)
    assert image(arn)["state"]["status"] == "FAILED"


@pytest.mark.docs
def test_a_pipeline_of_the_same_name_has_only_its_own_schedule(year):
    pipeline(schedule=scheduled("cron(0 6 * * ? *)"))
    CLIENT.delete_image_pipeline(imagePipelineArn=WEB)
    pipeline(schedule=scheduled("cron(0 7 * * ? *)"))
    year.clock.tick(days=1)
    assert runs() == ["2030-01-01T07:00:00"]
    assert len(CLIENT.list_image_build_versions()["imageSummaryList"]) == 1


@pytest.mark.docs
def test_the_end_of_a_mock_ends_its_schedules():
    with mock_codebuild(clock="virtual") as mb:
        mb.script(image="web", times=1).fails()
        with mock_imagebuilder():
            parents()
            pipeline(schedule=scheduled("rate(1 hour)"))
        mb.clock.tick(days=1)
        with mock_imagebuilder():
            assert listed() == []
            parents()
            pipeline()
            mb.clock.tick(days=1)
            assert runs() == []
            assert image(start())["state"]["status"] == "FAILED"  # nobody has used the script up
    with mock_imagebuilder(clock="virtual") as mb:
        mb.clock.tick(days=30)
        assert CLIENT.list_images()["imageVersionList"] == []


@pytest.mark.inferred
def test_a_run_that_cannot_start_is_left_out(year):
    pipeline(schedule=scheduled("rate(1 day)"), imageRecipeArn=f"{ARN}:image-recipe/web/1.x.x")
    CLIENT.delete_image_recipe(imageRecipeArn=RECIPE)
    year.clock.tick(days=2)
    assert runs() == []
    log = year.logs["/aws/imagebuilder/pipeline/web"]["2030/01/02"]
    assert [event.message for event in log] == [
        "The build could not be started: "
        f"The resource '{ARN}:image-recipe/web/1.x.x' does not exist."
    ]
    assert get()["consecutiveFailures"] == 0
    assert get()["dateNextRun"] == "2030-01-04T00:00:00.000Z"
    image_recipe(version="1.5.0")
    year.clock.tick(days=1)
    assert runs() == ["2030-01-04T00:00:00"]


@pytest.mark.inferred
def test_a_run_is_left_out_while_another_one_lasts(any_pace):
    any_pace.script(image="web").takes(minutes=150, step="DISTRIBUTING")
    pipeline(schedule=scheduled("rate(1 hour)"))
    any_pace.clock.tick(hours=10)
    assert [date[11:16] for date in runs()] == ["01:00", "04:00", "07:00", "10:00"]


@pytest.mark.inferred
def test_no_run_of_ten_days_is_left_out_however_few_looks_there_are(any_pace):
    pipeline(schedule=scheduled("rate(1 hour)"))
    any_pace.clock.tick(days=10)
    found = images()
    assert len(found) == 240
    assert {one["state"]["status"] for one in found[1:]} == {"AVAILABLE"}


@pytest.mark.inferred
def test_an_error_of_somebody_who_is_told_ends_no_schedule(any_pace):
    def complain(_):
        raise LookupError("not mine")

    pipeline(schedule=scheduled("rate(1 day)"))
    stop = any_pace.events.subscribe(complain, {"detail": {"state": {"status": ["AVAILABLE"]}}})
    any_pace.clock.tick(days=3)
    with pytest.raises(LookupError, match="not mine"):
        get()
    stop()
    stop()  # which may be said twice
    any_pace.clock.tick(days=3)
    assert runs()[-1] == "2030-01-07T00:00:00"


@pytest.mark.inferred
def test_what_was_due_before_a_deletion_has_run(any_pace):
    pipeline(schedule=scheduled("rate(1 day)"))
    any_pace.clock.tick(days=5)
    CLIENT.delete_image_pipeline(imagePipelineArn=WEB)
    any_pace.clock.tick(days=5)
    builds = CLIENT.list_image_build_versions()["imageSummaryList"]
    assert [one["dateCreated"][:10] for one in reversed(builds)] == [
        f"2030-01-0{day}" for day in range(2, 7)
    ]


@pytest.mark.inferred
def test_what_was_due_before_an_update_has_run_as_it_was(any_pace):
    pipeline(schedule=scheduled("rate(1 day)"), imageTags={"as": "before"})
    any_pace.clock.tick(days=2)
    update(schedule=scheduled("rate(1 day)"), imageTags={"as": "after"})
    any_pace.clock.tick(days=2)
    assert [one["tags"]["as"] for one in images()] == ["after", "after", "before", "before"]


@pytest.mark.inferred
def test_a_run_on_demand_keeps_the_schedule_waiting(year):
    pipeline(schedule=scheduled("rate(1 hour)"))
    year.clock.tick(minutes=59)
    start()
    year.clock.tick(hours=2)
    assert [date[11:16] for date in runs()] == ["00:59", "02:00"]


@pytest.mark.docs
def test_regions_and_accounts_run_by_themselves(year):
    pipeline(schedule=scheduled("rate(1 day)"))
    arns = {}
    for client in (FRANKFURT, OTHER):
        made = parents(client)
        arns[client] = pipeline(client=client, schedule=scheduled("rate(2 days)"), **made)
    year.clock.tick(days=4)
    assert len(runs()) == 4
    for client, arn in arns.items():
        assert len(images(arn, client=client)) == 2
        assert images(arn, client=client)[0]["arn"].startswith(arn[: arn.index(":image-pipeline")])


# Jumps


@pytest.mark.inferred
def test_one_jump_and_many_small_steps_come_to_the_same():
    def dates(step):
        with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
            move(mb, "2030-01-01T00:00")
            parents()
            mb.script(image="web", times=2).fails()
            pipeline(schedule=scheduled("rate(20 minutes)", failureCount=3))
            for _ in range(24 // step):
                mb.clock.tick(hours=step)
                get()
            return [(one["dateCreated"], one["state"]["status"]) for one in images()], get()

    assert dates(24) == dates(1)


@pytest.fixture
def few(monkeypatch):
    """How many times of a jump count, which are fewer than usual."""
    monkeypatch.setattr(pipeline_schedule, "MOST_IN_A_JUMP", 60)
    return 60


@pytest.mark.inferred
@pytest.mark.parametrize(
    "expression", ["rate(1 hour)", "rate(1 minute)", "cron(0 * * * ? *)", "cron(* * * * ? *)"]
)
def test_a_year_in_one_jump_costs_no_more_than_some_days(year, few, expression):
    pipeline(schedule=scheduled(expression))
    year.clock.tick(days=365)
    found = runs()
    assert len(found) <= few
    assert found == sorted(set(found))
    assert found[0] < "2030-01-01T02"
    assert found[-1] > "2030-12-31T22"  # it ends with the last ones
    assert get()["dateNextRun"] > "2031-01-01T00:00:00"
    year.clock.tick(hours=2)
    assert runs()[-1] > "2031-01-01T00"  # and goes on as ever


@pytest.mark.inferred
def test_which_times_of_a_long_jump_count(year, few):
    pipeline(schedule=scheduled("rate(1 hour)"))
    year.clock.tick(hours=few)
    assert len(runs()) == few  # so many are not too many
    year.clock.tick(hours=few + 200)
    later = [datetime.fromisoformat(date) for date in runs()[few:]]
    gaps = [after - before for before, after in pairwise(later)]
    assert len(later) == few
    assert [n for n, gap in enumerate(gaps, 1) if gap != timedelta(hours=1)] == [few // 2]
    assert gaps[few // 2 - 1] == timedelta(hours=201)
    year.clock.tick(hours=few)
    assert len(runs()) == 3 * few  # a new jump, a new count


@pytest.mark.docs
def test_no_run_of_a_fortnight_is_left_out(year):
    pipeline(schedule=scheduled("rate(1 hour)"))
    year.clock.tick(days=14)
    assert len(runs()) == 14 * 24


@pytest.mark.inferred
def test_a_hundred_years(year):
    pipeline(schedule=scheduled("rate(1 minute)", IF_NEWER))
    pipeline("other", schedule=scheduled("cron(0/5 * * * ? *)", IF_NEWER))
    year.clock.tick(days=36500)
    assert runs() == ["2030-01-01T00:01:00"]
    assert runs(f"{PIPELINE}/other") == ["2030-01-01T00:05:00"]


@pytest.mark.inferred
def test_pipelines_take_turns(year):
    infrastructure("slow")
    pipeline(schedule=scheduled("rate(2 hours)"))
    pipeline("other", schedule=scheduled("rate(3 hours)"))
    year.clock.tick(hours=6)
    builds = CLIENT.list_image_build_versions()["imageSummaryList"]
    order = [(one["version"], one["dateCreated"][11:16]) for one in reversed(builds)]
    hours = ["02:00", "03:00", "04:00", "06:00", "06:00"]
    assert order == [(f"1.0.0/{number}", hour) for number, hour in enumerate(hours, 1)]


@pytest.mark.docs
def test_everything_a_run_needs_is_that_of_its_time(year):
    pipeline(schedule=scheduled("rate(1 day)"))
    year.clock.tick(days=1)
    CLIENT.update_infrastructure_configuration(
        infrastructureConfigurationArn=INFRASTRUCTURE, instanceProfileName="new"
    )
    year.clock.tick(days=1)
    profiles = [
        image(one["arn"])["infrastructureConfiguration"]["instanceProfileName"] for one in images()
    ]
    assert profiles == ["new", "builder"]
