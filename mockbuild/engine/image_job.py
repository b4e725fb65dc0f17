"""One image, as it was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mockbuild.domain.arns import partition_of
from mockbuild.domain.image_arns import ImageBuilderArn

if TYPE_CHECKING:
    from mockbuild.documents.component import Component
    from mockbuild.documents.workflow import Workflow

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkflowPlan:
    """A workflow that an image is to go through.

    :param arn: the workflow's, with its build.
    :param type: ``BUILD``, ``TEST`` or ``DISTRIBUTION``.
    :param text: its document.
    :param parameters: values for its parameters, as the request has them.
    :param parallel_group: the tests it can run at the same time with.
    :param continues: whether the image goes on if it fails.
    """

    arn: str
    type: str
    text: str
    parameters: tuple[Record, ...] = ()
    parallel_group: str | None = None
    continues: bool = False

    @property
    def document(self) -> "Workflow":
        """The document, read."""
        from mockbuild.documents.workflow import parse_workflow

        return parse_workflow(self.text)


@dataclass(frozen=True, slots=True)
class ComponentPlan:
    """A component of the image's recipe.

    :param arn: the component's, with its build.
    :param text: its document.
    """

    arn: str
    text: str

    @property
    def document(self) -> "Component":
        """The document, read."""
        from mockbuild.documents.component import parse_component

        return parse_component(self.text)

    def phases(self, names: tuple[str, ...]) -> list[Any]:
        """Return its phases of these names, in the order of the document."""
        return [phase for phase in self.document.phases if phase.name in names]


@dataclass(frozen=True)
class ImageJob:
    """One image, as it was asked for.

    :param arn: the image's, with its build.
    :param name: as its owner spells it.
    :param started: when it was asked for.
    :param course: the states it goes through.
    :param type: ``AMI`` or ``DOCKER``.
    :param parent: what the recipe builds on, as it has it; empty without a recipe.
    :param resolved_parent: the same without any ``x``: an ARN with a build, or the AMI.
    :param base_image: the AMI, or the container image, that this is; ``None`` if there is none.
    :param recipe: and *infrastructure*, *distribution*: their records; empty where there is none.
    :param metadata: whether to find out what is in the image.
    :param scanning: ``imageScanningConfiguration``.
    :param log_group: where its log goes.
    :param missing: what the recipe needs and is not there: ``component 'arn:aws:…'``.
    """

    arn: ImageBuilderArn
    name: str
    started: float
    course: tuple[str, ...]
    type: str
    platform: str
    os_version: str
    parent: str
    resolved_parent: str
    base_image: str | None
    recipe: Record
    infrastructure: Record
    distribution: Record
    components: tuple[ComponentPlan, ...]
    workflows: tuple[WorkflowPlan, ...]
    metadata: bool
    scanning: Record
    log_group: str
    missing: str = ""
    pipeline_arn: str | None = None
    description: str | None = None

    @property
    def account_id(self) -> str:
        """Whose image it is."""
        return self.arn.owner

    @property
    def region(self) -> str:
        """Where it is built."""
        return self.arn.region

    @cached_property
    def version(self) -> str:
        """Its version without the build."""
        return self.arn.version.partition("/")[0]

    @cached_property
    def build(self) -> int:
        """The number of its build."""
        return int(self.arn.version.partition("/")[2])

    @property
    def log_stream(self) -> str:
        """The stream that its log is in."""
        return self.arn.version

    @property
    def scans(self) -> bool:
        """Whether it is scanned for vulnerabilities."""
        return bool(self.scanning.get("imageScanningEnabled"))

    @property
    def collects_findings(self) -> bool:
        """Whether what a scan finds is listed (documented): not so of a scan on demand."""
        return self.scans and "ON_DEMAND_AMI_CVE" not in self.scanning.get("imageScanningTypes", ())

    @property
    def distributions(self) -> tuple[Record, ...]:
        """Where it is to go, by region."""
        return tuple(self.distribution.get("distributions", ()))

    @property
    def keeps_failed_instances(self) -> bool:
        """Whether instances are left running when the image fails."""
        return not self.infrastructure.get("terminateInstanceOnFailure", True)

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags that everything gets that Image Builder makes (documented)."""
        return {"CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": str(self.arn)}

    def workflows_of(self, kind: str) -> tuple[WorkflowPlan, ...]:
        """Return the workflows of a type it goes through, in order."""
        return tuple(one for one in self.workflows if one.type == kind)

    def registry(self, region: str) -> str:
        """Return the host of ECR in *region*."""
        ending = ".cn" if partition_of(region) == "aws-cn" else ""
        return f"{self.account_id}.dkr.ecr.{region}.amazonaws.com{ending}"


def made_up_ami(what: str) -> str:
    """Return the id of an AMI that nobody knows, always the same for the same *what*."""
    return f"ami-{blake2b(what.encode(), digest_size=9).hexdigest()[:17]}"
