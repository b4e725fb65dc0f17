"""Event patterns: which events rules of EventBridge are about, and what is no pattern."""

import pytest

from mockbuild.domain.event_patterns import read

#: Part of the sample event in the documentation of event-ruler, with a list and a null besides.
EVENT = {
    "detail-type": "EC2 Instance State-change Notification",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-1", "other"],
    "detail": {
        "c-count": 5,
        "x-limit": 301.8,
        "account": 210987654321,
        "source-ip": "10.0.0.33",
        "source-ip6": "2001:db8::1",
        "state": "running",
        "path": r"a*b\c",
        "done": True,
        "none": None,
        "nothing": "",
        "empty": [],
        "deep": {"er": {"est": "end"}},
        "people": [
            {"first": "Anna", "last": "Smith"},
            [{"first": "Peter", "last": "Jones"}],
        ],
    },
}


def fits(**detail):
    """Tell whether the event fits a pattern about its detail."""
    return read({"detail": detail})(EVENT)


def case(name, *wanted, fits):
    return pytest.param(name, list(wanted), fits, id=f"{name} {wanted}: {fits}")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        case("state", "running", fits=True),
        case("state", "stopped", "running", fits=True),
        case("state", "Running", fits=False),
        case("state", "run", fits=False),
        case("no-such", "running", fits=False),
        case("c-count", 5, fits=True),
        case("c-count", 5.0, fits=True),
        case("c-count", "5", fits=False),
        case("x-limit", 3.018e2, fits=True),
        case("account", 210987654321, fits=True),
        case("done", True, fits=True),
        case("done", 1, fits=False),
        case("done", "true", fits=False),
        case("c-count", True, fits=False),
        case("none", None, fits=True),
        case("none", "", fits=False),
        case("no-such", None, fits=False),
        case("nothing", "", fits=True),
        case("nothing", None, fits=False),
        case("empty", None, fits=False),
        case("deep", "er", fits=False),
        case("state", {"prefix": "run"}, fits=True),
        case("state", {"prefix": "ning"}, fits=False),
        case("state", {"prefix": "RUN"}, fits=False),
        case("state", {"prefix": {"equals-ignore-case": "RUN"}}, fits=True),
        case("c-count", {"prefix": "5"}, fits=False),
        case("state", {"suffix": "ning"}, fits=True),
        case("state", {"suffix": "run"}, fits=False),
        case("state", {"suffix": {"equals-ignore-case": "NING"}}, fits=True),
        case("state", {"equals-ignore-case": "RUNning"}, fits=True),
        case("state", {"equals-ignore-case": "runn"}, fits=False),
        case("none", {"equals-ignore-case": "none"}, fits=False),
        case("state", {"wildcard": "r*g"}, fits=True),
        case("state", {"wildcard": "*"}, fits=True),
        case("state", {"wildcard": "r*n*i*"}, fits=True),
        case("state", {"wildcard": "r*x"}, fits=False),
        case("state", {"wildcard": "run"}, fits=False),
        case("state", {"wildcard": "r.*g"}, fits=False),
        case("path", {"wildcard": r"a\*b\\c"}, fits=True),
        case("path", {"wildcard": r"a\*c"}, fits=False),
        case("c-count", {"wildcard": "*"}, fits=False),
        case("state", {"anything-but": "stopped"}, fits=True),
        case("state", {"anything-but": "running"}, fits=False),
        case("state", {"anything-but": ["stopped", "running"]}, fits=False),
        case("c-count", {"anything-but": 5}, fits=False),
        case("c-count", {"anything-but": [4, 6]}, fits=True),
        case("c-count", {"anything-but": "5"}, fits=True),
        case("none", {"anything-but": "x"}, fits=True),
        case("no-such", {"anything-but": "x"}, fits=False),
        case("empty", {"anything-but": "x"}, fits=False),
        case("state", {"anything-but": {"prefix": "stop"}}, fits=True),
        case("state", {"anything-but": {"prefix": "run"}}, fits=False),
        case("state", {"anything-but": {"prefix": ["stop", "run"]}}, fits=False),
        case("state", {"anything-but": {"suffix": "ning"}}, fits=False),
        case("state", {"anything-but": {"equals-ignore-case": ["RUNNING"]}}, fits=False),
        case("state", {"anything-but": {"wildcard": "*unn*"}}, fits=False),
        case("state", {"anything-but": {"wildcard": "*lib*"}}, fits=True),
        case("c-count", {"numeric": ["=", 5]}, fits=True),
        case("c-count", {"numeric": ["=", 5.5]}, fits=False),
        case("c-count", {"numeric": ["<", 5]}, fits=False),
        case("c-count", {"numeric": ["<=", 5]}, fits=True),
        case("c-count", {"numeric": [">", 5]}, fits=False),
        case("c-count", {"numeric": [">=", 5]}, fits=True),
        case("c-count", {"numeric": [">", 0, "<=", 5]}, fits=True),
        case("c-count", {"numeric": [">=", 0, "<", 5]}, fits=False),
        case("x-limit", {"numeric": [">", -1, "<", 5e9]}, fits=True),
        case("account", {"numeric": [">", 0]}, fits=False),  # too large to be compared
        case("done", {"numeric": ["=", 1]}, fits=False),
        case("state", {"numeric": [">", 0]}, fits=False),
        case("no-such", {"numeric": ["<", 5]}, fits=False),
        case("source-ip", {"cidr": "10.0.0.0/24"}, fits=True),
        case("source-ip", {"cidr": "10.0.1.0/24"}, fits=False),
        case("source-ip", {"cidr": "2001:db8::/32"}, fits=False),
        case("source-ip6", {"cidr": "2001:db8::/32"}, fits=True),
        case("state", {"cidr": "0.0.0.0/0"}, fits=False),
        case("c-count", {"cidr": "0.0.0.0/0"}, fits=False),
        case("state", {"exists": True}, fits=True),
        case("state", {"exists": False}, fits=False),
        case("no-such", {"exists": True}, fits=False),
        case("no-such", {"exists": False}, fits=True),
        case("none", {"exists": True}, fits=True),
        case("empty", {"exists": True}, fits=False),
        case("deep", {"exists": False}, fits=True),  # only of leaves
        case("state", {"prefix": "stop"}, {"numeric": ["=", 1]}, {"suffix": "g"}, fits=True),
    ],
)
def test_what_a_field_is_asked_for(name, wanted, expected):
    assert fits(**{name: wanted}) is expected


