"""What scans have found: ListImageScanFindings and ListImageScanFindingAggregations."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mockbuild.domain.severities import severity_counts
from mockbuild.engine.image_events import Collected
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import filtered
from mockbuild.services.imagebuilder.image_record import ImageResource
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.operations import operation

#: The scan whose findings Image Builder does not list (documented).
_ELSEWHERE: Final = "ON_DEMAND_AMI_CVE"


def _vulnerability(finding: Record) -> str | None:
    found: str | None = finding.get("packageVulnerabilityDetails", {}).get("vulnerabilityId")
    return found


#: What findings can be aggregated by, and how answers call that.
_KEYS: Final[Mapping[str, Callable[[Record], str | None]]] = {
    "imageBuildVersionArn": lambda finding: finding["imageBuildVersionArn"],
    "imagePipelineArn": lambda finding: finding.get("imagePipelineArn"),
    "vulnerabilityId": _vulnerability,
}
_AGGREGATIONS: Final = {
    "imageBuildVersionArn": "imageAggregation",
    "imagePipelineArn": "imagePipelineAggregation",
    "vulnerabilityId": "vulnerabilityIdAggregation",
}


@operation
def list_image_scan_findings(here: ImageBuilder, *, filters: list[Record] | None = None) -> Record:
    """List what scans have found in the caller's images; that the newest come first is a guess.

    :param filters: one at most: ``imageBuildVersionArn``, ``imagePipelineArn``,
        ``vulnerabilityId`` or ``severity``.
    :raises InvalidParameterValueException: there is no such filter.
    """
    known = {**_KEYS, "severity": lambda finding: finding.get("severity")}
    return {"findings": filtered(_Findings(here, _only_image(filters)), filters, known)}


def _only_image(filters: list[Record] | None) -> str | None:
    """Return the one image whose findings are wanted, if filters say so."""
    first = filters[0] if filters else {}
    values = first.get("values")
    return values[0] if values and first.get("name") == "imageBuildVersionArn" else None


@operation
def list_image_scan_finding_aggregations(
    here: ImageBuilder,
    *,
    filter: Record | None = None,  # noqa: A002 - the name of the member
) -> Record:
    """Count what scans have found, by severity.

    That keys without findings do not come up, but for the account, is a guess, as is that a filter
    without values asks for all keys.

    :param filter: by what to count: ``imageBuildVersionArn``, ``imagePipelineArn`` or
        ``vulnerabilityId``; without one, all of the account is counted as one.
    :raises InvalidParameterValueException: there is no such filter; the text is a guess.
    """
    if filter is None:
        account = {
            "accountId": here.account_id,
            "severityCounts": severity_counts(_Findings(here)),
        }
        return {"aggregationType": "accountId", "responses": [{"accountAggregation": account}]}
    name = filter.get("name", "")
    if name not in _AGGREGATIONS:
        raise invalid("filter.name", f"Valid filter names are: {', '.join(sorted(_AGGREGATIONS))}.")
    groups: dict[str, list[Record]] = {}
    for finding in _Findings(here):
        key = _KEYS[name](finding)
        if key is not None and key in filter.get("values", (key,)):
            groups.setdefault(key, []).append(finding)
    responses = [
        {_AGGREGATIONS[name]: {name: key, "severityCounts": severity_counts(found)}}
        for key, found in groups.items()
    ]
    return {"aggregationType": name, "responses": responses}


class _Findings(Collection[Record]):
    """What was found in images, those of the newest image first, put together when it is its turn.

    :param image: only in the image of this ARN.
    """

    def __init__(self, here: ImageBuilder, image: str | None = None) -> None:
        self._here = here
        self._image = image

    def __iter__(self) -> Iterator[Record]:
        shelf = self._here.shelves["image"]
        if self._image is None:
            images: Collection[Any] = shelf.newest_first
        else:
            found = shelf.exact(self._image)
            images = () if found is None else (found,)
        for image in images:
            if isinstance(image, ImageResource) and _is_listed(image):
                yield from _found_in(image)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def _is_listed(image: ImageResource) -> bool:
    job = image.kept.job
    return job.scans and _ELSEWHERE not in job.scanning.get("imageScanningTypes", ())


def _found_in(image: ImageResource) -> Iterator[Record]:
    """Go through what was found in an image by now.

    That it was observed when it was collected is a guess; a test author may say otherwise.
    """
    live = image.kept
    until = live.glance()
    job = live.job
    common: Record = {"awsAccountId": job.account_id, "imageBuildVersionArn": str(job.arn)}
    if job.pipeline_arn is not None:
        common["imagePipelineArn"] = job.pipeline_arn
    collected = [
        event
        for event in live.events
        if isinstance(event, Collected) and event.findings is not None and event.at <= until
    ]
    for finding in collected[-1].findings or () if collected else ():
        times = {"firstObservedAt": collected[0].at, "updatedAt": collected[-1].at}
        yield {**times, **_plain(finding), **common}


def _plain(value: Any) -> Any:
    """Return what a test author has said, its dates as numbers; without a zone they are in UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
