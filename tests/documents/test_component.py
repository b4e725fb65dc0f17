"""The component document's grammar: what comes out of a whole document, and of each section."""

import json

import pytest

from mockbuild.documents.component import Component, check_component, parse_component
from mockbuild.documents.component_loops import DelimitedLoop, ForEachLoop, ForLoop
from mockbuild.documents.component_steps import Step
from mockbuild.documents.conditions import Comparison, If, Logical
from mockbuild.documents.yaml_text import List, Scalar

FULL = r"""
name: Install the shop's tools (v2)
description: One of everything.
schemaVersion: 1.0
constants:
  - Mirror:
      type: string
      value: https://mirror.example.com/pool
  - ExitCode:
      type: string
      value: 0
parameters:
  - Packages:
      type: string
      default: jq,tar
      description: What to install, with commas between.
  - bucket-name:
      type: string
  - Nothing:
      type: string
      default: ''
phases:
  - name: build
    steps:
      - name: Fetch
        action: WebDownload
        timeoutSeconds: 60
        maxAttempts: 3
        onFailure: Continue
        inputs:
          - source: '{{ Mirror }}/tools.zip'
            destination: /opt/shop/tools.zip
            checksum: 9e107d9d372bb6826bd81d3542a419d6
            algorithm: MD5
          - source: https://example.com/other.zip
            destination: /opt/shop/
            overwrite: false
      - name: Mode
        action: SetFilePermissions
        inputs:
          - path: '{{ build.Fetch.inputs[0].destination }}'
            permissions: 0700
      - name: Install_1
        action: ExecuteBash
        timeoutSeconds: -1
        onFailure: Ignore
        disableLogging: true
        if:
          and:
            - binaryExists: dnf
            - not:
                - stringEquals: off
                  value: '{{ Packages }}'
        loop:
          name: Each
          forEach:
            list: '{{ Packages }}'
            delimiter: ','
        inputs:
          commands:
            - dnf -y install {{ Each.value }}  # {{ loop.index }}
            - |
              test -n "{{ aws:ssm:/shop/key }}"
              exit {{ExitCode}}
      - name: Numbers
        action: ExecuteBinary
        loop:
          for: {start: 10, end: 1, updateBy: -3}
        inputs:
          path: /opt/shop/count
          arguments: ['{{ loop.value }}', 7]
      - name: Restart
        action: Reboot
  - name: validate
    disableLogging: yes
    steps:
      - name: Check
        action: Assert
        inputs:
          or:
            - numberGreaterThan: 2.0
              value: '{{ build.Numbers.outputs.stdout }}'
            - fileMD5Equals: 9e107d9d372bb6826bd81d3542a419d6
              path: /opt/shop/tools.zip
      - name: Names
        action: ExecuteBash
        if: {fileExists: /opt/skip, then: Skip, else: Execute}
        loop:
          forEach: [a.sh, "{{ Packages }}"]
        inputs:
          commands: ['sh {{ loop.value }}']
"""


@pytest.fixture(scope="module")
def full() -> Component:
    assert check_component(FULL, "full.yml", "Linux") == []
    return parse_component(FULL, "full.yml", "Linux")


def step_of(component: Component, phase: str, name: str) -> Step:
    (found,) = (one for one in component.phases if one.name == phase)
    return next(step for step in found.steps if step.name == name)


def with_step(body: str, phase: str = "build") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"schemaVersion: 1.0\nphases:\n- name: {phase}\n  steps:\n  - name: Step\n{lines}\n"


def one_step(body: str) -> Step:
    return step_of(parse_component(with_step(body)), "build", "Step")


BASH = "action: ExecuteBash\ninputs: {commands: [x]}\n"


@pytest.mark.docs
def test_the_whole_grammar_head(full):
    assert (full.source, full.name) == ("full.yml", "Install the shop's tools (v2)")
    assert full.description == "One of everything."
    assert [(c.name, c.value, c.line, c.column) for c in full.constants] == [
        ("Mirror", "https://mirror.example.com/pool", 6, 5),
        ("ExitCode", "0", 9, 5),
    ]
    assert [(p.name, p.type, p.default) for p in full.parameters] == [
        ("Packages", "string", ("jq,tar",)),
        ("bucket-name", "string", None),
        ("Nothing", "string", ("",)),
    ]
    assert full.parameters[1].description == ""
    assert (full.parameters[0].line, full.parameters[0].column) == (13, 5)


@pytest.mark.docs
def test_the_whole_grammar_phases(full):
    assert [phase.name for phase in full.phases] == ["build", "validate"]
    assert [(phase.line, phase.column) for phase in full.phases] == [(23, 5), (74, 5)]
    assert [step.name for step in full.phases[0].steps] == [
        "Fetch", "Mode", "Install_1", "Numbers", "Restart",
    ]  # fmt: skip
    assert full.type == "BUILD"


