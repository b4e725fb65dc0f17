"""The buildspec's grammar: what comes out of a whole document, and of each section."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.documents.buildspec import (
    Buildspec,
    check_buildspec,
    classify_buildspec,
    parse_buildspec,
)
from mockbuild.documents.buildspec_env import SecretReference, parse_secret_reference
from mockbuild.documents.errors import DocumentError, Problem

FULL = r"""
version: 0.2
run-as: builder
env:
  shell: bash
  variables:
    MODE: 0700
    AT: 12:30
    FLAG: on
    NONE:
  parameter-store:
    PASSWORD: /app/password
  secrets-manager:
    TOKEN: app/token:key:AWSPREVIOUS
  exported-variables: [MODE, AT]
  git-credential-helper: yes
proxy:
  upload-artifacts: yes
  logs: no
batch: {fast-fail: true,
  build-list: [{identifier: a}]}
phases:
  build:
    on-failure: CONTINUE
    run-as: root
    commands:
      - echo build
      - 12
      - |
        set -e
        make
    finally:
      - echo done
  install:
    runtime-versions:
      python: 3.10
      nodejs: $NODE
    commands:
      - "echo install: now"
reports:
  unit:
    files: ["*.xml"]
  $COVERAGE:
    files: [cov.xml]
    file-format: CoberturaXml
    base-directory: out
    discard-paths: yes
artifacts:
  files: ['**/*']
  name: app-$(date +%Y)
  base-directory: dist
  exclude-paths: '**/.git/**'
  discard-paths: no
  enable-symlinks: yes
  s3-prefix: p
  secondary-artifacts:
    docs:
      files: [a, b]
      discard-paths: true
cache:
  paths: [node_modules/**/*]
  key: npm-$(codebuild-hash-files package-lock.json)
  fallback-keys: [npm-, n]
  action: restore
"""


def texts(scalars) -> list[str]:
    return [str(scalar) for scalar in scalars]


def pairs(variables) -> dict[str, str]:
    return {str(variable.name): str(variable.value) for variable in variables}


def in_phase(body: str, phase: str = "build") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"version: 0.2\nphases:\n  {phase}:\n{lines}\n"


@pytest.fixture(scope="module")
def full() -> Buildspec:
    assert check_buildspec(FULL, "full.yml") == []
    return parse_buildspec(FULL, "full.yml")


@pytest.mark.docs
def test_the_whole_grammar_env(full):
    assert (full.source, full.version, full.version_is_quoted) == ("full.yml", "0.2", False)
    assert str(full.run_as) == "builder"
    assert str(full.env.shell) == "bash"
    assert pairs(full.env.variables) == {"MODE": "0700", "AT": "12:30", "FLAG": "on", "NONE": ""}
    assert pairs(full.env.parameter_store) == {"PASSWORD": "/app/password"}
    (token,) = full.env.secrets_manager
    assert token.secret == SecretReference("app/token", "key", "AWSPREVIOUS")
    assert texts(full.env.exported_variables) == ["MODE", "AT"]
    assert full.env.git_credential_helper is True
    assert (full.proxy.upload_artifacts, full.proxy.logs) == (True, False)
    assert full.batch is not None
    assert (full.batch.fast_fail, full.batch.size) == (True, 1)


@pytest.mark.docs
def test_the_whole_grammar_phases(full):
    assert list(full.phases) == ["INSTALL", "BUILD"]
    assert full.phase_count == 2
    install, build = full.phases.values()
    assert [(str(r.name), str(r.version)) for r in install.runtime_versions] == [
        ("python", "3.10"),
        ("nodejs", "$NODE"),
    ]
    assert texts(full.commands("INSTALL")) == ["echo install: now"]
    assert texts(build.commands) == ["echo build", "12", "set -e\nmake\n"]
    assert texts(build.finally_commands) == ["echo done"]
    assert [(c.line, c.column) for c in build.commands] == [(27, 9), (28, 9), (29, 9)]
    assert str(build.run_as) == "root"
    assert build.on_failure is not None
    assert build.on_failure.action == "CONTINUE"
    assert (build.name, build.line, build.column) == ("BUILD", 23, 3)
    assert full.commands("POST_BUILD") == ()


@pytest.mark.docs
def test_the_whole_grammar_outputs(full):
    unit, coverage = full.reports
    assert (str(unit.group), unit.file_format, unit.discard_paths) == ("unit", "JUNITXML", False)
    assert (unit.is_coverage, coverage.is_coverage) == (False, True)
    assert (coverage.file_format, str(coverage.base_directory)) == ("COBERTURAXML", "out")
    artifacts = full.artifacts
    assert artifacts is not None
    assert (texts(artifacts.files), texts(artifacts.exclude_paths)) == (["**/*"], ["**/.git/**"])
    assert (str(artifacts.name), str(artifacts.base_directory)) == ("app-$(date +%Y)", "dist")
    assert (artifacts.discard_paths, artifacts.enable_symlinks) == (False, True)
    assert (str(artifacts.s3_prefix), artifacts.type) == ("p", None)
    docs = artifacts.secondary["docs"]
    assert (docs.identifier, texts(docs.files), docs.discard_paths) == ("docs", ["a", "b"], True)
    cache = full.cache
    assert cache is not None
    assert (texts(cache.paths), cache.action) == (["node_modules/**/*"], "restore")
    assert texts(cache.fallback_keys) == ["npm-", "n"]
    assert str(cache.key) == "npm-$(codebuild-hash-files package-lock.json)"


@pytest.mark.docs
def test_version_0_1():
    text = """
