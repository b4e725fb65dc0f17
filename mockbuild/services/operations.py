"""How a function becomes an operation, and how the operations of a service are found."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

Operation = Callable[..., Mapping[str, Any]]
F = TypeVar("F", bound=Operation)

#: Members that are dealt with before and after an operation, which need not name them.
_SEEN_TO = frozenset({"nextToken", "maxResults", "clientToken"})

_REGISTERED: dict[str, dict[str, Operation]] = {}


def operation(function: F) -> F:
    """Make *function* the operation of its name: ``start_build`` is ``StartBuild``.

    Its service is the package it stands in. It is called with the backend of the caller's
    account and region, and with the request's members as keyword arguments: those that its
    signature names in snake_case, the others, for a ``**members``, as AWS spells them. Those
    about paging and the client token are left out unless it names them.
    """
    service = function.__module__.split(".")[2]
    name = "".join(part.capitalize() for part in function.__name__.split("_"))
    _REGISTERED.setdefault(service, {})[name] = function
    return function


@cache
def operations(service: str) -> Mapping[str, Operation]:
    """Return the operations of *service* (``codebuild``) by name, having walked its package."""
    package = importlib.import_module(f"mockbuild.services.{service}")
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    return _REGISTERED.get(service, {})


def bind(function: Operation) -> Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]:
    """Return *function* as one that takes the request's members in a mapping."""
    named = {
        _camel_case(name): name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }

    unwanted = _SEEN_TO - named.keys()

    def call(here: Any, params: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = {
            named.get(name, name): value for name, value in params.items() if name not in unwanted
        }
        return function(here, **wanted)

    return call


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
