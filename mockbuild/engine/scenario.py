"""What a test author has said about one build to come."""

from dataclasses import dataclass

from mockbuild.domain.reports import Report
from mockbuild.machines.simulated import PLAIN, Script


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a simulated build does.

    :param machine: what its machine answers.
    :param reports: what it leaves to be reported.
    """

    machine: Script = PLAIN
    reports: tuple[Report, ...] = ()


UNSAID = Scenario()
