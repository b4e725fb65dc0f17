"""How the reports of a report group developed: GetReportGroupTrend."""

from collections.abc import Callable
from typing import Any

from mockbuild.domain.aws_errors import InvalidInputException
from mockbuild.domain.reports import pass_rate
from mockbuild.services.backend import Record
from mockbuild.services.codebuild.backend import CodeBuild
from mockbuild.services.codebuild.filed_reports import reports_of
from mockbuild.services.codebuild.report_groups import known_group
from mockbuild.services.operations import operation

_REPORTS = 100
_TEST: dict[str, Callable[[Record], float]] = {
    "PASS_RATE": lambda summary: pass_rate(summary["statusCounts"]),
    "DURATION": lambda summary: summary["durationInNanoSeconds"],
    "TOTAL": lambda summary: summary["total"],
}
_COVERAGE: dict[str, Callable[[Record], float]] = {
    "LINE_COVERAGE": lambda summary: summary["lineCoveragePercentage"],
    "LINES_COVERED": lambda summary: summary["linesCovered"],
    "LINES_MISSED": lambda summary: summary["linesMissed"],
    "BRANCH_COVERAGE": lambda summary: summary["branchCoveragePercentage"],
    "BRANCHES_COVERED": lambda summary: summary["branchesCovered"],
    "BRANCHES_MISSED": lambda summary: summary["branchesMissed"],
}
#: By the type of report groups: the member of their reports' records that counts, and the fields.
_FIELDS = {"TEST": ("testSummary", _TEST), "CODE_COVERAGE": ("codeCoverageSummary", _COVERAGE)}


@operation
def get_report_group_trend(
    here: CodeBuild, *, report_group_arn: str, trend_field: str, num_of_reports: int = _REPORTS
) -> Record:
    """Return one number of each of a report group's most recent reports, and what they come to.

    Guesses: the newest report comes first, durations are nanoseconds, averages are cut off after
    two decimals, and of no reports there are no statistics.

    :raises ResourceNotFoundException: there is no such report group.
    :raises InvalidInputException: the field is none of groups of its type, or the ARN is none.
    """
    reports = reports_of(here)
    group = known_group(here, report_group_arn)
    summary, fields = _FIELDS[group.record["type"]]
    if trend_field not in fields:
        raise InvalidInputException(
            f"Invalid trend field for a report group of type {group.record['type']}: {trend_field}"
        )
    value = fields[trend_field]
    newest = group.reports.all.names(backwards=True)[:num_of_reports]
    records = [report.record for arn in newest if (report := reports.find(arn)) is not None]
    values = [value(record[summary]) for record in records]
    return {
        "stats": _stats(values),
        "rawData": [
            {"reportArn": record["arn"], "data": str(one)}
            for record, one in zip(records, values, strict=True)
        ],
    }


def _stats(values: list[Any]) -> Record:
    if not values:
        return {}
    hundredths = sum(round(value * 100) for value in values) // len(values)
    whole, rest = divmod(hundredths, 100)
    decimals = f"{rest:02}".removesuffix("0")
    return {"average": f"{whole}.{decimals}", "max": str(max(values)), "min": str(min(values))}
