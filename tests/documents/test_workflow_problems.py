"""Every complaint about a workflow document: its place and our words.

No sentence of the service is known for any of them.
"""

import pytest

from mockbuild.documents.errors import MAX_PROBLEMS, DocumentError
from mockbuild.documents.workflow import check_workflow, parse_workflow
from tests.documents.workflow_texts import HEAD, LAUNCH, one, step, wait, workflow

STEP = "steps[0]"
NAME_RULE = "use 3 to 128 letters, digits, hyphens and underscores"


def error_of(text: str | bytes, kind=None) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse_workflow(text, "w.yml", kind)
    return caught.value


def rows(table):
    return pytest.mark.parametrize(
        ("text", "expected"), [pytest.param(*row, id=name) for name, *row in table]
    )


def launched(action: str, inputs: str) -> str:
    """A document whose second step has its inputs on line 6."""
    return HEAD + LAUNCH + step(action, inputs)


DOCUMENTED = [
    ("no version", workflow().replace("schemaVersion: 1.0\n", ""),
     "1:1: schemaVersion is missing; add schemaVersion: 1.0"),
    ("another version", workflow().replace("1.0", "3"),
     "1:16: schemaVersion 3 is not known; write schemaVersion: 1.0"),
    ("no steps", "schemaVersion: 1.0\n",
     "1:1: steps is missing; a workflow needs one step at least"),
    ("a step without a name", HEAD + "- action: WaitForAction\n",
     f"3:3: {STEP}.name is missing; give the step a name"),
    ("a name with a space", HEAD + step("WaitForAction", name="my step"),
     f"3:9: my step is no name for a step; {NAME_RULE}"),
    ("a short name", HEAD + step("WaitForAction", name="ab"),
     f"3:9: ab is no name for a step; {NAME_RULE}"),
    ("a step twice", workflow(steps=LAUNCH + LAUNCH),
     "4:10: step Launch is already there on line 3; rename one"),
    ("no action", HEAD + "- name: Step\n",
     f"3:3: {STEP}.action is missing; name the step's action"),
    ("unknown action", one("LaunchInstances"),
     "4:11: LaunchInstances is not a step action; did you mean LaunchInstance?"),
    ("empty description", wait("description: ''"),
     f"6:16: {STEP}.description has to have 1 to 1024 characters"),
    ("long description", wait("description: " + "x" * 1025),
     f"6:16: {STEP}.description has to have 1 to 1024 characters"),
    ("onFailure", wait("onFailure: Ignore"), f"6:14: {STEP}.onFailure has to be Abort or Continue"),
    ("rollbackEnabled", wait("rollbackEnabled: maybe"),
     f"6:20: {STEP}.rollbackEnabled has to be yes or no"),
    ("timeout too long", wait("timeoutSeconds: 604801"),
     f"6:3: {STEP}.timeoutSeconds is 604801; this action takes 604800 at most"),
    ("waits as long as the timeout", wait("timeoutSeconds: 60\n  waitSeconds: 60"),
     f"7:3: {STEP}.waitSeconds has to be less than the timeout of 60 seconds"),
    ("waits as long as the default", one("LaunchInstance", "{waitFor: ssmAgent}",
                                         "waitSeconds: 4500"),
     f"6:3: {STEP}.waitSeconds has to be less than the timeout of 4500 seconds"),
    ("no inputs", HEAD + "- name: Step\n  action: LaunchInstance\n",
     f"3:3: {STEP}.inputs is missing; this action needs some"),
    ("an input is missing", one("RunCommand", "{documentName: a}"),
     f"5:3: {STEP}.inputs.instanceId is missing; this action needs it"),
    ("an input's values", one("LaunchInstance", "{waitFor: ssmAgent, healthCheck: OK}"),
     f"5:44: {STEP}.inputs.healthCheck has to be RUNNING or STATUS_CHECK_PASSED"),
    ("a payload over the limit", wait("", f"{{payload: {'x' * 16385}}}"),
     f"5:21: {STEP}.inputs.payload is larger than 16 KiB"),
    ("distributed images as text", one("ModifyImageAttributes", "{distributedImages: []}"),
     f"5:12: write {STEP}.inputs.distributedImages.$ with a reference"),
    ("no distributed images", one("ModifyImageAttributes", "{attributes: []}"),
     f"5:3: {STEP}.inputs.distributedImages.$ is missing; this action needs it"),
    ("distributed images from elsewhere",
     one("ModifyImageAttributes", "{distributedImages.$: $.workflowOutputs.x}"),
     f"5:33: {STEP}.inputs.distributedImages.$ has to be a reference to $.stepOutputs"),
    ("an operator of components", wait("if: {fileExists: x}"), f"6:3: {STEP}.if has no operator"),
    ("a parameter's type", workflow("parameters: [{name: abc, type: text}]\n"),
     "4:32: parameters[0].type has to be string, integer, boolean or stringList"),
    ("a parameter without a name", workflow("parameters: [{type: string}]\n"),
     "4:14: parameters[0].name is missing; give the parameter a name"),
    ("an integer", workflow("parameters: [{name: abc, type: integer, default: x}]\n"),
     "4:50: parameters[0].default has to be a whole number"),
    ("a boolean", workflow("parameters: [{name: abc, type: boolean, default: x}]\n"),
     "4:50: parameters[0].default has to be yes or no"),
    ("a list for a string", workflow("parameters: [{name: abc, default: [a]}]\n"),
     "4:35: parameters[0].default has to be a single value"),
    ("a mapping for a list", workflow("parameters: [{name: abc, type: stringList, "
                                      "default: {a: b}}]\n"),
     "4:53: parameters[0].default has to be a list, each item with a - in front"),
    ("an output without a name", workflow("outputs: [{value: a}]\n"),
     "4:11: outputs[0].name is missing; give the output a name"),
    ("an output without a value", workflow("outputs: [{name: a}]\n"),
     "4:11: outputs[0].value is missing; say what the output is"),
    ("an output twice", workflow("outputs: [{name: a, value: b}, {name: a, value: b}]\n"),
     "4:39: output a is already there on line 4; rename one"),
    ("more outputs than the quota",
     workflow("outputs:\n" + "".join(f"- {{name: a{n}, value: b}}\n" for n in range(26))),
     "4:1: outputs holds 26 items; 25 is the most"),
]  # fmt: skip
GUESSED = [
    ("empty", "", "1:1: the workflow document is empty; start it with schemaVersion: 1.0"),
    ("text", "abc", "1:1: the workflow document is no mapping; start it with schemaVersion: 1.0"),
    ("steps are a mapping", "schemaVersion: 1.0\nsteps: {a: b}\n",
     "2:8: steps has to be a list, each item with a - in front"),
    ("a step is text", "schemaVersion: 1.0\nsteps: [a]\n", "2:9: steps[0] has to be a mapping"),
    ("phases of a component", workflow("phases: []\n"), "4:1: phases is not a key AWS knows"),
    ("a key of a component's step", wait("maxAttempts: 2"),
     f"6:3: {STEP}.maxAttempts is not a key AWS knows"),
    ("timeout 0", wait("timeoutSeconds: 0"),
     f"6:19: {STEP}.timeoutSeconds has to be a number, 1 or more"),
    ("timeout is a reference", wait("timeoutSeconds: $.parameters.abc"),
     f"6:19: {STEP}.timeoutSeconds has to be a number, 1 or more"),
    ("negative waiting", wait("waitSeconds: -1"),
     f"6:16: {STEP}.waitSeconds has to be a number, 0 or more"),
    ("inputs are a list", one("LaunchInstance", "[{waitFor: ssmAgent}]"),
     f"5:11: {STEP}.inputs has to be a mapping"),
    ("unknown input", one("LaunchInstance", "{waitFor: ssmAgent, imageId: a}"),
     f"5:31: {STEP}.inputs.imageId is not a key AWS knows; did you mean imageIdOverride?"),
    ("unknown input with a reference",
     one("LaunchInstance", "{waitFor: ssmAgent, imageId.$: $.imagebuilder.imageId}"),
     f"5:31: {STEP}.inputs.imageId.$ is not a key AWS knows; did you mean imageIdOverride.$?"),
    ("an input twice",
     one("TerminateInstance", "{instanceId: a, instanceId.$: $.imagebuilder.imageId}"),
     f"5:27: {STEP}.inputs.instanceId is given with and without .$"),
    ("another agent", one("LaunchInstance", "{waitFor: agent}"),
     f"5:21: {STEP}.inputs.waitFor has to be ssmAgent"),
    ("a flag", one("TerminateInstance", "{instanceId: a, waitForTermination: maybe}"),
     f"5:47: {STEP}.inputs.waitForTermination has to be yes or no"),
    ("a list of texts",
     one("LaunchInstance", "{waitFor: ssmAgent, instanceTypesOverride: t3.nano}"),
     f"5:54: {STEP}.inputs.instanceTypesOverride has to be a list, each item with a - in front"),
    ("a list", one("DistributeImage", "{distributions: {region: a}}"),
     f"5:27: {STEP}.inputs.distributions has to be a list, each item with a - in front"),
    ("a mapping", one("RunCommand", "{instanceId: a, documentName: b, parameters: [a]}"),
     f"5:56: {STEP}.inputs.parameters has to be a mapping"),
    ("a list after .$", one("TerminateInstance", "{instanceId.$: [a]}"),
     f"5:26: {STEP}.inputs.instanceId.$ has to be a single value"),
    ("then", wait("if: {booleanEquals: true, value: x, then: Skip}"),
     f"6:39: {STEP}.if.then is not a key AWS knows"),
    ("no boolean", wait("if: {booleanEquals: 1, value: x}"),
     f"6:23: {STEP}.if.booleanEquals has to be true or false"),
    ("nothing to compare with", wait("if: {stringEquals: x}"),
     f"6:3: {STEP}.if.value is missing; say what stringEquals is to look at"),
    ("a parameter twice", workflow("parameters: [{name: abc}, {name: abc}]\n"),
     "4:34: parameter abc is already there on line 4; rename one"),
    ("a key of a parameter", workflow("parameters: [{name: abc, required: true}]\n"),
     "4:26: parameters[0].required is not a key AWS knows"),
    ("parameters as components have them", workflow("parameters:\n- abc: {type: string}\n"),
     "5:3: parameters[0].name is missing; give the parameter a name"),
    ("a key of an output", workflow("outputs: [{name: a, value: b, type: c}]\n"),
     "4:31: outputs[0].type is not a key AWS knows"),
    # References.
    ("no such step",
     launched("TerminateInstance", "{instanceId.$: $.stepOutputs.Lunch.instanceId}"),
     "6:26: $.stepOutputs.Lunch.instanceId: there is no step Lunch; did you mean Launch?"),
    ("a later step",
     HEAD + step("TerminateInstance", "{instanceId.$: $.stepOutputs.Launch.instanceId}") + LAUNCH,
     "5:26: $.stepOutputs.Launch.instanceId: step Launch has not run yet; refer to what ran "
     "before"),
    ("itself", wait("", "{payload: '{{ $.stepOutputs.Step.reason }}'}"),
     "5:21: $.stepOutputs.Step.reason: step Step has not run yet; refer to what ran before"),
    ("no output", launched("TerminateInstance", "{instanceId.$: $.stepOutputs.Launch}"),
     "6:26: $.stepOutputs.Launch: name one of the step's outputs"),
    ("no such parameter",
     wait("", "{snsTopicArn.$: $.parameters.topc}") + "parameters: [{name: topic}]\n",
     "5:27: $.parameters.topc: no parameter has this name; declare it; did you mean topic?"),
    ("no such node", wait("", "{snsTopicArn.$: $.stepOutput.a.b}"),
     "5:27: $.stepOutput.a.b: there are imagebuilder, parameters, stepOutputs, workflowOutputs; "
     "did you mean stepOutputs?"),
    ("half a path", wait("", "{snsTopicArn.$: $.parameters}"),
     "5:27: $.parameters: write $.stepOutputs.Step.output, $.parameters.name or the like"),
    ("in a condition", wait("if: {booleanEquals: true, value: $.parameters.abc}"),
     "6:36: $.parameters.abc: no parameter has this name; declare it"),
    ("deep inside", one("DistributeImage", "{distributions: [{region.$: $.parameters.abc}]}"),
     "5:39: $.parameters.abc: no parameter has this name; declare it"),
    ("in a list after .$",
     one("DistributeImage", "{distributions: [{targetAccountIds.$: [$.parameters.abc]}]}"),
     "5:50: $.parameters.abc: no parameter has this name; declare it"),
    ("between braces", wait("", "{payload: 'a {{ $.parameters.abc }} {{ imagebuilder:x }}'}"),
     "5:21: $.parameters.abc: no parameter has this name; declare it"),
    ("of a rollback", wait("rollbackEnabled: $.parameters.abc"),
     "6:20: $.parameters.abc: no parameter has this name; declare it"),
    ("of an output", workflow("outputs: [{name: a, value: $.stepOutputs.Lunch.instanceId}]\n"),
     "4:28: $.stepOutputs.Lunch.instanceId: there is no step Lunch; did you mean Launch?"),
]  # fmt: skip


