"""ImportComponent: scripts that become components."""

import pytest

from mockbuild.documents.component import parse_component
from tests.imagebuilder.built_factory import TOOL, create, get, script
from tests.imagebuilder.factory import (
    CLIENT,
    RAW,
    Record,
    answer,
    refused,
)

DETAILS: Record = {
    "description": "Installs the latest version",
    "changeDescription": "Initial version",
    "kmsKeyId": "alias/key",
    "tags": {"Environment": "Production"},
}


def import_(**changes) -> str:
    return CLIENT.import_component(**script(**changes))["componentBuildVersionArn"]


@pytest.mark.docs
def test_importing_answers_no_references(client):
    response = client.import_component(**script(), clientToken="token")
    assert response["clientToken"] == "token"
    assert response["requestId"]
    assert answer(response) == {"componentBuildVersionArn": f"{TOOL}/1.0.0/1"}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("platform", "kind", "action"),
    [
        ("Linux", "BUILD", "ExecuteBash"),
        ("macOS", "TEST", "ExecuteBash"),
        ("Windows", "TEST", "ExecutePowerShell"),
        ("Windows", "BUILD", "ExecutePowerShell"),
    ],
)
def test_an_imported_script_becomes_one_step(client, platform, kind, action):
    import_(platform=platform, type=kind)
    component = get()
    assert component["type"] == kind
    document = parse_component(component["data"], platform=platform)
    assert document.type == kind
    (phase,) = document.phases
    (step,) = phase.steps
    assert (phase.name, step.action) == (kind.lower(), action)
    assert "supportedOsVersions" not in component
    assert "parameters" not in component


@pytest.mark.docs
@pytest.mark.parametrize(
    "text",
    [
        "sudo yum update -y\nsudo yum -y install my-app\n",
        "  indented\n\ttabs\r\n\n\n",
        "a: 'b' \"c\" \\ # d | > & * ! % @ `",
        "- - -\n...\n---\n",
        "ü \U0001f600 \x7f \x85 \u2028 \ufeff",
        "\x01\x1b[0m",
        "x" * 1024,
        "yes",
    ],
)
def test_a_script_stays_as_it_is(client, text):
    import_(data=text)
    (phase,) = parse_component(get()["data"]).phases
    (commands,) = (inputs["commands"] for inputs in phase.steps[0].inputs)
    assert [item.text for item in commands.items] == [text]


@pytest.mark.docs
def test_a_script_in_s3_can_be_longer(mb, client):
    mb.s3["bucket"]["install.sh"] = b"#" * 2000
    with refused(parameter="data"):
        import_(data="#" * 2000)
    import_(data=None, uri="s3://bucket/install.sh")
    assert "#" * 2000 in get()["data"]


@pytest.mark.docs
@pytest.mark.parametrize("member", DETAILS)
def test_what_an_import_says_comes_back(client, member):
    import_(**{member: DETAILS[member]})
    assert get()[member] == DETAILS[member]


@pytest.mark.model
@pytest.mark.parametrize(
    ("changes", "parameter"),
    [({"type": "OTHER"}, "type"), ({"format": "YAML"}, "format"), ({"name": "x"}, "name")],
)
def test_values_beyond_the_model_of_imports(client, changes, parameter):
    with refused(parameter=parameter):
        RAW.import_component(**script(clientToken="t", **changes))


@pytest.mark.docs
def test_imports_and_creations_are_builds_of_the_same_version(client):
    create()
    assert import_() == f"{TOOL}/1.0.0/2"
    with refused(
        "ResourceAlreadyExistsException",
        f"The following resource 'Component' already exists: '{TOOL}/1.0.0/2'.",
    ):
        import_()
    with refused("InvalidVersionNumberException"):
        import_(version="0.0.1073741824")