@pytest.mark.docs
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param({"state": ["running"], "c-count": [5]}, True, id="all"),
        pytest.param({"state": ["running"], "c-count": [6]}, False, id="not all"),
        pytest.param({"deep": {"er": {"est": ["end"]}}}, True, id="deep"),
        pytest.param({"deep": {"er": {"est": ["end"], "x": ["y"]}}}, False, id="deep, not all"),
        pytest.param({"state": {"er": ["end"]}}, False, id="nothing is within a text"),
        pytest.param({"no-such": {"er": [{"exists": False}]}}, True, id="within what is not there"),
        pytest.param({"people": {"first": ["Peter"]}}, True, id="within a list of lists"),
        pytest.param({"people": {"first": ["Anna"], "last": ["Jones"]}}, False, id="of one item"),
        pytest.param(
            {"$or": [{"state": ["stopped"]}, {"c-count": [{"numeric": ["<", 9]}]}]}, True, id="or"
        ),
        pytest.param({"$or": [{"state": ["stopped"]}, {"c-count": [6]}]}, False, id="neither"),
        pytest.param(
            {"$or": [{"state": ["running"]}, {"c-count": [6]}], "done": [False]},
            False,
            id="or, and",
        ),
        pytest.param(
            {"$or": [{"x": [1]}, {"done": [True], "$or": [{"x": [2]}, {"state": ["running"]}]}]},
            True,
            id="or within or",
        ),
    ],
)
def test_what_an_event_is_asked_for(pattern, expected):
    assert fits(**pattern) is expected


@pytest.mark.docs
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["other"], True),
        (["another"], False),
        ([{"prefix": "arn:aws:ec2:"}], True),
        ([{"anything-but": "other"}], True),  # as there is another item
        ([{"anything-but": {"wildcard": "*o*"}}, {"numeric": ["=", 1]}], True),
        ([{"anything-but": ["other", EVENT["resources"][0]]}], False),
    ],
)
def test_of_a_list_one_item_is_enough(wanted, expected):
    assert read({"resources": wanted})(EVENT) is expected