@pytest.mark.docs
def test_the_whole_grammar_inputs(full):
    fetch = step_of(full, "build", "Fetch")
    assert (fetch.phase, fetch.action, fetch.line, fetch.column) == ("build", "WebDownload", 25, 9)
    assert [sorted(inputs) for inputs in fetch.inputs] == [
        ["algorithm", "checksum", "destination", "source"],
        ["destination", "overwrite", "source"],
    ]
    assert str(fetch.inputs[0]["source"]) == "{{ Mirror }}/tools.zip"
    assert str(step_of(full, "build", "Mode").inputs[0]["permissions"]) == "0700"
    (bash,) = step_of(full, "build", "Install_1").inputs
    commands = bash["commands"]
    assert isinstance(commands, List)
    assert [str(command) for command in commands.items] == [
        "dnf -y install {{ Each.value }}",
        'test -n "{{ aws:ssm:/shop/key }}"\nexit {{ExitCode}}\n',
    ]
    assert step_of(full, "build", "Restart").inputs == ()


@pytest.mark.docs
def test_the_whole_grammar_step_fields(full):
    fetch, install = step_of(full, "build", "Fetch"), step_of(full, "build", "Install_1")
    assert (fetch.timeout_seconds, fetch.max_attempts, fetch.on_failure) == (60, 3, "Continue")
    assert (install.timeout_seconds, install.max_attempts, install.on_failure) == (-1, 1, "Ignore")
    assert (fetch.loop, fetch.condition, fetch.assertion) == (None, None, None)
    silent = [s.name for phase in full.phases for s in phase.steps if s.disable_logging]
    assert silent == ["Install_1", "Check", "Names"]


@pytest.mark.docs
def test_the_whole_grammar_loops(full):
    each = step_of(full, "build", "Install_1").loop
    assert isinstance(each, DelimitedLoop)
    assert (str(each.name), str(each.text), each.delimiter) == ("Each", "{{ Packages }}", ",")
    numbers = step_of(full, "build", "Numbers").loop
    assert isinstance(numbers, ForLoop)
    assert list(numbers.values) == [10, 7, 4, 1]
    names = step_of(full, "validate", "Names").loop
    assert isinstance(names, ForEachLoop)
    assert [str(item) for item in names.items] == ["a.sh", "{{ Packages }}"]
    assert names.name is None


@pytest.mark.docs
def test_the_whole_grammar_conditions(full):
    install = step_of(full, "build", "Install_1").condition
    assert isinstance(install, If)
    assert (install.then, install.otherwise) == ("Execute", "Skip")
    both = install.condition
    assert isinstance(both, Logical)
    first, negation = both.conditions
    assert isinstance(first, Comparison)
    assert isinstance(negation, Logical)
    assert (both.operator, first.operator, str(first.operand), first.other) == (
        "and", "binaryExists", "dnf", None,
    )  # fmt: skip
    (inner,) = negation.conditions
    assert isinstance(inner, Comparison)
    assert (str(inner.operand), str(inner.other)) == ("off", "{{ Packages }}")
    names = step_of(full, "validate", "Names").condition
    assert names is not None
    assert (names.then, names.otherwise) == ("Skip", "Execute")


@pytest.mark.docs
def test_the_whole_grammar_assert(full):
    check = step_of(full, "validate", "Check")
    assert check.inputs == ()
    assert isinstance(check.assertion, Logical)
    number, md5 = check.assertion.conditions
    assert isinstance(number, Comparison)
    assert isinstance(md5, Comparison)
    assert (str(number.operand), str(number.other)) == (
        "2.0", "{{ build.Numbers.outputs.stdout }}",
    )  # fmt: skip
    assert (md5.operator, str(md5.other), md5.line) == ("fileMD5Equals", "/opt/shop/tools.zip", 83)


@pytest.mark.docs
def test_defaults():
    component = parse_component(with_step(BASH))
    assert (component.name, component.description) == ("", "")
    assert (component.constants, component.parameters) == ((), ())
    step = step_of(component, "build", "Step")
    assert (step.timeout_seconds, step.max_attempts, step.on_failure) == (7200, 1, "Abort")
    assert step.disable_logging is False


@pytest.mark.docs
@pytest.mark.parametrize(
    ("version", "is_fine"),
    [
        pytest.param(version, is_fine, id=version)
        for version, is_fine in [
            ("1.0", True), ("1", True), ("'1.0'", True), ('"1"', True),
            ("2", False), ("1.1", False), ("'v1'", False), ("[1.0]", False), ("", False),
        ]
    ],
)  # fmt: skip
def test_schema_versions(version, is_fine):
    text = with_step(BASH).replace("1.0", version)
    assert (check_component(text) == []) is is_fine


