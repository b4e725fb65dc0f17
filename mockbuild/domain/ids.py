"""Ids: random, or reproducible from a seed."""

import os
import random
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Ids:
    """Makes every id of one mock.

    :param seed: the same seed gives the same ids in the same order; ``None`` gives random ones.
    """

    def __init__(self, seed: int | None = None) -> None:
        #: Returns so many bytes.
        if seed is None:
            self.bytes: Callable[[int], bytes] = os.urandom
        else:
            self.bytes = random.Random(seed).randbytes  # noqa: S311 - names, not secrets

    def uuid(self) -> str:
        """Return a version 4 UUID as text."""
        return str(uuid.UUID(bytes=self.bytes(16), version=4))

    def digits(self, count: int) -> str:
        """Return *count* decimal digits, the first of them not zero."""
        span = 9 * 10 ** (count - 1)
        return str(10 ** (count - 1) + int.from_bytes(self.bytes(8), "big") % span)
