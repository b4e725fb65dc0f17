"""What images do outside Image Builder, all of it through one protocol.

An image's future is written before anything in it has happened, so what is made outside is said
here in full beforehand, with ids that Image Builder makes up. Who makes it may have others to give:
the ids it answers take the place of the ones made up, wherever the API shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Protocol, TypeVar

from mockbuild.neighbours.base import Logs

#: Which settings of a distribution come in which step, and in this order.
CONFIGURATION_STEPS: Final = (
    "ASSOCIATE_LICENSES",
    "UPDATE_LAUNCH_TEMPLATES",
    "PUT_SSM_PARAMETERS",
    "UPDATE_FAST_LAUNCH_CONFIGURATIONS",
    "EXPORT_AMI",
)


class OutputRefused(Exception):
    """Something cannot be made outside: its own words say why.

    :param message: ``EC2 Client Error: 'The launch-template ID … does not exist'``.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Ami:
    """An AMI to be registered.

    :param image_id: the id it has unless it is given another.
    :param copied_from: the AMI it is a copy of, or ``None`` if it is built here.
    :param copied_from_region: where that one is.
    :param parent: what it was built on: the id of an AMI, if known.
    """

    image_id: str
    region: str
    account_id: str
    name: str
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    kms_key_id: str | None = None
    copied_from: str | None = None
    copied_from_region: str | None = None
    parent: str | None = None
    platform: str = "Linux"


@dataclass(frozen=True, slots=True)
class AmiChange:
    """Tags an AMI gets in addition, and who may launch it.

    :param launch_permission: as a distribution configuration has it.
    """

    image_id: str
    region: str
    account_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    launch_permission: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Licenses:
    """License configurations that an AMI is associated with."""

    image_id: str
    region: str
    account_id: str
    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A version of a launch template, with an AMI.

    :param account_id: whose template it is.
    :param is_default: whether it becomes the default version.
    """

    image_id: str
    region: str
    account_id: str
    template_id: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of Systems Manager, which holds the id of an AMI.

    :param account_id: whose parameter it is.
    """

    image_id: str
    region: str
    account_id: str
    name: str
    data_type: str


@dataclass(frozen=True, slots=True)
class FastLaunch:
    """How Windows instances of an AMI are launched faster.

    :param settings: as a distribution configuration has them.
    """

    image_id: str
    region: str
    account_id: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """An AMI exported to S3 as a disk image.

    :param format: ``VMDK``, ``RAW`` or ``VHD``.
    """

    image_id: str
    region: str
    account_id: str
    format: str
    bucket: str
    prefix: str
    role: str


@dataclass(frozen=True, slots=True)
class Push:
    """A container image pushed to a repository of ECR, with all its tags.

    :param uris: one for each tag.
    """

    region: str
    account_id: str
    repository: str
    tags: tuple[str, ...]
    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a topic of SNS."""

    topic_arn: str
    text: str


Output = (
    Ami | AmiChange | Licenses | TemplateVersion | Parameter | FastLaunch | Export | Push | Message
)
#: Members that hold the id of an AMI.
_IDS: Final = ("image_id", "copied_from", "parent")
SameOutput = TypeVar("SameOutput", bound=Output)


class Outputs(Protocol):
    """Makes what images make outside."""

    def make(self, output: Output) -> str | None:
        """Make it; of an AMI, return the id it has got, of anything else nothing.

        :raises OutputRefused: it cannot be made; the image fails for that.
        """

    def logs(self, region: str) -> Logs:
        """Return the CloudWatch Logs that log lines are written to."""


def with_ids(output: SameOutput, real: Mapping[str, str]) -> SameOutput:
    """Return *output* with the real ids in place of those that were made up."""
    if not real:
        return output
    names = {one.name for one in fields(output)}.intersection(_IDS)
    changes = {name: real.get(getattr(output, name), getattr(output, name)) for name in names}
    return replace(output, **changes)
