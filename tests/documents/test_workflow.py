"""The workflow document's grammar: what comes out of a whole document, and of each section."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.documents.conditions import Comparison, Logical
from mockbuild.documents.errors import DocumentError, Problem
from mockbuild.documents.workflow import Workflow, check_workflow, parse_workflow
from mockbuild.documents.workflow_actions import STEP_ACTIONS, WORKFLOW_TYPES
from mockbuild.documents.workflow_references import (
    SYSTEM_VARIABLES,
    PathReference,
    interpolate,
    parse_path,
    paths_in_braces,
)
from mockbuild.documents.yaml_text import List, Mapping, Scalar
from tests.documents.workflow_texts import HEAD, LAUNCH, one, step, wait, workflow

FULL = """
name: Build, ask, release
description: One of everything.
schemaVersion: 1.0
parameters:
  - name: topic
    type: string
    description: Whom to ask
  - name: ask
    type: boolean
    default: true
  - name: types
    type: stringList
    default: [t3.micro]
steps:
  - name: Launch
    action: LaunchInstance
    description: Start the instance
    onFailure: Abort
    inputs:
      waitFor: ssmAgent
      healthCheck: RUNNING
      instanceTypesOverride.$: $.parameters.types
  - name: Components
    action: ExecuteComponents
    timeoutSeconds: 86400
    waitSeconds: 30
    inputs:
      instanceId.$: "$.stepOutputs.Launch.instanceId"
  - name: Ask
    action: WaitForAction
    rollbackEnabled: no
    if:
      and:
        - booleanEquals: true
          value: "$.parameters.ask"
        - not:
            stringEquals: Windows
            value: $.imagebuilder.platform
    inputs:
      snsTopicArn.$: $.parameters.topic
      payload: |
        {"instance": "{{ $.stepOutputs.Launch.instanceId }}",
         "name": "{{ imagebuilder:buildDate }}"}
  - name: Image
    action: CreateImage
    rollbackEnabled: $.parameters.ask
    inputs:
      instanceId.$: $.stepOutputs.Launch.instanceId
  - name: Terminate
    action: TerminateInstance
    onFailure: Continue
    rollbackEnabled.$: $.parameters.ask
    inputs:
      instanceId.$: $.stepOutputs.Launch.instanceId
      waitForTermination: true
outputs:
  - name: ImageId
    value: $.stepOutputs.Image.imageId
  - name: Stage
    value: build
