"""What the AWS Marketplace has of components: GetMarketplaceResource."""

import base64
import hmac
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from mockbuild.domain.image_arns import OWNERS
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.catalogue import document_of
from mockbuild.services.imagebuilder.resolve import resolve
from mockbuild.services.imagebuilder.words import does_not_go_together, invalid
from mockbuild.services.operations import operation

#: Who owns what comes from the Marketplace, as answers name them. That components of third parties
#: count, which come with products of the Marketplace, is a guess.
_SELLERS: Final = (OWNERS["aws-marketplace"], OWNERS["third-party"])
#: How long a URL is good for, in seconds: a guess.
_GOOD_FOR: Final = 3600


@operation
def get_marketplace_resource(
    here: ImageBuilder,
    *,
    resource_type: str,
    resource_arn: str,
    resource_location: str | None = None,
) -> Record:
    """Return the data of a component from the Marketplace, or where an artifact of its is.

    Every account counts as a subscriber of all there is. How data is obfuscated is not documented:
    here it is in Base64. Behind the URL of an artifact there is nothing.

    :param resource_type: ``COMPONENT_DATA`` or ``COMPONENT_ARTIFACT``.
    :param resource_location: the artifact, ``s3://bucket/key``; only one needs it, which is a
        guess.
    :raises ResourceNotFoundException: there is no such component.
    :raises InvalidParameterValueException: it is not from the Marketplace; the text is a guess.
    :raises InvalidParameterCombinationException: it is not said which artifact; a guess.
    """
    action = "imagebuilder:GetComponent"
    found = resolve(here, "component", resource_arn, "resourceArn", action=action)
    if found.record["owner"] not in _SELLERS:
        raise invalid("resourceArn", "The resource is not an AWS Marketplace resource.")
    answer: Record = {"resourceArn": resource_arn}
    if resource_type == "COMPONENT_DATA":
        return {**answer, "data": base64.b64encode(document_of(found).encode()).decode("ascii")}
    if resource_location is None:
        raise does_not_go_together(
            "resourceLocation",
            "You must specify the location of the artifact when the resource type is "
            "COMPONENT_ARTIFACT.",
        )
    return {**answer, "url": _presigned(here, resource_location)}


def _presigned(here: ImageBuilder, location: str) -> str:
    """Return a URL in the form of those that S3 takes without other credentials."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    date = datetime.fromtimestamp(here.now(), UTC).strftime("%Y%m%dT%H%M%SZ")
    access_key = f"ASIA{here.account_id}0000"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{access_key}/{date[:8]}/{here.region}/s3/aws4_request",
        "X-Amz-Date": date,
        "X-Amz-Expires": str(_GOOD_FOR),
        "X-Amz-SignedHeaders": "host",
    }
    url = f"https://{bucket}.s3.{here.region}.amazonaws.com/{quote(key)}?{urlencode(query)}"
    signature = hmac.digest(access_key.encode(), url.encode(), "sha256").hex()
    return f"{url}&X-Amz-Signature={signature}"
