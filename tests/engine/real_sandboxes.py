"""Sandboxes that really run, for the tests: starting, waiting for and looking for what is left."""

import subprocess
import threading
from pathlib import Path

from tests.codebuild.sandbox_factory import begin, execute, result, see
from tests.docker_support import TEST_IMAGE, docker_lacks

IMAGES = {"aws/codebuild/*": TEST_IMAGE}
OVER = ("SUCCEEDED", "FAILED", "STOPPED")


def wait_for(one):
    """Wait, as a person would without a clock, until nobody is at work for a sandbox or build."""
    for thread in threading.enumerate():
        if thread.name == f"mockbuild {one['id']}":
            thread.join(60)


def at_rest(sandbox):
    """Return a sandbox as it is when nobody is at work in it any more."""
    wait_for(sandbox)
    return see(sandbox)


def running(name="web"):
    """Start a sandbox and return it as soon as it runs."""
    sandbox = at_rest(begin(name))
    assert sandbox["status"] == "RUN_SANDBOX"
    return sandbox


def run(sandbox, command):
    """Execute a command and return what it did: exit code, output, error."""
    execution = execute(sandbox, command)
    at_rest(sandbox)
    ended = result(sandbox, execution)
    assert ended["status"] in OVER
    output, error = (ended.get(f"standard{name}Content", "") for name in ("Output", "Err"))
    return ended.get("exitCode"), output, error


def until_it_runs(mb, execution, text):
    """Wait until the log shows what a command prints."""
    place = execution["logs"]
    while True:
        group = mb.logs.get(place["groupName"])
        if group is not None and f"{text}\n" in group.text.splitlines(keepends=True):
            return


def leftovers(*sandboxes) -> list[str]:
    """Return the processes, containers and folders that sandboxes have left."""
    uuids = [sandbox["id"].partition(":")[2] for sandbox in sandboxes]
    found = [
        str(path.parent)
        for path in Path("/proc").glob("[0-9]*/environ")
        if any(uuid.encode() in content(path) for uuid in uuids)
    ]
    if not docker_lacks():
        for uuid in uuids:
            asked = ["docker", "ps", "-aq", "--filter", f"label=mockbuild.machine={uuid}"]
            done = subprocess.run(asked, capture_output=True, text=True, check=True)
            found += done.stdout.split()
    return found


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or is not ours
        return b""


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("mockbuild")]
