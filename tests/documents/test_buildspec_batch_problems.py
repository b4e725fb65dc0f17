"""Every complaint about a buildspec's ``batch``: its place, our words, and the service's."""

import pickle

import pytest

from mockbuild.documents.buildspec import check_buildspec, parse_buildspec
from mockbuild.documents.buildspec_batch import BatchError

HEAD = "version: 0.2\nbatch:\n"
LIST = HEAD + "  build-list:\n"
GRAPH = HEAD + "  build-graph:\n"
MATRIX = HEAD + "  build-matrix:\n"
INVALID = "BatchSpec has invalid values.. "
ONE_KIND = (
    INVALID
    + "Exactly one of build-graph, build-list, build-matrix, build-fanout must be specified."
)


def unmarshal(line: int, rest: str) -> str:
    return f"yaml: unmarshal errors:\n  line {line}: cannot unmarshal {rest}"


def error_of(text: str) -> BatchError:
    batch = parse_buildspec(text, "b.yml").batch
    assert batch is not None
    with pytest.raises(BatchError) as caught:
        batch.tasks()
    return caught.value


# One row: id, text, `line:column: message`, the service's message.
RECORDED = [
    (
        "identifiers with dashes",
        LIST + "    - identifier: multi-env-app\n    - identifier: fine\n"
        "    - identifier: app-with-domain\n",
        "4:19: identifier multi-env-app has to be 1 to 127 letters, digits and underscores",
        INVALID + "Build Identifiers multi-env-app,app-with-domain must contain only alphanumeric "
        "characters and underscores and be less than 128 characters in length.",
    ),
    (
        "identifier of 128 characters",
        LIST + f"    - identifier: {'a' * 128}\n",
        f"4:19: identifier {'a' * 77}... has to be 1 to 127 letters, digits and underscores",
        INVALID + f"Build Identifiers {'a' * 128} must contain only alphanumeric characters and "
        "underscores and be less than 128 characters in length.",
    ),
    (
        "version in quotes",
        'version: "0.2"\nbatch:\n  build-list:\n    - identifier: a\n',
        "1:10: a batch build refuses a version in quotes; write version: 0.2",
        unmarshal(1, "!!str `0.2` into float64"),
    ),
]
DOCUMENTED = [
    (
        "no identifier",
        LIST + "    - buildspec: a.yml\n",
        "4:7: batch.build-list[0].identifier is missing; give the task a name",
        INVALID + "Build Identifiers must not be empty.",
    ),
    (
        "compute type and fleet",
        LIST + "    - identifier: a\n      env:\n        fleet: f\n"
        "        compute-type: BUILD_GENERAL1_SMALL\n",
        "6:16: batch.build-list[0].env has compute-type and fleet; take one of them",
        INVALID + "compute-type and fleet must not be specified together.",
    ),
    (
        "no parallelism",
        HEAD + "  build-fanout: {}\n",
        "3:3: batch.build-fanout.parallelism is missing; say how many builds",
        INVALID + "parallelism must be specified.",
    ),
    (
        "parallelism 0",
        HEAD + "  build-fanout: {parallelism: 0}\n",
        "3:31: batch.build-fanout.parallelism has to be a whole number greater than 0, without "
        "quotes",
        INVALID + "parallelism must be greater than 0.",
    ),
    (
        "no builds",
        HEAD + "  fast-fail: true\n",
        "2:1: batch has no builds; give it one of build-graph, build-list, build-matrix, "
        "build-fanout",
        ONE_KIND,
    ),
]
GUESSED = [
    (
        "two kinds",
        LIST + "    - identifier: a\n  build-fanout:\n    parallelism: 2\n",
        "5:3: batch has build-list already; take build-list or build-fanout",
        ONE_KIND,
    ),
    (
        "a list",
        "version: 0.2\nbatch:\n  - identifier: a\n",
        "3:3: batch has to be a mapping",
        unmarshal(3, "!!seq into map[string]interface {}"),
    ),
    (
        "text",
        "version: 0.2\nbatch: yes\n",
        "2:8: batch has to be a mapping",
        unmarshal(2, "!!str `yes` into map[string]interface {}"),
    ),
    (
        "identifier twice",
        LIST + "    - identifier: a\n    - identifier: a\n",
        "5:19: identifier a is taken by line 4; choose another",
        INVALID + "Build Identifiers a must be unique.",
    ),
    (
        "task twice",
        LIST + "    - &task {identifier: a}\n    - *task\n",
        "4:26: identifier a is taken by line 4; choose another",
        INVALID + "Build Identifiers a must be unique.",
    ),
    (
        "the service's identifier",
        LIST + "    - identifier: DOWNLOAD_SOURCE\n",
        "4:19: identifier DOWNLOAD_SOURCE is the service's own; choose another",
        INVALID + "Build Identifiers DOWNLOAD_SOURCE must not be used.",
    ),
    (
        "empty identifier",
        LIST + "    - identifier: ''\n",
        "4:19: identifier  has to be 1 to 127 letters, digits and underscores",
        INVALID + "Build Identifiers  must contain only alphanumeric characters and underscores "
        "and be less than 128 characters in length.",
    ),
    (
        "identifier is a list",
        LIST + "    - identifier: [a]\n",
        "4:19: batch.build-list[0].identifier has to be a single value",
        unmarshal(4, "!!seq into string"),
    ),
    (
        "empty list",
        HEAD + "  build-list: []\n",
        "3:3: batch.build-list is empty, so there would be no build",
        INVALID + "build-list must not be empty.",
    ),
    (
        "nothing in a graph",
        HEAD + "  build-graph:\n",
        "3:3: batch.build-graph is empty, so there would be no build",
        INVALID + "build-graph must not be empty.",
    ),
    (
        "tasks without dashes",
        LIST + "    identifier: a\n",
        "4:5: batch.build-list has to be a list of tasks, each with a - in front",
        unmarshal(4, "!!map into []interface {}"),
    ),
    (
        "task is text",
        LIST + "    - build1\n",
        "4:7: batch.build-list[0] has to be a mapping; start it with identifier:",
        unmarshal(4, "!!str `build1` into map[string]interface {}"),
    ),
    (
        "env is a list",
        LIST + "    - identifier: a\n      env:\n        - image: b\n",
        "6:9: batch.build-list[0].env has to be a mapping",
        unmarshal(6, "!!seq into map[string]interface {}"),
    ),
    (
        "privileged-mode",
        LIST + "    - identifier: a\n      env: {privileged-mode: maybe}\n",
        "5:30: batch.build-list[0].env.privileged-mode has to be yes or no",
        unmarshal(5, "!!str `maybe` into bool"),
    ),
    (
        "variables of a task are lists",
        LIST + "    - identifier: a\n      env: {variables: {A: [1, 2]}}\n",
        "5:28: batch.build-list[0].env.variables.A has to be a single value",
        unmarshal(5, "!!seq into string"),
    ),
    (
        "compute type",
        LIST + "    - identifier: a\n      env: {compute-type: BUILD_GENERAL_LARGE}\n",
        "5:27: batch.build-list[0].env.compute-type is BUILD_GENERAL_LARGE, which AWS does not "
        "know; did you mean BUILD_GENERAL1_LARGE?",
        INVALID + "Invalid compute type provided: BUILD_GENERAL_LARGE",
    ),
    (
        "environment type",
        LIST + "    - identifier: a\n      env: {type: linux}\n",
        "5:19: batch.build-list[0].env.type is linux, which AWS does not know",
        INVALID + "Invalid type provided: linux",
    ),
    (
        "unknown task in depend-on",
        GRAPH + "    - identifier: build1\n    - identifier: b\n      depend-on: [biuld1]\n",
        "6:19: depend-on names biuld1, which is no task of this graph; did you mean build1?",
        INVALID + "Build Identifiers biuld1 in depend-on do not exist.",
    ),
    (
        "task that waits for itself",
        GRAPH + "    - identifier: a\n      depend-on: a\n",
        "5:18: batch.build-graph has a cycle: a -> a; none of these builds could start",
        INVALID + "Build Identifiers a must not depend on each other in a cycle.",
    ),
    (
        "cycle behind a task outside",
        GRAPH + "    - {identifier: a, depend-on: [b]}\n    - {identifier: b, depend-on: [c]}\n"
        "    - {identifier: c, depend-on: [d]}\n    - {identifier: d, depend-on: [b]}\n",
        "7:35: batch.build-graph has a cycle: b -> c -> d -> b; none of these builds could start",
        INVALID + "Build Identifiers b,c,d must not depend on each other in a cycle.",
    ),
    (
        "cycle of ten",
        GRAPH
        + "".join(f"    - {{identifier: t{n}, depend-on: [t{(n + 1) % 10}]}}\n" for n in range(10)),
        "13:36: batch.build-graph has a cycle: t0 -> t1 -> t2 -> t3 -> t4 -> t5 -> t6 -> (3 more) "
        "-> t0; none of these builds could start",
        INVALID + "Build Identifiers t0,t1,t2,t3,t4,t5,t6,t7,t8,t9 must not depend on each other "
        "in a cycle.",
    ),
    (
        "matrix is a list",
        MATRIX + "    - a\n",
        "4:5: batch.build-matrix has to be a mapping",
        unmarshal(4, "!!seq into map[string]interface {}"),
    ),
    (
        "empty list in a matrix",
        MATRIX + "    dynamic: {env: {image: []}}\n",
        "4:21: batch.build-matrix.dynamic.env.image is empty, so there would be no build",
        INVALID + "build-matrix.dynamic.env.image must not be empty.",
    ),
    (
        "no values of a variable",
        MATRIX + "    dynamic: {env: {variables: {A: [b], C: }}}\n",
        "4:41: batch.build-matrix.dynamic.env.variables.C is empty, so there would be no build",
        INVALID + "build-matrix.dynamic.env.variables.C must not be empty.",
    ),
    (
        "a matrix's variables as a list",
        MATRIX + "    dynamic: {env: {variables: [A]}}\n",
        "4:32: batch.build-matrix.dynamic.env.variables has to be a mapping",
        unmarshal(4, "!!seq into map[string]interface {}"),
    ),
    (
        "one of a matrix's compute types",
        MATRIX + "    dynamic: {env: {compute-type: [BUILD_GENERAL1_SMALL, SMALL]}}\n",
        "4:58: batch.build-matrix.dynamic.env.compute-type is SMALL, which AWS does not know",
        INVALID + "Invalid compute type provided: SMALL",
    ),
    (
        "a matrix's compute types and fleet",
        MATRIX + "    static: {env: {fleet: f}}\n"
        "    dynamic: {env: {compute-type: [BUILD_GENERAL1_SMALL]}}\n",
        "5:36: batch.build-matrix.dynamic.env has compute-type and fleet; take one of them",
        INVALID + "compute-type and fleet must not be specified together.",
    ),
    (
        "fan-out is a number",
        HEAD + "  build-fanout: 5\n",
        "3:17: batch.build-fanout has to be a mapping",
        unmarshal(3, "!!int `5` into map[string]interface {}"),
    ),
    (
        "parallelism in quotes",
        HEAD + "  build-fanout: {parallelism: '5'}\n",
        "3:31: batch.build-fanout.parallelism has to be a whole number greater than 0, without "
        "quotes",
        unmarshal(3, "!!str `5` into int"),
    ),
    (
        "parallelism below 0",
        HEAD + "  build-fanout: {parallelism: -1}\n",
        "3:31: batch.build-fanout.parallelism has to be a whole number greater than 0, without "
        "quotes",
        INVALID + "parallelism must be greater than 0.",
    ),
    (
        "parallelism of 5,000 digits",
        HEAD + f"  build-fanout: {{parallelism: {'9' * 5000}}}\n",
        "3:31: batch.build-fanout.parallelism has to be a whole number greater than 0, without "
        "quotes",
        unmarshal(3, "!!int `9999999...` into int"),
    ),
    (
        "parallelism is a list",
        HEAD + "  build-fanout: {parallelism: [5]}\n",
        "3:31: batch.build-fanout.parallelism has to be a single value",
        unmarshal(3, "!!seq into string"),
    ),
]


