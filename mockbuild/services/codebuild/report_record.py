"""Reports and what is in them, as the API shows them."""

from mockbuild.domain.reports import (
    LIFETIME,
    CoverageReport,
    FileCoverage,
    Report,
    Share,
    TestCase,
)
from mockbuild.services.backend import Record


def show_report(report: Report, *, arn: str, group: Record, build: str, at: float) -> Record:
    """Return the record of a report.

    It carries the export settings that its group has at that time, and expires on a whole second
    (recorded).

    :param group: the record of its report group.
    :param build: the ARN of the build that made it.
    :param at: when that was.
    """
    record: Record = {
        "arn": arn,
        "type": report.kind,
        "name": group["name"],
        "reportGroupArn": group["arn"],
        "executionId": build,
        "status": report.status,
        "created": round(at, 3),
        "expired": int(at) + LIFETIME,
        "exportConfig": group["exportConfig"],
        "truncated": report.truncated,
    }
    if isinstance(report, CoverageReport):
        record["codeCoverageSummary"] = _coverage(report.lines(), report.branches())
    else:
        summary = report.summary()
        record["testSummary"] = {
            "total": summary.total,
            "statusCounts": summary.counts,
            "durationInNanoSeconds": summary.nanoseconds,
        }
    return record


def show_case(case: TestCase, report: Record) -> Record:
    """Return the record of a test case; texts that are empty are left out, which is a guess."""
    texts = {
        "testRawDataPath": case.path,
        "prefix": case.prefix,
        "message": case.shown_message,
        "testSuiteName": case.suite,
    }
    return {
        "reportArn": report["arn"],
        "name": case.shown_name,
        "status": case.status,
        "durationInNanoSeconds": case.nanoseconds,
        "expired": report["expired"],
        **{member: text for member, text in texts.items() if text},
    }


def show_file(file: FileCoverage, report: Record, file_id: str) -> Record:
    """Return the record of a file's coverage."""
    return {
        "id": file_id,
        "reportARN": report["arn"],
        "filePath": file.path,
        **_coverage(file.lines, file.branches),
        "expired": report["expired"],
    }


def _coverage(lines: Share, branches: Share) -> Record:
    return {
        "lineCoveragePercentage": lines.percentage,
        "linesCovered": lines.covered,
        "linesMissed": lines.missed,
        "branchCoveragePercentage": branches.percentage,
        "branchesCovered": branches.covered,
        "branchesMissed": branches.missed,
    }
