"""Credentials and a region for clients made while a mock is on, where the user has none.

They are put where botocore looks them up, after what the user has; the process's environment is
left alone, so there is nothing in it that could be left behind.
"""

import inspect
from collections.abc import Callable
from typing import Any

from botocore.credentials import Credentials, EnvProvider
from botocore.session import Session

from mockbuild.intercept.method_patch import MethodPatch

REGION = "us-east-1"
_KEY = "testing"


def _with_credentials(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for looking in the environment: the first place, before any that is slow or real."""
    if inspect.iscoroutinefunction(original):

        async def load_async(self: Any) -> Any:
            from aiobotocore.credentials import AioCredentials

            return await original(self) or AioCredentials(_KEY, _KEY, method=self.METHOD)

        return load_async

    def load(self: Any) -> Any:
        return original(self) or Credentials(_KEY, _KEY, method=self.METHOD)

    return load


def _with_region(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for ``get_config_variable``; an empty text counts as none."""

    def get_config_variable(self: Any, logical_name: str, *args: Any, **keywords: Any) -> Any:
        value = original(self, logical_name, *args, **keywords)
        return value or REGION if logical_name == "region" else value

    return get_config_variable


PATCHES = (
    MethodPatch(EnvProvider, "load", _with_credentials),
    MethodPatch(Session, "get_config_variable", _with_region),
)
