"""What every machine that runs commands does, in one place."""

import threading

import pytest

from mockbuild.machines.base import Command, File, Killed, Machine, MachineError
from tests.machines.conftest import FOLDER, NEVER, FakeClock, run, spec

pytestmark = pytest.mark.docs

LONG = "sleep 1000"


def test_a_command_starts_in_the_working_folder(machine: Machine) -> None:
    assert run(machine, "pwd") == (0, f"{machine.root}{FOLDER}\n")


def test_the_environment_is_there(machine: Machine) -> None:
    assert run(machine, 'printf %s "$GREETING"') == (0, "hello 'you'\n")
    assert run(machine, "sh -c 'printf %s \"$GREETING\"'") == (0, "hello 'you'\n")


@pytest.mark.parametrize("status", [0, 1, 2, 42, 127, 255])
def test_the_exit_status_is_the_commands(machine: Machine, status: int) -> None:
    assert run(machine, f"(exit {status})")[0] == status


@pytest.mark.parametrize(
    ("change", "look", "seen"),
    [
        pytest.param("cd /usr", "pwd", "/usr\n", id="cd"),
        pytest.param("A='x  y'", 'echo "$A"', "x  y\n", id="variable"),
        pytest.param("A='x y'", "sh -c 'echo \"[$A]\"'", "[]\n", id="variable stays unexported"),
        pytest.param("export A='x y'", "sh -c 'echo \"$A\"'", "x y\n", id="exported variable"),
        pytest.param("f() { echo f $1; }", "f 3", "f 3\n", id="function"),
        pytest.param("umask 027", "umask", "0027\n", id="umask"),
        pytest.param("set -f", "echo /*", "/*\n", id="option"),
        pytest.param("unset GREETING", "echo ${GREETING-gone}", "gone\n", id="unset"),
        pytest.param("set -- one two", "echo $2", "two\n", id="arguments"),
    ],
)
def test_what_a_command_does_to_its_shell_is_there_for_the_next(
    machine: Machine, change: str, look: str, seen: str
) -> None:
    assert run(machine, change) == (0, "")
    assert run(machine, look) == (0, seen)


@pytest.mark.parametrize("change", ["exec >/dev/null", "exec 2>/dev/null", "exec 1>&- 2>&-"])
@pytest.mark.inferred
def test_redirections_end_with_their_command(machine: Machine, change: str) -> None:
    run(machine, f"{change}; echo >&2; echo")
    assert run(machine, "echo out; echo err >&2") == (0, "out\nerr\n")


def test_a_fresh_command_knows_nothing_and_leaves_nothing(machine: Machine) -> None:
    run(machine, "cd /usr; A=1; export B=2; f() { echo f; }")
    look = "pwd; echo ${A-no} ${B-no}; command -v f"
    first = f"{machine.root}{FOLDER}\nno no\n"
    assert run(machine, look, fresh=True)[1] == first
    assert run(machine, "cd /; A=3; export B=4; exit 7", fresh=True) == (7, "")
    assert run(machine, look, fresh=True)[1] == first
    assert run(machine, "pwd; echo $A $B; f") == (0, "/usr\n1 2\nf\n")


@pytest.mark.inferred
@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("exit 3", 3, id="exit"),
        pytest.param("exit", 0, id="exit alone"),
        pytest.param("false; exit", 1, id="exit with the last status"),
        pytest.param("f() { exit 4; }; f", 4, id="exit in a function"),
        pytest.param("set -e; false; echo not here", 1, id="set -e"),
        pytest.param("echo $((", 2, id="syntax error"),
        pytest.param("set -u; echo $NO_SUCH_THING", 2, id="set -u"),
        pytest.param("exec sh -c 'exit 6'", 6, id="exec"),
        pytest.param("kill -9 $$", 137, id="killed"),
        pytest.param("trap 'exit 8' EXIT; exit 1", 8, id="a trap of its own"),
        pytest.param("trap 'kill 0' EXIT; exit 1", 143, id="a trap that kills the group"),
        pytest.param("return 9", 9, id="return"),
        pytest.param("set -C; exit 5", 5, id="noclobber"),
        pytest.param("rm -rf ../../tmp; exit 5", 5, id="scripts removed"),
    ],
)
def test_what_ends_the_shell_ends_only_the_command(
    machine: Machine, text: str, status: int, fresh: bool
) -> None:
    assert run(machine, f"echo before; {text}", fresh=fresh)[0] == status
    assert run(machine, "set +eu; echo after", fresh=fresh) == (0, "after\n")


