"""Every complaint about a buildspec: its place, our words, and the service's."""

import pickle

import pytest

from mockbuild.documents.buildspec import check_buildspec, parse_buildspec
from mockbuild.documents.errors import MAX_PROBLEMS, DocumentError, Problem

HEAD = "version: 0.2\nphases:\n  build:\n    commands: [x]\n"
CONTAINER = "wrong number of container tags, expected 1"


def unmarshal(line: int, rest: str) -> str:
    return f"yaml: unmarshal errors:\n  line {line}: cannot unmarshal {rest}"


def error_of(text: str | bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse_buildspec(text, "b.yml")
    return caught.value


# One row: id, text, `line:column: message`, the service's message ("": none known, so ours).
RECORDED = [
    (
        "command is a mapping",
        'version: 0.2\n\nphases:\n  build:\n    commands:\n     - echo "Hello: world"\n',
        '6:8: phases.build.commands[0] is not text: put the command in quotes (a ": " in it makes '
        "YAML see a mapping), or write it as a block after |",
        "Expected Commands[0] to be of string type: found subkeys instead at line 6, value of the "
        "key tag on line 5 might be empty",
    ),
    (
        "the index counts in its own list",
        "version: 0.2\nphases:\n  install:\n    commands: [a, b]\n  post_build:\n    commands:\n"
        '      - a\n      - b\n      - c "x: y"\n',
        '9:9: phases.post_build.commands[2] is not text: put the command in quotes (a ": " in it '
        "makes YAML see a mapping), or write it as a block after |",
        "Expected Commands[2] to be of string type: found subkeys instead at line 9, value of the "
        "key tag on line 8 might be empty",
    ),
    (
        "unknown phase",
        HEAD + "  artifacts:\n    files: [a]\n",
        "5:3: phases.artifacts is not a phase; there are install, pre_build, build, post_build; "
        "artifacts belongs at the left margin, beside phases",
        "Invalid buildspec phase name: artifacts. Expecting: build,install,post_build,pre_build",
    ),
    ("empty", "", "1:1: the buildspec is empty; it needs version and phases", CONTAINER),
    (
        "no buildspec at all",
        '{"name": "x", "source": {}}',
        "1:1: version is missing; add version: 0.2",
        CONTAINER,
    ),
]
DOCUMENTED = [
    (
        "misspelt phase",
        HEAD + "  postbuild:\n    commands: [x]\n",
        "5:3: phases.postbuild is not a phase; there are install, pre_build, build, post_build; "
        "did you mean post_build?",
        "Invalid buildspec phase name: postbuild. Expecting: build,install,post_build,pre_build",
    ),
    (
        "no files",
        HEAD + "artifacts:\n  name: x\n",
        "5:1: artifacts.files is missing; name the files to upload",
        "",
    ),
    (
        "no report files",
        HEAD + "reports:\n  unit:\n    base-directory: x\n",
        "6:3: reports.unit.files is missing; name the report files",
        "",
    ),
    (
        "fallback keys",
        HEAD + "cache:\n  key: k\n  fallback-keys: [a, b, c, d, e, f]\n",
        "7:34: cache.fallback-keys takes 5 keys at most; remove the others",
        "",
    ),
]
GUESSED = [
    ("blank", "# nothing\n", "1:1: the buildspec is empty; it needs version and phases", CONTAINER),
    ("list", "- a\n", "1:1: a buildspec is a mapping; start it with version: 0.2", CONTAINER),
    ("text", "hello", "1:1: a buildspec is a mapping; start it with version: 0.2", CONTAINER),
    ("number", "version: 0.3\n", "1:10: version 0.3 is not known; write version: 0.2", ""),
    (
        "version is text",
        "version: latest-one\n",
        "1:10: version latest-one is not known; write version: 0.2",
        # Ten characters would stay whole; a longer text is cut to seven.
        unmarshal(1, "!!str `latest-one` into float64"),
    ),
    (
        "version is a list",
        "version: [1]\n",
        "1:10: version has to be 0.1 or 0.2",
        unmarshal(1, "!!seq into float64"),
    ),
    (
        "command is a list",
        "version: 0.2\nphases:\n  build:\n    finally:\n      - [a]\n    commands: [x]\n",
        '5:9: phases.build.finally[0] is not text: put the command in quotes (a ": " in it makes '
        "YAML see a mapping), or write it as a block after |",
        "Expected Finally[0] to be of string type: found subkeys instead at line 5, value of the "
        "key tag on line 4 might be empty",
    ),
    (
        "commands without dashes",
        "version: 0.2\nphases:\n  build:\n    commands:\n      echo: x\n",
        "5:7: phases.build.commands has to be a list, each item with a - in front",
        unmarshal(5, "!!map into []string"),
    ),
    (
        "phases is a list",
        "version: 0.2\nphases:\n  - build\n",
        "3:3: phases has to be a mapping",
        unmarshal(3, "!!seq into map[string]interface {}"),
    ),
    (
        "phase is text",
        "version: 0.2\nphases:\n  build: make everything\n",
        "3:10: phases.build has to be a mapping",
        unmarshal(3, "!!str `make ev...` into map[string]interface {}"),
    ),
    (
        "variables as a list",
        HEAD + "env:\n  variables:\n    - name: a\n",
        "7:5: env.variables has to be a mapping of names to values",
        unmarshal(7, "!!seq into map[string]string"),
    ),
    (
        "variable is a mapping",
        HEAD + "env:\n  variables:\n    A: {b: c}\n",
        "7:8: env.variables.A has to be a single value",
        unmarshal(7, "!!map into string"),
    ),
    (
        "flag",
        HEAD + "proxy:\n  logs: 1\n",
        "6:9: proxy.logs has to be yes or no",
        unmarshal(6, "!!int `1` into bool"),
    ),
    (
        "name is a list",
        HEAD + "artifacts:\n  files: [a]\n  name: [b]\n",
        "7:9: artifacts.name has to be a single value",
        unmarshal(7, "!!seq into string"),
    ),
    (
        "file is a mapping",
        HEAD + "artifacts:\n  files: [a: b]\n",
        "6:11: artifacts.files has to be a list of single values",
        unmarshal(6, "!!map into string"),
    ),
    (
        "run-as is a mapping",
        HEAD + "run-as: {user: me}\n",
        "5:9: run-as has to be a single value",
        unmarshal(5, "!!map into string"),
    ),
    (
        "git-credential-helper",
        HEAD + "env: {git-credential-helper: maybe}\n",
        "5:30: env.git-credential-helper has to be yes or no",
        unmarshal(5, "!!str `maybe` into bool"),
    ),
    (
        "parameters as a list",
        HEAD + "env: {parameter-store: [A]}\n",
        "5:24: env.parameter-store has to be a mapping of names to values",
        unmarshal(5, "!!seq into map[string]string"),
    ),
    (
        "secret is a mapping",
        HEAD + "env: {secrets-manager: {A: {id: b}}}\n",
        "5:28: env.secrets-manager.A has to be a single value",
        unmarshal(5, "!!map into string"),
    ),
    (
        "exported variables as a mapping",
        HEAD + "env: {exported-variables: {A: b}}\n",
        "5:27: env.exported-variables has to be a list, each item with a - in front",
        unmarshal(5, "!!map into []string"),
    ),
    (
        "proxy is text",
        HEAD + "proxy: yes\n",
        "5:8: proxy has to be a mapping",
        unmarshal(5, "!!str `yes` into map[string]interface {}"),
    ),
    (
        "cache is a list",
        HEAD + "cache: [a]\n",
        "5:8: cache has to be a mapping",
        unmarshal(5, "!!seq into map[string]interface {}"),
    ),
    (
        "report is a list",
        HEAD + "reports: {a: [b]}\n",
        "5:14: reports.a has to be a mapping",
        unmarshal(5, "!!seq into map[string]interface {}"),
    ),
    (
        "report format",
        HEAD + "reports:\n  u:\n    files: [a]\n    file-format: junit-xml\n",
        "8:18: reports.u.file-format has to be one of CUCUMBERJSON, JUNITXML, NUNITXML, NUNIT3XML, "
        "TESTNGXML, VISUALSTUDIOTRX, CLOVERXML, COBERTURAXML, JACOCOXML, SIMPLECOV; did you mean "
        "JUNITXML?",
        "",
    ),
    (
        "cache action",
        HEAD + "cache:\n  action: both\n",
        "6:11: cache.action has to be restore or save; leave it out for both",
        "",
    ),
    (
        "secondary artifacts without files",
        HEAD + "artifacts:\n  files: [a]\n  secondary-artifacts:\n    docs: {name: b}\n",
        "8:5: artifacts.secondary-artifacts.docs.files is missing; name the files to upload",
        "",
    ),
]


def rows(table):
    return pytest.mark.parametrize(
        ("text", "expected", "aws_message"), [pytest.param(*row, id=name) for name, *row in table]
    )


def assert_refused(text, expected, aws_message):
    error = error_of(text)
    assert str(error) == f"b.yml:{expected}"
    assert error.aws_message == (aws_message or error.message)
    assert str(error.problem) in [str(problem) for problem in check_buildspec(text, "b.yml")]


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


WARNED = [
    ("unknown key", HEAD + "artefacts: 1\n",
     "5:1: warning: artefacts is not a key AWS knows and is ignored; did you mean artifacts?"),
    ("unknown key, nothing near", HEAD + "zzz: 1\n",
     "5:1: warning: zzz is not a key AWS knows and is ignored"),
    ("key in a phase", HEAD + "    command: [y]\n",
     "5:5: warning: phases.build.command is not a key AWS knows and is ignored; did you mean "
     "commands?"),
    ("runtimes in build", HEAD + "    runtime-versions: {a: 1}\n",
     "5:5: warning: phases.build.runtime-versions is not a key AWS knows and is ignored"),
    ("0.1 in 0.2", HEAD + "environment_variables: {plaintext: {A: b}}\n",
     "5:1: warning: environment_variables is not a key AWS knows and is ignored"),
    ("type in 0.2", HEAD + "artifacts: {files: [a], type: zip}\n",
     "5:25: warning: artifacts.type is not a key AWS knows and is ignored"),
    ("no phases", "version: 0.2\n",
     "1:1: warning: there are no phases: the build will run no command"),
    ("no commands", "version: 0.2\nphases:\n  build:\n",
     "3:3: warning: phases.build.commands is missing; AWS asks for it here"),
    ("no runtime", HEAD + "  install: {runtime-versions: {}}\n",
     "5:3: warning: phases.install.runtime-versions names no runtime"),
    ("shell", HEAD + "env: {shell: zsh}\n",
     "5:14: warning: env.shell is zsh; AWS knows bash, /bin/sh, powershell.exe, cmd.exe"),
    ("export", HEAD + "env: {exported-variables: [AWS_X]}\n",
     "5:28: warning: AWS_X cannot be exported: its name starts with AWS_"),
    ("reserved", HEAD + "env: {variables: {CODEBUILD_X: 1}}\n",
     "5:19: warning: CODEBUILD_X: names that start with CODEBUILD_ are reserved; choose another"),
    ("secret", HEAD + "env: {secrets-manager: {A: 's:k:stage:id'}}\n",
     "5:28: warning: give a version stage or a version id of a secret, not both"),
    ("secret with five parts", HEAD + "env: {secrets-manager: {A: 's:k:stage::x'}}\n",
     "5:28: warning: a secret is secret-id:json-key:version-stage:version-id; what follows is "
     "ignored"),
    ("no secret", HEAD + "env: {secrets-manager: {A: }}\n",
     "5:25: warning: A names no secret"),
    ("no parameter", HEAD + "env: {parameter-store: {A: ''}}\n",
     "5:25: warning: A names no parameter"),
    ("name with =", HEAD + "env: {variables: {A=B: 1}}\n",
     "5:19: warning: 'A=B' cannot be the name of a variable"),
    ("no name", HEAD + "env: {parameter-store: {'': /a}}\n",
     "5:25: warning: '' cannot be the name of a variable"),
    ("export of a value", HEAD + "env: {exported-variables: ['${TAG}']}\n",
     "5:28: warning: '${TAG}' is not the name of a variable; write TAG"),
    ("export of nothing", HEAD + "env: {exported-variables: ['']}\n",
     "5:28: warning: '' is not the name of a variable"),
    ("nothing to report", HEAD + "reports: {a: {files: []}}\n",
     "5:15: warning: reports.a.files is empty: there is nothing to report"),
    ("ARN of something else", HEAD + "reports:\n  arn:aws:s3:::b:\n    files: [a]\n",
     "6:3: warning: arn:aws:s3:::b is not the ARN of a report group"),
    ("five report groups and one", HEAD + "reports:\n" + "".join(
         f"  r{number}: {{files: [a]}}\n" for number in range(6)),
     "11:3: warning: a project can have 5 report groups; this is one too many"),
    ("key of proxy", HEAD + "proxy: {upload-artifact: yes}\n",
     "5:9: warning: proxy.upload-artifact is not a key AWS knows and is ignored; did you mean "
     "upload-artifacts?"),
    ("key of cache", HEAD + "cache: {fallback-key: [a]}\n",
     "5:9: warning: cache.fallback-key is not a key AWS knows and is ignored; did you mean "
     "fallback-keys?"),
    ("only a batch, no version", "batch: {build-list: [{identifier: a}]}\n",
     "1:1: warning: version is missing, and only a batch does without; add version: 0.2"),
    ("fallback without key", HEAD + "cache: {fallback-keys: [a]}\n",
     "5:25: warning: cache.fallback-keys is ignored without cache.key; add it"),
    ("only secondary", HEAD + "artifacts: {secondary-artifacts: {a: {files: [b]}}}\n",
     "5:1: warning: artifacts.files is missing; name the files to upload"),
    ("tag", HEAD + "run-as: !Ref X\n",
     "5:9: warning: the tag !Ref has no effect here: the text after it is taken as it is "
     "(CloudFormation functions work in the template around a document, not in it)"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*row, id=name) for name, *row in WARNED]
)
def test_warnings(text, expected):
    assert [str(problem) for problem in check_buildspec(text, "b.yml")] == [f"b.yml:{expected}"]
    parse_buildspec(text, "b.yml")


