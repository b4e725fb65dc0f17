"""Credentials and a region for clients made while a mock is on, where the user has none.

They are put where botocore looks them up, after whatever the user has; the process's environment
is left alone, so there is nothing in it that could be left behind. Botocore's last resorts, the
roles of containers and machines, are network calls: the credentials here take their place.
"""

import inspect
from collections.abc import Callable
from typing import Any

from botocore.credentials import ContainerProvider, Credentials
from botocore.session import Session

from mockbuild.intercept.method_patch import MethodPatch

REGION = "us-east-1"
_KEY = "testing"
_METHOD = "mockbuild"


def _with_credentials(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``load`` of the first provider that would call somebody."""
    if inspect.iscoroutinefunction(original):

        async def load_async(_: Any) -> Any:
            from aiobotocore.credentials import AioCredentials

            return AioCredentials(_KEY, _KEY, method=_METHOD)

        return load_async

    def load(_: Any) -> Any:
        return Credentials(_KEY, _KEY, method=_METHOD)

    return load


def _with_region(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``get_config_variable``; an empty text counts as none."""

    def get_config_variable(self: Any, logical_name: str, *args: Any, **keywords: Any) -> Any:
        value = original(self, logical_name, *args, **keywords)
        return value or REGION if logical_name == "region" else value

    return get_config_variable


PATCHES = (
    MethodPatch(ContainerProvider, "load", _with_credentials),
    MethodPatch(Session, "get_config_variable", _with_region),
)
