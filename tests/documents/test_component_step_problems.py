"""Every complaint about a step of a component document, and what is odd about one."""

import pytest

from mockbuild.documents.component import check_component, parse_component
from tests.documents.component_texts import HEAD, bash, error_of, one, rows, unmarshal

IN_STEP = "Parsing step 'Step' in phase 'build' failed.\nError: "
STEP = "phases[0].steps[0]"

# One row: id, text, `line:column: message`, the service's message without IN_STEP ("": ours).
IN_A_STEP = [
    ("no action", HEAD + "  - name: Step\n    inputs: {a: b}\n",
     f"5:5: {STEP}.action is missing; name the action module to run"),
    ("unknown action", one("ExecuteBsh"),
     "6:13: ExecuteBsh is not an action module; did you mean ExecuteBash?"),
    ("case of an action", one("executeBash"),
     "6:13: executeBash is not an action module; did you mean ExecuteBash?"),
    ("unknown key", bash("onfailure: Abort"),
     f"8:5: {STEP}.onfailure is not a key AWS knows; did you mean onFailure?"),
    ("no inputs", HEAD + "  - name: Step\n    action: DeleteFile\n",
     f"5:5: {STEP}.inputs is missing; DeleteFile needs some",
     "Action DeleteFile has no inputs; it requires an 'inputs'"),
    ("empty mapping", one("ExecuteBash"), f"5:5: {STEP}.inputs is missing; ExecuteBash needs some",
     "Action ExecuteBash has no inputs; it requires an 'inputs'"),
    ("list of an empty mapping", one("DeleteFile", "[{}]"),
     f"5:5: {STEP}.inputs is missing; DeleteFile needs some",
     "Action DeleteFile has no inputs; it requires an 'inputs'"),
    ("Assert of nothing", one("Assert"), f"5:5: {STEP}.inputs is missing; Assert needs some",
     "Action Assert has no inputs; it requires an 'inputs'"),
    ("inputs are text", one("ExecuteBash", "echo"), f"7:13: {STEP}.inputs has to be a mapping",
     unmarshal(7, "!!str `echo` into map[string]interface {}")),
    ("an entry is text", one("DeleteFile", "[/x]"), f"7:14: {STEP}.inputs[0] has to be a mapping",
     unmarshal(7, "!!str `/x` into map[string]interface {}")),
    ("a list for one", one("ExecuteBash", "[{commands: [a]}, {commands: [b]}]"),
     "7:31: ExecuteBash takes one mapping of inputs; use a step for each"),
    ("an input is missing", one("S3Download", "[{source: a}]"),
     f"7:14: {STEP}.inputs[0].destination is missing; this action needs it"),
    ("in the second entry", one("MoveFile", "[{source: a, destination: b}, {source: c}]"),
     f"7:43: {STEP}.inputs[1].destination is missing; this action needs it"),
    ("an input is empty", one("DeleteFile", "[{path: ''}]"),
     f"7:14: {STEP}.inputs[0].path is missing; this action needs it"),
    ("unknown input", one("DeleteFile", "[{path: a, paht: b}]"),
     f"7:24: {STEP}.inputs[0].paht is not a key AWS knows; did you mean path?"),
    ("flag", one("CopyFile", "[{source: a, destination: b, overwrite: maybe}]"),
     f"7:53: {STEP}.inputs[0].overwrite has to be yes or no",
     unmarshal(7, "!!str `maybe` into bool")),
    ("number", one("Reboot", "{delaySeconds: soon}"),
     f"7:28: {STEP}.inputs.delaySeconds has to be a whole number, 0 or more",
     unmarshal(7, "!!str `soon` into int")),
    ("number below 0", one("Reboot", "{delaySeconds: -1}"),
     f"7:28: {STEP}.inputs.delaySeconds has to be a whole number, 0 or more"),
    ("commands are text", bash(commands="x"),
     f"7:24: {STEP}.inputs.commands has to be a list, each item with a - in front",
     unmarshal(7, "!!str `x` into []string")),
    ("no commands", bash(commands="[]"),
     f"7:24: {STEP}.inputs.commands is empty; this action needs it"),
    ("a command is a mapping", bash(commands="['x', echo: a]"),
     f'7:30: {STEP}.inputs.commands[1] is not text: put it in quotes (a ": " in it makes YAML see '
     "a mapping), or write it as a block after |", unmarshal(7, "!!map into string")),
    ("a command is a list", bash(commands="[[a]]"),
     f"7:25: {STEP}.inputs.commands[0] is not text: put it in quotes",
     unmarshal(7, "!!seq into string")),
    ("encoding", one("AppendFile", "[{path: a, encoding: latin1}]"),
     f"7:34: {STEP}.inputs[0].encoding has to be utf8, utf-8, utf16, utf-16, utf16-LE, utf-16-LE, "
     "utf16-BE, utf-16-BE, utf32, utf-32, utf32-LE, utf-32-LE, utf32-BE or utf-32-BE"),
    ("reboot", one("InstallMSI", "{path: a, reboot: allow}"),
     f"7:31: {STEP}.inputs.reboot has to be Allow, Force or Skip"),
    ("algorithm", one("WebDownload", "{source: a, destination: b, checksum: c, algorithm: CRC}"),
     f"7:65: {STEP}.inputs.algorithm has to be MD5, SHA1, SHA256 or SHA512"),
    ("registry type", one("SetRegistry", "{path: a, name: b, value: c, type: TEXT}"),
     f"7:48: {STEP}.inputs.type has to be BINARY, DWORD, QWORD, SZ, EXPAND_SZ or MULTI_SZ"),
    ("commands and file", one("ExecutePowerShell", "{commands: [a], file: b}"),
     "7:5: ExecutePowerShell takes either commands or file"),
    ("properties", one("InstallMSI", "{path: a, properties: {A: [b]}}"),
     f"7:39: {STEP}.inputs.properties.A has to be a single value",
     unmarshal(7, "!!seq into string")),
    ("parameter without a value", one("ExecuteDocument", "{document: a, parameters: [{name: x}]}"),
     f"7:40: {STEP}.inputs.parameters[0].value is missing; give the parameter a value ('' for an "
     "empty text)"),
    ("parameter without a name", one("ExecuteDocument", "{document: a, parameters: [{value: x}]}"),
     f"7:40: {STEP}.inputs.parameters[0].name is missing; say which parameter is meant"),
    ("timeout of ExecuteDocument", one("ExecuteDocument", "{document: a}", "timeoutSeconds: 60"),
     "8:5: ExecuteDocument takes no timeoutSeconds; remove it"),
    ("attempts of ExecuteDocument", one("ExecuteDocument", "{document: a}", "maxAttempts: 2"),
     "8:5: ExecuteDocument is tried once; remove maxAttempts"),
    ("timeout 0", bash("timeoutSeconds: 0"),
     f"8:21: {STEP}.timeoutSeconds has to be a number of seconds above 0, or -1 for no limit"),
    ("timeout -2", bash("timeoutSeconds: -2"),
     f"8:21: {STEP}.timeoutSeconds has to be a number of seconds above 0, or -1 for no limit"),
    ("timeout is text", bash("timeoutSeconds: 1m"),
     f"8:21: {STEP}.timeoutSeconds has to be a number of seconds above 0, or -1 for no limit",
     unmarshal(8, "!!str `1m` into int")),
    ("timeout has a point", bash("timeoutSeconds: 1.5"),
     f"8:21: {STEP}.timeoutSeconds has to be a number of seconds above 0, or -1 for no limit",
     unmarshal(8, "!!float `1.5` into int")),
    ("attempts", bash("maxAttempts: 0"), f"8:18: {STEP}.maxAttempts has to be a number, 1 or more"),
    ("onFailure", bash("onFailure: abort"),
     f"8:16: {STEP}.onFailure has to be Abort, Continue or Ignore; did you mean Abort?"),
    ("disableLogging", bash("disableLogging: 2"), f"8:21: {STEP}.disableLogging has to be yes or "
     "no", unmarshal(8, "!!int `2` into bool")),
    ("loop is text", bash("loop: abc"), f"8:11: {STEP}.loop has to be a mapping",
     unmarshal(8, "!!str `abc` into map[string]interface {}")),
    ("neither loop", bash("loop: {name: L}"), f"8:5: {STEP}.loop takes either for or forEach"),
    ("both loops", bash("loop: {for: {start: 1, end: 1, updateBy: 1}, forEach: [a]}"),
     f"8:5: {STEP}.loop takes either for or forEach"),
    ("unknown key of a loop", bash("loop: {while: 1, forEach: [a]}"),
     f"8:12: {STEP}.loop.while is not a key AWS knows"),
    ("for without updateBy", bash("loop: {for: {start: 1, end: 2}}"),
     f"8:12: {STEP}.loop.for.updateBy is missing; give it a whole number"),
    ("for stands still", bash("loop: {for: {start: 1, end: 2, updateBy: 0}}"),
     f"8:12: {STEP}.loop.for never ends: adding 0 does not lead from 1 to 2"),
    ("for goes away", bash("loop: {for: {start: 1, end: 2, updateBy: -1}}"),
     f"8:12: {STEP}.loop.for never ends: adding -1 does not lead from 1 to 2"),
    ("for with a reference", bash("loop: {for: {start: '{{ abc }}', end: 2, updateBy: 1}}"),
     f"8:25: {STEP}.loop.for.start has to be a whole number; references do not work here",
     unmarshal(8, "!!str `{{ abc }}` into int")),
    ("forEach of nothing", bash("loop: {forEach: []}"),
     f"8:5: {STEP}.loop.forEach is empty; there is nothing to loop over"),
    ("forEach of mappings", bash("loop: {forEach: [{a: b}]}"),
     f"8:22: {STEP}.loop.forEach has to be a list of single values",
     unmarshal(8, "!!map into string")),
    ("forEach of text", bash("loop: {forEach: 'a,b'}"),
     f"8:21: {STEP}.loop.forEach has to be a mapping",
     unmarshal(8, "!!str `a,b` into map[string]interface {}")),
    ("forEach without list", bash("loop: {forEach: {delimiter: ','}}"),
     f"8:12: {STEP}.loop.forEach.list is missing; give it the text to take apart"),
    ("delimiter", bash("loop: {forEach: {list: a, delimiter: '|'}}"),
     f"8:42: {STEP}.loop.forEach.delimiter has to be a dot, comma, semicolon, colon, line break, "
     "tab, space, hyphen or underscore, in double quotes"),
    ("two delimiters", bash("loop: {forEach: {list: a, delimiter: ',;'}}"),
     f"8:42: {STEP}.loop.forEach.delimiter has to be a dot, comma, semicolon, colon, line break, "
     "tab, space, hyphen or underscore, in double quotes"),
    ("if is text", bash("if: yes"), f"8:9: {STEP}.if has to be a mapping",
     unmarshal(8, "!!str `yes` into map[string]interface {}")),
    ("if without an operator", bash("if: {then: Skip}"), f"8:5: {STEP}.if has no operator"),
    ("unknown operator", bash("if: {fileExist: a}"),
     f"8:5: {STEP}.if has no operator; did you mean fileExists?"),
    ("an operator of workflows", bash("if: {booleanEquals: true, value: true}"),
     f"8:5: {STEP}.if has no operator; did you mean fileMD5Equals?"),
    ("two operators", bash("if: {fileExists: a, folderExists: b}"),
     f"8:25: {STEP}.if already has fileExists; join conditions with and, or"),
    ("then", bash("if: {fileExists: a, then: Run}"),
     f"8:31: {STEP}.if.then has to be Abort, Execute or Skip"),
    ("then inside", bash("if: {not: {fileExists: a, then: Skip}}"),
     f"8:31: {STEP}.if.not.then is not a key AWS knows"),
    ("no operand", bash("if: {fileExists: }"),
     f"8:5: {STEP}.if.fileExists is missing; give it a value ('' for an empty text)"),
    ("operand is a list", bash("if: {fileExists: [a]}"),
     f"8:22: {STEP}.if.fileExists has to be a single value", unmarshal(8, "!!seq into string")),
    ("no value", bash("if: {stringEquals: a}"),
     f"8:5: {STEP}.if.value is missing; say what stringEquals is to look at"),
    ("no path", bash("if: {fileSHA256Equals: a}"),
     f"8:5: {STEP}.if.path is missing; say what fileSHA256Equals is to look at"),
    ("a value too many", bash("if: {fileExists: a, value: b}"),
     f"8:25: {STEP}.if.value is not a key AWS knows"),
    ("and of a mapping", bash("if: {and: {fileExists: a}}"),
     f"8:15: {STEP}.if.and has to be a list, each item with a - in front",
     unmarshal(8, "!!map into []interface {}")),
    ("or of nothing", bash("if: {or: []}"),
     f"8:5: {STEP}.if.or holds no condition; add one, or remove it"),
    ("not of two", bash("if: {not: [{fileExists: a}, {fileExists: b}]}"),
     f"8:33: {STEP}.if.not takes one condition; join them with and, or"),
    ("inside and", bash("if: {and: [{fileExists: a}, {fileExist: b}]}"),
     f"8:33: {STEP}.if.and[1] has no operator; did you mean fileExists?"),
    ("five deep", bash("if: {not: {not: {not: {not: {not: {fileExists: a}}}}}}"),
     "8:34: and, or and not nest 4 deep at most; flatten them"),
    ("inside Assert", one("Assert", "{stringEquals: a}"),
     f"7:5: {STEP}.inputs.value is missing; say what stringEquals is to look at"),
    ("then in Assert", one("Assert", "{fileExists: a, then: Skip}"),
     f"7:29: {STEP}.inputs.then is not a key AWS knows"),
]  # fmt: skip


