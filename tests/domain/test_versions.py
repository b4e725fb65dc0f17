"""Semantic versions: what may be written where, which one is chosen, and what comes next."""

import re
from itertools import pairwise

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.versions import (
    ANY,
    LARGEST,
    Version,
    VersionError,
    Versions,
    Wanted,
    latest_references,
)

MODEL = botocore.session.get_session().get_service_model("imagebuilder")

small = st.integers(0, 4)
nodes = small | st.integers(0, LARGEST)
zeros = st.sampled_from(["", "", "", "0", "00"])
written = st.tuples(zeros, small | nodes).map(lambda pair: f"{pair[0]}{pair[1]}")
texts = st.tuples(written, written, written).map(".".join)
plain = st.tuples(small, small, small).map(lambda three: ".".join(map(str, three)))
builds = st.integers(1, 5) | st.integers(1, LARGEST)
versions = st.builds(
    lambda text, build: Version.parse(f"{text}/{build}" if build else text),
    plain | texts,
    st.just(0) | builds,
)
stars = st.tuples(small, small, small, st.integers(0, 3)).map(
    lambda four: ".".join(
        str(number) if place < four[3] else "x" for place, number in enumerate(four[:3])
    )
)
wishes = (stars | plain | texts | versions.map(str)).map(Wanted.parse)


def table(*texts):
    return Versions(map(Version.parse, texts))


def newest(found, wanted):
    return next(found.matching(Wanted.parse(wanted)), None)


def all_of(found):
    """Return what there is, the oldest first."""
    return [*found.matching(Wanted.parse(ANY))][::-1]


# What may be written where: for a new component, for a new recipe, for something that exists.

WRITTEN = [
    # text, component, recipe, existing
    ("1.2.3", True, True, True),
    ("0.0.0", True, True, True),
    ("2019.12.02", True, True, True),
    ("1073741823.1073741823.1073741823", True, True, True),
    ("0001073741823.0.0", True, True, True),
    ("1.2.x", False, True, True),
    ("1.x.0", False, True, False),
    ("x.0.0", False, True, False),
    ("1.x.x", False, False, True),
    ("x.x.x", False, False, True),
    ("x.2.x", False, False, False),
    ("1.x.8", False, True, False),
    ("1.2.3/4", None, False, True),
    ("1.2.3/x", False, False, True),
    ("1.2.x/x", False, False, True),
    ("x.x.x/x", False, False, True),
    ("x.x.x/1", False, False, False),
    ("1.2.x/1", False, False, False),
    ("1073741824.0.0", False, False, False),
    ("0.0.1073741824", False, False, False),
    ("1.0.0/1073741824", False, False, False),
    (f"1.0.{'9' * 5000}", False, False, False),
    ("1.2", False, False, False),
    ("1.2.3.4", False, False, False),
    ("1.2.3/", False, False, False),
    ("1.2.3/4/5", False, False, False),
    ("1.2.X", False, False, False),
    ("v1.2.3", False, False, False),
    ("-1.2.3", False, False, False),
    ("1.2.3-rc1", False, False, False),
    (" 1.2.3", False, False, False),
    ("1.2.3\n", False, False, False),
    ("1.2.\u0663", False, False, False),
    ("*.*.*", False, False, False),
]


def accepts(read, text):
    try:
        read(text)
    except VersionError:
        return False
    return True


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "component", "recipe", "existing"), WRITTEN, ids=[row[0][:20] for row in WRITTEN]
)
def test_what_may_be_written_where(text, component, recipe, existing):
    if component is not None:  # a version with a build is one, but nobody may give it to a new one
        assert accepts(Version.parse, text) is component
    assert accepts(Versions().assign, text) is recipe
    assert accepts(Wanted.parse, text) is existing


@pytest.mark.model
@pytest.mark.parametrize(
    ("shape", "column"),
    [
        ("VersionNumber", 1),
        ("WildcardVersionNumber", 2),
        ("ComponentVersionArnOrBuildVersionArn", 3),
    ],
)
def test_what_is_read_is_within_the_models_patterns(shape, column):
    pattern = MODEL.shape_for(shape).metadata["pattern"]
    start = "arn:aws:imagebuilder:eu-west-1:aws:component/a/" if "Arn" in shape else ""
    guessed = {"1.2.3/x", "1.2.x/x", "x.x.x/x"}  # in none of the model's patterns
    for row in WRITTEN:
        if row[column] and row[0] not in guessed:
            assert re.search(pattern, start + row[0]), row[0]


@pytest.mark.inferred
@pytest.mark.parametrize("text", ["1.0.0/0", "1.0.0/00"])
def test_no_version_is_build_0(text):
    with pytest.raises(VersionError):
        Version.parse(text)
    assert newest(table("1.0.0/1", "1.0.0"), "1.0.0/1") is not None
    assert newest(table("1.0.0/1", "0.0.0"), text) is None


