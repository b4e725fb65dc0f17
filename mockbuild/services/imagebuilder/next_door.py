"""What Image Builder asks other services about when something is created or updated.

Each function stands for one question. A stand-in next door knows nothing that was not made through
it, so what is named is taken to be there; moto, or a named endpoint, is asked.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from mockbuild.neighbours.base import NeighbourError
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.words import invalid

_SSM: Final = "ssm:"
_AMI: Final = "ami-"
_PARAMETER_ARN: Final = re.compile(r"arn:[\w-]+:ssm:([\w-]+):(\d{12}):parameter/(.+)", re.ASCII)
T = TypeVar("T")


def check_instance_profile(here: ImageBuilder, name: str) -> None:
    """Make sure that IAM has an instance profile. The text is recorded.

    :param name: its name, ``instanceProfileName`` of an infrastructure configuration.
    :raises InvalidParameterValueException: there is none.
    """
    iam = here.means.neighbours.iam(here.region, here.account_id)
    if not _asked(lambda: iam.has_instance_profile(name), "instanceProfileName"):
        raise invalid(
            "instanceProfileName",
            "The provided instance profile does not exist. "
            "Please specify a different instance profile and try again.",
        )


def check_topic(here: ImageBuilder, arn: str) -> None:
    """Make sure that SNS has a topic. The text is a guess.

    :param arn: its ARN, ``snsTopicArn`` of an infrastructure configuration.
    :raises InvalidParameterValueException: there is none.
    """
    region = arn.split(":")[3]
    if not _asked(lambda: here.means.neighbours.sns(region).has_topic(arn), "snsTopicArn"):
        raise invalid(
            "snsTopicArn",
            "The provided SNS topic does not exist. "
            "Please specify a different SNS topic and try again.",
        )


def check_repository(here: ImageBuilder, repository: Record, parameter: str, region: str) -> None:
    """Make sure that ECR has a repository. The text is a guess.

    :param repository: ``targetRepository`` of a container recipe or of a distribution.
    :param parameter: where that stands in the request, for the words of an error.
    :param region: where the repository is to be.
    :raises InvalidParameterValueException: there is none.
    """
    name = repository["repositoryName"]
    ecr = here.means.neighbours.ecr(region, here.account_id)
    if not _asked(lambda: ecr.has_repository(name), parameter):
        raise invalid(parameter, f"The ECR repository '{name}' does not exist in Region {region}.")


def check_launch_template(
    here: ImageBuilder, template: Record, parameter: str, region: str
) -> None:
    """Make sure that EC2 has a launch template. That it is checked, and the text, are guesses.

    :param template: its ``launchTemplateId``, or ``launchTemplateName``. An ``accountId`` that is
        not the caller's means that nothing can be known of it.
    :param parameter: where that stands in the request, for the words of an error.
    :param region: where the template is to be.
    :raises InvalidParameterValueException: there is none.
    """
    if template.get("accountId", here.account_id) != here.account_id:
        return
    id_, name = template.get("launchTemplateId", ""), template.get("launchTemplateName", "")
    ec2 = here.means.neighbours.ec2(region, here.account_id)
    if not _asked(lambda: ec2.has_launch_template(id_, name), parameter):
        raise invalid(
            parameter, f"The launch template '{id_ or name}' does not exist in Region {region}."
        )


def ami_platform(here: ImageBuilder, image: str, parameter: str) -> str | None:
    """Return the platform of an AMI: ``Linux``, ``Windows``, ``macOS``; ``None`` if not known.

    An AMI that EC2 next door does not know is no error: most tests make up the ids of those that
    they build on.

    :param image: ``ami-…``, or ``ssm:`` and the name or ARN of a parameter that holds such an id.
    :param parameter: where that stands in the request, for the words of an error.
    :raises InvalidParameterValueException: EC2 next door cannot be asked.
    """
    image_id = held_ami(here, image) if image.startswith(_SSM) else image
    if image_id is None:
        return None
    ec2 = here.means.neighbours.ec2(here.region, here.account_id)
    found = _asked(lambda: ec2.find(image_id), parameter)
    return None if found is None else found.platform


def held_ami(here: ImageBuilder, parameter: str) -> str | None:
    """Return the id of the AMI that a parameter holds; ``None`` if it is not known, or holds none.

    :param parameter: ``ssm:`` and its name or ARN.
    """
    value = parameter_value(here, parameter.removeprefix(_SSM))
    return value if value is not None and value.startswith(_AMI) else None


def parameter_value(here: ImageBuilder, name: str) -> str | None:
    """Return the value of a parameter of the SSM Parameter Store; ``None`` if not known.

    :param name: its name or ARN. One that has another account's ARN is looked for there.
    """
    arn = _PARAMETER_ARN.fullmatch(name)
    region, account_id = (arn[1], arn[2]) if arn else (here.region, here.account_id)
    # An ARN does not tell whether the name begins with a slash, if there is no other in it.
    for one in (f"/{arn[3]}", arn[3]) if arn else (name,):
        try:
            found = here.means.neighbours.ssm(region, account_id).get(one)
        except NeighbourError:  # a name that none can have, somebody who cannot be reached
            found = None
        if found is not None:
            return found
    return None


def _asked(question: Callable[[], T], parameter: str) -> T:
    """Return the answer to a question.

    :raises InvalidParameterValueException: there is none; the text is what was said instead.
    """
    try:
        return question()
    except NeighbourError as error:
        raise invalid(parameter, f"{error.message.rstrip('.')}.") from None
