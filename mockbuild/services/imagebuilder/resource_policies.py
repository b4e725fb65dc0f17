"""Resource policies of components, images and recipes, and what accounts share through them.

GetComponentPolicy, PutComponentPolicy, GetImagePolicy, PutImagePolicy, GetImageRecipePolicy,
PutImageRecipePolicy, GetContainerRecipePolicy and PutContainerRecipePolicy. Sharing through AWS RAM
comes down to the same policies. A policy counts as soon as it is put, as if RAM had been asked to
promote it, too. Documented of RAM: what consumers depend on cannot be unshared. That a policy is
replaced all the same is a guess.
"""

from collections.abc import Collection, Iterator
from heapq import merge
from typing import Final

from mockbuild.domain.ordered import Ordered
from mockbuild.domain.policies import ANYBODY, Policy, read_policy
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.operations import operation

#: What a policy has to allow so that ``owner=Shared`` lists a resource. That it is this, and not
#: the action that gets it, is a guess; AWS's examples allow both.
LISTED_BY: Final = {
    "component": "imagebuilder:ListComponents",
    "image": "imagebuilder:ListImages",
    "image-recipe": "imagebuilder:ListImageRecipes",
    "container-recipe": "imagebuilder:ListContainerRecipes",
}
#: What is returned where there is no policy: documented, and a guess of components.
_NONE: Final = "{}"


@operation
def get_component_policy(here: ImageBuilder, *, component_arn: str) -> Record:
    """Return the policy of a component build, as it was put.

    :raises ResourceNotFoundException: the caller has no such component.
    """
    return _get(here, "component", component_arn)


@operation
def put_component_policy(here: ImageBuilder, *, component_arn: str, policy: str) -> Record:
    """Give a component build a policy, in place of the one it had.

    :raises ResourceNotFoundException: the caller has no such component.
    :raises InvalidParameterValueException: the policy is no policy document; the text is a guess.
    """
    return {"componentArn": _put(here, "component", component_arn, policy)}


@operation
def get_image_policy(here: ImageBuilder, *, image_arn: str) -> Record:
    """Return the policy of an image build, as it was put.

    :raises ResourceNotFoundException: the caller has no such image.
    """
    return _get(here, "image", image_arn)


@operation
def put_image_policy(here: ImageBuilder, *, image_arn: str, policy: str) -> Record:
    """Give an image build a policy, in place of the one it had.

    :raises ResourceNotFoundException: the caller has no such image.
    :raises InvalidParameterValueException: the policy is no policy document; the text is a guess.
    """
    return {"imageArn": _put(here, "image", image_arn, policy)}


@operation
def get_image_recipe_policy(here: ImageBuilder, *, image_recipe_arn: str) -> Record:
    """Return the policy of an image recipe, as it was put.

    :raises ResourceNotFoundException: the caller has no such recipe. An ``x`` in the version
        stands for none, which is a guess.
    """
    return _get(here, "image-recipe", image_recipe_arn)


@operation
def put_image_recipe_policy(here: ImageBuilder, *, image_recipe_arn: str, policy: str) -> Record:
    """Give an image recipe a policy, in place of the one it had.

    :raises ResourceNotFoundException: the caller has no such recipe. An ``x`` in the version
        stands for none, which is a guess.
    :raises InvalidParameterValueException: the policy is no policy document; the text is a guess.
    """
    return {"imageRecipeArn": _put(here, "image-recipe", image_recipe_arn, policy)}


@operation
def get_container_recipe_policy(here: ImageBuilder, *, container_recipe_arn: str) -> Record:
    """Return the policy of a container recipe, as it was put.

    :raises ResourceNotFoundException: the caller has no such recipe. An ``x`` in the version
        stands for none, which is a guess.
    """
    return _get(here, "container-recipe", container_recipe_arn)


@operation
def put_container_recipe_policy(
    here: ImageBuilder, *, container_recipe_arn: str, policy: str
) -> Record:
    """Give a container recipe a policy, in place of the one it had.

    :raises ResourceNotFoundException: the caller has no such recipe. An ``x`` in the version
        stands for none, which is a guess.
    :raises InvalidParameterValueException: the policy is no policy document; the text is a guess.
    """
    return {"containerRecipeArn": _put(here, "container-recipe", container_recipe_arn, policy)}


def is_shared(resource: Resource) -> bool:
    """Tell whether other accounts may do anything to *resource*; it cannot be deleted then."""
    policy = resource.policy
    return policy is not None and not policy.accounts <= {resource.arn.owner}


def shared_with(here: ImageBuilder, kind: str) -> Collection[Resource]:
    """Return what of a *kind* other accounts share with this one, the newest first.

    These are what ``owner=Shared`` lists: builds of components and images, recipes. They stay their
    owner's: look at them, and change nothing. They are found one by one, as far as one goes, so
    that a page costs the same however many there are.

    :param kind: ``component``, ``image``, ``image-recipe`` or ``container-recipe``.
    """
    return _SharedWith(here, kind)


class Shares:
    """What an account has put policies on: where others look for what it shares with them."""

    def __init__(self, _: ImageBuilder) -> None:
        self._by_age: dict[tuple[str, str], Ordered[float]] = {}

    def put(self, resource: Resource, policy: Policy) -> None:
        """Give *resource* a policy in place of the one it had."""
        arn, kind = str(resource.arn), resource.arn.kind
        for account in resource.policy.accounts if resource.policy else ():
            self._by_age[kind, account].discard(arn)
        resource.policy = policy
        for account in policy.accounts:
            self._by_age.setdefault((kind, account), Ordered()).put(arn, resource.created)

    def arns(self, kind: str, account: str) -> Iterator[str]:
        """Go through what a policy names *account* on, the newest first; some of it may be gone."""
        order = self._by_age.get((kind, account))
        return iter(()) if order is None else iter(order.names(backwards=True))


class _SharedWith(Collection[Resource]):
    """What others share with an account."""

    def __init__(self, here: ImageBuilder, kind: str) -> None:
        self._here = here
        self._kind = kind

    def __iter__(self) -> Iterator[Resource]:
        parts = (
            self._seen(peer, account)
            for peer in self._here.peers()
            if peer is not self._here
            for account in (self._here.account_id, ANYBODY)
        )
        return merge(*parts, key=lambda resource: -resource.created)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, item: object) -> bool:
        return any(one is item for one in self)

    def _seen(self, owner: ImageBuilder, account: str) -> Iterator[Resource]:
        shelf, action = owner.shelves[self._kind], LISTED_BY[self._kind]
        for arn in owner.store(Shares).arns(self._kind, account):
            resource = shelf.exact(arn)
            policy = resource.policy if resource is not None else None
            if resource and policy and policy.allows(self._here.account_id, action, arn):
                yield resource


def _get(here: ImageBuilder, kind: str, arn: str) -> Record:
    policy = own(here, kind, arn).policy
    return {"policy": _NONE if policy is None else policy.text}


def _put(here: ImageBuilder, kind: str, arn: str, text: str) -> str:
    resource = own(here, kind, arn)
    try:
        policy = read_policy(text)
    except ValueError as problem:
        raise invalid("policy", f"The resource policy is not valid: {problem}.") from None
    here.store(Shares).put(resource, policy)
    return arn
