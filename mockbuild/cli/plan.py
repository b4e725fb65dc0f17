"""What a build would do, without doing it."""

import json
from collections.abc import Iterable

from mockbuild.cli.console import Screen
from mockbuild.cli.folder_build import Wanted
from mockbuild.cli.variables import MASK, SERVICE, Masking, Variable
from mockbuild.documents.errors import shown

#: Stands for the folder that the local machine makes for itself.
SCRATCH = "<scratch>"


def as_json(wanted: Wanted, variables: Iterable[Variable], masking: Masking) -> str:
    """Return the plan as one JSON object."""
    spec = wanted.spec
    plan = {
        "event": "plan",
        "folder": str(wanted.folder),
        "buildspec": spec.source,
        "runner": wanted.runner,
        "environment": [
            {"name": one.name, "value": _value(one), "origin": one.origin} for one in variables
        ],
        "phases": [
            {
                "phase": name,
                "commands": [str(command) for command in phase.commands],
                "finally": [str(command) for command in phase.finally_commands],
            }
            for name, phase in spec.phases.items()
            if name in wanted.phases
        ],
        "exportedVariables": [str(name) for name in spec.env.exported_variables],
        "artifacts": [str(pattern) for pattern in _patterns(wanted)],
    }
    return json.dumps(masking.everywhere(plan))


def show(screen: Screen, wanted: Wanted, variables: Iterable[Variable], masking: Masking) -> None:
    """Write the plan for a person."""
    _show_environment(screen, wanted, list(variables))
    for name, phase in wanted.spec.phases.items():
        screen.write("")
        if name not in wanted.phases:
            screen.write(f"{name}: left out, by --phase", "dim")
            continue
        screen.write(_title(wanted, name), "bold")
        for command in phase.commands:
            screen.write(masking.text(_command(str(command))))
        if phase.finally_commands:
            screen.write("  in any case:", "dim")
        for command in phase.finally_commands:
            screen.write(masking.text(_command(str(command))))
    patterns = _patterns(wanted)
    if patterns:
        screen.write("")
        screen.write("Artifacts", "bold")
        for pattern in patterns:
            screen.write(f"  {pattern}")


def _show_environment(screen: Screen, wanted: Wanted, variables: list[Variable]) -> None:
    asked = [one for one in variables if one.origin != SERVICE]
    own = [one for one in variables if one.origin == SERVICE]
    if asked:
        screen.write("Variables", "bold")
        lines = [f"  {one.name}={_text(one)}" for one in asked]
        width = min(max(map(len, lines)), 60)
        for line, one in zip(lines, asked, strict=True):
            screen.write(f"{line:{width}}  from {one.origin}")
        screen.write("")
    screen.write("Variables of every build", "bold")
    for one in own:
        screen.write(f"  {one.name}={_text(one)}", "dim")
    if wanted.runner == "local":
        screen.write("  PATH, language, time zone and proxies are those of this machine", "dim")


def _text(variable: Variable) -> str:
    value = _value(variable)
    return "(not looked up)" if value is None else shown(value)


def _value(variable: Variable) -> str | None:
    return MASK if variable.secret and variable.value else variable.value


def _title(wanted: Wanted, name: str) -> str:
    phase = wanted.spec.phases[name]
    user = phase.run_as or wanted.spec.run_as
    notes = [f"as {user}"] if user else []
    if phase.on_failure is not None:
        notes.append(f"on failure: {phase.on_failure.action}")
    return f"{name} ({', '.join(notes)})" if notes else name


def _command(text: str) -> str:
    first, *others = text.rstrip("\n").split("\n")
    return "\n".join([f"  $ {first}", *(f"  > {line}" for line in others)])


def _patterns(wanted: Wanted) -> list[str]:
    declared = wanted.spec.artifacts
    if declared is None or not wanted.collect:
        return []
    parts = [("", declared), *declared.secondary.items()]
    return [
        "/".join(piece for piece in (str(part.base_directory or ""), str(pattern)) if piece)
        + (f"  as {identifier}" if identifier else "")
        for identifier, part in parts
        for pattern in part.files
    ]
