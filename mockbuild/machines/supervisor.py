"""The far end of a machine's pipe, and what it says.

A *supervisor* (a few lines of ``sh``) runs there. It starts the shell of the build and says when
that has gone, and with which status. The shell reads what it is to do from the same pipe.

What is printed comes back through one pipe, in order. Between it stand *marks*: a control
character, a word nobody can guess, what happened. A background process that keeps the pipe open
hinders nobody, as only marks are waited for.
"""

import codecs
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mockbuild.machines.base import Output

Sink = Callable[[bytes], None]

# Signals for the whole process group must not end it: `trap 'kill 0' EXIT` is a common idiom. A
# handler, unlike an ignored signal, is not inherited by the shell it starts.
_SUPERVISOR = r"""
exec 2>/dev/null
trap : HUP INT TERM
[ -d "$1" ] || (umask "$2"; mkdir -p "$1"; : >"$1/state"; : >"$1/names"; : >"$1/script.sh")
IFS= read -r mockbuild_word
while IFS= read -r mockbuild_line; do
  case $mockbuild_line in "$mockbuild_word "*)
    (exec "${mockbuild_line#"$mockbuild_word "}" 2>&1)
    printf '\001%s:gone 0 %s\002' "$mockbuild_word" "$?" ;;
  esac
done
"""


class Transport(Protocol):
    """The pipe to a supervisor."""

    def send(self, data: bytes) -> None:
        """Write all of *data*; silently not, when nobody is there to read it."""

    def receive(self) -> bytes:
        """Wait for something to read; nothing comes any more after ``b""``."""

    def status(self) -> int:
        """Return the exit status of the supervisor, which has ended."""

    def close(self) -> None:
        """Let go of the pipe."""


def supervisor(folder: str, umask: str) -> list[str]:
    """Return the program to run at the other end of a :class:`Transport`.

    :param folder: where scripts and state are kept; made if need be.
    :param umask: what is kept from others then, in octal digits.
    """
    return ["sh", "-c", _SUPERVISOR, "mockbuild", folder, umask]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark says: command *number* ``began`` or is ``done``, or the shell is ``gone``.

    ``closed`` is not printed by anybody: the supervisor itself has gone.
    """

    kind: str
    number: int
    status: int

    def ends(self) -> bool:
        """Tell whether there is no shell any more."""
        return self.kind in ("gone", "closed")


class Session:
    """A supervisor and the shell it runs, if any.

    :param transport: the pipe to it.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.word = secrets.token_hex(16)
        self.shell: str | None = None  #: the shell that runs now
        self._start = b"\1" + self.word.encode() + b":"
        self._unread = b""
        transport.send(self.word.encode() + b"\n")

    def go(self, shell: str) -> None:
        """Have the supervisor start a shell; whatever is sent then is read by that."""
        self.transport.send(f"{self.word} {shell}\n".encode())
        self.shell = shell

    def wait(self, sink: Sink) -> Mark:
        """Pass on what comes, up to the next mark, and return that."""
        while True:
            before, found, after = self._unread.partition(self._start)
            if not found:
                # The end of what we have may be the start of a mark.
                keep = _overlap(before, self._start)
                if len(before) > keep:
                    sink(before[: len(before) - keep])
                self._unread = before[len(before) - keep :]
            else:
                if before:
                    sink(before)
                text, end, rest = after.partition(b"\2")
                if end:
                    self._unread = rest
                    return self._mark(text)
                self._unread = found + after
            data = self.transport.receive()
            if not data:
                return self._closed(sink)
            self._unread += data

    def _mark(self, text: bytes) -> Mark:
        kind, number, status = text.decode("ascii").split(" ")
        if kind == "gone":
            self.shell = None
        return Mark(kind, int(number), int(status))

    def _closed(self, sink: Sink) -> Mark:
        if self._unread:
            sink(self._unread)
        self._unread = b""
        self.shell = None
        return Mark("closed", 0, self.transport.status())


def _overlap(data: bytes, start: bytes) -> int:
    """Return how many bytes at the end of *data* could be the beginning of *start*."""
    at = data.find(start[:1], max(0, len(data) - len(start) + 1))
    while at >= 0:
        if start.startswith(data[at:]):
            return len(data) - at
        at = data.find(start[:1], at + 1)
    return 0


class Decoded:
    """Gives an :data:`Output` the text in bytes that may break anywhere, even in a character."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __enter__(self) -> Sink:
        return self._pass_on

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._pass_on(b"", final=True)

    def _pass_on(self, data: bytes, final: bool = False) -> None:
        text = self._decoder.decode(data, final)
        if text:
            self._output(text)