@pytest.mark.docs
def test_the_errors_say_what_is_wrong():
    with pytest.raises(VersionError, match=r"does not follow the required format\Z"):
        Wanted.parse("1.x.8")
    with pytest.raises(VersionError, match="1073741823"):
        Version.parse("1073741824.0.0")


@pytest.mark.docs
@settings(deadline=None)
@given(versions)
def test_a_version_is_read_back_as_it_was_written(version):
    assert Version.parse(str(version)) == version


@pytest.mark.docs
@settings(deadline=None)
@given(wishes)
def test_a_wish_is_read_back_as_it_was_written(wanted):
    assert Wanted.parse(str(wanted)) == wanted


# Order


@pytest.mark.docs
def test_from_the_oldest_to_the_newest():
    order = [
        "0.0.9",
        "0.1.0",
        "1.0.0/1",
        "1.0.0/2",
        "1.0.0/10",
        "1.0.2",
        "1.0.10",
        "1.9.0",
        "2.0.0",
    ]
    assert [str(version) for version in all_of(table(*reversed(order)))] == order


@pytest.mark.inferred
def test_zeros_in_front_count_for_nothing_but_are_kept():
    found = all_of(table("2019.12.10", "2019.12.2", "2019.12.03"))
    assert [str(version) for version in found] == ["2019.12.2", "2019.12.03", "2019.12.10"]
    found = table("1.0.0", "1.0.00")
    assert len(all_of(found)) == 2
    assert str(newest(found, "1.0.00")) == "1.0.00"
    assert str(newest(found, "1.0.0")) == "1.0.0"


@pytest.mark.inferred
@settings(deadline=None)
@given(versions, versions, versions)
def test_the_order_is_total(a, b, c):
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a == b) == (str(a) == str(b))
    if a <= b <= c:
        assert a <= c
    if a < b:
        assert a.semver <= b.semver


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("text", "number"),
    [("1.0.0/3", 1237940039285380274899124227), ("1.0.0/7", 1237940039285380274899124231)],
)
def test_as_one_number(text, number):
    assert Version.parse(text).semver == number


@pytest.mark.docs
def test_every_node_has_30_bits_of_the_number():
    assert Version.parse("1.2.3/4").semver == (((1 << 30) + 2 << 30) + 3 << 30) + 4
    assert Version.parse(f"0.0.{LARGEST}/{LARGEST}").semver == (1 << 60) - 1


# Choosing

EXISTING = ["2.2.4/1", "1.7.8/1", "1.7.8/2", "1.6.8/9", "1.6.8/10", "1.10.0/1"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "2.2.4/1"),
        ("x.x.x", "2.2.4/1"),
        ("1.x.x", "1.10.0/1"),
        ("1.7.x", "1.7.8/2"),
        ("1.6.x", "1.6.8/10"),
        ("1.6.8", "1.6.8/10"),
        ("1.6.8/x", "1.6.8/10"),
        ("1.6.8/9", "1.6.8/9"),
        ("1.6.8/11", None),
        ("1.6.9", None),
        ("3.x.x", None),
        ("1.8.x", None),
        ("0.x.x", None),
    ],
)
def test_the_newest_that_matches(wanted, found):
    chosen = newest(table(*EXISTING), wanted)
    assert (None if chosen is None else str(chosen)) == found


@pytest.mark.docs
def test_the_guides_own_example():
    existing = table("2.2.4", "1.7.8", "1.6.8")
    chosen = {text: newest(existing, text) for text in ("x.x.x", "1.x.x", "1.6.x")}
    assert {text: str(version) for text, version in chosen.items()} == {
        "x.x.x": "2.2.4",
        "1.x.x": "1.7.8",
        "1.6.x": "1.6.8",
    }


@pytest.mark.docs
def test_recipes_have_no_builds():
    existing = table("1.0.0", "1.0.1")
    assert str(newest(existing, "1.0.0")) == "1.0.0"
    assert newest(existing, "1.0.0/1") is None


@pytest.mark.docs
def test_nothing_is_chosen_where_there_is_nothing():
    assert newest(Versions(), ANY) is None
    assert newest(Versions(), "1.0.0/1") is None


@pytest.mark.docs
def test_going_on_to_the_next_that_will_do():
    matching = table(*EXISTING).matching(Wanted.parse("1.x.x"))
    found = [str(version) for version in matching]
    assert found == ["1.10.0/1", "1.7.8/2", "1.7.8/1", "1.6.8/10", "1.6.8/9"]


