"""``python -m benchmarks``: measure, and print a table."""

import argparse
import sys
import time

from benchmarks import report
from benchmarks.rows import GROUPS, QUICK, Effort, Row


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all")
    parser.add_argument(
        "--quick", action="store_true", help="fewer timings, in two minutes and not fifteen"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    form.add_argument("--json", action="store_true", help="print all there is in JSON")
    options = parser.parse_args()
    if unknown := [name for name in options.groups if name not in GROUPS]:
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    rows = _measure(options.groups or list(GROUPS), QUICK if options.quick else Effort())
    if options.json:
        print(report.as_json(rows))
    elif options.markdown:
        print(report.as_markdown(rows))
    else:
        print(report.versions())
        print(report.as_text(rows))


def _measure(groups: list[str], effort: Effort) -> list[Row]:
    rows: list[Row] = []
    for name in groups:
        start = time.perf_counter()
        rows += GROUPS[name](effort)
        print(f"{name}: {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    main()
