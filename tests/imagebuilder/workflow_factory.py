"""Workflows of one's own for the tests of Image Builder, run and looked at."""

import json

from tests.imagebuilder.image_factory import Kit, run_of, steps, workflow

NO_RUN = "wf-12345678-1234-1234-1234-123456789012"
NO_STEP = "step-12345678-1234-1234-1234-123456789012"
LAUNCH = {"action": "LaunchInstance", "name": "Launch"}
INSTANCE = {"instanceId.$": "$.stepOutputs.Launch.instanceId"}


def run(*document_steps, kind="TEST", parameters=(), given=(), **parts):
    """Run an own workflow, and return its steps by name."""
    arn = workflow(
        *document_steps, kind=kind, **parts, **({"parameters": parameters} if parameters else {})
    )
    chosen = {"workflowArn": arn, **({"parameters": given} if given else {})}
    image = Kit().with_workflows(chosen)
    return {step["name"]: step for step in steps(run_of(image, kind))}


def inputs(step):
    return json.loads(step["inputs"])


def outputs(step):
    return json.loads(step["outputs"])
