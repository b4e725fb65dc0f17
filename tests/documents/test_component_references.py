"""References in component documents: their forms, and whether they lead anywhere."""

import pytest

from mockbuild.documents.component import check_component
from mockbuild.documents.component_references import (
    Chained,
    ContextVariable,
    EnvironmentVariable,
    InstanceMetadata,
    LoopVariable,
    SsmParameter,
    Variable,
    parse_reference,
)
from tests.documents.component_texts import HEAD, after, bash, error_of, one, step

FORMS = [
    ("Name", Variable("Name")),
    ("my-name_2", Variable("my-name_2")),
    ("build.One.outputs.stdout", Chained("build", "One", "outputs", None, "stdout")),
    ("build.a-b.inputs[12].source", Chained("build", "a-b", "inputs", 12, "source")),
    ("build.One.inputs.document-s3-bucket-owner",
     Chained("build", "One", "inputs", None, "document-s3-bucket-owner")),
    ("loop.index", LoopVariable("loop", "index")),
    ("Mine.value", LoopVariable("Mine", "value")),
    ("aws:ssm:/my/param", SsmParameter("/my/param")),
    ("aws:ssm:/aws/reference/secretsmanager/a/b",
     SsmParameter("/aws/reference/secretsmanager/a/b")),
    ("aws:ssm:resolve(Name)", SsmParameter(Variable("Name"))),
    ("aws:ssm:resolve( aws:ssm:/a )", SsmParameter(SsmParameter("/a"))),
    ("env:PATH", EnvironmentVariable("PATH")),
    ("env:ProgramFiles(x86)", EnvironmentVariable("ProgramFiles(x86)")),
    ("env:with space.dot", EnvironmentVariable("with space.dot")),
    ("aws:imds:placement/region", InstanceMetadata("placement/region")),
    ("context:accountId", ContextVariable("accountId")),
]  # fmt: skip
NO_REFERENCES = [
    "", "a b", "Env:PATH ", ".State.Running", "range .Items", "a.b", "loop.count", "a.b.c",
    "build.One.outputs", "build.One.outputs[x].a", "aws:s3:x", "aws:", "$.a", "imagebuilder:x",
    "build.One.outputs.a.b", "é",
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(("inner", "expected"), [pytest.param(*row, id=row[0]) for row in FORMS])
def test_forms(inner, expected):
    assert parse_reference(inner) == expected


@pytest.mark.inferred
@pytest.mark.parametrize("inner", NO_REFERENCES)
def test_what_has_none_of_the_forms_is_no_reference(inner):
    assert parse_reference(inner) is None


UNDECLARED = "no constant or parameter has this name; declare it"
NO_SSM = "name a parameter of Parameter Store, or resolve() of one parameter's name"
NO_METADATA = "name a path of the instance metadata; credentials are not given out"
WRONG_FORM = "write phase.step.inputs[0].name or phase.step.outputs.name"
DOCUMENTED = [
    ("Foo", UNDECLARED),
    ("aws:ssm:resolve(Foo)", UNDECLARED),
    ("build.Onne.outputs.stdout", "phase build has no step Onne; did you mean One?"),
    ("biuld.One.outputs.stdout", "there is no phase biuld; did you mean build?"),
    ("build.Two.outputs.stdout", "a step cannot refer to itself"),
    ("aws:imds:iam/security-credentials/x", NO_METADATA),
    ("aws:imds:/iam/info", NO_METADATA),
    ("aws:imds:identity-credentials/ec2", NO_METADATA),
]
GUESSED = [
    ("build.One.outputs.stderr", "ExecuteBash has no stderr among its outputs"),
    ("build.One.inputs.command",
     "ExecuteBash has no command among its inputs; did you mean commands?"),
    ("build.One.inputs[1].commands", "step One has no inputs[1]"),
    ("build.One.output.stdout", WRONG_FORM),
    ("build.One.outputs", WRONG_FORM),
    ("aws:ssm:", NO_SSM),
    ("aws:ssm:resolve(a b)", NO_SSM),
    ("aws:ssm:resolve(aws:ssm:)", NO_SSM),
    ("aws:ssm:resolve(aws:ssm:resolve(Foo))", NO_SSM),
    ("aws:imds:", NO_METADATA),
    ("env:", "name an environment variable"),
    ("context:regoin",
     "there are accountId, date, dateTime, executionId, hostname, osName, osPlatform, osVersion, "
     "phase, region, step, uuid; did you mean region?"),
]  # fmt: skip


def assert_refused(reference, expected):
    error = error_of(after(f"x {{{{ {reference} }}}} y"))
    assert str(error) == f"c.yml:10:25: {{{{ {reference} }}}}: {expected}"
    assert error.aws_message == (
        f"Parsing step 'Two' in phase 'build' failed.\nError: {error.message}"
    )


@pytest.mark.docs
@pytest.mark.parametrize(
    ("reference", "expected"), [pytest.param(*row, id=row[0]) for row in DOCUMENTED]
)
def test_references_that_lead_nowhere(reference, expected):
    assert_refused(reference, expected)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("reference", "expected"), [pytest.param(*row, id=row[0]) for row in GUESSED]
)
def test_references_we_guess_are_refused(reference, expected):
    assert_refused(reference, expected)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("reference", "action", "inputs", "expected"),
    [
        pytest.param("build.One.outputs.x", "Reboot", "{}", "Reboot has no x among its outputs",
                     id="no outputs"),
        pytest.param("build.One.inputs.stringEquals", "Assert", "{stringEquals: a, value: b}",
                     "Assert has no stringEquals among its inputs", id="Assert"),
        pytest.param("build.One.inputs.include", "UpdateOS", "{}", "step One has no inputs[0]",
                     id="no inputs"),
    ],
)  # fmt: skip
def test_references_to_other_actions(reference, action, inputs, expected):
    error = error_of(after(f"{{{{ {reference} }}}}", action, inputs))
    assert error.message == f"{{{{ {reference} }}}}: {expected}"


