"""``mockbuild run``: what runs, what is shown, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.conftest import ROOT, Project, invoke
from tests.docker_support import TEST_IMAGE, need_docker

pytestmark = pytest.mark.docs

BROKEN = [
    pytest.param("version: 0.2\nphases:\n  bild: {}\n", ":3:3: error: phases.bild", id="phase"),
    pytest.param("", ":1:1: error: the buildspec is empty", id="empty"),
    pytest.param("version: 0.2\nphases: [\n", ":3:1: error: ", id="yaml"),
    pytest.param("version: 7\nphases:\n  build: {commands: [x]}\n", ":1:10: error: ", id="version"),
]


def json_lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def outputs(result: Result) -> str:
    return "".join(line["text"] for line in json_lines(result) if line["event"] == "output")


def phases_shown(result: Result) -> list[str]:
    """The phases of the summary, each with its status."""
    lines = result.stdout.partition(" in ")[2].splitlines()
    return [
        " ".join(line.split()[:-1]) for line in lines if line.startswith("  ") and "=" not in line
    ]


def test_a_build_that_succeeds(project: Project, scratch: Path) -> None:
    project.commands(
        "echo one; echo two", more="env: {exported-variables: [A], variables: {A: x}}\n"
    )
    result = invoke("run", project.path)
    shown = [line.strip() for line in result.stdout.splitlines()]
    start = shown.index("$ echo one; echo two")
    assert shown[start + 1 : start + 3] == ["one", "two"]
    assert shown[start - 1].endswith("BUILD")
    assert phases_shown(result) == [
        f"{phase} succeeded"
        for phase in (
            "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD",
            "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING",
        )
    ]  # fmt: skip
    assert "Exported variables\n  A=x\n" in result.stdout
    assert result.exit_code == 0
    assert list(scratch.iterdir()) == []


def test_a_build_that_fails(project: Project, scratch: Path) -> None:
    project.commands("echo before", "(exit 7)", "echo after", phase="pre_build")
    result = invoke("run", project.path)
    assert "          exit status 7\n" in result.stdout
    assert "PRE_BUILD failed: COMMAND_EXECUTION_ERROR: " in result.stdout
    assert "after" not in result.stdout
    assert phases_shown(result)[3:] == ["PRE_BUILD failed", "FINALIZING succeeded"]
    assert result.exit_code == 1
    assert list(scratch.iterdir()) == []


def test_a_build_that_takes_too_long(project: Project, scratch: Path) -> None:
    project.commands("echo begun; sleep 600")
    result = invoke("run", project.path, "--timeout", "0.01")
    assert " timed out: BUILD_TIMED_OUT" in result.stdout
    assert result.exit_code == 124
    assert list(scratch.iterdir()) == []


def test_the_folder_is_copied_not_used(project: Project) -> None:
    project.write("data\n", "sub/input.txt")
    (project.path / "dangling").symlink_to("/nowhere/at/all")
    project.commands("cat sub/input.txt", "echo changed > sub/input.txt", "touch new")
    assert invoke("run", project.path).exit_code == 0
    assert (project.path / "sub/input.txt").read_text() == "data\n"
    assert not (project.path / "new").exists()


def test_the_current_folder_is_the_default(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.commands("echo here")
    monkeypatch.chdir(project.path)
    assert "          here\n" in invoke("run").stdout


# Buildspecs


def test_a_missing_buildspec_is_said_so(project: Project) -> None:
    result = invoke("run", project.path)
    assert f"there is no buildspec.yml in {project.path}; name another" in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_buildspec_has_a_place(project: Project, text: str, message: str) -> None:
    path = project.write(text)
    result = invoke("run", project.path)
    assert f"{path}{message}" in result.stderr
    assert (result.stdout, result.exit_code) == ("", 2)


def test_a_warning_does_not_keep_a_build_from_running(project: Project) -> None:
    path = project.write("version: 0.2\nfoo: 1\nphases:\n  build:\n    commands: [echo ran]\n")
    result = invoke("run", project.path)
    assert f"{path}:2:1: warning: " in result.stderr
    assert "          ran\n" in result.stdout
    assert result.exit_code == 0


def test_another_buildspec_of_the_folder(project: Project) -> None:
    project.commands("echo default")
    project.write("version: 0.2\nphases:\n  build:\n    commands: [echo other]\n", "ci/b.yml")
    result = invoke("run", project.path, "--buildspec", "ci/b.yml")
    assert "          other\n" in result.stdout
    assert "default" not in result.stdout


def test_a_buildspec_from_elsewhere(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yml"
    elsewhere.write_text("version: 0.2\nphases:\n  build:\n    commands: [echo elsewhere]\n")
    result = invoke("run", project.path, "--buildspec", elsewhere)
    assert "          elsewhere\n" in result.stdout
    assert result.exit_code == 0


def test_a_buildspec_that_is_nowhere(project: Project) -> None:
    result = invoke("run", project.path, "--buildspec", "nope.yml")
    assert "there is no buildspec nope.yml" in result.stderr
    assert result.exit_code == 2


# Phases


def test_only_the_phases_named_run(project: Project) -> None:
    project.write(
        """\
        version: 0.2
        phases:
          install: {commands: [echo in-install]}
          pre_build: {commands: [echo in-pre], finally: [echo pre-finally]}
          build: {commands: [echo in-build]}
          post_build: {commands: [echo in-post]}
        """
    )
    result = invoke("run", project.path, "--json", "--phase", "BUILD", "--phase", "install")
    assert outputs(result).split() == ["in-install", "in-build"]
    everything = invoke("run", project.path, "--json")
    assert outputs(everything).split() == [
        "in-install", "in-pre", "pre-finally", "in-build", "in-post",
    ]  # fmt: skip


def test_a_phase_left_out_does_not_decide_what_follows_its_failure(project: Project) -> None:
    project.commands("exit 3", phase="pre_build")
    assert invoke("run", project.path, "--phase", "post-build").exit_code == 0


@pytest.mark.parametrize("name", ["nope", "UPLOAD_ARTIFACTS", ""])
def test_what_is_no_phase_is_wrong_usage(project: Project, name: str) -> None:
    project.commands("echo ran")
    result = invoke("run", project.path, "--phase", name)
    assert "there are install, pre_build, build, post_build" in result.stderr
    assert result.exit_code == 2


# Artifacts


ARTIFACTS = """\
version: 0.2
phases:
  build:
    commands:
      - mkdir -p out/bin
      - echo text > out/a.txt
      - echo tool > out/bin/tool; chmod +x out/bin/tool
      - echo log > build.log
