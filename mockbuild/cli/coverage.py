"""``mockbuild coverage``: which operations of each service there are here."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from mockbuild import services


@dataclass(frozen=True, slots=True)
class Coverage:
    """The operations of one service, as the installed botocore knows them.

    :param service: its name in botocore.
    :param title: the name it goes by.
    :param done: operations there are here, with the file each is in.
    :param missing: the others.
    :param ignored: members of requests that have no effect, with the reason, by
        ``Operation.member``.
    """

    service: str
    title: str
    done: dict[str, str]
    missing: list[str]
    ignored: Mapping[str, str]

    @property
    def total(self) -> int:
        """How many operations the service has."""
        return len(self.done) + len(self.missing)


def _services() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(services.__path__) if module.ispkg)


@click.command("coverage")
@click.option("--service", type=click.Choice(_services()), help="Only this service.")
@click.option("--missing", is_flag=True, help="List what is missing, not what is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: by service, done and missing.")
@click.option("--markdown", is_flag=True, help="Print a page of Markdown with every operation.")
def command(service: str | None, missing: bool, as_json: bool, markdown: bool) -> None:
    """Show which API operations mockbuild has.

    Counted against the installed botocore: a newer one may know operations that an older one
    does not.

    \b
    Examples:
      mockbuild coverage
      mockbuild coverage --service codebuild --missing
      mockbuild coverage --markdown > docs/coverage.md
    """  # noqa: D301 - click wants the character, not its escape
    if as_json and markdown:
        raise click.UsageError("--json and --markdown do not go together")
    found = [measure(name) for name in ([service] if service else _services())]
    if as_json:
        click.echo(json.dumps({one.service: _as_json(one) for one in found}, indent=2))
    elif markdown:
        click.echo(page(found), nl=False)
    else:
        click.echo("\n\n".join(_text(one, missing) for one in found))


def measure(service: str) -> Coverage:
    """Compare what is here of *service* with botocore's model of it."""
    from mockbuild.services.operations import operations
    from mockbuild.wire.service import service_wire

    model = service_wire(service).model
    here = operations(service)
    names = sorted(model.operation_names)
    return Coverage(
        service,
        str(model.metadata["serviceFullName"]),
        {name: _file(here[name]) for name in names if name in here},
        [name for name in names if name not in here],
        importlib.import_module(f"mockbuild.services.{service}.ignored").IGNORED,
    )


def _file(function: object) -> str:
    """Return where *function* stands, from the package's folder on."""
    package = Path(services.__file__).parents[1]
    path = Path(inspect.getfile(inspect.unwrap(function)))  # type: ignore[arg-type]
    return path.relative_to(package).as_posix()


def _as_json(one: Coverage) -> dict[str, object]:
    return {
        "total": one.total,
        "done": sorted(one.done),
        "missing": one.missing,
        "ignored": dict(one.ignored),
    }


def _text(one: Coverage, missing: bool) -> str:
    share = 100 * len(one.done) // one.total if one.total else 0
    lines = [f"{one.title}: {len(one.done)} of {one.total} operations ({share}%)"]
    if missing:
        lines += [f"  {name}" for name in one.missing]
    else:
        width = max(map(len, one.done), default=0)
        lines += [f"  {name:{width}}  {file}" for name, file in one.done.items()]
    if one.ignored and not missing:
        lines.append("Members that are checked and have no effect:")
        lines += [f"  {name}: {reason}" for name, reason in one.ignored.items()]
    return "\n".join(lines)


def page(found: list[Coverage]) -> str:
    """Return the page of the documentation that lists every operation."""
    import botocore

    lines = [
        "# Operations",
        "",
        "<!-- Made by `mockbuild coverage --markdown > docs/coverage.md`; do not edit. -->",
        "",
        "What is there of each service, counted against the API as botocore "
        f"{botocore.__version__} knows it.",
        "An operation that is missing answers `UnknownOperationException` and says so.",
        "",
        "| Service | Operations | Of |",
        "|---|---:|---:|",
        *(f"| {one.title} | {len(one.done)} | {one.total} |" for one in found),
    ]
    for one in found:
        lines += ["", f"## {one.title}", ""]
        if one.done:
            lines += ["| Operation | In |", "|---|---|"]
            lines += [f"| {name} | `mockbuild/{file}` |" for name, file in one.done.items()]
        else:
            lines.append("None yet.")
        if one.ignored:
            lines += ["", "Members that are checked and then have no effect:", ""]
            lines += [f"- `{name}`: {reason}." for name, reason in one.ignored.items()]
        if one.missing:
            lines += ["", f"Missing: {', '.join(one.missing)}."]
    return "\n".join(lines) + "\n"
