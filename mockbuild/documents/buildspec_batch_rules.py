"""What holds among the tasks of a batch: their identifiers, and who waits for whom.

One text is recorded, that for identifiers that are not well formed. The others are guesses in
its voice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from mockbuild.documents.buildspec_batch import INVALID, Task
from mockbuild.documents.errors import Placed, Problems, shown
from mockbuild.documents.fields import did_you_mean
from mockbuild.documents.yaml_text import Scalar

#: What the service calls the first build of every batch, which reads the section.
RESERVED_IDENTIFIER = "DOWNLOAD_SOURCE"
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,127}")
#: A cycle longer than this is named by its ends.
_NAMES_SHOWN = 8
_CYCLES_SHOWN = 10
#: A misspelt name is compared with at most so many.
_NAMES_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A task, and where its names are written.

    :param identifier: its own, or ``None`` where it lacks one.
    :param depend_on: those of the tasks it waits for.
    """

    task: Task
    identifier: Scalar | None
    depend_on: tuple[Scalar, ...]


def invalid(problems: Problems, at: Placed, message: str, aws_message: str) -> None:
    """Note what makes a section that is YAML invalid.

    :param aws_message: what the service says, without the beginning that all have.
    """
    problems.error(at, message, f"{INVALID} {aws_message}")


def check_identifiers(written: Sequence[Written], problems: Problems) -> None:
    """Note identifiers that are not well formed, not unique, or the service's own."""
    given = [item.identifier for item in written if item.identifier is not None]
    wrong = [name for name in given if not _IDENTIFIER.fullmatch(name.text)]
    # Recorded, all names in one message; that it is one line is a guess.
    aws_message = (
        f"{INVALID} Build Identifiers {','.join(name.text for name in wrong)} must contain only "
        "alphanumeric characters and underscores and be less than 128 characters in length."
    )
    for name in wrong:
        problems.error(
            name,
            f"identifier {shown(name.text)} has to be 1 to 127 letters, digits and underscores",
            aws_message,
        )
    first: dict[str, Scalar] = {}
    for name in given:
        before = first.get(name.text)
        if before is not None:
            invalid(
                problems,
                name,
                f"identifier {shown(name.text)} is taken by line {before.line}; choose another",
                f"Build Identifiers {name.text} must be unique.",
            )
            continue
        first[name.text] = name
        if name.text == RESERVED_IDENTIFIER:
            invalid(
                problems,
                name,
                f"identifier {name.text} is the service's own; choose another",
                f"Build Identifiers {name.text} must not be used.",
            )


def check_dependencies(written: Sequence[Written], path: str, problems: Problems) -> None:
    """Note tasks in `depend-on` that there are not, and cycles.

    :param path: the graph's name for messages.
    """
    # A task may wait for one that is written further down: AWS's own buildspecs do.
    graph: dict[str, tuple[Scalar, ...]] = {}
    for item in written:
        graph.setdefault(item.task.identifier, item.depend_on)
    for item in written:
        for name in item.depend_on:
            if name.text not in graph and not problems.is_full("error"):
                invalid(
                    problems,
                    name,
                    f"depend-on names {shown(name.text)}, which is no task of this graph"
                    f"{did_you_mean(name.text, islice(graph, _NAMES_COMPARED))}",
                    f"Build Identifiers {name.text} in depend-on do not exist.",
                )
    for closing, names in islice(_cycles(graph), _CYCLES_SHOWN):
        text = " -> ".join(_cycle_names([*names, names[0]]))
        invalid(
            problems,
            closing,
            f"{path} has a cycle: {text}; none of these builds could start",
            f"Build Identifiers {','.join(names)} must not depend on each other in a cycle.",
        )


def _cycles(graph: Mapping[str, tuple[Scalar, ...]]) -> Iterator[tuple[Scalar, list[str]]]:
    """Find cycles, at least one wherever there are any, with the reference that closes each.

    Depth first with a stack of its own, as a hostile chain may be longer than Python's.
    """
    on_path: dict[str, bool] = {}
    for root in graph:
        if root in on_path:
            continue
        path, stack = [root], [iter(graph[root])]
        on_path[root] = True
        while stack:
            for reference in stack[-1]:
                name = reference.text
                if name not in graph:
                    continue
                if name not in on_path:
                    path.append(name)
                    stack.append(iter(graph[name]))
                    on_path[name] = True
                    break
                if on_path[name]:
                    yield reference, path[path.index(name) :]
            else:
                stack.pop()
                on_path[path.pop()] = False


def _cycle_names(names: list[str]) -> list[str]:
    """Make the names fit for a message; of many, the first and the last."""
    if len(names) > _NAMES_SHOWN:
        left_out = len(names) - _NAMES_SHOWN
        names = [*names[: _NAMES_SHOWN - 1], f"({left_out} more)", names[-1]]
    return [shown(name)[:40] for name in names]
