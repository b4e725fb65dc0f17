"""What one service says differently from another: its words for what ``wire`` refuses."""

from collections.abc import Sequence
from typing import Any, Protocol

from mockbuild.domain.aws_errors import AwsError, UnknownOperationException
from mockbuild.wire.constraints import Violation


class Dialect(Protocol):
    """What a service supplies.

    :ivar page_size: items on a page when the caller names no number.
    :ivar token_window: how many seconds a client token is remembered.
    """

    page_size: int
    token_window: float

    def invalid(self, violations: Sequence[Violation]) -> AwsError:
        """Return the error for parameters that break the model's constraints (at least one)."""

    def bad_page_token(self, token: str) -> AwsError:
        """Return the error for a ``nextToken`` that was not given out for this call."""

    def token_mismatch(self, operation: str) -> AwsError:
        """Return the error for a client token that came before with other parameters."""

    def unimplemented(self, operation: str) -> AwsError:
        """Return the error for an operation of the model that has no handler."""


class ValidationException(AwsError):
    """The input fails to satisfy the constraints specified by an AWS service."""


class GenericDialect:
    """The words most AWS services share; a service overrides what it says otherwise."""

    page_size = 100
    # EC2's documentation promises about a day; neither service here says how long.
    token_window = 24 * 3600.0

    def invalid(self, violations: Sequence[Violation]) -> AwsError:
        """``ValidationException`` that lists every violation."""
        return ValidationException(validation_message(violations))

    def bad_page_token(self, token: str) -> AwsError:  # noqa: ARG002  (others quote it)
        """``ValidationException``."""
        return ValidationException("The specified nextToken is invalid.")

    def token_mismatch(self, operation: str) -> AwsError:
        """``ValidationException``."""
        return ValidationException(
            f"The client token was used before for {operation} with other parameters."
        )

    def unimplemented(self, operation: str) -> AwsError:
        """``UnknownOperationException``, as AWS answers where a service lacks an operation."""
        return UnknownOperationException(f"mockbuild does not know the operation {operation} yet.")


def validation_message(violations: Sequence[Violation]) -> str:
    """``1 validation error detected: Value 'x' at 'a.b' failed to satisfy constraint: …``."""
    count = len(violations)
    noun = "error" if count == 1 else "errors"
    return f"{count} validation {noun} detected: " + "; ".join(
        f"{_value(violation)} at '{violation.path}' failed to satisfy constraint: "
        f"Member must {_requirement(violation)}"
        for violation in violations
    )


def _value(violation: Violation) -> str:
    if violation.rule == "required":
        return "Value null"
    if violation.sensitive:
        return "Value"
    return f"Value '{_java(violation.value)}'"


def _java(value: Any) -> str:
    """Write a value the way Java prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return str(value)


_REQUIREMENTS = {
    "required": "not be null",
    "pattern": "satisfy regular expression pattern: {}",
    "min_length": "have length greater than or equal to {}",
    "max_length": "have length less than or equal to {}",
    "min_value": "have value greater than or equal to {}",
    "max_value": "have value less than or equal to {}",
}


def _requirement(violation: Violation) -> str:
    if violation.rule == "enum":
        return f"satisfy enum value set: [{', '.join(violation.limit)}]"
    return _REQUIREMENTS[violation.rule].format(violation.limit)
