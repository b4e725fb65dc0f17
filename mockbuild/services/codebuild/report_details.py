"""What is in a report: DescribeTestCases and DescribeCodeCoverages."""

from bisect import bisect_left, bisect_right
from operator import itemgetter

from mockbuild.domain.aws_errors import InvalidInputException, ResourceNotFoundException
from mockbuild.domain.reports import CASE_STATUSES, CoverageReport, TestReport
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.filed_reports import FiledReport, reports_of
from mockbuild.services.codebuild.report_record import show_case, show_file
from mockbuild.services.codebuild.reports import check_report_arn
from mockbuild.services.operations import operation

_line_coverage = itemgetter("lineCoveragePercentage")


@operation
def describe_test_cases(
    here: CodeBuild,
    *,
    report_arn: str,
    filter: Record | None = None,  # noqa: A002
) -> Record:
    """Return the test cases of a report, of one status or with a word in name or prefix.

    Guesses: they stand as in the report's files, the word is case-sensitive, and a report of
    coverage has none.

    :raises ResourceNotFoundException: there is no such report.
    :raises InvalidInputException: there is no such status, or the ARN is none of a report.
    """
    wanted = filter or {}
    status = wanted.get("status")
    if status is not None and status not in CASE_STATUSES:
        raise InvalidInputException(f"Invalid test case status: {status}")
    check_report_arn(report_arn)
    report = reports_of(here).find(report_arn)
    if report is None:
        raise ResourceNotFoundException(f"Report cannot be found: {report_arn}")
    word = wanted.get("keyword", "")
    cases = _cases(report)
    if status is not None or word:
        cases = [
            case
            for case in cases
            if (status is None or case["status"] == status)
            and (word in case["name"] or word in case.get("prefix", ""))
        ]
    return {"testCases": cases}


@operation
def describe_code_coverages(
    here: CodeBuild,
    *,
    report_arn: str,
    sort_order: str = "ASCENDING",
    sort_by: str = "FILE_PATH",
    min_line_coverage_percentage: float = 0,
    max_line_coverage_percentage: float = 100,
) -> Record:
    """Return how much of each file of a report is covered; both limits count as inside.

    Guesses: which order is the default, that the limits count, and that a report of tests has
    no files.

    :raises InvalidInputException: there is no such report (the model knows no other error), or
        the ARN is none of one.
    """
    check_report_arn(report_arn)
    report = reports_of(here).find(report_arn)
    if report is None:
        raise InvalidInputException(f"Report cannot be found: {report_arn}")
    files = _files(here, report, sort_by)
    low, high = min_line_coverage_percentage, max_line_coverage_percentage
    if low > 0 or high < 100:
        if sort_by == "FILE_PATH":
            files = [file for file in files if low <= _line_coverage(file) <= high]
        else:
            first = bisect_left(files, low, key=_line_coverage)
            files = files[first : bisect_right(files, high, key=_line_coverage)]
    return {"codeCoverages": files if sort_order == "ASCENDING" else files[::-1]}


def _cases(report: FiledReport) -> list[Record]:
    cases = report.details.get("CASES")
    if cases is None:
        source = report.source
        kept = source.kept() if isinstance(source, TestReport) else ()
        cases = report.details["CASES"] = [show_case(case, report.record) for case in kept]
    return cases


def _files(here: CodeBuild, report: FiledReport, sort_by: str) -> list[Record]:
    """Return the files in ascending order; those of the same coverage by their paths."""
    files = report.details.get(sort_by)
    if files is None:
        if sort_by == "FILE_PATH":
            source = report.source
            covered = source.files if isinstance(source, CoverageReport) else ()
            shown = [show_file(file, report.record, here.ids.uuid()) for file in covered]
            files = sorted(shown, key=itemgetter("filePath"))
        else:
            files = sorted(_files(here, report, "FILE_PATH"), key=_line_coverage)
        report.details[sort_by] = files
    return files
