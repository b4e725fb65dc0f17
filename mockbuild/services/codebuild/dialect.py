"""How CodeBuild words what is wrong with a request, and its habits of paging and tokens."""

from collections.abc import Callable, Sequence
from typing import Any

from mockbuild.domain.aws_errors import (
    AwsError,
    InvalidInputException,
    UnknownOperationException,
)
from mockbuild.domain.violations import Violation, validation_message

#: Texts of the real service, by the path of the value that is wrong; all are recorded. Indices
#: are written as ``[]``.
_TEXTS: dict[str, Callable[[Any], str]] = {
    "name": lambda _: "Only alphanumeric characters, dash, and underscore are supported",
    "source.type": lambda _: "Invalid type provided: Project source type",
    "secondarySources[].type": lambda _: "Invalid type provided: Project source type",
    "artifacts.type": lambda _: "Invalid type provided: Artifact type",
    "secondaryArtifacts[].type": lambda _: "Invalid type provided: Artifact type",
    "environment.type": lambda value: f"Invalid type provided: {value}",
    "environment.computeType": lambda value: f"Invalid compute type provided: {value}",
    "sourceTypeOverride": lambda _: "Invalid type provided: Project source type",
    "environmentTypeOverride": lambda value: f"Invalid type provided: {value}",
    "computeTypeOverride": lambda value: f"Invalid compute type provided: {value}",
}
#: The same for what is longer than it may be.
_TOO_LONG: dict[tuple[str, str], str] = {
    ("name", "ProjectName"): "Project name length cannot be greater than 150 characters",
    ("description", "ProjectDescription"): "Max description length is 255",
    ("secondarySources", "ProjectSources"): (
        "Invalid input: the maximum number of secondary sources is 12"
    ),
    ("secondaryArtifacts", "ProjectArtifactsList"): (
        "Invalid input: the maximum number of artifact definitions in secondaryArtifacts is 12"
    ),
    ("vpcConfig.subnets", "Subnets"): ("Invalid vpc config: the maximum number of subnets is 16"),
    ("vpcConfig.securityGroupIds", "SecurityGroupIds"): (
        "Invalid vpc config: the maximum number of security groups is 5"
    ),
}
#: Shapes of which the text above holds, for paths that other resources share.
_SHAPES = {"name": "ProjectName"}


class CodeBuildDialect:
    """CodeBuild's answers to what breaks its model. Every one has the same code."""

    page_size = 100
    #: Documented: a token is good for five minutes.
    token_window = 5 * 60.0

    def invalid(self, operation: str, violations: Sequence[Violation]) -> AwsError:  # noqa: ARG002
        """Word the first violation as the service does, where its text is known.

        Elsewhere the wording is the one most AWS services share: a guess.
        """
        first = violations[0]
        path = "".join("[]" if part.isdigit() else part for part in _pieces(first.path))
        if first.rule == "min_length" and first.shape == "BuildIds":
            return InvalidInputException("The input build ID list cannot be empty.")
        if first.rule == "max_length" and (path, first.shape) in _TOO_LONG:
            return InvalidInputException(_TOO_LONG[path, first.shape])
        text = _TEXTS.get(path)
        if text is not None and first.rule != "required" and _holds(path, first.shape):
            return InvalidInputException(text(first.value))
        return InvalidInputException(validation_message(violations))

    def bad_page_token(self, token: str) -> AwsError:
        """Answer a token that no page of this list carried; the text is a guess."""
        return InvalidInputException(f"Invalid next token provided: {token[:100]}")

    def token_mismatch(self, operation: str) -> AwsError:
        """Answer a token that came with other parameters before.

        The documentation speaks of a parameter mismatch error; code and text are guesses.
        """
        return InvalidInputException(
            f"Idempotent parameter mismatch: the token was used in another {operation} request "
            "with different parameters"
        )

    def unimplemented(self, operation: str) -> AwsError:
        """Say that mockbuild, not AWS, lacks the operation."""
        return UnknownOperationException(
            f"mockbuild does not have CodeBuild's {operation} yet; "
            "'mockbuild coverage' lists what it has"
        )


def _pieces(path: str) -> list[str]:
    return path.replace("[", " ").replace("]", " ").split(" ")


def _holds(path: str, shape: str) -> bool:
    return _SHAPES.get(path, shape) == shape