def rows(table):
    return pytest.mark.parametrize(
        ("text", "expected", "aws_message"), [pytest.param(*row, id=name) for name, *row in table]
    )


def assert_refused(text, expected, aws_message):
    error = error_of(text)
    assert str(error) == f"b.yml:{expected}"
    assert error.aws_message == aws_message
    assert error.status_code == (
        "BATCH_SPEC_VALIDATION_ERROR" if aws_message.startswith(INVALID) else "YAML_FILE_ERROR"
    )
    assert error.problem in check_buildspec(text, "b.yml")


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
    ("misspelt kind", LIST + "    - identifier: a\n  build_graph: []\n",
     "5:3: warning: batch.build_graph is not a key AWS knows and is ignored; did you mean "
     "build-graph?"),
    ("key of a task", LIST + "    - identifier: a\n      depends-on: [b]\n",
     "5:7: warning: batch.build-list[0].depends-on is not a key AWS knows and is ignored; did "
     "you mean depend-on?"),
    ("order in a list", LIST + "    - identifier: a\n      depend-on: [b]\n",
     "5:7: warning: batch.build-list[0].depend-on has no effect in a list; use build-graph"),
    ("key of env", LIST + "    - identifier: a\n      env: {git-credential-helper: yes}\n",
     "5:13: warning: batch.build-list[0].env.git-credential-helper is not a key AWS knows and is "
     "ignored"),
    ("reserved name", LIST + "    - identifier: a\n      env: {variables: {CODEBUILD_A: b}}\n",
     "5:25: warning: CODEBUILD_A: names that start with CODEBUILD_ are reserved; choose another"),
    ("reserved name in a matrix", MATRIX + "    dynamic: {env: {variables: {CODEBUILD_A: [b]}}}\n",
     "4:33: warning: CODEBUILD_A: names that start with CODEBUILD_ are reserved; choose another"),
    ("nothing to combine", MATRIX + "    static: {env: {image: a}}\n",
     "3:3: warning: batch.build-matrix.dynamic has nothing to combine: there is one build"),
    ("list of types", MATRIX + "    dynamic: {buildspec: [a], env: {type: [LINUX_CONTAINER]}}\n",
     "4:37: warning: batch.build-matrix.dynamic.env.type is not a key AWS knows and is ignored"),
    ("debugging a matrix", MATRIX + "    debug-session: true\n    dynamic: {buildspec: [a]}\n",
     "4:5: warning: batch.build-matrix.debug-session is not a key AWS knows and is ignored"),
    ("many builds", HEAD + "  build-fanout: {parallelism: 101}\n",
     "2:1: warning: the batch makes 101 builds; a project allows 100 unless its "
     "maximumBuildsAllowed says otherwise"),
]  # fmt: skip


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*row, id=name) for name, *row in WARNED]
)
def test_warnings(text, expected):
    assert [str(problem) for problem in check_buildspec(text, "b.yml")] == [f"b.yml:{expected}"]
    batch = parse_buildspec(text).batch
    assert batch is not None
    batch.tasks(200)


