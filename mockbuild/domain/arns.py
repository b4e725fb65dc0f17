"""Amazon resource names of the two services."""

import re
from functools import lru_cache

_REGION_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"))


@lru_cache(256)
def partition_of(region: str) -> str:
    """Return the partition a region belongs to; ``aws`` for one nobody has heard of."""
    return next((name for start, name in _REGION_PARTITIONS if region.startswith(start)), "aws")


def arn(service: str, region: str, account_id: str, resource: str) -> str:
    """Return the name of *resource* (``project/web``), in the partition of its region."""
    return f"arn:{partition_of(region)}:{service}:{region}:{account_id}:{resource}"


_BUCKET_KEY = re.compile(r"(?:arn:[\w-]+:s3:::|s3://)?([^/]+)(?:/(.*))?\Z", re.DOTALL)


def bucket_and_key(location: str) -> tuple[str, str]:
    """Split ``bucket/key``, ``s3://bucket/key`` or an S3 ARN; the key may be empty.

    :raises ValueError: there is no bucket in it.
    """
    match = _BUCKET_KEY.match(location)
    if match is None:
        raise ValueError(f"{location!r} names no bucket")
    return match[1], match[2] or ""