FINE = [
    ("bare", HEAD),
    ("one command", "version: 0.2\nphases:\n  install:\n    commands: npm install\n"),
    ("no command", "version: 0.2\nphases:\n  post_build:\n    commands: []\n"),
    ("install without commands", HEAD + "  install: {runtime-versions: {nodejs: 20}}\n"),
    ("empty command", "version: 0.2\nphases:\n  build:\n    commands:\n      -\n"),
    ("one file", HEAD + "artifacts:\n  files: '**/*'\n"),
    ("cache without paths", HEAD + "cache: {key: a, action: save}\n"),
    ("most fallback keys", HEAD + "cache: {key: a, fallback-keys: [a, b, c, d, e]}\n"),
    ("report ARN", HEAD + "reports:\n  arn:aws:codebuild:x:1:report-group/a:\n    files: [a]\n"),
    ("nothing in a section", HEAD + "env:\nproxy:\nbatch:\ncache:\nreports:\n"),
    ("only a batch", "version: 0.2\nbatch:\n  build-list: [{identifier: a}]\n"),
    (
        "secret by ARN",
        HEAD + "env:\n  secrets-manager:\n"
        "    A: arn:aws:secretsmanager:x:1:secret:a-b:key:AWSCURRENT\n    B: s:::id\n",
    ),
    (
        "names of variables",
        HEAD + "env:\n  variables: {my-var: a, _: b, ä: c}\n  exported-variables: [A_1, _b]\n",
    ),
    ("git", HEAD + "run-as: me\nenv: {git-credential-helper: no}\nproxy: {logs: no}\n"),
    (
        "five report groups",
        HEAD
        + "reports:\n"
        + "".join(f"  r{number}: {{files: a, file-format: simplecov}}\n" for number in range(5)),
    ),
    ("anchors", HEAD + "env:\n  variables: &v {A: b}\n  parameter-store: *v\n"),
    ("path as a value", HEAD + "env:\n  variables: {PATH: $PATH:/x}\n"),
]


