"""Tags of resources: TagResource, UntagResource and ListTagsForResource."""

from typing import Final

from mockbuild.domain.aws_errors import InvalidParameterException
from mockbuild.domain.image_arns import ArnError, ImageBuilderArn
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.resolve import own
from mockbuild.services.imagebuilder.shelves import Resource
from mockbuild.services.operations import operation

#: The most that a resource can have (documented).
MOST_TAGS: Final = 50


@operation
def tag_resource(here: ImageBuilder, *, resource_arn: str, tags: dict[str, str]) -> Record:
    """Add tags to a resource; a key that it has gets the new value. ``dateUpdated`` stays.

    :raises ResourceNotFoundException: the caller has no such resource.
    :raises InvalidParameterException: the ARN can be of nothing, or there would be too many tags;
        the texts are guesses.
    """
    resource = _taggable(here, resource_arn)
    merged = {**resource.record["tags"], **tags}
    if len(merged) > MOST_TAGS:
        raise InvalidParameterException(
            "The value supplied for parameter 'tags' is not valid. "
            f"A resource can have {MOST_TAGS} tags at most."
        )
    resource.record = {**resource.record, "tags": merged}
    return {}


@operation
def untag_resource(here: ImageBuilder, *, resource_arn: str, tag_keys: list[str]) -> Record:
    """Remove tags from a resource. That keys it does not have are no error is a guess.

    :raises ResourceNotFoundException: the caller has no such resource.
    :raises InvalidParameterException: the ARN can be of nothing; the text is a guess.
    """
    resource = _taggable(here, resource_arn)
    gone = set(tag_keys)
    left = {key: value for key, value in resource.record["tags"].items() if key not in gone}
    resource.record = {**resource.record, "tags": left}
    return {}


@operation
def list_tags_for_resource(here: ImageBuilder, *, resource_arn: str) -> Record:
    """Return the tags of a resource.

    :raises ResourceNotFoundException: the caller has no such resource.
    :raises InvalidParameterException: the ARN can be of nothing; the text is a guess.
    """
    return {"tags": _taggable(here, resource_arn).record["tags"]}


def _taggable(here: ImageBuilder, arn: str) -> Resource:
    """Return the caller's resource of exactly that ARN.

    Components, images and workflows have their tags on each build, so the ARN of a version is of
    nothing that has tags. That this, as any ARN with an ``x`` and any of somebody else's, is
    answered as if nothing were there is a guess.
    """
    try:
        kind = ImageBuilderArn.parse(arn).kind
    except ArnError as error:
        raise InvalidParameterException(
            f"The value supplied for parameter 'resourceArn' is not valid. {error}."
        ) from None
    return own(here, kind, arn)
