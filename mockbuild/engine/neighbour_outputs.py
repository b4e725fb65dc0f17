"""What images do outside, done by the services next door: moto's, a stand-in's, or an endpoint's.

As in AWS, what another account gets is made in that account. What the services next door have no
notion of leaves no trace: license configurations, faster launching, encryption.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final

from mockbuild.engine.image_outputs import (
    Ami,
    AmiChange,
    Export,
    FastLaunch,
    Licenses,
    Message,
    Output,
    OutputRefused,
    Parameter,
    Push,
    TemplateVersion,
)
from mockbuild.neighbours import Neighbours
from mockbuild.neighbours.base import Logs, NeighbourError
from mockbuild.neighbours.ec2 import EVERYBODY, MachineImage

#: Tags that the snapshots of an AMI have in common with it (documented).
_OWN_TAGS: Final = ("CreatedBy", "Ec2ImageBuilderArn")
#: Members of a launch permission that name others by what EC2 knows them as.
_SHARED_WITH: Final = ("userIds", "organizationArns", "organizationalUnitArns")


class NeighbourOutputs:
    """Has the services next door make what images make outside.

    :param neighbours: the services.
    :param on_message: told of each message that was sent, with the ARN of the topic and the text.
    """

    def __init__(self, neighbours: Neighbours, on_message: Callable[[str, str], None]) -> None:
        self._neighbours = neighbours
        self._on_message = on_message
        self._makers: Mapping[type[Output], tuple[str, Callable[[Any], str | None]]] = {
            Ami: ("EC2", self._register),
            AmiChange: ("EC2", self._change),
            TemplateVersion: ("EC2", self._add_version),
            Parameter: ("SSM", self._put_parameter),
            Export: ("S3", self._export),
            Push: ("ECR", self._push),
            Message: ("SNS", self._send),
            Licenses: ("", _leave),
            FastLaunch: ("", _leave),
        }

    def make(self, output: Output) -> str | None:
        """Make it; of an AMI, return the id it has got, of anything else nothing.

        :raises OutputRefused: the service next door has refused. The form of the message is
            recorded for EC2.
        """
        service, make = self._makers[type(output)]
        try:
            return make(output)
        except NeighbourError as error:
            raise OutputRefused(client_error(service, error)) from None

    def logs(self, region: str) -> Logs:
        """Return the CloudWatch Logs of a region."""
        return self._neighbours.logs(region)

    def _register(self, ami: Ami) -> str:
        ec2 = self._neighbours.ec2(ami.region, ami.account_id)
        model = (ami.parent, ami.region) if ami.parent else None
        if ami.copied_from is not None:
            model = (ami.copied_from, ami.copied_from_region or ami.region)
        image_id = ec2.register(
            MachineImage(
                image_id=ami.image_id,
                region=ami.region,
                account_id=ami.account_id,
                name=ami.name,
                description=ami.description,
                tags=ami.tags,
                platform=ami.platform,
                copied_from=ami.copied_from,
            ),
            model,
        )
        own = {key: ami.tags[key] for key in _OWN_TAGS if key in ami.tags}
        made = ec2.find(image_id)
        for snapshot in made.snapshots if own and made is not None else ():
            ec2.tag(snapshot, own)
        return image_id

    def _change(self, change: AmiChange) -> None:
        ec2 = self._neighbours.ec2(change.region, change.account_id)
        if change.tags:
            ec2.tag(change.image_id, change.tags)
        permission = change.launch_permission
        others = [one for member in _SHARED_WITH for one in permission.get(member, ())]
        if EVERYBODY in permission.get("userGroups", ()):
            others.append(EVERYBODY)
        if others:
            ec2.share(change.image_id, others)

    def _add_version(self, version: TemplateVersion) -> None:
        """Make a version of a launch template.

        That it is like the default version but for the AMI is a guess.
        """
        self._neighbours.ec2(version.region, version.account_id).add_template_version(
            version.template_id, version.image_id, is_default=version.is_default
        )

    def _put_parameter(self, parameter: Parameter) -> None:
        self._neighbours.ssm(parameter.region, parameter.account_id).put(
            parameter.name, parameter.image_id, parameter.data_type
        )

    def _export(self, export: Export) -> None:
        """Put an object where the disk image would be; what it says is no disk image.

        The form of the key is that of EC2's export tasks.
        """
        task = f"export-ami-{blake2b(export.image_id.encode(), digest_size=9).hexdigest()[:17]}"
        key = f"{export.prefix}{task}.{export.format.lower()}"
        body = f"{export.format} disk image of {export.image_id}\n".encode()
        self._neighbours.s3(export.region).put(export.bucket, key, body)

    def _push(self, push: Push) -> None:
        """Push a container image.

        One has the same content wherever it goes, and another another: the two tags that each has
        anyway say which it is.
        """
        ecr = self._neighbours.ecr(push.region, push.account_id)
        ecr.push(push.repository, push.tags, "/".join((push.account_id, *push.tags[:2])))

    def _send(self, message: Message) -> None:
        region = message.topic_arn.split(":")[3]
        self._neighbours.sns(region).publish(message.topic_arn, message.text)
        self._on_message(message.topic_arn, message.text)


def client_error(service: str, error: NeighbourError) -> str:
    """Return how Image Builder tells what another service has said; the form is recorded."""
    return f"{service} Client Error: '{error.message}'"


def _leave(output: Output) -> None:
    """Do nothing: nobody next door would know what to do with *output*."""
