"""Clients and resources for the tests of Image Builder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from mockbuild import Control
from mockbuild.domain.dates import iso_millis
from mockbuild.domain.image_arns import ImageBuilderArn, resource
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.wire.gateway import Caller
from tests import optional

Record = dict[str, Any]

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
REGION = "us-east-1"
#: What own ARNs begin with.
ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
#: What Amazon's ARNs begin with.
AMAZON = f"arn:aws:imagebuilder:{REGION}:aws"
#: Images of each platform to build on.
LINUX = f"{AMAZON}:image/amazon-linux-2023-x86/x.x.x"
WINDOWS = f"{AMAZON}:image/windows-server-2022-english-full-base-x86/x.x.x"
MACOS = f"{AMAZON}:image/macos-sequoia-arm64/x.x.x"
#: A Dockerfile template that does for recipes with and without components.
TEMPLATE = """\
FROM {{{ imagebuilder:parentImage }}}
{{{ imagebuilder:environments }}}
{{{ imagebuilder:components }}}
"""


def make_client(region: str = REGION, *, checks: bool = True, account: str | None = None) -> Any:
    """Return a client that sends each call once.

    :param checks: whether botocore checks parameters before it sends them.
    :param account: whose access key it has; by default, that of the mock.
    """
    config = Config(parameter_validation=checks, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": account, "aws_secret_access_key": "x"} if account else {}
    return optional.make_client("imagebuilder", region, config=config, **keys)


#: Made once: loading the model takes longer than most tests.
CLIENT = make_client()
RAW = make_client(checks=False)
#: The same region, somebody else's account.
OTHER = make_client(account=OTHER_ACCOUNT)
FRANKFURT = make_client("eu-central-1")


@contextmanager
def refused(
    code: str = "InvalidParameterValueException",
    message: str | None = None,
    status: int = 400,
    parameter: str | None = None,
) -> Iterator[None]:
    """Expect that the service answers with that error.

    :param message: its whole text.
    :param parameter: what the text says is not valid, where the rest does not matter.
    """
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert response["Error"]["Code"] == code, response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    if message is not None:
        assert response["Error"]["Message"] == message
    if parameter is not None:
        assert response["Error"]["Message"].startswith(wrong(parameter, ""))


def wrong(parameter: str, sentence: str) -> str:
    """Return what the service says about a value."""
    return f"The value supplied for parameter '{parameter}' is not valid. {sentence}"


def missing() -> Any:
    """Expect that there is no such resource."""
    return refused("ResourceNotFoundException", status=404)


def depended_on(arn: str) -> Any:
    """Expect that others depend on what is to be deleted."""
    return refused(
        "ResourceDependencyException",
        f"Resource dependency error: The resource ARN '{arn}' has other resources depended on it.",
    )


def tried() -> Any:
    """Expect that all is well and nothing was done."""
    return refused(
        "DryRunOperationException",
        "Request would have succeeded, but dryRun flag is set.",
        status=412,
    )


def answer(response: Record) -> Record:
    """Return what a response says, without what every response has."""
    common = ("ResponseMetadata", "requestId", "clientToken")
    return {name: value for name, value in response.items() if name not in common}


def state_of(mb: Control, account: str = ACCOUNT, region: str = REGION) -> ImageBuilder:
    """Return the state of an account in a region."""
    found = mb._world.backend("imagebuilder", Caller(account, region))
    assert isinstance(found, ImageBuilder)
    return found


def shelve(here: ImageBuilder, kind: str, name: str, version: str = "", **members: Any) -> str:
    """Put something on a shelf that no operation has made, and return its ARN.

    :param version: with its build, where there are any.
    :param members: what its record has besides its ARN, name, tags and date.
    """
    arn = ImageBuilderArn.parse(here.arn(resource(kind, name, version)))
    now = here.now()
    record = {"arn": str(arn), "name": name, "tags": {}, "dateCreated": iso_millis(now), **members}
    here.shelves[kind].add(Resource(arn, record, now))
    return str(arn)


def policy(actions: list[str], arn: str, account: str = OTHER_ACCOUNT, **changes: Any) -> str:
    """Return a policy of one statement, which lets *account* do *actions* to *arn*."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [account]},
        "Action": [f"imagebuilder:{action}" for action in actions],
        "Resource": [arn],
        **changes,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def document(phase: str = "build", **parameters: str | None) -> str:
    """Return a component document with one step in *phase*.

    :param parameters: its parameters with their defaults; ``None`` for one without.
    """
    text = "schemaVersion: 1.0\n"
    if parameters:
        text += "parameters:\n"
    for name, default in parameters.items():
        text += f"  - {name}:\n      type: string\n"
        text += f"      default: {json.dumps(default)}\n" if default is not None else ""
    step = "      - name: hello\n        action: ExecuteBash\n"
    command = "        inputs:\n          commands: ['true']\n"
    return text + f"phases:\n  - name: {phase}\n    steps:\n{step}{command}"


def component(
    name: str = "tool", version: str = "1.0.0", client: Any = CLIENT, **members: Any
) -> str:
    """Create a component, of Linux if nothing else is said, and return the ARN of its build."""
    members = {"platform": "Linux", "data": document(), **members}
    if members["platform"] == "Windows":
        members["data"] = members["data"].replace("ExecuteBash", "ExecutePowerShell")
    response = client.create_component(name=name, semanticVersion=version, **members)
    arn: str = response["componentBuildVersionArn"]
    return arn


def uses(*arns: str) -> list[Record]:
    """Return the ``components`` of a recipe that gives them no parameters."""
    return [{"componentArn": arn} for arn in arns]


def image_recipe(
    name: str = "web", version: str = "1.0.0", client: Any = CLIENT, **members: Any
) -> str:
    """Create an image recipe, on Amazon Linux if nothing else is said, and return its ARN."""
    members = {"parentImage": LINUX, **members}
    response = client.create_image_recipe(name=name, semanticVersion=version, **members)
    arn: str = response["imageRecipeArn"]
    return arn


def container_recipe(
    name: str = "web", version: str = "1.0.0", client: Any = CLIENT, **members: Any
) -> str:
    """Create a container recipe, on Amazon Linux if nothing else is said, and return its ARN."""
    template = "dockerfileTemplateUri" not in members
    members = {
        "containerType": "DOCKER",
        "parentImage": "amazonlinux:latest",
        "targetRepository": {"service": "ECR", "repositoryName": "web"},
        **({"dockerfileTemplateData": TEMPLATE} if template else {}),
        **members,
    }
    response = client.create_container_recipe(name=name, semanticVersion=version, **members)
    arn: str = response["containerRecipeArn"]
    return arn


def infrastructure(name: str = "web", client: Any = CLIENT, **members: Any) -> str:
    """Create an infrastructure configuration and return its ARN."""
    members = {"instanceProfileName": "builder", **members}
    response = client.create_infrastructure_configuration(name=name, **members)
    arn: str = response["infrastructureConfigurationArn"]
    return arn


def distribution(name: str = "web", client: Any = CLIENT, **members: Any) -> str:
    """Create a distribution configuration, of an AMI if nothing else is said; return its ARN."""
    least = [{"region": REGION, "amiDistributionConfiguration": {}}]
    members = {"distributions": least, **members}
    response = client.create_distribution_configuration(name=name, **members)
    arn: str = response["distributionConfigurationArn"]
    return arn
