"""Every complaint about a component document: its place, our words, and the service's."""

import pytest

from mockbuild.documents.component import check_component, parse_component
from mockbuild.documents.errors import MAX_PROBLEMS
from tests.documents.component_texts import (
    HEAD,
    after,
    assert_refused,
    bash,
    error_of,
    one,
    rows,
    step,
    unmarshal,
)

CHARACTERS = (
    "Allowed characters are combinations of numbers [0-9], english letters [a-z,A-Z] and special "
    "characters [-_]."
)
STEP = "phases[0].steps[0]"


# One row: id, text, `line:column: message`, the service's message ("": none known, so ours).
RECORDED = [
    (
        "a step's name with spaces",
        HEAD + step("Reboot", name="Loading ssh keys"),
        "5:11: Loading ssh keys is no name for a step; use 3 to 128 letters, digits, hyphens and "
        "underscores",
        f"Invalid step name 'Loading ssh keys' in phase 'build'. {CHARACTERS}",
    ),
    (
        "inputs are an empty list",
        HEAD + step("S3Download", "[]", name="Download"),
        f"5:5: {STEP}.inputs is missing; S3Download needs some",
        "Parsing step 'Download' in phase 'build' failed.\n"
        "Error: Action S3Download has no inputs; it requires an 'inputs'",
    ),
]
NO_PHASES = "there are no phases; add one that is called build, validate or test"
ZERO_PHASES = "Document has 0 phases. Phases list must not be empty."
NAME_RULE = "use 3 to 128 letters, digits, hyphens and underscores"
DOCUMENTED = [
    ("no phases", "schemaVersion: 1.0\n", f"1:1: {NO_PHASES}", ZERO_PHASES),
    ("empty phases", "schemaVersion: 1.0\nphases: []\n", f"2:1: {NO_PHASES}", ZERO_PHASES),
    (
        "no version",
        bash().replace("schemaVersion: 1.0\n", ""),
        "1:1: schemaVersion is missing; add schemaVersion: 1.0",
    ),
    (
        "another version",
        bash().replace("1.0", "2.0"),
        "1:16: schemaVersion 2.0 is not known; write schemaVersion: 1.0",
    ),
    (
        "no phase of a stage",
        bash().replace("build", "verify"),
        "3:9: one phase at least has to be called build, validate or test",
    ),
    (
        "only the host's tests",
        bash().replace("build", "container-host-test"),
        "3:9: one phase at least has to be called build, validate or test",
    ),
    (
        "a phase's name is short",
        bash() + "- name: ab\n  steps:\n" + step("Reboot"),
        f"8:9: ab is no name for a phase; {NAME_RULE}",
    ),
    (
        "a phase twice",
        bash() + "- name: build\n  steps:\n" + step("Reboot"),
        "8:9: phase build is already there on line 3; rename one",
    ),
    (
        "a phase without a name",
        bash().replace("- name: build\n  ", "- "),
        "3:3: phases[0].name is missing; give the phase a name",
    ),
    (
        "a step's name is short",
        HEAD + step("Reboot", name="ab"),
        f"5:11: ab is no name for a step; {NAME_RULE}",
    ),
    (
        "a step's name is long",
        HEAD + step("Reboot", name="a" * 129),
        f"5:11: {'a' * 77}... is no name for a step; {NAME_RULE}",
    ),
    (
        "a step twice",
        after("x").replace("Two", "One"),
        "8:11: step One is already there on line 5; rename one",
    ),
    (
        "a loop twice",
        HEAD
        + step("Reboot", name="One", extra="loop: {name: L, forEach: [a]}")
        + step("Reboot", name="Two", extra="loop: {name: L, forEach: [a]}"),
        "12:18: loop L is already there on line 8; rename one",
    ),
    (
        "a constant's name",
        bash() + "constants:\n- Ab: {type: string, value: x}\n",
        f"9:3: Ab is no name for a constant; {NAME_RULE}",
    ),
    (
        "a parameter's name",
        bash() + "parameters:\n- A b c: {type: string}\n",
        f"9:3: A b c is no name for a parameter; {NAME_RULE}",
    ),
    (
        "a number for a parameter's name",
        bash() + "parameters:\n- 2019: {type: string}\n",
        "9:3: 2019 is no text to YAML; put it in quotes",
    ),
    (
        "a truth value for a constant's name",
        bash() + "constants:\n- true: {type: string, value: x}\n",
        "9:3: true is no text to YAML; put it in quotes",
    ),
    (
        "a constant's type",
        bash() + "constants:\n- Abc: {type: number, value: x}\n",
        "9:15: constants[0].Abc.type has to be string",
    ),
    (
        "a parameter's type",
        bash() + "parameters:\n- Abc: {type: boolean}\n",
        "9:15: parameters[0].Abc.type has to be string",
    ),
    (
        "a constant without a value",
        bash() + "constants:\n- Abc: {type: string}\n",
        "9:3: constants[0].Abc.value is missing; give the constant a value ('' for an empty text)",
    ),
    (
        "a constant without a type",
        bash() + "constants:\n- Abc: {value: x}\n",
        "9:3: constants[0].Abc.type is missing; write type: string",
    ),
    (
        "a parameter without a type",
        bash() + "parameters:\n- Abc: {default: x}\n",
        "9:3: parameters[0].Abc.type is missing; write type: string",
    ),
    (
        "a parameter twice",
        bash() + "parameters:\n- Abc: {type: string}\n- Abc: {type: string}\n",
        "10:3: Abc is already there on line 9; constants and parameters need names of their own",
    ),
    (
        "a constant and a parameter",
        bash()
        + "parameters:\n- Abc: {type: string}\nconstants:\n- Abc: {type: string, value: x}\n",
        "11:3: Abc is already there on line 9; constants and parameters need names of their own",
    ),
]
GUESSED = [
    (
        "empty",
        "",
        "1:1: the component document is empty; start it with schemaVersion: 1.0",
    ),
    (
        "list",
        "- a",
        "1:1: the component document is no mapping; start it with schemaVersion: 1.0",
    ),
    (
        "version is a list",
        bash().replace("1.0", "[1]"),
        "1:16: schemaVersion has to be a single value",
        unmarshal(1, "!!seq into string"),
    ),
    (
        "phases are a mapping",
        "schemaVersion: 1.0\nphases: {build: []}\n",
        "2:9: phases has to be a list, each item with a - in front",
        unmarshal(2, "!!map into []interface {}"),
    ),
    (
        "a phase is text",
        "schemaVersion: 1.0\nphases: [build]\n",
        "2:10: phases[0] has to be a mapping",
        unmarshal(2, "!!str `build` into map[string]interface {}"),
    ),
    (
        "a phase's name with a space",
        bash() + "- name: my build\n  steps:\n" + step("Reboot"),
        f"8:9: my build is no name for a phase; {NAME_RULE}",
        f"Invalid phase name 'my build'. {CHARACTERS}",
    ),
    (
        "no steps",
        "schemaVersion: 1.0\nphases:\n- name: build\n",
        "3:3: phases[0] has no steps; add one, or remove the phase",
        "Phase 'build' has 0 steps. Steps list must not be empty.",
    ),
    (
        "steps are a mapping",
        "schemaVersion: 1.0\nphases:\n- name: build\n  steps: {a: b}\n",
        "4:10: phases[0].steps has to be a list, each item with a - in front",
        unmarshal(4, "!!map into []interface {}"),
    ),
    (
        "a step without a name",
        HEAD + "  - action: Reboot\n",
        f"5:5: {STEP}.name is missing; give the step a name",
    ),
    (
        "a key of the document",
        bash() + "constant: []\n",
        "8:1: constant is not a key AWS knows; did you mean constants?",
    ),
    (
        "a key of a phase",
        bash() + "  step: 1\n",
        "8:3: phases[0].step is not a key AWS knows; did you mean steps?",
    ),
    (
        "constants are a mapping",
        bash() + "constants: {Abc: {type: string, value: x}}\n",
        "8:12: constants has to be a list, each item with a - in front",
        unmarshal(8, "!!map into []interface {}"),
    ),
    (
        "a constant is text",
        bash() + "constants:\n- Abc: x\n",
        "9:8: constants[0].Abc has to be a mapping",
        unmarshal(9, "!!str `x` into map[string]interface {}"),
    ),
    (
        "a constant is empty",
        bash() + "constants:\n- Abc:\n",
        "9:3: constants[0].Abc is empty; give it a type",
    ),
    (
        "a constant with a default",
        bash() + "constants:\n- Abc: {type: string, value: x, default: y}\n",
        "9:33: constants[0].Abc.default is not a key AWS knows",
    ),
    (
        "two names in one item",
        bash() + "constants:\n- Abc: {type: string, value: x}\n  Def: {type: string, value: x}\n",
        "9:3: constants[0] has to be one name with a mapping under it",
    ),
    (
        "a default is a list",
        bash() + "parameters:\n- Abc: {type: string, default: [x]}\n",
        "9:32: parameters[0].Abc.default has to be a single value",
        unmarshal(9, "!!seq into string"),
    ),
    (
        "a description is too long",
        bash() + f"parameters:\n- Abc: {{type: string, description: {'x' * 1025}}}\n",
        "9:36: parameters[0].Abc.description is longer than 1024 characters",
    ),
    (
        "broken YAML",
        bash(commands="[x"),
        "7:26: did not find expected ',' or ']': close the bracket, and put a comma between its "
        "items",
        "did not find expected ',' or ']' at line 6",
    ),
    (
        "a reference without quotes",
        HEAD + step("DeleteFile", "[{path: {{ Abc }}}]"),
        "7:22: a key has to be a single value; quote it if it starts with [ or {",
        unmarshal(7, "!!map into string"),
    ),
]