@pytest.mark.model
@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        pytest.param(["test"], "TEST", id="test alone"),
        pytest.param(["build"], "BUILD", id="build alone"),
        pytest.param(["validate", "test"], "BUILD", id="test and another"),
        pytest.param(["test", "container-host-test"], "BUILD", id="both tests"),
    ],
)
def test_the_type_is_that_of_the_phases(phases, expected):
    document = {
        "schemaVersion": "1.0",
        "phases": [
            {
                "name": name,
                "steps": [{"name": "One", "action": "ExecuteBash", "inputs": {"commands": ["x"]}}],
            }
            for name in phases
        ],
    }
    assert parse_component(json.dumps(document)).type == expected


@pytest.mark.docs
@pytest.mark.parametrize(
    ("key", "at"),
    [
        pytest.param("disableLogging: true\n", "document", id="document"),
        pytest.param("  disableLogging: true\n", "phase", id="phase"),
    ],
)
def test_logging_is_turned_off_for_all_inside(key, at):
    text = with_step(BASH)
    text = key + text if at == "document" else text.replace("  steps", f"{key}  steps")
    assert step_of(parse_component(text), "build", "Step").disable_logging is True


@pytest.mark.inferred
@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param("inputs: {commands: [x]}", id="mapping"),
        pytest.param("inputs: [{commands: [x]}]", id="list of one"),
    ],
)
def test_inputs_are_a_mapping_or_a_list_of_one(inputs):
    (only,) = one_step(f"action: ExecuteBash\n{inputs}").inputs
    assert sorted(only) == ["commands"]


@pytest.mark.docs
def test_a_list_of_inputs_may_be_one_mapping():
    (only,) = one_step("action: DeleteFile\ninputs: {path: /tmp/x}").inputs
    assert str(only["path"]) == "/tmp/x"


@pytest.mark.docs
def test_null_counts_as_missing():
    step = one_step(
        "action: CreateFile\ntimeoutSeconds:\nonFailure:\nloop:\nif: ~\n"
        "inputs: [{path: /x, content: , owner: null}]"
    )
    assert (step.timeout_seconds, step.on_failure, step.loop) == (7200, "Abort", None)
    assert sorted(step.inputs[0]) == ["path"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("start", "end", "update_by", "values"),
    [
        pytest.param(1, 3, 1, [1, 2, 3], id="up"),
        pytest.param(1, 4, 2, [1, 3], id="past the end"),
        pytest.param(3, 1, -1, [3, 2, 1], id="down"),
        pytest.param(5, 5, 7, [5], id="once"),
        pytest.param(-1, 1, 1, [-1, 0, 1], id="around zero"),
    ],
)
def test_a_for_loop_includes_its_end(start, end, update_by, values):
    loop = one_step(
        f"{BASH}loop: {{for: {{start: {start}, end: {end}, updateBy: {update_by}}}}}"
    ).loop
    assert isinstance(loop, ForLoop)
    assert list(loop.values) == values


@pytest.mark.inferred
def test_a_long_loop_costs_nothing_to_read():
    loop = one_step(f"{BASH}loop: {{for: {{start: 0, end: 999999999999999999, updateBy: 1}}}}").loop
    assert isinstance(loop, ForLoop)
    assert loop.values[-1] == 999999999999999999


@pytest.mark.docs
def test_json_is_yaml_too():
    text = json.dumps(
        {
            "name": "Required packages (Linux/X86_64)",
            "schemaVersion": "1.0",
            "phases": [
                {
                    "name": "build",
                    "steps": [
                        {
                            "name": "Run",
                            "action": "ExecuteBash",
                            "inputs": {"commands": ["a: b", "set -ex\nmake"]},
                        }
                    ],
                }
            ],
        },
        indent="\t",
    )
    (phase,) = parse_component(text).phases
    commands = phase.steps[0].inputs[0]["commands"]
    assert isinstance(commands, List)
    assert [str(item) for item in commands.items] == ["a: b", "set -ex\nmake"]


@pytest.mark.inferred
def test_the_same_text_is_read_once():
    assert parse_component(with_step(BASH)) is parse_component(with_step(BASH))
    assert parse_component(with_step(BASH), "other.yml").source == "other.yml"


@pytest.mark.inferred
def test_positions_are_those_of_the_text():
    step = one_step("action: ExecuteBash\ninputs:\n  commands:\n    - a\n    - b\n")
    commands = step.inputs[0]["commands"]
    assert isinstance(commands, List)
    assert [(item.line, item.column) for item in commands.items] == [(9, 11), (10, 11)]
    assert all(isinstance(item, Scalar) for item in commands.items)