@pytest.mark.inferred
@pytest.mark.parametrize("end", ["exit 3", "set -e; (exit 3)", "f() { exit 3; }; f"])
def test_what_a_command_did_before_its_exit_is_kept(machine: Machine, end: str) -> None:
    run(machine, "A=old; export B=old GONE=1")
    run(machine, "A='new\n it'\"'\"'s'; export B='n\\e\nw'; C=3; unset GONE; cd /usr")
    assert run(machine, f"D=4; cd /usr/bin; umask 027; set -f; {end}") == (3, "")
    look = (
        """set +e; printf '%s|' "$A" "$B" "$C" "$D" "${GONE-no}"; """
        """sh -c 'printf "%s\n" "$B${C-}"'; pwd; umask; echo /*"""
    )
    seen = "new\n it's|n\\e\nw|3|4|no|n\\e\nw\n/usr/bin\n0027\n/*\n"
    assert run(machine, look) == (0, seen)
    assert run(machine, "cd - >/dev/null; pwd; readonly D; exit")[1] == "/usr\n"
    assert run(machine, "echo $D; (D=5) 2>/dev/null || echo readonly") == (0, "4\nreadonly\n")


@pytest.mark.inferred
@pytest.mark.parametrize("end", ["kill -9 $$", "exec true", "trap : EXIT; exit"])
def test_state_goes_back_to_the_last_known(machine: Machine, end: str) -> None:
    run(machine, "A=1; cd /usr")
    run(machine, f"A=2; cd /; {end}")
    assert run(machine, "echo $A; pwd") == (0, "1\n/usr\n")


def test_a_shell_killed_between_two_commands_is_replaced(machine: Machine) -> None:
    run(machine, "A=1; mkfifo gate")
    run(machine, "shell=$$; ( read -r _ <gate; kill -9 $shell; echo >>killed ) &")
    # The next two are fresh: the shell that dies is the continuing one.
    assert run(machine, "echo >gate; until [ -e killed ]; do :; done", fresh=True)[0] == 0
    assert run(machine, "echo $A") == (0, "1\n")


@pytest.mark.parametrize(
    "text",
    [
        "echo \"a 'b' `echo c` $(echo d)\" 'e \"f\"'",
        "echo a\\\\b '%s %d %%' '\\n'",
        "echo 'ÿ § 日本 🎉'",
        "cat <<'EOF'\nlook: $HOME \\ ' \" EOF\nEOF",
        "# only a comment",
        "",
        "\n\n",
        "echo one\n\n  echo two # and\necho three",
        "echo no newline at the end &&\\\n  echo continued",
        "  echo '\x7f\x01'",
    ],
    ids=lambda text: repr(text)[:24],
)
def test_a_command_is_run_verbatim(machine: Machine, text: str) -> None:
    """The oracle is the same text in a script of its own."""
    machine.put([File("oracle", lambda: text.encode())], FOLDER)
    assert run(machine, text) == run(machine, "sh ./oracle")


@pytest.mark.parametrize("fresh", [False, True])
def test_a_command_has_nothing_to_read(machine: Machine, fresh: bool) -> None:
    assert run(machine, "cat; read -r line; echo [$line] $?", fresh=fresh) == (0, "[] 1\n")
    assert run(machine, "echo next", fresh=fresh) == (0, "next\n")


def test_output_and_errors_keep_their_order(machine: Machine) -> None:
    text = "for i in 1 2 3; do echo out $i; echo err $i >&2; done"
    assert run(machine, text) == (0, "".join(f"out {i}\nerr {i}\n" for i in (1, 2, 3)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("printf abc", "abc", id="no newline at the end"),
        pytest.param("printf 'a\\nb'", "a\nb", id="no newline at the end, two lines"),
        pytest.param("printf '\\303\\251\\377x'", "é�x", id="not UTF-8"),
        pytest.param("printf 'x\\303'", "x�", id="half a character"),
        pytest.param("printf 'a\\000b\\001c\\002d'", "a\0b\1c\2d", id="control characters"),
        pytest.param("printf 'a\\r\\nb\\r'", "a\r\nb\r", id="carriage returns"),
        pytest.param("set -x; echo hi", "+ echo hi\nhi\n", id="trace"),
        pytest.param("set -x; :; set +x", "+ :\n+ set +x\n", id="trace, switched off"),
    ],
)
def test_output_comes_as_it_is(machine: Machine, text: str, said: str) -> None:
    # bash shows the depth of a trace: the command is sourced.
    assert run(machine, text) == (0, said)
    assert run(machine, "{ set +x; } 2>/dev/null; echo next")[1].endswith("next\n")


