"""The model's constraints: patterns, and where and how each violation is reported."""

import re
import unicodedata
import warnings
from typing import Any

import pytest

from mockbuild.domain.violations import validation_message
from mockbuild.wire.dialect import GenericDialect
from mockbuild.wire.patterns import ascii_pattern, matcher
from mockbuild.wire.service import service_wire

SERVICES = ("codebuild", "imagebuilder")


def _patterns() -> list[tuple[str, str]]:
    found = []
    for service in SERVICES:
        model = service_wire(service).model
        for name in model.shape_names:
            pattern = model.shape_for(name).metadata.get("pattern")
            if pattern is not None:
                found.append((name, pattern))
    return found


PATTERNS = _patterns()


@pytest.mark.model
@pytest.mark.parametrize(("shape", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_every_pattern_compiles_without_a_warning(shape: str, pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        re.purge()
        assert matcher(pattern)("\0") in (True, False)
        assert matcher(pattern)("\u00e9") in (True, False)


# Prefixes that take a matcher as far into the patterns as possible, and endings it stumbles over.
HOSTILE = [
    head + body * 20_000 + tail
    for head in (
        "",
        "arn:aws",
        "arn:aws:imagebuilder:us",
        "arn:aws:imagebuilder:us-east-1:aws",
        "s3://a/",
    )
    for body in ("a", "-a", "a-", "a/", "1.", " ", "=", ":", "\u00e9")
    for tail in ("\0",)
]


@pytest.mark.inferred
@pytest.mark.parametrize(("shape", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_no_pattern_runs_away_on_hostile_text(shape: str, pattern: str) -> None:
    """A matcher that tries every way to split such a text would never return."""
    matches = matcher(pattern)
    assert not all(matches(text) for text in HOSTILE)


TAG = r"^([\p{L}\p{Z}\p{N}_.:/=@+\-]*)$"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (TAG, "cost-centre"),
        (TAG, "Kost\u00e4d \u4e2d\u6587 \u0663\u2167"),
        (TAG, "a\u00a0b\u2028"),
        (TAG, ""),
        (r"\p{Lu}\p{Ll}+", "\u00c9tude"),
        (r"[^\p{L}]+", "12 \u0663"),
        (r"\P{L}+", "12\u20ac"),
        (r"\pL+", "ab\u00df"),
        (r"\p{IsL}+", "ab"),
        (r"\p{Alpha}\p{Punct}", "a!"),
        (r"[\p{Mn}]*", ""),
        (r"[a\]]\p{L}[\p{N}]", "]x1"),
        (r"[\p{Mn}a]*", "a\u0301"),
        (r"a\\p{2}", "a\\pp"),
        (r"\d\w\s", "1a "),
        (r"a++b", "aab"),
        (r"optional|required", "required"),
        (r"^String|Integer|Boolean|StringList$", "Integer"),
        (r"^a+", "aab"),
        (r"a+$", "baa"),
        (r"a\$", "a$"),
    ],
)
def test_texts_that_satisfy(pattern: str, text: str) -> None:
    assert matcher(pattern)(text)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (TAG, "a#b"),
        (TAG, "\u20ac"),
        (TAG, "a\tb"),
        (TAG, "a\n"),
        (TAG, "e\u0301"),
        (r"\p{Lu}", "\u00e9"),
        (r"[^\p{L}]+", "\u00e9"),
        (r"\P{L}", "\u00e9"),
        (r"\p{Alpha}", "\u00e9"),
        (r"[\p{Mn}]", "\U0010ffff"),
        (r"\d", "\u0663"),
        (r"\w", "\u00e9"),
        (r"a++a", "aaa"),
        (r"optional|required", "requiredly"),
        (r"[a-z]+", "ab\n"),
        (r"^[a-z]+$", "ab\n"),
        (r"^a+", "baa"),
    ],
)
def test_texts_that_do_not(pattern: str, text: str) -> None:
    assert not matcher(pattern)(text)


@pytest.mark.docs
@pytest.mark.parametrize("pattern", [r"\p{Greek}", r"\p{Xy}", "("])
def test_patterns_that_cannot_be_translated(pattern: str) -> None:
    with pytest.raises(re.error):
        matcher(pattern)("\u00e9")


@pytest.mark.docs
@pytest.mark.parametrize("category", ["L", "Lu", "N", "Nd", "Z", "P", "S"])
def test_a_category_means_what_unicode_says(category: str) -> None:
    sample = [chr(code) for code in range(0, 0x3000, 7)] + [chr(c) for c in range(128)]
    matches = matcher(rf"\p{{{category}}}")
    assert [c for c in sample if matches(c)] == [
        c for c in sample if unicodedata.category(c).startswith(category)
    ]


@pytest.mark.docs
def test_the_ascii_pattern_is_one_python_can_read() -> None:
    assert re.fullmatch(ascii_pattern(TAG), "a b/c")


def check(service: str, operation: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = service_wire(service).operation(operation).check(params)
    return [(one.path, one.member, one.shape, one.rule, one.limit, one.value) for one in found]


PROJECT: dict[str, Any] = {
    "name": "web",
    "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
    "artifacts": {"type": "NO_ARTIFACTS"},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
    },
    "serviceRole": "role",
}
PROJECT_PATTERN = r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}"


