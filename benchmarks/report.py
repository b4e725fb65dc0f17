"""The table, as text, as Markdown, as JSON."""

import importlib.metadata
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.rows import Row

HEADINGS = ("What", "Budget", "mockbuild", "moto", "Met", "Note")
_VERDICTS = {True: "yes", False: "NO", None: "–"}


def versions() -> str:
    """Return what was measured."""
    names = ("botocore", "boto3", "moto")
    found = []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return f"Python {platform.python_version()}, " + ", ".join(found)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "errors":
        return f"{value:.0f}"
    if unit == "KiB":
        return f"{value:.2f} KiB"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as texts."""
    budget = "–" if row.budget is None else f"≤ {row.budget:g} {row.unit}"
    return (
        row.what,
        budget,
        _number(row.ours, row.unit),
        _number(row.moto, row.unit),
        _VERDICTS[row.met],
        row.note,
    )


def as_text(rows: Sequence[Row]) -> str:
    """Return the table in columns."""
    table = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table in Markdown, without the notes."""
    lines = [HEADINGS[:-1], ("---",) * (len(HEADINGS) - 1), *(cells(row)[:-1] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_json(rows: Sequence[Row]) -> str:
    """Return everything that was measured."""
    return json.dumps(
        {"versions": versions(), "rows": [{**asdict(row), "met": row.met} for row in rows]},
        indent=2,
        ensure_ascii=False,
    )
