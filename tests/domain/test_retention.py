"""What a lifecycle policy does to which images."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockbuild.domain.image_lifecycle import IMAGE_STATES, MAKING, POLICY_ACTIONS
from mockbuild.domain.retention import (
    USELESS,
    AmiExclusions,
    AmiFacts,
    Candidate,
    Decision,
    Rule,
    Selection,
    Span,
    decide,
    has_any,
    read_rules,
)
from mockbuild.domain.versions import VersionError

pytestmark = pytest.mark.docs

DAY = 86400.0
NOW = 1000 * DAY


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def image(
    number: int,
    age: float = 0,
    status: str = "AVAILABLE",
    group: str = "web/1.0.0",
    **tags: str,
) -> Candidate:
    """Return the image of that number, so many days old."""
    return Candidate(str(number), group, status, NOW - age * DAY, tags)


def rule(action: str = "DELETE", **filter_: Any) -> dict[str, Any]:
    """Return a rule by age, unless it has a ``count``."""
    if "count" in filter_:
        told = {"type": "COUNT", "value": filter_.pop("count")}
    else:
        told = {"type": "AGE", "value": filter_.pop("days", 30), "unit": "DAYS", **filter_}
    return {"action": {"type": action}, "filter": told}


def tagged(detail: dict[str, Any], **tags: str) -> dict[str, Any]:
    """Return a rule that spares images with these tags."""
    return {**detail, "exclusionRules": {"tagMap": tags}}


def outcome(details: list[dict[str, Any]], *images: Candidate) -> dict[str, str]:
    """Return what becomes of images, by number; in brackets what they are spared."""
    decisions = decide(read_rules(details), images, NOW)
    return {
        one.image.arn: f"({one.rule.action})" if one.spared else one.rule.action
        for one in decisions
    }


# Times


@pytest.mark.parametrize(
    ("value", "unit", "now", "then"),
    [
        pytest.param(1, "DAYS", "2026-03-01", "2026-02-28", id="day"),
        pytest.param(2, "WEEKS", "2026-03-15T06:00", "2026-03-01T06:00", id="weeks"),
        pytest.param(6, "MONTHS", "2026-11-20T03:00", "2026-05-20T03:00", id="months"),
        pytest.param(1, "MONTHS", "2026-01-31", "2025-12-31", id="over-new-year"),
        pytest.param(1, "MONTHS", "2026-03-31", "2026-02-28", id="shorter-month"),
        pytest.param(1, "MONTHS", "2024-03-31", "2024-02-29", id="leap-year"),
        pytest.param(1, "YEARS", "2024-02-29", "2023-02-28", id="year"),
        pytest.param(100, "YEARS", "2026-01-01T00:00:01", "1926-01-01T00:00:01", id="before-1970"),
    ],
)
@pytest.mark.inferred
def test_spans_go_by_the_calendar(value, unit, now, then):
    assert Span(value, unit).before(moment(now)) == moment(then)


@pytest.mark.inferred
def test_nothing_is_older_than_the_calendar():
    assert Span(1000, "YEARS").before(-1100 * 365 * DAY) == float("-inf")


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("span", "text"), [(Span(1, "MONTHS"), "1 month"), (Span(30, "DAYS"), "30 days")]
)
def test_spans_are_named(span, text):
    assert str(span) == text


# Rules


AGE = rule(days=30)
COUNT = rule(count=2)


@pytest.mark.parametrize(
    ("details", "images", "expected"),
    [
        pytest.param([AGE], [image(1, 31), image(2, 30)], {"1": "DELETE", "2": "DELETE"}, id="age"),
        pytest.param(
            [COUNT],
            [image(1, 4), image(2, 3), image(3, 2)],
            {"1": "DELETE"},
            id="count-is-what-is-kept",
        ),
        pytest.param(
            [rule(days=30, retainAtLeast=2)],
            [image(1, 33), image(2, 32), image(3, 31)],
            {"1": "DELETE"},
            id="some-are-kept-at-any-age",
        ),
        pytest.param(
            [rule(days=30, retainAtLeast=2)],
            [image(1, 33), image(2, 32), image(3, 1)],
            {"1": "DELETE"},
            id="young-ones-count-among-those-kept",
        ),
        pytest.param(
            [COUNT],
            [image(1, 4), image(2, 3), *(image(n, n, group="web/1.0.1") for n in (4, 5, 6))],
            {"6": "DELETE"},
            id="each-recipe-version-by-itself",
        ),
        pytest.param(
            [COUNT],
            [image(1, 3), image(2, 2, "FAILED"), image(3, 1, "CANCELLED")],
            {"2": "DELETE", "3": "DELETE"},
            id="failed-ones-take-no-place",
        ),
        pytest.param(
            [rule(days=30, retainAtLeast=1)],
            [image(1, 0, "FAILED")],
            {"1": "DELETE"},
            id="failed-ones-at-any-age",
        ),
        pytest.param(
            [rule("DEPRECATE", days=90), rule("DISABLE", days=120), rule(days=180)],
            [image(1, 100), image(2, 130), image(3, 200)],
            {"1": "DEPRECATE", "2": "DEPRECATE", "3": "DEPRECATE"},
            id="one-action-each-the-mildest",
        ),
        pytest.param(
            [rule(days=180), rule("DISABLE", days=120), rule("DEPRECATE", days=90)],
            [image(1, 130, "DEPRECATED"), image(2, 200, "DISABLED"), image(3, 100)],
            {"1": "DISABLE", "2": "DELETE", "3": "DEPRECATE"},
            id="the-next-action-at-the-next-run",
        ),
        pytest.param(
            [rule(count=1)],
            [image(1, 3, "DEPRECATED"), image(2, 2, "DISABLED"), image(3, 1, "DEPRECATED")],
            {"1": "DELETE", "2": "DELETE"},
            id="deprecated-ones-take-places",
        ),
        pytest.param(
            [tagged(COUNT, keep="yes")],
            [image(1, 4, keep="yes"), image(2, 3), image(3, 2), image(4, 1)],
            {"1": "(DELETE)", "2": "DELETE"},
            id="spared-for-a-tag",
        ),
        pytest.param(
            [tagged(COUNT, keep="yes")],
            [image(1, 3), image(2, 2, keep="yes"), image(3, 1, keep="yes")],
            {"1": "DELETE"},
            id="tagged-ones-take-places",
        ),
        pytest.param(
            [tagged(COUNT, keep="yes")],
            [image(1, 3, "FAILED", keep="yes")],
            {"1": "DELETE"},
            id="tags-do-not-spare-failed-ones",
        ),
        pytest.param(
            [tagged(AGE, keep="yes", pin="x")],
            [image(1, 40, keep="no"), image(2, 40, pin="x")],
            {"1": "DELETE", "2": "(DELETE)"},
            id="key-and-value-of-any-tag",
        ),
    ],
)
def test_what_becomes_of_images(details, images, expected):
    assert outcome(details, *images) == expected


@pytest.mark.parametrize(
    ("details", "images"),
    [
        pytest.param([AGE], [image(1, 29.9)], id="too-young"),
        pytest.param([COUNT], [image(1, 400), image(2, 300)], id="too-few"),
        pytest.param([rule(retainAtLeast=1)], [image(1, 400)], id="all-are-kept"),
        *(
            pytest.param([rule("DEPRECATE"), rule("DISABLE"), AGE], [image(1, 99, one)], id=one)
            for one in (*MAKING, "DELETED")
        ),
        *(
            pytest.param([rule("DEPRECATE")], [image(1, 99, one)], id=f"deprecate-{one}")
            for one in ("DEPRECATED", "DISABLED", "FAILED", "CANCELLED")
        ),
        *(
            pytest.param([rule("DISABLE")], [image(1, 99, one)], id=f"disable-{one}")
            for one in ("DISABLED", "FAILED", "CANCELLED")
        ),
        pytest.param([AGE], [], id="no-images"),
    ],
)
def test_images_that_nothing_happens_to(details, images):
    assert outcome(details, *images) == {}


@pytest.mark.inferred
def test_images_under_way_take_no_places():
    making = [image(n, 0, status) for n, status in enumerate(MAKING, 10)]
    assert outcome([rule(count=1)], *making, image(1, 2), image(2, 3)) == {"2": "DELETE"}


@pytest.mark.recorded
@pytest.mark.parametrize("action", ["DEPRECATE", "DISABLE"])
def test_only_deleting_keeps_some(action):
    # Deployed templates have retainAtLeast with these actions, too.
    assert outcome([rule(action, retainAtLeast=5)], image(1, 40)) == {"1": action}


@pytest.mark.inferred
def test_an_image_spared_by_one_rule_is_not_by_the_next():
    details = [tagged(rule("DEPRECATE", days=30), keep="yes"), rule(days=60)]
    images = [image(1, 70, keep="yes"), image(2, 40, keep="yes")]
    assert outcome(details, *images) == {"1": "DELETE", "2": "(DEPRECATE)"}


def test_the_newest_comes_first():
    images = [image(1, 40), image(2, 60), image(3, 50)]
    assert list(outcome([AGE], *images)) == ["1", "3", "2"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("details", "found", "reason"),
    [
        ([AGE], image(1, 31), "The image is older than 30 days."),
        ([AGE], image(1, 31, "FAILED"), "The image build is FAILED."),
        ([COUNT], image(1, 9, "CANCELLED"), "The image build is CANCELLED."),
    ],
)
def test_reasons(details, found, reason):
    assert decide(read_rules(details), [found], NOW)[0].reason == reason


@pytest.mark.inferred
def test_the_reason_of_one_too_many():
    found = decide(read_rules([rule(count=1)]), [image(1, 2), image(2, 1)], NOW)
    assert [one.reason for one in found] == [
        "There are 1 or more newer images of the recipe version."
    ]


def test_rules_are_read_whole():
    detail = {
        "action": {
            "type": "DELETE",
            "includeResources": {"amis": True, "snapshots": True, "containers": False},
        },
        "filter": {"type": "AGE", "value": 6, "unit": "MONTHS", "retainAtLeast": 3},
        "exclusionRules": {
            "tagMap": {"keep": "yes"},
            "amis": {
                "isPublic": True,
                "regions": ["eu-west-1"],
                "sharedAccounts": ["210987654321"],
                "lastLaunched": {"value": 2, "unit": "WEEKS"},
                "tagMap": {"prod": "1"},
            },
        },
    }
    amis = AmiExclusions(
        frozenset({"eu-west-1"}),
        is_public=True,
        tags={"prod": "1"},
        accounts=frozenset({"210987654321"}),
        last_launched=Span(2, "WEEKS"),
    )
    includes = frozenset({"amis", "snapshots"})
    expected = Rule("DELETE", Span(6, "MONTHS"), 3, includes, {"keep": "yes"}, amis)
    assert read_rules([detail]) == (expected,)


# AMIs

EVERYTHING = AmiFacts("eu-west-1", True, {"prod": "1"}, frozenset({"2" * 12}), NOW)
ALL_EXCLUDED = {
    "amis": {
        "regions": ["eu-west-1"],
        "isPublic": True,
        "tagMap": {"prod": "1"},
        "sharedAccounts": ["2" * 12, "1" * 12],
        "lastLaunched": {"value": 1, "unit": "DAYS"},
    }
}


def test_amis_are_spared_for_the_first_reason_that_fits():
    told, reasons = dict(ALL_EXCLUDED["amis"]), []
    for name in list(told):
        reasons.append(AmiExclusions.read({"amis": told}).reason(EVERYTHING, NOW))
        del told[name]
    assert reasons == [
        "The AMI is in the excluded Region eu-west-1.",
        "The AMI is public.",
        "The AMI has an excluded tag.",
        f"The AMI is shared with the excluded account {'2' * 12}.",
        "The AMI was launched within the last 1 day.",
    ]
    assert AmiExclusions.read({"amis": told}).reason(EVERYTHING, NOW) == ""


@pytest.mark.parametrize(
    "ami",
    [
        pytest.param(AmiFacts("us-east-1"), id="nothing-known"),
        pytest.param(AmiFacts("us-east-1", tags={"prod": "2"}), id="another-value"),
        pytest.param(
            AmiFacts("us-east-1", shared_with=frozenset({"3" * 12})), id="another-account"
        ),
        pytest.param(AmiFacts("us-east-1", last_launched=NOW - DAY - 1), id="launched-before"),
    ],
)
def test_amis_that_are_not_spared(ami):
    assert AmiExclusions.read(ALL_EXCLUDED).reason(ami, NOW) == ""


def test_no_exclusions_spare_nothing():
    assert AmiExclusions.read({}).reason(EVERYTHING, NOW) == ""


# Selections


def test_selections_are_read():
    recipes = [{"name": "My Web_App", "semanticVersion": "1.x.x"}]
    ((name, wanted),) = Selection.read({"recipes": recipes}).recipes
    assert (name, str(wanted)) == ("my-web-app", "1.x.x")
    assert Selection.read({"tagMap": {"a": "1"}}).tags == {"a": "1"}


@pytest.mark.model
def test_a_selection_with_a_number_after_an_x_is_none():
    with pytest.raises(VersionError):
        Selection.read({"recipes": [{"name": "web", "semanticVersion": "1.x.8"}]})


@pytest.mark.parametrize(
    ("tags", "wanted", "expected"),
    [
        ({"a": "1", "b": "2"}, {"b": "2", "c": "3"}, True),
        ({"a": "1"}, {"a": "2"}, False),
        ({}, {"a": ""}, False),
        ({"a": "1"}, {}, False),
    ],
)
def test_any_tag_will_do(tags, wanted, expected):
    assert has_any(tags, wanted) is expected


# What always holds

ages = st.integers(0, 400)
candidates = st.lists(
    st.builds(
        Candidate,
        st.uuids().map(str),
        st.sampled_from(["web/1.0.0", "web/1.0.1"]),
        st.sampled_from(list(IMAGE_STATES)),
        ages.map(lambda age: NOW - age * DAY),
        st.sampled_from([{}, {"keep": "yes"}]),
    ),
    max_size=12,
)
details = st.fixed_dictionaries(
    {
        action: st.none()
        | st.builds(
            lambda days, keeps, spares, action=action: (
                rule(action, days=days, **({"retainAtLeast": keeps} if keeps else {}))
                | ({"exclusionRules": {"tagMap": {"keep": "yes"}}} if spares else {})
            ),
            st.integers(1, 400),
            st.integers(0, 10),
            st.booleans(),
        )
        for action in POLICY_ACTIONS
    }
).map(lambda told: [one for one in told.values() if one is not None])


@given(details, candidates)
def test_each_image_gets_one_action_that_its_state_allows(details, images):
    decisions = decide(read_rules(details), images, NOW)
    assert len({one.image.arn for one in decisions}) == len(decisions)
    for one in decisions:
        assert one.image.status in POLICY_ACTIONS[one.rule.action].applies
    assert all(a.image.created >= b.image.created for a, b in pairwise(decisions))


@given(st.integers(1, 6), candidates)
def test_a_count_keeps_so_many_of_each_version(keeps, images):
    gone = {one.image.arn for one in decide(read_rules([rule(count=keeps)]), images, NOW)}
    counted = [one for one in images if one.status in ("AVAILABLE", "DEPRECATED", "DISABLED")]
    for group in {one.group for one in counted}:
        alike = [one for one in counted if one.group == group]
        kept = [one for one in alike if one.arn not in gone]
        assert len(kept) == min(keeps, len(alike))
        lost = [one for one in alike if one.arn in gone]
        assert all(new.created >= old.created for new in kept for old in lost)


@given(details, candidates)
def test_nothing_saves_a_failed_build_from_being_deleted(details, images):
    rules = read_rules(details)
    deletes = any(one.action == "DELETE" for one in rules)
    gone = {one.image.arn for one in decide(rules, images, NOW) if not one.spared}
    failed = {one.arn for one in images if one.status in USELESS}
    assert failed <= gone if deletes else not failed & gone


@given(details, candidates)
def test_what_comes_first_decides(details, images):
    rules = read_rules(details)
    for one in decide(rules, images, NOW):
        before = rules[: rules.index(one.rule)]
        alone = [decide([earlier], images, NOW) for earlier in before]
        acting = [d for found in alone for d in found if d.image is one.image and not d.spared]
        assert not acting
        assert isinstance(one, Decision)
