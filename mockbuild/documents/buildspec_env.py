"""A buildspec's ``env`` and ``proxy``, and what stood in their place in version 0.1."""

import re
from dataclasses import dataclass

from mockbuild.documents.errors import Problems, shown
from mockbuild.documents.fields import Fields
from mockbuild.documents.yaml_text import Scalar

_SHELLS = ("bash", "/bin/sh", "powershell.exe", "cmd.exe")
_NAME = re.compile(r"[^=]+")
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where in Secrets Manager a value is.

    :param secret_id: name or ARN of the secret.
    :param json_key: key inside the secret's JSON text; ``""`` for the whole text.
    :param version_stage: staging label; ``""`` for the default, ``AWSCURRENT``.
    :param version_id: id of the version, or ``""``.
    """

    secret_id: str
    json_key: str = ""
    version_stage: str = ""
    version_id: str = ""


def parse_secret_reference(text: str) -> SecretReference:
    """Read ``secret-id:json-key:version-stage:version-id``; all but the first may be missing.

    An ARN as the id brings six colons of its own. What comes after the fourth part is ignored.
    """
    parts = _secret_parts(text)
    return SecretReference(*parts[:4])


def _secret_parts(text: str) -> list[str]:
    parts = text.split(":")
    own = 7 if parts[0] == "arn" else 1
    return [":".join(parts[:own]), *parts[own:]]


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable.

    :param name: its name.
    :param value: its text, the name of an SSM parameter, or a reference to a secret, depending
        on where it is declared; a value of ``variables`` is never expanded.
    """

    name: Scalar
    value: Scalar

    @property
    def secret(self) -> SecretReference:
        """The value, read as a reference to a secret."""
        return parse_secret_reference(self.value.text)


@dataclass(frozen=True, slots=True)
class Env:
    """The environment a build's commands run in.

    :param shell: the shell that was asked for, or ``None`` for the image's own.
    :param variables: plain values.
    :param parameter_store: variables whose value is the name of an SSM parameter.
    :param secrets_manager: variables whose value names a secret.
    :param exported_variables: names to export after the build.
    :param git_credential_helper: whether git may use the build's credentials.
    """

    shell: Scalar | None = None
    variables: tuple[Variable, ...] = ()
    parameter_store: tuple[Variable, ...] = ()
    secrets_manager: tuple[Variable, ...] = ()
    exported_variables: tuple[Scalar, ...] = ()
    git_credential_helper: bool = False


@dataclass(frozen=True, slots=True)
class Proxy:
    """What goes through an explicit proxy.

    :param upload_artifacts: whether artifacts do.
    :param logs: whether logs do.
    """

    upload_artifacts: bool = False
    logs: bool = False


def read_env(fields: Fields | None, problems: Problems) -> Env:
    """Read ``env``."""
    if fields is None:
        return Env()
    env = Env(
        shell=fields.text("shell"),
        variables=read_variables(fields, problems),
        parameter_store=read_variables(fields, problems, "parameter-store"),
        secrets_manager=read_variables(fields, problems, "secrets-manager"),
        exported_variables=fields.texts("exported-variables"),
        git_credential_helper=fields.flag("git-credential-helper"),
    )
    fields.warn_unknown()
    if env.shell and env.shell.text not in _SHELLS:
        problems.warning(
            env.shell, f"env.shell is {env.shell.text}; AWS knows {', '.join(_SHELLS)}"
        )
    # What AWS makes of any of these is not known, so a build gets past them; a guess.
    for name in env.exported_variables:
        _warn_about_export(name, problems)
    for variable in env.parameter_store:
        if not variable.value.text:
            problems.warning(variable.name, f"{shown(variable.name.text)} names no parameter")
    for variable in env.secrets_manager:
        _warn_about_secret(variable, problems)
    return env


def _warn_about_export(name: Scalar, problems: Problems) -> None:
    if name.text.startswith("AWS_"):
        problems.warning(name, f"{shown(name.text)} cannot be exported: its name starts with AWS_")
    elif not _SHELL_NAME.fullmatch(name.text):
        bare = name.text.strip("${}")
        hint = f"; write {bare}" if _SHELL_NAME.fullmatch(bare[:40]) else ""
        problems.warning(name, f"{shown(name.text)!r} is not the name of a variable{hint}")


def _warn_about_secret(variable: Variable, problems: Problems) -> None:
    secret = variable.secret
    if not secret.secret_id:
        problems.warning(variable.name, f"{shown(variable.name.text)} names no secret")
    if secret.version_stage and secret.version_id:
        problems.warning(
            variable.value, "give a version stage or a version id of a secret, not both"
        )
    if len(_secret_parts(variable.value.text)) > 4:
        problems.warning(
            variable.value,
            "a secret is secret-id:json-key:version-stage:version-id; what follows is ignored",
        )


def read_environment_variables(fields: Fields, problems: Problems) -> Env:
    """Read ``environment_variables``, which version 0.1 has in place of ``env``."""
    env = Env(
        variables=read_variables(fields, problems, "plaintext"),
        parameter_store=read_variables(fields, problems, "parameter-store"),
    )
    fields.warn_unknown()
    return env


def read_proxy(fields: Fields | None) -> Proxy:
    """Read ``proxy``."""
    if fields is None:
        return Proxy()
    proxy = Proxy(fields.flag("upload-artifacts"), fields.flag("logs"))
    fields.warn_unknown()
    return proxy


def read_variables(
    fields: Fields, problems: Problems, key: str = "variables"
) -> tuple[Variable, ...]:
    """Read a mapping of variables.

    :param key: where in `fields` it is.
    """
    pairs = fields.pairs(key)
    for name, _ in pairs:
        warn_about_name(name, problems)
    return tuple(Variable(name, value) for name, value in pairs)


def warn_about_name(name: Scalar, problems: Problems) -> None:
    """Warn about a variable's name that the service keeps for itself, or that no system takes."""
    if not _NAME.fullmatch(name.text):
        problems.warning(name, f"{shown(name.text)!r} cannot be the name of a variable")
    if name.text.startswith("CODEBUILD_"):
        problems.warning(
            name,
            f"{shown(name.text)}: names that start with CODEBUILD_ are reserved; choose another",
        )
