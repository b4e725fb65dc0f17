"""Component documents for tests, made of the part that a test is about; tables of bad ones."""

import pytest

from mockbuild.documents.component import check_component, parse_component
from mockbuild.documents.errors import DocumentError

HEAD = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"


def step(action: str, inputs: str = "{}", name: str = "Step", extra: str = "") -> str:
    """One item of ``steps``; *extra* is more keys on a line of their own."""
    more = f"    {extra}\n" if extra else ""
    return f"  - name: {name}\n    action: {action}\n    inputs: {inputs}\n{more}"


def one(action: str, inputs: str = "{}", extra: str = "") -> str:
    """A document with one step, whose inputs stand on line 7 and *extra* on line 8."""
    return HEAD + step(action, inputs, extra=extra)


def bash(extra: str = "", commands: str = "[x]") -> str:
    """A document with one step of ``ExecuteBash``."""
    return one("ExecuteBash", f"{{commands: {commands}}}", extra)


def after(reference: str, action: str = "ExecuteBash", inputs: str = "{commands: [x]}") -> str:
    """A document whose step Two refers, on line 10 at column 25, to its step One."""
    return (
        HEAD
        + step(action, inputs, "One")
        + step("ExecuteBash", f"{{commands: ['{reference}']}}", "Two")
    )


def unmarshal(line: int, rest: str) -> str:
    return f"yaml: unmarshal errors:\n  line {line}: cannot unmarshal {rest}"


def error_of(text: str | bytes, platform=None) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse_component(text, "c.yml", platform)
    return caught.value


def rows(table):
    return pytest.mark.parametrize(
        ("text", "expected", "aws_message"),
        [pytest.param(*row, *[""] * (3 - len(row)), id=name) for name, *row in table],
    )


def assert_refused(text, expected, aws_message):
    error = error_of(text)
    assert str(error) == f"c.yml:{expected}"
    assert error.aws_message == (aws_message or error.message)
    assert str(error.problem) in [str(problem) for problem in check_component(text, "c.yml")]
