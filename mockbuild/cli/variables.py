"""Environment variables from the command line, and where each variable of a build comes from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockbuild.documents.errors import shown
from mockbuild.engine.environment import build_variables, service_variables

if TYPE_CHECKING:
    from mockbuild.documents.buildspec import Buildspec
    from mockbuild.engine.job import BuildJob

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Names whose values a plan does not print. That a name gives a secret away is a guess.
_TELLTALE = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|private|api_?key|access_?key", re.IGNORECASE
)
MASK = "***"
#: The origin of the variables that every build has.
SERVICE = "CodeBuild"
#: More than any system takes for all variables and arguments together.
_LARGEST_FILE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Given:
    """A value from the command line.

    :param value: it, literal.
    :param origin: ``--env``, or ``FILE:LINE``.
    """

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as a build sees it.

    :param value: ``None`` if nobody here knows it.
    :param origin: where it comes from, in words.
    :param secret: whether its value is not to be printed.
    """

    name: str
    value: str | None
    origin: str
    secret: bool


def given(env_files: Iterable[Path], options: Iterable[str]) -> dict[str, Given]:
    """Read ``--env-file`` and ``--env``: later ones go before earlier ones, options before files.

    :raises click.UsageError: something is not ``NAME=VALUE``, or a file cannot be read.
    """
    found: dict[str, Given] = {}
    for path in env_files:
        found.update(_read_file(path))
    for option in options:
        name, value = _split(option, "--env")
        found[name] = Given(value, "--env")
    return found


def _read_file(path: Path) -> dict[str, Given]:
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(content) > _LARGEST_FILE:
        raise click.UsageError(f"{path} is larger than 4 MiB: it is no file of variables")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = content.count(b"\n", 0, error.start) + 1
        raise click.UsageError(f"{path}:{broken}: this is not UTF-8; save it as UTF-8") from None
    found: dict[str, Given] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, value = _split(line.lstrip(), f"{path}:{number}")
        found[name] = Given(value, f"{path}:{number}")
    return found


def _split(text: str, where: str) -> tuple[str, str]:
    """Split ``NAME=VALUE``; what is wrong is told without the value, which may be a secret."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{where}: {shown(name)!r} has no value; write NAME=VALUE")
    if not _NAME.fullmatch(name):
        hint = "; leave out export" if name.startswith("export ") else ""
        raise click.UsageError(
            f"{where}: {shown(name)!r} is no name of a variable{hint}; "
            "write letters, digits and _ before the ="
        )
    if "\0" in value:
        raise click.UsageError(f"{where}: the value of {name} has a NUL character in it")
    return name, value


def secret_names(spec: "Buildspec") -> set[str]:
    """Return the variables that the buildspec takes from Parameter Store or Secrets Manager."""
    kept = (*spec.env.parameter_store, *spec.env.secrets_manager)
    return {str(variable.name) for variable in kept}


def environment(
    job: "BuildJob", spec: "Buildspec", values: Mapping[str, Given], root: str = ""
) -> list[Variable]:
    """Return every variable that the build's first command sees, by name.

    :param values: what :func:`given` returned.
    :param root: what stands before the machine's absolute paths.
    """
    own = service_variables(job, root + job.source_folder, root)
    known = own | build_variables(job, spec)
    origins = dict.fromkeys(own, SERVICE) | _declared(spec)
    secrets = secret_names(spec)
    for name, one in values.items():
        over = f", over {origins[name]}" if name in origins else ""
        origins[name] = one.origin + over
    return [
        Variable(
            name,
            known.get(name),
            origin,
            name in secrets or _TELLTALE.search(name) is not None,
        )
        for name, origin in sorted(origins.items())
    ]


def _declared(spec: "Buildspec") -> dict[str, str]:
    origins = {}
    for variable in spec.env.variables:
        origins[str(variable.name)] = f"{spec.source}:{variable.name.line}"
    stores = (
        ("Parameter Store", spec.env.parameter_store),
        ("Secrets Manager", spec.env.secrets_manager),
    )
    for store, variables in stores:
        for variable in variables:
            place = f"{spec.source}:{variable.name.line}"
            origins[str(variable.name)] = f"{store} {shown(str(variable.value))}, {place}"
    return origins


class Masking:
    """Hides secrets in text, as CodeBuild does in logs.

    :param secrets: the values to hide; of one with several lines, each line.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        lines = {line for secret in secrets for line in secret.splitlines() if line.strip()}
        self._lines = sorted(lines, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return *text* with three stars for every secret in it."""
        for line in self._lines:
            text = text.replace(line, MASK)
        return text

    def everywhere(self, value: object) -> object:
        """Return *value*, lists and mappings included, with all its texts masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.everywhere(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.everywhere(item) for item in value]
        return value
