"""What every machine can do, in the order a build asks for it.

A machine starts, enters step after step, is given files, runs commands one after another, tells
the values of variables, shows the files that are there, and goes away; and it has the time. It
never decides what a failure means.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

#: Receives what a command prints, as it comes: whole lines or parts of them.
Output = Callable[[str], None]


class MachineError(Exception):
    """The machine itself failed: it never started, or it went away.

    :param message: what happened, in one sentence a user can act on.
    """


class ImageError(MachineError):
    """The image the machine should be made from cannot be had."""


class StepFailed(Exception):
    """A whole step of the build fails on this machine, for a reason that is not a command's.

    :param status_code: a short code of the reason.
    :param message: the reason in words.
    """

    def __init__(self, status_code: str, message: str) -> None:
        super().__init__(f"{status_code}: {message}")
        self.status_code = status_code
        self.message = message


class Killed(Exception):
    """The machine was ended, by :meth:`Machine.kill` or at its deadline, while it was at work."""


@dataclass(frozen=True, slots=True)
class File:
    """A regular file or a symbolic link, on its way into or out of a machine.

    :param path: relative to the folder at hand, with ``/`` between its parts; never absolute,
        never with ``..``.
    :param read: gives the content; for a link it is not called.
    :param mode: permission bits.
    :param link: where a symbolic link points; ``None`` for a regular file.
    """

    path: str
    read: Callable[[], bytes]
    mode: int = 0o644
    link: str | None = None


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """What a machine is made from.

    :param folder: the working folder as the build names it, such as
        ``/codebuild/output/src1234/src``; :attr:`Machine.root` stands before it.
    :param environment: variables set from the start; literal values (paths among them already
        have :attr:`Machine.root` before them).
    :param deadline: when the machine must be dead, in seconds since the epoch.
    :param image: what the project calls its image.
    :param name: a short name unlike any other machine's, for whoever looks at running things.
    """

    folder: str
    environment: Mapping[str, str]
    deadline: float
    image: str = ""
    privileged: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a build.

    :param text: shell text, verbatim, possibly many lines.
    :param environment: variables to set (and export) before it.
    :param shell: what runs it: ``sh``, ``bash``, or a path.
    :param user: whom to run it as; ``None`` is whoever the machine runs as.
    :param fresh: run in a shell of its own that inherits nothing from, and leaves nothing to,
        the others.
    """

    text: str
    environment: Mapping[str, str] = field(default_factory=dict)
    shell: str = "sh"
    user: str | None = None
    fresh: bool = False


class Machine(Protocol):
    """One machine, for one build. Only :meth:`kill` may be called from another thread."""

    #: What stands before every absolute path: empty for a machine with a file system of its own,
    #: a scratch folder for one that shares ours. Known before :meth:`start`.
    root: str

    def start(self, spec: MachineSpec) -> None:
        """Bring the machine up.

        :raises ImageError: its image cannot be had.
        :raises MachineError: anything else kept it from starting.
        """

    def begin(self, step: str, commands: int = 0) -> None:
        """Take note that a new step of the build begins, which will run so many *commands*.

        A machine that really runs has nothing to do here; a simulated one answers by it.

        :raises StepFailed: the step fails as a whole.
        :raises Killed: the machine was ended meanwhile.
        """

    def put(self, files: Iterable[File], folder: str) -> None:
        """Write *files* below *folder*, which is made if needed.

        :param folder: absolute, as the build names it.
        """

    def run(self, command: Command, output: Output) -> int:
        """Run a command to its end and return its exit status.

        Unless it is ``fresh``, what it does to its shell (working folder, variables, functions)
        is there for the next one.

        :raises Killed: the machine was ended meanwhile.
        """

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Return the values that the shell's variables have now; unset ones are left out."""

    def files(self, folder: str) -> Iterator[File]:
        """Go through the files and links below *folder*, in order of their paths.

        :raises FileNotFoundError: there is no such folder.
        """

    def now(self) -> float:
        """Return the machine's time, in seconds since the epoch."""

    def kill(self) -> None:
        """End whatever runs, at once, with all its children.

        Safe from any thread, and any number of times.
        """

    def close(self) -> None:
        """Remove the machine and all it left: processes, containers, folders.

        Never raises twice.
        """
