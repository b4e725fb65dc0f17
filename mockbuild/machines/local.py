"""The machine the tests run on: a shell in a scratch folder of it."""

import contextlib
import os
import pwd
import re
import secrets
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockbuild.machines import folders
from mockbuild.machines.base import Command, File, Killed, MachineError, MachineSpec, Output
from mockbuild.machines.processes import Pipe, Processes
from mockbuild.machines.shell import Shells
from mockbuild.machines.supervisor import supervisor

if TYPE_CHECKING:
    from mockbuild.clock import Alarm, Clock

#: The variable by which a machine's processes are known.
COOKIE = "MOCKBUILD_MACHINE"

#: Where scripts are kept, as the agent of the real service does.
SCRIPTS = "/codebuild/output/tmp"

_SCRIPT_FILES = ("state", "names", "script.sh")

# What a command needs of our own environment. Everything else stays ours: credentials above all.
_OURS = re.compile(
    r"PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ"
    r"|(?i:https?|ftp|all|no)_(?:proxy|PROXY)"
    r"|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL|AWS)_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|GIT_SSL_CA(?:INFO|PATH)|PIP_CERT"
)


class LocalMachine:
    """Runs commands on this machine, as the user who runs the tests.

    See :class:`~mockbuild.machines.base.Machine`. Commands can do whatever that user can do;
    they only *start* in a scratch folder and with an environment of their own. :meth:`close`
    ends all processes they have started and removes the folder.

    A path given to :meth:`put` or :meth:`files` may have :attr:`root` before it or not.

    :param clock: gives the time, and ends the machine at its deadline.
    """

    def __init__(self, clock: "Clock") -> None:
        #: The scratch folder.
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="mockbuild-"))
        self._clock = clock
        self._life = _Life(self.root)
        self._end = weakref.finalize(self, _Life.close, self._life)
        self._environment: dict[str, str] = {}
        self._folder = self.root
        self._shared = False  # with other users
        self._shells = Shells(self._connect, self.root + SCRIPTS, self._admit)

    def start(self, spec: MachineSpec) -> None:
        """Make the folders and set the alarm.

        :raises MachineError: the working folder or a variable makes no sense.
        :raises Killed: the machine has been ended.
        """
        self._check()
        self._folder = self._path(spec.folder)
        self._environment = _environment(spec, self.root, self._life.word)
        temporary = self._environment["TMPDIR"]
        made = [self._folder, self.root + SCRIPTS, temporary, self._environment.get("HOME", "")]
        for folder in made:
            if folder.startswith(self.root + "/"):
                Path(folder).mkdir(parents=True, exist_ok=True)
        # There from the start, so that another user can be given them.
        for name in _SCRIPT_FILES:
            Path(self.root + SCRIPTS, name).touch()
        # Not our own method: the clock would keep a forgotten machine alive.
        self._life.alarm = self._clock.alarm(spec.deadline, self._life.kill)

    def begin(self, step: str, commands: int = 0) -> None:  # noqa: ARG002 - nothing to do
        """Do nothing, unless the machine has been ended."""
        self._check()

    def put(self, files: Iterable[File], folder: str) -> None:
        """Write files; what they say about users and groups and special bits is left out.

        :raises MachineError: a path leads out of *folder*, or cannot be written.
        """
        self._check()
        below = folders.absolute(self._path(folder).removeprefix(self.root))
        with self._unless_killed():
            for _ in folders.write(self.root, below, files):
                self._check()

    def run(self, command: Command, output: Output) -> int:
        """Run a command; see :class:`~mockbuild.machines.shell.Shells` for how.

        :raises MachineError: it should run as a user that we cannot be.
        """
        self._check()
        with self._unless_killed():
            return self._shells.run(command, output)

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Ask the shell of the last command that was not ``fresh``."""
        self._check()
        with self._unless_killed():
            return self._shells.variables(names)

    def files(self, folder: str) -> Iterator[File]:
        """Go through a folder. Reading a file that has vanished since is a `MachineError`."""
        self._check()
        for file in folders.listing(Path(self._path(folder))):
            yield file
            self._check()

    def now(self) -> float:
        """Return the clock's time."""
        return self._clock.now()

    def kill(self) -> None:
        """End all processes: those of the group, and those that left it."""
        self._life.kill()

    def close(self) -> None:
        """End all processes and remove the scratch folder.

        :raises MachineError: the folder could not be removed; only the first time.
        """
        self._end()

    def _check(self) -> None:
        if self._life.processes.ended:
            raise Killed

    @contextlib.contextmanager
    def _unless_killed(self) -> Iterator[None]:
        """Make whatever comes of being killed meanwhile :class:`Killed`."""
        try:
            yield
        except (MachineError, OSError):
            self._check()
            raise
        self._check()

    def _path(self, folder: str) -> str:
        if folder == self.root or folder.startswith(self.root + "/"):
            folder = folder.removeprefix(self.root) or "/"
        return "/".join([self.root, *folders.absolute(folder)])

    def _connect(self, user: str | None) -> Pipe:
        return self._life.processes.start(
            supervisor(self.root + SCRIPTS, "077"), self._environment, self._folder, _identity(user)
        )

    def _admit(self, user: str | None) -> None:
        """Let another user through to the working folder, and write where scripts are kept.

        Until then all is hidden from everybody else.
        """
        identity = _identity(user)
        if not identity and not self._shared:
            return
        if not self._shared:
            self._shared = True
            Path(self.root).chmod(0o711)
            Path(self._environment["TMPDIR"]).chmod(0o1777)
        owner = (identity.get("user", os.geteuid()), identity.get("group", os.getegid()))
        scripts = Path(self.root + SCRIPTS)
        for path in (scripts, *(scripts / name for name in _SCRIPT_FILES)):
            with contextlib.suppress(FileNotFoundError):
                os.chown(path, *owner, follow_symlinks=False)


class _Life:
    """What a machine has to let go of.

    Knows nothing of the machine, so that a machine may be forgotten and all of this goes.
    """

    def __init__(self, root: str) -> None:
        self.word = secrets.token_hex(16)
        self.processes = Processes(COOKIE, self.word)
        self.alarm: Alarm | None = None
        self._root = root
        self._owner = os.getpid()

    def kill(self) -> None:
        self.processes.end()

    def close(self) -> None:
        if os.getpid() != self._owner:  # a fork of ours ends; the machine is not its own
            return
        if self.alarm is not None:
            self.alarm.cancel()
        self.processes.close()
        folders.remove(self._root)


def _environment(spec: MachineSpec, root: str, word: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if _OURS.fullmatch(name)}
    ours.setdefault("PATH", os.defpath)
    ours["TMPDIR"] = os.path.join(root, "tmp")  # noqa: PTH118 - it is to be a text
    return {**ours, **_checked(spec.environment), COOKIE: word}


def _checked(environment: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name + value:
            raise MachineError(f"the variable {name!r} cannot be set: = or NUL, or no name")
    return environment


def _identity(user: str | None) -> dict[str, Any]:
    """Return what makes :class:`subprocess.Popen` run something as *user*."""
    if user is None:
        return {}
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise MachineError(f"there is no user {user!r} on this machine to run as") from None
    if entry.pw_uid == os.geteuid():
        return {}
    if os.geteuid() != 0:
        raise MachineError(
            f"only root can run a command as {user!r}: use the Docker machine, or leave run-as out"
        )
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