@pytest.mark.inferred
@rows(IN_A_STEP)
def test_errors_in_a_step(text, expected, aws_message):
    error = error_of(text)
    assert str(error) == f"c.yml:{expected}"
    assert error.aws_message == f"{IN_STEP}{aws_message or error.message}"


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("action", "inputs", "platform", "only"),
    [
        pytest.param(action, inputs, platform, only, id=f"{action} on {platform}")
        for action, inputs, platform, only in [
            ("ExecuteBash", "{commands: [x]}", "Windows", "Linux and macOS"),
            ("ExecutePowerShell", "{commands: [x]}", "Linux", "Windows"),
            ("ExecutePowerShell", "{commands: [x]}", "macOS", "Windows"),
            ("SetRegistry", "[{path: a, name: b, value: c, type: SZ}]", "Linux", "Windows"),
            ("InstallMSI", "{path: a}", "Linux", "Windows"),
            ("Reboot", "{}", "macOS", "Linux and Windows"),
            ("UpdateOS", "{}", "macOS", "Linux and Windows"),
        ]
    ],
)
def test_modules_of_another_platform_are_refused(action, inputs, platform, only):
    text = one(action, inputs)
    error = error_of(text, platform)
    assert str(error) == f"c.yml:6:13: {action} does not run on {platform}, only on {only}"
    assert error.aws_message == f"{IN_STEP}{error.message}"
    assert check_component(text, "c.yml") == []


