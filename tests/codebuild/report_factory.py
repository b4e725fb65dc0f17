"""Report groups and reports for the tests of CodeBuild."""

from typing import Any

from tests.codebuild.factory import ARN, CLIENT, Record, run

NO_EXPORT = {"exportConfigType": "NO_EXPORT"}
NO_SUCH_GROUP = f"{ARN}:report-group/none"
NO_SUCH_REPORT = f"{ARN}:report/none:0f0e0d0c-0000-4000-8000-000000000000"
#: What is none of a report group, and what is none of a report.
NO_GROUP_ARNS = {
    "name": "unit",
    "nothing-behind": f"{ARN}:report-group/",
    "project": f"{ARN}:project/web",
    "service": "arn:aws:s3:us-east-1:123456789012:report-group/unit",
    "account": "arn:aws:codebuild:us-east-1:12:report-group/unit",
}
NO_REPORT_ARNS = {
    "uuid": "0f0e0d0c-0000-4000-8000-000000000000",
    "group": NO_SUCH_GROUP,
    "no-uuid": f"{ARN}:report/unit",
    "nothing-behind": f"{ARN}:report/unit:",
}


def make_group(name: str = "unit", kind: str = "TEST", **members: Any) -> Record:
    """Create a report group."""
    members.setdefault("exportConfig", NO_EXPORT)
    return CLIENT.create_report_group(name=name, type=kind, **members)["reportGroup"]


def group_arn(name: str) -> str:
    """Return the ARN of a report group."""
    return f"{ARN}:report-group/{name}"


def get_group(name: str) -> Record | None:
    """Look at a report group; None is one that is not there."""
    found = CLIENT.batch_get_report_groups(reportGroupArns=[group_arn(name)])
    assert len(found["reportGroups"]) + len(found["reportGroupsNotFound"]) == 1
    return found["reportGroups"][0] if found["reportGroups"] else None


def get_reports(*arns: str) -> list[Record]:
    """Look at reports, all of which are there."""
    found = CLIENT.batch_get_reports(reportArns=list(arns))
    assert found["reportsNotFound"] == []
    return found["reports"]


def report(mb: Any, name: str = "unit", project: str = "web", **told: Any) -> Record:
    """Run a build that leaves a test report, and return the report."""
    mb.script(project, times=1).reports(name, **told)
    (record,) = get_reports(*run(project)["reportArns"])
    return record


def cover(mb: Any, files: Any, name: str = "cov", project: str = "web") -> Record:
    """Run a build that leaves a coverage report, and return the report."""
    mb.script(project, times=1).covers(name, files)
    (record,) = get_reports(*run(project)["reportArns"])
    return record
