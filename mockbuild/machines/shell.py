"""One continuing shell, driven through a pipe.

We send each command as shell code that writes the command's text to a file and sources it. So its
working folder, variables and functions are there for the next command.

``exit``, or anything else that ends the shell, ends that command only. On its way out, and after
every command, the shell writes its state to a file, and the next shell starts from that. What
cannot be carried over: the functions of a shell that cannot print them (dash, BusyBox), traps,
and what a shell did since its last command if it was killed, replaced itself with ``exec`` or has
an ``EXIT`` trap of its own. Between different shells (``sh`` and ``bash``) only exported variables
and the working folder are handed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from mockbuild.machines.base import Command, MachineError, Output
from mockbuild.machines.supervisor import Decoded, Mark, Session, Sink, Transport

#: The exit statuses of what cannot be run, or is not there.
_NOT_STARTED = (126, 127)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

# The variables, functions and options of the shell as shell code; options last, as `set -e` and
# `set -u` would not survive the rest. Without `-v`, which would show the code that is to come.
_SAVE = r"""{ set +v
if \command -v shopt >/dev/null; then declare -p; shopt -p; declare -f; declare -F
else set; export -p; readonly -p; fi
\command printf '%s\n' 'mockbuild_old=${OLDPWD-}' '\command cd -- "$PWD" || \command cd .' \
  'OLDPWD=$mockbuild_old; unset mockbuild_old'
\command printf 'umask '; umask; set +o; } >|STATE 2>/dev/null || :"""

# A new shell has the machine's first environment; names that the state lacks were unset since.
# That a line inside a value looks like a name does no harm: the state sets it again.
_RESTORE = r"""if [ -s STATE ]; then export -p >|NAMES
while IFS= read -r mockbuild_name; do
case $mockbuild_name in 'export '*|'declare -x '*) ;; *) continue;; esac
mockbuild_name=${mockbuild_name#export }; mockbuild_name=${mockbuild_name#declare -x }
mockbuild_name=${mockbuild_name%%=*}
case $mockbuild_name in *[!A-Za-z0-9_]*|[0-9]*|'') ;; *) unset "$mockbuild_name";; esac
done <NAMES; unset mockbuild_name; . STATE >/dev/null; fi"""


def is_name(text: str) -> bool:
    """Tell whether a shell variable can have this name."""
    return _NAME.fullmatch(text) is not None


def quote(text: str) -> bytes:
    """Return *text* as one word of shell code.

    :raises MachineError: it has a NUL character, which no shell can hold.
    """
    if "\0" in text:
        raise MachineError("a command or variable contains a NUL character; no shell takes that")
    try:
        data = text.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair is no text
        data = text.encode(errors="replace")
    return b"'" + data.replace(b"'", b"'\\''") + b"'"


class Shells:
    """The shells of one machine. At any time at most one of them is the build's.

    :param connect: starts :func:`supervisor` as a user (``None``: whoever the machine runs as),
        in the machine's first environment and working folder.
    :param folder: where scripts and state are kept, in the machine.
    :param admit: called with a user before that user is the first, or another than the last one,
        to run a command: lets the user write to *folder*.
    """

    def __init__(
        self,
        connect: Callable[[str | None], Transport],
        folder: str,
        admit: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._connect = connect
        self._admit = admit
        self._admitted: str | None = None
        self._sessions: dict[tuple[str | None, bool], Session] = {}
        self._current: tuple[str | None, str] = (None, "sh")  # user and shell
        self._state_shell: str | None = None  # who wrote the state file
        self._number = 0
        self._late = b""  # printed while nobody listened
        self._script = quote(f"{folder}/script.sh")
        self._folder = quote(folder)
        state, names = quote(f"{folder}/state"), quote(f"{folder}/names")
        self._save = _SAVE.encode().replace(b"STATE", state)
        self._restore = _RESTORE.encode().replace(b"STATE", state).replace(b"NAMES", names)
        self._trap = b"{ trap " + quote(self._save.decode()) + b" EXIT; } 2>/dev/null\n"

    def run(self, command: Command, output: Output) -> int:
        """Run a command as :meth:`mockbuild.machines.base.Machine.run` says.

        Variables with a name that a shell cannot have are left out of its environment.
        """
        if command.user != self._admitted:
            self._admit(command.user)
            self._admitted = command.user
        with Decoded(output) as sink:
            if self._late:
                late, self._late = self._late, b""
                sink(late)
            if command.fresh:
                return self._run_fresh(command, sink)
            return self._run_continuing(command, sink)

    def variables(self, names: Sequence[str]) -> dict[str, str]:
        """Return the values that variables have in the build's shell; unset ones are left out."""
        wanted = [name for name in names if is_name(name)]
        found: list[bytes] = []
        session = self._ready(*self._current, found.append)
        frame = b"\1" + session.word.encode() + b"="
        # All in one go, so that nothing a background process prints comes between.
        values = " ".join(f'${{{name}+"{name}=${name}"}}' for name in wanted).encode()
        show = b"\\command printf '\\001" + session.word.encode() + b"=%s\\000' " + values
        self._number += 1
        done = self._print(session, "done", b"0")
        session.transport.send(b"{ " + show + b"; " + done + b"; } 2>/dev/null\n")
        mark = self._wait_for(session, "done", found.append)
        if mark.ends():
            raise MachineError(f"the shell ended with status {mark.status} when it was asked")
        pattern = re.compile(re.escape(frame) + rb"(?:([A-Za-z0-9_]+)=(.*?))?\0", re.DOTALL)
        data = b"".join(found)
        self._late += pattern.sub(b"", data)
        return {
            name.decode(): value.decode(errors="replace")
            for name, value in pattern.findall(data)
            if name
        }

    def close(self) -> None:
        """Let go of all pipes."""
        for session in self._sessions.values():
            session.transport.close()
        self._sessions.clear()

    def _run_continuing(self, command: Command, sink: Sink) -> int:
        wanted = (command.user, command.shell)
        session = self._begin(lambda: self._ready(*wanted, sink), command, sink, fresh=False)
        self._state_shell = command.shell
        mark = self._wait_for(session, "done", sink)
        status = self._ended(session, mark)
        if not mark.ends():
            # A shell that is killed from now on has its state written, whole.
            self._ended(session, self._wait_for(session, "saved", sink))
        return status

    def _run_fresh(self, command: Command, sink: Sink) -> int:
        session = self._begin(lambda: self._new(command), command, sink, fresh=True)
        mark = session.wait(sink)
        while not mark.ends():
            mark = session.wait(sink)
        return self._ended(session, mark)

    def _begin(
        self, ready: Callable[[], Session], command: Command, sink: Sink, *, fresh: bool
    ) -> Session:
        """Send a command to a shell that is there to take it."""
        said = bytearray()

        def listen(data: bytes) -> None:
            said.extend(data[-1000:])
            sink(data)

        for _ in range(2):  # something a former command left may have killed the shell since
            session = ready()
            self._number += 1
            session.transport.send(self._code(session, command, fresh=fresh))
            mark = self._wait_for(session, "began", listen)
            if not mark.ends():
                return session
            self._ended(session, mark)
            if mark.status in _NOT_STARTED:
                break
        reason = said.decode(errors="replace").strip() or f"status {mark.status}"
        who = f"{command.shell} as {command.user}" if command.user else command.shell
        raise MachineError(f"the shell ({who}) ended before the command: {reason}")

    def _ended(self, session: Session, mark: Mark) -> int:
        if mark.kind == "closed":
            session.transport.close()
            self._sessions = {
                key: other for key, other in self._sessions.items() if other is not session
            }
        return mark.status

    def _wait_for(self, session: Session, kind: str, sink: Sink) -> Mark:
        """Wait for a mark of the command at hand, or for the shell's end."""
        while True:
            mark = session.wait(sink)
            if mark.ends() or (mark.kind == kind and mark.number == self._number):
                return mark

    def _session(self, user: str | None, *, fresh: bool) -> Session:
        session = self._sessions.get((user, fresh))
        if session is None:
            session = self._sessions[user, fresh] = Session(self._connect(user))
        return session

    def _new(self, command: Command) -> Session:
        """Start a shell that knows nothing of the others."""
        session = self._session(command.user, fresh=False)
        if session.shell is not None:
            session = self._session(command.user, fresh=True)
        session.go(_program(command.shell))
        return session

    def _ready(self, user: str | None, shell: str, sink: Sink) -> Session:
        """Return the session whose shell goes on where the last command ended."""
        program = _program(shell)
        session = self._session(user, fresh=False)
        if self._current == (user, shell) and session.shell is not None:
            return session
        self._retire(sink)
        if session.shell is not None:  # a shell somebody left behind in the middle of a command
            self._leave(session, sink)
        written_by = self._state_shell or program
        session.go(written_by)
        if self._state_shell is not None:
            session.transport.send(b"{ " + self._restore + b"; } 2>/dev/null\n")
        if written_by != program:
            self._become(session, written_by, program, sink)
        session.transport.send(self._trap)
        if written_by != program:
            session.transport.send(b"{ " + self._save + b"; } 2>/dev/null\n")
        self._current = (user, shell)
        return session

    def _become(self, session: Session, former: str, program: str, sink: Sink) -> None:
        """Have another program take the shell's place, with its environment and folder."""
        self._number += 1
        began = self._print(session, "began", b"0")
        # One line: the shell has read it before it says so, and nothing after it.
        session.transport.send(b"{ " + began + b"; } 2>/dev/null; exec " + quote(program) + b"\n")
        mark = self._wait_for(session, "began", sink)
        if mark.ends():
            self._ended(session, mark)
            raise MachineError(f"{former} cannot go on from where it ended before")
        session.shell = program

    def _retire(self, sink: Sink) -> None:
        """End the build's present shell; its state is in the file."""
        session = self._sessions.get((self._current[0], False))
        if session is not None and session.shell is not None:
            self._leave(session, sink)

    def _leave(self, session: Session, sink: Sink) -> None:
        session.transport.send(b"{ trap - EXIT; exit; } 2>/dev/null\n")
        mark = session.wait(sink)
        while not mark.ends():
            mark = session.wait(sink)
        self._ended(session, mark)

    def _print(self, session: Session, kind: str, status: bytes) -> bytes:
        # The control characters are made by printf: a trace of this line is not a mark.
        form = f"\\command printf '\\001%s:%s %s %s\\002' {session.word} {kind} {self._number} "
        return form.encode() + status

    def _code(self, session: Session, command: Command, *, fresh: bool) -> bytes:
        """Return shell code that runs a command.

        The command has the pipe for its output and error, whatever an earlier one did to these
        with ``exec``, and nothing to read. Everything around it is silent, even under ``set -x``.
        """
        began = self._print(session, "began", b"0")
        done = self._print(session, "done", b'"$?"')
        lines = [
            b"{",
            *_exports(command.environment),
            b"[ -d " + self._folder + b" ] || \\command -p mkdir -p " + self._folder,
            b"\\command printf '%s\\n' " + quote(command.text) + b" >|" + self._script,
            began,
            b"} 2>/dev/null",
        ]
        source = b". " + self._script + b" </dev/null >&3 2>&3 3>&-"
        if fresh:
            lines += [b"{ " + source + b"; } 3>&1 2>/dev/null; exit"]
        else:
            saved = self._print(session, "saved", b"0")
            after = b"; ".join((done, self._save, saved))
            lines += [b"{ " + source + b"; } 3>&1 2>/dev/null; { " + after + b"; } 2>/dev/null"]
        return b"\n".join(lines) + b"\n"


def _exports(environment: Mapping[str, str]) -> Iterator[bytes]:
    # `command` keeps a variable that was made read-only from ending the shell.
    for name, value in environment.items():
        if is_name(name):
            yield b"\\command export " + name.encode() + b"=" + quote(value)


def _program(shell: str) -> str:
    if not shell or "\n" in shell or "\0" in shell:
        raise MachineError(f"{shell!r} is no shell: give sh, bash or the path of one")
    return shell