FINE = [
    ("numbers as identifiers", LIST + "    - identifier: 1\n    - identifier: 0x1\n"),
    ("longest identifier", LIST + f"    - identifier: {'a' * 127}\n"),
    ("two cases of a name", LIST + "    - identifier: a\n    - identifier: A\n"),
    ("nothing in env", LIST + "    - identifier: a\n      env:\n"),
    ("task further down", GRAPH + "    - {identifier: a, depend-on: [b]}\n    - identifier: b\n"),
    ("diamond", GRAPH + "    - {identifier: d, depend-on: [b, c]}\n"
     "    - {identifier: b, depend-on: [a]}\n    - {identifier: c, depend-on: [a]}\n"
     "    - identifier: a\n"),
    ("no dependencies", GRAPH + "    - {identifier: a, depend-on: []}\n"),
    ("types from variables", LIST + "    - identifier: a\n"
     "      env: {compute-type: $SIZE, type: '${TYPE}', image: $IMAGE}\n"),
    ("static compute type", MATRIX + "    static: {env: {compute-type: BUILD_GENERAL1_LARGE}}\n"
     "    dynamic: {env: {image: [a]}}\n"),
    ("a hundred builds", HEAD + "  build-fanout: {parallelism: 100}\n"),
    ("aliases", LIST + "    - identifier: a\n      env: &env {image: b}\n"
     "    - identifier: c\n      env: *env\n"),
]  # fmt: skip


