"""botocore's protocol cases, from its source archive on the package index.

They belong to botocore's tests and are not installed with it, so they are fetched once per
version with pip and kept in a folder of the user's cache.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import botocore

PREFIX = "tests/unit/protocols/"


class UnreachableError(Exception):
    """The archive could not be fetched; the text says why."""


def cache_folder() -> Path:
    """Where the cases of the installed botocore are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mockbuild-tests" / f"botocore-{botocore.__version__}"


def fetch() -> Path:
    """Return the folder that holds ``input/``, ``output/`` and ``legacy/``.

    :raises UnreachableError: it is not in the cache and cannot be fetched.
    """
    folder = cache_folder()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            cases = _extract(_download(Path(scratch)), Path(scratch) / "cases")
            if not folder.is_dir():  # another worker may have been quicker
                try:
                    cases.rename(folder)
                except OSError:
                    if not folder.is_dir():
                        raise
    return folder


def _download(folder: Path) -> Path:
    pip = _pip()
    wanted = f"botocore=={botocore.__version__}"
    options = [
        "--no-deps",
        "--no-binary",
        "botocore",
        "--quiet",
        "--retries",
        "1",
        "--dest",
        str(folder),
    ]
    try:
        subprocess.run(
            [*pip, "download", *options, wanted], check=True, capture_output=True, timeout=300
        )
    except subprocess.CalledProcessError as error:
        text = error.stderr.decode(errors="replace").strip().splitlines()
        raise UnreachableError(f"pip: {text[-1] if text else error}") from None
    except subprocess.TimeoutExpired:
        raise UnreachableError("pip took longer than five minutes") from None
    archives = list(folder.glob("botocore-*.tar.gz"))
    if not archives:
        raise UnreachableError("the package index has no source archive of this version")
    return archives[0]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    if found is None:
        raise UnreachableError("there is no pip to fetch it with")
    return [found]


def _extract(archive: Path, target: Path) -> Path:
    target.mkdir()
    with tarfile.open(archive) as content:
        for member in content:
            _, _, path = member.name.partition("/")
            if not path.startswith(PREFIX) or not path.endswith(".json") or not member.isfile():
                continue
            file = target / path.removeprefix(PREFIX)
            file.parent.mkdir(parents=True, exist_ok=True)
            stream = content.extractfile(member)
            assert stream is not None
            file.write_bytes(stream.read())
    return target


def load(file: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The cases of a file: (name, the suite's service description, the case)."""
    cases = []
    for number, suite in enumerate(json.loads(file.read_text(encoding="utf-8"))):
        description = {key: value for key, value in suite.items() if key != "cases"}
        for index, case in enumerate(suite["cases"]):
            name = case.get("id") or f"{suite.get('description')} {number}:{index}"
            cases.append((name, description, case))
    return cases
