"""Where container images are pushed to, and with what tags."""

from collections.abc import Mapping
from typing import Any

from mockbuild.engine.image_distribution import expand
from mockbuild.engine.image_job import ImageJob
from mockbuild.engine.image_outputs import Push


def pushes(job: ImageJob, at: float) -> list[Push]:
    """Return where the container image of *job* is pushed to.

    Recorded: the tags that it has anyway, the forms of URIs, and that without a repository for the
    region of the build it is the recipe's.

    :param at: the date that tags have in them, where they want one.
    """
    wanted: dict[str, Mapping[str, Any]] = {
        one["region"]: one["containerDistributionConfiguration"]
        for one in job.distributions
        if "containerDistributionConfiguration" in one
    }
    if job.region not in wanted and "targetRepository" in job.recipe:
        own = {"targetRepository": job.recipe["targetRepository"]}
        wanted = {job.region: own, **wanted}
    return [_push(job, region, settings, at) for region, settings in wanted.items()]


def _push(job: ImageJob, region: str, settings: Mapping[str, Any], at: float) -> Push:
    fixed = (f"{job.version}-{job.build}", f"{job.arn.name}-{job.version}-{job.build}")
    more = (expand(one, at, job.build) for one in settings.get("containerTags", ()))
    tags = tuple(dict.fromkeys((*fixed, *more)))
    repository = settings["targetRepository"]["repositoryName"]
    uris = tuple(f"{job.registry(region)}/{repository}:{tag}" for tag in tags)
    return Push(region, job.account_id, repository, tags, uris)
