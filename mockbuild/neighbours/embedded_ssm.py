"""A stand-in for the Parameter Store of Systems Manager, in memory."""

import threading
from collections.abc import Sequence


class EmbeddedSSM:
    """The parameters of one account in one region. See :class:`~mockbuild.neighbours.base.SSM`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, str] = {}

    def put(self, name: str, value: str, data_type: str = "text") -> None:  # noqa: ARG002
        """Write a parameter, in place of the value it had; any name and any value will do."""
        with self._lock:
            self._values[name] = value

    def get(self, name: str) -> str | None:
        """Return the value of a parameter; ``None`` if there is none."""
        with self._lock:
            return self._values.get(name)

    def delete(self, name: str) -> None:
        """Remove a parameter. One that is not there is no error."""
        with self._lock:
            self._values.pop(name, None)

    def names(self) -> Sequence[str]:
        """Return the names of all parameters, sorted."""
        with self._lock:
            return sorted(self._values)