version: 0.1
environment_variables:
  plaintext:
    A: b
  parameter-store:
    C: d
phases:
  build:
    commands: [make]
artifacts:
  type: zip
  files: [a]
"""
    assert check_buildspec(text) == []
    old = parse_buildspec(text)
    assert old.version == "0.1"
    assert (pairs(old.env.variables), pairs(old.env.parameter_store)) == ({"A": "b"}, {"C": "d"})
    assert old.artifacts is not None
    assert str(old.artifacts.type) == "zip"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("written", "version", "is_quoted"),
    [
        pytest.param("0.2", "0.2", False, id="number"),
        pytest.param('"0.2"', "0.2", True, id="text"),
        pytest.param("'0.1'", "0.1", True, id="old text"),
        pytest.param("0.20", "0.2", False, id="same number"),
    ],
)
def test_versions(written, version, is_quoted):
    buildspec = parse_buildspec(f"version: {written}\nphases: {{}}\n")
    assert (buildspec.version, buildspec.version_is_quoted) == (version, is_quoted)


@pytest.mark.docs
@pytest.mark.parametrize("word", ["yes", "Yes", "on", "true", "TRUE", "y", '"yes"', "'true'"])
def test_true(word):
    assert parse_buildspec(f"version: 0.2\nproxy: {{logs: {word}}}\n").proxy.logs is True


@pytest.mark.docs
@pytest.mark.parametrize("word", ["no", "No", "off", "false", "FALSE", "n", '"no"', "", "~"])
def test_false(word):
    assert parse_buildspec(f"version: 0.2\nproxy:\n  logs: {word}\n").proxy.logs is False


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ABORT", ("ABORT", 0, ""), id="abort"),
        pytest.param("continue", ("CONTINUE", 0, ""), id="lower case"),
        pytest.param("RETRY", ("RETRY", 3, ".*"), id="retry"),
        pytest.param("RETRY-4", ("RETRY", 4, ".*"), id="count"),
        pytest.param("Retry-0", ("RETRY", 0, ".*"), id="zero"),
        pytest.param("RETRY-100", ("RETRY", 100, ".*"), id="most"),
        pytest.param("RETRY-invalid+", ("RETRY", 3, "invalid+"), id="regex"),
        pytest.param("RETRY-8-invalid+", ("RETRY", 8, "invalid+"), id="count and regex"),
        pytest.param("RETRY-a-8", ("RETRY", 3, "a-8"), id="regex with a dash"),
    ],
)
def test_on_failure(text, expected):
    phase = parse_buildspec(in_phase(f"on-failure: {text}\ncommands: [x]")).phases["BUILD"]
    assert phase.on_failure is not None
    assert dataclasses.astuple(phase.on_failure)[:3] == expected


@pytest.mark.inferred
@pytest.mark.parametrize(
    "text", ["STOP", "ABORT-1", "CONTINUE-", "RETRY-101", "RETRY-" + "9" * 5000, "RETRY-(", "''"]
)
def test_not_on_failure(text):
    with pytest.raises(DocumentError) as caught:
        parse_buildspec(in_phase(f"on-failure: {text}\ncommands: [x]"))
    assert caught.value.message == (
        "phases.build.on-failure has to be ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or "
        "RETRY-count-regex, with a count of 0 to 100"
    )


ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf"


@pytest.mark.docs
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("app", SecretReference("app"), id="name"),
        pytest.param("app:k", SecretReference("app", "k"), id="key"),
        pytest.param("app::AWSPREVIOUS", SecretReference("app", "", "AWSPREVIOUS"), id="stage"),
        pytest.param("app:k::id", SecretReference("app", "k", "", "id"), id="version"),
        pytest.param(ARN, SecretReference(ARN), id="ARN"),
        pytest.param(f"{ARN}:k:s", SecretReference(ARN, "k", "s"), id="ARN with key and stage"),
        pytest.param("", SecretReference(""), id="nothing"),
        pytest.param("arn:x", SecretReference("arn:x"), id="cut ARN"),
    ],
)
def test_secret_references(text, expected):
    assert parse_secret_reference(text) == expected


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("", "default", id="nothing"),
        pytest.param("  ", "default", id="blanks"),
        pytest.param("buildspec.yml", "path", id="file"),
        pytest.param("ci/build spec.yml", "path", id="file with a blank"),
        pytest.param("C:/x.yml", "path", id="colon without a blank"),
        pytest.param("{oops: [", "inline", id="broken inline"),
        pytest.param("{{cookiecutter}}/x.yml", "inline", id="braces"),
        pytest.param("arn:aws:s3:::bucket/buildspec.yml", "s3", id="ARN"),
        pytest.param("s3://bucket/buildspec.yml", "s3", id="S3 URI"),
        pytest.param("version: 0.2\n", "inline", id="text"),
        pytest.param("version: 0.2", "inline", id="one line"),
        pytest.param('{"version": 0.2}', "inline", id="JSON"),
        pytest.param("arn:x\nversion: 0.2", "inline", id="text that starts with arn:"),
        pytest.param("[a: b]", "path", id="list"),
    ],
)
def test_classify(value, kind):
    assert classify_buildspec(value) == kind


@pytest.mark.docs
def test_json_is_a_buildspec():
    text = '{"version": "0.2", "phases": {"build": {"commands": ["echo \\"a: b\\""]}}}'
    assert check_buildspec(text) == []
    assert texts(parse_buildspec(text).commands("BUILD")) == ['echo "a: b"']


@pytest.mark.inferred
def test_the_same_text_is_read_once():
    text = in_phase("commands: [once]")
    assert parse_buildspec(text) is parse_buildspec(text)
    assert parse_buildspec(text, "other.yml") is not parse_buildspec(text)


@pytest.mark.inferred
def test_a_long_text_is_not_kept():
    text = in_phase(f"commands: ['{'x' * 70_000}']")
    assert parse_buildspec(text) is not parse_buildspec(text)


@pytest.mark.inferred
def test_a_buildspec_cannot_be_changed():
    buildspec = parse_buildspec(in_phase("commands: [x]"))
    with pytest.raises(TypeError):
        buildspec.phases["INSTALL"] = buildspec.phases["BUILD"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        buildspec.version = "0.1"


WORDS = [
    "version", "phases", "build", "install", "commands", "finally", "env", "variables", "shell",
    "artifacts", "files", "secondary-artifacts", "cache", "fallback-keys", "reports", "on-failure",
    "runtime-versions", "proxy", "batch", "x", "0.2", "RETRY-(", "yes", "", "\n", "\0",
]  # fmt: skip
TREES = st.recursive(
    st.sampled_from(WORDS) | st.integers() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=30,
)


@pytest.mark.inferred
@settings(max_examples=200, deadline=None)
@given(tree=TREES)
def test_any_shape_gives_a_buildspec_or_a_document_error(tree):
    text = json.dumps(tree)
    problems = check_buildspec(text)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert all(isinstance(problem, Problem) for problem in problems)
    assert all("\n" not in str(problem) for problem in problems)
    parsed = outcome(text)
    if isinstance(parsed, DocumentError):
        assert parsed.problem in errors
    elif errors:
        assert parsed.batch is not None
        assert parsed.batch.problem == errors[0]
    else:
        assert parsed.version in ("0.1", "0.2")


def outcome(text: str | bytes) -> Buildspec | DocumentError:
    try:
        return parse_buildspec(text)
    except DocumentError as error:
        return error


@pytest.mark.inferred
@settings(max_examples=100, deadline=None)
@given(text=st.text() | st.binary())
def test_any_text_gives_a_buildspec_or_a_document_error(text):
    assert isinstance(outcome(text), Buildspec | DocumentError)
    if isinstance(text, str):
        assert classify_buildspec(text) in ("default", "inline", "s3", "path")
