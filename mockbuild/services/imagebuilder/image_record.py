"""What the API shows of images: the full record, and what lists have of it."""

from typing import Any, Final

from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import ImageOverview
from mockbuild.engine.image_outputs import Ami, Push, with_ids
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.keeping import chosen
from mockbuild.services.imagebuilder.shelves import Resource, version_arn

_VERSION_MEMBERS: Final = (
    "name", "type", "version", "platform", "osVersion", "dateCreated", "buildType", "imageSource",
)  # fmt: skip
_SUMMARY_MEMBERS: Final = (
    "arn", *_VERSION_MEMBERS, "state", "outputResources", "tags", "deprecationTime",
    "lifecycleExecutionId", "loggingConfiguration",
)  # fmt: skip
#: Members that change as the image is made, and afterwards.
_FOLDED: Final = frozenset(
    {"state", "outputResources", "scanState", "deprecationTime", "lifecycleExecutionId"}
)


class ImageResource(Resource):
    """An image that was made here: its record is what has happened to it by now.

    Reading the record is no look at the image, and does not move it on a step.
    """

    __slots__ = ("_settings",)
    kept: LiveImage

    @property
    def record(self) -> Record:
        """What ``GetImage`` shows of it."""
        live = self.kept
        return self.at(live.glance())

    @record.setter
    def record(self, record: Record) -> None:
        self._settings = {name: value for name, value in record.items() if name not in _FOLDED}

    @property
    def name(self) -> str:
        """Its name as its owner spells it."""
        return self.kept.job.name

    @property
    def settings(self) -> Record:
        """The part of the record that does not change as it is made."""
        return self._settings

    def look(self) -> Record:
        """Look at it, which moves it on where looks do that, and return its record."""
        return self.at(self.kept.look())

    def at(self, until: float) -> Record:
        """Return its record as it is at *until*."""
        seen = self.kept.overview(until)
        return {
            **self._settings,
            "state": _state(seen),
            "outputResources": _outputs(self.kept, seen),
            **seen.learned,
        }


def _state(seen: ImageOverview) -> Record:
    state: Record = {"status": seen.status}
    if seen.reason:
        state["reason"] = seen.reason
    if seen.failure is not None:
        state["failureContext"] = dict(seen.failure)
    return state


def _outputs(live: LiveImage, seen: ImageOverview) -> Record:
    """Return what was made; there always is a list, if an empty one, as recorded.

    Recorded: the AMI of the build has neither state nor, unless it was given one, a description.
    That copies have a state is documented, and a guess for all that can be said of it.
    """
    if live.job.type == "DOCKER":
        return {"containers": _containers(seen)}
    made = (with_ids(one, live.real_ids) for one in seen.made if isinstance(one, Ami))
    return {"amis": [_ami(one) for one in made]}


def _containers(seen: ImageOverview) -> list[Record]:
    regions: dict[str, list[str]] = {}
    for one in seen.made:
        if isinstance(one, Push):
            regions.setdefault(one.region, []).extend(one.uris)
    return [{"region": region, "imageUris": uris} for region, uris in regions.items()]


def _ami(ami: Ami) -> Record:
    shown: Record = {"region": ami.region, "image": ami.image_id, "name": ami.name}
    if ami.description:
        shown["description"] = ami.description
    if ami.copied_from is not None:
        shown["state"] = {"status": "AVAILABLE"}
    return {**shown, "accountId": ami.account_id}


def settings_of(resource: Resource) -> Record:
    """Return what does not change of an image, without asking how far it is."""
    return resource.settings if isinstance(resource, ImageResource) else resource.record


def looked_at(resource: Resource) -> Record:
    """Look at an image, made here or provided by others, and return its record."""
    return resource.look() if isinstance(resource, ImageResource) else resource.record


def is_available(resource: Resource) -> bool:
    """Tell whether an image is found by its version, or by a form with ``x`` (documented)."""
    status: Any = resource.record["state"]["status"]
    return bool(status == "AVAILABLE")


def version_entry(resource: Resource) -> Record:
    """Return what a list of versions has of the newest build of one."""
    settings = settings_of(resource)
    return {
        "arn": version_arn(resource.arn),
        **chosen(settings, *_VERSION_MEMBERS),
        "version": resource.arn.version.partition("/")[0],
        "owner": resource.arn.owner_name,
    }


def summary(resource: Resource) -> Record:
    """Look at an image, and return what lists of builds have of it."""
    record = looked_at(resource)
    return {**chosen(record, *_SUMMARY_MEMBERS), "owner": resource.arn.owner_name}
