"""``mockbuild run``: a folder's buildspec, carried out here the way CodeBuild would."""

import sys
from pathlib import Path

import click

from mockbuild.cli import plan
from mockbuild.cli.console import Screen, screen
from mockbuild.cli.folder_build import Result, Wanted, carry_out, write_artifacts
from mockbuild.cli.json_lines import JsonLines
from mockbuild.cli.progress import Progress, summary
from mockbuild.cli.variables import Masking, environment, given, secret_names
from mockbuild.clock import make_clock
from mockbuild.documents.buildspec import (
    DEFAULT_BUILDSPEC,
    Buildspec,
    check_buildspec,
    parse_buildspec,
)
from mockbuild.documents.errors import DocumentError
from mockbuild.domain.lifecycle import COMMAND_PHASES
from mockbuild.engine.job import BuildJob


class _CannotBuild(click.ClickException):
    """The buildspec has errors, which were told already."""

    exit_code = 2


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _phases(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    values: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the phases as the API spells them, in the order they run."""
    wanted = {value.upper().replace("-", "_"): value for value in values}
    for name, value in wanted.items():
        if name not in COMMAND_PHASES:
            names = ", ".join(phase.lower() for phase in COMMAND_PHASES)
            raise click.BadParameter(f"{value!r} is not a phase with commands; there are {names}")
    return tuple(phase for phase in COMMAND_PHASES if phase in wanted)


def _images(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    values: tuple[str, ...],
) -> dict[str, str]:
    """Read ``PATTERN=IMAGE``, or ``IMAGE`` for all."""
    images = {}
    for value in values:
        pattern, equals, image = value.rpartition("=")
        if not image or (equals and not pattern):
            raise click.BadParameter(f"{value!r} is neither IMAGE nor PATTERN=IMAGE")
        images[pattern or "*"] = image
    return images


@click.command("run")
@click.argument("folder", default=".", type=_FOLDER)
@click.option(
    "--runner",
    type=click.Choice(["local", "docker"]),
    default="local",
    show_default=True,
    help="Where commands run: in a scratch folder of this machine, or in a container.",
)
@click.option(
    "--image",
    "images",
    metavar="[PATTERN=]IMAGE",
    multiple=True,
    callback=_images,
    help="The container's image. With a PATTERN, only for project images that match it.",
)
@click.option(
    "--buildspec",
    metavar="PATH",
    help="The buildspec: a path in FOLDER, or any other file.  [default: buildspec.yml]",
)
@click.option("--env", metavar="NAME=VALUE", multiple=True, help="Set a variable.")
@click.option(
    "--env-file",
    "env_files",
    type=_FILE,
    multiple=True,
    help="Set variables: lines NAME=VALUE, taken literally; # begins a comment line.",
)
@click.option(
    "--phase",
    "phases",
    metavar="NAME",
    callback=_phases,
    multiple=True,
    help="Run only the commands of this phase (install, pre_build, build, post_build).",
)
@click.option(
    "--artifacts",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Put the artifacts into this folder.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=2160),
    default=60,
    show_default=True,
    metavar="MINUTES",
    help="End the build after so long.",
)
@click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line; see above.")
@click.option("-v", "--verbose", is_flag=True, help="Show more of what the build agent says.")
def command(
    folder: Path,
    runner: str,
    images: dict[str, str],
    buildspec: str | None,
    env: tuple[str, ...],
    env_files: tuple[Path, ...],
    phases: tuple[str, ...],
    artifacts: Path | None,
    timeout: float,
    dry_run: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Run a buildspec here, the way CodeBuild would.

    FOLDER (by default, the current one) is the source. It is copied, but for .git, with all that
    is not committed; the build never changes FOLDER itself. Its commands do run, as you, with
    your PATH: run what you trust, or use --runner docker.

    \b
    Examples:
      mockbuild run
      mockbuild run --dry-run
      mockbuild run services/api --env STAGE=test --env-file ci.env
      mockbuild run --phase pre_build --phase build
      mockbuild run --artifacts out
      mockbuild run --runner docker --image python:3.12-slim
      mockbuild run --json | jq -r 'select(.event == "output").text'

    Variables of the buildspec give way to those of --env-file, and these to --env. Values from
    Parameter Store and Secrets Manager are not looked up: set them with --env or --env-file, and
    they show as *** wherever they would be printed.

    Artifacts are gathered as the buildspec says, and a build whose patterns match nothing fails;
    with --phase, only if --artifacts is given.

    \b
    Exit status:
      0    the build succeeded
      1    it failed, or its artifacts cannot be written
      2    wrong usage, or a buildspec that is missing or has errors
      124  it timed out
      130  it was stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP)

    \b
    With --json, every line is an object with "event" and "elapsed" (seconds since the start):
      phase-started    phase
      phase-ended      phase, status, seconds, statusCode, message
      command-started  command
      output           text: one or more lines that the command printed
      command-ended    command, exitStatus
      log              lines: what the build agent says
      build            exitCode, artifacts (path, bytes), and build: the record as
                       BatchGetBuilds returns it. It is the last line.
    With --dry-run it is one object, "event": "plan".
    """  # noqa: D301 - click wants the character, not its escape
    if images and runner != "docker":
        raise click.UsageError("--image is for containers; add --runner docker")
    spec, text_or_path = _read_buildspec(folder, buildspec)
    wanted = Wanted(
        folder=folder.resolve(),
        spec=spec,
        buildspec=text_or_path,
        runner=runner,
        images=images,
        phases=phases or COMMAND_PHASES,
        timeout=int(timeout) if timeout.is_integer() else timeout,
        variables=given(env_files, env),
        collect=not phases or artifacts is not None,
    )
    _warn_of_secrets(wanted)
    clock = make_clock("real")
    job = wanted.job(clock.now())
    masking = Masking(
        one.value for name, one in wanted.variables.items() if name in secret_names(spec)
    )
    if dry_run:
        _show_plan(wanted, job, masking, as_json=as_json)
        return
    clock.start()
    try:
        if as_json:
            lines = JsonLines(job.started, masking)
            result = carry_out(wanted, job, clock, lines.show)
            _keep(result, artifacts)
            lines.end(result)
        else:
            with screen() as shown:
                shown.write(_title(wanted))
                shown.write("")
                progress = Progress(shown, job.started, masking, verbose=verbose)
                result = carry_out(wanted, job, clock, progress.show)
                _keep(result, artifacts)
                kept = str(artifacts) if artifacts is not None else None
                _write_all(shown, summary(result, masking, artifacts=kept))
    finally:
        clock.stop()
    sys.exit(result.exit_code)


def _read_buildspec(folder: Path, wanted: str | None) -> tuple[Buildspec, str]:
    """Return the buildspec, and what a project would say of it: its path in *folder*, or its text.

    Its problems are told on standard error.

    :raises click.ClickException: it is not there, or has errors.
    """
    path, name = _find_buildspec(folder, wanted)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from error
    problems = check_buildspec(content, name)
    for problem in problems:
        click.echo(problem, err=True)
    try:
        spec = parse_buildspec(content, name)  # which does not mind errors in a batch
    except DocumentError:
        raise _CannotBuild(f"{name} cannot be built") from None
    real, source = path.resolve(), folder.resolve()
    if real.is_relative_to(source):
        return spec, real.relative_to(source).as_posix()
    return spec, content.decode()  # it is UTF-8, or there would be a problem


def _find_buildspec(folder: Path, wanted: str | None) -> tuple[Path, str]:
    """Return the file and what to call it; a path in the source goes before any other."""
    inside = folder / (wanted or DEFAULT_BUILDSPEC)
    if inside.is_file():
        return inside, str(inside)
    if wanted is None:
        raise click.UsageError(
            f"there is no {DEFAULT_BUILDSPEC} in {folder}; name another with --buildspec"
        )
    if not Path(wanted).is_file():
        raise click.UsageError(f"there is no buildspec {wanted}, neither in {folder} nor here")
    return Path(wanted), wanted


def _warn_of_secrets(wanted: Wanted) -> None:
    for name in sorted(secret_names(wanted.spec) - set(wanted.variables)):
        click.echo(
            f"{name} will not be set: Parameter Store and Secrets Manager are not looked up; "
            f"give it with --env {name}=VALUE",
            err=True,
        )


def _show_plan(wanted: Wanted, job: BuildJob, masking: Masking, *, as_json: bool) -> None:
    root = plan.SCRATCH if wanted.runner == "local" else ""
    variables = environment(job, wanted.spec, wanted.variables, root)
    if as_json:
        click.echo(plan.as_json(wanted, variables, masking))
        return
    with screen() as shown:
        plan.show(shown, wanted, variables, masking)


def _title(wanted: Wanted) -> str:
    where = "in Docker" if wanted.runner == "docker" else "on this machine"
    return f"Building {wanted.folder} by {wanted.spec.source}, {where}"


def _keep(result: Result, folder: Path | None) -> None:
    if folder is not None and result.artifacts:
        write_artifacts(result.artifacts, folder)


def _write_all(shown: Screen, lines: list[tuple[str, str]]) -> None:
    for text, style in lines:
        shown.write(text, style)
