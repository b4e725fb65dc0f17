"""What importing costs, in processes of their own."""

import json
import subprocess
import sys

OPTIONAL = (
    "boto3",
    "cbor2",
    "click",
    "defusedxml",
    "docker",
    "freezegun",
    "moto",
    "requests",
    "responses",
    "rich",
    "wcmatch",
    "yaml",
)
_PROGRAM = """\
import sys, time, json
{first}
start = time.process_time()
{then}
spent = time.process_time() - start
print(json.dumps([spent, [name for name in {optional!r} if name in sys.modules]]))
"""


def import_seconds(first: str, then: str, repeats: int) -> tuple[float, list[str]]:
    """Return the CPU seconds of *then* after *first*, and the optional modules it has loaded.

    The first run, which may have to compile, does not count.
    """
    program = _PROGRAM.format(first=first, then=then, optional=OPTIONAL)
    spent: list[float] = []
    loaded: list[str] = []
    for _ in range(repeats + 1):
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        seconds, loaded = json.loads(done.stdout)
        spent.append(seconds)
    return min(spent[1:]), loaded
