"""What Amazon and others provide to everybody: components, images to build on, and workflows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from hashlib import blake2b
from typing import Any, Final

from mockbuild.domain.arns import arn
from mockbuild.domain.dates import iso_millis
from mockbuild.domain.image_arns import (
    AMAZON,
    KINDS,
    OWNERS,
    ImageBuilderArn,
    normal_name,
    resource,
)
from mockbuild.domain.versions import VersionError
from mockbuild.errors import ConfigurationError
from mockbuild.services.backend import Backend, Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue_components import components
from mockbuild.services.imagebuilder.catalogue_entry import Entry
from mockbuild.services.imagebuilder.catalogue_images import images
from mockbuild.services.imagebuilder.catalogue_workflows import workflows
from mockbuild.services.imagebuilder.shelves import Resource, Shelf

#: The kinds that workflows are, and the type of each.
_WORKFLOWS: Final = {
    kind: kind.removeprefix("workflow/").upper() for kind in KINDS if kind.startswith("workflow/")
}
_ENTRIES: Final[Mapping[str, Callable[[], Iterator[Entry]]]] = {
    "component": components,
    "image": images,
    **{kind: partial(workflows, kind) for kind in _WORKFLOWS},
}

#: What a release can say, by the names of the API; ``""`` stands for workflows.
_MEMBERS: Final = {
    "component": (
        "description", "changeDescription", "platform", "supportedOsVersions", "state",
        "publisher", "obfuscate", "productCodes", "tags",
    ),
    "image": (
        "type", "platform", "osVersion", "state", "imageSource", "outputResources",
        "deprecationTime", "tags",
    ),
    "": ("description", "changeDescription", "state", "tags"),
}  # fmt: skip
#: The state of what is released.
_STATES: Final[Mapping[str, Record]] = {
    "component": {"state": {"status": "ACTIVE"}},
    "image": {"state": {"status": "AVAILABLE"}},
}
#: What the first release of a name has to say.
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "component": ("platform", "data"),
    "image": ("platform", "osVersion"),
    "": ("data",),
}


class Releases:
    """What was released in a mock beyond the catalogue; its first backend keeps it for all."""

    def __init__(self, _: Backend) -> None:
        #: By kind, in the order they came.
        self.entries: dict[str, list[Entry]] = {}


class Catalogue:
    """The catalogue as one account has it before it in one region.

    :param here: the account and region.
    """

    def __init__(self, here: ImageBuilder) -> None:
        self._here = here
        first: Backend = next(iter(here.means.peers(here.service)), here)
        self._releases = first.store(Releases)
        #: Of the kinds of which something was released, and how much of that is there.
        self._shelves: dict[str, Shelf] = {}
        self._taken: dict[str, int] = {}

    def shelf(self, kind: str) -> Shelf:
        """Return all of a kind, of every owner; an empty shelf where nobody provides any.

        :param kind: one of :data:`~mockbuild.domain.image_arns.KINDS`.
        """
        released = self._releases.entries.get(kind)
        if released is None:
            return _provided(kind, self._here.region)
        shelf = self._shelves.get(kind)
        if shelf is None:
            shelf = self._shelves[kind] = _filled(kind, self._here.region)
        for entry in released[self._taken.get(kind, 0) :]:
            shelf.add(_resource(entry, self._here.region))
        self._taken[kind] = len(released)
        return shelf

    def release(
        self,
        kind: str,
        name: str,
        version: str,
        *,
        owner: str = AMAZON,
        data: str | None = None,
        **members: Any,
    ) -> str:
        """Have somebody release another version, to all accounts in all regions of this mock.

        What is not said is as in the newest version there is of that name, but for its state: it
        is active, or available.

        :param kind: ``component``, ``image``, ``workflow/build``, ``workflow/test`` or
            ``workflow/distribution``.
        :param name: as answers spell it, or as it stands in ARNs.
        :param version: ``1.0.5``. One that is there already gets another build.
        :param owner: as it stands in ARNs: ``aws``, ``third-party`` or ``aws-marketplace``.
        :param data: the document of a component or a workflow. From it follow its parameters and
            a component's type.
        :param members: members of the record by the names they have in the API: ``description``,
            ``platform``, ``supportedOsVersions``, ``osVersion``, ``state`` and so on. Of a name
            that nobody has had before, a component needs ``platform`` and ``data``, a workflow
            ``data``, an image ``platform`` and ``osVersion``.
        :returns: the ARN of the build, in this region.
        :raises ConfigurationError: there are no such things, or something is missing or wrong.
        :raises DocumentError: the document is not valid.
        """
        if kind not in _ENTRIES or owner not in OWNERS:
            raise ConfigurationError(
                f"nothing of kind {kind!r} is released by {owner!r}: kinds are "
                f"{', '.join(_ENTRIES)}, owners {', '.join(OWNERS)}"
            )
        shelf = self.shelf(kind)
        try:
            build = str(shelf.versions(normal_name(name)).next_build(version))
        except VersionError as error:
            raise ConfigurationError(f"version {version!r}: {error}") from None
        region = self._here.region
        newest = shelf.find(_arn(region, kind, name, "", owner))
        entry = Entry(kind, name, build, self._here.now(), {}, owner=owner)
        entry = _as_before(entry, newest) if newest is not None else _as_new(entry)
        entry = _with(entry, data, members)
        self._releases.entries.setdefault(kind, []).append(entry)
        return str(_arn(region, kind, name, build, owner))


def _filled(kind: str, region: str) -> Shelf:
    """Return a shelf with all of a kind that there is in a region before any release."""
    shelf = Shelf(kind)
    for entry in _ENTRIES.get(kind, tuple)():
        shelf.add(_resource(entry, region))
    return shelf


#: The same shelf for all mocks of this process: filling it takes longer than most tests. Nobody
#: may put anything there.
_provided = cache(_filled)


def _arn(region: str, kind: str, name: str, version: str, owner: str) -> ImageBuilderArn:
    return ImageBuilderArn.parse(arn("imagebuilder", region, owner, resource(kind, name, version)))


def _resource(entry: Entry, region: str) -> Resource:
    name = _arn(region, entry.kind, entry.name, entry.version, entry.owner)
    is_image = entry.kind == "image"
    record = {
        "arn": str(name),
        "name": entry.name,
        # recorded of images, and documented of the others
        "version": entry.version if is_image else entry.version.partition("/")[0],
        **entry.members,
        "dateCreated": iso_millis(entry.created),
    }
    if is_image:
        record.setdefault("outputResources", _output(entry, name))
    else:
        record["owner"] = name.owner_name
    return Resource(name, record, entry.created, kept=entry)


def document_of(resource: Resource) -> str:
    """Return the document of a component or a workflow, also of one that hides its source."""
    text: str = resource.record.get("data") or resource.kept.document
    return text


def _output(entry: Entry, name: ImageBuilderArn) -> Record:
    """Return where an image is; each region has an AMI of its own, always the same."""
    if entry.uri:
        return {"containers": [{"region": name.region, "imageUris": [entry.uri]}]}
    digest = blake2b(str(name).encode(), digest_size=9).hexdigest()
    return {"amis": [{"region": name.region, "image": f"ami-{digest[:17]}", "name": entry.name}]}


def _as_before(entry: Entry, newest: Resource) -> Entry:
    before: Entry = newest.kept
    members = {
        name: value
        for name, value in before.members.items()
        if name not in ("state", "deprecationTime")
    }
    return replace(
        entry,
        name=before.name,
        members=members | _STATES.get(entry.kind, {}),
        document=before.document,
        uri=before.uri,
    )


def _as_new(entry: Entry) -> Entry:
    members: Record = {"tags": {}, **_STATES.get(entry.kind, {})}
    if entry.kind == "component":
        members |= {"encrypted": True, "obfuscate": False}
    elif entry.kind == "image":
        members |= {"type": "AMI", "imageSource": "AMAZON_MANAGED"}
    else:
        members["type"] = _WORKFLOWS[entry.kind]
    return replace(entry, members=members)


def _with(entry: Entry, data: str | None, members: Record) -> Entry:
    """Return *entry* with what its release says of it."""
    record = {**entry.members, **members}
    text = entry.document if data is None else data
    given = {**record, "data": text}
    kind = "" if entry.kind in _WORKFLOWS else entry.kind
    missing = [one for one in _NEEDED[kind] if not given.get(one)]
    unknown = [one for one in members if one not in _MEMBERS[kind]]
    if missing or unknown:
        problem = "needs" if missing else "cannot be released with"
        raise ConfigurationError(
            f"{entry.kind} {entry.name} {problem} {', '.join(missing or unknown)}"
        )
    if entry.kind != "image":
        record |= _read(entry, text, record)
    if record.get("obfuscate"):
        record.pop("data", None)
    members = {name: value for name, value in record.items() if value != []}
    return replace(entry, members=members, document=text)


def _read(entry: Entry, text: str, record: Record) -> Record:
    """Return what follows from a document."""
    if entry.kind == "component":
        from mockbuild.documents.component import parse_component

        component = parse_component(text, entry.name, record["platform"])
        details = component.parameter_details
        return {"data": text, "type": component.type, "parameters": details}
    from mockbuild.documents.workflow import parse_workflow

    workflow = parse_workflow(text, entry.name, record["type"])
    return {"data": text, "parameters": workflow.parameter_details}
