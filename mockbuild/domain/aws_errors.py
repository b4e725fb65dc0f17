"""The errors the two services answer with, each raised by the name AWS gives it.

The class name is the code on the wire. The HTTP status is not here where the service's
model has it; only errors that no model lists carry their own.
"""

from typing import ClassVar


class AwsError(Exception):
    """An error answer of the mocked service.

    :param message: the text AWS sends in ``message``.
    """

    #: HTTP status of errors that the service's model does not list.
    status: ClassVar[int] = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    @property
    def code(self) -> str:
        """The error code on the wire."""
        return type(self).__name__


# CodeBuild's six. Its model gives none of them a status; every one observed came back as 400.


class InvalidInputException(AwsError):
    """The input value that was provided is not valid."""


class ResourceNotFoundException(AwsError):
    """The AWS resource cannot be found."""


class ResourceAlreadyExistsException(AwsError):
    """A resource with the same name or settings already exists."""


class AccountLimitExceededException(AwsError):
    """An AWS service limit was exceeded for the account."""


class OAuthProviderException(AwsError):
    """There was a problem with the underlying OAuth provider."""


class AccountSuspendedException(AwsError):
    """CodeBuild access is suspended for the account."""


# Image Builder's.


class InvalidParameterException(AwsError):
    """The specified parameter is invalid."""


class InvalidParameterValueException(AwsError):
    """The value that was provided for the specified parameter is invalid."""


class InvalidParameterCombinationException(AwsError):
    """Two or more parameters do not go together."""


class InvalidRequestException(AwsError):
    """The request cannot be made as it is."""


class InvalidVersionNumberException(AwsError):
    """The version number is not valid."""


class ResourceDependencyException(AwsError):
    """Other resources depend on the resource."""


class ResourceInUseException(AwsError):
    """The resource is in use."""


class ServiceQuotaExceededException(AwsError):
    """A quota of the service is exceeded."""


class DryRunOperationException(AwsError):
    """The request would have succeeded, had it been meant."""


class ForbiddenException(AwsError):
    """The caller may not do this."""


class InvalidPaginationTokenException(AwsError):
    """The pagination token is not valid."""


class IdempotentParameterMismatchException(AwsError):
    """The client token was used before with other parameters."""


# Errors of every AWS JSON service, which no model lists.


class SerializationException(AwsError):
    """The request's bytes are not what the protocol says."""


class UnknownOperationException(AwsError):
    """The service has no such operation."""


class ThrottlingException(AwsError):
    """The rate of requests was too high."""


class AccessDeniedException(AwsError):
    """The caller may not do this."""


class ValidationException(AwsError):
    """What a service behind CodeBuild answers, passed on as it is (recorded)."""


class InternalFailure(AwsError):
    """Something in the service went wrong."""

    status = 500


class ServiceUnavailable(AwsError):
    """The service cannot answer now."""

    status = 503
