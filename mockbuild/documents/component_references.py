"""``{{ references }}`` in a component document.

Text between double braces that has none of the forms below stays as it is, so that Go templates
and the like pass through; that AWSTOE does so is a guess.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

_SSM = "aws:ssm:"
_VARIABLE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LOOP = re.compile(r"(?P<loop>[A-Za-z0-9_-]+)\.(?P<member>index|value)")
_CHAINED = re.compile(
    r"(?P<phase>[A-Za-z0-9_-]+)\.(?P<step>[A-Za-z0-9_-]+)\.(?P<section>inputs|outputs)"
    r"(?:\[(?P<index>[0-9]{1,9})\])?\.(?P<key>[A-Za-z0-9_-]+)"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """``{{ Name }}``: a constant or a parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Chained:
    """``{{ phase.step.inputs[0].source }}``: what an earlier step was given or gave.

    :param phase: name of the phase.
    :param step: name of the step.
    :param section: which of the two.
    :param index: which entry, from 0; ``None`` when the reference has no index.
    :param key: name of the input or output.
    """

    phase: str
    step: str
    section: Literal["inputs", "outputs"]
    index: int | None
    key: str


@dataclass(frozen=True, slots=True)
class LoopVariable:
    """``{{ loop.value }}``, ``{{ Name.index }}``: where the step's own loop is.

    :param loop: ``loop``, or the loop's name.
    :param member: ``index`` counts from 0.
    """

    loop: str
    member: Literal["index", "value"]


@dataclass(frozen=True, slots=True)
class SsmParameter:
    """``{{ aws:ssm:/name }}``: a parameter of Parameter Store.

    :param name: its name, or what the name is to be taken from, for
        ``{{ aws:ssm:resolve(Name) }}``.
    """

    name: "str | Reference"


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """``{{ env:NAME }}``: an environment variable of the instance."""

    name: str


@dataclass(frozen=True, slots=True)
class InstanceMetadata:
    """``{{ aws:imds:placement/region }}``: a path below the instance's ``meta-data/``."""

    path: str


@dataclass(frozen=True, slots=True)
class ContextVariable:
    """``{{ context:region }}``: something about the run."""

    key: str


Reference: TypeAlias = (
    Variable
    | Chained
    | LoopVariable
    | SsmParameter
    | EnvironmentVariable
    | InstanceMetadata
    | ContextVariable
)


def parse_reference(inner: str) -> Reference | None:
    """Read what stands between double braces; ``None`` when it is no reference.

    :param inner: the text between the braces, without spaces around it.
    """
    scheme, colon, rest = inner.partition(":")
    if scheme == "aws" and colon:
        return _parse_aws(rest)
    if scheme == "env" and colon:
        return EnvironmentVariable(rest)
    if scheme == "context" and colon:
        return ContextVariable(rest)
    if _VARIABLE.fullmatch(inner):
        return Variable(inner)
    found = _LOOP.fullmatch(inner)
    if found:
        return LoopVariable(found["loop"], cast("Literal['index', 'value']", found["member"]))
    found = _CHAINED.fullmatch(inner)
    if found is None:
        return None
    return Chained(
        found["phase"],
        found["step"],
        cast("Literal['inputs', 'outputs']", found["section"]),
        int(found["index"]) if found["index"] else None,
        found["key"],
    )


def _parse_aws(rest: str) -> Reference | None:
    service, _, name = rest.partition(":")
    if service == "imds":
        return InstanceMetadata(name)
    if service != "ssm":
        return None
    if name.startswith("resolve(") and name.endswith(")"):
        return SsmParameter(_resolved(name[len("resolve(") : -1].strip()))
    return SsmParameter(name)


def _resolved(inner: str) -> "str | Reference":
    """Read what ``resolve()`` is given: a parameter of the document or of Parameter Store."""
    if _VARIABLE.fullmatch(inner):
        return Variable(inner)
    scheme, name = inner[: len(_SSM)], inner[len(_SSM) :]
    return SsmParameter(name) if scheme == _SSM and not name.startswith("resolve(") else ""