@pytest.mark.docs
@settings(deadline=None)
@given(st.lists(versions), wishes)
def test_what_is_chosen_is_the_greatest_match(existing, wanted):
    matches = sorted({version for version in existing if wanted.matches(version)})
    assert list(Versions(existing).matching(wanted)) == matches[::-1]


@pytest.mark.docs
@settings(deadline=None)
@given(st.lists(plain | texts), wishes)
def test_a_match_is_the_same_up_to_the_first_x(existing, wanted):
    asked = wanted.text.split(".")
    count = asked.index("x") if "x" in asked else None
    for text in existing:
        there = text.split(".")
        if count is None:
            same = asked == there and wanted.build is None
        else:
            same = list(map(int, asked[:count])) == list(map(int, there[:count]))
        assert wanted.matches(Version.parse(text)) is same


@pytest.mark.docs
@settings(deadline=None)
@given(st.lists(versions, max_size=8), st.lists(versions, max_size=8))
def test_versions_come_and_go(come, gone):
    found = Versions(come)
    for version in gone:
        found.discard(version)
    left = sorted(set(come) - set(gone))
    assert all_of(found) == left
    assert all((version in found) == (version in left) for version in (*come, *gone))


# What comes next


@pytest.mark.docs
def test_builds_count_from_1():
    found = Versions()
    for number in (1, 2, 3):
        build = found.next_build("1.0.0")
        assert str(build) == f"1.0.0/{number}"
        assert found.next_build("1.0.0") == build
        found.add(build)
    assert str(found.next_build("1.0.1")) == "1.0.1/1"


@pytest.mark.inferred
def test_the_number_of_a_deleted_build_does_not_come_back():
    found = table("1.0.0/1", "1.0.0/2")
    found.discard(Version.parse("1.0.0/2"))
    assert str(found.next_build("1.0.0")) == "1.0.0/3"
    found.add(Version.parse("1.0.0/1"))
    assert str(found.next_build("1.0.0")) == "1.0.0/3"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "existing", "assigned"),
    [
        ("1.0.1", ["1.0.0"], "1.0.1"),
        ("1.0.x", ["1.0.0"], "1.0.1"),
        ("1.0.x", ["1.0.9", "1.0.10"], "1.0.11"),
        ("1.0.x", ["1.0.0", "1.1.7", "2.0.0"], "1.0.1"),
        ("1.x.0", ["1.0.0", "1.1.0", "1.2.5", "2.7.0"], "1.2.0"),
        ("x.0.0", ["1.0.0", "3.0.0", "4.0.1"], "4.0.0"),
        ("2021.01.x", ["2021.01.05"], "2021.01.6"),
    ],
)
def test_a_new_recipe_gets_the_next_version(text, existing, assigned):
    assert str(table(*existing).assign(text)) == assigned


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "existing", "assigned"),
    [
        ("1.0.x", [], "1.0.0"),
        ("1.0.x", ["1.1.0"], "1.0.0"),
        ("1.0.x", ["0.9.5"], "1.0.0"),
        ("1.x.0", ["1.2.5"], "1.0.0"),
        ("x.0.0", ["1.0.1"], "0.0.0"),
    ],
)
def test_the_first_of_its_kind_is_0(text, existing, assigned):
    assert str(table(*existing).assign(text)) == assigned


@pytest.mark.docs
def test_there_is_none_after_the_greatest():
    with pytest.raises(VersionError, match=str(LARGEST)):
        table(f"1.0.{LARGEST}").assign("1.0.x")


@pytest.mark.docs
@settings(deadline=None)
@given(st.lists(plain), plain, st.integers(0, 2))
def test_versions_that_are_assigned_grow_and_are_new(existing, text, place):
    asked = text.split(".")
    asked[place] = "x"
    found = Versions(map(Version.parse, existing))
    given_out = []
    for _ in range(3):
        given_out.append(found.assign(".".join(asked)))
        assert given_out[-1] not in found
        found.add(given_out[-1])
    for one, following in pairwise(given_out):
        assert following.numbers[place] == one.numbers[place] + 1


# References


@pytest.mark.docs
@pytest.mark.parametrize("text", ["1.2.3", "1.2.3/4"])
def test_references_to_the_latest(text):
    assert latest_references(text) == {
        "latestVersionArn": "x.x.x",
        "latestMajorVersionArn": "1.x.x",
        "latestMinorVersionArn": "1.2.x",
        "latestPatchVersionArn": "1.2.3",
    }


@pytest.mark.model
def test_references_are_the_members_of_the_structure():
    assert set(latest_references("1.0.0")) == set(
        MODEL.shape_for("LatestVersionReferences").members
    )


@pytest.mark.docs
@settings(deadline=None)
@given(versions)
def test_what_is_referred_to_can_be_read_and_matches(version):
    for text in latest_references(str(version)).values():
        assert Wanted.parse(text).matches(version)
