"""Distribution configurations: where images go when they are built.

CreateDistributionConfiguration, GetDistributionConfiguration, UpdateDistributionConfiguration,
DeleteDistributionConfiguration and ListDistributionConfigurations.
"""

import re
from typing import Final

from mockbuild.domain.views import Mapped
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder import keeping, next_door
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import BY_NAME, filtered
from mockbuild.services.imagebuilder.quotas import check_quota
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import check_dry_run, does_not_go_together, invalid
from mockbuild.services.operations import operation

_KIND: Final = "distribution-configuration"
#: The output structure requires it; nobody can set it, and it has no effect. The number is a guess.
_TIMEOUT_MINUTES: Final = 720
#: The form of all Regions.
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+")
#: What makes each AMI's name one of its own.
_BUILD_DATE: Final = re.compile(r"\{\{\s*imagebuilder:buildDate\s*\}\}")


@operation
def create_distribution_configuration(
    here: ImageBuilder,
    *,
    name: str,
    distributions: list[Record],
    description: str | None = None,
    tags: Record | None = None,
    dry_run: bool = False,
) -> Record:
    """Create a distribution configuration. It has no ``dateUpdated`` before its first update.

    :raises InvalidParameterValueException: a distribution is without outputs, two are of the same
        Region, or the name of an AMI would not be unique.
    :raises InvalidParameterCombinationException: values do not go together.
    :raises ResourceAlreadyExistsException: the name is taken.
    :raises ServiceQuotaExceededException: there are too many of something.
    :raises DryRunOperationException: all is well, and nothing was to be done.
    """
    settings = _checked(here, distributions, description)
    arn = keeping.free_arn(here, _KIND, name)
    check_dry_run(dry_run)
    made = keeping.keep(here, arn, {"name": name, **settings, "tags": tags or {}})
    return {"distributionConfigurationArn": made.record["arn"]}


@operation
def get_distribution_configuration(
    here: ImageBuilder, *, distribution_configuration_arn: str
) -> Record:
    """Return a distribution configuration.

    :raises ResourceNotFoundException: there is none.
    """
    found = own(here, _KIND, distribution_configuration_arn)
    return {"distributionConfiguration": found.record}


@operation
def update_distribution_configuration(
    here: ImageBuilder,
    *,
    distribution_configuration_arn: str,
    distributions: list[Record],
    description: str | None = None,
) -> Record:
    """Replace the distributions and the description: without one, there is none.

    :raises ResourceNotFoundException: there is no such configuration.
    :raises InvalidParameterValueException: as when creating one.
    :raises InvalidParameterCombinationException: as when creating one.
    """
    found = own(here, _KIND, distribution_configuration_arn)
    settings = _checked(here, distributions, description)
    keeping.update(here, found, settings)
    return {"distributionConfigurationArn": distribution_configuration_arn}


@operation
def delete_distribution_configuration(
    here: ImageBuilder, *, distribution_configuration_arn: str
) -> Record:
    """Delete a distribution configuration. Images that were distributed with it do not mind.

    :raises ResourceNotFoundException: there is none.
    :raises ResourceDependencyException: a pipeline needs it.
    """
    keeping.delete(here, _KIND, distribution_configuration_arn)
    return {"distributionConfigurationArn": distribution_configuration_arn}


@operation
def list_distribution_configurations(
    here: ImageBuilder, *, filters: list[Record] | None = None
) -> Record:
    """List distribution configurations, the newest first; can be filtered by name.

    :raises InvalidParameterValueException: there is no such filter.
    """
    found = filtered(here.shelves[_KIND].newest_first, filters, BY_NAME)
    return {"distributionConfigurationSummaryList": Mapped(found, _summary)}


def _summary(resource: Resource) -> Record:
    record = resource.record
    members = ("arn", "name", "description", "dateCreated", "dateUpdated", "tags")
    regions = [one["region"] for one in record["distributions"]]
    return {**keeping.chosen(record, *members), "regions": regions}


