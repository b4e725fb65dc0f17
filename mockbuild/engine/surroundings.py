"""What a build reaches outside its machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockbuild.domain.arns import bucket_and_key
from mockbuild.neighbours.embedded_s3 import EmbeddedS3

if TYPE_CHECKING:
    from mockbuild.domain.reports import Report
    from mockbuild.engine.job import BuildJob
    from mockbuild.neighbours.base import S3


def _nobody(job: "BuildJob", report: "Report", at: float) -> None:
    """Take no notice of a report."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a build reaches outside its machine.

    :param find_s3: gives the S3 where sources are read and artifacts written; asked each time,
        since who answers for it may change while a build runs.
    :param folders: patterns of source locations to local folders that stand for them.
    :param report: takes a report that a build has left at some time.
    """

    find_s3: "Callable[[], S3]"
    folders: Mapping[str, str] = field(default_factory=dict)
    report: "Callable[[BuildJob, Report, float], None]" = _nobody

    @property
    def s3(self) -> "S3":
        """The S3 of the moment."""
        return self.find_s3()

    def matter_to(self, job: "BuildJob") -> bool:
        """Tell whether it matters to a simulated build when it looks around here."""
        project = job.project
        source = project["source"]
        return bool(
            self.folders
            or project.get("secondarySources")
            or project["artifacts"]["type"] == "S3"
            or project.get("secondaryArtifacts")
            or source.get("buildspec", "").startswith(("arn:", "s3://"))
            or (source["type"] == "S3" and self._may_have(source["location"]))
        )

    def _may_have(self, location: str) -> bool:
        s3 = self.s3
        if not isinstance(s3, EmbeddedS3):
            return True
        try:
            return s3.has_bucket(bucket_and_key(location)[0])
        except ValueError:
            return False
