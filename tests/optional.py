"""What tests use of packages that may not be installed."""

from typing import Any

import botocore.session
import pytest


def mock_aws(**keywords: Any) -> Any:
    """Return moto's mock, or skip the test where there is no moto."""
    return pytest.importorskip("moto").mock_aws(**keywords)


def make_client(service: str, region: str = "us-east-1", **keywords: Any) -> Any:
    """Return a client as users make it: of boto3, or of botocore where there is no boto3."""
    try:
        import boto3
    except ImportError:
        session = botocore.session.get_session()
        return session.create_client(service, region_name=region, **keywords)
    return boto3.client(service, region_name=region, **keywords)
