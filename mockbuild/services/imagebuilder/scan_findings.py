"""What scans have found: ListImageScanFindings and ListImageScanFindingAggregations."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from mockbuild.domain.severities import severity_counts
from mockbuild.engine.image import LiveImage
from mockbuild.engine.image_events import Collected
from mockbuild.services.backend import Record
from mockbuild.services.imagebuilder.backend import ImageBuilder
from mockbuild.services.imagebuilder.filters import filtered
from mockbuild.services.imagebuilder.image_order import Images
from mockbuild.services.imagebuilder.words import invalid
from mockbuild.services.operations import operation


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
        self._scanned = here.store(Images).scanned
        self._image = image

    def __iter__(self) -> Iterator[Record]:
        images = reversed(self._scanned.values())
        if self._image is not None:
            found = self._scanned.get(self._image)
            images = iter(() if found is None else (found,))
        # One that was retried may have come back later than others that are newer.
        for image in sorted(images, key=lambda one: one.job.started, reverse=True):
            yield from _found_in(image)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def _found_in(image: LiveImage) -> Iterator[Record]:
    """Go through what was found in an image by now.

    That it was observed when it was collected is a guess; a test author may say otherwise.
    """
    until = image.glance()
    found = image.overview(until).findings
    if not found:
        return
    job = image.job
    common: Record = {"awsAccountId": job.account_id, "imageBuildVersionArn": str(job.arn)}
    if job.pipeline_arn is not None:
        common["imagePipelineArn"] = job.pipeline_arn
    collected = [
        event.at
        for event in image.events
        if isinstance(event, Collected) and event.findings is not None and event.at <= until
    ]
    times = {"firstObservedAt": collected[0], "updatedAt": collected[-1]}
    for finding in found:
        yield {**times, **finding, **common}
