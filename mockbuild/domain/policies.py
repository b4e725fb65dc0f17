"""Resource policies: who may do what to a resource."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

#: The principal that is everybody.
ANYBODY = "*"
_ACCOUNT = re.compile(
    r"(?P<id>\d{12})|arn:[\w-]+:(?:iam|sts)::(?P<of>\d{12}):(?:root|\w[\w-]*/.+)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    :param allows: whether it allows; it denies otherwise.
    :param accounts: whom it is about: account ids, or :data:`ANYBODY`.
    :param actions: patterns of actions, in lower case.
    :param resources: patterns of ARNs.
    """

    allows: bool
    accounts: frozenset[str]
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, account: str, action: str, resource: str) -> bool:
        """Whether it is about that account doing this."""
        return (
            (account in self.accounts or ANYBODY in self.accounts)
            and _matches(action.lower(), self.actions)
            and _matches(resource, self.resources)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was put, and its statements.

    Who calls is known by account alone, so a user or a role stands for its account, which is a
    guess. So is that conditions are taken to be fulfilled.
    """

    text: str
    statements: tuple[Statement, ...]

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts that it allows anything, or :data:`ANYBODY` alone."""
        named = frozenset[str]().union(*(one.accounts for one in self.statements if one.allows))
        return frozenset({ANYBODY}) if ANYBODY in named else named

    def allows(self, account: str, action: str, resource: str) -> bool:
        """Whether *account* may do *action* (``codebuild:BatchGetProjects``) to a *resource*."""
        about = [one for one in self.statements if one.covers(account, action, resource)]
        return bool(about) and all(one.allows for one in about)


def read_policy(text: str) -> Policy:
    """Read a policy document.

    :raises ValueError: it is none; says why.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise ValueError("it has no Statement")
    return Policy(text, tuple(_statement(one) for one in statements))


def _statement(statement: Any) -> Statement:
    if not isinstance(statement, dict):
        raise ValueError("a Statement is not a JSON object")
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise ValueError("a Statement has no Effect that is Allow or Deny")
    actions = _texts(statement, "Action")
    return Statement(
        effect == "Allow",
        frozenset(_accounts(statement.get("Principal"))),
        tuple(action.lower() for action in actions),
        tuple(_texts(statement, "Resource")),
    )


def _accounts(principal: Any) -> Iterable[str]:
    """Return the accounts a principal is of; services and such have none."""
    if principal == ANYBODY:
        return [ANYBODY]
    if not isinstance(principal, Mapping) or not principal:
        raise ValueError("a Statement has no Principal")
    return [_account(name) for name in _texts(principal, "AWS")] if "AWS" in principal else []


def _account(name: str) -> str:
    if name == ANYBODY:
        return name
    match = _ACCOUNT.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is no Principal")
    return match["id"] or match["of"]


def _texts(item: Mapping[str, Any], member: str) -> list[str]:
    """Return one text or several."""
    value = item.get(member)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise ValueError(f"a Statement has no {member}")
    return texts


def _matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of *patterns* is *name*, with ``*`` for any text and ``?`` for a character."""
    return any(
        name == pattern or fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in patterns
    )