def assert_refused(text, expected):
    error = error_of(text)
    assert str(error) == f"w.yml:{expected}"
    assert str(error.problem) in [str(problem) for problem in check_workflow(text, "w.yml")]


@pytest.mark.docs
@rows(DOCUMENTED)
def test_errors_as_documented(text, expected):
    assert_refused(text, expected)


@pytest.mark.inferred
@rows(GUESSED)
def test_errors_we_guess(text, expected):
    assert_refused(text, expected)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("action", "kind", "types"),
    [
        pytest.param(action, kind, types, id=f"{action} in {kind}")
        for action, kind, types in [
            ("ExecuteComponents", "DISTRIBUTION", "BUILD and TEST"),
            ("CollectImageScanFindings", "BUILD", "TEST"),
            ("CollectImageScanFindings", "DISTRIBUTION", "TEST"),
            ("DistributeContainerImage", "BUILD", "DISTRIBUTION"),
            ("DistributeContainerImage", "TEST", "DISTRIBUTION"),
        ]
    ],
)
def test_actions_of_another_type_are_refused(action, kind, types):
    text = one(action, "{instanceId: i-1}")
    assert error_of(text, kind).message == (
        f"{action} is for workflows of type {types}, not {kind}"
    )
    assert check_workflow(text) == []


