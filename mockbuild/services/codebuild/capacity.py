"""Where builds run, and where they wait for that: fleets, and the account's quotas on demand."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from mockbuild.domain.aws_errors import AccountLimitExceededException, InvalidInputException
from mockbuild.engine.line import Line
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.fleets import Fleet, Fleets
from mockbuild.services.codebuild.quotas import (
    IN_QUEUE,
    QUEUE_FACTOR,
    Quotas,
    concurrency_quotas,
)

#: Environment types that there are in fleets only (documented).
_FLEET_ONLY: Final = frozenset({"MAC_ARM"})
_WITHOUT_END = float("inf")


class OnDemand:
    """The lines of builds on demand: one for each quota that was ever set.

    :param here: the region.
    """

    def __init__(self, here: CodeBuild) -> None:
        self._here = here
        self._lines: dict[str, Line] = {}
        self.quotas = here.store(Quotas)
        self.quotas.settings.watch(self._fill)

    def line(self, environment_type: str, compute_type: str) -> tuple[Line, int] | None:
        """Return the line of builds of these types, and how many of them can run at a time.

        That they do not count towards the quota for all when there is one for their types is a
        guess.
        """
        for name in concurrency_quotas(environment_type, compute_type):
            most = self.quotas.value(name)
            if most is not None:
                return self._line(name), most
        return None

    def _line(self, name: str) -> Line:
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = Line(partial(self._places, name))
        return line

    def _places(self, name: str, at: float) -> float:  # noqa: ARG002 - a quota has no history
        most = self.quotas.value(name)
        return _WITHOUT_END if most is None else most

    def _fill(self) -> None:
        """Let builds go that a quota does not hold back any more."""
        with self._here.conductor.lock:
            now = self._here.now()
            self._here.means.agenda.advance(now)
            for line in self._lines.values():
                line.fill(now)


def line_for(here: CodeBuild, settings: Mapping[str, Any], *, asked: bool = True) -> Line | None:
    """Return the line that a build has to join; ``None`` if nothing limits it.

    With a fleet, a build takes one of its machines; where that is full, the fleet's overflow
    behaviour decides whether it waits for one or runs on demand (documented). On demand, it comes
    under the quotas of the account, if any is set.

    :param settings: the project's record with all overrides put into it.
    :param asked: whether somebody asks for the build, who can be refused. One that the service
        starts by itself waits at least: a guess.
    :raises InvalidInputException: there is no such fleet; a guess, text and all.
    :raises AccountLimitExceededException: too many builds wait already.
    """
    environment = settings["environment"]
    fleet = environment.get("fleet")
    if fleet is not None and fleet.get("fleetArn"):
        return _on_fleet(here, fleet["fleetArn"], asked=asked)
    return _on_demand(here, environment, asked=asked)


def check_capacity(here: CodeBuild, project: Mapping[str, Any]) -> None:
    """Check what a project says about where its builds run.

    That a limit of concurrent builds cannot be above the account's is documented. That a fleet has
    to be there already, and the texts, are guesses.

    :raises InvalidInputException: its fleet is not there, or its limit is too high.
    """
    environment = project["environment"]
    arn = environment.get("fleet", {}).get("fleetArn")
    if arn:
        if _find(here, arn) is None:
            raise _unknown(arn)
        return
    limit = project.get("concurrentBuildLimit")
    if limit is None or not _limited(here):
        return
    found = here.store(OnDemand).line(environment["type"], environment["computeType"])
    if found is not None and limit > found[1]:
        raise InvalidInputException(
            f"Invalid input: concurrentBuildLimit cannot be more than {found[1]}, the limit of the "
            "account"
        )


def _find(here: CodeBuild, arn: str) -> Fleet | None:
    fleet = here.store(Fleets).find(arn)
    return fleet if fleet is not None and fleet.arn == arn else None


def _unknown(arn: str) -> InvalidInputException:
    return InvalidInputException(f"Fleet cannot be found: {arn}")


def _on_fleet(here: CodeBuild, arn: str, *, asked: bool) -> Line | None:
    fleet = _find(here, arn)
    if fleet is None:
        if asked:
            raise _unknown(arn)
        return Line(lambda _: 0)
    record = here.store(Fleets).now(fleet).record
    if _is_full(here, fleet.line):
        overflows = record["overflowBehavior"] == "ON_DEMAND"
        if overflows and record["environmentType"] not in _FLEET_ONLY:
            kinds = {"type": record["environmentType"], "computeType": record["computeType"]}
            return _on_demand(here, kinds, asked=asked)
    return fleet.line


def _on_demand(here: CodeBuild, environment: Record, *, asked: bool) -> Line | None:
    if not _limited(here):
        return None
    lines = here.store(OnDemand)
    found = lines.line(environment["type"], environment["computeType"])
    if found is None:
        return None
    line, most = found
    if asked and _is_full(here, line):
        told = lines.quotas.value(IN_QUEUE.name)
        longest = QUEUE_FACTOR * most if told is None else told
        if len(line.waiting) >= longest:  # recorded
            raise AccountLimitExceededException(
                f"Cannot have more than {longest} builds in queue for the account"
            )
    return line


def _limited(here: CodeBuild) -> bool:
    return here.store(Quotas).limits_builds


def _is_full(here: CodeBuild, line: Line) -> bool:
    """Tell whether a build would have to wait, those that are over by now being gone."""
    now = here.now()
    if line.is_full(now):
        here.conductor.make_room(line)
        line.fill(now)
    return line.is_full(now)
