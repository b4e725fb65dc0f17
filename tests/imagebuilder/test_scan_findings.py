"""ListImageScanFindings and ListImageScanFindingAggregations."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mockbuild import Control, mock_imagebuilder
from mockbuild.domain.severities import severity_counts
from mockbuild.services.imagebuilder.image_order import Images
from tests.imagebuilder.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    Record,
    container_recipe,
    refused,
    state_of,
    wrong,
)
from tests.imagebuilder.image_factory import Kit, look, status
from tests.imagebuilder.lifecycle_factory import make, timed

SCANNED: Record = {"imageScanningConfiguration": {"imageScanningEnabled": True}}
PIPELINE = f"{ARN}:image-pipeline/nightly"
NAMES = "imageBuildVersionArn, imagePipelineArn"

#: Every member that a finding can have.
DETAILED: Record = {
    "title": "CVE-2026-1 - bash",
    "description": "A flaw in bash",
    "remediation": {"recommendation": {"text": "Update bash", "url": "https://example.com/1"}},
    "inspectorScore": 7.5,
    "inspectorScoreDetails": {
        "adjustedCvss": {
            "scoreSource": "NVD",
            "cvssSource": "NVD",
            "version": "3.1",
            "score": 7.5,
            "scoringVector": "CVSS:3.1/AV:N",
            "adjustments": [{"metric": "AV", "reason": "No path"}],
        }
    },
    "packageVulnerabilityDetails": {
        "vulnerablePackages": [
            {
                "name": "bash",
                "version": "5.1",
                "sourceLayerHash": "sha256:1",
                "epoch": 0,
                "release": "1.amzn2023",
                "arch": "X86_64",
                "packageManager": "OS",
                "filePath": "/bin/bash",
                "fixedInVersion": "5.2",
                "remediation": "dnf update bash",
            }
        ],
        "source": "NVD",
        "cvss": [
            {
                "baseScore": 7.5,
                "scoringVector": "CVSS:3.1/AV:N",
                "version": "3.1",
                "source": "NVD",
            }
        ],
        "relatedVulnerabilities": ["CVE-2026-2"],
        "sourceUrl": "https://example.com/2",
        "vendorSeverity": "Important",
        "vendorCreatedAt": 1_700_000_000.0,
        "vendorUpdatedAt": 1_700_000_001.0,
        "referenceUrls": ["https://example.com/3"],
    },
}


def findings(client: Any = CLIENT, **filter_: str) -> list[Record]:
    """Return the findings that pass a filter."""
    told = [{"name": name, "values": [value]} for name, value in filter_.items()]
    listed = client.list_image_scan_findings(**({"filters": told} if told else {}))
    found: list[Record] = listed["findings"]
    return found


def ids(**filter_: str) -> list[str]:
    """Return the ids of the vulnerabilities that pass a filter."""
    return [one["packageVulnerabilityDetails"]["vulnerabilityId"] for one in findings(**filter_)]


def counted(name: str, *values: str) -> Record:
    """Return aggregations: a key and its counts in order, ``all`` first."""
    told: Record = {"name": name, "values": list(values)} if values else {"name": name}
    response = CLIENT.list_image_scan_finding_aggregations(filter=told)
    assert response["aggregationType"] == name
    shown = {}
    for one in response["responses"]:
        (found,) = one.values()
        counts = found["severityCounts"]
        shown[found[name]] = tuple(counts[one] for one in ("all", "critical", "high", "medium"))
    return shown


@pytest.fixture
def two(mb: Control) -> tuple[str, str]:
    """Two images: a vulnerability in both of them, others in one."""
    kit = Kit()
    mb.script(image="web", times=1).finds("CVE-1", "HIGH").finds("CVE-2", "CRITICAL")
    first = make(kit, **SCANNED)
    mb.script(image="web", times=1).finds("CVE-1", "HIGH").finds("CVE-3", "MEDIUM").finds(
        "CVE-4", "LOW"
    )
    return first, make(kit, **SCANNED)


# Findings


@pytest.mark.model
def test_all_that_there_can_be_of_a_finding(mb):
    mb.script(image="web").finds("CVE-2026-1", "HIGH", fix_available="PARTIAL", **DETAILED)
    CLIENT.create_image_pipeline(
        name="nightly",
        imageRecipeArn=(kit := Kit()).recipe,
        infrastructureConfigurationArn=kit.infrastructure,
        **SCANNED,
    )
    arn = CLIENT.start_image_pipeline_execution(imagePipelineArn=PIPELINE)["imageBuildVersionArn"]
    look(arn)
    (found,) = findings()
    times = {name: found.pop(name) for name in ("firstObservedAt", "updatedAt")}
    assert all(isinstance(one, datetime) for one in times.values())
    details = found["packageVulnerabilityDetails"]
    for name in ("vendorCreatedAt", "vendorUpdatedAt"):
        assert details.pop(name).timestamp() == DETAILED["packageVulnerabilityDetails"][name]
    expected = {
        name: value
        for name, value in DETAILED["packageVulnerabilityDetails"].items()
        if not name.endswith("At")
    }
    assert found == {
        **DETAILED,
        "awsAccountId": ACCOUNT,
        "imageBuildVersionArn": arn,
        "imagePipelineArn": PIPELINE,
        "type": "PACKAGE_VULNERABILITY",
        "severity": "HIGH",
        "fixAvailable": "PARTIAL",
        "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-1", **expected},
    }


@pytest.mark.docs
def test_the_least_of_a_finding(mb):
    mb.script(image="web").finds("CVE-1")
    arn = make(Kit(), **SCANNED)
    (found,) = findings()
    assert found.pop("firstObservedAt") == found.pop("updatedAt")
    assert found == {
        "awsAccountId": ACCOUNT,
        "imageBuildVersionArn": arn,
        "type": "PACKAGE_VULNERABILITY",
        "severity": "HIGH",
        "fixAvailable": "YES",
        "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-1"},
    }


@pytest.mark.docs
@pytest.mark.parametrize("zone", [UTC, None], ids=["utc", "no-zone"])
def test_a_test_can_say_when_something_was_found(mb, zone):
    said = datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone)
    details = {"packageVulnerabilityDetails": {"vendorCreatedAt": said}}
    mb.script(image="web").finds("CVE-1", firstObservedAt=said, **details)
    make(Kit(), **SCANNED)
    (found,) = findings()
    assert found["firstObservedAt"] == said.replace(tzinfo=UTC)
    assert found["packageVulnerabilityDetails"]["vendorCreatedAt"] == said.replace(tzinfo=UTC)


@pytest.mark.docs
@pytest.mark.usefixtures("two")
def test_findings_by_severity_and_vulnerability(mb):
    assert ids() == ["CVE-1", "CVE-3", "CVE-4", "CVE-1", "CVE-2"]
    assert ids(severity="HIGH") == ["CVE-1", "CVE-1"]
    assert ids(severity="high") == []
    assert ids(vulnerabilityId="CVE-3") == ["CVE-3"]
    assert ids(vulnerabilityId="CVE-*") == []


@pytest.mark.docs
def test_findings_by_image_and_pipeline(mb, two):
    first, second = two
    assert ids(imageBuildVersionArn=first) == ["CVE-1", "CVE-2"]
    assert ids(imageBuildVersionArn=second) == ["CVE-1", "CVE-3", "CVE-4"]
    assert ids(imageBuildVersionArn=f"{ARN}:image/web/1.0.0/9") == []
    assert ids(imageBuildVersionArn=first.rpartition("/")[0]) == []
    assert ids(imagePipelineArn=PIPELINE) == []


@pytest.mark.docs
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="no-scan"),
        pytest.param({"imageScanningConfiguration": {"imageScanningEnabled": False}}, id="off"),
        pytest.param(
            {
                "imageScanningConfiguration": {
                    "imageScanningEnabled": True,
                    "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
                }
            },
            id="on-demand",
        ),
    ],
)
def test_images_whose_findings_are_not_here(mb, members):
    mb.script(image="web").finds("CVE-1")
    assert look(make(Kit(), **members))["state"]["status"] == "AVAILABLE"
    assert findings() == []


@pytest.mark.docs
def test_findings_of_container_images(mb):
    mb.script(image="box").finds("CVE-1")
    members = {"containerRecipeArn": container_recipe("box"), "imageRecipeArn": None}
    arn = make(Kit(), **members, **SCANNED)
    assert [one["imageBuildVersionArn"] for one in findings()] == [arn]


@pytest.mark.docs
def test_findings_are_there_once_they_are_collected():
    with timed() as mb:
        mb.script(image="web").finds("CVE-1")
        arn = Kit().make(**SCANNED)
        seen = []
        for _ in range(120):
            mb.clock.tick(minutes=1)
            now = (look(arn).get("scanState", {}).get("status"), len(findings()))
            seen += [now] if seen[-1:] != [now] else []
        assert (seen[0][1], seen[-1]) == (0, ("COMPLETED", 1))
        assert not any(found and state in ("PENDING", "SCANNING") for state, found in seen)
        (one,) = findings()
        assert one["firstObservedAt"] < datetime.fromtimestamp(mb.clock.now(), UTC)


@pytest.mark.docs
def test_a_finding_too_bad_fails_an_image(mb):
    condition = {"maximumSeverityLabel": "LOW"}
    mb.script(image="web").finds("CVE-1", "MEDIUM")
    scanning = {
        "imageScanningEnabled": True,
        "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
        "scanResultCondition": condition,
    }
    arn = make(Kit(), imageScanningConfiguration=scanning)
    assert status(arn) == "FAILED"
    assert findings() == []


@pytest.mark.docs
def test_findings_go_with_their_image(mb, two):
    CLIENT.delete_image(imageBuildVersionArn=two[0])
    assert ids() == ["CVE-1", "CVE-3", "CVE-4"]
    CLIENT.start_resource_state_update(resourceArn=two[1], state={"status": "DISABLED"})
    assert ids() == ["CVE-1", "CVE-3", "CVE-4"]


@pytest.mark.inferred
def test_of_images_of_the_same_moment_the_last_comes_first():
    with mock_imagebuilder(clock="virtual") as mb:
        kit = Kit()
        for number in range(3):
            mb.script(image="web", times=1).finds(f"CVE-{number}")
            make(kit, **SCANNED)
        assert ids() == ["CVE-2", "CVE-1", "CVE-0"]


@pytest.mark.docs
def test_images_without_findings_are_not_asked_again(mb):
    kit = Kit()
    mb.script(image="web", times=1).finds("CVE-1")
    found = kit.make(**SCANNED)
    for members in (SCANNED, SCANNED, {}):
        kit.make(**members)
    assert ids() == ["CVE-1"]
    assert list(state_of(mb).store(Images).scanned) == [found]
    CLIENT.delete_image(imageBuildVersionArn=found)
    assert ids() == []
    assert not state_of(mb).store(Images).scanned


@pytest.mark.inferred
def test_a_retry_finds_more_and_keeps_its_place(mb):
    kit = Kit()
    mb.script(image="web", times=1).fails_in("TESTING")
    first = make(kit, **SCANNED)
    mb.script(image="web", times=1).finds("CVE-2")
    make(kit, **SCANNED)
    assert ids() == ["CVE-2"]
    mb.script(image="web", times=1).finds("CVE-1")
    CLIENT.retry_image(imageBuildVersionArn=first)
    assert ids() == ["CVE-2", "CVE-1"]
    assert ids(imageBuildVersionArn=first) == ["CVE-1"]


@pytest.mark.docs
@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("client", [FRANKFURT, OTHER], ids=["region", "account"])
def test_findings_of_others(mb, client):
    assert findings(client) == []
    (one,) = client.list_image_scan_finding_aggregations()["responses"]
    assert one["accountAggregation"]["severityCounts"]["all"] == 0


@pytest.mark.model
@pytest.mark.usefixtures("two")
def test_findings_come_in_pages(mb):
    pages = CLIENT.get_paginator("list_image_scan_findings").paginate(
        PaginationConfig={"PageSize": 2}
    )
    shown = [
        [one["packageVulnerabilityDetails"]["vulnerabilityId"] for one in page["findings"]]
        for page in pages
    ]
    assert shown == [["CVE-1", "CVE-3"], ["CVE-4", "CVE-1"], ["CVE-2"]]
    with refused("InvalidPaginationTokenException"):
        CLIENT.list_image_scan_findings(nextToken="made-up")


@pytest.mark.inferred
def test_filters_of_findings_that_there_are_not(mb):
    sentence = f"Valid filter names are: {NAMES}, severity, vulnerabilityId."
    with refused(message=wrong("filters[0].name", sentence)):
        findings(name="web")


@pytest.mark.model
@pytest.mark.parametrize(
    ("filters", "parameter"),
    [
        ([{"name": "severity", "values": ["HIGH"]}] * 2, "filters"),
        ([{"name": "severity", "values": ["HIGH", "LOW"]}], "filters[0].values"),
        ([{"name": "severity", "values": ["$"]}], "filters[0].values[0]"),
        ([{"name": "a-b", "values": ["HIGH"]}], "filters[0].name"),
        ([], "filters"),
    ],
)
def test_filters_that_the_model_forbids(mb, filters, parameter):
    with refused(parameter=parameter):
        RAW.list_image_scan_findings(filters=filters)


# Aggregations


@pytest.mark.docs
@pytest.mark.usefixtures("two")
def test_all_of_the_account_is_counted(mb):
    response = CLIENT.list_image_scan_finding_aggregations()
    counts = {"all": 5, "critical": 1, "high": 2, "medium": 1}
    account = {"accountId": ACCOUNT, "severityCounts": counts}
    assert response["aggregationType"] == "accountId"
    assert response["responses"] == [{"accountAggregation": account}]
    assert response["requestId"]


@pytest.mark.inferred
def test_an_account_without_findings(mb):
    (one,) = CLIENT.list_image_scan_finding_aggregations()["responses"]
    counts = {"all": 0, "critical": 0, "high": 0, "medium": 0}
    assert one == {"accountAggregation": {"accountId": ACCOUNT, "severityCounts": counts}}


@pytest.mark.docs
def test_counts_by_image(mb, two):
    first, second = two
    assert counted("imageBuildVersionArn", first) == {first: (2, 1, 1, 0)}
    assert counted("imageBuildVersionArn", second, first) == {
        second: (3, 0, 1, 1),
        first: (2, 1, 1, 0),
    }


@pytest.mark.docs
@pytest.mark.usefixtures("two")
def test_counts_by_vulnerability(mb):
    assert counted("vulnerabilityId", "CVE-1") == {"CVE-1": (2, 0, 2, 0)}
    assert counted("vulnerabilityId", "CVE-4", "CVE-9") == {"CVE-4": (1, 0, 0, 0)}


@pytest.mark.docs
def test_counts_by_pipeline(mb):
    mb.script(image="nightly").finds("CVE-1", "CRITICAL")
    kit = Kit()
    CLIENT.create_image_pipeline(
        name="nightly",
        imageRecipeArn=kit.recipe,
        infrastructureConfigurationArn=kit.infrastructure,
        **SCANNED,
    )
    for _ in range(2):
        started = CLIENT.start_image_pipeline_execution(imagePipelineArn=PIPELINE)
        look(started["imageBuildVersionArn"])
    make(kit, **SCANNED)
    assert counted("imagePipelineArn", PIPELINE) == {PIPELINE: (2, 2, 0, 0)}
    assert len(findings(imagePipelineArn=PIPELINE)) == 2


@pytest.mark.inferred
def test_without_values_everything_is_counted(mb, two):
    assert counted("imageBuildVersionArn") == {two[1]: (3, 0, 1, 1), two[0]: (2, 1, 1, 0)}
    assert counted("imageBuildVersionArn", "x") == {}


@pytest.mark.model
def test_aggregations_come_in_pages(mb):
    for number in range(30):
        mb.script(image="web", times=1).finds(f"CVE-{number}")
    kit = Kit()
    for _ in range(30):
        make(kit, **SCANNED)
    told = {"name": "vulnerabilityId"}
    first = CLIENT.list_image_scan_finding_aggregations(filter=told)
    rest = CLIENT.list_image_scan_finding_aggregations(filter=told, nextToken=first["nextToken"])
    shown = [
        one["vulnerabilityIdAggregation"]["vulnerabilityId"]
        for one in first["responses"] + rest["responses"]
    ]
    assert shown == [f"CVE-{number}" for number in reversed(range(30))]
    assert len(first["responses"]) == 25


@pytest.mark.inferred
@pytest.mark.parametrize("told", [{"name": "severity", "values": ["HIGH"]}, {"values": ["HIGH"]}])
def test_filters_of_aggregations_that_there_are_not(mb, told):
    sentence = f"Valid filter names are: {NAMES}, vulnerabilityId."
    with refused(message=wrong("filter.name", sentence)):
        CLIENT.list_image_scan_finding_aggregations(filter=told)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("severities", "counts"),
    [
        ([], (0, 0, 0, 0)),
        (["CRITICAL", "HIGH", "HIGH", "MEDIUM"], (4, 1, 2, 1)),
        (["LOW", "INFORMATIONAL", "UNTRIAGED"], (3, 0, 0, 0)),
    ],
)
def test_severities_are_counted(severities, counts):
    found = severity_counts({"severity": one} for one in severities)
    assert tuple(found[name] for name in ("all", "critical", "high", "medium")) == counts
