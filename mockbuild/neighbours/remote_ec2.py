"""EC2's AMIs over its API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.ec2 import EVERYBODY, MachineImage, no_such_image
from mockbuild.neighbours.remote import NOT_IMPLEMENTED, as_neighbour

#: Of AMIs and launch templates that are not there, or have a form that none can have.
_UNKNOWN: Final = frozenset(
    {
        "InvalidAMIID.NotFound",
        "InvalidAMIID.Unavailable",
        "InvalidAMIID.Malformed",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateId.Malformed",
        "InvalidLaunchTemplateName.NotFoundException",
    }
)
_MAC: Final = ("x86_64_mac", "arm64_mac")


class RemoteEC2:
    """EC2 through a botocore client. See :class:`~mockbuild.neighbours.ec2.EC2`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._region: str = client.meta.region_name

    def register(self, image: MachineImage, model: tuple[str, str] | None = None) -> str:
        """Make an AMI: a copy of *model* if that is known, else one from nothing.

        So it has an architecture and a platform, which moto has no other way to set. Without a
        description, moto gives it the model's.
        """
        settings = {"Name": image.name}
        if image.description:
            settings["Description"] = image.description
        image_id: str | None = None
        if model is not None:
            with suppress(NeighbourError), as_neighbour():
                image_id = self._client.copy_image(
                    SourceImageId=model[0], SourceRegion=model[1], **settings
                )["ImageId"]
        if image_id is None:
            with as_neighbour():
                image_id = self._client.register_image(**settings)["ImageId"]
        if image.tags:
            try:
                self.tag(image_id, image.tags)
            except NeighbourError:
                self.deregister(image_id)  # as EC2 would, which takes the tags with the rest
                raise
        return image_id

    def find(self, image_id: str) -> MachineImage | None:
        """Return an AMI, whosever it is; ``None`` if there is none."""
        try:
            with as_neighbour():
                found = self._client.describe_images(ImageIds=[image_id])["Images"]
        except NeighbourError as error:
            if error.code in _UNKNOWN:
                return None
            raise
        return self._read(found[0]) if found else None

    def images(self) -> Sequence[MachineImage]:
        """Return the AMIs of this account, by their date."""
        with as_neighbour():
            found = self._client.describe_images(Owners=["self"])["Images"]
        return [self._read(one) for one in sorted(found, key=lambda one: one["CreationDate"])]

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Give an AMI, or a snapshot, these tags in addition."""
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        with as_neighbour():
            self._client.create_tags(Resources=[resource_id], Tags=listed)

    def untag(self, resource_id: str, keys: Sequence[str]) -> None:
        """Take tags away from an AMI, or a snapshot."""
        listed = [{"Key": key} for key in keys]
        with as_neighbour():
            self._client.delete_tags(Resources=[resource_id], Tags=listed)

    def share(self, image_id: str, shared_with: Sequence[str]) -> None:
        """Let others launch an AMI, too."""
        self._permit(image_id, Add=[_target(one) for one in shared_with])

    def unshare(self, image_id: str) -> None:
        """Let nobody but its owner launch an AMI."""
        found = self.find(image_id)  # moto breaks down at a question about one that is not there
        if found is None:
            raise no_such_image(image_id)
        if found.shared_with:
            self._permit(image_id, Remove=[_target(one) for one in found.shared_with])

    def deprecate(self, image_id: str, at: float | None) -> None:
        """Set from when on an AMI is deprecated, where that can be set: not in moto so far."""
        if at is None:
            self._try(lambda: self._client.disable_image_deprecation(ImageId=image_id))
        else:
            moment = datetime.fromtimestamp(at, UTC)
            self._try(
                lambda: self._client.enable_image_deprecation(ImageId=image_id, DeprecateAt=moment)
            )

    def disable(self, image_id: str) -> None:
        """Let nobody launch an AMI."""
        with as_neighbour():
            self._client.disable_image(ImageId=image_id)

    def enable(self, image_id: str) -> None:
        """Let an AMI be launched again."""
        with as_neighbour():
            self._client.enable_image(ImageId=image_id)

    def launched(self, image_id: str, at: float) -> None:  # noqa: ARG002 - nobody can say so there
        """Refuse: here there are instances, of which it is known when they were launched."""
        raise NeighbourError(NOT_IMPLEMENTED, f"To launch {image_id}, call EC2's RunInstances.")

    def last_launched(self, image_id: str) -> float | None:
        """Return when an instance of an AMI was last launched, of those that are still known.

        They are asked because moto has no such time of AMIs.
        """
        wanted = [{"Name": "image-id", "Values": [image_id]}]
        with as_neighbour():
            times = [
                one["LaunchTime"].timestamp()
                for page in self._client.get_paginator("describe_instances").paginate(
                    Filters=wanted
                )
                for reservation in page["Reservations"]
                for one in reservation["Instances"]
            ]
        return max(times, default=None)

    def deregister(self, image_id: str) -> None:
        """Remove an AMI; its snapshots stay."""
        with as_neighbour():
            self._client.deregister_image(ImageId=image_id)

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot."""
        with as_neighbour():
            self._client.delete_snapshot(SnapshotId=snapshot_id)

    def has_launch_template(self, template_id: str = "", name: str = "") -> bool:
        """Tell whether there is a launch template of that id, or of that name."""
        wanted = {"LaunchTemplateIds": [template_id]} if template_id else {}
        if name:
            wanted["LaunchTemplateNames"] = [name]
        try:
            with as_neighbour():
                return bool(self._client.describe_launch_templates(**wanted)["LaunchTemplates"])
        except NeighbourError as error:
            if error.code in _UNKNOWN:
                return False
            raise

    def add_template_version(self, template_id: str, image_id: str, *, is_default: bool) -> int:
        """Make a version of a launch template that is like its default one, with another AMI."""
        with as_neighbour():
            (default,) = self._client.describe_launch_template_versions(
                LaunchTemplateId=template_id, Versions=["$Default"]
            )["LaunchTemplateVersions"]
            made = self._client.create_launch_template_version(
                LaunchTemplateId=template_id,
                # All of it, since moto does not look at the version it is to be like.
                LaunchTemplateData={**default["LaunchTemplateData"], "ImageId": image_id},
            )
            number: int = made["LaunchTemplateVersion"]["VersionNumber"]
            if is_default:
                self._client.modify_launch_template(
                    LaunchTemplateId=template_id, DefaultVersion=str(number)
                )
        return number

    def _permit(self, image_id: str, **changes: Any) -> None:
        with as_neighbour():
            self._client.modify_image_attribute(ImageId=image_id, LaunchPermission=changes)

    def _permissions(self, image_id: str) -> list[dict[str, str]]:
        with as_neighbour():
            shared: list[dict[str, str]] = self._client.describe_image_attribute(
                ImageId=image_id, Attribute="launchPermission"
            ).get("LaunchPermissions", [])
        return shared

    def _try(self, call: Callable[[], object]) -> None:
        """Make a call that may not be there."""
        try:
            with as_neighbour():
                call()
        except NeighbourError as error:
            if error.code != NOT_IMPLEMENTED:
                raise

    def _read(self, found: Mapping[str, Any]) -> MachineImage:
        image_id = found["ImageId"]
        deprecated = found.get("DeprecationTime")
        return MachineImage(
            image_id=image_id,
            region=self._region,
            account_id=found["OwnerId"],
            name=found.get("Name", ""),
            description=found.get("Description") or None,
            tags={one["Key"]: one["Value"] for one in found.get("Tags", ())},
            platform=_platform(found),
            copied_from=found.get("SourceImageId"),
            shared_with=frozenset(_names(self._permissions(image_id))),
            deprecated_at=deprecated and datetime.fromisoformat(deprecated).timestamp(),
            is_disabled=found.get("State") == "disabled",
            snapshots=tuple(
                one["Ebs"]["SnapshotId"]
                for one in found.get("BlockDeviceMappings", ())
                if one.get("Ebs", {}).get("SnapshotId")
            ),
        )


def _platform(found: Mapping[str, Any]) -> str | None:
    """Return the platform of an AMI; moto tells it of Windows alone."""
    if found.get("Platform", "").lower() == "windows":
        return "Windows"
    if found.get("Architecture") in _MAC:
        return "macOS"
    return "Linux" if found.get("PlatformDetails") else None


def _target(shared_with: str) -> dict[str, str]:
    """Return whom an AMI is shared with as EC2 has it."""
    if shared_with == EVERYBODY:
        return {"Group": EVERYBODY}
    if not shared_with.startswith("arn:"):
        return {"UserId": shared_with}
    is_unit = ":ou/" in shared_with
    return {"OrganizationalUnitArn" if is_unit else "OrganizationArn": shared_with}


def _names(targets: Iterable[Mapping[str, str]]) -> Iterable[str]:
    return (name for one in targets for name in one.values())
