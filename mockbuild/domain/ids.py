"""Ids: random, or reproducible from a seed."""

import os
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


#: The digit that tells a UUID's variant, of any digit: its two highest bits are one and zero.
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


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
        digits = self.bytes(16).hex()
        variant = _VARIANTS[digits[16]]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def digits(self, count: int) -> str:
        """Return *count* decimal digits, the first of them not zero."""
        span = 9 * 10 ** (count - 1)
        return str(10 ** (count - 1) + int.from_bytes(self.bytes(8), "big") % span)
