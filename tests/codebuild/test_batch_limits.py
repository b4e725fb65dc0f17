"""Batches that must not be: invalid, not allowed, too long; and builds that hang."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.batch_factory import (
    build_of,
    create_batched,
    groups,
    look_at,
    phases,
    reason,
    run_batch,
    start_batch,
    tasks,
    zipped,
)
from tests.codebuild.factory import CLIENT, ROLE, create, environment

INVALID = "BATCH_SPEC_VALIDATION_ERROR"
UNREADABLE = [
    ("SUBMITTED", "SUCCEEDED"),
    ("DOWNLOAD_BATCHSPEC", "CLIENT_ERROR"),
    ("FAILED", None),
]
SOURCE = {"type": "S3", "location": "source/web.zip"}


def config(minutes=480, **restrictions):
    """Return a configuration with a timeout and restrictions."""
    return {"serviceRole": ROLE, "timeoutInMins": minutes, "restrictions": restrictions}


# Sections that make no sense


@pytest.mark.recorded
def test_an_identifier_that_is_none(mb):
    create_batched(tasks("no-dashes", "fine"))
    batch = run_batch()
    assert phases(batch) == UNREADABLE
    assert batch["buildBatchStatus"] == "FAILED"
    assert reason(batch) == (
        INVALID,
        "BatchSpec has invalid values.. Build Identifiers no-dashes must contain only alphanumeric "
        "characters and underscores and be less than 128 characters in length.",
    )
    assert [one["identifier"] for one in batch["buildGroups"]] == ["DOWNLOAD_SOURCE"]
    assert build_of(batch, "DOWNLOAD_SOURCE")["buildStatus"] == "SUCCEEDED"
    assert len(CLIENT.list_builds()["ids"]) == 1


@pytest.mark.recorded
def test_a_version_in_quotes_fails_the_download(mb):
    create_batched(tasks("a").replace("version: 0.2", 'version: "0.2"'))
    assert reason(run_batch()) == (
        "YAML_FILE_ERROR",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `0.2` into float64",
    )


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("spec", "code"),
    [
        pytest.param(tasks("a", "b, depend-on: [c]"), INVALID, id="depends on nothing"),
        pytest.param(tasks("a, depend-on: [b]", "b, depend-on: [a]"), INVALID, id="cycle"),
        pytest.param(tasks("a, depend-on: [a]"), INVALID, id="depends on itself"),
        pytest.param(tasks("a", "a"), INVALID, id="twice"),
        pytest.param(tasks("DOWNLOAD_SOURCE"), INVALID, id="the service's own"),
        pytest.param(tasks("a, env: {compute-type: HUGE}"), INVALID, id="compute type"),
        pytest.param(tasks("a, env: {compute-type: $NO}"), INVALID, id="compute type by variable"),
        pytest.param(tasks("a, env: {type: $NO}"), INVALID, id="type by variable"),
        pytest.param(tasks("a, env: {fleet: crew}"), INVALID, id="fleet"),
        pytest.param("version: 0.2\nbatch: {build-list: []}\n", INVALID, id="empty"),
        pytest.param("version: 0.2\nbatch: {}\n", INVALID, id="no kind"),
        pytest.param("version: 0.2\nbatch: [a]\n", "YAML_FILE_ERROR", id="list"),
        pytest.param("version: 0.2\nphases: {}\n", "YAML_FILE_ERROR", id="no batch"),
        pytest.param("version: 0.2\nbatch: [a\n", "YAML_FILE_ERROR", id="no YAML"),
        pytest.param("nope.yml", "YAML_FILE_ERROR", id="no file"),
    ],
)
def test_what_no_batch_can_be_built_from(mb, spec, code):
    mb.s3["source"]["web.zip"] = zipped({"buildspec.yml": tasks("a")})
    create_batched(source={**SOURCE, "buildspec": spec})
    batch = run_batch()
    assert phases(batch) == UNREADABLE
    found, message = reason(batch)
    assert found == code
    assert message
    assert batch["complete"]


@pytest.mark.docs
@pytest.mark.parametrize(
    "task",
    [
        "a, env: {compute-type: BUILD_GENERAL1_LARGE}",
        "a, env: {compute-type: $SIZE}",
        "a, env: {type: ARM_CONTAINER, image: $IMAGE}",
        "a, env: {variables: {A_1: x}}",
    ],
)
def test_what_a_batch_can_be_built_from(mb, task):
    items = [
        {"name": "SIZE", "value": "BUILD_GENERAL1_MEDIUM", "type": "PLAINTEXT"},
        {"name": "IMAGE", "value": "alpine", "type": "PLAINTEXT"},
    ]
    create_batched(tasks(task), environment=environment(environmentVariables=items))
    batch = run_batch()
    assert batch["buildBatchStatus"] == "SUCCEEDED"


@pytest.mark.inferred
def test_a_source_that_nobody_knows(mb):
    create_batched(source={"type": "GITHUB", "location": "https://github.com/o/r.git"})
    batch = run_batch()
    code, message = reason(batch)
    assert code == "YAML_FILE_ERROR"
    assert "sources=" in message


@pytest.mark.docs
def test_a_source_that_the_test_names(tmp_path):
    (tmp_path / "buildspec.yml").write_text(tasks("a", "b"))
    with mock_codebuild(sources={"https://github.com/o/*": str(tmp_path)}):
        create_batched(source={"type": "GITHUB", "location": "https://github.com/o/r.git"})
        assert list(groups(run_batch())) == ["a", "b"]


@pytest.mark.inferred
def test_a_source_that_cannot_be_had(mb):
    mb.s3.make("source")
    create_batched(source=SOURCE)
    batch = run_batch()
    assert phases(batch) == UNREADABLE
    assert reason(batch) == ("CLIENT_ERROR", "NoSuchKey: The specified key does not exist.")
    assert build_of(batch, "DOWNLOAD_SOURCE")["buildStatus"] == "FAILED"


@pytest.mark.inferred
@pytest.mark.parametrize("phase", ["PROVISIONING", "DOWNLOAD_SOURCE", "BUILD", "FINALIZING"])
def test_a_download_that_fails_in_whatever_phase_fails_the_batch(mb, phase):
    create_batched(tasks("a"))
    mb.script("web", group="DOWNLOAD_SOURCE").fails(phase, status_code="X", message="no luck")
    batch = run_batch()
    assert phases(batch) == UNREADABLE
    assert reason(batch) != ("", "")
    assert len(CLIENT.list_builds()["ids"]) == 1


@pytest.mark.inferred
def test_hostile_texts_in_a_batch_end_it_and_nothing_else(mb):
    hostile = ["${", "$", "$$", "${}", "\u0000", "a" * 5000, "../..", "$(rm)"]
    for number, text in enumerate(hostile):
        create_batched(
            tasks(f'a, env: {{image: "{text}"}}', f'b, env: {{fleet: "{text}"}}'), f"p{number}"
        )
        assert run_batch(f"p{number}")["complete"]


# Restrictions


@pytest.mark.docs
@pytest.mark.parametrize(("most", "status"), [(2, "FAILED"), (3, "SUCCEEDED")])
def test_too_many_builds(mb, most, status):
    create_batched(tasks("a", "b", "c"), buildBatchConfig=config(maximumBuildsAllowed=most))
    batch = run_batch()
    assert batch["buildBatchStatus"] == status
    if status == "FAILED":
        assert reason(batch)[0] == INVALID
        assert "2" in reason(batch)[1]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        (["BUILD_GENERAL1_SMALL"], "FAILED"),
        (["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_LARGE"], "SUCCEEDED"),
        ([], "SUCCEEDED"),
    ],
)
def test_compute_types_that_are_allowed(mb, allowed, status):
    create_batched(
        tasks("a", "b, env: {compute-type: BUILD_GENERAL1_LARGE}"),
        buildBatchConfig=config(computeTypesAllowed=allowed),
    )
    batch = run_batch()
    assert batch["buildBatchStatus"] == status
    if status == "FAILED":
        assert reason(batch)[0] == INVALID
        assert "BUILD_GENERAL1_LARGE" in reason(batch)[1]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("allowed", "status"),
    [("name", "SUCCEEDED"), ("arn", "SUCCEEDED"), ("none", "SUCCEEDED"), ("other", "FAILED")],
)
def test_fleets_that_are_allowed(mb, allowed, status):
    fleet = CLIENT.create_fleet(
        name="crew",
        baseCapacity=1,
        environmentType="LINUX_CONTAINER",
        computeType="BUILD_GENERAL1_SMALL",
    )["fleet"]
    named = {"name": ["crew"], "arn": [fleet["arn"]], "none": [], "other": ["other"]}[allowed]
    create_batched(
        tasks("a, env: {fleet: crew}", "b"),
        buildBatchConfig=config(fleetsAllowed=named, computeTypesAllowed=["BUILD_GENERAL1_SMALL"]),
    )
    batch = run_batch()
    assert batch["buildBatchStatus"] == status
    if status == "SUCCEEDED":
        assert build_of(batch, "a")["environment"]["fleet"] == {"fleetArn": fleet["arn"]}
        assert "fleet" not in build_of(batch, "b")["environment"]


# Timeouts


def in_every_mode(test):
    return pytest.mark.parametrize("transitions", ["settled", "stepped", "timed"])(test)


def look_until_over(mb, batch):
    """Look at a batch until it is over; on the clock, in small steps."""
    for _ in range(300):
        if mb.settings.transitions == "timed":
            mb.clock.tick(seconds=10)
        if (seen := look_at(batch))["complete"]:
            return seen
    raise AssertionError(seen)


@in_every_mode
@pytest.mark.docs
def test_a_batch_that_takes_too_long(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(
            tasks("a", "b, depend-on: [a]", "c, depend-on: [b]"), buildBatchConfig=config(5)
        )
        mb.script("web").takes(minutes=3)
        started = start_batch()
        batch = look_until_over(mb, started)
        assert groups(batch) == {"a": "SUCCEEDED", "b": "STOPPED", "c": "STOPPED"}
        assert batch["buildBatchStatus"] == "TIMED_OUT"
        assert phases(batch)[2:] == [("IN_PROGRESS", "TIMED_OUT"), ("FAILED", None)]
        assert reason(batch) == ("BUILD_TIMED_OUT", "Build has timed out. ")
        assert (batch["endTime"] - batch["startTime"]).total_seconds() == 300
        stopped = build_of(batch, "b")
        assert stopped["buildStatus"] == "STOPPED"
        assert stopped["endTime"] == batch["endTime"]
        assert CLIENT.list_build_batches(filter={"status": "TIMED_OUT"})["ids"] == [batch["id"]]


@in_every_mode
@pytest.mark.docs
def test_one_big_jump_shows_what_happened_on_the_way(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]", "c, depend-on: [b]"))
        mb.script("web").takes(minutes=3)
        batch = start_batch()
        mb.clock.tick(days=2)
        batch = look_until_over(mb, batch)
        assert batch["buildBatchStatus"] == "SUCCEEDED"
        assert 540 < (batch["endTime"] - batch["startTime"]).total_seconds() < 700
        assert build_of(batch, "b")["startTime"] == build_of(batch, "a")["endTime"]


@in_every_mode
@pytest.mark.docs
def test_a_build_that_takes_too_long(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]", "c"), timeoutInMinutes=5)
        mb.script("web", group="a").takes(minutes=6)
        batch = look_until_over(mb, start_batch())
        assert groups(batch) == {"a": "TIMED_OUT", "b": "STOPPED", "c": "SUCCEEDED"}
        assert batch["buildBatchStatus"] == "FAILED"
        assert phases(batch)[2] == ("IN_PROGRESS", "CLIENT_ERROR")


@in_every_mode
@pytest.mark.inferred
def test_a_download_that_outlasts_the_batch(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a"), buildBatchConfig=config(5))
        mb.script("web", group="DOWNLOAD_SOURCE").takes(minutes=10, phase="DOWNLOAD_SOURCE")
        batch = look_until_over(mb, start_batch())
        assert phases(batch) == [
            ("SUBMITTED", "SUCCEEDED"),
            ("DOWNLOAD_BATCHSPEC", "TIMED_OUT"),
            ("FAILED", None),
        ]
        assert batch["buildBatchStatus"] == "TIMED_OUT"
        assert build_of(batch, "DOWNLOAD_SOURCE")["buildStatus"] == "STOPPED"


@in_every_mode
@pytest.mark.inferred
def test_a_build_that_hangs_keeps_the_batch_going(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b", "c, depend-on: [b]"), timeoutInMinutes=30)
        mb.script("web", group="a").hangs()
        batch = start_batch()
        for _ in range(60):
            mb.clock.tick(seconds=1)
            seen = look_at(batch)
        assert seen["currentPhase"] == "IN_PROGRESS"
        assert groups(seen) == {"a": "IN_PROGRESS", "b": "SUCCEEDED", "c": "SUCCEEDED"}
        assert build_of(seen, "a")["currentPhase"] == "BUILD"
        mb.clock.tick(minutes=31)
        seen = look_at(batch)
        assert groups(seen)["a"] == "TIMED_OUT"
        assert seen["buildBatchStatus"] == "FAILED"


@in_every_mode
@pytest.mark.inferred
def test_a_batch_can_time_out_before_a_build_that_hangs(transitions):
    with mock_codebuild(transitions=transitions, clock="virtual") as mb:
        create_batched(tasks("a", "b"), buildBatchConfig=config(10))
        mb.script("web", group="a").hangs()
        batch = start_batch()
        for _ in range(60):
            mb.clock.tick(seconds=1)
            seen = look_at(batch)
        assert not seen["complete"]
        mb.clock.tick(minutes=10)
        seen = look_at(batch)
        assert groups(seen) == {"a": "STOPPED", "b": "SUCCEEDED"}
        assert seen["buildBatchStatus"] == "TIMED_OUT"
        assert (seen["endTime"] - seen["startTime"]).total_seconds() == 600


@pytest.mark.inferred
def test_settled_a_batch_is_as_far_as_the_clock_even_if_nobody_has_looked():
    with mock_codebuild(clock="virtual") as mb:
        create_batched(tasks("a", "b, depend-on: [a]"))
        one, two, three = start_batch(), start_batch(), start_batch()
        mb.clock.tick(hours=1)
        assert CLIENT.list_build_batches(filter={"status": "IN_PROGRESS"})["ids"] == []
        assert (
            CLIENT.stop_build_batch(id=one["id"])["buildBatch"]["buildBatchStatus"] == "SUCCEEDED"
        )
        assert CLIENT.delete_build_batch(id=two["id"])["statusCode"] == "BATCH_DELETED"
        assert look_at(three)["endTime"] == look_at(one)["endTime"]


@pytest.mark.inferred
def test_a_project_of_its_own_kind_of_wrong(mb):
    create("plain")
    CLIENT.update_project(name="plain", buildBatchConfig={"serviceRole": ROLE})
    batch = run_batch("plain")
    assert reason(batch)[0] == "YAML_FILE_ERROR"
    assert "batch" in reason(batch)[1]
