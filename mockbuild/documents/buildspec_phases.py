"""A buildspec's ``phases``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mockbuild.documents.errors import Problems
from mockbuild.documents.fields import Fields, did_you_mean
from mockbuild.documents.yaml_text import List, Node, Scalar

#: Names in the document, in the order they run; the API prints them in upper case.
PHASE_NAMES = ("install", "pre_build", "build", "post_build")

_DEFAULT_RETRIES = 3
_MAX_RETRIES = 100
_RETRY = re.compile(r"(?P<count>\d+)(?:-(?P<pattern>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OnFailure:
    """What happens when a phase fails.

    :param action: ``ABORT`` runs no further command phase, ``CONTINUE`` goes on with the next
        one, ``RETRY`` tries again.
    :param retries: how many times to try again, 0 to 100; 0 unless `action` is ``RETRY``.
    :param pattern: regular expression the error message has to match for another try.
    :param line: line of the value, counted from 1.
    :param column: column of the value, counted from 1.
    """

    action: Literal["ABORT", "CONTINUE", "RETRY"]
    retries: int
    pattern: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class RuntimeVersion:
    """A runtime to select.

    :param name: ``python``, ``nodejs`` and so on.
    :param version: ``3.12``, ``18.x``, ``latest`` or ``$VARIABLE``, as written.
    """

    name: Scalar
    version: Scalar


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase that the document has.

    :param name: as the API prints it, ``PRE_BUILD``.
    :param commands: the commands, in order, as written.
    :param finally_commands: those that run at the end in any case.
    :param run_as: the user to run as, or ``None`` for the document's.
    :param on_failure: what to do on failure, or ``None`` for the default of the phase.
    :param runtime_versions: runtimes to select (``INSTALL`` only).
    :param line: line of the phase's key, counted from 1.
    :param column: column of the phase's key, counted from 1.
    """

    name: str
    commands: tuple[Scalar, ...]
    finally_commands: tuple[Scalar, ...]
    run_as: Scalar | None
    on_failure: OnFailure | None
    runtime_versions: tuple[RuntimeVersion, ...]
    line: int
    column: int


def read_phases(fields: Fields | None, problems: Problems) -> Mapping[str, Phase]:
    """Read ``phases``: upper-case name to phase, in the order they run."""
    if fields is None:
        return MappingProxyType({})
    found = {}
    for key in fields.names():
        if key.text not in PHASE_NAMES and not problems.is_full("error"):
            # The wording is recorded; that the names are case-sensitive is a guess.
            problems.error(
                key,
                f"{fields.path(key.text)} is not a phase; there are {', '.join(PHASE_NAMES)}"
                f"{did_you_mean(key.text, PHASE_NAMES)}"
                f"{_misplaced(key.text)}",
                f"Invalid buildspec phase name: {key.text}. "
                f"Expecting: {','.join(sorted(PHASE_NAMES))}",
            )
    for name in PHASE_NAMES:
        phase = fields.fields(name)
        if phase is not None:
            found[name.upper()] = _read_phase(name, phase, problems)
    return MappingProxyType(found)


def _misplaced(name: str) -> str:
    known = ("artifacts", "batch", "cache", "env", "proxy", "reports")
    return f"; {name} belongs at the left margin, beside phases" if name in known else ""


def _read_phase(name: str, fields: Fields, problems: Problems) -> Phase:
    on_failure = fields.text("on-failure")
    runtimes = fields.pairs("runtime-versions") if name == "install" else ()
    if name == "install" and not runtimes and fields.value("runtime-versions"):
        problems.warning(fields.at, f"{fields.path('runtime-versions')} names no runtime")
    phase = Phase(
        name=name.upper(),
        commands=_commands(fields, "commands", problems),
        finally_commands=_commands(fields, "finally", problems),
        run_as=fields.text("run-as"),
        on_failure=None if on_failure is None else _on_failure(on_failure, fields, problems),
        runtime_versions=tuple(RuntimeVersion(*pair) for pair in runtimes),
        line=fields.at.line,
        column=fields.at.column,
    )
    if name != "install" and fields.value("commands") is None:
        # AWS documents them as required, but not what happens without; going on is a guess.
        problems.warning(fields.at, f"{fields.path('commands')} is missing; AWS asks for it here")
    fields.warn_unknown()
    return phase


def _commands(fields: Fields, key: str, problems: Problems) -> tuple[Scalar, ...]:
    found = fields.value(key)
    if found is None:
        return ()
    node = found[1]
    if not isinstance(node, List):
        # One command without a list around it works; AWS's own samples for the CDK have it.
        return fields.texts(key)
    commands = []
    for index, item in enumerate(node.items):
        if isinstance(item, Scalar):
            commands.append(item)
        elif not problems.is_full("error"):
            problems.error(
                item, _not_a_command(fields.path(key), index), _subkeys(key, index, item)
            )
    return tuple(commands)


def _not_a_command(path: str, index: int) -> str:
    return (
        f'{path}[{index}] is not text: put the command in quotes (a ": " in it makes YAML see '
        "a mapping), or write it as a block after |"
    )


def _subkeys(key: str, index: int, item: Node) -> str:
    # Recorded for commands; for finally, and for a list as an item, it is a guess. The second
    # line is always the one before, whatever stands there.
    return (
        f"Expected {key.capitalize()}[{index}] to be of string type: found subkeys instead "
        f"at line {item.line}, value of the key tag on line {item.line - 1} might be empty"
    )


def _on_failure(value: Scalar, fields: Fields, problems: Problems) -> OnFailure | None:
    """ABORT, CONTINUE, RETRY, RETRY-<count>, RETRY-<regex>, RETRY-<count>-<regex>; any case."""
    action, dash, rest = value.text.partition("-")
    place = (value.line, value.column)
    match action.upper(), dash:
        case "ABORT", "":
            return OnFailure("ABORT", 0, "", *place)
        case "CONTINUE", "":
            return OnFailure("CONTINUE", 0, "", *place)
        case "RETRY", _:
            retries, pattern = _retry(rest)
            if retries <= _MAX_RETRIES and _is_regex(pattern):
                return OnFailure("RETRY", retries, pattern, *place)
    # A guess that this fails the build, and the wording is ours: none is known.
    problems.error(
        value,
        f"{fields.path('on-failure')} has to be ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex "
        f"or RETRY-count-regex, with a count of 0 to {_MAX_RETRIES}",
    )
    return None


def _retry(rest: str) -> tuple[int, str]:
    counted = _RETRY.fullmatch(rest)
    if counted is None:
        return _DEFAULT_RETRIES, rest or ".*"
    # A count that long is out of range anyway, and costly to convert.
    count = int(counted["count"]) if len(counted["count"]) <= 9 else _MAX_RETRIES + 1
    return count, counted["pattern"] or ".*"


def _is_regex(pattern: str) -> bool:
    if len(pattern) > 1000:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
