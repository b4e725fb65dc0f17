"""How EC2 Image Builder words what is wrong with a request, and its habits of paging."""

from collections.abc import Sequence
from typing import Final

from mockbuild.domain.aws_errors import (
    AwsError,
    IdempotentParameterMismatchException,
    InvalidPaginationTokenException,
    InvalidParameterException,
    InvalidParameterValueException,
    UnknownOperationException,
)
from mockbuild.domain.violations import Violation, requirement

_ON_TAGS: Final = frozenset({"TagResource", "UntagResource", "ListTagsForResource"})


class ImageBuilderDialect:
    """Image Builder's answers to what breaks its model."""

    page_size = 25
    #: A guess, by EC2's documentation of client tokens.
    token_window = 24 * 3600.0

    def invalid(self, operation: str, violations: Sequence[Violation]) -> AwsError:
        """Word the first violation; the wording of a broken pattern is recorded.

        The operations on tags document no other code for it than ``InvalidParameterException``.
        """
        first = violations[0]
        if first.rule == "required":
            return InvalidParameterException(f"The parameter '{first.path}' is required.")
        if first.rule == "pattern":
            demand = f"{first.member} must match pattern {first.limit}"
        else:
            demand = f"{first.member} must {requirement(first)}."
        error = (
            InvalidParameterException if operation in _ON_TAGS else InvalidParameterValueException
        )
        return error(f"The value supplied for parameter '{first.path}' is not valid. {demand}")

    def bad_page_token(self, token: str) -> AwsError:  # noqa: ARG002
        """Answer a token that no page of this list carried."""
        return InvalidPaginationTokenException("The pagination token is not valid.")

    def token_mismatch(self, operation: str) -> AwsError:  # noqa: ARG002
        """Answer a client token that came with other parameters before."""
        return IdempotentParameterMismatchException(
            "The client token was used before with different parameters."
        )

    def unimplemented(self, operation: str) -> AwsError:
        """Say that mockbuild, not AWS, lacks the operation."""
        return UnknownOperationException(
            f"mockbuild does not have Image Builder's {operation} yet; "
            "'mockbuild coverage' lists what it has"
        )
