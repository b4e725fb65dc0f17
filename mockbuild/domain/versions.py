"""Semantic versions as Image Builder counts them, and how one is chosen among those there are.

A version has four nodes, ``<major>.<minor>.<patch>/<build>``: the caller picks the first three,
Image Builder the build, which counts from 1. Recipes have no builds. ``x`` stands for a number that
is yet to be found. What may be written depends on where it stands:

- ``1.2.3``: a new component or workflow, or an image that is imported (:meth:`Version.parse`).
- also with one ``x`` in any node, ``1.2.x`` or ``1.x.0``: a new recipe (:meth:`Versions.assign`).
- also ``1.2.3/4`` and, with nothing but ``x`` after the first ``x``, ``1.2.x``, ``1.x.x`` and
  ``x.x.x``: something that exists (:meth:`Wanted.parse`). Nodes left off altogether mean
  ``x.x.x``; that ``/x`` means the latest build is a guess, and no ARN that the model checks has it.

Zeros in front (``2019.12.02``) are kept as they were written. That they count for nothing in
comparisons, and that ``1.0.0`` and ``1.0.00`` are two versions nevertheless, is a guess.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

#: The greatest number a node can have: each takes 30 bits of :attr:`Version.semver`.
LARGEST: Final = 2**30 - 1
_MOST_DIGITS: Final = len(str(LARGEST))
WILDCARD: Final = "x"
#: What matches every version.
ANY: Final = "x.x.x"


class VersionError(ValueError):
    """A text is not a version, or not one for its place; the message is a sentence without stop."""


#: The sentence of the guide's table of errors.
_FORMAT = "The supplied semantic version does not follow the required format"
_NODES = re.compile(r"([0-9]+|x)\.([0-9]+|x)\.([0-9]+|x)(?:/([0-9]+|x))?")


def _split(text: str) -> tuple[list[str], str]:
    """Return major, minor and patch as they are written, and the build; empty where there is none.

    :raises VersionError: it is nothing of that form.
    """
    match = _NODES.fullmatch(text)
    if match is None:
        raise VersionError(_FORMAT)
    return [match[1], match[2], match[3]], match[4] or ""


def _number(node: str) -> int:
    digits = node if len(node) <= _MOST_DIGITS else node.lstrip("0") or "0"
    number = int(digits[: _MOST_DIGITS + 1])
    if number > LARGEST:
        raise VersionError(f"A node of a semantic version can be {LARGEST} at most")  # a guess
    return number


class Version(NamedTuple):
    """One version, or one build of it. Greater is newer.

    :param numbers: major, minor and patch.
    :param text: the same as it was written, ``2019.12.02``.
    :param build: the build, 0 where there is none.
    """

    numbers: tuple[int, int, int]
    text: str
    build: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.2.3`` or ``1.2.3/4``.

        :raises VersionError: it is not of that form, or a number is out of bounds.
        """
        nodes, build = _split(text)
        if WILDCARD in (*nodes, build):
            raise VersionError(_FORMAT)
        major, minor, patch = map(_number, nodes)
        number = _number(build) if build else 0
        if build and not number:
            raise VersionError(_FORMAT)
        return cls((major, minor, patch), ".".join(nodes), number)

    def __str__(self) -> str:
        return f"{self.text}/{self.build}" if self.build else self.text

    @property
    def semver(self) -> int:
        """The four nodes as one number, as notifications have it."""
        major, minor, patch = self.numbers
        return major << 90 | minor << 60 | patch << 30 | self.build


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for who names something that exists.

    :param text: major, minor and patch as they were written, with every ``x``.
    :param fixed: the numbers before the first ``x``.
    :param build: the one build that will do; ``None`` for any.
    """

    text: str
    fixed: tuple[int, ...]
    build: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.2.3/4``, ``1.2.3`` or a form with ``x``; an empty text is ``x.x.x``.

        :raises VersionError: it is not of that form, as ``1.x.8`` or ``1.x.x/1`` are not, or a
            number is out of bounds.
        """
        nodes, build = _split(text or ANY)
        count = nodes.index(WILDCARD) if WILDCARD in nodes else len(nodes)
        after = [*nodes[count:], build or WILDCARD] if count < len(nodes) else []
        if any(node != WILDCARD for node in after):
            raise VersionError(_FORMAT)
        number = None if build in ("", WILDCARD) else _number(build)
        return cls(".".join(nodes), tuple(map(_number, nodes[:count])), number)

    def __str__(self) -> str:
        return self.text if self.build is None else f"{self.text}/{self.build}"

    def matches(self, version: Version) -> bool:
        """Say whether *version* would do."""
        if len(self.fixed) < len(version.numbers):
            return version.numbers[: len(self.fixed)] == self.fixed
        return version.text == self.text and self.build in (None, version.build)


