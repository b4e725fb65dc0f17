"""``mb.script("web").reports(…)`` and ``.covers(…)``: what builds report."""

import pytest

from mockbuild import ConfigurationError
from mockbuild.domain.reports import CoverageReport, FileCoverage, Share, TestCase
from tests.codebuild.factory import CLIENT, run
from tests.codebuild.report_factory import get_reports

pytestmark = pytest.mark.docs


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", {}),
        (None, {}),
        ("arn:aws:s3:::bucket", {}),
        ("unit", {"passed": -1}),
        ("unit", {"passed": True}),
        ("unit", {"failed": 1.5}),
        ("unit", {"failed": [1]}),
        ("unit", {"failed": {"test_login": None}}),
        ("unit", {"failed": ""}),
        ("unit", {"cases": [{"status": "FAILED"}]}),
        ("unit", {"cases": [{"name": "t", "status": "PASSED"}]}),
        ("unit", {"cases": [{"name": "t", "duration": 1}]}),
        ("unit", {"cases": [{"name": "t", "seconds": "1"}]}),
        ("unit", {"cases": [{"name": "t", "seconds": -1}]}),
        ("unit", {"cases": [{"name": "t", "message": None}]}),
        ("unit", {"cases": ["test_login"]}),
        ("unit", {"cases": "test_login"}),
        ("unit", {"cases": {"name": "t"}}),
    ],
    ids=repr,
)
def test_test_reports_that_cannot_be_said(mb, name, told):
    with pytest.raises(ConfigurationError):
        mb.script("web").reports(name, **told)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("", {}),
        ("cov", {"a.py": (11, 10)}),
        ("cov", {"a.py": (1, 2, 4, 3)}),
        ("cov", {"a.py": (-1, 10)}),
        ("cov", {"a.py": (1,)}),
        ("cov", {"a.py": (1, 2, 3)}),
        ("cov", {"a.py": 90}),
        ("cov", {"a.py": (0.9, 1)}),
        ("cov", {"a.py": "90"}),
        ("cov", {"": (1, 2)}),
        ("cov", {1: (1, 2)}),
        ("cov", ["a.py"]),
    ],
    ids=repr,
)
def test_coverage_reports_that_cannot_be_said(mb, name, files):
    with pytest.raises(ConfigurationError):
        mb.script("web").covers(name, files)


def test_a_build_makes_one_report_of_a_name_and_five_in_all(mb, web):
    script = mb.script("web").reports("r1", passed=1)
    with pytest.raises(ConfigurationError, match="'r1' already"):
        script.covers("r1", {})
    for number in range(2, 6):
        script.reports(f"r{number}", passed=number)
    with pytest.raises(ConfigurationError, match="at most 5"):
        script.reports("r6", passed=1)
    totals = [one["testSummary"]["total"] for one in get_reports(*run()["reportArns"])]
    assert totals == [1, 2, 3, 4, 5]


def test_reports_can_be_said_with_the_domains_own_words(mb, web):
    file = FileCoverage("a.py", Share(1, 1))
    script = mb.script("web").reports("unit", cases=[TestCase("t")]).covers("cov", [file])
    assert script.scenario.reports[1] == CoverageReport("cov", (file,))
    tests, coverage = get_reports(*run()["reportArns"])
    assert tests["testSummary"]["total"] == 1
    assert coverage["codeCoverageSummary"]["linesMissed"] == 1


def test_a_script_without_reports_has_none(mb, web):
    mb.script("web").prints("hello\n")
    assert not run().get("reportArns")
    assert CLIENT.list_reports()["reports"] == []