def test_a_trace_shows_nothing_of_ours(machine: Machine) -> None:
    run(machine, "set -x")
    assert run(machine, "echo hi") == (0, "+ echo hi\nhi\n")
    assert run(machine, "set +x; set -v") == (0, "+ set +x\n")
    assert run(machine, "echo hi") == (0, "hi\n")


def test_output_comes_while_the_command_runs(machine: Machine) -> None:
    """The command ends only when its first output has been seen."""
    seen = threading.Event()

    def output(text: str) -> None:
        assert text == "first\n"
        seen.set()
        machine.kill()

    with pytest.raises(Killed):
        machine.run(Command(f"echo first; {LONG}"), output)
    assert seen.is_set()


def test_much_output(machine: Machine) -> None:
    count = 10_000_000
    line = "x" * 99
    status, said = run(machine, f"yes {line} | head -c {count}; echo end")
    assert status == 0
    assert said == f"{line}\n" * (count // 100) + "end\n"


def test_a_huge_command(machine: Machine) -> None:
    status, said = run(machine, f"# {'x' * 300_000}\necho 'ab{'é' * 100_000}' | wc -c")
    assert (status, said.strip()) == (0, "200003")


def test_a_background_process_hinders_nobody(machine: Machine) -> None:
    run(machine, "mkfifo gate done")
    assert run(machine, "( read -r _ <gate; echo late; echo >done ) & echo now") == (0, "now\n")
    # What it prints later comes later.
    status, said = run(machine, "echo >gate; read -r _ <done; echo end")
    assert (status, sorted(said.splitlines())) == (0, ["end", "late"])


@pytest.mark.parametrize("end", ["exit 3", "kill -9 $$", "exec sh -c 'exit 3'"])
def test_nor_when_its_shell_ends(machine: Machine, end: str) -> None:
    assert run(machine, f"{LONG} & echo now; {end}")[1] == "now\n"
    assert run(machine, "echo next") == (0, "next\n")


@pytest.mark.parametrize("fresh", [False, True])
def test_variables_may_come_with_a_command(machine: Machine, fresh: bool) -> None:
    environment = {
        "A": 'it\'s "$HOME" `x` \\ %s\nend\n',
        "a b": "x",
        "1": "x",
        "": "x",
        "X=1;echo injected;Y": "x",
        "$(echo injected >&2)": "x",
        "é": "x",
        "A\n": "x",
    }
    said = run(machine, "sh -c 'printf %s \"$A\"'", environment=environment, fresh=fresh)
    assert said == (0, environment["A"])


def test_they_stay(machine: Machine) -> None:
    run(machine, "readonly R=1", environment={"A": "1"})
    assert run(machine, "echo $A $R", environment={"R": "2"}) == (0, "1 1\n")


VALUES = ["", "x", " a  b ", "line\nline", "end\n\n", "'\"`$(x)\\", "%s\\n", "é日🎉", "\t\x01\x02"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_variables_are_told_exactly(machine: Machine, value: str) -> None:
    run(machine, 'B="$A"; export A', environment={"A": value})
    assert machine.variables(["A", "B", "NONE"]) == {"A": value, "B": value}
    run(machine, "exit 1")
    assert machine.variables(["B", "A"]) == {"A": value, "B": value}


def test_variables_without_a_command(machine: Machine) -> None:
    assert machine.variables(["GREETING", "NO_SUCH_THING"]) == {"GREETING": "hello 'you'\n"}
    assert machine.variables([]) == {}


@pytest.mark.parametrize("name", ["", "1", "a b", "A}; echo x; ${A", "é", "A\n", "A[0]", "@"])
def test_what_is_no_name_has_no_value(machine: Machine, name: str) -> None:
    run(machine, "A=1")
    assert machine.variables([name, "A"]) == {"A": "1"}


def test_variables_while_others_print(machine: Machine) -> None:
    run(machine, "A=1; yes & chatter=$!")
    assert machine.variables(["A"]) == {"A": "1"}
    status, said = run(machine, "kill $chatter; wait; echo end")
    assert status == 0
    assert set(said.split()) <= {"y", "end"}


def test_another_shell(machine: Machine) -> None:
    run(machine, "cd /usr; export A='x\ny'; B=2")
    look = 'echo "${BASH_VERSION+bash}" "$A"; pwd'
    assert run(machine, look, shell="bash") == (0, "bash x\ny\n/usr\n")
    run(machine, "list=(1 '2 3'); declare -A map=([k]='v w'); export A=3; exit 1", shell="bash")
    assert run(machine, 'echo "${list[1]} ${map[k]}"', shell="bash") == (0, "2 3 v w\n")
    assert run(machine, look) == (0, " 3\n/usr\n")


@pytest.mark.parametrize("shell", ["no-such-shell", "/no/such/shell", "/etc/passwd"])
def test_a_shell_that_is_not_there(machine: Machine, shell: str) -> None:
    with pytest.raises(MachineError, match=shell):
        run(machine, "echo", shell=shell)
    assert run(machine, "echo on") == (0, "on\n")


@pytest.mark.parametrize("shell", ["", "sh\nsh", "sh\0"])
def test_what_is_no_shell(machine: Machine, shell: str) -> None:
    with pytest.raises(MachineError, match="is no shell"):
        run(machine, "echo", shell=shell)


def test_a_command_no_shell_can_take(machine: Machine) -> None:
    with pytest.raises(MachineError, match="NUL"):
        run(machine, "echo a\0b")
    assert run(machine, "echo on") == (0, "on\n")


def test_half_a_surrogate_pair_is_no_text(machine: Machine) -> None:
    assert run(machine, "echo a\ud800b") == (0, "a?b\n")


def test_there_is_no_such_user(machine: Machine) -> None:
    with pytest.raises(MachineError, match="no-such-user"):
        run(machine, "echo", user="no-such-user")
    assert run(machine, "echo on") == (0, "on\n")


# The end


def killed_while(machine: Machine, text: str, **options: object) -> None:
    """Kill *machine* from another thread when *text* has printed something."""
    started = threading.Event()

    def kill() -> None:
        started.wait()
        machine.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        with pytest.raises(Killed):
            machine.run(Command(text, **options), lambda _: started.set())  # type: ignore[arg-type]
    finally:
        started.set()
        thread.join()


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        f"echo here; {LONG}",
        f"trap '' TERM INT HUP; echo here; {LONG}",
        f"{LONG} & echo here; wait",
        f"setsid {LONG} & echo here; wait",
        "echo here; while :; do :; done",
    ],
)
def test_a_command_is_killed_from_another_thread(machine: Machine, text: str, fresh: bool) -> None:
    killed_while(machine, text, fresh=fresh)


