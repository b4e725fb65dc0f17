"""When lifecycle policies run, and what becomes of images by them over the months."""

from datetime import UTC, timedelta

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import CLIENT, missing, state_of
from tests.imagebuilder.image_factory import Kit, look, recipe, status
from tests.imagebuilder.lifecycle_factory import (
    POLICY,
    ami_of,
    builds,
    change_policy,
    executions,
    last_run,
    make,
    outcome,
    policy,
    resources,
    rule,
    run_statuses,
    to_next_run,
)


@pytest.fixture
def mb():
    with mock_imagebuilder(clock="virtual") as handle:
        yield handle


# When


@pytest.mark.inferred
def test_policies_run_at_three_every_day(mb):
    policy()
    assert executions() == []
    mb.clock.tick(days=10)
    found = executions()
    assert len(found) == 10
    starts = [one["startTime"].astimezone(UTC) for one in found]
    assert starts == [starts[0] - timedelta(days=days) for days in range(10)]
    assert starts[0].time().isoformat() == "03:00:00"
    ran = CLIENT.get_lifecycle_policy(lifecyclePolicyArn=POLICY)["lifecyclePolicy"]["dateLastRun"]
    assert ran == starts[0]
    (summary,) = CLIENT.list_lifecycle_policies()["lifecyclePolicySummaryList"]
    assert summary["dateLastRun"] == ran


@pytest.mark.inferred
def test_an_error_of_somebody_who_is_told_ends_no_schedule(mb):
    def complain(_):
        raise LookupError("not mine")

    Kit().make()  # which nobody but the policy looks at
    policy()
    stop = mb.events.subscribe(complain)
    mb.clock.tick(days=1)
    with pytest.raises(LookupError, match="not mine"):
        executions()
    stop()
    mb.clock.tick(days=1)
    assert len(executions()) == 1


@pytest.mark.docs
def test_policies_that_are_disabled_do_not_run(mb):
    policy(status="DISABLED")
    mb.clock.tick(days=3)
    assert executions() == []
    assert "dateLastRun" not in CLIENT.list_lifecycle_policies()["lifecyclePolicySummaryList"][0]


@pytest.mark.docs
def test_policies_run_while_they_are_enabled(mb):
    policy()
    mb.clock.tick(days=2)
    change_policy(status="DISABLED")
    mb.clock.tick(days=4)
    assert len(executions()) == 2
    ran = CLIENT.get_lifecycle_policy(lifecyclePolicyArn=POLICY)["lifecyclePolicy"]["dateLastRun"]
    assert ran == executions()[0]["startTime"]
    change_policy(description="on again")
    change_policy(description="once more")
    mb.clock.tick(days=3)
    assert len(executions()) == 5
    CLIENT.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)
    mb.clock.tick(days=5)
    assert len(executions()) == 5


@pytest.mark.docs
def test_a_policy_of_the_same_name_runs_once_a_day(mb):
    policy()
    CLIENT.delete_lifecycle_policy(lifecyclePolicyArn=POLICY)
    policy()
    mb.clock.tick(days=2)
    assert len(executions()) == 2


@pytest.mark.docs
def test_policies_of_a_mock_that_has_ended_do_not_run():
    with mock_imagebuilder(clock="virtual") as outer:
        policy()
        here = state_of(outer)
        outer._world.forget("imagebuilder")
        outer.clock.tick(days=5)
        assert executions() == []
        assert here.shelves["lifecycle-policy"].by_arn[POLICY].record.get("dateLastRun") is None


# What becomes of images


@pytest.mark.docs
def test_images_are_deprecated_then_disabled_then_deleted(mb):
    arn = make(Kit())
    policy(rule("DEPRECATE", days=30), rule("DISABLE", days=60), rule(days=90))
    seen = []
    for _ in range(95):
        mb.clock.tick(days=1)
        now = status(arn) if arn in builds() else "gone"
        seen += [now] if seen[-1:] != [now] else []
    assert seen == ["AVAILABLE", "DEPRECATED", "DISABLED", "gone"]
    with missing():
        look(arn)


@pytest.mark.docs
def test_a_jump_over_all_that_ends_the_same(mb):
    arn = make(Kit())
    policy(rule("DEPRECATE", days=30), rule("DISABLE", days=60), rule(days=90))
    mb.clock.tick(days=95)
    assert builds() == []
    impacted = [
        one for one in executions() if one["resourcesImpactedSummary"]["hasImpactedResources"]
    ]
    actions = [resources(one["lifecycleExecutionId"])[0]["action"]["name"] for one in impacted]
    assert actions == ["DELETE", "DISABLE", "DEPRECATE"]
    assert {one["resourceId"] for one in resources(impacted[0]["lifecycleExecutionId"])} == {arn}


@pytest.mark.docs
def test_what_an_image_shows_once_it_is_deprecated(mb):
    arn = make(Kit())
    policy(rule("DEPRECATE", "amis", days=1))
    mb.clock.tick(days=2)
    image = look(arn)
    (run,) = (
        one for one in executions() if one["resourcesImpactedSummary"]["hasImpactedResources"]
    )
    (summary,) = CLIENT.list_image_build_versions()["imageSummaryList"]
    for shown in (image, summary):
        assert shown["state"] == {"status": "DEPRECATED"}
        assert shown["lifecycleExecutionId"] == run["lifecycleExecutionId"]
        assert run["startTime"] < shown["deprecationTime"] <= run["endTime"]
    assert mb.amis[ami_of(arn)].deprecated_at == image["deprecationTime"].timestamp()
    assert mb.amis[ami_of(arn)].tags["DeprecatedBy"] == "EC2 Image Builder"


