"""``mockbuild validate``: what is wrong with a document, and where."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockbuild.cli.console import counted
from mockbuild.documents.kinds import check_document

if TYPE_CHECKING:
    from mockbuild.documents.errors import Problem


@click.command("validate")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
)
@click.option("--strict", is_flag=True, help="Make warnings count as errors.")
def command(files: tuple[str, ...], strict: bool) -> None:
    """Check buildspecs, and documents of Image Builder's components and workflows.

    Which of them a file is shows in what is in it. Each problem is one line,
    FILE:LINE:COLUMN: SEVERITY: MESSAGE. An error is what AWS would refuse or a build would fail
    of; a warning is what AWS lets pass, but is hardly meant so. FILE may be - for standard input.

    \b
    Examples:
      mockbuild validate buildspec.yml
      mockbuild validate --strict ci/*.yml components/*.yml
      git show main:buildspec.yml | mockbuild validate -

    \b
    Exit status:
      0  no errors (and, with --strict, no warnings)
      1  there are some
      2  wrong usage, or a file that is not there
    """  # noqa: D301 - click wants the character, not its escape
    found: list[Problem] = []
    for file in files:
        name = "<stdin>" if file == "-" else file
        problems = check_document(_read(file), name)
        found += problems
        for line in map(str, problems) if problems else [f"{name}: ok"]:
            click.echo(line)
    errors = sum(problem.severity == "error" for problem in found)
    warnings = len(found) - errors
    if found:
        click.echo(
            f"{counted(errors, 'error')}, {counted(warnings, 'warning')} "
            f"in {counted(len(files), 'file')}"
        )
    sys.exit(1 if errors or (strict and warnings) else 0)


def _read(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        return Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from error