@pytest.mark.recorded
@rows(RECORDED)
def test_errors_as_recorded(text, expected, aws_message):
    assert_refused(text, expected, aws_message)


@pytest.mark.docs
@rows(DOCUMENTED)
def test_errors_as_documented(text, expected, aws_message):
    assert_refused(text, expected, aws_message)


@pytest.mark.inferred
@rows(GUESSED)
def test_errors_we_guess(text, expected, aws_message):
    assert_refused(text, expected, aws_message)


FINE = [
    ("bare", bash()),
    ("no inputs for Reboot", HEAD + "  - name: Step\n    action: Reboot\n"),
    ("empty inputs for UpdateOS", one("UpdateOS", "[]")),
    ("other phases beside", bash() + "- name: verify\n  steps:\n" + step("Reboot")),
    ("host's tests beside", bash() + "- name: container-host-test\n  steps:\n" + step("Reboot")),
    ("a step's name in two phases", bash() + "- name: test\n  steps:\n" + step("Reboot")),
    ("a loop's name in two phases",
     bash("loop: {name: L, forEach: [a]}") + "- name: test\n  steps:\n"
     + step("Reboot", extra="loop: {name: L, forEach: [a]}")),
    ("the longest name", HEAD + step("Reboot", name="a" * 128)),
    ("a name of digits", HEAD + step("Reboot", name="123")),
    ("numbers and booleans as commands", bash(commands="[1, true, 0777, ]")),
    ("a number for text", one("S3Download",
     "[{source: s3://b/k, destination: /x, expectedBucketOwner: 123456789012}]")),
    ("recurse in quotes", one("S3Upload", "[{source: a, destination: b, recurse: 'true'}]")),
    ("force, which only samples have", one("DeleteFile", "[{path: a, force: true}]")),
    ("case of an encoding", one("AppendFile", "[{path: a, encoding: UTF-16-le}]")),
    ("keys in any order",
     "name: y\nphases:" + bash().split("phases:")[1] + "schemaVersion: 1\n"),
    ("list of commands in a file", one("ExecutePowerShell", "{file: 'C:\\x.ps1'}")),
    ("defaults of ExecuteDocument", one("ExecuteDocument", "{document: a}",
     "timeoutSeconds: -1\n    maxAttempts: 1")),
    ("four deep", bash("if: {not: {not: {not: {not: {fileExists: a}}}}}")),
    ("an empty operand", bash("if: {stringEquals: '', value: ''}")),
    ("numbers in texts", bash("if: {numberEquals: '+1.50', value: -3}")),
    ("line break as delimiter", bash(r'loop: {forEach: {list: a, delimiter: "\n"}}')),
    ("no default", bash() + "parameters:\n- Abc: {type: string, default: }\n"),
    ("25 parameters",
     bash() + "parameters:\n" + "".join(f"- Abc{n}: {{type: string}}\n" for n in range(25))),
    ("the longest default",
     bash() + f"parameters:\n- Abc: {{type: string, default: {'x' * 1024}}}"),
    ("nothing in a section", bash() + "constants:\nparameters: []\n"),
    ("anchors", HEAD + "  - &a\n    name: One\n    action: UpdateOS\n  - {<<: *a, name: Two}\n"),
    ("the largest", bash() + "# " + "x" * (65535 - len(bash()) - 1)),
    ("a byte order mark", "\ufeff" + bash()),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FINE])