@pytest.mark.docs
@pytest.mark.parametrize(
    "other", ["DistributeImage", "ModifyImageAttributes", "ApplyImageConfigurations"]
)
def test_a_workflow_distributes_containers_or_amis(other):
    text = HEAD + step(other, "{}", "One") + step("DistributeContainerImage", "{instanceId: i}")
    assert (
        "w.yml:7:11: error: DistributeContainerImage does not go together with DistributeImage, "
        "ModifyImageAttributes, ApplyImageConfigurations: a workflow distributes containers or AMIs"
    ) in [str(problem) for problem in check_workflow(text, "w.yml")]


WARNED = [
    ("a reference without .$", wait("", "{payload: $.parameters.abc}"),
     "5:21: warning: $.parameters.abc is plain text; put .$ after the key to refer to it"),
    ("a variable the guide lacks", wait("", "{payload.$: $.imagebuilder.imageID}"),
     "5:23: warning: $.imagebuilder.imageID is not in the guide; did you mean imageId?"),
    ("an output the guide lacks",
     launched("WaitForAction", "{payload: '{{ $.stepOutputs.Launch.instanceType }}'}"),
     "6:21: warning: $.stepOutputs.Launch.instanceType: LaunchInstance has no output instanceType; "
     "did you mean instanceId?"),
    ("no number", wait("if: {numberEquals: a, value: $.imagebuilder.imageBuildNumber}"),
     "6:22: warning: a is no number: numberEquals is always false"),
    ("number in quotes", wait("timeoutSeconds: '60'"),
     f"6:19: warning: {STEP}.timeoutSeconds is text; write the number without quotes"),
]  # fmt: skip


