"""Parameters as the API returns them."""

import pytest

from mockbuild.documents.component import parse_component
from mockbuild.documents.workflow import parse_workflow
from tests.documents.component_texts import bash
from tests.documents.workflow_texts import workflow

COMPONENT = parse_component(
    bash() + "parameters:\n"
    "- Packages: {type: string, default: 'a,b', description: What to install}\n"
    "- Bucket: {type: string}\n"
    "- Empty: {type: string, default: ''}\n"
)
WORKFLOW = parse_workflow(
    workflow(
        "parameters:\n"
        "- {name: text, type: string, default: 12, description: A text}\n"
        "- {name: count, type: integer, default: 3}\n"
        "- {name: wait, type: boolean, default: yes}\n"
        "- {name: skip, type: boolean, default: 'False'}\n"
        "- {name: list, type: stringList, default: [a, 1]}\n"
        "- {name: none, type: stringList, default: []}\n"
        "- {name: needed}\n"
    )
)


@pytest.mark.docs
def test_parameters_as_get_component_returns_them():
    assert COMPONENT.parameter_details == [
        {
            "name": "Packages",
            "type": "string",
            "defaultValue": ["a,b"],
            "description": "What to install",
        },
        {"name": "Bucket", "type": "string"},
        {"name": "Empty", "type": "string", "defaultValue": [""]},
    ]


@pytest.mark.docs
def test_parameters_as_get_workflow_returns_them():
    assert WORKFLOW.parameter_details == [
        {"name": "text", "type": "string", "defaultValue": ["12"], "description": "A text"},
        {"name": "count", "type": "integer", "defaultValue": ["3"]},
        {"name": "wait", "type": "boolean", "defaultValue": ["true"]},
        {"name": "skip", "type": "boolean", "defaultValue": ["false"]},
        {"name": "list", "type": "stringList", "defaultValue": ["a", "1"]},
        {"name": "none", "type": "stringList", "defaultValue": []},
        {"name": "needed", "type": "string"},
    ]