@pytest.mark.model
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"timeoutInMinutes": 5, "queuedTimeoutInMinutes": 480, "description": "x" * 255}, []),
        ({"name": "w" * 150}, []),
        ({"tags": [{"key": "k", "value": ""}] * 50}, []),
        (
            {"name": "w" * 151},
            [("name", "name", "ProjectName", "max_length", 150, "w" * 151)],
        ),
        ({"name": "_web"}, [("name", "name", "ProjectName", "pattern", PROJECT_PATTERN, "_web")]),
        (
            {"timeoutInMinutes": 2161},
            [("timeoutInMinutes", "timeoutInMinutes", "BuildTimeOut", "max_value", 2160, 2161)],
        ),
        (
            {"timeoutInMinutes": 4},
            [("timeoutInMinutes", "timeoutInMinutes", "BuildTimeOut", "min_value", 5, 4)],
        ),
        (
            {"tags": [{"key": "a"}, {"key": ""}]},
            [("tags[1].key", "key", "KeyInput", "min_length", 1, "")],
        ),
        (
            {"cache": {}},
            [("cache.type", "type", "CacheType", "required", True, None)],
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_where_and_how(change: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert check("codebuild", "CreateProject", {**PROJECT, **change}) == expected


@pytest.mark.model
def test_a_raw_caller_may_leave_out_what_botocore_demands() -> None:
    missing = check("codebuild", "CreateProject", {"source": {}})
    assert {rule for _, _, _, rule, _, _ in missing} == {"required"}
    paths = [path for path, *_ in missing]
    assert paths[:3] == ["name", "artifacts", "environment"]  # top level first
    assert paths[-1] == "source.type"


@pytest.mark.model
def test_entries_of_a_map_are_checked_by_key_and_value() -> None:
    params = {"resourceArn": "arn:aws:imagebuilder:us-east-1:123456789012:component/x/1.0.0/1"}
    found = check("imagebuilder", "TagResource", {**params, "tags": {"aws:x": "v" * 257, "b": "c"}})
    assert [(path, member, shape, rule) for path, member, shape, rule, *_ in found] == [
        ("tags.aws:x", "tags", "TagKey", "pattern"),
        ("tags.aws:x", "tags", "TagValue", "max_length"),
    ]


@pytest.mark.model
def test_length_counts_characters_not_bytes() -> None:
    assert check("codebuild", "CreateProject", {**PROJECT, "description": "\U0001f600" * 255}) == []


@pytest.mark.docs
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"timeoutInMinutes": 4},
            "1 validation error detected: Value '4' at 'timeoutInMinutes' failed to satisfy "
            "constraint: Member must have value greater than or equal to 5",
        ),
        (
            {"cache": {"type": "DISK"}, "name": "w"},
            "2 validation errors detected: Value 'w' at 'name' failed to satisfy constraint: "
            "Member must have length greater than or equal to 2; Value 'DISK' at 'cache.type' "
            "failed to satisfy constraint: Member must satisfy enum value set: "
            "[NO_CACHE, S3, LOCAL]",
        ),
        (
            {"cache": {}},
            "1 validation error detected: Value null at 'cache.type' failed to satisfy "
            "constraint: Member must not be null",
        ),
    ],
    ids=["one", "two", "required"],
)
def test_aws_generic_wording(change: dict[str, Any], message: str) -> None:
    violations = service_wire("codebuild").operation("CreateProject").check({**PROJECT, **change})
    if "name" in change:  # the pattern demands two characters as well
        violations = [one for one in violations if one.rule != "pattern"]
    assert validation_message(violations) == message
    assert GenericDialect().invalid("CreateProject", violations).code == "ValidationException"


@pytest.mark.docs
def test_a_secret_is_not_repeated_in_the_message() -> None:
    params = {"token": "", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    found = service_wire("codebuild").operation("ImportSourceCredentials").check(params)
    assert [(one.path, one.sensitive) for one in found] == [("token", True)]
    assert "Value at 'token' failed" in validation_message(found)