WARNED = [
    ("number in quotes", bash("timeoutSeconds: '60'"), None,
     f"8:21: warning: {STEP}.timeoutSeconds is text; write the number without quotes"),
    ("timeout of Reboot", one("Reboot", "{}", "timeoutSeconds: 60"), None,
     "8:5: warning: Reboot has no time limit; this is ignored"),
    ("checksum alone", one("WebDownload", "{source: a, destination: b, checksum: c}"), None,
     "7:5: warning: checksum has no effect alone; give checksum and algorithm"),
    ("no number", bash("if: {numberEquals: ten, value: 10}"), None,
     "8:24: warning: ten is no number: numberEquals is always false"),
    ("owner on Windows", one("CreateFile", "[{path: a, owner: b}]"), "Windows",
     "7:24: warning: CreateFile fails on Windows when owner is given"),
    ("link on Windows", one("CreateSymlink", "{path: a, target: b}"), "Windows",
     "7:14: warning: CreateSymlink fails on Windows when path is given"),
    ("tag", bash(commands="[!Sub x]"), None,
     "7:25: warning: the tag !Sub has no effect here: the text after it is taken as it is "
     "(CloudFormation functions work in the template around a document, not in it)"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "platform", "expected"), [pytest.param(*row, id=name) for name, *row in WARNED]
)
def test_warnings(text, platform, expected):
    found = [str(problem) for problem in check_component(text, "c.yml", platform)]
    assert found[0] == f"c.yml:{expected}"
    assert all(": warning: " in problem for problem in found)
    parse_component(text, "c.yml", platform)