def _checked(here: ImageBuilder, distributions: list[Record], description: str | None) -> Record:
    """Return the settings that a request asks for, as the record has them."""
    regions: set[str] = set()
    for number, distribution in enumerate(distributions):
        path = f"distributions[{number}]"
        region = distribution["region"]
        if region in regions:  # the text is a guess
            raise invalid(f"{path}.region", f"The Region '{region}' is specified more than once.")
        if not _REGION.fullmatch(region):  # so is this one
            raise invalid(f"{path}.region", f"There is no Region '{region}'.")
        regions.add(region)
        _check_distribution(here, distribution, path)
    accounts = {
        account for one in distributions for account in _ami(one).get("targetAccountIds", ())
    }
    check_quota(here, "concurrent_ami_copies_per_distribution_configuration", len(accounts))
    settings: Record = {"distributions": distributions, "timeoutMinutes": _TIMEOUT_MINUTES}
    return settings if description is None else {"description": description, **settings}


def _check_distribution(here: ImageBuilder, distribution: Record, path: str) -> None:
    """Check one entry. The first text is recorded.

    An empty structure is an output, too, as a recorded notification shows; that an empty list is
    none is a guess.
    """
    if not any(value != [] for name, value in distribution.items() if name != "region"):
        raise invalid(
            path,
            "One or more outputs should be provided for each region in a distribution "
            "configuration.",
        )
    region = distribution["region"]
    _check_ami(_ami(distribution), path)
    container = distribution.get("containerDistributionConfiguration")
    if container is not None:
        place = f"{path}.containerDistributionConfiguration.targetRepository"
        next_door.check_repository(here, container["targetRepository"], place, region)
    templates = distribution.get("launchTemplateConfigurations", ())
    modified = "launch_templates_modified_per_distribution_configuration_region"
    check_quota(here, modified, len(templates))
    for number, template in enumerate(templates):
        place = f"{path}.launchTemplateConfigurations[{number}]"
        next_door.check_launch_template(here, template, place, region)
    _check_parameters(here, distribution, path)
    for number, launch in enumerate(distribution.get("fastLaunchConfigurations", ())):
        _check_fast_launch(here, launch, f"{path}.fastLaunchConfigurations[{number}]", region)


def _ami(distribution: Record) -> Record:
    found: Record = distribution.get("amiDistributionConfiguration", {})
    return found


def _check_parameters(here: ImageBuilder, distribution: Record, path: str) -> None:
    """Check the parameters that are to hold the AMI.

    Documented: the account whose parameter it is has to be one that the AMI is distributed to. That
    this is checked here, and the text, are guesses.
    """
    parameters = distribution.get("ssmParameterConfigurations", ())
    updated = "ssm_parameters_updated_per_distribution_configuration_region"
    check_quota(here, updated, len(parameters))
    targets = set(_ami(distribution).get("targetAccountIds", [here.account_id]))
    if distribution["region"] == here.region:
        targets.add(here.account_id)
    for number, parameter in enumerate(parameters):
        account = parameter.get("amiAccountId")
        if account is not None and account not in targets:
            raise invalid(
                f"{path}.ssmParameterConfigurations[{number}].amiAccountId",
                f"The account '{account}' is no target account of this Region.",
            )


def _check_ami(ami: Record, path: str) -> None:
    """Check what an AMI is to be like.

    The text on its name is recorded. That ``all`` is the only group is documented.
    """
    path = f"{path}.amiDistributionConfiguration"
    name = ami.get("name")
    if name is not None and not _BUILD_DATE.search(name):
        raise invalid(
            f"{path}.name",
            "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure "
            "that the name will be unique.",
        )
    for group in ami.get("launchPermission", {}).get("userGroups", ()):
        if group != "all":  # the text is a guess
            raise invalid(f"{path}.launchPermission.userGroups", "The only valid group is 'all'.")


def _check_fast_launch(here: ImageBuilder, launch: Record, path: str, region: str) -> None:
    """Check the template that Windows instances are launched with to make snapshots.

    Documented: it goes by its id or its name, not by both. The text is a guess.
    """
    template = launch.get("launchTemplate", {})
    names = [name for name in ("launchTemplateId", "launchTemplateName") if name in template]
    if len(names) > 1:
        raise does_not_go_together(
            f"{path}.launchTemplate",
            "You can specify either launchTemplateId or launchTemplateName, but not both.",
        )
    if names:
        account = keeping.chosen(launch, "accountId")
        next_door.check_launch_template(
            here, {**template, **account}, f"{path}.launchTemplate", region
        )
