"""Amazon resource names of Image Builder's resources."""

import re
from typing import Final, NamedTuple, Self

from mockbuild.domain.arns import arn
from mockbuild.domain.versions import Wanted, latest_references

#: What follows the kind in an ARN.
NAMED: Final = "name"
VERSIONED: Final = "name/version"
BUILT: Final = "name/version/build"

#: The kinds of resources, and what follows each.
KINDS: Final[dict[str, str]] = {
    "component": BUILT,
    "image": BUILT,
    "workflow/build": BUILT,
    "workflow/test": BUILT,
    "workflow/distribution": BUILT,
    "image-recipe": VERSIONED,
    "container-recipe": VERSIONED,
    "image-pipeline": NAMED,
    "infrastructure-configuration": NAMED,
    "distribution-configuration": NAMED,
    "lifecycle-policy": NAMED,
}

AMAZON: Final = "aws"
#: How answers name the owners that are no accounts.
OWNERS: Final[dict[str, str]] = {
    AMAZON: "Amazon",
    "third-party": "ThirdParty",
    "aws-marketplace": "AWSMarketplace",
}


class ArnError(ValueError):
    """A text is not the name of an Image Builder resource."""


def normal_name(name: str) -> str:
    """Return *name* as it stands in ARNs: in lower case, spaces and underscores as hyphens.

    Nothing is collapsed. Only the name of an imported image may have other characters; that they
    become hyphens, too, is a guess.
    """
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def workflow_kind(kind: str) -> str:
    """Return the kind of resource that a workflow of type ``BUILD`` is: ``workflow/build``."""
    return f"workflow/{kind.lower()}"


def resource(kind: str, name: str, version: str = "") -> str:
    """Return the part of an ARN after the owner: ``component/my-tool/1.0.0/1``.

    :param kind: one of :data:`KINDS`.
    :param name: the name as its owner spells it.
    :param version: ``1.0.0``, ``1.0.0/1`` or a form with ``x``; empty for none.
    """
    parts = (kind, normal_name(name), version)
    return "/".join(part for part in parts if part)


def managed_arn(region: str, kind: str, name: str, version: str = "x.x.x") -> str:
    """Return the ARN of something that Amazon provides."""
    return arn("imagebuilder", region, AMAZON, resource(kind, name, version))


_ARN = re.compile(
    r"arn:(aws[^:]*):imagebuilder:([^:]+):([0-9]{12}|aws(?:-[a-z-]+)?|third-party)"
    r":((?:workflow/)?[a-z-]+)/([a-z0-9_-]+)"
    r"(?:/((?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x))(/(?:[0-9]+|x))?)?"
)


class ImageBuilderArn(NamedTuple):
    """The name of a resource, taken apart.

    :param owner: an account id, ``aws``, ``aws-marketplace`` or ``third-party``.
    :param kind: one of :data:`KINDS`.
    :param name: the name as it stands in ARNs.
    :param version: what follows, ``1.0.0``, ``1.0.0/1`` or a form with ``x``; empty for nothing.
    """

    partition: str
    region: str
    owner: str
    kind: str
    name: str
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take an ARN apart. Any kind with versions may also come without its version or build.

        Which of an operation's ARNs need them, the model says, and checks.

        :raises ArnError: it is no ARN of Image Builder's, or has more than its kind can have.
        """
        match = _ARN.fullmatch(text)
        if match is None:
            raise ArnError(f"{text!r} is no ARN of Image Builder")
        partition, region, owner, kind, name, version, build = match.groups(default="")
        form = KINDS.get(kind)
        if form is None or (version and form == NAMED) or (build and form != BUILT):
            raise ArnError(f"{text!r} is no ARN of Image Builder")
        return cls(partition, region, owner, kind, name, version + build)

    def __str__(self) -> str:
        end = f"/{self.version}" if self.version else ""
        return (
            f"arn:{self.partition}:imagebuilder:{self.region}:{self.owner}:"
            f"{self.kind}/{self.name}{end}"
        )

    def at(self, version: str) -> Self:
        """Return the same with another version; an empty one gives what all versions share."""
        return type(self)(*self[:-1], version)

    @property
    def wanted(self) -> Wanted:
        """The versions that this names; all of them if it has none.

        :raises VersionError: an ``x`` stands where none may, as in ``1.x.8``.
        """
        return Wanted.parse(self.version)

    @property
    def owner_name(self) -> str:
        """The owner as answers name it: the account id, ``Amazon``, ``ThirdParty`` and so on.

        That every other ``aws-…`` is Amazon, too, is a guess.
        """
        if self.owner.isdigit():
            return self.owner
        return OWNERS.get(self.owner, OWNERS[AMAZON])

    def latest_references(self) -> dict[str, str]:
        """Return ``latestVersionReferences`` of the version that this names.

        Amazon's workflows can only be used in their latest version, so only that is referred to.

        :raises VersionError: it names no single version.
        """
        versions = latest_references(self.version)
        if self.kind.startswith("workflow/") and self.owner == AMAZON:
            versions = {"latestVersionArn": versions["latestVersionArn"]}
        return {member: str(self.at(version)) for member, version in versions.items()}
