"""The table of action modules, held against documents that name every one of them."""

import json
import re

import pytest

from mockbuild.documents.component import check_component
from mockbuild.documents.component_actions import ACTION_MODULES, PLATFORMS
from tests.documents.component_texts import one

MINIMAL = {
    "Assert": "{stringEquals: a, value: a}",
    "ExecuteBash": "{commands: [x]}",
    "ExecutePowerShell": "{file: 'C:\\x.ps1'}",
    "Reboot": "{}",
    "UpdateOS": "{}",
    "ExecuteBinary": "{path: /x}",
    "ExecuteDocument": "{document: s3://b/k}",
    "SetRegistry": r"[{path: 'HKLM:\S', name: n, value: [1, 2], type: MULTI_SZ}]",
    "CreateSymlink": "[{path: /x, target: /y}]",
}
_PATHS = "[{path: /x}]"
_COPIES = "[{source: /x, destination: /y}]"
_OWNERS = "[{path: /x, owner: root}]"
_MODES = "[{path: /x, permissions: 0777}]"
for _names, _inputs in (
    ("AppendFile CreateFile CreateFolder DeleteFile DeleteFolder ListFiles ReadFile", _PATHS),
    ("SetFileEncoding InstallMSI UninstallMSI", _PATHS),
    ("CopyFile CopyFolder MoveFile MoveFolder S3Download S3Upload WebDownload", _COPIES),
    ("SetFileOwner SetFolderOwner", _OWNERS),
    ("SetFilePermissions SetFolderPermissions", _MODES),
):
    MINIMAL.update(dict.fromkeys(_names.split(), _inputs))


@pytest.mark.docs
def test_every_action_module_is_known():
    assert sorted(MINIMAL) == sorted(ACTION_MODULES)


@pytest.mark.docs
@pytest.mark.parametrize("action", sorted(MINIMAL))
def test_the_least_each_action_module_needs(action):
    text = one(action, MINIMAL[action])
    for platform in ACTION_MODULES[action].platforms:
        assert [p for p in check_component(text, "c.yml", platform) if p.severity == "error"] == []


@pytest.mark.docs
@pytest.mark.parametrize("action", sorted(ACTION_MODULES))
def test_all_that_each_action_module_takes(action):
    """Every documented input at once."""
    module = ACTION_MODULES[action]
    values = {
        "texts": ["a"], "pairs": {"A": 1}, "parameters": [{"name": "a", "value": "b"}],
        "text": "x", "any": 1, "flag": True, "integer": 3,
    }  # fmt: skip
    inputs = {
        name: (one.values or (values[one.kind],))[0]
        for name, one in module.inputs.items()
        if name != "file"  # instead of commands
    }
    given = inputs or {"fileExists": "/x"}
    step = {"name": "Step", "action": action, "inputs": given}
    document = {"schemaVersion": 1.0, "phases": [{"name": "build", "steps": [step]}]}
    assert check_component(json.dumps(document)) == []


NEEDED = [
    pytest.param(action, key, id=f"{action}.{key}")
    for action, inputs in sorted(MINIMAL.items())
    for key in re.findall(r"(\w+):(?= )", inputs)
]


@pytest.mark.docs
@pytest.mark.parametrize(("action", "key"), NEEDED)
def test_nothing_of_that_can_be_left_out(action, key):
    text = one(action, re.sub(rf"\b{key}: ", "other: ", MINIMAL[action]))
    assert [problem.severity for problem in check_component(text)][:1] == ["error"]


@pytest.mark.docs
def test_where_action_modules_run():
    modules = {
        platform: sorted(name for name, one in ACTION_MODULES.items() if platform in one.platforms)
        for platform in PLATFORMS
    }
    everywhere = set.intersection(*(set(names) for names in modules.values()))
    assert set(modules["Linux"]) - everywhere == {"ExecuteBash", "Reboot", "UpdateOS"}
    assert set(modules["macOS"]) - everywhere == {"ExecuteBash"}
    assert set(modules["Windows"]) - everywhere == {
        "ExecutePowerShell", "InstallMSI", "Reboot", "SetRegistry", "UninstallMSI", "UpdateOS",
    }  # fmt: skip