@pytest.mark.docs
def test_the_newest_are_kept_of_each_version(mb):
    kit = Kit()
    old = [make(kit) for _ in range(4)]
    kit.recipe = recipe(version="1.0.1", components=None)
    new = [make(kit) for _ in range(3)]
    policy(rule(keeps=2))
    to_next_run(mb, hours=1)
    assert builds() == [new[2], new[1], old[3], old[2]]
    assert outcome(last_run()) == dict.fromkeys((new[0], old[1], old[0]), ("DELETE", "SUCCESS"))


@pytest.mark.docs
@pytest.mark.parametrize(
    ("versions", "gone"),
    [
        pytest.param(["1.0.0"], {"1.0.0"}, id="exact"),
        pytest.param(["1.0.x"], {"1.0.0", "1.0.1"}, id="patch"),
        pytest.param(["x.x.x"], {"1.0.0", "1.0.1", "2.0.0"}, id="all"),
        pytest.param(["1.0.x", "1.0.0", "2.0.0"], {"1.0.0", "1.0.1", "2.0.0"}, id="several"),
        pytest.param(["3.x.x"], set(), id="none"),
    ],
)
def test_versions_of_recipes(mb, versions, gone):
    kit = Kit()
    for version in ("1.0.0", "1.0.1", "2.0.0"):
        kit.recipe = kit.recipe if version == "1.0.0" else recipe(version=version, components=None)
        make(kit)
        make(kit)
    selection = [{"name": "Web", "semanticVersion": version} for version in versions]
    policy(rule(keeps=1), resourceSelection={"recipes": selection})
    to_next_run(mb, hours=1)
    found = {arn.split("/")[2] for arn, _ in outcome(last_run()).items()}
    assert (found, len(outcome(last_run()))) == (gone, len(gone))


@pytest.mark.docs
def test_recipes_that_come_later_count(mb):
    policy(rule(keeps=1))
    mb.clock.tick(days=3)
    kit = Kit()
    first, second = make(kit), make(kit)
    mb.clock.tick(days=1)
    assert builds() == [second]
    assert run_statuses() == ["SUCCESS"] * 4
    assert outcome(last_run()) == {first: ("DELETE", "SUCCESS")}


@pytest.mark.docs
def test_failed_and_cancelled_builds_are_deleted(mb):
    kit = Kit()
    good = make(kit)
    mb.script(image="web").fails()
    failed = make(kit, tags={"keep": "yes"})
    cancelled = kit.make()
    CLIENT.cancel_image_creation(imageBuildVersionArn=cancelled)
    detail = {**rule(days=900, retainAtLeast=10), "exclusionRules": {"tagMap": {"keep": "yes"}}}
    policy(detail)
    to_next_run(mb, hours=1)
    assert builds() == [good]
    assert outcome(last_run()) == dict.fromkeys((cancelled, failed), ("DELETE", "SUCCESS"))
    reasons = [one["action"]["reason"] for one in resources(last_run())]
    assert reasons == ["The image build is CANCELLED.", "The image build is FAILED."]


@pytest.mark.docs
def test_images_are_chosen_by_any_of_some_tags(mb):
    kit = Kit()
    tags = [{"env": "prod"}, {"env": "test", "team": "a"}, {"team": "b"}, {}]
    arns = [make(kit, **({"tags": one} if one else {})) for one in tags]
    policy(rule(days=1), resourceSelection={"tagMap": {"env": "test", "team": "b"}})
    mb.clock.tick(days=3)
    assert builds() == [arns[3], arns[0]]
    CLIENT.tag_resource(resourceArn=arns[3], tags={"team": "b"})
    mb.clock.tick(days=1)
    assert builds() == [arns[0]]


@pytest.mark.inferred
def test_images_without_a_recipe(mb):
    arns = [
        CLIENT.import_vm_image(
            name="web",
            semanticVersion="1.0.0",
            platform="Linux",
            vmImportTaskId=f"import-ami-{number}",
            tags={"env": "test"},
        )["imageArn"]
        for number in range(2)
    ]
    for arn in arns:
        assert status(arn) == "AVAILABLE"
    policy(rule(keeps=1))
    policy(rule(keeps=1), name="tags", resourceSelection={"tagMap": {"env": "test"}})
    to_next_run(mb, hours=1)
    assert outcome(last_run()) == {}
    by_tags = executions(POLICY.replace("tidy", "tags"))[0]["lifecycleExecutionId"]
    assert outcome(by_tags) == {arns[0]: ("DELETE", "SUCCESS")}
    assert builds() == [arns[1]]


@pytest.mark.docs
def test_images_with_an_excluded_tag_stay_with_all_they_have_made(mb):
    kit = Kit()
    kept, gone, _ = make(kit, tags={"pin": "yes"}), make(kit, tags={"pin": "no"}), make(kit)
    ami = ami_of(kept)
    policy({**rule("DELETE", "amis", keeps=1), "exclusionRules": {"tagMap": {"pin": "yes"}}})
    to_next_run(mb, hours=1)
    assert outcome(last_run()) == {gone: ("DELETE", "SUCCESS"), kept: ("DELETE", "SKIPPED")}
    skipped = resources(last_run())[1]
    assert skipped["state"]["reason"] == "The image has an excluded tag."
    assert resources(last_run(), kept) == []
    assert (status(kept), ami in mb.amis) == ("AVAILABLE", True)
    assert run_statuses() == ["SUCCESS"]
