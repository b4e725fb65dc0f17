"""The examples that are tests pass, as a reader would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("test_*.py")), ids=lambda path: path.stem
)
def test_the_example_passes(example: Path) -> None:
    pytest.importorskip("boto3")
    # What is asked of this run of pytest, such as many processes, is not asked of that one.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist",
         example.relative_to(ROOT).as_posix()],
        cwd=ROOT,
        env={**inherited, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_there_are_such_examples() -> None:
    assert [path.name for path in (ROOT / "examples").glob("test_*.py")] == ["test_golden_image.py"]
