"""Finding what an ARN names, whoever owns it."""

from collections.abc import Callable

from mockbuild.domain.image_arns import ArnError, ImageBuilderArn
from mockbuild.domain.versions import VersionError
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue import Catalogue
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import invalid, not_found


def own(here: ImageBuilder, kind: str, arn: str) -> Resource:
    """Return the caller's own resource of exactly this ARN.

    :raises ResourceNotFoundException: there is none.
    """
    found = here.shelves[kind].exact(arn)
    if found is None:
        raise not_found(arn)
    return found


def parsed(arn: str, parameter: str) -> ImageBuilderArn:
    """Take an ARN apart.

    :param parameter: the parameter it came in.
    :raises InvalidParameterValueException: it is none.
    """
    try:
        return ImageBuilderArn.parse(arn)
    except ArnError as error:
        raise invalid(parameter, f"{error}.") from None


def resolve(
    here: ImageBuilder,
    kind: str,
    arn: str,
    parameter: str,
    *,
    action: str,
    accept: Callable[[Resource], bool] | None = None,
) -> Resource:
    """Return the newest of what *arn* may mean: the caller's, Amazon's, or somebody's who shares.

    :param parameter: the parameter the ARN came in, for the words of an error.
    :param action: what another account's policy must allow: ``imagebuilder:GetComponent``.
    :param accept: says whether one will do.
    :raises ResourceNotFoundException: there is none of that kind.
    :raises InvalidParameterValueException: it is no ARN, or an ``x`` stands where none may.
    """
    try:
        found = _find(here, kind, parsed(arn, parameter), action, accept)
    except VersionError as error:
        raise invalid(parameter, f"{error}.") from None
    if found is None:
        raise not_found(arn)
    return found


def _find(
    here: ImageBuilder,
    kind: str,
    arn: ImageBuilderArn,
    action: str,
    accept: Callable[[Resource], bool] | None,
) -> Resource | None:
    if arn.region != here.region:
        return None
    if arn.owner == here.account_id:
        return here.shelves[kind].find(arn, accept)
    if not arn.owner.isdigit():
        return here.store(Catalogue).shelf(kind).find(arn, accept)
    owner = next((one for one in here.peers() if one.account_id == arn.owner), None)
    if owner is None:
        return None

    def shared(resource: Resource) -> bool:
        policy = resource.policy
        return (
            policy is not None
            and policy.allows(here.account_id, action, str(resource.arn))
            and (accept is None or accept(resource))
        )

    return owner.shelves[kind].find(arn, shared)
