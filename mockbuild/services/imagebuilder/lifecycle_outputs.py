"""What lifecycle actions do next door: to AMIs, their snapshots, and container images.

As in AWS, what is in another account is dealt with in that account.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from mockbuild.domain.retention import AmiExclusions, AmiFacts
from mockbuild.engine.lifecycle_run import Finding, Part
from mockbuild.engine.neighbour_outputs import client_error
from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.ec2 import EC2, MachineImage
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder

SUCCESS: Final = Finding("SUCCESS")
SKIPPED: Final = "SKIPPED"
FAILED: Final = "FAILED"

#: The tag of AMIs that a lifecycle action has deprecated (documented).
DEPRECATED_BY: Final = {"DeprecatedBy": "EC2 Image Builder"}
_NO_REPOSITORY: Final = "RepositoryNotFoundException"


def change_ami(
    here: ImageBuilder,
    ami: Record,
    target: str,
    exclusions: AmiExclusions,
    *,
    at: float,
    deprecation: float,
    with_snapshots: bool,
) -> Part:
    """Let what becomes of an image become of one of its AMIs.

    :param ami: as the image's ``outputResources`` have it.
    :param target: the state that the image is to be in.
    :param exclusions: AMIs that are left alone.
    :param at: when this is.
    :param deprecation: from when on an AMI is deprecated.
    :param with_snapshots: whether the snapshots of an AMI that is deregistered are deleted.
    """
    region, account_id, image_id = ami["region"], ami["accountId"], ami["image"]

    def part(finding: Finding, *snapshots: tuple[str, Finding]) -> Part:
        return Part(image_id, region, account_id, finding, snapshots)

    ec2 = here.means.neighbours.ec2(region, account_id)
    try:
        found = ec2.find(image_id)
        # Asked only where it matters: it is another call.
        launched = None if exclusions.last_launched is None else ec2.last_launched(image_id)
    except NeighbourError as error:
        return part(Finding(FAILED, client_error("EC2", error)))
    if found is None:
        return part(SUCCESS)
    snapshots = found.snapshots if with_snapshots else ()
    facts = AmiFacts(found.region, found.is_public, found.tags, found.shared_with, launched)
    spared = exclusions.reason(facts, at)
    if spared:
        skipped = Finding(SKIPPED, spared)
        return part(skipped, *((one, skipped) for one in snapshots))
    done = _tried("EC2", partial(_DEEDS[target], ec2, found, deprecation))
    if done.status == FAILED:
        return part(done)
    gone = [(one, _tried("EC2", partial(ec2.delete_snapshot, one))) for one in snapshots]
    return part(done, *gone)


def _restore(ec2: EC2, ami: MachineImage, _: float) -> None:
    if ami.is_disabled:
        ec2.enable(ami.image_id)
    ec2.deprecate(ami.image_id, None)
    ec2.untag(ami.image_id, list(DEPRECATED_BY))


def _deprecate(ec2: EC2, ami: MachineImage, at: float) -> None:
    ec2.deprecate(ami.image_id, at)
    ec2.tag(ami.image_id, DEPRECATED_BY)


def _disable(ec2: EC2, ami: MachineImage, _: float) -> None:
    """Disable an AMI. Documented: it is private then, and the tag of its deprecation goes."""
    ec2.unshare(ami.image_id)
    ec2.disable(ami.image_id)
    ec2.untag(ami.image_id, list(DEPRECATED_BY))


def _deregister(ec2: EC2, ami: MachineImage, _: float) -> None:
    ec2.deregister(ami.image_id)


_DEEDS: Final[dict[str, Callable[[EC2, MachineImage, float], None]]] = {
    "AVAILABLE": _restore,
    "DEPRECATED": _deprecate,
    "DISABLED": _disable,
    "DELETED": _deregister,
}


def delete_container(here: ImageBuilder, account_id: str, container: Record) -> Part:
    """Delete a container image, with all its tags, from its repository.

    :param container: as the image's ``outputResources`` have it.
    """
    region, uris = container["region"], tuple(container["imageUris"])
    ecr = here.means.neighbours.ecr(region, account_id)
    finding = SUCCESS
    for repository, tags in _repositories(uris).items():
        done = _tried("ECR", partial(ecr.delete, repository, tags))
        finding = done if done.status == FAILED else finding
    return Part(uris[0], region, account_id, finding, uris=uris)


def _repositories(uris: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the tags of a container image by repository."""
    found: dict[str, list[str]] = {}
    for uri in uris:
        repository, _, tag = uri.partition("/")[2].rpartition(":")
        found.setdefault(repository, []).append(tag)
    return found


def _tried(service: str, deed: Callable[[], None]) -> Finding:
    """Do something next door; what is gone already counts as done (documented)."""
    try:
        deed()
    except NeighbourError as error:
        if error.code == _NO_REPOSITORY:
            return SUCCESS
        return Finding(FAILED, client_error(service, error))
    return SUCCESS
