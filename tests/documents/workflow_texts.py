"""Workflow documents for tests, made of the part that a test is about."""

HEAD = "schemaVersion: 1.0\nsteps:\n"
LAUNCH = "- {name: Launch, action: LaunchInstance, inputs: {waitFor: ssmAgent}}\n"


def step(action: str, inputs: str = "{}", name: str = "Step", extra: str = "") -> str:
    """One item of ``steps``; *extra* is more keys on a line of their own."""
    more = f"  {extra}\n" if extra else ""
    return f"- name: {name}\n  action: {action}\n  inputs: {inputs}\n{more}"


def one(action: str, inputs: str = "{}", extra: str = "") -> str:
    """A document with one step, whose inputs stand on line 5 and *extra* on line 6."""
    return HEAD + step(action, inputs, extra=extra)


def wait(extra: str = "", inputs: str = "{}") -> str:
    """A document with one step of ``WaitForAction``."""
    return one("WaitForAction", inputs, extra)


def workflow(more: str = "", steps: str = LAUNCH) -> str:
    """A document with a step that launches an instance, on line 3, and *more* after the steps."""
    return HEAD + steps + more
