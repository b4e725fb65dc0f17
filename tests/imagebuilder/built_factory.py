"""Components and workflows for the tests of Image Builder."""

from typing import Any

from mockbuild import Control
from mockbuild.services.imagebuilder.catalogue import Catalogue
from mockbuild.services.imagebuilder.shelves import Resource
from tests.imagebuilder.factory import AMAZON, ARN, CLIENT, Record, state_of

TOOL = f"{ARN}:component/tool"
FLOW = f"{ARN}:workflow/build/flow"
COMPONENT = """\
name: InstallMyApp
description: Installs my application
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: InstallApp
        action: ExecuteBash
        inputs:
          commands:
            - sudo yum -y install my-app
"""
WORKFLOW = """\
name: my-workflow
schemaVersion: 1.0
steps:
  - name: LaunchBuildInstance
    action: LaunchInstance
    inputs:
      waitFor: ssmAgent
"""


def with_phases(*phases: str) -> str:
    """Return a component document with these phases."""
    steps = "    steps:\n      - {name: Run, action: ExecuteBash, inputs: {commands: [x]}}\n"
    text = "".join(f"  - name: {phase}\n{steps}" for phase in phases)
    return f"schemaVersion: 1.0\nphases:\n{text}"


def other(text: str) -> str:
    """Return a document that says the same and is another text."""
    return f"{text}# another one\n"


def members(name: str = "tool", version: str = "1.0.0", **changes: Any) -> Record:
    """Return the parameters of the least component, with *changes*; ``None`` leaves one out."""
    least = {"name": name, "semanticVersion": version, "platform": "Linux", "data": COMPONENT}
    return {key: value for key, value in {**least, **changes}.items() if value is not None}


def script(name: str = "tool", version: str = "1.0.0", **changes: Any) -> Record:
    """Return the parameters of the least import, with *changes*; ``None`` leaves one out."""
    imported = {"type": "BUILD", "format": "SHELL", "data": "make install\n", **changes}
    return members(name, version, **imported)


def create(name: str = "tool", version: str = "1.0.0", client: Any = CLIENT, **changes: Any) -> str:
    """Create a component and return the ARN of its build."""
    made = client.create_component(**members(name, version, **changes))
    return made["componentBuildVersionArn"]


def steps(name: str = "flow", version: str = "1.0.0", **changes: Any) -> Record:
    """Return the parameters of the least workflow, with *changes*; ``None`` leaves one out."""
    least = {"name": name, "semanticVersion": version, "type": "BUILD", "data": WORKFLOW}
    return {key: value for key, value in {**least, **changes}.items() if value is not None}


def create_workflow(
    name: str = "flow", version: str = "1.0.0", client: Any = CLIENT, **changes: Any
) -> str:
    """Create a workflow and return the ARN of its build."""
    made = client.create_workflow(**steps(name, version, **changes))
    return made["workflowBuildVersionArn"]


def references(base: str, version: str = "1.0.0") -> Record:
    """Return what refers to the latest versions, from the ARN without a version on."""
    major, minor, _ = version.split(".")
    return {
        "latestVersionArn": f"{base}/x.x.x",
        "latestMajorVersionArn": f"{base}/{major}.x.x",
        "latestMinorVersionArn": f"{base}/{major}.{minor}.x",
        "latestPatchVersionArn": f"{base}/{version}",
    }


def get(arn: str = f"{TOOL}/1.0.0/1", client: Any = CLIENT) -> Record:
    """Return the component that an ARN means."""
    return client.get_component(componentBuildVersionArn=arn)["component"]


def get_workflow(arn: str = f"{FLOW}/1.0.0/1", client: Any = CLIENT) -> Record:
    """Return the workflow that an ARN means."""
    return client.get_workflow(workflowBuildVersionArn=arn)["workflow"]


def managed(name: str, client: Any = CLIENT) -> Record:
    """Return the component or workflow of Amazon's that an ARN means, after the owner."""
    arn = f"{AMAZON.replace('us-east-1', client.meta.region_name)}:{name}"
    return (get if name.startswith("component/") else get_workflow)(arn, client)


def catalogue(mb: Control, **where: str) -> Catalogue:
    """Return the catalogue as an account has it in a region."""
    return state_of(mb, **where).store(Catalogue)


def shelved(mb: Control, *kinds: str) -> list[Resource]:
    """Return everything of some kinds that Amazon and others provide."""
    return [one for kind in kinds for one in catalogue(mb).shelf(kind).by_arn.values()]
