"""The documents of components: where they come from, which are valid."""

import pytest

from tests.imagebuilder.built_factory import COMPONENT, create, get, members, script
from tests.imagebuilder.factory import (
    RAW,
    refused,
    wrong,
)

# Where the document is.


@pytest.mark.docs
def test_a_document_in_s3_is_read_once(mb, client):
    mb.s3["bucket"]["a/b.yml"] = COMPONENT.encode()
    create(data=None, uri="s3://bucket/a/b.yml")
    mb.s3["bucket"]["a/b.yml"] = b"changed"
    component = get()
    assert component["data"] == COMPONENT
    assert "uri" not in component


@pytest.mark.docs
def test_in_s3_a_document_can_be_longer(mb, client):
    text = COMPONENT + "#" * 40_000
    mb.s3["bucket"]["long.yml"] = text.encode()
    create(data=None, uri="s3://bucket/long.yml")
    assert get()["data"] == text


@pytest.mark.docs
def test_a_document_has_its_quota(mb, client):
    mb.s3["bucket"]["long.yml"] = (COMPONENT + "#" * 64 * 1024).encode()
    with refused("ServiceQuotaExceededException", status=402):
        create(data=None, uri="s3://bucket/long.yml")
    assert client.list_components()["componentVersionList"] == []


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("https://bucket/key", "Invalid S3 URI."),
        ("s3://bucket", "Invalid S3 URI."),
        ("s3://bucket/", "Invalid S3 URI."),
        ("s3:///key", "Invalid S3 URI."),
        ("bucket/key", "Invalid S3 URI."),
        ("", "Invalid S3 URI."),
        ("s3://nobody/key", "The specified bucket does not exist."),
        ("s3://bucket/nothing", "The specified key does not exist."),
        ("s3://bucket/binary", "The object is not text in UTF-8."),
    ],
)
def test_where_there_is_no_document(mb, client, uri, sentence):
    mb.s3["bucket"]["binary"] = b"\xff\xfe\x00"
    with refused(message=wrong("uri", sentence)):
        RAW.create_component(**members(data=None, uri=uri), clientToken="t")


@pytest.mark.inferred
def test_what_is_wrong_with_a_document_in_s3_is_said_of_the_uri(mb, client):
    mb.s3["bucket"]["key"] = b"schemaVersion: 1.0\n"
    with refused(parameter="uri"):
        create(data=None, uri="s3://bucket/key")


@pytest.mark.inferred
@pytest.mark.parametrize("changes", [{"data": None}, {"uri": "s3://bucket/key"}])
@pytest.mark.parametrize("form", [members, script])
def test_either_data_or_a_uri_is_needed(client, form, changes):
    call = client.create_component if form is members else client.import_component
    message = wrong("data", "You must specify either data or uri.")
    with refused("InvalidParameterCombinationException", message):
        call(**form(**changes))


# Documents that are not valid.


@pytest.mark.recorded
def test_the_name_of_a_step(client):
    text = COMPONENT.replace("InstallApp", "Loading ssh keys")
    sentence = (
        "Invalid step name 'Loading ssh keys' in phase 'build'. Allowed characters are "
        "combinations of numbers [0-9], english letters [a-z,A-Z] and special characters [-_]."
    )
    with refused(message=wrong("data", sentence)):
        create(data=text)


@pytest.mark.recorded
def test_a_step_without_inputs(client):
    text = COMPONENT.partition("        action")[0] + "        action: S3Download\n"
    sentence = (
        "Parsing step 'InstallApp' in phase 'build' failed.\n"
        "Error: Action S3Download has no inputs; it requires an 'inputs'"
    )
    with refused(message=wrong("data", sentence)):
        create(data=text + "        inputs: []\n")


@pytest.mark.docs
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("phases: [", id="no YAML"),
        pytest.param("- a\n- list\n", id="no mapping"),
        pytest.param(" ", id="empty"),
        pytest.param(COMPONENT.replace("schemaVersion: 1.0\n", ""), id="no schema version"),
        pytest.param(COMPONENT.replace("action: ExecuteBash", "action: Dance"), id="no action"),
        pytest.param(COMPONENT.replace("inputs:", "input:"), id="misspelt"),
        pytest.param("schemaVersion: 1.0\nphases: []\n", id="no phases"),
        pytest.param(COMPONENT.replace("my-app", "{{ nothing }}"), id="no such reference"),
        pytest.param(COMPONENT.replace("name: build", "name: dance"), id="no such phase alone"),
    ],
)
def test_documents_that_are_refused(client, text):
    with refused(parameter="data"):
        create(data=text)
    assert client.list_components()["componentVersionList"] == []


@pytest.mark.docs
@pytest.mark.parametrize("platform", ["Windows", "macOS"])
def test_action_modules_are_those_of_the_platform(client, platform):
    text = COMPONENT.replace("ExecuteBash", "ExecutePowerShell").replace("sudo", "x")
    if platform == "Windows":
        create(data=text, platform=platform)
        assert get()["platform"] == "Windows"
    else:
        with refused(parameter="data"):
            create(data=text, platform=platform)
