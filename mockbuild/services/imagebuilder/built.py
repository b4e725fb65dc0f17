"""What components and workflows have in common: a document, versions, and builds of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any, Final, overload

from mockbuild.domain.aws_errors import (
    InvalidParameterCombinationException,
    InvalidVersionNumberException,
)
from mockbuild.domain.image_arns import ImageBuilderArn, resource
from mockbuild.domain.versions import VersionError
from mockbuild.domain.views import Mapped
from mockbuild.neighbours.base import NeighbourError
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.shelves import Resource, Shelf
from mockbuild.services.imagebuilder.words import (
    check_dry_run,
    does_not_go_together,
    exists_already,
    invalid,
)

#: What two builds of the same content may differ in. That it is this is a guess.
_NOT_CONTENT: Final = frozenset({"arn", "name", "changeDescription", "dateCreated", "tags"})


@dataclass(frozen=True, slots=True)
class Family:
    """Components, or workflows of all types.

    :param noun: what the API calls one of them.
    :param quota: what their quota is called.
    :param kinds: the kinds of resources they are.
    """

    noun: str
    quota: str
    kinds: tuple[str, ...]

    def shelves(self, here: ImageBuilder) -> list[Shelf]:
        """Return the caller's shelves of them."""
        return [here.shelves[kind] for kind in self.kinds]


COMPONENTS: Final = Family("Component", "components", ("component",))
WORKFLOWS: Final = Family(
    "Workflow", "image_workflows", ("workflow/build", "workflow/distribution", "workflow/test")
)


def source_of(here: ImageBuilder, data: str | None, uri: str | None) -> tuple[str, str]:
    """Return the text of a request that gives it as ``data`` or as ``uri``, and which of the two.

    :raises InvalidParameterCombinationException: it gives both, or neither; the text is a guess.
    :raises InvalidParameterValueException: there is no text at the ``uri``.
    """
    if (data is None) == (uri is None):
        raise does_not_go_together("data", "You must specify either data or uri.")
    if uri is not None:
        return read_text(here, uri, "uri"), "uri"
    return data or "", "data"


def read_text(here: ImageBuilder, uri: str, parameter: str) -> str:
    """Return the text of an object of S3. ``Invalid S3 URI`` is documented, the rest a guess.

    :param uri: ``s3://bucket/key``.
    :param parameter: the parameter it came in.
    :raises InvalidParameterValueException: there is no such object, or it is no text.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise invalid(parameter, "Invalid S3 URI.")
    try:
        return here.means.neighbours.s3(here.region).get(bucket, key).body.decode()
    except NeighbourError as error:
        raise invalid(parameter, f"{error.message.rstrip('.')}.") from None
    except UnicodeDecodeError:
        raise invalid(parameter, "The object is not text in UTF-8.") from None


def add_build(
    here: ImageBuilder,
    family: Family,
    kind: str,
    record: Record,
    *,
    dry_run: bool = False,
) -> Resource:
    """Make the next build of a version, which is the first one if there is none.

    :param record: what it has besides its ARN and the date of its creation.
    :param dry_run: whether to end when all is found well.
    :raises InvalidVersionNumberException: a number of the version is too great.
    :raises ResourceAlreadyExistsException: the latest build of the version has the same content.
    :raises ServiceQuotaExceededException: there are too many; that every build counts is a guess.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    name = ImageBuilderArn.parse(here.arn(resource(kind, record["name"])))
    shelf = here.shelves[kind]
    try:
        build = shelf.versions(name.name).next_build(record["version"])
    except VersionError as error:
        raise InvalidVersionNumberException(
            f"The value supplied for parameter 'semanticVersion' is not valid. {error}."
        ) from None
    latest = shelf.heads.get(str(name.at(record["version"])))
    if latest is not None and _content(latest.record) == _content(record):
        raise exists_already(family.noun, str(latest.arn))
    check_quota(here, family.quota, 1 + sum(len(one.by_arn) for one in family.shelves(here)))
    check_dry_run(dry_run)
    return keeping.keep(here, name.at(str(build)), record)


def _content(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in _NOT_CONTENT}


def builds_of(shelf: Shelf, arn: ImageBuilderArn, parameter: str) -> list[Resource]:
    """Return the builds that the ARN of a version means, the newest of the newest version first.

    :param parameter: the parameter the ARN came in.
    :raises InvalidParameterValueException: an ``x`` stands where none may, or a number is too
        great.
    """
    try:
        return list(shelf.matching(arn))
    except VersionError as error:
        raise invalid(parameter, f"{error}.") from None


def all_builds(shelves: Sequence[Shelf], show: Callable[[Resource], Record]) -> Mapped[Record]:
    """Return all builds on *shelves*, the newest first, which is a guess."""
    if len(shelves) == 1:
        return Mapped(shelves[0].newest_first, show)
    newest_first = (shelf.newest_first for shelf in shelves)
    return Mapped([*merge(*newest_first, key=lambda found: -found.created)], show)


class Listed(Sequence[Record]):
    """The newest build of each version on some shelves, shown when it is its turn.

    They come in the order of names and versions, as in examples of the documentation. That numbers
    are compared as numbers is a guess.

    :param shelves: one after the other.
    :param show: what the list has of a build.
    """

    def __init__(self, shelves: Iterable[Shelf], show: Callable[[Resource], Record]) -> None:
        self._parts = [(shelf.by_version.names(), shelf.heads) for shelf in shelves]
        self._show = show

    def __len__(self) -> int:
        return sum(len(arns) for arns, _ in self._parts)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> list[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | list[Record]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        for arns, heads in self._parts:
            if place < len(arns):
                return self._show(heads[arns[place]])
            place -= len(arns)
        raise IndexError(place)


def one_per_name(entries: Iterable[Record]) -> list[Record]:
    """Return of each name the entry of its newest version; that it stands for all is a guess.

    :param entries: in the order of names and versions.
    """
    return list({entry["arn"].rpartition("/")[0]: entry for entry in entries}.values())


def filters_by(filters: Iterable[Mapping[str, Any]] | None, name: str) -> bool:
    """Tell whether one of *filters* has that name."""
    return any(one.get("name") == name for one in filters or ())


def by_name_and_version(plural: str) -> InvalidParameterCombinationException:
    """Return the error on a list by name that is to be filtered by version; recorded of images.

    :param plural: what the list is of: ``Components``.
    """
    return does_not_go_together(
        "filters", f"You cannot list {plural} by name and filter by version in the same request."
    )
