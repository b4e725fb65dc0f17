"""What one service says differently from another: its words for what ``wire`` refuses."""

from collections.abc import Sequence
from typing import Protocol

from mockbuild.domain.aws_errors import AwsError, UnknownOperationException
from mockbuild.domain.violations import Violation, validation_message


class Dialect(Protocol):
    """What a service supplies."""

    @property
    def page_size(self) -> int:
        """Items on a page when the caller names no number."""

    @property
    def token_window(self) -> float:
        """How many seconds a client token is remembered."""

    def invalid(self, operation: str, violations: Sequence[Violation]) -> AwsError:
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

    page_size: int = 100
    # a guess: AWS promises about a day for EC2, and other services say nothing
    token_window: float = 24 * 3600.0

    def invalid(self, operation: str, violations: Sequence[Violation]) -> AwsError:  # noqa: ARG002
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