class Versions:
    """The versions of one name, from the oldest to the newest.

    Looking one up costs the same however many there are. To choose only among some of them, as
    ``GetImage`` does among the available, go through :meth:`matching` up to the first that will do.
    """

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self._sorted: list[Version] = []
        self._last_builds: dict[str, int] = {}
        for version in versions:
            self.add(version)

    def __contains__(self, version: Version) -> bool:
        place = self._place(version)
        return place < len(self._sorted) and self._sorted[place] == version

    def _place(self, version: Version) -> int:
        return bisect_left(self._sorted, version)

    def add(self, version: Version) -> None:
        """Put *version* in its place, if it is not there."""
        if version not in self:
            self._sorted.insert(self._place(version), version)
        last = self._last_builds.get(version.text, 0)
        self._last_builds[version.text] = max(last, version.build)

    def discard(self, version: Version) -> None:
        """Take *version* out, if it is there."""
        if version in self:
            del self._sorted[self._place(version)]

    def matching(self, wanted: Wanted) -> Iterator[Version]:
        """Go through the versions that would do, the newest first."""
        if wanted.build is None:
            return filter(wanted.matches, self._under(wanted.fixed))
        major, minor, patch = wanted.fixed
        version = Version((major, minor, patch), wanted.text, wanted.build)
        return iter([version] if version in self else [])

    def _under(self, fixed: tuple[int, ...]) -> Iterator[Version]:
        """Go through the versions whose first numbers are *fixed*, the newest first."""
        size = len(fixed)
        end = bisect_right(self._sorted, fixed, key=lambda version: version.numbers[:size])
        for place in range(end - 1, -1, -1):
            if self._sorted[place].numbers[:size] != fixed:
                return
            yield self._sorted[place]

    def next_build(self, text: str) -> Version:
        """Return the build that follows the last one there has been of ``1.2.3``.

        Nothing is kept of it until it is added. That the number of a deleted build does not come
        back is a guess.

        :raises VersionError: *text* is not of that form, or has a number out of bounds.
        """
        version = Version.parse(text)
        return version._replace(build=self._last_builds.get(version.text, 0) + 1)

    def assign(self, text: str) -> Version:
        """Return the version that a new recipe gets for ``1.2.3``, or for a form with one ``x``.

        The ``x`` becomes one more than it is in the latest version that exists and that is the same
        in the other nodes. That it becomes 0 where there is none is a guess. Nothing is kept until
        it is added.

        :raises VersionError: *text* is not of that form, or a number is out of bounds.
        """
        nodes, build = _split(text)
        if build or nodes.count(WILDCARD) > 1:
            raise VersionError(_FORMAT)
        if WILDCARD not in nodes:
            return Version.parse(text)
        place = nodes.index(WILDCARD)
        before = tuple(_number(node) for node in nodes[:place])
        after = tuple(_number(node) for node in nodes[place + 1 :])
        alike = (one for one in self._under(before) if one.numbers[place + 1 :] == after)
        latest = next(alike, None)
        nodes[place] = str(0 if latest is None else latest.numbers[place] + 1)
        return Version.parse(".".join(nodes))


def latest_references(text: str) -> dict[str, str]:
    """Return what stands for the version in each ARN of ``latestVersionReferences``.

    :param text: ``1.2.3``; a build after it counts for nothing.
    :raises VersionError: *text* is not a version.
    """
    version = Version.parse(text).text
    major, minor, _ = version.split(".")
    return {
        "latestVersionArn": ANY,
        "latestMajorVersionArn": f"{major}.x.x",
        "latestMinorVersionArn": f"{major}.{minor}.x",
        "latestPatchVersionArn": version,
    }
