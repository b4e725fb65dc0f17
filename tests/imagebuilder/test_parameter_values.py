"""Values that recipes and pipelines give to parameters."""

import pytest

from mockbuild.services.imagebuilder.parameters import complaint

COMPONENT = [
    {"name": "Packages", "type": "string", "defaultValue": ["a,b"]},
    {"name": "Bucket", "type": "string"},
    {"name": "Empty", "type": "string", "defaultValue": [""]},
]
WORKFLOW = [
    {"name": "text", "type": "string", "defaultValue": ["12"]},
    {"name": "count", "type": "integer", "defaultValue": ["3"]},
    {"name": "wait", "type": "boolean", "defaultValue": ["true"]},
    {"name": "list", "type": "stringList", "defaultValue": []},
    {"name": "needed", "type": "string"},
]


def given(**values):
    return [
        {"name": name, "value": [value] if isinstance(value, str) else value}
        for name, value in values.items()
    ]


@pytest.mark.recorded
def test_an_unknown_parameter():
    assert complaint(COMPONENT, given(S3BucketName="x", Bucket="y"), "component") == (
        "The following parameters are not defined in the provided component: S3BucketName"
    )


REFUSED = [
    ("two unknown", given(B="x", A="y", Bucket="z"),
     "are not defined in the provided component: B, A"),
    ("case", given(bucket="x", Bucket="y"), "are not defined in the provided component: bucket"),
    ("missing", [], "are required by the provided component: Bucket"),
    ("twice", given(Bucket="x") + given(Bucket="y"),
     "are specified more than once: Bucket"),
    ("two values", given(Bucket=["x", "y"]),
     "have values of the wrong type for the provided component: Bucket"),
    ("no value", given(Bucket=[]),
     "have values of the wrong type for the provided component: Bucket"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("values", "expected"), [pytest.param(*row, id=name) for name, *row in REFUSED]
)
def test_values_of_a_component_that_are_refused(values, expected):
    assert complaint(COMPONENT, values, "component") == f"The following parameters {expected}"


@pytest.mark.docs
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(given(Bucket="x"), id="only what is needed"),
        pytest.param(given(Bucket="", Packages="", Empty="é"), id="all"),
        pytest.param(given(Bucket="x" * 1024), id="the longest"),
    ],
)
def test_values_of_a_component_that_will_do(values):
    assert complaint(COMPONENT, values, "component") == ""


@pytest.mark.docs
def test_a_document_without_parameters_takes_none():
    assert complaint((), [], "component") == ""
    said = complaint((), given(A="x"), "component")
    assert said.endswith("are not defined in the provided component: A")


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "value", "is_fine"),
    [
        pytest.param(name, value, is_fine, id=f"{name}-{value}")
        for name, value, is_fine in [
            ("count", "12", True), ("count", "-1", True), ("count", "x", False),
            ("count", "1.5", False), ("count", "", False), ("count", "9" * 20, False),
            ("wait", "true", True), ("wait", "FALSE", True), ("wait", "yes", False),
            ("list", ["a", "b"], True), ("list", [], True), ("text", ["a", "b"], False),
        ]
    ],
)  # fmt: skip
def test_values_of_a_workflow(name, value, is_fine):
    said = complaint(WORKFLOW, given(needed="x", **{name: value}), "workflow")
    expected = (
        f"The following parameters have values of the wrong type for the provided workflow: {name}"
    )
    assert said == ("" if is_fine else expected)


@pytest.mark.docs
def test_a_workflow_needs_what_has_no_default():
    assert complaint(WORKFLOW, [], "workflow") == (
        "The following parameters are required by the provided workflow: needed"
    )