"""


@pytest.fixture(scope="module")
def full() -> Workflow:
    assert check_workflow(FULL, "full.yml", "BUILD") == []
    return parse_workflow(FULL, "full.yml", "BUILD")


@pytest.mark.docs
def test_the_whole_grammar_head(full):
    assert (full.source, full.name) == ("full.yml", "Build, ask, release")
    assert full.description == "One of everything."
    assert [(p.name, p.type, p.default, p.line) for p in full.parameters] == [
        ("topic", "string", None, 6),
        ("ask", "boolean", ("true",), 9),
        ("types", "stringList", ("t3.micro",), 12),
    ]
    assert [(str(o.name), str(o.value)) for o in full.outputs] == [
        ("ImageId", "$.stepOutputs.Image.imageId"),
        ("Stage", "build"),
    ]


@pytest.mark.docs
def test_the_whole_grammar_steps(full):
    assert [(s.name, s.action, s.on_failure) for s in full.steps] == [
        ("Launch", "LaunchInstance", "Abort"),
        ("Components", "ExecuteComponents", "Abort"),
        ("Ask", "WaitForAction", "Abort"),
        ("Image", "CreateImage", "Abort"),
        ("Terminate", "TerminateInstance", "Continue"),
    ]
    launch, components, *_ = full.steps
    assert (launch.description, launch.line, launch.column) == ("Start the instance", 16, 5)
    assert (launch.timeout_seconds, launch.wait_seconds) == (75 * 60, 0)
    assert (components.timeout_seconds, components.wait_seconds) == (86400, 30)
    assert [str(s.rollback_enabled) for s in full.steps] == [
        "True", "True", "False", "$.parameters.ask", "$.parameters.ask",
    ]  # fmt: skip


@pytest.mark.docs
def test_the_whole_grammar_inputs(full):
    launch, _, ask, *_ = full.steps
    assert {name: str(node) for name, node in launch.inputs.items()} == {
        "waitFor": "ssmAgent",
        "healthCheck": "RUNNING",
        "instanceTypesOverride.$": "$.parameters.types",
    }
    assert list(ask.inputs) == ["snsTopicArn.$", "payload"]


@pytest.mark.docs
def test_the_whole_grammar_conditions(full):
    both = full.steps[2].condition
    assert isinstance(both, Logical)
    first, negation = both.conditions
    assert isinstance(first, Comparison)
    assert (first.operator, str(first.operand), str(first.other)) == (
        "booleanEquals", "true", "$.parameters.ask",
    )  # fmt: skip
    assert isinstance(negation, Logical)
    assert negation.operator == "not"
    assert full.steps[0].condition is None


@pytest.mark.docs
def test_defaults():
    document = parse_workflow(wait())
    assert (document.name, document.description) == ("", "")
    assert (document.parameters, document.outputs) == ((), ())
    (only,) = document.steps
    assert (only.on_failure, only.rollback_enabled, only.description) == ("Abort", True, "")
    assert (only.timeout_seconds, only.wait_seconds) == (3 * 86400, 0)
    assert dict(only.inputs) == {}


MINUTE, HOUR, DAY = 60, 3600, 86400
ON_INSTANCE = {"instanceId": "i-1"}
FROM_STEP = {"distributedImages.$": "$.stepOutputs.First.distributedImages"}
#: Name, types, default and longest timeout, the least it needs.
ACTIONS = [
    ("LaunchInstance", "BTD", 75 * MINUTE, 12 * HOUR, {"waitFor": "ssmAgent"}),
    ("BootstrapInstanceForContainer", "BTD", HOUR, 12 * HOUR, ON_INSTANCE),
    ("ExecuteComponents", "BT", 12 * HOUR, DAY, ON_INSTANCE),
    ("CollectImageMetadata", "BTD", 30 * MINUTE, 12 * HOUR, ON_INSTANCE),
    ("RunSysPrep", "BTD", HOUR, 12 * HOUR, ON_INSTANCE),
    ("SanitizeInstance", "BTD", HOUR, 12 * HOUR, ON_INSTANCE),
    ("CreateImage", "BTD", 12 * HOUR, 3 * DAY, ON_INSTANCE),
    ("CreateImageFromIso", "BTD", 12 * HOUR, 12 * HOUR, ON_INSTANCE),
    ("RegisterImage", "BTD", 9 * HOUR, 12 * HOUR, {}),
    ("DistributeContainerImage", "D", 2 * HOUR, 12 * HOUR, ON_INSTANCE),
    ("CollectImageScanFindings", "T", 2 * HOUR, 12 * HOUR, ON_INSTANCE),
    ("RunCommand", "BTD", 12 * HOUR, 12 * HOUR, {**ON_INSTANCE, "documentName": "A"}),
    ("WaitForSSMAgent", "BTD", HOUR, 3 * HOUR, ON_INSTANCE),
    ("WaitForAction", "BTD", 3 * DAY, 7 * DAY, {}),
    ("ExecuteStateMachine", "BTD", 6 * HOUR, DAY, {"stateMachineArn": "arn"}),
    ("TerminateInstance", "BTD", 30 * MINUTE, 12 * HOUR, ON_INSTANCE),
    ("DistributeImage", "D", 6 * HOUR, 12 * HOUR, {}),
    ("ModifyImageAttributes", "D", 2 * HOUR, 3 * HOUR, FROM_STEP),
    ("ApplyImageConfigurations", "D", 6 * HOUR, 12 * HOUR, FROM_STEP),
]


@pytest.mark.docs
def test_every_step_action_is_known():
    assert sorted(name for name, *_ in ACTIONS) == sorted(STEP_ACTIONS)


def document_of(action, inputs, **more) -> str:
    steps = [{"name": "Step", "action": action, "inputs": inputs, **more}]
    if inputs is FROM_STEP:
        steps.insert(0, {"name": "First", "action": "DistributeImage", "inputs": {}})
    return json.dumps({"schemaVersion": "1.0", "steps": steps})


@pytest.mark.docs
@pytest.mark.parametrize(
    ("action", "types", "default", "longest", "inputs"),
    [pytest.param(*row, id=row[0]) for row in ACTIONS],
)
def test_step_actions(action, types, default, longest, inputs):
    text = document_of(action, inputs)
    allowed = [kind for kind in WORKFLOW_TYPES if check_workflow(text, "w.yml", kind) == []]
    assert allowed == [kind for kind in WORKFLOW_TYPES if kind[0] in types]
    assert parse_workflow(text).steps[-1].timeout_seconds == default
    assert check_workflow(document_of(action, inputs, timeoutSeconds=longest)) == []
    assert check_workflow(document_of(action, inputs, timeoutSeconds=longest + 1)) != []
    for name in inputs:
        less = {key: value for key, value in inputs.items() if key != name}
        (problem,) = check_workflow(document_of(action, less))
        assert problem.severity == "error"


@pytest.mark.docs
@pytest.mark.parametrize("action", sorted(STEP_ACTIONS))
def test_all_that_each_step_action_takes(action):
    values = {"text": "x", "flag": True, "texts": ["a"], "list": [], "map": {}}
    found = STEP_ACTIONS[action]
    inputs = {
        name: (one.values or (values.get(one.kind),))[0]
        for name, one in found.inputs.items()
        if name not in found.refers_to_steps
    }
    if found.refers_to_steps:
        inputs |= FROM_STEP
        text = document_of(action, FROM_STEP).replace(json.dumps(FROM_STEP), json.dumps(inputs))
    else:
        text = document_of(action, inputs)
    assert check_workflow(text) == []


OF_COMMAND = ["runCommandId", "status", "output"]
OUTPUTS = {
    "LaunchInstance": ["instanceId"],
    "BootstrapInstanceForContainer": OF_COMMAND,
    "ExecuteComponents": OF_COMMAND,
    "CollectImageMetadata": ["osVersion", "associationId"],
    "CreateImageFromIso": ["amiName", "snapshotId", "architecture"],
    "DistributeContainerImage": ["status", "succeededRegions", "failedRegions"],
    "ExecuteStateMachine": ["executionArn", "output"],
    "WaitForAction": ["action", "reason"],
    "DistributeImage": ["distributedImages"],
    "ModifyImageAttributes": ["modifiedImages"],
    "ApplyImageConfigurations": ["configuredImages"],
    "CreateImage": ["imageId"],
    "RegisterImage": ["imageId"],
    "WaitForSSMAgent": ["status"],
}


@pytest.mark.docs
@pytest.mark.parametrize(("action", "outputs"), OUTPUTS.items())
def test_what_a_step_action_gives(action, outputs):
    inputs = next(row[4] for row in ACTIONS if row[0] == action)
    for output in [*outputs, "nothing"]:
        document = json.loads(document_of(action, inputs))
        value = f"$.stepOutputs.Step.{output}"
        document["outputs"] = [{"name": "out", "value": value}]
        found = [problem.message for problem in check_workflow(json.dumps(document))]
        assert found == ([] if output in outputs else [f"{value}: {action} has no output nothing"])


PATHS = [
    ("$.parameters.topic", PathReference("parameters", ("topic",))),
    ("$.stepOutputs.Launch.instanceId", PathReference("stepOutputs", ("Launch", "instanceId"))),
    ("$.stepOutputs.My-Step_1.output[0]",
     PathReference("stepOutputs", ("My-Step_1", "output", "0"))),
    ("$.workflowOutputs.ImageId", PathReference("workflowOutputs", ("ImageId",))),
    ("$.imagebuilder.s3Logs.s3BucketName",
     PathReference("imagebuilder", ("s3Logs", "s3BucketName"))),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=row[0]) for row in PATHS])
def test_paths(text, expected):
    assert parse_path(text) == expected
    assert str(expected) == text


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text", ["", "$", "$.", "$.parameters", "$.parameters.", "$.a..b", "a.b", "$.a b.c", "$.a[x]"]
)
def test_no_paths(text):
    assert parse_path(text) is None


@pytest.mark.docs
def test_only_paths_in_braces_are_references():
    text = "{{ $.parameters.a }} $.parameters.b {{imagebuilder:x}} {{$.imagebuilder.c}}"
    assert list(paths_in_braces(text)) == ["$.parameters.a", "$.imagebuilder.c"]
    assert interpolate(text, lambda path: path.parts[0].upper()) == (
        "A $.parameters.b {{imagebuilder:x}} C"
    )
    assert interpolate(text, lambda path: None) == text


@pytest.mark.docs
@pytest.mark.parametrize("name", SYSTEM_VARIABLES)
def test_variables_of_the_service(name):
    assert check_workflow(wait("", f"{{payload.$: $.imagebuilder.{name}}}")) == []


@pytest.mark.inferred
def test_the_same_text_is_read_once():
    assert parse_workflow(wait()) is parse_workflow(wait())
    assert parse_workflow(wait(), "other.yml").source == "other.yml"


@pytest.mark.docs
def test_values_keep_their_form():
    (launch,) = parse_workflow(workflow()).steps
    assert launch.inputs["waitFor"] == Scalar("ssmAgent", 3, 60)
    text = one("RunCommand", "{instanceId: i, documentName: d, parameters: {commands: [a, 1]}}")
    parameters = parse_workflow(text).steps[0].inputs["parameters"]
    assert isinstance(parameters, Mapping)
    assert isinstance(parameters.get("commands"), List)


WORDS = st.sampled_from(
    [HEAD, LAUNCH, "parameters:\n", "outputs:\n", "- name: One\n", "  action: ", "WaitForAction\n",
     "  inputs:\n", "    instanceId.$: ", "$.stepOutputs.Launch.instanceId\n", "$.parameters.x",
     "  if:\n", "    and:\n", "      - booleanEquals: true\n", "        value: y\n", "  type: ",
     "integer\n", "  default: ", "{{", "}}", "&a ", "*a\n", "null\n", "-1\n", "\n", "  ", "- ", "[",
     "]", "{", "}", "'", ": ", "\t", "é"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "action", "inputs", "if", "and", "not", "stringEquals", "value", "instanceId",
     "instanceId.$", "type", "default", "timeoutSeconds", "waitSeconds", "rollbackEnabled"]
)  # fmt: skip
TREES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=5),
        st.sampled_from(["$.parameters.abc", "{{ $.stepOutputs.One.reason }}", "$.", "stringList"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["One", "Two", "x y"]),
            "action": st.sampled_from(sorted(STEP_ACTIONS)),
        },
        optional=dict.fromkeys(
            ("inputs", "if", "timeoutSeconds", "waitSeconds", "rollbackEnabled"), TREES
        ),
    ),
    max_size=3,
)
DOCUMENTS = st.fixed_dictionaries(
    {"schemaVersion": st.sampled_from([1.0, "1.0", 2])},
    optional={"steps": STEPS | TREES, "parameters": TREES, "outputs": TREES, "name": TREES},
).map(json.dumps)


@pytest.mark.inferred
@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(st.lists(WORDS).map("".join), DOCUMENTS, st.text(), st.binary()),
    kind=st.sampled_from([None, *WORKFLOW_TYPES]),
)
def test_any_text_gives_a_document_or_a_documented_error(text, kind):
    problems = check_workflow(text, "w.yml", kind)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
    assert all("\n" not in problem.message and problem.aws_message for problem in problems)
    if any(problem.severity == "error" for problem in problems):
        with pytest.raises(DocumentError):
            parse_workflow(text, "w.yml", kind)
    else:
        assert isinstance(parse_workflow(text, "w.yml", kind), Workflow)


@pytest.mark.docs
def test_steps_at_the_limit():
    text = HEAD + "".join(step("WaitForAction", name=f"Step{n}") for n in range(15))
    assert len(parse_workflow(text).steps) == 15