artifacts:
  base-directory: out
  files: ['**/*']
"""
SECONDARY = ARTIFACTS + "  secondary-artifacts:\n    logs:\n      files: [build.log]\n"


def test_artifacts_are_put_where_they_are_wanted(project: Project, tmp_path: Path) -> None:
    project.write(ARTIFACTS)
    result = invoke("run", project.path, "--artifacts", tmp_path / "kept")
    kept = sorted(path.relative_to(tmp_path) for path in (tmp_path / "kept").rglob("*.*"))
    assert list(map(str, kept)) == ["kept/a.txt"]
    assert (tmp_path / "kept/bin/tool").stat().st_mode & 0o777 == 0o755
    assert f"Artifacts: 2 files, in {tmp_path}/kept\n" in result.stdout
    assert "  bin/tool  (5 bytes)\n" in result.stdout


def test_artifacts_are_shown_though_nobody_keeps_them(project: Project) -> None:
    project.write(ARTIFACTS)
    result = invoke("run", project.path)
    assert "Artifacts: 2 files, not kept; --artifacts DIR keeps them\n" in result.stdout
    assert sorted(path.name for path in project.path.iterdir()) == ["buildspec.yml"]


def test_secondary_artifacts_have_a_folder_each(project: Project, tmp_path: Path) -> None:
    project.write(SECONDARY)
    invoke("run", project.path, "--artifacts", tmp_path / "kept")
    assert (tmp_path / "kept/logs/build.log").read_text() == "log\n"
    assert (tmp_path / "kept/a.txt").read_text() == "text\n"


def test_patterns_that_match_nothing_fail_the_build(project: Project) -> None:
    project.commands("true", more="artifacts: {files: [nope]}\n")
    result = invoke("run", project.path)
    assert "          Skipping invalid file path nope\n" in result.stdout
    assert (
        "UPLOAD_ARTIFACTS failed: CLIENT_ERROR: no matching artifact paths found" in result.stdout
    )
    assert result.exit_code == 1
    assert invoke("run", project.path, "--phase", "build").exit_code == 0


@pytest.mark.parametrize("name", ["..", "../../up", "/abs"])
def test_an_identifier_does_not_lead_out_of_the_folder(
    project: Project, tmp_path: Path, name: str
) -> None:
    project.write(SECONDARY.replace("logs:", f"'{name}':"))
    result = invoke("run", project.path, "--artifacts", tmp_path / "a/b/kept")
    assert "Error: artifacts: " in result.stderr
    assert result.exit_code == 1
    assert list(tmp_path.rglob("build.log")) == []


def test_a_prefix_is_of_no_account_here(project: Project, tmp_path: Path) -> None:
    project.write(ARTIFACTS + "  s3-prefix: ../../up\n")
    assert invoke("run", project.path, "--artifacts", tmp_path / "kept").exit_code == 0
    assert (tmp_path / "kept/a.txt").exists()


def test_a_link_among_what_is_there_is_not_followed(project: Project, tmp_path: Path) -> None:
    project.write(ARTIFACTS)
    (tmp_path / "kept").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "kept/bin").symlink_to(tmp_path / "outside")
    result = invoke("run", project.path, "--artifacts", tmp_path / "kept")
    assert result.exit_code == 1
    assert list((tmp_path / "outside").iterdir()) == []


# Showing


def test_output_is_plain_where_nobody_looks(project: Project) -> None:
    project.commands(r"""'printf "\033[31mred\033[0m\n10%%\r100%%\n\377\nno end"'""")
    result = invoke("run", project.path)
    shown = [line.strip() for line in result.stdout.splitlines()]
    start = shown.index("red")
    assert shown[start : start + 4] == ["red", "100%", "\N{REPLACEMENT CHARACTER}", "no end"]
    assert "\x1b" not in result.stdout


def test_verbose_shows_what_the_agent_says(project: Project) -> None:
    project.commands("true")
    said = "CODEBUILD_SRC_DIR="
    assert said in invoke("run", project.path, "-v").stdout
    assert said not in invoke("run", project.path).stdout


def test_a_retry_is_not_carried_out_but_mentioned(project: Project) -> None:
    project.commands("exit 1", phase="build")
    text = (project.path / "buildspec.yml").read_text()
    project.write(text + "    on-failure: RETRY\n")
    assert "on-failure: RETRY" in invoke("run", project.path).stdout


def test_json_is_one_object_a_line(project: Project) -> None:
    project.write(ARTIFACTS)
    result = invoke("run", project.path, "--json")
    lines = json_lines(result)
    started = [line["phase"] for line in lines if line["event"] == "phase-started"]
    ended = [(line["phase"], line["status"]) for line in lines if line["event"] == "phase-ended"]
    assert ended == [(phase, "SUCCEEDED") for phase in started]
    assert started[0], started[-1] == ("SUBMITTED", "FINALIZING")
    assert [line["elapsed"] for line in lines] == sorted(line["elapsed"] for line in lines)
    last = lines[-1]
    assert last["event"] == "build"
    assert last["exitCode"] == 0
    assert last["artifacts"] == [{"path": "a.txt", "bytes": 5}, {"path": "bin/tool", "bytes": 5}]
    assert last["build"]["buildStatus"] == "SUCCEEDED"
    assert last["build"]["phases"][-1]["phaseType"] == "COMPLETED"


def test_json_tells_why_a_build_failed(project: Project) -> None:
    project.commands("echo a-b >&2; printf partial; exit 9")
    result = invoke("run", project.path, "--json")
    lines = json_lines(result)
    command = next(line for line in lines if line["event"] == "command-ended")
    phase = next(line for line in lines if line.get("status") == "FAILED")
    assert outputs(result) == "a-b\npartial"
    assert command["exitStatus"] == 9
    assert phase["statusCode"] == "COMMAND_EXECUTION_ERROR"
    assert phase["message"].endswith("Reason: exit status 9")
    assert lines[-1]["exitCode"] == result.exit_code == 1


def test_the_example_builds(scratch: Path) -> None:
    result = invoke("run", ROOT / "examples/hello", "--json")
    exported = json_lines(result)[-1]["build"]["exportedEnvironmentVariables"]
    assert exported == [
        {"name": "HELLO_VERSION", "value": "1.2.0"},
        {"name": "HELLO_FILE", "value": "hello-1.2.0.zip"},
    ]
    assert result.exit_code == 0


# Docker


def test_an_image_is_for_containers(project: Project) -> None:
    project.commands("true")
    result = invoke("run", project.path, "--image", "debian")
    assert "add --runner docker" in result.stderr
    assert result.exit_code == 2


@pytest.mark.docker
@pytest.mark.parametrize("form", ["{}", "aws/codebuild/*={}"])
def test_a_build_in_a_container(project: Project, form: str) -> None:
    need_docker()
    project.commands('echo "in $PWD"')
    result = invoke("run", project.path, "--runner", "docker", "--image", form.format(TEST_IMAGE))
    assert "          in /codebuild/output/src" in result.stdout
    assert result.exit_code == 0


@pytest.mark.docker
def test_an_image_that_is_not_there_fails_the_build(project: Project) -> None:
    need_docker()
    project.commands("true")
    image = "mockbuild-test:no-such-tag"
    result = invoke(
        "run", project.path, "--runner", "docker", "--image", "other*=x", "--image", image
    )
    assert "PROVISIONING failed: BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE" in result.stdout
    assert result.exit_code == 1