@pytest.mark.docs
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FINE])
def test_nothing_to_complain_about(text):
    assert check_buildspec(text) == []
    parse_buildspec(text)


@pytest.mark.inferred
def test_all_problems_in_the_order_of_the_document():
    text = "phases:\n  bild: {}\n  build:\n    commands: [a: b]\nversion: 7\nfoo: !X 1\n"
    assert [(p.line, p.column, p.severity) for p in check_buildspec(text)] == [
        (2, 3, "error"),
        (4, 16, "error"),
        (5, 10, "error"),
        (6, 1, "warning"),
        (6, 6, "warning"),
    ]
    assert error_of(text).line == 2


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"k{n}: 1\n" for n in range(60_000)), id="unknown keys"),
        pytest.param(
            "version: 0.2\nphases:\n" + "".join(f"  k{n}: 1\n" for n in range(40_000)), id="phases"
        ),
        pytest.param(
            "version: 0.2\nphases: {build: {commands: [" + "[], " * 60_000 + "]}}", id="commands"
        ),
        pytest.param(
            "version: 0.2\nreports:\n" + "".join(f"  r{n}: {{f: 1}}\n" for n in range(20_000)),
            id="reports",
        ),
    ],
)
def test_the_number_of_problems_is_limited(text):
    problems = check_buildspec(text)
    for severity in ("error", "warning"):
        found = [problem for problem in problems if problem.severity == severity]
        assert len(found) <= MAX_PROBLEMS
    assert problems


@pytest.mark.inferred
def test_messages_stay_on_one_short_line():
    long = "x" * 5000
    (problem,) = check_buildspec(HEAD + f'? "a\\nb{long}"\n: 1\n')
    assert "\n" not in problem.message
    assert len(problem.message) < 300


@pytest.mark.inferred
def test_an_error_survives_pickling():
    error = error_of("version: 3\n")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.aws_message) == (str(error), error.aws_message)
    assert again.problem == error.problem


@pytest.mark.inferred
def test_a_problem_reads_like_a_compilers():
    problem = Problem("ci/b.yml", 3, 7, "what to do", "warning")
    assert str(problem) == "ci/b.yml:3:7: warning: what to do"
