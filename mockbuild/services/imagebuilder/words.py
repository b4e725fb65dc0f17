"""How Image Builder says what is wrong, where more than one operation says it.

The template with ``The value supplied for parameter`` is recorded in many forms, as are the texts
on what exists already and on what others depend on. That of a missing resource is a guess.
"""

from mockbuild.domain.aws_errors import (
    DryRunOperationException,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
    ResourceNotFoundException,
)


def invalid(parameter: str, sentence: str) -> InvalidParameterValueException:
    """Return the error on one value.

    :param parameter: where it stands: ``schedule.scheduleExpression``, ``distributions[0]``.
    :param sentence: what is wrong with it, in a sentence.
    """
    return InvalidParameterValueException(_supplied(parameter, sentence))


def does_not_go_together(parameter: str, sentence: str) -> InvalidParameterCombinationException:
    """Return the error on a value that does not go with others."""
    return InvalidParameterCombinationException(_supplied(parameter, sentence))


def _supplied(parameter: str, sentence: str) -> str:
    return f"The value supplied for parameter '{parameter}' is not valid. {sentence}"


def not_found(arn: str) -> ResourceNotFoundException:
    """Return the error on a resource that is not there."""
    return ResourceNotFoundException(f"The resource '{arn}' does not exist.")


def exists_already(kind: str, arn: str) -> ResourceAlreadyExistsException:
    """Return the error on a name that is taken.

    :param kind: as the API calls it: ``ImageRecipe``.
    """
    return ResourceAlreadyExistsException(
        f"The following resource '{kind}' already exists: '{arn}'."
    )


def depended_on(arn: str) -> ResourceDependencyException:
    """Return the error on deleting what others need."""
    return ResourceDependencyException(
        f"Resource dependency error: The resource ARN '{arn}' has other resources depended on it."
    )


def check_dry_run(dry_run: bool) -> None:
    """End here if this was only to be tried.

    :raises DryRunOperationException: it was.
    """
    if dry_run:
        raise DryRunOperationException("Request would have succeeded, but dryRun flag is set.")