@pytest.mark.docs
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FINE])
def test_nothing_to_complain_about(text):
    assert check_buildspec(text) == []
    batch = parse_buildspec(text).batch
    assert batch is not None
    assert len(batch.tasks()) == batch.size


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("text", "commands"),
    [
        pytest.param(
            "version: '0.2'\nbatch: {build-list: [{identifier: a}]}\n"
            "phases: {build: {commands: [make]}}\n", ["make"], id="version in quotes",
        ),
        pytest.param(
            "version: 0.2\nbatch: {build-list: [{identifier: a-b}]}\n"
            "phases: {build: {commands: [make]}}\n", ["make"], id="identifier",
        ),
    ],
)  # fmt: skip
def test_a_build_on_its_own_does_not_mind(text, commands):
    assert [problem.severity for problem in check_buildspec(text)] == ["error"]
    assert [str(command) for command in parse_buildspec(text).commands("BUILD")] == commands


@pytest.mark.inferred
def test_all_problems_in_the_order_of_the_document():
    text = (
        "version: '0.2'\nphase: 1\nbatch:\n  build-list:\n    - identifier: a-\n"
        "      env: {type: x, sort: y}\n    - identifier: b\n      fast-fail: 1\n"
        "phases:\n  bild: {}\n"
    )
    assert [(p.line, p.column, p.severity) for p in check_buildspec(text)] == [
        (1, 10, "error"),
        (2, 1, "warning"),
        (5, 19, "error"),
        (6, 19, "error"),
        (6, 22, "warning"),
        (8, 7, "warning"),
        (10, 3, "error"),
    ]


@pytest.mark.inferred
def test_an_error_survives_pickling():
    error = error_of(LIST)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.aws_message, again.status_code) == (
        str(error), error.aws_message, error.status_code
    )  # fmt: skip
