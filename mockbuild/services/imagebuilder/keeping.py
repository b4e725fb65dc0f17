"""How resources come onto their shelves, and how they leave them."""

from mockbuild.domain.dates import iso_millis
from mockbuild.domain.image_arns import ImageBuilderArn, resource
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.resource_policies import is_shared
from mockbuild.services.imagebuilder.shelves import Resource, version_arn
from mockbuild.services.imagebuilder.words import depended_on, exists_already


def free_arn(here: ImageBuilder, kind: str, name: str, version: str = "") -> ImageBuilderArn:
    """Return the ARN of something that is to be made.

    :param kind: ``image-recipe``, ``infrastructure-configuration`` and so on.
    :param name: the name as its owner spells it.
    :param version: ``1.0.0``, if it has versions.
    :raises ResourceAlreadyExistsException: there is something of that name, or of one that differs
        in case, spaces and underscores only.
    :raises ServiceQuotaExceededException: there are too many of the kind.
    """
    arn = ImageBuilderArn.parse(here.arn(resource(kind, name, version)))
    shelf = here.shelves[kind]
    if shelf.exact(str(arn)) is not None:
        printed = "".join(word.capitalize() for word in kind.split("-"))
        raise exists_already(printed, str(arn))
    check_quota(here, _plural(kind), len(shelf.by_arn) + 1)
    return arn


def _plural(kind: str) -> str:
    """Return what many of a kind are called: ``image_recipes``, ``lifecycle_policies``."""
    noun = kind.replace("-", "_")
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def keep(here: ImageBuilder, arn: ImageBuilderArn, record: Record) -> Resource:
    """Put something new on its shelf.

    :param record: what it has besides its ARN and the date of its creation.
    """
    now = here.now()
    made = Resource(arn, {"arn": str(arn), **record, "dateCreated": iso_millis(now)}, now)
    here.shelves[arn.kind].add(made)
    return made


def check_deletable(here: ImageBuilder, found: Resource) -> None:
    """Make sure that nobody needs what is to be deleted, and that it is not shared.

    That somebody who needs a version keeps all of its builds, and that somebody who needs it by an
    ARN with ``x`` keeps none, is a guess.

    :raises ResourceDependencyException: somebody needs it, or another account may use it.
    """
    arn = str(found.arn)
    if is_shared(found) or here.shelves.references.needed(arn, version_arn(found.arn)):
        raise depended_on(arn)


def delete(here: ImageBuilder, kind: str, arn: str) -> None:
    """Take something off its shelf.

    :raises ResourceNotFoundException: the caller has none of exactly this ARN.
    :raises ResourceDependencyException: somebody needs it, or another account may use it.
    """
    found = own(here, kind, arn)
    check_deletable(here, found)
    here.shelves.references.drop(arn)
    here.shelves[kind].remove(found)


def update(here: ImageBuilder, found: Resource, settings: Record, *kept: str) -> None:
    """Replace all that something has by *settings*, but for what no update can change.

    :param kept: what else stays as it is, if it is there.
    """
    record = chosen(found.record, "arn", "name", "tags", "dateCreated", *kept)
    found.record = {**record, **settings, "dateUpdated": iso_millis(here.now())}


def chosen(record: Record, *members: str) -> Record:
    """Return those of *members* that *record* has: what a list shows of a resource."""
    return {member: record[member] for member in members if member in record}


def without_nothing(members: Record) -> Record:
    """Return *members* without empty lists and structures, which are as good as not given."""
    return {name: value for name, value in members.items() if value != [] and value != {}}
