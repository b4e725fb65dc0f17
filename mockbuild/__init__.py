"""Test code that talks to AWS CodeBuild and EC2 Image Builder, without AWS.

Where things are: take the name AWS prints, write it in snake_case, look for it. ``StartBuild`` is
``services/codebuild/builds.py::start_build``; the life of a build is ``domain/lifecycle.py``; the
buildspec is ``documents/buildspec.py``; a machine is ``machines/local.py``.

The rooms, each of which imports only those below it:

====================  ========================================================
``cli``, ``pytest_plugin``  how people reach us
``_mock``, ``control``      what puts the rooms together; the handle a test holds
``intercept``         HTTP clients, and how their calls are caught
``services``          what each operation does
``wire``              bytes to and from operations and parameters, by botocore's model
``engine``            builds moving through time
``machines``          how one command is carried out
``neighbours``        the other AWS services a build touches
``documents``         text to typed documents
``domain``            records, tables, names, errors
====================  ========================================================
"""

from typing import TYPE_CHECKING, Any

from mockbuild._version import __version__
from mockbuild.errors import ConfigurationError, MockbuildError

if TYPE_CHECKING:
    from mockbuild._mock import mock_build, mock_codebuild, mock_imagebuilder
    from mockbuild.control import Control

__all__ = [
    "ConfigurationError",
    "Control",
    "MockbuildError",
    "__version__",
    "mock_build",
    "mock_codebuild",
    "mock_imagebuilder",
]


def __getattr__(name: str) -> Any:
    """Import what makes mocks when it is first asked for: importing the package costs nothing."""
    if name in ("mock_build", "mock_codebuild", "mock_imagebuilder"):
        from mockbuild import _mock

        return getattr(_mock, name)
    if name == "Control":
        from mockbuild.control import Control

        return Control
    raise AttributeError(f"module 'mockbuild' has no attribute {name!r}")
