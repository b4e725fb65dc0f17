"""Image Builder's workflow document.

The grammar is the user guide's "Create a YAML workflow document". None of the service's sentences
for a wrong document is known: that the guide's rules are checked when a workflow is made is what
it says for timeouts and actions, and a guess for the rest; the wording is ours.
"""

from dataclasses import dataclass
from typing import Any

from mockbuild.documents.errors import Problem, Problems
from mockbuild.documents.names import refuse_twice
from mockbuild.documents.parameters import Parameter, read_definition
from mockbuild.documents.records import Reader, Record, read_schema_version
from mockbuild.documents.workflow_actions import WorkflowType
from mockbuild.documents.workflow_scope import Scope
from mockbuild.documents.workflow_steps import WorkflowStep, read_steps
from mockbuild.documents.yaml_text import Scalar

MAX_OUTPUTS = 25


@dataclass(frozen=True, slots=True)
class Output:
    """What a workflow hands on to later ones.

    :param name: its name, as in ``$.workflowOutputs.name``.
    :param value: a text, or a reference to what a step gave.
    """

    name: Scalar
    value: Scalar


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow document that can be run.

    :param source: the file's name, or ``<inline>``.
    :param name: the document's name, or ``""``.
    :param description: what it does, or ``""``.
    :param parameters: its parameters.
    :param steps: its steps, in the order they run.
    :param outputs: what it hands on.
    """

    source: str
    name: str
    description: str
    parameters: tuple[Parameter, ...]
    steps: tuple[WorkflowStep, ...]
    outputs: tuple[Output, ...]

    @property
    def parameter_details(self) -> list[dict[str, Any]]:
        """The parameters as GetWorkflow returns them."""
        return [parameter.detail for parameter in self.parameters]


def parse_workflow(
    text: str | bytes, source: str = "<inline>", workflow_type: WorkflowType | None = None
) -> Workflow:
    """Read a workflow document.

    The same text a second time costs nothing.

    :param text: the YAML (or JSON, which is YAML too).
    :param source: the file's name for messages.
    :param workflow_type: the workflow's type; when it is not known, actions of all types will do.
    :raises DocumentError: for the first error, in the order of the document. Its ``aws_message``
        is the sentence that follows ``The value supplied for parameter 'data' is not valid.``
    """
    return _READER.parse(text, source, workflow_type)


def check_workflow(
    text: str | bytes, source: str = "<inline>", workflow_type: WorkflowType | None = None
) -> list[Problem]:
    """Everything wrong or odd about a workflow document, in the order of the document.

    :param text: the YAML.
    :param source: the file's name for messages.
    :param workflow_type: the workflow's type, or ``None``.
    """
    return _READER.check(text, source, workflow_type)


def _read_root(
    root: Record, source: str, workflow_type: WorkflowType | None, problems: Problems
) -> Workflow:
    read_schema_version(root, problems)
    name, description = root.text("name"), root.text("description")
    workflow = Workflow(
        source=source,
        name=name.text if name else "",
        description=description.text if description else "",
        parameters=_read_parameters(root, problems),
        steps=read_steps(root, workflow_type, problems),
        outputs=_read_outputs(root, problems),
    )
    scope = Scope(workflow.parameters, workflow.steps, problems)
    for step in workflow.steps:
        scope.check_step(step)
    for output in workflow.outputs:
        scope.check(output.value, is_chained=True)
    return workflow


def _read_parameters(root: Record, problems: Problems) -> tuple[Parameter, ...]:
    names = []
    parameters = []
    for record in root.records("parameters"):
        if problems.is_full("error"):
            break
        name = record.needed("name", "give the parameter a name")
        parameter = read_definition(
            record,
            name or Scalar("", record.at.line, record.at.column),
            ("string", "integer", "boolean", "stringList"),
            problems,
            needs_type=False,  # the guide calls it required and names a default
        )
        record.refuse_unknown()
        if name is not None:
            names.append(name)
            parameters.append(parameter)
    refuse_twice(names, "parameter", problems)
    return tuple(parameters)


def _read_outputs(root: Record, problems: Problems) -> tuple[Output, ...]:
    outputs = []
    for record in root.records("outputs"):
        name = record.needed("name", "give the output a name")
        value = record.needed("value", "say what the output is")
        record.refuse_unknown()
        if name is not None and value is not None:
            outputs.append(Output(name, value))
    found = root.value("outputs")
    if found is not None and len(outputs) > MAX_OUTPUTS:
        problems.error(found[0], f"outputs holds {len(outputs)} items; {MAX_OUTPUTS} is the most")
    refuse_twice([output.name for output in outputs], "output", problems)
    return tuple(outputs)


_READER = Reader("workflow document", _read_root)
