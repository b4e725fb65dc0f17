"""Whatever the text is, there is a component or a documented error."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.documents.component import Component, check_component, parse_component
from mockbuild.documents.component_actions import ACTION_MODULES
from mockbuild.documents.errors import DocumentError, Problem

WORDS = st.sampled_from(
    ["schemaVersion: 1.0\n", "phases:\n", "- name: build\n", "  steps:\n", "  - name: One\n",
     "    action: ", "ExecuteBash\n", "Assert\n", "S3Download\n", "    inputs:\n",
     "      commands:\n", "        - x {{ a.b }}\n", "    if:\n", "      and:\n",
     "        - stringEquals: x\n",
     "          value: y\n", "    loop:\n", "      forEach: ", "[a, b]\n", "{list: a}\n", "for: ",
     "{start: 1, end: 2, updateBy: 0}\n", "parameters:\n", "constants:\n", "- Abc:\n",
     "    type: string\n", "    default: ", "{{", "}}", "build.One.outputs.stdout", "&a ", "*a\n",
     "null\n", "-1\n", "\n", "  ", "- ", "[", "]", "{", "}", "'", '"', ": ", "\t", "é"]
)  # fmt: skip

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5),
    st.sampled_from(["{{ Abc }}", "{{ build.One.inputs[0].path }}", "Assert", "build", "{{"]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "action", "inputs", "if", "loop", "for", "forEach", "list", "delimiter", "start",
     "end", "updateBy", "and", "or", "not", "stringEquals", "value", "commands", "path", "type",
     "default", "timeoutSeconds", "maxAttempts", "onFailure", "steps", "phases"]
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["One", "Two", "x y"]),
            "action": st.sampled_from(sorted(ACTION_MODULES)),
        },
        optional=dict.fromkeys(
            ("inputs", "if", "loop", "timeoutSeconds", "maxAttempts", "disableLogging"), TREES
        ),
    ),
    max_size=3,
)
DOCUMENTS = st.fixed_dictionaries(
    {"schemaVersion": st.sampled_from([1.0, "1.0", 2])},
    optional={
        "phases": STEPS.map(lambda steps: [{"name": "build", "steps": steps}]) | TREES,
        "parameters": TREES,
        "constants": TREES,
        "name": TREES,
    },
).map(json.dumps)


@pytest.mark.inferred
@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.lists(WORDS).map("".join), DOCUMENTS, st.text(), st.binary()))
def test_any_text_gives_a_document_or_a_documented_error(text):
    problems = check_component(text, "c.yml", "Linux")
    assert all(isinstance(problem, Problem) for problem in problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
    assert all("\n" not in problem.message and problem.aws_message for problem in problems)
    if any(problem.severity == "error" for problem in problems):
        with pytest.raises(DocumentError):
            parse_component(text, "c.yml", "Linux")
    else:
        assert isinstance(parse_component(text, "c.yml", "Linux"), Component)
