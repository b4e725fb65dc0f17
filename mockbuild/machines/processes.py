"""Processes on this machine that can all be ended, wherever they hide."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from mockbuild.machines.base import Killed, MachineError

#: How long to wait for a killed process to vanish, in milliseconds; one that still does not is
#: stuck in the kernel.
PATIENCE = 10_000


class Pipe:
    """The standard input and output of a process.

    See :class:`~mockbuild.machines.supervisor.Transport`.

    :param wake: becomes readable when it is all over.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", wake: int) -> None:
        self._process = process
        self._stdin, self._stdout = (
            cast("IO[bytes]", process.stdin),
            cast("IO[bytes]", process.stdout),
        )
        self._wake = wake
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(wake, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Write all of *data*; silently not, when nobody is there to read it."""
        view = memoryview(data)
        with contextlib.suppress(BrokenPipeError):
            while view:
                view = view[os.write(self._stdin.fileno(), view) :]

    def receive(self) -> bytes:
        """Wait for something to read; nothing comes any more after ``b""``."""
        ready = {descriptor for descriptor, _ in self._poll.poll()}
        if self._wake in ready:
            return b""
        return os.read(self._stdout.fileno(), 65536)

    def status(self) -> int:
        """Return the exit status as a shell would give it: 128 more than the signal's number."""
        status = self._process.wait()
        return status if status >= 0 else 128 - status

    def close(self) -> None:
        """Close both ends."""
        self._stdin.close()
        self._stdout.close()


class Processes:
    """Starts processes and, at the end, kills them with all they have started.

    They are found by their process group and by a variable that only they have in their
    environment (where there is ``/proc``, that is on Linux): so also one that made itself a
    daemon. What cleared its environment *and* left its group and its parents is not found.

    :param cookie: name of the variable.
    :param word: its value, unlike any other's.
    """

    def __init__(self, cookie: str, word: str) -> None:
        self._mark = f"{cookie}={word}".encode()
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[bytes]] = []
        self._wake, self._waker = os.pipe()
        self._pipes: list[Pipe] = []
        self.ended = False
        self._closed = False

    def start(
        self,
        program: Sequence[str],
        environment: Mapping[str, str],
        folder: str,
        options: Mapping[str, Any],
    ) -> Pipe:
        """Start a program in a process group of its own, its error going where its output goes.

        :param options: more for :class:`subprocess.Popen`, such as ``user``.
        :raises Killed: :meth:`end` has been called.
        :raises MachineError: it cannot be started.
        """
        start: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
        with self._lock:
            if self.ended:
                raise Killed
            try:
                process = start(
                    program,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    bufsize=0,
                    env=dict(environment),
                    cwd=folder,
                    start_new_session=True,
                    **options,
                )
            except (OSError, ValueError) as error:
                raise MachineError(f"cannot start {program[0]}: {error}") from error
            self._started.append(process)
            pipe = Pipe(process, self._wake)
            self._pipes.append(pipe)
            return pipe

    def end(self) -> None:
        """Kill them all and wait until they are gone. From any thread, any number of times."""
        with self._lock:
            if not self.ended:
                self.ended = True
                os.close(self._waker)
            # Stopped first: who has left the group is known by a parent that is still there.
            self._signal_groups(signal.SIGSTOP)
            groups = {process.pid for process in self._started}
            while groups and _kill_strays(self._mark, groups):
                pass
            self._signal_groups(signal.SIGKILL)
            for process in self._started:
                process.wait()
            self._started.clear()

    def _signal_groups(self, number: signal.Signals) -> None:
        for process in self._started:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, number)

    def close(self) -> None:
        """End them all and close all pipes; not while another thread reads from one."""
        self.end()
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._wake)
            for pipe in self._pipes:
                pipe.close()
            self._pipes.clear()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A process as ``/proc`` shows it; number and start together are not given twice."""

    pid: int
    state: str
    parent: int
    group: int
    session: int
    start: int


def _look(pid: int) -> _Seen | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field is the name, in parentheses, which may itself contain spaces and these.
    fields = text[text.rindex(")") + 2 :].split()
    return _Seen(pid, fields[0], *(int(fields[at]) for at in (1, 2, 3, 19)))


def _carries(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # another user's, or gone
        return False


def _strays(mark: bytes, groups: set[int]) -> list[_Seen]:
    """Return what belongs to *groups*, descends from what does, or carries *mark*."""
    pids = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal()]
    alive = [seen for seen in map(_look, pids) if seen is not None and seen.state not in "ZX"]
    found: dict[int, _Seen] = {}
    family = set(groups)
    more = True
    while more:
        more = False
        for seen in alive:
            if seen.pid in found or seen.pid == os.getpid():
                continue
            if {seen.group, seen.session, seen.parent} & family or _carries(seen.pid, mark):
                found[seen.pid] = seen
                family.add(seen.pid)
                more = True
    return list(found.values())


def _kill_strays(mark: bytes, groups: set[int]) -> bool:
    """Kill all strays. Return whether there were any, so that there may be new ones."""
    if sys.platform != "linux":  # without /proc, the process group is all we know
        return False
    poll = select.poll()
    waiting: set[int] = set()
    for seen in _strays(mark, groups):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            descriptor = os.pidfd_open(seen.pid)
            now = _look(seen.pid)
            if now is None or now.start != seen.start:
                os.close(descriptor)
                continue
            waiting.add(descriptor)
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            poll.register(descriptor, select.POLLIN)
    found = bool(waiting)
    while waiting and (gone := poll.poll(PATIENCE)):
        for descriptor, _ in gone:
            poll.unregister(descriptor)
            waiting.discard(descriptor)
            os.close(descriptor)
    for descriptor in waiting:
        os.close(descriptor)
    return found and not waiting
