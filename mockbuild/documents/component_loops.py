"""A step's ``loop`` in a component document."""

from dataclasses import dataclass
from typing import TypeAlias

from mockbuild.documents.errors import Problems
from mockbuild.documents.records import Record
from mockbuild.documents.yaml_text import List, Scalar

DELIMITERS = (".", ",", ";", ":", "\n", "\t", " ", "-", "_")


@dataclass(frozen=True, slots=True)
class ForLoop:
    """``for``: whole numbers from one to another, both included.

    :param name: the loop's name, or ``None``.
    :param start: the first number.
    :param end: where to stop; the last number when the steps meet it.
    :param update_by: what is added each time; never 0, and in the direction of `end`.
    """

    name: Scalar | None
    start: int
    end: int
    update_by: int

    @property
    def values(self) -> range:
        """The numbers, however many there are."""
        return range(self.start, self.end + (1 if self.update_by > 0 else -1), self.update_by)


@dataclass(frozen=True, slots=True)
class ForEachLoop:
    """``forEach`` with a list.

    :param name: the loop's name, or ``None``.
    :param items: the values; each may hold references.
    """

    name: Scalar | None
    items: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class DelimitedLoop:
    """``forEach`` with the parts of one text.

    :param name: the loop's name, or ``None``.
    :param text: the text; it may hold references.
    :param delimiter: the character it is split at.
    """

    name: Scalar | None
    text: Scalar
    delimiter: str


Loop: TypeAlias = ForLoop | ForEachLoop | DelimitedLoop


def read_loop(step: Record, problems: Problems) -> Loop | None:
    """Read a step's ``loop``; ``None`` when there is none, or it is wrong."""
    record = step.record("loop")
    if record is None:
        return None
    name = record.text("name")
    found, each = record.value("for"), record.value("forEach")
    loop: Loop | None = None
    if (found is None) == (each is None):
        problems.error(record.at, f"{record.name} takes either for or forEach")
    elif found is not None:
        loop = _read_for(record, name, problems)
    elif each is not None and isinstance(each[1], List):
        loop = _read_list(record, name, problems)
    else:
        loop = _read_delimited(record, name, problems)
    record.refuse_unknown()
    return loop


def loop_texts(loop: Loop | None) -> tuple[Scalar, ...]:
    """Return the texts of a loop that may hold references."""
    match loop:
        case ForEachLoop():
            return loop.items
        case DelimitedLoop():
            return (loop.text,)
    return ()


def _read_for(loop: Record, name: Scalar | None, problems: Problems) -> ForLoop | None:
    record = loop.record("for")
    if record is None:
        return None
    numbers = []
    for key in ("start", "end", "updateBy"):
        if record.value(key) is None:
            record.missing(key, "give it a whole number")
        number = record.integer(key, lambda _: True, "a whole number; references do not work here")
        if number is not None:
            numbers.append(number)
    record.refuse_unknown()
    if len(numbers) < 3:
        return None
    start, end, update_by = numbers
    if update_by == 0 or (end - start) * update_by < 0:
        problems.error(
            record.at,
            f"{record.name} never ends: adding {update_by} does not lead from {start} to {end}",
        )
        return None
    return ForLoop(name, start, end, update_by)


def _read_list(record: Record, name: Scalar | None, problems: Problems) -> ForEachLoop:
    if record.is_empty("forEach"):
        problems.error(
            record.at, f"{record.path('forEach')} is empty; there is nothing to loop over"
        )
    return ForEachLoop(name, record.texts("forEach"))


def _read_delimited(loop: Record, name: Scalar | None, problems: Problems) -> DelimitedLoop | None:
    record = loop.record("forEach")
    if record is None:
        return None
    text = record.needed("list", "give it the text to take apart")
    delimiter = record.text("delimiter")
    record.refuse_unknown()
    if delimiter and delimiter.text not in DELIMITERS:
        problems.error(
            delimiter,
            f"{record.path('delimiter')} has to be a dot, comma, semicolon, colon, line break, "
            "tab, space, hyphen or underscore, in double quotes",
        )
    if text is None:
        return None
    return DelimitedLoop(name, text, delimiter.text if delimiter else ",")
