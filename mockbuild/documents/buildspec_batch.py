"""A buildspec's ``batch``: the builds that a batch build is made of.

The grammar is the user guide's "Batch build buildspec reference". It says little of what makes
a section invalid; the rules and their wording are in
:mod:`mockbuild.documents.buildspec_batch_reader`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from types import MappingProxyType
from typing import ClassVar, TypeAlias

from mockbuild.documents.errors import DocumentError, Problem

#: How many builds a project's ``maximumBuildsAllowed`` lets a batch have unless it says otherwise.
DEFAULT_MAXIMUM_BUILDS = 100
#: No project gets more than this, whatever it allows; the limit is ours, to keep a hostile matrix
#: from filling the memory. Batches of some 250 builds are about.
MAX_BUILDS = 1000

#: Recorded: how the message about a section that is YAML but makes no sense begins.
INVALID = "BatchSpec has invalid values.."


class BatchError(DocumentError):
    """A ``batch`` section that no batch can be built from; see :class:`DocumentError`."""

    @property
    def status_code(self) -> str:
        """The code beside ``aws_message`` in a phase context.

        ``BATCH_SPEC_VALIDATION_ERROR`` is recorded. That values of the wrong kind have the code
        of wrong YAML instead is a guess.
        """
        if self.aws_message.startswith(INVALID):
            return "BATCH_SPEC_VALIDATION_ERROR"
        return "YAML_FILE_ERROR"


@dataclass(frozen=True, slots=True)
class EnvOverride:
    """What a build has other than the project; ``None`` leaves the project's.

    :param compute_type: such as ``BUILD_GENERAL1_LARGE``; like all texts here it may hold
        ``$VARIABLE``.
    :param fleet: name or ARN of a fleet; never together with a compute type.
    :param image: the image.
    :param privileged_mode: whether the build may run Docker. The guide gives ``false`` as the
        default; that leaving it out keeps the project's setting is a guess.
    :param type: such as ``LINUX_CONTAINER``.
    :param variables: environment variables, literal.
    """

    compute_type: str | None = None
    fleet: str | None = None
    image: str | None = None
    privileged_mode: bool | None = None
    type: str | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Shard:
    """Which part of the tests a build of a fan-out runs.

    ``codebuild-tests-run`` has to be told both numbers; by which environment variables the
    service does so is not documented.

    :param index: number of the part, counted from 0.
    :param count: how many parts there are.
    """

    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Task:
    """One build of a batch.

    :param identifier: its name in the batch, in ``buildGroups`` and in the variable
        ``CODEBUILD_BATCH_BUILD_IDENTIFIER``.
    :param line: line it comes from, counted from 1.
    :param column: column it comes from, counted from 1.
    :param buildspec: a path, or inline YAML; ``None`` for the buildspec of the batch.
    :param env: what it has other than the project.
    :param depends_on: identifiers of the tasks that have to succeed first.
    :param ignore_failure: whether the batch can succeed without it.
    :param debug_session: whether somebody may look into it while it runs.
    :param shard: its part of a fan-out, or ``None``.
    """

    identifier: str
    line: int
    column: int
    buildspec: str | None = None
    env: EnvOverride = field(default_factory=EnvOverride)
    depends_on: tuple[str, ...] = ()
    ignore_failure: bool = False
    debug_session: bool = False
    shard: Shard | None = None


@dataclass(frozen=True, slots=True)
class BuildGraph:
    """``build-graph``: tasks that wait for each other.

    :param items: the tasks in the order of the document.
    """

    kind: ClassVar[str] = "build-graph"
    items: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class BuildList:
    """``build-list``: tasks that run side by side.

    :param items: the tasks in the order of the document.
    """

    kind: ClassVar[str] = "build-list"
    items: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class MatrixStatic:
    """What all builds of a matrix have in common.

    :param ignore_failure: whether the batch can succeed without them.
    :param env: what they have other than the project. The guide has only ``privileged-mode`` and
        ``type`` here; AWS's own buildspecs have the other keys, too. That they count is a guess.
    """

    ignore_failure: bool = False
    env: EnvOverride = field(default_factory=EnvOverride)


@dataclass(frozen=True, slots=True)
class MatrixDynamic:
    """What the builds of a matrix differ in: one of each, in every combination.

    :param buildspecs: paths.
    :param compute_types: such as ``BUILD_GENERAL1_LARGE``.
    :param images: images.
    :param variables: the values of each environment variable.
    """

    buildspecs: tuple[str, ...] = ()
    compute_types: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def size(self) -> int:
        """How many combinations there are."""
        axes = (self.buildspecs, self.compute_types, self.images, *self.variables.values())
        return math.prod(len(axis) for axis in axes if axis)


@dataclass(frozen=True, slots=True)
class BuildMatrix:
    """``build-matrix``: a build for every combination of settings.

    :param static: what the builds have in common.
    :param dynamic: what they differ in.
    :param line: line of the key, counted from 1.
    :param column: column of the key, counted from 1.
    """

    kind: ClassVar[str] = "build-matrix"
    static: MatrixStatic
    dynamic: MatrixDynamic
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class BuildFanout:
    """``build-fanout``: the same build several times, each with its share of the tests.

    :param parallelism: how many builds.
    :param ignore_failure: whether the batch can succeed without them.
    :param line: line of the key, counted from 1.
    :param column: column of the key, counted from 1.
    """

    kind: ClassVar[str] = "build-fanout"
    parallelism: int
    ignore_failure: bool
    line: int
    column: int


Builds: TypeAlias = BuildGraph | BuildList | BuildMatrix | BuildFanout


@dataclass(frozen=True, slots=True)
class Batch:
    """The ``batch`` section.

    A build on its own does not mind what is wrong with the section (a guess); only
    :meth:`tasks` does.

    :param fast_fail: whether all running builds stop when one fails.
    :param builds: which builds there are; an empty list where the section does not say.
    :param source: the buildspec's name for messages, or ``<inline>``.
    :param line: line of the key, counted from 1.
    :param column: column of the key, counted from 1.
    :param problem: the first error in the section, or ``None``.
    """

    fast_fail: bool
    builds: Builds
    source: str
    line: int
    column: int
    problem: Problem | None = None

    @property
    def size(self) -> int:
        """How many builds the batch has, counted without making them."""
        match self.builds:
            case BuildMatrix():
                return self.builds.dynamic.size
            case BuildFanout():
                return self.builds.parallelism
            case _:
                return len(self.builds.items)

    def tasks(self, at_most: int = DEFAULT_MAXIMUM_BUILDS) -> tuple[Task, ...]:
        """Plan the builds.

        They come in the order of the document, those of a matrix in the order of the guide's
        example: the last variable changes fastest. How the service names builds of a matrix or
        a fan-out is not documented; ``build_matrix_1``, ``build_fanout_1`` and so on are a guess.

        :param at_most: the project's ``maximumBuildsAllowed``; :data:`MAX_BUILDS` holds as well.
        :raises BatchError: the section is invalid, or makes more builds than allowed.
        """
        found = self.problem
        if found is not None:
            raise BatchError(found.source, found.line, found.column, found.message,
                             found.aws_message)  # fmt: skip
        allowed = min(at_most, MAX_BUILDS)
        if self.size > allowed:
            raise BatchError(
                self.source,
                self.line,
                self.column,
                f"the batch makes {count_shown(self.size)} builds; {allowed} are allowed",
                # A guess: that it fails is documented, the text is not.
                f"{INVALID} Number of builds must not exceed {allowed}.",
            )
        match self.builds:
            case BuildMatrix():
                return tuple(_combinations(self.builds))
            case BuildFanout():
                return tuple(_shards(self.builds))
            case _:
                return self.builds.items


def count_shown(count: int) -> str:
    """Make a count fit for a message: one from a matrix may have thousands of digits."""
    return str(count) if count < 10**12 else "more than 10^12"


def _combinations(matrix: BuildMatrix) -> Iterator[Task]:
    static, dynamic = matrix.static.env, matrix.dynamic
    # What is in both is taken from dynamic; a guess, as the guide has nothing in both.
    combined = product(
        dynamic.buildspecs or (None,),
        dynamic.compute_types or (static.compute_type,),
        dynamic.images or (static.image,),
        *dynamic.variables.values(),
    )
    for number, (buildspec, compute_type, image, *values) in enumerate(combined, start=1):
        variables = dict(zip(dynamic.variables, map(str, values), strict=True))
        yield Task(
            identifier=f"build_matrix_{number}",
            line=matrix.line,
            column=matrix.column,
            buildspec=buildspec,
            env=replace(
                static,
                compute_type=compute_type,
                image=image,
                variables=MappingProxyType({**static.variables, **variables}),
            ),
            ignore_failure=matrix.static.ignore_failure,
        )


def _shards(fanout: BuildFanout) -> Iterator[Task]:
    for index in range(fanout.parallelism):
        yield Task(
            identifier=f"build_fanout_{index + 1}",
            line=fanout.line,
            column=fanout.column,
            ignore_failure=fanout.ignore_failure,
            shard=Shard(index, fanout.parallelism),
        )
