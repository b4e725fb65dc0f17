"""What builds that really run cost, beside the same commands without us."""

import shutil
import statistics
import subprocess
import time
from typing import Any

from benchmarks.cases import project
from benchmarks.sides import make_client

IMAGE = "mockbuild-test:latest"
_TICK = 0.001


def local_per_command(commands: int, repeats: int) -> tuple[float, float]:
    """Return the seconds a command takes in a local build, and as a process of its own.

    Both run ``true``; the build's time is what its BUILD phase shows.
    """
    from mockbuild import mock_codebuild

    client = make_client("codebuild")
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(repeats):
        with mock_codebuild(runner="local"):
            build = _build(client, ["true"] * commands)
        phase = next(phase for phase in build["phases"] if phase["phaseType"] == "BUILD")
        took = (phase["endTime"] - phase["startTime"]).total_seconds()
        ours.append(took / commands)
        start = time.perf_counter()
        for _ in range(commands):
            subprocess.run(["sh", "-c", "true"], check=True)
        bare.append((time.perf_counter() - start) / commands)
    return min(ours), min(bare)


def docker_at_hand() -> str | None:
    """Return why a Docker build cannot be timed here, or ``None``."""
    if shutil.which("docker") is None:
        return "there is no docker command"
    found = subprocess.run(
        ["docker", "image", "inspect", IMAGE], check=False, capture_output=True, text=True
    )
    return None if found.returncode == 0 else f"no engine with an image {IMAGE}"


def docker_build(repeats: int) -> tuple[float, float]:
    """Return the seconds a whole Docker build takes, and ``docker run`` of the same commands."""
    from mockbuild import mock_codebuild

    commands = ["cd /tmp", "echo one > one", "cat one", "ls -l /", "sh -c 'exit 0'"]
    client = make_client("codebuild")
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(repeats):
        with mock_codebuild(runner="docker", images={"*": IMAGE}):
            start = time.perf_counter()
            _build(client, commands)
            ours.append(time.perf_counter() - start)
        script = "set -e\n" + "\n".join(commands)
        start = time.perf_counter()
        subprocess.run(
            ["docker", "run", "--rm", IMAGE, "sh", "-c", script], check=True, capture_output=True
        )
        bare.append(time.perf_counter() - start)
    return statistics.median(ours), statistics.median(bare)


def _build(client: Any, commands: list[str]) -> Any:
    """Run a build of *commands* to its end and return it."""
    lines = "".join(f"      - {command}\n" for command in commands)
    members = project("web")
    buildspec = f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}"
    members["source"] = {"type": "NO_SOURCE", "buildspec": buildspec}
    client.create_project(**members)
    build_id = client.start_build(projectName="web")["build"]["id"]
    while True:
        (build,) = client.batch_get_builds(ids=[build_id])["builds"]
        if build["buildComplete"]:
            break
        time.sleep(_TICK)
    if build["buildStatus"] != "SUCCEEDED":
        raise RuntimeError(f"the build to be timed ended {build['buildStatus']}: {build['phases']}")
    return build
