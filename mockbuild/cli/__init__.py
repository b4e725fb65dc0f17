"""The command line: ``mockbuild run``, ``mockbuild validate``, ``mockbuild coverage``.

A command is a module of its name in this package that has a ``command``; the other modules help
them. Nothing here is imported by the library.
"""

import importlib
import importlib.util
import pkgutil

import click

from mockbuild._version import __version__
from mockbuild.errors import MockbuildError


class _Commands(click.Group):
    """The commands of this package, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = sorted(module.name for module in pkgutil.iter_modules(__path__))
        return [name for name in names if self.get_command(ctx, name) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = f"{__name__}.{cmd_name}"
        if not cmd_name.isidentifier() or importlib.util.find_spec(module) is None:
            return None
        command = getattr(importlib.import_module(module), "command", None)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what mockbuild itself complains about is a message, not a traceback."""
        try:
            return super().invoke(ctx)
        except MockbuildError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockbuild")
def main() -> None:
    """Run and check AWS CodeBuild buildspecs, without AWS."""