@pytest.mark.docs
def test_a_later_step_cannot_be_referred_to():
    text = (
        HEAD
        + step("ExecuteBash", "{commands: ['{{ build.Two.outputs.stdout }}']}", "One")
        + step("ExecuteBash", "{commands: [x]}", "Two")
    )
    assert str(error_of(text)) == (
        "c.yml:7:25: {{ build.Two.outputs.stdout }}: step Two comes later; refer to what ran before"
    )


@pytest.mark.docs
def test_a_later_phase_cannot_be_referred_to():
    text = bash(commands="['{{ validate.Step.outputs.stdout }}']") + (
        "- name: validate\n  steps:\n" + step("ExecuteBash", "{commands: [x]}")
    )
    assert error_of(text).message.endswith("step Step comes later; refer to what ran before")


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(bash("loop: {forEach: [a, '{{ Foo }}']}"), "8:25", id="item of a loop"),
        pytest.param(bash("loop: {forEach: {list: '{{ Foo }}'}}"), "8:28", id="list of a loop"),
        pytest.param(bash("if: {not: {fileExists: '{{ Foo }}'}}"), "8:28", id="operand"),
        pytest.param(bash("if: {stringEquals: a, value: '{{ Foo }}'}"), "8:34", id="value"),
        pytest.param(one("Assert", "{or: [{stringEquals: a, value: '{{ Foo }}'}]}"), "7:44",
                     id="Assert"),
        pytest.param(one("InstallMSI", "{path: a, properties: {A: '{{ Foo }}'}}"), "7:39",
                     id="property"),
        pytest.param(one("ExecuteDocument",
                         "{document: a, parameters: [{name: a, value: '{{ Foo }}'}]}"), "7:57",
                     id="parameter"),
    ],
)  # fmt: skip
def test_references_are_found_everywhere(text, place):
    assert str(error_of(text)) == f"c.yml:{place}: {{{{ Foo }}}}: {UNDECLARED}"


DECLARED = "constants:\n- Fooo: {type: string, value: x}\nparameters:\n- Bar: {type: string}\n"


@pytest.mark.docs
@pytest.mark.parametrize(
    "reference",
    [
        "Fooo", "Bar", "aws:ssm:resolve(Bar)", "aws:ssm:resolve(aws:ssm:/a)", "aws:ssm:/a/b",
        "build.One.outputs.stdout", "build.One.inputs.commands", "build.One.inputs[0].commands",
        "env:ProgramFiles(x86)", "aws:imds:instance-id", "aws:imds:iamx", "context:uuid",
        ".State.Running", "imagebuilder:x",
    ],
)  # fmt: skip
def test_references_that_lead_somewhere(reference):
    assert check_component(after(f"{{{{ {reference} }}}}") + DECLARED) == []


@pytest.mark.docs
def test_names_are_case_sensitive():
    error = error_of(after("{{ fooo }}") + DECLARED)
    assert error.message == "{{ fooo }}: " + UNDECLARED + "; did you mean Fooo?"


@pytest.mark.docs
def test_an_index_counts_the_entries():
    inputs = "[{source: a, destination: b}, {source: c, destination: d}]"
    assert check_component(after("{{ build.One.inputs[1].source }}", "MoveFile", inputs)) == []
    error = error_of(after("{{ build.One.inputs[2].source }}", "MoveFile", inputs))
    assert error.message == "{{ build.One.inputs[2].source }}: step One has no inputs[2]"


@pytest.mark.docs
def test_braces_outside_of_steps_are_plain_text():
    text = (
        bash() + "description: '{{ Foo }}'\nconstants:\n- Abc: {type: string, value: '{{ B }}'}\n"
    )
    assert check_component(text) == []


TEST_PHASE = "- name: test\n  steps:\n"
WARNED = [
    ("no loop", bash(commands="['{{ loop.value }}']"),
     "7:25: warning: {{ loop.value }} stays as it is: the loop is not here"),
    ("another step's loop",
     HEAD + step("Reboot", "{}", "One", "loop: {name: Mine, forEach: [a]}")
     + step("ExecuteBash", "{commands: ['{{ Mine.index }}']}", "Two", "loop: {forEach: [a]}"),
     "11:25: warning: {{ Mine.index }} stays as it is: the loop is not here"),
    ("another stage",
     after("x") + TEST_PHASE
     + step("ExecuteBash", "{commands: ['{{ build.One.outputs.stdout }}']}"),
     "15:25: warning: {{ build.One.outputs.stdout }}: Image Builder runs the phases build and "
     "test apart, so there will be no value"),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*row, id=name) for name, *row in WARNED]
)
def test_warnings(text, expected):
    assert [str(problem) for problem in check_component(text, "c.yml")] == [f"c.yml:{expected}"]


NOT_WARNED = [
    ("own loop", bash("loop: {name: Mine, forEach: [a]}", "['{{ loop.index }}{{Mine.value}}']")),
    ("of no loop", bash(commands="['{{ foo.value }}']")),
    ("one stage",
     after("x") + "- name: validate\n  steps:\n"
     + step("ExecuteBash", "{commands: ['{{ build.One.outputs.stdout }}']}")),
    ("a phase of no stage",
     after("x") + "- name: other\n  steps:\n"
     + step("ExecuteBash", "{commands: ['{{ build.One.outputs.stdout }}']}")),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NOT_WARNED])
def test_no_warnings(text):
    assert check_component(text) == []
