"""What the package promises about itself."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import mockbuild

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mockbuild"
OPTIONAL = {
    "aiobotocore",
    "click",
    "requests",
    "botocore",
    "freezegun",
    "defusedxml",
    "wcmatch",
    "yaml",
    "starlette",
    "pytest",
    "cbor2",
    "responses",
    "boto3",
    "rich",
    "docker",
    "moto",
    "uvicorn",
}


def test_public_names() -> None:
    assert sorted(mockbuild.__all__) == [
        "ConfigurationError",
        "Control",
        "MockbuildError",
        "__version__",
        "mock_build",
        "mock_codebuild",
        "mock_imagebuilder",
    ]
    for name in mockbuild.__all__:
        assert getattr(mockbuild, name) is not None


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="mock_lambda"):
        _ = mockbuild.mock_lambda


def loaded_by(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    return set(done.stdout.split())


def test_importing_it_loads_next_to_nothing() -> None:
    loaded = loaded_by("import mockbuild")
    assert loaded.isdisjoint(OPTIONAL)
    ours = {name for name in loaded if name.startswith("mockbuild.")}
    assert ours == {"mockbuild._version", "mockbuild.errors"}


#: What a mock cannot do without.
NEEDED = {"botocore"}


@pytest.mark.parametrize(
    "statement",
    [
        "from mockbuild import mock_build, mock_codebuild, mock_imagebuilder",
        "import mockbuild\nwith mockbuild.mock_build(): pass",
    ],
    ids=["named", "used"],
)
def test_a_mock_loads_only_what_it_needs(statement: str) -> None:
    assert loaded_by(statement) & OPTIONAL <= NEEDED


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 500
    }
    assert long == {}


def test_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_the_arrow_never_points_up() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
            *("--config", str(ROOT / ".importlinter"), "--no-cache"),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules() -> Iterator[ModuleType]:
    yield mockbuild
    for found in pkgutil.walk_packages(mockbuild.__path__, "mockbuild."):
        if found.name != "mockbuild.__main__":
            try:
                yield importlib.import_module(found.name)
            except ModuleNotFoundError as error:
                if error.name not in OPTIONAL:  # not everything is installed everywhere
                    raise


def public_things() -> Iterator[tuple[str, Any]]:
    for module in modules():
        yield module.__name__, module
        for name, thing in vars(module).items():
            ours = getattr(thing, "__module__", None) == module.__name__
            if name.startswith("_") or not ours or not (callable(thing)):
                continue
            yield f"{module.__name__}.{name}", thing
            if inspect.isclass(thing):
                for attribute, member in vars(thing).items():
                    if inspect.isfunction(member) and not attribute.startswith("_"):
                        yield f"{module.__name__}.{name}.{attribute}", member


def test_everything_public_is_documented() -> None:
    bare = [name for name, thing in public_things() if not inspect.getdoc(thing)]
    assert bare == []