def test_nothing_works_on_a_killed_machine(machine: Machine) -> None:
    run(machine, "A=1")
    machine.kill()
    machine.kill()
    for attempt in (
        lambda: run(machine, "echo"),
        lambda: machine.put([File("x", bytes)], FOLDER),
        lambda: list(machine.files(FOLDER)),
        lambda: machine.variables(["A"]),
        lambda: machine.begin("BUILD"),
    ):
        with pytest.raises(Killed):
            attempt()


def test_a_machine_killed_before_its_start(unstarted: Machine) -> None:
    unstarted.kill()
    with pytest.raises(Killed):
        unstarted.start(spec(unstarted))


def test_the_deadline(unstarted: Machine, clock: FakeClock) -> None:
    unstarted.start(spec(unstarted, deadline=NEVER - 1))
    (alarm,) = clock.alarms
    assert alarm.at == NEVER - 1
    with pytest.raises(Killed):
        unstarted.run(Command(f"echo here; {LONG}"), lambda _: alarm.action())
    assert not alarm.cancelled
    unstarted.close()
    assert alarm.cancelled


def test_the_time_is_the_clocks(machine: Machine, clock: FakeClock) -> None:
    clock.time += 5
    assert machine.now() == clock.time


def test_close_without_start_and_again(unstarted: Machine) -> None:
    unstarted.close()
    unstarted.close()
    with pytest.raises(Killed):
        run(unstarted, "echo")


def test_a_step_begins(machine: Machine) -> None:
    machine.begin("BUILD", 3)
    assert run(machine, "echo on") == (0, "on\n")


@pytest.mark.parametrize("folder", ["relative", "/a/../b"])
def test_a_working_folder_that_makes_no_sense(unstarted: Machine, folder: str) -> None:
    with pytest.raises(MachineError):
        unstarted.start(spec(unstarted, folder=folder))