@pytest.mark.inferred
def test_an_empty_pattern_is_about_everything():
    assert read({})(EVENT) is True
    assert read({})({}) is True


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("pattern", "where"),
    [
        pytest.param(None, "the pattern is a mapping", id="nothing"),
        pytest.param("{}", "the pattern is a mapping", id="text"),
        pytest.param({"a": "b"}, r"\['a'\] is a list of values, \['b'\]", id="value"),
        pytest.param({"a": None}, r"\['a'\] is a list", id="null"),
        pytest.param({"a": []}, r"\['a'\] is empty", id="no values"),
        pytest.param({"a": {}}, r"\['a'\] is empty", id="no names"),
        pytest.param({"a": {"b": {}}}, r"\['a'\]\['b'\] is empty", id="no names within"),
        pytest.param({1: ["a"]}, r"\[1\] has a name", id="name"),
        pytest.param({"a": [["b"]]}, r"\['a'\]\[0\] is a text, a number", id="list in a list"),
        pytest.param({"a": ["b", {}]}, r"\['a'\]\[1\] has one operator, not \[\]", id="none"),
        pytest.param({"a": [{"prefix": "b", "suffix": "c"}]}, "one operator", id="two operators"),
        pytest.param(
            {"a": [{"starts": "b"}]}, "no operator 'starts': it can be prefix", id="made up"
        ),
        pytest.param({"a": [{"prefix": 1}]}, r"\['prefix'\] is a text", id="prefix"),
        pytest.param(
            {"a": [{"prefix": {"suffix": "b"}}]}, "is a text, or has", id="prefix of what"
        ),
        pytest.param(
            {"a": [{"suffix": {"equals-ignore-case": 1}}]}, r"case'\] is a text", id="suffix"
        ),
        pytest.param({"a": [{"equals-ignore-case": ["b"]}]}, "is a text", id="ignoring case"),
        pytest.param({"a": [{"wildcard": 1}]}, "is a text", id="wildcard"),
        pytest.param({"a": [{"wildcard": "a**b"}]}, "two wildcards", id="two wildcards"),
        pytest.param({"a": [{"wildcard": r"a\b"}]}, "backslash", id="backslash"),
        pytest.param({"a": [{"wildcard": "a\\"}]}, "backslash", id="backslash at the end"),
        pytest.param({"a": [{"anything-but": None}]}, "texts or about numbers", id="but null"),
        pytest.param({"a": [{"anything-but": True}]}, "texts or about numbers", id="but true"),
        pytest.param({"a": [{"anything-but": [1, "b"]}]}, "texts or about numbers", id="mixed"),
        pytest.param({"a": [{"anything-but": []}]}, "is empty", id="but nothing"),
        pytest.param({"a": [{"anything-but": {"prefix": []}}]}, "is empty", id="but no prefix"),
        pytest.param({"a": [{"anything-but": {"prefix": [1]}}]}, "is a text", id="but 1"),
        pytest.param({"a": [{"anything-but": {"numeric": ["=", 1]}}]}, "no operator", id="but ="),
        pytest.param({"a": [{"numeric": 5}]}, "is a comparison such as", id="number"),
        pytest.param({"a": [{"numeric": []}]}, "is a comparison such as", id="no comparison"),
        pytest.param({"a": [{"numeric": ["<"]}]}, "lacks one", id="no number"),
        pytest.param({"a": [{"numeric": [5, "<"]}]}, "is a comparison such as", id="turned"),
        pytest.param({"a": [{"numeric": ["!=", 5]}]}, "is a comparison such as", id="not"),
        pytest.param({"a": [{"numeric": ["<", "5"]}]}, "numbers from -5e9", id="text"),
        pytest.param({"a": [{"numeric": ["<", True]}]}, "numbers from -5e9", id="boolean"),
        pytest.param({"a": [{"numeric": ["<", 5e9 + 1]}]}, "numbers from -5e9", id="too large"),
        pytest.param({"a": [{"numeric": ["<", 5, ">", 0]}]}, "a range such as", id="from the top"),
        pytest.param({"a": [{"numeric": [">", 0, "<"]}]}, "lacks one", id="no top"),
        pytest.param({"a": [{"numeric": [">", 5, "<", 5]}]}, "leaves no number", id="no range"),
        pytest.param({"a": [{"numeric": [">", 0, "<", 5, "<", 6]}]}, "a range", id="too many"),
        pytest.param({"a": [{"cidr": 10}]}, "is a text", id="cidr"),
        pytest.param({"a": [{"cidr": "10.0.0.1"}]}, "block of addresses such as", id="no slash"),
        pytest.param({"a": [{"cidr": "10.0.0.1/33"}]}, "no block of addresses", id="mask"),
        pytest.param({"a": [{"cidr": "example.org/8"}]}, "no block of addresses", id="host"),
        pytest.param({"a": [{"exists": "true"}]}, "is true or false", id="exists"),
        pytest.param({"$or": {"a": ["b"]}}, r"\['\$or'\] is a list of two", id="or of names"),
        pytest.param({"$or": [{"a": ["b"]}]}, "is a list of two", id="or of one"),
        pytest.param({"$or": [{"a": ["b"]}, {}]}, r"\['\$or'\]\[1\] is empty", id="or nothing"),
        pytest.param({"$or": [{"a": ["b"]}, ["c"]]}, r"\[1\] is a mapping", id="or a list"),
        pytest.param({"b": {"$or": [{"a": "b"}, {}]}}, r"\[0\]\['a'\] is a list", id="or within"),
    ],
)
def test_what_is_no_pattern(pattern, where):
    with pytest.raises(ValueError, match=where):
        read(pattern)
