"""``mockbuild run``: environment variables, secrets, and what a dry run tells of them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Project, invoke
from tests.cli.test_run import json_lines, outputs

pytestmark = pytest.mark.docs

SECRETS = """\
env:
  variables: {PLAIN: from-buildspec}
  parameter-store: {PARAMETER: /web/parameter}
  secrets-manager: {SECRET: "web:password"}
  exported-variables: [SECRET]
"""
HOSTILE = [
    pytest.param(b"A=1\nnonsense\n", ":2: 'nonsense' has no value", id="no-equals"),
    pytest.param(b"A=1\n=x\n", ":2: '' is no name", id="no-name"),
    pytest.param(b"# fine\n\n1A=x\n", ":3: '1A' is no name", id="digit"),
    pytest.param(b"A B=x\n", ":1: 'A B' is no name", id="space"),
    pytest.param(b"export A=x\n", "leave out export", id="export"),
    pytest.param(b"A$(id)=x\n", ":1: 'A$(id)' is no name", id="shell"),
    pytest.param(b"A=1\nB=\0\n", ":2: the value of B has a NUL", id="nul"),
    pytest.param(b"A=1\nB=\xff\n", ":2: this is not UTF-8", id="latin-1"),
    pytest.param(b"\x7fELF\0\0\0\n", ":1: ", id="binary"),
    pytest.param(b"A=" + b"x" * 2**23, "larger than 4 MiB", id="huge"),
]


def test_later_ones_go_first(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("FILE=file\nBOTH=file\n")
    project.commands(
        "echo $SPEC $FILE $BOTH $OPTION",
        more="env: {variables: {SPEC: spec, FILE: spec, BOTH: spec, OPTION: spec}}\n",
    )
    result = invoke(
        "run",
        project.path,
        "--json",
        "--env-file",
        file,
        "--env",
        "BOTH=env",
        "--env",
        "OPTION=a=b",
    )
    assert outputs(result) == "spec file env a=b\n"


def test_a_file_is_taken_literally(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_bytes(
        b"\xef\xbb\xbfFIRST=1\r\n# comment\r\n\n  # another\n"
        b'QUOTED="a b"  \nDOLLAR=$HOME `id`\nEMPTY=\nHASH=a #b\n'
    )
    project.commands('printf \'%s|\' "$FIRST" "$QUOTED" "$DOLLAR" "$EMPTY" "$HASH"')
    result = invoke("run", project.path, "--json", "--env-file", file)
    assert outputs(result) == '1|"a b"  |$HOME `id`||a #b|'


@pytest.mark.parametrize(("content", "message"), HOSTILE)
def test_a_file_that_makes_no_sense_runs_nothing(
    project: Project, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "bad.env"
    file.write_bytes(content)
    project.commands("echo ran")
    result = invoke("run", project.path, "--env-file", file)
    assert message in result.stderr
    assert str(file) in result.stderr
    assert (result.stdout, result.exit_code) == ("", 2)


@pytest.mark.parametrize("option", ["NAME", "=x", "a-b=x", ""])
def test_an_option_that_makes_no_sense_runs_nothing(project: Project, option: str) -> None:
    project.commands("echo ran")
    result = invoke("run", project.path, "--env", option)
    assert "write" in result.stderr
    assert (result.stdout, result.exit_code) == ("", 2)


def test_a_complaint_does_not_show_a_value(project: Project) -> None:
    project.commands("true")
    assert "hunter2" not in invoke("run", project.path, "--env", "a-b=hunter2").output


def test_this_process_keeps_its_variables_to_itself(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_OWN", "mine")
    project.commands('echo "[$MY_OWN]"')
    assert outputs(invoke("run", project.path, "--json")) == "[]\n"


# Secrets


def test_secrets_are_masked_wherever_they_show(project: Project) -> None:
    project.commands('echo "say $SECRET, $PARAMETER"; printf hun; printf ter2', more=SECRETS)
    given = ["--env", "SECRET=hunter2", "--env", "PARAMETER=swordfish"]
    for result in (
        invoke("run", project.path, *given),
        invoke("run", project.path, *given, "--json"),
        invoke("run", project.path, *given, "--dry-run"),
        invoke("run", project.path, *given, "--dry-run", "--json"),
    ):
        assert result.exit_code == 0
        assert "hunter2" not in result.output
        assert "swordfish" not in result.output
    assert "say ***, ***\n" in outputs(invoke("run", project.path, *given, "--json"))


def test_the_build_itself_sees_them(project: Project, tmp_path: Path) -> None:
    project.commands(f'echo "$SECRET" > {tmp_path}/seen', more=SECRETS)
    invoke("run", project.path, "--env", "SECRET=hunter2", "--env", "PARAMETER=x")
    assert (tmp_path / "seen").read_text() == "hunter2\n"


def test_what_is_not_looked_up_is_said(project: Project) -> None:
    project.commands('echo "[$SECRET]"', more=SECRETS)
    result = invoke("run", project.path, "--env", "PARAMETER=x")
    assert "SECRET will not be set" in result.stderr
    assert "PARAMETER will not" not in result.stderr
    assert "          []\n" in result.stdout


# Dry runs


def test_a_dry_run_tells_origins_and_runs_nothing(
    project: Project, scratch: Path, tmp_path: Path
) -> None:
    project.commands(f"touch {tmp_path}/ran", more=SECRETS)
    file = tmp_path / "a.env"
    file.write_text("\nFROM_FILE=x\n")
    result = invoke(
        "run", project.path, "--dry-run", "--json", "--env-file", file, "--env", "PLAIN=over"
    )
    (plan,) = json_lines(result)
    spec = project.path / "buildspec.yml"
    variables = {one["name"]: (one["value"], one["origin"]) for one in plan["environment"]}
    assert variables["PLAIN"] == ("over", f"--env, over {spec}:3")
    assert variables["FROM_FILE"] == ("x", f"{file}:2")
    assert variables["PARAMETER"] == (None, f"Parameter Store /web/parameter, {spec}:4")
    assert variables["SECRET"] == (None, f"Secrets Manager web:password, {spec}:5")
    assert variables["CODEBUILD_CI"] == ("true", "CodeBuild")
    assert plan["phases"] == [
        {"phase": "BUILD", "commands": [f"touch {tmp_path}/ran"], "finally": []}
    ]
    assert not (tmp_path / "ran").exists()
    assert list(scratch.iterdir()) == []


def test_a_dry_run_reads_well(project: Project) -> None:
    project.write(
        """\
        version: 0.2
        env: {variables: {STAGE: test}}
        phases:
          pre_build: {commands: [echo pre]}
          build:
            run-as: builder
            on-failure: CONTINUE
            commands: ["make\\nmake check"]
            finally: [make clean]
        artifacts: {base-directory: out, files: ['*.txt']}
        """
    )
    result = invoke("run", project.path, "--dry-run", "--phase", "build", "--artifacts", "x")
    assert result.exit_code == 0
    assert f"  STAGE=test  from {project.path}/buildspec.yml:2\n" in result.stdout
    assert result.stdout.partition("\nPRE_BUILD")[2] == (
        ": left out, by --phase\n"
        "\n"
        "BUILD (as builder, on failure: CONTINUE)\n"
        "  $ make\n"
        "  > make check\n"
        "  in any case:\n"
        "  $ make clean\n"
        "\n"
        "Artifacts\n"
        "  out/*.txt\n"
    )


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("API_TOKEN", True),
        ("DB_PASSWORD", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("STAGE", False),
        ("KEYBOARD", False),
        ("PASSENGERS", False),
    ],
)
def test_a_telltale_name_hides_its_value(project: Project, name: str, masked: bool) -> None:
    project.commands("true")
    result = invoke("run", project.path, "--dry-run", "--json", "--env", f"{name}=hunter2")
    plan = json.loads(result.stdout)
    value = next(one["value"] for one in plan["environment"] if one["name"] == name)
    assert value == ("***" if masked else "hunter2")
