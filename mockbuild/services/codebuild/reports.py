"""Reports: ListReports, ListReportsForReportGroup, BatchGetReports and DeleteReport.

What is in them is in report_details.py. No operation makes one: builds do.
"""

import re

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.domain.reports import Report
from mockbuild.engine.job import BuildJob
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.batch_get import batch_get
from mockbuild.services.codebuild.filed_reports import FiledReport, Reports, reports_of
from mockbuild.services.codebuild.report_groups import group_for, known_group
from mockbuild.services.codebuild.report_record import show_report
from mockbuild.services.operations import operation

_ARN = re.compile(r"arn:[\w-]+:codebuild:[\w-]+:\d{12}:report/.+:[^:]+", re.DOTALL)


@operation
def list_reports(
    here: CodeBuild,
    *,
    sort_order: str = "DESCENDING",
    filter: Record | None = None,  # noqa: A002
) -> Record:
    """List the ARNs of reports, by creation; that the newest is first by default is a guess."""
    order = reports_of(here).order
    status = (filter or {}).get("status")
    return {"reports": order.arns(status, newest_first=sort_order == "DESCENDING")}


@operation
def list_reports_for_report_group(
    here: CodeBuild,
    *,
    report_group_arn: str,
    sort_order: str = "DESCENDING",
    filter: Record | None = None,  # noqa: A002
) -> Record:
    """List the ARNs of a report group's reports, as ListReports does.

    :raises ResourceNotFoundException: there is no such report group.
    :raises InvalidInputException: the ARN is none.
    """
    order = known_group(here, report_group_arn).reports
    status = (filter or {}).get("status")
    return {"reports": order.arns(status, newest_first=sort_order == "DESCENDING")}


@operation
def batch_get_reports(here: CodeBuild, *, report_arns: list[str]) -> Record:
    """Return the reports of the given ARNs, in that order, and those that are not there.

    An ARN that comes twice is answered once, and what is no ARN is answered as not there, which
    are guesses.
    """
    reports = reports_of(here)

    def look(arn: str) -> Record | None:
        report = reports.find(arn)
        return None if report is None else report.record

    found, missing = batch_get(report_arns, look)
    return {"reports": found, "reportsNotFound": missing}


@operation
def delete_report(here: CodeBuild, *, arn: str) -> Record:
    """Delete a report and what is in it, or nothing if there is none.

    :raises InvalidInputException: the ARN is none of a report.
    """
    check_report_arn(arn)
    reports_of(here).remove(arn)
    return {}


def check_report_arn(arn: str) -> None:
    """Check that *arn* can be one of a report; the text is a guess."""
    if not _ARN.fullmatch(arn):
        raise InvalidInputException("Invalid report ARN provided")


def take_up(here: CodeBuild, job: BuildJob, report: Report, at: float) -> None:
    """Keep a report that a build has made.

    :param here: where the build runs.
    :param at: when it made it.
    """
    group = group_for(here, job.project["name"], report, at)
    if group is None:
        return
    arn = here.arn(f"report/{group.record['name']}:{job.uuid}")
    record = show_report(report, arn=arn, group=group.record, build=job.arn, at=at)
    here.store(Reports).file(FiledReport(record, report, group.reports))
