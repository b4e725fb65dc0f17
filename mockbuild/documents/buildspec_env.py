"""A buildspec's ``env`` and ``proxy``, and what stood in their place in version 0.1."""

from dataclasses import dataclass

from mockbuild.documents.errors import Problems
from mockbuild.documents.fields import Fields
from mockbuild.documents.yaml_text import Scalar

_SHELLS = ("bash", "/bin/sh", "powershell.exe", "cmd.exe")


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

    An ARN as the id brings six colons of its own.
    """
    parts = text.split(":")
    own = 7 if parts[0] == "arn" else 1
    rest = [*parts[own:], "", "", ""]
    return SecretReference(":".join(parts[:own]), rest[0], rest[1], rest[2])


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
        variables=_variables(fields, "variables", problems),
        parameter_store=_variables(fields, "parameter-store", problems),
        secrets_manager=_variables(fields, "secrets-manager", problems),
        exported_variables=fields.texts("exported-variables"),
        git_credential_helper=fields.flag("git-credential-helper"),
    )
    fields.warn_unknown()
    if env.shell and env.shell.text not in _SHELLS:
        problems.warning(
            env.shell, f"env.shell is {env.shell.text}; AWS knows {', '.join(_SHELLS)}"
        )
    for name in env.exported_variables:
        if name.text.startswith("AWS_"):
            problems.warning(name, f"{name.text} cannot be exported: its name starts with AWS_")
    for variable in env.secrets_manager:
        if variable.secret.version_stage and variable.secret.version_id:
            problems.warning(
                variable.value, "give a version stage or a version id of a secret, not both"
            )
    return env


def read_environment_variables(fields: Fields, problems: Problems) -> Env:
    """Read ``environment_variables``, which version 0.1 has in place of ``env``."""
    env = Env(
        variables=_variables(fields, "plaintext", problems),
        parameter_store=_variables(fields, "parameter-store", problems),
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


def _variables(fields: Fields, key: str, problems: Problems) -> tuple[Variable, ...]:
    pairs = fields.pairs(key)
    for name, _ in pairs:
        if name.text.startswith("CODEBUILD_"):
            problems.warning(
                name, f"{name.text}: names that start with CODEBUILD_ are reserved; choose another"
            )
    return tuple(Variable(name, value) for name, value in pairs)
