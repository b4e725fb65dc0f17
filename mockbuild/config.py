"""Settings: what they are called, where they come from, and which values make sense.

A setting is looked for in the keyword arguments, then in pytest's ini options
(``mockbuild_runner`` …), then in environment variables (``MOCKBUILD_RUNNER`` …).
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mockbuild.errors import ConfigurationError

RUNNERS = ("simulated", "local", "docker")
TRANSITIONS = ("settled", "stepped", "timed")
CLOCKS = ("real", "virtual")
NEIGHBOURS = ("auto", "embedded")

#: Values of pytest's ini options, set by the plugin while pytest runs.
ini: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mock behaves. The first value named is the default.

    :param runner: who carries builds out: ``"simulated"``, ``"local"`` (this machine),
        ``"docker"``, or a callable that returns a :class:`~mockbuild.machines.base.Machine`.
        ``local`` and ``docker`` run what buildspecs say.
    :param transitions: ``"settled"`` (any look after the start sees the end), ``"stepped"``
        (each look moves one phase on) or ``"timed"`` (phases take their time on the clock).
    :param clock: ``"real"`` or ``"virtual"`` (sleeping in the code under test advances it).
    :param images: CodeBuild image pattern to the image the Docker machine uses instead.
    :param sources: repository URL pattern to a local folder that stands for it.
    :param neighbours: ``"auto"`` (moto's services while moto is active, else stand-ins in
        memory), ``"embedded"`` (always the stand-ins), or endpoint URLs by service.
    :param account_id: the twelve digits of the account that calls are made in.
    :param seed: makes every id reproducible; ``None`` makes them random.
    :raises ConfigurationError: a value that makes no sense.
    """

    runner: str | Callable[..., Any] = "simulated"
    transitions: str = "settled"
    clock: str = "real"
    images: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    neighbours: str | Mapping[str, str] = "auto"
    account_id: str = "123456789012"
    seed: int | None = None

    def __post_init__(self) -> None:
        if not callable(self.runner):
            _one_of("runner", self.runner, RUNNERS, "or a callable that returns a machine")
        _one_of("transitions", self.transitions, TRANSITIONS)
        _one_of("clock", self.clock, CLOCKS)
        if not isinstance(self.neighbours, Mapping):
            _one_of("neighbours", self.neighbours, NEIGHBOURS, "or a mapping of endpoint URLs")
        for name in ("images", "sources"):
            _check_mapping(name, getattr(self, name))
        if not (isinstance(self.account_id, str) and re.fullmatch(r"[0-9]{12}", self.account_id)):
            raise ConfigurationError(f"account_id is twelve digits, not {self.account_id!r}")
        if self.seed is not None and (
            isinstance(self.seed, bool) or not isinstance(self.seed, int)
        ):
            raise ConfigurationError(f"seed is a whole number or None, not {self.seed!r}")


NAMES = tuple(item.name for item in fields(Settings))
_VARIABLES = {name: "MOCKBUILD_" + name.upper() for name in NAMES}


def resolve(arguments: Mapping[str, Any]) -> Settings:
    """Make settings of keyword *arguments*, pytest's ini options and the environment.

    :raises ConfigurationError: an argument that is not a setting, or a value that makes no sense.
    """
    for name in arguments:
        if name not in _VARIABLES:
            raise ConfigurationError(f"{name!r} is not a setting; there are {', '.join(NAMES)}")
    environment = os.environ
    found = {
        name: _from_text(name, text)
        for name, variable in _VARIABLES.items()
        if (text := ini.get(name) or environment.get(variable))
    }
    return Settings(**{**found, **arguments}) if found or arguments else _DEFAULTS


def _from_text(name: str, text: str) -> Any:
    """Read a setting written as text; mappings are ``pattern=value``, one a line or by comma."""
    if name == "seed":
        try:
            return int(text)
        except ValueError:
            raise ConfigurationError(f"seed is a whole number, not {text!r}") from None
    if name in ("images", "sources") or (name == "neighbours" and "=" in text):
        pairs = [pair.strip() for pair in re.split(r"[\n,]", text) if pair.strip()]
        if bad := [pair for pair in pairs if "=" not in pair]:
            raise ConfigurationError(f"{name} is written as pattern=value, not {bad[0]!r}")
        return {key.strip(): value.strip() for key, value in (pair.split("=", 1) for pair in pairs)}
    return text.strip()


def _one_of(name: str, value: object, allowed: tuple[str, ...], more: str = "") -> None:
    if value not in allowed:
        choices = ", ".join(map(repr, allowed)) + (f", {more}" if more else "")
        raise ConfigurationError(f"{name} is one of {choices}; not {value!r}")


def _check_mapping(name: str, value: object) -> None:
    if not isinstance(value, Mapping) or not all(
        isinstance(key, str) and isinstance(item, str) for key, item in value.items()
    ):
        raise ConfigurationError(f"{name} maps patterns to texts; {value!r} does not")


_DEFAULTS = Settings()
