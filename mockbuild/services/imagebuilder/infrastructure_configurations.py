"""Infrastructure configurations: the instances that images are built and tested on.

CreateInfrastructureConfiguration, GetInfrastructureConfiguration,
UpdateInfrastructureConfiguration, DeleteInfrastructureConfiguration and
ListInfrastructureConfigurations.
"""

from typing import Any, Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import BY_NAME, filtered
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run, does_not_go_together, invalid
from mockbuild.services.operations import operation

_KIND: Final = "infrastructure-configuration"
#: Keys that Image Builder sets itself on the instances it launches (documented).
_RESERVED: Final = frozenset({"CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"})


@operation
def create_infrastructure_configuration(
    here: ImageBuilder,
    *,
    name: str,
    tags: Record | None = None,
    dry_run: bool = False,
    **members: Any,
) -> Record:
    """Create an infrastructure configuration.

    It shows ``terminateInstanceOnFailure`` in any case, and no ``dateUpdated`` before its first
    update; both are recorded.

    :raises InvalidParameterValueException: the instance profile or the topic is not there, or a
        value is not one of those possible.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises ResourceAlreadyExistsException: the name is taken.
    :raises ServiceQuotaExceededException: there are too many.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    settings = _checked(here, members)
    arn = keeping.free_arn(here, _KIND, name)
    check_dry_run(dry_run)
    made = keeping.keep(here, arn, {"name": name, **settings, "tags": tags or {}})
    return {"infrastructureConfigurationArn": made.record["arn"]}


@operation
def get_infrastructure_configuration(
    here: ImageBuilder, *, infrastructure_configuration_arn: str
) -> Record:
    """Return an infrastructure configuration.

    :raises ResourceNotFoundException: there is none.
    """
    found = own(here, _KIND, infrastructure_configuration_arn)
    return {"infrastructureConfiguration": found.record}


@operation
def update_infrastructure_configuration(
    here: ImageBuilder,
    *,
    infrastructure_configuration_arn: str,
    **members: Any,
) -> Record:
    """Replace everything but the name and the tags: what is not given is gone.

    :raises ResourceNotFoundException: there is no such configuration.
    :raises InvalidParameterValueException: as when creating one.
    :raises InvalidParameterCombinationException: as when creating one.
    """
    found = own(here, _KIND, infrastructure_configuration_arn)
    settings = _checked(here, members)
    keeping.update(here, found, settings)
    return {"infrastructureConfigurationArn": infrastructure_configuration_arn}


@operation
def delete_infrastructure_configuration(
    here: ImageBuilder, *, infrastructure_configuration_arn: str
) -> Record:
    """Delete an infrastructure configuration. Images that were built with it do not mind.

    :raises ResourceNotFoundException: there is none.
    :raises ResourceDependencyException: a pipeline needs it.
    """
    keeping.delete(here, _KIND, infrastructure_configuration_arn)
    return {"infrastructureConfigurationArn": infrastructure_configuration_arn}


@operation
def list_infrastructure_configurations(
    here: ImageBuilder, *, filters: list[Record] | None = None
) -> Record:
    """List infrastructure configurations, the newest first; can be filtered by name.

    :raises InvalidParameterValueException: there is no such filter.
    """
    found = filtered(here.shelves[_KIND].newest_first, filters, BY_NAME)
    return {"infrastructureConfigurationSummaryList": Mapped(found, _summary)}


def _summary(resource: Resource) -> Record:
    return keeping.chosen(
        resource.record,
        "arn",
        "name",
        "description",
        "dateCreated",
        "dateUpdated",
        "resourceTags",
        "tags",
        "instanceTypes",
        "instanceProfileName",
        "placement",
    )


def _checked(here: ImageBuilder, members: Record) -> Record:
    """Return the settings that a request asks for, as the record has them."""
    settings = keeping.without_nothing(members)
    if "subnetId" in settings and "securityGroupIds" not in settings:
        raise does_not_go_together(  # a guess, but for that it is refused
            "subnetId", "You must specify one or more security groups when you specify a subnet."
        )
    reserved = sorted(_RESERVED & settings.get("resourceTags", {}).keys())
    if reserved:  # the text is a guess
        raise invalid(
            "resourceTags", f"The following tag keys are reserved: {', '.join(reserved)}."
        )
    _check_placement(settings.get("placement", {}))
    next_door.check_instance_profile(here, settings["instanceProfileName"])
    if "snsTopicArn" in settings:
        next_door.check_topic(here, settings["snsTopicArn"])
    return {"terminateInstanceOnFailure": True, **settings}


def _check_placement(placement: Record) -> None:
    """Check that hosts are named with the tenancy ``host`` alone, and in one way.

    Both is documented, the texts are guesses.
    """
    targets = [name for name in ("hostId", "hostResourceGroupArn") if name in placement]
    if len(targets) > 1:
        raise does_not_go_together(
            "placement", "You can specify either hostId or hostResourceGroupArn, but not both."
        )
    if targets and placement.get("tenancy") != "host":
        raise does_not_go_together(
            f"placement.{targets[0]}", f"{targets[0]} can only be specified if tenancy is host."
        )