def test_nothing_to_complain_about(text):
    assert check_component(text) == []
    parse_component(text)


@pytest.mark.docs
def test_a_flag_may_be_a_reference():
    text = one("CopyFile", "[{source: a, destination: b, overwrite: '{{ Abc }}'}]")
    assert check_component(text + "parameters:\n- Abc: {type: string}\n") == []


@pytest.mark.inferred
def test_all_problems_in_the_order_of_the_document():
    text = "schemaVersion: 3\n" + bash("maxAttempts: no").split("\n", 1)[1] + "foo: !X 1\n"
    assert [(p.line, p.column, p.severity) for p in check_component(text)] == [
        (1, 16, "error"),
        (8, 18, "error"),
        (9, 1, "error"),
        (9, 6, "warning"),
    ]
    assert error_of(text).line == 1


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"k{n}: 1\n" for n in range(6000)), id="unknown keys"),
        pytest.param(HEAD + step("Nope") * 800, id="steps"),
        pytest.param(HEAD + "  - &a {name: abc, action: Nope}\n" + "  - *a\n" * 3000, id="aliases"),
        pytest.param(bash(commands="[" + "[], " * 9000 + "]"), id="commands"),
        pytest.param(bash(commands="['" + "{{ Foo }} " * 5000 + "']"), id="references"),
        pytest.param(bash() + "constants:\n" + "- A:\n" * 9000, id="constants"),
        pytest.param(
            bash("if: {and: [" + "{a: b}, " * 6000 + "]}"),
            id="conditions",
        ),
    ],
)
def test_the_number_of_problems_is_limited(text):
    problems = check_component(text)
    assert 0 < len(problems) <= 2 * MAX_PROBLEMS
    assert all(len(problem.message) < 400 for problem in problems)


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param(
            "a0: &a0 [x, x, x, x]\n"
            + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 30)),
            "too many values",
            id="billion laughs",
        ),
        pytest.param("[" * 50_000, "nested deeper", id="brackets"),
        pytest.param("a: &a [*a]", "stands inside", id="alias of itself"),
        pytest.param(b"\xff\xfe\x00", "not UTF-16", id="bytes"),
        pytest.param(bash() + "---\n" + bash(), "a second document", id="two documents"),
    ],
)
def test_bombs(text, part):
    assert part in error_of(text).message
