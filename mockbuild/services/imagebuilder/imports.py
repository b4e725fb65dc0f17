"""Images from elsewhere: ImportVmImage and ImportDiskImage."""

import re
from typing import Any, Final

from mockbuild.engine.image_job import made_up_ami
from mockbuild.neighbours.base import NeighbourError, check_bucket_name
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.image_order import LOG_GROUPS, ImageOrder, begin_image
from mockbuild.services.imagebuilder.image_settings import check_settings
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid
from mockbuild.services.operations import operation

#: What can be imported from a disk image (documented).
_DISK_PLATFORM: Final = "Windows"
_DISK_SYSTEM: Final = "Microsoft Windows 11"
_DISK_KEY: Final = re.compile(r"s3://([^/]+)/(.*[^/]\.(?:iso|ISO|Iso))", re.DOTALL)
#: What EC2 calls the tasks that import virtual machines.
_TASK: Final = re.compile(r"import-ami-[0-9A-Za-z-]+", re.ASCII)
_LOG_GROUP: Final = "logGroupName"
#: That an image from an ISO file has this source, too, is a guess.
_SOURCE: Final = "IMPORTED"


@operation
def import_vm_image(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    platform: str,
    vm_import_task_id: str,
    logging_configuration: Record | None = None,
    **members: Any,
) -> Record:
    """Make the AMI of an EC2 import task an image, which is AVAILABLE when the task is done.

    How long that takes, and which AMI it is, are made up: nobody here knows the task.

    :param name: of any characters; those that ARNs cannot have are hyphens there.
    :param vm_import_task_id: ``import-ami-…``; that others are refused is a guess.
    :raises InvalidParameterValueException: a value is not one of those possible; the texts are
        guesses.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    if not _TASK.fullmatch(vm_import_task_id):
        raise invalid("vmImportTaskId", "It must be the ID of a VM import task.")
    log_group = (logging_configuration or {}).get(_LOG_GROUP)
    if log_group is not None and not log_group.startswith(LOG_GROUPS):
        raise invalid(
            f"loggingConfiguration.{_LOG_GROUP}",
            f"The name of the log group for a VM import must start with {LOG_GROUPS}.",
        )
    order = ImageOrder(
        operation="ImportVmImage",
        name=name,
        version=semantic_version,
        platform=platform,
        build_type="IMPORT",
        image_source=_SOURCE,
        source_ami=made_up_ami(f"{here.region}/{vm_import_task_id}"),
        log_group=log_group,
        os_version=members.get("osVersion"),
        description=members.get("description"),
        tags=members.get("tags", {}),
    )
    return {"imageArn": str(begin_image(here, order).arn)}


@operation
def import_disk_image(
    here: ImageBuilder,
    *,
    name: str,
    semantic_version: str,
    platform: str,
    os_version: str,
    infrastructure_configuration_arn: str,
    uri: str,
    execution_role: str | None = None,
    logging_configuration: Record | None = None,
    register_image_options: Record | None = None,
    windows_configuration: Record | None = None,  # noqa: ARG001 - the model has checked it
    **members: Any,
) -> Record:
    """Make an image of an ISO file with Windows, on an instance.

    :param uri: where the file is in S3. In a bucket that is known here, it has to be there.
    :param register_image_options: whether the AMI boots securely, and its UEFI data.
    :raises InvalidParameterValueException: a value is not one of those possible.
    :raises InvalidParameterCombinationException: values do not go together. What is refused in
        either way is documented, the texts are guesses.
    :raises ResourceNotFoundException: there is no such infrastructure configuration.
    :raises ServiceQuotaExceededException: too many images are being made.
    """
    for parameter, value, only in (
        ("platform", platform, _DISK_PLATFORM),
        ("osVersion", os_version, _DISK_SYSTEM),
    ):
        if value != only:
            raise invalid(parameter, f"The only value supported is {only}.")
    _check_file(here, uri)
    options = register_image_options or {}
    if "uefiData" in options and not options.get("secureBootEnabled", True):
        raise does_not_go_together(
            "registerImageOptions.uefiData",
            "You can specify UEFI data only if Secure Boot is enabled.",
        )
    logging = logging_configuration or {}
    check_settings(here, type="AMI", execution_role=execution_role, logging=logging)
    infrastructure = own(here, "infrastructure-configuration", infrastructure_configuration_arn)
    order = ImageOrder(
        operation="ImportDiskImage",
        name=name,
        version=semantic_version,
        platform=platform,
        os_version=os_version,
        build_type="IMPORT_ISO",
        image_source=_SOURCE,
        infrastructure=infrastructure.record,
        execution_role=execution_role,
        log_group=logging.get(_LOG_GROUP),
        description=members.get("description"),
        tags=members.get("tags", {}),
    )
    return {"imageBuildVersionArn": str(begin_image(here, order).arn)}


def _check_file(here: ImageBuilder, uri: str) -> None:
    match = _DISK_KEY.fullmatch(uri)
    if match is None:
        raise invalid(
            "uri", "It must be the S3 URI of an ISO file, with the extension .iso, .ISO or .Iso."
        )
    bucket, key = match.groups()
    s3 = here.means.neighbours.s3(here.region)
    try:
        check_bucket_name(bucket)
        is_missing = s3.has_bucket(bucket) and next(iter(s3.list(bucket, key)), None) != key
    except NeighbourError as error:
        raise invalid("uri", f"{error.message.rstrip('.')}.") from None
    if is_missing:
        raise invalid("uri", "The ISO file does not exist.")
