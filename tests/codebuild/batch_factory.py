"""Projects that build batches, and ways to look at a batch."""

import io
import zipfile
from typing import Any

from tests.codebuild.factory import CLIENT, ROLE, Record, create

GRAPH = """\
version: 0.2
batch:
  build-graph:
    - identifier: small
    - identifier: medium
      depend-on: [small]
    - identifier: large
      depend-on: [medium]
phases:
  build:
    commands:
      - make
"""
LIST = """\
version: 0.2
batch:
  fast-fail: {fast_fail}
  build-list:
    - identifier: a
    - identifier: b
      ignore-failure: {ignore}
    - identifier: c
phases:
  build:
    commands:
      - make
"""


def build_list(*, fast_fail: bool = False, ignore: bool = False) -> str:
    """Return the buildspec of a batch of three builds that know nothing of each other."""
    return LIST.format(fast_fail=str(fast_fail).lower(), ignore=str(ignore).lower())


def create_batched(spec: str = GRAPH, name: str = "web", **changes: Any) -> Record:
    """Create a project with an inline buildspec that builds batches."""
    members = {
        "source": {"type": "NO_SOURCE", "buildspec": spec},
        "buildBatchConfig": {"serviceRole": ROLE},
        **changes,
    }
    return create(name, **members)


def start_batch(name: str = "web", **overrides: Any) -> Record:
    """Start a batch."""
    return CLIENT.start_build_batch(projectName=name, **overrides)["buildBatch"]


def look_at(batch: Record | str) -> Record:
    """Look at a batch."""
    batch_id = batch if isinstance(batch, str) else batch["id"]
    return CLIENT.batch_get_build_batches(ids=[batch_id])["buildBatches"][0]


def run_batch(name: str = "web", **overrides: Any) -> Record:
    """Start a batch and return it as it ended."""
    return look_at(start_batch(name, **overrides))


def phases(batch: Record) -> list[tuple[str, str | None]]:
    """Return a batch's phases with their statuses."""
    return [(one["phaseType"], one.get("phaseStatus")) for one in batch.get("phases", ())]


def groups(batch: Record) -> dict[str, str]:
    """Return the status of each build group, without the one that reads the buildspec."""
    return {
        one["identifier"]: one["currentBuildSummary"]["buildStatus"]
        for one in batch["buildGroups"][1:]
    }


def build_of(batch: Record, identifier: str) -> Record:
    """Return the build of a build group."""
    group = next(one for one in batch["buildGroups"] if one["identifier"] == identifier)
    arn = group["currentBuildSummary"]["arn"]
    return CLIENT.batch_get_builds(ids=[arn])["builds"][0]


def tasks(*written: str, kind: str = "build-graph", fast_fail: bool = False, more: str = "") -> str:
    """Return the buildspec of a batch: ``tasks("a", "b, depend-on: [a]")``.

    :param written: each task, from its identifier on.
    :param more: further sections of the buildspec.
    """
    lines = [f"    - {{identifier: {task}}}\n" for task in written]
    return (
        f"version: 0.2\nbatch:\n  fast-fail: {str(fast_fail).lower()}\n  {kind}:\n{''.join(lines)}"
        f"{more}phases:\n  build:\n    commands:\n      - make\n"
    )


def zipped(files: dict[str, str]) -> bytes:
    """Return an archive of *files*."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def unzipped(body: bytes) -> dict[str, bytes]:
    """Return what an archive holds."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reason(batch: Record) -> tuple[str, str]:
    """Return code and message of the one phase that says why a batch failed."""
    (context,) = [one for phase in batch["phases"] for one in phase.get("contexts", ())]
    return context["statusCode"], context["message"]
