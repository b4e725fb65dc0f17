"""Scanning an image for vulnerabilities, and what follows from what is found."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockbuild.domain.image_lifecycle import SCAN_STATUSES, is_final
from mockbuild.engine.image_events import Collected, Learned
from mockbuild.engine.image_making import TICK, Failed

if TYPE_CHECKING:
    from mockbuild.engine.image_run import ImageRun

#: From the least to the worst.
SEVERITIES: Final = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
#: How long collecting takes where no step does it, in seconds: a guess.
_COLLECTING_SECONDS: Final = 1.4


class Scan:
    """The scan of one image, as far as it goes in one go at making it.

    :param run: the making of the image.
    """

    def __init__(self, run: "ImageRun") -> None:
        self._run = run
        self._wanted = run.job.scans

    def announce(self, at: float) -> None:
        """Let it be known that there is going to be a scan."""
        self._move(at, "PENDING")

    def begin(self, at: float) -> None:
        """Begin, or begin anew if the tests are run again."""
        self._run.carried.scan = ""
        self._move(at, "SCANNING")

    def collect(self, at: float, end: float) -> None:
        """Collect what was found, which ends the scan; what nobody lists is not collected."""
        self._move(at, "COLLECTING")
        if self._wanted and self._run.job.collects_findings:
            self._run.emit(Collected(end, findings=self._run.scenario.findings))
        self._move(end, "COMPLETED")

    def finish(self, at: float) -> float:
        """End the scan when the tests are over, if no step has, and return the time.

        :raises Failed: what was found is worse than it may be.
        """
        if not self._wanted:
            return at
        if not is_final(SCAN_STATUSES, self._run.carried.scan):
            self.collect(at, at + _COLLECTING_SECONDS)
            at += _COLLECTING_SECONDS
        reason = exceeding(self._run.job.scanning, self._run.scenario.findings)
        if reason:
            raise Failed(at + TICK, reason)
        return at

    def abandon(self, at: float) -> None:
        """Break off, because the image has come to an end."""
        self._move(at, "ABANDONED")

    def _move(self, at: float, status: str) -> None:
        """Get into another status, unless there is no scan or it is over."""
        known = self._run.carried.scan
        if self._wanted and (not known or not is_final(SCAN_STATUSES, known)):
            self._run.carried.scan = status
            self._run.emit(Learned(at, {"scanState": {"status": status}}))


def exceeding(scanning: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> str:
    """Return why an image fails for what was found; empty if it does not.

    Documented: findings worse than the worst that is allowed fail the image; those without a fix
    count only if that is said. The text is a guess.

    :param scanning: ``imageScanningConfiguration``.
    """
    condition = scanning.get("scanResultCondition")
    if condition is None:
        return ""
    most = condition["maximumSeverityLabel"]
    fixable = condition.get("fixAvailable", True)
    worse = SEVERITIES[SEVERITIES.index(most) + 1 :]
    counted = [
        one
        for one in findings
        if one.get("severity") in worse and (not fixable or one.get("fixAvailable") == "YES")
    ]
    if not counted:
        return ""
    return f"The image scan has {len(counted)} findings with a severity higher than {most}."