@pytest.mark.inferred
@rows(WARNED)
def test_warnings(text, expected):
    assert [str(problem) for problem in check_workflow(text, "w.yml")] == [f"w.yml:{expected}"]
    parse_workflow(text)


FINE = [
    ("no inputs", HEAD + "- {name: Step, action: WaitForAction}\n"),
    ("text after .$", one("CreateImage", "{instanceId.$: i-1234567890abcdef0}")),
    ("JSON with braces after .$",
     wait("", "{payload.$: '{\"a\": \"{{ $.workflowOutputs.ImageId }}\"}'}")),
    ("text that is not JSON", wait("", "{payload: Please approve}")),
    ("an index", launched("RunCommand",
                          "{instanceId: a, documentName: b, parameters: {a: [b]}}")
     + "outputs: [{name: a, value: '$.stepOutputs.Step.output[0]'}]\n"),
    ("a flag by reference",
     one("TerminateInstance", "{instanceId: a, waitForTermination.$: $.workflowOutputs.x}")),
    ("a value between braces",
     wait("", "{snsTopicArn: '{{ $.parameters.abc }}'}") + "parameters: [{name: abc}]\n"),
    ("a value of some, between braces",
     one("LaunchInstance", "{waitFor: ssmAgent, healthCheck: '{{ $.workflowOutputs.x }}'}")),
    ("an empty operand", wait("if: {stringEquals: '', value: $.imagebuilder.platform}")),
    ("nested deeply", wait("if: {not: {not: {not: {not: {not: {stringEquals: a, value: b}}}}}}")),
    ("waits a second less", wait("timeoutSeconds: 60\n  waitSeconds: 59")),
    ("SSM parameters as a list", HEAD + step("DistributeImage", "{}", "One")
     + step("ApplyImageConfigurations",
            "{distributedImages.$: $.stepOutputs.One.distributedImages, configurations: "
            "[{region: a, ssmParameterConfigurations: [{parameterName: /x}]}]}")),
    ("both AMI actions twice", HEAD + step("DistributeImage", "{}", "One")
     + step("DistributeImage", "{}", "Two")),
    ("the longest payload", wait("", f"{{payload: {'x' * 16384}}}")),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FINE])
def test_nothing_to_complain_about(text):
    assert check_workflow(text) == []
    parse_workflow(text)


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"k{n}: 1\n" for n in range(6000)), id="unknown keys"),
        pytest.param(HEAD + step("Nope") * 800, id="steps"),
        pytest.param(wait("", "{payload: '" + "{{ $.parameters.x }} " * 700 + "'}"), id="paths"),
        pytest.param(workflow("parameters:\n" + "- a: 1\n" * 6000), id="parameters"),
    ],
)
def test_the_number_of_problems_is_limited(text):
    problems = check_workflow(text)
    assert 0 < len(problems) <= 2 * MAX_PROBLEMS
    assert all(len(problem.message) < 400 for problem in problems)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("[" * 50_000, "nested deeper", id="brackets"),
        pytest.param("a: &a [*a]", "stands inside", id="alias of itself"),
        pytest.param(b"\xff\xfe\x00", "not UTF-16", id="bytes"),
        pytest.param(workflow() + "---\n" + workflow(), "a second document", id="two documents"),
    ],
)
def test_bombs(text, part):
    assert part in error_of(text).message
