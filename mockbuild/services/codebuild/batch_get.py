"""Looking up several things at once, as every ``BatchGet…`` does."""

from collections.abc import Callable, Iterable

from mockbuild.services.backend import Record


def batch_get(
    names: Iterable[str], look: Callable[[str], Record | None]
) -> tuple[list[Record], list[str]]:
    """Return what is there, in the order asked for, and the names of what is not.

    What is asked for twice is answered once, which is a guess.

    :param look: returns the record of what has that name, id or ARN, or ``None``.
    """
    found: list[Record] = []
    missing: list[str] = []
    for name in dict.fromkeys(names):
        record = look(name)
        if record is None:
            missing.append(name)
        else:
            found.append(record)
    return found, missing
